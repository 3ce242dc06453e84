//! What compilers say where source and interface differ: the driver reads these shapes.

use std::fs;

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::frame;

use super::harness::{Skill, run};

const MISMATCHED: &[&str] = &[
    "one: func(n: s64, x: f64) -> s64",
    "two: func(text: string, word: string) -> u64",
    "three: func(xs: list<s32>) -> list<s32>",
    "four: func(xs: list<list<u8>>) -> string",
    "five: func(a: u64)",
    "six: func(a: string) -> s32",
    "seven: func(a: s32) -> s32",
    "eight: func(a: list<f64>, b: bool) -> bool",
    "nine: func(a: s64, b: u64) -> bool",
];

#[test]
fn a_mismatch_in_cpp_is_one_error_that_names_its_place() {
    let source = "
        #include <map>
        #include <string>
        #include <utility>
        #include <vector>
        long one(int n, float x) { return n + long(x); }
        unsigned long two(std::string text) { return text.size(); }
        std::vector<long> three(const std::vector<long> &xs) { return xs; }
        std::pair<int, int> four(std::vector<std::vector<std::string>> xs) { return {0, 1}; }
        int five(unsigned long a) { return 1; }
        int six(std::string a) { return 1; }
        int six(std::vector<int> a) { return 1; }
        std::map<int, int> six(float a) { return {}; }
        template <typename T> T seven(T a) { return a; }
        int eight(const std::map<int, double> &a, bool *b) { return 1; }
        bool nine(long long a, unsigned long long b) { return a > long(b); }
        ";
    let skill = Skill::new("mismatch-cpp", Language::Cpp, source, MISMATCHED);
    let say = |text: &str| text.replace('#', "static assertion failed: saggar: ");
    assert_eq!(
        skill.errors(),
        [
            say("one.0: #one: parameter 1 (n: s64) is declared as another type; use int64_t"),
            say("one.1: #one: parameter 2 (x: f64) is declared as another type; use double"),
            say(
                "two: #two: takes 2 parameter(s) in the interface but another number in the source"
            ),
            say("three.0: #three: parameter 1 (xs: list<s32>) is declared as another type; use \
             std::span<const int32_t>, std::vector<int32_t> or a reference to it"),
            say("three: #three: the result (list<s32>) is declared as another type; use \
             std::vector<int32_t>"),
            say(
                "four.0: #four: parameter 1 (xs: list<list<u8>>) is declared as another type; use \
             std::span<const std::vector<uint8_t>>, std::vector<std::vector<uint8_t>> or a \
             reference to it"
            ),
            say("four: #four: the result (string) is declared as another type; use std::string"),
            say("five: #five: the result (none) is declared as another type; use void"),
            say(
                "seven: #seven: no declaration in the source fits the interface (it is overloaded, a \
             template, or no function)"
            ),
            say("eight.0: #eight: parameter 1 (a: list<f64>) is declared as another type; use \
             std::span<const double>, std::vector<double> or a reference to it"),
            say("eight.1: #eight: parameter 2 (b: bool) is declared as another type; use bool"),
            say("eight: #eight: the result (bool) is declared as another type; use bool"),
        ]
    );
}

#[test]
fn a_mismatch_in_c_is_an_error_that_names_its_place() {
    let source = "
        #include <stdlib.h>
        int one(int n, float x) { return n + (int)x; }
        unsigned long two(const char *text) { return text[0]; }
        struct longs { long *data; int len; };
        struct longs three(const long *xs, int n) { return (struct longs){0, 0}; }
        char *four(void) { return 0; }
        int five(unsigned long a) { return 1; }
        unsigned six(const char *a) { return 1; }
        struct both { int x, y; } seven(double a) { return (struct both){1, 2}; }
        _Bool eight(double *a, int n, struct both b) { return 1; }
        _Bool nine(long long a, _Bool b) { return b; }
        ";
    let skill = Skill::new("mismatch-c", Language::C, source, MISMATCHED);
    for error in skill.errors() {
        println!("{error}");
    }
}

