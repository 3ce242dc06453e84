//! Memory, processes, processor time and disk.

use std::fs;

use saggar_jail::{JailError, Run, Work};
use saggar_model::{Isolation, MemoryLimit};

use crate::rig::{
    BARE, OWN, input, is_root, launchers, processes, rig, spec, until, without_cgroups, word, words,
};

const MIB: u64 = 1 << 20;

/// Payloads that hold 192 MiB: several processes; a process whose first thread has ended, so that
/// its status shows nothing; one that is never the same for long.
const HOLDERS: [&[&str]; 3] =
    [&["hold", "48", "4"], &["hold-in-thread", "192"], &["hold-and-hop", "192"]];

fn recorded(run: &Run) -> (MemoryLimit, Vec<String>) {
    let enforced = run.outcome.enforced.as_ref().expect("it started");
    (enforced.memory, enforced.cgroup.clone())
}

/// A payload that holds this much memory, under a limit, by one launcher.
fn held(launcher: &str, payload: &[&str], limit: u64) -> Run {
    let mut spec = spec(payload);
    spec.memory = limit * MIB;
    rig(launcher).run(&spec).expect("a jail")
}

fn lived(run: &Run) -> bool {
    words(run).contains(&"lived".to_owned())
}

/// B21, memory: by cgroup.
#[test]
fn too_much_memory_of_all_processes_together_ends_them_in_a_cgroup() {
    if !is_root() {
        return refused_without_a_cgroup();
    }
    let run = held(OWN, &["hold", "48", "4"], 128);
    assert!(run.outcome.out_of_memory, "{run:?}");
    let (memory, cgroup) = recorded(&run);
    assert_eq!(memory, MemoryLimit::Cgroup);
    assert!(cgroup.iter().any(|name| name.ends_with(":memory")), "{cgroup:?}");
}

/// Its twin.
#[test]
fn the_same_memory_lives_in_a_cgroup_with_a_higher_limit() {
    let run = held(OWN, &["hold", "48", "4"], 1024);
    assert!(lived(&run) && !run.outcome.out_of_memory, "{run:?}");
}

/// B21, memory: by sampling.
#[test]
fn too_much_memory_of_all_processes_together_ends_them_under_a_supervisor() {
    for launcher in without_cgroups() {
        for payload in HOLDERS {
            let run = held(launcher, payload, 128);
            assert!(run.outcome.out_of_memory, "{launcher} {payload:?} {run:?}");
            assert!(run.outcome.ended.is_none() && !lived(&run), "{launcher} {payload:?} {run:?}");
            assert_eq!(recorded(&run), (MemoryLimit::Sampled, Vec::new()), "{launcher}");
        }
    }
}

/// Its twin.
#[test]
fn the_same_memory_lives_under_a_supervisor_with_a_higher_limit() {
    std::thread::scope(|scope| {
        for launcher in without_cgroups() {
            for payload in HOLDERS {
                scope.spawn(move || {
                    let run = held(launcher, payload, 4096);
                    let lives = lived(&run) && !run.outcome.out_of_memory;
                    assert!(lives, "{launcher} {payload:?} {run:?}");
                });
            }
        }
    });
}

/// B21 and B17 without namespaces: what holds the memory is ended with the rest.
#[test]
fn too_much_memory_ends_a_jail_without_namespaces_too() {
    for launcher in without_cgroups() {
        for payload in HOLDERS {
            let name = word("held");
            let mut spec = spec(&[payload, &[&name]].concat());
            (spec.isolation, spec.memory) = (Isolation::Process, 128 * MIB);
            let run = rig(launcher).run(&spec).expect("a jail");
            assert!(run.outcome.out_of_memory && !lived(&run), "{launcher} {payload:?} {run:?}");
            assert_eq!(processes(&name), [], "{launcher} {payload:?}");
        }
    }
}

#[test]
fn memory_is_nobodys_business_where_rlimits_are_all_that_is_asked_for() {
    for launcher in without_cgroups() {
        let mut spec = spec(&["hold", "48", "4"]);
        spec.memory = 128 * MIB;
        spec.memory_floor = MemoryLimit::Rlimit;
        let run = rig(launcher).run(&spec).expect("a jail");
        assert!(lived(&run), "{launcher} {run:?}");
        assert_eq!(recorded(&run).0, MemoryLimit::Rlimit);
    }
}

fn refusal(launcher: &str, controller: &str) {
    let mut spec = spec(&["fork", "0"]);
    match controller {
        "memory" => spec.memory_floor = MemoryLimit::Cgroup,
        _ => spec.pids_cgroup = true,
    }
    match rig(launcher).run(&spec) {
        Err(JailError::Refused { feature, what, .. }) => {
            assert_eq!(feature, "cgroup");
            assert!(what.starts_with(&format!("make a {controller} cgroup: ")), "{what}");
        }
        other => panic!("{launcher}: not refused: {other:?}"),
    }
}

#[test]
fn refused_without_a_cgroup() {
    for launcher in without_cgroups() {
        refusal(launcher, "memory");
        refusal(launcher, "pids");
    }
}

/// Its twin.
#[test]
fn not_refused_with_a_cgroup() {
    if !is_root() {
        return refused_without_a_cgroup();
    }
    let mut spec = spec(&["fork", "0"]);
    (spec.memory_floor, spec.pids_cgroup) = (MemoryLimit::Cgroup, true);
    assert_eq!(words(&rig(OWN).run(&spec).expect("a jail")), ["0"]);
}

