//! What a plan asks for against what the policy grants.

use std::time::Duration;

use saggar_model::{Code, CompilerFamily, Diagnostic, Feedback, Plan, Stage};

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
            return Err(refuse(plan, "compiler = \"clang\"", "compiler = \"gcc\""));
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
            return Err(refuse(plan, &format!("standard = {standard:?}"), &allowed));
        }
        if let Some(flag) = plan.flags.iter().find(|flag| !compiler.allowed_flags.contains(flag)) {
            return Err(refuse(
                plan,
                &format!("flag {flag:?}"),
                &compiler.allowed_flags.join(", "),
            ));
        }
        let (asked, limits) = (&plan.limits, &self.limits);
        let call = within(plan, "call-deadline", asked.call_deadline, limits.call_deadline)?;
        let build = within(plan, "build-deadline", asked.build_deadline, limits.build_deadline)?;
        Ok(Limits {
            memory: within(plan, "memory", asked.memory, limits.memory)?.0,
            call_deadline: call.duration(),
            build_deadline: build.duration(),
            threads: within(plan, "threads", asked.threads, limits.threads)?,
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
            Err(refuse(plan, &format!("limits.{key} = {value}"), &format!("at most {}", bound.max)))
        }
        Some(value) => Ok(value),
        None => Ok(bound.default),
    }
}

fn refuse(plan: &Plan, what: &str, allowed: &str) -> Box<Feedback> {
    let message = format!("{what} is not allowed by the policy");
    let diagnostic = Diagnostic { file: Some(plan.file.clone()), ..Diagnostic::error(&message) };
    Box::new(
        Feedback::new(Stage::Plan, Code::PlanPolicy, message)
            .with(diagnostic)
            .hint(format!("allowed: {allowed}")),
    )
}
