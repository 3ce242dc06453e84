//! Who makes precompiled headers, when, and at whose expense.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use saggar_plugin_abi::CompilerDriver;

use crate::jig::{Jig, Skill, driver};

const BODY: &str = "unsigned answer(unsigned n) { return n; }\n";
/// Takes seconds to compile.
const SLOW: &str = "#include <bits/stdc++.h>\nunsigned answer(unsigned n) { return n; }\n";

fn small() -> Skill {
    Skill::cpp(format!("#include <cstdint>\n{BODY}"))
}

fn wanted(jig: &Jig) -> Vec<PathBuf> {
    let entries = fs::read_dir(jig.precompiled().join("wanted")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[test]
fn only_a_source_that_compiles_and_begins_with_headers_leaves_something_to_do() {
    let jig = Jig::new();
    assert!(!jig.driver.unsettled());
    jig.artifact(&Skill::cpp(BODY));
    jig.refused(&Skill::cpp("#include <cstdint>\nint answer(\n"));
    assert!(!jig.driver.unsettled());
    jig.artifact(&small());
    assert!(jig.driver.unsettled());
    jig.settle();
    assert!(!jig.driver.unsettled());
    jig.artifact(&small());
    assert!(!jig.driver.unsettled());
    assert_eq!((jig.headers().len(), wanted(&jig).len()), (1, 0));
}

#[test]
fn another_process_makes_what_this_one_missed() {
    let jig = Jig::new();
    jig.artifact(&small());
    driver(jig.cache.path(), &[]).settle(&AtomicBool::new(false));
    assert_eq!(jig.headers().len(), 1);
    assert!(!jig.driver.unsettled());
}

#[test]
fn a_policy_of_no_size_makes_none() {
    let jig = Jig::with(&[("size = \"1GiB\"", "size = \"0B\"")]);
    jig.artifact(&small());
    assert!(!jig.driver.unsettled());
    jig.settle();
    assert!(!jig.precompiled().exists());
}

#[test]
fn what_is_written_in_the_cache_is_nobodys_word() {
    let jig = Jig::new();
    jig.artifact(&small());
    let wish = wanted(&jig).remove(0);
    let text = fs::read_to_string(&wish).unwrap();
    for (from, to) in [
        ("\"flags\":[]", "\"flags\":[\"-fplugin=/tmp/x.so\"]"),
        ("c++20", "c++20 -B/tmp"),
        ("#include <cstdint>\\n", "#include \\\"/etc/shadow\\\"\\n"),
        ("#include <cstdint>\\n", "#include <cstddef>\\n"),
        ("\"c++\"", "\"rust\""),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        fs::write(&wish, text.replace(from, to)).unwrap();
        jig.settle();
        assert!(jig.headers().is_empty() && wanted(&jig).is_empty(), "{to}");
    }
    fs::write(&wish, &text).unwrap();
    jig.settle();
    assert_eq!(jig.headers().len(), 1);
}

#[test]
fn only_one_process_makes_headers_and_a_lock_goes_with_its_holder() {
    let jig = Jig::new();
    jig.artifact(&small());
    fs::create_dir_all(jig.precompiled()).unwrap();
    let lock = File::create(jig.precompiled().join("lock")).unwrap();
    assert!(jig.driver.unsettled());
    lock.lock().unwrap();
    // It is the other's to do.
    assert!(!jig.driver.unsettled());
    let cancel = AtomicBool::new(false);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| jig.driver.settle(&cancel));
        // The other process made it: there is nothing left to wait for.
        fs::remove_file(wanted(&jig).remove(0)).unwrap();
        waiting.join().unwrap();
        assert!(jig.headers().is_empty());

        jig.artifact(&small());
        let waiting = scope.spawn(|| jig.driver.settle(&cancel));
        drop(lock);
        waiting.join().unwrap();
        assert_eq!(jig.headers().len(), 1);
    });
}

#[test]
fn what_is_wished_for_meanwhile_is_made_by_who_is_at_it() {
    let jig = Jig::new();
    jig.artifact(&Skill::cpp(SLOW));
    let cancel = AtomicBool::new(false);
    thread::scope(|scope| {
        let settling = scope.spawn(|| jig.driver.settle(&cancel));
        while !is_begun(&jig) && !settling.is_finished() {
            thread::yield_now();
        }
        jig.artifact(&small());
        settling.join().unwrap();
    });
    assert_eq!((jig.headers().len(), wanted(&jig).len()), (2, 0));
}

/// Whether a header is being made.
fn is_begun(jig: &Jig) -> bool {
    let entries = fs::read_dir(jig.precompiled()).unwrap().flatten();
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|kind| kind == "tmp"))
}

