//! A jail without namespaces. A supervisor, a copy of the launcher, takes init's place: it makes
//! a work directory, starts the payload under Landlock, seccomp and rlimits, watches what those
//! do not hold, ends every descendant, and hands out the outputs. Orphans come to it, so nothing
//! that a payload leaves behind gets away.

use std::fs::File;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, getrlimit, kill_process_group,
    set_child_subreaper, setrlimit, waitid,
};

use super::init;
use super::payload::{self, Kept, Place};
use super::scratch::{self, Scratch};
use super::step::{self, At, Stop, Task};
use super::tree;
use super::warden::{Held, Post};
use super::work::{self, Descriptors};
use crate::spec::{Record, Step};
use crate::{Bind, Ended, Exceeded, Root, Spec, confine, pipe, sys};

/// Between two looks at what a build holds.
const TICK: Duration = Duration::from_millis(20);
/// A sidecar has nothing that needs looking at: no directory, no processes of its own.
const REST: Duration = Duration::from_secs(3600);
/// Numbers of the directories that are kept open for a payload, from this one on.
const FIRST_KEPT: i32 = 100;
/// Least number of processes that a user may have beside those there are.
const SPARE: u64 = 64;
/// What lies in the work directory, as a specification names it.
const WORK: &str = "/work/";
/// The executable of this process, which a payload may not be able to reach by its path.
const OWN_IMAGE: &str = "/proc/self/exe";

/// The whole life of a supervisor.
pub(super) fn run(post: Post) -> ! {
    step::live(post, supervise)
}

/// Makes orphans come to this process: for the launcher before it makes a supervisor, so that it
/// can end what a killed one leaves behind, and for the supervisor itself.
pub(super) fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(Some(rustix::process::getpid()))?)
}

/// What the launcher does once a supervisor was killed: its descendants have become the
/// launcher's children, beside the supervisors and inits in `others`.
pub(super) fn clear_up(others: &[i32], owner: u32) {
    // Nobody is left to be told; what lives on is hit again after the next run.
    tree::end(others, drop).unwrap_or_default();
    scratch::sweep(owner);
}

fn supervise(task: Task, status: &mut File) -> Result<(), Stop> {
    let Task { spec, held, who, descriptors, launcher } = task;
    // From here on the end of the launcher is a signal that waits until it is asked for.
    sys::block_signals().at(Step::Supervisor, "block signals")?;
    adopt_orphans().at(Step::Supervisor, "PR_SET_CHILD_SUBREAPER")?;
    let kept = keep_all(&spec.root)?;
    init::identity(who, &launcher, Signal::TERM)?;
    sys::drop_capabilities().at(Step::Identity, "drop capabilities")?;
    confine::not_dumpable().at(Step::Identity, "make the supervisor not dumpable")?;
    tree::own_children(&[]).at(Step::Supervisor, "look for descendants in /proc")?;
    let descriptors = Descriptors::sort(&spec, descriptors)?;
    let scratch = spec.work.as_ref().map(|work| Scratch::make(work.size));
    let scratch = scratch.transpose().at(Step::Inputs, "make a work directory")?;
    let outcome = within(&spec, scratch.as_ref(), status, descriptors, kept, held);
    scratch.map(Scratch::remove).unwrap_or_default();
    match outcome? {
        Some(ended) => pipe::write(status, &Record::Ended(ended)).at(Step::Start, "report"),
        // The host sees the pipe closed: nobody knows how the payload would have ended.
        None => Ok(()),
    }
}

/// Why a supervisor no longer waits for a payload that may still run.
enum Cause {
    Exceeded(Exceeded),
    /// A signal told the supervisor to end.
    Told,
}

