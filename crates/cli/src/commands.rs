//! What each command does: read files, call the engine, print. Decides nothing itself.

use std::path::{Path, PathBuf};

use saggar_engine::{
    Authority, Bundle, Code, Engine, Feedback, Options, Policy, Submission, default_home,
    read_policy,
};
use saggar_model::{Digest, Replay, SkillName, Stage, SubmissionId};
use serde_json::{Value, json};

use crate::args::{Allow, Cli, Command};
use crate::output::{account, data, escaped, explain, fail, result, say};
use crate::progress::Progress;
use crate::{audit, plan, values, warm};

type Told<T> = Result<T, Box<Feedback>>;

/// Carries out the command; gives the exit code.
pub(crate) fn execute(cli: &Cli) -> u8 {
    if let Command::Plan { infer, language, dir } = &cli.command {
        let outcome = policy_of(cli).and_then(|policy| {
            let show = if *infer { plan::infer } else { plan::sketch };
            show(dir, &policy, *language, cli.json)
        });
        return outcome.map_or_else(|feedback| fail(&feedback, cli.json), |()| 0);
    }
    let outcome = home(cli).and_then(|home| match &cli.command {
        Command::Audit { command } => Ok(audit::execute(&home, command, cli.json)),
        command => with_engine(cli, home, command),
    });
    outcome.unwrap_or_else(|feedback| fail(&feedback, cli.json))
}

fn home(cli: &Cli) -> Told<PathBuf> {
    cli.home.clone().or_else(default_home).ok_or_else(|| {
        let summary = "there is no home directory to keep the state in";
        Box::new(Feedback::new(Stage::Admit, Code::Home, summary).hint("name one with --home"))
    })
}

fn with_engine(cli: &Cli, home: PathBuf, command: &Command) -> Told<u8> {
    // What is left for idle times is done after the answer, by another process.
    let options = Options { settle: false, ..Options::under(policy_of(cli)?, &home) };
    if let Command::Warm = command {
        return warm::execute(options).map(|()| 0);
    }
    let engine = Engine::open(options)?;
    match command {
        Command::Run { allow, replay, dir, function, args } => {
            let what = Wanted {
                replay: *replay,
                dir: dir.as_deref(),
                function: function.as_deref(),
                args,
            };
            let code = run(&engine, cli.json, *allow, what);
            warm::start(&engine, cli, &home);
            Ok(code)
        }
        Command::Submit { allow, dir } => {
            let code = submit(&engine, cli.json, *allow, dir);
            warm::start(&engine, cli, &home);
            Ok(code)
        }
        Command::Call { skill, function, args } => call(&engine, cli.json, skill, function, args),
        Command::List => list(&engine, cli.json),
        Command::Show { what } => show(&engine, cli.json, what),
        Command::History { skill } => history(&engine, cli.json, &named(skill)?),
        Command::Log { what } => log(&engine, cli.json, what),
        Command::Audit { .. } | Command::Plan { .. } | Command::Warm => {
            unreachable!("handled without this engine")
        }
    }
}

/// The policy that was named, or else the default one.
fn policy_of(cli: &Cli) -> Told<Policy> {
    cli.policy.as_deref().map_or_else(|| Ok(Policy::builtin()), policy)
}

/// One that is built in, by its name, else a file: `./strict` is a file of that name.
fn policy(named: &Path) -> Told<Policy> {
    if let Some(builtin) = named.to_str().and_then(Policy::builtin_named) {
        return Ok(builtin);
    }
    read_policy(named).map_err(|why| {
        let summary = format!("the policy {}: {why}", named.display());
        let hint = "name default, strict or container, or a file such as policies/default.toml";
        Box::new(Feedback::new(Stage::Admit, Code::Usage, summary).hint(hint))
    })
}

