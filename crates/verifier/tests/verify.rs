//! The verifier against candidates made of closures: what passes, what fails, and what the
//! feedback says.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic as the test may")]

use saggar_model::{Code, Diagnostic, Feedback, Plan, Report, Stage};
use saggar_plugin_abi::{Candidate, StageError, Verifier};
use saggar_skill_abi::encode;
use saggar_verifier::PlanVerifier;
use serde_json::{Value, json};
use std::time::Duration;

type Answer = Result<Vec<u8>, Box<Feedback>>;

struct Fake<F>(F);

impl<F: Fn(u32, &[u8]) -> Answer> Candidate for Fake<F> {
    fn call(&self, function: u32, args: &[u8]) -> Result<Answer, StageError> {
        Ok((self.0)(function, args))
    }
}

/// Functions by number: 0 `count`, 1 `scale`, 2 `name`, 3 `quiet`.
const INTERFACE: &str = "count: func(text: string, word: string) -> u64;\n\
                         scale: func(x: f64) -> list<f64>;\n\
                         name: func() -> string;\n\
                         quiet: func();";

fn plan(tests: &str) -> Plan {
    let head = "name = 'x'\nlanguage = 'c++'\nsource = 'x.cpp'\n";
    let text = format!("{head}interface = '''\n{INTERFACE}\n'''\n{tests}");
    Plan::parse(&text, "plan.toml").unwrap()
}

fn verify(tests: &str, candidate: impl Fn(u32, &[u8]) -> Answer) -> Report {
    PlanVerifier::new(Duration::from_secs(60)).verify(&plan(tests), &Fake(candidate)).unwrap()
}

/// A block of the function's result.
fn reply(function: usize, value: Value) -> Answer {
    let ty = plan("").interface.functions[function].result.clone().unwrap();
    Ok(encode::value(&ty, &value, "result").unwrap())
}

fn fails(code: Code, summary: &str) -> Answer {
    Err(Box::new(Feedback::new(Stage::Call, code, summary)))
}

/// The one test fails with this message.
#[track_caller]
fn refused(tests: &str, answer: &Answer, code: Code, message: &str) -> Feedback {
    let report = verify(tests, |_, _| answer.clone());
    assert!(!report.passed());
    let feedback = report.failure().unwrap();
    assert_eq!((feedback.stage, feedback.code), (Stage::Verify, code));
    assert_eq!(feedback.diagnostics[0].message, message);
    feedback
}

#[track_caller]
fn passes(tests: &str, answer: &Answer) {
    let report = verify(tests, |_, _| answer.clone());
    assert_eq!(report.failure(), None);
    assert!(report.tests.iter().all(|test| test.failure.is_none()));
}

const COUNT: &str = "[[test]]\ncall = 'count'\nargs = ['a b a', 'a']\nexpect = 2\n";
const SCALE: &str = "[[test]]\ncall = 'scale'\nargs = [1]\n";
const ERROR: &str = "[[test]]\ncall = 'count'\nargs = ['', '']\nerror = 'empty'\n";

#[test]
fn the_candidate_gets_the_function_s_number_and_the_encoded_arguments() {
    let report = verify(COUNT, |function, args| {
        assert_eq!(function, 0);
        assert_eq!(&args[32..38], b"a b a\0");
        reply(0, json!(2))
    });
    assert!(report.passed());
    assert_eq!(report.tests[0].call, "count(\"a b a\", \"a\")");
    assert!(report.tests[0].asserts);
}

#[test]
fn a_wrong_answer_is_placed_at_its_test() {
    let feedback = refused(COUNT, &reply(0, json!(3)), Code::TestFailed, "expected 2, got 3");
    assert_eq!(feedback.summary, "test 1 of 1 failed: count(\"a b a\", \"a\")");
    let diagnostic = &feedback.diagnostics[0];
    assert_eq!(diagnostic.file.as_deref(), Some("plan.toml"));
    assert_eq!(diagnostic.line, Some(plan(COUNT).tests[0].line));
    assert!(feedback.hint.is_some());
    passes(COUNT, &reply(0, json!(2)));
}

