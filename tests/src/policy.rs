//! Policies for one case: the default policy with something switched off, opened or shortened, so
//! that exactly one layer is on trial.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::{Env, while_doing};

/// A policy under change.
#[derive(Clone, Debug)]
pub struct Policy(Table);

impl Policy {
    /// The policy that is used when none is named.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn default_of(env: &Env) -> Result<Self, String> {
        let path = env.repository.join("policies/default.toml");
        let text = fs::read_to_string(path).map_err(while_doing("read the default policy"))?;
        text.parse().map(Policy).map_err(while_doing("parse the default policy"))
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

    /// Another compiler for `c` or `c++`, and its directory shown to builds.
    #[must_use]
    pub fn compiler(mut self, language: &str, driver: &Path) -> Self {
        let path = driver.display().to_string();
        self.set(&["build", language], "compiler", Value::from(path));
        self.read_only(driver.parent().unwrap_or(driver))
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
