//! One skill's trouble is no other's.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::{Env, Jig, Verdict, ensure, twin};

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
            let crash = jig.call("segv", "boom", &["1"])?.refuses(6, "crash")?;
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
