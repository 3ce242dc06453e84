//! JSON values to the binary layout. Rejects what the type does not allow, naming the place.
//!
//! Records are objects, tuples and lists arrays, an enum its case as a string, a char a string of
//! one character, an option null or its value, a result `{"ok": x}` or `{"err": x}`. Where the
//! value of an option is itself an option it stands as `{"some": x}`. A field of a record that is
//! an option may be left out: it is none. Floats that JSON has no number for are `"NaN"`,
//! `"Infinity"` and `"-Infinity"`.

mod elsewhere;

use std::fmt::Display;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::path::Placed;
use crate::shape::Shape;
use crate::{Enum, Function, Record, Type, layout};

pub use elsewhere::Given;
pub(crate) use elsewhere::{mixed, numbers};

/// Why a value cannot be passed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// The number of arguments differs from the number of parameters.
    #[error("{function} takes {expected} argument(s), got {got}")]
    Arity {
        /// The function's WIT text.
        function: String,
        /// Parameters declared.
        expected: usize,
        /// Arguments given.
        got: usize,
    },
    /// A value is of another type.
    #[error("{path}: expected {expected}, got {got}")]
    Type {
        /// Where in the arguments, for instance `args[1].points[3].x`.
        path: String,
        /// The WIT type, with its shape where the name alone does not say it.
        expected: String,
        /// What kind of JSON value stands there.
        got: String,
    },
    /// A number lies outside its type.
    #[error("{path}: {value} is out of range for {expected} ({range})")]
    Range {
        /// Where in the arguments.
        path: String,
        /// The number as written.
        value: String,
        /// The WIT type.
        expected: String,
        /// The values it admits.
        range: String,
    },
    /// A record lacks a field, or has one too many.
    #[error("{path}: {what}; {record}")]
    Fields {
        /// Where in the arguments.
        path: String,
        /// Which field it is about.
        what: String,
        /// The record's WIT text.
        record: String,
    },
}

/// An error that does not know its place yet.
type Fault = Placed<ValueError>;

/// Lays out the arguments of a call as one block.
///
/// # Errors
/// Wrong arity, a value of the wrong type, a number out of range, a field missing or unknown.
/// Nothing else is refused: text in a JSON value is valid UTF-8 by construction.
pub fn args(function: &Function, args: &[Value]) -> Result<Vec<u8>, ValueError> {
    let (params, size) = layout::parameters(function);
    let mut block = Vec::new();
    record(&mut block, function, &params, size, args)?;
    Ok(block)
}

