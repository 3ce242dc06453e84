//! What attacks on the built product found, so that it stays mended. Scan is off: the sidecar is
//! on trial.

use crate::{Env, Fixture, Jig, Policy, Verdict, ensure, twin};

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
