//! What is said of sources that fail for a reason that the compiler does not name, or names with
//! words about the glue.

use std::path::Path;

use saggar_model::Code;

use crate::jig::{Jig, Skill};

const C: &str = "unsigned answer(unsigned n) { return n; }\n";
const RUST: &str = "pub fn answer(n: u32) -> u32 { n }\n";

/// The compilers of a language that are there, as a plan names them.
fn compilers(language: &str) -> Vec<&'static str> {
    let clang = language != "rust" && Path::new("/usr/bin/clang++").is_file();
    [""].into_iter().chain(clang.then_some("compiler = \"clang\"")).collect()
}

/// The feedback for a source, by any compiler: its code, part of its summary and the line of its
/// first diagnostic; and a part of the hint.
#[track_caller]
fn check(language: &str, source: &str, expected: (Code, &str, Option<u32>), hint: &str) {
    for compiler in compilers(language) {
        check_by(compiler, language, source, expected, hint);
    }
}

#[track_caller]
fn check_by(
    compiler: &str,
    language: &str,
    source: &str,
    (code, summary, line): (Code, &str, Option<u32>),
    hint: &str,
) {
    let feedback = Jig::new().refused(&Skill::new(language, source, compiler));
    assert_eq!(feedback.code, code, "{feedback:?}");
    assert!(feedback.summary.contains(summary), "{feedback:?}");
    assert_eq!(feedback.diagnostics[0].line, line, "{feedback:?}");
    assert!(feedback.hint.as_deref().is_some_and(|said| said.contains(hint)), "{feedback:?}");
}

#[test]
fn a_rust_crate_that_does_without_the_standard_library() {
    for attribute in ["no_implicit_prelude", "no_std"] {
        Jig::new().artifact(&Skill::new("rust", format!("#![{attribute}]\n{RUST}"), ""));
    }
    let own =
        "#![no_std]\n#[panic_handler]\nfn on_panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n";
    let clash = (Code::Compile, "duplicate lang item", Some(3));
    check("rust", &format!("{own}{RUST}"), clash, "");
}

#[test]
fn a_condition_that_leaves_nothing_of_a_rust_crate() {
    let source = format!("//! About.\n#![cfg(any())]\n{RUST}");
    check("rust", &source, (Code::Compile, "leaves nothing of the source", Some(2)), "");
    Jig::new().artifact(&Skill::new("rust", source.replace("any", "all"), ""));
}

#[test]
fn a_library_that_is_not_there() {
    let source = format!(
        "#[link(name = \"curl\")]\nunsafe extern \"C\" {{ fn x(); }}\npub fn y() {{ unsafe {{ x() }} }}\n{RUST}"
    );
    check("rust", &source, (Code::Link, "the library `curl` is not there", Some(1)), "");
}

#[test]
fn lines_that_a_source_gives_other_numbers() {
    for directive in ["#line 4000000", "#line 9 \"x.cpp\"", "# 7 \"/etc/shadow\""] {
        for (language, error) in
            [("c", "unsigned g(void) { return zz; }\n"), ("c++", "int g = zz;\n")]
        {
            let source = format!("{C}{directive}\n{error}");
            check(language, &source, (Code::Compile, "zz", None), "from line 2");
        }
    }
}

#[test]
fn a_macro_that_hides_the_function() {
    for language in ["c", "c++"] {
        for definition in ["answer(n) oops", "answer oops", "answer(n, m) n"] {
            let source = format!("{C}#define {definition}\n");
            check(language, &source, (Code::Compile, "hides the function `answer`", Some(2)), "");
        }
    }
}

#[test]
fn what_the_assembler_does_not_take() {
    for (text, said) in [
        (".incbin \\\"/etc/shadow\\\"", "/etc/shadow"),
        (".err", ".err encountered"),
        (".error \\\"it's bad\\\"", "it's bad"),
    ] {
        for language in ["c", "c++"] {
            let source = format!("{C}__asm__(\"{text}\");\n");
            check(language, &source, (Code::Compile, said, None), "");
        }
    }
}

#[test]
fn a_block_that_is_left_open() {
    let expected = (Code::Compile, "ends inside a block", Some(2));
    for open in ["extern \"C\" {", "extern \"C++\" {"] {
        check("c++", &format!("{open}\n{C}"), expected, "");
    }
    // What clang prints of <new> then looks like a lack of memory.
    for open in ["namespace {", "inline namespace x {"] {
        check_by("", "c++", &format!("{open}\n{C}"), expected, "");
    }
}

#[test]
fn the_text_of_an_assertion_in_c_has_no_escapes() {
    let source = format!("{C}_Static_assert(0, \"it's \\\"kind\\\"\");\n");
    check("c", &source, (Code::Compile, "failed: it's \"kind\"", Some(2)), "");
}
