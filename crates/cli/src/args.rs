//! The arguments. Options may stand anywhere before `--`, and `-1` is a value.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use saggar_model::{Digest, Language};

/// Compiles machine-written C, C++ and Rust in a jail, tests it, and serves what passes
#[derive(Debug, Parser)]
#[command(name = "saggar", version, max_term_width = 100, after_help = ENVIRONMENT)]
pub(crate) struct Cli {
    /// Directory that everything durable lies in [default: SAGGAR_HOME, else the XDG state directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// default, strict, container, or a policy file [default: default]
    #[arg(long, global = true, value_name = "POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// Print exactly one JSON object on stdout, errors included
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the environment says.
const ENVIRONMENT: &str = "\
Environment:
  SAGGAR_HOME        the home, where --home does not name one
  SAGGAR_SIDECAR     absolute path of saggar-sidecar [default: beside saggar]
  SAGGAR_PRECOMPILE  off: nothing is compiled ahead after an answer [default: headers that a
                     source began with are, at idle priority, by a process of its own]";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what to fill in: the plan, or the source that a plan asks for; compiles nothing
    Plan {
        /// Print the interface that the directory's source has, to paste into the plan
        #[arg(long)]
        infer: bool,
        /// The language, where no plan says it [default: that of the files, else c++]
        #[arg(long, value_name = "LANGUAGE", value_parser = language)]
        language: Option<Language>,
        /// The skill's directory: plan.toml, its source, both or none
        dir: PathBuf,
    },
    /// Build, verify and call a skill once; promotes nothing
    Run {
        #[command(flatten)]
        allow: Allow,
        /// Make a call again that crashed: the id in its feedback's `replay`; DIR may be the mended
        /// source, without it the source is the one that crashed
        #[arg(long, value_name = "ID")]
        replay: Option<Digest>,
        /// The skill's directory: plan.toml and its source
        #[arg(required_unless_present = "replay")]
        dir: Option<PathBuf>,
        /// Function of its interface
        #[arg(required_unless_present = "replay", conflicts_with = "replay")]
        function: Option<String>,
        /// One per parameter: JSON, or plain text for a string; @FILE reads it, @- from stdin
        #[arg(allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build, verify and promote a skill
    Submit {
        #[command(flatten)]
        allow: Allow,
        /// The skill's directory: plan.toml and its source
        dir: PathBuf,
    },
    /// Call a function of a released skill
    Call {
        /// The skill
        skill: String,
        /// Function of its interface
        function: String,
        /// One per parameter: JSON, or plain text for a string; @FILE reads it, @- from stdin; for a
        /// list of numbers file:PATH, whose bytes are the elements, little-endian, read where they lie
        #[arg(allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// List the released skills
    List,
    /// Show a skill or a submission
    Show {
        /// A skill, or a submission's id such as s-17
        what: String,
    },
    /// List a skill's releases and submissions
    History {
        /// The skill
        skill: String,
    },
    /// Print everything the compiler and linker printed
    Log {
        /// A submission's id such as s-17, or the digest in a feedback's `log`
        what: String,
    },
    /// Do what submissions left to be done while idle; started by them
    #[command(hide = true)]
    Warm,
    /// Read and check the ledger
    Audit {
        /// What to do with it
        #[command(subcommand)]
        command: Audit,
    },
}

/// A language by the name that plans use.
fn language(name: &str) -> Result<Language, String> {
    let all = [Language::C, Language::Cpp, Language::Rust];
    let found = all.into_iter().find(|language| language.as_str() == name);
    found.ok_or_else(|| "write c, c++ or rust".to_owned())
}

/// What the person at the terminal allows.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Allow {
    /// Allow compilation for this one command
    #[arg(long)]
    pub(crate) allow_compile: bool,
}

/// Commands on the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check that no line was changed, removed, added or moved
    Verify,
    /// Print its lines
    Show {
        /// Start at this sequence number
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// At most so many lines
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
}

/// Options that take a value in the next argument.
const VALUED: [&str; 2] = ["--home", "--policy"];
/// One of `run` alone.
const REPLAY: &str = "--replay";
const FLAGS: [&str; 2] = ["--json", "--allow-compile"];

/// Moves the known options before the values of `run` and `call`, which may start with a hyphen
/// and so would swallow them. What stands after `--` is left alone.
pub(crate) fn options_first(argv: Vec<OsString>) -> Vec<OsString> {
    let is = |arg: &OsString, list: &[&str]| {
        arg.to_str().is_some_and(|arg| list.contains(&arg.split('=').next().unwrap_or(arg)))
    };
    let mut argv = argv.into_iter();
    let program = argv.next();
    let (mut options, mut allow, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(arg) = argv.next() {
        if arg == "--" {
            rest.push(arg);
            rest.extend(argv);
            break;
        }
        if is(&arg, &VALUED) {
            let inline = arg.to_string_lossy().contains('=');
            options.push(arg);
            options.extend(if inline { None } else { argv.next() });
        } else if arg == FLAGS[0] {
            options.push(arg);
        } else if is(&arg, &[REPLAY]) {
            let inline = arg.to_string_lossy().contains('=');
            allow.push(arg);
            allow.extend(if inline { None } else { argv.next() });
        } else if arg == FLAGS[1] {
            allow.push(arg);
        } else {
            rest.push(arg);
        }
    }
    let command = if rest.is_empty() { None } else { Some(rest.remove(0)) };
    program.into_iter().chain(options).chain(command).chain(allow).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Cli {
        let argv = line.split(' ').map(OsString::from).collect();
        Cli::try_parse_from(options_first(argv)).unwrap()
    }

    #[test]
    fn options_stand_anywhere_and_negative_numbers_are_values() {
        let cli = parse("saggar run dir f -1 --json -2 --allow-compile --home=/h");
        assert!(cli.json && cli.home == Some("/h".into()));
        let Command::Run { allow, args, .. } = cli.command else { panic!("run") };
        assert!(allow.allow_compile);
        assert_eq!(args, ["-1", "-2"]);
    }

    #[test]
    fn a_replay_needs_no_directory_and_takes_no_function() {
        let id = "ab".repeat(32);
        let run = |line: &str| match parse(line).command {
            Command::Run { replay, dir, function, .. } => (replay.is_some(), dir, function),
            _ => panic!("run"),
        };
        assert_eq!(run(&format!("saggar run --replay {id}")), (true, None, None));
        let mended = run(&format!("saggar run --allow-compile mended --replay={id}"));
        assert_eq!(mended, (true, Some("mended".into()), None));
        for line in ["saggar run", "saggar run dir", &format!("saggar run --replay {id} dir f")] {
            let argv = line.split(' ').map(OsString::from).collect();
            assert!(Cli::try_parse_from(options_first(argv)).is_err(), "{line}");
        }
    }

    #[test]
    fn the_help_begins_with_what_this_is() {
        use clap::CommandFactory;
        let help = Cli::command().render_help().to_string();
        assert!(help.starts_with("Compiles machine-written C, C++ and Rust in a jail"), "{help}");
    }

    #[test]
    fn after_two_hyphens_everything_is_a_value() {
        let Command::Call { args, .. } = parse("saggar call s f -- --json --").command else {
            panic!("call")
        };
        assert_eq!(args, ["--json", "--"]);
    }
}
