//! The first process of a jail: sets it up, starts the payload, waits, ends what is left, hands
//! out the outputs. Never returns into the launcher's loop, of which it is a copy.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, set_parent_process_death_signal};
use saggar_model::{BpfProgram, Enforced, MemoryLimit};

use super::mounts;
use crate::spec::{Record, Step};
use crate::{Ended, OutputFile, OutputState, Spec, confine, pipe, sys};

/// Every jail has its own of each.
pub(super) const NAMESPACES: u64 = (libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP) as u64;
const NAMES: [&str; 7] = ["user", "pid", "mount", "network", "ipc", "uts", "cgroup"];

/// Descriptors of the payload are parked above this number before they get their own.
const PARKED: i32 = 200;

/// Who jailed code is. Worked out before the user namespace exists, inside which nobody is root.
#[derive(Clone, Copy)]
pub(super) struct Identity {
    /// Its user and group id inside, and its user id outside.
    pub(super) id: u32,
    /// The launcher is root: supplementary groups can be dropped.
    pub(super) from_root: bool,
}

impl Identity {
    /// The user's own id, or the policy's choice when that would be root.
    pub(super) fn new(root_becomes: u32) -> Self {
        let uid = rustix::process::geteuid();
        let id = if uid.is_root() { root_becomes } else { uid.as_raw() };
        Identity { id, from_root: uid.is_root() }
    }
}

/// What stopped the set-up.
struct Stop {
    step: Step,
    what: String,
    error: io::Error,
}

/// Names the step an error belongs to.
trait At<T> {
    fn at(self, step: Step, what: &str) -> Result<T, Stop>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, step: Step, what: &str) -> Result<T, Stop> {
        self.map_err(|error| Stop { step, what: what.to_owned(), error: error.into() })
    }
}

/// The whole life of a jail's init.
pub(super) fn run(
    spec: &Spec,
    who: Identity,
    status: OwnedFd,
    descriptors: Vec<OwnedFd>,
    wait: OwnedFd,
    controllers: Vec<String>,
) -> ! {
    let mut keep: Vec<i32> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    keep.extend([status.as_raw_fd(), wait.as_raw_fd()]);
    // What belongs to other jails must not stay open here: their ends would not be seen.
    // SAFETY: this process is a copy of the launcher that never returns to its loop, so the
    // values that own the closed descriptors are neither used nor dropped.
    if unsafe { sys::close_all_except(&keep) }.is_err() {
        sys::exit_now(1);
    }
    let mut status = File::from(status);
    let code = match jail(spec, who, &mut status, descriptors, wait, controllers) {
        Ok(()) => 0,
        Err(stop) => {
            report(&mut status, &stop);
            1
        }
    };
    sys::exit_now(code)
}

fn report(status: &mut File, stop: &Stop) {
    let errno = stop.error.raw_os_error().unwrap_or(libc::EIO);
    let what = match stop.error.raw_os_error() {
        Some(_) => stop.what.clone(),
        None => format!("{}: {}", stop.what, stop.error),
    };
    // If the host is gone nobody wants to know.
    pipe::write(status, &Record::Failed { step: stop.step, what, errno }).unwrap_or_default();
}

fn jail(
    spec: &Spec,
    who: Identity,
    status: &mut File,
    mut descriptors: Vec<OwnedFd>,
    wait: OwnedFd,
    controllers: Vec<String>,
) -> Result<(), Stop> {
    wait_for_maps(&wait)?;
    let taken = mounts::take_all(&spec.root).at(Step::Mounts, "take the host's paths")?;
    identity(who, &wait)?;
    mounts::stage(taken, spec.work.as_ref()).at(Step::Mounts, "build the root")?;
    if spec.root.proc {
        mounts::proc().at(Step::Proc, "mount /proc")?;
    }
    mounts::enter().at(Step::Mounts, "enter the root")?;
    rustix::system::sethostname(b"saggar").at(Step::Mounts, "sethostname")?;
    let work = spec.work.as_ref();
    let inputs = work.map_or(0, |work| work.inputs.len());
    let outputs = work.map_or(0, |work| work.outputs.len());
    if descriptors.len() != inputs + outputs + spec.payload.descriptors.len() {
        let error = io::Error::from_raw_os_error(libc::EPROTO);
        return Err(Stop { step: Step::Descriptors, what: "count them".into(), error });
    }
    let payload_fds = descriptors.split_off(inputs + outputs);
    let output_fds = descriptors.split_off(inputs);
    if let Some(work) = work {
        fill_work(work, descriptors).at(Step::Inputs, "fill /work")?;
    }
    sys::drop_capabilities().at(Step::Identity, "drop capabilities")?;
    confine::not_dumpable().at(Step::Identity, "make init not dumpable")?;
    // SAFETY: init is a copy of the launcher, which has one thread.
    let child = unsafe { sys::fork() }.at(Step::Start, "fork")?;
    let Some(child) = child else {
        let stop = payload(spec, status, payload_fds, controllers);
        report(status, &stop);
        sys::exit_now(127)
    };
    drop(payload_fds);
    let mut ended = reap(child).at(Step::Start, "wait")?;
    if let Some(work) = work {
        ended.outputs =
            work.outputs.iter().zip(output_fds).map(|(file, to)| take(file, to)).collect();
    }
    pipe::write(status, &Record::Ended(ended)).at(Step::Start, "report")
}

