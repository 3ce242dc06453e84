//! B13, B14, B18, B19, B26: compilers that are not what they should be, and what their processes
//! find. Seccomp is opened for what they do, so that the layer behind it is on trial.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;

use super::build::Secret;
use crate::fake::Fake;
use crate::fixture::{Language, open_directory, write};
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, process, twin, while_doing};

/// A home with a harmless skill, under a policy with another C++ compiler.
fn home(env: &Env, policy: Policy, fake: &Fake) -> Result<Jig, String> {
    let jig = Jig::under(env, &policy.compiler("c++", &fake.driver))?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}

/// Submits a harmless source to such a home.
fn submit(jig: &Jig) -> Result<Output, String> {
    jig.submit(Fixture::of(Language::Cpp, Language::Cpp.answer())?.path())
}

/// What a fake driver prints when it is asked to build outside of any jail.
fn outside(fake: &Fake, scene: &[&str]) -> Result<String, String> {
    let skill = Fixture::of(Language::Cpp, Language::Cpp.answer())?;
    let mut command = process::command(&fake.driver);
    command.args(["-c", "skill.cpp", "-o", "skill.o"]);
    command = process::under(scene, &command);
    command.env(twin::TOKEN.0, twin::TOKEN.1).current_dir(skill.path());
    Ok(process::run(command, crate::jig::LIMIT)?.stderr)
}

/// The words after a name on a line of their own in what a fake printed.
fn told<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    found.map(str::trim)
}

pub(super) fn script(env: &Env) -> Verdict {
    let directory = open_directory("saggar-input-")?;
    let named = directory.path().join("named.o");
    write(&directory.path().join("a.c"), "int saggar_loot(void) { return 7; }\n")?;
    let compiled =
        twin::compile(directory.path(), "gcc", &["-c", "a.c", "-fPIC", "-o", "named.o"])?;
    ensure!(compiled.code == 0, "no object could be made: {compiled:?}");
    let fake = Fake::scripted(&named)?;
    // The twin: ld takes the script for what it is and reads the file.
    let driver = fake.driver.to_string_lossy();
    twin::compile(directory.path(), &driver, &["-c", "a.c", "-o", "posing.o"])?;
    let link = ["-shared", "posing.o", "-Wl,--trace", "-o", "a.so"];
    let linked = twin::compile(directory.path(), &driver, &link)?;
    let read = linked.code == 0 && linked.stdout.contains("named.o");
    ensure!(read, "the twin's linker does not read the file: {linked:?}");

    let policy = Policy::default_of(env)?.read_only(directory.path());
    let jig = home(env, policy, &fake)?;
    let output = submit(&jig)?.refuses(4, "build-output")?;
    ensure!(output.mentions("ELF"), "it does not say what is wrong with the object: {output}");
    jig.tells_of(&output)?;
    jig.serves()?;
    jig.finish()
}

/// Variables that a compiler, a linker, a loader or cargo goes by; each with a value that is not
/// what a build has.
fn variables(directory: &Path) -> Vec<(&'static str, String)> {
    let at = |name: &str| directory.join(name).display().to_string();
    let mut list = vec![(twin::TOKEN.0, twin::TOKEN.1.to_owned())];
    list.extend([
        ("DEPENDENCIES_OUTPUT", at("dependencies")),
        ("SUNPRO_DEPENDENCIES", at("dependencies")),
        ("SOURCE_DATE_EPOCH", "0".to_owned()),
        ("GCC_COLORS", "error=1".to_owned()),
        ("RUSTC_WRAPPER", "/bin/false".to_owned()),
        ("RUSTFLAGS", "--bogus".to_owned()),
        ("CARGO_ENCODED_RUSTFLAGS", "--bogus".to_owned()),
        ("RUSTC", "/bin/false".to_owned()),
        ("RUST_LOG", "trace".to_owned()),
        ("LD_DEBUG_OUTPUT", at("debug")),
        ("MALLOC_ARENA_TEST", "1".to_owned()),
    ]);
    let paths = [
        "CPATH",
        "C_INCLUDE_PATH",
        "CPLUS_INCLUDE_PATH",
        "GCC_EXEC_PREFIX",
        "COMPILER_PATH",
        "LIBRARY_PATH",
        "LD_LIBRARY_PATH",
        "LD_RUN_PATH",
        "CARGO_HOME",
        "RUST_TARGET_PATH",
        "GCOV_PREFIX",
    ];
    list.extend(paths.map(|name| (name, at(""))));
    list
}

/// Submits a skill with all of them, and LD_PRELOAD, in saggar's own environment.
fn submit_under(jig: &Jig, skill: &Fixture, directory: &Path) -> Result<Output, String> {
    let arguments = crate::jig::submission(skill.path());
    let mut command = jig.command(&arguments);
    command.envs(variables(directory)).env("LD_PRELOAD", directory.join("preload.so"));
    Jig::read(&arguments, process::run(command, crate::jig::LIMIT)?)
}

