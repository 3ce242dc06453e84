//! Rules that nobody needs: each system call that the default policy names is taken away alone, and
//! honest work is done again. What goes on as before did not need it.

use serde_json::Value;

use crate::fixture::Language;
use crate::policy::Named;
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure};

/// Calls, or one rule of a call, that the work below does not make with gcc 12, glibc 2.36 and Linux 6.18, and why they stay.
struct Stays {
    stages: &'static [&'static str],
    calls: &'static [&'static str],
    why: &'static str,
}

const fn stays(
    stages: &'static [&'static str],
    calls: &'static [&'static str],
    why: &'static str,
) -> Stays {
    Stays { stages, calls, why }
}

/// Whether a rule for a call is what a name means: the call, or that rule alone.
fn is(named: &Named, name: &str) -> bool {
    named.call == name || named.to_string() == name
}

const SIDECAR: &[&str] = &["load", "serve"];

const STAY: &[Stays] = &[
    stays(
        &["build"],
        &[
            "readv",
            "pwrite64",
            "writev",
            "fsync",
            "faccessat",
            "readlinkat",
            "statfs",
            "fstatfs",
            "renameat",
            "renameat2",
            "mremap",
            "fork",
            "waitid",
            "pipe",
            "dup",
            "dup3",
            "fcntl",
            "getppid",
            "getuid",
            "geteuid",
            "getgid",
            "getegid",
            "getpgrp",
            "uname",
            "times",
            "getrlimit",
            "setrlimit",
            "umask",
            "chmod",
            "fchmod",
        ],
        "other versions of libc, other compilers and linkers do the same work by these",
    ),
    stays(
        &["build", "load", "serve"],
        &["gettimeofday", "clock_gettime", "getcpu"],
        "made by machines whose clock cannot be read without a call (vdso(7))",
    ),
    stays(&["build"], &["alarm"], "made by LLVM's linker when it crashes, as on a full disk"),
    stays(
        SIDECAR,
        &["getpid", "gettid", "tgkill", "rt_sigreturn", "sigaltstack", "exit_group"],
        "abort and exit, and the crash handler; when they are killed it is a crash all the same",
    ),
    stays(SIDECAR, &["restart_syscall"], "made by the kernel for a sleep that a stop interrupted"),
    stays(
        SIDECAR,
        &["nanosleep", "set_tid_address", "writev", "lseek", "pread64", "fstat", "sendmsg"],
        "other versions of libc do by these what this one does by others",
    ),
    stays(
        &["serve"],
        &["recvmsg"],
        "brings the descriptors of arguments that are files, which this work has none of",
    ),
    stays(SIDECAR, &["mmap (allow 4)"], "maps such arguments"),
    stays(&["serve"], &["read", "close"], "harmless: there is nothing left to read from"),
    stays(
        SIDECAR,
        &[
            "uname",
            "getrusage",
            "prlimit64",
            "getuid",
            "geteuid",
            "getgid",
            "getegid",
            "access",
            "faccessat2",
            "statfs",
            "readlink",
            "getcwd",
            "fstat",
        ],
        "answered, for libraries that these sources do not use",
    ),
];

/// What a piece of work came to, as far as it must not change.
type Outcome = (i32, Value, Value, Value);

fn outcome(output: &Output) -> Outcome {
    let json = &output.json;
    (
        output.exit,
        json["artifact"].clone(),
        json["result"]["ok"].clone(),
        output.feedback()["summary"].clone(),
    )
}

/// A source of C++ that does what honest code does: sorts, formats, throws, asks for time, locale,
/// processors and threads, sleeps, takes and gives back memory.
const CPP: &str = r#"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <locale>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

static std::vector<int> early(1000, 7);
static const std::locale first("");

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static int threads() {
    try {
        int from = 0;
        std::thread worker([&] { from = std::vector<int>(100000, 1)[5]; });
        worker.join();
        return from;
    } catch (const std::system_error &) {
        return 1;
    }
}

