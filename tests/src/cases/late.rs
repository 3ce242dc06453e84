//! Calls and loads that take too long: they are told with the place where they were, and one that lets
//! nobody ask is told as it is without.

use super::crashes::{Crash, crash};
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin};

const NAME: &str = "hostile/lingers";
const SKILL: &str = "lingers";

const DEADLINE: (i32, &str) = (12, "call-deadline");
const LATE: &str = "longer than 500 ms";

const PLACES: &[Crash] = &[
    crash(
        "nested",
        &["1"],
        DEADLINE,
        LATE,
        &[
            ("in `inner`: the time ran out here", "turns = turns + 1"),
            ("called from `middle`", "return inner(n) + 1;"),
            ("called from `nested`", "sum += middle(n);"),
        ],
    ),
    crash(
        "sleeps",
        &["1"],
        DEADLINE,
        LATE,
        &[("in `sleeps`: the time ran out in `nanosleep`, called here", "nanosleep(&day")],
    ),
    // The handler is not installed: rt_sigaction is answered.
    crash("ignores", &["1"], DEADLINE, LATE, &[("in `inner`: the time ran out here", "turns")]),
    crash("blocks", &["1"], DEADLINE, LATE, &[]),
    crash("lies", &["[1, 2, 3]"], DEADLINE, LATE, &[]),
];

/// What a skill sends to itself ends it, with the line that did.
const SENT: &[Crash] = &[
    sent(&["24"], "crash", "SIGXCPU, which it sent to itself"),
    sent(&["11"], "segfault", "SIGSEGV, which it sent to itself"),
    sent(&["8"], "arithmetic-error", "SIGFPE, which it sent to itself"),
];

const fn sent(args: &'static [&'static str], code: &'static str, cause: &'static str) -> Crash {
    crash("sends", args, (6, code), cause, &[("in `sends`", "raise((int)signal)")])
}

fn jig(env: &Env) -> Result<Jig, String> {
    twin::acts(&env.skills(NAME))?;
    let policy = Policy::default_of(env)?.without_scan_denials().load_deadline("1s");
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}

fn names_line(output: &Output) -> bool {
    let told = output.feedback()["diagnostics"].as_array();
    told.is_some_and(|told| told.iter().any(|place| place["line"].is_u64()))
}

pub(super) fn called(env: &Env) -> Verdict {
    let jig = jig(env)?;
    jig.submit_fixture(NAME)?.released()?;
    for crash in PLACES.iter().chain(SENT) {
        let output = crash.is(jig.call(SKILL, crash.call, crash.args)?)?;
        ensure!(names_line(&output) != crash.calls.is_empty(), "{}: {output}", crash.call);
    }
    jig.serves()?;
    jig.finish()
}

fn at_load(env: &Env, number: u32) -> Result<Fixture, String> {
    Fixture::at_load(env, NAME, number)
}

pub(super) fn loaded(env: &Env) -> Verdict {
    const LOAD: (i32, &str) = (12, "load-deadline");
    let jig = jig(env)?;
    let nested = crash(
        "nested",
        &[],
        LOAD,
        "longer than 1000 ms",
        &[
            ("in `inner`: the time ran out here", "turns = turns + 1"),
            ("called from `middle`", "return inner(n) + 1;"),
            ("called from `nested`", "sum += middle(n);"),
            ("called from `before`", "acts[AT_LOAD](1)"),
        ],
    );
    nested.is(jig.submit(at_load(env, 1)?.path())?)?;
    for blind in [2, 3] {
        let output = jig.submit(at_load(env, blind)?.path())?.refuses(LOAD.0, LOAD.1)?;
        ensure!(!names_line(&output), "{blind}: a line is told: {output}");
    }
    // A constructor can have the signal ignored for good.
    jig.submit(at_load(env, 4)?.path())?.released()?;
    let output = jig.call(SKILL, "nested", &["1"])?.refuses(DEADLINE.0, DEADLINE.1)?;
    ensure!(!names_line(&output), "a line is told: {output}");
    jig.serves()?;
    jig.finish()
}

pub(super) fn verified(env: &Env) -> Verdict {
    let jig = jig(env)?;
    let skill = Fixture::copy(env, NAME, &[("args = [0]", "args = [1]")])?;
    let output = jig.submit(skill.path())?.refuses(DEADLINE.0, DEADLINE.1)?;
    ensure!(output.json["stage"] == "verify", "the stage is not verify: {output}");
    let told = output.feedback()["diagnostics"].as_array();
    let told = told.ok_or("it has no diagnostics")?;
    let line = told.iter().find(|place| {
        place["message"].as_str().is_some_and(|text| text.contains("in `inner`: the time ran out"))
    });
    let excerpt = line.and_then(|line| line["excerpt"].as_str()).unwrap_or_default();
    ensure!(excerpt.contains("turns = turns + 1"), "it does not show the line: {output}");
    jig.serves()?;
    jig.finish()
}

/// Without namespaces the payload is a child of the supervisor's.
pub(super) fn contained(env: &Env) -> Verdict {
    let jig = Jig::under(env, &Policy::named(env, "container")?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(NAME)?.released()?;
    let nested = &PLACES[0];
    nested.is(jig.call(SKILL, nested.call, nested.args)?)?;
    jig.serves()?;
    jig.finish()
}
