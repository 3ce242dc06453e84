//! B06 to B10, B21, B24: sources that make a compiler work, print or write without an end. The
//! limits of a build are on trial; nothing else stands before them. The twin is the same act within
//! the limit, or under a policy whose limit lies beyond it.

use std::collections::BTreeSet;

use crate::fake::Fake;
use crate::fixture::Language;
use crate::{Env, Fixture, Jig, Policy, Verdict, ensure};

/// A home with a harmless skill, under a policy.
fn home(env: &Env, policy: &Policy) -> Result<Jig, String> {
    let jig = Jig::under(env, policy)?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}

/// A source of a language is refused so; the host serves and the ledger tells of it.
fn refused(
    jig: &Jig,
    language: Language,
    source: &str,
    (exit, code): (i32, &str),
) -> Result<crate::Output, String> {
    let in_language = |why| format!("{}: {why}", language.name());
    let output = jig.submit(Fixture::of(language, source)?.path())?;
    let output = output.refuses(exit, code).map_err(in_language)?;
    let hint = output.feedback()["hint"].as_str().unwrap_or_default();
    ensure!(!hint.is_empty(), "there is no hint: {output}");
    jig.tells_of(&output)?;
    jig.serves()?;
    Ok(output)
}

/// The same source is built under this policy.
fn built(jig: &Jig, language: Language, source: &str) -> Verdict {
    let output = jig.submit(Fixture::of(language, source)?.path())?.released();
    output.map(drop).map_err(|why| format!("{}: the twin: {why}", language.name()))
}

/// Hundreds of errors, no two alike: of those that are, one is shown.
fn flood_of(language: Language) -> String {
    let text = match language {
        Language::C | Language::Cpp => "#define CAT(a, b) a##b\n#define JOIN(a, b) CAT(a, b)\n\
             #define X JOIN(undeclared_, __COUNTER__);\n#define Y X X X X X X X X X X\n\
             #define Z Y Y Y Y Y Y Y Y Y Y\nvoid f(void) { Z Z Z Z }\n"
            .to_owned(),
        Language::Rust => {
            let names: String = (0..400).map(|i| format!("    undeclared_{i};\n")).collect();
            format!("fn f() {{\n{names}}}\n")
        }
    };
    text + language.answer()
}

pub(super) fn flood(env: &Env) -> Verdict {
    const KEPT: usize = 64 << 10;
    let jig = home(env, &Policy::default_of(env)?.build_output("64KiB"))?;
    let open = home(env, &Policy::default_of(env)?.build_output("64MiB"))?;
    for language in Language::ALL {
        let source = flood_of(language);
        let output = refused(&jig, language, &source, (4, "compile"))?;
        ensure!(output.feedback()["omitted"].as_u64() > Some(0), "it omits nothing: {output}");
        let log = jig.log(&output)?;
        let said = log.trim_end().rsplit_once('\n').map_or("", |(_, last)| last);
        let lost = said.strip_prefix('[').and_then(|s| s.strip_suffix(" more bytes were dropped]"));
        let lost: usize = lost.and_then(|lost| lost.parse().ok()).unwrap_or(0);
        ensure!(lost > 0, "{}: the log does not say that it was cut: {said}", language.name());
        ensure!(log.len() < KEPT + 100, "{} bytes are kept", log.len());
        // The twin: a policy that keeps more gets all of it.
        let whole = refused(&open, language, &source, (4, "compile"))?;
        let whole = open.log(&whole)?;
        let dropped = whole.contains("more bytes were dropped");
        ensure!(!dropped && whole.len() > KEPT, "the twin floods nothing: {}", whole.len());
    }
    jig.finish()?;
    open.finish()
}

/// A statement, ten times itself at each level.
fn doubled(language: Language, levels: u32) -> String {
    let mut text = match language {
        Language::Rust => "macro_rules! a0 { () => { let _ = 1u32; } }\n".to_owned(),
        _ => "#define A0 n++;\n".to_owned(),
    };
    for level in 1..=levels {
        let below = level - 1;
        text += &match language {
            Language::Rust => {
                let ten = format!("a{below}!(); ").repeat(10);
                format!("macro_rules! a{level} {{ () => {{ {ten} }} }}\n")
            }
            _ => format!("#define A{level} {}\n", format!("A{below} ").repeat(10)),
        };
    }
    text += &match language {
        Language::Rust => format!("fn f() {{ a{levels}!(); }}"),
        _ => format!("void f(unsigned n) {{ A{levels} }}"),
    };
    text + language.answer()
}

pub(super) fn doubling(env: &Env) -> Verdict {
    let jig = home(env, &Policy::default_of(env)?.build_memory("256MiB"))?;
    for language in Language::ALL {
        refused(&jig, language, &doubled(language, 9), (12, "build-memory"))?;
        built(&jig, language, &doubled(language, 2))?;
    }
    jig.finish()
}

