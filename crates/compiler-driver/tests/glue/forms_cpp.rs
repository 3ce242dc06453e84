//! Every form in which C++ may declare parameters and results, and every way a call may fail.

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::frame;
use serde_json::json;

use super::harness::{Family, Skill, families, run};

const FORMS: &[&str] = &[
    "view: func(s: string) -> u64",
    "value: func(s: string) -> string",
    "const-ref: func(s: string) -> string = constRef",
    "ref: func(s: string) -> string",
    "moved: func(s: string) -> string",
    "pointer: func(s: string) -> string",
    "const-value: func(s: string) -> string",
    "tail: func(s: string) -> string",
    "literal: func(yes: bool) -> string",
    "chars-of: func(s: string) -> list<s8>",
    "flip: func(x: bool) -> bool",
    "%s8: func(x: s8) -> s8",
    "%s16: func(x: s16) -> s16",
    "%s32: func(x: s32) -> s32",
    "%s64: func(x: s64) -> s64",
    "s64b: func(x: s64) -> s64",
    "%u8: func(x: u8) -> u8",
    "%u16: func(x: u16) -> u16",
    "%u32: func(x: u32) -> u32",
    "%u64: func(x: u64) -> u64",
    "%f32: func(x: f32) -> f32",
    "%f64: func(x: f64) -> f64",
    "mixed: func(a: bool, b: s8, c: f64, d: string, e: s16) -> u64",
    "nothing: func() -> s32",
    "silent: func(x: s32)",
    "sum-span: func(x: list<s32>) -> s32",
    "sorted-span: func(x: list<f64>) -> list<f64>",
    "vec: func(x: list<s32>) -> list<s32>",
    "vec-cref: func(x: list<s32>) -> list<s32>",
    "vec-ref: func(x: list<s32>) -> list<s32>",
    "vec-move: func(x: list<s64>) -> list<s64>",
    "deq: func(x: list<s16>) -> list<s16>",
    "lis: func(x: list<u8>) -> list<u8>",
    "bools: func(x: list<bool>) -> list<bool>",
    "two-bools: func(x: list<bool>) -> list<bool>",
    "arr: func() -> list<f64>",
    "shown: func(x: list<s32>) -> list<s32>",
    "grid: func(x: list<list<s32>>) -> list<list<s32>>",
    "rows: func(x: list<list<s32>>) -> s64",
    "rows-of: func(x: list<list<s32>>) -> s64",
    "span-strings: func(x: list<string>) -> string",
    "strings: func(x: list<string>) -> list<string>",
    "views: func(x: list<string>) -> list<string>",
    "pointers: func(x: list<string>) -> list<string>",
    "unique: func(x: list<string>) -> list<string>",
    "cube: func(x: list<list<string>>) -> list<list<string>>",
    "bits: func(x: list<list<bool>>) -> list<list<bool>>",
    "thrower: func(what: string) -> s32",
    "many: func(n: u32) -> list<s32>",
    "remove: func(s: string) -> string",
    "remove-two: func(s: string, what: string) -> string = remove",
    "strlen: func(s: string) -> u64",
    "add: func(a: s32, b: s32) -> s32",
    "add-floats: func(a: f64, b: f64) -> f64 = add",
    "add-three: func(a: s32, b: s32, c: s32) -> s32 = add",
    "hidden-one: func(x: s32) -> s32",
    "hidden-two: func(x: s32) -> s32",
    "hidden-three: func(x: s32) -> s32",
    "area: func(a: s32) -> s32 = deep::inside::area",
    "defaulted: func(x: list<s32>) -> s32",
    "defaulted-two: func(x: list<s32>, start: s32) -> s32 = defaulted",
];

