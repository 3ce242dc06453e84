//! What the jig does inside a jail, or outside one for comparison.

use std::ffi::{CString, c_long};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::time::Duration;

/// How long memory is held: many looks of a supervisor.
const HELD: Duration = Duration::from_secs(2);

pub(crate) fn run(payload: &str, arguments: &[String]) -> io::Result<()> {
    let number = |at: usize| {
        let text = arguments.get(at).ok_or(io::ErrorKind::InvalidInput)?;
        text.parse::<u64>().map_err(io::Error::other)
    };
    match payload {
        "hold" => hold(number(0)?, number(1)?),
        "hold-in-thread" => hold_in_thread(number(0)?),
        "hold-and-hop" => hold_and_hop(number(0)?),
        "fork" => fork_until_refused(number(0)?),
        "leave" => leave(number(0)?),
        "wait" => wait_to_go(),
        "fill" => fill(number(0)?),
        "share" => share(&arguments[0]),
        "look" => look(&arguments[0]),
        _ => Err(io::Error::other("no such payload")),
    }
}

/// A word that the test reads at once.
fn say(word: impl std::fmt::Display) {
    println!("{word}");
    io::stdout().flush().unwrap_or_default();
}

/// Returns when the test closes standard input or writes to it.
fn wait_to_go() -> io::Result<()> {
    say("waiting");
    io::stdin().read(&mut [0]).map(drop)
}

/// fork(2).
fn fork() -> io::Result<Option<i32>> {
    // SAFETY: no payload has a second thread when it forks.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        pid => Ok(Some(pid)),
    }
}

fn setsid() {
    rustix::process::setsid().map(drop).unwrap_or_default();
}

fn sleep_for_ever() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// So many MiB that are really there.
fn memory(mib: u64) -> Vec<u8> {
    let size = usize::try_from(mib << 20).unwrap_or(usize::MAX);
    let mut bytes = vec![0u8; size];
    bytes.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    ManuallyDrop::into_inner(ManuallyDrop::new(bytes))
}

/// Several children hold memory, each in a session of its own.
fn hold(mib: u64, children: u64) -> io::Result<()> {
    for _ in 0..children {
        if fork()?.is_none() {
            setsid();
            let held = memory(mib);
            std::thread::sleep(HELD * 2);
            std::hint::black_box(held);
            return Ok(());
        }
    }
    std::thread::sleep(HELD);
    say("lived");
    Ok(())
}

/// A thread holds memory whose first thread has ended: its status shows none.
fn hold_in_thread(mib: u64) -> io::Result<()> {
    std::thread::spawn(move || {
        let held = memory(mib);
        std::thread::sleep(HELD);
        std::hint::black_box(held);
        say("lived");
        std::process::exit(0);
    });
    // SAFETY: ends this thread alone; it owns nothing that another one waits for.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    Ok(())
}

/// Memory that never stays with one process for long: each forks the next and ends.
fn hold_and_hop(mib: u64) -> io::Result<()> {
    if fork()?.is_none() {
        let held = memory(mib);
        loop {
            setsid();
            std::thread::sleep(Duration::from_millis(1));
            if fork()?.is_some() {
                std::process::exit(0);
            }
            std::hint::black_box(&held);
        }
    }
    std::thread::sleep(HELD);
    say("lived");
    Ok(())
}

/// Forks children that stay, until it may not or has so many; says how many there are.
fn fork_until_refused(most: u64) -> io::Result<()> {
    let mut made = 0;
    while made < most {
        match fork() {
            Ok(None) => sleep_for_ever(),
            Ok(Some(_)) => made += 1,
            Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => break,
            Err(error) => return Err(error),
        }
    }
    say(made);
    Ok(())
}

