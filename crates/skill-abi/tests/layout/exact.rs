//! The bytes of one value of each kind, written out by hand: the examples of the specification,
//! and what its table says. Digits are hexadecimal; a dot is a zero byte that carries nothing.

use std::sync::Arc;

use saggar_skill_abi::{Enum, Field, Function, Param, Record, Type, decode, encode};
use serde_json::{Value, json};

fn bytes(text: &str) -> Vec<u8> {
    let byte = |word: &str| match word {
        "." => vec![0],
        text if text.starts_with('\'') => text.as_bytes()[1..].to_vec(),
        digits => {
            let digit = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            (0..digits.len()).step_by(2).map(digit).collect()
        }
    };
    text.split_whitespace().flat_map(byte).collect()
}

/// A block as the host writes it and reads it.
fn check(ty: &Type, value: &Value, block: &str) {
    let block = bytes(block);
    assert_eq!(encode::value(ty, value, "value").unwrap(), block, "{ty} {value}");
    assert_eq!(decode::result(Some(ty), &block).unwrap(), *value, "{ty}");
}

fn args(params: &[(&str, Type)], args: &[Value], block: &str) {
    let params = params.iter().map(|(name, ty)| Param { name: (*name).into(), ty: ty.clone() });
    let function = Function { name: "f".into(), params: params.collect(), result: None };
    assert_eq!(encode::args(&function, args).unwrap(), bytes(block), "{function}");
}

fn record(name: &str, fields: &[(&str, Type)]) -> Type {
    let fields = fields.iter().map(|(name, ty)| Field { name: (*name).into(), ty: ty.clone() });
    Type::Record(Arc::new(Record { name: name.into(), fields: fields.collect() }))
}

fn cases(count: usize) -> Type {
    let cases = (0..count).map(|i| format!("c{i}")).collect();
    Type::Enum(Arc::new(Enum { name: "e".into(), cases }))
}

fn result(ok: Option<Type>, err: Option<Type>) -> Type {
    Type::Result { ok: ok.map(Box::new), err: err.map(Box::new) }
}

const NONE_7: &str = ". . . . . . .";

#[test]
fn the_examples_of_the_specification() {
    args(
        &[("text", Type::String), ("word", Type::String)],
        &[json!("a b a"), json!("a")],
        "2000000000000000 0500000000000000 2600000000000000 0100000000000000 'a 20 'b 20 'a . 'a .",
    );
    check(&Type::U64, &json!(2), "0200000000000000");
    let item =
        record("item", &[("id", Type::U16), ("price", Type::F32.option()), ("name", Type::String)]);
    let jug = json!({"id": 7, "price": 1.5, "name": "jug"});
    let rest = "0700 . . 01 . . . 0000c03f . . . .";
    args(
        &[("items", item.clone().list())],
        &[json!([jug])],
        &format!(
            "1000000000000000 0100000000000000 {rest} 3000000000000000 0300000000000000 'jug ."
        ),
    );
    check(
        &result(Some(item), Some(Type::Char)),
        &json!({ "ok": jug }),
        &format!("00 {NONE_7} {rest} 2800000000000000 0300000000000000 'jug ."),
    );
}

#[test]
fn scalars_stand_as_they_are() {
    check(&Type::Bool, &json!(true), "01");
    check(&Type::S8, &json!(-2), "fe");
    check(&Type::U8, &json!(254), "fe");
    check(&Type::S16, &json!(-2), "feff");
    check(&Type::U16, &json!(0x1234), "3412");
    check(&Type::S32, &json!(i32::MIN), "00000080");
    check(&Type::U32, &json!(0x1234_5678), "78563412");
    check(&Type::S64, &json!(i64::MIN), "0000000000000080");
    check(&Type::U64, &json!(u64::MAX), "ffffffffffffffff");
    check(&Type::F32, &json!(-0.5), "000000bf");
    check(&Type::F64, &json!(1.0), "000000000000f03f");
    check(&Type::F64, &json!("-Infinity"), "000000000000f0ff");
    check(&Type::Char, &json!("🦀"), "80f90100");
    check(&cases(256), &json!("c255"), "ff");
    check(&cases(257), &json!("c256"), "0001");
}

#[test]
fn texts_and_lists_lie_behind() {
    check(&Type::String, &json!("é"), "1000000000000000 0200000000000000 c3a9 .");
    check(&Type::String, &json!(""), "1000000000000000 0000000000000000 .");
    check(&Type::U16.list(), &json!([1, 2]), "1000000000000000 0200000000000000 0100 0200");
    check(&Type::U16.list(), &json!([]), "1000000000000000 0000000000000000");
    check(
        &Type::Tuple(vec![Type::String, Type::U64.list()]),
        &json!(["a", [1]]),
        "2000000000000000 0100000000000000 2800000000000000 0100000000000000 \
         61 . . . . . . . 0100000000000000",
    );
    check(
        &Type::String.list(),
        &json!(["a", "bc"]),
        "1000000000000000 0200000000000000 \
         3000000000000000 0100000000000000 3200000000000000 0200000000000000 61 . 62 63 .",
    );
    check(
        &Type::Tuple(vec![Type::U16, Type::U8]).list(),
        &json!([[1, 2], [3, 4]]),
        "1000000000000000 0200000000000000 0100 02 . 0300 04 .",
    );
}

#[test]
fn members_lie_on_their_own_boundaries() {
    let triple = Type::Tuple(vec![Type::U8, Type::U32, Type::U8]);
    check(&triple, &json!([1, 2, 3]), "01 . . . 02000000 03 . . .");
    let small = record("small", &[("z", Type::U8), ("a", Type::Bool)]);
    check(&small, &json!({"z": 1, "a": true}), "01 01");
    let nested = record("nested", &[("tag", Type::U8), ("inner", triple)]);
    check(&nested, &json!({"tag": 9, "inner": [1, 2, 3]}), "09 . . . 01 . . . 02000000 03 . . .");
    args(&[("a", Type::U8), ("b", Type::U16)], &[json!(1), json!(2)], "01 . 0200 . . . .");
    args(&[], &[], "");
}

#[test]
fn payloads_lie_behind_their_tag() {
    check(&Type::U8.option(), &Value::Null, "00 .");
    check(&Type::U8.option(), &json!(7), "01 07");
    check(&Type::U32.option(), &json!(7), "01 . . . 07000000");
    let twice = Type::U64.option().option();
    check(&twice, &Value::Null, "00 . . . . . . . . . . . . . . . . . . . . . . .");
    check(&twice, &json!({"some": null}), "01 . . . . . . . 00 . . . . . . . . . . . . . . .");
    check(&twice, &json!({"some": 5}), &format!("01 {NONE_7} 01 {NONE_7} 0500000000000000"));
    check(&result(None, None), &json!({"ok": null}), "00");
    check(&result(None, None), &json!({"err": null}), "01");
    let mixed = result(Some(Type::U8), Some(Type::U64));
    check(&mixed, &json!({"ok": 5}), &format!("00 {NONE_7} 05 {NONE_7}"));
    check(&mixed, &json!({"err": 5}), &format!("01 {NONE_7} 0500000000000000"));
    check(&result(None, Some(Type::U16)), &json!({"ok": null}), "00 . . .");
    check(&result(None, Some(Type::U16)), &json!({"err": 5}), "01 . 0500");
}