fn scalars_and_strings(skill: &Skill) {
    let long = "é".repeat(500);
    skill.gives("view", &json!(["héé"]), &json!(5));
    skill.gives("value", &json!([""]), &json!("!"));
    skill.gives("value", &json!([long]), &json!(format!("{long}!")));
    skill.gives("const-ref", &json!(["ab"]), &json!("abab"));
    skill.gives("ref", &json!(["ab"]), &json!("ab?"));
    skill.gives("moved", &json!(["a\u{0}b"]), &json!("a\u{0}b"));
    skill.gives("pointer", &json!(["ab"]), &json!("ab."));
    skill.gives("const-value", &json!(["ab"]), &json!("ab"));
    skill.gives("tail", &json!(["abc"]), &json!("bc"));
    skill.gives("literal", &json!([true]), &json!("yes"));
    skill.fails("literal", &json!([false]), "the function returned NULL");
    skill.gives("flip", &json!([true]), &json!(false));
    for (name, values) in [
        ("s8", json!([-128, 127])),
        ("s16", json!([-32768, 32767])),
        ("s32", json!([i32::MIN, i32::MAX])),
        ("s64", json!([i64::MIN, i64::MAX])),
        ("s64b", json!([i64::MIN, i64::MAX])),
        ("u8", json!([0, 255])),
        ("u16", json!([0, 65535])),
        ("u32", json!([0, u32::MAX])),
        ("u64", json!([0, u64::MAX])),
        ("f64", json!([1e300, "NaN", "-Infinity", -0.0])),
    ] {
        for value in values.as_array().expect("values") {
            skill.gives(name, &json!([value]), value);
        }
    }
    skill.gives("f32", &json!([0.25]), &json!(0.5));
    skill.gives("mixed", &json!([true, -2, 1e6, "abc", -1]), &json!(1_000_001));
    skill.gives("nothing", &json!([]), &json!(7));
    skill.gives("silent", &json!([1]), &json!(null));
}

#[test]
fn every_form_of_cpp_crosses_the_glue() {
    families().into_iter().for_each(every_form_of_cpp_crosses_the_glue_by);
}

fn every_form_of_cpp_crosses_the_glue_by(family: Family) {
    let skill = Skill::new("forms-cpp", Language::Cpp, include_str!("forms.cpp"), FORMS).by(family);
    skill.build(&["-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion"]);
    scalars_and_strings(&skill);
    skill.gives("chars-of", &json!(["aé"]), &json!([97, -61, -87]));
    skill.gives("sum-span", &json!([[1, 2, -9]]), &json!(-6));
    skill.gives("sum-span", &json!([[]]), &json!(0));
    skill.gives("sorted-span", &json!([[1.5, 2.5]]), &json!([2.5, 1.5]));
    for name in ["vec", "vec-cref", "vec-move"] {
        skill.gives(name, &json!([[1, 2, 3]]), &json!([1, 2, 3]));
        skill.gives(name, &json!([[]]), &json!([]));
    }
    skill.gives("vec-ref", &json!([[5]]), &json!([5, 1]));
    skill.gives("deq", &json!([[-5, 6]]), &json!([0, -5, 6]));
    skill.gives("lis", &json!([[0, 255]]), &json!([0, 255]));
    skill.gives("bools", &json!([[true, false, true]]), &json!([false, true, false]));
    skill.gives("two-bools", &json!([[true, false]]), &json!([true, false]));
    skill.gives("arr", &json!([]), &json!([1.5, -0.0, 3.0]));
    skill.gives("shown", &json!([[1, 2, 3]]), &json!([2, 3]));
    skill.gives("grid", &json!([[[1], [], [2, 3]]]), &json!([[1], [], [2, 3], [9, 8]]));
    skill.gives("rows", &json!([[[1], [], [2, 3]]]), &json!(6));
    skill.gives("rows-of", &json!([[[1], [], [2, 3]]]), &json!(3));
    skill.gives(
        "span-strings",
        &json!([["a", "", "b".repeat(40)]]),
        &json!(format!("a||{}|", "b".repeat(40))),
    );
    for name in ["strings", "views", "pointers"] {
        skill.gives(name, &json!([["é", "", "z"]]), &json!(["é", "", "z"]));
    }
    skill.gives("unique", &json!([["b", "a", "b"]]), &json!(["a", "b"]));
    skill.gives("cube", &json!([[["a"], []]]), &json!([["a"], []]));
    skill.gives("bits", &json!([[[true], [false, true]]]), &json!([[true], [false, true]]));

    skill.fails("thrower", &json!(["x"]), "no such thing: x");
    skill.fails("thrower", &json!(["int"]), "unknown exception");
    skill.fails("thrower", &json!(["literal"]), "a literal");
    skill.fails("thrower", &json!(["length"]), "vector::reserve");
    skill.fails("thrower", &json!(["long"]), &"x".repeat(65535));
    let (status, block) = skill.call("thrower", &json!(["x"]), 4);
    assert_eq!((status, block), (frame::Status::Thrown, b"no s".to_vec()));
    let (status, _) = skill.call("thrower", &json!(["memory"]), 64);
    assert_eq!(status, frame::Status::OutOfMemory);

    skill.gives("remove", &json!(["x"]), &json!("removed x"));
    skill.gives("remove-two", &json!(["abc", "b"]), &json!("ac"));
    skill.gives("strlen", &json!(["abc"]), &json!(103));
    skill.gives("add", &json!([1, 2]), &json!(3));
    skill.gives("add-floats", &json!([1, 2]), &json!(3.5));
    skill.gives("add-three", &json!([1, 2, 3]), &json!(6));
    skill.gives("hidden-one", &json!([0]), &json!(1));
    skill.gives("hidden-two", &json!([0]), &json!(2));
    skill.gives("hidden-three", &json!([0]), &json!(3));
    skill.gives("area", &json!([3]), &json!(9));
    skill.gives("defaulted", &json!([[1]]), &json!(7));
    skill.gives("defaulted-two", &json!([[1], 10]), &json!(14));

    too_large(&skill);
    exports_one_symbol(&skill);
}

