//! The typed fixtures: one plan for several languages, a source in each, and a bug to plant.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use toml::Table;

use crate::{Env, fixture, while_doing};

/// Endings of source files and the languages they stand for.
pub(crate) const LANGUAGES: [(&str, &str); 3] = [("cpp", "c++"), ("c", "c"), ("rs", "rust")];

/// A directory of `tests/skills/typed`.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) name: String,
    directory: PathBuf,
    plan: Table,
    /// The bug planted in every language, and what Verify must say of it.
    pub(crate) bug: Bug,
}

/// What `bug.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bug {
    /// The function whose test fails.
    pub(crate) call: String,
    /// Texts that the feedback contains: what was expected and what came.
    pub(crate) contains: Vec<String>,
    cpp: Option<Change>,
    c: Option<Change>,
    rs: Option<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    find: String,
    replace: String,
}

/// A call that a test of the plan makes.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) function: String,
    /// Arguments as JSON texts.
    pub(crate) args: Vec<String>,
}

impl Typed {
    /// Reads one.
    pub(crate) fn read(env: &Env, name: &str) -> Result<Self, String> {
        let directory = env.skills("typed").join(name);
        let plan = fixture::plan(&directory)?;
        let text =
            fs::read_to_string(directory.join("bug.toml")).map_err(while_doing("bug.toml"))?;
        let bug = toml::from_str(&text).map_err(while_doing("bug.toml"))?;
        Ok(Typed { name: name.to_owned(), directory, plan, bug })
    }

    /// The endings of the sources that are there, with their languages.
    pub(crate) fn languages(&self) -> Vec<(&'static str, &'static str)> {
        LANGUAGES.into_iter().filter(|(ending, _)| self.source(ending).is_file()).collect()
    }

    fn source(&self, ending: &str) -> PathBuf {
        self.directory.join(format!("{}.{ending}", self.name.replace('-', "_")))
    }

    /// The skill's name in one language.
    pub(crate) fn skill(&self, ending: &str) -> String {
        format!("{}-{ending}", self.name)
    }

    /// A directory to submit, with the bug or without.
    pub(crate) fn directory(&self, ending: &str, bugged: bool) -> Result<TempDir, String> {
        let directory = fixture::open_directory("saggar-typed-")?;
        let source = self.source(ending);
        let mut text = fs::read_to_string(&source).map_err(while_doing(&self.name))?;
        if bugged {
            text = self.planted(ending, &text)?;
        }
        let file = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        fixture::write(&directory.path().join(&file), text)?;
        let (_, language) =
            LANGUAGES.into_iter().find(|(known, _)| *known == ending).ok_or("no such language")?;
        let mut plan = self.plan.clone();
        for (key, value) in [("name", self.skill(ending)), ("source", file)] {
            plan.insert(key.to_owned(), value.into());
        }
        plan.insert("language".to_owned(), language.into());
        fixture::write(&directory.path().join("plan.toml"), plan.to_string())?;
        Ok(directory)
    }

    fn planted(&self, ending: &str, text: &str) -> Result<String, String> {
        let change = match ending {
            "cpp" => &self.bug.cpp,
            "c" => &self.bug.c,
            _ => &self.bug.rs,
        };
        let change = change.as_ref().ok_or_else(|| format!("{}: no bug in {ending}", self.name))?;
        match text.matches(&change.find).count() {
            1 => Ok(text.replace(&change.find, &change.replace)),
            n => Err(format!("{}.{ending} holds {:?} {n} times", self.name, change.find)),
        }
    }

    /// Every call that the plan's tests make.
    pub(crate) fn calls(&self) -> Result<Vec<Call>, String> {
        let tests = self.plan.get("test").and_then(toml::Value::as_array).ok_or("no tests")?;
        tests.iter().map(|test| call(test).ok_or_else(|| format!("{test} is no test"))).collect()
    }
}

fn call(test: &toml::Value) -> Option<Call> {
    let args: Vec<Value> = match test.get("args-json") {
        Some(text) => serde_json::from_str(text.as_str()?).ok()?,
        None => test.get("args")?.as_array()?.iter().map(json).collect(),
    };
    let function = test.get("call")?.as_str()?.to_owned();
    Some(Call { function, args: args.iter().map(Value::to_string).collect() })
}

/// A value of TOML as the contract writes it in JSON.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(n) => (*n).into(),
        toml::Value::Float(f) if f.is_nan() => "NaN".into(),
        toml::Value::Float(f) if f.is_infinite() => {
            if *f > 0.0 {
                "Infinity".into()
            } else {
                "-Infinity".into()
            }
        }
        toml::Value::Float(f) => (*f).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(when) => when.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json(value))).collect())
        }
    }
}
