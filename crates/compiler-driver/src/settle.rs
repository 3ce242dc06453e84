//! What a driver does while nothing else is to be done: compiles the headers that builds missed.
//! In a jail, at idle priority, one process of a home at a time; broken off whenever asked. What
//! goes wrong here is nobody's failure: the header is not there, and builds take longer.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use saggar_jail::OutputState;
use saggar_model::Digest;

use crate::action::{self, Action};
use crate::commands;
use crate::driver::{DEPENDENCIES, LocalDriver, PRELUDE};
use crate::outputs::{MAX_DEPENDENCIES, headers_in};
use crate::precompiled::{Maker, Recipe};

/// How soon it is seen that another process made what is wanted.
const PAUSE: Duration = Duration::from_millis(50);

/// How a try came out.
enum Made {
    Yes(Vec<String>),
    No,
    /// Broken off before its end.
    Cancelled,
}

/// Makes what is wanted until nothing is, or the flag is set. Looks once more after giving up the
/// right to, because others leave their wishes to whoever has it.
pub(crate) fn settle(driver: &LocalDriver, cancel: &AtomicBool) {
    let store = &driver.precompiled;
    while !cancel.load(Ordering::Relaxed) && store.has_wishes() {
        let Some(maker) = store.maker() else {
            thread::sleep(PAUSE);
            continue;
        };
        maker.tidy();
        while let Some((key, recipe)) = maker.next().filter(|_| !cancel.load(Ordering::Relaxed)) {
            make(driver, &maker, key, &recipe, cancel);
        }
        maker.tidy();
    }
}

fn make(
    driver: &LocalDriver,
    maker: &Maker<'_>,
    key: Digest,
    recipe: &Recipe,
    cancel: &AtomicBool,
) {
    let policy = &driver.policy;
    let allowed = recipe.is_allowed(policy);
    let compiler = allowed.then(|| driver.toolchains.identify(recipe.which()).ok()).flatten();
    // Another policy or another compiler by now: nobody will ask for this.
    let Some(compiler) = compiler.filter(|of| driver.header_key(of, recipe) == key) else {
        return maker.done(key);
    };
    if driver.precompiled.find(key).is_some() || maker.adopt(key) {
        return maker.done(key);
    }
    maker.try_once(key, recipe);
    let most = policy.build.work.0.min(policy.build.precompiled.size.0);
    let Ok(draft) = maker.begin(key, most) else { return };
    let argv = commands::precompile(recipe, &compiler);
    match compile(driver, recipe, argv, (&draft.file, most), cancel) {
        Made::Yes(headers) => maker.keep(key, draft, headers).unwrap_or_default(),
        Made::No => {}
        Made::Cancelled => maker.put_back(key, recipe),
    }
}

fn compile(
    driver: &LocalDriver,
    recipe: &Recipe,
    argv: Vec<String>,
    (file, most): (&File, u64),
    cancel: &AtomicBool,
) -> Made {
    let policy = &driver.policy;
    let name = format!("{PRELUDE}.gch");
    let action = Action {
        step: "precompile",
        argv,
        inputs: vec![(PRELUDE, recipe.prelude.as_bytes())],
        outputs: vec![(&name, most), (DEPENDENCIES, MAX_DEPENDENCIES)],
        deadline: policy.build.precompiled.deadline.duration(),
        toolchain: None,
        directory: None,
        shown: None,
    };
    let Ok(list) = memfd_create(DEPENDENCIES, MemfdFlags::CLOEXEC) else { return Made::No };
    let outputs = [file.as_fd(), list.as_fd()];
    let ended = action.run_idle(&driver.launcher, policy, &outputs, cancel);
    match ended {
        Ok(Some(ended))
            if ended.exit_code == Some(0)
                && ended.outputs.iter().all(|state| matches!(state, OutputState::Taken(_))) =>
        {
            action::read(list).map_or(Made::No, |list| Made::Yes(headers_in(&list, Vec::new())))
        }
        Ok(None) if cancel.load(Ordering::Relaxed) => Made::Cancelled,
        _ => Made::No,
    }
}
