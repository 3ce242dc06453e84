//! Builds whose processes outlive what started them.

use std::time::{Duration, Instant};

use crate::fake::{Fake, LINGERING_CALLS};
use crate::process::{self, Running};
use crate::{Env, Fixture, Jig, Policy, Verdict, census, ensure};

/// Longest wait for something to show up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a look at the machine finds something, as long as the process runs.
pub(super) fn seen<T>(
    running: &mut Running,
    what: &str,
    mut look: impl FnMut(&Running) -> Option<T>,
) -> Result<T, String> {
    let start = Instant::now();
    loop {
        if let Some(found) = look(running) {
            return Ok(found);
        }
        ensure!(start.elapsed() < PATIENCE, "{what} never showed up");
        ensure!(!running.ended()?, "it ended before {what} showed up");
        std::thread::sleep(Duration::from_millis(3));
    }
}

pub(super) fn alive(marker: &str) -> Option<Vec<u32>> {
    Some(census::with_marker(marker)).filter(|pids| !pids.is_empty())
}

pub(super) fn deadline(env: &Env) -> Verdict {
    let marker = format!("saggar-marker-{}", std::process::id());
    let fake = Fake::lingering(&marker)?;
    daemon_survives_group_kill(&fake, &marker)?;

    let policy = Policy::default_of(env)?
        .compiler("c++", &fake.driver)
        .allow_syscalls("build", &LINGERING_CALLS, "the pid namespace is on trial")
        .build_deadline("2s");
    let jig = Jig::under(env, &policy)?;
    let skill = env.skills("good/top-word");
    let arguments = crate::jig::submission(&skill);
    let mut running = jig.start(&arguments)?;
    seen(&mut running, "the daemon", |_| alive(&marker)).or_else(|reason| {
        // What the command said is more telling than that nothing was seen.
        Err(format!("{reason}: {}", Jig::read(&arguments, jig.start(&arguments)?.wait()?)?))
    })?;
    let ended = running.wait()?;
    let left = alive(&marker);
    left.iter().flatten().copied().for_each(process::kill);
    ensure!(left.is_none(), "the build has returned and its daemon lives");
    Jig::read(&arguments, ended)?.refuses(12, "build-deadline")?;
    let outcomes = crate::ledger::events(&jig.home(), "build-outcome")?;
    ensure!(!outcomes.is_empty(), "the ledger has no outcome of the build");
    jig.finish()
}

/// The twin: killing the process group, as naive hosts do, leaves the daemon alive.
pub(super) fn daemon_survives_group_kill(fake: &Fake, marker: &str) -> Verdict {
    let mut command = process::command(&fake.driver);
    command.args(["-c", "nothing.cpp"]).stdin(std::process::Stdio::null());
    let mut running = process::start(command, PATIENCE)?;
    seen(&mut running, "the twin's daemon", |_| alive(marker))?;
    running.kill_group();
    running.wait()?;
    let survivors = alive(marker);
    survivors.iter().flatten().copied().for_each(process::kill);
    let start = Instant::now();
    while alive(marker).is_some() && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(2));
    }
    ensure!(survivors.is_some(), "the twin's daemon died with its group; the case proves nothing");
    Ok(())
}

pub(super) fn killed_host(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let skill = Fixture::copy(env, "good/text-tools", &[])?;
    let arguments = crate::jig::submission(skill.path());
    let mut running = jig.start(&arguments)?;
    seen(&mut running, "a compiler", |running| {
        census::descendants(running.pid()).into_iter().find(|p| p.name == "cc1plus")
    })?;
    running.kill();
    let ended = running.wait()?;
    ensure!(ended.code == -9, "it was to die in mid-build, and exited {}", ended.code);
    jig.clean()?;
    jig.serves()?;
    let again = Jig::read(&arguments, jig.start(&arguments)?.wait()?)?.released()?;
    ensure!(again.json["deduplicated"] == false, "there was nothing to reuse: {again}");
    jig.finish()
}
