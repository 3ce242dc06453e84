//! Every type of an interface in C, as `saggar.h` has it and as the source's own declarations have
//! it. Built with the address and undefined behaviour sanitizers, so that a result freed twice or
//! not at all is a failure.

use std::fmt::Write as _;

use saggar_compiler_driver::glue::Language;
use saggar_skill_abi::{Type, frame};
use serde_json::{Value, json};

use super::harness::{Family, Skill, families};

const SANITIZED: &[&str] = &["-Wextra", "-Wshadow", "-O1", "-fsanitize=address,undefined"];

/// 300 cases: their numbers take two bytes.
fn wide() -> String {
    let mut text = "enum wide { c0".to_owned();
    for i in 1..300 {
        let _infallible = write!(text, ", c{i}");
    }
    text + " }"
}

fn gives(skill: &Skill, calls: &[(&str, Value, Value)]) {
    for (name, args, expected) in calls {
        skill.gives(name, args, expected);
    }
}

fn documented(test: &str) -> Skill {
    let types = format!(
        "enum color {{ red, sea-green }}
         record point {{ x: f64, y: f64 }}
         record person {{ full-name: string, age: u8, %int: s32, nick: option<string>,
                          tags: list<string>, home: point, shade: color }}
         {}",
        wide()
    );
    Skill::with_types(
        test,
        Language::C,
        include_str!("types.c"),
        &types,
        &[
            "next-char: func(c: char) -> char",
            "chars: func(cs: list<char>) -> list<char>",
            "rows: func(rows: list<list<s32>>) -> list<list<s32>>",
            "deep: func(x: list<list<list<string>>>) -> list<list<list<string>>>",
            "triangle: func(n: u32) -> list<list<s32>>",
            "find: func(words: list<string>, word: string) -> option<u32>",
            "maybe-text: func(x: option<string>) -> option<string>",
            "twice: func(x: option<option<u8>>) -> option<option<u8>>",
            "padded: func(x: tuple<u8, u64, bool, string>) -> tuple<u8, u64, bool, string>",
            "made: func() -> tuple<u8, u64, bool, string>",
            "divide: func(a: f64, b: f64) -> result<f64, string>",
            "check: func(good: bool) -> result",
            "only-err: func(x: result<_, string>) -> result<_, string>",
            "only-ok: func(x: result<u8>) -> result<u8>",
            "either: func(x: result<list<string>, color>) -> result<list<string>, color>",
            "opposite: func(c: color) -> color",
            "bad-color: func() -> color",
            "colors: func(x: list<color>) -> list<color>",
            "echo-wide: func(x: wide) -> wide",
            "wides: func(x: list<wide>) -> list<wide>",
            "moved: func(p: point, by: f64) -> point",
            "points: func(x: list<point>) -> list<point>",
            "birthday: func(p: person) -> person",
            "fresh: func(name: string) -> person",
            "first-of: func(x: tuple<list<s32>, u8>, y: list<tuple<s32, u8>>) \
             -> tuple<list<s32>, u8>",
            "broken: func() -> list<string>",
            "negative: func() -> list<point>",
            "floats: func(x: tuple<f32, f64>) -> list<f64>",
            "silent: func(x: list<point>)",
            "count-all: func(x: list<list<string>>) -> u64",
        ],
    )
}

#[test]
fn every_type_crosses_the_glue_in_the_structs_of_saggar_h() {
    families().into_iter().for_each(every_type_crosses_the_glue_in_the_structs_of_saggar_h_by);
}

