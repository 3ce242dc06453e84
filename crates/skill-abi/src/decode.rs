//! The binary layout to JSON values. The block is what an enemy wrote: every offset, length and
//! bit pattern is checked, and no more is read out of a block than it holds.
//!
//! The caller must own the bytes: decoding memory that a peer can still write would let it change
//! a length after the check.

use std::ops::Range;

use serde_json::{Map, Number, Value};
use thiserror::Error;

use crate::path::Placed;
use crate::shape::Shape;
use crate::{Enum, Record, Type, layout};

/// Why a block is no value of its type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// The block ends before the value does.
    #[error("{path}: {what} at offset {offset} lies outside the block of {block} bytes")]
    OutOfBounds {
        /// Where in the result.
        path: String,
        /// What should be there.
        what: String,
        /// Where it claims to start.
        offset: u64,
        /// How long the block is.
        block: usize,
    },
    /// A list starts off its boundary.
    #[error("{path}: offset {offset} is not a multiple of {align}")]
    Misaligned {
        /// Where in the result.
        path: String,
        /// The offset found.
        offset: u64,
        /// The boundary demanded.
        align: usize,
    },
    /// Several lists or strings share bytes: the value would be larger than the block.
    #[error("{path}: the block names the same bytes more than once")]
    Aliased {
        /// Where in the result.
        path: String,
    },
    /// There are more values than [`MAX_VALUES`].
    #[error("{path}: the result holds more than {MAX_VALUES} values, an object counted as twenty")]
    TooMany {
        /// Where in the result.
        path: String,
    },
    /// A string is not UTF-8.
    #[error("{path}: invalid UTF-8 at byte {at} of the string")]
    Utf8 {
        /// Where in the result.
        path: String,
        /// First byte that is not valid.
        at: usize,
    },
    /// A bool, char, case or tag is none of those its type has.
    #[error("{path}: {found} is no {what}")]
    Discriminant {
        /// Where in the result.
        path: String,
        /// What should be there.
        what: String,
        /// The number found.
        found: u32,
    },
}

/// An error that does not know its place yet.
type Fault = Placed<LayoutError>;

/// Most values that are read out of one block: each takes some 32 bytes of memory. An object, which
/// takes more, counts as twenty for every six fields, and long names count too.
pub const MAX_VALUES: usize = 4 << 20;

/// Reads a result block; a function without a result gives `null`.
///
/// # Errors
/// Whatever in the block is not exactly as [`layout`] says.
pub fn result(ty: Option<&Type>, block: &[u8]) -> Result<Value, LayoutError> {
    shaped(ty.map(Shape::of).as_ref(), block)
}

/// As [`result`], of the type with this shape.
pub(crate) fn shaped(shape: Option<&Shape<'_>>, block: &[u8]) -> Result<Value, LayoutError> {
    let Some(shape) = shape else { return Ok(Value::Null) };
    let mut reader = Reader { block, unread: block.len(), weight: MAX_VALUES };
    reader.value(shape, 0).map_err(|fault| placed(fault, "result"))
}

/// The error with its place.
fn placed(fault: Fault, root: &str) -> LayoutError {
    let (mut error, place) = fault.resolve(root);
    match &mut error {
        LayoutError::OutOfBounds { path, .. }
        | LayoutError::Misaligned { path, .. }
        | LayoutError::Aliased { path }
        | LayoutError::TooMany { path }
        | LayoutError::Utf8 { path, .. }
        | LayoutError::Discriminant { path, .. } => *path = place,
    }
    error
}

/// Reads a block once: what it takes out is counted against the block's length.
struct Reader<'a> {
    block: &'a [u8],
    unread: usize,
    weight: usize,
}

