//! The life of a jail's first process, and what can stop the set-up with the step it happened in.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use super::init::Identity;
use super::warden::{Held, MAX_ORDER, Order, Post};
use crate::spec::{Record, Step};
use crate::{Spec, pipe, sys, wire};

/// What stopped the set-up.
pub(super) struct Stop {
    pub(super) step: Step,
    pub(super) what: String,
    pub(super) error: io::Error,
}

/// Names the step an error belongs to.
pub(super) trait At<T> {
    fn at(self, step: Step, what: &str) -> Result<T, Stop>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, step: Step, what: &str) -> Result<T, Stop> {
        self.map_err(|error| Stop { step, what: what.to_owned(), error: error.into() })
    }
}

/// What a copy of the launcher has to do.
pub(super) struct Task {
    pub(super) spec: Spec,
    pub(super) held: Held,
    pub(super) who: Identity,
    /// Inputs, outputs and the payload's own, in this order.
    pub(super) descriptors: Vec<OwnedFd>,
    /// Hangs up when the launcher is no more.
    pub(super) launcher: OwnedFd,
}

/// The life of a copy of the launcher: closes what belongs to other jails, whose ends would not be
/// seen if it stayed open here, enters its cgroup, waits for its order, does what that says,
/// reports what stopped it, and ends.
pub(super) fn live(post: Post, body: impl FnOnce(Task, &mut File) -> Result<(), Stop>) -> ! {
    let Post { orders, doors, who } = post;
    let keep: Vec<i32> = doors.numbers().chain([orders.as_raw_fd()]).collect();
    // SAFETY: this process is a copy of the launcher that never returns to its loop, so the
    // values that own the closed descriptors are neither used nor dropped.
    if unsafe { sys::close_all_except(&keep) }.is_err() {
        sys::exit_now(1);
    }
    let entered = doors.enter().at(Step::Cgroup, "enter the cgroup of the jail");
    let entered = entered.and_then(|()| sys::own_keyring().at(Step::Identity, "keyctl(2)"));
    drop(doors);
    // Without an order the launcher is no more, and there is nobody to tell.
    let Some((order, mut descriptors)) = receive(&orders) else { sys::exit_now(1) };
    let mut status = File::from(descriptors.remove(0));
    let Order { spec, held } = order;
    let task = Task { spec, held, who, descriptors, launcher: orders };
    let code = match entered.and_then(|()| body(task, &mut status)) {
        Ok(()) => 0,
        Err(stop) => {
            report(&mut status, &stop);
            1
        }
    };
    sys::exit_now(code)
}

fn receive(orders: &OwnedFd) -> Option<(Order, Vec<OwnedFd>)> {
    let mut buffer = vec![0; MAX_ORDER];
    let received = wire::receive(orders, &mut buffer).ok()?;
    let order = postcard::from_bytes(&buffer[..received.length]).ok()?;
    (!received.descriptors.is_empty()).then_some((order, received.descriptors))
}

/// Tells the host over the status pipe.
pub(super) fn report(status: &mut File, stop: &Stop) {
    let (what, errno) = stop.told();
    // If the host is gone nobody wants to know.
    pipe::write(status, &Record::Failed { step: stop.step, what, errno }).unwrap_or_default();
}

impl Stop {
    /// How the host is told: what was tried and errno(3), which is 0 when the words say it all.
    pub(super) fn told(&self) -> (String, i32) {
        match self.error.raw_os_error() {
            Some(errno) => (self.what.clone(), errno),
            None => (format!("{}: {}", self.what, self.error), 0),
        }
    }
}
