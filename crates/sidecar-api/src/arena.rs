//! The arena: a sealed memfd that host and sidecar both map.
//!
//! ```text
//! 0        control block, what a crash left included
//! 73728    the argument block of the call under way
//! …        its result block, from the next multiple of 64 to the end
//! ```
//!
//! In a batch there are the lengths of the argument blocks at 73728, then what the sidecar says of each
//! call ([`End`]), then the argument blocks ([`place`]), then the result blocks ([`Arena::behind`]), each
//! of the four from the next multiple of 64: what one side writes shares no cache line with what the
//! other does. What goes from one processor to the other is cache lines, and they take longer than a
//! small call does: small blocks share them.
//!
//! A call: the host fills in the arguments, then the fields of the control block, then counts
//! `request` up and rings; the sidecar writes the result, then its fields, then copies the number
//! to `reply` and rings. Every word the other side writes is an atomic; blocks are only touched
//! through raw copies, because the other process may write at any time. The host reads each word
//! once. Arguments that are files are mapped behind the arena, in the sidecar alone; see [`window`].
//! The memfd cannot shrink (F_SEAL_SHRINK), or a peer could make every access a SIGBUS.

pub mod buffer;
pub mod window;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap};
use rustix::process::{Resource, Signal, getrlimit};
use saggar_skill_abi::layout::{BLOCK_ALIGN, SMALL_ALIGN};

use crate::bell::Bell;

/// Where the argument block begins.
pub const ARGS: usize = 4096 * 18;
/// Bytes of stack that a crash handler may leave for the host, from the stack pointer on.
pub const STACK_COPY: usize = 56 * 1024;
/// Bytes that it may leave of the other end of the stack, where the first calls are.
pub const STACK_END: usize = 8 * 1024;
/// Most registers that a crash handler leaves.
pub const REGISTERS: usize = 33;
/// What `reply` holds once the peer is dead; no call has this number.
pub const DEAD: u32 = u32::MAX;

/// The signal by which the host asks a process where it is whose time is over: the crash handler
/// answers it. No library uses it, and it ends a process that does not know it.
pub const LATE: Signal = Signal::XCPU;

/// The first words of the arena. What one side writes lies apart from what the other does: each
/// part is a cache line or more of its own.
#[repr(C)]
pub struct Control {
    /// What the host asks.
    pub asked: Asked,
    /// What the sidecar answers.
    pub answered: Answered,
    /// How far a batch has come.
    pub progress: Progress,
    /// What the crash handler left.
    pub crash: Crash,
}

/// A call, written by the host.
#[repr(C, align(64))]
pub struct Asked {
    /// Number of the last call asked for.
    pub request: Bell,
    /// Which function to call.
    pub function: AtomicU32,
    /// Length of the argument block.
    pub args_len: AtomicU64,
    /// Where the result block begins; in a batch, the first.
    pub result_at: AtomicU64,
    /// Calls of a batch; 0 for a call by itself.
    pub count: AtomicU32,
    /// Files that the call's arguments are in, to be taken from the control socket and mapped; 0 for
    /// none, [`AS_BEFORE`] for those of the last call.
    pub files: AtomicU32,
}

/// In [`Asked::files`]: what the last call left mapped is what this one brings.
pub const AS_BEFORE: u32 = u32::MAX;

/// A batch under way, written by the sidecar.
#[repr(C, align(64))]
pub struct Progress {
    /// How many of its calls are done.
    pub done: AtomicU32,
}

/// How one call of a batch ended, written by the sidecar.
#[repr(C)]
pub struct End {
    /// As in [`Answered::status`].
    pub status: AtomicU64,
    /// Length of the result block.
    pub result_len: AtomicU64,
}

/// The tables of a batch.
pub struct Batch<'a> {
    /// Lengths of the argument blocks, written by the host.
    pub lengths: &'a [AtomicU64],
    /// How the calls ended.
    pub ends: &'a [End],
    /// Where the first argument block begins.
    pub blocks: usize,
}

impl Batch<'_> {
    /// Bytes that tables for so many calls take, at most.
    pub fn tables(count: usize) -> usize {
        count
            .saturating_mul(size_of::<AtomicU64>() + size_of::<End>())
            .saturating_add(2 * BLOCK_ALIGN)
    }
}

