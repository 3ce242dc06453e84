//! Skeletons of any interface: reading one back gives the interface it was made from, and the
//! compilers take them without a warning.

#[path = "skeleton/interfaces.rs"]
mod interfaces;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use proptest::prelude::*;
use saggar_compiler_driver::infer::infer;
use saggar_compiler_driver::skeleton::{plan, skeleton};
use saggar_model::{Language, Plan, parse_interface};
use saggar_skill_abi::{Interface, Type};

use interfaces::{flat, interface, large};

const LANGUAGES: [(Language, &str); 3] =
    [(Language::C, "a.c"), (Language::Cpp, "a.cpp"), (Language::Rust, "a.rs")];

/// What a C++ skeleton says of an interface: an error that is an exception is not declared.
fn declared(interface: &Interface) -> Interface {
    let mut interface = interface.clone();
    for function in &mut interface.functions {
        if let Some(Type::Result { ok, err }) = &function.result
            && err.as_deref().is_none_or(|err| *err == Type::String)
        {
            function.result = ok.as_deref().cloned();
        }
    }
    interface
}

fn round_trip(language: Language, interface: &Interface, expected: &Interface) {
    let text = interface.to_string();
    let parsed = parse_interface(&text).unwrap_or_else(|told| panic!("{told}\n{text}"));
    let source = skeleton(language, &parsed, &BTreeMap::new());
    let found = infer(language, &source);
    assert_eq!(found.interface, *expected, "{text}\n{source}\n{:#?}", found.skipped);
    // The names are those that the glue finds unaided, but for words no function can be called.
    for (wit, name) in &found.symbols {
        assert!(name.ends_with('_') && source.contains(&format!("{wit} = \"{name}\"")), "{source}");
    }
    let bytes = |message: &str| message.contains("is a list of bytes; if it is text");
    assert!(found.notes.iter().all(|note| bytes(&note.message)), "{source}\n{:?}", found.notes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_rust_skeleton_reads_back(interface in interface()) {
        round_trip(Language::Rust, &interface, &interface);
    }

    #[test]
    fn a_cpp_skeleton_reads_back(interface in interface()) {
        round_trip(Language::Cpp, &interface, &declared(&interface));
    }

    #[test]
    fn a_c_skeleton_of_flat_types_reads_back(interface in flat()) {
        round_trip(Language::C, &interface, &interface);
    }
}

#[test]
fn a_plan_skeleton_is_a_plan() {
    for (language, source) in LANGUAGES {
        let text = plan(language, "some-name", source);
        let plan = Plan::parse(&text, "plan.toml").unwrap();
        assert_eq!((plan.language, plan.source.as_str()), (language, source));
        plan.require_assertion().unwrap();
        let text = skeleton(language, &plan.interface, &plan.symbols);
        assert_eq!(infer(language, &text).interface, plan.interface, "{text}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the compilers judge what was generated")]
fn compiler(program: &str, arguments: &[&str], directory: &Path) -> Output {
    let mut command = std::process::Command::new(program);
    command.args(arguments).current_dir(directory).output().expect("the compiler is installed")
}

fn compile(language: Language, source: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, file) =
        LANGUAGES.into_iter().find(|(other, _)| *other == language).expect("one of all");
    std::fs::write(directory.path().join(file), source).expect("it can be written");
    let common = ["-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", file];
    let (program, standard) = match language {
        // A skill may call a function as a builtin is called.
        Language::C => ("gcc", "-fno-builtin"),
        Language::Cpp => ("g++", "-std=c++20"),
        Language::Rust => ("rustc", "--edition=2024"),
    };
    let mut arguments = vec![standard];
    match language {
        Language::Rust => arguments.extend([
            "--crate-type=lib",
            "--emit=metadata",
            "-Dwarnings",
            "-Aunused_variables",
            "-Anon_snake_case",
            file,
        ]),
        _ => arguments.extend(common),
    }
    let output = compiler(program, &arguments, directory.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{source}");
}

#[test]
fn skeletons_compile() {
    let all = parse_interface(include_str!("skeleton/all.wit")).unwrap();
    compile(Language::Cpp, &skeleton(Language::Cpp, &all, &BTreeMap::new()));
    compile(Language::Rust, &skeleton(Language::Rust, &all, &BTreeMap::new()));
    let flat = parse_interface(include_str!("skeleton/flat.wit")).unwrap();
    compile(Language::C, &skeleton(Language::C, &flat, &BTreeMap::new()));
    let drawn = large();
    compile(Language::Cpp, &skeleton(Language::Cpp, &drawn, &BTreeMap::new()));
    compile(Language::Rust, &skeleton(Language::Rust, &drawn, &BTreeMap::new()));
}

#[test]
fn names_of_the_plan_are_used_with_their_namespaces() {
    let interface = parse_interface(
        "record point { x: f64 }\narea: func(p: point) -> f64;\nsize: func() -> u8;",
    )
    .unwrap();
    let symbols = [("area", "geo::plane::areaOf"), ("point", "geo::Point"), ("size", "Size")];
    let symbols: BTreeMap<_, _> =
        symbols.map(|(wit, name)| (wit.to_owned(), name.to_owned())).into();
    for language in [Language::Cpp, Language::Rust] {
        let source = skeleton(language, &interface, &symbols);
        compile(language, &source);
        let found = infer(language, &source);
        assert_eq!(found.symbols.get("size").map(String::as_str), Some("Size"), "{source}");
        assert!(found.symbols.values().any(|name| name == "geo::plane::areaOf"), "{source}");
    }
}
