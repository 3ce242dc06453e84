//! What Saggar talks about: ids, digests, plan, submission, verdict, report, feedback, ledger
//! events. Data only: nothing here touches a file, a clock, the network or a process.
//!
//! Text that comes from outside becomes one of these types through a constructor that rejects,
//! so that nobody rechecks later. Whatever a stage refuses becomes a [`Feedback`], which is what
//! the model that wrote the skill reads.
//!
//! ```
//! use saggar_model::{Code, Plan};
//! let refused = Plan::parse("name = 'x'\nlanguge = 'c'\n", "plan.toml").unwrap_err();
//! assert_eq!(refused.code, Code::PlanToml);
//! assert_eq!(refused.diagnostics[0].line, Some(2));
//! ```
#![forbid(unsafe_code)]

mod build;
pub mod canonical;
mod code;
mod digest;
mod enforced;
mod event;
mod feedback;
mod ids;
#[cfg(feature = "plan")]
mod plan;
mod replay;
mod report;
mod submission;
mod units;
mod verdict;

pub use build::{BuildRecord, Command, Toolchain};
pub use code::Code;
pub use digest::{Digest, DigestParseError, KeyHasher};
pub use enforced::{BpfProgram, Enforced, Instruction, Isolation, MemoryLimit};
pub use event::{Draft, Entry, Event};
pub use feedback::{Diagnostic, Feedback, Severity, Stage};
pub use ids::{FileName, IdError, Principal, SkillName, SubmissionId};
#[cfg(feature = "plan")]
pub use plan::{
    CompilerFamily, Expectation, Language, Plan, RequestedLimits, TestCase, parse_interface,
};
pub use replay::Replay;
pub use report::{Report, TestOutcome};
pub use submission::{Authority, Release, Status, Submission, Timings};
pub use units::{ByteSize, Millis, UnitError};
pub use verdict::{Finding, Verdict};