/// As [`args`], where the function's parameters lie at these offsets of a record of this size. The
/// block replaces what the buffer held.
pub(crate) fn record(
    block: &mut Vec<u8>,
    function: &Function,
    params: &[(usize, Shape<'_>)],
    size: usize,
    args: &[Value],
) -> Result<(), ValueError> {
    start(block, function, size, args.len())?;
    for (i, ((at, shape), value)) in params.iter().zip(args).enumerate() {
        put(block, *at, shape, value).map_err(|fault| placed(fault, &format!("args[{i}]")))?;
    }
    Ok(())
}

/// The parameter record, zeroed, for so many arguments.
fn start(
    block: &mut Vec<u8>,
    function: &Function,
    size: usize,
    got: usize,
) -> Result<(), ValueError> {
    let expected = function.params.len();
    if got != expected {
        return Err(ValueError::Arity { function: function.to_string(), expected, got });
    }
    block.clear();
    block.resize(size, 0);
    Ok(())
}

/// Lays out one value as a block of its own, the way a result stands. `root` names the value in
/// errors.
///
/// # Errors
/// As for [`args`], but for the arity.
pub fn value(ty: &Type, value: &Value, root: &str) -> Result<Vec<u8>, ValueError> {
    let shape = Shape::of(ty);
    let mut block = vec![0; shape.size];
    put(&mut block, 0, &shape, value).map_err(|fault| placed(fault, root))?;
    Ok(block)
}

/// The error with its place.
fn placed(fault: Fault, root: &str) -> ValueError {
    let (mut error, place) = fault.resolve(root);
    match &mut error {
        ValueError::Type { path, .. }
        | ValueError::Range { path, .. }
        | ValueError::Fields { path, .. } => *path = place,
        ValueError::Arity { .. } => {}
    }
    error
}

fn mismatch(ty: &Type, value: &Value) -> Fault {
    unlike(ty, kind(value))
}

fn unlike(ty: &Type, got: String) -> Fault {
    let expected = match ty {
        Type::Record(record) => format!("{} ({record})", record.name),
        Type::Enum(cases) => one_of(cases),
        Type::Char => "char (a string of one character)".to_owned(),
        Type::Result { .. } => format!("{ty} ({{\"ok\": …}} or {{\"err\": …}})"),
        Type::Option(inner) if matches!(**inner, Type::Option(_)) => {
            format!("{ty} (null or {{\"some\": …}})")
        }
        _ => ty.to_string(),
    };
    Placed::here(ValueError::Type { path: String::new(), expected, got })
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(n) => format!("number {n}"),
        Value::String(_) => "string".to_owned(),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
    }
}

fn one_of(cases: &Enum) -> String {
    const SHOWN: usize = 16;
    let quoted: Vec<_> = cases.cases.iter().take(SHOWN).map(|case| format!("{case:?}")).collect();
    let more = if cases.cases.len() > SHOWN { ", …" } else { "" };
    format!("{} (one of {}{more})", cases.name, quoted.join(", "))
}

/// Writes a value at its place and appends to the block what does not fit there. The place is
/// zeroed already.
fn put(block: &mut Vec<u8>, at: usize, shape: &Shape<'_>, value: &Value) -> Result<(), Fault> {
    let ty = &*shape.ty;
    match ty {
        Type::String => {
            let text = value.as_str().ok_or_else(|| mismatch(ty, value))?;
            let start = block.len();
            pair(block, at, start, text.len());
            block.extend_from_slice(text.as_bytes());
            block.push(0);
            Ok(())
        }
        Type::List(_) => list(block, at, shape, value),
        Type::Tuple(_) => tuple(block, at, shape, value),
        Type::Record(record) => fields(block, at, shape, record, value),
        Type::Option(inner) => option(block, at, shape, inner, value),
        Type::Result { ok, err } => result(block, at, shape, [ok.is_some(), err.is_some()], value),
        _ => scalars(&mut block[at..], ty, std::slice::from_ref(value)).map_err(|(_, fault)| fault),
    }
}

/// Writes numbers, truth values, characters or cases one after the other. An error comes with the
/// index of its value.
fn scalars(place: &mut [u8], ty: &Type, items: &[Value]) -> Result<(), (usize, Fault)> {
    match ty {
        Type::Bool => each(place, items, |v| {
            v.as_bool().map(|flag| [u8::from(flag)]).ok_or_else(|| mismatch(ty, v))
        }),
        Type::S8 => each(place, items, |v| Ok(integer(v, ty, i8::MIN, i8::MAX)?.to_le_bytes())),
        Type::S16 => each(place, items, |v| Ok(integer(v, ty, i16::MIN, i16::MAX)?.to_le_bytes())),
        Type::S32 => each(place, items, |v| Ok(integer(v, ty, i32::MIN, i32::MAX)?.to_le_bytes())),
        Type::S64 => each(place, items, |v| Ok(integer(v, ty, i64::MIN, i64::MAX)?.to_le_bytes())),
        Type::U8 => each(place, items, |v| Ok(integer(v, ty, u8::MIN, u8::MAX)?.to_le_bytes())),
        Type::U16 => each(place, items, |v| Ok(integer(v, ty, u16::MIN, u16::MAX)?.to_le_bytes())),
        Type::U32 => each(place, items, |v| Ok(integer(v, ty, u32::MIN, u32::MAX)?.to_le_bytes())),
        Type::U64 => each(place, items, |v| Ok(integer(v, ty, u64::MIN, u64::MAX)?.to_le_bytes())),
        Type::F32 => each(place, items, |v| Ok(float32(v, ty)?.to_le_bytes())),
        Type::F64 => each(place, items, |v| Ok(float64(v, ty)?.to_le_bytes())),
        Type::Char => each(place, items, |v| Ok(u32::from(character(v, ty)?).to_le_bytes())),
        Type::Enum(cases) if layout::enum_size(cases.cases.len()) == 1 => {
            each(place, items, |v| Ok([case(v, ty, cases)?[0]]))
        }
        Type::Enum(cases) => each(place, items, |v| case(v, ty, cases)),
        _ => unreachable!("{ty} is made of parts"),
    }
}

fn each<const N: usize>(
    place: &mut [u8],
    items: &[Value],
    read: impl Fn(&Value) -> Result<[u8; N], Fault>,
) -> Result<(), (usize, Fault)> {
    let (places, _) = place.as_chunks_mut();
    for (i, (place, item)) in places.iter_mut().zip(items).enumerate() {
        *place = read(item).map_err(|fault| (i, fault))?;
    }
    Ok(())
}

fn list(block: &mut Vec<u8>, at: usize, shape: &Shape<'_>, value: &Value) -> Result<(), Fault> {
    let items = value.as_array().ok_or_else(|| mismatch(&shape.ty, value))?;
    let element = &shape.parts[0].1;
    let start = block.len().next_multiple_of(element.align);
    block.resize(start + element.size * items.len(), 0);
    pair(block, at, start, items.len());
    if element.is_scalar() {
        return scalars(&mut block[start..], &element.ty, items)
            .map_err(|(i, fault)| fault.at_index(i));
    }
    for (i, item) in items.iter().enumerate() {
        put(block, start + i * element.size, element, item).map_err(|fault| fault.at_index(i))?;
    }
    Ok(())
}

fn tuple(block: &mut Vec<u8>, at: usize, shape: &Shape<'_>, value: &Value) -> Result<(), Fault> {
    let items = value.as_array().ok_or_else(|| mismatch(&shape.ty, value))?;
    if items.len() != shape.parts.len() {
        return Err(unlike(&shape.ty, format!("array of {}", items.len())));
    }
    for (i, ((offset, member), item)) in shape.parts.iter().zip(items).enumerate() {
        put(block, at + offset, member, item).map_err(|fault| fault.at_index(i))?;
    }
    Ok(())
}

fn fields(
    block: &mut Vec<u8>,
    at: usize,
    shape: &Shape<'_>,
    record: &Record,
    value: &Value,
) -> Result<(), Fault> {
    let given = value.as_object().ok_or_else(|| mismatch(&shape.ty, value))?;
    let mut found = 0;
    for (field, (offset, part)) in record.fields.iter().zip(&shape.parts) {
        match given.get(&field.name) {
            Some(value) => {
                put(block, at + offset, part, value).map_err(|f| f.at_name(&field.name))?;
                found += 1;
            }
            None if matches!(field.ty, Type::Option(_)) => {}
            None => return Err(misfit(record, given)),
        }
    }
    if found < given.len() { Err(misfit(record, given)) } else { Ok(()) }
}

/// A field that the record does not have, or else one that is missing.
fn misfit(record: &Record, given: &Map<String, Value>) -> Fault {
    let known = |name: &str| record.fields.iter().any(|field| field.name == name);
    let missing =
        |ty: &Type, name: &str| !matches!(ty, Type::Option(_)) && !given.contains_key(name);
    let what = match given.keys().find(|name| !known(name)) {
        Some(stray) => format!("no such field {stray:?}"),
        None => {
            let missing = record.fields.iter().find(|field| missing(&field.ty, &field.name));
            format!("missing field {:?}", missing.map_or("", |field| &field.name))
        }
    };
    let record = record.to_string();
    Placed::here(ValueError::Fields { path: String::new(), what, record })
}

fn option(
    block: &mut Vec<u8>,
    at: usize,
    shape: &Shape<'_>,
    inner: &Type,
    value: &Value,
) -> Result<(), Fault> {
    if value.is_null() {
        return Ok(());
    }
    let (offset, part) = &shape.parts[0];
    block[at] = 1;
    if !matches!(inner, Type::Option(_)) {
        return put(block, at + offset, part, value);
    }
    match only(value) {
        Some(("some", payload)) => {
            put(block, at + offset, part, payload).map_err(|fault| fault.at_name("some"))
        }
        _ => Err(mismatch(&shape.ty, value)),
    }
}

/// `has` says of the two outcomes whether they have a payload.
fn result(
    block: &mut Vec<u8>,
    at: usize,
    shape: &Shape<'_>,
    has: [bool; 2],
    value: &Value,
) -> Result<(), Fault> {
    let (tag, name, payload) = match only(value) {
        Some((name @ "ok", payload)) => (0, name, payload),
        Some((name @ "err", payload)) => (1, name, payload),
        _ => return Err(mismatch(&shape.ty, value)),
    };
    block[at] = tag;
    if has[usize::from(tag)] {
        let (offset, part) = &shape.parts[if tag == 1 { shape.parts.len() - 1 } else { 0 }];
        return put(block, at + offset, part, payload).map_err(|fault| fault.at_name(name));
    }
    if payload.is_null() {
        return Ok(());
    }
    let (expected, got) = ("null".to_owned(), kind(payload));
    Err(Placed::here(ValueError::Type { path: String::new(), expected, got }).at_name(name))
}

/// The one entry of an object that has one.
fn only(value: &Value) -> Option<(&str, &Value)> {
    let entries = value.as_object().filter(|entries| entries.len() == 1)?;
    entries.iter().next().map(|(name, value)| (name.as_str(), value))
}

/// The number of a case, little-endian.
fn case(value: &Value, ty: &Type, cases: &Enum) -> Result<[u8; 2], Fault> {
    let name = value.as_str().ok_or_else(|| mismatch(ty, value))?;
    let number = cases.cases.iter().position(|case| case == name).ok_or_else(|| {
        let got = if name.len() > 40 { "another".to_owned() } else { format!("{name:?}") };
        unlike(ty, got)
    })?;
    let [low, high, ..] = number.to_le_bytes();
    Ok([low, high])
}

fn character(value: &Value, ty: &Type) -> Result<char, Fault> {
    let text = value.as_str().ok_or_else(|| mismatch(ty, value))?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(unlike(ty, format!("string of {} characters", text.chars().count()))),
    }
}

