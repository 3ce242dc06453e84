//! Many submissions leave the process as it was: no descriptor, no thread, no memory that grows
//! with their number, and no file but what is to be kept.

use std::fs;

use crate::{Jig, submit};

/// How many submissions are made before the first look, and in all.
const FEW: usize = 20;
const MANY: usize = 220;

fn count(directory: &str) -> usize {
    fs::read_dir(directory).unwrap().count()
}

/// Resident memory, KiB (proc_pid_status(5)).
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Runs in a process of its own: other tests open files and start threads too.
#[test]
fn two_hundred_submissions_leave_nothing_behind() {
    if std::env::var_os("SAGGAR_FLAT").is_none() {
        #[expect(clippy::disallowed_methods, reason = "a test alone in its process")]
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let name = "flat::two_hundred_submissions_leave_nothing_behind";
        let status = alone.args([name, "--exact", "--test-threads=1"]).env("SAGGAR_FLAT", "1");
        assert!(status.status().unwrap().success());
        return;
    }
    let jig = Jig::new();
    let engine = jig.engine();
    let mut looks = Vec::new();
    for n in 1..=MANY {
        let bundle = jig.bundle("a", &format!("// {n}"));
        for _ in 0..2 {
            let done = submit(&engine, &bundle);
            assert_eq!(done.release.map(|release| release as usize), Some(n));
        }
        if n == FEW || n == MANY {
            engine.flush().unwrap();
            let log = jig.dir.path().join("store/index.sqlite-wal");
            let log = fs::metadata(log).map_or(0, |meta| meta.len());
            let left: usize = ["store/tmp", "store/locks", "store/quarantine"]
                .map(|name| count(jig.dir.path().join(name).to_str().unwrap()))
                .iter()
                .sum();
            looks.push((count("/proc/self/fd"), count("/proc/self/task"), left, log, resident()));
        }
    }
    let [(fds, threads, left, _, memory), after] = looks[..] else { panic!("{looks:?}") };
    assert_eq!((after.0, after.1, after.2), (fds, threads, left), "{looks:?}");
    assert_eq!(left, 0, "{looks:?}");
    // SQLite starts its log over at a thousand pages.
    assert!(after.3 < 8 << 20, "{looks:?}");
    // Far less than a bundle, a record and an artifact each.
    assert!(after.4 < memory + 4096, "{looks:?}");
}
