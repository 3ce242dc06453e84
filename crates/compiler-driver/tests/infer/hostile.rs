//! Texts made to break a reader: deep, long, unclosed, and random ones.

use std::time::{Duration, Instant};

use saggar_model::Language;

use crate::draw::Draw;
use crate::read;

const LANGUAGES: [Language; 3] = [Language::C, Language::Cpp, Language::Rust];
const MEBIBYTE: usize = 1 << 20;

fn within(language: Language, text: &str) {
    let start = Instant::now();
    let _found = read(language, text);
    let took = start.elapsed();
    let begin: String = text.chars().take(60).collect();
    assert!(took < Duration::from_secs(20), "{language:?} took {took:?} on {begin:?}…");
}

#[test]
fn a_mebibyte_of_anything_is_read_in_bounded_time() {
    let c = [
        "(",
        "[",
        "{",
        "<",
        "f(",
        "f(int a",
        "vector<",
        "namespace a{",
        "a::",
        "template<",
        "/*",
        "#if 1\n",
        "#define a a a\n",
        "int f(int a){}",
        "struct S{",
        "struct S{int a;};",
        "int a,",
        "enum E{a,",
        "typedef int a;",
        "using A = A;",
        "R\"(",
        "class C { int f() {} };",
    ];
    for piece in c {
        within(Language::Cpp, &piece.repeat(MEBIBYTE / piece.len()));
    }
    within(Language::C, &"int f(int *a, int n) {} ".repeat(MEBIBYTE / 24));
    let rust = [
        "(",
        "<",
        "&",
        "a::",
        "Vec<",
        "fn f(",
        "pub fn f(a:",
        "pub fn f(a: u8) {}\n",
        "mod m{",
        "#[",
        "'a",
        "-> ",
        "\"",
        "struct S { a: u8 }",
    ];
    for piece in rust {
        within(Language::Rust, &piece.repeat(MEBIBYTE / piece.len()));
    }
    let half = MEBIBYTE / 2;
    within(Language::Rust, &format!("{}{}", "(".repeat(half), ")".repeat(half)));
    let nested = format!("pub fn f(a: {}u8{}) {{}}", "(".repeat(half), ")".repeat(half));
    within(Language::Rust, &nested);
}

#[test]
fn types_that_grow_without_end_are_refused() {
    let mut cpp = String::from("struct T0 { int a; };\n");
    let mut aliases = String::from("using A0 = int;\n");
    let mut rust = String::from("type A0 = i32;\n");
    for i in 1..2000 {
        let j = i - 1;
        cpp += &format!("struct T{i} {{ T{j} a, b; }}; int f{i}(T{i} t) {{}}\n");
        aliases += &format!("using A{i} = std::pair<A{j}, A{j}>; int f{i}(A{i} t) {{}}\n");
        rust += &format!("type A{i} = (A{j}, A{j}); pub fn f{i}(a: A{i}) {{}}\n");
    }
    within(Language::Cpp, &cpp);
    within(Language::Cpp, &aliases);
    within(Language::Rust, &rust);
    let deep = format!("int f({}int{} a) {{}}", "std::vector<".repeat(5000), ">".repeat(5000));
    within(Language::Cpp, &deep);
    let deep = format!("pub fn f(a: {}i32{}) {{}}", "Vec<".repeat(5000), ">".repeat(5000));
    within(Language::Rust, &deep);
    let deep = format!("pub fn f(a: {}i32{}) {{}}", "[".repeat(5000), "]".repeat(5000));
    within(Language::Rust, &deep);
}

/// Random texts from pieces of declarations. A generator of our own, so that every run tries the
/// same texts.
#[test]
fn no_text_makes_it_panic() {
    const PIECES: [&str; 64] = [
        "int",
        " ",
        "f",
        "(",
        ")",
        "{",
        "}",
        "<",
        ">",
        ",",
        ";",
        ":",
        "::",
        "*",
        "&",
        "&&",
        "=",
        "struct",
        "enum",
        "class",
        "typedef",
        "using",
        "namespace",
        "template",
        "const",
        "std::vector",
        "std::map",
        "auto",
        "->",
        "[",
        "]",
        "#",
        "define",
        "\n",
        "if",
        "0",
        "endif",
        "size_t n",
        "char",
        "...",
        "'",
        "\"",
        "fn",
        "pub",
        "mod",
        "impl",
        "Result",
        "Vec",
        "&mut",
        "'a",
        "r#",
        "#[test]",
        "mut",
        "x:",
        "u8",
        "String",
        "type",
        "where",
        "é",
        "🦀",
        "_",
        "operator",
        "static",
        "-",
    ];
    let mut draw = Draw::new();
    for _ in 0..6000 {
        let text = draw.some(&PIECES, 20, " ") + &draw.some(&PIECES, 20, "");
        for language in LANGUAGES {
            let _found = read(language, &text);
        }
    }
}
