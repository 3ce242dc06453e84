//! Blocks that an enemy wrote: whatever they hold, reading them ends, takes out no more than they
//! are long, and what it takes out is a value like any other.

use proptest::prelude::*;
use saggar_skill_abi::decode::{self, LayoutError, MAX_VALUES};
use saggar_skill_abi::{Field, Record, Type, encode};
use serde_json::Value;

use crate::{random, same, second};

/// Reads a block. A value that comes out is bounded, and goes in and comes out again as it was.
fn check(ty: &Type, block: &[u8]) {
    let Ok(value) = decode::result(Some(ty), block) else { return };
    let mut text = 0;
    let values = measure(ty, &value, &mut text);
    assert!(text <= block.len(), "{text} bytes of text in a block of {}", block.len());
    assert!(values <= MAX_VALUES + ty.nodes(), "{values} values");
    let again = encode::value(ty, &value, "value").unwrap();
    same(&decode::result(Some(ty), &again).unwrap(), &value);
}

/// The values in a value, and the bytes of its strings.
fn measure(ty: &Type, value: &Value, text: &mut usize) -> usize {
    let inside = match value {
        Value::String(string) if *ty == Type::String => {
            *text += string.len();
            0
        }
        Value::Array(items) => match ty.parts()[..] {
            [element] => items.iter().map(|item| measure(element, item, text)).sum(),
            ref members => {
                members.iter().zip(items).map(|(ty, item)| measure(ty, item, text)).sum()
            }
        },
        Value::Object(_) => match ty {
            Type::Record(record) => {
                let fields = record.fields.iter();
                fields.map(|field| measure(&field.ty, &value[&field.name], text)).sum()
            }
            _ => 0,
        },
        _ => 0,
    };
    1 + inside
}

/// What is done to a block that was valid.
#[derive(Clone, Debug)]
enum Harm {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Lengthen(u8),
    /// Overwrites eight bytes at a multiple of eight, where offsets and lengths lie.
    Word(prop::sample::Index, u64),
    /// Copies eight bytes from one place to another, so that two values share theirs.
    Share(prop::sample::Index, prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let edges = vec![0, 1, 2, 7, 8, 16, 1 << 31, 1 << 32, 1 << 60, 1 << 61, 1 << 63, u64::MAX];
    let word = prop_oneof![prop::sample::select(edges), 0..300u64, any::<u64>()];
    prop_oneof![
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, bit)| Harm::Flip(at, bit % 8)),
        any::<prop::sample::Index>().prop_map(Harm::Cut),
        any::<u8>().prop_map(Harm::Lengthen),
        (any::<prop::sample::Index>(), word).prop_map(|(at, word)| Harm::Word(at, word)),
        any::<(prop::sample::Index, prop::sample::Index)>().prop_map(|(a, b)| Harm::Share(a, b)),
    ]
}

fn apply(harm: &Harm, block: &mut Vec<u8>) {
    let words = block.len() / 8;
    match harm {
        Harm::Lengthen(by) => block.resize(block.len() + usize::from(*by), 0x41),
        _ if block.is_empty() => {}
        Harm::Flip(at, bit) => {
            let at = at.index(block.len());
            block[at] ^= 1 << bit;
        }
        Harm::Cut(at) => block.truncate(at.index(block.len())),
        _ if words == 0 => {}
        Harm::Word(at, word) => {
            let at = at.index(words) * 8;
            block[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        Harm::Share(from, to) => {
            let from = from.index(words) * 8;
            block.copy_within(from..from + 8, to.index(words) * 8);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2500))]

    #[test]
    fn i01_a_tampered_block_is_refused_or_is_a_value(
        (ty, value) in random::typed(),
        seed: Option<u64>,
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        let mut block = second::write(&ty, &value, seed);
        harms.iter().for_each(|harm| apply(harm, &mut block));
        check(&ty, &block);
    }

    #[test]
    fn i01_any_bytes_are_refused_or_are_a_value(
        ty in random::types(),
        block in prop::collection::vec(prop_oneof![Just(0), 0..64u8, any::<u8>()], 0..200),
    ) {
        check(&ty, &block);
    }
}

#[test]
fn i01_bytes_are_not_read_out_twice() {
    let two = Type::Tuple(vec![Type::U8.list(), Type::String]);
    let check = |length: u64, fits: bool| {
        let words = [32, length, 32, length].map(u64::to_le_bytes);
        let block = [words.as_flattened(), &[b'x'; 100]].concat();
        let outcome = decode::result(Some(&two), &block);
        assert_eq!(outcome.is_ok(), fits, "{length}");
        assert!(fits || matches!(outcome, Err(LayoutError::Aliased { .. })));
    };
    check(66, true);
    check(67, false);
    check(100, false);
}

/// A list of so many elements whose bytes are all zero.
fn zeros(count: usize, size: usize) -> Vec<u8> {
    let head = [16u64.to_le_bytes(), (count as u64).to_le_bytes()].concat();
    [head, vec![0; count * size]].concat()
}

#[test]
fn l19_objects_count_for_the_memory_they_take() {
    let check = |ty: Type, size: usize, count: usize, fits: bool| {
        let outcome = decode::result(Some(&ty.clone().list()), &zeros(count, size));
        match outcome {
            Ok(_) => assert!(fits, "{count} of {ty}"),
            Err(error) => {
                assert!(!fits && matches!(error, LayoutError::TooMany { .. }), "{ty}: {error}");
            }
        }
    };
    let empty = Type::Result { ok: None, err: None };
    check(empty.clone(), 1, 100_000, true);
    check(empty, 1, MAX_VALUES / 20, false);
    let record = |name: &str| {
        let fields = vec![Field { name: name.into(), ty: Type::Bool }];
        Type::Record(Record { name: "r".into(), fields }.into())
    };
    check(record("a"), 1, 100_000, true);
    check(record("a"), 1, MAX_VALUES / 20, false);
    check(record(&"a".repeat(10_000)), 1, 100_000, false);
}

#[test]
fn l19_lists_without_elements_cost_nothing_whatever_their_type() {
    // A type of 2^12 parts in 13 bytes, in half a million lists that are empty.
    let either = |ty: Type| Type::Result { ok: Some(ty.clone().into()), err: Some(ty.into()) };
    let wide = (0..11).fold(Type::Bool, |ty, _| either(ty));
    let count = 500_000;
    let block = zeros(count, 16);
    let read = decode::result(Some(&wide.clone().list().list()), &block).unwrap();
    assert_eq!(read.as_array().unwrap().len(), count);
    assert!(decode::result(Some(&wide.list()), &zeros(count, 12)).is_err());
}
