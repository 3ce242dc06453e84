//! What is told of gcc's diagnostics, from logs written by hand.

use std::collections::BTreeMap;

use super::*;
use crate::diagnostics;
use crate::glue::{GlueRequest, generate};

const PLAN: &str = r#"format = 1
name = "sum"
description = "adds"
language = "c++"
source = "sum.cpp"
interface = "sum: func(a: s32) -> s32;"
[[test]]
call = "sum"
args = [1]
expect = 1
"#;

const SOURCE: &str = "int sum(int a) {\n    return a;\n}\n";

/// The feedback for a source and a log in which `@` stands for a line of the glue about the
/// function, and `$` for its last.
fn feedback(text: &str, log: &str, shown: usize) -> Feedback {
    let plan = Plan::parse(PLAN, "plan.toml").unwrap();
    let glue = generate(&GlueRequest {
        language: Language::Cpp,
        source: "sum.cpp",
        text,
        interface: &plan.interface,
        symbols: vec!["sum".into()],
        types: BTreeMap::new(),
        interface_digest: [0; 32],
    });
    let last = glue.text.lines().count().to_string();
    let log = log.replace('@', &glue.places[0].line.to_string()).replace('$', &last);
    let prelude = Prelude::default();
    let context = Context {
        plan: &plan,
        text,
        glue: &glue,
        symbols: &["sum".to_owned()],
        glue_file: "saggar+glue.cpp",
        prelude: &prelude,
        log: &log,
        shown,
    };
    context.feedback(diagnostics::parse(log.as_bytes()))
}

/// An error of gcc's, as JSON.
fn error(message: &str, file: &str, line: &str, column: &str) -> String {
    format!(
        r#"{{"kind":"error","message":"{message}","locations":[{{"caret":{{"file":"{file}","line":{line},"byte-column":{column}}}}}]}}"#
    )
}

#[track_caller]
fn check(text: &str, log: &str, code: Code, expected: &[&str]) {
    let feedback = feedback(text, log, 10);
    let told = feedback.diagnostics.iter().map(|one| {
        let place = one.line.map_or("-".to_owned(), |line| line.to_string());
        format!("{place} {}", one.message)
    });
    let told: Vec<_> = [feedback.summary.clone()].into_iter().chain(told).collect();
    assert_eq!(told, expected);
    assert_eq!(feedback.code, code);
}

#[test]
fn what_is_said_again_of_a_line_is_shown_once_and_not_counted() {
    let one = |message, line, column| error(message, "./sum.cpp", line, column);
    let log = [
        one("a", "1", "2"),
        one("a", "1", "2"),
        one("a", "1", "9"),
        one("b", "1", "2"),
        one("a", "2", "2"),
        one("c", "2", "2"),
        one("a", "2", "2"),
    ];
    let feedback = feedback(SOURCE, &format!("[{}]", log.join(",")), 3);
    let told: Vec<_> =
        feedback.diagnostics.iter().map(|one| (one.message.as_str(), one.line)).collect();
    assert_eq!(told, [("a", Some(1)), ("b", Some(1)), ("a", Some(2))]);
    assert_eq!(feedback.omitted, 1);
}

#[test]
fn a_block_that_the_glue_cannot_tell_from_its_own_is_closed_nowhere() {
    let log = [
        error("'sum' was not declared", "saggar+glue.cpp", "@", "1"),
        error("expected '}' at end of input", "saggar+glue.cpp", "$", "1"),
    ];
    let ends = "the source ends inside a block, or its last declaration lacks a semicolon";
    let log = format!("[{}]", log.join(","));
    check(SOURCE, &log, Code::Compile, &[ends, &format!("3 {ends}")]);
}

#[test]
fn a_macro_of_the_functions_name_is_what_the_glue_meets() {
    let text = format!("{SOURCE}#define sum(a) oops\n");
    let said = "this macro hides the function `sum` from what calls the skill";
    for message in ["'::oops' has not been declared", "odd", "cannot convert '__saggar_a0'"] {
        let log = format!("[{}]", error(message, "saggar+glue.cpp", "@", "1"));
        check(&text, &log, Code::Compile, &[said, &format!("4 {said}")]);
    }
    // What the glue says itself is not the macro's doing.
    let log = format!("[{}]", error("saggar: sum: no", "saggar+glue.cpp", "@", "1"));
    check(&text, &log, Code::TypeMismatch, &["sum: no", "1 sum: no"]);
}

#[test]
fn lines_that_the_source_renumbers_are_not_named() {
    for (directive, file, line) in
        [("#line 4000000", "./sum.cpp", "4000000"), ("# 7 \"/etc/shadow\"", "/etc/shadow", "7")]
    {
        let text = format!("int x;\n{directive}\n{SOURCE}");
        let log = format!("[{}]", error("no such x", file, line, "1"));
        let summary = "sum.cpp does not compile: no such x";
        check(&text, &log, Code::Compile, &[summary, "- no such x"]);
        let hint = feedback(&text, &log, 10).hint.unwrap();
        assert!(hint.contains("remove `#line` from line 2"), "{hint}");
    }
}

#[test]
fn what_the_assembler_says_is_in_the_summary() {
    let said = "{standard input}: Assembler messages:\n{standard input}:6: Error: no file\n\
                ./sum.cpp:2: Error: .err encountered\n";
    let expected = ["sum.cpp does not compile: no file", "- no file", "2 .err encountered"];
    check(SOURCE, &format!("[]\n{said}"), Code::Compile, &expected);
    // The two write at the same time.
    check(SOURCE, &format!("{said}[]\n"), Code::Compile, &expected);
    check(
        SOURCE,
        &said.replace("{standard input}:6", "[]{standard input}:6"),
        Code::Compile,
        &expected,
    );
}

#[test]
fn what_to_insert_is_shown_as_it_is_to_be_written() {
    assert_eq!(on_one_line("'\\n' \"a\"\n\u{1b}"), "'\\n' \"a\"\\n\\u{1b}");
}
