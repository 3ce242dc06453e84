//! Every rule of every policy, by the kernel's own word: the filters that a stage gets are put on a
//! process that makes the call. What should come of it is read from the policy's text, apart from
//! the code that compiles it. No rule is written twice, and none hides another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use saggar_policy::{Policy, SeccompStage};
use tempfile::TempDir;

use crate::rules::{Call, Fate, Rule, fate, of_stage};

/// Stages with and without threads, as policies know them.
const STAGES: [(&str, SeccompStage, bool); 5] = [
    ("build", SeccompStage::Build, false),
    ("load", SeccompStage::Load, false),
    ("load", SeccompStage::Load, true),
    ("serve", SeccompStage::Serve, false),
    ("serve", SeccompStage::Serve, true),
];

/// x32 numbers have this bit (syscall(2), "Architecture calling conventions").
const X32: i64 = 0x4000_0000;

/// uretprobe and uprobe, which no filter sees from Linux 6.14 on (kernel/seccomp.c,
/// `seccomp_uprobe_exception`): they mean something in the kernel's own trampolines alone, and end
/// a process that makes them elsewhere, or are refused.
const UNSEEN: [i64; 2] = [335, 336];

#[expect(clippy::disallowed_methods, reason = "the probe and its compiler are started here")]
fn command(program: &str) -> Command {
    Command::new(program)
}

/// The policies of the repository by name.
fn policies() -> BTreeMap<String, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let entries = fs::read_dir(directory).expect("the policies").flatten();
    let read = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).expect("a policy");
        (entry.file_name().to_string_lossy().into_owned(), text)
    };
    let found: BTreeMap<_, _> = entries.map(read).collect();
    assert!(found.contains_key("default.toml"), "no default policy: {:?}", found.keys());
    found
}

