//! What compilers say where source and interface differ: the driver reads these shapes.

use std::fs;

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::frame;

use super::harness::{Family, Skill, families, run};

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
    for family in families() {
        assert_eq!(
            skill.errors_by(family),
            [
                say("one.0: #one: parameter 1 (n: s64) is declared as another type; use int64_t"),
                say("one.1: #one: parameter 2 (x: f64) is declared as another type; use double"),
                say(
                    "two: #two: takes 2 parameter(s) in the interface but another number in the source"
                ),
                say(
                    "three.0: #three: parameter 1 (xs: list<s32>) is declared as another type; use \
             std::span<const int32_t>, std::vector<int32_t> or a reference to it"
                ),
                say("three: #three: the result (list<s32>) is declared as another type; use \
             std::vector<int32_t>"),
                say(
                    "four.0: #four: parameter 1 (xs: list<list<u8>>) is declared as another type; use \
             std::span<const std::vector<uint8_t>>, std::vector<std::vector<uint8_t>> or a \
             reference to it"
                ),
                say(
                    "four: #four: the result (string) is declared as another type; use std::string"
                ),
                say("five: #five: the result (none) is declared as another type; use void"),
                say(
                    "eight.0: #eight: parameter 1 (a: list<f64>) is declared as another type; use \
             std::span<const double>, std::vector<double> or a reference to it"
                ),
                say("eight.1: #eight: parameter 2 (b: bool) is declared as another type; use bool"),
                say("eight: #eight: the result (bool) is declared as another type; use bool"),
            ]
        );
    }
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
    assert!(skill.errors().len() >= MISMATCHED.len());
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
            for family in families() {
                let first = skill.errors_by(family).swap_remove(0);
                let end = format!("glue:{}: ", skill.glue.end_of_source);
                let own = family == Family::Clang && first.starts_with("./skill.");
                assert!(own || first.starts_with(&end), "{family:?} {source}\n{first}");
            }
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
    let unit = if language == Language::C { "glue.c" } else { "glue.cpp" };
    let main = format!(
        "{}\n#include <stdio.h>\n#define P(x) printf(\"%d \", (int)(x));\n\
         int main(void) {{ {} P(sizeof({frame})) {} P(sizeof({table})) \
         for (int i = 0; i < 32; i++) if (saggar_skill_v1.{prefix}interface[i] != 7) return 1; \
         return 0; }}",
        skill.glue.text,
        members(frame, &["args", "args_len", "result", "result_cap", "result_len"]),
        members(table, &["abi", "count", "interface", "entries"]),
    );
    fs::write(skill.dir.join(unit), main).expect("a file");
    assert!(skill.compile(&[]).status.success());
    skill.link(&[], &["-o", "layout"]);
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

/// Compares all that the compiler says with places and complaints.
fn check(skill: &Skill, expected: &[(&str, &str)]) {
    let told = |(place, text): &(&str, &str)| {
        let function = place.split('.').next().expect("a name");
        format!("{place}: static assertion failed: saggar: {function}: {text}")
    };
    let expected: Vec<String> = expected.iter().map(told).collect();
    for family in families() {
        assert_eq!(skill.errors_by(family), expected, "{family:?}");
    }
}

const POINT: &str = "the class for record point";

const NAMED: &str = "
    record point { x: f64, y: f64 }
    record max-speed-limit { max-speed: u32 }
    record line { a: point, b: point }
    enum color { red, dark-blue }
";