/// A library that writes down the name of each program it is loaded into.
fn preload(directory: &Path) -> Verdict {
    let source = "#define _GNU_SOURCE\n#include <errno.h>\n#include <stdio.h>\n\
         __attribute__((constructor)) static void here(void) {\n\
         \x20   FILE *file = fopen(HERE, \"a\");\n\
         \x20   if (file) { fprintf(file, \"%s\\n\", program_invocation_short_name); fclose(file); }\n}\n";
    write(&directory.join("preload.c"), source)?;
    let here = format!("-DHERE={:?}", directory.join("preloaded"));
    let args = ["-shared", "-fPIC", &here, "preload.c", "-o", "preload.so"];
    let compiled = twin::compile(directory, "gcc", &args)?;
    ensure!(compiled.code == 0, "no library could be made: {compiled:?}");
    Ok(())
}

/// The compiler's environment is the policy's, to the letter.
pub(super) fn environment(env: &Env) -> Verdict {
    let directory = open_directory("saggar-variables-")?;
    preload(directory.path())?;
    let fake = Fake::telling()?;
    let (name, value) = twin::TOKEN;
    let seen = outside(&fake, &["env"])?;
    ensure!(seen.contains(&format!("{name}={value}")), "the twin sees no variable: {seen}");

    let policy = Policy::default_of(env)?.read_only(directory.path());
    let jig = home(env, policy, &fake)?;
    let skill = Fixture::of(Language::Cpp, Language::Cpp.answer())?;
    let output = submit_under(&jig, &skill, directory.path())?.refuses(4, "compile")?;
    let log = jig.log(&output)?;
    let mut found: Vec<&str> = log.lines().filter_map(|line| line.strip_prefix("env: ")).collect();
    found.sort_unstable();
    let expected = ["HOME=/work", "LC_ALL=C", "PATH=/usr/bin", "TMPDIR=/work/tmp"];
    ensure!(found == expected, "the compiler's environment is {found:?}");
    jig.serves()?;
    jig.finish()
}

/// Neither the limit of whoever starts saggar nor what saggar makes of it reaches the compiler.
pub(super) fn descriptors(env: &Env) -> Verdict {
    let fake = Fake::telling()?;
    let scene = ["sh", "-c", "ulimit -Sn 300; ulimit -Hn 3000; exec \"$@\"", "sh"];
    let seen = outside(&fake, &scene)?;
    ensure!(told(&seen, "files") == Some("300 3000"), "the twin has another limit: {seen}");

    let jig = home(env, Policy::default_of(env)?, &fake)?;
    let skill = Fixture::of(Language::Cpp, Language::Cpp.answer())?;
    let arguments = crate::jig::submission(skill.path());
    let command = process::under(&scene, &jig.command(&arguments));
    let output = Jig::read(&arguments, process::run(command, crate::jig::LIMIT)?)?;
    let log = jig.log(&output.refuses(4, "compile")?)?;
    // The policy's.
    ensure!(told(&log, "files") == Some("256 256"), "the compiler has another limit: {log}");
    jig.serves()?;
    jig.finish()
}

pub(super) fn variables_change_nothing(env: &Env) -> Verdict {
    let directory = open_directory("saggar-variables-")?;
    preload(directory.path())?;
    write(&directory.path().join("loot.h"), "#error honoured\n")?;
    let source = "#if __has_include(\"loot.h\")\n#include \"loot.h\"\n#endif\n";
    let written = directory.path().join("dependencies");
    let preloaded = directory.path().join("preloaded");
    let names = || fs::read_to_string(&preloaded).unwrap_or_default();

    // The twin: the plain compiler writes the one, reads the other, and is loaded into.
    let skill = Fixture::of(Language::C, &(source.to_owned() + Language::C.answer()))?;
    let mut gcc = process::command("gcc");
    let turning = |(name, _): &(&str, String)| ["DEPENDENCIES_OUTPUT", "CPATH"].contains(name);
    gcc.envs(variables(directory.path()).into_iter().filter(turning));
    gcc.env("LD_PRELOAD", directory.path().join("preload.so"));
    gcc.current_dir(skill.path()).args(["-c", "skill.c"]);
    let said = process::run(gcc, crate::jig::LIMIT)?.stderr;
    ensure!(said.contains("honoured"), "the twin's compiler does not go by CPATH: {said}");
    ensure!(written.is_file(), "the twin's compiler writes no dependencies");
    ensure!(names().contains("cc1"), "the twin's compiler loads nothing: {}", names());
    fs::remove_file(&written).map_err(while_doing("remove a file"))?;
    fs::remove_file(&preloaded).map_err(while_doing("remove a file"))?;

    let policy = Policy::default_of(env)?.read_only(directory.path());
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    for language in Language::ALL {
        let own = match language {
            Language::Rust => variables(directory.path())
                .iter()
                // The toolchain's own libraries are found by it.
                .filter(|(name, _)| *name != "LD_LIBRARY_PATH")
                .map(|(name, _)| {
                    format!("const _: () = assert!(option_env!({name:?}).is_none());\n")
                })
                .collect(),
            _ => source.to_owned(),
        };
        let skill = Fixture::of(language, &(own + language.answer()))?;
        let output = submit_under(&jig, &skill, directory.path())?;
        output.released().map_err(|why| format!("{}: {why}", language.name()))?;
    }
    ensure!(!written.exists(), "dependencies were written");
    let strangers: Vec<_> = names().lines().filter(|n| *n != "saggar").map(str::to_owned).collect();
    ensure!(strangers.is_empty(), "the library was loaded into {strangers:?}");
    ensure!(!names().is_empty(), "the library was not even loaded into saggar");
    jig.serves()?;
    jig.finish()
}

