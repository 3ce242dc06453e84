//! The verify stage: runs a plan's tests against a candidate and judges the answers.
//!
//! The judge is outside: expected values, clock and verdict stay here, and only arguments go to
//! the candidate, which may be an enemy. Its answers are bytes until `saggar-skill-abi` has
//! decoded them. The verifier starts no process, touches no file, and asks nobody to build; the
//! engine calls it between Load and Approve.
//!
//! ```
//! use saggar_model::{Feedback, Plan};
//! use saggar_plugin_abi::{Candidate, StageError, Verifier};
//!
//! struct Two;
//! impl Candidate for Two {
//!     fn call(&self, _: u32, _: &[u8]) -> Result<Result<Vec<u8>, Box<Feedback>>, StageError> {
//!         Ok(Ok(2u64.to_le_bytes().to_vec()))
//!     }
//! }
//!
//! let plan = Plan::parse(
//!     "name = 'one'\nlanguage = 'c'\nsource = 'one.c'\ninterface = 'one: func() -> u64;'\n\
//!      [[test]]\ncall = 'one'\nargs = []\nexpect = 1\n",
//!     "plan.toml",
//! )
//! .unwrap();
//! let verifier = saggar_verifier::PlanVerifier::new(std::time::Duration::from_secs(9));
//! let report = verifier.verify(&plan, &Two).unwrap();
//! let feedback = report.failure().unwrap();
//! assert_eq!(feedback.summary, "test 1 of 1 failed: one()");
//! assert_eq!(feedback.diagnostics[0].message, "expected 1, got 2");
//! ```
#![forbid(unsafe_code)]

mod compare;
mod judge;
mod show;

use std::time::{Duration, Instant};

use saggar_model::{
    Code, Diagnostic, Digest, Expectation, Feedback, KeyHasher, Plan, Report, Stage, TestCase,
    TestOutcome,
};
use saggar_plugin_abi::{Candidate, StageError, Verifier};
use saggar_skill_abi::encode;

use judge::Trial;

/// Changes whenever the same answers could be judged otherwise.
const VERSION: &str = "plan tests 1";

/// Runs the plan's own tests.
#[derive(Clone, Debug)]
pub struct PlanVerifier {
    rules: Digest,
    deadline: Duration,
}

impl PlanVerifier {
    /// A verifier that gives all tests of a plan together so long. It keeps nothing between plans.
    pub fn new(deadline: Duration) -> Self {
        let rules = KeyHasher::new("verify rules").part("verifier", VERSION.as_bytes()).finish();
        PlanVerifier { rules, deadline }
    }
}

impl Verifier for PlanVerifier {
    fn rules(&self) -> Digest {
        self.rules
    }

    fn verify(&self, plan: &Plan, candidate: &dyn Candidate) -> Result<Report, StageError> {
        let started = Instant::now();
        let mut report = Report::default();
        for (index, test) in plan.tests.iter().enumerate() {
            if started.elapsed() >= self.deadline {
                report.tests.push(late(plan, test, self.deadline));
                break;
            }
            let outcome = run(plan, index, test, candidate)?;
            let hung = outcome.failure.as_ref().is_some_and(|told| told.code == Code::CallDeadline);
            report.tests.push(outcome);
            // More of these would tell nothing new and cost a deadline each.
            if hung {
                break;
            }
        }
        Ok(report)
    }
}

fn run(
    plan: &Plan,
    index: usize,
    test: &TestCase,
    candidate: &dyn Candidate,
) -> Result<TestOutcome, StageError> {
    let (number, function) = plan
        .interface
        .find(&test.call)
        .ok_or_else(|| unsound(test, "the interface has no such function"))?;
    let number = u32::try_from(number).map_err(|_| unsound(test, "its number is too large"))?;
    let args =
        encode::args(function, &test.args).map_err(|error| unsound(test, &error.to_string()))?;
    let started = Instant::now();
    let answer = candidate.call(number, &args)?;
    let latency = started.elapsed();
    let trial = Trial { plan, index, test, function };
    Ok(TestOutcome {
        call: show::call(test),
        asserts: test.expect != Expectation::Nothing,
        failure: trial.judge(answer)?,
        latency_us: u64::try_from(latency.as_micros()).unwrap_or(u64::MAX),
    })
}

/// The outcome of a test that was not run because those before it took too long.
fn late(plan: &Plan, test: &TestCase, deadline: Duration) -> TestOutcome {
    let summary = format!("the tests took longer than {} ms together", deadline.as_millis());
    let diagnostic = Diagnostic {
        file: Some(plan.file.clone()),
        line: Some(test.line),
        ..Diagnostic::error("this test and those after it were not run")
    };
    let failure = Feedback::new(Stage::Verify, Code::CallDeadline, summary)
        .with(diagnostic)
        .hint("keep fewer or faster tests");
    TestOutcome { call: show::call(test), asserts: false, failure: Some(failure), latency_us: 0 }
}

/// A test that its plan's parser should have refused.
fn unsound(test: &TestCase, why: &str) -> StageError {
    let summary = format!("the test of `{}` at line {} is unsound: {why}", test.call, test.line);
    StageError::fault(Feedback::new(Stage::Verify, Code::Internal, summary))
}
