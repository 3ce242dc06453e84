//! Features that a host lacks: refused by name, with the remedy, and nothing ran. An outer filter
//! answers the calls as a kernel or a container would that has them not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use crate::fixture::open_directory;
use crate::jig::NOBODY;
use crate::ledger::events;
use crate::{Env, Jig, Output, Verdict, ensure, fixture, process, twin, while_doing};

const WITHOUT: &str = include_str!("../fakes/without.c");

/// The program that takes system calls away from another.
pub(super) struct Without {
    _directory: TempDir,
    program: String,
}

impl Without {
    pub(super) fn compile() -> Result<Self, String> {
        let directory = open_directory("saggar-without-")?;
        fixture::write(&directory.path().join("without.c"), WITHOUT)?;
        let compiled = twin::compile(directory.path(), "gcc", &["-o", "without", "without.c"])?;
        ensure!(compiled.code == 0, "`without` does not compile: {}", compiled.stderr);
        let program = directory.path().join("without").display().to_string();
        Ok(Without { _directory: directory, program })
    }

    /// The words that go before a command for which these calls fail so.
    pub(super) fn scene<'a>(&'a self, errno: &'a str, calls: &[&'a str]) -> Vec<&'a str> {
        let mut scene = vec![self.program.as_str(), errno];
        scene.extend(calls);
        scene.push("--");
        scene
    }
}

/// Submits `good/add` under a policy, behind a scene.
pub(super) fn submit_under(
    env: &Env,
    jig: &Jig,
    scene: &[&str],
    policy: &str,
) -> Result<Output, String> {
    let skill = env.skills("good/add").display().to_string();
    let words = ["submit", "--allow-compile", "--json", "--policy", policy, &skill];
    let mut command = jig.command(&words);
    if !scene.is_empty() {
        command = process::under(scene, &command);
    }
    Jig::read(&words, process::run(command, crate::jig::LIMIT)?)
}

/// Refused for a feature, with its remedy: no compiler was started and nothing is left.
pub(super) fn refused(jig: &Jig, output: Output, feature: &str, remedy: &str) -> Verdict {
    let output = output.refuses(11, "sandbox-unavailable")?;
    let feedback = output.feedback();
    let text = |key: &str| feedback[key].as_str().unwrap_or_default();
    ensure!(text("summary").contains(feature), "it does not name {feature}: {output}");
    ensure!(text("summary").contains("nothing ran"), "it does not say that nothing ran: {output}");
    ensure!(text("hint").contains(remedy), "it does not name the remedy {remedy}: {output}");
    let built = events(&jig.home(), "build-outcome")?;
    ensure!(built.is_empty(), "the ledger tells of a build: {built:?}");
    jig.clean()
}

/// One feature: the call, how it fails, and what is said of it.
type Missing<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The twin is the same wrapper that takes nothing away.
fn check(env: &Env, policy: &str, missing: &[Missing<'_>]) -> Verdict {
    let without = Without::compile()?;
    let jig = Jig::new(env)?;
    for (call, errno, feature, remedy) in missing {
        let output = submit_under(env, &jig, &without.scene(errno, &[call]), policy)?;
        let verdict = refused(&jig, output, feature, remedy);
        verdict.map_err(|reason| format!("{call} {errno}: {reason}"))?;
    }
    submit_under(env, &jig, &without.scene("ENOSYS", &[]), policy)?.released()?;
    jig.finish()
}

pub(super) fn landlock(env: &Env) -> Verdict {
    let call = "landlock_create_ruleset";
    let missing = [
        (call, "ENOSYS", "Landlock", "CONFIG_SECURITY_LANDLOCK"),
        (call, "EOPNOTSUPP", "Landlock", "`lsm=`"),
        ("landlock_restrict_self", "EPERM", "Landlock", "newer kernel"),
    ];
    check(env, "default", &missing)?;
    check(env, "container", &missing[..1])
}

pub(super) fn seccomp(env: &Env) -> Verdict {
    let missing = [
        ("seccomp", "ENOSYS", "seccomp(2)", "CONFIG_SECCOMP_FILTER"),
        ("seccomp", "EINVAL", "seccomp(2)", "CONFIG_SECCOMP_FILTER"),
    ];
    check(env, "default", &missing)?;
    check(env, "container", &missing[..1])
}

pub(super) fn clone3(env: &Env) -> Verdict {
    let feature = "user namespaces: clone3(2)";
    check(env, "default", &[("clone3", "ENOSYS", feature, "--security-opt seccomp=unconfined")])?;
    // Without threads saggar itself would not run, so that EPERM is for the launcher alone.
    let without = Without::compile()?;
    let jig = Jig::new(env)?;
    let wrapper = open_directory("saggar-wrapper-")?;
    let path = wrapper.path().join("launcher").display().to_string();
    let sidecar = env.binaries.join("saggar-sidecar").display().to_string();
    let variable = format!("SAGGAR_SIDECAR={path}");
    let scene = ["env", variable.as_str()];
    for denied in [true, false] {
        let mut words = if denied { without.scene("EPERM", &["clone3"]) } else { Vec::new() };
        words.push(&sidecar);
        fixture::write(path.as_ref(), format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" ")))?;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, mode).map_err(while_doing("make the wrapper executable"))?;
        let output = submit_under(env, &jig, &scene, "default")?;
        if denied {
            refused(&jig, output, feature, "kernel.unprivileged_userns_clone=1")?;
        } else {
            output.released()?;
        }
    }
    jig.finish()
}

