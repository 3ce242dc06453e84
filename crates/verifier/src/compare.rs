//! Whether an answer is the one expected, by its type, and where it first differs. Pure; called
//! by the judge.

use std::fmt;

use saggar_skill_abi::Type;
use serde_json::Value;

use crate::show;

/// The first place where two values differ.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    path: String,
    want: String,
    got: String,
}

impl Difference {
    /// Whether it says all there is to say of the two values.
    pub(crate) fn is_whole(&self, ty: &Type) -> bool {
        !matches!(ty, Type::List(_)) && self.path == ROOT
    }
}

const ROOT: &str = "result";

/// `expected 2, got 3`, or `result[3]: expected 1.5, got 2.5`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path != ROOT {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "expected {}, got {}", self.want, self.got)
    }
}

/// Compares two values as they come out of the decoder for this type; `None` when they agree.
/// Floats may differ by `tolerance * max(1, |want|)`.
pub(crate) fn difference(
    ty: &Type,
    want: &Value,
    got: &Value,
    tolerance: f64,
) -> Option<Difference> {
    differ(ty, want, got, tolerance, &mut ROOT.to_owned())
}

fn differ(
    ty: &Type,
    want: &Value,
    got: &Value,
    tolerance: f64,
    path: &mut String,
) -> Option<Difference> {
    match (ty, want, got) {
        (Type::List(element), Value::Array(want), Value::Array(got)) => {
            if want.len() != got.len() {
                let elements = |n: usize| format!("{n} element{}", if n == 1 { "" } else { "s" });
                let (want, got) = (elements(want.len()), elements(got.len()));
                return Some(Difference { path: path.clone(), want, got });
            }
            let length = path.len();
            want.iter().zip(got).enumerate().find_map(|(i, (want, got))| {
                path.truncate(length);
                path.push_str(&format!("[{i}]"));
                differ(element, want, got, tolerance, path)
            })
        }
        (Type::F32 | Type::F64, _, _) if close(want, got, tolerance) => None,
        (Type::String, Value::String(want), Value::String(got)) => texts(want, got, path),
        _ if want == got => None,
        _ => {
            let (want, got) = (show::value(want), show::value(got));
            Some(Difference { path: path.clone(), want, got })
        }
    }
}

/// Whether both are floats and near enough.
fn close(want: &Value, got: &Value, tolerance: f64) -> bool {
    let Some((want, got)) = float(want).zip(float(got)) else { return false };
    want == got
        || (want.is_nan() && got.is_nan())
        || (want.is_finite() && (got - want).abs() <= tolerance * want.abs().max(1.0))
}

fn float(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}

/// Long texts are shown from where they part.
fn texts(want: &str, got: &str, path: &str) -> Option<Difference> {
    if want == got {
        return None;
    }
    let long = want.len().max(got.len()) > show::LONGEST;
    let same = if long { common(want, got) } else { 0 };
    let path = match want[..same].chars().count() {
        0 => path.to_owned(),
        skipped => format!("{path}, from character {skipped}"),
    };
    let [want, got] = [&want[same..], &got[same..]].map(show::text);
    Some(Difference { path, want, got })
}

/// Length in bytes of the text that both begin with.
fn common(a: &str, b: &str) -> usize {
    a.char_indices()
        .zip(b.chars())
        .find(|((_, a), b)| a != b)
        .map_or(a.len().min(b.len()), |((at, _), _)| at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(ty: Type) -> Type {
        Type::List(Box::new(ty))
    }

    fn check(ty: &Type, want: Value, got: Value, tolerance: f64, expected: Option<&str>) {
        let found = difference(ty, &want, &got, tolerance).map(|found| found.to_string());
        assert_eq!(found.as_deref(), expected, "{want} {got}");
    }

    #[test]
    fn floats_agree_within_the_tolerance_and_not_beyond() {
        check(&Type::F64, json!(1.0), json!(1.0 + 1e-7), 1e-6, None);
        check(&Type::F64, json!(1e9), json!(1e9 + 100.0), 1e-6, None);
        check(&Type::F64, json!(1e-9), json!(9e-7), 1e-6, None);
        check(&Type::F64, json!(0.5), json!(0.75), 0.0, Some("expected 0.5, got 0.75"));
        check(&Type::F32, json!(0.1), json!(0.2), 1e-3, Some("expected 0.1, got 0.2"));
        check(&Type::F64, json!(0.0), json!(-0.0), 0.0, None);
    }

    #[test]
    fn floats_that_are_no_numbers_agree_with_themselves_only() {
        let special = ["NaN", "Infinity", "-Infinity"];
        for (i, want) in special.iter().enumerate() {
            for (j, got) in special.iter().enumerate() {
                let found = difference(&Type::F64, &json!(want), &json!(got), 1.0);
                assert_eq!(found.is_none(), i == j, "{want} {got}");
            }
            assert!(difference(&Type::F64, &json!(want), &json!(1.0), 1.0).is_some());
            assert!(difference(&Type::F64, &json!(1.0), &json!(want), 1.0).is_some());
        }
    }

    #[test]
    fn everything_else_is_exact() {
        check(
            &Type::U64,
            json!(u64::MAX),
            json!(u64::MAX - 1),
            1.0,
            Some("expected 18446744073709551615, got 18446744073709551614"),
        );
        check(&Type::Bool, json!(true), json!(false), 1.0, Some("expected true, got false"));
        check(&Type::String, json!("NaN"), json!("nan"), 1.0, Some(r#"expected "NaN", got "nan""#));
    }

    #[test]
    fn the_first_difference_is_named() {
        let floats = list(Type::F64);
        check(
            &floats,
            json!([1.0, 1.5]),
            json!([1.0, 2.5]),
            0.0,
            Some("result[1]: expected 1.5, got 2.5"),
        );
        check(&floats, json!([1.0]), json!([]), 0.0, Some("expected 1 element, got 0 elements"));
        check(
            &list(list(Type::U8)),
            json!([[1], [2]]),
            json!([[1], [3]]),
            0.0,
            Some("result[1][0]: expected 2, got 3"),
        );
        let long = "é".repeat(300);
        check(
            &Type::String,
            json!(format!("{long}a")),
            json!(format!("{long}b")),
            0.0,
            Some(r#"result, from character 300: expected "a", got "b""#),
        );
        check(
            &Type::String,
            json!(long),
            json!(format!("{long}b")),
            0.0,
            Some(r#"result, from character 300: expected "", got "b""#),
        );
    }
}
