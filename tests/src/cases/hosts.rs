//! One skill's trouble is no other's.

use std::fs::{self, DirEntry};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use serde_json::{Value, json};

use super::held::serving;
use super::tree::seen;
use crate::{Env, Fixture, Jig, Policy, Verdict, census, ensure, process, twin, while_doing};

pub(super) fn crash_beside_service(env: &Env) -> Verdict {
    twin::acts(&env.skills("hostile/segv"))?;
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture("hostile/segv")?.released()?;
    let calls = if env.full { 400 } else { 25 };
    let serving = AtomicBool::new(true);
    let serve = |number: i64| {
        let results = (0..calls).map(|call| {
            let words = [number.to_string(), call.to_string()];
            let answer = jig.call("add", "add", &[&words[0], &words[1]])?;
            answer.answers(&Value::from(number + call)).map(drop)
        });
        results.collect::<Verdict>()
    };
    let crash = || {
        let mut crashes = 0_u32;
        while serving.load(Ordering::Relaxed) || crashes < 3 {
            let crash = jig.call("segv", "boom", &["1"])?.refuses(6, "segfault")?;
            let told = crash.feedback()["summary"].as_str().unwrap_or_default();
            ensure!(told.contains("SIGSEGV") && told.contains("0x8"), "it tells less: {crash}");
            crashes += 1;
        }
        Ok(crashes)
    };
    let (served, crashed) = std::thread::scope(|scope| {
        let servers = [1000, 2000].map(|number| scope.spawn(move || serve(number)));
        let crasher = scope.spawn(crash);
        let served = servers.map(|server| server.join().unwrap_or(Err("a panic".into())));
        serving.store(false, Ordering::Relaxed);
        (served, crasher.join().unwrap_or(Err("a panic".into())))
    });
    served.into_iter().collect::<Verdict>()?;
    let crashed = crashed?;
    let told = crate::ledger::events(&jig.home(), "crashed")?;
    let of_segv = told.iter().filter(|entry| entry["skill"] == "segv").count();
    ensure!(of_segv == crashed as usize, "{crashed} crashes, the ledger tells of {of_segv}");
    jig.call("segv", "boom", &["0"])?.answers(&json!(0))?;
    jig.finish()
}

/// The host is killed while a sidecar serves, and while another runs a constructor without end. What it
/// has forked lives on.
pub(super) fn killed(env: &Env) -> Verdict {
    orphan_lives()?;
    let jig = Jig::under(env, &Policy::default_of(env)?.load_deadline("60s"))?;
    jig.submit_fixture("good/add")?.released()?;
    let skill = Fixture::copy(env, "hostile/endless-loop", &[("300ms", "60s")])?;
    jig.submit(skill.path())?.released()?;
    let mut running = jig.start(&["call", "--json", "endless-loop", "spin", "1"])?;
    let (pid, _) = serving(&mut running)?;
    ends_with_its_host(running, pid)?;
    jig.clean()?;
    jig.serves()?;

    skill.append("__attribute__((constructor)) static void before() { spin(1); }\n")?;
    let mut running = jig.start(&crate::jig::submission(skill.path()))?;
    let pid = seen(&mut running, "a sidecar that loads", |running| {
        let all = census::descendants(running.pid());
        let busy = |pid: &u32| super::held::busy(*pid);
        all.iter().filter(|process| process.name == "sidecar").map(|p| p.pid).find(busy)
    })?;
    ends_with_its_host(running, pid)?;
    jig.clean()?;
    jig.serves()?;
    jig.finish()
}

fn ends_with_its_host(running: process::Running, sidecar: u32) -> Verdict {
    let _held = sockets_of(running.pid())?;
    running.kill();
    let ended = running.wait()?;
    ensure!(ended.code == -9, "it was to be killed, and exited {}", ended.code);
    let start = std::time::Instant::now();
    let lives = || census::processes().iter().any(|p| p.pid == sidecar && !p.dead);
    while lives() {
        ensure!(start.elapsed() < crate::jig::LIMIT, "the sidecar outlives its host");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Ok(())
}

/// The sockets of a process, open here as they are in what it has forked.
fn sockets_of(pid: u32) -> Result<Vec<OwnedFd>, String> {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or("no process")?;
    let handle = pidfd_open(number, PidfdFlags::empty()).map_err(while_doing("open a host"))?;
    let open = fs::read_dir(format!("/proc/{pid}/fd")).map_err(while_doing("look at a host"))?;
    let is_socket = |entry: &DirEntry| {
        fs::read_link(entry.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
    };
    let numbers = open.flatten().filter(is_socket);
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let held = numbers.map(|fd| pidfd_getfd(&handle, fd, PidfdGetfdFlags::empty()));
    let held: Vec<_> =
        held.collect::<Result<_, _>>().map_err(while_doing("hold a host's sockets"))?;
    ensure!(!held.is_empty(), "the host has no socket; the case proves nothing");
    Ok(held)
}

/// The twin: a child of a plain process that is killed lives on.
fn orphan_lives() -> Verdict {
    let mut sh = process::command("sh");
    sh.args(["-c", "sleep 600 >/dev/null 2>&1 & echo $!; kill -KILL $$"]);
    let ended = process::run(sh, crate::jig::LIMIT)?;
    let child: u32 = ended.stdout.trim().parse().map_err(|_| "the twin starts no child")?;
    let lives = census::processes().iter().any(|p| p.pid == child && !p.dead);
    process::kill(child);
    ensure!(lives && ended.code == -9, "the twin's child died with it; the case proves nothing");
    Ok(())
}
