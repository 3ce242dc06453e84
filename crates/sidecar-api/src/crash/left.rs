//! What a crash handler left in the arena, copied once. The skill may have written it: nothing here
//! is believed, it is only shown.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::arena::{Crash, LATE, REGISTERS, Words};

/// `si_code` of a signal that a process sent to a thread, its own for instance (sigaction(2)).
pub(super) const SI_TKILL: u32 = 0u32.wrapping_sub(6);

/// The state of the processor and of the stack at a crash.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) signal: u32,
    /// `si_code`.
    pub(super) code: u32,
    pub(super) address: u64,
    pub(super) fault: u64,
    /// By their numbers in DWARF.
    pub(super) registers: Vec<u64>,
    stack: [Piece; 2],
    /// Where it says that the artifact lies: any number.
    pub(super) base: u64,
}

/// A copy of some memory.
#[derive(Debug, Default)]
struct Piece {
    start: u64,
    words: Vec<u64>,
}

#[cfg(target_arch = "x86_64")]
mod number {
    pub(crate) const STACK_POINTER: u16 = 7;
    /// Where the return address, and so the instruction pointer, stands.
    pub(crate) const INSTRUCTION: u16 = 16;
    pub(crate) const RETURN: u16 = 16;
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub(crate) const STACK_POINTER: u16 = 31;
    pub(crate) const INSTRUCTION: u16 = 32;
    pub(crate) const RETURN: u16 = 30;
}

pub(super) use number::{INSTRUCTION, RETURN, STACK_POINTER};

impl Left {
    pub(super) fn take(crash: &Crash) -> Self {
        let word = |word: &AtomicU64| word.load(Ordering::Acquire);
        Left {
            signal: crash.signal.load(Ordering::Acquire),
            code: crash.code.load(Ordering::Acquire),
            address: word(&crash.address),
            fault: word(&crash.fault),
            registers: crash.registers.iter().take(REGISTERS).map(word).collect(),
            stack: [Piece::take(&crash.stack), Piece::take(&crash.stack_end)],
            base: word(&crash.base),
        }
    }

    /// Whether it was left by exit(3), which has a signal sent before it ends the process.
    pub(super) fn is_of_exit(&self) -> bool {
        self.signal == LATE.as_raw().unsigned_abs() && self.code == SI_TKILL
    }

    pub(super) fn register(&self, number: u16) -> u64 {
        self.registers.get(usize::from(number)).copied().unwrap_or(0)
    }

    pub(super) fn instruction(&self) -> u64 {
        self.register(INSTRUCTION)
    }

    pub(super) fn stack_pointer(&self) -> u64 {
        self.register(STACK_POINTER)
    }

    /// The registers that hold values and addresses.
    pub(super) fn general(&self) -> &[u64] {
        &self.registers[..self.registers.len().min(usize::from(RETURN))]
    }

    /// A word of the stack, where it was copied.
    pub(super) fn word(&self, address: u64) -> Option<u64> {
        self.stack.iter().find_map(|piece| {
            let offset = address.checked_sub(piece.start).filter(|offset| offset % 8 == 0)?;
            piece.words.get(usize::try_from(offset / 8).ok()?).copied()
        })
    }

    /// The next address at or above this one of which there is a copy.
    pub(super) fn next(&self, address: u64) -> Option<u64> {
        let address = address.checked_next_multiple_of(8)?;
        let from = |piece: &Piece| {
            let end = piece.start.checked_add(8 * piece.words.len() as u64)?;
            Some(address.max(piece.start)).filter(|at| *at < end)
        };
        self.stack.iter().filter_map(from).min()
    }

    #[cfg(test)]
    pub(super) fn of(registers: &[(u16, u64)], start: u64, words: &[u64]) -> Self {
        let mut left = Left { registers: vec![0; REGISTERS], ..Left::default() };
        for (number, value) in registers {
            left.registers[usize::from(*number)] = *value;
        }
        left.stack[0] = Piece { start, words: words.to_vec() };
        left
    }
}

impl Piece {
    fn take<const N: usize>(words: &Words<N>) -> Self {
        let count = usize::try_from(words.count.load(Ordering::Acquire)).unwrap_or(0).min(N);
        Piece {
            start: words.start.load(Ordering::Acquire) & !7,
            words: words.words[..count].iter().map(|w| w.load(Ordering::Relaxed)).collect(),
        }
    }
}
