//! The version 2 logic over plain files, and the life of a group over the kernel's own.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

const LIMITS: Limits = Limits { memory: 1 << 20, processes: 9, quota_us: 150_000 };

/// A directory with files in it, in place of a cgroup.
fn fake(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    directory
}

fn part(directory: &Path, version: Version, controllers: &[Controller]) -> Part {
    let controllers = controllers.to_vec();
    Part { directory: directory.into(), version, controllers, holds: Vec::new() }
}

fn read(directory: &Path, file: &str) -> String {
    fs::read_to_string(directory.join(file)).expect("a file")
}

#[test]
fn a_version_1_directory_is_the_mount_joined_with_the_group() {
    let own = "8:pids:/\n4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/\n";
    let mounts = "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n\
                  cgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0\n";
    let parents = v1::parents(own, mounts);
    let found: Vec<_> =
        parents.iter().map(|p| (p.directory.to_str().unwrap(), &p.controllers[..])).collect();
    let memory = ("/sys/fs/cgroup/memory/a/b", &[Controller::Memory][..]);
    assert_eq!(found, [memory, ("/sys/fs/cgroup/cpu/c", &[Controller::Cpu][..])]);
}

#[test]
fn controllers_of_one_hierarchy_share_a_group() {
    let mounts = "cgroup /g cgroup rw,memory,pids 0 0\n";
    let parents = v1::parents("4:memory,pids:/\n", mounts);
    assert_eq!(parents.len(), 1);
    assert_eq!(parents[0].controllers, [Controller::Memory, Controller::Pids]);
}

#[test]
fn the_version_2_directory_is_the_own_group_or_the_one_it_was_moved_out_of() {
    let mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
    let at = |own| v2::own_directory(own, mounts);
    assert_eq!(
        at("0::/user.slice/run-1.scope\n"),
        Some("/sys/fs/cgroup/user.slice/run-1.scope".into())
    );
    assert_eq!(at("0::/run-1.scope/saggar-7-self\n"), Some("/sys/fs/cgroup/run-1.scope".into()));
    assert_eq!(at("4:memory:/\n"), None);
}

#[test]
fn what_is_handed_down_already_is_used() {
    let group = fake(&[
        ("cgroup.controllers", "cpuset cpu memory pids\n"),
        ("cgroup.subtree_control", "cpu memory pids\n"),
    ]);
    let (parent, lack) = v2::parent(group.path(), &Controller::ALL);
    assert_eq!((parent.controllers, lack), (Controller::ALL.to_vec(), None));
}

#[test]
fn what_is_offered_is_asked_for_and_what_is_not_is_named() {
    let group = fake(&[("cgroup.controllers", "cpu pids\n"), ("cgroup.subtree_control", "")]);
    let (parent, lack) = v2::parent(group.path(), &Controller::ALL);
    assert_eq!(read(group.path(), "cgroup.subtree_control"), "+pids +cpu");
    // These files do as they are told and no more: nothing was handed down.
    assert_eq!(parent.controllers, []);
    assert!(lack.expect("a reason").ends_with("is not given memory"));
}

#[test]
fn only_the_launcher_and_its_host_step_aside() {
    let own = std::process::id().to_string();
    let leaf = format!("saggar-{own}-self");
    let door = format!("{leaf}/cgroup.procs");
    let group = fake(&[("cgroup.procs", &own), (&door, "")]);
    v2::step_aside(group.path()).expect("alone");
    assert_eq!(read(group.path(), &door), own);
    let crowded = fake(&[("cgroup.procs", &format!("{own}\n1\n")), (&door, "")]);
    let error = v2::step_aside(crowded.path()).expect_err("somebody else is here");
    assert_eq!(error.raw_os_error(), Some(libc::EBUSY));
    assert_eq!(read(crowded.path(), &door), "");
}

#[test]
fn limits_of_version_2_are_written_as_the_kernel_reads_them() {
    let names = ["memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cpu.max"];
    let group = fake(&names.map(|name| (name, "")));
    let mut part = part(group.path(), Version::Two, &Controller::ALL);
    part.limit(LIMITS).expect("written");
    let written: BTreeMap<_, _> = names.map(|name| (name, read(group.path(), name))).into();
    let expected = ["1048576", "0", "1", "9", "150000 100000"].map(str::to_owned);
    assert_eq!(written, names.into_iter().zip(expected).collect());
    let cgroup = Cgroup { parts: vec![part] };
    assert_eq!(cgroup.record(), ["v2:memory", "v2:pids", "v2:cpu"]);
}

