//! What is done to the workspace, as `cargo xtask COMMAND`. Each command is a module; none of
//! them is part of what is shipped.
#![forbid(unsafe_code)]

mod bench;
mod cargo;
mod regress;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What is done to the workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the cases of the jig on release binaries, one line each
    Regress {
        /// Repeat what only repetition can show for longer
        #[arg(long)]
        full: bool,
        /// Only cases whose id or title contains this
        filter: Option<String>,
    },
    /// Build the binaries and run every test of the workspace on them
    Test {
        /// Arguments for cargo test
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check what the compiler does not: layers, unsafe, files, purity
    Tidy,
    /// Run the benches and print where the numbers are
    Bench {
        /// Arguments for cargo bench
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Task::Regress { full, filter } => regress::run(full, filter.as_deref()),
        Task::Test { arguments } => test::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Bench { arguments } => bench::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}
