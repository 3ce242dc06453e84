//! A sidecar that is the enemy: one that keeps to the wire's form and to nothing else (`jig/`). The
//! host never panics, never hangs, names what happened, and holds nothing of it afterwards.
#![cfg(test)]

mod fuzz;
mod host;
#[path = "../../jig/mode.rs"]
mod mode;
mod scripted;

/// Repeat what only repetition can show for longer: `cargo xtask regress --full` sets it.
const FULL: &str = "SAGGAR_TEST_FULL";

fn full() -> bool {
    std::env::var_os(FULL).is_some()
}

#[test]
fn modes_are_numbered_in_order() {
    let numbers = mode::Mode::ALL.map(|mode| mode as usize);
    assert!(numbers.into_iter().eq(1..=mode::Mode::ALL.len()));
}
