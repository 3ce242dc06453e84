//! Plans as people and models write them: what is read, and what each mistake is answered with.

use saggar_model::{Code, CompilerFamily, Expectation, Plan, parse_interface};
use serde_json::json;

const GOOD: &str = r#"format = 1
name = "top-word"
description = "counts a word"
language = "c++"
standard = "c++20"
source = "top_word.cpp"
interface = """
// how often a word occurs
count: func(text: string, word: string) -> u64;
scale: func(xs: list<f64>, by: f64) -> list<f64>;
"""
network = "none"
[limits]
memory = "256MiB"
call-deadline = "2s"
[[test]]
call = "count"
args = ["a b a", "a"]
expect = 2
[[test]]
call = "scale"
args-json = '[[1.5], "NaN"]'
expect-json = '["NaN"]'
tolerance = 1e-6
"#;

#[test]
fn a_whole_plan_is_read() {
    let plan = Plan::parse(GOOD, "plan.toml").unwrap();
    assert_eq!(
        plan.interface.functions[0].to_string(),
        "count: func(text: string, word: string) -> u64;"
    );
    assert_eq!(plan.function_lines, [9, 10]);
    assert_eq!(plan.tests[0].expect, Expectation::Value(json!(2)));
    assert_eq!(plan.tests[1].args, [json!([1.5]), json!("NaN")]);
    assert_eq!(plan.limits.call_deadline.unwrap().0, 2000);
    plan.require_assertion().unwrap();
}

/// Replaces a piece of the good plan and checks code, line and a piece of the message.
fn refused(from: &str, to: &str, code: Code, line: u32, message: &str) {
    assert!(GOOD.contains(from), "{from}");
    let feedback = Plan::parse(&GOOD.replacen(from, to, 1), "plan.toml").expect_err(to);
    assert_eq!(feedback.code, code, "{feedback:?}");
    assert_eq!(feedback.diagnostics[0].file.as_deref(), Some("plan.toml"));
    assert_eq!(feedback.diagnostics[0].line, Some(line), "{feedback:?}");
    assert!(feedback.diagnostics[0].message.contains(message), "{feedback:?}");
    assert!(feedback.hint.is_some() || feedback.diagnostics[0].fix.is_some(), "{feedback:?}");
}

#[test]
fn each_mistake_is_named_with_its_line() {
    refused("name =", "name", Code::PlanToml, 2, "");
    refused("language =", "languge =", Code::PlanToml, 4, "unknown field `languge`");
    refused("memory =", "memori =", Code::PlanToml, 14, "unknown field `memori`");
    refused("name = \"top-word\"\n", "", Code::PlanToml, 1, "missing field `name`");
    refused("\"256MiB\"", "\"lots\"", Code::PlanToml, 14, "is no size");
    refused("format = 1", "format = 2", Code::PlanValue, 1, "format = 2");
    refused("\"c++\"", "\"cobol\"", Code::PlanValue, 4, "cobol");
    refused("\"top-word\"", "\"Top\"", Code::PlanValue, 2, "no skill name");
    refused("\"none\"", "\"all\"", Code::PlanPolicy, 12, "not served");
}

#[test]
fn a_compiler_is_gcc_or_clang_and_for_c_and_cpp_alone() {
    let named = |compiler: &str| GOOD.replace("standard =", &format!("{compiler}\nstandard ="));
    let read = |compiler: &str| Plan::parse(&named(compiler), "plan.toml").unwrap().compiler;
    assert_eq!(read("compiler = \"clang\""), Some(CompilerFamily::Clang));
    assert_eq!(read("compiler = \"gcc\""), Some(CompilerFamily::Gcc));
    assert_eq!(read(""), None);
    let both = "\"c++\"\ncompiler = \"g++\"";
    refused("\"c++\"", both, Code::PlanValue, 5, "compiler \"g++\" is not served");
    let rust = "\"rust\"\ncompiler = \"clang\"";
    refused("\"c++\"", rust, Code::PlanValue, 5, "Rust has one compiler");
}

