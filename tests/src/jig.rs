//! A home of its own with the commands of `saggar` on it. When a case is done with it, nothing of
//! what ran may be left on the machine and the ledger must verify.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::census::{self, Before};
use crate::process::{self, Running};
use crate::{Env, Output, Policy, Verdict, ensure, fixture, while_doing};

/// Longest run of one command.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);

/// A user id that owns nothing.
pub(crate) const NOBODY: u32 = 65534;

/// A home, perhaps a policy, and the binaries.
#[derive(Debug)]
pub struct Jig {
    program: PathBuf,
    directory: TempDir,
    policy: bool,
    before: Before,
    skills: PathBuf,
    /// User id that the commands run under; this process's own if `None`.
    user: Option<u32>,
}

impl Jig {
    /// A fresh home under the policy that is built in.
    ///
    /// # Errors
    /// When no directory can be made.
    pub fn new(env: &Env) -> Result<Self, String> {
        let directory = fixture::open_directory("saggar-jig-")?;
        fs::create_dir(directory.path().join("tmp")).map_err(while_doing("make a directory"))?;
        Ok(Jig {
            program: env.saggar(),
            directory,
            policy: false,
            before: Before::take(),
            skills: env.skills(""),
            user: None,
        })
    }

    /// A fresh home under another policy.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn under(env: &Env, policy: &Policy) -> Result<Self, String> {
        let jig = Jig { policy: true, ..Jig::new(env)? };
        fixture::write(&jig.policy_path(), policy.text())?;
        Ok(jig)
    }

    /// Commands run under the user id that owns nothing from now on, if this process is root's; gives
    /// that id, or this process's own, and where the binaries are that it may read.
    pub(crate) fn run_as_nobody(&mut self, env: &Env) -> Result<(u32, TempDir), String> {
        let binaries = fixture::open_directory("saggar-binaries-")?;
        let own = fs::metadata("/proc/self").map_err(while_doing("ask who runs this"))?.uid();
        if own != 0 {
            return Ok((own, binaries));
        }
        for name in ["saggar", "saggar-sidecar"] {
            let copied = fs::copy(env.binaries.join(name), binaries.path().join(name));
            copied.map_err(while_doing("copy the binaries"))?;
        }
        self.run_as(NOBODY, binaries.path().join("saggar"))?;
        Ok((NOBODY, binaries))
    }

    /// Commands run under another user id from now on, and everything made so far is its own.
    fn run_as(&mut self, user: u32, program: PathBuf) -> Verdict {
        let own = [self.directory.path().to_path_buf(), self.directory.path().join("tmp")];
        for path in own {
            std::os::unix::fs::chown(&path, Some(user), Some(user))
                .map_err(while_doing("give a directory away"))?;
        }
        self.user = Some(user);
        self.program = program;
        Ok(())
    }

    /// Another policy from now on.
    pub(crate) fn change(&self, policy: &Policy) -> Verdict {
        ensure!(self.policy, "this home has no policy of its own");
        fixture::write(&self.policy_path(), policy.text())
    }

    /// The home's directory.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    fn policy_path(&self) -> PathBuf {
        self.directory.path().join("policy.toml")
    }

    /// A command line of `saggar` with nothing but the environment; no home, no policy.
    pub(crate) fn bare(&self) -> Command {
        let mut command = match self.user {
            None => process::command(&self.program),
            Some(user) => {
                let mut command = process::command("setpriv");
                command.arg(format!("--reuid={user}")).arg(format!("--regid={user}"));
                command.arg("--clear-groups").arg("--").arg(&self.program);
                command
            }
        };
        command.env("TMPDIR", self.directory.path().join("tmp"));
        command.env("HOME", self.directory.path()).stdin(Stdio::null());
        // Nothing may be left when a case is over; what compiles headers ahead has tests of its own.
        command.env("SAGGAR_PRECOMPILE", "off");
        // Rust lies where rustup put it for whoever runs this, not for the user of the case.
        let home = |name| std::env::var_os(name).map(PathBuf::from);
        if let Some(rustup) = home("RUSTUP_HOME").or_else(|| Some(home("HOME")?.join(".rustup"))) {
            command.env("RUSTUP_HOME", rustup);
        }
        command.current_dir(self.directory.path());
        command
    }

    /// A command line of `saggar` on this home.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = self.bare();
        command.arg("--home").arg(self.home());
        if self.policy {
            command.arg("--policy").arg(self.policy_path());
        }
        command.args(args);
        command
    }

    /// Starts a command on this home.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Running, String> {
        process::start(self.command(args), LIMIT)
    }

    /// Runs a command on this home. With `--json` among the arguments, standard output must be one
    /// object.
    ///
    /// # Errors
    /// When it does not end in time, or prints something else.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output, String> {
        Self::read(args, process::run(self.command(args), LIMIT)?)
    }

    /// Reads what a command with these arguments printed.
    pub(crate) fn read<S: AsRef<OsStr>>(
        args: &[S],
        ended: process::Ended,
    ) -> Result<Output, String> {
        let words: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect();
        Output::read(words.join(" "), ended, words.iter().any(|word| word == "--json"))
    }

    /// `submit --allow-compile --json` of a directory.
    ///
    /// # Errors
    /// As for [`Jig::run`].
    pub fn submit(&self, directory: &Path) -> Result<Output, String> {
        self.run(&submission(directory))
    }

    /// `submit` of a fixture such as `good/add`.
    ///
    /// # Errors
    /// As for [`Jig::run`].
    pub fn submit_fixture(&self, name: &str) -> Result<Output, String> {
        self.submit(&self.skills.join(name))
    }

    /// `call --json` with arguments as they stand on a command line.
    ///
    /// # Errors
    /// As for [`Jig::run`].
    pub fn call(&self, skill: &str, function: &str, args: &[&str]) -> Result<Output, String> {
        let mut words = vec!["call", "--json", skill, function];
        words.extend(args);
        self.run(&words)
    }

    /// The home serves a harmless skill, `add`, which has been submitted to it.
    ///
    /// # Errors
    /// What it answered.
    pub fn serves(&self) -> Verdict {
        let answer = self.call("add", "add", &["2", "3"]).and_then(|o| o.answers(&Value::from(5)));
        answer.map(drop).map_err(|reason| format!("the host no longer serves: {reason}"))
    }

    /// What the tools of a submission printed, as `saggar log` gives it.
    pub(crate) fn log(&self, submitted: &Output) -> Result<String, String> {
        let digest = submitted.feedback()["log"].as_str();
        let digest = digest.ok_or_else(|| format!("there is no log: {submitted}"))?;
        let output = self.run(&["log", "--json", digest])?.exits(0)?;
        output.json["log"].as_str().map(str::to_owned).ok_or_else(|| format!("no log: {output}"))
    }

    /// The ledger has the intent and the outcome of a build, and this feedback's code in it.
    pub(crate) fn tells_of(&self, submitted: &Output) -> Verdict {
        let told = crate::ledger::events(&self.home(), "build-outcome")?;
        let code = &submitted.feedback()["code"];
        let found = told.iter().any(|entry| entry["feedback"]["code"] == *code);
        ensure!(found, "the ledger tells of no build that ended so: {submitted}");
        Ok(())
    }

    /// Whether a text stands in any file of the home.
    pub(crate) fn home_holds(&self, text: &str) -> Result<bool, String> {
        let files = census::files(&self.home())?;
        Ok(files.iter().any(|(_, bytes)| census::holds(bytes, text)))
    }

    /// Nothing of what ran is left, and the ledger verifies.
    ///
    /// # Errors
    /// What is left, or what is wrong with the ledger.
    pub fn finish(self) -> Verdict {
        self.run(&["audit", "verify"])?.exits(0)?;
        self.clean()
    }

    /// Nothing of what ran is left.
    pub(crate) fn clean(&self) -> Verdict {
        self.before.clean()?;
        let mut left = census::files(&self.directory.path().join("tmp"))?;
        if self.home().is_dir() {
            let half_written = |path: &Path| {
                path.extension().is_some_and(|ending| ending == "tmp")
                    || path.parent().is_some_and(|parent| parent.ends_with("tmp"))
            };
            let all = census::files(&self.home())?;
            left.extend(all.into_iter().filter(|(path, _)| half_written(path)));
        }
        ensure!(left.is_empty(), "temporary files are left: {:?}", left[0].0);
        Ok(())
    }
}

/// The arguments that submit a directory.
pub(crate) fn submission(directory: &Path) -> [&OsStr; 4] {
    let word = |text: &'static str| OsStr::new(text);
    [word("submit"), word("--allow-compile"), word("--json"), directory.as_os_str()]
}
