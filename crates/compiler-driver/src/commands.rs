//! The argument lists of compilers and linkers: the server's own, made of the policy's flags, the
//! plan's allowed ones and fixed file names. Nothing of the source gets into them.

use saggar_model::{CompilerFamily, Language, Plan};
use saggar_policy::CompilerSection;

use crate::driver::{ARTIFACT, DEPENDENCIES, PRELUDE};
use crate::linker::RUST_LLD;
use crate::precompiled::Recipe;
use crate::prelude::Prelude;
use crate::toolchain::Compiler;

/// Changes nothing where the work directory is `/work`. Elsewhere the jail puts the first of the
/// two in its real place, so that the artifact is the same.
const SAME_WORK: &str = "/work=/work";

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
        argv.extend([unit.to_owned(), format!("--edition={standard}")]);
        argv.extend(["--crate-type=cdylib", "--crate-name=skill"].map(str::to_owned));
        // Lints are no failures, whatever the source denies or forbids.
        argv.push("--cap-lints=warn".to_owned());
        argv.push(format!("--remap-path-prefix={SAME_WORK}"));
        if let Some(mounted) = &compiler.mounted {
            argv.push(format!("--sysroot={}", mounted.at));
        }
        argv.extend(rust_linker(compiler));
        argv.extend(section.compile.iter().chain(&plan.flags).cloned());
        argv.extend(["-o".to_owned(), format!("out/{ARTIFACT}")]);
        return argv;
    }
    argv.extend(options(section, standard, &plan.flags));
    if !prelude.is_empty() {
        argv.extend(["-include", PRELUDE].map(str::to_owned));
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

/// What every run of gcc or clang gets.
fn options(section: &CompilerSection, standard: &str, flags: &[String]) -> Vec<String> {
    let mut options = vec![format!("-std={standard}")];
    options.extend(section.compile.iter().chain(flags).cloned());
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
    let given = linker.given(&compiler.section.link);
    argv.extend(given.iter().map(|argument| format!("-Clink-arg={argument}")));
    argv
}

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
