//! The durable record of one attempt, and of what it became.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Digest, Enforced, Feedback, Principal, SkillName, Stage, SubmissionId};

/// By what right compilation was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// `--allow-compile`, by the person at the terminal, for this one command.
    Flag,
}

/// Where a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Under way; after a crash of the host, ended.
    Running,
    /// Promoted: callers get it.
    Released,
    /// Verified, but `run` promotes nothing.
    Verified,
    /// Refused by a stage because of what was submitted.
    Rejected,
    /// Not admitted.
    Refused,
    /// Failed for no fault of the submission.
    Error,
}

/// Microseconds per stage.
pub type Timings = BTreeMap<Stage, u64>;

/// One attempt: what `submit --json` prints and `show` repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The skill; `None` while the plan could not be read.
    pub skill: Option<SkillName>,
    /// Its id; `None` when it was refused before it got one.
    pub submission: Option<SubmissionId>,
    /// The release it became.
    pub release: Option<u32>,
    /// The last stage reached.
    pub stage: Stage,
    /// Where it stands.
    pub status: Status,
    /// What the command line exits with.
    pub exit_code: u8,
    /// SHA-256 of the artifact.
    pub artifact: Option<Digest>,
    /// The build key.
    pub build_key: Option<Digest>,
    /// No compiler was started: the artifact was there under the same build key.
    pub deduplicated: bool,
    /// By what right.
    pub authority: Option<Authority>,
    /// Who asked.
    pub principal: Principal,
    /// Microseconds per stage.
    pub timings_us: Timings,
    /// Microseconds of what a stage did, as far as it is known, by `stage.step`: `plan.keep` (plan
    /// and source stored), `build.prepare`, `build.lock` (waiting for a builder of the same key),
    /// `build.intent`, and one for each command of the build's record such as `build.compile` and
    /// `build.link`, `load.start`, `load.load`, `release.keep` (waiting until what was built is on
    /// disk), `release.intent`, `release.promote`. Steps of a stage can overlap.
    #[serde(default)]
    pub steps_us: BTreeMap<String, u64>,
    /// What held: `compile` and `link` in Build, `sidecar` in Load.
    pub enforced: BTreeMap<String, Enforced>,
    /// Why it failed, if it did.
    pub feedback: Option<Feedback>,
}

/// A promoted artifact of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The skill.
    pub skill: SkillName,
    /// Counted from 1 per skill.
    pub number: u32,
    /// The submission that became it.
    pub submission: SubmissionId,
    /// Who submitted it.
    pub principal: Principal,
    /// SHA-256 of the plan's text, an object of the store.
    pub plan: Digest,
    /// SHA-256 of the source, an object of the store.
    pub source: Digest,
    /// SHA-256 of the artifact, an object of the store.
    pub artifact: Digest,
    /// SHA-256 of the object that has its debug information, where it has none itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug: Option<Digest>,
    /// The build key.
    pub build_key: Digest,
    /// The scan key.
    pub scan_key: Digest,
    /// The verify key.
    pub verify_key: Digest,
    /// SHA-256 of the policy it was promoted under.
    pub policy: Digest,
    /// When, in milliseconds since 1970 (UTC).
    pub promoted_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_of_an_older_version_has_no_debug_information_of_its_own() {
        let digest = Digest::of(b"something");
        let old = format!(
            "{{\"skill\":\"add\",\"number\":1,\"submission\":\"s-1\",\"principal\":\"uid:0\",\
             \"plan\":\"{digest}\",\"source\":\"{digest}\",\"artifact\":\"{digest}\",\
             \"build_key\":\"{digest}\",\"scan_key\":\"{digest}\",\"verify_key\":\"{digest}\",\
             \"policy\":\"{digest}\",\"promoted_ms\":1}}"
        );
        let release: Release = serde_json::from_str(&old).unwrap();
        assert_eq!(release.debug, None);
        assert_eq!(serde_json::to_value(&release).unwrap().get("debug"), None);
    }
}
