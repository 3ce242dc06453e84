//! The argument lists of compilers and linkers: the server's own, made of the policy's flags, the
//! plan's allowed ones and fixed file names. Nothing of the source gets into them.

use saggar_model::{CompilerFamily, Language, Plan};
use saggar_policy::CompilerSection;

use crate::action::Mounted;
use crate::driver::{ARTIFACT, DEPENDENCIES, PRELUDE, SECTIONS};
use crate::glue::RUST_CRATE;
use crate::linker::RUST_LLD;
use crate::precompiled::Recipe;
use crate::prelude::Prelude;
use crate::runtime;
use crate::toolchain::{Candidate, Compiler, Which};

/// Changes nothing where the work directory is `/work`. Elsewhere the jail puts the first of the
/// two in its real place, so that the artifact is the same.
const SAME_WORK: &str = "/work=/work";

/// The option that has a header read before a source.
const INCLUDE: &str = "-include";

/// When a source is compiled gets into no artifact.
const NO_TIME: [&str; 4] = [
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"Jan  1 1970\"",
    "-D__TIME__=\"00:00:00\"",
    "-D__TIMESTAMP__=\"Thu Jan  1 00:00:00 1970\"",
];

/// The command that compiles `unit`: C and C++ to an object, Rust to the artifact.
pub(crate) fn compile(
    plan: &Plan,
    compiler: &Compiler,
    unit: &str,
    prelude: &Prelude,
) -> Vec<String> {
    let section = &compiler.section;
    let standard = standard(section, plan);
    let mut argv = vec![compiler.program.clone()];
    if plan.language == Language::Rust {
        argv.extend(rust(unit, standard, "cdylib", "skill", compiler.mounted.as_ref()));
        // Where the crate of the glue's runtime is.
        argv.push("-Lcrate=.".to_owned());
        argv.extend(rust_linker(compiler));
        argv.extend(section.compile.iter().chain(&plan.flags).cloned());
        argv.extend(["-o".to_owned(), format!("out/{ARTIFACT}")]);
        return argv;
    }
    argv.extend(options(section, standard, &plan.flags));
    if !prelude.is_empty() {
        argv.extend([INCLUDE, PRELUDE].map(str::to_owned));
    }
    argv.extend(["-c", unit, "-o", "out/skill+.o"].map(str::to_owned));
    argv
}

/// The command that compiles the headers of a recipe ahead. What can change what a compiler
/// makes of them is the same as when it compiles a source: else it would not take the result.
pub(crate) fn precompile(recipe: &Recipe, compiler: &Compiler) -> Vec<String> {
    let mut argv = vec![compiler.program.clone()];
    argv.extend(options(&compiler.section, &recipe.standard, &recipe.flags));
    let kind = match recipe.language {
        Language::C => "c-header",
        _ => "c++-header",
    };
    argv.extend(["-x", kind, PRELUDE, "-o"].map(str::to_owned));
    argv.push(format!("out/{PRELUDE}.gch"));
    if recipe.family == CompilerFamily::Clang {
        // Templates are instantiated once and not by every source. The prelude itself is written
        // anew for each build, so that its time says nothing.
        argv.push("-fpch-instantiate-templates".to_owned());
        argv.extend(["-Xclang", "-fno-pch-timestamp"].map(str::to_owned));
    }
    argv
}

/// The command that compiles the glue's runtime: as a skill is, but for what a plan may ask.
pub(crate) fn runtime(candidate: &Candidate<'_>) -> Vec<String> {
    let Candidate { section, which: Which { language, family }, .. } = *candidate;
    let unit = runtime::unit(language);
    let mut argv = vec![candidate.program.to_owned()];
    if language == Language::Rust {
        argv.extend(rust(unit, &section.standards[0], "rlib", RUST_CRATE, candidate.mounted));
        argv.extend(section.compile.iter().cloned());
        // The linker would drop it.
        argv.push("-Cdebuginfo=0".to_owned());
    } else {
        argv.extend(options(section, &section.standards[0], &[]));
        if family == CompilerFamily::Gcc {
            // It is a part, whatever a skill is.
            argv.push("-fno-whole-program".to_owned());
        }
        argv.extend(["-c", unit].map(str::to_owned));
    }
    argv.extend(["-o".to_owned(), format!("out/{}", runtime::object(language))]);
    argv
}

