//! The other process of this crate's tests: the launcher of jails (`launch`), and in them a sidecar
//! that says and writes what it likes (`serve`). Nothing but the tests starts it.
//!
//! How it behaves, the request says: the memory it asks for is a seed and a mode ([`mode::memory`]).
//! It never loads anything.
#![forbid(unsafe_code)]

mod chance;
mod fuzz;
mod mode;
mod peer;

use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("launch") => saggar_jail::launcher_main(),
        Some("serve") => peer::serve(),
        _ => Err(std::io::ErrorKind::InvalidInput.into()),
    };
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
