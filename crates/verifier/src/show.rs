//! Values as JSON text of a bounded length: what is shown of them, never what is compared. Takes
//! time bounded by the length shown, not by the value.

use saggar_model::TestCase;
use serde_json::Value;

/// Longest text of a value in a message, in bytes.
pub(crate) const LONGEST: usize = 200;

/// Longest text of an argument in a call.
const ARGUMENT: usize = 60;

/// A value's JSON text, cut where it gets long.
pub(crate) fn value(value: &Value) -> String {
    bounded(value, LONGEST)
}

/// A text as JSON, cut where it gets long.
pub(crate) fn text(text: &str) -> String {
    let mut out = String::new();
    string(text, &mut out, LONGEST);
    cut(out, LONGEST)
}

/// The call as written: `count("a b a", "a")`.
pub(crate) fn call(test: &TestCase) -> String {
    let args: Vec<_> = test.args.iter().map(|arg| bounded(arg, ARGUMENT)).collect();
    let args = cut(args.join(", "), LONGEST);
    format!("{}({args})", test.call)
}

fn bounded(value: &Value, limit: usize) -> String {
    let mut out = String::new();
    write(value, &mut out, limit);
    cut(out, limit)
}

/// Writes at least as much as `limit` asks for, and little more.
fn write(value: &Value, out: &mut String, limit: usize) {
    match value {
        Value::String(text) => string(text, out, limit),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if out.len() > limit {
                    return;
                }
                out.push_str(if i == 0 { "" } else { ", " });
                write(item, out, limit);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (i, (name, entry)) in entries.iter().enumerate() {
                if out.len() > limit {
                    return;
                }
                out.push_str(if i == 0 { "" } else { ", " });
                string(name, out, limit);
                out.push_str(": ");
                write(entry, out, limit);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn string(text: &str, out: &mut String, limit: usize) {
    let head: String = text.chars().take(limit).collect();
    out.push_str(&Value::String(head).to_string());
}

fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_values_are_cut_at_a_character() {
        assert_eq!(bounded(&json!(["a\n", 1.5, null]), 40), r#"["a\n", 1.5, null]"#);
        assert_eq!(bounded(&json!([1, 22, 333]), 7), "[1, 22,…");
        let record = json!({"a": [1, {"b": null}], "c": {}});
        assert_eq!(bounded(&record, 40), r#"{"a": [1, {"b": null}], "c": {}}"#);
        let many = (0..100_000).map(|i| (i.to_string(), json!({"x": [i]}))).collect();
        assert_eq!(bounded(&Value::Object(many), 14), r#"{"0": {"x": [0…"#);
        assert_eq!(text(&"é".repeat(500)), format!("\"{}…", "é".repeat(99)));
        assert_eq!(value(&json!(vec![0; 1_000_000])).chars().count(), LONGEST + 1);
    }
}
