//! What `saggar plan --infer` reads out of a source, the glue takes: for a table of sources in each
//! language, the interface that is expected, and a compiler that must accept it.

use saggar_compiler_driver::glue::Language;
use saggar_compiler_driver::infer::infer;

use super::harness::Skill;

/// A source, and the interface it has, its `[symbols]` below.
type Case = (&'static str, &'static str);

const C: &[Case] = &[
    (
        "#include <stdlib.h>
         int *twoSum(int *nums, int numsSize, int target, int *returnSize)
         { *returnSize = 0; return calloc(2, sizeof *nums); }",
        "two-sum: func(nums: list<s32>, target: s32) -> list<s32>;",
    ),
    (
        "#include <stdlib.h>
         double *scaled(const double *xs, size_t n, double by, size_t *out_len)
         { *out_len = n; double *r = calloc(n + 1, sizeof *r);
           for (size_t i = 0; i < n; i++) r[i] = xs[i] * by; return r; }",
        "scaled: func(xs: list<f64>, by: f64) -> list<f64>;",
    ),
    (
        "#include <stddef.h>
         typedef struct { double x, y; } Point;
         double length(const Point *points, size_t n) { return n ? points[0].x : 0; }
         Point first(Point *points, int points_len) { return points[points_len - 1]; }",
        "record point { x: f64, y: f64 }\nlength: func(points: list<point>) -> f64;\n\
         first: func(points: list<point>) -> point;",
    ),
    (
        "int islands(char **grid, int gridSize) { return grid && gridSize; }
         int joined(const char *const *words, int n) { return words && n; }",
        "islands: func(grid: list<string>) -> s32;\njoined: func(words: list<string>) -> s32;",
    ),
    (
        "int paths(int **grid, int gridSize, int *gridColSize)
         { return gridSize ? grid[0][0] + gridColSize[0] : 0; }",
        "paths: func(grid: list<list<s32>>) -> s32;",
    ),
    (
        "#include <stdlib.h>
         int **rotated(int **grid, int gridSize, int *gridColSize, int *returnSize,
                       int **returnColumnSizes)
         { (void)grid; (void)gridSize; (void)gridColSize; *returnSize = 0;
           *returnColumnSizes = malloc(1); return malloc(1); }",
        "rotated: func(grid: list<list<s32>>) -> list<list<s32>>;",
    ),
    (
        "char next(char c) { return c + 1; }
         int digit(const char c, signed char d, unsigned char u) { return c + d + u; }",
        "next: func(c: char) -> char;\ndigit: func(c: char, d: s8, u: u8) -> s32;",
    ),
    (
        "#include <stdlib.h>
         typedef struct { int *data; size_t len; } Ints;
         struct texts { char **items; int count; };
         Ints evens(Ints xs) { Ints r = {malloc(4), 0}; (void)xs; return r; }
         size_t all(struct texts t) { return (size_t)t.count; }",
        "evens: func(xs: list<s32>) -> list<s32>;\nall: func(t: list<string>) -> u64;",
    ),
    (
        "#include <stdlib.h>
         #include <stdint.h>
         typedef struct { size_t size; uint8_t *bytes; } Bytes;
         Bytes copy(const uint8_t *bytes, size_t size)
         { Bytes b = {size, malloc(size + 1)}; for (size_t i = 0; i < size; i++)
           b.bytes[i] = bytes[i]; return b; }",
        "copy: func(bytes: list<u8>) -> list<u8>;",
    ),
    (
        "enum color { COLOR_RED, COLOR_DARK_GREEN };
         typedef enum { kNear, kFarAway = 4 } Kind;
         enum color swap(enum color c, Kind k) { return k == kNear ? c : COLOR_RED; }",
        "enum color { red, dark-green }\nenum kind { near, far-away }\n\
         swap: func(c: color, k: kind) -> color;",
    ),
    (
        "#include <stdbool.h>
         typedef unsigned long long ull; typedef long Id;
         typedef struct node_s { Id id; ull weight; bool on; char tag; const char *name; } Node;
         ull weigh(const struct node_s n, Id id) { return n.id == id ? n.weight : 0; }",
        "record node { id: s64, weight: u64, on: bool, tag: char, name: string }\n\
         weigh: func(n: node, id: s64) -> u64;",
    ),
    (
        "#include \"saggar.h\"
         saggar_option_u32 find(saggar_list_list_s32 m, saggar_char c)
         { saggar_option_u32 none = {0}; (void)m; (void)c; return none; }
         saggar_result_none_string judge(saggar_tuple_u8_string t, saggar_list_string w)
         { saggar_result_none_string r = {0}; (void)t; (void)w; return r; }
         saggar_list_f64 same(saggar_list_f64 xs) { return xs; }",
        "find: func(m: list<list<s32>>, c: char) -> option<u32>;\n\
         judge: func(t: tuple<u8, string>, w: list<string>) -> result<_, string>;\n\
         same: func(xs: list<f64>) -> list<f64>;",
    ),
    (
        "int parseHTTPHeader(const char *s) { return s[0]; }
         void removeAll(char *s, unsigned long n) { (void)s; (void)n; }
         long _count(void) { return 1; }",
        "parse-http-header: func(s: string) -> s32;\nremove-all: func(s: string);\n\
         count: func() -> s64;\n[symbols]\ncount = \"_count\"\n\
         parse-http-header = \"parseHTTPHeader\"",
    ),
    (
        "typedef struct { int id; } Inner;
         typedef struct { Inner inner; int marks[4]; } Outer;
         int depth(Inner i) { return i.id; }",
        "record inner { id: s32 }\ndepth: func(i: inner) -> s32;",
    ),
    (
        "#include <stdint.h>
         #include <stddef.h>
         typedef struct { const char *name; int32_t age; } Person;
         typedef struct { Person *people; size_t count; } People;
         int32_t oldest(People p) { return p.count ? p.people[0].age : 0; }
         int32_t total(int32_t const values[], uint32_t count) { return values[count - 1]; }",
        "record person { name: string, age: s32 }\noldest: func(p: list<person>) -> s32;\n\
         total: func(values: list<s32>) -> s32;",
    ),
    (
        "#include <stddef.h>
         struct Item { const char *name_; int class_; double maxValue; size_t n_marks; };
         typedef struct { size_t len; struct Item *items; } Items;
         double best(Items all, struct Item one) { return all.len ? all.items[0].maxValue : one.class_; }",
        "record item { name: string, class: s32, max-value: f64, n-marks: u64 }\n\
         best: func(all: list<item>, one: item) -> f64;",
    ),
    (
        "#include <stddef.h>
         int regions(char **board, int boardSize, int *boardColSize)
         { return boardSize ? boardColSize[0] + board[0][0] : 0; }
         int worth(const double **rows, size_t rowsSize, const int *colSizes)
         { return rowsSize ? colSizes[0] + rows[0][0] : 0; }
         char **split(const char *s, int *returnSize) { (void)s; *returnSize = 0; return NULL; }",
        "regions: func(board: list<list<char>>) -> s32;\n\
         worth: func(rows: list<list<f64>>) -> s32;\nsplit: func(s: string) -> list<string>;",
    ),
];

