//! What the kernel itself says of a sidecar that serves, against what was recorded of it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use serde_json::Value;

use crate::census::descendants;
use crate::jig::LIMIT;
use crate::process::Running;
use crate::{Env, Fixture, Jig, Verdict, ensure, while_doing};

/// Fields of /proc/PID/status by name (proc(5)).
pub(super) type Status = BTreeMap<String, String>;

pub(super) fn status(pid: u32) -> Option<Status> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    Some(fields.map(|(key, value)| (key.to_owned(), value.trim().to_owned())).collect())
}

/// The sidecar of a call under way: the only process below it that filters system calls and has
/// used processor time, since the call it serves never ends.
pub(super) fn serving(running: &mut Running) -> Result<(u32, Status), String> {
    let start = Instant::now();
    while start.elapsed() < LIMIT && !running.ended()? {
        for process in descendants(running.pid()) {
            let Some(status) = status(process.pid) else { continue };
            // Two filters at least: one stage is not both.
            let filters = status.get("Seccomp_filters").and_then(|n| n.parse().ok()).unwrap_or(0);
            if filters >= 2 && busy(process.pid) {
                return Ok((process.pid, status));
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Err("no filtered process ever served".to_owned())
}

/// Whether a process has used a tenth of a second, in ticks of a hundredth.
pub(super) fn busy(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split(' ').nth(11).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0) >= 10
}

pub(super) fn seen_from_outside(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let skill = Fixture::copy(env, "hostile/endless-loop", &[("300ms", "3s")])?;
    let submitted = jig.submit(skill.path())?.released()?;
    let recorded = &submitted.json["enforced"]["sidecar"];
    let arguments = ["call", "--json", "endless-loop", "spin", "1"];
    let mut running = jig.start(&arguments)?;
    let (pid, status) = serving(&mut running)?;
    matches_record(&status, recorded)?;
    let own = namespaces(std::process::id())?;
    let its = namespaces(pid)?;
    for kind in ["user", "pid", "mnt", "net", "ipc", "uts"] {
        ensure!(own[kind] != its[kind], "the sidecar shares the host's {kind} namespace");
    }
    let output = Jig::read(&arguments, running.wait()?)?;
    output.refuses(12, "call-deadline")?;
    jig.finish()
}

fn namespaces(pid: u32) -> Result<BTreeMap<&'static str, std::path::PathBuf>, String> {
    let kinds = ["user", "pid", "mnt", "net", "ipc", "uts"];
    let link = |kind: &'static str| {
        let target = fs::read_link(format!("/proc/{pid}/ns/{kind}"));
        target.map(|target| (kind, target)).map_err(while_doing("read a namespace"))
    };
    kinds.into_iter().map(link).collect()
}

fn matches_record(status: &Status, recorded: &Value) -> Verdict {
    let field = |key: &str| status.get(key).cloned().unwrap_or_default();
    let host_uid = recorded["host_uid"].as_u64().unwrap_or_default();
    ensure!(host_uid != 0, "it is recorded to run as root: {recorded}");
    let uids = field("Uid");
    let all_its_own = uids.split('\t').all(|uid| uid == host_uid.to_string());
    ensure!(all_its_own, "its user ids are {uids}, recorded is {host_uid}");
    ensure!(field("NoNewPrivs") == "1", "it can gain privileges");
    ensure!(field("Seccomp") == "2", "its system calls are not filtered");
    let filters = recorded["seccomp"].as_array().map_or(0, Vec::len);
    let in_force = field("Seccomp_filters");
    ensure!(
        filters >= 2 && in_force == filters.to_string(),
        "{in_force} filters are in force, {filters} are recorded"
    );
    let empty = |set: &str| field(set).trim_start_matches('0').is_empty();
    ensure!(["CapInh", "CapAmb"].into_iter().all(empty), "it has capabilities to hand on");
    ensure!(field("NSpid").split('\t').count() >= 2, "it sees the host's processes");
    ensure!(!field("NSpid").ends_with("\t1"), "it is the first process of its namespace");
    ensure!(field("Threads") == "1", "it has {} threads", field("Threads"));
    ensure!(recorded["landlock_abi"].as_u64() >= Some(2), "Landlock is recorded as {recorded}");
    ensure!(recorded["no_new_privs"] == true, "no_new_privs is not recorded: {recorded}");
    Ok(())
}
