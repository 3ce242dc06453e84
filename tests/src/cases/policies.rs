//! The policies that are built in, and what container holds without namespaces.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::build::Secret;
use super::features::{Without, refused, submit_under};
use super::tree::seen;
use crate::fake::{Fake, LINGERING_CALLS};
use crate::fixture::{self, open_directory};
use crate::jig::NOBODY;
use crate::process;
use crate::typed::Typed;
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, census, ensure, twin, while_doing};

/// Longest wait for something to show up or to go.
const PATIENCE: Duration = Duration::from_secs(20);

fn submit(jig: &Jig, policy: &str, skill: &Path) -> Result<Output, String> {
    let skill = skill.display().to_string();
    jig.run(&["submit", "--allow-compile", "--json", "--policy", policy, &skill])
}

/// Work directories of jails without a root of their own.
fn work_directories() -> BTreeSet<PathBuf> {
    let parents = ["/dev/shm", "/run/user/0", "/run/user/65534", "/tmp", "/var/tmp"];
    let entries = parents.iter().filter_map(|parent| fs::read_dir(parent).ok()).flatten().flatten();
    let ours = entries.filter(|e| e.file_name().to_string_lossy().starts_with("saggar-work-"));
    ours.map(|entry| entry.path()).collect()
}

/// Every work directory that was not there before goes, or belongs to a run beside this one, which
/// goes too.
fn none_stays(before: &BTreeSet<PathBuf>) -> Verdict {
    let start = Instant::now();
    let mut new: BTreeSet<PathBuf> = work_directories().difference(before).cloned().collect();
    while !new.is_empty() {
        ensure!(start.elapsed() < PATIENCE, "work directories stay: {new:?}");
        std::thread::sleep(Duration::from_millis(20));
        let there = work_directories();
        new.retain(|path| there.contains(path));
    }
    Ok(())
}

/// No run of a submission had a namespace, and none was root.
fn held_without_namespaces(output: &Output) -> Verdict {
    let runs = output.json["enforced"].as_object().ok_or("nothing is recorded")?;
    for (name, run) in runs {
        ensure!(run["namespaces"] == json!([]), "{name} has namespaces: {run}");
        ensure!(run["host_uid"].as_u64() > Some(0), "{name} ran as root: {run}");
        ensure!(run["landlock_abi"].as_u64() >= Some(6), "{name}: Landlock is {run}");
        ensure!(run["seccomp"].as_array().is_some_and(|f| !f.is_empty()), "{name}: {run}");
    }
    Ok(())
}

pub(super) fn container(env: &Env) -> Verdict {
    let before = work_directories();
    let [with, without] = [Jig::new(env)?, Jig::new(env)?];
    let typed = Typed::read(env, "date-parse")?;
    for (ending, language) in typed.languages() {
        let skill = typed.directory(ending, false)?;
        let default = submit(&with, "default", skill.path())?.released()?;
        let output = submit(&without, "container", skill.path())?.released()?;
        held_without_namespaces(&output)?;
        let same = default.json["artifact"] == output.json["artifact"];
        ensure!(same, "{language}: the artifacts differ: {default} and {output}");
        for call in typed.calls()? {
            let mut words = vec!["call", "--json", "--policy", "container"];
            let name = typed.skill(ending);
            words.extend([name.as_str(), &call.function]);
            words.extend(call.args.iter().map(String::as_str));
            let [answer, same] = [without.run(&words)?, with.run(&words)?];
            ensure!(answer.json == same.json, "{language}: {answer} and {same}");
        }
    }
    with.finish()?;
    without.finish()?;
    none_stays(&before)
}

/// Every call of [`super::features`] about namespaces and mounts is denied.
pub(super) fn container_denied(env: &Env) -> Verdict {
    let denied = [
        "clone3",
        "unshare",
        "setns",
        "mount",
        "umount2",
        "open_tree",
        "move_mount",
        "mount_setattr",
        "pivot_root",
    ];
    let without = Without::compile()?;
    let scene = without.scene("ENOSYS", &denied);
    let jig = Jig::new(env)?;
    let output = submit_under(env, &jig, &scene, "default")?;
    refused(&jig, output, "user namespaces", "--policy container")?;
    let output = submit_under(env, &jig, &scene, "container")?.released()?;
    held_without_namespaces(&output)?;
    let words = ["call", "--json", "--policy", "container", "add", "add", "2", "3"];
    let command = process::under(&scene, &jig.command(&words));
    Jig::read(&words, process::run(command, crate::jig::LIMIT)?)?.answers(&json!(5))?;
    jig.finish()
}

