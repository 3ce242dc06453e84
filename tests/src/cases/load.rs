//! What a skill may do while it is loaded and called. Scan is off: the sidecar is on trial.

use serde_json::json;

use super::build::Secret;
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, process, twin};

pub(super) fn l01_call(env: &Env) -> Verdict {
    forbidden_in_call(env, "l01-socket-call", "reach-out")
}

pub(super) fn l01_ctor(env: &Env) -> Verdict {
    forbidden_in_ctor(env, "l01-socket-ctor")
}

pub(super) fn l04_call(env: &Env) -> Verdict {
    forbidden_in_call(env, "l04-io-uring-call", "ring")
}

pub(super) fn l04_ctor(env: &Env) -> Verdict {
    forbidden_in_ctor(env, "l04-io-uring-ctor")
}

/// Under the policy as it is: Scan lets the import through for Rust, and for Rust alone.
pub(super) fn s14_rust(env: &Env) -> Verdict {
    let skill = "s14-rust-syscall";
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    ends_the_call(&jig, skill, "reach-out", (6, "forbidden-syscall"))?;
    let same_in_c = Fixture::copy(env, "good/add", &[])?;
    same_in_c.append("\nlong syscall(long n, ...);\nlong x(void) { return syscall(39); }\n")?;
    same_in_c.append("int (*const keep)(int, int) = (int (*)(int, int))x;\n")?;
    same_in_c.append("__attribute__((used)) static long (*const kept)(long, ...) = syscall;\n")?;
    jig.submit(same_in_c.path())?.refuses(5, "scan-rejected")?;
    jig.finish()
}

/// The kernel kills it, or its library finds that an allocation failed and aborts: out of memory
/// either way.
pub(super) fn rust_memory(env: &Env) -> Verdict {
    let skill = "l19-rust-memory";
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{skill}"))?.released()?;
    jig.call(skill, "hoard", &["4096"])?.refuses(12, "call-memory")?;
    jig.serves()?;
    jig.call(skill, "hoard", &["16"])?.answers(&json!(16))?;
    jig.finish()
}

pub(super) fn rust_null(env: &Env) -> Verdict {
    crashes(env, "rust-null", "look", ("segfault", "SIGSEGV"))
}

pub(super) fn l15(env: &Env) -> Verdict {
    forbidden_in_call(env, "l15-second-thread", "reach-out")
}

/// The twin of the call acts by the same function.
pub(super) fn l15_ctor(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/l15-second-thread"))?;
    let jig = unscanned(env)?;
    let skill = Fixture::copy(env, "hostile/l15-second-thread", &[])?;
    skill.append("__attribute__((constructor)) static void at_load() { reach_out(1); }\n")?;
    let output = jig.submit(skill.path())?.refuses(6, "forbidden-syscall")?;
    ensure!(output.json["stage"] == "load", "the stage is not load: {output}");
    jig.serves()?;
    jig.finish()
}

/// A home with a harmless skill, under a policy whose scan refuses no import.
fn unscanned(env: &Env) -> Result<Jig, String> {
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}

fn forbidden_in_call(env: &Env, skill: &str, function: &str) -> Verdict {
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = unscanned(env)?;
    ends_the_call(&jig, skill, function, (6, "forbidden-syscall"))?;
    jig.finish()
}

fn forbidden_in_ctor(env: &Env, skill: &str) -> Verdict {
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = unscanned(env)?;
    let output = jig.submit_fixture(&format!("hostile/{skill}"))?;
    let output = output.refuses(6, "forbidden-syscall")?;
    ensure!(output.json["stage"] == "load", "the stage is not load: {output}");
    let told = crate::ledger::events(&jig.home(), "load-outcome")?;
    let refused = told.iter().any(|entry| entry["feedback"]["code"] == "forbidden-syscall");
    ensure!(refused, "the ledger does not tell of it");
    jig.call(skill, "anything", &[])?.refuses(15, "not-found")?;
    jig.serves()?;
    jig.finish()
}

/// Submits a hostile skill, which behaves when called with 0, and calls it with 1: that call ends
/// so, and the next ones work.
fn ends_the_call(
    jig: &Jig,
    skill: &str,
    function: &str,
    (exit, code): (i32, &str),
) -> Result<Output, String> {
    jig.submit_fixture(&format!("hostile/{skill}"))?.released()?;
    let output = jig.call(skill, function, &["1"])?.refuses(exit, code)?;
    jig.serves()?;
    jig.call(skill, function, &["0"])?.answers(&json!(0))?;
    Ok(output)
}

/// Opens a file as descriptor 7 and goes on as the program that follows.
const WITH_DESCRIPTOR: &str = r#"exec 7<"$0"; exec "$@""#;

pub(super) fn l08_call(env: &Env) -> Verdict {
    // Reading is opened, so that the descriptors themselves are on trial.
    let policy = Policy::default_of(env)?.without_scan_denials();
    let policy = policy.allow_syscalls("serve", &["pread64"], "the descriptors are on trial");
    descriptors(env, "l08-inherited-fd-call", &policy)
}

pub(super) fn l08_ctor(env: &Env) -> Verdict {
    descriptors(env, "l08-inherited-fd-ctor", &Policy::default_of(env)?.without_scan_denials())
}

