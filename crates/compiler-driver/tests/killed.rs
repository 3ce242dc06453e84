//! A jail that somebody else ends: the host's own killer of processes, or a person. It says nothing
//! of the source, and so nothing of it may be remembered.
//!
//! Alone in its process: it looks for the processes that it started.

#![cfg(test)]

use std::fs;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use saggar_model::Code;

#[expect(dead_code, reason = "the other tests use all of it")]
#[path = "build/jig.rs"]
mod jig;

use jig::{Jig, Skill};

const SLOW: &str = "#include <bits/stdc++.h>\nunsigned answer(unsigned n) {\n  \
                    return std::regex_match(\"aaa\", std::regex(\"a+\")) + n;\n}\n";

/// The children of a process, by the name of their program.
fn children(of: u32) -> Vec<(u32, String)> {
    let numbers = fs::read_dir("/proc").unwrap().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let child = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (head, tail) = stat.rsplit_once(") ")?;
        let parent: u32 = tail.split(' ').nth(1)?.parse().ok()?;
        let name = head.split_once('(')?.1.to_owned();
        (parent == of).then_some((pid, name))
    };
    numbers.filter_map(child).collect()
}

/// The processes from a child of this one down to the compiler proper, once it runs.
fn compiling() -> Vec<u32> {
    loop {
        if let Some(line) = line_to_compiler(std::process::id()) {
            return line;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn line_to_compiler(of: u32) -> Option<Vec<u32>> {
    children(of).into_iter().find_map(|(pid, name)| {
        let rest = if name == "cc1plus" { Vec::new() } else { line_to_compiler(pid)? };
        Some([vec![pid], rest].concat())
    })
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[test]
fn a_jail_that_is_killed_says_nothing_of_the_source() {
    let jig = Jig::new();
    let skill = Skill::cpp(SLOW);
    // The toolchain is known then.
    jig.artifact(&Skill::cpp("unsigned answer(unsigned n) { return n; }\n"));
    // The launcher with all that it holds, the jail's own first process, the compiler.
    for victim in ["launcher", "first process", "cc1plus"] {
        let failed = thread::scope(|scope| {
            let build = scope.spawn(|| jig.build(&skill));
            let line = compiling();
            let pid = match victim {
                "launcher" => line[0],
                "first process" => line[1],
                _ => line[line.len() - 1],
            };
            kill(pid);
            build.join().unwrap().expect_err("it was killed")
        });
        assert!(!failed.deterministic, "{victim}");
        let code = failed.error.feedback().code;
        let expected = match victim {
            "cc1plus" => Code::CompilerCrashed,
            _ => Code::SandboxUnavailable,
        };
        assert_eq!(code, expected, "{victim}: {:?}", failed.error.feedback());
    }
    jig.artifact(&skill);
}
