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
//! let report = saggar_verifier::PlanVerifier::new().verify(&plan, &Two).unwrap();
//! let feedback = report.failure().unwrap();
//! assert_eq!(feedback.summary, "test 1 of 1 failed: one()");
//! assert_eq!(feedback.diagnostics[0].message, "expected 1, got 2");
//! ```
#![forbid(unsafe_code)]

mod compare;
mod judge;
mod show;

use std::time::Instant;

use saggar_model::{
    Code, Digest, Expectation, Feedback, KeyHasher, Plan, Report, Stage, TestCase, TestOutcome,
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
}

impl PlanVerifier {
    /// A verifier. It keeps nothing between plans.
    pub fn new() -> Self {
        let rules = KeyHasher::new("verify rules").part("verifier", VERSION.as_bytes()).finish();
        PlanVerifier { rules }
    }
}

impl Default for PlanVerifier {
    fn default() -> Self {
        PlanVerifier::new()
    }
}

impl Verifier for PlanVerifier {
    fn rules(&self) -> Digest {
        self.rules
    }

    fn verify(&self, plan: &Plan, candidate: &dyn Candidate) -> Result<Report, StageError> {
        let run = |(index, test)| run(plan, index, test, candidate);
        let tests = plan.tests.iter().enumerate().map(run).collect::<Result<_, _>>()?;
        Ok(Report { tests })
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

/// A test that its plan's parser should have refused.
fn unsound(test: &TestCase, why: &str) -> StageError {
    let summary = format!("the test of `{}` at line {} is unsound: {why}", test.call, test.line);
    StageError::fault(Feedback::new(Stage::Verify, Code::Internal, summary))
}
