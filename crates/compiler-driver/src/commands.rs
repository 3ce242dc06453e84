//! The argument lists of compilers and linkers: the server's own, made of the policy's flags, the
//! plan's allowed ones and fixed file names. Nothing of the source gets into them.

use saggar_model::{Language, Plan};
use saggar_policy::Policy;

use crate::driver::{ARTIFACT, EXPORTS, OBJECT};
use crate::toolchain::Compiler;

/// The command that compiles `unit`: C and C++ to an object, Rust to the artifact.
pub(crate) fn compile(
    policy: &Policy,
    plan: &Plan,
    compiler: &Compiler,
    unit: &str,
) -> Vec<String> {
    let section = policy.compiler(plan.language);
    let standard = plan.standard.as_ref().unwrap_or(&section.standards[0]);
    let mut argv = vec![compiler.program.clone()];
    if plan.language == Language::Rust {
        argv.extend([unit.to_owned(), format!("--edition={standard}")]);
        argv.extend(["--crate-type=cdylib", "--crate-name=skill"].map(str::to_owned));
        // Lints are no failures, whatever the source denies or forbids.
        argv.push("--cap-lints=warn".to_owned());
        if let Some(mounted) = &compiler.mounted {
            argv.push(format!("--sysroot={}", mounted.at));
        }
        argv.push(format!("-Clinker={}", policy.compiler(Language::C).compiler));
        if wraps_lld(compiler) {
            argv.push("-Clinker-features=-lld".to_owned());
        }
        argv.extend(section.compile.iter().chain(&section.link).chain(&plan.flags).cloned());
        argv.extend(["-o".to_owned(), format!("out/{ARTIFACT}")]);
        return argv;
    }
    argv.push(format!("-std={standard}"));
    argv.extend(section.compile.iter().chain(&plan.flags).cloned());
    let fixed = ["-I/work", "-MD", "-MF", "out/skill.d", "-c", unit, "-o", "out/skill+.o"];
    argv.extend(fixed.map(str::to_owned));
    argv
}

/// The command that links the object of C or C++. The plan's own flags stay out of it:
/// `-ffast-math` there would change the floating-point mode of the whole process.
pub(crate) fn link(policy: &Policy, language: Language, compiler: &Compiler) -> Vec<String> {
    let mut argv = vec![compiler.program.clone(), OBJECT.to_owned()];
    argv.extend(policy.compiler(language).link.iter().cloned());
    argv.extend([
        format!("-Wl,--version-script={EXPORTS}"),
        "-o".into(),
        format!("out/{ARTIFACT}"),
    ]);
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
