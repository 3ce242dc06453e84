//! What rustc says with `--error-format=json`, as it says it: one object a line on standard error,
//! between lines of other text, the last perhaps cut off by the output limit.

use serde::Deserialize;

/// One diagnostic of rustc (The rustc book, "JSON Output").
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RustcDiagnostic {
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) code: Option<ErrorCode>,
    pub(crate) level: String,
    #[serde(default)]
    pub(crate) spans: Vec<Span>,
    #[serde(default)]
    pub(crate) children: Vec<RustcDiagnostic>,
}

/// `E0308`, or the name of a lint.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ErrorCode {
    pub(crate) code: String,
}

/// A range of a file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Span {
    pub(crate) file_name: String,
    pub(crate) line_start: u32,
    #[serde(default)]
    pub(crate) line_end: u32,
    pub(crate) column_start: u32,
    #[serde(default)]
    pub(crate) column_end: u32,
    pub(crate) is_primary: bool,
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// What to write in place of the range.
    #[serde(default)]
    pub(crate) suggested_replacement: Option<String>,
    /// The macro call that the range comes from.
    #[serde(default)]
    pub(crate) expansion: Option<Box<Expansion>>,
}

/// A macro call.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Expansion {
    pub(crate) span: Span,
}

impl RustcDiagnostic {
    pub(crate) fn is_error(&self) -> bool {
        // The count of errors at the end is an error without a place.
        self.level.starts_with("error") && !self.message.starts_with("aborting due to ")
    }

    pub(crate) fn primary(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary).or(self.spans.first())
    }

    /// The error's number, empty if it has none.
    pub(crate) fn number(&self) -> &str {
        self.code.as_ref().map_or("", |code| &code.code)
    }
}

/// Every diagnostic in a log, in order; what is no diagnostic is passed over.
pub(crate) fn parse(log: &[u8]) -> Vec<RustcDiagnostic> {
    String::from_utf8_lossy(log)
        .lines()
        .filter_map(|line| serde_json::from_str(line.trim()).ok())
        .collect()
}

/// What the linker printed, if that is what rustc's first error is about.
pub(crate) fn linker(found: &[RustcDiagnostic]) -> Option<String> {
    let first = found.iter().find(|one| one.is_error())?;
    if !(first.message.starts_with("linking with ") && first.message.contains(" failed")) {
        return None;
    }
    let notes: Vec<_> = first.children.iter().map(|child| child.message.as_str()).collect();
    Some(notes.join("\n"))
}
