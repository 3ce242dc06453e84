//! Which line of a source made a header fail. gcc's JSON says where an error is, which for a template
//! of the library is inside a header, and leaves out from where it was instantiated; its plain text
//! has both.
//!
//! ```text
//! /usr/include/…/predefined_ops.h: In instantiation of 'bool …':
//! /usr/include/…/stl_algo.h:1809:14:   required from 'void …'
//! sorted.cpp:8:12:   required from here
//! /usr/include/…/predefined_ops.h:45:23: error: no match for 'operator<' in …
//! ```

use saggar_model::Diagnostic;

use crate::translate::base;

/// The command that has gcc say the same in plain text, one line each.
pub(crate) fn command(argv: &[String]) -> Vec<String> {
    // Told twice how to speak, gcc 12 stays with JSON.
    let kept = argv.iter().filter(|argument| !argument.starts_with("-fdiagnostics-format="));
    kept.cloned().chain(["-fno-diagnostics-show-caret".to_owned()]).collect()
}

/// For each line of `source` that has a template fail the first error that came of it, in the order
/// of the errors. `text` is what the source says.
pub(crate) fn parse(log: &[u8], source: &str, text: &str) -> Vec<Diagnostic> {
    let log = String::from_utf8_lossy(log);
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut here = None;
    for line in log.lines() {
        if let Some((at, _)) = line.split_once(":   required ") {
            here = place(at).filter(|(file, ..)| base(file) == source).or(here);
        } else if line.contains(": In ") {
            here = None;
        } else if let (Some((_, row, column)), Some((_, message))) =
            (here, line.split_once(": error: "))
            && !found.iter().any(|known| known.line == Some(row))
        {
            let mut diagnostic = Diagnostic::error(message).at(source, row, text);
            diagnostic.column = Some(column);
            found.push(diagnostic);
        }
    }
    found
}

/// `FILE:LINE:COLUMN`.
fn place(text: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = text.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "In file included from /usr/include/c++/12/algorithm:60,
                 from ./s.cpp:1:
/usr/include/ops.h: In instantiation of 'bool less(P, P)':
/usr/include/algo.h:18:14:   required from 'void sort(P*)'
./s.cpp:8:12:   required from here
/usr/include/ops.h:45:23: error: no match for 'operator<'
/usr/include/ops.h:46:23: error: another that comes of it
/usr/include/ops.h: In instantiation of 'bool more(P, P)':
s.cpp:8:12:   required from here
/usr/include/ops.h:55:23: error: no match for 'operator>'
/usr/include/pair.h: In instantiation of 'int elsewhere()':
/usr/include/algo.h:18:14:   required from here
/usr/include/pair.h:1:1: error: not the source's doing
/usr/include/pair.h: In substitution of 'x':
s.cpp:5:3:   required by substitution of 'y'
/usr/include/pair.h:2:2: error: use of deleted function
";

    #[test]
    fn each_line_of_the_source_is_told_once_and_no_line_of_a_header() {
        let found = parse(SAID.as_bytes(), "s.cpp", "1\n2\n3\n4\nfive\n6\n7\neight\n");
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.line, one.column, one.message.as_str(), one.excerpt.as_deref()))
            .collect();
        let expected = [
            (Some(8), Some(12), "no match for 'operator<'", Some("eight")),
            (Some(5), Some(3), "use of deleted function", Some("five")),
        ];
        assert_eq!(told, expected);
    }
}
