//! Skills that crash, in real sidecars: what is told of what they printed.
#![cfg(test)]

mod common;

use common::{SMALL_ARENA, Scene};
use saggar_engine::Code;
use serde_json::json;

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
