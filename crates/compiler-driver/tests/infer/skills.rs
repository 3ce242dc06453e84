//! Every good skill of the test suite: what is inferred from its source is what its plan says.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use saggar_compiler_driver::symbols::{self, Symbol};
use saggar_model::{Language, Plan};
use saggar_skill_abi::{Function, Interface, Type};

use crate::read;

/// Functions of which a source cannot tell what the plan says, with the reason.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

fn skills() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/skills/good")
}

/// The name in the source of each function: said by the symbols, or found by the WIT name.
fn spelled(
    interface: &Interface,
    symbols: &BTreeMap<String, String>,
    source: &str,
) -> BTreeMap<String, Function> {
    let name = |wit: &String| match (symbols.get(wit).cloned(), symbols::resolve(source, wit)) {
        (Some(name), _) | (None, Symbol::Found { name, .. }) => name,
        (None, other) => panic!("{wit}: {other:?}"),
    };
    let functions = interface.functions.iter();
    functions.map(|function| (name(&function.name), function.clone())).collect()
}

/// The shape of a type, whatever its records are called.
fn shape(ty: &Type) -> String {
    match ty {
        Type::Record(record) => {
            let fields: Vec<_> = record
                .fields
                .iter()
                .map(|field| format!("{}: {}", field.name, shape(&field.ty)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Type::Enum(cases) => format!("<{}>", cases.cases.join(", ")),
        Type::Result { ok, err } => {
            let payload =
                |ty: &Option<Box<Type>>| ty.as_ref().map_or("_".to_owned(), |ty| shape(ty));
            format!("result<{}, {}>", payload(ok), payload(err))
        }
        Type::Tuple(members) => {
            let members: Vec<_> = members.iter().map(shape).collect();
            format!("({})", members.join(", "))
        }
        Type::List(element) => format!("[{}]", shape(element)),
        Type::Option(inner) => format!("{}?", shape(inner)),
        scalar => scalar.to_string(),
    }
}

#[test]
fn every_good_skill_has_the_interface_that_is_inferred() {
    let mut directories: Vec<_> =
        fs::read_dir(skills()).unwrap().map(|entry| entry.unwrap().path()).collect();
    directories.sort();
    assert!(directories.len() > 20);
    for directory in directories {
        let plan = fs::read_to_string(directory.join("plan.toml")).unwrap();
        let plan = Plan::parse(&plan, "plan.toml").unwrap();
        let source = fs::read_to_string(directory.join(plan.source.as_str())).unwrap();
        let found = read(plan.language, &source);
        if plan.language == Language::Rust {
            continue;
        }
        let inferred = spelled(&found.interface, &found.symbols, &source);
        for (name, wanted) in spelled(&plan.interface, &plan.symbols, &source) {
            let skill = plan.name.as_str();
            if EXCEPTIONS.iter().any(|(s, f, _)| *s == skill && *f == name) {
                continue;
            }
            let Some(got) = inferred.get(&name) else {
                panic!("{skill}: {name} is missing\n{:#?}", found.skipped)
            };
            let shapes = |function: &Function| function.types().map(shape).collect::<Vec<_>>();
            assert_eq!(shapes(got), shapes(&wanted), "{skill}: {name}");
            assert_eq!(got.result.is_some(), wanted.result.is_some(), "{skill}: {name}");
        }
    }
}
