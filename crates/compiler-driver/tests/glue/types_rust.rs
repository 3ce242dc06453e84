//! Records and enums in Rust: the structs and enums of a source that stand for them, whatever
//! else the source defines.

use saggar_compiler_driver::glue::Language;
use serde_json::json;

use super::harness::Skill;

const TYPES: &str = "
    record point { x: f64, y: f64 }
    enum color { red, dark-green, blue }
    record item {
        color: color, at: point, tag-names: list<string>, %type: option<u8>,
        weights: list<tuple<string, f32>>,
    }
    record meters { value: f64, digits: u8 }
    record word { text: string, count: u64 }
    record span { start: s32, end: s32 }
    record bytes { low: u8, high: u8 }
    record circle { radius: f64 }
    record plain { width: u32, height-mm: u32 }
    enum level { low, high }
";

const FUNCTIONS: &[&str] = &[
    "norm: func(p: point) -> f64",
    "mid: func(a: point, b: point) -> point",
    "shift: func(p: point, by: f64) -> point",
    "centre: func(points: list<point>) -> option<point>",
    "as-tuple: func(span: bytes) -> bytes",
    "next: func(c: color) -> color",
    "colors: func(cs: list<color>) -> u64",
    "echo: func(item: item) -> item",
    "heaviest: func(items: list<item>) -> result<item, string>",
    "long: func(m: meters) -> meters",
    "words: func(text: string) -> list<word>",
    "longest: func(words: list<word>) -> option<word>",
    "widen: func(s: span) -> span",
    "round: func(r: f64) -> circle",
    "area: func(c: circle) -> f64 = shapes::area",
    "rise: func(l: level) -> level = shapes::rise",
    "flat: func(g: list<list<u8>>) -> list<u8>",
    "checked: func(n: s32) -> s32",
    "generic-points: func(p: list<point>) -> u64",
    "wide: func(p: plain) -> u32",
];

fn calls(skill: &Skill) {
    let point = |x: f64, y: f64| json!({"x": x, "y": y});
    let item = |color: &str, weight: f64| {
        json!({
            "color": color, "at": point(1.0, 2.0), "tag-names": ["a", "é"], "type": 3,
            "weights": [["w", weight]],
        })
    };
    let word = |text: &str| json!({"text": text, "count": text.len()});
    for (name, args, expected) in [
        ("norm", json!([point(3.0, 4.0)]), json!(5.0)),
        ("mid", json!([point(0.0, 2.0), point(2.0, 4.0)]), point(1.0, 3.0)),
        ("shift", json!([point(0.0, 2.0), 0.5]), point(0.5, 2.0)),
        ("centre", json!([[point(0.0, 2.0), point(2.0, 4.0)]]), point(1.0, 3.0)),
        ("centre", json!([[]]), json!(null)),
        ("as-tuple", json!([{"low": 1, "high": 2}]), json!({"low": 2, "high": 1})),
        ("next", json!(["red"]), json!("dark-green")),
        ("next", json!(["dark-green"]), json!("blue")),
        ("colors", json!([["red", "blue", "red"]]), json!(2)),
        ("echo", json!([item("blue", 0.5)]), item("blue", 0.5)),
        (
            "heaviest",
            json!([[item("red", 0.5), item("blue", 1.5)]]),
            json!({"ok": item("blue", 1.5)}),
        ),
        ("heaviest", json!([[]]), json!({"err": "Empty"})),
        ("long", json!([{"value": 1.5, "digits": 2}]), json!({"value": 3.0, "digits": 2})),
        ("words", json!(["ab c"]), json!([word("ab"), word("c")])),
        ("longest", json!([[word("a"), word("bc")]]), word("bc")),
        ("widen", json!([{"start": 1, "end": 2}]), json!({"start": 0, "end": 3})),
        ("round", json!([1.5]), json!({"radius": 1.5})),
        ("area", json!([{"radius": 1.5}]), json!(3.0)),
        ("rise", json!(["low"]), json!("high")),
        ("flat", json!([[[1], [2, 3]]]), json!([1, 2, 3])),
        ("checked", json!([3]), json!(3)),
        ("generic-points", json!([[point(0.0, 0.0)]]), json!(1)),
        ("wide", json!([{"width": 1, "height-mm": 2}]), json!(3)),
    ] {
        skill.gives(name, &args, &expected);
    }
    skill.fails("next", &json!(["blue"]), "the result is no case of the enum color");
    skill.fails("checked", &json!([-3]), "Low { by: 3 }");
}

#[test]
fn structs_and_enums_of_the_source_stand_for_records_and_enums() {
    let source = include_str!("rust/types.rs");
    for edition in ["2021", "2024"] {
        let test = format!("types-rust-{edition}");
        let skill = Skill::with_types(&test, Language::Rust, source, TYPES, FUNCTIONS);
        skill.build(&[&format!("--edition={edition}")]);
        calls(&skill);
    }
}

#[test]
fn a_value_whose_drop_panics_keeps_no_other_from_being_dropped() {
    let types = "record quiet { file: string } record loud { n: u8 }";
    let source = "
        struct Quiet { file: String }
        impl Drop for Quiet { fn drop(&mut self) { std::fs::write(&self.file, []).unwrap() } }
        struct Loud { n: u8 }
        impl Drop for Loud { fn drop(&mut self) { if self.n > 0 { panic!(\"loud\") } } }
        fn f(quiet: &[Quiet], loud: &[Loud]) -> usize { quiet.len() + loud.len() }
        ";
    let function = &["f: func(quiet: list<quiet>, loud: list<loud>) -> u64"];
    let skill = Skill::with_types("loud-rust", Language::Rust, source, types, function);
    skill.build(&["-Copt-level=3"]);
    let args = |file: &str, n: u8| json!([[{"file": file}], [{"n": n}]]);
    skill.gives("f", &args("one", 0), &json!(2));
    skill.fails("f", &args("other", 1), "panicked at skill.rs:5:67: loud");
    assert!(skill.dir.join("one").exists() && skill.dir.join("other").exists());
}

#[test]
fn types_with_a_leading_path_separator_are_read() {
    let types = "record item { name: string, tags: list<string> }";
    let source = "
        struct Item { name: ::std::string::String, tags: ::std::vec::Vec<String> }
        fn echo(item: ::std::vec::Vec<Item>) -> Vec<Item> { item }
        ";
    let function = &["echo: func(items: list<item>) -> list<item>"];
    let skill = Skill::with_types("leading-rust", Language::Rust, source, types, function);
    skill.build(&[]);
    let items = json!([{"name": "a", "tags": ["b", "c"]}]);
    skill.gives("echo", &json!([items]), &items);
}
