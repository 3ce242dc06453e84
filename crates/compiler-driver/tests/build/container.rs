//! Without namespaces a precompiled header is a link in the work directory: it serves as well, and
//! the artifact is the same with it, without it, when it goes meanwhile, and in namespaces.

use std::fs;
use std::path::Path;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use saggar_plugin_abi::{Built, CompilerDriver};
use saggar_policy::Policy;

use crate::jig::{Jig, Skill, used};
use crate::same::{BEGINNINGS, BODY, check};

const C: &str = "#include <stdio.h>\nunsigned answer(unsigned n) { return n + sizeof(size_t); }\n";

const CLANG: &str = "compiler = \"clang\"";

fn named(policy: &str) -> Policy {
    Policy::builtin_named(policy).unwrap()
}

#[test]
fn of_sources_in_cpp_and_c() {
    let (container, default) = (Jig::under(named("container")), Jig::new());
    let check = |skill: &Skill, serves| {
        let name = String::from_utf8_lossy(&skill.source);
        assert_eq!(check(&container, skill), serves, "{name}");
        assert!(container.whole(skill) == default.whole(skill), "{name}");
    };
    for (beginning, serves) in [BEGINNINGS[0], BEGINNINGS[8], BEGINNINGS[13]] {
        check(&Skill::cpp(format!("{beginning}{BODY}")), serves);
    }
    check(&Skill::c(C), true);
}

/// A policy under which gcc names what it reads, a precompiled header after `!` (`-H`, The GCC manual,
/// "Preprocessor Options"): it passes over a header that it cannot use without a word.
fn noisy(name: &str) -> Policy {
    let mut policy = named(name);
    policy.build.c.compile.push("-H".to_owned());
    policy.build.cpp.compile.push("-H".to_owned());
    policy
}

fn reads_header(built: &Built) -> bool {
    let log = String::from_utf8_lossy(&built.log);
    log.lines().any(|line| line.starts_with("! ") && line.contains(".gch/"))
}

#[test]
fn gcc_itself_says_that_it_reads_the_header() {
    for name in ["default", "container"] {
        let jig = Jig::under(noisy(name));
        for skill in [Skill::c(C), Skill::cpp(format!("{}{BODY}", BEGINNINGS[0].0))] {
            let reads = || reads_header(&jig.artifact(&skill));
            assert!(!reads(), "{name}");
            jig.settle();
            assert!(reads(), "{name}");
        }
    }
}

/// The launcher, which this thread started, stops until this is dropped.
struct Stopped(Pid);

impl Stopped {
    fn new() -> Self {
        let children = fs::read_to_string("/proc/thread-self/children").unwrap();
        let [launcher] = children.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("not one launcher: {children}")
        };
        let launcher = Pid::from_raw(launcher.parse().unwrap()).unwrap();
        kill_process(launcher, Signal::STOP).unwrap();
        Stopped(launcher)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        kill_process(self.0, Signal::CONT).unwrap();
    }
}

/// A build finds a header, and the jail that is to show it is made later.
#[track_caller]
fn goes_unmissed(name: &str, skill: &Skill) {
    let jig = Jig::under(noisy(name));
    let plain = jig.artifact(skill);
    jig.settle();
    let header = jig.headers().remove(0);
    for goes in [false, true] {
        let before = used(&header);
        let built = thread::scope(|scope| {
            let stopped = Stopped::new();
            let building = scope.spawn(|| jig.artifact(skill));
            while used(&header) == before && !building.is_finished() {
                thread::yield_now();
            }
            if goes {
                fs::remove_file(&header).unwrap();
            }
            drop(stopped);
            building.join().unwrap()
        });
        assert!(built.artifact == plain.artifact, "{name}");
        // clang says nothing of it.
        let is_gcc = skill.plan.compiler.is_none();
        assert_eq!(reads_header(&built), is_gcc && !goes, "{name}");
    }
}

#[test]
fn a_header_that_goes_before_the_jail_is_made_is_not_missed() {
    for name in ["default", "container"] {
        goes_unmissed(name, &Skill::c(C));
        goes_unmissed(name, &Skill::cpp(format!("{}{BODY}", BEGINNINGS[0].0)));
    }
    if Path::new("/usr/bin/clang").is_file() {
        goes_unmissed("default", &Skill::new("c", C, CLANG));
    }
}

/// It would look for the header's text in a work directory that is gone, say so, and be run again.
#[test]
fn clang_gets_a_header_in_namespaces_alone() {
    if !Path::new("/usr/bin/clang").is_file() {
        return gcc_itself_says_that_it_reads_the_header();
    }
    let skill = Skill::new("c", C, CLANG);
    let artifact = |name: &str, wants: bool| {
        let jig = Jig::under(named(name));
        let artifact = jig.whole(&skill);
        assert_eq!(jig.driver.unsettled(), wants, "{name}");
        artifact
    };
    assert!(artifact("default", true) == artifact("container", false));
}
