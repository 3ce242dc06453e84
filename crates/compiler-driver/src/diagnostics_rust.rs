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

/// What stands before the random part of the directory that rustc makes, under any options, for
/// the linker's inputs. It writes `<sysroot>` for `/rust`, which is where a jail has its toolchain.
const BEFORE_RANDOM: [&[u8]; 2] = [b"/rustc", b"<sysroot>c"];
/// Random letters and digits.
const RANDOM: usize = 6;

/// Puts `X` in place of what is random in a log, so that the same build says the same. A name that
/// the output limit cut off counts too.
pub(crate) fn without_random(log: &mut [u8]) {
    for at in 0..log.len() {
        let (before, rest) = log.split_at_mut(at);
        if !BEFORE_RANDOM.iter().any(|name| before.ends_with(name)) {
            continue;
        }
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let whole = length == RANDOM && matches!(rest.get(length), Some(b'/' | b'"' | b'\\'));
        let cut_off = length <= RANDOM && length == rest.len();
        if whole || cut_off {
            rest[..length].fill(b'X');
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(log: &str, expected: &str) {
        let mut bytes = log.as_bytes().to_vec();
        without_random(&mut bytes);
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn the_random_part_of_a_directory_is_told_as_x() {
        check(
            r#"\"-L\" \"/work/out/rustcMeDyOf/raw-dylibs\" \"/work/out/rustc0aZ9x1/symbols.o\""#,
            r#"\"-L\" \"/work/out/rustcXXXXXX/raw-dylibs\" \"/work/out/rustcXXXXXX/symbols.o\""#,
        );
        check(r#"at path \"/work/out/rustcMeDyOf\""#, r#"at path \"/work/out/rustcXXXXXX\""#);
        check(r#"\"/work/out<sysroot>coXqtlW/list\""#, r#"\"/work/out<sysroot>cXXXXXX/list\""#);
        check("\"/work/out/rustcMeDyOf", "\"/work/out/rustcXXXXXX");
        check("\"/work/out/rustcMe", "\"/work/out/rustcXX");
    }

    #[test]
    fn other_names_stay() {
        for log in [
            "/rustc/59807616e1/library/core/src/panic.rs",
            "/usr/bin/rustc",
            "/usr/bin/rustc: error",
            "a/rustcMeDyO/b a/rustcMeDyOfs/b a/rustc-MeDyO/b a/rustcMeDyOf.rs",
            "rustcMeDyOf/symbols.o",
            "<sysroot>/lib/rustlib/x",
            "",
        ] {
            check(log, log);
        }
    }
}