#[test]
fn a_missing_function_is_named_by_the_compiler() {
    let functions = &["count-all: func(n: s32) -> s32", "of: func(s: string) -> s32"];
    for (language, expected) in [
        (
            Language::Cpp,
            ["count-all: '::count_all' has not been declared", "of: '::of' has not been declared"],
        ),
        (
            Language::C,
            [
                "count-all: 'count_all' undeclared here (not in a function)",
                "of: 'of' undeclared here (not in a function)",
            ],
        ),
    ] {
        let source = "int other(void) { return 1; }\n";
        let skill = Skill::new(&format!("missing-{language:?}"), language, source, functions);
        let mut errors = skill.errors();
        errors.retain(|error| error.contains("declared") && !error.contains("__saggar"));
        errors.dedup();
        assert_eq!(errors, expected);
    }
}

#[test]
fn a_source_that_ends_too_early_fails_first_where_it_ends() {
    for source in [
        "int f(void) { return 1;",
        "int f(void) { return 1; }\nint x = 1",
        "int f(void) { return 1; }\nstruct x { int y;\n",
        "int f(void) { return 1; }\nint x[] = { 1,",
        "int f(void",
    ] {
        for language in [Language::Cpp, Language::C] {
            let name = format!("early-{language:?}");
            let skill = Skill::new(&name, language, source, &["f: func() -> s32"]);
            let first = skill.errors().swap_remove(0);
            let expected = format!("glue:{}: ", skill.glue.end_of_source);
            assert!(first.starts_with(&expected), "{source}\n{first}");
        }
    }
}

/// Offsets and sizes as the compiler has them, in the order that [`layouts`] expects.
fn layout_of(language: Language, frame: &str, table: &str, prefix: &str) -> String {
    let members = |ty: &str, names: &[&str]| -> String {
        names.iter().map(|name| format!("P(__builtin_offsetof({ty}, {prefix}{name}))")).collect()
    };
    let source = "int f(void) { return 1; }\n";
    let skill =
        Skill::new(&format!("layout-{language:?}"), language, source, &["f: func() -> s32"]);
    let (unit, compiler) =
        if language == Language::C { ("glue.c", "gcc") } else { ("glue.cpp", "g++") };
    let main = format!(
        "#include \"{unit}\"\n#include <stdio.h>\n#define P(x) printf(\"%d \", (int)(x));\n\
         int main(void) {{ {} P(sizeof({frame})) {} P(sizeof({table})) \
         for (int i = 0; i < 32; i++) if (saggar_skill_v1.{prefix}interface[i] != 7) return 1; \
         return 0; }}",
        members(frame, &["args", "args_len", "result", "result_cap", "result_len"]),
        members(table, &["abi", "count", "interface", "entries"]),
    );
    let file = format!("main-{unit}");
    fs::write(skill.dir.join(&file), main).expect("a file");
    let output = run(&skill.dir, compiler, &[&file, "-o", "layout"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = skill.dir.join("layout");
    let output = run(&skill.dir, program.to_str().expect("a path in UTF-8"), &[]);
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn frame_and_table_lie_in_memory_as_the_host_has_them() {
    use std::mem::{offset_of, size_of};
    let expected = [
        offset_of!(frame::Frame, args),
        offset_of!(frame::Frame, args_len),
        offset_of!(frame::Frame, result),
        offset_of!(frame::Frame, result_cap),
        offset_of!(frame::Frame, result_len),
        size_of::<frame::Frame>(),
        offset_of!(frame::Table, abi),
        offset_of!(frame::Table, count),
        offset_of!(frame::Table, interface),
        offset_of!(frame::Table, entries),
        size_of::<frame::Table>(),
    ];
    let expected: Vec<String> = expected.iter().map(usize::to_string).collect();
    let expected = expected.join(" ");
    assert_eq!(layout_of(Language::Cpp, "__saggar::_Frame", "__saggar::_Table", "_"), expected);
    let (frame, table) = ("struct __saggar_frame", "struct __saggar_table");
    assert_eq!(layout_of(Language::C, frame, table, "__"), expected);
}
