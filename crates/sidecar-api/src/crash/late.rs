//! Where a process is whose time is over: it is asked by a signal, whose handler leaves what it leaves
//! of a crash. A skill can block the signal, and write what it likes in place of the handler: then its
//! end is told without a place, or with one that is of no more use to it than any other of its lies.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use saggar_jail::Jailed;
use saggar_model::Diagnostic;

use super::image::Image;
use super::left::Left;
use super::stack::End;
use super::{Control, Module};
use crate::arena::LATE;
use crate::bell::Patience;

/// How long the handler may take: more than the tenth of a second after which at the latest a cpu cgroup
/// lets a process go on. Whoever does not let the handler run is ended so much later.
const ANSWER: Duration = Duration::from_millis(150);

/// Ends a process that is late, and gives the calls that it was in, innermost first.
pub(crate) fn end_late(jailed: &Jailed, control: &Control, module: &Module) -> Vec<Diagnostic> {
    let answered = ask(jailed, control, module);
    jailed.kill();
    let left = Left::take(&control.crash);
    let base = module.base(&left);
    if !answered || left.signal != LATE.as_raw().unsigned_abs() || base == 0 {
        return Vec::new();
    }
    let bytes = module.bytes();
    let artifact = Image::parse(&bytes, base);
    artifact.map_or_else(Vec::new, |artifact| module.calls(artifact, &left, End::Deadline).0)
}

/// Asks where it is; true when something was left in time.
fn ask(jailed: &Jailed, control: &Control, module: &Module) -> bool {
    let crash = &control.crash;
    // What an earlier signal has left, which the process survived, is not the answer.
    crash.signal.store(0, Ordering::Relaxed);
    crash.complete.ring(0);
    if !module.pid.is_some_and(|pid| jailed.signal(pid, LATE)) {
        return false;
    }
    let start = Instant::now();
    while crash.complete.read() == 0 {
        let left = ANSWER.saturating_sub(start.elapsed());
        if left.is_zero() {
            return false;
        }
        crash.complete.wait(0, Some(left), &mut Patience::new(Duration::ZERO));
    }
    true
}
