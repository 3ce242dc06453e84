//! What a compiler says of a source whose headers were read before it is said of the source.

use saggar_model::Code;
use saggar_policy::Policy;

use crate::jig::{Jig, Skill, used};

/// rustc makes a directory with a random name for its linker, and names it when that fails.
#[test]
fn a_rust_source_that_does_not_link_gives_the_same_log_again() {
    let source = "unsafe extern \"C\" {\n    fn nowhere(n: u32) -> u32;\n}\n\n\
                  pub fn answer(n: u32) -> u32 {\n    unsafe { nowhere(n) }\n}\n";
    let skill = Skill::new("rust", source, "");
    for policy in ["default", "container"] {
        let jig = Jig::under(Policy::builtin_named(policy).unwrap());
        let refused = || *jig.build(&skill).expect_err("it must not link");
        let (first, second) = (refused(), refused());
        let [said, again] = [&first, &second].map(|one| String::from_utf8_lossy(&one.log));
        assert!(said.contains("cXXXXXX/symbols.o"), "{said}");
        assert_eq!(said, again);
        assert_eq!(first.error.feedback(), second.error.feedback());
        assert_eq!(first.error.feedback().code, Code::Link);
    }
}

/// Line and column of the first diagnostic, the same with and without a precompiled header of
/// `headers`, with which the source begins.
#[track_caller]
fn check(headers: &str, skill: &Skill, message: &str) -> (u32, u32) {
    let jig = Jig::new();
    let before = jig.refused(skill);
    if !headers.is_empty() {
        let text = format!("{headers}unsigned answer(unsigned n) {{ return n; }}\n");
        jig.artifact(&Skill::new(skill.plan.language.as_str(), text, ""));
        jig.settle();
        let times = [used(&jig.headers()[0])];
        assert_eq!(before, jig.refused(skill));
        assert_ne!(times, [used(&jig.headers()[0])], "the header was not used");
    }
    let first = &before.diagnostics[0];
    assert_eq!(first.file.as_deref(), Some(skill.plan.source.as_str()), "{before:?}");
    assert!(first.message.contains(message), "{before:?}");
    (first.line.unwrap(), first.column.unwrap())
}

const BODY: &str = "unsigned answer(unsigned n) { return n; }\n";

#[test]
fn a_header_that_is_not_there() {
    // One that C knows nothing of is read before the source all the same.
    let skill = Skill::c(format!("// a\n#include <stdio.h>\n  #  include <vector>\n{BODY}"));
    assert_eq!(check("", &skill, "vector: No such file"), (3, 14));
    let skill = Skill::cpp(format!("#include <vector>\n#include <nowhere>\n{BODY}"));
    assert_eq!(check("#include <vector>\n", &skill, "nowhere: No such file"), (2, 10));
}

#[test]
fn a_clash_with_a_header() {
    let skill = Skill::c(format!("#include <stdlib.h>\ndouble abs(double x);\n{BODY}"));
    assert_eq!(check("#include <stdlib.h>\n", &skill, "abs"), (2, 8));
    let skill = Skill::cpp(format!("#include <cstdlib>\nint free(void *p);\n{BODY}"));
    assert_eq!(check("#include <cstdlib>\n", &skill, "free"), (2, 5));
}

#[test]
fn an_error_inside_a_header_on_behalf_of_the_source() {
    let headers = "#include <memory>\n#include <vector>\n";
    let skill = Skill::cpp(format!(
        "{headers}unsigned answer(unsigned n) {{\n  std::vector<std::unique_ptr<int>> all(n);\n  \
         auto copy = all[0];\n  return copy ? 1 : 0;\n}}\n"
    ));
    assert_eq!(check(headers, &skill, "use of deleted function"), (5, 20));
}

/// gcc's JSON names no line of the source for these.
#[test]
fn an_error_that_gcc_places_in_a_header_only() {
    for (headers, body, line, message) in [
        (
            "#include <algorithm>\n#include <list>\n",
            "unsigned answer(unsigned n) {\n  std::list<unsigned> all{n};\n  \
             std::sort(all.begin(), all.end());\n  return all.front();\n}\n",
            5,
            "no match for 'operator-'",
        ),
        (
            "#include <map>\n",
            "struct Key { unsigned n; };\nunsigned answer(unsigned n) {\n  \
             std::map<Key, unsigned> all;\n  return ++all[Key{n}];\n}\n",
            5,
            "no match for 'operator<'",
        ),
    ] {
        let jig = Jig::new();
        let skill = Skill::cpp(format!("{headers}{body}"));
        let before = jig.refused(&skill);
        jig.artifact(&Skill::cpp(format!("{headers}{BODY}")));
        jig.settle();
        assert_eq!(before, jig.refused(&skill));
        // It says why, so that the header is under no suspicion.
        assert_eq!(jig.headers().len(), 1);
        assert!(before.summary.contains(message), "{before:?}");
        let first = &before.diagnostics[0];
        assert_eq!((first.file.as_deref(), first.line), (Some("answer.cpp"), Some(line)));
        assert!(first.message.contains(message), "{before:?}");
    }
}

#[test]
fn a_function_that_is_missing_and_a_type_that_does_not_fit() {
    let jig = Jig::new();
    for (body, code) in [
        ("unsigned answers(unsigned n) { return n; }\n", Code::MissingFunction),
        ("struct S {};\nS answer(unsigned) { return {}; }\n", Code::TypeMismatch),
    ] {
        let skill = Skill::cpp(format!("#include <vector>\n{body}"));
        let before = jig.refused(&skill);
        jig.artifact(&Skill::cpp("#include <vector>\nunsigned answer(unsigned n) { return n; }\n"));
        jig.settle();
        assert_eq!(before, jig.refused(&skill));
        assert_eq!(before.code, code);
    }
}
