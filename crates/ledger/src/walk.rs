//! Walks along the lines of a ledger and says how the walk ended. Reads with bounded memory;
//! never repairs.

use std::io::{self, BufRead, Read};

use crate::chain::{Line, LineFault, MAX_LINE, Position};

/// How a walk ended.
#[derive(Debug)]
pub(crate) enum End {
    /// At the end of the text, after a whole line.
    Whole,
    /// At a last line that is not whole: without a newline, or no JSON.
    Torn { bytes: u64, reason: String },
    /// At a line that does not continue the chain.
    Broken { reason: String },
}

/// One line as it stands in the text.
pub(crate) enum Segment {
    /// Without its newline.
    Line(Vec<u8>),
    /// The text ended before the newline.
    Partial(u64),
    /// Longer than any line of ours.
    TooLong,
}

/// Follows the lines from `position`, which moves along and ends after the last good line.
/// `inspect` sees every position and may object to it.
pub(crate) fn walk(
    mut reader: impl BufRead,
    position: &mut Position,
    mut inspect: impl FnMut(&Position) -> Result<(), String>,
) -> io::Result<End> {
    while let Some(segment) = next(&mut reader)? {
        let bytes = match segment {
            Segment::Line(bytes) => bytes,
            Segment::Partial(bytes) => {
                return Ok(End::Torn { bytes, reason: "no newline at its end".to_owned() });
            }
            Segment::TooLong => return Ok(End::Broken { reason: too_long() }),
        };
        let line = match Line::parse(&bytes) {
            Ok(line) => line,
            Err(LineFault::Unparsable(reason)) if reader.fill_buf()?.is_empty() => {
                return Ok(End::Torn { bytes: bytes.len() as u64 + 1, reason });
            }
            Err(LineFault::Unparsable(reason) | LineFault::Wrong(reason)) => {
                return Ok(End::Broken { reason });
            }
        };
        let after = position.follow(&line, bytes.len());
        match after.and_then(|after| inspect(&after).map(|()| after)) {
            Ok(after) => *position = after,
            Err(reason) => return Ok(End::Broken { reason }),
        }
    }
    Ok(End::Whole)
}

/// The next line; `None` at the end.
pub(crate) fn next(reader: &mut impl BufRead) -> io::Result<Option<Segment>> {
    let mut bytes = Vec::new();
    let limit = MAX_LINE as u64 + 1;
    let read = reader.by_ref().take(limit).read_until(b'\n', &mut bytes)? as u64;
    Ok(match bytes.pop() {
        None => None,
        Some(b'\n') => Some(Segment::Line(bytes)),
        Some(_) if read == limit => Some(Segment::TooLong),
        Some(_) => Some(Segment::Partial(read)),
    })
}

/// What is said of a line beyond the bound.
pub(crate) fn too_long() -> String {
    format!("longer than {MAX_LINE} bytes")
}