#[test]
fn it_is_broken_off_when_asked_and_taken_up_again() {
    let jig = Jig::new();
    jig.artifact(&Skill::cpp(SLOW));
    let cancel = AtomicBool::new(false);
    thread::scope(|scope| {
        // More often than a header that cannot be made would be tried.
        for _ in 0..4 {
            cancel.store(false, Ordering::Relaxed);
            let settling = scope.spawn(|| jig.driver.settle(&cancel));
            while !is_begun(&jig) && !settling.is_finished() {
                thread::yield_now();
            }
            cancel.store(true, Ordering::Relaxed);
            settling.join().unwrap();
            assert!(jig.headers().is_empty());
            assert!(jig.driver.unsettled());
        }
    });
    jig.settle();
    assert_eq!(jig.headers().len(), 1);
}

#[test]
fn the_compiler_runs_when_nothing_else_wants_the_processor() {
    let jig = Jig::new();
    jig.artifact(&Skill::cpp(SLOW));
    let cancel = AtomicBool::new(false);
    let idle = thread::scope(|scope| {
        let settling = scope.spawn(|| jig.driver.settle(&cancel));
        let idle = loop {
            match compilers_of_headers().first() {
                Some(idle) => break *idle,
                None => assert!(!settling.is_finished(), "no compiler was seen"),
            }
        };
        cancel.store(true, Ordering::Relaxed);
        idle
    });
    assert!(idle);
}

/// For each compiler proper that makes a precompiled header of bits/stdc++.h on this machine,
/// whether its scheduling policy is SCHED_IDLE (proc(5), stat, field 41).
fn compilers_of_headers() -> Vec<bool> {
    const SCHED_IDLE: &str = "5";
    let of = |process: &Path| {
        let command = fs::read_to_string(process.join("cmdline")).ok()?;
        let is_compiler = command.contains("cc1plus") && command.contains("saggar+prelude.h.gch");
        let stat = fs::read_to_string(process.join("stat")).ok().filter(|_| is_compiler)?;
        let after_name = stat.rsplit_once(") ")?.1;
        Some(after_name.split(' ').nth(38)? == SCHED_IDLE)
    };
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|process| of(&process.path())).collect()
}

#[test]
fn what_was_not_used_for_longest_goes_first() {
    // Each of these takes two to three MiB.
    let jig = Jig::with(&[("size = \"1GiB\"", "size = \"8MiB\"")]);
    let skill = |header: &str| Skill::cpp(format!("#include <{header}>\n{BODY}"));
    let mut kept = Vec::new();
    for header in ["cstdint", "cstddef"] {
        jig.artifact(&skill(header));
        jig.settle();
        let new = jig.headers().into_iter().find(|path| !kept.contains(path));
        kept.push(new.unwrap());
    }
    let long_ago = SystemTime::now() - Duration::from_secs(60);
    for header in &kept {
        let description = File::options().append(true).open(header.with_extension("json"));
        description.unwrap().set_modified(long_ago).unwrap();
    }
    jig.artifact(&skill("cstdint"));
    for header in ["climits", "cfloat"] {
        jig.artifact(&skill(header));
        jig.settle();
    }
    let now = jig.headers();
    let total: u64 = now.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(total <= 8 << 20, "{total}");
    assert!(!now.contains(&kept[1]), "{now:?}");
    assert!(now.contains(&kept[0]), "{now:?}");
}

#[test]
fn more_is_not_wanted_at_once_than_can_be_remembered() {
    let jig = Jig::new();
    jig.artifact(&small());
    let wish = wanted(&jig).remove(0);
    let text = fs::read_to_string(&wish).unwrap();
    for number in 0..100 {
        fs::write(wish.with_file_name(format!("{number:064x}")), &text).unwrap();
    }
    jig.artifact(&Skill::cpp(format!("#include <cstddef>\n{BODY}")));
    assert!(wanted(&jig).len() <= 64, "{}", wanted(&jig).len());
}

#[test]
fn a_header_that_cannot_be_made_is_not_tried_for_ever() {
    // Too little memory for it, though not for a source that has none.
    let jig = Jig::with(&[("[build.precompiled]", "[build.precompiled] # less")]);
    jig.artifact(&Skill::cpp(SLOW));
    let poor = driver(jig.cache.path(), &[("deadline = \"60s\"", "deadline = \"1ms\"")]);
    poor.settle(&AtomicBool::new(false));
    assert!(jig.headers().is_empty());
    assert!(!poor.unsettled());
    assert_eq!(wanted(&jig).len(), 1);
}
