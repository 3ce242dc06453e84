//! The plan as it is written: the TOML shape, unknown keys refused, nothing resolved yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::text::Text;
use crate::{ByteSize, Code, Feedback, Millis};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawPlan {
    pub(super) format: Option<Spanned<u32>>,
    pub(super) name: Spanned<String>,
    pub(super) description: Option<String>,
    pub(super) language: Spanned<String>,
    pub(super) compiler: Option<Spanned<String>>,
    pub(super) standard: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) flags: Vec<Spanned<String>>,
    pub(super) source: Spanned<String>,
    pub(super) interface: Option<Spanned<String>>,
    pub(super) network: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) symbols: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) limits: RawLimits,
    #[serde(default)]
    pub(super) test: Vec<Spanned<RawTest>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawLimits {
    pub(super) memory: Option<Spanned<ByteSize>>,
    pub(super) call_deadline: Option<Spanned<Millis>>,
    pub(super) build_deadline: Option<Spanned<Millis>>,
    pub(super) threads: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawTest {
    pub(super) call: String,
    pub(super) args: Option<toml::Value>,
    pub(super) args_json: Option<String>,
    pub(super) expect: Option<toml::Value>,
    pub(super) expect_json: Option<String>,
    pub(super) error: Option<String>,
    pub(super) tolerance: Option<f64>,
}

impl RawPlan {
    pub(super) fn parse(text: &Text<'_>) -> Result<Self, Box<Feedback>> {
        toml::from_str(text.source).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().trim().to_owned();
            let hint = if message.starts_with("unknown field") {
                "remove the key, or spell it as one of those listed"
            } else if message.starts_with("missing field") {
                "add the key; a plan needs at least name, language, source and interface"
            } else {
                "mend the TOML at this place"
            };
            text.refuse(Code::PlanToml, span, message).hint(hint).into()
        })
    }
}
