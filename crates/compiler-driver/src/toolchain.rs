//! Which compiler it is: version, target, and one digest over every file that turns source into
//! an artifact. Asking a compiler costs a few runs of it, so the answer is kept beside the home
//! and used for as long as the files are the very same (device, inode, size, times).

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use saggar_jail::Launcher;
use saggar_model::{Code, Digest, Feedback, KeyHasher, Language, Stage, Toolchain};
use saggar_plugin_abi::StageError;
use saggar_policy::Policy;
use serde::{Deserialize, Serialize};

use crate::action::Action;

/// How long a compiler may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// A toolchain and the files it was found to be.
#[derive(Serialize, Deserialize)]
struct Remembered {
    toolchain: Toolchain,
    files: Vec<Component>,
}

/// One file, as stat(2) sees it: a file that is changed or replaced differs in one of these.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Component {
    path: PathBuf,
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Component {
    fn of(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let meta = fs::metadata(&path)?;
        Ok(Component {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            path,
        })
    }
}

/// The toolchain of a language under a policy.
pub(crate) fn identify(
    launcher: &Launcher,
    policy: &Policy,
    language: Language,
    cache: &Path,
) -> Result<Toolchain, StageError> {
    let path = &policy.compiler(language).compiler;
    let name = KeyHasher::new("toolchain 1").part("path", path.as_bytes()).finish();
    let file = cache.join(format!("toolchain-{name}.json"));
    if let Some(known) = recall(&file) {
        return Ok(known);
    }
    let found = ask(launcher, policy, language, path)?;
    if let Ok(text) = serde_json::to_string(&found) {
        // A cache that cannot be written costs time and nothing else.
        let fresh = cache.join(format!("toolchain-{name}.{}.tmp", std::process::id()));
        fs::create_dir_all(cache)
            .and_then(|()| fs::write(&fresh, text))
            .and_then(|()| fs::rename(&fresh, &file))
            .unwrap_or_default();
    }
    Ok(found.toolchain)
}

fn recall(file: &Path) -> Option<Toolchain> {
    let known: Remembered = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    let same = |known: &Component| Component::of(&known.path).is_ok_and(|now| now == *known);
    known.files.iter().all(same).then_some(known.toolchain)
}

fn ask(
    launcher: &Launcher,
    policy: &Policy,
    language: Language,
    path: &str,
) -> Result<Remembered, StageError> {
    if !Path::new(path).is_file() {
        return Err(unavailable(path, "it is not there"));
    }
    let compiler_proper = match language {
        Language::C => "cc1",
        Language::Cpp => "cc1plus",
    };
    let question = |option: &str| answer(launcher, policy, path, option);
    let version = question("-dumpfullversion")?;
    let target = question("-dumpmachine")?;
    let mut files = vec![PathBuf::from(path)];
    for program in [compiler_proper, "as", "collect2", "ld"] {
        files.push(in_path(policy, &question(&format!("-print-prog-name={program}"))?));
    }
    for library in ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"] {
        files.push(PathBuf::from(question(&format!("-print-file-name={library}"))?));
    }
    let mut key = KeyHasher::new("toolchain 1").part("version", version.as_bytes());
    let mut components = Vec::new();
    for file in files {
        // A compiler for C alone has no C++ runtime to name.
        let Ok(component) = Component::of(&file) else { continue };
        let bytes = fs::read(&component.path).map_err(|error| {
            unavailable(path, &format!("{}: {error}", component.path.display()))
        })?;
        key = key.part(&file.to_string_lossy(), Digest::of(&bytes).as_bytes());
        components.push(component);
    }
    let toolchain = Toolchain { path: path.to_owned(), version, target, digest: key.finish() };
    Ok(Remembered { toolchain, files: components })
}

/// A program the driver names without a directory is found through the build's own PATH.
fn in_path(policy: &Policy, name: &str) -> PathBuf {
    let path = policy.build.environment.get("PATH").map_or("/usr/bin", String::as_str);
    let directories = path.split(':').map(|directory| Path::new(directory).join(name));
    directories.into_iter().find(|path| path.exists()).unwrap_or_else(|| PathBuf::from(name))
}

fn answer(
    launcher: &Launcher,
    policy: &Policy,
    path: &str,
    option: &str,
) -> Result<String, StageError> {
    let action = Action {
        step: "identify",
        argv: vec![path.to_owned(), option.to_owned()],
        inputs: Vec::new(),
        outputs: Vec::new(),
        deadline: PATIENCE,
    };
    let done = action
        .run(launcher, policy)
        .map_err(|error| StageError::fault(error.feedback(Stage::Build)))?;
    let text = String::from_utf8_lossy(&done.log).trim().to_owned();
    if done.command.exit_code != Some(0) || text.is_empty() || text.contains('\n') {
        let shown: String = text.chars().take(200).flat_map(char::escape_debug).collect();
        return Err(unavailable(path, &format!("it does not answer to {option}: {shown}")));
    }
    Ok(text)
}

fn unavailable(path: &str, why: &str) -> StageError {
    let summary = format!("no usable compiler: {path}: {why}");
    let hint = "install gcc and g++ (12 or later), or name another compiler in the policy";
    StageError::fault(Feedback::new(Stage::Build, Code::Toolchain, summary).hint(hint))
}
