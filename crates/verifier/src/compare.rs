//! Whether an answer is the one expected, by its type, and where it first differs. Pure; called
//! by the judge.

use std::fmt;

use saggar_skill_abi::Type;
use serde_json::Value;

use crate::show;

/// The first place where two values differ.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    /// From the result on: `[3].x`. Empty if the results differ as a whole.
    path: String,
    want: String,
    got: String,
    /// Whether both are shown, and not just how long they are.
    shown: bool,
}

impl Difference {
    fn here(want: &Value, got: &Value) -> Self {
        let (want, got) = (show::value(want), show::value(got));
        Difference { path: String::new(), want, got, shown: true }
    }

    /// The same difference, seen from the value of which this was a part.
    fn inside(self, step: fmt::Arguments<'_>) -> Self {
        Difference { path: format!("{step}{}", self.path), ..self }
    }

    /// Whether it says all there is to say of the two values.
    pub(crate) fn is_whole(&self) -> bool {
        self.shown && self.path.is_empty()
    }
}

/// `expected 2, got 3`, or `result[3].x: expected 1.5, got 2.5`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "result{}: ", self.path)?;
        }
        write!(f, "expected {}, got {}", self.want, self.got)
    }
}

/// Compares a value of this type as a plan may write it with one as the decoder gives it; `None`
/// when they agree. Floats, wherever they stand, may differ by `tolerance * max(1, |want|)`.
pub(crate) fn difference(
    ty: &Type,
    want: &Value,
    got: &Value,
    tolerance: f64,
) -> Option<Difference> {
    let differ = |ty, want, got| difference(ty, want, got, tolerance);
    match (ty, want, got) {
        (Type::List(element), Value::Array(want), Value::Array(got)) => {
            if want.len() != got.len() {
                return Some(lengths(want.len(), got.len()));
            }
            let mut items = want.iter().zip(got).enumerate();
            items.find_map(|(i, (want, got))| {
                Some(differ(element, want, got)?.inside(format_args!("[{i}]")))
            })
        }
        (Type::Tuple(members), Value::Array(want), Value::Array(got)) => {
            let mut items = members.iter().zip(want.iter().zip(got)).enumerate();
            items.find_map(|(i, (member, (want, got)))| {
                Some(differ(member, want, got)?.inside(format_args!("[{i}]")))
            })
        }
        (Type::Record(record), Value::Object(want), Value::Object(got)) => {
            record.fields.iter().find_map(|field| {
                let [want, got] = [want, got].map(|of| of.get(&field.name).unwrap_or(&Value::Null));
                Some(differ(&field.ty, want, got)?.inside(format_args!(".{}", field.name)))
            })
        }
        (Type::Option(_), _, Value::Null) | (Type::Option(_), Value::Null, _) => {
            (want != got).then(|| Difference::here(want, got))
        }
        (Type::Option(inner), _, _) if matches!(**inner, Type::Option(_)) => {
            let [want, got] = [want, got].map(|of| of.get("some").unwrap_or(&Value::Null));
            Some(differ(inner, want, got)?.inside(format_args!(".some")))
        }
        (Type::Option(inner), _, _) => differ(inner, want, got),
        (Type::Result { ok, err }, _, _) => {
            let both = |name| Some((name, want.get(name)?, got.get(name)?));
            let Some((name, want, got)) = both("ok").or_else(|| both("err")) else {
                return Some(Difference::here(want, got));
            };
            let payload = if name == "ok" { ok } else { err };
            Some(differ(payload.as_ref()?, want, got)?.inside(format_args!(".{name}")))
        }
        (Type::F32 | Type::F64, _, _) if close(ty, want, got, tolerance) => None,
        (Type::String, Value::String(want), Value::String(got)) => texts(want, got),
        _ => (want != got).then(|| Difference::here(want, got)),
    }
}

fn lengths(want: usize, got: usize) -> Difference {
    let elements = |n: usize| format!("{n} element{}", if n == 1 { "" } else { "s" });
    let (want, got) = (elements(want), elements(got));
    Difference { path: String::new(), want, got, shown: false }
}

/// Whether both are floats and near enough.
fn close(ty: &Type, want: &Value, got: &Value, tolerance: f64) -> bool {
    let Some((want, got)) = float(ty, want).zip(float(ty, got)) else { return false };
    want == got
        || (want.is_nan() && got.is_nan())
        || (want.is_finite() && (got - want).abs() <= tolerance * want.abs().max(1.0))
}

fn float(ty: &Type, value: &Value) -> Option<f64> {
    let wide = match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => value.as_f64()?,
    };
    #[expect(clippy::cast_possible_truncation, reason = "an f32 is what both are to be")]
    let narrow = f64::from(wide as f32);
    Some(if *ty == Type::F32 { narrow } else { wide })
}

