//! Proves the binary layout: what the host writes and reads against a second implementation, which
//! is written from the specification in `layout` alone, against bytes written out by hand, and
//! against blocks that an enemy has tampered with.

#![expect(clippy::unwrap_used, reason = "a helper of a test may panic as the test may")]

#[path = "layout/exact.rs"]
mod exact;
#[path = "layout/hostile.rs"]
mod hostile;
#[path = "layout/random.rs"]
mod random;
#[path = "layout/refusals.rs"]
mod refusals;
#[path = "layout/second.rs"]
mod second;

use proptest::prelude::*;
use saggar_skill_abi::{Function, Param, Type, decode, encode};
use serde_json::Value;

use second::{Data, json};

fn function(types: Vec<Type>) -> Function {
    let params = types.into_iter().map(|ty| Param { name: "p".into(), ty }).collect();
    Function { name: "f".into(), params, result: None }
}

/// Compares the texts: as numbers, 0 and -0 would be the same.
fn same(left: &Value, right: &Value) {
    assert_eq!(left.to_string(), right.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_the_host_passes_is_what_is_read(
        args in prop::collection::vec(random::typed(), 0..4),
    ) {
        let (types, values): (Vec<_>, Vec<_>) = args.into_iter().unzip();
        let written: Vec<_> = types.iter().zip(&values).map(|(ty, v)| json(ty, v)).collect();
        let block = encode::args(&function(types.clone()), &written).unwrap();
        let read = second::read_args(&types, &block);
        for ((ty, read), written) in types.iter().zip(&read).zip(&written) {
            same(&json(ty, read), written);
        }
    }

    #[test]
    fn what_the_host_writes_it_reads((ty, value) in random::typed()) {
        let written = json(&ty, &value);
        let block = encode::value(&ty, &written, "value").unwrap();
        same(&json(&ty, &second::read(&ty, &block)), &written);
        same(&decode::result(Some(&ty), &block).unwrap(), &written);
    }

    #[test]
    fn a_result_may_lie_in_any_order_with_gaps((ty, value) in random::typed(), seed: u64) {
        let block = second::write(&ty, &value, Some(seed));
        same(&json(&ty, &second::read_loose(&ty, &block)), &json(&ty, &value));
        same(&decode::result(Some(&ty), &block).unwrap(), &json(&ty, &value));
    }
}

/// 33285.5625 has two shortest decimals, 33285.562 and 33285.563, both equally near.
#[test]
fn an_f32_between_two_shortest_decimals_is_written_as_the_even_one() {
    let number = Data::Float32(f32::from_bits(0x4702_0590));
    let block = second::write(&Type::F32, &number, None);
    let read = decode::result(Some(&Type::F32), &block).unwrap();
    same(&read, &json(&Type::F32, &number));
    assert_eq!(read.to_string(), "33285.562");
    assert_eq!(encode::value(&Type::F32, &read, "value").unwrap(), block);
}

#[test]
fn the_one_f32_whose_shortest_decimal_is_ambiguous_comes_back() {
    // 7.038531e-26, read as f64, lies in the middle between this f32 and the next.
    for number in [f32::from_bits(0x15ae_43fd), f32::from_bits(0x15ae_43fe)] {
        let block = second::write(&Type::F32, &Data::Float32(number), None);
        let read = decode::result(Some(&Type::F32), &block).unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "what a reader of the JSON does")]
        let rounded = read.as_f64().unwrap() as f32;
        assert_eq!(rounded.to_bits(), number.to_bits());
        let written: f64 = format!("{number:e}").parse().unwrap();
        assert_eq!(encode::value(&Type::F32, &written.into(), "value").unwrap(), block);
    }
}
