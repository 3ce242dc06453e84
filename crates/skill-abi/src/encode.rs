//! JSON values to the binary layout. Rejects what the type does not allow, naming the place.

use serde_json::Value;
use thiserror::Error;

use crate::{Function, Type, layout};

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
        /// Where in the arguments, for instance `args[1][3]`.
        path: String,
        /// The WIT type.
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
}

/// Lays out the arguments of a call as one block.
///
/// # Errors
/// Wrong arity, a value of the wrong type, a number out of range. Nothing else is refused: text
/// in a JSON value is valid UTF-8 by construction.
pub fn args(function: &Function, args: &[Value]) -> Result<Vec<u8>, ValueError> {
    if args.len() != function.params.len() {
        return Err(ValueError::Arity {
            function: function.to_string(),
            expected: function.params.len(),
            got: args.len(),
        });
    }
    let (offsets, size) = layout::record(function);
    let mut block = vec![0; size];
    for (i, (param, value)) in function.params.iter().zip(args).enumerate() {
        put(&mut block, offsets[i], &param.ty, value, &mut Path::arg(i))?;
    }
    Ok(block)
}

/// Lays out one value as a block of its own, the way a result stands. `root` names the value in
/// errors.
///
/// # Errors
/// As for [`args`], but for the arity.
pub fn value(ty: &Type, value: &Value, root: &str) -> Result<Vec<u8>, ValueError> {
    let mut block = vec![0; layout::size_of(ty)];
    put(&mut block, 0, ty, value, &mut Path { text: root.to_owned() })?;
    Ok(block)
}

/// The place of a value inside the arguments, grown and cut as the encoder descends.
struct Path {
    text: String,
}

impl Path {
    fn arg(index: usize) -> Self {
        Path { text: format!("args[{index}]") }
    }

    fn within<T>(&mut self, index: usize, f: impl FnOnce(&mut Self) -> T) -> T {
        let len = self.text.len();
        self.text.push_str(&format!("[{index}]"));
        let out = f(self);
        self.text.truncate(len);
        out
    }

    fn mismatch(&self, ty: &Type, value: &Value) -> ValueError {
        let got = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) => "bool".to_owned(),
            Value::Number(n) => format!("number {n}"),
            Value::String(_) => "string".to_owned(),
            Value::Array(_) => "array".to_owned(),
            Value::Object(_) => "object".to_owned(),
        };
        ValueError::Type { path: self.text.clone(), expected: ty.to_string(), got }
    }
}

fn put(
    block: &mut Vec<u8>,
    at: usize,
    ty: &Type,
    value: &Value,
    path: &mut Path,
) -> Result<(), ValueError> {
    match ty {
        Type::Bool => {
            let flag = value.as_bool().ok_or_else(|| path.mismatch(ty, value))?;
            block[at] = u8::from(flag);
        }
        Type::S8 => store(block, at, &integer(value, ty, path, i8::MIN, i8::MAX)?.to_le_bytes()),
        Type::S16 => store(block, at, &integer(value, ty, path, i16::MIN, i16::MAX)?.to_le_bytes()),
        Type::S32 => store(block, at, &integer(value, ty, path, i32::MIN, i32::MAX)?.to_le_bytes()),
        Type::S64 => store(block, at, &integer(value, ty, path, i64::MIN, i64::MAX)?.to_le_bytes()),
        Type::U8 => store(block, at, &integer(value, ty, path, u8::MIN, u8::MAX)?.to_le_bytes()),
        Type::U16 => store(block, at, &integer(value, ty, path, u16::MIN, u16::MAX)?.to_le_bytes()),
        Type::U32 => store(block, at, &integer(value, ty, path, u32::MIN, u32::MAX)?.to_le_bytes()),
        Type::U64 => store(block, at, &integer(value, ty, path, u64::MIN, u64::MAX)?.to_le_bytes()),
        Type::F32 => store(block, at, &float32(value, ty, path)?.to_le_bytes()),
        Type::F64 => store(block, at, &float64(value, ty, path)?.to_le_bytes()),
        Type::String => {
            let text = value.as_str().ok_or_else(|| path.mismatch(ty, value))?;
            let start = block.len();
            pair(block, at, start, text.len());
            block.extend_from_slice(text.as_bytes());
            block.push(0);
        }
        Type::List(element) => {
            let items = value.as_array().ok_or_else(|| path.mismatch(ty, value))?;
            let stride = layout::size_of(element);
            let start = block.len().next_multiple_of(layout::align_of(element));
            block.resize(start + stride * items.len(), 0);
            pair(block, at, start, items.len());
            for (i, item) in items.iter().enumerate() {
                path.within(i, |path| put(block, start + i * stride, element, item, path))?;
            }
        }
    }
    Ok(())
}

fn store(block: &mut [u8], at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

fn pair(block: &mut [u8], at: usize, offset: usize, count: usize) {
    store(block, at, &(offset as u64).to_le_bytes());
    store(block, at + 8, &(count as u64).to_le_bytes());
}

fn integer<T>(value: &Value, ty: &Type, path: &Path, min: T, max: T) -> Result<T, ValueError>
where
    T: TryFrom<i128> + Into<i128> + std::fmt::Display + Copy,
{
    let Value::Number(number) = value else { return Err(path.mismatch(ty, value)) };
    let range = || ValueError::Range {
        path: path.text.clone(),
        value: number.to_string(),
        expected: ty.to_string(),
        range: format!("{min} to {max}"),
    };
    match number.as_i128() {
        Some(wide) => T::try_from(wide).map_err(|_| range()),
        None if number.as_f64() == Some(0.0) => T::try_from(0).map_err(|_| range()), // -0
        // What is no 64-bit integer was read as a float: too large, or with a fraction.
        None if number.as_f64().is_some_and(|f| f.fract() == 0.0 && f.abs() >= 9e15) => {
            Err(range())
        }
        None => Err(path.mismatch(ty, value)),
    }
}

fn float64(value: &Value, ty: &Type, path: &Path) -> Result<f64, ValueError> {
    match value {
        Value::Number(number) => number.as_f64().ok_or_else(|| path.mismatch(ty, value)),
        Value::String(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            _ => Err(path.mismatch(ty, value)),
        },
        _ => Err(path.mismatch(ty, value)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is what is asked for")]
fn float32(value: &Value, ty: &Type, path: &Path) -> Result<f32, ValueError> {
    let wide = float64(value, ty, path)?;
    let narrow = wide as f32;
    if wide.is_finite() && !narrow.is_finite() {
        return Err(ValueError::Range {
            path: path.text.clone(),
            value: value.to_string(),
            expected: ty.to_string(),
            range: format!("{:e} to {:e}", f32::MIN, f32::MAX),
        });
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
