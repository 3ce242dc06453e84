//! The binary layout to JSON values. The block is what an enemy wrote: every offset, length and
//! bit pattern is checked, and no more is read out of a block than it holds.
//!
//! The caller must own the bytes: decoding memory that a peer can still write would let it change
//! a length after the check.

use std::ops::Range;

use serde_json::{Number, Value};
use thiserror::Error;

use crate::{Type, layout};

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
    #[error("{path}: the result holds more than {MAX_VALUES} values")]
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
    /// A bool is neither 0 nor 1.
    #[error("{path}: byte {byte} is no bool")]
    Bool {
        /// Where in the result.
        path: String,
        /// The byte found.
        byte: u8,
    },
}

/// Most values that are read out of one block: each becomes a JSON value of some 32 bytes.
pub const MAX_VALUES: usize = 4 << 20;

/// Reads a result block; a function without a result gives `null`.
///
/// # Errors
/// Whatever in the block is not exactly as [`layout`] says.
pub fn result(ty: Option<&Type>, block: &[u8]) -> Result<Value, LayoutError> {
    let Some(ty) = ty else { return Ok(Value::Null) };
    Reader { block, unread: block.len(), values: MAX_VALUES }.value(
        ty,
        0,
        &mut String::from("result"),
    )
}

/// Reads a block once: what it takes out is counted against the block's length.
struct Reader<'a> {
    block: &'a [u8],
    unread: usize,
    values: usize,
}

impl Reader<'_> {
    fn value(&mut self, ty: &Type, at: usize, path: &mut String) -> Result<Value, LayoutError> {
        Ok(match ty {
            Type::Bool => match self.bytes::<1>(ty, at, path)? {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                [byte] => return Err(LayoutError::Bool { path: path.clone(), byte }),
            },
            Type::S8 => i8::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::S16 => i16::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::S32 => i32::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::S64 => i64::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::U8 => u8::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::U16 => u16::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::U32 => u32::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::U64 => u64::from_le_bytes(self.bytes(ty, at, path)?).into(),
            Type::F32 => float32(f32::from_le_bytes(self.bytes(ty, at, path)?)),
            Type::F64 => float64(f64::from_le_bytes(self.bytes(ty, at, path)?)),
            Type::String => {
                let (offset, length) = self.pair(ty, at, path)?;
                let bytes = self.take(offset, length, 1, path, "a string")?;
                let text = std::str::from_utf8(&self.block[bytes])
                    .map_err(|e| LayoutError::Utf8 { path: path.clone(), at: e.valid_up_to() })?;
                Value::String(text.to_owned())
            }
            Type::List(element) => self.list(element, at, path)?,
        })
    }

    fn list(&mut self, element: &Type, at: usize, path: &mut String) -> Result<Value, LayoutError> {
        let (offset, count) = self.pair(element, at, path)?;
        let align = layout::align_of(element);
        if count > 0 && offset % align as u64 != 0 {
            return Err(LayoutError::Misaligned { path: path.clone(), offset, align });
        }
        let stride = layout::size_of(element);
        let elements = self.take(offset, count, stride, path, "a list")?;
        let count = elements.len() / stride;
        self.values = self
            .values
            .checked_sub(count)
            .ok_or_else(|| LayoutError::TooMany { path: path.clone() })?;
        let mut items = Vec::with_capacity(count);
        let len = path.len();
        for (i, at) in elements.step_by(stride).enumerate() {
            path.push_str(&format!("[{i}]"));
            items.push(self.value(element, at, path)?);
            path.truncate(len);
        }
        Ok(Value::Array(items))
    }

    /// The range of `count` elements of `stride` bytes from `offset`, taken out of what is unread.
    fn take(
        &mut self,
        offset: u64,
        count: u64,
        stride: usize,
        path: &str,
        what: &str,
    ) -> Result<Range<usize>, LayoutError> {
        let out_of_bounds = || LayoutError::OutOfBounds {
            path: path.to_owned(),
            what: format!("{what} of {count}"),
            offset,
            block: self.block.len(),
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
        if end > self.block.len() {
            return Err(out_of_bounds());
        }
        self.unread = self
            .unread
            .checked_sub(length)
            .ok_or_else(|| LayoutError::Aliased { path: path.to_owned() })?;
        Ok(start..end)
    }

    fn bytes<const N: usize>(
        &self,
        ty: &Type,
        at: usize,
        path: &str,
    ) -> Result<[u8; N], LayoutError> {
        let slice = at.checked_add(N).and_then(|end| self.block.get(at..end));
        match slice.map(<[u8; N]>::try_from) {
            Some(Ok(bytes)) => Ok(bytes),
            _ => Err(LayoutError::OutOfBounds {
                path: path.to_owned(),
                what: ty.to_string(),
                offset: at as u64,
                block: self.block.len(),
            }),
        }
    }

    fn pair(&self, ty: &Type, at: usize, path: &str) -> Result<(u64, u64), LayoutError> {
        let offset = self.bytes(ty, at, path)?;
        let count = self.bytes(ty, at + 8, path)?;
        Ok((u64::from_le_bytes(offset), u64::from_le_bytes(count)))
    }
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
fn float32(value: f32) -> Value {
    float64(value.to_string().parse().unwrap_or_else(|_| f64::from(value)))
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
        assert_eq!(error.to_string(), "result: byte 2 is no bool");
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
