//! What a plan asks for against what the policy grants.

use std::time::Duration;

use saggar_model::{Code, CompilerFamily, Feedback, Plan, Stage};

use crate::{Bounded, Policy};

/// The limits one skill runs under: the plan's wishes within the policy's ceilings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the skill's process, bytes.
    pub memory: u64,
    /// Wall-clock time of a call.
    pub call_deadline: Duration,
    /// Wall-clock time of the whole build.
    pub build_deadline: Duration,
    /// Threads beyond the first.
    pub threads: u32,
}

impl Policy {
    /// Checks what a plan asks for (limits, standard, flags) and resolves its limits.
    ///
    /// # Errors
    /// A feedback of stage Plan that names the key, the value and what is allowed.
    pub fn admit(&self, plan: &Plan) -> Result<Limits, Box<Feedback>> {
        let Some(compiler) = self.compiler_for(plan) else {
            return Err(refuse(plan, "compiler", "compiler = \"clang\"", "compiler = \"gcc\""));
        };
        if let Some(standard) = &plan.standard
            && !compiler.standards.contains(standard)
        {
            let mut allowed = compiler.standards.join(", ");
            if plan.compiler == Some(CompilerFamily::Clang)
                && self.compiler(plan.language).standards.contains(standard)
            {
                allowed.push_str("; without compiler = \"clang\" also ");
                allowed.push_str(standard);
            }
            return Err(refuse(plan, "standard", &format!("standard = {standard:?}"), &allowed));
        }
        let refused = |flag: &String| !compiler.allowed_flags.contains(flag);
        if let Some(index) = plan.flags.iter().position(refused) {
            let what = format!("flag {:?}", plan.flags[index]);
            let allowed = compiler.allowed_flags.join(", ");
            return Err(refuse(plan, &format!("flags.{index}"), &what, &allowed));
        }
        let (asked, limits) = (&plan.limits, &self.limits);
        let call = within(plan, "limits.call-deadline", asked.call_deadline, limits.call_deadline)?;
        let build =
            within(plan, "limits.build-deadline", asked.build_deadline, limits.build_deadline)?;
        Ok(Limits {
            memory: within(plan, "limits.memory", asked.memory, limits.memory)?.0,
            call_deadline: call.duration(),
            build_deadline: build.duration(),
            threads: within(plan, "limits.threads", asked.threads, limits.threads)?,
        })
    }
}

fn within<T>(
    plan: &Plan,
    key: &str,
    asked: Option<T>,
    bound: Bounded<T>,
) -> Result<T, Box<Feedback>>
where
    T: PartialOrd + Copy + std::fmt::Display,
{
    match asked {
        Some(value) if value > bound.max => {
            Err(refuse(plan, key, &format!("{key} = {value}"), &format!("at most {}", bound.max)))
        }
        Some(value) => Ok(value),
        None => Ok(bound.default),
    }
}

/// A refusal of what a plan asks for under a key, told at its place.
fn refuse(plan: &Plan, key: &str, what: &str, allowed: &str) -> Box<Feedback> {
    let message = format!("{what} is not allowed by the policy");
    let diagnostic = plan.error_at(key, &message);
    let summary = match diagnostic.line {
        Some(line) => format!("{}:{line}: {message}", plan.file),
        None => message,
    };
    let feedback = Feedback::new(Stage::Plan, Code::PlanPolicy, summary).with(diagnostic);
    Box::new(feedback.hint(format!("allowed: {allowed}")))
}
