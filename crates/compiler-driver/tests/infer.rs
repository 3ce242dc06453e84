//! What is read out of sources: forms as people and models write them, the skills of the test
//! suite against their own plans, and texts made to break a reader.

#[path = "infer/c.rs"]
mod c;
#[path = "infer/cpp.rs"]
mod cpp;
#[path = "draw/mod.rs"]
mod draw;
#[path = "infer/hostile.rs"]
mod hostile;
#[path = "infer/rust.rs"]
mod rust;
#[path = "infer/skills.rs"]
mod skills;

use saggar_compiler_driver::infer::{Inferred, infer};
use saggar_model::{Language, parse_interface};

/// Reads a source; what was found is checked to be an interface that a plan takes.
fn read(language: Language, source: &str) -> Inferred {
    let found = infer(language, source);
    if !found.interface.functions.is_empty() {
        let text = found.interface.to_string();
        let parsed = parse_interface(&text).unwrap_or_else(|told| panic!("{told}\n{text}"));
        assert_eq!(parsed, found.interface, "{text}");
    }
    found
}

/// The source must have this interface, line by line.
fn check(language: Language, source: &str, expected: &str) -> Inferred {
    let found = read(language, source);
    let skipped = &found.skipped;
    assert_eq!(found.interface.to_string().trim_end(), expected, "{source}\n{skipped:?}");
    found
}

/// The only function is left out, for a reason that has these words.
fn check_skipped(language: Language, source: &str, reason: &str) {
    let found = read(language, source);
    assert!(found.interface.functions.is_empty(), "{source}\n{}", found.interface);
    let [only] = found.skipped.as_slice() else { panic!("{source}\n{:?}", found.skipped) };
    assert!(only.reason.contains(reason), "{source}\n{only:?}");
}

/// Some note has these words, at this line.
fn check_note(found: &Inferred, line: u32, words: &str) {
    let fits = |note: &saggar_compiler_driver::infer::Note| {
        note.line == line && note.message.contains(words)
    };
    assert!(found.notes.iter().any(fits), "{words}\n{:#?}", found.notes);
}
