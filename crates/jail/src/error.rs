//! Why a jail could not be had: the missing feature and its remedy.

use std::io;

use saggar_model::{Code, Feedback, Stage};
use thiserror::Error;

use crate::spec::Step;

/// A run that did not take place, or whose launcher failed.
#[derive(Debug, Error)]
pub enum JailError {
    /// A step of setting up the jail failed: nothing ran.
    #[error("{feature}: {what}: {}", io::Error::from_raw_os_error(*.errno))]
    Refused {
        /// The feature that is missing.
        feature: &'static str,
        /// What was tried.
        what: String,
        /// errno(3).
        errno: i32,
        /// What a person can do about it.
        remedy: &'static str,
    },
    /// The launcher process could not be started.
    #[error("the launcher {path} did not start: {source}")]
    Launcher {
        /// The executable.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The launcher broke off or spoke nonsense.
    #[error("the launcher failed: {0}")]
    Protocol(String),
    /// A descriptor, pipe or memory file of the host could not be had.
    #[error("{what}: {source}")]
    Host {
        /// What was tried.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

const USERNS: &str = "allow unprivileged user namespaces: `sysctl -w kernel.unprivileged_userns_clone=1` \
    (Debian), `sysctl -w user.max_user_namespaces=15000`, on Ubuntu 24.04 an AppArmor profile with \
    `userns,` for saggar-sidecar or `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, in \
    Docker `--security-opt seccomp=unconfined`";

impl JailError {
    pub(crate) fn refused(step: Step, what: String, errno: i32) -> Self {
        let (feature, remedy) = match step {
            Step::Namespaces => ("user namespaces", USERNS),
            Step::Identity => ("user id mapping", USERNS),
            Step::Mounts => ("mounts in a user namespace", USERNS),
            Step::Proc => (
                "a /proc of its own",
                "the surrounding container masks /proc: run it with `--security-opt systempaths=unconfined`",
            ),
            Step::Cgroup => ("cgroup", "give this user a writable cgroup, or none at all"),
            Step::Inputs => ("input files", "free some memory: they are copied to a tmpfs"),
            Step::Descriptors => ("descriptors", "raise the limit of open files (`ulimit -n`)"),
            Step::Rlimits => {
                ("resource limits", "raise the hard limits (`ulimit -H`) to the policy's")
            }
            Step::Landlock => {
                ("Landlock", "boot with Landlock enabled (`lsm=landlock,…`), Linux 6.1 or later")
            }
            Step::Seccomp => ("seccomp", "use a kernel with CONFIG_SECCOMP_FILTER"),
            Step::Start => {
                ("start of the program", "check that the policy's read-only paths show it")
            }
        };
        JailError::Refused { feature, what, errno, remedy }
    }

    /// The same as a feedback of a stage.
    pub fn feedback(&self, stage: Stage) -> Feedback {
        match self {
            JailError::Refused { remedy, .. } => {
                let summary = format!("the jail cannot be had: {self}; nothing ran");
                Feedback::new(stage, Code::SandboxUnavailable, summary).hint(*remedy)
            }
            JailError::Launcher { .. } => Feedback::new(
                stage,
                Code::SandboxUnavailable,
                self.to_string(),
            )
            .hint(
                "saggar-sidecar must lie beside saggar, or SAGGAR_SIDECAR give its absolute path",
            ),
            JailError::Protocol(_) => {
                Feedback::new(stage, Code::SandboxUnavailable, self.to_string())
                    .hint("install saggar and saggar-sidecar from one build")
            }
            JailError::Host { .. } => Feedback::new(stage, Code::Internal, self.to_string())
                .hint("give the process more of what it lacks: memory, open files (`ulimit -n`)"),
        }
    }
}