/// Leaves daemons behind: grandchildren in sessions of their own, deaf to polite signals.
fn leave(daemons: u64) -> io::Result<()> {
    for _ in 0..daemons {
        let Some(child) = fork()? else {
            setsid();
            for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGINT] {
                // SAFETY: ignoring a signal runs no code of ours.
                unsafe { libc::signal(signal, libc::SIG_IGN) };
            }
            match fork()? {
                None => sleep_for_ever(),
                Some(_) => std::process::exit(0),
            }
        };
        // SAFETY: a null status is allowed.
        unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    }
    wait_to_go()
}

/// Writes to the work directory until it is full or holds so many MiB; says how many it took.
fn fill(mib: u64) -> io::Result<()> {
    let chunk = vec![1u8; 1 << 20];
    let mut file = File::create("/work/fill")?;
    let mut taken = 0;
    while taken < mib {
        match file.write_all(&chunk) {
            Ok(()) => taken += 1,
            Err(error) => {
                say(error.raw_os_error().unwrap_or(0));
                break;
            }
        }
    }
    say(taken);
    Ok(())
}

/// The number of a System V key, and the bytes of other names.
fn key(name: &str) -> libc::key_t {
    name.bytes().fold(0x5a66, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}

fn abstract_name(name: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(name.as_bytes())
}

const PLACES: [&str; 2] = ["/tmp", "/dev/shm"];
const KEYRINGS: [(&str, c_long); 2] = [("session", -3), ("user", -4)];

/// Gives this process a session keyring, as a login does, which its children share.
pub(crate) fn log_in() {
    const KEYCTL_JOIN_SESSION_KEYRING: c_long = 1;
    // SAFETY: a null name asks for a new keyring.
    unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0) };
}

/// Puts something everywhere where another could find it, and keeps it there until told.
fn share(name: &str) -> io::Result<()> {
    let files: Vec<String> = PLACES.iter().map(|place| format!("{place}/{name}")).collect();
    files.iter().for_each(|file| fs::write(file, name).unwrap_or_default());
    let socket = UnixListener::bind_addr(&abstract_name(name)?)?;
    // SAFETY: shmget has no memory contract.
    let segment = unsafe { libc::shmget(key(name), 4096, libc::IPC_CREAT | 0o666) };
    let (kind, text) = (CString::new("user")?, CString::new(name)?);
    for (_, ring) in KEYRINGS {
        // SAFETY: two C strings, no payload bytes are read beyond the one given.
        unsafe { libc::syscall(libc::SYS_add_key, kind.as_ptr(), text.as_ptr(), b"x", 1, ring) };
    }
    let waited = wait_to_go();
    drop(socket);
    files.iter().for_each(|file| fs::remove_file(file).unwrap_or_default());
    // SAFETY: removes a segment by its number; no pointer is read.
    unsafe { libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()) };
    for (_, ring) in KEYRINGS {
        if let Some(found) = find_key(ring, name)? {
            const KEYCTL_UNLINK: c_long = 9;
            // SAFETY: numbers only.
            unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_UNLINK, found, ring) };
        }
    }
    waited
}

fn find_key(ring: c_long, name: &str) -> io::Result<Option<c_long>> {
    const KEYCTL_SEARCH: c_long = 10;
    let (kind, text) = (CString::new("user")?, CString::new(name)?);
    let (kind, text) = (kind.as_ptr(), text.as_ptr());
    // SAFETY: two C strings that live through the call.
    let found = unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_SEARCH, ring, kind, text, 0) };
    Ok((found > 0).then_some(found))
}

/// Says what it finds of what somebody else shares.
fn look(name: &str) -> io::Result<()> {
    for place in PLACES.iter().filter(|place| fs::exists(format!("{place}/{name}")).unwrap_or(true))
    {
        say(place);
    }
    if UnixStream::connect_addr(&abstract_name(name)?).is_ok() {
        say("socket");
    }
    // SAFETY: shmget has no memory contract.
    if unsafe { libc::shmget(key(name), 4096, 0) } >= 0 {
        say("segment");
    }
    for (ring, number) in KEYRINGS {
        if find_key(number, name)?.is_some() {
            say(ring);
        }
    }
    say("looked");
    Ok(())
}
