//! Starts processes under a timeout, and knows which children of this process it started itself:
//! whatever else becomes its child was left behind by one of them. The only place of the jig that
//! spawns.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, set_child_subreaper};

use crate::while_doing;

/// Children this process started and has not yet waited for. Made together with the promise that
/// orphans below come to us.
static OWN: LazyLock<Mutex<BTreeSet<u32>>> = LazyLock::new(|| {
    set_child_subreaper(Some(rustix::process::getpid())).expect("any process may be a subreaper");
    Mutex::new(BTreeSet::new())
});

pub(crate) fn own_children() -> MutexGuard<'static, BTreeSet<u32>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command with nothing of this process's environment but PATH.
#[expect(clippy::disallowed_methods, reason = "the jig starts the binaries it tests")]
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("LC_ALL", "C");
    command
}

/// The same command, started by a program that sets the scene and then becomes it.
pub(crate) fn under(scene: &[&str], inner: &Command) -> Command {
    let mut outer = command(scene.first().unwrap_or(&"env"));
    outer.args(scene.iter().skip(1)).arg(inner.get_program()).args(inner.get_args());
    outer.envs(inner.get_envs().filter_map(|(key, value)| Some((key, value?))));
    outer.stdin(Stdio::null());
    outer
}

/// How a process ended and what it printed.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// The exit code, or minus the signal.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A process under way. It is killed when this is dropped before its end.
pub(crate) struct Running {
    child: Child,
    what: String,
    stdout: File,
    stderr: File,
    limit: Instant,
}

/// Starts a command in a process group of its own, with output to files: a descendant that keeps
/// a pipe open could otherwise hold the reader up.
pub(crate) fn start(mut command: Command, limit: Duration) -> Result<Running, String> {
    let file = || tempfile::tempfile().map_err(while_doing("make a file for output"));
    let copy = |file: &File| file.try_clone().map_err(while_doing("copy a descriptor"));
    let (stdout, stderr) = (file()?, file()?);
    command.stdout(copy(&stdout)?).stderr(copy(&stderr)?).process_group(0);
    let what = Path::new(command.get_program()).file_name().unwrap_or_default();
    let what = what.to_string_lossy().into_owned();
    let mut own = own_children();
    let child = command.spawn().map_err(while_doing(&format!("start {what}")))?;
    own.insert(child.id());
    Ok(Running { child, what, stdout, stderr, limit: Instant::now() + limit })
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command, limit: Duration) -> Result<Ended, String> {
    command.stdin(Stdio::null());
    start(command, limit)?.wait()
}

impl Running {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends this process and nothing else, as a host that is killed ends.
    pub(crate) fn kill(&self) {
        signal(self.pid(), kill_process);
    }

    /// Ends its process group, which is what naive implementations do.
    pub(crate) fn kill_group(&self) {
        signal(self.pid(), kill_process_group);
    }

    /// Whether it has ended; does not wait.
    pub(crate) fn ended(&mut self) -> Result<bool, String> {
        Ok(self.child.try_wait().map_err(while_doing("wait"))?.is_some())
    }

    /// Waits for the end, at most until its limit.
    pub(crate) fn wait(mut self) -> Result<Ended, String> {
        while !self.ended()? {
            if Instant::now() > self.limit {
                self.kill_group();
                let _status = self.child.wait().map_err(while_doing("wait"))?;
                let ended = self.collect(-9)?;
                return Err(format!("{} did not end in time; {}", self.what, ended.stderr));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let status = self.child.wait().map_err(while_doing("wait"))?;
        let code = status.code().or(status.signal().map(|signal| -signal));
        self.collect(code.unwrap_or(i32::MIN))
    }

    fn collect(&mut self, code: i32) -> Result<Ended, String> {
        let text = |file: &mut File| {
            let mut bytes = Vec::new();
            file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map(|_| bytes)
        };
        let stdout = text(&mut self.stdout).map_err(while_doing("read its output"))?;
        let stderr = text(&mut self.stderr).map_err(while_doing("read its output"))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Ended { code, stdout: text(stdout), stderr: text(stderr) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended().unwrap_or(true) {
            self.kill_group();
            let _status = self.child.wait();
        }
        own_children().remove(&self.child.id());
    }
}

/// Sends SIGKILL.
fn signal(pid: u32, send: fn(Pid, Signal) -> rustix::io::Result<()>) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // Gone already is as good.
        send(pid, Signal::KILL).unwrap_or_default();
    }
}

/// Ends a process that some command left behind.
pub(crate) fn kill(pid: u32) {
    signal(pid, kill_process);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::Before;

    fn sh(script: &str) -> Command {
        let mut sh = command("sh");
        sh.args(["-c", script]);
        sh
    }

    #[test]
    fn what_a_process_says_and_how_it_ends_is_kept() {
        let ended = run(sh("echo out; echo err >&2; exit 7"), Duration::from_secs(10)).unwrap();
        assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (7, "out\n", "err\n"));
        let ended = run(sh("kill -9 $$"), Duration::from_secs(10)).unwrap();
        assert_eq!(ended.code, -9);
    }

    #[test]
    fn what_does_not_end_in_time_is_ended() {
        let started = Instant::now();
        assert!(run(sh("echo late >&2; sleep 60"), Duration::from_millis(200)).is_err());
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_process_left_behind_is_found_whatever_it_did_to_hide() {
        let before = Before::take();
        let ended = run(sh("setsid sh -c 'sleep 600 & echo $!'"), Duration::from_secs(10)).unwrap();
        let left = before.clean().unwrap_err();
        kill(ended.stdout.trim().parse().unwrap());
        assert!(left.contains(&format!("process {}", ended.stdout.trim())), "{left}");
        before.clean().unwrap();
    }
}
