//! Composite types across the C++ glue: every form in which a source may declare characters,
//! tuples, options, results, records, enums and the containers of them.

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::frame;
use serde_json::{Value, json};

use super::harness::{Family, Skill, families, run};

pub(super) const TYPES: &str = "
    record point { x: f64, y: f64 }
    enum color { red, dark-blue, green }
    enum level { low, high }
    record item {
        name: string, item-count: u8, place: option<point>, color: color, tags: list<string>
    }
    record segment { %from: point, to: point }
    record flat { a: u8, b: u64, c: u8 }
    record seen { name: string, numbers: list<s32> }
";

const FORMS: &[&str] = &[
    "next-char: func(c: char) -> char",
    "wide: func(c: char) -> char",
    "ascii: func(c: char) -> char",
    "beyond: func() -> char",
    "reversed: func(s: list<char>) -> list<char>",
    "code-points: func(s: list<char>) -> list<char>",
    "letters: func(s: list<char>) -> list<char>",
    "spanned: func(s: list<char>) -> list<char>",
    "padded: func(t: tuple<u8, u64, u8>) -> tuple<u8, u64, u8>",
    "swapped: func(p: tuple<s32, string>) -> tuple<string, s32>",
    "cross: func(a: tuple<f64, f64, f64>) -> tuple<f64, f64, f64>",
    "tied: func(s: string) -> tuple<string, s32>",
    "nested-tuple: func(x: list<tuple<s32, list<string>>>) -> list<tuple<s32, list<string>>>",
    "single: func(x: tuple<s32>) -> tuple<s32>",
    "half: func(x: option<s32>) -> option<s32>",
    "pointed: func(x: option<s32>) -> option<s32>",
    "raw: func(x: option<f64>) -> option<f64>",
    "text-or-null: func(s: option<string>) -> option<string>",
    "string-pointer: func(s: option<string>) -> option<string>",
    "owner: func(s: option<string>) -> option<string>",
    "shared: func(x: option<s32>) -> option<s32>",
    "twice: func(x: option<option<u64>>) -> option<option<u64>>",
    "gaps: func(x: list<option<f64>>) -> list<option<f64>>",
    "parse: func(s: string) -> result<s32, string>",
    "error-first: func(x: s32) -> result<s32, string>",
    "plain: func(s: string) -> result<s32, string>",
    "plain-void: func(x: s32) -> result<_, string>",
    "plain-unit: func(n: s32) -> result<list<string>>",
    "plain-none: func(x: s32) -> result = plain_void",
    "nothing-or: func(s: string) -> result<_, string>",
    "either: func(x: result<s32, string>) -> string",
    "same: func(x: result<string, string>) -> result<string, string>",
    "mirror: func(p: point) -> point",
    "same-point: func(p: point) -> point",
    "generic: func(p: point) -> point",
    "as-pair: func(p: point) -> point",
    "turn: func(s: segment) -> segment",
    "flats: func(x: list<flat>) -> list<flat>",
    "views: func(v: seen) -> seen",
    "item-of: func(i: item) -> item = item",
    "color-of: func(c: color) -> color = color",
    "no-color: func() -> color",
    "flip: func(l: level) -> level",
    "colors: func(c: list<color>) -> list<color>",
    "centre: func(all: list<point>) -> option<point>",
    "fetch: func(items: list<tuple<string, item>>, name: string) -> result<item, color>",
    "counts: func(x: list<tuple<string, s32>>) -> list<tuple<string, s32>>",
    "ordered: func(x: list<tuple<string, s32>>) -> list<tuple<string, s32>>",
    "multi: func(x: list<tuple<s32, string>>) -> list<tuple<s32, string>>",
    "distinct: func(x: list<s32>) -> list<s32>",
    "how-many: func(x: list<string>) -> u64",
    "three: func(x: list<s32>) -> list<s32>",
    "couples: func(x: list<tuple<string, string>>) -> list<tuple<string, string>>",
    "couple-lists: func(x: list<list<string>>) -> list<list<string>> = couples",
    "deep: func(x: list<option<tuple<point, list<string>>>>) \
     -> list<option<tuple<point, list<string>>>>",
    "deduced: func(x: option<s32>) -> tuple<bool, s32>",
    "over-option: func(x: option<s32>) -> s32 = over",
    "over-pair: func(x: tuple<s32, s32>) -> s32 = over",
    "over-tuple: func(x: tuple<s32, string>) -> s32 = over",
    "over-color: func(c: color) -> string = over",
    "over-point: func(p: point) -> string = over",
    "biggest: func(x: list<f64>) -> f64",
    "biggest-string: func(x: list<string>) -> string = biggest",
    "turned: func(a: s32, b: string) -> tuple<string, s32>",
    "bump: func(x: list<s64>, by: s64)",
    "twofold: func(x: string) -> string",
    "with-default: func(p: point) -> option<point>",
    "many-points: func(n: u32) -> list<point>",
    "throws: func(what: string) -> option<point>",
];