#[test]
fn floats_are_compared_by_value_and_tolerance() {
    let exact = format!("{SCALE}expect = [1, 2]\n");
    passes(&exact, &reply(1, json!([1.0, 2.0])));
    let near = reply(1, json!([1.0, 2.000_000_1]));
    let feedback = refused(
        &exact,
        &near,
        Code::TestFailed,
        "result[1]: expected 2.0, got 2.0000001 \
         (whole result: expected [1.0, 2.0], got [1.0, 2.0000001])",
    );
    assert!(feedback.hint.unwrap().contains("tolerance"), "rounding is told apart");
    passes(&format!("{exact}tolerance = 1e-6\n"), &near);
}

#[test]
fn not_a_number_equals_itself_and_infinities_too() {
    let special = format!("{SCALE}expect = [nan, inf, -inf, 0.0]\n");
    passes(&special, &reply(1, json!(["NaN", "Infinity", "-Infinity", -0.0])));
    let swapped = reply(1, json!(["NaN", "-Infinity", "-Infinity", 0.0]));
    let message = "result[1]: expected \"Infinity\", got \"-Infinity\" (whole result: expected \
                   [\"NaN\", \"Infinity\", \"-Infinity\", 0.0], got \
                   [\"NaN\", \"-Infinity\", \"-Infinity\", 0.0])";
    refused(&special, &swapped, Code::TestFailed, message);
}

#[test]
fn an_expected_error_must_be_an_error_and_say_so() {
    passes(ERROR, &fails(Code::CallError, "std::invalid_argument: empty word"));
    refused(
        ERROR,
        &fails(Code::CallError, "out of range"),
        Code::TestFailed,
        "expected an error that contains \"empty\", but the call failed: out of range",
    );
    refused(
        ERROR,
        &reply(0, json!(0)),
        Code::TestFailed,
        "expected an error that contains \"empty\", got 0",
    );
    // A crash is no error result, whatever it says.
    refused(
        ERROR,
        &fails(Code::Crash, "SIGSEGV in empty()"),
        Code::TestFailed,
        "expected an error that contains \"empty\", but the call failed: SIGSEGV in empty()",
    );
}

#[test]
fn a_crash_stays_visible_in_the_feedback() {
    let frame = Diagnostic::error("#0 count").at("x.cpp", 3, "a\nb\n  *p = 0;\n");
    let crash = Feedback::new(Stage::Call, Code::Crash, "SIGSEGV at 0x0")
        .with(frame.clone())
        .hint("check the pointer");
    let message = "expected 2, but the call failed: SIGSEGV at 0x0";
    let feedback = refused(COUNT, &Err(Box::new(crash)), Code::TestFailed, message);
    assert_eq!(feedback.diagnostics[1], frame);
    assert_eq!(feedback.hint.as_deref(), Some("check the pointer"));
    assert_eq!(feedback.code.exit(), 7);
}

#[test]
fn limits_and_deadlines_keep_their_code() {
    let codes =
        [Code::CallDeadline, Code::CallMemory, Code::ResultTooLarge, Code::ArgumentsTooLarge];
    for code in codes {
        let message = "expected 2, but the call failed: too much";
        let feedback = refused(COUNT, &fails(code, "too much"), code, message);
        assert_eq!(feedback.code.exit(), 12);
    }
}

#[test]
fn i10_a_result_that_is_none_fails_the_test() {
    let block = [16u64.to_le_bytes(), 1u64.to_le_bytes(), [0xff; 8]].concat();
    for expect in ["expect = 'x'", ""] {
        let test = format!("[[test]]\ncall = 'name'\nargs = []\n{expect}\n");
        let report = verify(&test, |_, _| Ok(block.clone()));
        let feedback = report.failure().unwrap();
        assert_eq!(feedback.code, Code::TestFailed);
        let message = &feedback.diagnostics[0].message;
        assert!(message.contains("result: invalid UTF-8 at byte 0"), "{message}");
    }
}

