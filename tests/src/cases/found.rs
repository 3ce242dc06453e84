//! What attacks on the built product found, so that it stays mended. Scan is off: the sidecar is
//! on trial.

use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin};

pub(super) fn uncounted_memory(env: &Env) -> Verdict {
    let skill = "l29-uncounted-memory";
    let jig = home(env, skill)?;
    jig.submit_fixture(&format!("hostile/{skill}"))?.released()?;
    for how in ["1", "2"] {
        jig.call(skill, "take", &[how])?.refuses(6, "forbidden-syscall")?;
    }
    jig.serves()?;
    jig.finish()
}

/// While it loads a skill may make memory read-only, as the loader does, and RLIMIT_DATA counts it no
/// more. Then RLIMIT_AS holds, which leaves room for the arena and the libraries.
pub(super) fn uncounted_while_loading(env: &Env) -> Verdict {
    let skill = "l29-uncounted-memory";
    let jig = home(env, skill)?;
    let replaced = [
        ("got < 256", "got < 4096"),
        ("{ return how == 0 ? 0 : mebibytes(how); }", "{ return how == 0 ? 0 : got_at_load; }"),
        (
            "std::uint32_t take(",
            "static std::uint32_t got_at_load;\n__attribute__((constructor)) static void at_load() \
             { got_at_load = mebibytes(2); }\nstd::uint32_t take(",
        ),
    ];
    let copy = Fixture::copy(env, &format!("hostile/{skill}"), &replaced)?;
    let output = jig.submit(copy.path())?;
    if output.exit == 0 {
        let output = jig.call(skill, "take", &["1"])?.exits(0)?;
        // 64 MiB of its own, 256 of the arena, 256 for libraries.
        let got = output.json["ok"].as_u64().unwrap_or(u64::MAX);
        ensure!((4..576).contains(&got), "a constructor has {got} MiB");
    } else {
        output.refuses(12, "call-memory")?;
    }
    let output = submit_stack_like(env, &jig)?.refuses(6, "forbidden-syscall")?;
    ensure!(output.json["stage"] == "load", "the stage is not load: {output}");
    jig.serves()?;
    jig.finish()
}

/// The same by mappings that look like stacks, from a constructor.
fn submit_stack_like(env: &Env, jig: &Jig) -> Result<Output, String> {
    let copy = Fixture::copy(env, "hostile/l29-uncounted-memory", &[])?;
    copy.append("__attribute__((constructor)) static void at_load() { mebibytes(1); }\n")?;
    jig.submit(copy.path())
}

pub(super) fn thread_filter(env: &Env) -> Verdict {
    interferes(env, "l27-thread-filter")
}

pub(super) fn forged_message(env: &Env) -> Verdict {
    interferes(env, "l27-forged-message")
}

/// The host counts filters from outside. A constructor that installs as many as the second stage has
/// is not found out; then what holds is the first stage, which every constructor is under.
pub(super) fn sham(env: &Env) -> Verdict {
    let skill = "l27-sham";
    let jig = home(env, skill)?;
    let mut loaded = 0;
    for filters in 1..=6 {
        let define = format!("#define FILTERS {filters}");
        let replaced = [("#define FILTERS 1", define.as_str())];
        let copy = Fixture::copy(env, &format!("hostile/{skill}"), &replaced)?;
        let output = jig.submit(copy.path())?;
        if output.exit == 0 {
            loaded += 1;
            let output = jig.call(skill, "reach-out", &["1"])?.refuses(6, "forbidden-syscall")?;
            ensure!(output.mentions("SIGSYS"), "the first stage does not hold: {output}");
        } else {
            output.refuses(6, "load-failed")?;
        }
    }
    ensure!(loaded <= 1, "{loaded} numbers of filters pass for that of the second stage");
    jig.serves()?;
    jig.finish()
}

/// The load fails, and the skill is blamed for it, not the machine.
fn interferes(env: &Env, skill: &str) -> Verdict {
    let jig = home(env, skill)?;
    let output = jig.submit_fixture(&format!("hostile/{skill}"))?.refuses(6, "load-failed")?;
    ensure!(output.json["status"] == "rejected", "the status is not rejected: {output}");
    jig.serves()?;
    jig.finish()
}

/// A home with a harmless skill, once the hostile one's twin has acted.
fn home(env: &Env, skill: &str) -> Result<Jig, String> {
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}
