//! Acts that no skill may do, each from a call and from a constructor, with a twin in which it is
//! done. Scan is off: seccomp is on trial. Where something else holds beneath, that is on trial
//! next, in a policy whose seccomp lets the act through.

use std::collections::BTreeMap;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::OnceLock;

use serde_json::json;
use tempfile::TempDir;

use crate::fixture::open_directory;
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin, while_doing};

const SKILL: &str = "acts";

/// What comes of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// The process is killed for it.
    Killed,
    /// It is refused with this error number (errno.h), and the skill goes on.
    Refused(u32),
    /// The process is killed (SIGXFSZ) for making a file longer than RLIMIT_FSIZE, which is 0.
    TooLong,
    /// The load is refused: the skill has interfered with it.
    Interferes,
    /// Refused with EPERM by Landlock from ABI 6 on; before that done, to no effect.
    Scoped,
    /// Refused with EACCES by MDWE where the kernel has it. Else done: code that a constructor makes
    /// is held by the same filters as the constructor.
    NotExecutable,
}

use Came::{Interferes, Killed, NotExecutable, Refused, Scoped, TooLong};

const EPERM: Came = Refused(1);
const ENOENT: Came = Refused(2);
const ESRCH: Came = Refused(3);
const EAGAIN: Came = Refused(11);
const EACCES: Came = Refused(13);
const ENOTTY: Came = Refused(25);
const ENOSYS: Came = Refused(38);
const ENETUNREACH: Came = Refused(101);
const ECONNREFUSED: Came = Refused(111);

/// An act: from a call, from a constructor, and from both where seccomp lets it through.
struct Act {
    /// As the fixture has it.
    name: &'static str,
    call: Came,
    ctor: Came,
    beneath: Option<Came>,
}

const fn act(name: &'static str, call: Came, ctor: Came, beneath: Option<Came>) -> Act {
    Act { name, call, ctor, beneath }
}

const ACTS: &[Act] = &[
    act("L02-x32", Killed, Killed, None),
    act("L03-int80", Killed, Killed, None),
    act("L05-clone3", ENOSYS, ENOSYS, Some(EAGAIN)),
    act("L05-clone", EAGAIN, EAGAIN, Some(EAGAIN)),
    act("L05-vfork", Killed, Killed, Some(EAGAIN)),
    act("L06-memfd-exec", Killed, Killed, Some(TooLong)),
    act("L06-memfd-map", Killed, Killed, Some(TooLong)),
    act("L06-exec", Killed, Killed, Some(EACCES)),
    act("L07-mmap", Killed, NotExecutable, None),
    act("L07-mprotect", Killed, NotExecutable, None),
    act("L09-ptrace", Killed, Killed, Some(EPERM)),
    act("L09-vm-read", Killed, Killed, Some(EPERM)),
    act("L09-vm-write", Killed, Killed, Some(EPERM)),
    act("L09-pidfd-getfd", Killed, Killed, Some(EPERM)),
    act("L09-kcmp", Killed, Killed, Some(EPERM)),
    // /proc shows it no process but itself.
    act("L09-proc-mem", EACCES, ENOENT, Some(ENOENT)),
    act("L10-parent", Killed, Killed, Some(Scoped)),
    // There is nobody else in its namespace.
    act("L10-all", Killed, Killed, Some(ESRCH)),
    act("L10-tgkill", Scoped, Scoped, None),
    act("L11-abstract", Killed, Killed, Some(ECONNREFUSED)),
    act("L11-path", Killed, Killed, Some(ENOENT)),
    act("L11-pair", Killed, Killed, None),
    act("L12-udp", Killed, Killed, Some(ENETUNREACH)),
    act("L12-vsock", Killed, Killed, None),
    act("L12-netlink", Killed, Killed, None),
    act("L13-keyctl", Killed, Killed, None),
    act("L13-add-key", Killed, Killed, None),
    act("L13-bpf", Killed, Killed, Some(EPERM)),
    act("L13-perf", Killed, Killed, None),
    act("L13-userfaultfd", Killed, Killed, None),
    act("L13-personality", Killed, Killed, None),
    act("L13-tiocsti", EACCES, EACCES, Some(ENOTTY)),
    act("L13-unshare", Killed, Killed, None),
    act("L13-setns", Killed, Killed, None),
    act("L13-mount", Killed, Killed, Some(EPERM)),
    act("L13-chroot", Killed, Killed, Some(EPERM)),
    act("L27-filter", Killed, Interferes, None),
    // The loader looks at files; the jail has none to look at.
    act("L14-stat", EACCES, ENOENT, Some(ENOENT)),
    act("L14-access", EACCES, EACCES, Some(ENOENT)),
    act("L14-faccessat", Killed, Killed, Some(ENOENT)),
    act("L14-chmod", Killed, Killed, Some(ENOENT)),
    act("L14-chown", Killed, Killed, Some(ENOENT)),
    act("L14-times", Killed, Killed, Some(ENOENT)),
    act("L28-twice", Killed, Killed, Some(TooLong)),
];

