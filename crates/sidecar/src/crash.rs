//! The crash handler. On a fatal signal it leaves signal, address, registers, a bounded copy of the
//! stack and where the artifact lies in the arena and returns; the instruction faults again and the
//! default action, restored by SA_RESETHAND, ends the process. Nothing else happens in a crashed
//! process: it calls no function that is not async-signal-safe and takes no lock.
//!
//! The host asks by the signal [`LATE`] where a call is whose time is over, before it ends the process.
//! The same is left then, and the thread goes no further. exit(3) sends that signal too, as the last of
//! what it does before it ends the process, so that the host learns who called it.

use std::io;
use std::mem::offset_of;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

use libc::{c_char, c_int, c_void, siginfo_t, ucontext_t};
use saggar_sidecar_api::arena::{Arena, Control, Crash, LATE, STACK_END, Words};

/// The control block, for the handler, which gets no argument of ours.
static CONTROL: AtomicPtr<Control> = AtomicPtr::new(std::ptr::null_mut());

/// Near the end of the first thread's stack, where it began to grow.
static STACK_TOP: AtomicU64 = AtomicU64::new(0);

/// The last object of the loader's list before there is an artifact, which comes behind it.
static LAST_OBJECT: AtomicU64 = AtomicU64::new(0);

/// exit(3) is at work.
static LEAVING: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    /// Has exit(3) call a function with an argument, before all that was given to it earlier (C++ ABI
    /// for Itanium, 3.3.6.3).
    fn __cxa_atexit(function: *const c_void, argument: *mut c_void, object: *mut c_void) -> c_int;
}

/// An object in the loader's list, as far as its form is public (link.h, `struct link_map`).
#[repr(C)]
struct LinkMap {
    base: u64,
    _name: *const c_char,
    _dynamic: *const c_void,
    next: *const LinkMap,
}

/// Signals that mean a crash (signal(7)).
const FATAL: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT, libc::SIGTRAP];
/// The handler's own stack: the skill's may be what ran out.
const STACK: usize = 64 * 1024;