/// How many children a fork bomb gets.
fn bomb(launcher: &str, cgroup: u32, rlimit: u64) -> u64 {
    let mut spec = spec(&["fork", "150"]);
    (spec.processes, spec.rlimits.processes) = (cgroup, rlimit);
    let run = rig(launcher).run(&spec).expect("a jail");
    words(&run).first().and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{run:?}"))
}

/// B18, by the pids cgroup alone: the rlimit is out of the way.
#[test]
fn a_fork_bomb_meets_the_pids_cgroup() {
    if !is_root() {
        return refused_without_a_cgroup();
    }
    // The payload itself is one of them.
    assert_eq!(bomb(OWN, 20, 250), 19);
    assert_eq!(bomb(OWN, 60, 250), 59);
}

/// B18, by the rlimit in the user namespace alone: where there is no cgroup, and root was not
/// who it does not bind.
#[test]
fn a_fork_bomb_meets_the_limit_of_its_user_namespace() {
    for launcher in without_cgroups() {
        // Init and the payload are two of them.
        assert_eq!(bomb(launcher, 250, 20), 18, "{launcher}");
        assert_eq!(bomb(launcher, 250, 60), 58, "{launcher}");
    }
}

/// The twin of both.
#[test]
fn a_fork_bomb_that_meets_no_limit_gets_what_it_asks_for() {
    for launcher in launchers() {
        assert_eq!(bomb(launcher, 250, 250), 150, "{launcher}");
    }
}

/// Runs a payload that waits, and looks at its cgroup meanwhile.
fn quota(percent: u32) -> (u64, u64) {
    let name = word("quota");
    let mut spec = spec(&["wait", &name]);
    spec.cpu_percent = percent;
    let rig = rig(OWN);
    let (theirs, ours) = input();
    std::thread::scope(|scope| {
        let jail = scope.spawn(|| rig.run_with(&spec, theirs));
        let process = until(|| processes(&name).pop());
        let (version, group) = process.cgroup("cpu").expect("a group");
        let read = |file: &str| fs::read_to_string(group.join(file)).expect("a limit");
        let text = match version {
            1 => read("cpu.cfs_quota_us") + &read("cpu.cfs_period_us"),
            _ => read("cpu.max"),
        };
        drop(ours);
        let run = jail.join().expect("no panic").expect("a jail");
        let (_, cgroup) = recorded(&run);
        assert!(cgroup.contains(&format!("v{version}:cpu")), "{cgroup:?}");
        let mut numbers = text.split_whitespace().map(|n| n.parse().expect("a number"));
        (numbers.next().expect("a quota"), numbers.next().expect("a period"))
    })
}

#[test]
fn processor_time_is_held_by_the_kernel_as_the_record_says() {
    if !is_root() {
        return refused_without_a_cgroup();
    }
    let (quota, period) = self::quota(50);
    assert_eq!(quota * 2, period);
    let (quota, period) = self::quota(75);
    assert_eq!(quota * 4, period * 3);
}

/// A group of its own would only make the jail slower.
#[test]
fn processor_time_that_all_processors_cannot_give_is_not_limited() {
    let mut spec = spec(&["fork", "0"]);
    spec.cpu_percent = u32::MAX;
    let (_, cgroup) = recorded(&rig(OWN).run(&spec).expect("a jail"));
    assert!(!cgroup.iter().any(|name| name.ends_with(":cpu")), "{cgroup:?}");
    assert_eq!(cgroup.is_empty(), !is_root());
}

/// How many MiB a payload can write, and the error it met.
fn filled(launcher: &str, size: u64, file_size: u64) -> Vec<String> {
    let mut spec = spec(&["fill", "24"]);
    spec.work = Some(Work {
        size: size * MIB,
        directories: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
    });
    spec.rlimits.file_size = file_size;
    words(&rig(launcher).run(&spec).expect("a jail"))
}

/// B24, by the size of the mount alone.
#[test]
fn temporary_files_fill_their_own_directory_and_nothing_else() {
    for launcher in launchers() {
        let full = libc::ENOSPC.to_string();
        assert_eq!(filled(launcher, 8, u64::MAX), [&full, "8"], "{launcher}");
        assert_eq!(filled(launcher, 16, u64::MAX), [&full, "16"], "{launcher}");
        // The twin: there is room.
        assert_eq!(filled(launcher, 64, u64::MAX), ["24"], "{launcher}");
    }
}

/// B24, by RLIMIT_FSIZE alone; its signal is deadly.
#[test]
fn a_file_ends_at_the_limit_of_its_size() {
    for launcher in launchers() {
        assert!(!filled(launcher, 64, 4 * MIB).contains(&"24".to_owned()), "{launcher}");
        assert_eq!(filled(launcher, 64, 64 * MIB), ["24"], "{launcher}");
    }
}

/// No group is there before the first jail, and none after the last.
#[test]
fn a_bare_launcher_records_no_cgroup() {
    if is_root() {
        let run = rig(BARE).run(&spec(&["fork", "0"])).expect("a jail");
        assert_eq!(recorded(&run), (MemoryLimit::Sampled, Vec::new()));
    }
}