/// What is let through where something else holds beneath.
const BENEATH: [&str; 26] = [
    "clone3",
    "clone",
    "vfork",
    "memfd_create",
    "ftruncate",
    "execve",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "pidfd_getfd",
    "kcmp",
    "openat",
    "kill",
    "socket",
    "connect",
    "sendto",
    "bpf",
    "ioctl",
    "mount",
    "chroot",
    "newfstatat",
    "access",
    "faccessat",
    "fchmodat",
    "fchownat",
];

/// What the twin of the whole fixture has done: the number of each act by its name.
fn numbers(env: &Env) -> Result<&'static BTreeMap<String, u32>, String> {
    static DONE: OnceLock<Result<BTreeMap<String, u32>, String>> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        let said = twin::acts(&env.skills("hostile/acts"))?;
        let words = said.trim().split(' ').filter_map(|word| word.split_once('='));
        let read = |(number, name): (&str, &str)| Some((name.to_owned(), number.parse().ok()?));
        let done: BTreeMap<String, u32> = words.filter_map(read).collect();
        ensure!(done.len() == ACTS.len(), "the twin does {} acts: {said}", done.len());
        Ok(done)
    });
    done.as_ref().map_err(Clone::clone)
}

/// Somebody of the host who listens, in the abstract and in the file system, as long as this lives.
struct Listening {
    abstract_name: String,
    directory: TempDir,
    _sockets: [UnixListener; 2],
}

impl Listening {
    fn new(line: &str) -> Result<Self, String> {
        let directory = open_directory("saggar-acts-")?;
        let abstract_name = format!("saggar-{line}-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&abstract_name);
        let address = address.map_err(while_doing("name a socket"))?;
        let first = UnixListener::bind_addr(&address).map_err(while_doing("listen"))?;
        let path = directory.path().join("socket");
        let second = UnixListener::bind(path).map_err(while_doing("listen"))?;
        Ok(Listening { abstract_name, directory, _sockets: [first, second] })
    }

    /// The skill, which does these acts when it is loaded.
    fn skill(&self, env: &Env, at_load: &[u32]) -> Result<Fixture, String> {
        let path = self.directory.path().join("socket").display().to_string();
        let list: Vec<String> = at_load.iter().map(u32::to_string).collect();
        let at_load = format!("#define AT_LOAD {}", list.join(", "));
        let replaced = [
            ("/tmp/saggar-acts-meeting-place", path.as_str()),
            ("saggar-acts-meeting-place", &self.abstract_name),
            ("#define AT_LOAD 0", &at_load),
        ];
        Fixture::copy(env, "hostile/acts", &replaced[..2 + usize::from(!list.is_empty())])
    }
}

/// A home in which the acts of a line are tried.
struct Trial<'a> {
    env: &'a Env,
    jig: Jig,
    listening: Listening,
    numbers: &'static BTreeMap<String, u32>,
    landlock_abi: u64,
    mdwe: bool,
    killed_in_calls: usize,
}

