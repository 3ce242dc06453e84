//! What one run of `saggar` came to.

use std::fmt;

use serde_json::Value;

use crate::census::holds;
use crate::process::Ended;

/// What one run of `saggar` came to. With `--json` its standard output is exactly one object.
#[derive(Clone, Debug)]
pub struct Output {
    /// The arguments, for messages.
    pub command: String,
    /// The exit code, or minus the signal.
    pub exit: i32,
    /// Standard output as JSON; null without `--json`.
    pub json: Value,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Reads what a process printed; refuses anything but one object where `--json` was given.
    pub(crate) fn read(command: String, ended: Ended, json: bool) -> Result<Self, String> {
        let Ended { code: exit, stdout, stderr } = ended;
        let mut output = Output { command, exit, json: Value::Null, stdout, stderr };
        if json {
            output.json = match serde_json::from_str(&output.stdout) {
                Ok(value @ Value::Object(_)) => value,
                Ok(_) => return Err(format!("standard output is no object: {output}")),
                Err(error) => {
                    return Err(format!("standard output is not one object: {error}: {output}"));
                }
            };
        }
        Ok(output)
    }

    /// Goes on only if it exited so.
    ///
    /// # Errors
    /// What it did instead.
    pub fn exits(self, code: i32) -> Result<Self, String> {
        if self.exit == code { Ok(self) } else { Err(format!("expected exit {code}: {self}")) }
    }

    /// Goes on only if the feedback has this code and the exit code is this one.
    ///
    /// # Errors
    /// What it says instead.
    pub fn refuses(self, exit: i32, code: &str) -> Result<Self, String> {
        let output = self.exits(exit)?;
        match output.feedback()["code"].as_str() {
            Some(found) if found == code => Ok(output),
            _ => Err(format!("expected the code {code}: {output}")),
        }
    }

    /// Goes on only if a submission ended as `released`.
    ///
    /// # Errors
    /// How it ended.
    pub fn released(self) -> Result<Self, String> {
        let output = self.exits(0)?;
        let json = &output.json;
        if json["status"] == "released" && json["release"].is_u64() && json["exit_code"] == 0 {
            return Ok(output);
        }
        Err(format!("expected a release: {output}"))
    }

    /// Goes on only if a call answered with this value.
    ///
    /// # Errors
    /// What it answered.
    pub fn answers(self, value: &Value) -> Result<Self, String> {
        let output = self.exits(0)?;
        if output.json["ok"] == *value && output.json.as_object().is_some_and(|o| o.len() == 1) {
            return Ok(output);
        }
        Err(format!("expected {value}: {output}"))
    }

    /// The feedback of a submission or of a call; null if there is none.
    pub fn feedback(&self) -> &Value {
        match &self.json["error"] {
            Value::Null => &self.json["feedback"],
            error => error,
        }
    }

    /// Whether a text stands anywhere in what was printed.
    pub fn mentions(&self, text: &str) -> bool {
        holds(self.stdout.as_bytes(), text) || holds(self.stderr.as_bytes(), text)
    }
}

/// One line, for the reason of a failed case.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |text: &str| -> String {
            let text = text.trim().replace('\n', " / ");
            text.chars().take(900).collect()
        };
        let told = match self.feedback() {
            Value::Null => line(&self.stdout),
            feedback => line(&feedback.to_string()),
        };
        write!(f, "`saggar {}` exited {}, printed {told}", self.command, self.exit)?;
        if !self.stderr.trim().is_empty() {
            write!(f, ", said {}", line(&self.stderr))?;
        }
        Ok(())
    }
}
