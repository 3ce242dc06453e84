//! The sidecar program. `launch` is the launcher of jails; `serve` confines itself, loads one
//! artifact and serves calls. Both are started by `saggar-jail` and by nobody else; it parses no
//! policy and reads no file.

mod crash;
mod files;
mod load;
mod places;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("launch") => saggar_jail::launcher_main(),
        Some("serve") => serve::main(),
        Some("--build-id") => {
            println!("{}", saggar_sidecar_api::wire::BUILD_ID);
            Ok(())
        }
        _ => {
            eprintln!("saggar-sidecar is started by saggar; it has no use of its own");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("saggar-sidecar: {error}");
            ExitCode::FAILURE
        }
    }
}
