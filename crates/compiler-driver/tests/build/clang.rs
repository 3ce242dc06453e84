//! What a plan gets that names clang. On a machine without clang: that it says so.

use std::path::Path;

use saggar_model::{Code, CompilerFamily};
use saggar_plugin_abi::{BuildRequest, CompilerDriver};

use crate::jig::{Jig, Skill};
use crate::same;

const CLANG: &str = "compiler = \"clang\"";

/// The default policy names it there.
fn is_there() -> bool {
    Path::new("/usr/bin/clang++").is_file()
}

fn by_clang(mut skill: Skill) -> Skill {
    skill.plan.compiler = Some(CompilerFamily::Clang);
    skill
}

#[test]
fn b26_a_missing_clang_is_told_to_those_alone_who_ask_for_it() {
    let jig = Jig::with(&[("\"/usr/bin/clang++\"", "\"/nowhere/clang++\"")]);
    let source = "unsigned answer(unsigned n) { return n; }\n";
    let asks = Skill::new("c++", source, CLANG);
    let principal = saggar_model::Principal::uid(7);
    let request = BuildRequest { plan: &asks.plan, source: &asks.source, principal: &principal };
    let error = jig.driver.prepare(request).err().expect("there is none");
    assert_eq!(error.feedback().code, Code::Toolchain, "{:?}", error.feedback());
    assert!(error.feedback().summary.contains("/nowhere/clang++"), "{:?}", error.feedback());
    let record = jig.artifact(&Skill::cpp(source)).record;
    assert_eq!(record.toolchain.path, "/usr/bin/g++");
}

#[test]
fn every_other_fixture_skill_is_the_same_with_and_without_a_precompiled_header() {
    if !is_there() {
        return b26_a_missing_clang_is_told_to_those_alone_who_ask_for_it();
    }
    let jig = Jig::new();
    let skills = Skill::fixtures("good").into_iter().skip(1).step_by(2);
    let skills: Vec<_> = skills.map(by_clang).collect();
    let served = skills.iter().filter(|skill| same::check(&jig, skill)).count();
    assert!(served * 10 >= skills.len() * 8, "{served} of {}", skills.len());
}

#[test]
fn macros_comments_and_conditions_around_includes_change_nothing() {
    if !is_there() {
        return b26_a_missing_clang_is_told_to_those_alone_who_ask_for_it();
    }
    let jig = Jig::new();
    // libstdc++ does not let clang change its mind between two headers.
    let half = |beginning: &str| beginning.find("_GLIBCXX_DEBUG").is_some_and(|at| at > 9);
    for (beginning, serves) in same::BEGINNINGS.into_iter().filter(|(text, _)| !half(text)) {
        let source = format!("{beginning}{}", same::BODY);
        assert_eq!(same::check(&jig, &by_clang(Skill::cpp(&source))), serves, "{beginning}");
    }
    let all = "#include <bits/stdc++.h>\nusing namespace std;\n\
               unsigned answer(unsigned n) { map<string, vector<regex>> m; ostringstream o; \
               o << n << m.size(); return stoul(o.str()) + chrono::seconds(n).count(); }\n";
    assert!(same::check(&jig, &by_clang(Skill::cpp(all))));
}

#[test]
fn the_compiler_is_another_under_another_key_and_says_the_same() {
    if !is_there() {
        return b26_a_missing_clang_is_told_to_those_alone_who_ask_for_it();
    }
    let jig = Jig::new();
    let wrong = "#include <string>\nunsigned answer(std::string n) { return n.size(); }\n";
    let told = |more: &str| jig.refused(&Skill::new("c++", wrong, more));
    assert_eq!(told(CLANG), told(""));
    let missing = "unsigned other(unsigned n) { return n; }\n";
    for language in ["c", "c++"] {
        let told = |more: &str| jig.refused(&Skill::new(language, missing, more));
        assert_eq!(told(CLANG), told(""));
        assert_eq!(told(CLANG).code, Code::MissingFunction);
    }
    let right = "unsigned answer(unsigned n) { return n; }\n";
    let record = |more: &str| jig.artifact(&Skill::new("c++", right, more)).record;
    let (clang, gcc) = (record(CLANG), record("compiler = \"gcc\""));
    assert_eq!(gcc.toolchain.digest, record("").toolchain.digest);
    assert_ne!(gcc.toolchain.digest, clang.toolchain.digest);
    assert_eq!(clang.toolchain.path, "/usr/bin/clang++");
}

#[test]
fn what_clang_does_not_take_of_the_library_is_told_with_a_way_out() {
    if !is_there() {
        return b26_a_missing_clang_is_told_to_those_alone_who_ask_for_it();
    }
    let source =
        "#include <vector>\nunsigned answer(unsigned n) { return std::no_such_name(n); }\n";
    let told = Jig::new().refused(&Skill::new("c++", source, CLANG));
    assert_eq!((told.code, told.diagnostics[0].line), (Code::Compile, Some(2)));
    assert!(told.hint.as_deref().is_some_and(|hint| hint.contains("compiler = \"gcc\"")));
    let own = "unsigned answer(unsigned n) { return n }\n";
    let told = Jig::new().refused(&Skill::new("c++", own, CLANG));
    assert!(told.hint.as_deref().is_some_and(|hint| !hint.contains("gcc")), "{told:?}");
    assert_eq!(told.diagnostics[0].fix.as_deref(), Some("line 1 column 39: insert `;`"));
}
