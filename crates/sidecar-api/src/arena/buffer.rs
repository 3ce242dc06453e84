//! Memory of the host's that can be an argument as it is: filled in place, seen by a sidecar
//! read-only, without a copy.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, FallocateFlags, MemfdFlags, Mode, OFlags};
use rustix::fs::{fallocate, fchmod, ftruncate, memfd_create, openat};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Another descriptor of the same file, which can be read from and nothing else: whoever gets one may
/// do what it was opened for.
///
/// # Errors
/// openat(2)'s, and when there is no `/proc`.
pub fn read_only(file: impl AsFd) -> rustix::io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", file.as_fd().as_raw_fd());
    openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY, Mode::empty())
}

/// A piece of memory to be an argument: the elements of a list of numbers, little-endian, one
/// behind the other. While it is lent to a call nobody can write to it. A sidecar may keep it
/// mapped for the next call that brings it; what was in it is gone, there too, when it is dropped.
///
/// A sidecar gets a descriptor that can only be read from, and has no means to open it otherwise:
/// no seal is needed to keep it from cutting or writing what the host has mapped.
pub struct Buffer {
    base: NonNull<u8>,
    size: usize,
    memory: Option<Memory>,
    number: u64,
}

/// What is mapped.
struct Memory {
    own: OwnedFd,
    /// The same, opened for reading alone.
    shown: OwnedFd,
}

// SAFETY: the mapping belongs to the value; `&self` gives out shared references only, `&mut self`
// exclusive ones, and no other process can write to it.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

/// Numbers of buffers in this process: none is used twice.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Buffer {
    /// Memory of so many bytes, all zero. All of it is taken at once.
    ///
    /// # Errors
    /// When memory or descriptors are short, files may not be so large (`RLIMIT_FSIZE`), or there is no
    /// `/proc`.
    pub fn new(size: usize) -> io::Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        if size == 0 {
            return Ok(Buffer { base: NonNull::dangling(), size, memory: None, number });
        }
        super::may_be_as_large(size)?;
        let own = memfd_create("saggar-buffer", MemfdFlags::CLOEXEC)?;
        fchmod(&own, Mode::RUSR | Mode::WUSR)?;
        // Later there would be nobody to tell of it, and a sidecar would be charged for it.
        fallocate(&own, FallocateFlags::empty(), 0, size as u64)?;
        let shown = read_only(&own)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
        let base =
            unsafe { mmap(std::ptr::null_mut(), size, protection, MapFlags::SHARED, &own, 0) }?;
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Buffer { base, size, memory: Some(Memory { own, shown }), number })
    }

    /// What a sidecar maps; `None` for a buffer of no bytes.
    pub fn shown(&self) -> Option<BorrowedFd<'_>> {
        self.memory.as_ref().map(|memory| memory.shown.as_fd())
    }

    /// Its number, which no other buffer of this process ever has.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the mapping has this size and lives as long as `self` (or the slice is empty and
        // the pointer dangles); it cannot shrink, because only `own` can be cut; nobody writes to
        // it while it is borrowed, because only this process can.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.size) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` is the only access of this process. What a sidecar reads
        // meanwhile, which it can only do between calls, is its own affair.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.size) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let Some(memory) = &self.memory else { return };
        // SAFETY: the mapping was made by `new`, is exactly this range, and nothing borrows from it
        // any more. A failure would only leave it mapped.
        unsafe { munmap(self.base.as_ptr().cast(), self.size) }.unwrap_or_default();
        // A sidecar may have it mapped still: it neither keeps the memory nor finds anything.
        ftruncate(&memory.own, 0).unwrap_or_default();
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 3 << 20;

    #[test]
    fn what_is_written_is_what_others_read() {
        let mut buffer = Buffer::new(SIZE).unwrap();
        assert!(buffer.iter().all(|byte| *byte == 0));
        buffer[SIZE - 1] = 7;
        let mut last = [0];
        let shown = buffer.shown().unwrap();
        assert_eq!(rustix::io::pread(shown, &mut last, SIZE as u64 - 1).unwrap(), 1);
        assert_eq!((last[0], buffer.len()), (7, SIZE));
        let empty = Buffer::new(0).unwrap();
        assert!(empty.is_empty() && empty.shown().is_none());
        assert_ne!(buffer.number(), empty.number());
    }

    /// The limit is this process's: far above what the other tests take.
    #[test]
    fn a_limit_of_file_sizes_is_an_error_and_no_signal() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let most: u32 = 64 << 20;
        let limit = getrlimit(Resource::Fsize);
        setrlimit(Resource::Fsize, Rlimit { current: Some(most.into()), ..limit }).unwrap();
        let arena = super::super::Arena::create(most as usize + 1).map(drop);
        let buffer = Buffer::new(most as usize + 1).map(drop);
        setrlimit(Resource::Fsize, limit).unwrap();
        for error in [arena.unwrap_err(), buffer.unwrap_err()] {
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
            assert!(error.to_string().contains("ulimit -f"), "{error}");
        }
    }

    #[test]
    fn who_has_the_descriptor_can_neither_write_nor_cut() {
        use rustix::io::Errno;
        let buffer = Buffer::new(SIZE).unwrap();
        let shown = buffer.shown().unwrap();
        assert_eq!(rustix::io::pwrite(shown, b"x", 0).unwrap_err(), Errno::BADF);
        assert_eq!(ftruncate(shown, 0).unwrap_err(), Errno::INVAL);
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: it is not mapped, which is the point; else a new mapping that nobody uses.
        let mapped =
            unsafe { mmap(std::ptr::null_mut(), SIZE, protection, MapFlags::SHARED, shown, 0) };
        assert_eq!(mapped.unwrap_err(), Errno::ACCESS);
        // SAFETY: as above.
        let mapped = unsafe {
            mmap(std::ptr::null_mut(), SIZE, ProtFlags::READ, MapFlags::SHARED, shown, 0)
        };
        let mapped = mapped.unwrap();
        let flags = rustix::mm::MprotectFlags::READ | rustix::mm::MprotectFlags::WRITE;
        // SAFETY: the mapping was made just now and nobody else knows of it.
        let unlocked = unsafe { rustix::mm::mprotect(mapped, SIZE, flags) };
        assert_eq!(unlocked.unwrap_err(), Errno::ACCESS);
        // SAFETY: as above.
        unsafe { munmap(mapped, SIZE) }.unwrap();
    }

    #[test]
    fn nothing_is_left_of_one_that_was_dropped() {
        let mut buffer = Buffer::new(SIZE).unwrap();
        buffer.fill(1);
        let kept = buffer.shown().unwrap().try_clone_to_owned().unwrap();
        drop(buffer);
        let stat = rustix::fs::fstat(&kept).unwrap();
        assert_eq!((stat.st_size, stat.st_blocks), (0, 0));
    }
}