/// Installs the handler on an alternative stack. `top` is where the stack began to grow.
pub(crate) fn install(arena: &'static Arena, top: u64) -> io::Result<()> {
    STACK_TOP.store(top, Ordering::Relaxed);
    LAST_OBJECT.store(last_object(), Ordering::Relaxed);
    CONTROL.store(std::ptr::from_ref(arena.control()).cast_mut(), Ordering::Release);
    let stack: &'static mut [u8] = Box::leak(vec![0; STACK].into_boxed_slice());
    let stack = libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK };
    // SAFETY: the stack is leaked, so it outlives every signal.
    if unsafe { libc::sigaltstack(&raw const stack, std::ptr::null_mut()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    for signal in FATAL.into_iter().chain([LATE.as_raw()]) {
        // SAFETY: sigaction is plain data, for which zero is a valid value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // What a crash leaves is not mixed with what is asked for meanwhile.
        // SAFETY: the set is that of the live local.
        unsafe { libc::sigaddset(&raw mut action.sa_mask, LATE.as_raw()) };
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags =
            libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
        // SAFETY: the handler has the signature SA_SIGINFO asks for and is async-signal-safe.
        if unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    let signal = std::ptr::without_provenance_mut(LATE.as_raw().unsigned_abs() as usize);
    let no_object = std::ptr::null_mut();
    // raise itself is called, with no frame of this program: where such a frame is, the host takes the
    // skill's calls to end.
    // SAFETY: raise takes an int, which is passed as the lower half of a pointer is; `leaving` takes
    // none. Both are there for the life of the process.
    let failed = unsafe {
        __cxa_atexit(libc::raise as *const c_void, signal, no_object) != 0
            || libc::atexit(leaving) != 0
    };
    if failed { Err(io::ErrorKind::OutOfMemory.into()) } else { Ok(()) }
}

/// Called by exit(3) before the signal is sent.
extern "C" fn leaving() {
    LEAVING.store(true, Ordering::Relaxed);
}

/// The address of the last object in the loader's list; 0 if it cannot be had (dlinfo(3)).
fn last_object() -> u64 {
    let mut last: *const LinkMap = std::ptr::null();
    // SAFETY: without a name dlopen gives the handle of this program, which is open already, and
    // dlinfo writes the address of its entry to a live local.
    let failed = unsafe {
        let program = libc::dlopen(std::ptr::null(), libc::RTLD_LAZY);
        program.is_null()
            || libc::dlinfo(program, libc::RTLD_DI_LINKMAP, (&raw mut last).cast()) != 0
    };
    if failed {
        return 0;
    }
    // SAFETY: the loader's own list, which nobody changes while no thread loads or unloads.
    while let Some(next) = unsafe { last.as_ref().and_then(|object| object.next.as_ref()) } {
        last = next;
    }
    last as u64
}

extern "C" fn on_signal(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let control = CONTROL.load(Ordering::Acquire);
    // SAFETY: `install` stored the address of a control block that is mapped for the life of the
    // process, before it installed this handler.
    let crash = unsafe { &(*control).crash };
    // SAFETY: with SA_SIGINFO the kernel passes a valid siginfo and ucontext.
    let (info, context) = unsafe { (&*info, &*context.cast::<ucontext_t>()) };
    // SAFETY: for the signals handled here si_addr is the member that is filled in, or at least
    // there to be read.
    let address = unsafe { info.si_addr() } as u64;
    crash.code.store(info.si_code.cast_unsigned(), Ordering::Relaxed);
    crash.address.store(address, Ordering::Relaxed);
    let stack = leave_registers(crash, context);
    crash.signal.store(signal.cast_unsigned(), Ordering::Release);
    let copied_to = copy(&crash.stack, stack, u64::MAX);
    let top = STACK_TOP.load(Ordering::Relaxed);
    if stack < top {
        copy(&crash.stack_end, copied_to.max(top.saturating_sub(STACK_END as u64)), top);
    }
    // The last thing: all of the above is of use without it.
    crash.base.store(artifact().unwrap_or(0), Ordering::Release);
    crash.complete.ring(signal.cast_unsigned());
    end(signal, info.si_code);
}

/// Sees to it that the process ends: by itself, where going on is the same fault again.
fn end(signal: c_int, code: c_int) {
    let asked = signal == LATE.as_raw();
    if asked && code == libc::SI_USER {
        let long = libc::timespec { tv_sec: 1 << 20, tv_nsec: 0 };
        loop {
            // SAFETY: the time is a live local, and what is left of it is not asked for.
            unsafe { libc::nanosleep(&raw const long, std::ptr::null_mut()) };
        }
    }
    if asked && LEAVING.load(Ordering::Relaxed) {
        return;
    }
    // What was sent, by whomever, and what stops behind its instruction would not come again.
    if asked || code <= 0 || signal == libc::SIGTRAP {
        // SAFETY: raise takes any signal; of this one the default action is in force again.
        unsafe { libc::raise(signal) };
    }
}

/// Where the artifact lies. The loader adds it to its list before any code of it runs; from then on
/// the skill can write to the list as to all memory.
fn artifact() -> Option<u64> {
    let last = LAST_OBJECT.load(Ordering::Relaxed);
    let object = word(last.checked_add(offset_of!(LinkMap, next) as u64)?)?;
    word(object.checked_add(offset_of!(LinkMap, base) as u64)?)
}

/// Reads a word, if there is one.
fn word(address: u64) -> Option<u64> {
    if !address.is_multiple_of(8) || !readable(address) {
        return None;
    }
    // SAFETY: as in `copy`.
    Some(unsafe { (address as *const u64).read_volatile() })
}

/// Copies words from an address to another, as far as there is room and memory; gives where it
/// ended.
fn copy<const N: usize>(to: &Words<N>, from: u64, end: u64) -> u64 {
    const PAGE: u64 = 4096;
    let start = from & !7;
    to.start.store(start, Ordering::Relaxed);
    let mut readable_to = start;
    for (word, address) in to.words.iter().zip((start..end).step_by(8)) {
        if address >= readable_to {
            if !readable(address) {
                break;
            }
            readable_to = (address | (PAGE - 1)).saturating_add(1);
        }
        // SAFETY: the kernel has just read eight bytes of this page on our behalf, and the
        // address is a multiple of eight; another thread that unmaps it now only changes which
        // fault ends a process that is ending anyway.
        let copied = unsafe { (address as *const u64).read_volatile() };
        word.store(copied, Ordering::Relaxed);
        to.count.store((address - start) / 8 + 1, Ordering::Release);
    }
    start + to.count.load(Ordering::Relaxed) * 8
}

/// Asks the kernel whether eight bytes can be read, without touching them: rt_sigprocmask(2) reads
/// the set it is given before it refuses an unknown operation, and changes nothing.
fn readable(address: u64) -> bool {
    const NO_OPERATION: c_int = -1;
    const SET_SIZE: usize = 8;
    // SAFETY: the kernel copies from an address it does not trust; no old set is written.
    let result =
        unsafe { libc::syscall(libc::SYS_rt_sigprocmask, NO_OPERATION, address, 0usize, SET_SIZE) };
    // SAFETY: errno's address is this thread's own.
    result != 0 && unsafe { *libc::__errno_location() } == libc::EINVAL
}

/// Leaves the registers by their numbers in DWARF; gives the stack pointer.
#[cfg(target_arch = "x86_64")]
fn leave_registers(crash: &Crash, context: &ucontext_t) -> u64 {
    use libc::{
        REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RAX, REG_RBP,
        REG_RBX, REG_RCX, REG_RDI, REG_RDX, REG_RIP, REG_RSI, REG_RSP,
    };
    /// System V ABI for x86_64, figure 3.36.
    const ORDER: [c_int; 17] = [
        REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8, REG_R9,
        REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
    ];
    let register = |index: c_int| {
        let value = usize::try_from(index).ok().and_then(|i| context.uc_mcontext.gregs.get(i));
        value.map_or(0, |value| value.cast_unsigned())
    };
    for (place, index) in crash.registers.iter().zip(ORDER) {
        place.store(register(index), Ordering::Relaxed);
    }
    crash.fault.store(register(libc::REG_ERR), Ordering::Relaxed);
    register(REG_RSP)
}

/// Leaves the registers by their numbers in DWARF; gives the stack pointer.
#[cfg(target_arch = "aarch64")]
fn leave_registers(crash: &Crash, context: &ucontext_t) -> u64 {
    let machine = &context.uc_mcontext;
    let values = machine.regs.iter().chain([&machine.sp, &machine.pc]);
    for (place, value) in crash.registers.iter().zip(values) {
        place.store(*value, Ordering::Relaxed);
    }
    machine.sp
}
