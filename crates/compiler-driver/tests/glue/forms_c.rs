//! Every form in which C may declare parameters and results. Built with the address sanitizer, so
//! that a result freed twice or not at all is a failure.

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::frame;
use serde_json::json;

use super::harness::{Family, Skill, families};

#[test]
fn the_structs_of_saggar_h_cross_the_glue() {
    let skill = Skill::new(
        "structs",
        Language::C,
        include_str!("structs.c"),
        &[
            "length: func(s: string) -> u64",
            "doubled: func(s: string) -> string",
            "literal: func(yes: bool) -> string",
            "same: func(s: string) -> string",
            "made: func(s: string) -> string",
            "fixed: func() -> string",
            "bare-literal: func() -> string",
            "broken: func() -> string",
            "flip: func(x: bool) -> bool",
            "%s8: func(x: s8) -> s8",
            "%u8: func(x: u8) -> u8",
            "%s16: func(x: s16) -> s16",
            "%u16: func(x: u16) -> u16",
            "%s32: func(x: s32) -> s32",
            "%u32: func(x: u32) -> u32",
            "%s64: func(x: s64) -> s64",
            "%u64: func(x: u64) -> u64",
            "%f32: func(x: f32) -> f32",
            "%f64: func(x: f64) -> f64",
            "silent: func(x: s32)",
            "sum: func(xs: list<f64>) -> f64",
            "reversed: func(xs: list<s64>) -> list<s64>",
            "inverted: func(xs: list<bool>) -> list<bool>",
            "echo: func(xs: list<u8>) -> list<u8>",
            "none: func() -> list<s32>",
            "echo-strings: func(xs: list<string>) -> list<string>",
            "split: func(s: string, by: string) -> list<string>",
            "all-of: func(xs: list<string>, each: u64) -> u64",
        ],
    );
    skill.build(&["-std=c11", "-Wextra", "-Wshadow", "-O1", "-fsanitize=address"]);
    skill.gives("length", &json!(["aé"]), &json!(3));
    skill.gives("doubled", &json!(["ab"]), &json!("abab"));
    skill.gives("literal", &json!([true]), &json!("yes"));
    skill.fails("literal", &json!([false]), "the function returned NULL");
    skill.gives("same", &json!(["a\u{0}b"]), &json!("a\u{0}b"));
    skill.gives("made", &json!(["abc"]), &json!("abc"));
    skill.gives("fixed", &json!([]), &json!("fixed"));
    skill.gives("bare-literal", &json!([]), &json!("bare"));
    skill.fails("broken", &json!([]), "the function returned NULL");
    skill.gives("flip", &json!([false]), &json!(true));
    for name in ["s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64"] {
        skill.gives(name, &json!([100]), &json!(100));
    }
    skill.gives("f32", &json!([0.25]), &json!(0.5));
    skill.gives("f64", &json!(["NaN"]), &json!("NaN"));
    skill.gives("silent", &json!([1]), &json!(null));
    skill.gives("sum", &json!([[1, 2.5]]), &json!(3.5));
    skill.gives("reversed", &json!([[1, 2, 3]]), &json!([3, 2, 1]));
    skill.gives("reversed", &json!([[]]), &json!([]));
    skill.gives("inverted", &json!([[true, false]]), &json!([false, true]));
    skill.gives("echo", &json!([[1, 255]]), &json!([1, 255]));
    skill.gives("echo", &json!([[]]), &json!([]));
    skill.gives("echo-strings", &json!([[]]), &json!([]));
    skill.gives("none", &json!([]), &json!([]));
    skill.gives("echo-strings", &json!([["a", "", "é"]]), &json!(["a", "", "é"]));
    skill.gives("split", &json!(["a,b,,c", ","]), &json!(["a", "b", "", "c"]));
    skill.gives("all-of", &json!([["a", "bc"], 2]), &json!(6));
    for cap in [15, 16, 47, 50] {
        let (status, _) = skill.call("split", &json!(["ab,cd", ","]), cap);
        assert_eq!(status, frame::Status::ResultTooLarge, "{cap}");
    }
}

#[test]
fn pointers_and_lengths_of_c_cross_the_glue() {
    families().into_iter().for_each(pointers_and_lengths_of_c_cross_the_glue_by);
}

