//! What is said of a C declaration that does not fit the interface: one complaint per mistake,
//! with its place and what to declare instead.

use saggar_compiler_driver::glue::Language;

use super::harness::{Family, Skill, families};

const TYPES: &str = "enum color { red, green }
    record point { x: f64, y: f64 }";

/// The one complaint about a function in a source, and the place it is at.
fn check(test: &str, function: &str, source: &str, expected: &str) {
    let source = format!("#include <stddef.h>\n{source}\n");
    let skill =
        Skill::with_types(&format!("complaint-c-{test}"), Language::C, &source, TYPES, &[function]);
    for family in families() {
        let said = skill.errors_by(family);
        let said: Vec<String> = said
            .iter()
            .map(|error| error.replace("static assertion failed: ", "").replace('"', ""))
            .map(|error| error.replace("saggar: f: ", ""))
            .collect();
        // What the compiler says itself, it says in its own words.
        let own = expected.split_once(": incompatible type for argument");
        if let (Family::Clang, Some((place, _)), [said]) = (family, own, said.as_slice()) {
            assert!(said.starts_with(&format!("{place}: passing '")), "{said}");
            continue;
        }
        assert_eq!(said, [expected], "{family:?} {function}\n{source}");
    }
}

#[test]
fn a_parameter_without_a_form_is_told_which_to_take() {
    for (ty, source, hint) in [
        (
            "option<u32>",
            "void f(int x) {}",
            "const uint32_t *, NULL for none; or include saggar.h and use \
             saggar_option_u32",
        ),
        (
            "tuple<u8, u8>",
            "void f(int x) {}",
            "saggar_tuple_u8_u8, which saggar.h defines: include saggar.h",
        ),
        (
            "result<u8>",
            "void f(int x) {}",
            "saggar_result_u8_none, which saggar.h defines: include saggar.h",
        ),
        (
            "list<list<s32>>",
            "void f(int *x, int n) {}",
            "int32_t **, a length and a pointer to the lengths of the rows; or \
             include saggar.h and use saggar_list_list_s32",
        ),
        (
            "point",
            "struct p { double x; }; void f(struct p x) {}",
            "a struct with the members double x, double y; or include saggar.h \
             and use saggar_point",
        ),
        (
            "point",
            "struct p { double x; int y; }; void f(struct p x) {}",
            "a struct with the members double x, double y; or include saggar.h \
             and use saggar_point",
        ),
        (
            "point",
            "struct p { double x; _Bool y; }; void f(struct p x) {}",
            "a struct with the members double x, double y; or include saggar.h \
             and use saggar_point",
        ),
        (
            "point",
            "struct p { double x; float y; }; void f(struct p x) {}",
            "double for its member y",
        ),
        (
            "color",
            "enum e { RED, BLUE }; void f(enum e x) {}",
            "an enum of your own with 2 enumerators named as the cases; or \
             include saggar.h and use saggar_color",
        ),
        (
            "list<color>",
            "void f(double *x, size_t n) {}",
            "a pointer to your own type and a length; or include saggar.h and \
             use saggar_list_color",
        ),
        ("char", "void f(double x) {}", "uint32_t (or char, for ASCII alone)"),
    ] {
        let function = format!("f: func(x: {ty})");
        let expected =
            format!("f.0: parameter 1 (x: {ty}) is declared as another type; use {hint}");
        check("parameter", &function, source, &expected);
    }
}

#[test]
fn a_result_without_a_form_is_told_which_to_give() {
    for (ty, source, hint) in [
        (
            "result<u8, string>",
            "int f(void) { return 1; }",
            "saggar_result_u8_string, which saggar.h defines: include saggar.h",
        ),
        (
            "option<u32>",
            "unsigned f(void) { return 1; }",
            "bool, and uint32_t *value as the last parameter; or include \
             saggar.h and use saggar_option_u32",
        ),
        (
            "list<list<u8>>",
            "unsigned char *f(void) { return 0; }",
            "saggar_list_list_u8, which saggar.h defines: include saggar.h",
        ),
        (
            "point",
            "double f(void) { return 0; }",
            "a struct with the members double x, double y; or include saggar.h \
             and use saggar_point",
        ),
        (
            "color",
            "enum e { RED, BLUE }; enum e f(void) { return RED; }",
            "an enum of your own with 2 enumerators named as the cases; or \
             include saggar.h and use saggar_color",
        ),
        ("list<s32>", "long *f(size_t *len) { return 0; }", "int32_t for its elements"),
    ] {
        let function = format!("f: func() -> {ty}");
        let expected = format!("f: the result ({ty}) is declared as another type; use {hint}");
        check("result", &function, source, &expected);
    }
}

#[test]
fn a_function_that_differs_as_a_whole_is_told() {
    check(
        "whole",
        "f: func(x: point, n: s32)",
        "struct p { double x, y; }; void f(struct p x) {}",
        "f: takes 2 parameter(s) in the interface but another number in the source",
    );
    check(
        "whole",
        "f: func(x: point)",
        "struct p { double x, y; }; int f(struct p x) { return 1; }",
        "f: the result (none) is declared as another type; use void",
    );
}

#[test]
fn a_declaration_that_cannot_be_read_must_take_the_documented_structs() {
    let made = "#define FUNCTION(name) void name(int x) {}\nFUNCTION(f)";
    check(
        "unread",
        "f: func(x: option<u32>)",
        made,
        "f.0: parameter 1 (x: option<u32>) is declared as another type; use \
         const uint32_t *, NULL for none; or include saggar.h and use \
         saggar_option_u32",
    );
    check(
        "unread",
        "f: func(x: option<u32>)",
        &format!("#include \"saggar.h\"\n{made}"),
        "f.0: incompatible type for argument 1 of 'f'",
    );
}