impl Reader<'_> {
    fn value(&mut self, shape: &Shape<'_>, at: usize) -> Result<Value, Fault> {
        let ty = &*shape.ty;
        Ok(match ty {
            Type::String => {
                let (offset, length) = self.pair(ty, at)?;
                let bytes = self.take(offset, length, 1, "a string")?;
                let text = std::str::from_utf8(&self.block[bytes]).map_err(|error| {
                    let at = error.valid_up_to();
                    Placed::here(LayoutError::Utf8 { path: String::new(), at })
                })?;
                text.into()
            }
            Type::List(_) => Value::Array(self.list(shape, at)?),
            Type::Tuple(_) => {
                let mut items = Vec::with_capacity(shape.parts.len());
                for (i, (offset, part)) in shape.parts.iter().enumerate() {
                    items.push(self.value(part, at + offset).map_err(|fault| fault.at_index(i))?);
                }
                Value::Array(items)
            }
            Type::Record(record) => Value::Object(self.record(record, shape, at)?),
            Type::Option(inner) => self.option(shape, inner, at)?,
            Type::Result { ok, err } => {
                let (name, has, part) = match self.tag(ty, at)? {
                    0 => ("ok", ok.is_some(), shape.parts.first()),
                    _ => ("err", err.is_some(), shape.parts.last()),
                };
                let payload = match part.filter(|_| has) {
                    Some((offset, part)) => {
                        self.value(part, at + offset).map_err(|fault| fault.at_name(name))?
                    }
                    None => Value::Null,
                };
                single(name, payload)
            }
            _ => {
                let mut found = Value::Null;
                let bytes = self.place(ty, at, shape.size)?;
                scalars(ty, bytes, |value| found = value).map_err(|(_, fault)| fault)?;
                found
            }
        })
    }

    fn list(&mut self, shape: &Shape<'_>, at: usize) -> Result<Vec<Value>, Fault> {
        let (offset, count) = self.pair(&shape.ty, at)?;
        let element = &shape.parts[0].1;
        if count == 0 {
            return Ok(Vec::new());
        }
        if offset % element.align as u64 != 0 {
            let (path, align) = (String::new(), element.align);
            return Err(Placed::here(LayoutError::Misaligned { path, offset, align }));
        }
        let places = self.take(offset, count, element.size, "a list")?;
        let count = places.len() / element.size;
        self.weight = count
            .checked_mul(element.weight)
            .and_then(|weight| self.weight.checked_sub(weight))
            .ok_or_else(|| Placed::here(LayoutError::TooMany { path: String::new() }))?;
        let mut items = Vec::with_capacity(count);
        if element.is_scalar() {
            scalars(&element.ty, &self.block[places], |item| items.push(item))
                .map_err(|(i, fault)| fault.at_index(i))?;
        } else {
            for (i, at) in places.step_by(element.size).enumerate() {
                items.push(self.value(element, at).map_err(|fault| fault.at_index(i))?);
            }
        }
        Ok(items)
    }

    fn record(
        &mut self,
        record: &Record,
        shape: &Shape<'_>,
        at: usize,
    ) -> Result<Map<String, Value>, Fault> {
        let mut fields = Map::new();
        for (field, (offset, part)) in record.fields.iter().zip(&shape.parts) {
            let value = self.value(part, at + offset).map_err(|f| f.at_name(&field.name))?;
            fields.insert(field.name.clone(), value);
        }
        Ok(fields)
    }

    fn option(&mut self, shape: &Shape<'_>, inner: &Type, at: usize) -> Result<Value, Fault> {
        if self.tag(&shape.ty, at)? == 0 {
            return Ok(Value::Null);
        }
        let (offset, part) = &shape.parts[0];
        if matches!(inner, Type::Option(_)) {
            let value = self.value(part, at + offset).map_err(|fault| fault.at_name("some"))?;
            return Ok(single("some", value));
        }
        self.value(part, at + offset)
    }

    /// The tag of an option or result: 0 or 1.
    fn tag(&self, ty: &Type, at: usize) -> Result<u8, Fault> {
        match self.place(ty, at, 1)?[0] {
            tag @ (0 | 1) => Ok(tag),
            tag => Err(none_of(format!("tag of {ty}"), tag.into())),
        }
    }

    /// The range of `count` elements of `stride` bytes from `offset`, taken out of what is unread.
    fn take(
        &mut self,
        offset: u64,
        count: u64,
        stride: usize,
        what: &str,
    ) -> Result<Range<usize>, Fault> {
        let block = self.block.len();
        let out_of_bounds = || {
            let what = format!("{what} of {count}");
            let path = String::new();
            Placed::here(LayoutError::OutOfBounds { path, what, offset, block })
        };
        if count == 0 {
            return Ok(0..0);
        }
        let length = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(stride))
            .ok_or_else(out_of_bounds)?;
        let start = usize::try_from(offset).map_err(|_| out_of_bounds())?;
        let end = start.checked_add(length).ok_or_else(out_of_bounds)?;
        if end > block {
            return Err(out_of_bounds());
        }
        self.unread = self
            .unread
            .checked_sub(length)
            .ok_or_else(|| Placed::here(LayoutError::Aliased { path: String::new() }))?;
        Ok(start..end)
    }

    /// The bytes of a value in place.
    fn place(&self, ty: &Type, at: usize, size: usize) -> Result<&[u8], Fault> {
        at.checked_add(size).and_then(|end| self.block.get(at..end)).ok_or_else(|| {
            Placed::here(LayoutError::OutOfBounds {
                path: String::new(),
                what: ty.to_string(),
                offset: at as u64,
                block: self.block.len(),
            })
        })
    }

    fn pair(&self, ty: &Type, at: usize) -> Result<(u64, u64), Fault> {
        let (words, _) = self.place(ty, at, 16)?.as_chunks();
        Ok((u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])))
    }
}

