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

use crate::action::{Action, Mounted};
use crate::rustup;

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

/// A compiler that can be run in a jail.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    /// Its path inside the jail.
    pub(crate) program: String,
    /// Where it comes from, if not out of the paths that every build sees.
    pub(crate) mounted: Option<Mounted>,
    /// Which one it is.
    pub(crate) toolchain: Toolchain,
}

/// Where the jail sees a Rust toolchain.
const RUST: &str = "/rust";

/// The compiler of a language under a policy.
pub(crate) fn identify(
    launcher: &Launcher,
    policy: &Policy,
    language: Language,
    cache: &Path,
) -> Result<Compiler, StageError> {
    if language == Language::Rust {
        return identify_rust(launcher, policy, cache);
    }
    let path = &policy.compiler(language).compiler;
    let toolchain = remembered(cache, path, || ask(launcher, policy, language, path))?;
    Ok(Compiler { program: path.clone(), mounted: None, toolchain })
}

/// rustc, and the C compiler that links for it.
fn identify_rust(
    launcher: &Launcher,
    policy: &Policy,
    cache: &Path,
) -> Result<Compiler, StageError> {
    let linker = identify(launcher, policy, Language::C, cache)?.toolchain;
    let named = &policy.compiler(Language::Rust).compiler;
    let found = match named.as_str() {
        "rustc" => rustup::find(|name| std::env::var_os(name)),
        path => Some(PathBuf::from(path)),
    };
    let found = found.and_then(|path| fs::canonicalize(path).ok()).filter(|path| path.is_file());
    // What is mounted is a toolchain and nothing larger that a link may lead into.
    let root = found.as_ref().and_then(|path| path.parent()?.parent());
    let root = root.filter(|root| root.join("lib/rustlib").is_dir()).map(Path::to_owned);
    let (Some(path), Some(root)) = (found, root) else { return Err(no_rust(named)) };
    let shown = policy.build.read_only.iter().any(|shown| path.starts_with(shown));
    let (program, mounted) = if shown {
        (path.to_string_lossy().into_owned(), None)
    } else {
        (format!("{RUST}/bin/rustc"), Some(Mounted { root: root.clone(), at: RUST }))
    };
    let path = path.to_string_lossy();
    let mut toolchain = remembered(cache, &path, || {
        ask_rust(launcher, policy, &path, &program, mounted.as_ref(), &root)
    })?;
    toolchain.digest = KeyHasher::new("rust toolchain 1")
        .part("compiler", toolchain.digest.as_bytes())
        .part("linker", linker.digest.as_bytes())
        .finish();
    Ok(Compiler { program, mounted, toolchain })
}

/// What was found out about a compiler before, if its files are the same; else what is now.
fn remembered(
    cache: &Path,
    path: &str,
    ask: impl FnOnce() -> Result<Remembered, StageError>,
) -> Result<Toolchain, StageError> {
    let name = KeyHasher::new("toolchain 1").part("path", path.as_bytes()).finish();
    let file = cache.join(format!("toolchain-{name}.json"));
    if let Some(known) = recall(&file) {
        return Ok(known);
    }
    let found = ask()?;
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
        _ => "cc1plus",
    };
    let question = |option: &str| {
        let text = answer(launcher, policy, path, option, None)?;
        if text.contains('\n') {
            return Err(unavailable(path, &format!("it does not answer to {option} in a line")));
        }
        Ok(text)
    };
    let version = question("-dumpfullversion")?;
    let target = question("-dumpmachine")?;
    let mut files = vec![PathBuf::from(path)];
    for program in [compiler_proper, "as", "collect2", "ld"] {
        files.push(in_path(policy, &question(&format!("-print-prog-name={program}"))?));
    }
    for library in ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"] {
        files.push(PathBuf::from(question(&format!("-print-file-name={library}"))?));
    }
    // A compiler for C alone has no C++ runtime to name.
    files.retain(|file| file.exists());
    digest_of(path, version, target, files)
}

/// The toolchain that these files make.
fn digest_of(
    path: &str,
    version: String,
    target: String,
    files: Vec<PathBuf>,
) -> Result<Remembered, StageError> {
    let mut key = KeyHasher::new("toolchain 1").part("version", version.as_bytes());
    let mut components = Vec::new();
    for file in files {
        let wrong = |error: io::Error| unavailable(path, &format!("{}: {error}", file.display()));
        let component = Component::of(&file).map_err(wrong)?;
        let bytes = fs::read(&component.path).map_err(wrong)?;
        key = key.part(&file.to_string_lossy(), Digest::of(&bytes).as_bytes());
        components.push(component);
    }
    let toolchain = Toolchain { path: path.to_owned(), version, target, digest: key.finish() };
    Ok(Remembered { toolchain, files: components })
}

fn ask_rust(
    launcher: &Launcher,
    policy: &Policy,
    path: &str,
    program: &str,
    mounted: Option<&Mounted>,
    root: &Path,
) -> Result<Remembered, StageError> {
    let text = answer(launcher, policy, program, "-vV", mounted)?;
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value.map(|value| value.trim().to_owned())
    };
    let (Some(version), Some(target)) = (field("release:"), field("host:")) else {
        return Err(unavailable(path, "it does not say which it is"));
    };
    let libraries = root.join("lib");
    let standard = libraries.join("rustlib").join(&target).join("lib");
    let mut files = vec![PathBuf::from(path)];
    for directory in [libraries, standard] {
        let entries = fs::read_dir(&directory)
            .map_err(|error| unavailable(path, &format!("{}: {error}", directory.display())))?;
        let is_library = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            path.is_file() && (name.ends_with(".rlib") || name.contains(".so"))
        };
        let mut found: Vec<_> =
            entries.flatten().map(|entry| entry.path()).filter(is_library).collect();
        found.sort();
        files.extend(found);
    }
    digest_of(path, version, target, files)
}

/// A program the driver names without a directory is found through the build's own PATH.
fn in_path(policy: &Policy, name: &str) -> PathBuf {
    let path = policy.build.environment.get("PATH").map_or("/usr/bin", String::as_str);
    let directories = path.split(':').map(|directory| Path::new(directory).join(name));
    directories.into_iter().find(|path| path.exists()).unwrap_or_else(|| PathBuf::from(name))
}

/// What a compiler prints when asked with one option: not nothing.
fn answer(
    launcher: &Launcher,
    policy: &Policy,
    path: &str,
    option: &str,
    mounted: Option<&Mounted>,
) -> Result<String, StageError> {
    let action = Action {
        step: "identify",
        argv: vec![path.to_owned(), option.to_owned()],
        inputs: Vec::new(),
        outputs: Vec::new(),
        deadline: PATIENCE,
        toolchain: mounted,
    };
    let done = action
        .run(launcher, policy)
        .map_err(|error| StageError::fault(error.feedback(Stage::Build)))?;
    let text = String::from_utf8_lossy(&done.log).trim().to_owned();
    if done.command.exit_code != Some(0) || text.is_empty() {
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

fn no_rust(named: &str) -> StageError {
    let looked = match named {
        path if Path::new(path).is_file() => "it does not lie in bin beside lib/rustlib",
        "rustc" => "neither rustup's default toolchain of this user nor /usr/bin/rustc is there",
        _ => "it is not there",
    };
    let summary = format!("no usable compiler: {named}: {looked}");
    let hint = "install Rust (rustup, as the user who runs saggar), or name an absolute path of \
                rustc as [build.rust] compiler in the policy";
    StageError::fault(Feedback::new(Stage::Build, Code::Toolchain, summary).hint(hint))
}
