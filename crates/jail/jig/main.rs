//! The other process of this crate's tests: the launcher (`jig launch`), and the payload of jails,
//! which see it at `/sidecar`. As an executable of its own it is there for every test runner.
//!
//! Which launcher it is, its name says: `jig` runs as whoever started it; `jig-ordinary` becomes
//! user 1000 first; `jig-bare` first hides every cgroup from itself; `jig-deaf` is started with SIGCHLD
//! ignored. Payloads print what they see, one word a line, to standard output.

mod payload;

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Who an ordinary user is.
const ORDINARY: u32 = 1000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let name = Path::new(&arguments[0]).file_name().and_then(|name| name.to_str());
    if arguments.get(1).is_some_and(|argument| argument == "launch") {
        payload::log_in();
    }
    let outcome = match (arguments.get(1).map(String::as_str), name) {
        (Some("launch"), Some("jig-ordinary")) => become_ordinary(),
        (Some("launch"), Some("jig-bare")) => hide_cgroups(),
        (Some("launch"), Some("jig-deaf")) => ignore_children(),
        (Some("launch" | "launch-now"), _) => saggar_jail::launcher_main(),
        (Some(payload), _) => payload::run(payload, &arguments[2..]),
        (None, _) => Err(io::ErrorKind::InvalidInput.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts this program again: a process that has changed its user id is not its own in /proc.
#[expect(clippy::disallowed_methods, reason = "this is no spawn: the process stays the same")]
fn again() -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg("launch-now");
    command
}

fn become_ordinary() -> io::Result<()> {
    Err(again().uid(ORDINARY).gid(ORDINARY).exec())
}

fn hide_cgroups() -> io::Result<()> {
    // SAFETY: this process has one thread, and shares nothing with others that this would split.
    unsafe { unshare_unsafe(UnshareFlags::NEWNS) }?;
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    mount("tmpfs", "/sys/fs/cgroup", "tmpfs", MountFlags::NODEV, None)?;
    Err(again().exec())
}

#[expect(clippy::disallowed_methods, reason = "this is no spawn: the process stays the same")]
fn ignore_children() -> io::Result<()> {
    let mut command = Command::new("/usr/bin/env");
    command.arg("--ignore-signal=CHLD").arg(std::env::current_exe()?).arg("launch-now");
    Err(command.exec())
}
