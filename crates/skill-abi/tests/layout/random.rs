//! Random types of every kind, and random values of a type, extremes among them.

use std::sync::Arc;

use proptest::prelude::*;
use saggar_skill_abi::{Enum, Field, Record, Type};

use crate::second::Data;

/// A type and a value of it.
pub(crate) fn typed() -> impl Strategy<Value = (Type, Data)> {
    types().prop_flat_map(|ty| {
        let value = value(&ty);
        (Just(ty), value)
    })
}

/// A type of bounded depth and size.
pub(crate) fn types() -> impl Strategy<Value = Type> {
    let scalars = [Type::Bool, Type::F32, Type::F64, Type::Char, Type::String];
    let signed = [Type::S8, Type::S16, Type::S32, Type::S64];
    let unsigned = [Type::U8, Type::U16, Type::U32, Type::U64];
    let leaf =
        prop_oneof![prop::sample::select([&scalars[..], &signed, &unsigned].concat()), cases(),];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let payload = prop::option::of(inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::option),
            prop::collection::vec(inner.clone(), 1..5).prop_map(Type::Tuple),
            (payload.clone(), payload).prop_map(|(ok, err)| Type::Result { ok, err }),
            record(inner),
        ]
    })
}

fn cases() -> impl Strategy<Value = Type> {
    prop::sample::select(vec![1, 2, 7, 255, 256, 257, 300]).prop_map(|count| {
        let cases = (0..count).map(|i| format!("case-{i}")).collect();
        Type::Enum(Arc::new(Enum { name: "choice".into(), cases }))
    })
}

/// A record whose fields are not in the order of their names.
fn record(inner: impl Strategy<Value = Type>) -> impl Strategy<Value = Type> {
    prop::collection::vec(("[a-z]{1,3}", inner), 1..5).prop_map(|fields| {
        let fields = fields.into_iter().enumerate();
        let fields = fields.map(|(i, (name, ty))| Field { name: format!("{name}-{i}"), ty });
        Type::Record(Arc::new(Record { name: "things".into(), fields: fields.collect() }))
    })
}

fn value(ty: &Type) -> BoxedStrategy<Data> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Data::Bool).boxed(),
        Type::S8 => integer(i8::MIN.into(), i8::MAX.into()),
        Type::S16 => integer(i16::MIN.into(), i16::MAX.into()),
        Type::S32 => integer(i32::MIN.into(), i32::MAX.into()),
        Type::S64 => integer(i64::MIN.into(), i64::MAX.into()),
        Type::U8 => integer(0, u8::MAX.into()),
        Type::U16 => integer(0, u16::MAX.into()),
        Type::U32 => integer(0, u32::MAX.into()),
        Type::U64 => integer(0, u64::MAX.into()),
        Type::F32 => {
            let edge = [0.0, -0.0, 0.1, 16_777_216.0, f32::MIN_POSITIVE, f32::MIN, f32::MAX];
            let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-45];
            let edge = prop::sample::select([&edge[..], &odd].concat());
            prop_oneof![edge, any::<f32>()].prop_map(Data::Float32).boxed()
        }
        Type::F64 => {
            let edge = [0.0, -0.0, 0.1, f64::MIN_POSITIVE, f64::MIN, f64::MAX, 5e-324];
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 9_007_199_254_740_993.0];
            let edge = prop::sample::select([&edge[..], &odd].concat());
            prop_oneof![edge, any::<f64>()].prop_map(Data::Float64).boxed()
        }
        Type::Char => {
            let edge = ['\0', '\u{7f}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10ffff}', '🦀'];
            prop_oneof![prop::sample::select(edge.to_vec()), any::<char>()]
                .prop_map(Data::Char)
                .boxed()
        }
        Type::String => {
            let edge = prop::sample::select(vec!["", "\0", "a\0b", "🦀é", "\u{feff}x"]);
            prop_oneof![edge.prop_map(str::to_owned), "\\PC{0,9}"].prop_map(Data::Text).boxed()
        }
        Type::Enum(cases) => {
            let last = cases.cases.len() - 1;
            prop_oneof![Just(0), Just(last), 0..=last].prop_map(Data::Case).boxed()
        }
        Type::List(element) => {
            prop::collection::vec(value(element), 0..4).prop_map(Data::List).boxed()
        }
        Type::Tuple(types) => members(types),
        Type::Record(record) => members(record.fields.iter().map(|field| &field.ty)),
        Type::Option(inner) => {
            let some = value(inner).prop_map(|value| Data::Some(Box::new(value)));
            prop_oneof![Just(Data::None), some].boxed()
        }
        Type::Result { ok, err } => {
            prop_oneof![payload(ok).prop_map(Data::Ok), payload(err).prop_map(Data::Err)].boxed()
        }
    }
}

fn integer(min: i128, max: i128) -> BoxedStrategy<Data> {
    prop_oneof![Just(min), Just(max), Just(0), min..=max].prop_map(Data::Integer).boxed()
}

fn members<'t>(types: impl IntoIterator<Item = &'t Type>) -> BoxedStrategy<Data> {
    let members: Vec<_> = types.into_iter().map(value).collect();
    members.prop_map(Data::Members).boxed()
}

fn payload(ty: &Option<Box<Type>>) -> BoxedStrategy<Option<Box<Data>>> {
    match ty {
        Some(ty) => value(ty).prop_map(|value| Some(Box::new(value))).boxed(),
        None => Just(None).boxed(),
    }
}