/// Numbers of the system calls by name, out of the compiler's own header.
fn numbers() -> BTreeMap<String, i64> {
    let mut gcc = command("gcc");
    let output = gcc.args(["-E", "-dM", "-include", "sys/syscall.h", "-xc", "/dev/null"]).output();
    let text = String::from_utf8(output.expect("gcc runs").stdout).expect("it speaks ASCII");
    let number = |line: &str| {
        let (name, number) = line.strip_prefix("#define __NR_")?.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    let numbers: BTreeMap<_, _> = text.lines().filter_map(number).collect();
    assert!(numbers.len() > 300, "the header names {} calls", numbers.len());
    numbers
}

/// The probe, compiled, in a directory that an ordinary user can read.
struct Probe {
    directory: TempDir,
}

impl Probe {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(directory.path(), mode).expect("its owner may");
        let probe = Probe { directory };
        fs::write(probe.at("probe.c"), include_str!("probe.c")).expect("it can be written");
        let mut gcc = command("gcc");
        gcc.current_dir(probe.directory.path()).args(["-O1", "-static", "-o", "probe", "probe.c"]);
        assert!(gcc.status().expect("gcc runs").success(), "the probe does not compile");
        probe
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What becomes of each call under these filters; `how` as the probe has it. Never as root: in
    /// the twin, where there are no filters, the calls are made.
    fn fates(&self, filters: &[u8], calls: &[(u8, Call)]) -> Vec<Fate> {
        fs::write(self.at("filters"), filters).expect("it can be written");
        let lines = calls.iter().map(|(how, call)| {
            let arguments = call.arguments.map(|argument| argument.to_string()).join(" ");
            format!("{how} {} {arguments}\n", call.number)
        });
        fs::write(self.at("calls"), lines.collect::<String>()).expect("it can be written");
        let mut setpriv = command("setpriv");
        if fs::metadata("/proc/self")
            .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
        {
            setpriv.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        setpriv.args(["--bounding-set=-all", "--"]).arg(self.at("probe")).arg(self.at("filters"));
        setpriv.stdin(Stdio::from(File::open(self.at("calls")).expect("it was written")));
        let output = setpriv.output().expect("the probe runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let read = |line: &str| match line.strip_prefix("errno ") {
            Some(number) => Fate::Answered(number.parse().expect("a number")),
            None if line == "killed" => Fate::Killed,
            None => Fate::Passes,
        };
        let fates: Vec<Fate> = text.lines().map(read).collect();
        assert!(output.status.success() && fates.len() == calls.len(), "{output:?}");
        fates
    }
}

/// The filters of a stage as the probe reads them.
fn filters(policy: &Policy, stage: SeccompStage, threads: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for program in policy.seccomp.programs(stage, threads) {
        let length = u32::try_from(program.0.len()).expect("a short program");
        bytes.extend_from_slice(&length.to_ne_bytes());
        for instruction in &program.0 {
            bytes.extend_from_slice(&instruction.code.to_ne_bytes());
            bytes.extend_from_slice(&[instruction.jt, instruction.jf]);
            bytes.extend_from_slice(&instruction.k.to_ne_bytes());
        }
    }
    bytes
}

/// Every call there is, and around every condition the calls that meet it and just do not.
fn calls(rules: &[Rule], threads: bool, numbers: &BTreeMap<String, i64>) -> Vec<Call> {
    let most = numbers.values().max().copied().unwrap_or_default();
    let mut calls: Vec<Call> = (0..most + 16).map(Call::useless).collect();
    for rule in rules.iter().filter(|rule| rule.applies(threads)) {
        for name in &rule.calls {
            let number = numbers[name];
            calls.push(rule.met(name, number));
            calls.extend(rule.broken(name, number));
        }
    }
    calls
}

/// The rules of a stage as one test of them: each call has the fate that they state.
fn check(probe: &Probe, policy: &str, (name, stage, threads): (&str, SeccompStage, bool)) {
    let numbers = numbers();
    let rules = of_stage(policy, name);
    let compiled = Policy::parse(policy).expect("it is a policy");
    let filters = filters(&compiled, stage, threads);
    let calls: Vec<_> =
        calls(&rules, threads, &numbers).into_iter().map(|call| (0, call)).collect();
    let names: BTreeMap<i64, &str> =
        numbers.iter().map(|(name, number)| (*number, name.as_str())).collect();
    let mut seen = BTreeMap::new();
    for ((_, call), found) in calls.iter().zip(probe.fates(&filters, &calls)) {
        let expected = fate(&rules, threads, &numbers, call);
        let right = match expected {
            // What the kernel makes of a call that it gets to see is its own affair.
            Fate::Passes => found != Fate::Killed,
            Fate::Killed if UNSEEN.contains(&call.number) => true,
            expected => found == expected,
        };
        let shown = names.get(&call.number).copied().unwrap_or("unknown");
        assert!(right, "{name}, threads {threads}: {shown} {call:x?}: {found:?}, not {expected:?}");
        seen.entry(call.number).or_insert_with(BTreeSet::new).insert(expected);
    }
    every_rule_is_shown(&rules, threads, &numbers, &seen);
}

/// Of each call of each rule its own fate was seen and, where it has conditions, a neighbour's.
fn every_rule_is_shown(
    rules: &[Rule],
    threads: bool,
    numbers: &BTreeMap<String, i64>,
    seen: &BTreeMap<i64, BTreeSet<Fate>>,
) {
    for rule in rules.iter().filter(|rule| rule.applies(threads)) {
        for name in &rule.calls {
            let fates = &seen[&numbers[name]];
            let own = rule.errno.map_or(Fate::Passes, Fate::Answered);
            assert!(fates.contains(&own), "{name} was never {own:?}");
            let neighbour = rule.when.is_empty() || fates.contains(&Fate::Killed);
            assert!(neighbour, "{name} was never killed for its arguments");
        }
    }
    let killed = seen.values().filter(|fates| fates.contains(&Fate::Killed)).count();
    assert!(killed > 100, "only {killed} calls are forbidden");
}

#[test]
fn every_call_has_the_fate_that_its_policy_states() {
    let probe = Probe::new();
    for (name, text) in policies() {
        println!("{name}");
        STAGES.iter().for_each(|stage| check(&probe, &text, *stage));
    }
}

/// The twin of every kill: without filters the same calls come back.
#[test]
fn without_filters_forbidden_calls_are_made() {
    let numbers = numbers();
    let forbidden = ["socket", "ptrace", "io_uring_setup", "memfd_create", "getppid", "setns"];
    let call = |name: &&str| (0, Call::useless(numbers[*name]));
    let fates = Probe::new().fates(&[], &forbidden.iter().map(call).collect::<Vec<_>>());
    assert!(!fates.contains(&Fate::Killed), "{fates:?}");
}

/// L02, L03: no call of another kind than this machine's own gets through, whatever its number
/// means there. The numbers of all that a stage allows, with the bit of x32; a few of 32 bits.
#[test]
fn l02_l03_calls_of_another_architecture_are_killed_in_every_stage() {
    let numbers = numbers();
    let probe = Probe::new();
    // getpid, write, getuid, mmap2 (asm/unistd_32.h).
    let foreign = [20, 4, 199, 192].map(|number| (1, Call::useless(number)));
    for (_, text) in policies() {
        let policy = Policy::parse(&text).expect("it is a policy");
        for (name, stage, threads) in STAGES {
            let rules = of_stage(&text, name);
            let named =
                rules.iter().filter(|rule| rule.applies(threads)).flat_map(|rule| &rule.calls);
            let x32 = named.map(|name| (0, Call::useless(numbers[name] | X32)));
            let calls: Vec<_> = x32.chain(foreign).collect();
            let fates = probe.fates(&filters(&policy, stage, threads), &calls);
            let passed = calls.iter().zip(&fates).find(|(_, fate)| **fate != Fate::Killed);
            assert_eq!(passed, None, "{name}, threads {threads}");
        }
    }
    // The twin: the kernel serves a 32-bit call of this process.
    let fates = probe.fates(&[], &[(1, Call::useless(20)), (0, Call::useless(numbers["getpid"]))]);
    assert_eq!(fates, [Fate::Passes, Fate::Passes]);
}

/// Rules that say the same twice, or that another one says already, are mistakes of the reader.
#[test]
fn no_rule_is_written_twice_or_hidden_by_another() {
    for (name, text) in policies() {
        for (stage, _, threads) in STAGES {
            let found = mistakes(&of_stage(&text, stage), threads);
            assert!(found.is_empty(), "{name}: seccomp.{stage}, threads {threads}: {found:?}");
        }
    }
}

/// What is wrong with the rules of a stage.
fn mistakes(rules: &[Rule], threads: bool) -> Vec<String> {
    let rules: Vec<&Rule> = rules.iter().filter(|rule| rule.applies(threads)).collect();
    let mut found = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        for (at, call) in rule.calls.iter().enumerate() {
            if rule.calls[..at].contains(call) {
                found.push(format!("{call} stands twice in a rule"));
            }
            let others = rules[..index].iter().filter(|other| other.calls.contains(call));
            for other in others {
                if other.when.is_empty() || rule.when.is_empty() || other.when == rule.when {
                    found.push(format!("one rule for {call} hides another"));
                }
            }
        }
    }
    found
}

#[test]
fn mistakes_are_found() {
    let rules = |text: &str| of_stage(&format!("[seccomp.build]\n{text}"), "build");
    let one = "{ calls = [\"read\"], why = \"\" }";
    let when = |value: u8| {
        format!("{{ calls = [\"read\"], when = [{{ arg = 0, equals = {value} }}], why = \"\" }}")
    };
    let allow = |list: &[&str]| rules(&format!("allow = [{}]", list.join(", ")));
    assert!(mistakes(&allow(&[one]), false).is_empty());
    assert!(mistakes(&allow(&[&when(1), &when(2)]), false).is_empty());
    assert_eq!(mistakes(&allow(&[one, one]), false).len(), 1);
    assert_eq!(mistakes(&allow(&[&when(1), one]), false).len(), 1);
    assert_eq!(mistakes(&allow(&[&when(1), &when(1)]), false).len(), 1);
    assert_eq!(mistakes(&allow(&["{ calls = [\"read\", \"read\"], why = \"\" }"]), false).len(), 1);
    let answered =
        format!("allow = [{one}]\nanswer = [{{ calls = [\"read\"], errno = \"EPERM\" }}]");
    assert_eq!(mistakes(&rules(&answered), false).len(), 1);
}