pub(super) fn container_user(env: &Env) -> Verdict {
    let before = work_directories();
    let mut jig = Jig::new(env)?;
    let (_, _binaries) = jig.run_as_nobody(env)?;
    let skill = Fixture::copy(env, "good/text-tools", &[])?;
    held_without_namespaces(&submit(&jig, "container", skill.path())?.released()?)?;
    let output = submit_under(env, &jig, &[], "container")?.released()?;
    held_without_namespaces(&output)?;
    let words = ["call", "--json", "--policy", "container", "add", "add", "2", "3"];
    jig.run(&words)?.answers(&json!(5))?;
    jig.finish()?;
    none_stays(&before)
}

/// Whether the kernel lets whoever runs this hold memory by a cgroup is the machine's business; that
/// strict holds it so or refuses is ours.
pub(super) fn strict(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let output = submit_under(env, &jig, &[], "strict")?;
    if output.exit == 11 {
        refused(&jig, output, "cgroup", "Delegate=yes")?;
        return jig.finish();
    }
    let output = output.released()?;
    for run in ["compile", "link", "sidecar"] {
        let held = &output.json["enforced"][run];
        ensure!(held["memory"] == "cgroup", "{run}: {held}");
        let controllers = held["cgroup"].to_string();
        ensure!(controllers.contains("memory") && controllers.contains("pids"), "{run}: {held}");
        ensure!(held["landlock_abi"].as_u64() >= Some(6), "{run}: {held}");
        let namespaces = held["namespaces"].as_array().map_or(0, Vec::len);
        ensure!(namespaces == 7, "{run}: {held}");
    }
    ensure!(output.json["enforced"]["sidecar"]["mdwe"] == true, "no MDWE: {output}");
    let words = ["call", "--json", "--policy", "strict", "add", "add", "2", "3"];
    jig.run(&words)?.answers(&json!(5))?;
    // What strict compiles C++ with is not what default does.
    let skill = env.skills("good/grid-paths");
    let artifact = |policy| submit(&jig, policy, &skill).and_then(Output::released);
    let [checked, plain] = [artifact("strict")?, artifact("default")?];
    ensure!(checked.json["artifact"] != plain.json["artifact"], "{checked} is {plain}");
    jig.finish()
}

pub(super) fn names(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let skill = env.skills("good/add");
    let output = submit(&jig, "lenient", &skill)?.refuses(2, "usage")?;
    ensure!(output.mentions("strict or container"), "it names no policy: {output}");
    let file = env.repository.join("policies/container.toml").display().to_string();
    let of_file = submit(&jig, &file, &skill)?.released()?;
    held_without_namespaces(&of_file)?;
    let named = submit(&jig, "container", &skill)?.released()?;
    ensure!(named.json["deduplicated"] == true, "the file is another policy: {named}");
    jig.finish()
}

pub(super) fn host_files(env: &Env) -> Verdict {
    for name in ["hostile/b01-include-shadow", "hostile/b02-incbin"] {
        let secret = Secret::new()?;
        let skill = Fixture::copy(env, name, &[("@SECRET@", &secret.path)])?;
        twin::acts(skill.path())?;
        let jig = Jig::new(env)?;
        let output = submit(&jig, "container", skill.path())?.refuses(4, "compile")?;
        ensure!(!output.mentions(&secret.text), "a byte of the host came back: {output}");
        ensure!(!jig.home_holds(&secret.text)?, "the text is in the home");
        jig.finish()?;
    }
    Ok(())
}

pub(super) fn socket(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/l01-socket-call"))?;
    let policy = Policy::named(env, "container")?.without_scan_denials();
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture("hostile/l01-socket-call")?.released()?;
    let call = |argument| jig.call("l01-socket-call", "reach-out", &[argument]);
    call("1")?.refuses(6, "forbidden-syscall")?;
    jig.serves()?;
    call("0")?.answers(&json!(0))?;
    jig.finish()
}

/// Its twin is that of the same case with namespaces: a process group's end does not reach it.
pub(super) fn daemon(env: &Env) -> Verdict {
    let before = work_directories();
    let marker = format!("saggar-container-{}", std::process::id());
    let fake = Fake::lingering(&marker)?;
    super::tree::daemon_survives_group_kill(&fake, &marker)?;
    let policy = Policy::named(env, "container")?
        .compiler("c++", &fake.driver)
        .allow_syscalls("build", &LINGERING_CALLS, "the supervisor is on trial")
        .build_deadline("2s");
    let jig = Jig::under(env, &policy)?;
    let skill = env.skills("good/top-word");
    let arguments = crate::jig::submission(&skill);
    let mut running = jig.start(&arguments)?;
    let alive = || !census::with_marker(&marker).is_empty();
    seen(&mut running, "the daemon", |_| alive().then_some(()))?;
    let ended = running.wait()?;
    let left = census::with_marker(&marker);
    left.iter().copied().for_each(process::kill);
    ensure!(left.is_empty(), "the build has returned and its daemon lives");
    Jig::read(&arguments, ended)?.refuses(12, "build-deadline")?;
    jig.finish()?;
    none_stays(&before)
}

