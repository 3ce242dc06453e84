//! Signals to a jail's payload, of which the host has no handle but its process id: sent to the payload
//! and never to somebody else who was given that number since.

use std::fs;
use std::os::fd::{AsFd, AsRawFd};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::Jailed;

impl Jailed {
    /// Sends a signal to the payload, which has or had this process id. True when it was sent.
    pub fn signal(&self, payload: i32, signal: Signal) -> bool {
        let pid = Some(payload).filter(|pid| *pid > 0).and_then(Pid::from_raw);
        let handle = pid.map(|pid| pidfd_open(pid, PidfdFlags::empty()));
        let Some(Ok(handle)) = handle else { return false };
        let parent = number(&format!("/proc/{payload}/status"), "PPid:");
        // What was read is about the process of the handle if that has the number even now.
        let is_it = process_of(&handle) == Some(payload);
        is_it
            && parent.is_some()
            && parent == process_of(&self.pidfd)
            && pidfd_send_signal(&handle, signal).is_ok()
    }
}

/// The process id behind a handle (pidfd_open(2)); less than 1 once it is gone.
fn process_of(handle: impl AsFd) -> Option<i32> {
    number(&format!("/proc/self/fdinfo/{}", handle.as_fd().as_raw_fd()), "Pid:")
}

/// The number behind a word in a file of `/proc`.
fn number(path: &str, word: &str) -> Option<i32> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(word))?.trim().parse().ok()
}
