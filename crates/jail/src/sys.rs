//! System calls that no library in use wraps, each as a small function. No decisions here.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use saggar_model::BpfProgram;

fn check(result: c_long) -> io::Result<c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Who we are after [`clone_into_namespaces`] or [`clone_process`].
pub(crate) enum Cloned {
    /// The new process; first of its pid namespace, if it got one.
    Child,
    /// The old one, with a handle on the new.
    Parent { pid: i32, pidfd: OwnedFd },
}

/// clone3(2) with new namespaces, a pidfd and, if one is given, into a version 2 cgroup.
///
/// # Safety
/// The calling process must have one thread, so that the child's copy of every lock is free.
pub(crate) unsafe fn clone_into_namespaces(
    flags: u64,
    cgroup: Option<&OwnedFd>,
) -> io::Result<Cloned> {
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    let mut pidfd: c_int = -1;
    // SAFETY: clone_args is plain integers, for which zero is a valid value.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = flags | libc::CLONE_PIDFD as u64;
    args.pidfd = (&raw mut pidfd) as u64;
    args.exit_signal = libc::SIGCHLD as u64;
    if let Some(cgroup) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = u64::try_from(cgroup.as_raw_fd()).map_err(io::Error::other)?;
    }
    // SAFETY: args lives through the call and `pidfd` is where the kernel may write a c_int; no
    // stack is given, so the child goes on here on a copy of this one, as after fork.
    let pid = check(unsafe {
        libc::syscall(libc::SYS_clone3, &raw mut args, size_of::<libc::clone_args>())
    })?;
    if pid == 0 {
        return Ok(Cloned::Child);
    }
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: the kernel has just made this descriptor for us and nobody else knows it.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok(Cloned::Parent { pid, pidfd })
}

/// fork(2) with a pidfd, for hosts that allow no clone3(2).
///
/// # Safety
/// As for [`clone_into_namespaces`].
pub(crate) unsafe fn clone_process() -> io::Result<Cloned> {
    // SAFETY: the caller's contract is the same.
    let Some(pid) = (unsafe { fork() })? else { return Ok(Cloned::Child) };
    // The child stays a zombie until this process waits for it, so the number is still its own.
    let handle = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidData.into());
    match handle.and_then(|pid| Ok(pidfd_open(pid, PidfdFlags::empty())?)) {
        Ok(pidfd) => Ok(Cloned::Parent { pid, pidfd }),
        Err(error) => {
            // SAFETY: kill has no memory contract, and the number is the child's own.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            wait_for(pid)?;
            Err(error)
        }
    }
}

/// fork(2); `None` in the child.
///
/// # Safety
/// As for [`clone_into_namespaces`].
pub(crate) unsafe fn fork() -> io::Result<Option<i32>> {
    // SAFETY: fork has no memory contract; with one thread the child may do anything.
    let pid = check(c_long::from(unsafe { libc::fork() }))?;
    Ok(if pid == 0 { None } else { Some(i32::try_from(pid).map_err(io::Error::other)?) })
}

/// Ends the process at once, without destructors of the parent's copies.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: _exit never returns and touches no memory of ours.
    unsafe { libc::_exit(code) }
}

/// How a child ended, as wait4(2) says it.
pub(crate) struct Waited {
    pub(crate) pid: i32,
    pub(crate) status: c_int,
    pub(crate) cpu_us: u64,
    pub(crate) max_rss_kib: u64,
}

/// wait4(2) for any child; `None` when there is none left.
pub(crate) fn wait_any() -> io::Result<Option<Waited>> {
    wait4(-1, 0)
}

/// wait4(2) for one child.
pub(crate) fn wait_for(pid: i32) -> io::Result<()> {
    wait4(pid, 0).map(drop)
}

/// wait4(2) for one child, without waiting: `None` when it is alive or not ours.
pub(crate) fn wait_now(pid: i32) -> io::Result<Option<Waited>> {
    Ok(wait4(pid, libc::WNOHANG)?.filter(|waited| waited.pid == pid))
}

fn wait4(whom: i32, options: c_int) -> io::Result<Option<Waited>> {
    let mut status = 0;
    // SAFETY: rusage is plain integers, for which zero is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals of the types the call writes.
        let pid = unsafe { libc::wait4(whom, &raw mut status, options, &raw mut usage) };
        if pid >= 0 {
            let us = |t: libc::timeval| (t.tv_sec * 1_000_000 + t.tv_usec).cast_unsigned();
            let cpu_us = us(usage.ru_utime) + us(usage.ru_stime);
            let max_rss_kib = usage.ru_maxrss.cast_unsigned();
            return Ok(Some(Waited { pid, status, cpu_us, max_rss_kib }));
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::ECHILD) => return Ok(None),
            _ => return Err(error),
        }
    }
}

/// Sends SIGKILL to every process of the pid namespace but the caller, its init.
pub(crate) fn kill_all_others() {
    // SAFETY: kill has no memory contract. As first process of the namespace the caller reaches
    // nobody outside it and is not hit itself.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

/// What ends a process that does not catch it and may come from a terminal or an administrator.
/// SIGTERM is also how the end of the launcher is told.
pub(crate) const ENDINGS: [c_int; 4] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT];

