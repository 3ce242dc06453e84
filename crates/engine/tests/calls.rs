//! Calls of a released skill, in real sidecars: one by one and many at once.
#![cfg(test)]

mod common;

use common::{SMALL_ARENA, Scene};
use saggar_engine::{Code, Feedback};
use serde_json::{Value, json};

const PLAN: &str = r#"
interface = """
half: func(n: u32) -> u32;
text: func(length: u32) -> string;
nap: func(milliseconds: u32) -> u32;
"""
[limits]
call-deadline = "2s"
[[test]]
call = "half"
args = [8]
expect = 4
"#;

const SOURCE: &str = r#"
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
uint32_t half(uint32_t n) {
    if (n == 13) *reinterpret_cast<volatile int *>(8) = 1;
    if (n == 14) for (volatile int i = 0;; i = i + 1) {}
    if (n % 2) throw std::invalid_argument("odd: " + std::to_string(n));
    return n / 2;
}
std::string text(uint32_t length) { return std::string(length, 'x'); }
uint32_t nap(uint32_t milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    return milliseconds;
}
"#;

/// Arenas are small, and sidecars of a release two.
fn scene() -> Scene {
    Scene::new("c++", PLAN, SOURCE, &[SMALL_ARENA, ("replicas = 0", "replicas = 2")])
}

type Answers = Vec<Result<Value, Box<Feedback>>>;

fn call_all(scene: &Scene, name: &str, args: impl IntoIterator<Item = Value>) -> Answers {
    let calls: Vec<_> = args.into_iter().map(|arg| vec![arg]).collect();
    let answers = scene.call_all(name, &calls);
    assert_eq!(answers.len(), calls.len());
    answers
}

/// An answer as one can compare it: a value, or code and summary.
fn short(answer: &Result<Value, Box<Feedback>>) -> Result<Value, (Code, String)> {
    answer.clone().map_err(|told| (told.code, told.summary))
}

#[test]
fn many_calls_at_once_are_answered_as_they_are_one_by_one() {
    let scene = scene();
    // More than go into one batch, some of them wrong.
    let args: Vec<Value> = (0..6000)
        .map(|n| match n % 100 {
            97 => json!("no number"),
            98 => json!(-1),
            _ if n == 13 => json!(12),
            _ if n == 14 => json!(15),
            _ => json!(n),
        })
        .collect();
    let answers = call_all(&scene, "half", args.clone());
    for (arg, answer) in args.iter().zip(&answers).step_by(7) {
        let alone = scene.call("half", std::slice::from_ref(arg));
        assert_eq!(short(answer), short(&alone), "{arg}");
    }
    assert_eq!(call_all(&scene, "half", []), Vec::new());
    let skill = "probe".parse().unwrap();
    assert_eq!(scene.engine.call_all(&skill, "other", &[]).unwrap_err().code, Code::NotFound);
}

#[test]
fn a_crash_or_a_deadline_takes_no_answer_but_its_own() {
    let scene = scene();
    let args = [2, 13, 4, 13, 13, 6, 14, 8];
    let answers = call_all(&scene, "half", args.map(Value::from));
    for (arg, answer) in args.into_iter().zip(&answers) {
        let expected = match arg {
            13 => Err(Code::Segfault),
            14 => Err(Code::CallDeadline),
            even => Ok(json!(even / 2)),
        };
        assert_eq!(answer.clone().map_err(|told| told.code), expected);
    }
    let crash = answers[1].as_ref().unwrap_err();
    assert!(crash.summary.contains("SIGSEGV") && !crash.diagnostics.is_empty(), "{crash:?}");
}

#[test]
fn results_that_have_no_room_together_are_had_one_after_the_other() {
    let scene = scene();
    let lengths = [300_000, 10, 400_000, 500_000, 0, 900_000, 2_000_000, 7];
    let answers = call_all(&scene, "text", lengths.map(Value::from));
    for (length, answer) in lengths.into_iter().zip(&answers) {
        match answer {
            Ok(text) => assert_eq!(text.as_str().unwrap().len(), length),
            Err(told) => assert_eq!((told.code, length), (Code::ResultTooLarge, 2_000_000)),
        }
    }
}

#[test]
fn each_call_of_many_has_the_deadline_to_itself() {
    let scene = scene();
    let answers = call_all(&scene, "nap", [700, 700, 700, 700].map(Value::from));
    assert_eq!(answers, vec![Ok(json!(700)), Ok(json!(700)), Ok(json!(700)), Ok(json!(700))]);
}

/// Each call lasts so much longer than the start of a sidecar that all three meet.
#[test]
fn callers_at_once_are_served_at_once_up_to_replicas() {
    let scene = scene();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(scene.call("nap", &[json!(1500)]).unwrap(), 1500));
        }
    });
    let for_callers = |entry: &&Value| entry["submission"].is_null();
    assert_eq!(scene.events("load-intent").iter().filter(for_callers).count(), 2);
}
