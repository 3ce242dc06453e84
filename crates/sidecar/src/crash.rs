//! The crash handler. On a fatal signal it leaves signal, address, registers and a bounded copy
//! of the stack in the arena and returns; the instruction faults again and the default action,
//! restored by SA_RESETHAND, ends the process. Nothing else happens in a crashed process: it
//! calls no function that is not async-signal-safe and takes no lock.

use std::io;
use std::sync::atomic::{AtomicPtr, Ordering};

use libc::{c_int, c_void, siginfo_t, ucontext_t};
use saggar_sidecar_api::arena::{Arena, Control, STACK_COPY};

/// The control block, for the handler, which gets no argument of ours.
static CONTROL: AtomicPtr<Control> = AtomicPtr::new(std::ptr::null_mut());

/// Signals that mean a crash (signal(7)).
const FATAL: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT, libc::SIGTRAP];
/// The handler's own stack: the skill's may be what ran out.
const STACK: usize = 64 * 1024;

/// Installs the handler on an alternative stack.
pub(crate) fn install(arena: &'static Arena) -> io::Result<()> {
    CONTROL.store(std::ptr::from_ref(arena.control()).cast_mut(), Ordering::Release);
    let stack: &'static mut [u8] = Box::leak(vec![0; STACK].into_boxed_slice());
    let stack = libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK };
    // SAFETY: the stack is leaked, so it outlives every signal.
    if unsafe { libc::sigaltstack(&raw const stack, std::ptr::null_mut()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    for signal in FATAL {
        // SAFETY: sigaction is plain data, for which zero is a valid value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags =
            libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
        // SAFETY: the handler has the signature SA_SIGINFO asks for and is async-signal-safe.
        if unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

extern "C" fn on_signal(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let control = CONTROL.load(Ordering::Acquire);
    // SAFETY: `install` stored the address of a control block that is mapped for the life of the
    // process, before it installed this handler.
    let crash = unsafe { &(*control).crash };
    // SAFETY: with SA_SIGINFO the kernel passes a valid siginfo and ucontext.
    let (info, context) = unsafe { (&*info, &*context.cast::<ucontext_t>()) };
    let registers = registers(context);
    // SAFETY: for the signals handled here si_addr is the member that is filled in, or at least
    // there to be read.
    let address = unsafe { info.si_addr() } as u64;
    crash.code.store(info.si_code.cast_unsigned(), Ordering::Relaxed);
    crash.address.store(address, Ordering::Relaxed);
    crash.instruction.store(registers.instruction, Ordering::Relaxed);
    crash.fault.store(registers.fault, Ordering::Relaxed);
    crash.stack_pointer.store(registers.stack, Ordering::Relaxed);
    crash.signal.store(signal.cast_unsigned(), Ordering::Release);
    copy_stack(crash, registers.stack);
}

/// Copies the words above the stack pointer, as far as the stack goes.
fn copy_stack(crash: &saggar_sidecar_api::arena::Crash, stack: u64) {
    const PAGE: u64 = 4096;
    let start = stack & !7;
    let mut readable_to = start;
    for index in 0..STACK_COPY / 8 {
        let address = start + index as u64 * 8;
        if address >= readable_to {
            if !readable(address) {
                return;
            }
            readable_to = (address | (PAGE - 1)) + 1;
        }
        // SAFETY: the kernel has just read eight bytes of this page on our behalf, and the
        // address is a multiple of eight; another thread that unmaps it now only changes which
        // fault ends a process that is ending anyway.
        let word = unsafe { (address as *const u64).read_volatile() };
        crash.stack[index].store(word, Ordering::Relaxed);
        crash.stack_words.store(index as u64 + 1, Ordering::Release);
    }
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

/// What a host needs to find the place of the crash.
struct Registers {
    instruction: u64,
    stack: u64,
    fault: u64,
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &ucontext_t) -> Registers {
    let register = |index: c_int| {
        usize::try_from(index)
            .ok()
            .and_then(|i| context.uc_mcontext.gregs.get(i))
            .map_or(0, |r| r.cast_unsigned())
    };
    Registers {
        instruction: register(libc::REG_RIP),
        stack: register(libc::REG_RSP),
        fault: register(libc::REG_ERR),
    }
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &ucontext_t) -> Registers {
    Registers { instruction: context.uc_mcontext.pc, stack: context.uc_mcontext.sp, fault: 0 }
}
