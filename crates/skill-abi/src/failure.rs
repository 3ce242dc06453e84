//! What a result says of success. Pure; called by whoever has decoded one.

use serde_json::Value;

use crate::Type;

/// The message of a value that is the `err` of a `result`, and `None` for every other value:
/// a string payload as it stands, any other as JSON.
///
/// ```
/// use saggar_skill_abi::{Type, failure};
/// use serde_json::json;
/// let ty = Type::Result { ok: None, err: Some(Box::new(Type::String)) };
/// assert_eq!(failure(Some(&ty), &json!({"err": "empty"})).as_deref(), Some("empty"));
/// assert_eq!(failure(Some(&ty), &json!({"ok": null})), None);
/// ```
pub fn failure(ty: Option<&Type>, value: &Value) -> Option<String> {
    let Some(Type::Result { .. }) = ty else { return None };
    Some(match value.get("err")? {
        Value::String(text) => text.clone(),
        Value::Null => "the function returned an error".to_owned(),
        other => other.to_string(),
    })
}