unsigned answer(void) {
    std::vector<int> many(300000);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = int(i * 7919 % 300007);
    std::qsort(many.data(), many.size(), sizeof many[0], compare);
    std::sort(many.rbegin(), many.rend());
    std::ostringstream text;
    text << many[0] << ' ' << 1.5;
    std::printf("%s %f\n", text.str().c_str(), 2.5);
    std::fflush(stdout);
    std::cout << "to the log" << std::endl;
    std::cerr << "to the log\n";
    try {
        throw std::runtime_error("caught");
    } catch (const std::exception &) {
    }
    std::time_t now = std::time(nullptr);
    if (!std::localtime(&now)) return 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::yield();
    (void)std::thread::hardware_concurrency();
    (void)std::chrono::steady_clock::now();
    (void)isatty(1);
    try {
        std::random_device device;
        (void)device();
    } catch (const std::exception &) {
    }
    for (int i = 0; i < 3; ++i) {
        char *grown = (char *)std::malloc(1 << 20);
        grown = (char *)std::realloc(grown, 8 << 20);
        std::free(grown);
    }
    return 41 + threads();
}
"#;

/// The same in Rust.
const RUST: &str = r#"
use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

fn answer() -> u32 {
    let start = Instant::now();
    let mut map: HashMap<u32, String> = (0..1000).map(|n| (n, format!("{n:?}"))).collect();
    map.retain(|n, _| n % 2 == 0);
    println!("{} {:?}", map.len(), SystemTime::now() > SystemTime::UNIX_EPOCH);
    eprintln!("to the log");
    std::thread::sleep(Duration::from_millis(1));
    std::thread::yield_now();
    let _ = std::thread::available_parallelism();
    let _ = std::env::var("HOME");
    let _ = std::fs::read("/etc/passwd");
    let caught = std::panic::catch_unwind(|| panic!("caught")).is_err();
    let mut big: Vec<u64> = Vec::new();
    (0..2_000_000).for_each(|n| big.push(n));
    big.sort_unstable_by(|a, b| b.cmp(a));
    let thread = std::thread::Builder::new().spawn(|| 1);
    let one = thread.map_or(1, |thread| thread.join().unwrap_or(0));
    41 + one * u32::from(caught && start.elapsed() < Duration::from_secs(100))
}
"#;

/// The same in C, and the end that an assertion makes.
const C: &str = r#"
#include <assert.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

unsigned answer(void) {
    setlocale(LC_ALL, "");
    char text[64];
    snprintf(text, sizeof text, "%ld %g", (long)clock(), 1.5);
    puts(text);
    struct timespec nap = {0, 1000};
    nanosleep(&nap, 0);
    void *blocks[64];
    for (int i = 0; i < 64; ++i) blocks[i] = memset(malloc(100000), 1, 100000);
    for (int i = 0; i < 64; ++i) free(blocks[i]);
    return 42;
}
"#;

const ABORT: &str =
    "#include <assert.h>\nunsigned answer(void) { assert(!\"here\"); return 42; }\n";

/// A skill of this source, that may have threads or not.
fn skill(language: Language, source: &str, threads: u32) -> Result<Fixture, String> {
    let skill = Fixture::of(language, source)?;
    skill.edit_plan(|plan| {
        let limits = toml::Table::from_iter([("threads".to_owned(), threads.into())]);
        drop(plan.insert("limits".into(), limits.into()));
    })?;
    Ok(skill)
}

/// Honest work for a stage: all of it, or one skill that makes each time the calls of which `rules` is sure.
fn work(stage: &str, all: bool) -> Result<Vec<Fixture>, String> {
    if !all {
        return Ok(vec![skill(Language::C, C, 0)?]);
    }
    let harmless = Language::ALL.map(|language| skill(language, language.answer(), 0));
    let mut skills = Vec::from(harmless);
    if stage == "build" {
        for language in Language::ALL {
            let wrong = format!("int nonsense({}", language.answer());
            skills.push(skill(language, &wrong, 0));
            let undefined = match language {
                Language::Rust => {
                    "unsafe extern \"C\" { fn gone() -> u32; }\nfn answer() -> u32 { unsafe { gone() } }\n"
                }
                Language::C => "unsigned gone(void);\nunsigned answer(void) { return gone(); }\n",
                Language::Cpp => "unsigned gone();\nunsigned answer() { return gone(); }\n",
            };
            skills.push(skill(language, undefined, 0));
        }
    }
    for threads in [0, 2] {
        skills.push(skill(Language::Cpp, CPP, threads));
        skills.push(skill(Language::Rust, RUST, threads));
    }
    skills.push(skill(Language::C, C, 0));
    skills.push(skill(Language::C, ABORT, 0));
    skills.into_iter().collect()
}