#[test]
fn a_test_that_asserts_nothing_passes_but_proves_nothing() {
    let quiet = "[[test]]\ncall = 'quiet'\nargs = []\n";
    let report = verify(quiet, |_, _| Ok(vec![]));
    assert_eq!(report.failure(), None);
    assert!(!report.passed());
    assert!(verify(&format!("{quiet}expect-json = 'null'\n"), |_, _| Ok(vec![])).passed());
}

#[test]
fn every_test_runs_and_all_failures_are_told() {
    let tests = [COUNT, &COUNT.repeat(2).replace("expect = 2", "expect = 7"), ERROR].concat();
    let report = verify(&tests, |_, _| reply(0, json!(2)));
    let passed: Vec<_> = report.tests.iter().map(|test| test.failure.is_none()).collect();
    assert_eq!(passed, [true, false, false, false]);
    let feedback = report.failure().unwrap();
    let expected = "test 2 of 4 failed: count(\"a b a\", \"a\"); 2 more failed";
    assert_eq!(feedback.summary, expected);
    assert_eq!(feedback.diagnostics[0].message, "expected 7, got 2");
    assert_eq!(feedback.diagnostics[1].message, "count(\"a b a\", \"a\"): expected 7, got 2");
    assert_eq!((feedback.diagnostics.len(), feedback.omitted), (3, 0));
}

#[test]
fn many_failures_are_counted_not_listed() {
    let report = verify(&COUNT.repeat(20), |_, _| reply(0, json!(3)));
    let feedback = report.failure().unwrap();
    assert_eq!((feedback.diagnostics.len(), feedback.omitted), (8, 12));
}

#[test]
fn long_calls_and_values_are_shortened() {
    let long = "y".repeat(5000);
    let tests = COUNT.replace("a b a", &long);
    let feedback = refused(&tests, &reply(0, json!(3)), Code::TestFailed, "expected 2, got 3");
    assert!(feedback.summary.len() < 200, "{}", feedback.summary);
    let list = format!("{SCALE}expect-json = '{}'\n", json!(vec![0; 10_000]));
    let mut got = vec![0.0; 10_000];
    got[9_876] = 2.5;
    let report = verify(&list, |_, _| reply(1, json!(got)));
    let message = &report.failure().unwrap().diagnostics[0].message;
    assert!(message.starts_with("result[9876]: expected 0.0, got 2.5"), "{message}");
    assert!(message.len() < 600, "{message}");
}

#[test]
fn a_host_s_fault_is_no_verdict() {
    struct Gone;
    impl Candidate for Gone {
        fn call(&self, _: u32, _: &[u8]) -> Result<Answer, StageError> {
            let fault = Feedback::new(Stage::Load, Code::SandboxUnavailable, "no user namespaces");
            Err(StageError::fault(fault))
        }
    }
    let error = PlanVerifier::new(Duration::from_secs(60)).verify(&plan(COUNT), &Gone).unwrap_err();
    assert_eq!(error.feedback().code, Code::SandboxUnavailable);
}

#[test]
fn a_test_that_hangs_is_the_last_one_run() {
    let calls = std::cell::Cell::new(0);
    let fake = Fake(|_: u32, _: &[u8]| {
        calls.set(calls.get() + 1);
        Err(Box::new(Feedback::new(Stage::Call, Code::CallDeadline, "too long")))
    });
    let report = PlanVerifier::new(Duration::from_secs(60)).verify(&plan(&COUNT.repeat(20)), &fake);
    assert_eq!((calls.get(), report.unwrap().passed()), (1, false));
}

#[test]
fn all_tests_together_have_a_deadline() {
    let fake = Fake(|_: u32, _: &[u8]| panic!("there is no time for a call"));
    let report = PlanVerifier::new(Duration::ZERO).verify(&plan(COUNT), &fake).unwrap();
    assert_eq!(report.failure().unwrap().code, Code::CallDeadline);
}