/// Calls that give back what they got.
fn echoes(skill: &Skill) {
    let point = json!({"x": -0.0, "y": "NaN"});
    let flat = json!({"a": 255, "b": u64::MAX, "c": 1});
    for (name, values) in [
        ("wide", json!(["é", "\u{10ffff}", "\u{0}"])),
        ("ascii", json!(["a", "\u{7f}"])),
        ("code-points", json!([["é", "🦀"], []])),
        ("letters", json!([["a", "b"], []])),
        ("spanned", json!([["a", "🦀"], []])),
        ("padded", json!([[1, u64::MAX, 255]])),
        ("nested-tuple", json!([[], [[1, []], [2, ["", "a\u{0}🦀"]]]])),
        ("single", json!([[5]])),
        ("pointed", json!([null, 7])),
        ("text-or-null", json!([null, "", "x"])),
        ("owner", json!([null, "", "x"])),
        ("shared", json!([null, 7])),
        ("twice", json!([null, {"some": null}, {"some": u64::MAX}])),
        ("gaps", json!([[], [null, 1.5, null, "Infinity"]])),
        ("same", json!([{"ok": "a"}, {"err": "b"}])),
        ("same-point", json!([point])),
        ("as-pair", json!([point])),
        ("flats", json!([[], [flat, flat]])),
        ("color-of", json!(["red", "dark-blue", "green"])),
        ("colors", json!([[], ["green", "red", "dark-blue"]])),
        ("counts", json!([[], [["a", 1], ["b", 2]]])),
        ("multi", json!([[[1, "b"], [1, "a"], [2, ""]]])),
        ("three", json!([[1, 2, 3]])),
        ("couples", json!([[["a", "b"]], []])),
        ("couple-lists", json!([[["a", "b"]], []])),
        ("deep", json!([[], [null, [point, ["", "é"]], null, [point, []]]])),
    ] {
        for value in values.as_array().expect("values") {
            skill.gives(name, &json!([value]), value);
        }
    }
}

fn characters_tuples_options(skill: &Skill) {
    skill.gives("next-char", &json!(["a"]), &json!("b"));
    skill.fails(
        "ascii",
        &json!(["é"]),
        "the character U+e9 is not ASCII and the source declares a char; declare a char32_t",
    );
    skill.fails(
        "beyond",
        &json!([]),
        "the function returned the char 0xe9, which is not ASCII; let it return a char32_t",
    );
    skill.gives("reversed", &json!([["a", "🦀"]]), &json!(["🦀", "a"]));
    skill.gives("swapped", &json!([[-1, "x"]]), &json!(["x", -1]));
    skill.gives("cross", &json!([[1.5, 2, "-Infinity"]]), &json!(["-Infinity", 2.0, 1.5]));
    skill.gives("tied", &json!(["é"]), &json!(["é", 1]));
    skill.gives("half", &json!([4]), &json!(2));
    skill.gives("half", &json!([3]), &json!(null));
    skill.gives("half", &json!([null]), &json!(null));
    skill.gives("raw", &json!([1.5]), &json!(2.5));
    skill.gives("raw", &json!([null]), &json!(null));
    skill.gives("string-pointer", &json!(["a"]), &json!("a!"));
    skill.gives("string-pointer", &json!([null]), &json!(null));
}

