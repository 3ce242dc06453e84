//! B22, B23: texts that are to be read as something else: what a compiler prints, names in plans.

use std::fs;

use crate::fake::Fake;
use crate::fixture::{Language, write};
use crate::ledger::events;
use crate::{Env, Fixture, Jig, Policy, Verdict, census, ensure, twin, while_doing};

/// What steers a terminal, as a compiler quotes it.
const STEERING: &[u8] =
    b"A\x1b[31mred\x1b]0;title\x07 \xe2\x80\xaebidi \xc2\x9b31m \x7f nul \0 \xff\xfe bad";

/// Whether bytes hold the beginning of an escape sequence.
fn escapes(text: &str) -> bool {
    text.contains('\u{1b}')
}

pub(super) fn escaped(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    for language in Language::ALL {
        let skill = Fixture::of(language, "")?;
        let (before, text, after): (&str, &[u8], &str) = match language {
            // A Rust source is UTF-8.
            Language::Rust => ("compile_error!(\"", &STEERING[..STEERING.len() - 7], "\");\n"),
            _ => ("#error \"", STEERING, "\"\n"),
        };
        let mut source = [before.as_bytes(), text, after.as_bytes()].concat();
        source.extend_from_slice(language.answer().as_bytes());
        write(&skill.file(language.file()), source)?;
        // rustc itself shows an escape as a picture of it.
        let said = twin::object(language, &skill)?.stderr;
        let raw = escapes(&said) || language == Language::Rust;
        ensure!(raw, "the twin's compiler steers nothing: {said:?}");
        steers_nothing(&jig, &skill)?;
    }
    jig.serves()?;
    jig.finish()?;

    let fake = Fake::shouting()?;
    let skill = Fixture::of(Language::Cpp, Language::Cpp.answer())?;
    let said = twin::compile(skill.path(), &fake.driver.to_string_lossy(), &["-c", "skill.cpp"])?;
    ensure!(escapes(&said.stderr), "the twin's compiler steers nothing: {said:?}");
    let jig = Jig::under(env, &Policy::default_of(env)?.compiler("c++", &fake.driver))?;
    jig.submit_fixture("good/add")?.released()?;
    steers_nothing(&jig, &skill)?;
    jig.serves()?;
    jig.finish()
}

/// The skill does not compile, and nothing that is said of it steers a terminal.
fn steers_nothing(jig: &Jig, skill: &Fixture) -> Verdict {
    let refused = jig.submit(skill.path())?.refuses(4, "compile")?;
    jig.tells_of(&refused)?;
    let log = refused.feedback()["log"].as_str().unwrap_or_default().to_owned();
    let directory = skill.path().display().to_string();
    let commands: [&[&str]; 3] =
        [&["submit", "--allow-compile", &directory], &["log", "--json", &log], &["log", &log]];
    let said = commands.map(|words| jig.run(words));
    for output in std::iter::once(Ok(refused)).chain(said) {
        let output = output?;
        for text in [&output.stdout, &output.stderr] {
            ensure!(!steers(text), "`saggar {}` steers a terminal: {text:?}", output.command);
        }
        // It is shown, not left out.
        let shown = output.mentions("red") && output.mentions("title");
        ensure!(shown, "it does not say what the compiler said: {output}");
    }
    for entry in crate::ledger::entries(&jig.home())? {
        ensure!(!entry.to_string().contains('\0'), "the ledger holds a NUL");
    }
    Ok(())
}

/// Whether a text holds control characters other than line ends and tabs, or turns its direction.
fn steers(text: &str) -> bool {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|c| control(c) || turns(c))
}

