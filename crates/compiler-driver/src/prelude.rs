//! The headers a C or C++ source begins with: the longest run of nothing but white space, comments
//! and `#include <standard header>` lines. Reading these headers a little earlier, by `-include`,
//! changes nothing of what the source means, so that they can come out of a precompiled header.
//!
//! The reader is strict: what it does not know for certain ends the run, and a run that is too
//! short costs time and nothing else. Touches no file. `prepare` calls it for each source.

mod headers;
#[cfg(test)]
mod tests;

use headers::STANDARD;

/// One header of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Include {
    /// The header's name, without brackets.
    pub(crate) header: &'static str,
    /// Where the source includes it first, from 1.
    pub(crate) line: u32,
    /// Byte column of the opening bracket, from 1.
    pub(crate) column: u32,
}

/// The headers a source begins with, in order; one that comes again is left out, since a standard
/// header does nothing the second time (C17 7.1.2, \[using.headers\]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prelude(Vec<Include>);

impl Prelude {
    /// Reads the beginning of a source.
    pub(crate) fn read(source: &[u8]) -> Self {
        let mut reader = Reader::new(source);
        let mut found: Vec<Include> = Vec::new();
        while let Some(include) = reader.include() {
            if !found.iter().any(|known| known.header == include.header) {
                found.push(include);
            }
        }
        Prelude(found)
    }

    /// Whether the source begins with something else.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text that includes the same headers, one on a line; empty if there is none.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|include| format!("{OPENING}{}>\n", include.header)).collect()
    }

    /// Where the source says what a line and column of [`Prelude::text`] says.
    pub(crate) fn place(&self, line: u32, column: i64) -> Option<(u32, i64)> {
        let include = self.0.get(usize::try_from(line.checked_sub(1)?).ok()?)?;
        let bracket = OPENING.len() as i64;
        let moved = i64::from(include.column) + (column - bracket).max(0);
        Some((include.line, if column > 0 { moved } else { column }))
    }
}

/// The names of all headers that a prelude may have.
pub(crate) fn standard_headers() -> impl Iterator<Item = &'static str> {
    STANDARD.iter().copied()
}

/// What stands before a header's name.
const OPENING: &str = "#include <";

/// Where in a source the next directive is looked for.
struct Reader<'a> {
    source: &'a [u8],
    at: usize,
    /// Of `at`, from 1.
    line: u32,
    /// Offset at which that line begins.
    line_start: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a [u8]) -> Self {
        // gcc takes a byte order mark at the very beginning for nothing.
        let at = if source.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Reader { source, at, line: 1, line_start: at }
    }

    /// The next directive, if it includes a standard header and nothing else is on its line.
    fn include(&mut self) -> Option<Include> {
        self.skip_blank_lines_and_comments()?;
        self.take(b"#")?;
        self.skip_blanks();
        self.take(b"include")?;
        self.skip_blanks();
        let column = u32::try_from(self.at - self.line_start + 1).ok()?;
        let line = self.line;
        self.take(b"<")?;
        let length = self.rest().iter().position(|byte| matches!(byte, b'>' | b'\n'))?;
        let name = &self.rest()[..length];
        let header = STANDARD.iter().copied().find(|header| header.as_bytes() == name)?;
        self.at += length;
        self.take(b">")?;
        self.end_of_directive()?;
        Some(Include { header, line, column })
    }

    fn rest(&self) -> &'a [u8] {
        &self.source[self.at..]
    }

    fn take(&mut self, wanted: &[u8]) -> Option<()> {
        self.rest().starts_with(wanted).then(|| self.at += wanted.len())
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    }

    /// White space and comments; `None` at what may go on otherwise than it looks.
    fn skip_blank_lines_and_comments(&mut self) -> Option<()> {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\x0b' | b'\x0c', ..] => self.at += 1,
                [b'\n', ..] | [b'\r', b'\n', ..] => self.end_of_line(),
                [b'/', b'/', ..] => self.line_comment()?,
                [b'/', b'*', ..] => self.block_comment()?,
                _ => return Some(()),
            }
        }
    }

    fn end_of_line(&mut self) {
        self.at += if self.rest().starts_with(b"\r") { 2 } else { 1 };
        self.line += 1;
        self.line_start = self.at;
    }

    /// Up to the end of its line, which is left.
    fn line_comment(&mut self) -> Option<()> {
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let text = &rest[..length];
        self.at += length - usize::from(text.ends_with(b"\r"));
        is_plain(text).then_some(())
    }

    /// Past its end.
    fn block_comment(&mut self) -> Option<()> {
        let rest = self.rest();
        let end = rest[2..].windows(2).position(|pair| pair == b"*/")? + 4;
        let text = &rest[..end];
        // Its end may come earlier than it looks: a line that goes on may part `*` from `/`.
        is_plain(text).then_some(())?;
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        if let Some(last) = text.iter().rposition(|byte| *byte == b'\n') {
            self.line_start = self.at + last + 1;
        }
        self.line += u32::try_from(lines).ok()?;
        self.at += end;
        Some(())
    }

    /// The end of a directive's line: blanks and comments that end on it.
    fn end_of_directive(&mut self) -> Option<()> {
        loop {
            match self.rest() {
                [] => return Some(()),
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\n', ..] | [b'\r', b'\n', ..] => {
                    self.end_of_line();
                    return Some(());
                }
                [b'/', b'/', ..] => self.line_comment()?,
                [b'/', b'*', ..] => {
                    let line = self.line;
                    self.block_comment()?;
                    // The directive goes on behind it, on a line that looks like another.
                    (self.line == line).then_some(())?;
                }
                _ => return None,
            }
        }
    }
}

/// Whether every line of a comment ends where it seems to: none goes on after a backslash (which
/// gcc also takes with white space behind it), and no trigraph stands for one; and nothing else
/// than a line feed ends a line.
fn is_plain(comment: &[u8]) -> bool {
    let goes_on = |(at, byte): (usize, &u8)| {
        let white = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b'\x0b';
        let behind = || comment[at + 1..].iter().take_while(white);
        *byte == b'\\'
            && (behind().any(|byte| *byte == b'\n') || behind().count() == comment.len() - at - 1)
    };
    let odd_return = |(at, byte): (usize, &u8)| {
        *byte == b'\r' && comment.get(at + 1).is_some_and(|next| *next != b'\n')
    };
    !comment.windows(2).any(|pair| pair == b"??")
        && !comment.contains(&0)
        && !comment.iter().enumerate().any(|byte| goes_on(byte) || odd_return(byte))
}
