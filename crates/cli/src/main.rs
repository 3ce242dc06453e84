//! `saggar`, the command line: reads arguments, calls the engine, prints. Data goes to stdout,
//! everything else to stderr; the exit code is that of the feedback.
#![forbid(unsafe_code)]

mod args;
mod audit;
mod commands;
mod descriptors;
mod output;
mod plan;
mod progress;
mod values;
mod warm;

use std::process::ExitCode;

use args::Cli;
use clap::Parser;
use saggar_engine::{Code, Feedback};
use saggar_model::Stage;

fn main() -> ExitCode {
    descriptors::raise();
    let argv = args::options_first(std::env::args_os().collect());
    let json = argv.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
    let code = match Cli::try_parse_from(argv) {
        Ok(cli) => commands::execute(&cli),
        Err(error) => usage(&error, json),
    };
    ExitCode::from(code)
}

/// Answers a command line that is wrong, or that asks for help; gives the exit code.
fn usage(error: &clap::Error, json: bool) -> u8 {
    let asked = !error.use_stderr();
    if json && !asked {
        let text = error.to_string();
        // The message is the first paragraph; usage and help follow.
        let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
        let summary = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let feedback =
            Feedback::new(Stage::Admit, Code::Usage, summary).hint("see `saggar --help`");
        return output::fail(&feedback, true);
    }
    // A closed terminal is no reason to fail differently.
    error.print().unwrap_or_default();
    if asked { 0 } else { Code::Usage.exit() }
}
