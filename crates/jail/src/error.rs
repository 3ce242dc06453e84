//! Why a jail could not be had: the missing feature and its remedy.

use std::fmt;
use std::io;

use saggar_model::{Code, Feedback, Stage};
use thiserror::Error;

use crate::spec::Step;

/// A run that did not take place, or whose launcher failed.
#[derive(Debug, Error)]
pub enum JailError {
    /// A step of setting up the jail failed: nothing ran.
    #[error("{feature}: {what}{}", Said(*.errno))]
    Refused {
        /// The feature that is missing.
        feature: &'static str,
        /// What was tried.
        what: String,
        /// errno(3); 0 when `what` says it all.
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
    /// Somebody else ended the jail before its program had ended.
    #[error("the jail was ended from outside while {program} ran in it")]
    Ended {
        /// What ran.
        program: String,
    },
    /// A descriptor, pipe or memory file of the host could not be had.
    #[error("{what}: {source}")]
    Host {
        /// What was tried.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// What the kernel said, if it said anything.
struct Said(i32);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            errno => write!(f, ": {}", io::Error::from_raw_os_error(errno)),
        }
    }
}

/// The last step: everything else held.
const START: &str = "start of the program";

impl JailError {
    /// Whether the jail stood and only the program itself could not be started.
    pub fn is_about_program(&self) -> bool {
        matches!(self, JailError::Refused { feature: START, .. })
    }

    pub(crate) fn refused(step: Step, what: String, errno: i32) -> Self {
        let (feature, remedy) = missing(step, errno);
        JailError::Refused { feature, what, errno, remedy }
    }

    /// Whether this host has too little of something that may be had again soon: descriptors, memory,
    /// or threads and processes.
    fn is_shortage(&self) -> bool {
        let (JailError::Host { source, .. } | JailError::Launcher { source, .. }) = self else {
            return false;
        };
        const SHORT: [i32; 4] = [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::EAGAIN];
        source.raw_os_error().is_some_and(|errno| SHORT.contains(&errno))
    }

    /// The same as a feedback of a stage.
    pub fn feedback(&self, stage: Stage) -> Feedback {
        const MORE: &str = "give the process more of what it lacks: memory, open files (`ulimit -n`), \
                            threads and processes (`ulimit -u`)";
        match self {
            _ if self.is_shortage() => Feedback::new(stage, Code::Busy, self.to_string())
                .hint(format!("try again; if it comes back, {MORE}")),
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
            JailError::Ended { .. } => {
                Feedback::new(stage, Code::SandboxUnavailable, self.to_string()).hint(
                    "try again; if it comes back, see whether this host's own memory runs out",
                )
            }
            JailError::Host { .. } => {
                Feedback::new(stage, Code::Internal, self.to_string()).hint(MORE)
            }
        }
    }
}

/// The feature that a step needs, and what gives it where it failed so.
fn missing(step: Step, errno: i32) -> (&'static str, &'static str) {
    match step {
        // clone(2) and fork(2), where a limit of the user's or of a cgroup is reached.
        Step::Namespaces | Step::Start if errno == libc::EAGAIN => (
            "processes",
            "let this user have more of them (`ulimit -u`), or the cgroup that Saggar runs in (`pids.max`)",
        ),
        Step::Namespaces => ("user namespaces", namespaces(errno)),
        Step::Handles => ("process handles (pidfd)", HIDDEN),
        Step::Identity => (
            "another user id",
            "as root, Saggar needs CAP_SETUID and CAP_SETGID, and in its user namespace the id that \
             the policy's root-becomes names; or run it as an ordinary user",
        ),
        Step::Supervisor => ("a supervisor", "mount /proc, without which it finds no process"),
        Step::Toolchain => ("the toolchain", "install it again where the message names it"),
        Step::Mounts => ("mounts in a user namespace", mounts(errno)),
        Step::Proc => (
            "a /proc of its own",
            "the surrounding container masks /proc: run it with `--security-opt systempaths=unconfined`",
        ),
        Step::Cgroup => ("cgroup", CGROUP),
        Step::Inputs => (
            "a work directory",
            "free some memory, or room in /dev/shm or /tmp: a build's files lie there",
        ),
        Step::Descriptors if errno == libc::ENOSYS => ("close_range(2)", HIDDEN),
        Step::Descriptors => ("descriptors", "raise the limit of open files (`ulimit -n`)"),
        Step::Rlimits => ("resource limits", "raise the hard limits (`ulimit -H`) to the policy's"),
        Step::Landlock => ("Landlock", landlock(errno)),
        Step::Seccomp => (
            "seccomp",
            "use a kernel with CONFIG_SECCOMP_FILTER; a surrounding sandbox must let seccomp(2) through",
        ),
        Step::Start => (START, "check that the policy's read-only paths show it"),
    }
}

const HIDDEN: &str = "use Linux 5.9 or later; a surrounding sandbox must let the call through: Docker \
    does from 20.10 on, or with `--security-opt seccomp=unconfined`";

