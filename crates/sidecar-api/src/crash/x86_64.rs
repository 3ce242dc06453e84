//! What single instructions of x86_64 say of a crash. Reads bytes of the artifact, which are
//! hostile: each question looks at fifteen bytes at most.

use super::image::Image;
use super::left::Left;

/// An instruction behind its prefixes.
struct Instruction<'a> {
    /// Bits of the REX prefix.
    rex: u8,
    /// There is a prefix 0x66.
    narrow: bool,
    rest: &'a [u8],
}

fn instruction(bytes: &[u8]) -> Instruction<'_> {
    let (mut rex, mut narrow, mut rest) = (0, false, bytes);
    while let [prefix @ (0x66 | 0xf2 | 0xf3 | 0x40..=0x4f), more @ ..] = rest
        && bytes.len() - rest.len() < 4
    {
        match prefix {
            0x40..=0x4f => rex = *prefix,
            0x66 => narrow = true,
            _ => {}
        }
        rest = more;
    }
    Instruction { rex, narrow, rest }
}

/// Why an integer division trapped: by zero, or because the quotient does not fit. `None` where
/// the instruction does not say.
pub(super) fn divided_by_zero(bytes: &[u8], left: &Left) -> Option<bool> {
    let Instruction { rex, narrow, rest } = instruction(bytes);
    let [opcode @ (0xf6 | 0xf7), modrm, ..] = rest else { return None };
    let bits = match (opcode, rex & 8 != 0, narrow) {
        (0xf6, ..) => 8,
        (_, true, _) => 64,
        (_, _, true) => 16,
        _ => 32,
    };
    let mask = u64::MAX >> (64 - bits);
    if modrm >> 6 == 3 {
        let number = (modrm & 7) | ((rex & 1) << 3);
        // By their numbers in instructions: rax rcx rdx rbx rsp rbp rsi rdi, in DWARF's numbers.
        const ORDER: [u16; 8] = [0, 2, 1, 3, 7, 6, 4, 5];
        let number = ORDER.get(usize::from(number)).copied().unwrap_or(number.into());
        return Some(left.register(number) & mask == 0);
    }
    // The divisor lies in memory, which is not left. The smallest dividend alone does not fit.
    Some(left.register(0) & mask != 1 << (bits - 1))
}

/// Whether it is one of the moves that want their memory at a multiple of their size.
pub(super) fn wants_alignment(bytes: &[u8]) -> bool {
    let Instruction { narrow, rest, .. } = instruction(bytes);
    match rest {
        [0x0f, 0x28 | 0x29 | 0x2b, ..] => true,
        [0x0f, 0x6f | 0x7f | 0xe7, ..] => narrow,
        [0xc5, _, 0x28 | 0x29 | 0x2b | 0x6f | 0x7f | 0xe7, ..] => true,
        [0xc4, _, _, 0x28 | 0x29 | 0x2b | 0x6f | 0x7f | 0xe7, ..] => true,
        [0x62, _, _, _, 0x28 | 0x29 | 0x2b | 0x6f | 0x7f | 0xe7, ..] => true,
        _ => false,
    }
}

/// Whether this is the instruction that compilers write where nothing may come (ud2).
pub(super) fn is_trap(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x0f, 0x0b])
}

/// Whether the instruction pointer is behind what stopped it (int3).
pub(super) fn stopped_behind(left: &Left) -> bool {
    left.signal == 5 && left.code.cast_signed() > 0
}

/// Whether no address can be this: bits 47 to 63 differ.
pub(super) fn is_no_address(value: u64) -> bool {
    let high = value >> 47;
    high != 0 && high != (1 << 17) - 1
}

/// Whether a return address stands behind a call.
pub(super) fn returns_to(image: &Image<'_>, goes_on: u64) -> bool {
    (2..=7).any(|count| ends_with_call(image.before(goes_on, count)))
}

/// Whether bytes end with a call.
fn ends_with_call(before: &[u8]) -> bool {
    let indirect = |back: usize, modrm: std::ops::RangeInclusive<u8>| {
        let Some(at) = before.len().checked_sub(back) else { return false };
        before[at] == 0xff
            && before.get(at + 1).is_some_and(|m| m >> 3 & 7 == 2 && modrm.contains(m))
    };
    let direct = before.len().checked_sub(5).is_some_and(|at| before[at] == 0xe8);
    direct
        || indirect(2, 0x10..=0xd7)
        || indirect(3, 0x10..=0x57)
        || indirect(4, 0x54..=0x54)
        || indirect(6, 0x10..=0x97)
        || indirect(7, 0x14..=0x94)
}

/// The function of a library that the call before a return address calls.
pub(super) fn called<'a>(image: &Image<'a>, goes_on: u64) -> Option<&'a str> {
    let relative = |bytes: &[u8], from: u64| {
        let offset = i32::from_le_bytes(*bytes.first_chunk()?);
        Some(from.wrapping_add_signed(offset.into()))
    };
    match image.before(goes_on, 6) {
        [0xff, 0x15, offset @ ..] => image.imported(relative(offset, goes_on)?),
        [_, 0xe8, offset @ ..] => {
            // An entry of the procedure linkage table: perhaps endbr64, perhaps bnd, jmp *SLOT.
            let target = relative(offset, goes_on)?;
            let entry = image.bytes(target);
            let jump = (0..=5).find(|at| entry.get(*at..at + 2) == Some(&[0xff, 0x25]))?;
            let end = target.wrapping_add(jump as u64 + 6);
            image.imported(relative(entry.get(jump + 2..)?, end)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_tells_zero_from_a_quotient_that_does_not_fit() {
        let by = |bytes: &[u8], registers: &[(u16, u64)]| {
            divided_by_zero(bytes, &Left::of(registers, 0, &[]))
        };
        // idiv ecx; idiv r9; div cl; idiv dword [rdi]
        assert_eq!(by(&[0xf7, 0xf9], &[(2, 0xffff_ffff_0000_0000)]), Some(true));
        assert_eq!(by(&[0xf7, 0xf9], &[(2, 0xffff_ffff)]), Some(false));
        assert_eq!(by(&[0x49, 0xf7, 0xf9], &[(9, 0)]), Some(true));
        assert_eq!(by(&[0x49, 0xf7, 0xf9], &[(9, u64::MAX)]), Some(false));
        assert_eq!(by(&[0xf6, 0xf1], &[(2, 0x100)]), Some(true));
        assert_eq!(by(&[0xf7, 0x3f], &[(0, 0x8000_0000)]), Some(false));
        assert_eq!(by(&[0xf7, 0x3f], &[(0, 7)]), Some(true));
        assert_eq!(by(&[0x90], &[]), None);
    }

    #[test]
    fn a_return_address_stands_behind_a_call() {
        for call in [
            &[0xe8, 1, 2, 3, 4][..],
            &[0xff, 0xd0],
            &[0x41, 0xff, 0xd4],
            &[0xff, 0x50, 0x18],
            &[0xff, 0x15, 1, 2, 3, 4],
            &[0xff, 0x54, 0x24, 8],
        ] {
            let before = [&[0x90; 4], call].concat();
            assert!(ends_with_call(&before), "{call:x?}");
        }
        for other in [&[][..], &[0x90; 8], &[0xff, 0xe0], &[0x90, 0xc3]] {
            assert!(!ends_with_call(other), "{other:x?}");
        }
    }
}