fn once(jig: &Jig, skill: &Fixture) -> Result<Output, String> {
    let directory = skill.path().display().to_string();
    jig.run(&["run", "--allow-compile", "--json", &directory, "answer"])
}

/// A stage with its work, and what that comes to under the policy as it is.
struct Bench<'a> {
    env: &'a Env,
    stage: &'static str,
    policy: Policy,
    skills: Vec<(Fixture, Outcome)>,
    /// A home where everything is built: what is tried is what comes after.
    home: Jig,
}

impl<'a> Bench<'a> {
    fn new(env: &'a Env, stage: &'static str, policy: Policy) -> Result<Self, String> {
        let home = Jig::under(env, &policy)?;
        let mut skills = Vec::new();
        for skill in work(stage, env.full)? {
            let output = once(&home, &skill)?;
            let code = output.feedback()["code"].as_str().unwrap_or_default();
            let forbidden = matches!(code, "forbidden-syscall" | "compiler-crashed");
            ensure!(!forbidden, "honest work is forbidden: {output}");
            skills.push((skill, outcome(&output)));
        }
        Ok(Bench { env, stage, policy, skills, home })
    }

    /// Whether some work comes to something else without this call.
    fn needs(&self, named: &Named) -> Result<bool, String> {
        let policy = self.policy.clone().without(named);
        let fresh;
        let home = if self.stage == "build" {
            fresh = Jig::under(self.env, &policy)?;
            &fresh
        } else {
            self.home.change(&policy)?;
            &self.home
        };
        for (skill, as_it_was) in &self.skills {
            if outcome(&once(home, skill)?) != *as_it_was {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn stays(&self, named: &Named) -> bool {
        let of_stage = |stay: &&Stays| stay.stages.contains(&self.stage);
        STAY.iter().filter(of_stage).any(|stay| stay.calls.iter().any(|call| is(named, call)))
    }
}

/// Tries each call in turn with `--full`; else that the trial itself tells needed from needless.
pub(super) fn rules(env: &Env) -> Verdict {
    let policy = Policy::default_of(env)?;
    for Stays { stages, calls, why } in STAY {
        let named: Vec<_> = stages.iter().flat_map(|stage| policy.calls_of(stage)).collect();
        for call in *calls {
            let there = named.iter().any(|named| is(named, call));
            ensure!(there, "{call} is in no rule of {stages:?}, and was to stay: {why}");
        }
    }
    // Not futex for the last: a call that is answered soon meets nobody who sleeps.
    for (stage, needed) in [("build", "execve"), ("load", "openat"), ("serve", "write")] {
        if env.full { each(env, stage)? } else { method(env, stage, needed)? }
    }
    Ok(())
}

fn each(env: &Env, stage: &'static str) -> Verdict {
    let bench = Bench::new(env, stage, Policy::default_of(env)?)?;
    let mut needless = Vec::new();
    let named = bench.policy.calls_of(stage);
    for named in named {
        if !bench.stays(&named) && !bench.needs(&named)? {
            needless.push(named.to_string());
        }
    }
    ensure!(needless.is_empty(), "nobody needs in {stage}: {}", needless.join(", "));
    bench.home.finish()
}

/// A call that everything needs is found to be needed, and one that was just added is not.
fn method(env: &Env, stage: &'static str, needed: &str) -> Verdict {
    let policy = Policy::default_of(env)?.allow_syscalls(stage, &["syslog"], "nobody needs it");
    let bench = Bench::new(env, stage, policy)?;
    let named = bench.policy.calls_of(stage);
    for (call, expected) in [(needed, true), ("syslog", false)] {
        let named = named.iter().find(|named| named.call == call);
        let needed = bench.needs(named.ok_or_else(|| format!("the policy has no {call}"))?)?;
        ensure!(needed == expected, "{call} in {stage}: needed is {needed}");
    }
    bench.home.finish()
}
