//! What clang says, as plain text on standard error, read into the shape of gcc's diagnostics.
//!
//! ```text
//! In file included from saggar+glue.cpp:1:          how the next line's file came in; only told
//! In file included from ./sum.cpp:2:                when it differs from the last time
//! ./table.h:1:2: error: bad header                  kind and message
//!     return 1 }                                    the line, then a caret, then what to insert
//!             ^
//!             ;
//! fix-it:"sum.cpp":{6:11-6:11}:";"                  -fdiagnostics-parseable-fixits
//! sum.cpp:6:3: note: in instantiation of …          belongs to the error above
//! ```

use std::collections::HashMap;

use crate::diagnostics::{Caret, FixIt, GccDiagnostic, Location};

/// Every diagnostic in a log, in order, each with its notes; what is no diagnostic is passed over.
pub(crate) fn parse(log: &[u8]) -> Vec<GccDiagnostic> {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader::default();
    let mut at = 0;
    while at < lines.len() {
        at += match reader.line(lines[at]) {
            // The line of the source may look like anything.
            true if lines.get(at + 2).is_some_and(|line| is_caret(line)) => 3,
            _ => 1,
        };
    }
    reader.close();
    reader.found
}

/// Whether the first error is about the standard library: something that it lacks, or that clang
/// does not take of it. g++ may.
pub(crate) fn is_about_the_library(found: &[GccDiagnostic]) -> bool {
    let Some(first) = found.iter().find(|one| one.is_error()) else { return false };
    let in_library = first.place().is_some_and(|place| place.file.starts_with("/usr/"));
    let lacks = first.message.contains("in namespace 'std")
        || first.message.contains("file not found")
        || first.message.contains("'std'");
    in_library || lacks
}

#[derive(Default)]
struct Reader<'a> {
    found: Vec<GccDiagnostic>,
    /// Where the file that was named last was included, the innermost place first.
    stack: Vec<Location>,
    /// The same of every file, by its name.
    stacks: HashMap<&'a str, Vec<Location>>,
    /// The same of the last diagnostic's file.
    above: Vec<Location>,
}

impl<'a> Reader<'a> {
    /// Takes a line; whether an excerpt may follow it.
    fn line(&mut self, line: &'a str) -> bool {
        if let Some(place) = line.strip_prefix("In file included from ") {
            if let Some((file, [line, column])) = place.strip_suffix(':').and_then(place_of) {
                self.stack.insert(0, at(file, line, column));
            }
            return false;
        }
        if let Some(fix) = line.strip_prefix("fix-it:") {
            if let (Some(fix), Some(last)) = (fix_it(fix), self.found.last_mut()) {
                match last.children.last_mut() {
                    Some(note) => note.fixits.push(fix),
                    None => last.fixits.push(fix),
                }
            }
            return false;
        }
        let Some((place, kind, message)) = head(line) else { return false };
        let place = place_of(place);
        let location = place.map(|(file, [line, column])| at(file, line, column));
        if let Some((file, _)) = place
            && !self.stack.is_empty()
        {
            self.stacks.insert(file, std::mem::take(&mut self.stack));
        }
        let diagnostic = diagnostic(kind, said(message), location);
        match self.found.last_mut() {
            Some(last) if kind == "note" => last.children.push(diagnostic),
            _ => {
                self.close();
                self.above =
                    place.and_then(|(file, _)| self.stacks.get(file)).cloned().unwrap_or_default();
                self.found.push(diagnostic);
            }
        }
        place.is_some()
    }

    /// The last diagnostic is complete: where its file was included comes after its notes.
    fn close(&mut self) {
        let above = std::mem::take(&mut self.above).into_iter();
        let notes = above.map(|place| diagnostic("note", "included here".to_owned(), Some(place)));
        if let Some(last) = self.found.last_mut() {
            last.children.extend(notes);
        }
    }
}

fn diagnostic(kind: &str, message: String, place: Option<Location>) -> GccDiagnostic {
    GccDiagnostic {
        kind: kind.to_owned(),
        message,
        locations: place.into_iter().collect(),
        children: Vec::new(),
        fixits: Vec::new(),
    }
}

/// The message without what is for a terminal, without the warning's option, and a static
/// assertion without its condition.
fn said(message: &str) -> String {
    let message: String = message.chars().filter(|c| !c.is_control()).collect();
    let message = match message.rsplit_once(" [-W") {
        Some((said, option)) if option.ends_with(']') => said.to_owned(),
        _ => message,
    };
    let Some(rest) = message
        .strip_prefix("static_assert failed")
        .or_else(|| message.strip_prefix("static assertion failed"))
    else {
        return message;
    };
    // Up to version 15 the text stands in quotes behind the condition, then behind a colon.
    let text = match rest.strip_suffix('"').and_then(|rest| Some((rest, rest.find(" \"")?))) {
        Some((rest, start)) => unescape(&rest[start + 2..]),
        None => match rest.split_once("': ").or_else(|| rest.strip_prefix(": ").map(|t| ("", t))) {
            Some((_, text)) => text.to_owned(),
            None => return message,
        },
    };
    format!("static assertion failed: {text}")
}