impl<'a> Trial<'a> {
    /// Its twin has done everything, and the skill is released.
    fn new(env: &'a Env, line: &str) -> Result<Self, String> {
        let numbers = numbers(env)?;
        let jig = Jig::under(env, &seccomp(env)?)?;
        let listening = Listening::new(line)?;
        jig.submit_fixture("good/add")?.released()?;
        let submitted = jig.submit(listening.skill(env, &[])?.path())?.released()?;
        let held = &submitted.json["enforced"]["sidecar"];
        let landlock_abi = held["landlock_abi"].as_u64().unwrap_or_default();
        let mdwe = held["mdwe"] == true;
        Ok(Trial { env, jig, listening, numbers, landlock_abi, mdwe, killed_in_calls: 0 })
    }

    fn number(&self, act: &Act) -> u32 {
        self.numbers.get(act.name).copied().unwrap_or_default()
    }

    fn call(&self, number: u32) -> Result<Output, String> {
        self.jig.call(SKILL, "act", &[&number.to_string()])
    }

    /// What the skill says of an act that it outlives.
    fn answer(&self, came: Came) -> Option<u32> {
        match came {
            Refused(errno) => Some(2 + errno),
            Scoped => Some(if self.landlock_abi >= 6 { 3 } else { 1 }),
            NotExecutable => Some(if self.mdwe { 15 } else { 1 }),
            Killed | TooLong | Interferes => None,
        }
    }

    /// From a call.
    fn when_called(&mut self, number: u32, came: Came) -> Verdict {
        let output = self.call(number)?;
        match self.answer(came) {
            Some(answer) => drop(output.answers(&json!(answer))?),
            None => {
                let code = if came == Killed { "forbidden-syscall" } else { "crash" };
                let output = output.refuses(6, code)?;
                let signal = if came == Killed { "SIGSYS" } else { "SIGXFSZ" };
                ensure!(output.mentions(signal), "it was not killed by {signal}: {output}");
                self.killed_in_calls += 1;
            }
        }
        self.call(0)?.answers(&json!(0))?;
        self.jig.serves()
    }

    /// From a constructor.
    fn when_loaded(&self, number: u32, came: Came) -> Verdict {
        let skill = self.listening.skill(self.env, &[number])?;
        let output = self.jig.submit(skill.path())?;
        if let Some(answer) = self.answer(came) {
            output.released()?;
            return self.call(1000 + number)?.answers(&json!(answer)).map(drop);
        }
        let code = match came {
            Killed => "forbidden-syscall",
            Interferes => "load-failed",
            _ => "crash",
        };
        let output = output.refuses(6, code)?;
        ensure!(output.json["stage"] == "load", "the stage is not load: {output}");
        let told = crate::ledger::events(&self.jig.home(), "load-outcome")?;
        let last = told.last().map(|entry| &entry["feedback"]["code"]);
        ensure!(last.is_some_and(|last| last == code), "the ledger says {last:?}: {output}");
        self.jig.serves()
    }

    /// All at once from a constructor, since none ends it.
    fn beneath_when_loaded(&self, acts: &[&Act]) -> Verdict {
        let numbers: Vec<u32> = acts.iter().map(|act| self.number(act)).collect();
        let skill = self.listening.skill(self.env, &numbers)?;
        self.jig.submit(skill.path())?.released()?;
        let each = acts.iter().zip(numbers).map(|(act, number)| {
            let answer = act.beneath.and_then(|came| self.answer(came));
            let output = self.call(1000 + number)?.answers(&json!(answer));
            output.map(drop).map_err(|reason| format!("{} when loaded: {reason}", act.name))
        });
        collect(each)
    }

    /// The ledger has each end of a call.
    fn finish(self) -> Verdict {
        let told = crate::ledger::events(&self.jig.home(), "crashed")?;
        let ends = told.iter().filter(|entry| entry["skill"] == SKILL).count();
        let killed = self.killed_in_calls;
        ensure!(ends == killed, "{killed} calls were ended, the ledger tells of {ends}");
        self.jig.finish()
    }
}

