//! What a sidecar inherits of a host in disorder: nothing. As a skill sees it from inside, and as
//! the kernel tells it of the process that serves.

use std::collections::BTreeMap;
use std::fs;

use super::build::Secret;
use super::held::{Status, serving};
use crate::{Env, Fixture, Jig, Policy, Verdict, ensure, process, twin, while_doing};

/// Signals are blocked and ignored, the mask is another, a file is open, there is a variable.
const DISORDER: &str = r#"umask 0077; exec 7<"$0"; exec "$@""#;

fn disorder(secret: &Secret) -> [&str; 8] {
    let signals = ["env", "--block-signal=USR1", "--ignore-signal=HUP", "LOOT=1"];
    let [env, block, ignore, variable] = signals;
    [env, block, ignore, variable, "sh", "-c", DISORDER, &secret.path]
}

/// The calls by which the skill looks, let through for that.
const LOOKS: [&str; 9] = [
    "fcntl",
    "capget",
    "prctl",
    "rt_sigpending",
    "rt_sigaction",
    "umask",
    "prlimit64",
    "getcwd",
    "rt_sigprocmask",
];

/// What the skill says, by name; the descriptors apart.
fn read(said: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let words = said.split(';').filter_map(|entry| entry.trim().split_once(' '));
    let words: Vec<_> = words.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let (descriptors, rest): (Vec<_>, Vec<_>) =
        words.into_iter().partition(|(key, _)| key == "descriptor");
    (descriptors.into_iter().map(|(_, value)| value).collect(), rest.into_iter().collect())
}

/// What stays 0. Signals that are ignored: SIGPIPE alone, by the sidecar's own library.
const ZERO: [&str; 13] = [
    "variables",
    "effective",
    "permitted",
    "inheritable",
    "bounding",
    "ambient",
    "blocked",
    "pending",
    "core",
    "dumpable",
    "gains",
    "elsewhere",
    "ignored",
];

const SIGPIPE: &str = "1000";

pub(super) fn from_inside(env: &Env) -> Verdict {
    let skill = env.skills("hostile/state");
    let secret = Secret::new()?;
    let scene = disorder(&secret);
    let said = twin::acts_under(&skill, &scene)?;
    let (descriptors, found) = read(said.trim_start_matches("acted: "));
    ensure!(descriptors.iter().any(|fd| fd == "7"), "the twin's descriptors: {descriptors:?}");
    let dirt = ["variables", "bounding", "blocked", "ignored", "dumpable", "gains", "elsewhere"];
    let clean = dirt.into_iter().find(|key| found.get(*key).is_none_or(|value| value == "0"));
    ensure!(clean.is_none() && found["mask"] == "3f", "the twin is in order: {said}");

    let policy = Policy::default_of(env)?.without_scan_denials();
    let why = "the skill is to look";
    let policy = policy.allow_syscalls("load", &LOOKS, why).allow_syscalls("serve", &LOOKS, why);
    let jig = Jig::under(env, &policy)?;
    let under_scene = |args: &[&str]| {
        let command = process::under(&scene, &jig.command(args));
        Jig::read(args, process::run(command, crate::jig::LIMIT)?)
    };
    let directory = skill.display().to_string();
    under_scene(&["submit", "--allow-compile", "--json", &directory])?.released()?;
    for (when, what) in [("1", "in a call"), ("2", "in a constructor")] {
        let output = under_scene(&["call", "--json", "state", "see", when])?.exits(0)?;
        let said = output.json["ok"].as_str().unwrap_or_default();
        let (descriptors, found) = read(said);
        // The log, the control socket, the artifact; while it loads, its own descriptors.
        let allowed = if when == "1" { 5 } else { 6 };
        let first = descriptors.iter().take(4).map(String::as_str).eq(["0", "1", "2", "3"]);
        ensure!(first && descriptors.len() <= allowed, "{what} it has {descriptors:?}");
        for key in ZERO {
            let value = found.get(key).map_or("nothing", String::as_str);
            // The artifact is opened from the directory of its own descriptors.
            let own = match key {
                "ignored" => value == SIGPIPE,
                "elsewhere" => when == "2",
                _ => false,
            };
            ensure!(value == "0" || own, "{what} {key} is {value}: {said}");
        }
        ensure!(found["mask"] == "12", "{what} the mask is not 022: {said}");
        let failed = found.keys().find(|key| !ZERO.contains(&key.as_str()) && *key != "mask");
        ensure!(failed.is_none(), "{what} it could not look: {said}");
    }
    jig.finish()
}

pub(super) fn from_outside(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let skill = Fixture::copy(env, "hostile/endless-loop", &[("300ms", "3s")])?;
    jig.submit(skill.path())?.released()?;
    let secret = Secret::new()?;
    let arguments = ["call", "--json", "endless-loop", "spin", "1"];
    let command = process::under(&disorder(&secret), &jig.command(&arguments));
    let mut running = process::start(command, crate::jig::LIMIT)?;
    let (pid, status) = serving(&mut running)?;
    in_order(&status)?;
    // The twin is the host's own process, which is in disorder.
    let own = super::held::status(running.pid()).ok_or("the host is gone")?;
    ensure!(in_order(&own).is_err(), "the host is in order; the case proves nothing");
    let limits = fs::read_to_string(format!("/proc/{pid}/limits"));
    let limits = limits.map_err(while_doing("read limits"))?;
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let core: Vec<&str> = core.unwrap_or_default().split_whitespace().skip(4).collect();
    ensure!(core.first() == Some(&"0") && core.get(1) == Some(&"0"), "it may dump core: {limits}");
    holds_nothing(pid)?;
    Jig::read(&arguments, running.wait()?)?.refuses(12, "call-deadline")?;
    jig.finish()
}

/// Fields of /proc/PID/status (proc_pid_status(5)).
fn in_order(status: &Status) -> Verdict {
    let field = |key: &str| status.get(key).cloned().unwrap_or_default();
    let zero = ["SigBlk", "SigPnd", "ShdPnd", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
    for key in zero {
        let value = field(key);
        let all_zero = !value.is_empty() && value.bytes().all(|digit| digit == b'0');
        ensure!(all_zero, "{key} is {value}");
    }
    let ignored = field("SigIgn");
    let ignored = ignored.trim_start_matches('0');
    ensure!(ignored.is_empty() || ignored == SIGPIPE, "it ignores {ignored}");
    ensure!(field("Umask") == "0022", "its mask is {}", field("Umask"));
    Ok(())
}

/// The kernel shows descriptors and environment of a process that is not dumpable to root alone.
fn holds_nothing(pid: u32) -> Verdict {
    let fds = fs::read_dir(format!("/proc/{pid}/fd"));
    let environment = fs::read(format!("/proc/{pid}/environ"));
    if !rustix::process::geteuid().is_root() {
        ensure!(fds.is_err() && environment.is_err(), "others of the same user can look into it");
        return Ok(());
    }
    let environment = environment.map_err(while_doing("read its environment"))?;
    ensure!(environment.is_empty(), "it has an environment of {} bytes", environment.len());
    let links = fds.map_err(while_doing("read its descriptors"))?.flatten();
    let links: Vec<String> = links
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .map(|target| target.display().to_string())
        .collect();
    let known = ["/dev/null", "pipe:", "socket:", "/memfd:"];
    let stranger = links.iter().find(|link| !known.iter().any(|known| link.starts_with(known)));
    ensure!(stranger.is_none() && links.len() <= 5, "it has descriptors {links:?}");
    Ok(())
}
