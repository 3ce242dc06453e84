//! Skills that crash, in real sidecars: what is told of what they printed, and what one that crashes in
//! each call costs others.
#![cfg(test)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{SMALL_ARENA, Scene};
use saggar_engine::Code;
use serde_json::{Value, json};

const PLAN: &str = r#"
interface = """
quiet: func() -> u32;
says: func(text: string) -> u32;
holds-back: func(text: string) -> u32;
crash: func(text: string) -> u32;
leave: func(text: string) -> u32;
"""
[[test]]
call = "quiet"
args = []
expect = 1
"#;

const SOURCE: &str = r#"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
uint32_t quiet(void) { return 1; }
uint32_t says(const char *text) { return fputs(text, stderr) >= 0; }
uint32_t holds_back(const char *text) { return fputs(text, stdout) >= 0; }
uint32_t crash(const char *text) {
    fputs(text, stderr);
    return *(volatile uint32_t *)8;
}
uint32_t leave(const char *text) {
    fputs(text, stdout);
    exit(3);
}
"#;

fn scene() -> Scene {
    Scene::new("c", PLAN, SOURCE, &[SMALL_ARENA])
}

/// What the feedback of a call's end says was printed.
fn printed(scene: &Scene, name: &str, text: &str) -> Option<String> {
    let told = scene.call(name, &[json!(text)]).unwrap_err();
    assert!(matches!(told.code, Code::Segfault | Code::Exited), "{told:?}");
    let mut notes = told.diagnostics.iter().map(|note| &note.message);
    notes.find_map(|note| note.strip_prefix("the skill printed: ")).map(str::to_owned)
}

#[test]
fn a_crash_tells_what_its_own_call_printed_and_nothing_older() {
    let scene = scene();
    for calls in [1, 2, 30] {
        for _ in 0..calls {
            scene.call("says", &[json!("first\n")]).unwrap();
        }
        assert_eq!(printed(&scene, "crash", ""), None, "after {calls}");
        for _ in 0..calls {
            scene.call("says", &[json!("first\n")]).unwrap();
        }
        assert_eq!(printed(&scene, "crash", "second\n").as_deref(), Some("second"));
    }
}

/// Nor what the C library held back of it.
#[test]
fn what_is_held_back_goes_out_with_its_own_call() {
    let scene = scene();
    for _ in 0..3 {
        scene.call("holds-back", &[json!("first")]).unwrap();
        assert_eq!(printed(&scene, "leave", "second").as_deref(), Some("second"));
    }
}

/// How long the next process must have been waited for, milliseconds, by the calls that crashed
/// before it.
fn pause(deaths: u32) -> u64 {
    deaths.checked_sub(4).map_or(0, |more| 250.min(1 << more))
}

/// No clock of this process's decides: a pause may be longer than it should be, and never is
/// shorter. That it is one between two processes the ledger tells.
#[test]
fn a_skill_that_crashes_in_each_call_starts_one_process_for_each_and_slower_each_time() {
    const CALLS: u32 = 14;
    let scene = scene();
    scene.release("other", "c", PLAN, SOURCE);
    let (skill, crashing) = ("other".parse().unwrap(), AtomicBool::new(true));
    let meanwhile = thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..CALLS {
                printed(&scene, "crash", "");
            }
            crashing.store(false, Ordering::SeqCst);
        });
        let mut answered = 0;
        while crashing.load(Ordering::SeqCst) {
            assert_eq!(scene.engine.call(&skill, "quiet", &[]), Ok(json!(1)));
            answered += 1;
        }
        answered
    });
    let at = |entry: &Value| entry["time_ms"].as_u64().unwrap();
    let probe = |entry: &Value| entry["skill"] == "probe" && entry["submission"].is_null();
    let [loads, crashes] = ["load-intent", "crashed"].map(|name| {
        scene.events(name).into_iter().filter(probe).map(|entry| at(&entry)).collect::<Vec<_>>()
    });
    assert_eq!((loads.len(), crashes.len()), (CALLS as usize, CALLS as usize));
    for (deaths, (crash, load)) in (1..).zip(crashes.iter().zip(&loads[1..])) {
        // Each of the two is rounded down.
        assert!(load + 1 >= crash + pause(deaths), "{deaths}: {crash} {load}");
    }
    // Who waited for the other's pauses would have come on between them, once for each.
    assert!(meanwhile > 4 * CALLS, "{meanwhile} calls were answered meanwhile");
}
