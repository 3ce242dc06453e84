//! Rust as people and models write it.

use saggar_model::Language::Rust;

use crate::{check, check_note, check_skipped};

#[test]
fn parameters_and_results_in_the_usual_forms() {
    check(
        Rust,
        "use std::collections::HashMap;\n\
         /// Docs.\n#[inline]\npub fn f<'a>(a: &'a str, b: &[u8], mut c: Vec<Vec<f64>>, d: Option<&String>, \
         e: (i32, usize), (x, y): (u8,)) -> HashMap<String, Vec<isize>> where 'a: 'a { loop {} }",
        "f: func(a: string, b: list<u8>, c: list<list<f64>>, d: option<string>, e: tuple<s32, u64>, \
         p6: tuple<u8>) -> list<tuple<string, list<s64>>>;",
    );
    check(
        Rust,
        "fn f(c: char, b: Box<[[i16; 3]]>, r#type: std::borrow::Cow<'_, str>) -> Result<(), ()> {}",
        "f: func(c: char, b: list<list<s16>>, %type: string) -> result;",
    );
}

#[test]
fn errors_that_are_no_values_are_text() {
    let found = check(
        Rust,
        "enum E { A(u8) }\nimpl std::fmt::Display for E {}\n\
         pub fn a() -> Result<u8, E> {}\npub fn b() -> Result<u8, Box<dyn std::error::Error>> {}\n\
         pub fn c() -> std::io::Result<()> {}\npub fn d() -> Result<u8, std::num::ParseIntError> {}\n\
         pub fn e() -> Result<Vec<u8>, &'static str> {}",
        "a: func() -> result<u8, string>;\nb: func() -> result<u8, string>;\n\
         c: func() -> result<_, string>;\nd: func() -> result<u8, string>;\n\
         e: func() -> result<list<u8>, string>;",
    );
    check_note(&found, 6, "`std::num::ParseIntError` is a string here");
}

#[test]
fn structs_enums_and_modules() {
    let found = check(
        Rust,
        "#[derive(Clone)] pub struct Point { pub x: f64, #[allow(unused)] pub y: f64 }\n\
         pub mod geo {\n use super::*;\n pub enum Kind { Near, FarAway = 3 }\n type Points = Vec<Point>;\n\
         pub fn pick(ps: Points, k: &Kind) -> crate::Point { loop {} }\n fn hidden() {} }\n\
         #[cfg(test)] mod tests { pub fn t() {} }\n#[test] fn u() {}\nfn main() {}",
        "record point { x: f64, y: f64 }\nenum kind { near, far-away }\n\
         pick: func(ps: list<point>, k: kind) -> point;",
    );
    assert_eq!(found.symbols["pick"], "geo::pick");
    assert_eq!(found.symbols["kind"], "geo::Kind");
}

#[test]
fn names_that_use_brings_are_found() {
    let found = check(
        Rust,
        "mod a { pub struct P { pub x: u8 } }\nuse a::*;\npub fn f(p: P) {}",
        "record p { x: u8 }\nf: func(p: p);",
    );
    assert_eq!(found.symbols["p"], "a::P");
}

#[test]
fn public_functions_if_there_are_any() {
    let found = check(Rust, "pub fn a() {}\nfn b() {}\npub(crate) fn c() {}", "a: func();");
    check_note(&found, 2, "not `pub`: b, c");
    check(Rust, "fn a() {}\nfn main() {}", "a: func();");
}

#[test]
fn what_cannot_be_read_is_said() {
    check_skipped(Rust, "pub fn f<T: Ord>(x: T) {}", "it is generic");
    check_skipped(Rust, "pub fn f(x: impl Into<String>) {}", "`impl Trait` names no type");
    check_skipped(Rust, "pub async fn f() {}", "it is async");
    check_skipped(Rust, "pub fn f(x: u128) {}", "`u128` is not defined");
    check_skipped(Rust, "pub enum E { A(u8) }\npub fn f(x: E) {}", "carries values");
    check_skipped(Rust, "pub struct N { next: Option<Box<N>> }\npub fn f(x: N) {}", "holds itself");
    check_skipped(Rust, "pub struct S;\nimpl S { pub fn f(&self) {} }", "a method");
    check_skipped(Rust, "fn f( {", "no Rust tokens");
    let found = check(Rust, "pub fn f(x: &mut Vec<i32>) {}", "f: func(x: list<s32>);");
    check_note(&found, 1, "`&mut`");
    check_note(&found, 1, "returns nothing");
}
