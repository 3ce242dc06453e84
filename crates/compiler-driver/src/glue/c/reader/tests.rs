//! Declarations as C writes them, and texts that are none.

use super::*;
use crate::draw::Draw;

fn function(source: &str, name: &str) -> String {
    let source = Source::read(source);
    let Some(found) = source.functions.get(name) else { return "none".to_owned() };
    let params: Vec<String> = found
        .params
        .iter()
        .map(|param| format!("{} {}", source.resolve(&param.ty).variable(), param.name))
        .collect();
    format!("{}({})", found.result.variable(), params.join(", "))
}

#[test]
fn functions_are_read() {
    let check = |source: &str, expected: &str| {
        assert_eq!(function(source, "f"), expected, "{source}");
    };
    check("int f(void) { return 1; }", "int()");
    check(
        "static inline const char *f(const char *const *xs, size_t n);",
        "const char *(const char ** xs, size_t n)",
    );
    check("typedef struct { int x; } P; P *f(P p[], int n) {}", "P *(struct #1 * p, int n)");
    check("typedef long long ll; ll f(ll a[static 3])", "ll(long long * a)");
    check("int g(int x) { f(1); } struct s { int a; } f(struct s s) {}", "struct s(struct s s)");
    check(
        "__attribute__((noinline)) unsigned long long f(int (*g)(int), int);",
        "unsigned long long( , int )",
    );
    check("int f(int n, int grid[n][4]);", "int(int n, int * grid)");
    check("int f(int, ...);", "none");
    check("int x = f(1);", "none");
    check("int f(a) int a; {}", "int(a )");
}

#[test]
fn structs_and_enums_are_read() {
    let source = Source::read(
        "enum color { RED, GREEN = (1 << 2), BLUE, };
         typedef enum { UP } Way;
         struct point { double x, *y; char name[8]; unsigned bits : 3; struct { int z; }; };",
    );
    let ty = |base: &str| CType { base: base.to_owned(), ..CType::default() };
    assert_eq!(source.enumerators(&ty("enum color")).unwrap(), ["RED", "GREEN", "BLUE"]);
    assert_eq!(source.enumerators(&ty("Way")).unwrap(), ["UP"]);
    let members = source.members(&ty("struct point")).unwrap();
    let names: Vec<&str> = members.iter().map(|decl| decl.name.as_str()).collect();
    assert_eq!(names, ["x", "y", "name", "", "z"]);
    assert_eq!((members[1].ty.depth, members[2].ty.arrays), (1, 1));
}

/// Random texts from pieces that open what they do not close. A generator of our own, so that
/// every run tries the same texts.
#[test]
fn no_text_makes_it_panic_or_run_long() {
    const PIECES: [&str; 24] = [
        "struct",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ";",
        ",",
        "*",
        "int",
        "f",
        "typedef",
        "enum",
        "#define f f f\n",
        "\"",
        "'",
        "/*",
        "*/",
        "\\\n",
        "=",
        "const",
        ":",
        "🦀",
    ];
    let mut draw = Draw::new();
    for _ in 0..20_000 {
        let _source = Source::read(&draw.some(&PIECES, 40, " "));
    }
    for piece in ["struct {", "int f(", "f({", "enum {", "typedef "] {
        let _source = Source::read(&piece.repeat(20_000));
    }
}