fn named(skill: &str) -> Told<SkillName> {
    skill.parse().map_err(|error: saggar_model::IdError| {
        let feedback = Feedback::new(Stage::Admit, Code::NotFound, error.to_string());
        Box::new(feedback.hint("see `saggar list`"))
    })
}

fn authority(allow: Allow) -> Option<Authority> {
    allow.allow_compile.then_some(Authority::Flag)
}

/// Reads the bundle once the gate is open, or makes the record of the refusal.
fn admitted(engine: &Engine, allow: Allow, dir: &Path) -> Result<Bundle, Box<Submission>> {
    let gate = engine.gate(authority(allow));
    let bundle = gate.and_then(|()| Bundle::read(dir, engine.policy()));
    bundle.map_err(|told| Box::new(engine.refuse(told, authority(allow))))
}

fn submit(engine: &Engine, json: bool, allow: Allow, dir: &Path) -> u8 {
    let submission = match admitted(engine, allow, dir) {
        Ok(bundle) => engine.submit_with(&bundle, authority(allow), &Progress::new()),
        Err(refused) => *refused,
    };
    if json {
        data(&json!(submission).to_string());
        return submission.exit_code;
    }
    account(&submission);
    match (&submission.feedback, submission.release, &submission.skill) {
        (Some(feedback), ..) => explain(feedback),
        (None, Some(release), Some(skill)) => data(&format!("{skill} release {release}")),
        _ => {}
    }
    submission.exit_code
}

/// What `run` is to call.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    /// A call that was kept: function and arguments are its own, and the bundle where no directory
    /// is named.
    replay: Option<Digest>,
    dir: Option<&'a Path>,
    function: Option<&'a str>,
    args: &'a [String],
}

impl Wanted<'_> {
    fn bundle(&self, engine: &Engine, kept: Option<&Replay>) -> Told<Bundle> {
        match (self.dir, kept) {
            (Some(dir), _) => Bundle::read(dir, engine.policy()),
            (None, Some(kept)) => engine.replayed(kept),
            (None, None) => unreachable!("clap asks for a directory or a replay"),
        }
    }

    /// The function and the values of its arguments.
    fn call(&self, bundle: &Bundle, kept: Option<Replay>) -> Told<(String, Vec<Value>)> {
        if let Some(kept) = kept {
            return Ok((kept.function, kept.args));
        }
        let function = self.function.unwrap_or_default();
        let signature = bundle.plan().interface.find(function).map(|(_, function)| function);
        Ok((function.to_owned(), values::parse(signature, self.args)?))
    }
}

fn run(engine: &Engine, json: bool, allow: Allow, wanted: Wanted<'_>) -> u8 {
    let prepared = engine.gate(authority(allow)).and_then(|()| {
        let kept = wanted.replay.map(|id| engine.replay(id)).transpose()?;
        let bundle = wanted.bundle(engine, kept.as_ref())?;
        let (function, args) = wanted.call(&bundle, kept)?;
        Ok((bundle, function, args))
    });
    let (submission, outcome) = match prepared {
        Err(told) => (engine.refuse(told, authority(allow)), None),
        Ok((bundle, function, args)) => {
            let (authority, line) = (authority(allow), Progress::new());
            let ran = engine.run_with(&bundle, authority, &function, &args, &line);
            (ran.submission, ran.result)
        }
    };
    if json {
        let mut object = json!(submission);
        // A run that never came to the call failed with the feedback of the submission.
        object["result"] = match (&outcome, &submission.feedback) {
            (Some(outcome), _) => result(outcome),
            (None, feedback) => json!({ "error": feedback }),
        };
        data(&object.to_string());
        return submission.exit_code;
    }
    account(&submission);
    match (outcome, &submission.feedback) {
        (Some(Ok(value)), _) => data(&value.to_string()),
        (Some(Err(told)), _) => failed(&told),
        (None, Some(told)) => explain(told),
        (None, None) => {}
    }
    submission.exit_code
}

