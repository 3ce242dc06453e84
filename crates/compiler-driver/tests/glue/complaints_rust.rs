//! What rustc says where source and interface differ: the driver reads these shapes.

use saggar_compiler_driver::glue::Language;

use super::harness::Skill;

/// Compares the errors, each of the glue's own without its first word, types without their paths.
fn check(skill: &Skill, expected: &[&str]) {
    let plain = |error: &String| {
        let paths = ["saggar: ", "std::option::", "std::collections::", "std::vec::"];
        paths.iter().fold(error.clone(), |text, path| text.replace(path, ""))
    };
    let errors: Vec<String> = skill.errors().iter().map(plain).collect();
    assert_eq!(errors, expected);
}

#[test]
fn a_mismatch_in_rust_is_one_error_that_names_its_place() {
    let source = "
        fn one(n: i32, x: f32) -> i64 { n as i64 + x as i64 }
        fn two(xs: &[u32]) -> (i32, i32) { (0, xs[0] as i32) }
        fn three(a: u64) -> i32 { a as i32 }
        fn four(a: &std::collections::BTreeMap<i32, f64>, b: &mut char) -> bool { a.is_empty() }
        fn five(a: i64, b: u64) -> bool { a > b as i64 }
        fn six(f: fn(u8) -> u8) -> u8 { f(1) }
        fn seven(a: Option<f32>) -> Option<f32> { a }
        mod inner { pub fn eight(a: i64) -> i32 { a as i32 } }
        fn nine(a: &[i32]) -> Option<i32> { a.first().copied() }
        ";
    let functions = &[
        "one: func(n: s64, x: f64) -> s64",
        "two: func(xs: list<s32>) -> list<list<s32>>",
        "three: func(a: u64)",
        "four: func(a: list<f64>, b: bool) -> bool",
        "five: func(a: s64, b: u64) -> bool",
        "six: func(f: string) -> u8",
        "seven: func(a: option<s32>) -> tuple<s32>",
        "eight: func(a: s32) -> s32 = inner::eight",
        "nine: func(a: list<s32>) -> s32",
    ];
    check(
        &Skill::new("mismatch-rust", Language::Rust, source, functions),
        &[
            "one.0: one: parameter 1 (n: s64) is declared as `i32`; use i64",
            "one.1: one: parameter 2 (x: f64) is declared as `f32`; use f64",
            "two.0: two: parameter 1 (xs: list<s32>) is declared as `&[u32]`; use &[i32] or \
             Vec<i32>",
            "two: two: the result (list<list<s32>>) is declared as `(i32, i32)`; use Vec<Vec<i32>>",
            "three: three: the result (none) is declared as `i32`; use ()",
            "four.0: four: parameter 1 (a: list<f64>) is declared as `&BTreeMap<i32, f64>`; use \
             &[f64] or Vec<f64>",
            "four.1: four: parameter 2 (b: bool) is declared as `&mut char`; use bool",
            "six.0: six: parameter 1 (f: string) is declared as `fn(u8) -> u8`; use &str or String",
            "seven.0: seven: parameter 1 (a: option<s32>) is declared as \
             `Option<f32>`; use Option<i32>",
            "seven: seven: the result (tuple<s32>) is declared as `Option<f32>`; use \
             (i32,)",
            "eight.0: eight: parameter 1 (a: s32) is declared as `i64`; use i32",
            "nine: nine: the result (s32) is declared as `Option<i32>`; use i32",
        ],
    );
}

#[test]
fn what_no_call_can_be_written_for_is_said_of_the_function() {
    let source = "
        fn two(text: &str) -> usize { text.len() }
        async fn six(a: String) -> i32 { a.len() as i32 }
        fn seven<F: Fn(i32) -> i32>(f: F) -> i32 { f(1) }
        fn eight(f: impl Fn(i32) -> i32) -> i32 { f(1) }
        fn nine<const N: usize>(a: [i32; N]) -> i32 { a[0] }
        fn ten<T: Default>() -> i32 { let _made = T::default(); 1 }
        ";
    let functions = &[
        "two: func(text: string, word: string) -> u64",
        "six: func(a: string) -> s32",
        "seven: func(a: s32) -> s32",
        "eight: func(a: s32) -> s32",
        "nine: func(a: list<s32>) -> s32",
        "ten: func() -> s32",
    ];
    check(
        &Skill::new("uncallable-rust", Language::Rust, source, functions),
        &[
            "two: two: takes 2 parameter(s) in the interface but another number in the source",
            "six: six: is async; declare it without `async`",
            "seven: seven: is generic over `F`, which the interface leaves open; declare it for \
             the types of the interface",
            "eight: eight: parameter 1 (a: s32) is declared as another type; use i32",
            "nine: nine: is generic over the constant `N`, which the interface does not know; use \
             &[T] or Vec<T>",
            "ten: ten: is generic over `T`, which the interface leaves open; declare it for the \
             types of the interface",
        ],
    );
}

#[test]
fn a_missing_or_private_function_is_named_by_rustc() {
    let functions = &[
        "count-all: func(n: s32) -> s32",
        "of: func(s: string) -> s32",
        "area: func() -> s32 = geometry::area",
        "hidden: func() -> s32 = inner::hidden",
    ];
    let source = "fn other() -> i32 { 1 }\nmod inner { fn hidden() -> i32 { 1 } }\n";
    let mut errors = Skill::new("missing-rust", Language::Rust, source, functions).errors();
    errors.sort();
    errors.dedup();
    assert_eq!(
        errors,
        [
            "area: cannot find `geometry` in `super`",
            "count-all: cannot find function `count_all` in module `super`",
            "hidden: function `hidden` is private",
            "of: cannot find function `of` in module `super`",
        ]
    );
}

