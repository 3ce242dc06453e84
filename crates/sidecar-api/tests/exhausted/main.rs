//! A host that has no descriptor left: busy, and then it serves again. Apart from the other tests,
//! since the limit is the process's.
#![cfg(test)]

#[path = "../peer/host.rs"]
mod host;
#[path = "../../jig/mode.rs"]
mod mode;

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use saggar_model::Code;

use host::{Host, LOAD, below, goes_back_to, held, nobody_is_left};
use mode::Mode;

/// The one that answers.
const HONEST: Mode = Mode::ALL[0];

/// More than a load and a call ever need.
const ENOUGH: u64 = 64;

fn allow(descriptors: Option<u64>) {
    let limit = getrlimit(Resource::Nofile);
    let current = descriptors.or(limit.maximum);
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).expect("below the hard limit");
}

#[test]
fn i08_a_host_out_of_descriptors_is_busy_and_recovers() {
    assert_eq!(HONEST, Mode::Honest);
    let host = Host::new();
    drop(host.load(HONEST, 0).expect("the honest one loads"));
    std::thread::sleep(Duration::from_millis(300));
    let before = held();
    let (mut refused, mut served) = (0, 0);
    for more in 0..ENOUGH {
        // Without the one by which they were counted.
        allow(Some(before.0 as u64 - 1 + more));
        let start = Instant::now();
        let loaded = host.load(HONEST, more);
        let outcome = loaded.map(|sidecar| sidecar.call(0, &[1; 8], Duration::from_secs(20)));
        allow(None);
        assert!(start.elapsed() < LOAD + Duration::from_secs(40), "{more} more");
        match outcome {
            Ok(answer) => {
                assert_eq!(answer.expect("it answers"), [1; 8], "{more} more");
                served += 1;
            }
            Err(error) => {
                let told = error.feedback();
                assert_eq!(told.code, Code::Busy, "{more} more: {told}");
                assert!(told.hint.as_deref().is_some_and(|hint| hint.contains("ulimit -n")));
                refused += 1;
            }
        }
        goes_back_to(before, &format!("{more} more"));
        let sidecar = host.load(HONEST, more).expect("it recovers");
        assert_eq!(sidecar.call(0, &[2; 8], Duration::from_secs(20)).expect("it answers"), [2; 8]);
        drop(sidecar);
        goes_back_to(before, &format!("after {more} more"));
        if served > 3 {
            break;
        }
    }
    assert!(refused > 3 && served > 3, "{refused} were refused, {served} were served");
    assert!(below() > 0, "the launcher is gone");
    drop(host);
    nobody_is_left();
}
