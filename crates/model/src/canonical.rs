//! Canonical JSON: sorted keys, no spaces, integers in full decimal. The form that is digested.
//!
//! Written here because the usual canonicaliser (RFC 8785) rounds integers beyond 2^53, and
//! because the order of a `serde_json` map depends on a feature any dependency may switch on.

use serde::Serialize;
use serde_json::Value;

use crate::Digest;

/// The canonical text of a value.
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// The canonical text of anything that serialises to JSON.
///
/// # Errors
/// When the type's own `Serialize` fails or a map has keys that are no strings.
pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    Ok(to_string(&serde_json::to_value(value)?))
}

/// The SHA-256 of the canonical text.
///
/// # Errors
/// As for [`of`].
pub fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, serde_json::Error> {
    Ok(Digest::of(of(value)?.as_bytes()))
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_and_integers_exact() {
        let value = json!({"b": [1, 9007199254740993u64], "a": {"z": null, "y": "\n"}});
        assert_eq!(to_string(&value), r#"{"a":{"y":"\n","z":null},"b":[1,9007199254740993]}"#);
    }
}
