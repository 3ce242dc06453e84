//! Good skills, from submission to answer.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::{Env, Jig, Verdict, ensure, fixture, process, while_doing};

pub(super) fn c(env: &Env) -> Verdict {
    released_and_deduplicated(env, "c", 5)
}

pub(super) fn cpp(env: &Env) -> Verdict {
    released_and_deduplicated(env, "c++", 12)
}

/// All of a language in one home, so that they do not get into each other's way either.
fn released_and_deduplicated(env: &Env, language: &str, at_least: usize) -> Verdict {
    let jig = Jig::new(env)?;
    let mut failures = Vec::new();
    let mut tried = 0;
    for name in env.skill_names("good")? {
        let plan = fixture::plan(&env.skills("good").join(&name))?;
        if plan.get("language").and_then(toml::Value::as_str) == Some(language) {
            tried += 1;
            failures.extend(twice(&jig, &name).err().map(|reason| format!("{name}: {reason}")));
        }
    }
    ensure!(tried >= at_least, "{tried} skills in {language} only");
    ensure!(failures.is_empty(), "{} of {tried} failed: {}", failures.len(), failures.join("; "));
    jig.finish()
}

fn twice(jig: &Jig, name: &str) -> Verdict {
    let fixture = format!("good/{name}");
    let first = jig.submit_fixture(&fixture)?.released()?;
    let json = &first.json;
    let as_said = json["skill"] == name
        && json["stage"] == "release"
        && json["deduplicated"] == false
        && json["authority"] == "flag"
        && json["feedback"].is_null()
        && json["timings_us"]["build"].is_u64()
        && json["artifact"].as_str().is_some_and(|digest| digest.len() == 64);
    ensure!(as_said, "not what the contract says: {first}");
    for run in ["compile", "link", "sidecar"] {
        let enforced = &json["enforced"][run];
        let held = enforced["host_uid"].as_u64() > Some(0)
            && enforced["landlock_abi"].as_u64() >= Some(2)
            && enforced["no_new_privs"] == true
            && enforced["seccomp"].as_array().is_some_and(|programs| !programs.is_empty());
        ensure!(held, "what held during {run} was {enforced}");
    }
    let second = jig.submit_fixture(&fixture)?.released()?;
    ensure!(second.json["deduplicated"] == true, "the duplicate was built: {second}");
    ensure!(second.json["artifact"] == json["artifact"], "another artifact: {second}");
    Ok(())
}

pub(super) fn log_digest(env: &Env) -> Verdict {
    let log = env.data("dpkg.log");
    let mut script = process::command("python3");
    // Wherever the user has it.
    script.envs(std::env::vars_os().filter(|(key, _)| key == "PATH" || key == "HOME"));
    script.arg(env.data("digest.py")).arg(&log);
    let script = process::run(script, crate::jig::LIMIT)?;
    ensure!(script.code == 0, "the script failed: {}", script.stderr);
    let said: Value = serde_json::from_str(&script.stdout).map_err(while_doing("the script"))?;
    ensure!(said.as_array().is_some_and(|lines| lines.len() > 10), "the script found nothing");

    let jig = Jig::new(env)?;
    let file = format!("@{}", log.display());
    for skill in ["log-digest", "log-digest-c"] {
        jig.submit_fixture(&format!("good/{skill}"))?.released()?;
        jig.call(skill, "digest", &[&file])?.answers(&said)?;
    }
    // The same through standard input.
    let words = ["call", "--json", "log-digest", "digest", "@-"];
    let mut command = jig.command(&words);
    let open = std::fs::File::open(&log).map_err(while_doing("open the log"))?;
    command.stdin(Stdio::from(open));
    let ended = process::start(command, crate::jig::LIMIT)?.wait()?;
    Jig::read(&words, ended)?.answers(&said)?;
    jig.finish()
}

pub(super) fn run_once(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let directory = env.skills("good/add").display().to_string();
    let words = ["run", "--allow-compile", &directory, "add", "2", "-5"];
    let bare = jig.run(&words)?.exits(0)?;
    ensure!(bare.stdout == "-3\n", "standard output is not the bare value: {bare}");
    let account = ["build", "scan", "load", "verify"];
    ensure!(account.iter().all(|stage| bare.stderr.contains(stage)), "no account: {bare}");

    let json = [&words[..], &["--json"]].concat();
    let output = jig.run(&json)?.exits(0)?;
    ensure!(output.json["result"] == json!({ "ok": -3 }), "another result: {output}");
    let nothing_released = output.json["release"].is_null() && output.json["status"] == "verified";
    ensure!(nothing_released, "run is not to release: {output}");
    ensure!(output.json["authority"] == "flag", "by what right is not recorded: {output}");
    jig.call("add", "add", &["1", "2"])?.refuses(15, "not-found")?;

    let directory = env.skills("wrong/syntax-error").display().to_string();
    let output = jig.run(&["run", "--allow-compile", "--json", &directory, "count-vowels", "a"])?;
    let output = output.refuses(4, "compile")?;
    ensure!(
        output.json["result"].is_null() || output.json["result"]["error"].is_object(),
        "a result without a function: {output}"
    );
    jig.finish()
}