#[test]
fn flags_are_few_and_each_is_named_once() {
    let named = |flags: &[&str]| format!("\"c++20\"\nflags = {flags:?}");
    let flags = |flags: &[&str]| {
        Plan::parse(&GOOD.replace("\"c++20\"", &named(flags)), "plan.toml").map(|plan| plan.flags)
    };
    assert_eq!(flags(&["-O2", "-Wall"]).unwrap(), ["-O2", "-Wall"]);
    let twice = named(&["-O2", "-Wall", "-O2"]);
    refused("\"c++20\"", &twice, Code::PlanValue, 6, "flag \"-O2\" is named twice");
    let many: Vec<String> = (0..33).map(|number| format!("-f{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(flags(&many[..32]).unwrap().len(), 32);
    refused("\"c++20\"", &named(&many), Code::PlanValue, 6, "33 flags; a plan has at most 32");
    let same = named(&["-O2"; 120_000]);
    refused("\"c++20\"", &same, Code::PlanValue, 6, "120000 flags");
    let long = format!("-D{}", "A".repeat(254));
    assert_eq!(flags(&[&long]).unwrap(), [long.as_str()]);
    let longer = named(&[&format!("{long}A")]);
    refused("\"c++20\"", &longer, Code::PlanValue, 6, "a flag of 257 bytes; 256 are allowed");
}

#[test]
fn a_limit_of_nothing_is_no_limit() {
    let zero = |key: &str, value: &str, message: &str| {
        let keys = format!("[limits]\n{key} = \"{value}\"");
        let plan = GOOD.replace("memory = \"256MiB\"\ncall-deadline = \"2s\"\n", "");
        let told = Plan::parse(&plan.replace("[limits]", &keys), "plan.toml").unwrap_err();
        assert_eq!((told.code, told.diagnostics[0].line), (Code::PlanValue, Some(14)));
        assert!(told.summary.contains(message), "{}", told.summary);
        assert_eq!(told.diagnostics[0].excerpt, Some(format!("{key} = \"{value}\"")));
        assert!(told.hint.unwrap().starts_with(&format!("raise {key}")));
    };
    zero("build-deadline", "0s", "limits.build-deadline = 0ms leaves no time");
    zero("call-deadline", "0min", "limits.call-deadline = 0ms leaves no time");
    zero("memory", "0MiB", "limits.memory = 0B: nothing runs in less than 1MiB");
    zero("memory", "1023KiB", "limits.memory = 1023KiB: nothing runs in less than 1MiB");
    let least = GOOD.replace("\"256MiB\"", "\"1MiB\"").replace("\"2s\"", "\"1ms\"");
    Plan::parse(&least, "plan.toml").unwrap();
}

#[test]
fn b11_source_names_that_could_be_options_are_refused() {
    for name in ["-fplugin=x.c", "@args", "../x.cpp", "/etc/shadow"] {
        refused("top_word.cpp", name, Code::PlanSource, 6, "no file name");
    }
}

#[test]
fn sources_and_symbols_that_would_clash_with_the_build_are_refused() {
    refused("top_word.cpp", "saggar.h", Code::PlanSource, 6, "taken by the build");
    for symbol in ["a b", "a::", "9a", "a;b", ""] {
        let table = format!("[symbols]\ncount = \"{symbol}\"\n[limits]");
        let feedback =
            Plan::parse(&GOOD.replace("[limits]", &table), "plan.toml").expect_err(symbol);
        assert_eq!(feedback.code, Code::PlanValue, "{symbol}");
    }
    let qualified = GOOD.replace("[limits]", "[symbols]\ncount = \"text::count\"\n[limits]");
    assert_eq!(Plan::parse(&qualified, "plan.toml").unwrap().symbols["count"], "text::count");
}

#[test]
fn interfaces_outside_the_subset_are_refused_by_name() {
    let count = "count: func(text: string, word: string) -> u64;";
    refused(count, "count: func(text: strin) -> u64;", Code::PlanInterface, 9, "strin");
    refused(count, "count: func(c: stream<u8>) -> u64;", Code::PlanInterface, 9, "stream");
    refused(count, "count: func(c: own<x>);", Code::PlanInterface, 9, "x");
    let variant = "variant v { a(u8), b }\ncount: func(c: v);";
    refused(count, variant, Code::PlanInterface, 10, "variant is not served");
    let flags = "flags f { a }\nrecord r { x: f }\ncount: func(c: r);";
    refused(count, flags, Code::PlanInterface, 11, "r.x: flags is not served");
    let keyword = "count: func(flags: u8);";
    refused(count, keyword, Code::PlanInterface, 9, "found keyword `flags`");
    let told = Plan::parse(&GOOD.replace(count, keyword), "plan.toml").unwrap_err();
    assert!(told.hint.unwrap().contains("`%flags`"));
    refused(count, "count: func(c u8);", Code::PlanInterface, 9, "expected");
    refused(count, "count: async func(c: u8);", Code::PlanInterface, 9, "plain function");
}

#[test]
fn the_hint_says_how_an_interface_is_spelled() {
    for (interface, hint) in [
        ("max_len: func(text: string);", "max-len stands for"),
        ("count: func(maxLen: u8);", "max-len stands for"),
        ("export count: func(text: string);", "without package, world"),
        ("interface a { count: func(text: string); }", "without package, world"),
        ("count: func(text: string)", "ends in `;`"),
        ("count: func() -> result<u8, _>;", "write result<T>"),
        ("record count { x: u8 } count: func(c: count);", "share one set of names"),
    ] {
        let plan = GOOD.replace("count: func(text: string, word: string) -> u64;", interface);
        let told = Plan::parse(&plan, "plan.toml").unwrap_err();
        assert!(told.hint.as_deref().unwrap().contains(hint), "{interface}: {:?}", told.hint);
    }
}

#[test]
fn the_whole_subset_is_read_and_its_normal_form_reads_back() {
    let wit = "type id = u16; // an alias
        enum color { red, dark-blue }
        record point { x: f64, y: option<f32> }
        record shape { name: string, outline: list<point>, fill: color, id: id }
        unused: func(c: char) -> tuple<char, color>;
        find: func(shapes: list<list<shape>>, %list: result<_, string>) -> result<option<shape>>;
        check: func() -> result;";
    let interface = parse_interface(wit).unwrap();
    let normal = "enum color { red, dark-blue }
record point { x: f64, y: option<f32> }
record shape { name: string, outline: list<point>, fill: color, id: u16 }
unused: func(c: char) -> tuple<char, color>;
find: func(shapes: list<list<shape>>, %list: result<_, string>) -> result<option<shape>>;
check: func() -> result;
";
    assert_eq!(interface.to_string(), normal);
    assert_eq!(parse_interface(normal).unwrap(), interface);
}

#[test]
fn tests_are_checked_against_the_interface() {
    refused("\"a b a\", \"a\"", "\"a b a\"", Code::PlanTests, 16, "takes 2 argument(s), got 1");
    refused("\"a b a\", \"a\"", "\"a b a\", 7", Code::PlanTests, 16, "args[1]: expected string");
    refused("expect = 2", "expect = -2", Code::PlanTests, 16, "out of range for u64");
    refused("call = \"count\"", "call = \"cuont\"", Code::PlanTests, 16, "cuont");
    refused("expect = 2", "expect = 2\nerror = 'x'", Code::PlanTests, 16, "not both");
}

#[test]
fn a_plan_has_bounds() {
    let count = "count: func(text: string, word: string) -> u64;";
    let many: String = (0..300).map(|i| format!("g{i}: func();\n")).collect();
    refused(count, &format!("{count}\n{many}"), Code::PlanInterface, 8, "at most 256");
    let deep = format!("count: func(x: {}u8{});", "list<".repeat(100_000), ">".repeat(100_000));
    refused(count, &deep, Code::PlanInterface, 9, "nested more than 32 deep");
    let chain: String = (1..40).map(|i| format!("type t{i} = list<t{}>;\n", i - 1)).collect();
    let deep = format!("type t0 = u8;\n{chain}count: func(x: t39);");
    refused(count, &deep, Code::PlanInterface, 49, "nested more than 32 deep");
    let cases: Vec<_> = (0..1100).map(|i| format!("c{i}")).collect();
    let many = format!("enum e {{ {} }}\ncount: func(x: e);", cases.join(", "));
    refused(count, &many, Code::PlanInterface, 10, "more than 1024 cases");
    let fields: Vec<_> = (0..200).map(|i| format!("g{i}: u8")).collect();
    let many = format!("record r {{ {} }}\ncount: func(x: r);", fields.join(", "));
    refused(count, &many, Code::PlanInterface, 10, "has 200 fields; 128 are allowed");
    let many = format!("count: func({});", fields.join(", "));
    refused(count, &many, Code::PlanInterface, 9, "has 200 parameters; 128 are allowed");
    let double: String =
        (1..30).map(|i| format!("type t{i} = tuple<t{0}, t{0}>;\n", i - 1)).collect();
    let wide = format!("type t0 = u8;\n{double}count: func(x: t29);");
    refused(count, &wide, Code::PlanInterface, 39, "larger than 4096 types");
    let tests = "[[test]]\ncall = \"count\"\nargs = [\"a\", \"b\"]\n".repeat(1100);
    let feedback = Plan::parse(&format!("{GOOD}{tests}"), "plan.toml").unwrap_err();
    assert_eq!(feedback.code, Code::PlanTests);
}

#[test]
fn v09_a_plan_whose_tests_assert_nothing_cannot_be_promoted() {
    let silent = GOOD.replace("expect = 2\n", "").replace("expect-json = '[\"NaN\"]'\n", "");
    let plan = Plan::parse(&silent, "plan.toml").unwrap();
    assert_eq!(plan.require_assertion().unwrap_err().code, Code::PlanTests);
}

#[test]
fn a_plan_without_an_interface_is_shown_one() {
    let text = "name = 'x'\nlanguage = 'c'\nsource = 'x.c'\n";
    let feedback = Plan::parse(text, "plan.toml").unwrap_err();
    assert_eq!(feedback.code, Code::PlanInterface);
    assert!(feedback.diagnostics[0].fix.as_deref().unwrap().contains("interface = "));
}