fn descriptors(env: &Env, skill: &str, policy: &Policy) -> Verdict {
    let directory = env.skills("hostile").join(skill);
    let secret = Secret::new()?;
    let scene = ["sh", "-c", WITH_DESCRIPTOR, &secret.path];
    let acted = twin::acts_under(&directory, &scene)?;
    ensure!(acted.contains(&secret.text), "the twin does not read the descriptor: {acted}");

    let jig = Jig::under(env, policy)?;
    let under_scene = |args: &[&str]| {
        let command = process::under(&scene, &jig.command(args));
        Jig::read(args, process::run(command, crate::jig::LIMIT)?)
    };
    let directory = directory.display().to_string();
    under_scene(&["submit", "--allow-compile", "--json", &directory])?.released()?;
    let output = under_scene(&["call", "--json", skill, "rummage", "1"])?.exits(0)?;
    ensure!(output.json["ok"].is_string(), "it did not look: {output}");
    ensure!(!output.mentions(&secret.text), "a descriptor of the host's came through: {output}");
    ensure!(!jig.home_holds(&secret.text)?, "the text is in the home");
    jig.finish()
}

pub(super) fn exit(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/exit-in-call"))?;
    let jig = unscanned(env)?;
    ends_the_call(&jig, "exit-in-call", "leave", (6, "exited"))?;
    jig.call("exit-in-call", "leave", &["2"])?.refuses(6, "exited")?;
    jig.finish()
}

pub(super) fn abort(env: &Env) -> Verdict {
    crashes(env, "abort-in-call", "give-up", ("abort", "SIGABRT"))
}

pub(super) fn stack(env: &Env) -> Verdict {
    crashes(env, "stack-overflow", "descend", ("stack-overflow", "SIGSEGV"))
}

fn crashes(env: &Env, skill: &str, function: &str, (code, signal): (&str, &str)) -> Verdict {
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = unscanned(env)?;
    let output = ends_the_call(&jig, skill, function, (6, code))?;
    ensure!(output.mentions(signal), "it does not name {signal}: {output}");
    let place = &output.feedback()["diagnostics"][0];
    ensure!(place["line"].is_u64(), "it names no line: {output}");
    // The same crash reads the same, wherever the kernel puts the stack.
    for _ in 0..12 {
        let again = jig.call(skill, function, &["1"])?;
        ensure!(again.json == output.json, "once it reads {output}; another time {again}");
    }
    jig.finish()
}

pub(super) fn endless(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/endless-loop"))?;
    let jig = unscanned(env)?;
    ends_the_call(&jig, "endless-loop", "spin", (12, "call-deadline"))?;
    jig.finish()
}

pub(super) fn memory(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/alloc-bomb"))?;
    let jig = unscanned(env)?;
    jig.submit_fixture("hostile/alloc-bomb")?.released()?;
    jig.call("alloc-bomb", "hoard", &["4096"])?.refuses(12, "call-memory")?;
    jig.serves()?;
    // Well within the limit it is served, so that it was the limit that ended the other.
    jig.call("alloc-bomb", "hoard", &["16"])?.answers(&json!(16))?;
    jig.finish()
}

/// With threads and without: then they are refused, and that is an error as any other.
pub(super) fn honest(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/honest")?.released()?;
    jig.call("honest", "threaded", &["8"])?.answers(&json!(8000))?;
    jig.call("honest", "sorted", &["300000"])?.answers(&json!(true))?;
    let alone = Fixture::copy(env, "good/honest", &[("std::to_string(threaded(2))", "\"none\"")])?;
    alone.edit_plan(|plan| {
        plan.remove("limits");
        let tests = plan.get_mut("test").and_then(toml::Value::as_array_mut);
        let with_threads = |test: &toml::Value| {
            test["call"].as_str().is_some_and(|call| matches!(call, "threaded" | "loaded"))
        };
        tests.into_iter().for_each(|tests| tests.retain(|test| !with_threads(test)));
    })?;
    jig.submit(alone.path())?.released()?;
    let output = jig.call("honest", "threaded", &["4"])?.refuses(1, "exception")?;
    ensure!(output.mentions("Resource temporarily unavailable"), "it says less: {output}");
    jig.finish()
}

/// Refused before anything is built. The twin is the same plan with the network it may have: none.
pub(super) fn network(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    for asked in ["outbound", "loopback", "None", ""] {
        let skill = Fixture::copy(env, "good/add", &[])?;
        skill.edit_plan(|plan| drop(plan.insert("network".into(), asked.into())))?;
        let output = jig.submit(skill.path())?.refuses(3, "plan-policy")?;
        let reason = format!("network = {asked:?} is not served");
        let told = &output.feedback()["diagnostics"][0];
        let says = told["message"].as_str().is_some_and(|message| message.contains(&reason));
        ensure!(says && told["line"].is_u64(), "it does not say why and where: {output}");
        ensure!(output.json["stage"] == "plan", "the stage is not plan: {output}");
    }
    let built = crate::ledger::events(&jig.home(), "build-intent")?;
    ensure!(built.is_empty(), "something was built: {built:?}");
    jig.submit_fixture("good/add")?.released()?;
    jig.serves()?;
    jig.finish()
}
