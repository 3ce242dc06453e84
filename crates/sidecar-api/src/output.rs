//! What a skill prints, for the feedback of its crash. The pipe blocks nobody: what it has no room
//! for is lost to who writes.

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

    /// What has been printed, escaped and cut; `None` if nothing.
    pub(crate) fn take(&self) -> Option<String> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        while bytes.len() < self.max
            && let Ok(n @ 1..) = (&self.pipe).read(&mut chunk)
        {
            bytes.extend_from_slice(&chunk[..n]);
        }
        let text = String::from_utf8_lossy(&bytes);
        let shown: String =
            text.trim_end().chars().take(500).flat_map(char::escape_debug).collect();
        (!shown.is_empty()).then_some(shown)
    }
}
