//! Calls that end about when their deadline comes, and calls of a batch that meet it: each answer is
//! one that a call can have, and nothing of it is left for the next.
#![cfg(test)]

mod common;

use common::Scene;
use saggar_engine::{Code, Feedback};
use serde_json::json;

/// The deadline, milliseconds.
const DEADLINE: u64 = 250;

const PLAN: &str = r#"
interface = """
lasts: func(microseconds: u64) -> u64;
once: func(n: u32) -> u32;
"""
[limits]
call-deadline = "250ms"
[[test]]
call = "once"
args = [8]
expect = 9
"#;

const SOURCE: &str = r#"
#include <chrono>
#include <cstdint>
static volatile std::uint64_t turns;
std::uint64_t lasts(std::uint64_t microseconds) {
    auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
    while (std::chrono::steady_clock::now() < end) turns = turns + 1;
    return microseconds;
}
std::uint32_t once(std::uint32_t n) {
    if (n == 13) *reinterpret_cast<volatile int *>(8) = 1;
    if (n == 14) for (;;) turns = turns + 1;
    return n + 1;
}
"#;

fn scene() -> Scene {
    Scene::new("c++", PLAN, SOURCE, &[])
}

/// The first line that is shown.
fn line(told: &Feedback) -> &str {
    let shown = told.diagnostics.iter().find_map(|d| d.excerpt.as_deref());
    shown.unwrap_or_default()
}

#[test]
fn a_call_that_ends_about_when_its_deadline_comes_has_one_of_two_answers() {
    let scene = scene();
    for round in 0..24u64 {
        let lasts = DEADLINE * 1000 - 1500 + round * 100;
        match scene.call("lasts", &[json!(lasts)]) {
            Ok(value) => assert_eq!(value, json!(lasts)),
            Err(told) => {
                assert_eq!(told.code, Code::CallDeadline, "{told:?}");
                assert!(told.summary.contains("longer than 250 ms"), "{told:?}");
            }
        }
        if round % 6 == 0 {
            let told = scene.call("once", &[json!(13)]).unwrap_err();
            assert_eq!(told.code, Code::Segfault, "{told:?}");
            assert!(line(&told).contains("n == 13"), "it is not told of itself: {told:?}");
        }
    }
    let told = scene.call("lasts", &[json!(DEADLINE * 10_000)]).unwrap_err();
    assert_eq!(told.code, Code::CallDeadline, "{told:?}");
    assert_eq!(scene.call("once", &[json!(1)]), Ok(json!(2)));
}

#[test]
fn a_call_of_a_batch_that_is_late_names_its_line_and_the_others_are_answered() {
    let scene = scene();
    let args = [1, 14, 3, 13, 14, 5];
    let calls: Vec<_> = args.iter().map(|arg| vec![json!(arg)]).collect();
    let answers = scene.call_all("once", &calls);
    for (arg, answer) in args.into_iter().zip(&answers) {
        match arg {
            13 | 14 => {
                let told = answer.as_ref().unwrap_err();
                let code = if arg == 13 { Code::Segfault } else { Code::CallDeadline };
                assert_eq!(told.code, code, "{told:?}");
                assert!(line(told).contains(&format!("n == {arg}")), "{told:?}");
            }
            other => assert_eq!(answer.as_ref().unwrap(), &json!(other + 1)),
        }
    }
}
