//! Reads a home's ledger as plain JSON lines, as an auditor without Saggar would.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{ensure, while_doing};

/// Where the ledger of a home is.
pub(crate) fn path(home: &Path) -> Result<PathBuf, String> {
    let found = crate::census::files(home)?.into_iter().map(|(path, _)| path);
    let mut named = found.filter(|path| path.ends_with("ledger.jsonl"));
    named.next().ok_or_else(|| "the home has no ledger.jsonl".to_owned())
}

/// The lines of a home's ledger.
pub(crate) fn entries(home: &Path) -> Result<Vec<Value>, String> {
    let text = fs::read_to_string(path(home)?).map_err(while_doing("read the ledger"))?;
    let lines: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    let lines = lines.map_err(while_doing("parse the ledger"))?;
    for (line, number) in lines.iter().zip(1_u64..) {
        ensure!(line["seq"] == number, "line {number} of the ledger has the seq {}", line["seq"]);
        ensure!(line["principal"].is_string(), "line {number} of the ledger has no principal");
    }
    Ok(lines)
}

/// The entries of one event.
pub(crate) fn events(home: &Path, event: &str) -> Result<Vec<Value>, String> {
    Ok(entries(home)?.into_iter().filter(|entry| entry["event"] == event).collect())
}