fn results(skill: &Skill) {
    skill.gives("parse", &json!(["12"]), &json!({"ok": 12}));
    skill.gives("parse", &json!([""]), &json!({"err": "empty"}));
    skill.fails("parse", &json!(["x"]), "stoi");
    skill.gives("error-first", &json!([-1]), &json!({"err": "negative"}));
    skill.gives("error-first", &json!([1]), &json!({"ok": 1}));
    skill.gives("plain", &json!(["12"]), &json!({"ok": 12}));
    skill.gives("plain", &json!(["x"]), &json!({"err": "stoi"}));
    skill.fails("plain", &json!(["int"]), "unknown exception");
    let (status, _) = skill.call("plain", &json!(["memory"]), 64);
    assert_eq!(status, frame::Status::OutOfMemory);
    skill.gives("plain-void", &json!([1]), &json!({"ok": null}));
    skill.gives("plain-void", &json!([-1]), &json!({"err": "below zero"}));
    skill.gives("plain-unit", &json!([2]), &json!({"ok": ["x", "x"]}));
    skill.gives("plain-unit", &json!([-1]), &json!({"err": null}));
    skill.gives("plain-none", &json!([1]), &json!({"ok": null}));
    skill.gives("plain-none", &json!([-1]), &json!({"err": null}));
    skill.gives("nothing-or", &json!([""]), &json!({"ok": null}));
    skill.gives("nothing-or", &json!(["x"]), &json!({"err": "x"}));
    skill.gives("either", &json!([{"ok": 5}]), &json!("5"));
    skill.gives("either", &json!([{"err": "no"}]), &json!("no"));
}

fn records_and_enums(skill: &Skill) {
    let [a, b] = [json!({"x": 1.0, "y": 2.0}), json!({"x": 2.0, "y": 1.0})];
    skill.gives("mirror", &json!([a]), &b);
    skill.gives("generic", &json!([a]), &b);
    let [turned, segment] = [json!({"from": b, "to": a}), json!({"from": a, "to": b})];
    skill.gives("turn", &json!([segment]), &turned);
    let seen = |name: &str, numbers: Value| json!({"name": name, "numbers": numbers});
    skill.gives("views", &json!([seen("abc", json!([1, 2]))]), &seen("bc", json!([2])));
    let item = |count: u8, place: &Value, tags: &[&str]| json!({"name": "jug", "item-count": count, "place": place, "color": "green", "tags": tags});
    skill.gives("item-of", &json!([item(1, &a, &["t"])]), &item(2, &a, &["t", "4"]));
    skill.gives("item-of", &json!([item(1, &json!(null), &[])]), &item(2, &json!(null), &["4"]));
    skill.gives("flip", &json!(["low"]), &json!("high"));
    skill.fails("no-color", &json!([]), "the function returned a value that is no case of color");
    skill.gives("centre", &json!([[a, b]]), &json!({"x": 1.5, "y": 1.5}));
    skill.gives("centre", &json!([[]]), &json!(null));
    let jug = item(3, &b, &[]);
    let items = json!([["jug", jug]]);
    skill.gives("fetch", &json!([items, "jug"]), &json!({"ok": jug}));
    skill.gives("fetch", &json!([items, "cup"]), &json!({"err": "dark-blue"}));
    skill.gives("with-default", &json!([a]), &json!({"x": 2.0, "y": 2.0}));
}

