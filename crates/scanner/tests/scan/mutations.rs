//! Bytes that are no object, or nearly one: never a panic, never a pass that is not earned.

use proptest::prelude::*;

use crate::objects::{PLAIN, scan};

#[test]
fn s01_truncated_at_every_length() {
    let whole = PLAIN.len();
    for length in 0..whole {
        let verdict = scan(&PLAIN[..length]);
        // Only section headers, which nobody reads, may be missing.
        assert!(!verdict.passed() || length >= loaded(), "{length} of {whole}");
    }
    assert!(scan(&PLAIN).passed());
}

/// The end of what the loader maps.
fn loaded() -> usize {
    let at = crate::objects::program_header(&PLAIN, object::elf::PT_LOAD, 3);
    let word = |at: usize| u64::from_le_bytes(PLAIN[at..at + 8].try_into().unwrap());
    usize::try_from(word(at + 8) + word(at + 32)).unwrap()
}

#[test]
fn s01_every_byte_of_the_headers_flipped() {
    for at in (0..1024.min(PLAIN.len())).chain(loaded() - 1024..loaded()) {
        for bits in [0xff, 0x80, 0x01] {
            let mut object = PLAIN.clone();
            object[at] ^= bits;
            let _verdict = scan(&object);
        }
    }
}

#[test]
fn s01_findings_and_names_are_bounded() {
    let mut symbols = String::from("int g;");
    for i in 0..300 {
        symbols += &format!(
            "long execl{i}(); __attribute__((visibility(\"default\"))) long f{i}(void) \
             {{ return execl{i}(); }}\n"
        );
    }
    let object = crate::objects::c(&symbols, &["-Wl,-z,undefs"]);
    let verdict = scan(&object);
    assert_eq!(verdict.findings.len(), 101);
    assert_eq!(verdict.findings[100].rule, "S01-more");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s01_random_bytes(bytes: Vec<u8>) {
        prop_assert!(!scan(&bytes).passed());
    }

    #[test]
    fn s01_random_bytes_behind_a_sound_header(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        let object = [&PLAIN[..64], &bytes].concat();
        prop_assert!(!scan(&object).passed());
    }

    #[test]
    fn s01_random_flips(flips in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..16)) {
        let mut object = PLAIN.clone();
        for (at, bits) in flips {
            let at = at.index(object.len());
            object[at] ^= bits;
        }
        let _verdict = scan(&object);
    }

    #[test]
    fn s01_random_words_where_the_loader_looks(
        words in prop::collection::vec((any::<prop::sample::Index>(), word()), 1..4),
    ) {
        let mut object = PLAIN.clone();
        let places: Vec<usize> = (0..0x600).chain(loaded() - 0x400..loaded() - 8).step_by(8).collect();
        for (place, value) in words {
            let at = places[place.index(places.len())];
            object[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let _verdict = scan(&object);
    }
}

/// Words that break arithmetic more often than random ones.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0u64..0x10000,
        Just(u64::MAX),
        Just(i64::MAX.cast_unsigned()),
        Just(1 << 32),
        Just(u64::from(u32::MAX)),
        (0u32..64).prop_map(|bit| 1 << bit),
    ]
}