/// Waits until the launcher has written the id maps.
fn wait_for_maps(wait: &OwnedFd) -> Result<(), Stop> {
    let mut go = [0; 1];
    let got = loop {
        match rustix::io::read(wait, &mut go) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.at(Step::Namespaces, "wait for the id maps")?,
        }
    };
    if got == 0 {
        sys::exit_now(1);
    }
    Ok(())
}

/// Takes the id and ties its life to the launcher's: by the death signal from here on, and by a
/// look at the pipe for the time before.
fn identity(who: Identity, wait: &OwnedFd) -> Result<(), Stop> {
    sys::become_user(who.id, who.from_root).at(Step::Identity, "take the user id")?;
    set_parent_process_death_signal(Some(Signal::KILL)).at(Step::Identity, "PR_SET_PDEATHSIG")?;
    let mut fds = [PollFd::new(wait, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).at(Step::Identity, "poll")?;
    if fds[0].revents().contains(PollFlags::HUP) {
        sys::exit_now(1);
    }
    Ok(())
}

fn fill_work(work: &crate::Work, contents: Vec<OwnedFd>) -> io::Result<()> {
    for directory in ["/work/out", "/work/tmp"] {
        fs::create_dir(directory)?;
    }
    for (input, content) in work.inputs.iter().zip(contents) {
        let mut from = File::from(content);
        from.rewind()?;
        let mut to = File::create_new(format!("/work/{}", input.name))?;
        io::copy(&mut from, &mut to)?;
    }
    Ok(())
}

/// Waits for the payload, then ends and reaps all it left behind.
fn reap(child: i32) -> io::Result<Ended> {
    let mut ended = None;
    while let Some(waited) = sys::wait_any()? {
        if waited.pid != child {
            continue;
        }
        let status = ExitStatus::from_raw(waited.status);
        ended = Some(Ended {
            exit_code: status.code(),
            signal: status.signal(),
            cpu_us: waited.cpu_us,
            max_rss_kib: waited.max_rss_kib,
            outputs: Vec::new(),
        });
        sys::kill_all_others();
    }
    ended.ok_or_else(|| io::Error::from_raw_os_error(libc::ECHILD))
}

/// Copies an output to the host, if it is a regular file with one name: the payload could have
/// put anything in its place. Nothing of the payload runs any more.
fn take(file: &OutputFile, to: OwnedFd) -> OutputState {
    let path = format!("/work/out/{}", file.name);
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
    let Ok(meta) = fs::symlink_metadata(&path) else { return OutputState::Missing };
    let kind = meta.file_type();
    if !kind.is_file() {
        let names = [
            (kind.is_symlink(), "a symbolic link"),
            (kind.is_dir(), "a directory"),
            (kind.is_fifo(), "a FIFO"),
        ];
        let name = names.iter().find(|(is, _)| *is).map_or("no file", |(_, name)| name);
        return OutputState::NotRegular(name.to_owned());
    }
    if meta.nlink() != 1 {
        return OutputState::NotRegular("a file with several names".to_owned());
    }
    if meta.len() > file.max {
        return OutputState::TooLarge(meta.len());
    }
    let copied = File::options()
        .read(true)
        .custom_flags(flags)
        .open(&path)
        .and_then(|from| io::copy(&mut from.take(file.max), &mut File::from(to)));
    copied.map_or(OutputState::Missing, OutputState::Taken)
}

/// From the fork to exec; returns only if something fails.
fn payload(spec: &Spec, status: &mut File, fds: Vec<OwnedFd>, controllers: Vec<String>) -> Stop {
    match confine_and_exec(spec, status, fds, controllers) {
        Err(stop) => stop,
        Ok(never) => match never {},
    }
}

fn confine_and_exec(
    spec: &Spec,
    status: &mut File,
    fds: Vec<OwnedFd>,
    controllers: Vec<String>,
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
    let directory = if spec.work.is_some() { "/work" } else { "/" };
    std::env::set_current_dir(directory).at(Step::Start, "enter the work directory")?;
    place(&payload.descriptors, fds, status).at(Step::Descriptors, "place descriptors")?;
    confine::rlimits(&spec.rlimits).at(Step::Rlimits, "setrlimit")?;
    sys::drop_capabilities().at(Step::Identity, "drop capabilities")?;
    confine_payload(spec, status, controllers)?;
    Err(Stop {
        step: Step::Start,
        what: format!("execute {}", payload.path),
        error: sys::execve(&path, &argv, &environment),
    })
}

/// Gives each descriptor its number and closes all others when the payload starts.
fn place(numbers: &[i32], fds: Vec<OwnedFd>, status: &mut File) -> io::Result<()> {
    let park = |fd: &OwnedFd| rustix::io::fcntl_dupfd_cloexec(fd, PARKED);
    let parked = fds.iter().map(park).collect::<Result<Vec<_>, _>>()?;
    let own = park(&status.as_fd().try_clone_to_owned()?)?;
    *status = File::from(own);
    drop(fds);
    let keep: Vec<i32> =
        parked.iter().map(AsRawFd::as_raw_fd).chain([status.as_raw_fd()]).collect();
    // SAFETY: what is closed here belongs to values in frames of init's copy, to which this
    // process never returns.
    unsafe { sys::close_all_except(&keep) }?;
    for (fd, number) in parked.iter().zip(numbers) {
        let mut target = std::mem::ManuallyDrop::new(sys::adopt(*number));
        rustix::io::dup2(fd, &mut target)?;
    }
    Ok(())
}

/// Confines the payload, unless it confines itself, and says what holds.
fn confine_payload(spec: &Spec, status: &mut File, controllers: Vec<String>) -> Result<(), Stop> {
    let mut enforced = base(spec, controllers);
    let confinement = spec.payload.confinement.as_ref();
    if let Some(confinement) = confinement {
        confine::no_new_privs().at(Step::Seccomp, "PR_SET_NO_NEW_PRIVS")?;
        let exists = |path: &&str| fs::metadata(path).is_ok();
        let paths: Vec<&str> =
            confinement.read_execute.iter().map(String::as_str).filter(exists).collect();
        enforced.no_new_privs = true;
        enforced.landlock_abi = confine::landlock(confinement.landlock_abi, &paths, &["/work"])
            .at(Step::Landlock, "restrict the payload")?;
        enforced.landlock_paths = paths.iter().map(|path| format!("{path} rx")).collect();
        enforced.landlock_paths.push("/work rwx".to_owned());
        enforced.seccomp = confinement.seccomp.iter().map(BpfProgram::digest).collect();
    }
    pipe::write(&mut *status, &Record::Confined(Box::new(enforced))).at(Step::Start, "report")?;
    if let Some(confinement) = confinement {
        confine::seccomp(&confinement.seccomp).at(Step::Seccomp, "install filters")?;
    }
    Ok(())
}

/// What the jail itself enforces.
fn base(spec: &Spec, controllers: Vec<String>) -> Enforced {
    let counted = controllers.iter().any(|name| name.ends_with("memory"));
    Enforced {
        namespaces: NAMES.map(str::to_owned).into(),
        host_uid: rustix::process::geteuid().as_raw(),
        landlock_abi: 0,
        landlock_paths: Vec::new(),
        seccomp: Vec::new(),
        no_new_privs: false,
        mdwe: false,
        rlimits: confine::rlimit_names(&spec.rlimits),
        cgroup: controllers,
        memory: if counted { MemoryLimit::Cgroup } else { MemoryLimit::Rlimit },
    }
}
