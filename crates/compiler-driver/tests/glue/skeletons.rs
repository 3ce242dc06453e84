//! Skeletons with their glue: what `saggar plan` prints for an interface compiles as it is, and a
//! call of a function that is not written yet fails rather than answers.

use std::collections::BTreeMap;

use proptest::prelude::{BoxedStrategy, Strategy};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use saggar_compiler_driver::glue::Language;
use saggar_compiler_driver::skeleton::skeleton;
use saggar_model::parse_interface;
use saggar_skill_abi::{Function, Interface, frame};
use serde_json::Value;

use super::echo::{Noise, value};
use super::harness::Skill;
use crate::interfaces;

/// So many interfaces are drawn in each language.
const DRAWN: usize = 8;

fn drawn(strategy: BoxedStrategy<Interface>) -> Vec<Interface> {
    let mut runner = TestRunner::deterministic();
    let mut draw = || strategy.new_tree(&mut runner).expect("nothing is filtered out").current();
    (0..DRAWN).map(|_| draw()).collect()
}

/// The glue takes the skeleton, and each of its functions stops.
fn check(name: &str, language: Language, interface: &Interface) {
    let interface = parse_interface(&interface.to_string()).expect("an interface");
    let source = skeleton(language, &interface, &BTreeMap::new());
    let symbols = symbols_to_add(&source);
    let test = format!("skeleton-{language:?}-{name}").to_lowercase();
    let skill = Skill::planned(&test, language, &source, interface, &symbols);
    let optimization = if language == Language::Rust { "-Copt-level=0" } else { "-O0" };
    skill.build(&[optimization]);
    for function in &skill.interface.functions {
        stops(&skill, function);
    }
}

/// The names that the plan has yet to give, as comments of the skeleton say.
fn symbols_to_add(source: &str) -> BTreeMap<String, String> {
    let told = source.lines().filter_map(|line| line.split_once("// The plan needs:  [symbols]  "));
    let pair = |(_, told): (&str, &str)| {
        let (wit, name) = told.split_once(" = ").expect("a name and its symbol");
        (wit.to_owned(), name.trim_matches('"').to_owned())
    };
    told.map(pair).collect()
}

fn stops(skill: &Skill, function: &Function) {
    let mut noise = Noise(5);
    let args: Vec<_> = function.params.iter().map(|p| value(&p.ty, &mut noise)).collect();
    let (name, args) = (&function.name, Value::from(args));
    if skill.language == Language::C {
        return skill.aborts(name, &args);
    }
    let (status, block) = skill.call(name, &args, 1 << 16);
    let ended = match skill.language {
        Language::Rust => frame::Status::Panic,
        _ => frame::Status::Thrown,
    };
    assert_eq!(status, ended, "{name}{args}");
    let said = String::from_utf8_lossy(&block);
    let words = ["not written yet", "not yet implemented"].map(|words| format!("{words}: {name}"));
    assert!(words.iter().any(|words| said.ends_with(words)), "{name}{args}: {said}");
}

fn check_all(language: Language) {
    let all = parse_interface(include_str!("../skeleton/all.wit")).expect("an interface");
    check("all", language, &all);
    let flat = parse_interface(include_str!("../skeleton/flat.wit")).expect("an interface");
    check("flat", language, &flat);
    check("large", language, &interfaces::large());
    for (number, interface) in drawn(interfaces::interface()).iter().enumerate() {
        check(&format!("drawn-{number}"), language, interface);
    }
    for (number, interface) in drawn(interfaces::flat()).iter().take(3).enumerate() {
        check(&format!("drawn-flat-{number}"), language, interface);
    }
}

#[test]
fn skeletons_in_c_fit_their_glue() {
    check_all(Language::C);
}

#[test]
fn skeletons_in_cpp_fit_their_glue() {
    check_all(Language::Cpp);
}

#[test]
fn skeletons_in_rust_fit_their_glue() {
    check_all(Language::Rust);
}
