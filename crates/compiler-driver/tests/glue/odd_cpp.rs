//! Composite types in sources that nobody would write to please the C++ glue: macros, packed and
//! unusual classes, enums too large for a byte.

use saggar_compiler_driver::glue::Language;
use serde_json::json;

use super::harness::{Family, Skill, families};
use super::types_cpp::TYPES;

#[test]
fn an_enum_of_many_cases_takes_two_bytes() {
    let list =
        |letter: &str| (0..300).map(|i| format!("{letter}{i}")).collect::<Vec<_>>().join(", ");
    let source = format!(
        "#include <vector>\nenum class Many {{ {} }};\n\
         struct Both {{ unsigned char a; Many b; }};\n\
         Many same(Many x) {{ return x; }}\n\
         std::vector<Both> all(std::vector<Both> x) {{ return x; }}\n\
         Many none() {{ return static_cast<Many>(300); }}",
        list("C")
    );
    let types = format!("enum many {{ {} }} record both {{ a: u8, b: many }}", list("c"));
    let skill = Skill::with_types(
        "types-many",
        Language::Cpp,
        &source,
        &types,
        &[
            "same: func(x: many) -> many",
            "all: func(x: list<both>) -> list<both>",
            "none: func() -> many",
        ],
    );
    skill.build(&[]);
    for case in ["c0", "c255", "c256", "c299"] {
        skill.gives("same", &json!([case]), &json!(case));
    }
    let both = json!([{"a": 1, "b": "c299"}, {"a": 2, "b": "c0"}]);
    skill.gives("all", &json!([both]), &both);
    skill.fails("none", &json!([]), "the function returned a value that is no case of many");
}