const CPP: &[Case] = &[
    (
        "#include <memory>\n#include <optional>
         int deref(std::unique_ptr<int> p, std::shared_ptr<double> q) { return p ? *p : q ? 1 : 0; }
         std::unique_ptr<int> made(std::optional<int> x)
         { return x ? std::make_unique<int>(*x) : nullptr; }
         std::shared_ptr<int> shared() { return nullptr; }",
        "deref: func(p: option<s32>, q: option<f64>) -> s32;\n\
         made: func(x: option<s32>) -> option<s32>;\nshared: func() -> option<s32>;",
    ),
    (
        "#include <map>\n#include <unordered_map>\n#include <set>\n#include <string>\n#include <vector>
         using namespace std;
         map<string, int> count(const vector<string>& words) { map<string, int> m;
           for (auto& w : words) m[w]++; return m; }
         set<long long> unique(unordered_map<string, long long> m, multiset<int> s)
         { set<long long> r; for (auto& [k, v] : m) r.insert(v + s.size()); return r; }",
        "count: func(words: list<string>) -> list<tuple<string, s32>>;\n\
         unique: func(m: list<tuple<string, s64>>, s: list<s32>) -> list<s64>;",
    ),
    (
        "#include <array>\n#include <deque>\n#include <list>\n#include <span>\n#include <cstdint>
         std::array<int, 3> three(std::array<double, 3> a) { return {int(a[0]), 0, 0}; }
         std::deque<short> both(std::deque<short> d, std::list<bool> l) { d.resize(l.size()); return d; }
         double sum(std::span<const double> xs) { return xs.empty() ? 0 : xs[0]; }
         int put(std::span<int> xs) { return int(xs.size()); }",
        "three: func(a: list<f64>) -> list<s32>;\n\
         both: func(d: list<s16>, l: list<bool>) -> list<s16>;\nsum: func(xs: list<f64>) -> f64;\n\
         put: func(xs: list<s32>) -> s32;",
    ),
    (
        "#include <unordered_set>\n#include <unordered_map>\n#include <map>
         #include <string>
         std::unordered_set<std::string> distinct(const std::unordered_multiset<std::string>& x)
         { return {x.begin(), x.end()}; }
         std::multimap<int, std::string> sorted(std::unordered_multimap<int, std::string> m)
         { return {m.begin(), m.end()}; }",
        "distinct: func(x: list<string>) -> list<string>;\n\
         sorted: func(m: list<tuple<s32, string>>) -> list<tuple<s32, string>>;",
    ),
    (
        "#include <tuple>\n#include <utility>\n#include <string>\n#include <vector>
         std::pair<int, std::string> flip(std::pair<std::string, int> p) { return {p.second, p.first}; }
         std::tuple<char, std::vector<std::pair<int, int>>, float> three(std::tuple<bool> t)
         { return {std::get<0>(t) ? 'a' : 'b', {}, 1}; }",
        "flip: func(p: tuple<string, s32>) -> tuple<s32, string>;\n\
         three: func(t: tuple<bool>) -> tuple<char, list<tuple<s32, s32>>, f32>;",
    ),
    (
        "#include <vector>
         #define int long long
         typedef std::vector<int> vi; using grid_t = std::vector<vi>; using ll = long long;
         int best(const grid_t& g, ll limit) { return g.size() + limit; }
         vi row(grid_t& g) { return g[0]; }",
        "best: func(g: list<list<s64>>, limit: s64) -> s64;\n\
         row: func(g: list<list<s64>>) -> list<s64>;",
    ),
    (
        "enum Color { COLOR_RED, COLOR_BLUE = 4 };\nenum class Kind : unsigned char { kNear, kFarAway };
         enum Suit { Hearts, Clubs };
         namespace deep { enum class Mode { FirstOne, SECOND_ONE, third }; }
         Color swap(Color c, Kind k, Suit s) { return k == Kind::kNear && s == Clubs ? c : COLOR_RED; }
         deep::Mode other(deep::Mode m) { return m; }",
        "enum color { red, blue }\nenum kind { near, far-away }\nenum suit { hearts, clubs }\n\
         enum mode { first-one, second-one, third }\n\
         swap: func(c: color, k: kind, s: suit) -> color;\nother: func(m: mode) -> mode;\n\
         [symbols]\nmode = \"deep::Mode\"",
    ),
    (
        "#include <string>
         int area(int r) { return r; }
         double area(double w, double h) { return w * h; }
         std::string area(const std::string& s) { return s; }
         int parseHTTP(int x) { return x; } bool IsEven(int x) { return x % 2 == 0; }",
        "area: func(r: s32) -> s32;\narea-2: func(w: f64, h: f64) -> f64;\n\
         area-3: func(s: string) -> string;\nparse-http: func(x: s32) -> s32;\n\
         is-even: func(x: s32) -> bool;\n[symbols]\narea-2 = \"area\"\narea-3 = \"area\"\n\
         is-even = \"IsEven\"\nparse-http = \"parseHTTP\"",
    ),
    (
        "#include <string>\n#include <vector>
         namespace geo { struct Point { double x{}, y = 0; int maxValue = 1; Point() = default;
           bool operator==(const Point&) const = default; };
         namespace flat { double length(const std::vector<Point>& p) { return p.size(); } }
         inline namespace v1 { Point mid(Point a, Point* ) { return a; } Point one(Point a) { return a; } } }",
        "record point { x: f64, y: f64, max-value: s32 }\nlength: func(p: list<point>) -> f64;\n\
         one: func(a: point) -> point;\n[symbols]\nlength = \"geo::flat::length\"\n\
         one = \"geo::v1::one\"\npoint = \"geo::Point\"",
    ),
    (
        "#include <optional>\n#include <string>\n#include <variant>\n#include <vector>
         struct Item { std::string name; std::optional<std::vector<int>> marks; char grade = 'a'; };
         std::variant<Item, std::string> judge(std::optional<Item> i)
         { if (i) return *i; return std::string(\"none\"); }
         std::variant<std::monostate, std::string> check(std::string_view s) { return std::string(s); }
         std::variant<int, std::monostate> maybe() { return 1; }",
        "record item { name: string, marks: option<list<s32>>, grade: char }\n\
         judge: func(i: option<item>) -> result<item, string>;\n\
         check: func(s: string) -> result<_, string>;\nmaybe: func() -> result<s32>;",
    ),
    (
        "#include <cstdint>\n#include <cstddef>\n#include <string>\n#include <vector>
         std::vector<unsigned char> bytes(const std::vector<uint8_t>& b) { return b; }
         char32_t up(char32_t c) { return c + 1; }
         std::u32string wide(std::u32string_view s) { return std::u32string(s); }
         const char* text(const char* s, size_t n) { return n ? s : \"\"; }",
        "bytes: func(b: list<u8>) -> list<u8>;\nup: func(c: char) -> char;\n\
         wide: func(s: list<char>) -> list<char>;\n\
         text: func(s: string, n: u64) -> string;",
    ),
    (
        "#include <vector>
         auto trail(const std::vector<int>& v) -> std::vector<int> { return v; }
         [[nodiscard]] constexpr long fact(unsigned n) noexcept { return n ? n * fact(n - 1) : 1; }
         extern \"C\" { int plain(int a) { return a; } }\nextern \"C\" int other(int b) { return b; }
         void sortAll(std::vector<int>& v, std::vector<std::vector<char>>&& board) { v.clear(); board.clear(); }",
        "trail: func(v: list<s32>) -> list<s32>;\nfact: func(n: u32) -> s64;\n\
         plain: func(a: s32) -> s32;\nother: func(b: s32) -> s32;\n\
         sort-all: func(v: list<s32>, board: list<list<char>>);",
    ),
    (
        "#include <string>\n#include <vector>
         struct Stats { int n; double mean; };\nstruct from_t { int a; };
         Stats stats(Stats s) { return s; }\nint from(from_t f) { return f.a; }
         int remove(const std::string& s) { return s.size(); }\nint new_one(int int_) { return int_; }",
        "record stats-2 { n: s32, mean: f64 }\nrecord from-t { a: s32 }\n\
         stats: func(s: stats-2) -> stats-2;\n%from: func(f: from-t) -> s32;\n\
         remove: func(s: string) -> s32;\nnew-one: func(int: s32) -> s32;\n[symbols]\n\
         stats-2 = \"Stats\"",
    ),
    (
        "#include <vector>
         class Solution { public: int f(int a) { return a; } };
         typedef struct { int a, b; } Both; struct Empty {}; typedef struct tag { long z; } Tagged;
         struct Nest { Both both; Tagged t; std::vector<Both> more; };
         Nest nest(Nest n, struct tag t) { n.t = t; return n; }",
        "record both { a: s32, b: s32 }\nrecord tagged { z: s64 }\n\
         record nest-2 { both: both, t: tagged, more: list<both> }\n\
         nest: func(n: nest-2, t: tagged) -> nest-2;\n[symbols]\nnest-2 = \"Nest\"",
    ),
    (
        "#include <memory>\n#include <optional>\n#include <string>\n#include <vector>
         struct Leaf { std::unique_ptr<int> value; std::vector<std::shared_ptr<std::string>> names; };
         int leaf(Leaf l) { return l.value ? *l.value : int(l.names.size()); }
         int ref(const std::unique_ptr<Leaf>& l, std::vector<std::unique_ptr<int>> v) { return bool(l) + v.size(); }
         std::optional<std::optional<int>> twice() { return {}; }",
        "record leaf-2 { value: option<s32>, names: list<option<string>> }\n\
         leaf: func(l: leaf-2) -> s32;\n\
         ref: func(l: option<leaf-2>, v: list<option<s32>>) -> s32;\n\
         twice: func() -> option<option<s32>>;\n[symbols]\nleaf-2 = \"Leaf\"",
    ),
    (
        "#include <string>\n#include <vector>
         namespace geo { struct Point { double x_; int errno_; std::string class_; }; enum class Kind { a, b }; }
         using geo::Point; using namespace geo;
         std::vector<Point> all(Kind k, const Point* const p, const Point& q)
         { return k == Kind::a && p ? std::vector<Point>{} : std::vector<Point>{q}; }
         std::vector<Point> some(Kind k, const Point& q)
         { return k == Kind::a ? std::vector<Point>{} : std::vector<Point>{q}; }",
        "enum kind { a, b }\nrecord point { x: f64, errno: s32, class: string }\n\
         some: func(k: kind, q: point) -> list<point>;\n[symbols]\nkind = \"geo::Kind\"\n\
         point = \"geo::Point\"",
    ),
];

const RUST: &[Case] = &[
    (
        "use std::{borrow::Cow, rc::Rc, sync::Arc};
         pub fn boxed(a: Box<str>, b: Rc<String>, c: Arc<[i32]>, d: Box<f64>) -> Box<[i32]>
         { let _ = (a, b, d); c.to_vec().into() }
         pub fn cow<'a>(s: Cow<'a, str>) -> Cow<'a, str> { s }
         pub fn counted() -> Rc<Vec<u8>> { Rc::new(vec![]) }",
        "boxed: func(a: string, b: string, c: list<s32>, d: f64) -> list<s32>;\n\
         cow: func(s: string) -> string;\ncounted: func() -> list<u8>;",
    ),
    (
        "use std::collections::{BTreeMap, HashMap};
         pub fn count(words: &[&str]) -> HashMap<String, usize> { let mut m = HashMap::new();
           for w in words { *m.entry(w.to_string()).or_default() += 1; } m }
         pub fn sorted(m: &BTreeMap<i32, Vec<String>>) -> BTreeMap<String, i32>
         { m.iter().map(|(k, v)| (v.concat(), *k)).collect() }",
        "count: func(words: list<string>) -> list<tuple<string, u64>>;\n\
         sorted: func(m: list<tuple<s32, list<string>>>) -> list<tuple<string, s32>>;",
    ),
    (
        "use std::collections::*;
         pub fn all(a: HashSet<String>, b: BTreeSet<u8>, c: VecDeque<i16>, d: BinaryHeap<u64>,
           e: LinkedList<bool>) -> HashSet<usize> { [a.len(), b.len(), c.len(), d.len(), e.len()].into() }
         pub fn heap(xs: &HashSet<char>) -> BTreeSet<char> { xs.iter().copied().collect() }
         pub fn deque() -> VecDeque<LinkedList<i8>> { VecDeque::new() }",
        "all: func(a: list<string>, b: list<u8>, c: list<s16>, d: list<u64>, e: list<bool>) -> \
         list<u64>;\nheap: func(xs: list<char>) -> list<char>;\ndeque: func() -> list<list<s8>>;",
    ),
    (
        "use std::fmt;
         #[derive(Debug)] pub enum Fault { Empty, TooLong(usize) }
         impl fmt::Display for Fault { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, \"bad\") } }
         impl std::error::Error for Fault {}
         pub fn check(s: &str) -> Result<usize, Fault> { if s.is_empty() { Err(Fault::Empty) } else { Ok(1) } }
         pub fn parse(s: &str) -> Result<i32, std::num::ParseIntError> { s.parse() }
         pub fn any(s: &str) -> Result<f64, Box<dyn std::error::Error>> { Ok(s.parse()?) }",
        "check: func(s: string) -> result<u64, string>;\n\
         parse: func(s: string) -> result<s32, string>;\nany: func(s: string) -> result<f64, string>;",
    ),
    (
        "pub fn unit() -> Result<(), ()> { Ok(()) }
         pub fn text(x: i32) -> Result<Vec<u8>, String> { if x > 0 { Ok(vec![]) } else { Err(\"no\".into()) } }
         pub fn fixed() -> Result<u8, &'static str> { Err(\"no\") }
         pub fn coded() -> Result<(), u32> { Err(3) }
         pub fn taken(r: Result<i32, String>, o: Option<Result<(), String>>) -> bool { r.is_ok() && o.is_none() }
         pub fn done() -> () {}",
        "unit: func() -> result;\ntext: func(x: s32) -> result<list<u8>, string>;\n\
         fixed: func() -> result<u8, string>;\ncoded: func() -> result<_, u32>;\n\
         taken: func(r: result<s32, string>, o: option<result<_, string>>) -> bool;\ndone: func();",
    ),
    (
        "pub fn io() -> std::io::Result<()> { Ok(()) }
         pub type Outcome<T> = Result<T, String>;
         type Res = Result<i32, std::fmt::Error>;
         pub fn aliased() -> Res { Ok(1) }
         #[derive(Debug)] pub struct Odd; pub fn debugged() -> Result<u8, Odd> { Err(Odd) }",
        "io: func() -> result<_, string>;\naliased: func() -> result<s32, string>;\n\
         debugged: func() -> result<u8, string>;",
    ),
    (
        "pub struct Point { pub x: f64, pub y: f64 }
         pub mod geo { use super::*; #[derive(Clone, Copy)] pub enum Kind { Near, FarAway = 3 }
           type Points = Vec<Point>;
           pub fn pick(ps: Points, k: &Kind) -> crate::Point { let _ = k; ps.into_iter().next().unwrap() }
           pub mod deep { pub fn kind(k: super::Kind) -> super::Kind { k } } }
         pub fn near(p: &Point) -> geo::Kind { let _ = p; geo::Kind::Near }",
        "record point { x: f64, y: f64 }\nenum kind-2 { near, far-away }\n\
         pick: func(ps: list<point>, k: kind-2) -> point;\nkind: func(k: kind-2) -> kind-2;\n\
         near: func(p: point) -> kind-2;\n[symbols]\nkind = \"geo::deep::kind\"\n\
         kind-2 = \"geo::Kind\"\npick = \"geo::pick\"",
    ),
    (
        "pub struct r#Type { pub r#type: String, pub max_value: Option<u8>, marks: [i32; 3] }
         #[allow(non_camel_case_types)] pub enum mode { ON, off, Half_Way }
         pub fn same(t: Type, m: mode) -> Type { let _ = m; t }
         pub fn r#match(r#in: i32) -> i32 { r#in }",
        "record %type { %type: string, max-value: option<u8>, marks: list<s32> }\n\
         enum mode { on, off, half-way }\nsame: func(t: %type, m: mode) -> %type;\n\
         match: func(in: s32) -> s32;",
    ),
    (
        "pub fn slices(a: &[f64], b: &[Vec<i32>], c: &Vec<String>, d: &mut [u8], e: [i16; 3]) -> [f64; 2]
         { let _ = (b, c, d, e); [a[0], 1.0] }
         pub fn strs(a: &[&str], b: Vec<&str>, c: &[String], d: &&str) -> Vec<String>
         { let _ = (a, b, d); c.to_vec() }
         pub fn chars(b: Vec<Vec<char>>) -> Vec<Vec<char>> { b }",
        "slices: func(a: list<f64>, b: list<list<s32>>, c: list<string>, d: list<u8>, \
         e: list<s16>) -> list<f64>;\n\
         strs: func(a: list<string>, b: list<string>, c: list<string>, d: string) -> list<string>;\n\
         chars: func(b: list<list<char>>) -> list<list<char>>;",
    ),
    (
        "pub fn options(a: Option<&str>, b: Option<&String>, c: Option<Option<u8>>, d: &Option<i32>,
           e: Option<&[u8]>, f: Option<Box<i64>>) -> Option<String>
         { let _ = (b, c, d, e, f); a.map(String::from) }
         pub fn inner<'a>(a: &'a [Option<&'a str>]) -> Option<&'a str> { a[0] }",
        "options: func(a: option<string>, b: option<string>, c: option<option<u8>>, \
         d: option<s32>, e: option<list<u8>>, f: option<s64>) -> option<string>;\n\
         inner: func(a: list<option<string>>) -> option<string>;",
    ),
    (
        "pub fn tuples(a: (i32, String), b: &(u8,), (x, y): (f64, f64)) -> (String, (i32, f64), bool)
         { (a.1, (a.0 + i32::from(b.0), x + y), true) }
         pub fn pairs(v: Vec<(usize, char)>) -> Vec<(char, isize)> { v.iter().map(|p| (p.1, p.0 as isize)).collect() }
         pub fn wild(_: i32, _b: bool) {}",
        "tuples: func(a: tuple<s32, string>, b: tuple<u8>, p3: tuple<f64, f64>) -> \
         tuple<string, tuple<s32, f64>, bool>;\n\
         pairs: func(v: list<tuple<u64, char>>) -> list<tuple<char, s64>>;\n\
         wild: func(p1: s32, b: bool);",
    ),
    (
        "fn top_word(s: &str) -> String { helper(s) }\nfn helper(s: &str) -> String { s.into() }
         fn main() {}",
        "top-word: func(s: string) -> string;\nhelper: func(s: string) -> string;",
    ),
    (
        "#![allow(non_snake_case)]
         #[derive(Debug, Clone)] pub(crate) struct Item { name: String, at: Option<Place> }
         #[derive(Debug, Clone)] struct Place { line: u32, sorted: std::collections::BTreeMap<String, f32> }
         pub fn topItem(items: &[Item]) -> Option<Item> { items.first().cloned() }
         pub fn ParseIt(i: &mut Item) -> u32 { i.at.take().map_or(0, |p| p.line + p.sorted.len() as u32) }
         pub const fn three() -> u8 { 3 }\npub extern \"C\" fn four() -> u8 { 4 }",
        "record place { line: u32, sorted: list<tuple<string, f32>> }\n\
         record item { name: string, at: option<place> }\n\
         top-item: func(items: list<item>) -> option<item>;\nparse-it: func(i: item) -> u32;\n\
         three: func() -> u8;\nfour: func() -> u8;\n[symbols]\nparse-it = \"ParseIt\"",
    ),
    (
        "mod inner { #[derive(Clone)] pub struct Point { pub x: i32, pub max_: u8, pub HTTPCode: u16 } }
         use inner::Point;
         pub fn same(p: Point) -> Point { p }",
        "record point { x: s32, max: u8, http-code: u16 }\nsame: func(p: point) -> point;\n[symbols]\n\
         point = \"inner::Point\"",
    ),
];

fn check(language: Language, cases: &[Case]) {
    let mut wrong = Vec::new();
    for (number, (source, expected)) in cases.iter().enumerate() {
        let found = infer(language, source);
        let mut text = found.interface.to_string();
        if !found.symbols.is_empty() {
            text += "[symbols]\n";
        }
        text.extend(found.symbols.iter().map(|(wit, name)| format!("{wit} = \"{name}\"\n")));
        if text.trim_end() != expected.trim_end() {
            wrong.push(format!("{source}\n{text}\n{:#?}", found.skipped));
            continue;
        }
        let test = format!("inferred-{language:?}-{number}").to_lowercase();
        let skill =
            Skill::planned(&test, language, source, found.interface.clone(), &found.symbols);
        let quick = if language == Language::Rust { "-Copt-level=0" } else { "-O0" };
        let output = skill.compile(&[quick]);
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: Vec<_> = said.lines().filter(|line| line.contains("error")).collect();
            wrong.push(format!("{source}\n{text}\n{}", said.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_is_inferred_from_c_fits_its_glue() {
    check(Language::C, C);
}

#[test]
fn what_is_inferred_from_cpp_fits_its_glue() {
    check(Language::Cpp, CPP);
}

#[test]
fn what_is_inferred_from_rust_fits_its_glue() {
    check(Language::Rust, RUST);
}
