//! What a build may see and start.

use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::fake::Fake;
use crate::fixture::{open_directory, write};
use crate::ledger::events;
use crate::{Env, Fixture, Jig, Policy, Verdict, ensure, twin};

/// A file with a text that stands nowhere else, which anybody may read.
pub(super) struct Secret {
    _directory: TempDir,
    pub(super) path: String,
    pub(super) text: String,
}

impl Secret {
    pub(super) fn new() -> Result<Self, String> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let directory = open_directory("saggar-host-file-")?;
        let path = directory.path().join("host-file").display().to_string();
        let text = format!("LOOT{}X{number}", std::process::id());
        write(path.as_ref(), format!("{text} is for nobody\n"))?;
        Ok(Secret { _directory: directory, path, text })
    }
}

pub(super) fn include(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    no_byte_comes_back(env, "hostile/b01-include-shadow", &secret.path, &secret.text, true)?;
    no_byte_comes_back(env, "hostile/b01-include-shadow", "/etc/passwd", "root:x:0", true)
}

pub(super) fn incbin(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    no_byte_comes_back(env, "hostile/b02-incbin", &secret.path, &secret.text, false)
}

pub(super) fn include_bytes(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    no_byte_comes_back(env, "hostile/b02-include-bytes", &secret.path, &secret.text, false)
}

/// rustc quotes the line of an included file that it cannot parse.
pub(super) fn include_rust(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    let skill = Fixture::copy(env, "hostile/b01-include-rust", &[("@SECRET@", &secret.path)])?;
    let source = crate::fixture::source(skill.path())?;
    let mut compiler = twin::rustc(&skill.file("twin"));
    compiler.arg(source);
    let said = crate::process::run(compiler, crate::jig::LIMIT)?.stderr;
    ensure!(said.contains(&secret.text), "the twin's compiler does not quote the file: {said}");
    refused_without(env, &skill, &secret.text)
}

pub(super) fn environment(env: &Env) -> Verdict {
    let (name, token) = twin::TOKEN;
    let skill = Fixture::copy(env, "hostile/b03-option-env", &[])?;
    let acted = twin::acts(skill.path())?;
    ensure!(acted.contains(token), "the twin's compiler does not see the variable: {acted}");
    let jig = Jig::new(env)?;
    let arguments = crate::jig::submission(skill.path());
    let mut command = jig.command(&arguments);
    command.env(name, token);
    // Its test says that it sees nothing.
    Jig::read(&arguments, crate::process::run(command, crate::jig::LIMIT)?)?.released()?;
    ensure!(!jig.home_holds(token)?, "the variable is in the home");
    jig.finish()
}

/// The twin of the deadline: the same loop, short, ends and is compiled.
pub(super) fn const_loop(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let name = "hostile/b09-const-loop";
    jig.submit(Fixture::copy(env, name, &[])?.path())?.refuses(12, "build-deadline")?;
    let short = Fixture::copy(env, name, &[("{ u64::MAX }", "{ 1 }"), ("\"3s\"", "\"20s\"")])?;
    jig.submit(short.path())?.released()?;
    jig.finish()
}

/// `quoted`: without a jail the compiler's own error quotes the file.
fn no_byte_comes_back(env: &Env, name: &str, path: &str, text: &str, quoted: bool) -> Verdict {
    let skill = Fixture::copy(env, name, &[("@SECRET@", path)])?;
    let acted = twin::acts(skill.path())?;
    if quoted {
        let said = twin::compile(skill.path(), "g++", &["-c", "include_shadow.cpp"])?.stderr;
        ensure!(said.contains(text), "the twin's compiler does not quote {path}: {said}");
    } else {
        ensure!(acted.contains(text), "the twin does not hold the text of {path}: {acted}");
    }
    refused_without(env, &skill, text)
}

/// The skill does not compile, and nothing that comes of it holds the text.
fn refused_without(env: &Env, skill: &Fixture, text: &str) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let output = jig.submit(skill.path())?.refuses(4, "compile")?;
    ensure!(!output.mentions(text), "{text} came back: {output}");
    ensure!(!jig.home_holds(text)?, "{text} is in the home");
    jig.serves()?;
    jig.finish()
}