/// The end of a call, written by the sidecar.
#[repr(C, align(64))]
pub struct Answered {
    /// Number of the last call answered.
    pub reply: Bell,
    /// How the call ended: `saggar_skill_abi::frame::Status`.
    pub status: AtomicU32,
    /// Length of the result block.
    pub result_len: AtomicU64,
}

/// What the crash handler of a sidecar leaves, of a crash or when it is asked ([`LATE`]): registers and
/// a bounded copy of the stack.
#[repr(C, align(64))]
pub struct Crash {
    /// Signal number; 0 while there was none.
    pub signal: AtomicU32,
    /// `si_code`.
    pub code: AtomicU32,
    /// `si_addr`: the address that was touched.
    pub address: AtomicU64,
    /// Why the page fault happened, where the processor says (x86: bit 1 write, bit 4 execute).
    pub fault: AtomicU64,
    /// The registers by their numbers in DWARF: x86_64 has 16 and behind them the instruction
    /// pointer, aarch64 has 31, the stack pointer and the instruction pointer.
    pub registers: [AtomicU64; REGISTERS],
    /// The words from the stack pointer on.
    pub stack: Words<{ STACK_COPY / 8 }>,
    /// The words before the end of the stack, where the copy above does not reach so far.
    pub stack_end: Words<{ STACK_END / 8 }>,
    /// Where the artifact lies, by the loader's list of objects; 0 where that does not say.
    pub base: AtomicU64,
    /// Rung with the signal when all of the above is there.
    pub complete: Bell,
}

/// A copy of some memory.
#[repr(C)]
pub struct Words<const N: usize> {
    /// Where the first word lay.
    pub start: AtomicU64,
    /// How many were copied.
    pub count: AtomicU64,
    /// As many as `count`.
    pub words: [AtomicU64; N],
}

const _: () = assert!(size_of::<Control>() <= ARGS);

/// Whether this process may make a file of this size: who tries all the same gets a signal that ends it
/// (SIGXFSZ, setrlimit(2)), even for a memory file.
fn may_be_as_large(size: usize) -> io::Result<()> {
    match getrlimit(Resource::Fsize).current {
        Some(most) if most < size as u64 => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("the limit of file sizes (ulimit -f) is {most} bytes, and {size} are needed"),
        )),
        _ => Ok(()),
    }
}

/// Where in a batch an argument block of this length begins, from here on.
pub fn place(from: usize, length: usize) -> usize {
    let boundary = if length > BLOCK_ALIGN { BLOCK_ALIGN } else { SMALL_ALIGN };
    from.checked_next_multiple_of(boundary).unwrap_or(usize::MAX)
}

/// A mapping of the whole arena.
#[derive(Debug)]
pub struct Arena {
    base: NonNull<u8>,
    size: usize,
    /// The same with its window.
    mapped: usize,
}

// SAFETY: the mapping belongs to the value and lives as long as it does; words are atomics, and
// blocks are copied through raw pointers under the one-call-at-a-time rule of the caller.
unsafe impl Send for Arena {}
// SAFETY: as above; no method gives out a reference into a block but to atomics.
unsafe impl Sync for Arena {}

impl Arena {
    /// Makes an arena: a memfd of this size that can neither shrink nor grow, and its mapping.
    ///
    /// # Errors
    /// When memory or descriptors are short, or files may not be so large (`RLIMIT_FSIZE`).
    pub fn create(size: usize) -> io::Result<(Self, OwnedFd)> {
        may_be_as_large(size)?;
        let fd = memfd_create("saggar-arena", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&fd, size as u64)?;
        fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok((Arena::map(&fd, size)?, fd))
    }

