//! Policies for one case: the default policy with something switched off, opened or shortened, so
//! that exactly one layer is on trial.

use std::path::Path;
use std::{fmt, fs};

use toml::{Table, Value};

use crate::{Env, while_doing};

/// A policy under change.
#[derive(Clone, Debug)]
pub struct Policy(Table);

/// A call in a rule of seccomp.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    stage: String,
    /// `allow` or `answer`.
    kind: &'static str,
    /// Which rule of its kind.
    rule: usize,
    pub(crate) call: String,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.call, self.kind, self.rule + 1)
    }
}

impl Policy {
    /// The policy that is used when none is named.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn default_of(env: &Env) -> Result<Self, String> {
        Policy::named(env, "default")
    }

    /// A file of `policies/`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn named(env: &Env, name: &str) -> Result<Self, String> {
        let path = env.repository.join("policies").join(format!("{name}.toml"));
        let text = fs::read_to_string(path).map_err(while_doing("read a policy"))?;
        text.parse().map(Policy).map_err(while_doing("parse a policy"))
    }

    /// Scan refuses no import, so that what comes later is on trial.
    #[must_use]
    pub fn without_scan_denials(mut self) -> Self {
        self.set(&["scan"], "deny", Value::Array(Vec::new()));
        self
    }

    /// A stage of seccomp (`build`, `load`, `serve`) lets these system calls through.
    #[must_use]
    pub fn allow_syscalls(mut self, stage: &str, calls: &[&str], why: &str) -> Self {
        let named: Vec<Value> = calls.iter().map(|call| Value::from(*call)).collect();
        let rule =
            Table::from_iter([("calls".into(), Value::Array(named)), ("why".into(), why.into())]);
        // An answer of the same stage would be the stricter one.
        for answer in self.array(&["seccomp", stage], "answer") {
            if let Some(list) = answer.get_mut("calls").and_then(Value::as_array_mut) {
                list.retain(|call| !call.as_str().is_some_and(|call| calls.contains(&call)));
            }
        }
        self.array(&["seccomp", stage], "answer").retain(|rule| {
            rule.get("calls").and_then(Value::as_array).is_none_or(|list| !list.is_empty())
        });
        self.array(&["seccomp", stage], "allow").push(Value::Table(rule));
        self
    }

    /// Every call that the rules of a stage of seccomp name.
    pub(crate) fn calls_of(&self, stage: &str) -> Vec<Named> {
        let stage = stage.to_owned();
        let mut found = Vec::new();
        for kind in ["allow", "answer"] {
            let rules = self.0["seccomp"][&stage].get(kind).and_then(Value::as_array);
            for (rule, table) in rules.into_iter().flatten().enumerate() {
                let calls = table.get("calls").and_then(Value::as_array).into_iter().flatten();
                let names = calls.filter_map(Value::as_str).map(str::to_owned);
                found.extend(names.map(|call| Named { stage: stage.clone(), kind, rule, call }));
            }
        }
        found
    }

    /// Without one call of one rule.
    pub(crate) fn without(mut self, named: &Named) -> Self {
        let rules = self.array(&["seccomp", &named.stage], named.kind);
        let calls = rules[named.rule].get_mut("calls").and_then(Value::as_array_mut);
        let calls = calls.expect("a rule has calls");
        calls.retain(|call| call.as_str() != Some(&named.call));
        if calls.is_empty() {
            rules.remove(named.rule);
        }
        self
    }

    /// Another compiler for `c` or `c++`, and its directory shown to builds.
    #[must_use]
    pub fn compiler(mut self, language: &str, driver: &Path) -> Self {
        let path = driver.display().to_string();
        self.set(&["build", language], "compiler", Value::from(path));
        self.read_only(driver.parent().unwrap_or(driver))
    }

    /// Another linker for C and C++, and its directory shown to builds.
    #[must_use]
    pub fn linker(mut self, program: &Path) -> Self {
        self.set(&["build"], "linker", Value::from(program.display().to_string()));
        self.read_only(program.parent().unwrap_or(program))
    }

    /// One more host path that builds see.
    #[must_use]
    pub fn read_only(mut self, path: &Path) -> Self {
        self.array(&["build"], "read-only").push(Value::from(path.display().to_string()));
        self
    }

    /// How long a build may take.
    #[must_use]
    pub fn build_deadline(mut self, time: &str) -> Self {
        self.set(&["limits", "build-deadline"], "default", Value::from(time));
        self
    }

    /// How long a load may take.
    #[must_use]
    pub fn load_deadline(mut self, time: &str) -> Self {
        self.set(&["sidecar"], "load-deadline", Value::from(time));
        self
    }

    /// Size of the memory that arguments and results cross in.
    #[must_use]
    pub fn arena(mut self, size: &str) -> Self {
        self.set(&["sidecar"], "arena", Value::from(size));
        self
    }

    /// Memory of all processes of a build together.
    #[must_use]
    pub fn build_memory(mut self, size: &str) -> Self {
        self.set(&["build"], "memory", Value::from(size));
        self
    }

    /// How much of what a tool prints is kept.
    #[must_use]
    pub fn build_output(mut self, size: &str) -> Self {
        self.set(&["build"], "output", Value::from(size));
        self
    }

    /// Room for all files of a build together.
    #[must_use]
    pub fn build_room(mut self, size: &str) -> Self {
        self.set(&["build"], "work", Value::from(size));
        self
    }

    /// How large an artifact may be.
    #[must_use]
    pub fn artifact(mut self, size: &str) -> Self {
        self.set(&["build"], "artifact", Value::from(size));
        self
    }

    /// How many processes a jail may have at once.
    #[must_use]
    pub fn processes(mut self, number: u32) -> Self {
        self.set(&["jail"], "processes", Value::from(i64::from(number)));
        self
    }

    /// Its text.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }

    fn table(&mut self, path: &[&str]) -> &mut Table {
        path.iter().fold(&mut self.0, |table, key| {
            table
                .get_mut(*key)
                .and_then(Value::as_table_mut)
                .unwrap_or_else(|| panic!("the default policy has a table {key}"))
        })
    }

    fn set(&mut self, path: &[&str], key: &str, value: Value) {
        self.table(path).insert(key.to_owned(), value);
    }

    fn array(&mut self, path: &[&str], key: &str) -> &mut Vec<Value> {
        let empty = || Value::Array(Vec::new());
        let value = self.table(path).entry(key).or_insert_with(empty);
        value.as_array_mut().unwrap_or_else(|| panic!("{key} is an array in the default policy"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default() -> Policy {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let env = Env { binaries: root.clone(), repository: root, full: false };
        Policy::default_of(&env).expect("it is there")
    }

    #[test]
    fn variants_change_what_they_name() {
        let policy = default()
            .without_scan_denials()
            .compiler("c++", Path::new("/somewhere/fake"))
            .build_deadline("2s")
            .allow_syscalls("serve", &["ftruncate"], "a test");
        let again: Table = policy.text().parse().expect("it is TOML");
        assert_eq!(again["scan"]["deny"].as_array().map(Vec::len), Some(0));
        assert_eq!(again["build"]["c++"]["compiler"].as_str(), Some("/somewhere/fake"));
        let shown = again["build"]["read-only"].as_array().expect("an array");
        assert!(shown.contains(&Value::from("/somewhere")));
        assert!(policy.text().contains("ftruncate"));
        assert_ne!(policy.text(), default().text());
    }

    #[test]
    fn what_is_allowed_is_no_longer_answered() {
        let policy = default().allow_syscalls("serve", &["clone3"], "a test");
        let again: Table = policy.text().parse().expect("it is TOML");
        let answers = again["seccomp"]["serve"]["answer"].as_array().expect("an array");
        assert!(answers.iter().all(|rule| !rule["calls"].to_string().contains("clone3")));
    }
}