pub(super) fn file_names(env: &Env) -> Verdict {
    for (name, asks_for) in [("-fplugin=x.c", "plugin"), ("@args", "Free Software")] {
        let skill = Fixture::copy(env, "good/add", &[])?;
        write(&skill.file(name), "int x;")?;
        write(&skill.file("args"), "--version")?;
        let said = twin::compile(skill.path(), "gcc", &["-c", "add.c", name])?;
        let honoured = said.stderr.contains(asks_for) || said.stdout.contains(asks_for);
        ensure!(honoured, "gcc does not take {name} as an option; the case proves nothing");
        skill.edit_plan(|plan| drop(plan.insert("source".into(), name.into())))?;
        refused_before_the_build(env, &skill, "plan-source")?;
    }
    Ok(())
}

pub(super) fn flags(env: &Env) -> Verdict {
    for flag in ["-wrapper", "-specs=x", "-B.", "-Wl,-plugin,x", "-fplugin=x.so", "@args", "-o"] {
        let skill = Fixture::copy(env, "good/add", &[])?;
        let flags = toml::Value::Array(vec![flag.into()]);
        skill.edit_plan(|plan| drop(plan.insert("flags".into(), flags)))?;
        refused_before_the_build(env, &skill, "plan-policy")?;
    }
    Ok(())
}

fn refused_before_the_build(env: &Env, skill: &Fixture, code: &str) -> Verdict {
    let jig = Jig::new(env)?;
    let output = jig.submit(skill.path())?.refuses(3, code)?;
    let found = output.feedback()["diagnostics"][0]["file"].as_str();
    ensure!(found == Some("plan.toml"), "it does not point at the plan: {output}");
    ensure!(events(&jig.home(), "build-intent")?.is_empty(), "a build was under way: {output}");
    jig.finish()
}

pub(super) fn duplicate(env: &Env) -> Verdict {
    let fake = Fake::with_door()?;
    let policy = Policy::default_of(env)?.compiler("c++", &fake.driver);
    let jig = Jig::under(env, &policy)?;
    let skill = Fixture::copy(env, "good/top-word", &[])?;
    let first = jig.submit(skill.path())?.released()?;
    ensure!(first.json["deduplicated"] == false, "nothing could be reused yet: {first}");
    let intents = events(&jig.home(), "build-intent")?.len();
    ensure!(intents == 1, "the first submission left {intents} build intents");

    // From here on whoever starts the compiler fails, and its identity is the same.
    fake.shut_the_door()?;
    let second = jig.submit(skill.path())?.released()?;
    ensure!(second.json["deduplicated"] == true, "it was built again: {second}");
    let same = ["artifact", "build_key"].iter().all(|key| first.json[*key] == second.json[*key]);
    ensure!(same, "the duplicate is another artifact: {second}");
    let build_events = ["build-intent", "build-outcome"]
        .map(|event| events(&jig.home(), event).map(|found| found.len()));
    ensure!(build_events == [Ok(1), Ok(1)], "the duplicate was built: {build_events:?}");
    ensure!(events(&jig.home(), "build-reused")?.len() == 1, "the ledger does not tell of it");

    // The twin: another source has to be compiled, and cannot be.
    skill.append("\n// another\n")?;
    let third = jig.submit(skill.path())?;
    ensure!(third.exit != 0, "the compiler still starts; the case proves nothing: {third}");
    jig.finish()
}

pub(super) fn reproducible(env: &Env) -> Verdict {
    for name in ["good/caesar", "good/flags"] {
        let mut artifacts = Vec::new();
        for _ in 0..2 {
            let jig = Jig::new(env)?;
            // From a directory of another name each time.
            let skill = Fixture::copy(env, name, &[])?;
            let output = jig.submit(skill.path())?.released()?;
            artifacts.push((output.json["artifact"].clone(), output.json["build_key"].clone()));
            jig.finish()?;
        }
        ensure!(artifacts[0] == artifacts[1], "{name}: {} and {}", artifacts[0].0, artifacts[1].0);
    }
    Ok(())
}

pub(super) fn at_once(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let skill = env.skills("good/text-tools");
    let arguments = crate::jig::submission(&skill);
    let running = [jig.start(&arguments)?, jig.start(&arguments)?];
    let mut reused = 0;
    for running in running {
        let output = Jig::read(&arguments, running.wait()?)?.released()?;
        reused += u32::from(output.json["deduplicated"] == true);
    }
    ensure!(reused == 1, "{reused} of two submissions reused the other's build");
    let built = events(&jig.home(), "build-intent")?.len();
    ensure!(built == 1, "the ledger tells of {built} builds");
    jig.finish()
}