    /// Maps an arena that was made by [`Arena::create`].
    ///
    /// # Errors
    /// When it cannot be mapped, or `size` has no room for the control block.
    pub fn map(fd: impl AsFd, size: usize) -> io::Result<Self> {
        Arena::checked(size)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
        let base =
            unsafe { mmap(std::ptr::null_mut(), size, protection, MapFlags::SHARED, fd, 0) }?;
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Arena { base, size, mapped: size })
    }

    fn checked(size: usize) -> io::Result<()> {
        if size <= ARGS {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(())
    }

    /// The control block.
    pub fn control(&self) -> &Control {
        // SAFETY: the mapping is page-aligned, larger than Control, readable and writable while
        // `self` lives; Control is made of atomics, for which every bit pattern is valid and
        // writes by the other process are no data race.
        unsafe { self.base.cast::<Control>().as_ref() }
    }

    /// The tables of a batch of so many calls.
    ///
    /// # Errors
    /// `InvalidData` when the arena has no room for so many.
    pub fn batch(&self, count: usize) -> io::Result<Batch<'_>> {
        if Batch::tables(count) > self.room(ARGS) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let ends = (ARGS + count * size_of::<AtomicU64>()).next_multiple_of(BLOCK_ALIGN);
        let blocks = (ends + count * size_of::<End>()).next_multiple_of(BLOCK_ALIGN);
        // SAFETY: the tables were just checked to lie in the mapping, both at multiples of 8; they
        // are made of atomics, for which every bit pattern is valid and writes by the other
        // process are no data race.
        let (lengths, ends) = unsafe {
            (
                std::slice::from_raw_parts(self.pointer(ARGS).cast::<AtomicU64>(), count),
                std::slice::from_raw_parts(self.pointer(ends).cast::<End>(), count),
            )
        };
        Ok(Batch { lengths, ends, blocks })
    }

    /// Where in a batch the next block may begin after one at this place and of this length; `None`
    /// when that is the end of the arena.
    pub fn behind(&self, at: usize, length: u64) -> Option<usize> {
        let end = at.checked_add(usize::try_from(length).ok()?)?;
        end.checked_next_multiple_of(SMALL_ALIGN).filter(|next| self.room(*next) > 0)
    }

    /// Bytes a block at `at` may have.
    pub fn room(&self, at: usize) -> usize {
        self.size.saturating_sub(at)
    }

    /// Address of a block.
    pub fn pointer(&self, at: usize) -> *mut u8 {
        self.base.as_ptr().wrapping_add(at.min(self.size))
    }

    /// Writes a block. Returns where the next may begin.
    ///
    /// # Errors
    /// `StorageFull` when it does not fit.
    pub fn write(&self, at: usize, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.room(at) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        // SAFETY: the range was just checked to lie in the mapping; `bytes` is not part of it,
        // because no reference into a block exists.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.pointer(at), bytes.len()) };
        Ok((at + bytes.len()).next_multiple_of(BLOCK_ALIGN).min(self.size))
    }

    /// Copies a block out, once: what the other process writes later does not matter.
    ///
    /// # Errors
    /// `InvalidData` when the range does not lie in the arena.
    pub fn copy(&self, at: usize, length: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
        if length > self.room(at) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut out = Vec::with_capacity(length);
        // SAFETY: source range lies in the mapping, destination has the capacity; a concurrent
        // write by the other process gives some bytes or others, all valid u8.
        unsafe {
            std::ptr::copy_nonoverlapping(self.pointer(at), out.as_mut_ptr(), length);
            out.set_len(length);
        }
        Ok(out)
    }

    /// Zeroes a range, so that the next call finds nothing of this one.
    pub fn clear(&self, at: usize, length: usize) {
        let length = length.min(self.room(at));
        // SAFETY: the range lies in the mapping.
        unsafe { std::ptr::write_bytes(self.pointer(at), 0, length) };
    }

    /// Zeroes everything from a place on, where nobody knows how far it was written to. Costs time
    /// only for what was.
    pub fn clear_rest(&self, at: usize) {
        let page = rustix::param::page_size();
        let whole = at.saturating_add(page - 1) & !(page - 1);
        self.clear(at, whole.saturating_sub(at));
        let (start, length) = (self.pointer(whole), self.room(whole));
        // SAFETY: the range lies in the mapping, from a page's boundary to its end; no reference into
        // it exists. The pages are taken out of the memfd: whoever reads them next finds zeroes.
        let removed =
            length == 0 || unsafe { madvise(start.cast(), length, Advice::LinuxRemove) }.is_ok();
        if !removed {
            self.clear(whole, length);
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mapping was made here or in `window`, is exactly this range, and nothing
        // borrows from it any more. A failure would only leave it mapped.
        unsafe { munmap(self.base.as_ptr().cast(), self.mapped) }.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 1 << 20;

    #[test]
    fn i03_the_peer_cannot_shrink_the_arena() {
        let (arena, fd) = Arena::create(SIZE).unwrap();
        let error = ftruncate(&fd, 0).expect_err("the seal holds");
        assert_eq!(error, rustix::io::Errno::PERM);
        assert_eq!(arena.copy(SIZE - 8, 8).unwrap(), [0; 8]);
    }

    #[test]
    fn i03_twin_without_the_seal_it_shrinks() {
        let fd = memfd_create("twin", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
        ftruncate(&fd, SIZE as u64).unwrap();
        let arena = Arena::map(&fd, SIZE).unwrap();
        ftruncate(&fd, 0).unwrap();
        // Touching the arena would be SIGBUS now; the size alone shows it.
        assert_eq!(rustix::fs::fstat(&fd).unwrap().st_size, 0);
        drop(arena);
    }

    #[test]
    fn i01_ranges_outside_the_arena_are_refused() {
        let (arena, _fd) = Arena::create(SIZE).unwrap();
        assert!(arena.copy(ARGS, u64::MAX).is_err());
        assert!(arena.copy(SIZE - 8, 9).is_err());
        assert!(arena.copy(usize::MAX, 1).is_err());
        assert!(arena.write(SIZE - 8, &[0; 9]).is_err());
        arena.clear(SIZE - 8, usize::MAX);
        assert_eq!(arena.behind(SIZE - 64, 0), Some(SIZE - 64));
        assert_eq!(arena.behind(SIZE - 64, 33), Some(SIZE - 16));
        assert_eq!(arena.behind(SIZE - 64, 49), None);
        assert_eq!(place(usize::MAX - 3, 1), usize::MAX);
        assert_eq!(arena.behind(ARGS, u64::MAX), None);
        assert!(arena.batch(usize::MAX).is_err() && arena.batch(SIZE / 24).is_err());
    }

    #[test]
    fn small_blocks_of_a_batch_share_cache_lines_and_others_do_not() {
        let starts = [(0, 64), (64, 65), (1, 0), (1, 64), (1, 65)].map(|(at, len)| place(at, len));
        assert_eq!(starts, [0, 64, 16, 16, 64]);
    }

    #[test]
    fn the_tables_of_a_batch_lie_in_the_arena_and_apart() {
        let (arena, _fd) = Arena::create(SIZE).unwrap();
        for count in [1, 7, 8, 9, 4096] {
            let batch = arena.batch(count).unwrap();
            let ends = batch.ends.as_ptr_range();
            assert!(batch.lengths.as_ptr_range().end.addr() <= ends.start.addr());
            assert_eq!(ends.start.addr() % BLOCK_ALIGN, 0);
            assert!(ends.end.addr() <= arena.pointer(batch.blocks).addr());
            assert!(batch.blocks - ARGS <= Batch::tables(count));
        }
    }

    #[test]
    fn i02_a_block_is_copied_once() {
        let (arena, _fd) = Arena::create(SIZE).unwrap();
        let next = arena.write(ARGS, b"before").unwrap();
        let copy = arena.copy(ARGS, 6).unwrap();
        arena.write(ARGS, b"after!").unwrap();
        assert_eq!((copy.as_slice(), next), (&b"before"[..], ARGS + 64));
    }

    #[test]
    fn l25_what_is_cleared_to_the_end_is_zero_and_no_more() {
        let (arena, fd) = Arena::create(SIZE).unwrap();
        for at in [ARGS, ARGS + 1, ARGS + 4096, SIZE - 1, SIZE] {
            arena.write(ARGS, &[7; SIZE - ARGS]).unwrap();
            arena.clear_rest(at);
            assert!(arena.copy(ARGS, (at - ARGS) as u64).unwrap().iter().all(|byte| *byte == 7));
            let rest = arena.copy(at, (SIZE - at) as u64).unwrap();
            assert!(rest.iter().all(|byte| *byte == 0), "{at}");
        }
        // What the other side has mapped is the same memory.
        let other = Arena::map(&fd, SIZE).unwrap();
        assert_eq!(other.copy(ARGS + 8192, 1).unwrap(), [7]);
        arena.clear_rest(ARGS);
        assert_eq!(other.copy(ARGS + 8192, 1).unwrap(), [0]);
    }
}
