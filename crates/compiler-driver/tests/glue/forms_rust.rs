//! Every form in which Rust may declare parameters and results, and every way a call may fail.

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::frame;
use serde_json::{Value, json};

use super::harness::Skill;

const FORMS: &[&str] = &[
    "view: func(s: string) -> u64",
    "value: func(s: string) -> string",
    "const-ref: func(s: string) -> string",
    "changed: func(s: string) -> string",
    "cow: func(s: string) -> string",
    "boxed: func(s: string) -> string",
    "counted: func(s: string) -> string",
    "longest: func(a: string, b: string) -> string",
    "literal: func(yes: bool) -> string",
    "flip: func(x: bool) -> bool",
    "%s8: func(x: s8) -> s8",
    "%s16: func(x: s16) -> s16",
    "%s32: func(x: s32) -> s32",
    "%s64: func(x: s64) -> s64",
    "s64-size: func(x: s64) -> s64",
    "%u8: func(x: u8) -> u8",
    "%u16: func(x: u16) -> u16",
    "%u32: func(x: u32) -> u32",
    "%u64: func(x: u64) -> u64",
    "u64-size: func(x: u64) -> u64",
    "%f32: func(x: f32) -> f32",
    "%f64: func(x: f64) -> f64",
    "upper: func(c: char) -> char",
    "by-ref: func(x: s32, y: f64) -> f64",
    "mixed: func(a: bool, b: s8, c: f64, d: string, e: s16) -> u64",
    "nothing: func() -> s32",
    "silent: func(x: s32)",
    "sum: func(xs: list<s32>) -> s32",
    "sorted: func(xs: list<f64>) -> list<f64>",
    "vec-ref: func(xs: list<s64>) -> s64",
    "vec-mut: func(xs: list<s64>) -> list<s64>",
    "slice-mut: func(xs: list<u8>) -> list<u8>",
    "boxed-slice: func(xs: list<u16>) -> list<u16>",
    "three: func(xs: list<s32>) -> list<s32>",
    "two: func(xs: list<f64>) -> f64",
    "deque: func(xs: list<s32>) -> list<s32>",
    "distinct: func(xs: list<string>) -> u64",
    "ordered: func(xs: list<s32>) -> list<s32>",
    "heap: func(xs: list<s32>) -> option<s32>",
    "weigh: func(m: list<tuple<string, u32>>) -> u32",
    "counts: func(words: list<string>) -> list<tuple<string, u64>>",
    "swapped: func(m: list<tuple<s32, string>>) -> list<tuple<string, s32>>",
    "chars: func(xs: list<char>) -> string",
    "bools: func(xs: list<bool>) -> list<bool>",
    "join: func(xs: list<string>, sep: string) -> string",
    "join-views: func(xs: list<string>) -> string",
    "join-owned: func(xs: list<string>) -> list<string>",
    "grid: func(g: list<list<s32>>) -> list<list<s32>>",
    "rows: func(g: list<list<s32>>) -> s64",
    "row-slices: func(g: list<list<s32>>) -> u64",
    "pair: func(p: tuple<s32, string>) -> tuple<string, s32>",
    "pair-ref: func(p: tuple<u8, f64, bool>) -> tuple<bool, f64, u8>",
    "pairs: func(p: list<tuple<s32, f64>>) -> list<tuple<f64, s32>>",
    "maybe: func(x: option<s32>) -> option<s64>",
    "maybe-str: func(x: option<string>) -> option<string>",
    "maybe-ref: func(x: option<string>) -> option<string>",
    "maybe-inner: func(x: option<f64>) -> f64",
    "nested: func(x: option<option<u8>>) -> option<option<u8>>",
    "divide: func(a: s32, b: s32) -> result<s32, string>",
    "taken: func(r: result<s32, string>) -> s32",
    "parsed: func(s: string) -> result<s32, string>",
    "parsed-box: func(s: string) -> result<f64, string>",
    "parsed-thrown: func(s: string) -> s32",
    "checked: func(x: s32) -> result",
    "debugged: func(x: s32)",
    "ignored: func(x: s32) -> result<s32>",
    "evens: func(n: u32) -> list<u32>",
    "odds: func(xs: list<u32>) -> list<u32>",
    "shown: func(x: s32) -> string",
    "largest: func(xs: list<f64>) -> f64",
    "same: func(x: list<string>) -> list<string>",
    "shout: func(s: string) -> string",
    "greet: func(s: string) -> string",
    "total: func(xs: list<f64>) -> f64",
    "total-into: func(xs: list<s32>) -> s32",
    "total-of: func(xs: list<string>) -> u64",
    "mean: func(xs: list<f32>) -> option<f64>",
    "risky: func(x: u32) -> u32",
    "foreign: func(x: s32) -> s32",
    "constant: func(x: s32) -> s32",
    "area: func(a: f64, b: f64) -> f64 = geometry::flat::area",
    "two-sum: func(nums: list<s32>, target: s32) -> list<s32> = Solution::two_sum",
    "remove: func(s: string, what: string) -> string",
    "strlen: func(s: string) -> u64",
    "add: func(a: s32, b: s32) -> s32",
    "read: func(x: s32) -> s32",
    "saggar: func(x: s32) -> s32",
    "match: func(x: s32) -> s32",
    "main: func()",
    "index: func(xs: list<s32>, i: u64) -> s32",
    "thrower: func(what: string)",
    "odd-payload: func()",
    "unwraps: func(x: option<s32>) -> s32",
    "many: func(n: u32) -> list<u32>",
    "long: func(n: u32)",
    "caught: func(n: u32) -> u32",
];

