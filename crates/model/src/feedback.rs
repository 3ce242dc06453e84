//! What comes back when anything fails: written for the model that has to mend it.
//! Deterministic: the same input gives the same bytes, so no times, ids or absolute addresses.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Code, Digest};

/// A stage of the pipeline, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Who asks, and may they.
    Admit,
    /// Parse and validate.
    Plan,
    /// Compile and link.
    Build,
    /// Inspect the artifact.
    Scan,
    /// Load it in a sidecar.
    Load,
    /// Run the plan's tests.
    Verify,
    /// Wait for a human.
    Approve,
    /// Promote.
    Release,
    /// Serve.
    Call,
}

impl Stage {
    /// The word used in JSON and on the terminal.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Admit => "admit",
            Stage::Plan => "plan",
            Stage::Build => "build",
            Stage::Scan => "scan",
            Stage::Load => "load",
            Stage::Verify => "verify",
            Stage::Approve => "approve",
            Stage::Release => "release",
            Stage::Call => "call",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Must be mended.
    Error,
    /// Should be looked at.
    Warning,
    /// Explains another one.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        })
    }
}

/// One place and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// File name as the submission spells it.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 1.
    pub column: Option<u32>,
    /// How bad.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The line of the file.
    pub excerpt: Option<String>,
    /// What to write instead, where that is known.
    pub fix: Option<String>,
}

impl Diagnostic {
    /// An error with no place yet.
    pub fn error(message: impl Into<String>) -> Self {
        Diagnostic {
            file: None,
            line: None,
            column: None,
            severity: Severity::Error,
            message: message.into(),
            excerpt: None,
            fix: None,
        }
    }

    /// Puts the diagnostic at a line of a text, with that line as the excerpt.
    #[must_use]
    pub fn at(mut self, file: &str, line: u32, text: &str) -> Self {
        self.file = Some(file.to_owned());
        self.line = Some(line);
        self.excerpt = (line as usize)
            .checked_sub(1)
            .and_then(|index| text.lines().nth(index))
            .map(|line| line.chars().take(200).collect());
        self
    }

    /// Adds the column, from 1.
    #[must_use]
    pub fn column(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// Why a stage refused, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// Where in the pipeline.
    pub stage: Stage,
    /// What, for programs.
    pub code: Code,
    /// What, for readers: one sentence.
    pub summary: String,
    /// The places, most useful first.
    pub diagnostics: Vec<Diagnostic>,
    /// What to do next.
    pub hint: Option<String>,
    /// How many diagnostics were left out.
    pub omitted: u32,
    /// The full text (compiler output, the skill's own output), as an object of the store.
    pub log: Option<Digest>,
    /// The error value that the function returned, where the interface gives it a type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The call that did not come to its end, by the digest it is kept under: `saggar run --replay`
    /// makes it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Digest>,
}

impl Feedback {
    /// A feedback with a summary only.
    pub fn new(stage: Stage, code: Code, summary: impl Into<String>) -> Self {
        Feedback {
            stage,
            code,
            summary: summary.into(),
            diagnostics: Vec::new(),
            hint: None,
            omitted: 0,
            log: None,
            value: None,
            replay: None,
        }
    }

    /// Adds a diagnostic.
    #[must_use]
    pub fn with(mut self, diagnostic: Diagnostic) -> Self {
        self.diagnostics.push(diagnostic);
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// One-line form for errors in code; front ends print the diagnostics as well.
impl fmt::Display for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]: {}", self.stage, self.code, self.summary)
    }
}

impl std::error::Error for Feedback {}
