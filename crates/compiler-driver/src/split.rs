//! What a linker wrote, split in what is loaded and what explains a crash. The loader reads no
//! section, so that what lies behind the last segment is nothing to it. Pure: bytes in, bytes out.

use std::ops::Range;

/// Size of an ELF header of 64 bits (elf(5)), and where in it the fields are.
const HEADER: usize = 64;
const PROGRAM_HEADERS: usize = 32;
const SECTION_HEADERS: Range<usize> = 40..48;
const PROGRAM_HEADER_SIZE: usize = 54;
const PROGRAM_HEADER_COUNT: usize = 56;
/// Number of section headers, and which of them holds their names.
const SECTION_COUNTS: Range<usize> = 60..64;
/// A program header of 64 bits: size, and where in it offset and size in the file are.
const ENTRY: usize = 56;
const OFFSET: usize = 8;
const FILE_SIZE: usize = 32;

/// The part of a shared object that is loaded: everything up to the end of its last segment, its
/// header without section headers. `None` where nothing would become shorter, or where it is no such
/// object: then it is what the scanner refuses.
pub(crate) fn loaded(whole: &[u8]) -> Option<Vec<u8>> {
    let half = |at: usize| Some(u16::from_le_bytes(*whole.get(at..)?.first_chunk()?));
    let word =
        |at: usize| usize::try_from(u64::from_le_bytes(*whole.get(at..)?.first_chunk()?)).ok();
    if !whole.starts_with(b"\x7fELF\x02\x01") || usize::from(half(PROGRAM_HEADER_SIZE)?) != ENTRY {
        return None;
    }
    let (start, count) = (word(PROGRAM_HEADERS)?, usize::from(half(PROGRAM_HEADER_COUNT)?));
    let mut end = HEADER.max(start.checked_add(count.checked_mul(ENTRY)?)?);
    for index in 0..count {
        // Of any kind: one that is not loaded may still be read.
        let header = start.checked_add(index.checked_mul(ENTRY)?)?;
        let segment_end = word(header.checked_add(OFFSET)?)?
            .checked_add(word(header.checked_add(FILE_SIZE)?)?)?;
        end = end.max(segment_end);
    }
    if end >= whole.len() {
        return None;
    }
    let mut loaded = whole[..end].to_vec();
    loaded[SECTION_HEADERS].fill(0);
    loaded[SECTION_COUNTS].fill(0);
    Some(loaded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object of one segment of 100 bytes and as much behind it.
    fn object() -> Vec<u8> {
        let mut whole = vec![7u8; 400];
        whole[..HEADER].fill(0);
        whole[..6].copy_from_slice(b"\x7fELF\x02\x01");
        whole[PROGRAM_HEADERS..][..8].copy_from_slice(&64u64.to_le_bytes());
        whole[SECTION_HEADERS].copy_from_slice(&300u64.to_le_bytes());
        whole[PROGRAM_HEADER_SIZE..][..2].copy_from_slice(&56u16.to_le_bytes());
        whole[PROGRAM_HEADER_COUNT..][..2].copy_from_slice(&1u16.to_le_bytes());
        whole[SECTION_COUNTS].copy_from_slice(&[3, 0, 2, 0]);
        whole[64 + OFFSET..][..8].copy_from_slice(&100u64.to_le_bytes());
        whole[64 + FILE_SIZE..][..8].copy_from_slice(&100u64.to_le_bytes());
        whole
    }

    #[test]
    fn what_is_loaded_ends_with_the_last_segment_and_names_no_section() {
        let whole = object();
        let loaded = loaded(&whole).unwrap();
        assert_eq!(loaded.len(), 200);
        assert_eq!(loaded[HEADER..], whole[HEADER..200]);
        assert!(loaded[SECTION_HEADERS].iter().chain(&loaded[SECTION_COUNTS]).all(|b| *b == 0));
        assert_eq!(super::loaded(&loaded), None, "there is no more to leave out");
    }

    #[test]
    fn what_is_no_such_object_stays_whole() {
        assert_eq!(loaded(b""), None);
        assert_eq!(loaded(b"\x7fELF\x02\x01"), None);
        let whole = object();
        for at in [PROGRAM_HEADERS, 64 + OFFSET, 64 + FILE_SIZE] {
            let mut damaged = whole.clone();
            damaged[at..at + 8].fill(0xff);
            assert_eq!(loaded(&damaged), None, "{at}");
        }
        for length in 0..whole.len() {
            loaded(&whole[..length]);
        }
    }
}