fn every_type_crosses_the_glue_in_the_structs_of_saggar_h_by(family: Family) {
    let skill = documented("types-c").by(family);
    skill.build(SANITIZED);
    let ann = json!({
        "full-name": "Ann\u{0} 🦀", "age": 254, "int": i32::MIN, "nick": null,
        "tags": ["", "é"], "home": {"x": "NaN", "y": -0.0}, "shade": "sea-green",
    });
    let mut older = ann.clone();
    older["age"] = json!(255);
    gives(
        &skill,
        &[
            ("next-char", json!(["🦀"]), json!("🦁")),
            ("chars", json!([["a", "\u{0}", "\u{10ffff}"]]), json!(["a", "\u{0}", "\u{10ffff}"])),
            ("rows", json!([[[1, -2], [], [i32::MAX]]]), json!([[1, -2], [], [i32::MAX]])),
            ("rows", json!([[]]), json!([])),
            ("deep", json!([[[["a", ""], []], []]]), json!([[["a", ""], []], []])),
            ("triangle", json!([3]), json!([[], [10], [20, 21]])),
            ("find", json!([["a", "b"], "b"]), json!(1)),
            ("find", json!([[], ""]), json!(null)),
            ("maybe-text", json!([""]), json!("")),
            ("maybe-text", json!([null]), json!(null)),
            ("twice", json!([null]), json!(null)),
            ("twice", json!([{"some": null}]), json!({"some": null})),
            ("twice", json!([{"some": 7}]), json!({"some": 7})),
            ("padded", json!([[1, u64::MAX, false, "a"]]), json!([1, u64::MAX, false, "a"])),
            ("made", json!([]), json!([1, u64::MAX, true, "a\u{0}b"])),
            ("divide", json!([1, 4]), json!({"ok": 0.25})),
            ("divide", json!([1, 0]), json!({"err": "division by zero"})),
            ("check", json!([true]), json!({"ok": null})),
            ("check", json!([false]), json!({"err": null})),
            ("only-err", json!([{"err": "e"}]), json!({"err": "e"})),
            ("only-err", json!([{"ok": null}]), json!({"ok": null})),
            ("only-ok", json!([{"err": null}]), json!({"err": null})),
            ("only-ok", json!([{"ok": 3}]), json!({"ok": 3})),
            ("either", json!([{"ok": ["a"]}]), json!({"ok": ["a"]})),
            ("either", json!([{"err": "sea-green"}]), json!({"err": "sea-green"})),
            ("opposite", json!(["red"]), json!("sea-green")),
            ("colors", json!([["red", "sea-green"]]), json!(["red", "sea-green"])),
            ("echo-wide", json!(["c299"]), json!("c299")),
            ("wides", json!([["c0", "c256", "c255"]]), json!(["c0", "c256", "c255"])),
            ("moved", json!([{"x": 1, "y": 2}, 0.5]), json!({"x": 1.5, "y": 2.5})),
            ("points", json!([[{"x": 1, "y": 2}]]), json!([{"x": 1.0, "y": 2.0}])),
            ("birthday", json!([ann]), older),
            (
                "fresh",
                json!(["Bo"]),
                json!({
                    "full-name": "Bo", "age": 0, "int": -1, "nick": "literal", "tags": ["a", ""],
                    "home": {"x": -0.0, "y": 0.0}, "shade": "red",
                }),
            ),
            ("first-of", json!([[[5], 1], [[3, 4]]]), json!([[5], 4])),
            ("floats", json!([["Infinity", "-Infinity"]]), json!(["Infinity", "-Infinity"])),
            ("silent", json!([[]]), json!(null)),
            ("count-all", json!([[["ab", ""], [], ["c"]]]), json!(3)),
        ],
    );
    skill.fails("broken", &json!([]), "the function returned NULL");
    skill.fails("negative", &json!([]), "the function returned a negative length");
    let message = "the function returned a value that is no case of color";
    skill.fails("bad-color", &json!([]), message);
}

#[test]
fn a_result_that_does_not_fit_is_too_large_and_all_of_it_is_freed() {
    let skill = documented("types-c-large");
    skill.build(SANITIZED);
    let (status, block) = skill.call("triangle", &json!([5]), 1 << 12);
    assert_eq!(status, frame::Status::Ok);
    for cap in (0..block.len()).step_by(7) {
        let (status, _) = skill.call("triangle", &json!([5]), cap);
        assert_eq!(status, frame::Status::ResultTooLarge, "{cap}");
    }
    let (status, _) = skill.call("fresh", &json!(["a"]), 120);
    assert_eq!(status, frame::Status::ResultTooLarge);
}

#[test]
fn what_lies_between_the_members_of_a_result_is_zero() {
    let skill = documented("types-c-zero");
    skill.build(SANITIZED);
    let (_, block) = skill.call("made", &json!([]), 1 << 12);
    assert_eq!(block[1..8], [0; 7]);
    assert_eq!(block[17..24], [0; 7]);
    let (_, block) = skill.call("find", &json!([[], ""]), 1 << 12);
    assert_eq!(block, [0; 8]);
}

#[test]
fn declarations_of_the_source_itself_cross_the_glue() {
    families().into_iter().for_each(declarations_of_the_source_itself_cross_the_glue_by);
}

