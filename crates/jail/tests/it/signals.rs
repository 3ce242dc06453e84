//! A signal for a payload goes to the payload of that jail and to nobody else.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

use rustix::process::Signal;
use saggar_jail::{Jailed, Spec};
use saggar_model::Isolation;

use crate::rig::{Process, Rig, input, launchers, processes, rig, spec, until, word};

/// A jail whose payload waits for ever, the payload, and what it waits for.
fn waiting(rig: &Rig, isolation: Isolation) -> (Jailed, Process, OwnedFd) {
    let name = word("signalled");
    let spec = Spec { isolation, ..spec(&["wait", &name]) };
    let (theirs, ours) = input();
    let null = File::options().write(true).open("/dev/null").expect("/dev/null");
    let fds = [theirs.as_fd(), null.as_fd(), null.as_fd()];
    let jailed = rig.launcher.spawn(&spec, &fds).expect("a jail");
    let payload = until(|| processes(&name).pop());
    (jailed, payload, ours)
}

#[test]
fn a_signal_meets_the_payload_and_nobody_else() {
    for launcher in launchers() {
        for isolation in [Isolation::Namespaces, Isolation::Process] {
            let rig = rig(launcher);
            let (mut jailed, payload, _ours) = waiting(&rig, isolation);
            let (other, others, _theirs) = waiting(&rig, isolation);
            let own = i32::try_from(std::process::id()).expect("a pid");
            for pid in [others.pid, others.parent(), payload.parent(), own, 1, 0, -1, i32::MAX] {
                assert!(!jailed.signal(pid, Signal::XCPU), "{launcher}, {isolation:?}: {pid}");
            }
            assert!(!payload.is_gone() && !others.is_gone(), "{launcher}, {isolation:?}");
            assert!(jailed.signal(payload.pid, Signal::XCPU), "{launcher}, {isolation:?}");
            until(|| jailed.pump_now().then_some(()));
            assert!(!jailed.signal(payload.pid, Signal::XCPU), "{launcher}, {isolation:?}");
            let outcome = jailed.wait().expect("it had started");
            assert_eq!(outcome.ended.and_then(|ended| ended.signal), Some(Signal::XCPU.as_raw()));
            assert!(!others.is_gone(), "{launcher}, {isolation:?}");
            other.kill();
            other.wait().expect("it had started");
        }
    }
}
