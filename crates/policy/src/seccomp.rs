//! Seccomp rules of a policy, compiled to BPF.
//!
//! A stage is an allow-list: what no rule names kills the process. `seccompiler` gives a filter
//! one action for a match and one for the rest, so a stage becomes several filters, installed
//! together, of which the kernel takes the strictest answer: one that lets through whatever any
//! rule names and kills for the rest, and one per errno that answers it. A foreign architecture
//! is killed by every filter, and x32 numbers are in no list.

use std::collections::BTreeMap;

use saggar_model::{BpfProgram, Instruction};
use seccompiler::{BpfMap, TargetArch};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::PolicyError;

/// When a filter applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// To the compiler and linker.
    Build,
    /// To a sidecar while it loads the artifact.
    Load,
    /// To a sidecar once it has loaded it.
    Serve,
}

/// The filters of a policy.
#[derive(Clone, Debug)]
pub struct Seccomp {
    build: Vec<BpfProgram>,
    load: [Vec<BpfProgram>; 2],
    serve: [Vec<BpfProgram>; 2],
}

impl Seccomp {
    /// The programs of a stage, to be installed in this order. `threads` picks the rules that
    /// apply only to a skill that was granted threads.
    pub fn programs(&self, stage: Stage, threads: bool) -> &[BpfProgram] {
        match stage {
            Stage::Build => &self.build,
            Stage::Load => &self.load[usize::from(threads)],
            Stage::Serve => &self.serve[usize::from(threads)],
        }
    }

    pub(crate) fn compile(raw: &RawSeccomp) -> Result<Self, PolicyError> {
        let both = |stage: &RawStage, name| {
            Ok::<_, PolicyError>([stage.compile(name, false)?, stage.compile(name, true)?])
        };
        Ok(Seccomp {
            build: raw.build.compile("build", false)?,
            load: both(&raw.load, "load")?,
            serve: both(&raw.serve, "serve")?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSeccomp {
    build: RawStage,
    load: RawStage,
    serve: RawStage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStage {
    allow: Vec<RawRule>,
    #[serde(default)]
    answer: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    /// System calls by name.
    calls: Vec<String>,
    /// All must hold.
    #[serde(default)]
    when: Vec<RawCondition>,
    /// Only for an `answer`.
    errno: Option<String>,
    /// Applies only with (`true`) or only without (`false`) granted threads.
    threads: Option<bool>,
    /// Why the rule is there.
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    /// Index of the argument, 0 to 5.
    arg: u8,
    /// Bits of it that count; all when left out.
    mask: Option<i64>,
    /// What they must be.
    equals: i64,
}

/// errno by name, for the answers a policy may give (asm-generic/errno-base.h, errno.h).
const ERRNOS: [(&str, u32); 6] =
    [("EPERM", 1), ("ENOENT", 2), ("EAGAIN", 11), ("EACCES", 13), ("EINVAL", 22), ("ENOSYS", 38)];

impl RawStage {
    fn compile(&self, stage: &'static str, threads: bool) -> Result<Vec<BpfProgram>, PolicyError> {
        let applies = |rule: &&RawRule| rule.threads.is_none_or(|only| only == threads);
        let refuse = |message: String| PolicyError::Seccomp { stage, message };
        for rule in self.allow.iter().chain(&self.answer) {
            if rule.why.trim().is_empty() || rule.calls.is_empty() {
                return Err(refuse("a rule without calls or without a why".into()));
            }
        }
        let allow: Vec<_> = self.allow.iter().filter(applies).collect();
        let answer: Vec<_> = self.answer.iter().filter(applies).collect();
        if allow.is_empty() {
            return Err(refuse("nothing is allowed".into()));
        }
        let mut by_errno: BTreeMap<u32, Vec<&RawRule>> = BTreeMap::new();
        for rule in &answer {
            let name = rule.errno.as_deref().unwrap_or_default();
            let errno = ERRNOS.iter().find(|(known, _)| *known == name);
            let (_, errno) = errno.ok_or_else(|| refuse(format!("errno {name:?} is not known")))?;
            by_errno.entry(*errno).or_default().push(rule);
        }
        let named: Vec<_> = allow.into_iter().chain(answer.iter().copied()).collect();
        let mut programs = Vec::new();
        for (errno, rules) in by_errno {
            programs.push(filter(stage, &rules, "allow".into(), json!({ "errno": errno }))?);
        }
        // Last, because it may not allow the installation of another.
        programs.push(filter(stage, &named, "kill_process".into(), "allow".into())?);
        Ok(programs)
    }
}

/// One filter: `matched` for what the rules name, `otherwise` for the rest.
fn filter(
    stage: &'static str,
    rules: &[&RawRule],
    otherwise: Value,
    matched: Value,
) -> Result<BpfProgram, PolicyError> {
    let mut by_call: BTreeMap<&str, Vec<&[RawCondition]>> = BTreeMap::new();
    for rule in rules {
        for call in &rule.calls {
            by_call.entry(call).or_default().push(&rule.when);
        }
    }
    let mut list = Vec::new();
    for (call, alternatives) in by_call {
        if alternatives.iter().any(|conditions| conditions.is_empty()) {
            list.push(json!({ "syscall": call }));
            continue;
        }
        for conditions in alternatives {
            let args: Vec<_> = conditions.iter().map(condition).collect();
            list.push(json!({ "syscall": call, "args": args }));
        }
    }
    let document = json!({ "filter": {
        "mismatch_action": otherwise, "match_action": matched, "filter": list,
    }});
    let refuse = |message: String| PolicyError::Seccomp { stage, message };
    let mut map: BpfMap = seccompiler::compile_from_json(document.to_string().as_bytes(), ARCH)
        .map_err(|error| refuse(error.to_string()))?;
    let program = map.remove("filter").ok_or_else(|| refuse("no filter came out".into()))?;
    let instruction =
        |i: seccompiler::sock_filter| Instruction { code: i.code, jt: i.jt, jf: i.jf, k: i.k };
    Ok(BpfProgram(program.into_iter().map(instruction).collect()))
}

fn condition(condition: &RawCondition) -> Value {
    let op = match condition.mask {
        Some(mask) => json!({ "masked_eq": mask.cast_unsigned() }),
        None => json!("eq"),
    };
    let value = condition.equals.cast_unsigned();
    json!({ "index": condition.arg, "type": "qword", "op": op, "val": value })
}

#[cfg(target_arch = "x86_64")]
const ARCH: TargetArch = TargetArch::x86_64;
#[cfg(target_arch = "aarch64")]
const ARCH: TargetArch = TargetArch::aarch64;
