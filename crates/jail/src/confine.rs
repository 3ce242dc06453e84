//! The steps a process takes against itself, in DESIGN's order: descriptors, rlimits, not
//! dumpable, MDWE, no_new_privs, Landlock, seccomp. Irreversible; each either holds or is an
//! error. Used by a jail's payload before exec and by the sidecar before it loads anything.

use std::io;
use std::os::fd::OwnedFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use saggar_model::{BpfProgram, Digest};

use crate::{Rlimits, sys};

/// The newest Landlock ABI whose rights this build knows.
const KNOWN_ABI: u32 = 7;

/// Closes every descriptor that is not in `keep`, whoever opened it.
///
/// # Safety
/// No Rust value that owns one of the closed descriptors may be used or dropped afterwards: call
/// this first thing in a program.
///
/// # Errors
/// The system call's.
pub unsafe fn close_all_except(keep: &[i32]) -> io::Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { sys::close_all_except(keep) }
}

/// Takes over a descriptor this program was started with.
pub fn inherited(number: i32) -> OwnedFd {
    sys::adopt(number)
}

/// Closes a descriptor with no other system call.
pub fn close(fd: OwnedFd) {
    sys::close(fd);
}

/// Sets every resource limit, soft and hard; `u64::MAX` leaves one as it is. No core file is ever
/// written.
///
/// # Errors
/// The system call's, when a hard limit of the host lies below.
pub fn rlimits(limits: &Rlimits) -> io::Result<()> {
    for (_, resource, value) in table(limits).into_iter().filter(|(_, _, value)| *value != u64::MAX)
    {
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// The limits by name, as they are recorded.
pub fn rlimit_names(limits: &Rlimits) -> std::collections::BTreeMap<String, u64> {
    table(limits).into_iter().map(|(name, _, value)| (name.to_owned(), value)).collect()
}

fn table(limits: &Rlimits) -> [(&'static str, Resource, u64); 8] {
    [
        ("as", Resource::As, limits.address_space),
        ("core", Resource::Core, 0),
        ("cpu", Resource::Cpu, limits.cpu_seconds),
        ("data", Resource::Data, limits.data),
        ("fsize", Resource::Fsize, limits.file_size),
        ("nofile", Resource::Nofile, limits.files),
        ("nproc", Resource::Nproc, limits.processes),
        ("stack", Resource::Stack, limits.stack),
    ]
}

/// No core dump, no ptrace, no reading of `/proc/PID` by others of the same user.
///
/// # Errors
/// The system call's.
pub fn not_dumpable() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Refuses to make writable memory executable; false where the kernel is older than 6.3.
///
/// # Errors
/// The system call's; that the kernel does not know it only when it is `required`.
pub fn mdwe(required: bool) -> io::Result<bool> {
    match sys::set_mdwe() {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => match required {
            false => Ok(false),
            true => {
                Err(io::Error::other("PR_SET_MDWE needs Linux 6.3; another policy may do without"))
            }
        },
        Err(error) => Err(error),
    }
}

/// No exec can ever give this process more rights.
///
/// # Errors
/// The system call's.
pub fn no_new_privs() -> io::Result<()> {
    sys::set_no_new_privs()
}

/// Landlock: handles every right of the kernel's ABI and allows reading and executing below
/// `read_execute`, everything below `read_write`, and nothing else: no other path, no TCP port,
/// no signal or abstract socket out of the process. Returns the ABI in force.
///
/// # Errors
/// `ENOSYS` or `EOPNOTSUPP` without Landlock, an error when its ABI lies below `floor`, and
/// whenever the kernel does not enforce all of it.
pub fn landlock(floor: u32, read_execute: &[&str], read_write: &[&str]) -> io::Result<u32> {
    let kernel = sys::landlock_abi()?;
    if kernel < floor {
        return Err(io::Error::other(format!(
            "the kernel has ABI {kernel}, the policy asks {floor}"
        )));
    }
    let number = kernel.min(KNOWN_ABI);
    let abi = ABI::from(i32::try_from(number).unwrap_or(1));
    let all = AccessFs::from_all(abi);
    let mut ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    ruleset = ruleset.handle_access(all).map_err(io::Error::other)?;
    if number >= 4 {
        ruleset = ruleset.handle_access(AccessNet::from_all(abi)).map_err(io::Error::other)?;
    }
    if number >= 6 {
        ruleset = ruleset.scope(Scope::from_all(abi)).map_err(io::Error::other)?;
    }
    let mut created = ruleset.create().map_err(io::Error::other)?;
    let read = AccessFs::from_read(abi);
    for (paths, rights) in [(read_execute, read), (read_write, all)] {
        for path in paths {
            let fd = PathFd::new(path).map_err(io::Error::other)?;
            let is_dir =
                rustix::fs::FileType::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode).is_dir();
            let rights = if is_dir { rights } else { rights & AccessFs::from_file(abi) };
            created = created.add_rule(PathBeneath::new(fd, rights)).map_err(io::Error::other)?;
        }
    }
    let status = created.restrict_self().map_err(io::Error::other)?;
    if status.ruleset != RulesetStatus::FullyEnforced {
        return Err(io::Error::other("the kernel enforces only a part of the ruleset"));
    }
    Ok(number)
}

/// Installs filters in order, on every thread, and gives their digests.
///
/// # Errors
/// The system call's; and an empty list, which would confine nothing.
pub fn seccomp(programs: &[BpfProgram]) -> io::Result<Vec<Digest>> {
    if programs.is_empty() {
        return Err(io::Error::other("no filter was given"));
    }
    programs
        .iter()
        .map(|program| {
            sys::install_filter(program)?;
            Ok(program.digest())
        })
        .collect()
}