fn store(block: &mut [u8], at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

fn pair(block: &mut [u8], at: usize, offset: usize, count: usize) {
    store(block, at, &(offset as u64).to_le_bytes());
    store(block, at + 8, &(count as u64).to_le_bytes());
}

#[expect(clippy::cast_possible_truncation, reason = "casts of floats to integers saturate")]
fn integer<T>(value: &Value, ty: &Type, min: T, max: T) -> Result<T, Fault>
where
    T: TryFrom<i128> + Display + Copy,
{
    let Value::Number(number) = value else { return Err(mismatch(ty, value)) };
    let range = || {
        Placed::here(ValueError::Range {
            path: String::new(),
            value: number.to_string(),
            expected: ty.to_string(),
            range: format!("{min} to {max}"),
        })
    };
    if let Some(wide) = number.as_i128() {
        return T::try_from(wide).map_err(|_| range());
    }
    // What is no 64-bit integer was read as a float: -0, too large, or with a fraction or exponent.
    let float = number.as_f64().unwrap_or(f64::NAN);
    match T::try_from(float as i128) {
        Ok(zero) if float == 0.0 => Ok(zero),
        Err(_) if float.fract() == 0.0 => Err(range()),
        _ => Err(mismatch(ty, value)),
    }
}

fn float64(value: &Value, ty: &Type) -> Result<f64, Fault> {
    match value {
        Value::Number(number) => number.as_f64().ok_or_else(|| mismatch(ty, value)),
        Value::String(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            _ => Err(mismatch(ty, value)),
        },
        _ => Err(mismatch(ty, value)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is what is asked for")]
fn float32(value: &Value, ty: &Type) -> Result<f32, Fault> {
    let wide = float64(value, ty)?;
    let mut narrow = wide as f32;
    if wide.to_bits() << 35 == 1 << 63 {
        // In the middle between two: rounding the written decimal once may give the other one.
        narrow = wide.to_string().parse().unwrap_or(narrow);
    }
    if wide.is_finite() && !narrow.is_finite() {
        return Err(Placed::here(ValueError::Range {
            path: String::new(),
            value: value.to_string(),
            expected: ty.to_string(),
            range: format!("{:e} to {:e}", f32::MIN, f32::MAX),
        }));
    }
    Ok(narrow)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Param;

    fn function(types: &[Type]) -> Function {
        let params = types.iter().map(|ty| Param { name: "p".into(), ty: ty.clone() }).collect();
        Function { name: "f".into(), params, result: None }
    }

    fn refused(ty: Type, value: Value, expected: &str) {
        let error = args(&function(&[ty]), &[value]).expect_err("must be refused");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn wrong_values_are_named_with_their_place() {
        let list = |ty| Type::List(Box::new(ty));
        refused(Type::U8, json!(256), "args[0]: 256 is out of range for u8 (0 to 255)");
        refused(
            Type::U64,
            json!(-1),
            "args[0]: -1 is out of range for u64 (0 to 18446744073709551615)",
        );
        refused(Type::S32, json!(1.5), "args[0]: expected s32, got number 1.5");
        refused(Type::S32, json!("1"), "args[0]: expected s32, got string");
        refused(Type::Bool, json!(1), "args[0]: expected bool, got number 1");
        refused(Type::F64, json!("nan"), "args[0]: expected f64, got string");
        refused(list(Type::F32), json!([1, "x"]), "args[0][1]: expected f32, got string");
        refused(list(Type::String), json!(["a", null]), "args[0][1]: expected string, got null");
        let huge: Value = serde_json::from_str("18446744073709551616").unwrap();
        let error = args(&function(&[Type::U64]), &[huge]).unwrap_err();
        assert!(error.to_string().contains("out of range for u64"), "{error}");
        refused(
            Type::F32,
            json!(1e39),
            "args[0]: 1e+39 is out of range for f32 (-3.4028235e38 to 3.4028235e38)",
        );
    }

    #[test]
    fn the_number_of_arguments_is_exact() {
        let error = args(&function(&[Type::U8]), &[]).unwrap_err();
        assert_eq!(error.to_string(), "f: func(p: u8); takes 1 argument(s), got 0");
    }

    #[test]
    fn strings_end_in_a_zero_byte_and_lists_are_aligned() {
        let types = [Type::String, Type::List(Box::new(Type::F64))];
        let block = args(&function(&types), &[json!("ab"), json!([1.0])]).unwrap();
        assert_eq!(&block[32..35], b"ab\0");
        assert_eq!(u64::from_le_bytes(block[16..24].try_into().unwrap()), 40);
        assert_eq!(&block[40..48], &1f64.to_le_bytes());
    }
}