/// Keeps SIGCHLD and [`ENDINGS`] for [`wait_signal`].
pub(crate) fn block_signals() -> io::Result<()> {
    let set = waited_for();
    // SAFETY: sigprocmask reads a set that lives through the call; the old one is not asked for.
    check(c_long::from(unsafe {
        libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut())
    }))?;
    Ok(())
}

/// Waits for SIGCHLD or one of [`ENDINGS`], at most so long; gives its number (sigtimedwait(2)).
pub(crate) fn wait_signal(limit: Duration) -> io::Result<Option<c_int>> {
    let set = waited_for();
    let limit = libc::timespec {
        tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: limit.subsec_nanos().into(),
    };
    // SAFETY: set and limit live through the call; what came with the signal is not asked for.
    let signal =
        unsafe { libc::sigtimedwait(&raw const set, std::ptr::null_mut(), &raw const limit) };
    match check(c_long::from(signal)) {
        Ok(_) => Ok(Some(signal)),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EINTR)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn waited_for() -> libc::sigset_t {
    // SAFETY: sigset_t is plain data that sigemptyset initialises before it is added to.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        for signal in ENDINGS {
            libc::sigaddset(&raw mut set, signal);
        }
        set
    }
}

/// Takes one user and one group id, and no others where the kernel lets us (not when setgroups is
/// denied in the namespace).
pub(crate) fn become_user(id: u32, may_setgroups: bool) -> io::Result<()> {
    if may_setgroups {
        // SAFETY: an empty list needs no memory.
        check(unsafe { libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<u32>()) })?;
    }
    // SAFETY: these calls take integers only. They are raw on purpose: libc's own would try to
    // reach other threads, of which there are none.
    check(unsafe { libc::syscall(libc::SYS_setresgid, id, id, id) })?;
    // SAFETY: as above.
    check(unsafe { libc::syscall(libc::SYS_setresuid, id, id, id) })?;
    Ok(())
}

/// Drops every capability, from the bounding set too.
pub(crate) fn drop_capabilities() -> io::Result<()> {
    for capability in 0..64 {
        // SAFETY: prctl with integers only; an unknown capability is EINVAL and means the end.
        let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        if result < 0 {
            break;
        }
    }
    let header: [u32; 2] = [0x2008_0522, 0]; // _LINUX_CAPABILITY_VERSION_3, this process
    let none = [0u32; 6];
    // SAFETY: capset(2) reads a header of two words and, in version 3, two structs of three.
    check(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) })?;
    Ok(())
}

/// How many processors this host has, those that are switched off included; very many if unknown.
pub(crate) fn processors() -> u64 {
    // SAFETY: sysconf has no memory contract.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_CONF) };
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Takes an empty session keyring in place of the inherited one, which all jails of a login would
/// share (keyctl(2)). Where the call is not there or forbidden, nobody below can use keyrings.
pub(crate) fn own_keyring() -> io::Result<()> {
    const KEYCTL_JOIN_SESSION_KEYRING: c_int = 1;
    // SAFETY: a null name asks for a new keyring; nothing is read.
    let joined = check(unsafe {
        libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<c_char>())
    });
    match joined {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => Ok(()),
        other => other.map(drop),
    }
}

/// Makes a mount tree read-only, nosuid and, if asked, nodev, with everything below it.
pub(crate) fn restrict_mount(tree: BorrowedFd<'_>, recursive: bool) -> io::Result<()> {
    // SAFETY: mount_attr is plain integers, for which zero is a valid value.
    let mut attr: libc::mount_attr = unsafe { std::mem::zeroed() };
    attr.attr_set = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is an empty C string, attr lives through the call and its size is given.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attr,
            size_of::<libc::mount_attr>(),
        )
    })?;
    Ok(())
}

/// Installs a seccomp filter on this thread, and on all others of the process: when one of them
/// cannot follow, the call gives that thread's id (seccomp(2), TSYNC), and that is a failure.
pub(crate) fn install_filter(program: &BpfProgram) -> io::Result<()> {
    let filter: Vec<libc::sock_filter> = program
        .0
        .iter()
        .map(|i| libc::sock_filter { code: i.code, jt: i.jt, jf: i.jf, k: i.k })
        .collect();
    let len = u16::try_from(filter.len()).map_err(io::Error::other)?;
    let prog = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    // SAFETY: seccomp(2) reads `len` instructions from `filter`, which lives through the call; it
    // does not write to them.
    let thread = check(unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_TSYNC,
            &raw const prog,
        )
    })?;
    match thread {
        0 => Ok(()),
        _ => Err(io::Error::other("a thread has filters of its own and cannot take this one")),
    }
}

/// Refuses executable mappings that were writable (prctl(2), PR_SET_MDWE, Linux 6.3).
pub(crate) fn set_mdwe() -> io::Result<()> {
    const PR_SET_MDWE: c_int = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: c_int = 1;
    // SAFETY: prctl with integers only.
    check(c_long::from(unsafe { libc::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) }))?;
    Ok(())
}

