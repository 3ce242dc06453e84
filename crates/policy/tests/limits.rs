//! What a plan asks for and a policy refuses is told at its place in the plan.

#![cfg(test)]

use saggar_model::{Code, Plan};
use saggar_policy::Policy;

const PLAN: &str = r#"name = "add"
language = "c++"
source = "add.cpp"
interface = "add: func(a: s32, b: s32) -> s32;"
standard = "c++20"
compiler = "clang"
flags = [
    "-O2",
    "-Wall",
]
[limits]
memory = "256MiB"
call-deadline = "2s"
build-deadline = "20s"
threads = 1
"#;

fn read(plan: &str) -> Plan {
    Plan::parse(plan, "plan.toml").unwrap()
}

#[test]
fn each_refusal_names_line_column_and_text() {
    let policy = Policy::builtin();
    policy.admit(&read(PLAN)).unwrap();
    for (from, to, line, column, what, allowed) in [
        ("\"c++20\"", "\"c++98\"", 5, 12, "standard = \"c++98\"", "c++20, "),
        ("\"-Wall\"", "\"-Wnone\"", 9, 5, "flag \"-Wnone\"", "-Wall, "),
        ("\"256MiB\"", "\"1024GiB\"", 12, 10, "limits.memory = 1024GiB", "at most 2GiB"),
        ("\"2s\"", "\"1000s\"", 13, 17, "limits.call-deadline = 1000s", "at most 60s"),
        ("\"20s\"", "\"1000s\"", 14, 18, "limits.build-deadline = 1000s", "at most 120s"),
        ("threads = 1", "threads = 1000", 15, 11, "limits.threads = 1000", "at most 16"),
    ] {
        assert!(PLAN.contains(from), "{from}");
        let plan = PLAN.replacen(from, to, 1);
        let told = *policy.admit(&read(&plan)).unwrap_err();
        let [found] = &told.diagnostics[..] else { panic!("{told:?}") };
        assert_eq!(told.code, Code::PlanPolicy);
        assert_eq!((found.line, found.column), (Some(line), Some(column)), "{told:?}");
        assert_eq!(found.file.as_deref(), Some("plan.toml"));
        let text = plan.lines().nth(line as usize - 1);
        assert_eq!(found.excerpt.as_deref(), text, "{told:?}");
        let message = format!("{what} is not allowed by the policy");
        assert_eq!(found.message, message);
        assert_eq!(told.summary, format!("plan.toml:{line}: {message}"));
        assert!(told.hint.as_deref().is_some_and(|hint| hint.contains(allowed)), "{told:?}");
    }
}

#[test]
fn a_compiler_that_the_policy_has_not_is_told_at_its_place() {
    let mut policy = Policy::builtin();
    policy.build.clang = None;
    let told = policy.admit(&read(PLAN)).unwrap_err();
    assert_eq!(told.diagnostics[0].line, Some(6), "{told:?}");
    assert_eq!(told.diagnostics[0].excerpt.as_deref(), Some("compiler = \"clang\""));
}
