//! The scene of the tests over real sidecars: a home with the skill `probe` released in it.
#![allow(dead_code, reason = "none of these tests uses all of it")]

use std::fs;

use saggar_engine::{Authority, Bundle, Engine, Feedback, Options, Policy};
use serde_json::Value;
use tempfile::TempDir;

/// A change of the default policy: small arenas, which are soon full and soon looked through.
pub(crate) const SMALL_ARENA: (&str, &str) = ("arena = \"256MiB\"", "arena = \"1MiB\"");

pub(crate) struct Scene {
    pub(crate) dir: TempDir,
    pub(crate) policy: Policy,
    pub(crate) engine: Engine,
}

impl Scene {
    /// An engine under the default policy with these changes, and the skill released. Its plan is what
    /// comes after name, language and source.
    pub(crate) fn new(language: &str, plan: &str, source: &str, changes: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let policy = changes.iter().fold(saggar_policy::BUILTIN.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let policy = Policy::parse(&policy).unwrap();
        let engine = Engine::open(Options::under(policy.clone(), dir.path().join("home"))).unwrap();
        let scene = Scene { dir, policy, engine };
        scene.release("probe", language, plan, source);
        scene
    }

    /// Releases a skill.
    pub(crate) fn release(&self, name: &str, language: &str, plan: &str, source: &str) {
        let plan =
            format!("name = \"{name}\"\nlanguage = \"{language}\"\nsource = \"source\"\n{plan}");
        fs::write(self.dir.path().join("plan.toml"), plan).unwrap();
        fs::write(self.dir.path().join("source"), source).unwrap();
        let bundle = Bundle::read(self.dir.path(), self.engine.policy()).unwrap();
        let submission = self.engine.submit(&bundle, Some(Authority::Flag));
        assert_eq!(submission.release, Some(1), "{:?}", submission.feedback);
    }

    /// Calls a function of the skill.
    pub(crate) fn call(&self, name: &str, args: &[Value]) -> Result<Value, Box<Feedback>> {
        self.engine.call(&"probe".parse().unwrap(), name, args)
    }

    /// As [`Scene::call`], once for each of these.
    pub(crate) fn call_all(
        &self,
        name: &str,
        calls: &[Vec<Value>],
    ) -> Vec<Result<Value, Box<Feedback>>> {
        self.engine.call_all(&"probe".parse().unwrap(), name, calls).unwrap()
    }

    /// The events of this name in the ledger.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        self.engine.flush().unwrap();
        let ledger = fs::read_to_string(self.dir.path().join("home/ledger/ledger.jsonl")).unwrap();
        let events = ledger.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|entry| entry["event"] == name).collect()
    }
}
