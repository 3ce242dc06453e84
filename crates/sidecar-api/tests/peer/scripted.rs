//! One misbehaviour at a time, and what becomes of it. The honest one is the twin of all: the same
//! program, whose answers are had.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use saggar_model::{Code, Feedback};
use saggar_plugin_abi::{FileList, Sidecar, StageError};

use crate::host::{Host, LOAD, below, goes_back_to, held, nobody_is_left};
use crate::mode::Mode;

/// What this process holds is counted: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const DEADLINE: Duration = Duration::from_millis(700);
/// Only what never answers comes near it.
const LONG: Duration = Duration::from_secs(20);
const ARGS: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8];

/// A host that the honest sidecar has made to hold all that it holds at rest.
fn settled() -> (Host, (usize, usize), usize) {
    let host = Host::new();
    let sidecar = host.load(Mode::Honest, 0).expect("the honest one loads");
    assert_eq!(sidecar.call(0, ARGS, LONG).expect("it answers"), ARGS);
    drop(sidecar);
    let start = Instant::now();
    // The launcher and the next init that it has made in advance.
    while below() != 2 && start.elapsed() < LONG {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut at_rest = held();
    loop {
        std::thread::sleep(Duration::from_millis(50));
        if held() == at_rest {
            break;
        }
        at_rest = held();
    }
    (host, at_rest, below())
}

/// Nothing is held of it, and the next one is served.
fn recovers(host: Host, (before, processes): ((usize, usize), usize), mode: Mode) {
    goes_back_to(before, &format!("{mode:?}"));
    let start = Instant::now();
    while below() > processes {
        assert!(start.elapsed() < LONG, "{mode:?}: {} processes are left", below());
        std::thread::sleep(Duration::from_millis(5));
    }
    let sidecar = host.load(Mode::Honest, 1).expect("the honest one loads");
    assert_eq!(sidecar.call(0, ARGS, LONG).expect("it answers"), ARGS);
    drop((sidecar, host));
    nobody_is_left();
}

/// The load of such a one ends so, and not later than its deadline.
fn load_ends(mode: Mode, code: Code, rejected: bool, text: &str) {
    let _alone = alone();
    let (host, before, processes) = settled();
    let start = Instant::now();
    let error = host.load(mode, 7).err().expect("it does not load");
    // The machine may be busy; what hangs does so for ever.
    assert!(start.elapsed() < LOAD + LONG, "{mode:?} took {:?}", start.elapsed());
    let told = error.feedback();
    assert_eq!(told.code, code, "{mode:?}: {told}");
    assert_eq!(matches!(error, StageError::Rejected(_)), rejected, "{mode:?}: {told}");
    assert!(told.summary.contains(text), "{mode:?}: {told}");
    drop(error);
    recovers(host, (before, processes), mode);
}

/// It loads; what its call comes to is judged.
fn call_comes_to(mode: Mode, seed: u64, judge: impl FnOnce(&dyn Sidecar)) {
    let _alone = alone();
    let (host, before, processes) = settled();
    let sidecar = host.load(mode, seed).expect("it loads");
    judge(sidecar.as_ref());
    drop(sidecar);
    recovers(host, (before, processes), mode);
}

/// A call whose first list lies in a file.
pub(crate) fn with_file(
    sidecar: &dyn Sidecar,
    args: &[u8],
    file: &File,
    deadline: Duration,
) -> Result<Vec<u8>, Box<Feedback>> {
    let file = file.as_fd();
    let list = FileList { at: 0, file, offset: 0, length: 8, buffer: None, parameter: "data" };
    sidecar.call_with(0, args, &[list], deadline)
}

/// The call ends so, and with it the sidecar.
fn call_ends(mode: Mode, deadline: Duration, code: Code) {
    call_comes_to(mode, 3, |sidecar| {
        let start = Instant::now();
        let told = sidecar.call(0, ARGS, deadline).expect_err("no answer is to be believed");
        assert!(start.elapsed() < deadline + LONG, "{mode:?} took {:?}", start.elapsed());
        assert_eq!(told.code, code, "{mode:?}: {told}");
        assert!(!sidecar.alive(), "{mode:?}");
        let again = sidecar.call(0, ARGS, deadline).expect_err("there is nobody");
        assert_eq!(again.code, Code::Internal, "{mode:?}: {again}");
    });
}

#[test]
fn i01_a_result_longer_than_the_arena_is_no_result() {
    for seed in 0..4 {
        call_comes_to(Mode::Beyond, seed, |sidecar| {
            let told = sidecar.call(0, ARGS, LONG).expect_err("it is not believed");
            assert_eq!(told.code, Code::BadResult, "{told}");
            assert!(!sidecar.alive());
        });
    }
}

#[test]
fn i01_a_batch_that_is_more_than_done_is_no_answer() {
    call_comes_to(Mode::Overdone, 0, |sidecar| {
        let blocks = [ARGS; 40];
        let mut answers = sidecar.call_all(0, &blocks, LONG);
        assert!(!answers.is_empty() && answers.len() <= blocks.len());
        assert!(
            answers.drain().any(|answer| answer.is_err_and(|told| told.code == Code::BadResult))
        );
        assert!(!sidecar.alive());
    });
}

#[test]
fn i01_a_status_that_there_is_not_is_no_answer() {
    call_ends(Mode::Status, LONG, Code::BadResult);
}

#[test]
fn i01_a_reason_that_there_is_not_is_no_answer() {
    for seed in 0..4 {
        call_comes_to(Mode::NotMapped, seed, |sidecar| {
            let file = File::open("/proc/self/exe").expect("it is there");
            let told = with_file(sidecar, ARGS, &file, LONG).expect_err("it is not believed");
            assert_eq!(told.code, Code::BadResult, "{told}");
            assert!(!sidecar.alive());
        });
    }
}

#[test]
fn i04_silence_meets_the_deadline_of_the_load() {
    load_ends(Mode::Mute, Code::LoadDeadline, true, "3000 ms");
}

#[test]
fn i04_hello_for_ever_meets_the_deadline_of_the_load() {
    load_ends(Mode::Hello, Code::LoadDeadline, true, "3000 ms");
}

#[test]
fn i04_one_byte_a_second_is_no_message() {
    load_ends(Mode::Drip, Code::LoadFailed, true, "interfered");
}

#[test]
fn i04_silence_meets_the_deadline_of_the_call() {
    call_ends(Mode::Silent, DEADLINE, Code::CallDeadline);
}

#[test]
fn i04_a_wrong_number_now_and_then_is_silence() {
    call_ends(Mode::Slowly, DEADLINE, Code::CallDeadline);
}

#[test]
fn i06_descriptors_that_nobody_asked_for_are_closed() {
    call_comes_to(Mode::Descriptors, 0, |sidecar| {
        assert_eq!(sidecar.call(0, ARGS, LONG).expect("it answers"), ARGS);
    });
}

#[test]
fn i07_wrong_numbers_late_and_second_replies_are_discarded() {
    for mode in [Mode::WrongNumbers, Mode::Again, Mode::NotDead] {
        call_comes_to(mode, 0, |sidecar| {
            for round in 0..8u8 {
                let args = [round; 32];
                let answer = sidecar.call(0, &args, LONG);
                assert_eq!(answer.expect("it answers"), args, "{mode:?}");
            }
            assert!(sidecar.alive(), "{mode:?}");
        });
    }
}

#[test]
fn i09_death_in_mid_reply_is_a_crash_and_leaving_is_an_end() {
    call_ends(Mode::DiesInReply, LONG, Code::Abort);
    call_ends(Mode::LeavesInReply, LONG, Code::Exited);
}

/// What the skill printed, as the feedback of its crash has it.
fn printed(told: &Feedback) -> &str {
    let notes = told.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str());
    notes.into_iter().find(|note| note.starts_with("the skill printed")).unwrap_or_default()
}

#[test]
fn i05_a_flood_of_output_is_cut_and_what_is_lost_is_counted() {
    call_comes_to(Mode::Flood, 0, |sidecar| {
        assert_eq!(sidecar.call(0, ARGS, LONG).expect("nobody is held up"), ARGS);
        let told = sidecar.call(0, ARGS, LONG).expect_err("it crashes");
        assert_eq!(told.code, Code::Abort, "{told}");
        let printed = printed(&told);
        assert!(printed.contains("bytes are lost") && printed.len() < 2000, "{printed}");
    });
}

#[test]
fn who_speaks_out_of_turn_is_refused() {
    load_ends(Mode::Early, Code::LoadFailed, true, "interfered");
    load_ends(Mode::Nonsense, Code::LoadFailed, true, "interfered");
    load_ends(Mode::Stranger, Code::SandboxUnavailable, false, "is of build of another");
}

#[test]
fn who_says_that_it_is_confined_and_is_not_is_refused() {
    load_ends(Mode::Loose, Code::LoadFailed, true, "0 seccomp filters");
}