/// What every run of rustc gets.
fn rust(
    unit: &str,
    standard: &str,
    kind: &str,
    name: &str,
    mounted: Option<&Mounted>,
) -> Vec<String> {
    let mut argv = vec![unit.to_owned(), format!("--edition={standard}")];
    argv.extend([format!("--crate-type={kind}"), format!("--crate-name={name}")]);
    // Lints are no failures, whatever the source denies or forbids.
    argv.push("--cap-lints=warn".to_owned());
    argv.push(format!("--remap-path-prefix={SAME_WORK}"));
    if let Some(mounted) = mounted {
        argv.push(format!("--sysroot={}", mounted.at));
    }
    argv
}

/// Where a compiler finds the precompiled header of a prelude: a directory, so that the file in it
/// can have a name that no source knows. gcc tries every file of a directory that is called like
/// the header (The GCC manual, "Using Precompiled Headers"); clang is told the name.
pub(crate) fn precompiled_directory(family: CompilerFamily) -> String {
    match family {
        CompilerFamily::Gcc => format!("{PRELUDE}.gch"),
        CompilerFamily::Clang => "saggar+precompiled".to_owned(),
    }
}

/// The same command with a precompiled header, `name` in the work directory, for the prelude.
pub(crate) fn with_precompiled(
    mut argv: Vec<String>,
    family: CompilerFamily,
    name: &str,
) -> Vec<String> {
    let include = argv.iter().position(|argument| argument == INCLUDE);
    if let Some(at) = include.filter(|_| family == CompilerFamily::Clang) {
        argv[at] = "-include-pch".to_owned();
        argv[at + 1] = name.to_owned();
    }
    argv
}

/// What every run of gcc or clang gets.
fn options(section: &CompilerSection, standard: &str, flags: &[String]) -> Vec<String> {
    let mut options = vec![format!("-std={standard}")];
    options.extend(section.compile.iter().chain(flags).cloned());
    options.extend(NO_TIME.map(str::to_owned));
    options.push(format!("-ffile-prefix-map={SAME_WORK}"));
    options.extend(["-I.", "-MD", "-MF"].map(str::to_owned));
    options.push(format!("out/{DEPENDENCIES}"));
    options
}

/// The standard a plan names, or the policy's first.
pub(crate) fn standard<'a>(section: &'a CompilerSection, plan: &'a Plan) -> &'a str {
    plan.standard.as_deref().unwrap_or(&section.standards[0])
}

/// What makes rustc start the linker itself, without the C compiler's driver.
fn rust_linker(compiler: &Compiler) -> Vec<String> {
    let Some(linker) = &compiler.linker else { return Vec::new() };
    let mut argv = vec![format!("-Clinker={}", linker.program.display())];
    if linker.program.ends_with(RUST_LLD) {
        argv.push("-Clinker-flavor=ld.lld".to_owned());
    } else {
        argv.push("-Clinker-flavor=ld".to_owned());
        if wraps_lld(compiler) {
            argv.push("-Clinker-features=-lld".to_owned());
        }
    }
    let mut given = linker.given(&compiler.section.link);
    if linker.reads_scripts() {
        given.push(format!("-T{SECTIONS}"));
    }
    argv.extend(given.iter().map(|argument| format!("-Clink-arg={argument}")));
    argv
}

/// What the linker is told to leave out: the standard library's own debug information, nine tenths
/// of an artifact and nearly half of the time it takes to link it. Names of functions stay.
pub(crate) const NO_LIBRARY_DEBUG: &str =
    "SECTIONS { /DISCARD/ : { *.rlib:*(.debug_*) } } INSERT AFTER .comment;\n";

/// Whether this rustc links through a wrapper of lld, which does not run without `/proc`: from
/// 1.90 on x86_64 Linux (Rust release notes).
fn wraps_lld(compiler: &Compiler) -> bool {
    let mut numbers = compiler.toolchain.version.split('.').map(str::parse::<u32>);
    let recent = match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (1, 90),
        _ => false,
    };
    recent && compiler.toolchain.target == "x86_64-unknown-linux-gnu"
}