/// Reads numbers, truth values, characters or cases that lie one after the other. An error comes
/// with the index of its value.
fn scalars(ty: &Type, bytes: &[u8], put: impl FnMut(Value)) -> Result<(), (usize, Fault)> {
    match ty {
        Type::Bool => each(bytes, put, |[byte]| match byte {
            0 | 1 => Ok(Value::Bool(byte == 1)),
            _ => Err(none_of(ty.to_string(), byte.into())),
        }),
        Type::S8 => each(bytes, put, |bytes| Ok(i8::from_le_bytes(bytes).into())),
        Type::S16 => each(bytes, put, |bytes| Ok(i16::from_le_bytes(bytes).into())),
        Type::S32 => each(bytes, put, |bytes| Ok(i32::from_le_bytes(bytes).into())),
        Type::S64 => each(bytes, put, |bytes| Ok(i64::from_le_bytes(bytes).into())),
        Type::U8 => each(bytes, put, |bytes| Ok(u8::from_le_bytes(bytes).into())),
        Type::U16 => each(bytes, put, |bytes| Ok(u16::from_le_bytes(bytes).into())),
        Type::U32 => each(bytes, put, |bytes| Ok(u32::from_le_bytes(bytes).into())),
        Type::U64 => each(bytes, put, |bytes| Ok(u64::from_le_bytes(bytes).into())),
        Type::F32 => each(bytes, put, |bytes| Ok(float32(f32::from_le_bytes(bytes)))),
        Type::F64 => each(bytes, put, |bytes| Ok(float64(f64::from_le_bytes(bytes)))),
        Type::Char => each(bytes, put, |bytes| {
            let number = u32::from_le_bytes(bytes);
            let found = char::from_u32(number).ok_or_else(|| none_of(ty.to_string(), number))?;
            Ok(found.to_string().into())
        }),
        Type::Enum(cases) if layout::enum_size(cases.cases.len()) == 1 => {
            each(bytes, put, |bytes| case(ty, cases, u8::from_le_bytes(bytes).into()))
        }
        Type::Enum(cases) => each(bytes, put, |bytes| case(ty, cases, u16::from_le_bytes(bytes))),
        _ => unreachable!("{ty} is made of parts"),
    }
}

fn each<const N: usize>(
    bytes: &[u8],
    mut put: impl FnMut(Value),
    read: impl Fn([u8; N]) -> Result<Value, Fault>,
) -> Result<(), (usize, Fault)> {
    let (values, _) = bytes.as_chunks();
    for (i, value) in values.iter().enumerate() {
        put(read(*value).map_err(|fault| (i, fault))?);
    }
    Ok(())
}

fn case(ty: &Type, cases: &Enum, number: u16) -> Result<Value, Fault> {
    let case = cases.cases.get(usize::from(number));
    Ok(case.ok_or_else(|| none_of(format!("case of {ty}"), number.into()))?.as_str().into())
}

fn none_of(what: String, found: u32) -> Fault {
    Placed::here(LayoutError::Discriminant { path: String::new(), what, found })
}

