//! The progress line: on a terminal, and on nothing else. The oracle is a pseudo-terminal's other
//! end, where every byte arrives that a person would see.

#![cfg(test)]

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A skill that any compiler takes. Whether there is a sidecar to build it with changes nothing
/// here: Plan and Build are entered all the same.
fn skill(dir: &Path) {
    let plan = "name = 'add'\nlanguage = 'c'\nsource = 'add.c'\n\
                interface = 'add: func(a: s32, b: s32) -> s32;'\n\
                [[test]]\ncall = 'add'\nargs = [1, 2]\nexpect = 3\n";
    fs::write(dir.join("plan.toml"), plan).unwrap();
    fs::write(dir.join("add.c"), "int add(int a, int b) { return a + b; }\n").unwrap();
}

fn submit(dir: &Path, terminal: &str, arguments: &[&str], stderr: Stdio) -> Child {
    skill(dir);
    #[expect(clippy::disallowed_methods, reason = "the command is what is tested")]
    Command::new(env!("CARGO_BIN_EXE_saggar"))
        .args(["submit", "--allow-compile", "--home"])
        .arg(dir.join("home"))
        .args(arguments)
        .arg(dir)
        .env("TERM", terminal)
        .env("SAGGAR_PRECOMPILE", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap()
}

/// What a terminal gets to see.
fn on_a_terminal(terminal: &str, arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs: OwnedFd = rustix::fs::open(&name, flags, Mode::empty()).unwrap();
    let mut child = submit(dir.path(), terminal, arguments, Stdio::from(theirs));
    let mut seen = Vec::new();
    // Linux answers EIO when nobody has the other end open any more.
    match File::from(ours).read_to_end(&mut seen) {
        Err(error) if error.raw_os_error() == Some(5) => {}
        other => drop(other.unwrap()),
    }
    child.wait().unwrap();
    String::from_utf8(seen).unwrap()
}

/// What a pipe gets to see.
fn on_a_pipe(arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let child = submit(dir.path(), "xterm", arguments, Stdio::piped());
    let told = child.wait_with_output().map(|output| output.stderr);
    io::Result::and_then(told, |bytes| String::from_utf8(bytes).map_err(io::Error::other)).unwrap()
}

#[test]
fn the_stage_and_the_seconds_stand_on_a_terminal_and_go_away() {
    for arguments in [&[][..], &["--json"]] {
        let seen = on_a_terminal("xterm", arguments);
        assert!(seen.contains("build 0s") || seen.contains("plan 0s"), "{seen:?}");
        // The line is erased at last, before anything else is said.
        let (_, after) = seen.rsplit_once("\u{1b}[2K").unwrap();
        assert!(!after.contains('\u{1b}') && !after.contains(" 0s"), "{seen:?}");
    }
}

#[test]
fn nothing_of_it_goes_to_a_pipe_or_to_a_terminal_that_cannot_erase() {
    for told in [on_a_pipe(&[]), on_a_pipe(&["--json"]), on_a_terminal("dumb", &[])] {
        assert!(!told.contains('\u{1b}') && !told.contains(" 0s"), "{told:?}");
    }
}

#[test]
fn no_colour_is_used() {
    let seen = on_a_terminal("xterm", &[]);
    assert!(!seen.contains("\u{1b}[3") && !seen.contains("\u{1b}[1m"), "{seen:?}");
}