/// Each mistake in a record or an enum is one complaint, wherever in a type it stands.
#[test]
fn a_mistake_in_a_record_or_enum_names_the_member_or_case() {
    let source = "
        #include <map>
        #include <optional>
        #include <string>
        #include <tuple>
        #include <vector>
        struct Flat { double x; };
        struct Narrow { float x; double y; };
        class Hidden { double x, y; public: double getX() { return x; } };
        struct Getters { double x() const { return 1; } double y() const { return 2; } };
        struct Fixed { const double x; const double y; };
        struct Made { Made(double a, double b) : x(a), y(b) {} double x, y; };
        struct Final final { double x; };
        struct Bits { unsigned maxSpeed : 7; };
        struct Half { Narrow a, b; };
        struct Referring { double &x; double &y; };
        enum class Few { Red };
        struct Unfinished;
        void lacks(Flat p) {}
        void deep(const std::vector<std::optional<Flat>> &p) {}
        void differs(Narrow p) {}
        void hides(const Hidden &p) {}
        void getters(Getters p) {}
        void fixed(Fixed p) {}
        void made(Made p) {}
        Made made_result() { return {1, 2}; }
        void last(Final p) {}
        void bits(Bits p) {}
        void line(Half p) {}
        void referring(Referring p) {}
        Flat both(Flat p, Flat q) { return p; }
        void not_a_record(std::string p) {}
        void number(int p) {}
        Few few(Few c) { return c; }
        void no_enum(int c) {}
        void unfinished(Unfinished *p) {}
        ";
    let skill = Skill::with_types(
        "complaints-named",
        Language::Cpp,
        source,
        NAMED,
        &[
            "lacks: func(p: point)",
            "deep: func(p: list<option<point>>)",
            "differs: func(p: point)",
            "hides: func(p: point)",
            "getters: func(p: point)",
            "fixed: func(p: point)",
            "made: func(p: point)",
            "made-result: func() -> point",
            "last: func(p: point)",
            "bits: func(p: max-speed-limit)",
            "lined: func(p: line) = line",
            "referring: func(p: point)",
            "both: func(p: point, q: point) -> point",
            "not-a-record: func(p: point)",
            "number: func(p: point)",
            "few: func(c: color) -> color",
            "no-enum: func(c: color)",
            "unfinished: func(p: option<point>)",
        ],
    );
    let use_point = "use struct point { double x; double y; }";
    check(
        &skill,
        &[
            ("lacks.0", &format!("parameter 1 (p: point): {POINT} has no member `y`; {use_point}")),
            (
                "deep.0",
                &format!(
                    "parameter 1 (p: list<option<point>>): {POINT} has no member `y`; {use_point}"
                ),
            ),
            (
                "differs.0",
                &format!(
                    "parameter 1 (p: point): member `x` (f64) of {POINT} is declared as another \
                     type; use double"
                ),
            ),
            (
                "hides.0",
                &format!(
                    "parameter 1 (p: point): `x` of {POINT} is not a public data member; {use_point}"
                ),
            ),
            (
                "getters.0",
                &format!(
                    "parameter 1 (p: point): `x` of {POINT} is not a public data member; {use_point}"
                ),
            ),
            (
                "fixed.0",
                &format!(
                    "parameter 1 (p: point): member `x` of {POINT} is const, so that no value can be \
                     stored in it; use double"
                ),
            ),
            (
                "made.0",
                &format!(
                    "parameter 1 (p: point): {POINT} has no public default constructor, or cannot be \
                     moved; {use_point}"
                ),
            ),
            ("last.0", &format!("parameter 1 (p: point): {POINT} has no member `y`; {use_point}")),
            (
                "bits.0",
                "parameter 1 (p: max-speed-limit): `max_speed` or `maxSpeed` of the class for record \
                 max-speed-limit is not a public data member; \
                 use struct max_speed_limit { uint32_t max_speed; }",
            ),
            (
                "lined.0",
                &format!(
                    "parameter 1 (p: line): member `x` (f64) of {POINT} is declared as another type; \
                     use double"
                ),
            ),
            (
                "referring.0",
                &format!(
                    "parameter 1 (p: point): member `x` (f64) of {POINT} is declared as another \
                     type; use double"
                ),
            ),
            ("both.0", &format!("parameter 1 (p: point): {POINT} has no member `y`; {use_point}")),
            (
                "not-a-record.0",
                &format!("parameter 1 (p: point) is declared as another type; {use_point}"),
            ),
            (
                "number.0",
                &format!("parameter 1 (p: point) is declared as another type; {use_point}"),
            ),
            (
                "few.0",
                "parameter 1 (c: color): the enum for color has no case for `dark-blue`; name it one \
                 of dark_blue, darkBlue, DarkBlue, DARK_BLUE, kDarkBlue, COLOR_DARK_BLUE, \
                 color_dark_blue, ColorDarkBlue, Color_DarkBlue, kColorDarkBlue",
            ),
            (
                "no-enum.0",
                "parameter 1 (c: color) is declared as another type; \
                 use enum class color { red, dark_blue }",
            ),
            (
                "unfinished.0",
                "parameter 1 (p: option<point>) is declared as another type; use \
                 std::optional<point>, with struct point { double x; double y; }",
            ),
        ],
    );
}

