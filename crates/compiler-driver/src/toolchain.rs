//! Which compiler it is: version, target, linker, and one digest over every file that turns source
//! into an artifact. Asking a compiler costs many runs of it, so the answer is kept in the cache
//! and used for as long as the files are the very same (device, inode, size, times).

mod clang;
mod gcc;
mod rust;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use saggar_jail::Launcher;
use saggar_model::{
    Code, CompilerFamily, Digest, Feedback, Isolation, KeyHasher, Language, Plan, Stage, Toolchain,
};
use saggar_plugin_abi::StageError;
use saggar_policy::{CompilerSection, Policy};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Done, Mounted};
use crate::cache::{read, read_json, write_whole};
use crate::commands;
use crate::identity::Component;
use crate::linker::{self, Linker};
use crate::runtime::{self, Runtime};

/// How long a compiler may take to answer a question.
const PATIENCE: Duration = Duration::from_secs(10);

/// A compiler that can be run in a jail.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    pub(crate) language: Language,
    pub(crate) family: CompilerFamily,
    /// What the policy says of it.
    pub(crate) section: CompilerSection,
    /// Its path inside the jail.
    pub(crate) program: String,
    /// Where it comes from, if not out of the paths that every build sees.
    pub(crate) mounted: Option<Mounted>,
    /// Which one it is.
    pub(crate) toolchain: Toolchain,
    /// What links its objects; rustc starts it itself.
    pub(crate) linker: Option<Linker>,
    /// What every skill is linked with.
    pub(crate) runtime: Runtime,
    /// Whether headers that it compiled ahead can serve it.
    pub(crate) compiles_ahead: bool,
}

/// Which compiler is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Which {
    pub(crate) language: Language,
    /// Means nothing for Rust.
    pub(crate) family: CompilerFamily,
}

impl Which {
    /// The compiler of a plan: a function of plan and policy, never of what is installed or cached.
    pub(crate) fn of(policy: &Policy, plan: &Plan) -> Self {
        Which { language: plan.language, family: policy.family_for(plan) }
    }
}

/// The toolchains of a policy, each asked once.
#[derive(Debug)]
pub(crate) struct Toolchains {
    launcher: Arc<Launcher>,
    policy: Arc<Policy>,
    cache: PathBuf,
    known: Mutex<HashMap<Which, Arc<Remembered>>>,
}

/// A compiler that is to be identified.
pub(crate) struct Candidate<'a> {
    toolchains: &'a Toolchains,
    pub(crate) which: Which,
    pub(crate) section: &'a CompilerSection,
    /// Where it is on the host.
    path: &'a str,
    /// Where the jail sees it.
    pub(crate) program: &'a str,
    pub(crate) mounted: Option<&'a Mounted>,
}

/// What was found out about a compiler, and what it was found out of.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    toolchain: Toolchain,
    linker: Option<Linker>,
    /// Files and directories; the toolchain is another when one of them changes.
    files: Vec<Component>,
    /// The linkers there were to choose from.
    linkers: Vec<PathBuf>,
    /// Its object lies beside this in a file of its own.
    runtime: Runtime,
}

impl Remembered {
    /// Whether the compiler's own path, which may be a link, still leads to the same file.
    fn leads_to(&self, path: &str) -> bool {
        let now = fs::canonicalize(path).ok();
        now.is_some_and(|now| self.files.first().is_some_and(|driver| driver.path == now))
    }
}

/// What a compiler says of itself.
struct Asked {
    version: String,
    target: String,
    linker: Option<Linker>,
    runtime: Runtime,
    /// Whose contents make the toolchain what it is; the compiler's driver first.
    files: Vec<PathBuf>,
    /// Whose entries decide which files are found.
    directories: Vec<PathBuf>,
    /// Where all of it lies, if it may lie elsewhere for another user: files count by their names
    /// below.
    root: PathBuf,
}

impl Toolchains {
    pub(crate) fn new(launcher: Arc<Launcher>, policy: Arc<Policy>, cache: PathBuf) -> Self {
        Toolchains { launcher, policy, cache, known: Mutex::default() }
    }

