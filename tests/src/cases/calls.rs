//! The command line, as the contract for clients has it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use crate::ledger::events;
use crate::{Env, Jig, Verdict, ensure, fixture, while_doing};

pub(super) fn gate(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let directory = env.skills("good/add").display().to_string();
    let commands: [&[&str]; 2] =
        [&["submit", "--json", &directory], &["run", "--json", &directory, "add", "1", "2"]];
    for words in commands {
        let output = jig.run(words)?.refuses(9, "gate-closed")?;
        ensure!(output.json["status"] == "refused", "not refused: {output}");
        let hint = output.feedback()["hint"].as_str().unwrap_or_default();
        ensure!(hint.contains("--allow-compile"), "it does not say how to proceed: {output}");
        let (_, bare) = words.split_at(1);
        let bare: Vec<_> = bare.iter().filter(|word| **word != "--json").copied().collect();
        let output = jig.run(&[&words[..1], &bare].concat())?.exits(9)?;
        ensure!(output.stderr.contains("--allow-compile"), "it does not say how: {output}");
        ensure!(output.stdout.is_empty(), "it printed data: {output}");
    }
    ensure!(events(&jig.home(), "build-intent")?.is_empty(), "a compiler was started");
    ensure!(events(&jig.home(), "refused")?.len() == 4, "the ledger does not tell of it");
    jig.finish()
}

pub(super) fn arguments(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture("good/caesar")?.released()?;
    let wrong: [(&str, &[&str]); 12] = [
        ("arity", &["add", "add", "1"]),
        ("arity", &["add", "add", "1", "2", "3"]),
        ("argument", &["add", "add", "1", "x"]),
        ("argument", &["add", "add", "1", "2147483648"]),
        ("argument", &["add", "add", "1", "-2147483649"]),
        ("argument", &["add", "add", "1", "1.5"]),
        ("argument", &["add", "add", "1", "true"]),
        ("argument", &["add", "sum", "1"]),
        ("argument", &["add", "any", "[true, 1]"]),
        ("argument", &["add", "high-half", "-1"]),
        ("argument", &["add", "high-half", "18446744073709551616"]),
        ("argument", &["caesar", "kind", "256"]),
    ];
    for (code, words) in wrong {
        jig.call(words[0], words[1], &words[2..])?.refuses(2, code)?;
    }
    let no_text = OsStr::from_bytes(b"caf\xe9");
    let words = ["call", "--json", "caesar", "shift"].map(OsStr::new);
    let words = [&words[..], &[no_text, OsStr::new("1")]].concat();
    jig.run(&words)?.refuses(2, "usage")?;
    let file = tempfile::NamedTempFile::new().map_err(while_doing("make a file"))?;
    fixture::write(file.path(), b"caf\xe9")?;
    let contents = format!("@{}", file.path().display());
    jig.call("caesar", "shift", &[&contents, "1"])?.refuses(2, "argument")?;
    for words in [&["call", "--json"][..], &["no-such-command", "--json"]] {
        jig.run(words)?.refuses(2, "usage")?;
    }
    let missing = ["call", "--json", "caesar", "shift", "@/no/such/file", "1"];
    jig.run(&missing)?.exits(2)?;
    jig.serves()?;
    jig.finish()
}

pub(super) fn values(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    for name in ["good/add", "good/caesar", "good/ratios"] {
        jig.submit_fixture(name)?.released()?;
    }
    let right = [
        (json!(-7), &["add", "add", "-2", "-5"][..]),
        (json!(6), &["add", "sum", "[1, 2, 3]"]),
        (json!(i64::MIN), &["add", "sum", "[-9223372036854775808]"]),
        (json!(4_294_967_295_u32), &["add", "high-half", "18446744073709551615"]),
        (json!(true), &["add", "any", "[false, true]"]),
        (json!("Khoor"), &["caesar", "shift", "Hello", "3"]),
        (json!("Khoor"), &["caesar", "shift", r#""Hello""#, "3"]),
        (json!("12"), &["caesar", "shift", "12", "3"]),
        (json!("@d"), &["caesar", "shift", "@@a", "3"]),
        (json!("a\nb"), &["caesar", "shift", r#""a\nb""#, "0"]),
        (json!("Infinity"), &["ratios", "ratio", "1", "0"]),
        (json!("NaN"), &["ratios", "half", r#""NaN""#]),
        (json!([0.5, "Infinity"]), &["ratios", "reciprocals", "[2, 0]"]),
    ];
    for (value, words) in &right {
        jig.call(words[0], words[1], &words[2..])?.answers(value)?;
    }
    let bare = jig.run(&["call", "add", "add", "2", "3"])?.exits(0)?;
    ensure!(bare.stdout == "5\n", "standard output is not the bare value: {bare}");
    jig.run(&["call", "add", "add", "2", "3", "--json"])?.answers(&json!(5))?;
    let after = jig.run(&["call", "--json", "caesar", "shift", "--", "--json", "0"])?;
    after.answers(&json!("--json"))?;
    jig.finish()
}

pub(super) fn function_error(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/roman-numerals")?.released()?;
    let output = jig.call("roman-numerals", "to-roman", &["0"])?.refuses(1, "exception")?;
    ensure!(output.mentions("between 1 and 3999"), "it does not say what was thrown: {output}");
    jig.call("roman-numerals", "to-roman", &["4"])?.answers(&json!("IV"))?;
    jig.finish()
}

pub(super) fn unknown(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.call("add", "add", &["1", "2"])?.refuses(15, "not-found")?;
    jig.submit_fixture("good/add")?.released()?;
    let unknown: [&[&str]; 6] = [
        &["call", "--json", "no-such", "add", "1", "2"],
        &["call", "--json", "add", "no-such", "1"],
        &["show", "--json", "no-such"],
        &["show", "--json", "s-999"],
        &["history", "--json", "no-such"],
        &["log", "--json", "s-999"],
    ];
    for words in unknown {
        jig.run(words)?.refuses(15, "not-found")?;
    }
    jig.finish()
}

pub(super) fn records(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let submitted = jig.submit_fixture("good/add")?.released()?;
    let failed = jig.submit_fixture("wrong/syntax-error")?.exits(4)?;
    let id = submitted.json["submission"].as_str().unwrap_or_default();
    let shown = jig.run(&["show", "--json", id])?.exits(0)?;
    ensure!(shown.json == submitted.json, "show tells {shown}, submit told {submitted}");
    for words in
        [&["list", "--json"][..], &["show", "--json", "add"], &["history", "--json", "add"]]
    {
        let output = jig.run(words)?.exits(0)?;
        ensure!(output.mentions("\"add\""), "it does not tell of the skill: {output}");
        ensure!(output.mentions("\"uid:"), "it does not tell of the principal: {output}");
    }
    let listed = jig.run(&["list"])?.exits(0)?;
    ensure!(listed.stdout.contains("add"), "it does not list the skill: {listed}");
    ensure!(!listed.stdout.contains("syntax-error"), "it lists what was rejected: {listed}");

    let id = failed.json["submission"].as_str().unwrap_or_default();
    let log = jig.run(&["log", id])?.exits(0)?;
    ensure!(log.mentions("vowels.cpp"), "the log is not the compiler's: {log}");
    let digest = failed.feedback()["log"].as_str().unwrap_or_default();
    let same = jig.run(&["log", digest])?.exits(0)?;
    ensure!(same.stdout == log.stdout, "by its digest the log is {same}");
    jig.run(&["audit", "show"])?.exits(0)?;
    jig.run(&["audit", "verify", "--json"])?.exits(0)?;
    jig.finish()
}
