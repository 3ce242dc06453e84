//! Ways in which a skill can end otherwise than by returning, each from a call and from a
//! constructor: none reads as an answer, and each has its name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::json;

use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin};

const SKILL: &str = "ends";

/// What the feedback of an end has: exit code, code, and a text of its summary.
#[derive(Clone, Copy, Debug)]
enum Told {
    As(i32, &'static str, &'static str),
    /// It answers with this number, or loads, and has not ended.
    Lives(u32),
    /// What comes of it is anybody's guess. It has a name, or answers with a number.
    Anything,
}

use Told::{Anything, As, Lives};

const CALL_DEADLINE: Told = As(12, "call-deadline", "");
const LOAD_DEADLINE: Told = As(12, "load-deadline", "");

/// An end by its name in the fixture; from a call and from a constructor.
struct End(&'static str, Told, Told);

const ENDS: &[End] = &[
    // The handler of a call is not installed: rt_sigaction is answered.
    End("L16-handled-crash", As(6, "segfault", "SIGSEGV"), As(6, "exited", "exit code 0")),
    End("L16-handler", Lives(4), Lives(0)),
    End("L17-exit", As(6, "exited", "exit code 3"), As(6, "exited", "exit code 3")),
    End("L17-atexit", As(6, "exited", "exit code 0"), As(6, "exited", "exit code 0")),
    End("L17-abort", As(6, "abort", "SIGABRT"), As(6, "abort", "SIGABRT")),
    End("L17-jump", Anything, Anything),
    End("L17-stop", CALL_DEADLINE, LOAD_DEADLINE),
    End("L17-kill", As(6, "crash", "SIGKILL"), As(6, "crash", "SIGKILL")),
    // A thread lives on, so that the process does.
    End("L17-half", CALL_DEADLINE, LOAD_DEADLINE),
    End("L18-thread", Lives(1), Lives(0)),
    End("L19-loop", CALL_DEADLINE, LOAD_DEADLINE),
    End("L19-stack", As(6, "stack-overflow", "SIGSEGV"), As(6, "stack-overflow", "SIGSEGV")),
    // malloc fails at the limit, and it gives up.
    End("L19-memory", As(6, "abort", "SIGABRT"), As(6, "abort", "SIGABRT")),
];

/// The number of each end by its name, once the twin has shown all of them.
fn numbers(env: &Env) -> Result<&'static BTreeMap<String, u32>, String> {
    static SHOWN: OnceLock<Result<BTreeMap<String, u32>, String>> = OnceLock::new();
    let shown = SHOWN.get_or_init(|| {
        let said = twin::acts(&env.skills("hostile/ends"))?;
        let words = said.trim().split(' ').filter_map(|word| word.split_once('='));
        let read = |(number, name): (&str, &str)| Some((name.to_owned(), number.parse().ok()?));
        Ok(words.filter_map(read).collect())
    });
    shown.as_ref().map_err(Clone::clone)
}

fn home(env: &Env) -> Result<Jig, String> {
    let policy = Policy::default_of(env)?.without_scan_denials().load_deadline("1s");
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}

fn call(jig: &Jig, number: u32) -> Result<Output, String> {
    jig.call(SKILL, "end", &[&number.to_string()])
}

/// The output has the feedback of an end.
fn told(output: Output, exit: i32, code: &str, text: &str) -> Verdict {
    let output = output.refuses(exit, code)?;
    let summary = output.feedback()["summary"].as_str().unwrap_or_default();
    ensure!(summary.contains(text), "it does not say {text}: {output}");
    Ok(())
}

fn anything(output: &Output) -> Verdict {
    let code = output.feedback()["code"].as_str();
    let named = match output.exit {
        6 => matches!(
            code,
            Some("crash" | "segfault" | "abort" | "exited" | "forbidden-syscall" | "load-failed")
        ),
        12 => matches!(code, Some("call-deadline" | "load-deadline" | "call-memory")),
        exit => exit == 0,
    };
    ensure!(named, "it has no name: {output}");
    Ok(())
}