pub(super) fn assembler_bomb(env: &Env) -> Verdict {
    let jig = home(env, &Policy::default_of(env)?.build_memory("256MiB"))?;
    for language in Language::ALL {
        let bomb = |times: u32| {
            let lines = format!(".rept {times}\\n nop\\n .endr\\n");
            let assembler = match language {
                Language::Rust => format!("core::arch::global_asm!(\"{lines}\");"),
                _ => format!("__asm__(\"{lines}\");"),
            };
            assembler + language.answer()
        };
        refused(&jig, language, &bomb(1_000_000_000), (12, "build-memory"))?;
        built(&jig, language, &bomb(10))?;
    }
    jig.finish()
}

/// A static array of so many bytes, one of which counts.
fn with_array(language: Language, bytes: u64, first: u8) -> String {
    let rest = 42 - u32::from(first);
    match language {
        Language::Rust => format!(
            "static BIG: [u8; {bytes}] = {{ let mut big = [0; {bytes}]; big[0] = {first}; big }};\n\
             fn answer() -> u32 {{ {rest} + u32::from(BIG[std::hint::black_box(0)]) }}\n"
        ),
        _ => format!(
            "static volatile unsigned char big[{bytes}] = {{{first}}};\n\
             unsigned answer(void) {{ return {rest} + big[0]; }}\n"
        ),
    }
}

pub(super) fn array(env: &Env) -> Verdict {
    let jig = home(env, &Policy::default_of(env)?)?;
    let open = home(env, &Policy::default_of(env)?.artifact("128MiB"))?;
    for language in Language::ALL {
        let whole = with_array(language, 8 << 30, 1);
        // rustc holds the array itself; gcc has the assembler write it.
        let (code, what) = match language {
            Language::Rust => ("build-memory", "memory"),
            _ => ("build-too-large", "too large"),
        };
        let output = refused(&jig, language, &whole, (12, code))?;
        ensure!(output.mentions(what), "it does not say what is too large: {output}");
        // Smaller than the room for files, larger than an artifact may be.
        let middle = with_array(language, 48 << 20, 1);
        refused(&jig, language, &middle, (12, "build-too-large"))?;
        // The twin: where the artifact may be as large, it is built.
        built(&open, language, &middle)?;
    }
    // Zeros take no room in a file, but no code reaches over more than 2 GiB of them.
    let zeros = with_array(Language::C, 8 << 30, 0);
    refused(&jig, Language::C, &zeros, (12, "build-too-large"))?;
    jig.finish()?;
    open.finish()
}

pub(super) fn three_ends(env: &Env) -> Verdict {
    let mut seen = BTreeSet::new();
    let ends = [("memory", (12, "build-memory")), ("signal", (4, "compiler-crashed"))];
    for (mode, end) in ends.into_iter().chain([("deadline", (12, "build-deadline"))]) {
        let fake = Fake::ending(mode)?;
        let policy = Policy::default_of(env)?.compiler("c++", &fake.driver);
        let jig = home(env, &policy.build_memory("256MiB").build_deadline("2s"))?;
        let source = Language::Cpp.answer();
        let output = refused(&jig, Language::Cpp, source, end)?;
        seen.insert(output.feedback()["summary"].to_string());
        jig.finish()?;
    }
    ensure!(seen.len() == 3, "three ends read alike: {seen:?}");
    // The twin: the same driver that does not end so builds.
    let fake = Fake::ending("well")?;
    let jig = home(env, &Policy::default_of(env)?.compiler("c++", &fake.driver))?;
    built(&jig, Language::Cpp, Language::Cpp.answer())?;
    jig.finish()
}

pub(super) fn full_disk(env: &Env) -> Verdict {
    let room = (24_u64 << 20) - (16 << 10);
    let small = Policy::default_of(env)?.build_room("24MiB");
    let jig = home(env, &small)?;
    let open = home(env, &Policy::default_of(env)?.build_room("96MiB"))?;
    for language in Language::ALL {
        // rustc has the object beside the artifact.
        let bytes = if language == Language::Rust { 12 << 20 } else { room };
        let source = with_array(language, bytes, 1);
        let output = refused(&jig, language, &source, (12, "build-too-large"))?;
        ensure!(output.mentions("24MiB"), "it does not say how much there is: {output}");
        built(&open, language, &source)?;
    }
    jig.finish()?;
    open.finish()?;

    let fake = Fake::stuffing()?;
    let source = Language::Cpp.answer();
    let jig = home(env, &small.compiler("c++", &fake.driver))?;
    refused(&jig, Language::Cpp, source, (12, "build-too-large"))?;
    jig.finish()?;
    let open = Policy::default_of(env)?.build_room("96MiB").compiler("c++", &fake.driver);
    let open = home(env, &open)?;
    built(&open, Language::Cpp, source)?;
    open.finish()
}