#[test]
fn what_a_static_reference_asks_is_said_of_the_function() {
    let source = "fn f(text: &'static str) -> &'static str { text }";
    let skill =
        Skill::new("static-rust", Language::Rust, source, &["f: func(s: string) -> string"]);
    check(&skill, &["f: borrowed data escapes outside of function"]);
}

#[test]
fn a_type_that_does_not_fit_its_record_or_enum_is_one_error() {
    let types = "
        record point { x: f64, y: f64 }
        enum color { red, green }
        record span { start: s32, end: s32 }
        record wide { a: u8, b: u8 }
        record gen { a: list<u8> }
        record open { a: u8 }
        enum code { ok, bad }
        record hidden { a: u8 }
        enum kind { a }
    ";
    let source = "
        struct Point { x: f32, z: f64 }
        enum Color { Red }
        struct Span { start: i32, end: u64 }
        struct Wide { a: u8, b: u8, c: u8 }
        struct Gen<T, U> { a: Vec<T>, u: U }
        struct Open<T> { a: u8, rest: std::marker::PhantomData<T> }
        enum Code { Ok(i32), Bad }
        struct Kind { a: u8 }
        fn one(p: Point) -> f64 { 1.0 }
        fn two(c: Color) -> Color { c }
        fn three(s: &Span) -> i64 { 1 }
        fn four(w: Wide) -> u8 { 1 }
        fn six(g: &Gen<String, u8>) -> u8 { 1 }
        fn seven() -> Code { Code::Bad }
        fn eight(p: Color) -> u8 { 1 }
        fn nine(p: Vec<Point>) {}
        fn ten() -> Open<Vec<u8>> { loop {} }
        fn eleven(k: Kind) {}
        ";
    let functions = &[
        "one: func(p: point) -> f64",
        "two: func(c: color) -> color",
        "three: func(s: span) -> s64",
        "four: func(w: wide) -> u8",
        "six: func(g: gen) -> u8",
        "seven: func() -> code",
        "eight: func(p: list<u8>) -> u8",
        "nine: func(p: list<point>)",
        "ten: func() -> open",
        "eleven: func(k: kind)",
    ];
    check(
        &Skill::with_types("unfit-rust", Language::Rust, source, types, functions),
        &[
            "one.0: record point: struct `Point` has no field `y`",
            "two.0: enum color: enum `Color` has no variant for the case `green`",
            "four.0: record wide: struct `Wide` has a field `c` that the record does not have",
            "six.0: record gen: struct `Gen` has a field `u` that the record does not have",
            "seven: enum code: variant `Code::Ok` has data; a case has none",
            "ten: record open: struct `Open` is generic over `T`, which the record leaves open",
            "eleven.0: enum kind: `Kind` is no enum in the source",
            "three.0: record span: field end (s32) is declared as `u64`; use i32",
            "eight.0: eight: parameter 1 (p: list<u8>) is declared as `Color`; use &[u8] or Vec<u8>",
        ],
    );
}

#[test]
fn a_source_that_ends_too_early_fails_where_it_ends_or_where_it_began_to() {
    for (source, line) in [
        ("fn f() -> i32 { 1", 2),
        ("fn f() -> i32 { 1 }\nstruct X { y: i32,\n", 4),
        ("fn f() -> i32 { 1 }\nconst X: i32 = 1", 2),
        ("fn f() -> i32 { 1 }\n/* open", 2),
        ("fn f() -> i32 { 1 }\nconst S: &str = \"open;\n", 2),
        ("fn f() -> i32 { 1 } }", 1),
        ("fn f() -> i32", 2),
        ("fn f() -> i32 { 1 }\nimpl", 3),
    ] {
        let skill = Skill::new("early-rust", Language::Rust, source, &["f: func() -> s32"]);
        let first = skill.errors().swap_remove(0);
        assert!(first.starts_with(&format!("glue:{line}: ")), "{source}\n{first}");
        assert!(line <= skill.glue.end_of_source);
    }
}

#[test]
fn an_attribute_or_comment_at_the_end_of_a_source_does_not_reach_the_glue() {
    for end in ["#[cfg(test)]", "/// More to come.", "// No line end", "#[allow(unused)]\n"] {
        let source = format!("#![deny(warnings)]\nfn f() -> i32 {{ 1 }}\n{end}");
        let skill = Skill::new("ends-rust", Language::Rust, &source, &["f: func() -> s32"]);
        skill.build(&[]);
        skill.gives("f", &serde_json::json!([]), &serde_json::json!(1));
    }
}

#[test]
fn a_type_of_the_library_stands_for_no_record() {
    let types = "record place { name: string } enum color { red }";
    let functions = &[
        "one: func() -> list<place>",
        "two: func(a: color) -> u8",
        "three: func(a: list<place>) -> option<place>",
    ];
    let source = "
        fn one() -> Vec<u8> { Vec::new() }
        fn two(a: &str) -> u8 { a.len() as u8 }
        struct Place { name: String }
        fn three(a: &[Place]) -> Option<Vec<u8>> { a.first().map(|p| p.name.clone().into()) }
        ";
    check(
        &Skill::with_types("library-rust", Language::Rust, source, types, functions),
        &[
            "one: one: the result (list<place>) is declared as `Vec<u8>`; use Vec<a struct `Place`>",
            "two.0: two: parameter 1 (a: color) is declared as `&str`; use an enum `Color`",
            "three: three: the result (option<place>) is declared as `Option<Vec<u8>>`; use \
             Option<a struct `Place`>",
        ],
    );
}