/// A program of `fakes` in a directory of its own.
struct Program {
    _directory: TempDir,
    path: PathBuf,
}

impl Program {
    fn compile(source: &str, define: &str) -> Result<Self, String> {
        let directory = open_directory("saggar-fake-")?;
        fixture::write(&directory.path().join("common.h"), include_str!("../fakes/common.h"))?;
        fixture::write(&directory.path().join("fake.c"), source)?;
        let arguments = ["-O1", define, "-o", "fake", "fake.c"];
        let compiled = twin::compile(directory.path(), "gcc", &arguments)?;
        ensure!(compiled.code == 0, "the fake does not compile: {}", compiled.stderr);
        let path = directory.path().join("fake");
        Ok(Program { _directory: directory, path })
    }
}

/// The twin fills less than the policy's 256 MiB, and is built.
pub(super) fn filled(env: &Env) -> Verdict {
    let source = include_str!("../fakes/hoarding.c");
    let before = work_directories();
    for (mebibytes, too_large) in [(400, true), (100, false)] {
        let fake = Program::compile(source, &format!("-DMEBIBYTES={mebibytes}"))?;
        let policy = Policy::named(env, "container")?.compiler("c++", &fake.path);
        let jig = Jig::under(env, &policy)?;
        let output = jig.submit_fixture("good/top-word")?;
        let output = match too_large {
            true => output.refuses(12, "build-too-large")?,
            false => output.released()?,
        };
        ensure!(!too_large || output.mentions("256MiB"), "it does not name the limit: {output}");
        jig.finish()?;
    }
    none_stays(&before)
}

/// The compiler is under way when the host is killed, or its launcher.
pub(super) fn killed(env: &Env) -> Verdict {
    let before = work_directories();
    for whom in ["saggar", "launcher"] {
        let jig = Jig::new(env)?;
        let skill = env.skills("good/text-tools").display().to_string();
        let words = ["submit", "--allow-compile", "--json", "--policy", "container", &skill];
        let mut running = jig.start(&words)?;
        let launcher = seen(&mut running, "a compiler", |running| {
            let all = census::descendants(running.pid());
            all.iter().find(|process| process.name == "cc1plus")?;
            all.iter().find(|process| process.parent == running.pid()).map(|found| found.pid)
        })?;
        match whom {
            "saggar" => running.kill(),
            _ => process::kill(launcher),
        }
        let ended = running.wait()?;
        ensure!(ended.code == if whom == "saggar" { -9 } else { 11 }, "{whom}: {ended:?}");
        none_stays(&before)?;
        // The cgroup of a killed launcher is removed by the next one.
        submit(&jig, "container", Path::new(&skill))?.released()?;
        jig.finish()?;
    }
    Ok(())
}

/// As an ordinary user, to whom the host belongs as well. What the compiler says of itself comes
/// back in the refusal.
pub(super) fn neighbours(env: &Env) -> Verdict {
    let victim = Secret::new()?;
    let define = format!("-DVICTIM={:?}", victim.path);
    let fake = Program::compile(include_str!("../fakes/reaching.c"), &define)?;
    let acted = process::run(process::command(&fake.path), PATIENCE)?.stdout;
    let all = ["signal", "environment", "modes", "text"];
    let says = |text: &str, got: &str| all.iter().all(|it| text.contains(&format!("{it} {got};")));
    ensure!(says(&acted, "got"), "the twin does not reach its neighbours: {acted}");

    let policy = Policy::named(env, "container")?.compiler("c", &fake.path);
    let mut jig = Jig::under(env, &policy)?;
    let (_, _binaries) = jig.run_as_nobody(env)?;
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&victim.path, Some(NOBODY), None)
            .map_err(while_doing("give a file away"))?;
    }
    let output = jig.submit_fixture("good/add")?.refuses(11, "toolchain-unavailable")?;
    let said = output.feedback()["summary"].as_str().unwrap_or_default().to_owned();
    ensure!(says(&said, "kept"), "it reaches its neighbours: {output}");
    jig.finish()
}
