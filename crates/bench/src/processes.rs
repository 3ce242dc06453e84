//! What the kernel says of this process's descendants (proc(5)).

use std::fs;

/// Clock ticks of a second, in which the kernel counts processor time: 100 on every Linux that
/// Saggar runs on (sysconf(3), `_SC_CLK_TCK`).
const TICKS: f64 = 100.0;

/// The fields of `/proc/PID/stat` behind the name, and the name.
fn stat(pid: u32) -> Option<(String, Vec<String>)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (start, rest) = stat.rsplit_once(')')?;
    let name = start.split_once('(')?.1.to_owned();
    Some((name, rest.split_whitespace().map(str::to_owned).collect()))
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.1.get(1)?.parse().ok()
}

/// The sidecars below this process.
///
/// # Panics
/// Without `/proc`.
pub fn sidecars() -> Vec<u32> {
    let own = std::process::id();
    // Host, launcher, init, sidecar.
    let is_ours = |pid| parent(pid).and_then(parent).and_then(parent) == Some(own);
    let all = fs::read_dir("/proc").expect("Linux has /proc").filter_map(|entry| {
        let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        (stat(pid)?.0 == "sidecar" && is_ours(pid)).then_some(pid)
    });
    all.collect()
}

/// Proportional set size: its own memory, and its share of what it shares.
///
/// # Panics
/// When the process is gone.
pub fn pss_kib(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("it lives");
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).expect("a number of KiB")
}

/// Processor time it has had, in hundredths of a second.
///
/// # Panics
/// When the process is gone.
pub fn ticks(pid: u32) -> u64 {
    let (_, fields) = stat(pid).expect("it lives");
    fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum()
}

/// How long each processor has been idle since the machine started, seconds.
///
/// # Panics
/// Without `/proc`.
pub fn idle_seconds() -> Vec<f64> {
    let text = fs::read_to_string("/proc/stat").expect("Linux has /proc");
    let lines = text.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu "));
    let idle = |line: &str| -> f64 {
        let fields: Vec<f64> =
            line.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
        (fields[3] + fields[4]) / TICKS
    };
    lines.map(idle).collect()
}