fn too_large(skill: &Skill) {
    for cap in [0, 15, 16, 27] {
        let (status, _) = skill.call("many", &json!([3]), cap);
        assert_eq!(status, frame::Status::ResultTooLarge, "{cap}");
    }
    let (status, block) = skill.call("many", &json!([3]), 28);
    assert_eq!((status, block.len()), (frame::Status::Ok, 28));
    let (status, _) = skill.call("strings", &json!([["a", "bc"]]), 16 + 32 + 2);
    assert_eq!(status, frame::Status::ResultTooLarge);
}

/// The names that a shared object made of the skill defines for others, less those of standard
/// templates, which are weak and come from the source.
fn exports_one_symbol(skill: &Skill) {
    skill.link(&[], &["-shared", "-o", "skill.so"]);
    let output = run(&skill.dir, "nm", &["-D", "--defined-only", "skill.so"]);
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let strong = names.lines().filter(|line| !line.contains(" W ") && !line.contains(" V "));
    let strong: Vec<_> = strong.filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(strong, [frame::TABLE_SYMBOL]);
    assert!(!names.contains("__saggar"), "{names}");
}

#[test]
fn no_macro_and_no_name_of_a_source_breaks_the_glue() {
    let skill = Skill::new(
        "macros",
        Language::Cpp,
        include_str!("macros.cpp"),
        &[
            "count: func(text: string, word: string) -> s64",
            "sort: func(v: list<s64>) -> list<s64>",
            "size: func(v: list<s64>) -> s64",
            "gcd: func(a: s64, b: s64) -> s64",
            "solve: func(v: list<s64>) -> s64",
            "data: func(x: string) -> string = dataset",
        ],
    );
    for standard in ["-std=c++17", "-std=gnu++20", "-std=c++2b"] {
        let output = skill.compile(&[standard, "-fsyntax-only"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // The source has a main of its own.
    skill.build(&["-Dmain=not_main"]);
    skill.gives("count", &json!(["a b a", "a"]), &json!(2));
    skill.gives("sort", &json!([[3, 1, 2]]), &json!([1, 2, 3]));
    skill.gives("size", &json!([[3, 1]]), &json!(2));
    skill.gives("gcd", &json!([12, 18]), &json!(6));
    skill.gives("solve", &json!([[1, 2, 3]]), &json!(6));
    skill.gives("data", &json!(["x"]), &json!("x"));

    let bare = Skill::new(
        "bare",
        Language::Cpp,
        include_str!("bare.cpp"),
        &[
            "add: func(a: s64, b: s64) -> s64",
            "less: func(a: f64, b: f64) -> bool",
            "name: func() -> string",
        ],
    );
    bare.build(&["-std=c++17"]);
    bare.gives("add", &json!([1, 2]), &json!(3));
    bare.gives("less", &json!([1, 2]), &json!(true));
    bare.gives("name", &json!([]), &json!("bare"));
}
