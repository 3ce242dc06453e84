//! What Verify says of an artifact, with evidence.

use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Feedback};

/// Diagnostics a report's feedback shows; the rest is counted.
const SHOWN: usize = 8;

/// How one test of the plan went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestOutcome {
    /// The call as written: `count("a b a", "a")`.
    pub call: String,
    /// Whether the test says anything of the answer.
    pub asserts: bool,
    /// `None` when it passed.
    pub failure: Option<Feedback>,
    /// Wall-clock time of the call, microseconds.
    pub latency_us: u64,
}

/// The outcome of verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The tests, in the plan's order.
    pub tests: Vec<TestOutcome>,
}

impl Report {
    /// Whether the artifact may be promoted: every test passed, and at least one asserted.
    pub fn passed(&self) -> bool {
        self.tests.iter().all(|test| test.failure.is_none()) && self.tests.iter().any(|t| t.asserts)
    }

    /// The first failing test's feedback, with the diagnostics of the further ones after it;
    /// `None` when no test failed.
    pub fn failure(&self) -> Option<Feedback> {
        let mut failed = self.tests.iter().filter_map(|test| Some((test, test.failure.as_ref()?)));
        let (_, first) = failed.next()?;
        let mut feedback = first.clone();
        let mut more = 0u32;
        for (test, failure) in failed {
            more = more.saturating_add(1);
            feedback.omitted = feedback.omitted.saturating_add(failure.omitted);
            feedback.diagnostics.extend(named(test, failure));
        }
        let beyond = feedback.diagnostics.len().saturating_sub(SHOWN);
        feedback.diagnostics.truncate(SHOWN);
        feedback.omitted =
            feedback.omitted.saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX));
        if more > 0 {
            feedback.summary.push_str(&format!("; {more} more failed"));
        }
        Some(feedback)
    }
}

/// The diagnostics of a test whose call the summary does not name.
fn named(test: &TestOutcome, failure: &Feedback) -> Vec<Diagnostic> {
    let mut diagnostics = failure.diagnostics.clone();
    if let Some(first) = diagnostics.first_mut() {
        first.message = format!("{}: {}", test.call, first.message);
    }
    diagnostics
}