fn scalars_and_strings(skill: &Skill) {
    let text = "é".repeat(500);
    skill.gives("view", &json!(["héé"]), &json!(5));
    skill.gives("value", &json!([text]), &json!(format!("{text}!")));
    skill.gives("const-ref", &json!(["ab"]), &json!("abab"));
    skill.gives("changed", &json!(["ab"]), &json!("ab?"));
    skill.gives("cow", &json!(["a\u{0}b"]), &json!("a\u{0}b"));
    skill.gives("cow", &json!([""]), &json!("empty"));
    skill.gives("boxed", &json!(["b"]), &json!("b"));
    skill.gives("counted", &json!(["c"]), &json!("c"));
    skill.gives("longest", &json!(["a", "bc"]), &json!("bc"));
    skill.gives("literal", &json!([true]), &json!("yes"));
    for (name, values) in [
        ("s8", json!([-128, 127])),
        ("s16", json!([-32768, 32767])),
        ("s32", json!([i32::MIN, i32::MAX])),
        ("s64", json!([i64::MIN, i64::MAX])),
        ("s64-size", json!([i64::MIN, i64::MAX])),
        ("u8", json!([0, 255])),
        ("u16", json!([0, 65535])),
        ("u32", json!([0, u32::MAX])),
        ("u64", json!([0, u64::MAX])),
        ("u64-size", json!([0, u64::MAX])),
        ("f64", json!([1e300, "NaN", "-Infinity", -0.0])),
    ] {
        for value in values.as_array().expect("values") {
            skill.gives(name, &json!([value]), value);
        }
    }
    check(
        skill,
        &[
            ("flip", json!([true]), json!(false)),
            ("f32", json!([0.25]), json!(0.5)),
            ("upper", json!(["x"]), json!("X")),
            ("by-ref", json!([1, 0.5]), json!(1.5)),
            ("mixed", json!([true, -2, 1e6, "abc", -1]), json!(1_000_001)),
            ("nothing", json!([]), json!(7)),
            ("silent", json!([1]), json!(null)),
        ],
    );
}

fn check(skill: &Skill, calls: &[(&str, Value, Value)]) {
    for (name, args, expected) in calls {
        skill.gives(name, args, expected);
    }
}

fn lists(skill: &Skill) {
    check(
        skill,
        &[
            ("sum", json!([[1, 2, -9]]), json!(-6)),
            ("sum", json!([[]]), json!(0)),
            ("sorted", json!([[2.5, 1.5]]), json!([1.5, 2.5])),
            ("vec-ref", json!([[1, 2]]), json!(3)),
            ("vec-mut", json!([[1]]), json!([1, 9])),
            ("slice-mut", json!([[1, 2, 3]]), json!([3, 2, 1])),
            ("boxed-slice", json!([[1, 2]]), json!([1, 2])),
            ("three", json!([[1, 2, 3]]), json!([1, 3])),
            ("two", json!([[2.0, 1.5]]), json!(3.0)),
            ("deque", json!([[1, 2, 3]]), json!([2, 3, 1])),
            ("distinct", json!([["a", "b", "a"]]), json!(2)),
            ("ordered", json!([[3, 1, 3]]), json!([1, 3])),
            ("heap", json!([[3, 7, 1]]), json!(7)),
            ("weigh", json!([[["a", 1], ["b", 2]]]), json!(3)),
            ("counts", json!([["b", "a", "b"]]), json!([["a", 1], ["b", 2]])),
            ("swapped", json!([[[2, "b"], [1, "a"]]]), json!([["a", 1], ["b", 2]])),
            ("chars", json!([["a", "🦀"]]), json!("a🦀")),
            ("bools", json!([[true, false]]), json!([false, true])),
            ("join", json!([["a", "", "c"], "-"]), json!("a--c")),
            ("join-views", json!([["a", "b"]]), json!("ab")),
            ("join-owned", json!([["é", ""]]), json!(["é", ""])),
            ("grid", json!([[[1], [], [2, 3]]]), json!([[1], [], [2, 3]])),
            ("rows", json!([[[1], [2, 3]]]), json!(6)),
            ("row-slices", json!([[[1, 2], [3]]]), json!(4)),
            ("two-sum", json!([[4], 5]), json!([4, 5])),
        ],
    );
    skill.fails("three", &json!([[1]]), "a list has 1 elements where the source takes 3");
    skill.fails("two", &json!([[]]), "a list has 0 elements where the source takes 2");
}

