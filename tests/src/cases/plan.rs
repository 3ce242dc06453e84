//! `saggar plan`: what it prints can be used as it stands, and it compiles nothing and makes no
//! home.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::typed::{LANGUAGES, Typed};
use crate::{Env, Jig, Output, Verdict, ensure, fixture};

/// A plan of one skill with types of every kind. The source is not written yet.
const RICH: &str = r#"interface = """
record point { x: f64, y: f64 }
record place { full-name: string, at: option<point>, tags: list<string>, grade: char }
enum shade { red, sea-green }
nearest: func(to: point, places: list<place>) -> result<place, string>;
counts: func(words: list<string>) -> list<tuple<string, u32>>;
paint: func(grid: list<list<shade>>, %with: shade) -> tuple<u64, bool>;
"""
network = "none"

[[test]]
call = "counts"
args = [["a", "b", "a"]]
expect = [["a", 2], ["b", 1]]

[[test]]
call = "nearest"
args-json = '[{"x": 0, "y": 0}, [{"full-name": "home", "at": null, "tags": [], "grade": "a"}]]'
expect-json = '{"ok": {"full-name": "home", "at": null, "tags": [], "grade": "a"}}'
"#;

pub(super) fn skeleton(env: &Env) -> Verdict {
    for (ending, language) in LANGUAGES {
        let told = |reason| format!("{language}: {reason}");
        empty(env, language).map_err(told)?;
        written_source(env, ending, language).map_err(told)?;
    }
    Ok(())
}

/// An empty directory gets a plan, which asks for a source.
fn empty(env: &Env, language: &str) -> Verdict {
    let jig = Jig::new(env)?;
    let directory = fixture::open_directory("saggar-plan-")?;
    let words = ["--language", language];
    let plan = planned(&jig, &words, directory.path())?.exits(0)?;
    let read = plan.stdout.parse::<toml::Table>();
    let table = read.map_err(|error| format!("{error}: {plan}"))?;
    ensure!(table["language"].as_str() == Some(language), "another language: {plan}");
    fixture::write(&directory.path().join("plan.toml"), &plan.stdout)?;
    let source = planned(&jig, &["--json"], directory.path())?.exits(0)?;
    ensure!(source.json["file"].as_str() == table["source"].as_str(), "another file: {source}");
    ensure!(source.json["language"] == language, "another language: {source}");
    no_home(jig)
}

/// The source of a rich plan is taken by every stage up to Verify, where a test says that it is
/// not written.
fn written_source(env: &Env, ending: &str, language: &str) -> Verdict {
    let jig = Jig::new(env)?;
    let directory = fixture::open_directory("saggar-plan-")?;
    let file = format!("rich.{ending}");
    let plan = format!(
        "format = 1\nname = \"rich\"\ndescription = \"types of every kind\"\nlanguage = \
         \"{language}\"\nsource = \"{file}\"\n{RICH}"
    );
    fixture::write(&directory.path().join("plan.toml"), plan)?;
    let source = planned(&jig, &[], directory.path())?.exits(0)?;
    ensure!(!jig.home().exists(), "there is a home");
    ensure!(source.stderr.contains(&file), "the file is not named: {source}");
    fixture::write(&directory.path().join(&file), &source.stdout)?;
    let output = jig.submit(directory.path())?.exits(7)?;
    let feedback = output.feedback();
    ensure!(feedback["stage"] == "verify", "another stage: {output}");
    let summary = feedback["summary"].as_str().unwrap_or_default();
    ensure!(summary.contains("counts"), "the function is not named: {output}");
    let why = if language == "c" { "SIGABRT" } else { "not" };
    ensure!(output.mentions(why), "why is not said: {output}");
    jig.finish()
}

pub(super) fn infer(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    let (mut failures, mut read) = (Vec::new(), Vec::new());
    for name in env.skill_names("good")? {
        match has_functions_of_plan(&jig, &env.skills("good").join(&name)) {
            Ok(share) => read.push(share),
            Err(reason) => failures.push(format!("{name}: {reason}")),
        }
    }
    for name in env.skill_names("typed")? {
        let typed = Typed::read(env, &name)?;
        for (ending, _) in typed.languages() {
            let directory = typed.directory(ending, false)?;
            match has_functions_of_plan(&jig, directory.path()) {
                Ok(share) => read.push(share),
                Err(reason) => failures.push(format!("{name}.{ending}: {reason}")),
            }
        }
    }
    ensure!(failures.is_empty(), "{} failed: {}", failures.len(), failures.join("; "));
    let found: usize = read.iter().map(|(found, _)| found).sum();
    let all: usize = read.iter().map(|(_, all)| all).sum();
    ensure!(found * 10 >= all * 8, "{found} of {all} functions are read, the rest left out");
    unclear(&jig)?;
    no_compiler(&jig)?;
    no_home(jig)
}

/// Every function of the plan is inferred from the source, under some name, or named as left out:
/// a pointer may be many things, and the types of saggar.h come from the interface.
/// Gives how many are inferred, and how many there are.
fn has_functions_of_plan(jig: &Jig, directory: &Path) -> Result<(usize, usize), String> {
    let plan = fixture::plan(directory)?;
    let interface = plan.get("interface").and_then(toml::Value::as_str).ok_or("no interface")?;
    let symbol = |name: &str| plan.get("symbols")?.get(name)?.as_str().map(str::to_owned);
    let wanted = source_names(interface, symbol);
    let output = planned(jig, &["--infer", "--json"], directory)?;
    let interface = output.json["interface"].as_str().unwrap_or_default();
    let symbol = |name: &str| output.json["symbols"][name].as_str().map(str::to_owned);
    let mut found = source_names(interface, symbol);
    let exit = if found.is_empty() { 3 } else { 0 };
    let output = output.exits(exit)?;
    let inferred = wanted.intersection(&found).count();
    found.extend(left_out(&output));
    let missing: Vec<_> = wanted.difference(&found).collect();
    ensure!(missing.is_empty(), "{missing:?} is missing: {output}");
    Ok((inferred, wanted.len()))
}

/// What the functions of an interface are called in the source, whatever the case and hyphens.
fn source_names(interface: &str, symbol: impl Fn(&str) -> Option<String>) -> BTreeSet<String> {
    let lines = interface.split([';', '}', '\n']);
    let named = lines.filter_map(|line| line.split_once(": func("));
    let source_name = |(name, _): (&str, &str)| {
        let name = name.trim().trim_start_matches('%');
        plain(&symbol(name).unwrap_or_else(|| name.to_owned()))
    };
    named.map(source_name).collect()
}

fn plain(path: &str) -> String {
    let own = path.rsplit("::").next().unwrap_or_default().to_lowercase();
    own.replace(['-', '_'], "")
}

/// The functions that are named as left out, each with its line.
fn left_out(output: &Output) -> BTreeSet<String> {
    let listed = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let mut told = listed(&output.json["skipped"]);
    told.extend(listed(&output.json["notes"]));
    told.extend(listed(&output.feedback()["diagnostics"]));
    told.retain(|one| one["line"].is_u64());
    let mut names = BTreeSet::new();
    for one in &told {
        let message = one["message"].as_str().unwrap_or_default();
        if let Some((_, hidden)) = message.split_once("left out as they are not `pub`: ") {
            names.extend(hidden.split(", ").map(plain));
        }
        let refused = message.split('`').nth(1).filter(|_| message.contains("` is left out: "));
        names.extend(one["name"].as_str().or(refused).map(plain));
    }
    names
}

/// What is ambiguous is said with its line; where nothing can be read, that is refused.
fn unclear(jig: &Jig) -> Verdict {
    let directory = fixture::open_directory("saggar-plan-")?;
    let source = directory.path().join("sum.c");
    let first = "int first(int *values, int *other) { return values[0] + other[0]; }\n";
    fixture::write(&source, format!("int twice(int x) {{ return 2 * x; }}\n{first}"))?;
    let output = planned(jig, &["--infer"], directory.path())?.exits(0)?;
    ensure!(output.stdout.contains("twice: func(x: s32) -> s32;"), "no function: {output}");
    ensure!(!output.stdout.contains("first"), "an ambiguous function: {output}");
    ensure!(output.stderr.contains("sum.c:2: left out: first: `values`"), "no line: {output}");
    fixture::write(&source, first)?;
    let output = planned(jig, &["--infer", "--json"], directory.path())?;
    let output = output.refuses(3, "plan-interface")?;
    let told = &output.feedback()["diagnostics"][0];
    ensure!(told["file"] == "sum.c" && told["line"] == 1, "no place: {output}");
    Ok(())
}

/// A source that no compiler takes is read all the same.
fn no_compiler(jig: &Jig) -> Verdict {
    let sources = [
        ("a.c", "#error \"a compiler was here\"\nint half(int x) { return no_such_name; }\n"),
        ("a.cpp", "#error \"a compiler was here\"\nint half(int x) { return no_such_name; }\n"),
        ("a.rs", "compile_error!(\"here\");\npub fn half(x: i32) -> i32 { no_such_name }\n"),
    ];
    for (file, source) in sources {
        let directory = fixture::open_directory("saggar-plan-")?;
        fixture::write(&directory.path().join(file), source)?;
        let output = planned(jig, &["--infer", "--json"], directory.path())?.exits(0)?;
        let interface = output.json["interface"].as_str().unwrap_or_default();
        ensure!(interface == "half: func(x: s32) -> s32;\n", "{file}: {output}");
    }
    Ok(())
}

/// `plan` of a directory.
fn planned(jig: &Jig, options: &[&str], directory: &Path) -> Result<Output, String> {
    let directory = directory.display().to_string();
    let mut words = vec!["plan"];
    words.extend(options);
    words.push(&directory);
    jig.run(&words)
}

fn no_home(jig: Jig) -> Verdict {
    ensure!(!jig.home().exists(), "there is a home");
    jig.clean()
}