fn pointers_and_lengths_of_c_cross_the_glue_by(family: Family) {
    let skill = Skill::new(
        "pairs",
        Language::C,
        include_str!("pairs.c"),
        &[
            "length: func(s: string) -> u64",
            "length-int: func(s: string) -> s32",
            "plain: func(s: string) -> s32",
            "plain-bare: func(s: string, t: string) -> s32",
            "plain-mixed: func(s: string, n: s64, xs: list<s32>) -> s64",
            "plain-silent: func(s: string)",
            "plain-copy: func(s: string) -> string",
            "plain-tail: func(s: string) -> string",
            "plain-inside: func(s: string) -> string",
            "sum: func(xs: list<f64>) -> f64",
            "sum-size: func(xs: list<f64>) -> f64",
            "sum-wide: func(xs: list<s64>) -> s64",
            "sum-fixed: func(xs: list<s64>) -> s64",
            "sum-unsigned: func(xs: list<u64>) -> u64",
            "sum-size-t: func(xs: list<u64>) -> u64",
            "longest: func(xs: list<string>) -> s32",
            "longest-bare: func(xs: list<string>) -> s32",
            "longest-const: func(xs: list<string>, s: string) -> s32",
            "longest-plain: func(xs: list<string>, s: string) -> s32",
            "twice: func(xs: list<s32>) -> list<s32>",
            "widen: func(xs: list<s64>) -> list<s64>",
            "constants: func() -> list<f64>",
            "parts: func(s: string) -> list<string>",
            "names: func() -> list<string>",
            "remove: func(s: string) -> s32",
            "index-of: func(s: string, c: u8) -> s32",
            "hidden: func(x: s32) -> s32",
            "mixed: func(a: bool, b: s8, c: f64, e: s16) -> u64",
        ],
    )
    .by(family);
    skill.build(&["-Wextra", "-Wshadow", "-O1", "-fsanitize=address"]);
    skill.gives("length", &json!(["aé"]), &json!(3));
    skill.gives("length-int", &json!([""]), &json!(0));
    skill.gives("plain", &json!(["abc"]), &json!(3));
    skill.gives("plain-bare", &json!(["a", "a"]), &json!(0));
    skill.gives("plain-mixed", &json!(["ab", 10, [1, 2]]), &json!(15));
    skill.gives("plain-silent", &json!(["ab"]), &json!(null));
    skill.gives("plain-copy", &json!(["ab"]), &json!("ab"));
    skill.gives("plain-tail", &json!(["ab"]), &json!("b"));
    skill.gives("plain-inside", &json!(["abc"]), &json!("bc"));
    skill.fails("plain-inside", &json!(["a"]), "the function returned NULL");
    for name in ["sum", "sum-size"] {
        skill.gives(name, &json!([[1, 2.5]]), &json!(3.5));
    }
    for name in ["sum-wide", "sum-fixed"] {
        skill.gives(name, &json!([[1, -3]]), &json!(-2));
    }
    skill.gives("sum-unsigned", &json!([[u64::MAX]]), &json!(u64::MAX));
    skill.gives("sum-size-t", &json!([[1, 5]]), &json!(5));
    for name in ["longest", "longest-bare"] {
        skill.gives(name, &json!([["a", "abc", ""]]), &json!(3));
    }
    skill.gives("longest-const", &json!([["a"], "xy"]), &json!(3));
    skill.gives("longest-plain", &json!([["a"], "xy"]), &json!(3));
    skill.gives("twice", &json!([[1, 2]]), &json!([2, 4]));
    skill.gives("widen", &json!([[1, 2]]), &json!([1, 2]));
    skill.gives("constants", &json!([]), &json!([1.5, 2.5]));
    skill.gives("parts", &json!(["ab"]), &json!(["2", "ab"]));
    skill.fails("parts", &json!([""]), "the function returned NULL");
    skill.gives("names", &json!([]), &json!(["a", "", "c"]));
    skill.gives("remove", &json!(["a"]), &json!(97));
    skill.gives("index-of", &json!(["abc", 99]), &json!(2));
    skill.gives("hidden", &json!([1]), &json!(2));
    skill.gives("mixed", &json!([true, 1, 2.5, 1]), &json!(5));
    let (status, block) = skill.call("parts", &json!(["ab"]), 50);
    assert_eq!((status, block.len()), (frame::Status::ResultTooLarge, 0));
}
