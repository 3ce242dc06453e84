//! Calls that did not come to their end: kept with their arguments, and made again with a source
//! that may have been mended.

use std::borrow::Cow;

use saggar_model::{Code, Diagnostic, Digest, Feedback, Plan, Replay, Severity, Stage};
use serde_json::Value;

use crate::{Bundle, Engine, feedback};

/// Longest test that is shown in a feedback, bytes.
const MAX_SHOWN: usize = 600;

impl Engine {
    /// Keeps the call that a feedback is about, if it did not come to its end, and says how to make
    /// it again: only then are its arguments asked for, of which there are none where one was no value.
    /// Where it cannot be kept the feedback says that too, and stays what it is.
    pub(crate) fn keep_call<'a>(
        &self,
        bundle: &Bundle,
        function: &str,
        args: impl FnOnce() -> Option<Cow<'a, [Value]>>,
        told: &mut Feedback,
    ) {
        if !told.code.ends_call() {
            return;
        }
        let Some(args) = args() else { return };
        let replay = Replay {
            format: Replay::FORMAT,
            principal: self.principal.clone(),
            skill: bundle.plan.name.clone(),
            plan: bundle.plan.digest,
            source: bundle.source_digest,
            function: function.to_owned(),
            args: args.into_owned(),
        };
        let Some(document) = replay.document() else { return };
        let mut note = |note| {
            told.diagnostics.push(Diagnostic { severity: Severity::Note, ..note });
        };
        let test = replay.test();
        if test.len() <= MAX_SHOWN {
            let message = "the plan can hold this call as a test; add what it should give (expect)";
            note(Diagnostic::error(message).fix(test.trim_end()));
        }
        let id = match self.stages.store.keep_call(document.as_bytes()) {
            Ok(id) => id,
            Err(error) => {
                let why = &error.feedback().summary;
                let message = format!("the call is not kept to be made again: {why}");
                return note(Diagnostic::error(message));
            }
        };
        told.replay = Some(id);
        let again = format!(
            "when it is mended, prove it with the same arguments: saggar run --allow-compile \
             --replay {id} DIR"
        );
        let hint = told.hint.take();
        told.hint = Some(hint.map_or_else(|| again.clone(), |hint| format!("{hint}; {again}")));
    }

    /// A call that was kept under this id, the `replay` of a feedback.
    ///
    /// # Errors
    /// The store's; `not-found` for what is not kept, or not any more, or is another principal's.
    pub fn replay(&self, id: Digest) -> Result<Replay, Box<Feedback>> {
        let document = self.stages.store.kept_call(id).map_err(feedback)?;
        let replay = document.and_then(|document| Replay::parse(&document));
        replay.filter(|replay| replay.principal == self.principal).ok_or_else(|| {
            let summary = format!("no call is kept as {id}");
            let hint = format!(
                "take the id from the `replay` of a feedback; a home keeps the newest {}: make an \
                 older call itself again",
                Replay::KEPT
            );
            Box::new(Feedback::new(Stage::Admit, Code::NotFound, summary).hint(hint))
        })
    }

    /// The plan and source that a kept call was made to.
    ///
    /// # Errors
    /// The store's, `not-found`, or what today's rules refuse of the plan.
    pub fn replayed(&self, replay: &Replay) -> Result<Bundle, Box<Feedback>> {
        let text = String::from_utf8_lossy(&self.object(replay.plan)?).into_owned();
        let plan = Plan::parse(&text, "plan.toml")?;
        Ok(Bundle::new(plan, text, self.object(replay.source)?))
    }
}
