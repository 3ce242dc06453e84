//! What gcc says with `-fdiagnostics-format=json`, as it says it: an array of objects on standard
//! error, sometimes followed by plain text, sometimes cut off by the output limit.

use serde::Deserialize;
use serde_json::Deserializer;

/// One diagnostic of gcc (GCC manual, "Options to Control Diagnostic Messages Formatting").
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct GccDiagnostic {
    pub(crate) kind: String,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) locations: Vec<Location>,
    #[serde(default)]
    pub(crate) children: Vec<GccDiagnostic>,
    #[serde(default)]
    pub(crate) fixits: Vec<FixIt>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Location {
    pub(crate) caret: Caret,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Caret {
    pub(crate) file: String,
    pub(crate) line: u32,
    /// -1 where there is none.
    #[serde(rename = "byte-column", default)]
    pub(crate) column: i64,
}

/// Replace what lies between two places by a text.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FixIt {
    pub(crate) start: Caret,
    pub(crate) next: Caret,
    pub(crate) string: String,
}

impl GccDiagnostic {
    pub(crate) fn is_error(&self) -> bool {
        self.kind == "error" || self.kind == "fatal error" || self.kind == "sorry"
    }

    /// Where it is, if anywhere.
    pub(crate) fn place(&self) -> Option<&Caret> {
        self.locations.first().map(|location| &location.caret)
    }
}

impl GccDiagnostic {
    /// Changes every place it names.
    pub(crate) fn move_places(&mut self, to: &impl Fn(&mut Caret)) {
        self.locations.iter_mut().for_each(|location| to(&mut location.caret));
        for fixit in &mut self.fixits {
            to(&mut fixit.start);
            to(&mut fixit.next);
        }
        self.children.iter_mut().for_each(|child| child.move_places(to));
    }
}

/// Every diagnostic in a log, in order; what is no diagnostic is passed over.
pub(crate) fn parse(log: &[u8]) -> Vec<GccDiagnostic> {
    // gcc copies control characters of the source into its JSON as they are.
    let text = String::from_utf8_lossy(log).replace(|c: char| c.is_ascii_control(), " ");
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("[{\"") {
        rest = &rest[at + 1..];
        // Object by object, so that what was written before a cut still counts.
        while rest.starts_with('{') {
            let mut stream = Deserializer::from_str(rest).into_iter::<GccDiagnostic>();
            let Some(Ok(mut diagnostic)) = stream.next() else { break };
            diagnostic.message = said(diagnostic.message);
            // gcc files the error about a literal that is not closed under its own warning.
            let mut errors = Vec::new();
            if !diagnostic.is_error() {
                errors = diagnostic.children.extract_if(.., |child| child.is_error()).collect();
            }
            found.push(diagnostic);
            found.append(&mut errors);
            rest = rest[stream.byte_offset()..].trim_start_matches([',', ' ']);
        }
    }
    found
}

/// A message with the text of a static assertion as the source means it: in C it is printed as a
/// literal, with escapes.
fn said(message: String) -> String {
    const ASSERTION: &str = "static assertion failed: ";
    let literal = message.strip_prefix(ASSERTION).and_then(|rest| rest.strip_prefix('"'));
    let Some(literal) = literal.and_then(|rest| rest.strip_suffix('"')) else { return message };
    let mut text = ASSERTION.to_owned();
    let mut chars = literal.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some(escaped @ ('\'' | '"' | '\\'))) => {
                text.push(escaped);
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"kind":"error","message":"m","locations":[{"caret":{"file":"a.c","line":3,"byte-column":2}}]}"#;

    #[test]
    fn arrays_are_found_between_plain_text() {
        let log = format!("note\n[{ONE}, {ONE}]\ncompilation terminated.\n[]\n[{ONE}]");
        let found = parse(log.as_bytes());
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].place().unwrap().line, 3);
    }

    #[test]
    fn b06_a_log_that_was_cut_off_keeps_what_came_before() {
        let log = format!("[{ONE}, {}", &ONE[..40]);
        assert_eq!(parse(log.as_bytes()).len(), 1);
    }

    #[test]
    fn control_characters_and_missing_columns_lose_nothing() {
        let odd = ONE.replace("\"m\"", "\"a\u{1b}[31mb\"").replace(":2}", ":-1}");
        assert_eq!(parse(format!("[{odd}]").as_bytes())[0].message, "a [31mb");
    }

    #[test]
    fn an_error_below_a_warning_is_an_error_of_its_own() {
        let warning = ONE
            .replace("error", "warning")
            .replace(r#""message""#, r#""children":[ONE],"message""#);
        let found =
            parse(format!("[{}, {ONE}]", warning.replace("[ONE]", &format!("[{ONE}]"))).as_bytes());
        let kinds: Vec<_> = found.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["warning", "error", "error"]);
        assert!(found[0].children.is_empty());
    }

    #[test]
    fn the_text_of_an_assertion_is_as_the_source_means_it() {
        for (message, expected) in [
            (
                r#"static assertion failed: "it\'s \"a\" \\ \n""#,
                r#"static assertion failed: it's "a" \ \n"#,
            ),
            (r#"static assertion failed: saggar: "a""#, r#"static assertion failed: saggar: "a""#),
            (r#"#error "it\'s""#, r#"#error "it\'s""#),
        ] {
            let quoted = serde_json::to_string(message).unwrap();
            let log = format!("[{}]", ONE.replace("\"m\"", &quoted));
            assert_eq!(parse(log.as_bytes())[0].message, expected);
        }
    }

    #[test]
    fn nonsense_is_no_diagnostic() {
        assert!(parse(b"\xff[{\"kind\":7}]").is_empty());
    }
}