fn containers_and_overloads(skill: &Skill) {
    skill.gives("counts", &json!([[["a", 1], ["a", 2]]]), &json!([["a", 2]]));
    skill.gives("ordered", &json!([[["a", 1], ["b", 2]]]), &json!([["b", 2], ["a", 1]]));
    skill.gives("distinct", &json!([[3, 1, 3]]), &json!([1, 3]));
    skill.gives("how-many", &json!([["a", "b", "a"]]), &json!(2));
    skill.fails(
        "three",
        &json!([[1, 2]]),
        "the source takes a list of exactly 3 elements, not of 2",
    );
    skill.gives("deduced", &json!([3]), &json!([true, 3]));
    skill.gives("over-option", &json!([null]), &json!(-1));
    skill.gives("over-pair", &json!([[3, 4]]), &json!(12));
    skill.gives("over-tuple", &json!([[3, "x"]]), &json!(3));
    skill.gives("over-color", &json!(["red"]), &json!("color"));
    skill.gives("over-point", &json!([{"x": 1, "y": 2}]), &json!("point"));
    skill.gives("biggest", &json!([[1, 3, 2]]), &json!(3.0));
    skill.gives("biggest-string", &json!([["b", "a"]]), &json!("b"));
    skill.fails(
        "biggest",
        &json!([[]]),
        "vector::_M_range_check: __n (which is 0) >= this->size() (which is 0)",
    );
    skill.gives("turned", &json!([1, "a"]), &json!(["a", 1]));
    skill.gives("bump", &json!([[1], 1]), &json!(null));
    skill.gives("twofold", &json!(["ab"]), &json!("abab"));
}

fn failures(skill: &Skill) {
    skill.fails("throws", &json!(["no"]), "no");
    skill.fails("throws", &json!(["int"]), "unknown exception");
    let (status, _) = skill.call("throws", &json!(["memory"]), 64);
    assert_eq!(status, frame::Status::OutOfMemory);
    for cap in [0, 15, 16, 63] {
        let (status, _) = skill.call("many-points", &json!([3]), cap);
        assert_eq!(status, frame::Status::ResultTooLarge, "{cap}");
    }
    let (status, block) = skill.call("many-points", &json!([3]), 64);
    assert_eq!((status, block.len()), (frame::Status::Ok, 64));
}

/// The runner fills the result with 0xaa beforehand, which no value here holds.
fn padding_is_zero(skill: &Skill) {
    for (name, args) in [
        ("padded", json!([[1, 2, 3]])),
        ("flats", json!([[{"a": 1, "b": 2, "c": 3}]])),
        ("twice", json!([null])),
        ("twice", json!([{"some": null}])),
        ("gaps", json!([[null, 1.5]])),
        ("nothing-or", json!([""])),
        ("nothing-or", json!(["x"])),
        ("plain", json!(["1"])),
        ("plain", json!(["x"])),
        ("over-tuple", json!([[3, "x"]])),
        ("deduced", json!([1])),
        ("deep", json!([[null, [{"x": 1, "y": 2}, ["", "e"]]]])),
        ("fetch", json!([[], "cup"])),
    ] {
        let (status, block) = skill.call(name, &args, 1 << 16);
        assert_eq!(status, frame::Status::Ok);
        assert!(!block.contains(&0xaa), "{name}{args}: {block:x?}");
    }
}

fn all(skill: &Skill) {
    echoes(skill);
    characters_tuples_options(skill);
    results(skill);
    records_and_enums(skill);
    containers_and_overloads(skill);
    failures(skill);
    padding_is_zero(skill);
}

fn skill(test: &str) -> Skill {
    Skill::with_types(test, Language::Cpp, include_str!("types.cpp"), TYPES, FORMS)
}

#[test]
fn composite_types_cross_the_cpp_glue() {
    families().into_iter().for_each(composite_types_cross_the_cpp_glue_by);
}

fn composite_types_cross_the_cpp_glue_by(family: Family) {
    let skill = skill("types-cpp").by(family);
    skill.build(&["-Dmain=not_main", "-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion"]);
    all(&skill);
}

