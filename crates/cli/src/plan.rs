//! `plan`: prints the text to fill in, or the interface that a source has. Only what can be used
//! as it stands goes to stdout; notes go to stderr.

use std::collections::BTreeMap;
use std::path::Path;

use saggar_engine::{Feedback, Policy};
use saggar_model::Language;
use serde_json::{Value, json};

use crate::output::{data, escaped, say};

/// Prints the plan or the source to fill in.
pub(crate) fn sketch(
    dir: &Path,
    policy: &Policy,
    language: Option<Language>,
    as_json: bool,
) -> Result<(), Box<Feedback>> {
    let skeleton = saggar_engine::sketch(dir, policy, language)?;
    let language = skeleton.language.as_str();
    if as_json {
        let object =
            json!({ "skeleton": skeleton.text, "language": language, "file": skeleton.file });
        data(&object.to_string());
    } else {
        data(skeleton.text.trim_end());
        let file = dir.join(&skeleton.file);
        say(&escaped(&format!("to fill in, as {} ({language})", file.display())));
    }
    Ok(())
}

/// Prints the interface that the source has.
pub(crate) fn infer(
    dir: &Path,
    policy: &Policy,
    language: Option<Language>,
    as_json: bool,
) -> Result<(), Box<Feedback>> {
    let found = saggar_engine::infer_interface(dir, policy, language)?;
    let (file, inferred) = (&found.file, &found.inferred);
    if as_json {
        let notes = inferred.notes.iter();
        let notes: Vec<Value> =
            notes.map(|note| json!({ "line": note.line, "message": note.message })).collect();
        let skipped = inferred
            .skipped
            .iter()
            .map(|left| json!({ "line": left.line, "name": left.name, "reason": left.reason }));
        let skipped: Vec<Value> = skipped.collect();
        let symbols: &BTreeMap<String, String> = &inferred.symbols;
        let interface = inferred.interface.to_string();
        let object = json!({
            "interface": interface, "symbols": symbols, "notes": notes, "skipped": skipped,
        });
        data(&object.to_string());
        return Ok(());
    }
    data(inferred.to_toml().trim_end());
    for note in &inferred.notes {
        say(&escaped(&format!("{file}:{}: note: {}", note.line, note.message)));
    }
    for left in &inferred.skipped {
        say(&escaped(&format!("{file}:{}: left out: {}: {}", left.line, left.name, left.reason)));
    }
    Ok(())
}
