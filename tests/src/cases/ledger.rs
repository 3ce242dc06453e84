//! Damage to a ledger is found, and the line is named.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::{Env, Jig, Output, Verdict, ensure, ledger, process, while_doing};

/// A home with a history.
fn with_history(env: &Env) -> Result<Jig, String> {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture("wrong/unknown-key")?.exits(3)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.serves()?;
    Ok(jig)
}

/// A copy of the home whose ledger lines have been changed.
fn damaged(jig: &Jig, damage: impl FnOnce(&mut Vec<String>)) -> Result<TempDir, String> {
    let copy = tempfile::tempdir().map_err(while_doing("make a directory"))?;
    let mut cp = process::command("cp");
    cp.arg("-a").arg(jig.home()).arg(copy.path().join("home"));
    let copied = process::run(cp, crate::jig::LIMIT)?;
    ensure!(copied.code == 0, "cp: {}", copied.stderr);
    let path = ledger::path(&copy.path().join("home"))?;
    let text = fs::read_to_string(&path).map_err(while_doing("read the ledger"))?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    damage(&mut lines);
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    fs::write(&path, text).map_err(while_doing("write the ledger"))?;
    Ok(copy)
}

fn verify(jig: &Jig, home: &Path, json: &[&str]) -> Result<Output, String> {
    let mut words = vec!["audit", "verify"];
    words.extend(json);
    let mut command = jig.bare();
    command.arg("--home").arg(home.join("home")).args(&words);
    Jig::read(&words, process::run(command, crate::jig::LIMIT)?)
}

pub(super) fn damage(env: &Env) -> Verdict {
    let jig = with_history(env)?;
    let lines = ledger::entries(&jig.home())?.len();
    ensure!(lines >= 8, "the ledger has {lines} lines only");
    // Lines count from 1; `at` is the index of line `at + 1`.
    let at = lines / 2;
    let names = |line: usize, what: &str, copy: &TempDir| {
        let output = verify(&jig, copy.path(), &[])?.exits(13)?;
        let named = output.mentions(&format!("line {line},"))
            || output.mentions(&format!("line {line}:"))
            || output.mentions(&format!("line {line} "));
        ensure!(named, "{what}: line {line} is not named: {output}");
        let output = verify(&jig, copy.path(), &["--json"])?.exits(13)?;
        let named = output.json["ok"] == false && output.json["line"] == line;
        ensure!(named, "{what}: line {line} is not named: {output}");
        Ok::<(), String>(())
    };
    verify(&jig, damaged(&jig, |_| ())?.path(), &[])?.exits(0)?;
    let another_principal = |lines: &mut Vec<String>| {
        lines[at] = lines[at].replacen(r#""principal":"uid:"#, r#""principal":"uid:4"#, 1);
    };
    names(at + 1, "edited", &damaged(&jig, another_principal)?)?;
    names(at + 1, "deleted", &damaged(&jig, |lines| drop(lines.remove(at)))?)?;
    let again = |lines: &mut Vec<String>| lines.insert(at + 1, lines[at].clone());
    names(at + 2, "inserted", &damaged(&jig, again)?)?;
    names(at + 1, "moved", &damaged(&jig, |lines| lines.swap(at, at + 1))?)?;
    jig.finish()
}

pub(super) fn cut(env: &Env) -> Verdict {
    let jig = with_history(env)?;
    // Calls are written in groups and the head need not cover the last of them; it covers
    // everything else.
    let entries = ledger::entries(&jig.home())?;
    let covered = entries.iter().rposition(|entry| entry["event"] != "calls").unwrap_or(0);
    for kept in [covered, covered - 2] {
        let copy = damaged(&jig, |lines| lines.truncate(kept))?;
        verify(&jig, copy.path(), &[])?.exits(13)?;
    }
    jig.finish()
}
