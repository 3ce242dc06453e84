//! rustc's complaints, told about the source as the model wrote it. The source stands at the head
//! of the unit, so that lines before the glue's first are the source's; what lies after them is a
//! complaint about the glue, and becomes one about the function that the glue could not call.

use saggar_model::{Code, Diagnostic, Feedback};

use crate::attributes::{self, CONFIGURED_AWAY};
use crate::diagnostics_rust::{RustcDiagnostic, Span};
use crate::glue::{Place, declared_at};
use crate::translate::{Complaint, Context, base, on_one_line};

/// The feedback for a compilation that failed.
pub(crate) fn feedback(context: &Context<'_>, found: &[RustcDiagnostic]) -> Feedback {
    let unit = Unit(context);
    let errors: Vec<_> = found.iter().filter(|one| one.is_error()).collect();
    if let Some(complaint) = unit.configured_away(&errors) {
        return context.told(Vec::new(), [complaint].into_iter(), None);
    }
    let own: Vec<_> = errors.iter().filter_map(|error| unit.own(error)).collect();
    let complaints = errors.iter().filter_map(|error| unit.about_glue(error));
    context.told(own, complaints, errors.first().map(|error| error.message.as_str()))
}

/// What a compilation that met its deadline was at, as far as rustc said so in time: its lint about
/// long evaluations is a warning here, whatever the source makes of it.
pub(crate) fn past_deadline(context: &Context<'_>, found: &[RustcDiagnostic]) -> Vec<Diagnostic> {
    let unit = Unit(context);
    let long = found.iter().filter(|one| one.message.starts_with(LONG_RUNNING));
    let mut told: Vec<Diagnostic> = Vec::new();
    for one in long.filter_map(|one| unit.in_source(one.primary()?)) {
        let message = "this is evaluated at compile time and was not done at the deadline";
        let diagnostic = Diagnostic::error(message)
            .at(context.source(), one.line_start, context.text)
            .fix("let it come to an end soon, or compute it at run time");
        if !told.contains(&diagnostic) && told.len() < context.shown {
            told.push(diagnostic);
        }
    }
    told
}

/// What it says, and what rustc goes on to say without the lint.
const LONG_RUNNING: &str = "constant evaluation is taking a long time";

/// The unit that a context's diagnostics are about.
struct Unit<'a>(&'a Context<'a>);

impl Unit<'_> {
    fn is_own(&self, span: &Span) -> bool {
        base(&span.file_name) == self.0.glue_file
            && (span.line_start as usize) < self.0.glue.end_of_source
    }

    /// The span itself, or the macro call in the source that it comes from.
    fn in_source<'s>(&self, mut span: &'s Span) -> Option<&'s Span> {
        loop {
            if self.is_own(span) {
                return Some(span);
            }
            span = &span.expansion.as_ref()?.span;
        }
    }

    /// The crate's own condition leaves nothing of it, the glue neither.
    fn configured_away(&self, errors: &[&RustcDiagnostic]) -> Option<Complaint> {
        errors.iter().find(|error| error.message.contains(CONFIGURED_AWAY))?;
        let attributes = attributes::of_crate(self.0.text);
        let attribute = attributes.iter().find(|attribute| attribute.name == "cfg")?;
        let message = "`#![cfg]` is false here and leaves nothing of the source to compile";
        let line = u32::try_from(attribute.line).unwrap_or(u32::MAX);
        let diagnostic = Diagnostic::error(message).at(self.0.source(), line, self.0.text);
        let diagnostics = vec![diagnostic.fix("remove the attribute")];
        Some(Complaint { function: None, code: Code::Compile, diagnostics })
    }

    /// An error that has to do with the skill's own text.
    fn own(&self, error: &RustcDiagnostic) -> Option<Diagnostic> {
        let primary = error.primary()?;
        let unclosed = error.message.contains("unclosed delimiter");
        let span = match self.in_source(primary) {
            Some(span) => span,
            // The end of the file is where rustc looked for the brace; where it opens says more.
            None if unclosed => error.spans.iter().rev().find(|span| self.is_own(span))?,
            None => return None,
        };
        let mut message = plain(&error.message);
        let label = primary.label.as_deref().filter(|label| !error.message.contains(label));
        if let Some(label) = label.filter(|label| !label.is_empty()) {
            message = format!("{message}: {}", plain(label));
        }
        let source = self.0.source();
        let mut diagnostic = Diagnostic::error(message).at(source, span.line_start, self.0.text);
        diagnostic.column = Some(span.column_start).filter(|column| *column > 0);
        diagnostic.fix = error.children.iter().find_map(|child| self.fix(child));
        Some(diagnostic)
    }

    /// What rustc would have the source say.
    fn fix(&self, child: &RustcDiagnostic) -> Option<String> {
        if child.level != "help" {
            return None;
        }
        let message = plain(&child.message);
        let edits: Vec<String> = child
            .spans
            .iter()
            .filter(|span| self.is_own(span))
            .filter_map(|span| Some(edit(span, span.suggested_replacement.as_ref()?)))
            .collect();
        Some(if edits.is_empty() { message } else { format!("{message}: {}", edits.join("; ")) })
    }

    /// A complaint about the glue, as one about the source.
    fn about_glue(&self, error: &RustcDiagnostic) -> Option<Complaint> {
        let span = error.primary()?;
        let line = span.line_start as usize;
        if base(&span.file_name) != self.0.glue_file {
            return None;
        }
        if line == self.0.glue.end_of_source {
            return Some(self.0.ends_early());
        }
        let place = self.0.glue.place(line)?;
        let missing = matches!(error.number(), "E0425" | "E0433") && place.parameter.is_none();
        if missing {
            return Some(Complaint {
                function: Some(place.function),
                code: Code::MissingFunction,
                diagnostics: self.0.missing(place.function),
            });
        }
        let said = match self.0.glue.complaint(line, &error.message) {
            Some(said) => plain(&said),
            None => self.explained(place, error),
        };
        Some(self.0.mismatch(place.function, self.line_of(place.function), said))
    }

    /// An error of rustc's own about a call that the glue makes.
    fn explained(&self, place: Place, error: &RustcDiagnostic) -> String {
        let name = &self.0.plan.interface.functions[place.function].name;
        let message = plain(&error.message);
        match error.number() {
            "E0603" | "E0616" | "E0451" => format!("{name}: {message}; declare it `pub`"),
            "E0521" | "E0597" | "E0716" => format!(
                "{name}: the declaration asks for a reference that outlives the call, as `'static` \
                 does; take a plain reference or an owned value"
            ),
            "E0282" | "E0283" | "E0284" => format!(
                "{name}: the declaration is generic where the interface settles no type; declare \
                 it for the types of the interface"
            ),
            _ => self.0.plain(place.function, place.parameter, &message),
        }
    }

    /// Where the source defines a function of the interface.
    fn line_of(&self, function: usize) -> u32 {
        let symbol = &self.0.symbols[function];
        let name = symbol.rsplit("::").next().unwrap_or(symbol);
        u32::try_from(declared_at(self.0.text, name)).unwrap_or(u32::MAX)
    }
}

