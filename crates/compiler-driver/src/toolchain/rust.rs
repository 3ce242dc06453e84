//! rustc: found through rustup, mounted where the policy's paths do not reach it, and identified
//! by its own libraries and by what links C, which links for it.

use std::fs;
use std::path::{Path, PathBuf};

use saggar_model::{Code, Feedback, KeyHasher, Language, Stage};
use saggar_plugin_abi::StageError;
use saggar_policy::Policy;

use super::{Asked, Candidate, Compiler, Toolchains, Which, unavailable};
use crate::action::Mounted;
use crate::{linker, rustup};

/// Where the jail sees a Rust toolchain.
const RUST: &str = "/rust";

/// rustc, and the linker of C: the compiler's driver between them would only cost time.
pub(super) fn identify(toolchains: &Toolchains) -> Result<Compiler, StageError> {
    let policy = &toolchains.policy;
    let family = policy.build.default_compiler;
    let c = toolchains.identify(Which { language: Language::C, family })?;
    let section = policy.compiler(Language::Rust).clone();
    let named = &section.compiler;
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
    let which = Which { language: Language::Rust, family };
    let candidate = Candidate {
        toolchains,
        which,
        section: &section,
        path: &path,
        program: &program,
        mounted: mounted.as_ref(),
    };
    let found = toolchains.remembered(&candidate, || ask(&candidate, &root))?;
    let own = own_linker(&root, &found.toolchain.target);
    let linker = c.linker.map(|linker| match (&own, &mounted) {
        (Some(own), Some(mounted)) => linker.moved_to(&Path::new(mounted.at).join(own)),
        (Some(own), None) => linker.moved_to(&root.join(own)),
        (None, _) => system_linker(policy).map_or(linker.clone(), |path| linker.moved_to(&path)),
    });
    let mut toolchain = found.toolchain.clone();
    toolchain.digest = KeyHasher::new("rust toolchain 1")
        .part("compiler", toolchain.digest.as_bytes())
        .part("linker", c.toolchain.digest.as_bytes())
        .finish();
    Ok(Compiler {
        language: Language::Rust,
        family,
        section,
        program,
        mounted,
        toolchain,
        linker,
        runtime: found.runtime.clone(),
        compiles_ahead: false,
    })
}

fn ask(candidate: &Candidate<'_>, root: &Path) -> Result<Asked, StageError> {
    let path = candidate.path;
    let text = candidate.answer("-vV")?;
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
    let own = own_linker(root, &target).map(|own| root.join(own));
    files.extend(own.or_else(|| system_linker(&candidate.toolchains.policy)));
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
    Ok(Asked {
        version,
        target,
        linker: None,
        runtime: candidate.runtime()?,
        files,
        directories: Vec::new(),
        root: root.to_owned(),
    })
}

/// The toolchain's own lld, below its root.
fn own_linker(root: &Path, target: &str) -> Option<PathBuf> {
    let path = Path::new("lib/rustlib").join(target).join("bin/rust-lld");
    root.join(&path).is_file().then_some(path)
}

/// The quickest linker that drops the imports of what it drops of the standard library: gold and
/// mold keep them, and Scan would refuse every artifact.
fn system_linker(policy: &Policy) -> Option<PathBuf> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let keeps = |path: &PathBuf| {
        name(path).is_some_and(|name| ["ld.gold", "gold", "mold", "ld.mold"].contains(&&*name))
    };
    linker::candidates(policy).into_iter().find(|path| !keeps(path))
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