fn call(engine: &Engine, json: bool, skill: &str, function: &str, args: &[String]) -> Told<u8> {
    let skill = named(skill)?;
    let described = engine.describe(&skill)?;
    let signature = described.plan.interface.find(function).map(|(_, function)| function);
    let outcome = values::given(signature, args).and_then(|given| {
        let args: Vec<_> = given.iter().map(values::Given::as_argument).collect();
        engine.call_with(&skill, function, &args, None)
    });
    if json {
        data(&result(&outcome).to_string());
    } else {
        match &outcome {
            Ok(value) => data(&value.to_string()),
            Err(told) => failed(told),
        }
    }
    Ok(outcome.err().map_or(0, |told| told.code.exit()))
}

/// A call that failed: an error that the interface gives a type is data as well.
fn failed(told: &Feedback) {
    told.value.iter().for_each(|value| data(&value.to_string()));
    explain(told);
}

fn list(engine: &Engine, json: bool) -> Told<u8> {
    let skills = engine.list()?;
    if json {
        data(&json!({ "skills": skills }).to_string());
        return Ok(0);
    }
    for release in skills {
        data(&format!("{}\t{}\t{}", release.skill, release.number, release.artifact));
    }
    Ok(0)
}

fn show(engine: &Engine, json: bool, what: &str) -> Told<u8> {
    if let Ok(id) = what.parse::<SubmissionId>() {
        let submission = engine.submission(id)?;
        if json {
            data(&json!(submission).to_string());
        } else {
            let skill = submission.skill.as_ref().map_or("?", SkillName::as_str);
            let status = json!(submission.status);
            data(&format!(
                "{id}\t{skill}\t{}\t{}",
                submission.stage,
                status.as_str().unwrap_or("?")
            ));
            account(&submission);
            submission.feedback.iter().for_each(explain);
        }
        return Ok(0);
    }
    let described = engine.describe(&named(what)?)?;
    let interface = described.plan.interface.to_string();
    if json {
        let object = json!({
            "skill": described.release.skill, "description": described.plan.description,
            "language": described.plan.language.as_str(), "interface": interface,
            "release": described.release,
        });
        data(&object.to_string());
    } else {
        let release = &described.release;
        data(&format!(
            "{} release {}: {}",
            release.skill,
            release.number,
            escaped(&described.plan.description)
        ));
        data(interface.trim_end());
        data(&format!("artifact {}", release.artifact));
    }
    Ok(0)
}

fn history(engine: &Engine, json: bool, skill: &SkillName) -> Told<u8> {
    let (releases, submissions) = engine.history(skill)?;
    if json {
        data(
            &json!({ "skill": skill, "releases": releases, "submissions": submissions })
                .to_string(),
        );
        return Ok(0);
    }
    for submission in submissions {
        let id = submission.submission.map(|id| id.to_string()).unwrap_or_default();
        let release = submission.release.map_or("-".to_owned(), |number| number.to_string());
        let status: Value = json!(submission.status);
        data(&format!("{id}\t{release}\t{}\t{}", submission.stage, status.as_str().unwrap_or("?")));
    }
    Ok(0)
}

fn log(engine: &Engine, json: bool, what: &str) -> Told<u8> {
    let bytes = match (what.parse::<SubmissionId>(), what.parse()) {
        (Ok(id), _) => engine.log(id)?,
        (Err(_), Ok(digest)) => engine.object(digest)?,
        (Err(_), Err(_)) => {
            let summary =
                format!("`{}` is neither a submission's id nor a digest", what.escape_debug());
            return Err(Box::new(
                Feedback::new(Stage::Admit, Code::NotFound, summary)
                    .hint("see `saggar history SKILL`"),
            ));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    if json {
        data(&json!({ "log": text }).to_string());
    } else if text.trim().is_empty() {
        say("the compiler and linker printed nothing");
    } else {
        data(escaped(&text).trim_end());
    }
    Ok(0)
}
