//! `saggar audit`: reads the ledger without opening the engine, so that a broken home can still
//! be examined.

use std::path::Path;

use saggar_engine::{Code, Feedback, ledger_directory};
use saggar_ledger::{LedgerError, Outcome, read, verify};
use saggar_model::Stage;
use serde_json::json;

use crate::args::Audit;
use crate::output::{data, fail, say};

/// Carries out one of its commands; gives the exit code.
pub(crate) fn execute(home: &Path, command: &Audit, json: bool) -> u8 {
    let directory = ledger_directory(home);
    match command {
        Audit::Verify => check(&directory, json),
        Audit::Show { from, limit } => match read(&directory, *from, *limit) {
            Ok(entries) if json => {
                data(&json!({ "entries": entries }).to_string());
                0
            }
            Ok(entries) => {
                for entry in entries {
                    data(&json!(entry).to_string());
                }
                0
            }
            Err(error) => fail(&broken(&error), json),
        },
    }
}

fn check(directory: &Path, json: bool) -> u8 {
    let audit = match verify(directory) {
        Ok(audit) => audit,
        Err(error) => return fail(&broken(&error), json),
    };
    let sound = audit.outcome == Outcome::Ok;
    let exit = if sound { 0 } else { Code::Ledger.exit() };
    if json {
        let line = match &audit.outcome {
            Outcome::Broken { line, .. } | Outcome::TornTail { line, .. } => Some(*line),
            _ => None,
        };
        let told = json!({
            "ok": sound, "entries": audit.entries, "head": audit.head, "line": line,
            "message": audit.to_string(), "exit_code": exit,
        });
        data(&told.to_string());
    } else if sound {
        data(&audit.to_string());
    } else {
        say(&audit.to_string());
    }
    exit
}

fn broken(error: &LedgerError) -> Feedback {
    Feedback::new(Stage::Admit, Code::Ledger, error.to_string())
        .hint("name the home with --home, or restore the ledger from a backup")
}
