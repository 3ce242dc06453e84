//! C++ as people and models write it.

use saggar_model::Language::Cpp;

use crate::{check, check_note, check_skipped, read};

#[test]
fn parameters_and_results_in_the_usual_forms() {
    check(
        Cpp,
        "using namespace std;\nvector<vector<int>> f(const string& s, span<const double> xs, \
         std::optional<size_t> n, pair<int, string> p) { return {}; }",
        "f: func(s: string, xs: list<f64>, n: option<u64>, p: tuple<s32, string>) -> \
         list<list<s32>>;",
    );
    check(
        Cpp,
        "auto f(std::array<uint8_t, 4> a, const std::map<std::string, long long> &m) -> \
         std::expected<void, std::string> { }",
        "f: func(a: list<u8>, m: list<tuple<string, s64>>) -> result<_, string>;",
    );
    check(
        Cpp,
        "[[nodiscard]] inline unsigned long long int f(long int, short unsigned int x = 3, const \
         char *s = \"a\") noexcept { }",
        "f: func(p1: s64, x: u16, s: string) -> u64;",
    );
    check(
        Cpp,
        "std::variant<double, std::monostate> f(char32_t c, signed char b, unsigned char &&u) {}",
        "f: func(c: char, b: s8, u: u8) -> result<f64>;",
    );
}

#[test]
fn aliases_and_simple_macros_are_followed() {
    check(
        Cpp,
        "#define int long long\ntypedef vector<int> vi;\nusing Grid = vector<vi>;\nint f(Grid g) {}",
        "f: func(g: list<list<s64>>) -> s64;",
    );
    check(
        Cpp,
        "#define REP(i, n) for (int i = 0; i < n; i++)\nint f() { REP(i, 3) {} }",
        "f: func() -> s32;",
    );
}

#[test]
fn records_and_enums_are_written_out() {
    let found = check(
        Cpp,
        "namespace geo {\nstruct Point { double x{}, y = 0; int maxValue; \
         bool operator==(const Point &) const = default; };\n\
         enum class Kind { FirstOne, SECOND_ONE, third };\nenum Color { COLOR_RED, COLOR_BLUE = 4 };\n\
         Point mid(const std::vector<Point>& points, Kind kind, Color c) { return {}; }\n}",
        "record point { x: f64, y: f64, max-value: s32 }\n\
         enum kind { first-one, second-one, third }\n\
         enum color { red, blue }\n\
         mid: func(points: list<point>, kind: kind, c: color) -> point;",
    );
    assert_eq!(found.symbols["mid"], "geo::mid");
    assert_eq!(found.symbols["point"], "geo::Point");
}

#[test]
fn names_that_using_brings_are_found() {
    let found = check(
        Cpp,
        "namespace a { struct P { int x_, maxValue_; }; }\nusing a::P;\nint f(P p) {}",
        "record p { x: s32, max-value: s32 }\nf: func(p: p) -> s32;",
    );
    assert_eq!(found.symbols["p"], "a::P");
    check_note(&found, 1, "spell it `max_value` or `maxValue`");
    check_skipped(
        Cpp,
        "namespace a { struct P { int x; }; }\nnamespace b { struct P { int x; }; }\nint f(P p) {}",
        "`P` is not defined in this source",
    );
}

#[test]
fn names_that_differ_get_symbols() {
    let found = check(
        Cpp,
        "int parseHTTPHeader(int a) {}\nint topWord() {}\nint from() {}\nstruct from_t { int a; };",
        "parse-http-header: func(a: s32) -> s32;\ntop-word: func() -> s32;\n%from: func() -> s32;",
    );
    assert_eq!(found.symbols.len(), 1);
    assert_eq!(found.symbols["parse-http-header"], "parseHTTPHeader");
    let toml = found.to_toml();
    assert!(toml.ends_with("\n[symbols]\nparse-http-header = \"parseHTTPHeader\"\n"), "{toml}");

    let found = check(
        Cpp,
        "int area(int r) {}\ndouble area(double w, double h) {}",
        "area: func(r: s32) -> s32;\narea-2: func(w: f64, h: f64) -> f64;",
    );
    assert_eq!(found.symbols["area-2"], "area");
    check_note(&found, 2, "another function is called `area`");
}

#[test]
fn what_is_no_export_is_left_out() {
    let source = "static int a() {}\nnamespace { int b() {} }\nnamespace detail { int c() {} }\n\
                  class K { public: int d() {} };\nint K2::e() { }\nint main() {}\n\
                  template <typename T> T g(T x) { return x; }\nint h(int);\nint f() { return h(1); }";
    let found = check(Cpp, source, "f: func() -> s32;");
    let left: Vec<_> = found.skipped.iter().map(|left| (left.line, left.name.as_str())).collect();
    assert_eq!(left, [(5, "K2::e"), (6, "main"), (7, "g")]);
    check_skipped(
        Cpp,
        "class Solution {\npublic:\n  int f(vector<int>& a) { return 0; }\n};",
        "a member of a class; write a free function",
    );
}

#[test]
fn what_is_ambiguous_is_said() {
    check_skipped(Cpp, "int f(int *p) {}", "`p`: a pointer may be a list without its length");
    check_skipped(Cpp, "auto f(int a) { return a; }", "`auto` is deduced");
    check_skipped(Cpp, "int f(Foo a) {}", "`Foo` is not defined in this source");
    check_skipped(Cpp, "struct N { N *next; };\nint f(N a) {}", "`N` holds itself");
    check_skipped(Cpp, "class C { int x; };\nint f(C a) {}", "private members");
    check_skipped(Cpp, "long double f() {}", "use double");
    check_skipped(Cpp, "int f(std::forward_list<int> a) {}", "no WIT type");
    check_skipped(Cpp, "int f(std::vector<std::byte> a) {}", "use unsigned char");
    let found = check(
        Cpp,
        "\nvoid rotate(vector<int>& nums, char c) {}",
        "rotate: func(nums: list<s32>, c: char);",
    );
    check_note(&found, 2, "`nums` is taken by reference");
    check_note(&found, 2, "returns nothing");
    check_note(&found, 2, "`c` is a plain char: taken as char");
}

#[test]
fn a_function_may_be_called_as_a_type_is() {
    let found = read(Cpp, "struct Stats { int n; };\nStats stats(Stats s) { return s; }");
    assert_eq!(
        found.interface.to_string(),
        "record stats-2 { n: s32 }\nstats: func(s: stats-2) -> stats-2;\n"
    );
    assert_eq!(found.symbols["stats-2"], "Stats");
}