fn unescape(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// `PLACE: KIND: MESSAGE`, or `PROGRAM: KIND: MESSAGE`, or `KIND: MESSAGE`.
fn head(line: &str) -> Option<(&str, &str, &str)> {
    const KINDS: [&str; 5] = ["fatal error", "error", "warning", "note", "remark"];
    let (at, kind) = KINDS
        .iter()
        .filter_map(|kind| {
            let at = line.match_indices(kind).map(|(at, _)| at).find(|at| {
                let before = &line[..*at];
                let after = &line[at + kind.len()..];
                (before.is_empty() || before.ends_with(": ")) && after.starts_with(": ")
            })?;
            Some((at, *kind))
        })
        .min_by_key(|(at, _)| *at)?;
    let place = line[..at].strip_suffix(": ").unwrap_or("");
    Some((place, kind, &line[at + kind.len() + 2..]))
}

/// `FILE:LINE:COLUMN` or `FILE:LINE`; a column that is not there is -1.
fn place_of(place: &str) -> Option<(&str, [i64; 2])> {
    let (rest, last) = place.rsplit_once(':')?;
    let last = last.parse::<u32>().ok()?;
    let both = rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
    Some(match both {
        Some((file, line)) => (file, [line, i64::from(last)]),
        None => (rest, [i64::from(last), -1]),
    })
}

fn caret(file: &str, line: i64, column: i64) -> Caret {
    Caret { file: file.to_owned(), line: u32::try_from(line).unwrap_or(0), column }
}

fn at(file: &str, line: i64, column: i64) -> Location {
    Location { caret: caret(file, line, column) }
}

/// `"FILE":{LINE:COLUMN-LINE:COLUMN}:"TEXT"`.
fn fix_it(text: &str) -> Option<FixIt> {
    let (file, rest) = text.strip_prefix('"')?.split_once("\":{")?;
    let (range, string) = rest.split_once("}:\"")?;
    let (start, next) = range.split_once('-')?;
    let place = |place: &str| {
        let (line, column) = place.split_once(':')?;
        Some(caret(file, line.parse().ok()?, column.parse().ok()?))
    };
    Some(FixIt {
        start: place(start)?,
        next: place(next)?,
        string: unescape(string.strip_suffix('"')?),
    })
}

/// The line below an excerpt: a caret, and what it is about underlined.
pub(crate) fn is_caret(line: &str) -> bool {
    line.contains(['^', '~']) && line.chars().all(|c| matches!(c, ' ' | '\t' | '~' | '^'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
In file included from saggar+glue.cpp:1:
In file included from ./sum.cpp:2:
./table.h:1:2: error: bad header
#error bad header
 ^
./table.h:2:9: error: use of undeclared identifier 'zz'
int q = zz;
        ^
In file included from saggar+glue.cpp:1:
./sum.cpp:6:11: error: expected ';' after return statement
 sum.cpp:1:1: error: so says a string
          ^
          ;
fix-it:\"./sum.cpp\":{6:11-6:11}:\"; // \\\"\"
./sum.cpp:3:6: note: candidate: no
saggar+glue.cpp:80:1: error: static_assert failed due to requirement '_F<'s', 4> != 1' \"saggar: f: no \\\"x\\\"\"
static_assert(no);
^             ~~
warning: of no place
clang: error: linker command failed with exit code 1
3 errors generated.
";

    #[test]
    fn errors_notes_and_fixes_are_told_apart() {
        let found = parse(LOG.as_bytes());
        let told: Vec<String> = found
            .iter()
            .map(|one| {
                let notes = one.children.iter().flat_map(|note| &note.locations);
                let places = one.locations.iter().chain(notes).map(|location| {
                    let Caret { file, line, column } = &location.caret;
                    format!("{file}:{line}:{column}")
                });
                format!("{} {} [{}]", one.kind, one.message, places.collect::<Vec<_>>().join(" "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "error bad header [./table.h:1:2 ./sum.cpp:2:-1 saggar+glue.cpp:1:-1]",
                "error use of undeclared identifier 'zz' \
                 [./table.h:2:9 ./sum.cpp:2:-1 saggar+glue.cpp:1:-1]",
                "error expected ';' after return statement \
                 [./sum.cpp:6:11 ./sum.cpp:3:6 saggar+glue.cpp:1:-1]",
                "error static assertion failed: saggar: f: no \"x\" [saggar+glue.cpp:80:1]",
                "warning of no place []",
                "error linker command failed with exit code 1 []",
            ]
        );
        assert_eq!(found[2].children[0].message, "candidate: no");
        let fix = &found[2].fixits[0];
        assert_eq!((fix.start.line, fix.next.column, fix.string.as_str()), (6, 11, "; // \""));
    }

    #[test]
    fn static_assertions_of_later_versions_read_the_same() {
        for text in [
            "due to requirement 'sizeof(int) == 8': saggar: f: no",
            "due to requirement 'sizeof(int) == 8' \"saggar: f: no\"",
            ": saggar: f: no",
            "\"saggar: f: no\"",
        ] {
            let separator = if text.starts_with(':') { "" } else { " " };
            let log = format!("a.cpp:1:1: error: static assertion failed{separator}{text}\n");
            assert_eq!(parse(log.as_bytes())[0].message, "static assertion failed: saggar: f: no");
        }
    }

    #[test]
    fn b22_control_characters_do_not_come_back() {
        let found = parse(b"a.c:1:1: error: \x1b[31mred\xff\n");
        assert_eq!(found[0].message, "[31mred\u{fffd}");
    }

    #[test]
    fn b06_a_log_that_was_cut_off_keeps_what_came_before() {
        let whole = parse(LOG.as_bytes()).len();
        for end in 0..LOG.len() {
            assert!(parse(&LOG.as_bytes()[..end]).len() <= whole, "{end}");
        }
        assert_eq!(parse(&LOG.as_bytes()[..LOG.find("warning").unwrap()]).len(), 4);
    }
}
