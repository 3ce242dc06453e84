//! A skill that tampers with what it shares with the host.

use serde_json::{Value, json};
use toml::Table;

use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin};

const SKILL: &str = "i02-length-race";

fn right() -> Value {
    json!([0x1234_5678_u32, 0x9abc_def0_u32, 0x0123_4567_u32, 0xfedc_ba98_u32])
}

pub(super) fn length_race(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile").join(SKILL))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{SKILL}"))?.released()?;
    for _ in 0..if env.full { 200 } else { 12 } {
        let output = jig.call(SKILL, "race", &["race"])?;
        let fits = output.exit == 0 && is_of_the_type(&output.json["ok"]);
        ensure!(fits || tampered(&output.json["error"], output.exit), "it believed: {output}");
    }
    jig.call(SKILL, "race", &["quiet"])?.answers(&right())?;
    races_through_many_calls(env, &jig)?;
    jig.serves()?;
    jig.finish()
}

/// What the skill wrote is its own affair: numbers of the right type, and as many as the length says
/// that was checked. The other length that the thread writes would fill the arena many times over.
fn is_of_the_type(value: &Value) -> bool {
    let numbers = value.as_array().filter(|numbers| numbers.len() == 4);
    numbers.is_some_and(|all| all.iter().all(|n| n.as_u64().is_some_and(|n| n <= 0xffff_ffff)))
}

fn is_of_its_own_act(code: &str) -> bool {
    matches!(code, "bad-result" | "exited" | "segfault" | "bus-error" | "abort" | "crash")
}

/// An error that says that the skill's memory is not to be trusted, or that it died of its own act.
fn tampered(feedback: &Value, exit: i32) -> bool {
    exit == 6 && feedback["code"].as_str().is_some_and(is_of_its_own_act)
}

/// The thread of a plan's first test rewrites lengths while the next tests of the same sidecar run.
fn races_through_many_calls(env: &Env, jig: &Jig) -> Verdict {
    let skill = Fixture::copy(env, &format!("hostile/{SKILL}"), &[])?;
    let test = |text: &str| -> toml::Value {
        let result = right().to_string();
        let arguments = json!([text]).to_string();
        Table::from_iter([
            ("call".to_owned(), "race".into()),
            ("args-json".to_owned(), arguments.into()),
            ("expect-json".to_owned(), result.into()),
        ])
        .into()
    };
    for round in 0..if env.full { 20 } else { 3 } {
        let quiet = std::iter::repeat_n(test("quiet"), 60 + round);
        let tests = std::iter::once(test("race")).chain(quiet).collect();
        skill.edit_plan(|plan| drop(plan.insert("test".into(), toml::Value::Array(tests))))?;
        let output = jig.submit(skill.path())?;
        let code = output.feedback()["code"].as_str().unwrap_or_default();
        let refused = output.exit == 7 && (code == "test-failed" || is_of_its_own_act(code));
        ensure!(refused || output.exit == 0, "the host went astray: {output}");
    }
    Ok(())
}

pub(super) fn truncate(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/i03-truncate"))?;
    let policy = Policy::default_of(env)?.without_scan_denials();
    let policy = policy
        // Both stages are in force when it serves.
        .allow_syscalls("load", &["ftruncate"], "the seal is on trial")
        .allow_syscalls("serve", &["ftruncate"], "the seal is on trial");
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture("hostile/i03-truncate")?.released()?;
    jig.call("i03-truncate", "cut", &["1"])?.answers(&json!(0))?;
    jig.call("i03-truncate", "cut", &["0"])?.answers(&json!(0))?;
    jig.serves()?;
    jig.finish()
}

/// What is told of it is short and counts what is lost; what is printed without a crash is nobody's.
pub(super) fn flood(env: &Env) -> Verdict {
    let name = "i05-flood";
    twin::acts(&env.skills("hostile").join(name))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{name}"))?.released()?;
    let call = |kibibytes: &str, crash| jig.call(name, "flood", &[kibibytes, crash]);
    // The pipe blocks nobody: it takes 64 KiB, and the rest is lost to the skill.
    call("4096", "false")?.answers(&json!(64))?;
    let told = |output: &Output| {
        let notes = output.feedback()["diagnostics"].as_array().into_iter().flatten();
        let notes = notes.filter_map(|note| note["message"].as_str());
        notes.filter(|note| note.contains("the skill printed")).map(str::to_owned).next()
    };
    let output = call("4096", "true")?.refuses(6, "abort")?;
    let note = told(&output).ok_or_else(|| format!("nothing is told of it: {output}"))?;
    let lost = format!("at least {} more bytes are lost", (64 << 10) - 500);
    ensure!(note.contains(&lost) && note.len() < 700, "it is not cut and counted: {note}");
    let output = call("0", "true")?.refuses(6, "abort")?;
    ensure!(told(&output).is_none(), "it printed nothing: {output}");
    let define = "#define AT_LOAD 4096\n#ifndef AT_LOAD";
    let at_load = Fixture::copy(env, &format!("hostile/{name}"), &[("#ifndef AT_LOAD", define)])?;
    jig.submit(at_load.path())?.refuses(6, "abort")?;
    jig.serves()?;
    jig.finish()
}

/// Each is refused with what it is, and the same functions with a value are answered. A NaN is a NaN.
pub(super) fn values(env: &Env) -> Verdict {
    let name = "i10-values";
    twin::acts(&env.skills("hostile").join(name))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{name}"))?.released()?;
    let refused: [(&str, u32, &str); 11] = [
        ("text", 1, "result: invalid UTF-8 at byte 0"),
        ("text", 2, "result: invalid UTF-8 at byte 0"),
        ("text", 3, "result: invalid UTF-8 at byte 0"),
        ("text", 4, "result: invalid UTF-8 at byte 0"),
        ("text", 5, "result: invalid UTF-8 at byte 2"),
        ("texts", 1, "result[1]: invalid UTF-8"),
        ("letter", 1, "result: 55296 is no char"),
        ("letter", 3, "result: 1114112 is no char"),
        ("letter", 4, "result: 4294967295 is no char"),
        ("flag", 2, "result: 2 is no bool"),
        ("flag", 255, "result: 255 is no bool"),
    ];
    for (function, n, text) in refused {
        let output = jig.call(name, function, &[&n.to_string()])?.refuses(6, "bad-result")?;
        ensure!(output.mentions(text), "{function} {n} does not say {text}: {output}");
    }
    // The glue itself looks at an enum.
    for n in ["3", "200"] {
        let output = jig.call(name, "shade", &[n])?.refuses(1, "call-error")?;
        ensure!(output.mentions("no case of colour"), "it says less: {output}");
    }
    let answered = [
        ("text", "0", json!("a")),
        ("texts", "0", json!(["a", "a", "b"])),
        ("letter", "0", json!("a")),
        ("flag", "1", json!(true)),
        ("shade", "2", json!("blue")),
        ("number", "1", json!("NaN")),
        ("number", "77", json!("NaN")),
        ("numbers", "5", json!([1.0, "NaN"])),
    ];
    for (function, n, value) in answered {
        jig.call(name, function, &[n])?.answers(&value)?;
    }
    jig.serves()?;
    jig.finish()
}