/// Everything between the making of the work directory and its removal. `None` if somebody told the
/// supervisor to end.
fn within(
    spec: &Spec,
    scratch: Option<&Scratch>,
    status: &mut File,
    descriptors: Descriptors,
    kept: Vec<Kept>,
    held: Held,
) -> Result<Option<Ended>, Stop> {
    let root = "/".as_ref();
    let at = scratch.map_or(root, Scratch::path);
    if let Some(work) = &spec.work {
        work::fill(at, work, descriptors.inputs).at(Step::Inputs, "fill the work directory")?;
        show(at, &kept).at(Step::Inputs, "show files in the work directory")?;
    }
    let mut moved = moved(spec, &at.to_string_lossy(), &kept);
    moved.rlimits.processes = room_for(spec.processes).at(Step::Rlimits, "count processes")?;
    // SAFETY: the supervisor is a copy of the launcher, which has one thread.
    let child = unsafe { sys::fork() }.at(Step::Start, "fork")?;
    let Some(child) = child else {
        let place = Place { namespaces: &[], work: at, kept };
        payload::start(&moved, place, status, descriptors.payload, held)
    };
    drop((descriptors.payload, kept));
    let cause = watch(spec, scratch, child);
    let mut ended = None;
    tree::end(&[], |waited| {
        if waited.pid == child {
            ended = Some(payload::ended(&waited));
        }
    })
    .at(Step::Supervisor, "end what is left")?;
    let exceeded = match cause? {
        Some(Cause::Told) => return Ok(None),
        Some(Cause::Exceeded(exceeded)) => Some(exceeded),
        None => None,
    };
    let gone = || io::Error::from_raw_os_error(libc::ECHILD);
    let mut ended = ended.ok_or_else(gone).at(Step::Start, "wait")?;
    ended.exceeded = exceeded;
    if let Some(work) = &spec.work {
        ended.outputs = work::take_all(at, work, descriptors.outputs);
        ended.work = Some(at.to_string_lossy().into_owned());
    }
    Ok(Some(ended))
}

/// Returns when the payload has ended, has gone beyond a limit, or this process is told to end, as it
/// is when the launcher is no more. The
/// payload is not waited for yet, so its number still names its process group, of which everything
/// is ended that did not leave it.
fn watch(spec: &Spec, scratch: Option<&Scratch>, child: i32) -> Result<Option<Cause>, Stop> {
    let pid = Pid::from_raw(child).ok_or_else(|| io::Error::from_raw_os_error(libc::ECHILD));
    let pid = pid.at(Step::Start, "fork")?;
    let outcome = loop {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if waitid(WaitId::Pid(pid), look).at(Step::Start, "wait")?.is_some() {
            break Ok(None);
        }
        let tick = if scratch.is_some() { TICK } else { REST };
        let signal = sys::wait_signal(tick).at(Step::Supervisor, "wait for a signal")?;
        if signal.is_some_and(|signal| sys::ENDINGS.contains(&signal)) {
            break Ok(Some(Cause::Told));
        }
        tree::reap_others(child).at(Step::Supervisor, "wait for orphans")?;
        let Some((scratch, work)) = scratch.zip(spec.work.as_ref()) else { continue };
        if scratch.exceeds(work.size) {
            break Ok(Some(Cause::Exceeded(Exceeded::Work)));
        }
    };
    // A failure means that the group is gone; the descendants are looked for all the same.
    kill_process_group(pid, Signal::KILL).unwrap_or_default();
    outcome
}