/// How many children a build got, for what it was stopped, and what was enforced.
fn forked(jig: &Jig) -> Result<(u32, String, Output), String> {
    let output = submit(jig)?.refuses(4, "compile")?;
    let log = jig.log(&output)?;
    let line = told(&log, "forked").ok_or_else(|| format!("it did not fork: {log}"))?;
    let (number, why) = line.split_once(' ').unwrap_or((line, ""));
    let number = number.parse().map_err(while_doing("read how many"))?;
    Ok((number, why.to_owned(), output))
}

/// As root the cgroup and the limit of the user namespace hold, as an ordinary user, who may make
/// no cgroup, the limit alone. The twin: a policy that allows more.
pub(super) fn forks(env: &Env) -> Verdict {
    const MOST: u32 = 300;
    let fake = Fake::forking("count", MOST)?;
    for (allowed, ordinary) in [(64, false), (64, true), (1024, false), (1024, true)] {
        let policy = Policy::default_of(env)?.processes(allowed).compiler("c++", &fake.driver);
        let mut jig = Jig::under(env, &policy)?;
        let _binaries = if ordinary { Some(jig.run_as_nobody(env)?) } else { None };
        jig.submit_fixture("good/add")?.released()?;
        let (number, why, output) = forked(&jig)?;
        let held = &output.json["enforced"]["compile"];
        let limit = held["rlimits"]["nproc"].as_u64();
        ensure!(limit == Some(allowed.into()), "recorded is another limit: {held}");
        if allowed < MOST {
            ensure!((1..allowed).contains(&number), "it got {number} of {allowed}: {held}");
            ensure!(why.contains("unavailable"), "it was stopped for another reason: {why}");
        } else {
            ensure!(number == MOST, "the twin was stopped at {number}: {why}; {held}");
        }
        jig.serves()?;
        jig.finish()?;
    }
    Ok(())
}

pub(super) fn fork_bomb(env: &Env) -> Verdict {
    let fake = Fake::forking("bomb", 0)?;
    let jig = home(env, Policy::default_of(env)?.build_deadline("2s"), &fake)?;
    let output = submit(&jig)?.refuses(12, "build-deadline")?;
    jig.tells_of(&output)?;
    jig.serves()?;
    jig.finish()
}

pub(super) fn reaching(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    let stream = TcpListener::bind("127.0.0.1:0").map_err(while_doing("listen"))?;
    let port = stream.local_addr().map_err(while_doing("listen"))?.port();
    let _datagrams = UdpSocket::bind(("127.0.0.1", port)).map_err(while_doing("listen"))?;
    let fake = Fake::escaping(port, Path::new(&secret.path))?;
    let aims = ["file", "home", "process", "devices", "device", "datagram", "stream"];
    let seen = outside(&fake, &["env"])?;
    for aim in aims {
        ensure!(told(&seen, aim) == Some("reached"), "the twin does not reach {aim}: {seen}");
    }

    // Behind seccomp: no network and no such file are there.
    let open = Policy::default_of(env)?;
    let open = open.allow_syscalls("build", &["socket", "connect"], "the namespaces are on trial");
    let jig = home(env, open, &fake)?;
    let output = submit(&jig)?.refuses(4, "compile")?;
    let log = jig.log(&output)?;
    for aim in aims {
        let found = told(&log, aim);
        ensure!(found.is_some_and(|how| how != "reached"), "{aim} is {found:?}: {log}");
    }
    ensure!(!jig.home_holds(&secret.text)?, "the file is in the home");
    jig.serves()?;
    jig.finish()?;

    // Seccomp itself: the first socket is the end.
    let jig = home(env, Policy::default_of(env)?, &fake)?;
    let output = submit(&jig)?.refuses(4, "compiler-crashed")?;
    ensure!(output.mentions("signal 31"), "it was not ended by SIGSYS: {output}");
    ensure!(told(&jig.log(&output)?, "datagram").is_none(), "it went on: {output}");
    jig.tells_of(&output)?;
    jig.serves()?;
    jig.finish()
}