/// Every reason there is, not only the first.
fn collect(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let reasons: Vec<String> = verdicts.filter_map(Verdict::err).collect();
    if reasons.is_empty() { Ok(()) } else { Err(reasons.join("; ")) }
}

/// Seccomp alone before the acts. Asking for the parent is let through, so that what is done to it
/// is on trial.
fn seccomp(env: &Env) -> Result<Policy, String> {
    let policy = Policy::default_of(env)?.without_scan_denials();
    Ok(open(policy, &["getppid"], "what is done to it is on trial"))
}

fn open(policy: Policy, calls: &[&str], why: &str) -> Policy {
    policy.allow_syscalls("load", calls, why).allow_syscalls("serve", calls, why)
}

/// Every act of a line.
fn line(env: &Env, line: &str) -> Verdict {
    let acts: Vec<&Act> = ACTS.iter().filter(|act| act.name.starts_with(line)).collect();
    let mut trial = Trial::new(env, line)?;
    let calls = acts.iter().map(|act| {
        let verdict = trial.when_called(trial.number(act), act.call);
        verdict.map_err(|reason| format!("{} when called: {reason}", act.name))
    });
    collect(calls)?;
    collect(acts.iter().map(|act| {
        let verdict = trial.when_loaded(trial.number(act), act.ctor);
        verdict.map_err(|reason| format!("{} when loaded: {reason}", act.name))
    }))?;
    beneath(&mut trial, &acts)?;
    trial.finish()
}

/// Those acts of a line beneath which something else holds.
fn beneath(trial: &mut Trial<'_>, acts: &[&Act]) -> Verdict {
    let acts: Vec<&Act> = acts.iter().copied().filter(|act| act.beneath.is_some()).collect();
    if acts.is_empty() {
        return Ok(());
    }
    let policy = open(seccomp(trial.env)?, &BENEATH, "what lies beneath is on trial");
    trial.jig.change(&open(policy, &["utimensat"], "what lies beneath is on trial"))?;
    trial.jig.submit(trial.listening.skill(trial.env, &[])?.path())?.released()?;
    let calls = acts.iter().map(|act| {
        let came = act.beneath.unwrap_or(Killed);
        let verdict = trial.when_called(trial.number(act), came);
        verdict.map_err(|reason| format!("{} beneath seccomp: {reason}", act.name))
    });
    collect(calls)?;
    let outlived: Vec<&Act> = acts.into_iter().filter(|act| act.beneath != Some(TooLong)).collect();
    if outlived.is_empty() { Ok(()) } else { trial.beneath_when_loaded(&outlived) }
}

pub(super) fn l02(env: &Env) -> Verdict {
    line(env, "L02")
}

pub(super) fn l03(env: &Env) -> Verdict {
    line(env, "L03")
}

pub(super) fn l05(env: &Env) -> Verdict {
    line(env, "L05")
}

/// The twin is held by Landlock, which allows it no file.
pub(super) fn l06(env: &Env) -> Verdict {
    line(env, "L06")
}

pub(super) fn l07(env: &Env) -> Verdict {
    line(env, "L07")
}

pub(super) fn l09(env: &Env) -> Verdict {
    line(env, "L09")
}

pub(super) fn l10(env: &Env) -> Verdict {
    line(env, "L10")
}

pub(super) fn l11(env: &Env) -> Verdict {
    line(env, "L11")
}

pub(super) fn l12(env: &Env) -> Verdict {
    line(env, "L12")
}

pub(super) fn l13(env: &Env) -> Verdict {
    line(env, "L13")
}

pub(super) fn l14(env: &Env) -> Verdict {
    line(env, "L14")
}

pub(super) fn l27(env: &Env) -> Verdict {
    line(env, "L27")
}

/// The twin is held by MDWE.
pub(super) fn l28(env: &Env) -> Verdict {
    line(env, "L28")
}
