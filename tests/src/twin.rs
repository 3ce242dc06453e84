//! Twins: the same act without the protection on trial. A case proves nothing unless its twin
//! acts.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use toml::Value;

use crate::fixture::{Language, open_directory, plan, source};
use crate::process::{self, Ended};
use crate::{Fixture, ensure, while_doing};

/// A variable that no skill may learn of, whose name sorts before all others.
pub(crate) const TOKEN: (&str, &str) = ("A_SAGGAR_TEST_TOKEN", "LOOT-of-the-environment");

/// Longest compilation or run of a twin.
const LIMIT: Duration = Duration::from_secs(60);

/// Compiles a hostile skill with its own `main` by the plain compiler and runs it; gives back what
/// it says it did.
pub(crate) fn acts(skill: &Path) -> Result<String, String> {
    acts_under(skill, &[])
}

/// The same with a program before it that sets the scene, for instance opens a descriptor.
pub(crate) fn acts_under(skill: &Path, scene: &[&str]) -> Result<String, String> {
    let directory = open_directory("saggar-twin-")?;
    let program = directory.path().join("twin");
    let plan = plan(skill)?;
    let text = |key: &str| plan.get(key).and_then(Value::as_str);
    let compiler = match text("language") {
        Some("rust") => rust(&program),
        Some("c") => gnu("gcc", text("standard").unwrap_or("gnu17"), &program),
        _ => gnu("g++", text("standard").unwrap_or("c++20"), &program),
    };
    let compiled = process::run(with(compiler, &source(skill)?), LIMIT)?;
    ensure!(compiled.code == 0, "the twin does not compile: {}", compiled.stderr);
    let mut words = scene.iter().map(Path::new).chain([program.as_path()]);
    let first = words.next().unwrap_or(&program);
    let mut command = process::command(first);
    command.args(words);
    let ran = process::run(command, LIMIT)?;
    ensure!(
        ran.code == 0 && ran.stdout.starts_with("acted: "),
        "the twin did not act (exit {}): {}{}; without it the case proves nothing",
        ran.code,
        ran.stdout,
        ran.stderr
    );
    Ok(ran.stdout)
}

fn gnu(driver: &str, standard: &str, program: &Path) -> Command {
    let standard = format!("-std={standard}");
    let mut compiler = process::command(driver);
    compiler.args(["-O1", "-pthread", "-DSAGGAR_TWIN", &standard, "-o"]).arg(program);
    compiler
}

fn rust(program: &Path) -> Command {
    let mut compiler = rustc(program);
    compiler.arg("--cfg=saggar_twin");
    compiler
}

/// rustc as whoever runs this has it, with a variable in its environment that skills may look for.
pub(crate) fn rustc(program: &Path) -> Command {
    let mut compiler = process::command("rustc");
    let own = ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"];
    let own = std::env::vars_os().filter(|(key, _)| own.iter().any(|own| key == own));
    compiler.envs(own).env(TOKEN.0, TOKEN.1);
    compiler.args(["--edition=2024", "-o"]).arg(program);
    compiler
}

/// Runs a compiler in a directory and tells what it said.
pub(crate) fn compile(directory: &Path, driver: &str, args: &[&str]) -> Result<Ended, String> {
    let mut command = process::command(driver);
    command.current_dir(directory).args(args);
    process::run(command, LIMIT).map_err(while_doing("compile"))
}

/// Compiles a [`Fixture::of`] to `twin.o` beside it, by the plain compiler of its language, with a
/// variable in its environment that no skill may learn of.
pub(crate) fn object(language: Language, skill: &Fixture) -> Result<Ended, String> {
    let object = skill.file("twin.o");
    let mut compiler = match language {
        Language::Rust => rustc(&object),
        Language::C => process::command("gcc"),
        Language::Cpp => process::command("g++"),
    };
    match language {
        Language::Rust => compiler.args(["--crate-type=lib", "--emit=obj"]),
        _ => compiler.env(TOKEN.0, TOKEN.1).args(["-c", "-o"]).arg(&object),
    };
    compiler.current_dir(skill.path()).arg(language.file());
    process::run(compiler, LIMIT)
}

fn with(mut command: Command, argument: &Path) -> Command {
    command.arg(argument);
    command
}

#[cfg(test)]
mod tests {
    use crate::{Env, Fixture};

    #[test]
    fn every_hostile_skill_has_a_twin_that_acts() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let env = Env { binaries: root.clone(), repository: root, full: false };
        let loot = super::open_directory("saggar-loot-").unwrap();
        let path = loot.path().join("loot");
        crate::fixture::write(&path, "loot\n").unwrap();
        let path = path.display().to_string();
        for name in env.skill_names("hostile").unwrap() {
            let name = format!("hostile/{name}");
            let replaced = [("@SECRET@", path.as_str())];
            // Only those that are after a file have a place for its path.
            let skill = Fixture::copy(&env, &name, &replaced)
                .or_else(|_| Fixture::copy(&env, &name, &[]))
                .unwrap();
            let scene = ["sh", "-c", r#"exec 7<"$0"; exec "$@""#, &path];
            let said = super::acts_under(skill.path(), &scene);
            assert!(said.is_ok(), "{name}: {}", said.unwrap_err());
        }
    }
}