#[test]
fn a_wrong_composite_is_one_complaint_with_a_form_to_use() {
    let source = "
        #include <map>
        #include <optional>
        #include <string>
        #include <tuple>
        #include <vector>
        #include <variant>
        #include <array>
        int pair(std::tuple<int, int> x) { return 1; }
        std::tuple<int> three(std::tuple<int, std::string> x) { return {1}; }
        std::optional<float> maybe(double x) { return 1; }
        float outcome(std::string x) { return 1; }
        std::variant<int, float> either(std::optional<int> x) { return 1; }
        void table(std::map<std::string, float> x) {}
        char16_t letter(int x) { return 1; }
        std::array<int, 2> fixed(std::array<int, 2> x) { return x; }
        int over(std::string x) { return 1; }
        int over(std::vector<int> x) { return 1; }
        template <typename T> T first(T a, std::string b) { return a; }
        template <typename T> void onlyInts(const std::vector<T> &) {}
        ";
    let skill = Skill::with_types(
        "complaints-composite",
        Language::Cpp,
        source,
        NAMED,
        &[
            "pair: func(x: tuple<s32, string>) -> s32",
            "three: func(x: tuple<s32, string, s32>) -> tuple<s32, s32>",
            "maybe: func(x: option<f64>) -> option<f64>",
            "outcome: func(x: string) -> result<f64, string>",
            "either: func(x: option<option<s32>>) -> result<s32, color>",
            "table: func(x: list<tuple<string, point>>)",
            "letter: func(x: char) -> char",
            "fixed: func(x: tuple<s32, s32, s32>) -> list<point>",
            "over: func(x: point) -> s32",
            "first: func(a: s32, b: point) -> s32",
            "only-ints: func(x: list<list<s32>>) -> list<s32> = onlyInts",
        ],
    );
    let other = "is declared as another type; use";
    let none = "no declaration in the source fits the interface (it is overloaded, a template, or no \
                function); use";
    let point = "with struct point { double x; double y; }";
    check(
        &skill,
        &[
            (
                "pair.0",
                &format!(
                    "parameter 1 (x: tuple<s32, string>) {other} std::tuple<int32_t, std::string>"
                ),
            ),
            (
                "three.0",
                &format!(
                    "parameter 1 (x: tuple<s32, string, s32>) {other} \
                     std::tuple<int32_t, std::string, int32_t>"
                ),
            ),
            (
                "three",
                &format!("the result (tuple<s32, s32>) {other} std::tuple<int32_t, int32_t>"),
            ),
            ("maybe.0", &format!("parameter 1 (x: option<f64>) {other} std::optional<double>")),
            ("maybe", &format!("the result (option<f64>) {other} std::optional<double>")),
            (
                "outcome",
                &format!(
                    "the result (result<f64, string>) {other} double (an exception is the err) or \
                     std::variant<double, std::string>"
                ),
            ),
            (
                "either.0",
                &format!(
                    "parameter 1 (x: option<option<s32>>) {other} \
                     std::optional<std::optional<int32_t>>"
                ),
            ),
            (
                "either",
                &format!(
                    "the result (result<s32, color>) {other} std::variant<int32_t, color>, with \
                     enum class color {{ red, dark_blue }}"
                ),
            ),
            (
                "table.0",
                &format!(
                    "parameter 1 (x: list<tuple<string, point>>) {other} \
                     std::span<const std::tuple<std::string, point>>, \
                     std::vector<std::tuple<std::string, point>> or a reference to it, {point}"
                ),
            ),
            ("letter.0", &format!("parameter 1 (x: char) {other} char32_t")),
            ("letter", &format!("the result (char) {other} char32_t")),
            (
                "fixed.0",
                &format!(
                    "parameter 1 (x: tuple<s32, s32, s32>) {other} \
                     std::tuple<int32_t, int32_t, int32_t>"
                ),
            ),
            ("fixed", &format!("the result (list<point>) {other} std::vector<point>, {point}")),
            ("over", &format!("{none} int32_t over(point x)")),
            ("first", &format!("{none} int32_t first(int32_t a, point b)")),
            ("only-ints", &format!("the result (list<s32>) {other} std::vector<int32_t>")),
        ],
    );
}

/// The text about each of a record's fields shows the record, so a large one is cut.
#[test]
fn a_record_of_many_fields_is_shown_in_part() {
    let fields = |kind: &str| (0..127).map(|n| format!("a{n}{kind}")).collect::<String>();
    let source = format!("struct R {{ int {}b; }}; int f(R x) {{ return x.b; }}", fields(", "));
    let types = format!("record r {{ {}c: s32 }}", fields(": s32, "));
    let functions = &["f: func(x: r) -> s32"];
    let skill = Skill::with_types("wide-cpp", Language::Cpp, &source, &types, functions);
    let said = skill.glue.text.len();
    assert!(said < 1 << 19, "{said} bytes of glue");
}
