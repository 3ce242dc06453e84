//! `serve`: the order of confinement, and the loop that answers calls. No generated code runs
//! before the first stage of seccomp is on, and none is called before the second.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, Mode, OFlags, openat};
use saggar_jail::confine;
use saggar_sidecar_api::arena::{ARGS, Arena, Batch, place};
use saggar_sidecar_api::bell::Patience;
use saggar_sidecar_api::wire::{
    self, BUILD_ID, Expected, FromSidecar, NOT_MAPPED, Setup, descriptor,
};
use saggar_skill_abi::frame::{Frame, Status};

use crate::files::Files;
use crate::load::{self, Skill};
use crate::{crash, places};

/// Serves until the host ends the process.
pub(crate) fn main() -> io::Result<()> {
    let declared: Vec<i32> = (0..=descriptor::ARENA).collect();
    // SAFETY: nothing in this program owns a descriptor yet.
    unsafe { confine::close_all_except(&declared) }?;
    // Under the filters Rust's library closes no descriptor: in debug builds it would ask first
    // whether it is open.
    let control = ManuallyDrop::new(confine::inherited(descriptor::CONTROL));
    wire::send(&*control, &FromSidecar::Hello { build: BUILD_ID.to_owned() })?;
    let setup: Setup = wire::receive(&*control)?;
    if setup.build != BUILD_ID {
        return Ok(()); // the host has seen the hello and says so
    }
    let own_descriptors =
        openat(CWD, "/proc/self/fd", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let own_descriptors = ManuallyDrop::new(own_descriptors);
    let arena_fd = confine::inherited(descriptor::ARENA);
    let size = usize::try_from(setup.arena).map_err(io::Error::other)?;
    // It lives as long as the process: the crash handler writes to it.
    let window = usize::try_from(setup.window).map_err(io::Error::other)?;
    let arena = Arena::map_with_window(&arena_fd, size, window)?;
    let arena: &'static Arena = Box::leak(Box::new(arena));
    drop(arena_fd);
    let places = places::take(arena);
    crash::install(arena, places.stack)?;
    match confine_self(&setup) {
        Ok((landlock_abi, mdwe)) => {
            wire::send(&*control, &FromSidecar::Confined { landlock_abi, mdwe, places })?;
        }
        Err((step, error)) => {
            let message = error.to_string();
            return wire::send(
                &*control,
                &FromSidecar::NotConfined { step: step.to_owned(), message },
            );
        }
    }
    let (expected, artifact) = match wire::receive_artifact(&*control) {
        // This process is not needed: the build failed, or the host has ended.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
        other => other?,
    };
    // The loader knows libraries by their path: it stays open while the process lives.
    let artifact = ManuallyDrop::new(artifact);
    let skill = match load_here(&own_descriptors, &artifact, &expected) {
        Ok(skill) => skill,
        Err(message) => return wire::send(&*control, &FromSidecar::LoadFailed { message }),
    };
    confine::close(ManuallyDrop::into_inner(own_descriptors));
    if let Err(error) = confine::seccomp(&setup.serve) {
        let message = format!("the second stage of seccomp: {error}");
        return wire::send(&*control, &FromSidecar::LoadFailed { message });
    }
    wire::send(&*control, &FromSidecar::Ready { base: skill.base() })?;
    serve(arena, &skill, Files::new(&*control), Patience::new(setup.patience))
}

/// DESIGN's order, once the undeclared descriptors are closed.
fn confine_self(setup: &Setup) -> Result<(u32, bool), (&'static str, io::Error)> {
    let step = |name: &'static str| move |error| (name, error);
    confine::rlimits(&setup.rlimits).map_err(step("resource limits"))?;
    confine::not_dumpable().map_err(step("not dumpable"))?;
    let mdwe = confine::mdwe(setup.mdwe).map_err(step("MDWE"))?;
    confine::no_new_privs().map_err(step("no_new_privs"))?;
    let abi = confine::landlock(setup.landlock_abi, &[], &[]).map_err(step("Landlock"))?;
    confine::seccomp(&setup.load).map_err(step("seccomp"))?;
    Ok((abi, mdwe))
}

/// Loads the artifact by its descriptor, seen from the directory of this process's descriptors,
/// and leaves that directory again.
fn load_here(
    own_descriptors: &OwnedFd,
    artifact: &OwnedFd,
    expected: &Expected,
) -> Result<Skill, String> {
    let failed = |error: rustix::io::Errno| error.to_string();
    rustix::process::fchdir(own_descriptors).map_err(failed)?;
    let skill = load::load(&format!("./{}", artifact.as_raw_fd()), expected);
    rustix::process::chdir("/").map_err(failed)?;
    skill
}

/// What no glue answers: the host asked for a function that is not there.
const NO_FUNCTION: u32 = u32::MAX;

fn serve(
    arena: &Arena,
    skill: &Skill,
    mut files: Files<'_>,
    mut patience: Patience,
) -> io::Result<()> {
    let (asked, answered) = (&arena.control().asked, &arena.control().answered);
    let mut served = 0;
    loop {
        let mut number = served;
        while number == served {
            number = asked.request.wait(served, None, &mut patience);
        }
        served = number;
        let function = asked.function.load(Ordering::Relaxed);
        let results = offset(&asked.result_at);
        let count = asked.count.load(Ordering::Relaxed);
        if let Err(error) = files.before(arena, asked.files.load(Ordering::Relaxed)) {
            let errno = error.raw_os_error().unwrap_or(0);
            answered.status.store(NOT_MAPPED, Ordering::Relaxed);
            answered.result_len.store(u64::from(errno.unsigned_abs()), Ordering::Relaxed);
            answered.reply.ring(number);
            continue;
        }
        match count {
            0 => {
                let args = (ARGS, asked.args_len.load(Ordering::Relaxed));
                let (status, length) = call(arena, skill, function, args, results);
                answered.status.store(status, Ordering::Relaxed);
                answered.result_len.store(length, Ordering::Relaxed);
            }
            count => batch(arena, skill, function, &arena.batch(count as usize)?, results),
        }
        files.after(arena)?;
        answered.reply.ring(number);
    }
}

fn offset(word: &AtomicU64) -> usize {
    usize::try_from(word.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
}

/// Calls a function with the arguments at a place and of a length, its result to go to another.
/// Gives its status and the length of the result.
fn call(
    arena: &Arena,
    skill: &Skill,
    function: u32,
    (args, args_len): (usize, u64),
    result: usize,
) -> (u32, u64) {
    let mut frame = Frame {
        args: arena.pointer(args),
        args_len,
        result: arena.pointer(result),
        result_cap: arena.room(result) as u64,
        result_len: 0,
    };
    let status = skill.call(function, &mut frame).unwrap_or(NO_FUNCTION);
    (status, frame.result_len)
}

/// Calls a function once for each argument block, the results one behind the other.
fn batch(arena: &Arena, skill: &Skill, function: u32, batch: &Batch<'_>, results: usize) {
    let (mut args, mut at) = (batch.blocks, results);
    for (done, (length, end)) in (1..).zip(batch.lengths.iter().zip(batch.ends)) {
        let args_len = length.load(Ordering::Relaxed);
        args = place(args, usize::try_from(args_len).unwrap_or(usize::MAX));
        let (status, result_len) = call(arena, skill, function, (args, args_len), at);
        if status == Status::ResultTooLarge as u32 && at > results {
            // It may have the room to itself in the next batch.
            return;
        }
        end.result_len.store(result_len, Ordering::Relaxed);
        end.status.store(status.into(), Ordering::Release);
        arena.control().progress.done.store(done, Ordering::Release);
        // What has no room any more is for the next batch.
        let (Some(next), Some(result)) =
            (arena.behind(args, args_len), arena.behind(at, result_len))
        else {
            return;
        };
        (args, at) = (next, result);
    }
}
