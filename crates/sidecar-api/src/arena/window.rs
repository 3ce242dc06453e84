//! The window: addresses behind the arena that a sidecar keeps free, so that files which are
//! arguments can be mapped there. They lie at offsets from the argument block that the host works
//! out, like everything else in it, and nothing else of the process lies between.

use std::io;
use std::os::fd::AsFd;
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use super::Arena;

/// Files start at such a boundary of the window, as far as their offset lets them: the kernel can
/// map them in pieces as large as it keeps them.
pub const PIECE: usize = 2 << 20;

/// Where the window begins, behind an arena of this size: at the next boundary.
pub fn begin(arena: usize) -> usize {
    arena.saturating_add(PIECE - 1) & !(PIECE - 1)
}

/// Flags of addresses that nothing can be read from or written to.
const FREE: MapFlags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);

impl Arena {
    /// Maps an arena with a window of so many bytes behind it.
    ///
    /// # Errors
    /// As for [`Arena::map`], and when there are not so many addresses.
    pub fn map_with_window(fd: impl AsFd, size: usize, window: usize) -> io::Result<Self> {
        let total = begin(begin(size).saturating_add(window));
        let wide = total.checked_add(PIECE).ok_or(io::ErrorKind::InvalidInput)?;
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
        let free = unsafe { mmap_anonymous(std::ptr::null_mut(), wide, ProtFlags::empty(), FREE) }?;
        let skipped = free.align_offset(PIECE);
        let start = free.wrapping_byte_add(skipped);
        // SAFETY: both are parts of the mapping just made that nobody knows of: what lies before
        // the boundary, and as much as is left behind the window.
        unsafe {
            if skipped > 0 {
                munmap(free, skipped)?;
            }
            munmap(start.wrapping_byte_add(total), PIECE - skipped)?;
        }
        let mut arena = Arena::map_at(start, &fd, size)?;
        arena.mapped = total;
        Ok(arena)
    }

    /// Maps so many bytes of a file, read-only, at a place of the window.
    ///
    /// # Errors
    /// `InvalidInput` when the range is none of the window; mmap(2)'s.
    pub fn show(&self, fd: impl AsFd, at: usize, offset: u64, length: usize) -> io::Result<()> {
        let place = self.in_window(at, length)?;
        let flags = MapFlags::SHARED | MapFlags::FIXED;
        // SAFETY: the range lies in the window, which this value has to itself and gives out no
        // reference into. A skill that has put something of its own there loses it.
        unsafe { mmap(place, length, ProtFlags::READ, flags, fd, offset) }?;
        Ok(())
    }

    /// Takes away what is mapped in a range of the window.
    ///
    /// # Errors
    /// As for [`Arena::show`].
    pub fn hide(&self, at: usize, length: usize) -> io::Result<()> {
        let place = self.in_window(at, length)?;
        // SAFETY: as in `show`.
        unsafe { mmap_anonymous(place, length, ProtFlags::empty(), FREE | MapFlags::FIXED) }?;
        Ok(())
    }

    fn in_window(&self, at: usize, length: usize) -> io::Result<*mut std::ffi::c_void> {
        let end = at.checked_add(length).filter(|end| *end <= self.mapped);
        if at < begin(self.size) || length == 0 || end.is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(self.base.as_ptr().wrapping_add(at).cast())
    }

    /// Maps the arena itself at an address where nothing lies that anybody needs.
    fn map_at(start: *mut std::ffi::c_void, fd: impl AsFd, size: usize) -> io::Result<Self> {
        Arena::checked(size)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::SHARED | MapFlags::FIXED;
        // SAFETY: the caller has just reserved these addresses, and more behind them.
        let base = unsafe { mmap(start, size, protection, flags, fd, 0) }?;
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Arena { base, size, mapped: size })
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use super::*;
    use crate::arena::ARGS;

    const SIZE: usize = 1 << 20;
    const WINDOW: usize = 8 << 20;

    fn arena() -> Arena {
        let (_, fd) = Arena::create(SIZE).unwrap();
        Arena::map_with_window(&fd, SIZE, WINDOW).unwrap()
    }

    fn file(bytes: &[u8]) -> OwnedFd {
        let fd = rustix::fs::memfd_create("file", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        rustix::io::write(&fd, bytes).unwrap();
        fd
    }

    /// What lies at a place of the window.
    fn bytes(arena: &Arena, at: usize, length: usize) -> Vec<u8> {
        let mut found = vec![0; length];
        let from = arena.base.as_ptr().wrapping_add(at);
        // SAFETY: the tests below ask for what they have just mapped.
        unsafe { std::ptr::copy_nonoverlapping(from, found.as_mut_ptr(), length) };
        found
    }

    #[test]
    fn a_file_is_shown_where_it_was_asked_for_and_is_gone_afterwards() {
        let arena = arena();
        assert_eq!(arena.base.as_ptr() as usize % PIECE, 0);
        let at = begin(SIZE);
        arena.show(file(b"one"), at, 0, 3).unwrap();
        arena.show(file(b"two"), at + PIECE, 0, 3).unwrap();
        assert_eq!(
            (bytes(&arena, at, 3), bytes(&arena, at + PIECE, 3)),
            (b"one".into(), b"two".into())
        );
        arena.hide(at, PIECE + 3).unwrap();
        arena.show(file(b"six"), at, 0, 3).unwrap();
        assert_eq!(bytes(&arena, at, 3), b"six");
        // The arena is where it was.
        arena.write(ARGS, b"args").unwrap();
        assert_eq!(arena.copy(ARGS, 4).unwrap(), b"args");
    }

    #[test]
    fn nothing_is_shown_outside_of_the_window() {
        let arena = arena();
        let end = begin(SIZE) + WINDOW;
        for (at, length) in [(0, 8), (ARGS, 8), (SIZE, 8), (end - 4, 8), (end, 1), (usize::MAX, 8)]
        {
            let error = arena.show(file(b"12345678"), at, 0, length).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{at}");
            assert!(arena.hide(at, length).is_err());
        }
        let (_, fd) = Arena::create(SIZE).unwrap();
        let without = Arena::map(&fd, SIZE).unwrap();
        assert!(without.show(file(b"1"), begin(SIZE), 0, 1).is_err());
    }
}
