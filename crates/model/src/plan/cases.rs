//! The plan's tests: TOML values to JSON values, checked against the interface.

use saggar_skill_abi::{Function, Interface, encode};
use serde_json::{Map, Number, Value};
use toml::Spanned;

use super::raw::RawTest;
use super::text::Text;
use crate::{Code, Expectation, Feedback, TestCase};

/// Most tests of a plan: each may take as long as a call.
const MAX_TESTS: usize = 1024;

/// Checks every test against the function it calls.
pub(super) fn resolve(
    text: &Text<'_>,
    tests: Vec<Spanned<RawTest>>,
    interface: &Interface,
) -> Result<Vec<TestCase>, Box<Feedback>> {
    if let Some(beyond) = tests.get(MAX_TESTS) {
        let message = format!("{} tests; a plan has at most {MAX_TESTS}", tests.len());
        let refusal = text.refuse(Code::PlanTests, beyond.span(), message);
        return Err(refusal.hint("keep the tests that tell most").into());
    }
    tests
        .into_iter()
        .map(|test| {
            let span = test.span();
            let (line, _) = text.place(span.start);
            resolve_one(test.into_inner(), interface, line).map_err(|message| {
                let known: Vec<_> = interface.functions.iter().map(ToString::to_string).collect();
                let hint = format!("the interface has {}", known.join(" "));
                text.refuse(Code::PlanTests, span, message).hint(hint).into()
            })
        })
        .collect()
}

fn resolve_one(test: RawTest, interface: &Interface, line: u32) -> Result<TestCase, String> {
    let (_, function) = interface
        .find(&test.call)
        .ok_or_else(|| format!("the test calls `{}`, which the interface lacks", test.call))?;
    let args = match one_of("args", test.args, "args-json", test.args_json)? {
        Some(Value::Array(args)) => args,
        Some(_) => return Err("args must be a list, one value per parameter".into()),
        None => Vec::new(),
    };
    encode::args(function, &args).map_err(|error| error.to_string())?;
    let expect = expectation(function, test.error, test.expect, test.expect_json)?;
    let tolerance = test.tolerance.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&tolerance) {
        return Err(format!("tolerance = {tolerance} must lie between 0 and 1"));
    }
    Ok(TestCase { call: test.call, args, expect, tolerance, line })
}

fn expectation(
    function: &Function,
    error: Option<String>,
    expect: Option<toml::Value>,
    expect_json: Option<String>,
) -> Result<Expectation, String> {
    let value = one_of("expect", expect, "expect-json", expect_json)?;
    match (value, error) {
        (Some(_), Some(_)) => Err("a test has either `expect` or `error`, not both".into()),
        (None, Some(error)) => Ok(Expectation::Error(error)),
        (None, None) => Ok(Expectation::Nothing),
        (Some(value), None) => {
            match &function.result {
                Some(ty) => {
                    encode::value(ty, &value, "expect").map_err(|error| error.to_string())?;
                }
                None if value.is_null() => {}
                None => return Err(format!("`{}` has no result to expect", function.name)),
            }
            Ok(Expectation::Value(value))
        }
    }
}

fn one_of(
    key: &str,
    value: Option<toml::Value>,
    json_key: &str,
    json: Option<String>,
) -> Result<Option<Value>, String> {
    match (value, json) {
        (Some(_), Some(_)) => Err(format!("a test has either `{key}` or `{json_key}`, not both")),
        (Some(value), None) => to_json(value).map(Some),
        (None, Some(text)) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| format!("{json_key} is no JSON: {error}")),
        (None, None) => Ok(None),
    }
}

fn to_json(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(n) => n.into(),
        toml::Value::Float(f) => match Number::from_f64(f) {
            Some(number) => Value::Number(number),
            None if f.is_nan() => "NaN".into(),
            None if f > 0.0 => "Infinity".into(),
            None => "-Infinity".into(),
        },
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(when) => return Err(format!("{when} is no value of an interface")),
        toml::Value::Array(items) => {
            Value::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| Ok((key, to_json(value)?)))
                .collect::<Result<Map<_, _>, String>>()?,
        ),
    })
}