#[test]
fn a_controller_without_its_file_is_an_error() {
    let group = fake(&[("memory.max", "")]);
    let mut part = part(group.path(), Version::Two, &[Controller::Memory, Controller::Pids]);
    let error = part.limit(LIMITS).expect_err("swap and oom.group are not everywhere, pids.max is");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert_eq!(part.holds, [Controller::Memory]);
}

#[test]
fn a_kill_for_want_of_memory_is_read_in_both_versions() {
    let killed = |version, file, text: &str| {
        let group = fake(&[(file, text)]);
        part(group.path(), version, &[Controller::Memory]).out_of_memory()
    };
    assert!(killed(Version::Two, "memory.events", "low 0\nmax 3\noom 1\noom_kill 1\n"));
    assert!(!killed(Version::Two, "memory.events", "low 0\nmax 3\noom 0\noom_kill 0\n"));
    assert!(killed(Version::One, "memory.oom_control", "under_oom 0\noom_kill 2\n"));
    assert!(!killed(Version::One, "memory.oom_control", "under_oom 0\noom_kill 0\n"));
}

#[expect(clippy::disallowed_methods, reason = "somebody has to be in the group")]
fn sleeper() -> std::process::Child {
    let mut command = Command::new("sleep");
    command.arg("600").stdin(Stdio::null()).spawn().expect("a process")
}

/// Makes a group as the kernel lets this user, puts a process in, removes it.
fn life(isolation: Isolation) {
    let mut cgroups = Cgroups::default();
    let mut cgroup = cgroups.make(isolation, true).expect("made, as far as it may be");
    if cgroup.parts.is_empty() {
        // Then the launcher can say why.
        assert!(!cgroups.lacks.is_empty() || cgroups.parents.is_some_and(|p| p.is_empty()));
        return;
    }
    let directories: Vec<_> = cgroup.parts.iter().map(|part| part.directory.clone()).collect();
    let mut child = sleeper();
    for directory in &directories {
        write(&directory.join("cgroup.procs"), &child.id().to_string()).expect("entered");
    }
    assert!(!cgroup.remove(), "a process was in it");
    assert!(!child.wait().expect("ended").success());
    let start = Instant::now();
    while !cgroup.remove() {
        assert!(start.elapsed() < Duration::from_secs(10), "it is empty and stays");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(directories.iter().all(|directory| !directory.exists()));
}

#[test]
fn a_group_that_is_removed_takes_its_processes_along() {
    life(Isolation::Namespaces);
}

#[test]
fn a_group_of_version_2_without_controllers_does_so_too() {
    life(Isolation::Process);
}

#[test]
fn names_that_are_taken_are_passed_over() {
    let group = fake(&[("saggar-7-1/x", "")]);
    let mut cgroups = Cgroups {
        with_cpu: true,
        parents: Some(vec![Parent {
            directory: group.path().into(),
            version: Version::Two,
            controllers: Vec::new(),
        }]),
        ..Cgroups::default()
    };
    let taken = format!("saggar-{}-1", std::process::id());
    fs::create_dir(group.path().join(&taken)).expect("made");
    let cgroup = cgroups.make(Isolation::Process, false).expect("another name");
    assert_eq!(
        cgroup.parts[0].directory,
        group.path().join(format!("saggar-{}-2", std::process::id()))
    );
}

#[test]
fn what_a_killed_launcher_left_is_swept_and_no_other() {
    // Above the largest pid_max.
    let dead = format!("saggar-{}-3", 1 << 23);
    let living = format!("saggar-{}-1", std::process::id());
    let group = fake(&[]);
    for name in [&dead, &living, "saggar-x", "other"] {
        fs::create_dir(group.path().join(name)).expect("made");
    }
    sweep(group.path());
    assert!(!group.path().join(&dead).exists());
    assert!([&living, "saggar-x", "other"].iter().all(|name| group.path().join(name).exists()));
}