/// Opens what a payload knows by another name, with the launcher's own user id: a toolchain may lie
/// in a home that only its owner, or root, can enter. A file that was to lie in the work directory
/// and is gone is left out; without its toolchain nothing runs.
fn keep_all(root: &Root) -> Result<Vec<Kept>, Stop> {
    let elsewhere = root.binds.iter().filter(|bind| bind.source != bind.target);
    let keep = |(number, bind): (i32, &Bind)| {
        let directory = openat(CWD, &bind.source, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
        let gone = matches!(directory, Err(Errno::NOENT));
        if gone && bind.target.starts_with(WORK) {
            return None;
        }
        let (path, target) = (bind.source.clone(), bind.target.clone());
        let kept = directory.map(|directory| Kept { directory, number, path, target });
        Some(kept.at(Step::Toolchain, &format!("open {}", bind.source)))
    };
    (FIRST_KEPT..).zip(elsewhere).filter_map(keep).collect()
}

/// Puts links into the work directory, in place of the mounts that a root of its own would have.
fn show(work: &Path, kept: &[Kept]) -> io::Result<()> {
    let inside = |kept: &Kept| Some((kept.target.strip_prefix(WORK)?.to_owned(), kept.name()));
    let mut links = kept.iter().filter_map(inside);
    links.try_for_each(|(at, to)| symlink(to, work.join(at)))
}

/// The specification with every path where it is on this host.
fn moved(spec: &Spec, work: &str, kept: &[Kept]) -> Spec {
    let outside = kept.iter().filter(|kept| !kept.target.starts_with(WORK));
    let mut moves: Vec<_> = outside.map(|kept| (kept.target.clone(), kept.name())).collect();
    moves.push(("/work".to_owned(), work.to_owned()));
    if spec.root.own_image {
        moves.push(("/sidecar".to_owned(), OWN_IMAGE.to_owned()));
    }
    let place = |text: &mut String| *text = in_place(text, &moves);
    let mut moved = spec.clone();
    let payload = &mut moved.payload;
    place(&mut payload.path);
    payload.argv.iter_mut().for_each(place);
    payload.environment.iter_mut().for_each(|(_, value)| place(value));
    if let Some(confinement) = &mut payload.confinement {
        confinement.read_execute.iter_mut().for_each(place);
        let inside = kept.iter().filter(|kept| kept.target.starts_with(WORK));
        confinement.read_execute.extend(inside.map(Kept::name));
    }
    moved
}

/// Puts the first path of a text that starts with one of these in its real place. A path starts at
/// the text's own start, after `=`, `:` or `,`, or after an option of one letter.
fn in_place(text: &str, moves: &[(String, String)]) -> String {
    let starts_path = |before: &str| {
        let option = before.len() == 2 && before.starts_with('-');
        before.is_empty() || before.ends_with(['=', ':', ',']) || option
    };
    let ends_part = |after: &str| after.is_empty() || after.starts_with(['/', '=', ':', ',']);
    for (from, to) in moves {
        for (at, _) in text.match_indices(from.as_str()) {
            let (before, after) = (&text[..at], &text[at + from.len()..]);
            if starts_path(before) && ends_part(after) {
                return format!("{before}{to}{after}");
            }
        }
    }
    text.to_owned()
}

/// An RLIMIT_NPROC that leaves room for so many processes. It counts everything that the user
/// runs, here and in other containers, so no list in `/proc` says what there is; forks under a
/// growing limit until one succeeds, which is less than twice as much.
fn room_for(processes: u32) -> io::Result<u64> {
    let before = getrlimit(Resource::Nproc);
    let most = before.maximum.unwrap_or(u64::MAX);
    let spare = u64::from(processes).max(SPARE);
    let mut limit = SPARE.min(most);
    loop {
        setrlimit(Resource::Nproc, Rlimit { current: Some(limit), maximum: before.maximum })?;
        // SAFETY: the supervisor is a copy of the launcher, which has one thread.
        match unsafe { sys::fork() } {
            Ok(None) => sys::exit_now(0),
            Ok(Some(child)) => {
                sys::wait_for(child)?;
                setrlimit(Resource::Nproc, before)?;
                return Ok(limit.saturating_add(spare).min(most));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && limit < most => {
                limit = limit.saturating_mul(2).min(most);
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_path_is_put_in_its_place_and_nothing_else() {
        let moves = [("/work", "/w/1"), ("/rust", "/proc/self/fd/100")];
        let moves = moves.map(|(from, to)| (from.to_owned(), to.to_owned()));
        for (text, expected) in [
            ("/work", "/w/1"),
            ("/work/tmp", "/w/1/tmp"),
            ("-I/work", "-I/w/1"),
            ("-ffile-prefix-map=/work=/work", "-ffile-prefix-map=/w/1=/work"),
            ("--sysroot=/rust", "--sysroot=/proc/self/fd/100"),
            ("/rust/bin/rustc", "/proc/self/fd/100/bin/rustc"),
            ("/workshop", "/workshop"),
            ("/usr/work/x", "/usr/work/x"),
            ("-DX=\"/workers\"", "-DX=\"/workers\""),
            ("out/skill.so", "out/skill.so"),
        ] {
            assert_eq!(in_place(text, &moves), expected);
        }
    }
}
