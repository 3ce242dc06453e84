//! What single instructions of aarch64 say of a crash.

use super::image::Image;
use super::left::Left;

/// Integer division never traps.
pub(super) fn divided_by_zero(_: &[u8], _: &Left) -> Option<bool> {
    None
}

/// Unaligned memory is no fault.
pub(super) fn wants_alignment(_: &[u8]) -> bool {
    false
}

/// Whether this is the instruction that compilers write where nothing may come (brk, udf).
pub(super) fn is_trap(bytes: &[u8]) -> bool {
    let Some(word) = bytes.first_chunk().map(|word| u32::from_le_bytes(*word)) else {
        return false;
    };
    word & 0xffe0_001f == 0xd420_0000 || word < 1 << 16
}

/// The instruction pointer is at what stopped it.
pub(super) fn stopped_behind(_: &Left) -> bool {
    false
}

/// Whether no address of the user's can be this.
pub(super) fn is_no_address(value: u64) -> bool {
    value >> 52 != 0
}

/// Whether a return address stands behind a call (bl, blr).
pub(super) fn returns_to(image: &Image<'_>, goes_on: u64) -> bool {
    let before = image.before(goes_on, 4).first_chunk();
    before
        .map(|word| u32::from_le_bytes(*word))
        .is_some_and(|word| word >> 26 == 0b10_0101 || word & 0xffff_fc1f == 0xd63f_0000)
}

/// The linkage table is not read.
pub(super) fn called<'a>(_: &Image<'a>, _: u64) -> Option<&'a str> {
    None
}
