//! The scan key and the verify key. A result is reused only under its own key.

use saggar_model::{Digest, Expectation, KeyHasher, Language, Plan};
use serde_json::json;

/// Artifact, its language and scan rules.
pub(crate) fn scan_key(artifact: Digest, language: Language, rules: Digest) -> Digest {
    KeyHasher::new("scan key 1")
        .part("artifact", artifact.as_bytes())
        .part("language", language.as_str().as_bytes())
        .part("rules", rules.as_bytes())
        .finish()
}

/// Artifact, the plan's tests and limits, and the verifier's own rules.
pub(crate) fn verify_key(artifact: Digest, plan: &Plan, rules: Digest) -> Digest {
    let mut key = KeyHasher::new("verify key 1")
        .part("artifact", artifact.as_bytes())
        .part("limits", format!("{:?}", plan.limits).as_bytes())
        .part("rules", rules.as_bytes());
    for test in &plan.tests {
        let expect = match &test.expect {
            Expectation::Value(value) => json!({ "value": value }),
            Expectation::Error(text) => json!({ "error": text }),
            Expectation::Nothing => json!({}),
        };
        let text = json!([test.call, test.args, expect, test.tolerance]);
        key = key.part("test", saggar_model::canonical::to_string(&text).as_bytes());
    }
    key.finish()
}