fn composites(skill: &Skill) {
    check(
        skill,
        &[
            ("pair", json!([[1, "a"]]), json!(["a", 1])),
            ("pair-ref", json!([[1, 0.5, true]]), json!([true, 0.5, 1])),
            ("pairs", json!([[[1, 0.5], [2, 1.5]]]), json!([[0.5, 1], [1.5, 2]])),
            ("maybe", json!([null]), json!(null)),
            ("maybe", json!([3]), json!(3)),
            ("maybe-str", json!(["a"]), json!("a")),
            ("maybe-str", json!([""]), json!(null)),
            ("maybe-ref", json!(["a"]), json!("a")),
            ("maybe-inner", json!([0.5]), json!(0.5)),
            ("maybe-inner", json!([null]), json!(-1.0)),
            ("nested", json!([{"some": null}]), json!({"some": null})),
            ("nested", json!([{"some": 3}]), json!({"some": 3})),
            ("nested", json!([null]), json!(null)),
            ("divide", json!([6, 3]), json!({"ok": 2})),
            ("divide", json!([6, 0]), json!({"err": "division by zero"})),
            ("taken", json!([{"ok": 2}]), json!(2)),
            ("taken", json!([{"err": "x"}]), json!(-1)),
            ("parsed", json!(["12"]), json!({"ok": 12})),
            ("parsed", json!(["x"]), json!({"err": "invalid digit found in string"})),
            ("parsed-box", json!(["x"]), json!({"err": "invalid float literal"})),
            ("parsed-thrown", json!(["12"]), json!(12)),
            ("checked", json!([1]), json!({"ok": null})),
            ("checked", json!([0]), json!({"err": null})),
            ("debugged", json!([2]), json!(null)),
            ("ignored", json!([1]), json!({"err": null})),
            ("ignored", json!([2]), json!({"ok": 2})),
            ("evens", json!([5]), json!([0, 2, 4])),
            ("odds", json!([[1, 2, 3]]), json!([1, 3])),
            ("shown", json!([4]), json!("8")),
        ],
    );
    skill.fails("parsed-thrown", &json!(["x"]), "invalid digit found in string");
    skill.fails("debugged", &json!([1]), "Odd(1)");
}

fn kinds_of_function(skill: &Skill) {
    check(
        skill,
        &[
            ("largest", json!([[1.5, 2.5, 0.5]]), json!(2.5)),
            ("same", json!([["a"]]), json!(["a"])),
            ("shout", json!(["a"]), json!("A")),
            ("greet", json!(["a"]), json!("a!")),
            ("total", json!([[1.5, 2.5]]), json!(4.0)),
            ("total-into", json!([[1, 2]]), json!(3)),
            ("total-of", json!([["ab", "c"]]), json!(3)),
            ("mean", json!([[1.0, 2.0]]), json!(1.5)),
            ("risky", json!([5]), json!(5)),
            ("foreign", json!([5]), json!(6)),
            ("constant", json!([5]), json!(7)),
            ("area", json!([2.0, 3.0]), json!(6.0)),
            ("remove", json!(["abab", "b"]), json!("aa")),
            ("strlen", json!(["abab"]), json!(4)),
            ("add", json!([1, 2]), json!(3)),
            ("read", json!([1]), json!(1)),
            ("saggar", json!([1]), json!(1)),
            ("match", json!([1]), json!(1)),
        ],
    );
}

/// How a message names the place of a text in the source.
fn place(text: &str) -> String {
    let source = include_str!("rust/forms.rs");
    let (line, at) = source
        .lines()
        .zip(1..)
        .find_map(|(line, number)| Some((number, line.find(text)? + 1)))
        .expect("such a line");
    format!("panicked at skill.rs:{line}:{at}: ")
}