#[test]
fn composite_types_cross_it_in_older_and_newer_standards() {
    let skill = skill("types-standards");
    for standard in ["-std=c++17", "-std=gnu++23"] {
        skill.build(&["-Dmain=not_main", standard, "-O1"]);
        all(&skill);
    }
}

#[test]
fn sanitizers_find_nothing_in_composite_types() {
    let skill = skill("types-sanitized");
    let sanitize = "-fsanitize=address,undefined,float-cast-overflow";
    skill.build(&["-Dmain=not_main", "-O1", sanitize, "-fno-sanitize-recover=all"]);
    all(&skill);
}

#[test]
fn expected_values_cross_the_cpp_glue() {
    let skill = Skill::with_types(
        "types23-cpp",
        Language::Cpp,
        include_str!("types23.cpp"),
        "record problem { reason: string, line: s32 } enum kind { missing, broken }",
        &[
            "parse: func(s: string) -> result<s32, string>",
            "lines: func(s: string) -> result<list<string>, problem>",
            "check: func(x: s32) -> result<_, kind>",
            "bare: func(x: bool) -> result",
            "echo: func(x: result<string, problem>) -> result<string, problem>",
            "echo-void: func(x: result<_, string>) -> result<_, string>",
            "all: func(x: list<result<f64, kind>>) -> list<result<f64, kind>>",
            "unwrapped: func(x: s32) -> s32",
            "unwrapped-void: func(x: s32)",
            "coded: func(x: s32) -> string",
            "explained: func(x: s32) -> s32",
            "unexplained: func(x: s32) -> s32",
            "over: func(x: result<s32, string>) -> s32",
            "over-two: func(x: result<s32, bool>) -> s32 = over",
        ],
    );
    skill.build(&["-std=c++23", "-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion"]);
    skill.gives("parse", &json!(["7"]), &json!({"ok": 7}));
    skill.gives("parse", &json!([""]), &json!({"err": "empty"}));
    skill.fails("parse", &json!(["x"]), "stoi");
    skill.gives("lines", &json!(["x"]), &json!({"ok": ["x"]}));
    skill.gives("lines", &json!([""]), &json!({"err": {"reason": "no text", "line": 1}}));
    skill.gives("check", &json!([1]), &json!({"ok": null}));
    skill.gives("check", &json!([-1]), &json!({"err": "broken"}));
    skill.gives("bare", &json!([true]), &json!({"ok": null}));
    skill.gives("bare", &json!([false]), &json!({"err": null}));
    for (name, values) in [
        ("echo", json!([{"ok": "é"}, {"err": {"reason": "", "line": -1}}])),
        ("echo-void", json!([{"ok": null}, {"err": "x"}])),
        ("all", json!([[], [{"ok": "NaN"}, {"err": "missing"}, {"err": "broken"}]])),
    ] {
        for value in values.as_array().expect("values") {
            skill.gives(name, &json!([value]), value);
        }
    }
    skill.gives("unwrapped", &json!([1]), &json!(1));
    skill.fails("unwrapped", &json!([-1]), "below zero");
    skill.gives("unwrapped-void", &json!([1]), &json!(null));
    skill.fails("unwrapped-void", &json!([-1]), &"x".repeat(100));
    skill.gives("coded", &json!([1]), &json!("fine"));
    skill.fails("coded", &json!([-1]), "Invalid argument");
    skill.fails("explained", &json!([-1]), "oops");
    skill.fails("unexplained", &json!([-1]), "the function returned an error");
    skill.gives("over", &json!([{"ok": 5}]), &json!(5));
    skill.gives("over-two", &json!([{"err": true}]), &json!(1));
}

#[test]
fn a_source_with_a_main_makes_a_shared_object() {
    let skill = skill("types-main");
    let output = skill.compile(&[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    skill.link(&[], &["-shared", "-Wl,-z,defs", "-o", "skill.so"]);
    let output = run(&skill.dir, "nm", &["-D", "--defined-only", "skill.so"]);
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(names.contains(frame::TABLE_SYMBOL));
    assert!(!names.contains("__saggar"), "{names}");
}