fn declarations_of_the_source_itself_cross_the_glue_by(family: Family) {
    let skill = Skill::with_types(
        "own-c",
        Language::C,
        include_str!("own.c"),
        "enum color { red, green, deep-blue }
         enum size { small, large }
         record point { x: f64, y: f64 }
         record person { name: string, age: s32, email: option<string>, favourite-color: color,
                         home: point, tags: list<string>, code: string }",
        &[
            "norm: func(p: point) -> f64",
            "norm-by-pointer: func(p: point) -> f64",
            "moved: func(p: point, by: f64) -> point",
            "made: func(x: f64) -> point",
            "filled: func(x: f64) -> point",
            "total: func(points: list<point>) -> f64",
            "grid: func(n: s32) -> list<point>",
            "describe: func(p: person) -> string",
            "birthday: func(p: person) -> person",
            "newborn: func(name: string) -> person",
            "next: func(c: color) -> color",
            "larger: func(a: size, b: size) -> size",
            "position: func(c: color) -> color",
            "count-red: func(colors: list<color>) -> s32",
            "or-seven: func(x: option<s32>) -> s32",
            "text-length: func(x: option<string>) -> s32",
            "maybe-norm: func(x: option<point>) -> f64",
            "half: func(x: s32) -> option<s32>",
            "find: func(xs: list<s32>, x: s32) -> option<u64>",
            "maybe-name: func(x: s32) -> option<string>",
            "two-sum: func(nums: list<s32>, target: s32) -> list<s32> = twoSum",
            "squares: func(xs: list<s32>) -> list<s64>",
            "words: func(text: string) -> list<string>",
            "sum-grid: func(grid: list<list<s32>>) -> s32",
            "longest-row: func(rows: list<list<f64>>) -> u64",
            "generate: func(n: s32) -> list<list<s32>>",
            "upper: func(c: char) -> char",
            "succ: func(c: char) -> char",
            "same: func(c: char) -> char",
            "outside: func() -> char",
            "swap: func(a: s32, s: string) -> tuple<s32, string>",
            "pair-length: func(p: tuple<s32, string>) -> s32",
            "nothing: func(p: point)",
            "strlen-of: func(p: point, s: string, n: s32, t: string) -> u64",
            "some-lengths: func(s: string, n: s32, t: string) -> s32",
            "negative: func(x: s32) -> list<s32>",
        ],
    )
    .by(family);
    skill.build(SANITIZED);
    let ann = json!({
        "name": "Ann", "age": 41, "email": null, "favourite-color": "green",
        "home": {"x": 0.5, "y": 0.0}, "tags": ["a", "b"], "code": "1234567",
    });
    let mut older = ann.clone();
    older["age"] = json!(42);
    let mut coded = ann.clone();
    coded["code"] = json!("12345678");
    gives(
        &skill,
        &[
            ("norm", json!([{"x": 3, "y": 4}]), json!(25.0)),
            ("norm-by-pointer", json!([{"x": 3, "y": 4}]), json!(25.0)),
            ("moved", json!([{"x": 3, "y": 4}, 1]), json!({"x": 4.0, "y": 4.0})),
            ("made", json!([2]), json!({"x": 2.0, "y": 2.0})),
            ("filled", json!([2]), json!({"x": 2.0, "y": -2.0})),
            ("total", json!([[]]), json!(0.0)),
            ("total", json!([[{"x": 1, "y": 0}, {"x": 0, "y": 2}]]), json!(5.0)),
            ("grid", json!([2]), json!([{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": -1.0}])),
            ("grid", json!([0]), json!([])),
            ("describe", json!([ann]), json!("Ann 41 - 5 0.5 2 1234567")),
            ("birthday", json!([ann]), older),
            (
                "newborn",
                json!(["Bo"]),
                json!({
                    "name": "Bo", "age": 0, "email": "none", "favourite-color": "red",
                    "home": {"x": 0.0, "y": 0.0}, "tags": ["new"], "code": "n1",
                }),
            ),
            ("next", json!(["red"]), json!("green")),
            ("next", json!(["green"]), json!("deep-blue")),
            ("larger", json!(["small", "large"]), json!("large")),
            ("position", json!(["green"]), json!("deep-blue")),
            ("count-red", json!([["red", "green", "red"]]), json!(2)),
            ("or-seven", json!([null]), json!(7)),
            ("or-seven", json!([0]), json!(0)),
            ("text-length", json!([null]), json!(-1)),
            ("text-length", json!([""]), json!(0)),
            ("maybe-norm", json!([null]), json!(-1.0)),
            ("maybe-norm", json!([{"x": 1, "y": 1}]), json!(2.0)),
            ("half", json!([8]), json!(4)),
            ("half", json!([7]), json!(null)),
            ("find", json!([[5, 6], 6]), json!(1)),
            ("find", json!([[], 6]), json!(null)),
            ("maybe-name", json!([1]), json!("positive")),
            ("maybe-name", json!([0]), json!("")),
            ("maybe-name", json!([-1]), json!(null)),
            ("two-sum", json!([[2, 7, 11], 18]), json!([1, 2])),
            ("two-sum", json!([[], 18]), json!([])),
            ("squares", json!([[i32::MIN, 3]]), json!([1i64 << 62, 9])),
            ("words", json!(["a bc  🦀"]), json!(["a", "bc", "🦀"])),
            ("words", json!([""]), json!([])),
            ("sum-grid", json!([[[1, 2], [], [3]]]), json!(6)),
            ("sum-grid", json!([[]]), json!(0)),
            ("longest-row", json!([[[1, 2], [3]]]), json!(2)),
            ("generate", json!([3]), json!([[1], [1, 1], [1, 2, 1]])),
            ("generate", json!([0]), json!([])),
            ("upper", json!(["a"]), json!("A")),
            ("succ", json!(["🦀"]), json!("🦁")),
            ("same", json!(["é"]), json!("é")),
            ("swap", json!([1, "a"]), json!([1, "a"])),
            ("pair-length", json!([[1, "ab"]]), json!(3)),
            ("nothing", json!([{"x": 1, "y": 0}]), json!(null)),
            ("some-lengths", json!(["a\u{0}b", 10, "cd"]), json!(16)),
            ("strlen-of", json!([{"x": 1, "y": 0}, "a", 5, "bc"]), json!(3)),
        ],
    );
    skill.fails("made", &json!([-1]), "the function returned NULL");
    skill.fails("describe", &json!([coded]), "person: a string is too long for its array");
    skill.fails(
        "next",
        &json!(["deep-blue"]),
        "the function returned a value that is no case of color",
    );
    skill.fails(
        "upper",
        &json!(["é"]),
        "parameter 1 (c): a character is not ASCII, which is all that char holds; declare it as \
         uint32_t",
    );
    skill.fails("outside", &json!([]), "the function returned a char that is not ASCII");
    skill.fails("negative", &json!([3]), "the function returned a negative length");
}

#[test]
fn odd_sources_do_no_harm() {
    for standard in ["-std=gnu17", "-std=c17", "-std=gnu11", "-std=c11", "-std=gnu2x", "-std=c2x"] {
        let skill = Skill::with_types(
            &format!("odd-c{standard}"),
            Language::C,
            include_str!("odd.c"),
            "record int { linux: u8, %bool: list<s32>, default: option<char> }
             record list-s32 { len: u8, LEN2: u8 }
             enum e { value, some, is-err, red, NULL-cap }
             enum e-red { a }",
            &[
                "strlen: func(x: int) -> u64",
                "remove: func(x: list<list-s32>) -> list<list<s32>>",
                "read: func(x: e) -> e",
                "add: func(x: tuple<tuple<u8, u8>, u8>, y: tuple<tuple<u8>, u8, u8>) -> u8",
                "saggar: func(x: tuple<e, e-red>) -> option<e>",
                "memset: func(x: tuple<u8>) -> tuple<u8>",
                "made-by-macro: func(x: tuple<u8>) -> tuple<u8>",
                "mixed: func(a: list<s32>, b: string, c: list<u8>) -> s32",
            ],
        );
        skill.build(&[standard, "-Wextra"]);
        gives(
            &skill,
            &[
                ("strlen", json!([{"linux": 1, "bool": [2, 3], "default": "a"}]), json!(6)),
                ("remove", json!([[{"len": 1, "LEN2": 2}]]), json!([[1, 2]])),
                ("read", json!(["some"]), json!("is-err")),
                ("add", json!([[[1, 2], 3], [[4], 5, 6]]), json!(21)),
                ("saggar", json!([["red", "a"]]), json!("red")),
                ("memset", json!([[3]]), json!([3])),
                ("made-by-macro", json!([[3]]), json!([4])),
                ("mixed", json!([[1, 2], "abc", [4]]), json!(10)),
            ],
        );
    }
}

#[test]
fn memory_that_runs_out_is_told() {
    families().into_iter().for_each(memory_that_runs_out_is_told_by);
}

fn memory_that_runs_out_is_told_by(family: Family) {
    let source = "
        #include <stddef.h>
        typedef struct { int x; } item;
        void *malloc(size_t n)
        {
            static char heap[1 << 16];
            static size_t used;
            if (n > 5000) return NULL;
            used += (n + 15) / 16 * 16;
            return heap + used - (n + 15) / 16 * 16;
        }
        void free(void *p) { (void)p; }
        unsigned long count(const item *x, size_t n, int **rows, int m, int *lengths)
        {
            (void)x, (void)rows, (void)lengths;
            return n + (size_t)m;
        }";
    let functions = ["count: func(x: list<item>, rows: list<list<s32>>) -> u64"];
    let skill =
        Skill::with_types("memory-c", Language::C, source, "record item { x: s32 }", &functions)
            .by(family);
    skill.build(&[]);
    let call = |items: usize, rows: usize| {
        let items = vec![json!({"x": 1}); items];
        let rows = vec![json!([1]); rows];
        skill.call("count", &json!([items, rows]), 1 << 12)
    };
    assert_eq!(call(10, 10), (frame::Status::Ok, vec![20, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(call(2000, 10).0, frame::Status::OutOfMemory);
    assert_eq!(call(10, 1000).0, frame::Status::OutOfMemory);
    assert_eq!(call(900, 400).0, frame::Status::OutOfMemory);
}

/// A generator of our own, so that every run tries the same types and values.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    /// A type as WIT and as the end of its name in C.
    fn ty(&mut self, depth: usize) -> (String, String) {
        const LEAVES: [&str; 9] =
            ["bool", "s8", "u16", "s32", "u64", "f32", "f64", "char", "string"];
        let kind = if depth == 0 { 0 } else { self.below(6) };
        let mut part = || self.ty(depth.saturating_sub(1));
        match kind {
            2 => {
                let (wit, name) = part();
                (format!("list<{wit}>"), format!("list_{name}"))
            }
            3 => {
                let (wit, name) = part();
                (format!("option<{wit}>"), format!("option_{name}"))
            }
            4 => {
                let ((a, first), (b, second)) = (part(), part());
                (format!("tuple<{a}, {b}>"), format!("tuple_{first}_{second}"))
            }
            5 => {
                let ((a, first), (b, second)) = (part(), part());
                (format!("result<{a}, {b}>"), format!("result_{first}_{second}"))
            }
            _ => {
                let leaf = LEAVES[self.below(LEAVES.len())];
                (leaf.to_owned(), leaf.to_owned())
            }
        }
    }

    fn value(&mut self, ty: &Type) -> Value {
        let n = self.below(1000);
        match ty {
            Type::Bool => json!(n.is_multiple_of(2)),
            Type::S8 => json!(n % 128),
            Type::F32 | Type::F64 => {
                json!(if n == 0 { json!("NaN") } else { json!(n as f64 / 8.0) })
            }
            Type::Char => json!(["a", "é", "🦀", "\u{0}"][n % 4]),
            Type::String => json!("aé🦀\u{0}".repeat(n % 3)),
            Type::List(element) => (0..n % 4).map(|_| self.value(element)).collect(),
            Type::Tuple(members) => members.iter().map(|ty| self.value(ty)).collect(),
            Type::Option(_) if n.is_multiple_of(2) => Value::Null,
            Type::Option(inner) => match (self.value(inner), &**inner) {
                (value, Type::Option(_)) => json!({"some": value}),
                (value, _) => value,
            },
            Type::Result { ok: Some(ok), err: Some(err) } => {
                if n.is_multiple_of(2) {
                    json!({"ok": self.value(ok)})
                } else {
                    json!({"err": self.value(err)})
                }
            }
            _ => json!(n),
        }
    }
}

#[test]
fn values_of_any_type_come_back_as_they_went() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut source = "#include \"saggar.h\"\n".to_owned();
    let mut functions = Vec::new();
    while functions.len() < 40 {
        let (wit, name) = random.ty(3);
        if name.len() > 50 || !wit.contains('<') {
            continue;
        }
        let i = functions.len();
        functions.push(format!("echo{i}: func(x: {wit}) -> {wit}"));
        let _infallible =
            writeln!(source, "saggar_{name} echo{i}(saggar_{name} x) {{ return x; }}");
    }
    let functions: Vec<&str> = functions.iter().map(String::as_str).collect();
    let skill = Skill::new("random-c", Language::C, &source, &functions);
    skill.build(SANITIZED);
    for function in &skill.interface.functions {
        for _ in 0..2 {
            let value = random.value(&function.params[0].ty);
            skill.gives(&function.name, &json!([value]), &value);
        }
    }
}