/// cargo, and with it build scripts, has no part in a build; a procedural macro is a library of
/// another kind, which no plan can ask for.
pub(super) fn rust_programs(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let acted = open_directory("saggar-acted-")?;
    let mark = acted.path().join("mark");
    let act = format!("std::fs::write({mark:?}, \"acted\").unwrap();");
    let beside = Fixture::of(Language::Rust, Language::Rust.answer())?;
    let manifest = "[package]\nname = \"answer\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
                    build = \"build.rs\"\n[lib]\npath = \"skill.rs\"\n[workspace]\n";
    write(&beside.file("Cargo.toml"), manifest)?;
    write(&beside.file("build.rs"), format!("fn main() {{ {act} }}\n"))?;
    // The twin: cargo runs it.
    let target = open_directory("saggar-target-")?;
    let mut cargo = process::command(env!("CARGO"));
    cargo.envs(std::env::vars_os().filter(|(key, _)| key == "HOME" || key == "RUSTUP_HOME"));
    cargo.envs(std::env::vars_os().filter(|(key, _)| key == "PATH" || key == "CARGO_HOME"));
    cargo.current_dir(beside.path()).args(["build", "--offline", "--quiet", "--target-dir"]);
    let built = process::run(with_path(cargo, target.path()), crate::jig::LIMIT)?;
    ensure!(mark.is_file(), "the twin's build script does not run: {built:?}");
    fs::remove_file(&mark).map_err(while_doing("remove a file"))?;
    fs::remove_file(beside.file("Cargo.lock")).unwrap_or_default();

    jig.submit(beside.path())?.released()?;
    ensure!(!mark.exists(), "a build script ran");
    let kinds = ["proc-macro", "bin", "staticlib", "rlib"];
    for kind in kinds {
        let head = format!("#![crate_type = {kind:?}]\nextern crate proc_macro;\n");
        let skill = Fixture::of(Language::Rust, &(head + Language::Rust.answer()))?;
        // The crate's own word does not count: what comes out is the library of a skill.
        jig.submit(skill.path())?.released().map_err(|why| format!("{kind}: {why}"))?;
    }
    let head = "extern crate proc_macro;\nuse proc_macro::TokenStream;\n\
                #[proc_macro]\npub fn loot(_: TokenStream) -> TokenStream { ";
    let defines = format!("{head}{act} TokenStream::new() }}\n{}", Language::Rust.answer());
    jig.submit(Fixture::of(Language::Rust, &defines)?.path())?.refuses(4, "compile")?;
    ensure!(!mark.exists(), "a procedural macro ran");
    jig.serves()?;
    jig.finish()
}

fn with_path(mut command: std::process::Command, path: &Path) -> std::process::Command {
    command.arg(path);
    command
}

pub(super) fn unavailable(env: &Env) -> Verdict {
    let directory = open_directory("saggar-none-")?;
    let at = |name: &str| directory.path().join(name);
    write(&at("plain"), "no program\n")?;
    write(&at("script"), "#!/no/such/interpreter\n")?;
    fs::create_dir(at("directory")).map_err(while_doing("make a directory"))?;
    for name in ["script", "directory"] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(at(name), mode).map_err(while_doing("make it executable"))?;
    }
    let old = Fake::old("4.8.5")?;
    let nonsense = Fake::old("cheese")?;
    let compilers = [
        at("missing"),
        at("plain"),
        at("script"),
        at("directory"),
        "/bin/true".into(),
        "/bin/cat".into(),
        "/bin/ls".into(),
        old.driver.clone(),
        nonsense.driver.clone(),
    ];
    for compiler in compilers {
        let shown = compiler.display().to_string();
        let policy = Policy::default_of(env)?.compiler("c++", &compiler);
        let jig = Jig::under(env, &policy)?;
        jig.submit_fixture("good/add")?.released()?;
        let output = submit(&jig)?.refuses(11, "toolchain-unavailable");
        let output = output.map_err(|why| format!("{shown}: {why}"))?;
        // The host's fault, not the skill's: nothing is held against it.
        ensure!(output.json["status"] == "error", "{shown}: the skill is blamed: {output}");
        ensure!(output.mentions(&shown), "{shown} is not named: {output}");
        jig.serves()?;
        jig.finish()?;
    }
    // The twin: the same driver with a version that will do.
    let fit = Fake::old("13.2.0")?;
    let jig = home(env, Policy::default_of(env)?, &fit)?;
    submit(&jig)?.released()?;
    jig.finish()
}