/// Sets no_new_privs (prctl(2)).
pub(crate) fn set_no_new_privs() -> io::Result<()> {
    // SAFETY: prctl with integers only.
    check(c_long::from(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }))?;
    Ok(())
}

/// The kernel's Landlock ABI (landlock_create_ruleset(2) with the VERSION flag).
pub(crate) fn landlock_abi() -> io::Result<u32> {
    const LANDLOCK_CREATE_RULESET_VERSION: u32 = 1;
    // SAFETY: with this flag the call takes a null pointer and size 0.
    let abi = check(unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<c_void>(),
            0,
            LANDLOCK_CREATE_RULESET_VERSION,
        )
    })?;
    u32::try_from(abi).map_err(io::Error::other)
}

/// Closes every descriptor that is not in `keep`.
///
/// # Safety
/// No Rust value that owns one of the closed descriptors may be used or dropped afterwards.
pub(crate) unsafe fn close_all_except(keep: &[i32]) -> io::Result<()> {
    let mut keep: Vec<u32> = keep.iter().filter_map(|fd| u32::try_from(*fd).ok()).collect();
    keep.sort_unstable();
    let mut first = 0;
    for fd in keep.into_iter().map(Some).chain([None]) {
        let last = fd.map_or(Some(u32::MAX), |fd| fd.checked_sub(1));
        if let Some(last) = last
            && first <= last
        {
            // SAFETY: close_range(2) takes integers only; who owns the descriptors is the
            // caller's contract.
            check(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) })?;
        }
        first = fd.map_or(u32::MAX, |fd| first.max(fd + 1));
    }
    Ok(())
}

/// execve(2). Returns only on failure.
pub(crate) fn execve(path: &CString, argv: &[CString], envp: &[CString]) -> io::Error {
    let pointers = |list: &[CString]| -> Vec<*const c_char> {
        list.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (argv, envp) = (pointers(argv), pointers(envp));
    // SAFETY: path is a C string; both arrays hold C strings that outlive the call and end in null.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    io::Error::last_os_error()
}

/// This process and its children run only when nothing else wants the processor (sched(7)).
pub(crate) fn be_idle() -> io::Result<()> {
    let param = libc::sched_param { sched_priority: 0 };
    // SAFETY: 0 is the calling process; the kernel only reads `param`, which outlives the call.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const param) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Default disposition and no mask for every signal: what a fresh process should have.
pub(crate) fn reset_signals() {
    // The kernel's own structure: handler, flags, restorer and mask. The library's functions leave
    // out the two signals that it has for itself.
    const DEFAULT: [u64; 4] = [0; 4];
    const MASK_SIZE: usize = 8;
    for signal in 1..=64 {
        // SAFETY: installing SIG_DFL runs no code of ours; numbers that cannot be changed fail
        // without effect. The kernel reads no more than the structure, and writes no old one.
        unsafe {
            let none = std::ptr::null_mut::<u64>();
            libc::syscall(libc::SYS_rt_sigaction, signal, DEFAULT.as_ptr(), none, MASK_SIZE);
        }
    }
    // SAFETY: sigset_t is plain data that sigemptyset initialises; sigprocmask reads it.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Lets children that have ended wait until they are asked for: whoever started this program may have
/// ignored SIGCHLD, which lasts through execve(2), and then the kernel forgets how they ended.
pub(crate) fn keep_children() {
    // SAFETY: installing SIG_DFL runs no code of ours; for this signal it cannot fail.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Paths of the shared objects of this process, the dynamic loader included, as the loader found
/// them (dl_iterate_phdr(3)).
pub(crate) fn loaded_objects() -> Vec<String> {
    unsafe extern "C" fn add(
        info: *mut libc::dl_phdr_info,
        _size: libc::size_t,
        list: *mut c_void,
    ) -> c_int {
        // SAFETY: the loader passes a valid info whose name is a C string, and `list` is the
        // vector handed to dl_iterate_phdr below, which nobody else touches meanwhile.
        let (name, list) =
            unsafe { (CStr::from_ptr((*info).dlpi_name), &mut *list.cast::<Vec<String>>()) };
        let name = name.to_string_lossy();
        // The executable has no name and the vDSO no path.
        if name.starts_with('/') {
            list.push(name.into_owned());
        }
        0
    }
    let mut list: Vec<String> = Vec::new();
    // SAFETY: the callback has the signature asked for and only lives through this call.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut list).cast()) };
    list
}

/// Closes a descriptor; the library would ask first whether it is open, in debug builds.
pub(crate) fn close(fd: OwnedFd) {
    // SAFETY: the descriptor is owned, and given up here.
    unsafe { rustix::io::close(fd.into_raw_fd()) };
}

/// Takes over a descriptor number that was handed to this process on purpose.
pub(crate) fn adopt(number: i32) -> OwnedFd {
    // SAFETY: callers are entry points of programs that were given exactly this descriptor at
    // exec and call this once per number, so nobody else owns it.
    unsafe { OwnedFd::from_raw_fd(number) }
}
