//! From the fork to exec: what a payload does to itself, whatever holds it otherwise. Runs in a
//! copy of init or of a supervisor, and never returns to either.

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use saggar_model::{BpfProgram, Enforced};

use super::step::{At, Stop, report};
use super::warden::Held;
use crate::spec::{Record, Step};
use crate::{Ended, Spec, confine, pipe, sys};

/// Descriptors of the payload are parked above this number before they get their own.
const PARKED: i32 = 200;

/// Where a payload finds itself.
pub(super) struct Place<'a> {
    /// The namespaces it has of its own.
    pub(super) namespaces: &'a [&'a str],
    /// Its work directory, if the specification gives it one.
    pub(super) work: &'a Path,
    /// Directories that stay open beside the payload's own descriptors, to be entered by number.
    pub(super) kept: Vec<Kept>,
}

/// A host directory that the payload may not be able to reach by its path.
pub(super) struct Kept {
    pub(super) directory: OwnedFd,
    /// The number it gets.
    pub(super) number: i32,
    /// Its path, for the record.
    pub(super) path: String,
    /// The name by which the specification calls it.
    pub(super) target: String,
}

impl Kept {
    /// How the payload names it (proc_pid_fd(5)).
    pub(super) fn name(&self) -> String {
        format!("/proc/self/fd/{}", self.number)
    }
}

/// Confines this process and executes the payload; reports what fails and ends.
pub(super) fn start(
    spec: &Spec,
    place: Place<'_>,
    status: &mut File,
    fds: Vec<OwnedFd>,
    held: Held,
) -> ! {
    match confine_and_exec(spec, place, status, fds, held) {
        Err(stop) => report(status, &stop),
        Ok(never) => match never {},
    }
    sys::exit_now(127)
}

/// How a payload ended, its outputs still to be taken.
pub(super) fn ended(waited: &sys::Waited) -> Ended {
    let status = ExitStatus::from_raw(waited.status);
    Ended {
        exit_code: status.code(),
        signal: status.signal(),
        cpu_us: waited.cpu_us,
        max_rss_kib: waited.max_rss_kib,
        exceeded: None,
        outputs: Vec::new(),
        work: None,
    }
}

fn confine_and_exec(
    spec: &Spec,
    place: Place<'_>,
    status: &mut File,
    fds: Vec<OwnedFd>,
    held: Held,
) -> Result<std::convert::Infallible, Stop> {
    let payload = &spec.payload;
    let text = |s: &String| CString::new(s.as_str()).map_err(io::Error::other);
    let path = text(&payload.path).at(Step::Start, "path")?;
    let argv: Vec<_> =
        payload.argv.iter().map(text).collect::<Result<_, _>>().at(Step::Start, "argv")?;
    let environment =
        payload.environment.iter().map(|(key, value)| text(&format!("{key}={value}")));
    let environment: Vec<_> =
        environment.collect::<Result<_, _>>().at(Step::Start, "environment")?;
    rustix::process::setsid().at(Step::Identity, "setsid")?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    sys::reset_signals();
    if payload.idle {
        sys::be_idle().at(Step::Identity, "become idle")?;
    }
    let directory = if spec.work.is_some() { place.work } else { Path::new("/") };
    std::env::set_current_dir(directory).at(Step::Start, "enter the work directory")?;
    arrange(&payload.descriptors, fds, &place.kept, status)
        .at(Step::Descriptors, "place descriptors")?;
    confine::rlimits(&spec.rlimits).at(Step::Rlimits, "setrlimit")?;
    sys::drop_capabilities().at(Step::Identity, "drop capabilities")?;
    confine_payload(spec, &place, status, held)?;
    Err(Stop {
        step: Step::Start,
        what: format!("execute {}", payload.path),
        error: sys::execve(&path, &argv, &environment),
    })
}

/// Gives each descriptor its number and closes all others when the payload starts.
fn arrange(numbers: &[i32], fds: Vec<OwnedFd>, kept: &[Kept], status: &mut File) -> io::Result<()> {
    let park = |fd: &OwnedFd| rustix::io::fcntl_dupfd_cloexec(fd, PARKED);
    let directories = kept.iter().map(|kept| &kept.directory);
    let parked = fds.iter().chain(directories).map(park).collect::<Result<Vec<_>, _>>()?;
    let own = park(&status.as_fd().try_clone_to_owned()?)?;
    *status = File::from(own);
    drop(fds);
    let keep: Vec<i32> =
        parked.iter().map(AsRawFd::as_raw_fd).chain([status.as_raw_fd()]).collect();
    // SAFETY: what is closed here belongs to values in frames of init's copy, to which this
    // process never returns.
    unsafe { sys::close_all_except(&keep) }?;
    let numbers = numbers.iter().copied().chain(kept.iter().map(|kept| kept.number));
    for (fd, number) in parked.iter().zip(numbers) {
        let mut target = std::mem::ManuallyDrop::new(sys::adopt(number));
        rustix::io::dup2(fd, &mut target)?;
    }
    Ok(())
}

/// Confines the payload, unless it confines itself, and says what holds.
fn confine_payload(
    spec: &Spec,
    place: &Place<'_>,
    status: &mut File,
    held: Held,
) -> Result<(), Stop> {
    let mut enforced = base(spec, place.namespaces, held);
    let confinement = spec.payload.confinement.as_ref();
    if let Some(confinement) = confinement {
        confine::no_new_privs().at(Step::Seccomp, "prctl(2), PR_SET_NO_NEW_PRIVS")?;
        let exists = |path: &&str| fs::metadata(path).is_ok();
        let paths: Vec<&str> =
            confinement.read_execute.iter().map(String::as_str).filter(exists).collect();
        enforced.no_new_privs = true;
        let work = place.work.to_string_lossy();
        enforced.landlock_abi = confine::landlock(confinement.landlock_abi, &paths, &[&work])
            .at(Step::Landlock, "restrict what it may open")?;
        let shown = |path: &&str| match place.kept.iter().find(|kept| kept.name() == **path) {
            Some(kept) => format!("{} rx", kept.path),
            None => format!("{path} rx"),
        };
        enforced.landlock_paths = paths.iter().map(shown).collect();
        enforced.landlock_paths.push(format!("{work} rwx"));
        enforced.seccomp = confinement.seccomp.iter().map(BpfProgram::digest).collect();
    }
    pipe::write(&mut *status, &Record::Confined(Box::new(enforced))).at(Step::Start, "report")?;
    if let Some(confinement) = confinement {
        confine::seccomp(&confinement.seccomp).at(Step::Seccomp, "seccomp(2), install a filter")?;
    }
    Ok(())
}

/// What the jail itself enforces.
fn base(spec: &Spec, namespaces: &[&str], held: Held) -> Enforced {
    Enforced {
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        host_uid: rustix::process::geteuid().as_raw(),
        landlock_abi: 0,
        landlock_paths: Vec::new(),
        seccomp: Vec::new(),
        no_new_privs: false,
        mdwe: false,
        rlimits: confine::rlimit_names(&spec.rlimits),
        cgroup: held.cgroup,
        memory: held.memory,
    }
}
