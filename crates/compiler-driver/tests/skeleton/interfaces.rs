//! Draws interfaces: any types within a few levels, records and enums of drawn names, which are
//! never the same for two things.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use saggar_skill_abi::{Enum, Field, Function, Interface, Param, Record, Type};

/// A WIT name of up to three words, digits and keywords among them.
fn name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[a-z][a-z0-9]{0,5}",
        1 => prop::sample::select(vec![
            "class", "type", "new", "list", "string", "self", "n", "len", "size", "int", "k",
            "result", "option", "case", "out", "vec", "static", "const", "main",
        ]).prop_map(str::to_owned),
    ];
    let later = prop_oneof![5 => "[a-z][a-z0-9]{0,4}", 1 => "[0-9][a-z0-9]{0,2}"];
    (word, prop::collection::vec(later, 0..3))
        .prop_map(|(first, rest)| [vec![first], rest].concat().join("-"))
}

/// Names that WIT takes for different: it does not look at hyphens.
fn distinct<T>(named: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut seen = BTreeSet::new();
    named.into_iter().filter(|(name, _)| seen.insert(name.replace('-', ""))).collect()
}

fn scalar() -> impl Strategy<Value = Type> + 'static {
    prop::sample::select(vec![
        Type::Bool,
        Type::S8,
        Type::S16,
        Type::S32,
        Type::S64,
        Type::U8,
        Type::U16,
        Type::U32,
        Type::U64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::String,
    ])
}

fn composite(inner: impl Strategy<Value = Type> + Clone + 'static) -> BoxedStrategy<Type> {
    let payload = prop::option::of(inner.clone().prop_map(Box::new));
    prop_oneof![
        2 => inner.clone().prop_map(Type::list),
        2 => inner.clone().prop_map(Type::option),
        1 => prop::collection::vec(inner, 1..4).prop_map(Type::Tuple),
        1 => (payload.clone(), payload).prop_map(|(ok, err)| Type::Result { ok, err }),
    ]
    .boxed()
}

fn record(inner: impl Strategy<Value = Type> + Clone + 'static) -> BoxedStrategy<Type> {
    prop::collection::vec((name(), inner), 1..4)
        .prop_map(|fields| {
            let fields =
                distinct(fields).into_iter().map(|(name, ty)| Field { name, ty }).collect();
            Type::Record(Arc::new(Record { name: String::new(), fields }))
        })
        .boxed()
}

fn cases() -> BoxedStrategy<Type> {
    prop::collection::vec((name(), Just(())), 1..5)
        .prop_map(|cases| {
            let cases = distinct(cases).into_iter().map(|(name, ())| name).collect();
            Type::Enum(Arc::new(Enum { name: String::new(), cases }))
        })
        .boxed()
}

fn ty() -> impl Strategy<Value = Type> + Clone + 'static {
    let leaf = prop_oneof![8 => scalar(), 1 => cases()].boxed();
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![4 => composite(inner.clone()), 1 => record(inner)].boxed()
    })
}

/// Gives every record and enum the next name that is free.
fn baptise(ty: &Type, names: &mut Vec<String>) -> Type {
    let mut inner = |ty: &Type| baptise(ty, names);
    match ty {
        Type::List(element) => inner(element).list(),
        Type::Option(payload) => inner(payload).option(),
        Type::Tuple(members) => Type::Tuple(members.iter().map(inner).collect()),
        Type::Result { ok, err } => Type::Result {
            ok: ok.as_ref().map(|ty| Box::new(inner(ty))),
            err: err.as_ref().map(|ty| Box::new(inner(ty))),
        },
        Type::Record(record) => {
            let fields = record
                .fields
                .iter()
                .map(|field| Field { name: field.name.clone(), ty: inner(&field.ty) })
                .collect();
            let name = names.pop().expect("more names than types");
            Type::Record(Arc::new(Record { name, fields }))
        }
        Type::Enum(cases) => {
            let cases = cases.cases.clone();
            Type::Enum(Arc::new(Enum { name: names.pop().expect("more names than types"), cases }))
        }
        scalar => scalar.clone(),
    }
}

fn of(ty: impl Strategy<Value = Type> + Clone + 'static, most: usize) -> BoxedStrategy<Interface> {
    let params = prop::collection::vec((name(), ty.clone()), 0..4);
    let functions = prop::collection::vec((params, prop::option::of(ty)), 1..most);
    // The names beyond the drawn ones are plain, so that there are enough of them.
    let names = prop::collection::vec((name(), Just(())), 1..12).prop_map(move |drawn| {
        let more = (0..most * 40).map(|number| (format!("other-name-{number}"), ()));
        let names = distinct(drawn.into_iter().chain(more).collect());
        names.into_iter().map(|(name, ())| name).rev().collect::<Vec<_>>()
    });
    (functions, names)
        .prop_map(|(functions, mut names)| {
            let functions = functions
                .into_iter()
                .map(|(params, result)| {
                    let name = names.pop().expect("more names than types");
                    let params = distinct(params)
                        .into_iter()
                        .map(|(name, ty)| Param { name, ty: baptise(&ty, &mut names) })
                        .collect();
                    let result = result.map(|ty| baptise(&ty, &mut names));
                    Function { name, params, result }
                })
                .collect();
            Interface { functions }
        })
        .boxed()
}

/// Any interface.
pub(super) fn interface() -> BoxedStrategy<Interface> {
    of(ty(), 5)
}

/// One of numbers, text and lists of them.
pub(super) fn flat() -> BoxedStrategy<Interface> {
    let number = scalar().prop_filter("C writes no char", |ty| *ty != Type::Char).boxed();
    of(prop_oneof![2 => number.clone(), 1 => number.prop_map(Type::list)], 5)
}

/// An interface of many functions, the same every time.
pub(super) fn large() -> Interface {
    let mut runner = TestRunner::deterministic();
    of(ty(), 40).new_tree(&mut runner).expect("nothing is filtered out").current()
}
