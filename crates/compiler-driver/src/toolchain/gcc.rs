//! gcc, g++, clang and clang++: what they are made of, what they link with, which headers they read.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use saggar_model::{CompilerFamily, Language};
use saggar_plugin_abi::StageError;
use saggar_skill_abi::frame;

use super::{Asked, Candidate, Which, clang, shown, text, unavailable};
use crate::build::exports;
use crate::driver::{ARTIFACT, DEPENDENCIES, EXPORTS, OBJECT, RUNTIME};
use crate::linker::{self, Linker};
use crate::outputs::{MAX_DEPENDENCIES, headers_in};
use crate::prelude;
use crate::runtime::Runtime;

/// The first gcc whose JSON and whose C++20 the glue has been tested with.
const OLDEST_GCC: u32 = 12;

/// What is linked in or against, as the linker finds it.
const LIBRARIES: [&str; 11] = [
    "libc.so",
    "libc.so.6",
    "libc_nonshared.a",
    "libm.so",
    "libm.so.6",
    "libmvec.so.1",
    "libstdc++.so",
    "libstdc++.so.6",
    "libgcc.a",
    "libgcc_s.so",
    "libgcc_s.so.1",
];

/// Files of ours in the work directory of a trial.
const TRIAL: &str = "saggar+trial.h";

/// Largest object or artifact of a trial, bytes.
const SMALL: u64 = 1 << 20;

/// Finds out everything that a compiler's output depends on.
pub(super) fn ask(candidate: &Candidate<'_>) -> Result<Asked, StageError> {
    let path = candidate.path;
    if !Path::new(path).is_file() {
        return Err(unavailable(path, "it is not there"));
    }
    let question = |option: &str| {
        let text = candidate.answer(option)?;
        if text.contains('\n') {
            return Err(unavailable(path, &format!("it does not answer to {option} in a line")));
        }
        Ok(text)
    };
    let mut files = vec![PathBuf::from(path)];
    let (version, target, programs) = match candidate.which {
        Which { family: CompilerFamily::Clang, .. } => {
            files.extend(clang::parts(Path::new(path), &question("-print-resource-dir")?));
            (question("-dumpversion")?, question("-print-target-triple")?, Vec::new())
        }
        Which { language, .. } => {
            let proper = if language == Language::C { "cc1" } else { "cc1plus" };
            let programs = vec![proper, "as", "collect2", "ld"];
            let version = question("-dumpfullversion")?;
            let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
            if major.is_none_or(|major| major < OLDEST_GCC) {
                let why = format!("its version is {}", version.escape_debug());
                return Err(unavailable(path, &why));
            }
            (version, question("-dumpmachine")?, programs)
        }
    };
    for program in programs {
        files.push(in_path(candidate, &question(&format!("-print-prog-name={program}"))?));
    }
    let (linked, headers) = thread::scope(|scope| {
        let headers = scope.spawn(|| candidate.headers());
        (candidate.linker(), headers.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let (linker, runtime) = linked?;
    files.extend(linker.files());
    let libraries = LIBRARIES.iter().filter_map(|name| linker.library(name));
    files.extend(libraries);
    // A compiler for C alone has no C++ runtime to name.
    files.retain(|file| file.exists());
    let headers: Vec<PathBuf> = headers?.into_iter().map(PathBuf::from).collect();
    let mut directories: Vec<PathBuf> =
        headers.iter().filter_map(|header| header.parent()?.canonicalize().ok()).collect();
    directories.sort_unstable();
    directories.dedup();
    files.extend(headers);
    let root = PathBuf::new();
    Ok(Asked { version, target, linker: Some(linker), runtime, files, directories, root })
}

/// A program the driver names without a directory is found through the build's own PATH.
fn in_path(candidate: &Candidate<'_>, name: &str) -> PathBuf {
    let found = linker::search(&candidate.toolchains.policy, name);
    found.unwrap_or_else(|| PathBuf::from(name))
}

/// Small things compiled and linked to see what comes of it.
impl Candidate<'_> {
    /// Every standard header there is, with all that it includes.
    fn headers(&self) -> Result<Vec<String>, StageError> {
        let text: String = prelude::standard_headers()
            .map(|name| format!("#if __has_include(<{name}>)\n#include <{name}>\n#endif\n"))
            .collect();
        let list = self.compile(&text, "-M", DEPENDENCIES, MAX_DEPENDENCIES)?;
        Ok(headers_in(&list, Vec::new()))
    }

    /// The first linker that links an object as a skill's is linked, and the runtime it is linked
    /// with.
    fn linker(&self) -> Result<(Linker, Runtime), StageError> {
        let Candidate { section, path, .. } = *self;
        let runtime = self.runtime()?;
        let object = self.compile(&exporting(), "-c", OBJECT, SMALL)?;
        let ask = [path, "-###", "-shared", OBJECT].map(str::to_owned);
        let said = text(&self.run(ask.into(), &[(OBJECT, &object)], &[])?);
        let policy = &self.toolchains.policy;
        let exports = exports();
        let runtime_object: &[u8] = &runtime.object;
        let inputs =
            [(OBJECT, object.as_slice()), (RUNTIME, runtime_object), (EXPORTS, exports.as_bytes())];
        let mut why = "none is there".to_owned();
        for program in linker::candidates(policy) {
            let Some(linker) = linker::learn(program, &said) else {
                return Err(unavailable(path, "it does not say how it links"));
            };
            if !linker.program.is_file() {
                why = format!("{} is not there", linker.program.display());
                continue;
            }
            let argv = linker.command(&section.link);
            let done = self.run(argv, &inputs, &[(ARTIFACT, SMALL)])?;
            if done.command.exit_code == Some(0) && matches!(done.outputs.first(), Some(Ok(_))) {
                return Ok((linker, runtime));
            }
            why = format!("{}: {}", linker.program.display(), shown(&text(&done)));
        }
        Err(unavailable(path, &format!("it has no linker: {why}")))
    }

    /// Compiles a text as a skill is compiled, to one file.
    fn compile(
        &self,
        text: &str,
        to: &str,
        output: &str,
        most: u64,
    ) -> Result<Vec<u8>, StageError> {
        let Candidate { section, path, .. } = *self;
        let kind = match self.which.language {
            Language::C => "c",
            _ => "c++",
        };
        let mut argv = vec![path.to_owned(), format!("-std={}", section.standards[0])];
        argv.extend(section.compile.iter().cloned());
        argv.extend([to, "-x", kind, TRIAL, "-o"].map(str::to_owned));
        argv.push(format!("out/{output}"));
        self.made(argv, (TRIAL, text.as_bytes()), (output, most))
    }
}

/// The least that a skill's object has: the table, which only the attribute keeps in a program
/// that is said to be whole.
fn exporting() -> String {
    let table = frame::TABLE_SYMBOL;
    format!(
        "#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\
         extern __attribute__((__visibility__(\"default\"), __externally_visible__)) \
         const int {table};\nconst int {table} = 1;\n\
         #ifdef __cplusplus\n}}\n#endif\n"
    )
}
