//! One answer against one expectation: nothing, or the feedback that says what is wrong. Called
//! once per test; never calls the candidate.

use saggar_model::{Code, Diagnostic, Expectation, Feedback, Plan, Stage, TestCase};
use saggar_plugin_abi::StageError;
use saggar_skill_abi::{Function, Type, decode, encode, failure};
use serde_json::Value;

use crate::compare::difference;
use crate::{show, unsound};

/// Exit code of limits and deadlines, which keep their own code wherever they strike.
const LIMIT: u8 = 12;

/// Floats closer than this differ by rounding, most likely.
const ROUNDING: f64 = 1e-6;

/// A test in its plan, with the function it calls.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) index: usize,
    pub(crate) test: &'a TestCase,
    pub(crate) function: &'a Function,
}

impl Trial<'_> {
    /// What is wrong with the answer, if anything is.
    pub(crate) fn judge(
        self,
        answer: Result<Vec<u8>, Box<Feedback>>,
    ) -> Result<Option<Feedback>, StageError> {
        let result = answer.and_then(|block| self.decoded(&block));
        match (&self.test.expect, result) {
            (Expectation::Error(part), Err(inner)) if inner.code.is_call_error() => {
                Ok((!inner.summary.contains(part.as_str())).then(|| self.failed(*inner)))
            }
            (_, Err(inner)) => Ok(Some(self.failed(*inner))),
            (Expectation::Error(part), Ok(got)) if self.returned_error(part, &got) => Ok(None),
            (Expectation::Error(_), Ok(got)) => {
                let message = format!("{}, got {}", self.expected(), show::value(&got));
                Ok(Some(self.feedback(message).hint("report an error for these arguments")))
            }
            (Expectation::Value(want), Ok(got)) => self.compared(want, &got),
            (Expectation::Nothing, Ok(_)) => Ok(None),
        }
    }

    /// Whether the result is an error of the interface's own kind that contains this.
    fn returned_error(self, part: &str, got: &Value) -> bool {
        let message = failure(self.function.result.as_ref(), got);
        message.is_some_and(|message| message.contains(part))
    }

    /// The result as a value; bytes that are none are the candidate's failure.
    fn decoded(self, block: &[u8]) -> Result<Value, Box<Feedback>> {
        decode::result(self.function.result.as_ref(), block).map_err(|error| {
            let summary = format!("the result is not what the interface says: {error}");
            Feedback::new(Stage::Call, Code::BadResult, summary).into()
        })
    }

    fn compared(self, want: &Value, got: &Value) -> Result<Option<Feedback>, StageError> {
        let Some(ty) = &self.function.result else { return Ok(None) };
        let want = self.normal(ty, want)?;
        let Some(found) = difference(ty, &want, got, self.test.tolerance) else { return Ok(None) };
        let mut message = found.to_string();
        if !found.is_whole() {
            let (want, got) = (show::value(&want), show::value(got));
            message.push_str(&format!(" (whole result: expected {want}, got {got})"));
        }
        let rounding = ROUNDING.max(self.test.tolerance);
        let hint = if difference(ty, &want, got, rounding).is_none() {
            format!("the difference looks like rounding: `tolerance = {ROUNDING:e}` accepts it")
        } else {
            "mend the function, or the test if it expects the wrong answer".to_owned()
        };
        Ok(Some(self.feedback(message).hint(hint)))
    }

    /// The expected value as the decoder would give it, so that 2 and 2.0 are the same `f64`.
    fn normal(self, ty: &Type, want: &Value) -> Result<Value, StageError> {
        let unsound = |error: String| unsound(self.test, &error);
        let block =
            encode::value(ty, want, "expect").map_err(|error| unsound(error.to_string()))?;
        decode::result(Some(ty), &block).map_err(|error| unsound(error.to_string()))
    }

    /// A call that failed, with what is known of how.
    fn failed(self, inner: Feedback) -> Feedback {
        let message = format!("{}, but the call failed: {}", self.expected(), inner.summary);
        let mut feedback = self.feedback(message);
        if inner.code.exit() == LIMIT {
            feedback.code = inner.code;
        }
        feedback.diagnostics.extend(inner.diagnostics);
        Feedback { hint: inner.hint, omitted: inner.omitted, log: inner.log, ..feedback }
    }

    fn expected(self) -> String {
        match &self.test.expect {
            Expectation::Value(want) => format!("expected {}", show::value(want)),
            Expectation::Error(part) if part.is_empty() => "expected an error".to_owned(),
            Expectation::Error(part) => {
                format!("expected an error that contains {}", show::text(part))
            }
            Expectation::Nothing => "expected a result".to_owned(),
        }
    }

    fn feedback(self, message: String) -> Feedback {
        let (number, count) = (self.index + 1, self.plan.tests.len());
        let summary = format!("test {number} of {count} failed: {}", show::call(self.test));
        let diagnostic = Diagnostic {
            file: Some(self.plan.file.clone()),
            line: Some(self.test.line),
            ..Diagnostic::error(message)
        };
        Feedback::new(Stage::Verify, Code::TestFailed, summary).with(diagnostic)
    }
}
