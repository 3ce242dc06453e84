//! B15, B16: what lies where the artifact belongs is no regular file with one name.

use std::fs;

use crate::fake::{Fake, SWAPPING_CALLS, UNIT};
use crate::fixture::{open_directory, write};
use crate::{Env, Jig, Policy, Verdict, ensure, process, twin, while_doing};

pub(super) fn through(env: &Env) -> Verdict {
    refused(env, "through", |kind| kind.is_symlink())
}

pub(super) fn symlink(env: &Env) -> Verdict {
    refused(env, "symlink", |kind| kind.is_symlink())
}

pub(super) fn hard_link(env: &Env) -> Verdict {
    refused(env, "hard", |kind| kind.is_file())
}

pub(super) fn fifo(env: &Env) -> Verdict {
    refused(env, "fifo", |kind| std::os::unix::fs::FileTypeExt::is_fifo(&kind))
}

pub(super) fn directory(env: &Env) -> Verdict {
    refused(env, "directory", |kind| kind.is_dir())
}

fn refused(env: &Env, mode: &str, is: fn(fs::FileType) -> bool) -> Verdict {
    let fake = Fake::swapping(mode)?;
    swaps(&fake, is)?;
    let policy = Policy::default_of(env)?.linker(&fake.driver).allow_syscalls(
        "build",
        &SWAPPING_CALLS,
        "the collection of the output is on trial",
    );
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    let output = jig.submit_fixture("good/top-word")?.refuses(4, "build-output")?;
    ensure!(output.json["artifact"].is_null(), "there is an artifact: {output}");
    jig.serves()?;
    jig.finish()
}

/// The twin: without a jail the output is what the mode says, and reads as the object that was
/// linked, where it can be read.
fn swaps(fake: &Fake, is: fn(fs::FileType) -> bool) -> Verdict {
    let directory = open_directory("saggar-twin-")?;
    let at = |name: &str| directory.path().join(name);
    write(&at(UNIT), "int answer() { return 42; }\n")?;
    let compile = ["-g1", "-fPIC", "-c", UNIT, "-o", "a.o"];
    let compiled = twin::compile(directory.path(), "g++", &compile)?;
    ensure!(compiled.code == 0, "the twin does not compile: {}", compiled.stderr);
    let mut command = process::command(&fake.driver);
    command.current_dir(directory.path()).args(["-shared", "a.o", "-o", "out.so"]);
    let linked = process::run(command, crate::jig::LIMIT)?;
    ensure!(linked.code == 0, "the twin does not link: {}", linked.stderr);
    let kind = fs::symlink_metadata(at("out.so")).map_err(while_doing("look at the output"))?;
    let written = fs::metadata(at("out.so.other")).map_or(0, |meta| meta.len());
    let swapped = is(kind.file_type()) && written > 0;
    ensure!(swapped, "the twin did not swap its output; the case proves nothing");
    Ok(())
}