pub(super) fn names(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let long = "a".repeat(10 << 10);
    let sources = [
        "../loot.c",
        "/etc/passwd",
        "./skill.c",
        "sub/skill.c",
        "..",
        ".",
        "",
        ".skill.c",
        "-skill.c",
        "@skill.c",
        "skill.c\0",
        "skill.c\0.rs",
        "a\nb.c",
        "sk\u{202e}c.llik",
        "\u{455}kill.c",
        "skill.c ",
        "$(id).c",
        "a;b.c",
        "%s.c",
        &long,
        "out",
        "tmp",
        "saggar.h",
    ];
    let skills = [
        "../answer",
        "/answer",
        "Answer",
        "an_swer",
        "-answer",
        "",
        "answer\0",
        "an\nswer",
        "\u{430}nswer",
        "an swer",
        "9answer",
        &long,
    ];
    let source = |name: &&str| ("source", "plan-source", (*name).to_owned());
    let skill = |name: &&str| ("name", "plan-value", (*name).to_owned());
    for (key, code, name) in sources.iter().map(source).chain(skills.iter().map(skill)) {
        let fixture = Fixture::of(Language::C, Language::C.answer())?;
        // Whatever a name of a source means, a file is there.
        let there = fixture.file(&name);
        if key == "source" && name.len() < 100 && !name.contains(['\0', '/']) && !there.is_dir() {
            write(&there, Language::C.answer()).unwrap_or_default();
        }
        fixture.edit_plan(|plan| drop(plan.insert(key.into(), name.clone().into())))?;
        let output = jig.submit(fixture.path())?;
        let output = output.refuses(3, code).map_err(|why| format!("{key} {name:?}: {why}"))?;
        let place = &output.feedback()["diagnostics"][0];
        let shown = output.feedback()["summary"].as_str().map_or(0, str::len);
        ensure!(place["file"] == "plan.toml" && place["line"].is_u64(), "no place: {output}");
        ensure!(shown > 0 && shown < 600 && !steers(&output.stdout), "it repeats it: {output}");
    }
    ensure!(events(&jig.home(), "build-intent")?.len() == 1, "one of them was built");
    jig.serves()?;
    jig.finish()
}

/// The twin of the names that lead out of the directory: a host that joins it to the directory has
/// the file.
pub(super) fn way_out(env: &Env) -> Verdict {
    let outside = super::build::Secret::new()?;
    let skill = Fixture::of(Language::C, Language::C.answer())?;
    let up = "../".repeat(skill.path().components().count());
    let name = format!("{up}{}", outside.path);
    let joined = fs::read(skill.file(&name)).map_err(while_doing("go the way out"))?;
    ensure!(census::holds(&joined, &outside.text), "the twin does not get out");
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let refused = |skill: &Fixture, why: &str| {
        let output = jig.submit(skill.path())?.refuses(3, "plan-source")?;
        ensure!(!output.mentions(&outside.text), "{why}: the file came back: {output}");
        ensure!(!jig.home_holds(&outside.text)?, "{why}: the file is in the home");
        Ok(())
    };
    skill.edit_plan(|plan| drop(plan.insert("source".into(), name.into())))?;
    refused(&skill, "a name")?;
    // A link, a FIFO and a directory of the right name.
    let linked = Fixture::of(Language::C, "")?;
    let file = linked.file("skill.c");
    let remove = || fs::remove_file(&file).map_err(while_doing("remove the source"));
    remove()?;
    std::os::unix::fs::symlink(&outside.path, &file).map_err(while_doing("make a link"))?;
    refused(&linked, "a link")?;
    remove()?;
    let fifo = twin::compile(linked.path(), "mkfifo", &["skill.c"])?;
    ensure!(fifo.code == 0, "no FIFO could be made: {fifo:?}");
    refused(&linked, "a FIFO")?;
    remove()?;
    fs::create_dir(&file).map_err(while_doing("make a directory"))?;
    refused(&linked, "a directory")?;
    jig.serves()?;
    jig.finish()
}

/// Two sources whose names differ only in case are two sources.
pub(super) fn two_cases(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let skill = Fixture::of(Language::C, "")?;
    let mut artifacts = Vec::new();
    for (name, value) in [("skill.c", 42), ("Skill.c", 43), ("SKILL.C", 44)] {
        write(&skill.file(name), format!("unsigned answer(void) {{ return {value}; }}\n"))?;
    }
    for (name, value) in [("skill.c", 42), ("Skill.c", 43), ("SKILL.C", 44)] {
        skill.edit_plan(|plan| {
            drop(plan.insert("source".into(), name.into()));
            let test = plan.get_mut("test").and_then(|tests| tests.get_mut(0));
            let test = test.and_then(toml::Value::as_table_mut).expect("it has a test");
            drop(test.insert("expect".into(), value.into()));
        })?;
        let output = jig.submit(skill.path())?.released()?;
        artifacts.push(output.json["artifact"].to_string());
        jig.call("answer", "answer", &[])?.answers(&value.into())?;
    }
    artifacts.sort();
    artifacts.dedup();
    ensure!(artifacts.len() == 3, "two of them are one artifact: {artifacts:?}");
    jig.finish()
}