    /// The compiler that is asked for.
    ///
    /// # Errors
    /// A fault that names what is missing.
    pub(crate) fn identify(&self, which: Which) -> Result<Compiler, StageError> {
        let Which { language, family } = which;
        if language == Language::Rust {
            return rust::identify(self);
        }
        let Some(section) = self.policy.compiler_of(language, family) else {
            return Err(unavailable("clang", "the policy does not say where it is"));
        };
        let path = section.compiler.as_str();
        let candidate =
            Candidate { toolchains: self, which, section, path, program: path, mounted: None };
        let found = self.remembered(&candidate, || gcc::ask(&candidate))?;
        Ok(Compiler {
            language,
            family,
            section: section.clone(),
            program: path.to_owned(),
            mounted: None,
            toolchain: found.toolchain.clone(),
            linker: found.linker.clone(),
            runtime: found.runtime.clone(),
            // clang looks for a header's text where it lay when that was compiled, and without a root
            // of its own every run has another work directory.
            compiles_ahead: family == CompilerFamily::Gcc
                || self.policy.jail.isolation == Isolation::Namespaces,
        })
    }

    /// What was found out about a compiler before, if its files are the same; else what is now.
    fn remembered(
        &self,
        candidate: &Candidate<'_>,
        ask: impl FnOnce() -> Result<Asked, StageError>,
    ) -> Result<Arc<Remembered>, StageError> {
        let path = candidate.path;
        let linkers = linker::candidates(&self.policy);
        let is_same = |known: &Remembered| {
            known.toolchain.path == path
                && known.linkers == linkers
                && known.leads_to(path)
                && known.files.iter().all(Component::is_same)
        };
        let memory = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = memory().get(&candidate.which).cloned();
        if let Some(known) = known.filter(|known| is_same(known)) {
            return Ok(known);
        }
        // What a linker can do also depends on the policy's jail.
        let runtime = runtime::key(candidate.which.language, &commands::runtime(candidate))?;
        let name = KeyHasher::new("toolchain 4")
            .part("path", path.as_bytes())
            .part("policy", self.policy.digest.as_bytes())
            .part("runtime", runtime.as_bytes())
            .finish();
        let file = self.cache.join(format!("toolchain-{name}.json"));
        let found = match recall(&file).filter(is_same) {
            Some(known) => Arc::new(known),
            None => {
                let found = digested(path, ask()?, linkers)?;
                self.keep(&file, &found);
                Arc::new(found)
            }
        };
        memory().insert(candidate.which, Arc::clone(&found));
        Ok(found)
    }

    /// A cache that cannot be written costs time and nothing else.
    fn keep(&self, file: &Path, found: &Remembered) {
        let Ok(text) = serde_json::to_string(found) else { return };
        fs::create_dir_all(&self.cache)
            .and_then(|()| write_whole(&file.with_extension("o"), &found.runtime.object))
            .and_then(|()| write_whole(file, text.as_bytes()))
            .unwrap_or_default();
    }

    /// Runs a compiler or linker that is not yet known.
    fn run(&self, action: &Action<'_>) -> Result<Done, StageError> {
        let done = action.run(&self.launcher, &self.policy);
        done.map_err(|error| match error.is_about_program() {
            true => unavailable(&action.argv[0], &error.to_string()),
            false => StageError::fault(error.feedback(Stage::Build)),
        })
    }
}

/// What was found out, the object that belongs to it included.
fn recall(file: &Path) -> Option<Remembered> {
    let known: Remembered = read_json(file)?;
    let runtime = Runtime::from(read(&file.with_extension("o"), runtime::MOST)?);
    (runtime.digest == known.runtime.digest).then_some(Remembered { runtime, ..known })
}

/// The toolchain that these files make.
fn digested(path: &str, asked: Asked, linkers: Vec<PathBuf>) -> Result<Remembered, StageError> {
    let mut key = KeyHasher::new("toolchain 2").part("version", asked.version.as_bytes());
    if let Some(linker) = &asked.linker {
        key = key.part("link", linker.command(&[]).join("\0").as_bytes());
    }
    let mut components = Vec::new();
    let wrong =
        |file: &Path, error: io::Error| unavailable(path, &format!("{}: {error}", file.display()));
    for file in &asked.files {
        let component = Component::of(file).map_err(|error| wrong(file, error))?;
        let bytes = fs::read(&component.path).map_err(|error| wrong(file, error))?;
        let name = file.strip_prefix(&asked.root).unwrap_or(file);
        key = key.part(&name.to_string_lossy(), Digest::of(&bytes).as_bytes());
        components.push(component);
    }
    // A file that is replaced changes its directory: the headers need not be looked at one by one.
    components.retain(|file| {
        !file.path.parent().is_some_and(|of| asked.directories.iter().any(|d| d == of))
    });
    for directory in &asked.directories {
        components.push(Component::of(directory).map_err(|error| wrong(directory, error))?);
    }
    let toolchain = Toolchain {
        path: path.to_owned(),
        version: asked.version,
        target: asked.target,
        digest: key.finish(),
    };
    Ok(Remembered {
        toolchain,
        linker: asked.linker,
        files: components,
        linkers,
        runtime: asked.runtime,
    })
}