/// An object with one entry.
fn single(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

fn float64(value: f64) -> Value {
    match Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

/// The shortest decimal that reads back as the same `f32`, not the longer one of the nearest `f64`.
#[expect(clippy::cast_possible_truncation, reason = "readers round to f32 as well")]
fn float32(value: f32) -> Value {
    let exact = f64::from(value);
    let text = serde_json::to_string(&value).unwrap_or_default();
    // One decimal lies so near the middle of two that rounding to `f64` first loses which it was.
    let short = text.parse().ok().filter(|short| *short as f32 == value);
    float64(short.unwrap_or(exact))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::encode;

    fn list(ty: Type) -> Type {
        Type::List(Box::new(ty))
    }

    fn pair(offset: u64, count: u64) -> Vec<u8> {
        [offset.to_le_bytes(), count.to_le_bytes()].concat()
    }

    fn round_trip(ty: &Type, value: &Value) {
        let block = encode::value(ty, value, "value").unwrap();
        assert_eq!(&result(Some(ty), &block).unwrap(), value, "{ty}");
    }

    #[test]
    fn values_come_back_as_they_went() {
        round_trip(&Type::Bool, &json!(true));
        round_trip(&Type::S64, &json!(i64::MIN));
        round_trip(&Type::U64, &json!(u64::MAX));
        round_trip(&Type::F32, &json!(0.1));
        round_trip(&Type::F64, &json!("NaN"));
        round_trip(&Type::F64, &json!("-Infinity"));
        round_trip(&Type::F64, &json!(-0.0));
        round_trip(&Type::String, &json!("a\0b 🦀"));
        round_trip(&list(Type::String), &json!(["", "x", ""]));
        round_trip(&list(Type::Bool), &json!([true, false]));
        round_trip(&list(Type::S16), &json!([]));
    }

    #[test]
    fn i01_bad_offsets_and_lengths_are_refused() {
        let check = |ty: Type, block: Vec<u8>, expected: &str| {
            let error = result(Some(&ty), &block).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(Type::String, pair(16, 1), "outside the block");
        check(Type::String, pair(u64::MAX, 2), "outside the block");
        check(list(Type::U64), pair(0, u64::MAX), "outside the block");
        check(list(Type::U64), pair(0, 1 << 61), "outside the block");
        check(list(Type::U32), [pair(17, 1), vec![0; 8]].concat(), "multiple of 4");
        check(Type::U64, vec![0; 7], "outside the block");
        check(list(Type::U8), [pair(0, 16), vec![0; 4]].concat().split_off(8), "outside the block");
    }

    #[test]
    fn i10_bad_bit_patterns_are_refused() {
        let error = result(Some(&Type::Bool), &[2]).unwrap_err();
        assert_eq!(error.to_string(), "result: 2 is no bool");
        let block = [pair(16, 3), vec![b'a', 0xff, b'b']].concat();
        let error = result(Some(&Type::String), &block).unwrap_err();
        assert_eq!(error.to_string(), "result: invalid UTF-8 at byte 1 of the string");
    }

    #[test]
    fn a_block_cannot_be_read_out_larger_than_it_is() {
        // A hundred strings, all naming the same kilobyte.
        let head = pair(16, 100);
        let names = pair(16 + 1600, 1024).repeat(100);
        let block = [head, names, vec![b'x'; 1024]].concat();
        let error = result(Some(&list(Type::String)), &block).unwrap_err();
        assert!(matches!(error, LayoutError::Aliased { .. }), "{error}");
    }

    #[test]
    fn l19_a_huge_list_is_not_read_out() {
        let count = MAX_VALUES + 1;
        let block = [pair(16, count as u64), vec![0; count]].concat();
        let error = result(Some(&list(Type::Bool)), &block).unwrap_err();
        assert!(matches!(error, LayoutError::TooMany { .. }), "{error}");
        let fits = [pair(16, 1000), vec![0; 1000]].concat();
        assert!(result(Some(&list(Type::Bool)), &fits).is_ok());
    }

    proptest! {
        #[test]
        fn no_block_makes_the_decoder_panic(block: Vec<u8>, pick in 0usize..4) {
            let types = [Type::String, list(Type::String), list(Type::U64), list(list(Type::U8))];
            let _outcome = result(Some(&types[pick]), &block);
        }
    }
}
