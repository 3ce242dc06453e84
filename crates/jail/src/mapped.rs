//! A number in a file that processes of this host change by write(2), seen by each without a system
//! call.

use std::io;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::fstat;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// The first eight bytes of a file, little-endian, mapped for reading. mmap(2) with MAP_SHARED shows
/// what is written to the file by whatever process of the host, at once.
///
/// Whoever may write the file must never cut it: a mapping without a file beneath ends the process
/// that reads it (SIGBUS).
#[derive(Debug)]
pub struct MappedWord {
    word: NonNull<AtomicU64>,
}

// SAFETY: the mapping belongs to the value, can be read from any thread, and is only ever read, as an
// atomic.
unsafe impl Send for MappedWord {}
// SAFETY: as above.
unsafe impl Sync for MappedWord {}

impl MappedWord {
    /// Maps a file.
    ///
    /// # Errors
    /// `UnexpectedEof` when it is shorter than the word, or the kernel's when its file system maps no
    /// shared files.
    pub fn of(file: impl AsFd) -> io::Result<Self> {
        if fstat(&file)?.st_size < size_of::<u64>() as i64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (null, size) = (std::ptr::null_mut(), size_of::<u64>());
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
        let mapped = unsafe { mmap(null, size, ProtFlags::READ, MapFlags::SHARED, file, 0) }?;
        let word = NonNull::new(mapped.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(MappedWord { word })
    }

    /// The number, as it is now.
    pub fn load(&self) -> u64 {
        // SAFETY: the mapping begins on a page's boundary, has eight bytes that can be read and lives
        // as long as `self`; every bit pattern is a number, and writes by the kernel are no data race
        // with an atomic.
        let word = unsafe { self.word.as_ref() };
        u64::from_le(word.load(Ordering::Acquire))
    }
}

impl Drop for MappedWord {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `of` with this length, and nothing borrows from it any more.
        // A failure would only leave it mapped.
        unsafe { munmap(self.word.as_ptr().cast(), size_of::<u64>()) }.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn what_is_written_is_seen_at_once() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&7u64.to_le_bytes(), 0).unwrap();
        let word = MappedWord::of(&file).unwrap();
        assert_eq!(word.load(), 7);
        // By another descriptor, as another process would have.
        let other =
            File::options().write(true).open(format!("/proc/self/fd/{}", fd(&file))).unwrap();
        for n in [8, u64::MAX, 0] {
            other.write_all_at(&n.to_le_bytes(), 0).unwrap();
            assert_eq!(word.load(), n);
        }
    }

    #[test]
    fn what_is_too_short_or_cannot_be_mapped_is_an_error() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&[1; 7], 0).unwrap();
        assert_eq!(MappedWord::of(&file).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (pipe, _other) = std::io::pipe().unwrap();
        assert!(MappedWord::of(&pipe).is_err());
    }

    fn fd(file: &File) -> i32 {
        std::os::fd::AsRawFd::as_raw_fd(file)
    }
}