impl Candidate<'_> {
    /// What it prints when asked with one option: not nothing.
    fn answer(&self, option: &str) -> Result<String, StageError> {
        let argv = vec![self.program.to_owned(), option.to_owned()];
        let done = self.run(argv, &[], &[])?;
        let text = text(&done).trim().to_owned();
        if done.command.exit_code != Some(0) || text.is_empty() {
            let why = format!("it does not answer to {option}: {}", shown(&text));
            return Err(unavailable(self.path, &why));
        }
        Ok(text)
    }

    /// The glue's runtime.
    fn runtime(&self) -> Result<Runtime, StageError> {
        let language = self.which.language;
        let source = (runtime::unit(language), runtime::text(language).as_bytes());
        let output = (runtime::object(language), runtime::MOST);
        self.made(commands::runtime(self), source, output).map(Runtime::from)
    }

    /// What a command makes of a text.
    fn made(
        &self,
        argv: Vec<String>,
        source: (&str, &[u8]),
        output: (&str, u64),
    ) -> Result<Vec<u8>, StageError> {
        let done = self.run(argv, &[source], &[output])?;
        let said = text(&done);
        match (done.command.exit_code, done.outputs.into_iter().next()) {
            (Some(0), Some(Ok(bytes))) => Ok(bytes),
            _ => Err(unavailable(self.path, &format!("it compiles nothing: {}", shown(&said)))),
        }
    }

    fn run(
        &self,
        argv: Vec<String>,
        inputs: &[(&str, &[u8])],
        outputs: &[(&str, u64)],
    ) -> Result<Done, StageError> {
        self.toolchains.run(&Action {
            step: "identify",
            argv,
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
            deadline: PATIENCE,
            toolchain: self.mounted,
            directory: None,
            shown: None,
        })
    }
}

fn text(done: &Done) -> String {
    String::from_utf8_lossy(&done.log).into_owned()
}

/// The beginning of what a program said, fit to be shown.
fn shown(text: &str) -> String {
    text.chars().take(200).flat_map(char::escape_debug).collect()
}

fn unavailable(path: &str, why: &str) -> StageError {
    let summary = format!("no usable compiler: {path}: {why}");
    let hint = "install gcc and g++ (12 or later), and clang (14 or later) for plans that name it, \
                or name another compiler in the policy";
    StageError::fault(Feedback::new(Stage::Build, Code::Toolchain, summary).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of one file below a root of its own.
    fn digest(name: &str, contents: &str, below_root: bool) -> Digest {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join(name);
        fs::write(&file, contents).unwrap();
        let root = if below_root { place.path().to_owned() } else { PathBuf::new() };
        let (version, target) = ("1".to_owned(), "t".to_owned());
        let (files, directories) = (vec![file], Vec::new());
        let runtime = Runtime::from(Vec::new());
        let asked = Asked { version, target, linker: None, runtime, files, directories, root };
        digested("rustc", asked, Vec::new()).unwrap().toolchain.digest
    }

    #[test]
    fn a_toolchain_is_the_same_wherever_a_user_keeps_it() {
        assert_eq!(digest("rustc", "a", true), digest("rustc", "a", true));
        assert_ne!(digest("rustc", "a", true), digest("rustc", "b", true));
        assert_ne!(digest("rustc", "a", true), digest("lib.so", "a", true));
        assert_ne!(digest("rustc", "a", false), digest("rustc", "a", false));
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_another_compiler() {
        let place = tempfile::tempdir().unwrap();
        let [one, other, link] = ["one", "other", "link"].map(|name| place.path().join(name));
        fs::write(&one, "1").unwrap();
        fs::write(&other, "2").unwrap();
        std::os::unix::fs::symlink(&one, &link).unwrap();
        let asked = Asked {
            version: "1".to_owned(),
            target: "t".to_owned(),
            linker: None,
            runtime: Runtime::from(Vec::new()),
            files: vec![link.clone()],
            directories: Vec::new(),
            root: PathBuf::new(),
        };
        let name = link.to_string_lossy();
        let found = digested(&name, asked, Vec::new()).unwrap();
        assert!(found.leads_to(&name));
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        assert!(!found.leads_to(&name) && found.files.iter().all(Component::is_same));
    }
}