const CGROUP: &str = "have memory and pids cgroups delegated: `systemd-run --user --scope -p \
    Delegate=yes saggar …`, or for good `systemctl edit user@.service` with `[Service]` and \
    `Delegate=memory pids cpu`; in Docker make /sys/fs/cgroup writable; or choose a policy that does \
    without, `--policy default`";

fn namespaces(errno: i32) -> &'static str {
    match errno {
        libc::ENOSPC | libc::EUSERS => {
            "allow user namespaces: `sysctl -w user.max_user_namespaces=15000`; or choose a policy that \
             does without, `--policy container`"
        }
        libc::ENOSYS => {
            "the surrounding container hides clone3(2): run Docker with `--security-opt \
             seccomp=unconfined`; or choose a policy that does without namespaces, `--policy container`"
        }
        _ => {
            "allow unprivileged user namespaces: on Debian `sysctl -w \
             kernel.unprivileged_userns_clone=1`, in Docker `--security-opt seccomp=unconfined`; or \
             choose a policy that does without, `--policy container`"
        }
    }
}

/// Ubuntu lets anybody make a user namespace and takes the capabilities in it away, so that the
/// first mount is what fails (apparmor.d(5), "userns").
fn mounts(errno: i32) -> &'static str {
    match errno {
        libc::EPERM | libc::EACCES => {
            "on Ubuntu 24.04 give saggar-sidecar an AppArmor profile: `abi <abi/4.0>, include \
             <tunables/global> profile saggar-sidecar /path/of/saggar-sidecar flags=(unconfined) { \
             userns, }` in /etc/apparmor.d/saggar-sidecar, then `apparmor_parser -r` that file; or \
             `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`; in Docker `--security-opt \
             seccomp=unconfined --security-opt apparmor=unconfined`; or choose a policy that does \
             without mounts, `--policy container`"
        }
        libc::ENOSYS => {
            "use Linux 5.12 or later; in Docker `--security-opt seccomp=unconfined`; or choose a \
             policy that does without mounts, `--policy container`"
        }
        _ => "the message says what failed; `--policy container` does without mounts",
    }
}

fn landlock(errno: i32) -> &'static str {
    match errno {
        libc::EOPNOTSUPP => {
            "boot with `landlock` in the list of `lsm=` on the kernel's command line"
        }
        libc::ENOSYS => {
            "use a kernel with CONFIG_SECURITY_LANDLOCK, Linux 5.19 or later; a surrounding sandbox \
             must let its calls through: Docker does from 23.0 on"
        }
        _ => {
            "use a newer kernel: ABI 2 comes with Linux 5.19, ABI 6 with 6.12; or a policy that asks less"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(step: Step, errno: i32, feature: &str, remedy: &str) {
        let feedback = JailError::refused(step, "tried".into(), errno).feedback(Stage::Build);
        assert!(feedback.summary.contains(feature), "{}", feedback.summary);
        assert!(feedback.summary.ends_with("nothing ran"), "{}", feedback.summary);
        let hint = feedback.hint.unwrap_or_default();
        assert!(hint.contains(remedy), "{hint}");
    }

    #[test]
    fn a_refusal_names_the_feature_and_its_remedy() {
        check(Step::Namespaces, libc::EPERM, "user namespaces", "unprivileged_userns_clone=1");
        check(Step::Namespaces, libc::ENOSPC, "user namespaces", "user.max_user_namespaces");
        check(Step::Namespaces, libc::ENOSYS, "user namespaces", "seccomp=unconfined");
        check(Step::Toolchain, libc::ENOENT, "the toolchain", "install it again");
        check(Step::Mounts, libc::EACCES, "mounts", "/etc/apparmor.d/saggar-sidecar");
        check(Step::Mounts, libc::ENOSYS, "mounts", "Linux 5.12");
        check(Step::Cgroup, libc::ENOENT, "cgroup", "Delegate=yes");
        check(Step::Landlock, libc::EOPNOTSUPP, "Landlock", "`lsm=`");
        check(Step::Landlock, 0, "Landlock: tried; nothing", "Linux 5.19");
        check(Step::Descriptors, libc::ENOSYS, "close_range", "20.10");
        check(Step::Descriptors, libc::EMFILE, "descriptors", "ulimit -n");
        check(Step::Start, libc::ENOENT, "start of the program", "read-only paths");
        check(Step::Start, libc::EAGAIN, "processes", "ulimit -u");
        check(Step::Namespaces, libc::EAGAIN, "processes", "pids.max");
    }

    #[test]
    fn a_host_that_is_short_of_something_is_busy_and_says_how_to_have_more() {
        for (errno, code) in
            [(libc::EMFILE, Code::Busy), (libc::EAGAIN, Code::Busy), (libc::EIO, Code::Internal)]
        {
            let source = std::io::Error::from_raw_os_error(errno);
            let told = JailError::Host { what: "start a thread", source }.feedback(Stage::Load);
            assert_eq!(told.code, code);
            assert!(
                told.hint
                    .is_some_and(|hint| hint.contains("ulimit -n") && hint.contains("ulimit -u"))
            );
        }
    }
}