/// Long texts are shown from where they part.
fn texts(want: &str, got: &str) -> Option<Difference> {
    if want == got {
        return None;
    }
    let long = want.len().max(got.len()) > show::LONGEST;
    let same = if long { common(want, got) } else { 0 };
    let path = match want[..same].chars().count() {
        0 => String::new(),
        skipped => format!(", from character {skipped}"),
    };
    let [want, got] = [&want[same..], &got[same..]].map(show::text);
    Some(Difference { path, want, got, shown: true })
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
    use std::sync::Arc;

    use saggar_skill_abi::{Enum, Field, Record};
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

    fn point() -> Type {
        let field = |name: &str, ty| Field { name: name.into(), ty };
        let fields = vec![
            field("x", Type::F64),
            field("y", Type::F32),
            field("label", Type::String.option()),
            field("tags", Type::U8.list().option().option()),
        ];
        Type::Record(Arc::new(Record { name: "point".into(), fields }))
    }

    fn result(ok: Option<Type>, err: Option<Type>) -> Type {
        Type::Result { ok: ok.map(Box::new), err: err.map(Box::new) }
    }

    #[test]
    fn the_place_is_told_inside_every_kind_of_value() {
        let same = json!({"x": 1.0, "y": 0.1, "label": null, "tags": null});
        check(&point(), json!({"x": 1, "y": 0.1}), same.clone(), 0.0, None);
        let tell = |ty: &Type, want: Value, got: Value, expected: &str| {
            check(ty, want, got, 0.0, Some(expected));
        };
        tell(&point(), json!({"x": 2, "y": 0.1}), same.clone(), "result.x: expected 2, got 1.0");
        let want = json!([{"x": 1, "y": 0.1, "label": "a"}]);
        tell(&point().list(), want, json!([same]), "result[0].label: expected \"a\", got null");
        let want = json!({"x": 1, "y": 0.1, "tags": {"some": null}});
        tell(&point(), want, same, "result.tags: expected {\"some\": null}, got null");
        let deep = Type::U8.list().option().option();
        let [want, got] = [json!({"some": [1, 2]}), json!({"some": [1, 3]})];
        tell(&deep, want, got, "result.some[1]: expected 2, got 3");
        let pair = Type::Tuple(vec![Type::U8, Type::Char]);
        tell(&pair, json!([1, "a"]), json!([1, "b"]), "result[1]: expected \"a\", got \"b\"");
        let color = Enum { name: "color".into(), cases: vec!["red".into(), "green".into()] };
        let color = Type::Enum(Arc::new(color));
        tell(&color, json!("red"), json!("green"), "expected \"red\", got \"green\"");
    }

    #[test]
    fn options_and_results_differ_by_what_they_are_first() {
        let tell = |ty: &Type, want: Value, got: Value, expected: &str| {
            check(ty, want, got, 1e9, Some(expected));
        };
        tell(&Type::F64.option(), json!(null), json!(0.0), "expected null, got 0.0");
        tell(&Type::F64.option(), json!(0), json!(null), "expected 0, got null");
        let either = result(Some(Type::F64), Some(Type::String));
        let [ok, err] = [json!({"ok": 1.0}), json!({"err": "no"})];
        tell(&either, ok, err.clone(), "expected {\"ok\": 1.0}, got {\"err\": \"no\"}");
        let other = json!({"err": "yes"});
        tell(&either, err, other, "result.err: expected \"no\", got \"yes\"");
        check(&either, json!({"ok": 1}), json!({"ok": 1.0}), 0.0, None);
        let bare = result(None, None);
        check(&bare, json!({"ok": null}), json!({"ok": null}), 0.0, None);
        let [ok, err] = [json!({"ok": null}), json!({"err": null})];
        tell(&bare, ok, err, "expected {\"ok\": null}, got {\"err\": null}");
    }

    #[test]
    fn the_tolerance_reaches_floats_inside_and_nothing_else() {
        let ty =
            result(Some(Type::Tuple(vec![Type::F32.option().list(), point(), Type::U8])), None);
        let value = |float: f64, byte: u8| {
            let point = json!({"x": float, "y": float, "label": null, "tags": null});
            json!({"ok": [[null, float], point, byte]})
        };
        let told = |expected| check(&ty, value(1.0, 1), value(1.25, 1), 0.2, expected);
        told(Some("result.ok[0][1]: expected 1.0, got 1.25"));
        check(&ty, value(1.0, 1), value(1.25, 1), 0.25, None);
        let byte = "result.ok[2]: expected 1, got 2";
        check(&ty, value(1.0, 1), value(1.25, 2), 9.0, Some(byte));
        check(&Type::F32, json!(0.123_456_789_1), json!(0.123_456_79), 0.0, None);
    }

    #[test]
    fn what_is_shown_in_full_is_whole() {
        let whole = |ty: Type, want: Value, got: Value| {
            difference(&ty, &want, &got, 0.0).map(|found| found.is_whole())
        };
        assert_eq!(whole(Type::U8, json!(1), json!(2)), Some(true));
        assert_eq!(whole(Type::U8.list().option(), json!(null), json!([2])), Some(true));
        assert_eq!(whole(Type::U8.list().option(), json!([]), json!([2])), Some(false));
        assert_eq!(whole(Type::U8.list(), json!([1]), json!([2])), Some(false));
        assert_eq!(
            whole(result(None, None), json!({"ok": null}), json!({"err": null})),
            Some(true)
        );
        assert_eq!(whole(point(), json!({"x": 1}), json!({"x": 2})), Some(false));
    }
}