/// Macros, keywords, packed structs and names of the glue's own in the source's types.
#[test]
fn no_macro_and_no_name_of_a_source_breaks_composite_types() {
    let skill = Skill::with_types(
        "types-macros",
        Language::Cpp,
        include_str!("types_macros.cpp"),
        "record entry { key: s64, value: s64, size: s64, data: string, %type: kind }
         record words { class: string, %int: s64, default: bool, max-len: s64 }
         enum kind { null, linux, %default, eof, class, max }
         record packed { a: u8, b: f64, c: u16 }
         record tag { tag: s64 }
         enum flavour { %option, none }",
        &[
            "get: func(e: entry) -> entry",
            "index: func(w: words) -> words",
            "pack: func(p: list<packed>) -> list<packed>",
            "tags: func(t: option<tag>) -> tuple<tag, kind>",
            "taste: func(f: flavour) -> flavour",
        ],
    );
    for standard in ["-std=c++17", "-std=c++2b"] {
        let output = skill.compile(&[standard, "-fsyntax-only"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    skill.build(&["-fsanitize=undefined", "-fno-sanitize-recover=all", "-Wextra"]);
    let entry = json!({"key": 1, "value": 2, "size": 3, "data": "x", "type": "null"});
    skill.gives("get", &json!([entry]), &entry);
    let words = json!({"class": "a", "int": 1, "default": true, "max-len": 9});
    skill.gives("index", &json!([words]), &words);
    let packed = json!([{"a": 1, "b": 2.5, "c": 3}, {"a": 4, "b": "NaN", "c": 5}]);
    skill.gives("pack", &json!([packed]), &packed);
    skill.gives("tags", &json!([{"tag": 5}]), &json!([{"tag": 5}, "linux"]));
    skill.gives("tags", &json!([null]), &json!([{"tag": 0}, "max"]));
    skill.gives("taste", &json!(["none"]), &json!("none"));
}

#[test]
fn unusual_classes_cross_the_cpp_glue() {
    families().into_iter().for_each(unusual_classes_cross_the_cpp_glue_by);
}

fn unusual_classes_cross_the_cpp_glue_by(family: Family) {
    let skill = Skill::with_types(
        "types-odd",
        Language::Cpp,
        include_str!("types_odd.cpp"),
        TYPES,
        &[
            "sum: func(v: list<f64>) -> f64",
            "stat: func(x: list<string>) -> list<string>",
            "base: func(p: point) -> point",
            "methods: func(p: point) -> point",
            "moved: func(p: list<option<string>>) -> list<option<string>>",
            "nomove: func() -> point",
            "cv: func() -> point",
            "wstr: func(s: list<char>) -> list<char>",
            "mine: func(x: s32) -> result<s32, string>",
            "opt-rec: func(p: option<point>) -> option<point>",
            "opt-ptr: func(p: option<point>) -> option<point>",
            "bools: func(x: list<tuple<bool, list<bool>>>) -> list<tuple<bool, list<bool>>>",
            "nul: func(t: tuple<string, char>) -> tuple<string, char>",
            "virt: func(p: point) -> point",
            "inner: func(c: color) -> color",
            "typed: func(c: color) -> color",
            "maps: func(x: list<tuple<s32, list<tuple<string, point>>>>) -> list<tuple<s32, list<tuple<string, point>>>>",
            "ok-rec: func(x: s32) -> result<point, color>",
            "throw-in: func(x: s32) -> result<list<string>, string>",
            "gen-rec: func(x: list<point>) -> point",
            "multi: func(a: option<s32>, b: option<s32>, c: tuple<s32, s32>) -> s32",
            "multi-one: func(a: option<s32>) -> s32 = multi",
            "nested: func(x: result<option<list<point>>, result<color>>) -> result<option<list<point>>, result<color>>",
            "ret-null: func() -> string",
            "zero: func(x: tuple<list<s32>, string, list<list<point>>>) -> tuple<list<s32>, string, list<list<point>>>",
            "fl: func(x: list<flat>) -> option<flat>",
        ],
    ).by(family);
    skill.build(&["-O1", "-Wextra", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    let p = json!({"x": 1.0, "y": 2.0});
    for name in ["base", "methods", "virt"] {
        skill.gives(name, &json!([p]), &p);
    }
    skill.gives("moved", &json!([[null, "a"]]), &json!([null, "a"]));
    skill.gives("nomove", &json!([]), &p);
    skill.gives("cv", &json!([]), &p);
    skill.gives("wstr", &json!([["a", "🦀"]]), &json!(["a", "🦀"]));
    skill.gives("mine", &json!([1]), &json!({"ok":1}));
    skill.gives("mine", &json!([-1]), &json!({"err":"neg"}));
    for name in ["opt-rec", "opt-ptr"] {
        skill.gives(name, &json!([p]), &p);
        skill.gives(name, &json!([null]), &json!(null));
    }
    let b = json!([[true, [false, true]], [false, []]]);
    skill.gives("bools", &json!([b]), &b);
    skill.gives("nul", &json!([["a\u{0}b", "\u{0}"]]), &json!(["a\u{0}b", "\u{0}"]));
    skill.gives("inner", &json!(["green"]), &json!("green"));
    skill.gives("typed", &json!(["dark-blue"]), &json!("dark-blue"));
    let m = json!([[1, [["a", p]]], [2, []]]);
    skill.gives("maps", &json!([m]), &m);
    skill.gives("ok-rec", &json!([1]), &json!({"ok": p}));
    skill.fails("ok-rec", &json!([-1]), "thrown");
    skill.gives("throw-in", &json!([-1]), &json!({"err": "thrown"}));
    skill.gives("throw-in", &json!([1]), &json!({"ok": ["a"]}));
    skill.gives("gen-rec", &json!([[p]]), &p);
    skill.gives("multi", &json!([1, null, [2, 3]]), &json!(5));
    skill.gives("multi-one", &json!([1]), &json!(1));
    for v in [
        json!({"ok": null}),
        json!({"ok": []}),
        json!({"ok": [p]}),
        json!({"err": {"ok": "red"}}),
        json!({"err": {"err": null}}),
    ] {
        skill.gives("nested", &json!([v]), &v);
    }
    skill.fails("ret-null", &json!([]), "the function returned NULL");
    let z = json!([[], "", [[], [p]]]);
    skill.gives("zero", &json!([z]), &z);
    skill.gives("fl", &json!([[{"a":1,"b":2,"c":3}]]), &json!({"a":1,"b":2,"c":3}));
    skill.gives("sum", &json!([[1, 2]]), &json!(3.0));
}
