//! Wrong submissions: what tests/skills/wrong/expected.toml says of each.

use serde_json::Value;
use toml::Table;

use crate::{Env, Jig, Output, Verdict, ensure, while_doing};

macro_rules! wrong {
    ($($function:ident = $name:literal,)+) => {
        $(pub(super) fn $function(env: &Env) -> Verdict {
            tells(env, $name)
        })+

        /// Every wrong skill that has a case.
        #[cfg(test)]
        const NAMES: &[&str] = &[$($name),+];
    };
}

wrong! {
    syntax_error = "syntax-error",
    many_errors = "many-errors",
    missing_function = "missing-function",
    type_mismatch = "type-mismatch",
    link_error = "link-error",
    endless_template = "endless-template",
    crash_in_test = "crash-in-test",
    wrong_answer = "wrong-answer",
    missing_source = "missing-source",
    bad_toml = "bad-toml",
    unknown_key = "unknown-key",
}

/// What the feedback must say.
struct Expected {
    exit: i32,
    file: String,
    line: i64,
    contains: String,
}

fn expected(env: &Env, name: &str) -> Result<Expected, String> {
    let path = env.skills("wrong").join("expected.toml");
    let text = std::fs::read_to_string(path).map_err(while_doing("expected.toml"))?;
    let all: Table = text.parse().map_err(while_doing("expected.toml"))?;
    let one = all.get(name).ok_or_else(|| format!("expected.toml has no {name}"))?;
    let text = |key: &str| one.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let number = |key: &str| one.get(key).and_then(toml::Value::as_integer);
    let found = || {
        let exit = i32::try_from(number("exit")?).ok()?;
        let contains = text("contains")?;
        Some(Expected { exit, file: text("file")?, line: number("line")?, contains })
    };
    found().ok_or_else(|| format!("expected.toml lacks a key of {name}"))
}

fn tells(env: &Env, name: &str) -> Verdict {
    let expected = expected(env, name)?;
    let jig = Jig::new(env)?;
    let fixture = format!("wrong/{name}");
    let first = jig.submit_fixture(&fixture)?.exits(expected.exit)?;
    check(&first, &expected)?;
    // The same input gives the same bytes: remembered in this home, and worked out in another.
    let second = jig.submit_fixture(&fixture)?;
    let elsewhere = Jig::new(env)?;
    let third = elsewhere.submit_fixture(&fixture)?;
    for again in [second, third] {
        let same = again.feedback() == first.feedback();
        ensure!(same && again.exit == first.exit, "once {first}; again {again}");
    }
    elsewhere.finish()?;
    jig.finish()
}

fn check(output: &Output, expected: &Expected) -> Verdict {
    let json = &output.json;
    ensure!(json["exit_code"] == expected.exit, "exit_code says otherwise: {output}");
    ensure!(json["release"].is_null() && json["status"] == "rejected", "not rejected: {output}");
    let feedback = output.feedback();
    let places = feedback["diagnostics"].as_array().into_iter().flatten();
    let place = places.into_iter().find(|place| {
        let there = place["file"] == expected.file.as_str() && place["line"] == expected.line;
        there && place["severity"] == "error"
    });
    let Some(place) = place else {
        return Err(format!("it does not point at {}:{}: {output}", expected.file, expected.line));
    };
    let told = feedback.to_string();
    let wanted = Value::from(expected.contains.as_str()).to_string();
    ensure!(told.contains(wanted.trim_matches('"')), "it lacks {wanted}: {output}");
    let advice = [&place["fix"], &feedback["hint"]];
    ensure!(advice.iter().any(|text| text.is_string()), "it does not say what to do: {output}");
    ensure!(place["excerpt"].is_string(), "it does not show the line: {output}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_skill_has_a_case() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let env = Env { binaries: root.clone(), repository: root, full: false };
        let mut names = NAMES.to_vec();
        names.sort_unstable();
        assert_eq!(env.skill_names("wrong").unwrap(), names);
        for name in names {
            assert!(expected(&env, name).is_ok(), "{name}");
        }
    }
}