/// Ubuntu's AppArmor lets the clone through and refuses the first mount.
pub(super) fn mounts(env: &Env) -> Verdict {
    let missing = [
        ("mount", "EACCES", "mount(2)", "/etc/apparmor.d/saggar-sidecar"),
        ("mount", "EPERM", "mount(2)", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("open_tree", "EPERM", "open_tree(2)", "--security-opt seccomp=unconfined"),
        ("mount_setattr", "ENOSYS", "mount_setattr(2)", "Linux 5.12"),
        ("move_mount", "EPERM", "move_mount(2)", "--security-opt seccomp=unconfined"),
        ("pivot_root", "EPERM", "pivot_root(2)", "--policy container"),
        ("umount2", "EPERM", "umount2(2)", "--policy container"),
    ];
    check(env, "default", &missing)
}

pub(super) fn handles(env: &Env) -> Verdict {
    let signal = ("pidfd_send_signal", "ENOSYS", "pidfd_send_signal(2)", "Docker");
    check(env, "default", &[signal])?;
    check(env, "container", &[signal, ("pidfd_open", "EPERM", "pidfd_open(2)", "Docker")])
}

pub(super) fn close_range(env: &Env) -> Verdict {
    let missing = [("close_range", "ENOSYS", "close_range(2)", "Linux 5.9")];
    check(env, "default", &missing)?;
    check(env, "container", &missing)
}

/// A user namespace in which no other may be made. The twin is one in which they may.
pub(super) fn no_more_namespaces(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let under = |limit: &str, jig: &Jig| {
        let drop = "exec setpriv --ambient-caps=-all --inh-caps=-all --";
        let script = format!("{limit} && {drop} \"$@\"");
        let user = NOBODY.to_string();
        let (user, group) = (format!("--map-user={user}"), format!("--map-group={user}"));
        let scene = ["unshare", "--user", &user, &group, "--keep-caps", "sh", "-c", &script, "sh"];
        submit_under(env, jig, &scene, "default")
    };
    let limited = under("echo 0 >/proc/sys/user/max_user_namespaces", &jig)?;
    refused(&jig, limited, "user namespaces: clone3(2)", "user.max_user_namespaces")?;
    under("true", &jig)?.released()?;
    jig.finish()
}

/// An ordinary user has no memory cgroup: strict is refused, default and container are not.
pub(super) fn cgroup(env: &Env) -> Verdict {
    let mut jig = Jig::new(env)?;
    let (_, _binaries) = jig.run_as_nobody(env)?;
    let output = submit_under(env, &jig, &[], "strict")?;
    refused(&jig, output, "memory cgroup", "systemd-run --user --scope -p Delegate=yes")?;
    for policy in ["default", "container"] {
        submit_under(env, &jig, &[], policy)?.released()?;
    }
    jig.finish()
}