fn edit(span: &Span, text: &str) -> String {
    let text = text.trim_end_matches('\n');
    let at = format!("line {} column {}", span.line_start, span.column_start);
    let end = match span.line_start == span.line_end {
        true => format!("column {}", span.column_end),
        false => format!("line {} column {}", span.line_end, span.column_end),
    };
    let empty = (span.line_start, span.column_start) == (span.line_end, span.column_end);
    match (text.is_empty(), empty) {
        (true, _) => format!("{at}: remove up to {end}"),
        (_, true) => format!("{at}: insert `{}`", on_one_line(text)),
        _ => format!("{at}: replace up to {end} by `{}`", on_one_line(text)),
    }
}

/// A message without the paths of types that every Rust source knows by their last names.
fn plain(message: &str) -> String {
    const PATHS: [&str; 6] = [
        "std::vec::",
        "std::string::",
        "std::option::",
        "std::result::",
        "std::boxed::",
        "std::collections::",
    ];
    PATHS.iter().fold(message.to_owned(), |text, path| text.replace(path, ""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use saggar_model::{Language, Plan};

    use super::*;
    use crate::diagnostics_rust;
    use crate::glue::{GlueRequest, generate};

    const PLAN: &str = r#"format = 1
name = "words"
description = "counts words"
language = "rust"
source = "words.rs"
interface = "count: func(text: string, n: u64) -> u64;"
[[test]]
call = "count"
args = ["a", 1]
expect = 1
"#;

    const SOURCE: &str = "use std::fmt;\nfn count(text: &str, n: u32) -> u64 {\n    0\n}\n";

    /// Asks something of the context of a log in which `#` and `@` stand for the lines of the glue
    /// that are about the second parameter and the function.
    fn about<T>(log: &str, ask: impl Fn(&Context<'_>, &[RustcDiagnostic]) -> T) -> T {
        let plan = Plan::parse(PLAN, "plan.toml").expect("a plan");
        let glue = generate(&GlueRequest {
            language: Language::Rust,
            source: "words.rs",
            text: SOURCE,
            interface: &plan.interface,
            symbols: vec!["count".into()],
            types: BTreeMap::new(),
            interface_digest: [0; 32],
        });
        let line = |parameter| {
            let place = glue.places.iter().find(|place| place.parameter == parameter);
            place.expect("a line").line.to_string()
        };
        let log = log.replace('#', &line(Some(1))).replace('@', &line(None));
        let prelude = crate::prelude::Prelude::default();
        let context = Context {
            prelude: &prelude,
            plan: &plan,
            text: SOURCE,
            glue: &glue,
            symbols: &["count".to_owned()],
            glue_file: "saggar+glue.rs",
            log: &log,
            shown: 10,
        };
        ask(&context, &diagnostics_rust::parse(log.as_bytes()))
    }

    fn told(diagnostics: &[Diagnostic]) -> Vec<String> {
        let told = diagnostics.iter().map(|one| {
            let place = format!("{}:{}", one.line.unwrap_or(0), one.column.unwrap_or(0));
            format!("{place} {} | {}", one.message, one.fix.as_deref().unwrap_or(""))
        });
        told.collect()
    }

    /// The feedback for a log: summary, then each diagnostic.
    fn check(log: &str, expected: &[&str]) {
        let feedback = about(log, feedback);
        let mut said = vec![format!("{:?}: {}", feedback.code, feedback.summary)];
        said.extend(told(&feedback.diagnostics));
        assert_eq!(said, expected);
    }

    #[test]
    fn with_a_deadline_the_constant_that_has_no_end_is_shown_once() {
        let warning = |line| {
            let text = "constant evaluation is taking a long time";
            error("long_running_const_eval", text, line, "").replace("\"error\"", "\"warning\"")
        };
        let unused = error("unused", "unused", "1", "").replace("\"error\"", "\"warning\"");
        let log = [unused, warning("3"), warning("3"), warning("2"), warning("700")].join("\n");
        let said = "this is evaluated at compile time and was not done at the deadline | \
                    let it come to an end soon, or compute it at run time";
        let shown = about(&log, past_deadline);
        assert_eq!(told(&shown), [format!("3:0 {said}"), format!("2:0 {said}")]);
    }

    /// One line of rustc's JSON with a primary span.
    fn error(code: &str, message: &str, line: &str, more: &str) -> String {
        format!(
            r#"{{"$message_type":"diagnostic","message":"{message}","code":{{"code":"{code}"}},"level":"error","spans":[{{"file_name":"saggar+glue.rs","line_start":{line},"line_end":{line},"column_start":5,"column_end":6,"is_primary":true,"label":"the label"}}]{more}}}"#
        )
    }

    #[test]
    fn an_error_of_the_source_keeps_its_place_and_what_rustc_suggests() {
        let help = r#","children":[{"message":"import it","code":null,"level":"help","spans":[{"file_name":"saggar+glue.rs","line_start":1,"line_end":1,"column_start":1,"column_end":1,"is_primary":true,"suggested_replacement":"use \"it's\";\n"}],"children":[]}]"#;
        check(
            &error("E0308", "mismatched types", "3", help),
            &[
                "Compile: words.rs does not compile: mismatched types: the label",
                "3:5 mismatched types: the label | import it: line 1 column 1: insert `use \"it's\";`",
            ],
        );
        // With such an error, those of the glue follow from it.
        let both = format!(
            "warning\n{}\n{}\n{{\"cut",
            error("E0277", "saggar: x", "#", ""),
            error("", "expected `;`", "2", "")
        );
        check(
            &both,
            &[
                "Compile: words.rs does not compile: expected `;`: the label",
                "2:5 expected `;`: the label | ",
            ],
        );
    }

    #[test]
    fn an_error_of_the_glue_is_told_of_the_function() {
        let wit = "the interface says `count: func(text: string, n: u64) -> u64;`";
        for (code, message, line, said) in [
            (
                "E0277",
                "saggar: count: the result is declared as `std::vec::Vec<u8>`",
                "#",
                "count: the result is declared as `Vec<u8>`",
            ),
            (
                "E0603",
                "function `count` is private",
                "@",
                "count: function `count` is private; declare it `pub`",
            ),
            (
                "E0521",
                "borrowed data escapes outside of closure",
                "@",
                "count: the declaration asks for a reference that outlives the call, as `'static` \
                 does; take a plain reference or an owned value",
            ),
            ("E0999", "odd", "#", "count: parameter `n` (u64) is declared as another type: odd"),
        ] {
            let (summary, told) = (format!("TypeMismatch: {said}"), format!("2:0 {said} | {wit}"));
            check(&error(code, message, line, ""), &[&summary, &told]);
        }
    }

    #[test]
    fn a_missing_function_and_an_early_end_are_told_as_such() {
        let promised = "the interface promises `count`, but words.rs defines no function `count`";
        check(
            &error("E0425", "cannot find function `count` in module `super`", "@", ""),
            &[
                &format!("MissingFunction: {promised}"),
                &format!(
                    "6:0 {promised} | name its path in [symbols]: count = \"path::count\"; \
                         a method cannot have `self`"
                ),
                "2:0 `count` is declared here, inside something else | ",
            ],
        );
        let ends = "the source ends inside a block, or its last declaration lacks a semicolon";
        check(
            &error("", "expected item", "6", ""),
            &[&format!("Compile: {ends}"), &format!("4:0 {ends} | ")],
        );
        let unclosed = error("", "this file contains an unclosed delimiter", "700", "");
        let opens = r#""spans":[{"file_name":"saggar+glue.rs","line_start":2,"column_start":37,"is_primary":false,"label":"unclosed delimiter"},"#;
        let message = "this file contains an unclosed delimiter: the label";
        check(
            &unclosed.replace("\"spans\":[", opens),
            &[
                &format!("Compile: words.rs does not compile: {message}"),
                &format!("2:37 {message} | "),
            ],
        );
    }
}
