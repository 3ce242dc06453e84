//! What the host says of values that a type does not admit, with their place.

use std::sync::Arc;

use saggar_skill_abi::{Enum, Field, Function, Param, Record, Type, decode, encode};
use serde_json::{Value, json};

/// `ty` is the type of the second argument.
fn refused(ty: &Type, value: Value, expected: &str) {
    let params = [("first", Type::Bool), ("second", ty.clone())];
    let params = params.map(|(name, ty)| Param { name: name.into(), ty });
    let function = Function { name: "f".into(), params: params.into(), result: None };
    let error = encode::args(&function, &[json!(true), value]).expect_err(expected);
    assert_eq!(error.to_string(), expected);
}

fn point() -> Type {
    let field = |name: &str, ty| Field { name: name.into(), ty };
    let fields = vec![field("x", Type::F32), field("label", Type::String.option())];
    Type::Record(Arc::new(Record { name: "point".into(), fields }))
}

fn color(count: usize) -> Type {
    let names = ["red", "dark-green"].into_iter().map(str::to_owned);
    let cases = names.chain((2..).map(|i| format!("c{i}"))).take(count).collect();
    Type::Enum(Arc::new(Enum { name: "color".into(), cases }))
}

fn result(ok: Option<Type>, err: Option<Type>) -> Type {
    Type::Result { ok: ok.map(Box::new), err: err.map(Box::new) }
}

#[test]
fn the_place_is_told_through_every_kind_of_value() {
    let path = Record {
        name: "path".into(),
        fields: vec![Field { name: "points".into(), ty: point().list() }],
    };
    let path = Type::Record(Arc::new(path));
    let good = json!({"x": 1});
    let bad = json!({"x": "1"});
    refused(
        &path,
        json!({"points": [good, good, good, bad]}),
        "args[1].points[3].x: expected f32, got string",
    );
    let pair = Type::Tuple(vec![Type::U8, Type::U8.option()]);
    refused(&pair, json!([1, "x"]), "args[1][1]: expected u8, got string");
    let outcome = result(Some(Type::U8.list()), Some(Type::U8.option().option()));
    refused(
        &outcome,
        json!({"ok": [0, 256]}),
        "args[1].ok[1]: 256 is out of range for u8 (0 to 255)",
    );
    refused(&outcome, json!({"err": {"some": true}}), "args[1].err.some: expected u8, got bool");
}

#[test]
fn records() {
    let shape = "record point { x: f32, label: option<string> }";
    let wit = format!("point ({shape})");
    refused(&point(), json!([1, null]), &format!("args[1]: expected {wit}, got array"));
    refused(&point(), json!({}), &format!("args[1]: missing field \"x\"; {shape}"));
    refused(&point(), json!({"y": 1}), &format!("args[1]: no such field \"y\"; {shape}"));
    refused(&point(), json!({"x": 1, "y": 1}), &format!("args[1]: no such field \"y\"; {shape}"));
    let whole = encode::value(&point(), &json!({"x": 1, "label": null}), "v").unwrap();
    assert_eq!(encode::value(&point(), &json!({"x": 1}), "v").unwrap(), whole);
}