fn when_called(jig: &Jig, number: u32, told_as: Told) -> Verdict {
    let output = call(jig, number)?;
    match told_as {
        As(exit, code, text) => told(output, exit, code, text)?,
        Lives(answer) => drop(output.answers(&json!(answer))?),
        Anything => anything(&output)?,
    }
    call(jig, 0)?.answers(&json!(0))?;
    jig.serves()
}

fn at_load(env: &Env, number: u32) -> Result<Fixture, String> {
    Fixture::at_load(env, "hostile/ends", number)
}

fn when_loaded(env: &Env, jig: &Jig, number: u32, told_as: Told) -> Verdict {
    let output = jig.submit(at_load(env, number)?.path())?;
    match told_as {
        As(exit, code, text) => {
            ensure!(output.json["stage"] == "load", "the stage is not load: {output}");
            told(output, exit, code, text)?;
            let told = crate::ledger::events(&jig.home(), "load-outcome")?;
            let last = told.last().map(|entry| &entry["feedback"]["code"]);
            ensure!(last.is_some_and(|last| last == code), "the ledger says {last:?}, not {code}");
        }
        Lives(_) => {
            output.released()?;
            call(jig, 0)?.answers(&json!(0))?;
        }
        Anything => anything(&output)?,
    }
    jig.serves()
}

/// Every end of a line, called and loaded.
fn line(env: &Env, line: &str) -> Result<Jig, String> {
    let numbers = numbers(env)?;
    let jig = home(env)?;
    jig.submit_fixture("hostile/ends")?.released()?;
    let ends: Vec<&End> = ENDS.iter().filter(|End(name, ..)| name.starts_with(line)).collect();
    let number = |name: &str| {
        let number = numbers.get(name).copied();
        number.ok_or_else(|| format!("the twin shows no {name}"))
    };
    let mut dead = 0;
    for End(name, called, _) in &ends {
        let told = |reason| format!("{name} when called: {reason}");
        when_called(&jig, number(name)?, *called).map_err(told)?;
        dead += usize::from(matches!(called, As(6, ..)));
    }
    let events = crate::ledger::events(&jig.home(), "crashed")?;
    let events = events.iter().filter(|entry| entry["skill"] == SKILL).count();
    ensure!(events >= dead, "{dead} calls ended so, the ledger tells of {events}");
    for End(name, _, loaded) in &ends {
        let told = |reason| format!("{name} when loaded: {reason}");
        when_loaded(env, &jig, number(name)?, *loaded).map_err(told)?;
    }
    Ok(jig)
}

/// The handler of a constructor stays, and ends the process of a later call with exit code 0.
pub(super) fn l16(env: &Env) -> Verdict {
    let jig = line(env, "L16")?;
    let numbers = numbers(env)?;
    let number = |name: &str| numbers.get(name).copied().unwrap_or_default();
    jig.submit(at_load(env, number("L16-handler"))?.path())?.released()?;
    told(call(&jig, number("L16-crash"))?, 6, "exited", "exit code 0")?;
    jig.finish()
}

pub(super) fn l17(env: &Env) -> Verdict {
    line(env, "L17")?.finish()
}

/// Among the plan's tests is one that leaves a thread behind, and another one after it in the same
/// sidecar.
pub(super) fn l18(env: &Env) -> Verdict {
    line(env, "L18")?.finish()
}

pub(super) fn l19(env: &Env) -> Verdict {
    line(env, "L19")?.finish()
}

/// There is no result of a constructor.
pub(super) fn huge(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/l19-huge"))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.arena("1MiB"))?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture("hostile/l19-huge")?.released()?;
    let call = |length: u32| jig.call("l19-huge", "huge", &[&length.to_string()]);
    call(64 << 20)?.refuses(12, "result-too-large")?;
    jig.serves()?;
    // Well within the arena it is had, so that it was the arena that refused the other.
    call(1000)?.answers(&json!("x".repeat(1000)))?;
    jig.finish()
}
