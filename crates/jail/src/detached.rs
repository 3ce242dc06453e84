//! Starting a process that outlives this one and has nothing of it: a session of its own, no
//! descriptors but `/dev/null`, the lowest priority. For work that only makes later work faster.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Starts a program and forgets it. It keeps the environment, is in `/`, in a session of its own,
/// and runs when nobody else wants the processor (`SCHED_IDLE`, sched(7), and nice 19).
///
/// # Errors
/// When it cannot be started.
pub fn spawn_detached<S: AsRef<OsStr>>(
    executable: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this crate is the one that spawns")]
    let mut command = Command::new(executable);
    command
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: between fork and exec only async-signal-safe functions may run: `detach` makes
    // system calls and allocates nothing.
    unsafe { command.pre_exec(detach) };
    // Not waited for: whoever starts something detached is about to end, and init reaps it.
    command.spawn().map(drop)
}

/// What the new process does to itself before it executes.
fn detach() -> io::Result<()> {
    rustix::process::setsid()?;
    // Everything but the standard streams goes when the program starts; until then the descriptor
    // on which a failure is reported is needed (close_range(2)).
    // SAFETY: a system call with integers only.
    let closed = unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
    };
    if closed != 0 {
        return Err(io::Error::last_os_error());
    }
    rustix::process::setpriority_process(None, 19)?;
    let none = libc::sched_param { sched_priority: 0 };
    // SAFETY: sched_setscheduler reads one structure, which lives on this stack.
    if unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const none) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};
    use std::{fs, thread};

    use rustix::io::{FdFlags, fcntl_setfd};

    use super::spawn_detached;

    /// What the process says of itself, once it has said all of it.
    fn told(path: &Path) -> String {
        let start = Instant::now();
        loop {
            let text = fs::read_to_string(path).unwrap_or_default();
            if text.ends_with("end\n") {
                return text;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "it says nothing: {text}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_detached_process_has_nothing_of_this_one() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let leak = fs::File::create(dir.path().join("leak")).unwrap();
        // Open for whoever is started without care.
        fcntl_setfd(&leak, FdFlags::empty()).unwrap();
        let script = format!(
            "exec >{0}; for fd in /proc/$$/fd/*; do readlink $fd; done; cut -d' ' -f6,19,41 \
             /proc/$$/stat; pwd; echo $$; echo end",
            out.display()
        );
        spawn_detached(Path::new("/bin/sh"), ["-c", &script]).unwrap();
        let text = told(&out);
        let mut lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.pop(), Some("end"));
        let pid = lines.pop().unwrap();
        assert_eq!(lines.pop(), Some("/"));
        // Session, nice value, scheduling policy (proc_pid_stat(5)).
        assert_eq!(lines.pop(), Some(format!("{pid} 19 5").as_str()));
        assert!(lines.iter().all(|file| !file.contains("leak")), "{lines:?}");
        assert!(lines.contains(&"/dev/null"), "{lines:?}");
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        assert!(spawn_detached(Path::new("/nonexistent/program"), ["x"]).is_err());
    }
}