fn failures(skill: &Skill) {
    let said = place("xs[i]") + "index out of bounds: the len is 1 but the index is 3";
    skill.fails("index", &json!([[1], 3]), &said);
    skill.fails("thrower", &json!(["so"]), &(place("panic!(\"said") + "said so"));
    skill.fails("odd-payload", &json!([]), &(place("std::panic::panic_any") + "no message"));
    let said = place("unwrap() }") + "called `Option::unwrap()` on a `None` value";
    skill.fails("unwraps", &json!([null]), &said);
    skill.gives("caught", &json!([1]), &json!(2));

    let (status, block) = skill.call("long", &json!([60_000]), 1 << 17);
    assert_eq!(status, frame::Status::Panic);
    assert!(block.len() > (1 << 16) - 2 && block.len() <= 1 << 16);
    assert!(String::from_utf8(block).is_ok());

    let (status, block) = skill.call("many", &json!([3]), 28);
    assert_eq!((status, block.len()), (frame::Status::Ok, 28));
    for cap in [0, 15, 27] {
        let (status, _) = skill.call("many", &json!([3]), cap);
        assert_eq!(status, frame::Status::ResultTooLarge, "{cap}");
    }
}

#[test]
fn every_form_of_rust_crosses_the_glue() {
    let skill = Skill::new("forms-rust", Language::Rust, include_str!("rust/forms.rs"), FORMS);
    skill.build(&[]);
    scalars_and_strings(&skill);
    lists(&skill);
    composites(&skill);
    kinds_of_function(&skill);
    failures(&skill);
}

const ODD: &[&str] = &[
    "kept: func(s: string) -> u64",
    "panic: func(x: u8) -> u8",
    "format: func(x: u8) -> u8",
    "made: func(x: s32) -> s32",
    "text: func() -> string",
    "maybe: func(x: option<u8>) -> option<u8>",
    "nine: func() -> u8 = __saggar::kept",
    "destructured: func(a: tuple<s32, s32>, b: list<u8>, c: u8) -> s32",
    "in-where: func(a: list<string>, b: string) -> string",
    "nested-refs: func(a: list<list<string>>) -> u64",
    "option-slice: func(a: option<list<f64>>) -> f64",
    "tuple-views: func(a: tuple<string, list<u8>>) -> tuple<u64, u64>",
    "results: func(a: list<result<u8, string>>) -> list<result<u8, string>>",
    "collect-results: func(a: list<s32>) -> result<list<s32>, string>",
    "aliased: func(a: s32) -> list<s32>",
    "io: func(a: s32)",
    "iter-result: func(n: u8) -> list<u8>",
    "shared: func(a: list<u8>, b: string) -> list<u8>",
    "spawned: func(n: s32) -> s32",
    "huge: func(n: u64) -> list<u8>",
    "deep: func(n: u64) -> result<u64, string>",
    "bombs: func()",
    "resumed: func()",
    "relayed: func()",
    "joined: func()",
    "hooked: func()",
];

#[test]
fn odd_sources_cross_the_glue_as_others_do() {
    let source = format!("#!/usr/bin/env rust\n{}", include_str!("rust/odd.rs"));
    let skill = Skill::new("odd-rust", Language::Rust, &source, ODD);
    skill.build(&["-Copt-level=3"]);
    check(
        &skill,
        &[
            ("kept", json!(["abc"]), json!(3)),
            ("panic", json!([3]), json!(3)),
            ("format", json!([3]), json!(3)),
            ("made", json!([3]), json!(4)),
            ("text", json!([]), json!("a")),
            ("maybe", json!([3]), json!(3)),
            ("nine", json!([]), json!(9)),
            ("destructured", json!([[1, 2], [3, 4], 5]), json!(15)),
            ("in-where", json!([["a", "b"], "b"]), json!("b")),
            ("nested-refs", json!([[["a", "bc"], []]]), json!(3)),
            ("option-slice", json!([[0.5, 1.0]]), json!(1.5)),
            ("tuple-views", json!([["abc", [1]]]), json!([3, 1])),
            ("results", json!([[{"ok": 1}, {"err": "x"}]]), json!([{"ok": 1}, {"err": "x"}])),
            ("collect-results", json!([[]]), json!({"err": "empty"})),
            ("aliased", json!([1]), json!([1])),
            ("io", json!([1]), json!(null)),
            ("iter-result", json!([2]), json!([0, 1])),
            ("shared", json!([[1], "a"]), json!([1, 97])),
            ("spawned", json!([1]), json!(-7)),
            ("deep", json!([0]), json!({"err": "zero"})),
        ],
    );
    skill.fails("io", &json!([-1]), "negative");
    skill.fails("huge", &json!([u64::MAX]), "panicked: capacity overflow");
    skill.fails("bombs", &json!([]), "panicked at skill.rs:44:43: dropped");
    skill.fails("resumed", &json!([]), "thrown");
    skill.fails("relayed", &json!([]), "thrown");
    let waiting = "panicked at skill.rs:48:70: it ends well: Any { .. }";
    let inner = "panicked at skill.rs:48:39: inner";
    skill.fails("joined", &json!([]), &format!("{waiting}; another thread {inner}"));
    skill.fails("hooked", &json!([]), "quiet");
}