#[test]
fn cases_and_characters() {
    let known = r#"color (one of "red", "dark-green")"#;
    refused(&color(2), json!("pink"), &format!("args[1]: expected {known}, got \"pink\""));
    refused(&color(2), json!("Red"), &format!("args[1]: expected {known}, got \"Red\""));
    refused(&color(2), json!("x".repeat(99)), &format!("args[1]: expected {known}, got another"));
    refused(&color(2), json!(0), &format!("args[1]: expected {known}, got number 0"));
    let many = encode::value(&color(300), &json!("x"), "v").unwrap_err().to_string();
    assert!(many.contains(r#""c15", …)"#) && !many.contains("c16"), "{many}");
    let one = "char (a string of one character)";
    refused(
        &Type::Char,
        json!(""),
        &format!("args[1]: expected {one}, got string of 0 characters"),
    );
    refused(
        &Type::Char,
        json!("é!"),
        &format!("args[1]: expected {one}, got string of 2 characters"),
    );
    refused(&Type::Char, json!(65), &format!("args[1]: expected {one}, got number 65"));
}

#[test]
fn tuples_options_and_results() {
    let pair = Type::Tuple(vec![Type::U8, Type::U8]);
    refused(&pair, json!([1]), "args[1]: expected tuple<u8, u8>, got array of 1");
    refused(&pair, json!([1, 2, 3]), "args[1]: expected tuple<u8, u8>, got array of 3");
    refused(&pair, json!({"0": 1}), "args[1]: expected tuple<u8, u8>, got object");
    refused(&Type::U8.option(), json!({"some": 1}), "args[1]: expected u8, got object");
    let twice = "args[1]: expected option<option<u8>> (null or {\"some\": …}), got ";
    refused(&Type::U8.option().option(), json!(1), &format!("{twice}number 1"));
    refused(&Type::U8.option().option(), json!({"ok": 1}), &format!("{twice}object"));
    let plain = "args[1]: expected result<u8> ({\"ok\": …} or {\"err\": …}), got ";
    for (value, kind) in [
        (json!(1), "number 1"),
        (json!({}), "object"),
        (json!({"ok": 1, "err": null}), "object"),
        (json!({"some": 1}), "object"),
        (json!(null), "null"),
    ] {
        refused(&result(Some(Type::U8), None), value, &format!("{plain}{kind}"));
    }
    refused(
        &result(Some(Type::U8), None),
        json!({"err": 1}),
        "args[1].err: expected null, got number 1",
    );
}

#[test]
fn numbers() {
    let check = |ty: Type, text: &str, expected: &str| {
        refused(&ty, serde_json::from_str(text).unwrap(), &format!("args[1]: {expected}"));
    };
    check(Type::S8, "128", "128 is out of range for s8 (-128 to 127)");
    check(Type::S8, "-129", "-129 is out of range for s8 (-128 to 127)");
    check(Type::U16, "-1", "-1 is out of range for u16 (0 to 65535)");
    check(
        Type::S32,
        "2147483648",
        "2147483648 is out of range for s32 (-2147483648 to 2147483647)",
    );
    let s64 = "s64 (-9223372036854775808 to 9223372036854775807)";
    check(
        Type::S64,
        "9223372036854775808",
        &format!("9223372036854775808 is out of range for {s64}"),
    );
    let u64 = "u64 (0 to 18446744073709551615)";
    check(Type::U64, "2e19", &format!("2e+19 is out of range for {u64}"));
    check(Type::U64, "1e16", "expected u64, got number 1e+16");
    check(Type::U8, "1.5", "expected u8, got number 1.5");
    check(Type::U8, "1.0", "expected u8, got number 1.0");
    check(Type::Bool, "0", "expected bool, got number 0");
    let f32 = "f32 (-3.4028235e38 to 3.4028235e38)";
    check(Type::F32, "1e39", &format!("1e+39 is out of range for {f32}"));
    check(Type::F64, "\"inf\"", "expected f64, got string");
    for (ty, text) in [(Type::U8, "-0"), (Type::S64, "-0"), (Type::F32, "3"), (Type::F64, "-7")] {
        encode::value(&ty, &serde_json::from_str(text).unwrap(), "v").unwrap();
    }
}

#[test]
fn i10_what_a_block_must_not_hold() {
    let check = |ty: &Type, block: &[u8], expected: &str| {
        let error = decode::result(Some(ty), block).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(&Type::Bool, &[2], "result: 2 is no bool");
    check(&Type::Char, &0xd800u32.to_le_bytes(), "result: 55296 is no char");
    check(&Type::Char, &0x11_0000u32.to_le_bytes(), "result: 1114112 is no char");
    check(&color(2), &[2], "result: 2 is no case of color");
    check(&color(300), &[0x2c, 1], "result: 300 is no case of color");
    check(&Type::U8.option(), &[2, 0], "result: 2 is no tag of option<u8>");
    check(&result(None, None), &[255], "result: 255 is no tag of result");
    check(&result(Some(Type::Bool), None), &[0, 7], "result.ok: 7 is no bool");
    check(&Type::Bool.option().option(), &[1, 1, 7], "result.some: 7 is no bool");
    check(&Type::Tuple(vec![Type::U8, Type::Bool]), &[9, 9], "result[1]: 9 is no bool");
    let block =
        [[16, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [0; 8], [2; 8], [0; 8], [0; 8]];
    check(&point().list(), block.as_flattened(), "result[0].label: 2 is no tag of option<string>");
    check(&Type::U32, &[0; 3], "result: u32 at offset 0 lies outside the block of 3 bytes");
    let far = [[99, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]];
    check(
        &Type::String,
        far.as_flattened(),
        "result: a string of 1 at offset 99 lies outside the block of 16 bytes",
    );
    check(&Type::U64.list(), far.as_flattened(), "result: offset 99 is not a multiple of 8");
}
