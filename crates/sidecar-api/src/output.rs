//! What a skill prints, for the feedback of its crash. The pipe blocks nobody: what it has no room
//! for is lost to who writes.
//!
//! Before a call the pipe is emptied, so that the text of a crash is that of the crashing call. It is
//! not where a process prints for the first time after many calls without a word, and crashes in the
//! next one before the host has learnt of it; where the call is one of a batch, whose text is one; and
//! where another thread of the skill prints. What the C library holds back of `stdout` goes out at the
//! end of its call; of the crashing call that is lost, unless it was flushed. `stderr` is not held back.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};

/// The pipe that standard output and error go to.
#[derive(Debug)]
pub(crate) struct Output {
    pipe: File,
    /// Most of it that is looked at, bytes.
    max: usize,
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

impl Output {
    /// The reading end of a pipe that does not block.
    pub(crate) fn new(pipe: File, max: usize) -> Self {
        Output { pipe, max }
    }

    /// Throws away what has been printed, so that the pipe does not fill up.
    pub(crate) fn drain(&self) {
        let mut chunk = [0; 4096];
        // A pipe holds 64 KiB; more than that is not here to be read.
        for _ in 0..16 {
            if !matches!((&self.pipe).read(&mut chunk), Ok(n) if n == chunk.len()) {
                break;
            }
        }
    }

    /// What has been printed up to the end of the process, escaped and cut; `None` if nothing. What is
    /// cut is counted; what the pipe had no room for nobody can count.
    pub(crate) fn take(&self) -> Option<String> {
        let mut bytes = Vec::new();
        let mut printed = 0;
        let mut chunk = [0; 4096];
        for _ in 0..MOST_CHUNKS {
            let Ok(n @ 1..) = (&self.pipe).read(&mut chunk) else { break };
            printed += n;
            let room = self.max.saturating_sub(bytes.len()).min(n);
            bytes.extend_from_slice(&chunk[..room]);
        }
        shown(&bytes, printed)
    }
}

/// Most that is read at the end: all that a pipe holds, unless somebody has made it larger.
const MOST_CHUNKS: usize = 64;

/// Most characters that are shown.
const SHOWN: usize = 500;

/// The beginning of what was printed, of so many bytes in all.
fn shown(bytes: &[u8], printed: usize) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end();
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
    let mut shown: String = text[..end].chars().flat_map(char::escape_debug).collect();
    // Damaged characters take more room when shown than they had.
    let whole = end == text.len() && printed == bytes.len();
    if !whole {
        let lost = printed.saturating_sub(end);
        shown.push_str(&format!(" (at least {lost} more bytes are lost)"));
    }
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rustix::pipe::{PipeFlags, pipe_with};

    use super::*;

    fn taken(max: usize, printed: &[u8]) -> Option<String> {
        let (read, write) = pipe_with(PipeFlags::NONBLOCK).unwrap();
        // As a skill does that takes no notice of what is lost.
        let mut write = File::from(write);
        printed.chunks(1024).for_each(|chunk| write.write_all(chunk).unwrap_or_default());
        Output::new(File::from(read), max).take()
    }

    #[test]
    fn what_fits_is_shown_as_it_is() {
        assert_eq!(taken(4096, b""), None);
        assert_eq!(taken(4096, b" \n"), None);
        assert_eq!(taken(4096, b"a\tb\xff\n\n").as_deref(), Some("a\\tb\u{fffd}"));
        assert_eq!(taken(4096, &[b'x'; 500]).unwrap(), "x".repeat(500));
    }

    #[test]
    fn i05_what_is_cut_is_counted() {
        let cut =
            |lost: usize| "x".repeat(500) + &format!(" (at least {lost} more bytes are lost)");
        assert_eq!(taken(4096, &[b'x'; 501]).unwrap(), cut(1));
        assert_eq!(taken(4096, &[b'x'; 10_000]).unwrap(), cut(9500));
        // A pipe holds 64 KiB.
        assert_eq!(taken(4096, &[b'x'; 1 << 20]).unwrap(), cut((64 << 10) - 500));
        assert_eq!(
            taken(100, &[b'x'; 200]).unwrap(),
            "x".repeat(100) + " (at least 100 more bytes are lost)"
        );
    }
}
