//! The limit of open files: the command has what this user may have, whatever the soft limit of the
//! shell is. The oracle is the kernel's own account of it.

#![cfg(test)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that reads its standard input to the end, started under these limits.
fn under(soft: u32, hard: u32, program: &str, arguments: &[&str]) -> Child {
    let scene = format!("ulimit -Sn {soft}; ulimit -Hn {hard}; exec \"$@\"");
    #[expect(clippy::disallowed_methods, reason = "the command is what is tested")]
    let mut command = Command::new("sh");
    command.args(["-c", &scene, "sh", program]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The soft and the hard limit of a process (proc_pid_limits(5)), once it runs the program.
fn limits(child: &Child, program: &str) -> Option<(u32, u32)> {
    let directory = format!("/proc/{}", child.id());
    if !fs::read_link(format!("{directory}/exe")).is_ok_and(|exe| exe.ends_with(program)) {
        return None;
    }
    let text = fs::read_to_string(format!("{directory}/limits")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let mut numbers = line.split_whitespace().map_while(|word| word.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// Waits until its limits are these.
fn has(mut child: Child, program: &str, expected: (u32, u32)) {
    let start = Instant::now();
    while limits(&child, program) != Some(expected) {
        let found = limits(&child, program);
        assert!(child.try_wait().unwrap().is_none(), "{program} has ended, with {found:?}");
        assert!(start.elapsed() < Duration::from_secs(60), "{program} has {found:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_soft_limit_is_raised_to_the_hard_one() {
    let dir = tempfile::tempdir().unwrap();
    let plan = "name = 'add'\nlanguage = 'c'\nsource = 'add.c'\n\
                interface = 'add: func(a: s32, b: s32) -> s32;'\n";
    fs::write(dir.path().join("plan.toml"), plan).unwrap();
    fs::write(dir.path().join("add.c"), "int add(int a, int b) { return a + b; }\n").unwrap();
    let (skill, home) = (dir.path().to_str().unwrap(), dir.path().join("home"));
    // It waits for an argument on standard input.
    let run = ["run", "--allow-compile", "--home", home.to_str().unwrap(), skill, "add", "@-", "1"];
    has(under(100, 2000, env!("CARGO_BIN_EXE_saggar"), &run), "saggar", (2000, 2000));
    // The twin: a program that leaves it alone.
    has(under(100, 2000, "env", &["cat"]), "cat", (100, 2000));
}
