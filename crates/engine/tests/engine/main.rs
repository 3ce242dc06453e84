//! The engine over stages that are told what to answer, with a real store and a real ledger: what
//! it writes down and when, what it starts and ends, what it keeps.
#![cfg(test)]

mod duplicates;
mod fakes;
mod flat;
mod idle;
mod kept;
mod stages;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use saggar_artifact_store::Store;
use saggar_engine::{Authority, Bundle, Engine, Policy, Stages, Submission};
use saggar_ledger::{Ledger, Outcome, read, verify};
use saggar_model::{Entry, Principal};
use tempfile::TempDir;

use fakes::{Driver, Shared, Sidecars, Verifier};

/// A home with an engine over it, and the strings that its stages hang on.
struct Jig {
    told: Arc<Shared>,
    policy: Arc<Policy>,
    dir: TempDir,
}

impl Jig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Jig { told: Arc::default(), policy: Arc::new(Policy::builtin()), dir }
    }

    fn engine(&self) -> Engine {
        self.engine_of(1000)
    }

    fn engine_of(&self, uid: u32) -> Engine {
        let stages = Stages {
            driver: Box::new(Driver(Arc::clone(&self.told))),
            scanner: Box::new(fakes::Scanner(Arc::clone(&self.told))),
            sidecars: Box::new(Sidecars(Arc::clone(&self.told))),
            verifier: Box::new(Verifier),
            store: Box::new(Store::open(&self.dir.path().join("store")).unwrap()),
            ledger: Box::new(fakes::Sink {
                ledger: Ledger::open(&self.ledger()).unwrap(),
                told: Arc::clone(&self.told),
            }),
        };
        Engine::with_stages(Arc::clone(&self.policy), Principal::uid(uid), stages)
    }

    fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    /// A skill of this name with this source.
    fn bundle(&self, name: &str, source: &str) -> Bundle {
        let dir = self.dir.path().join("skill");
        fs::create_dir_all(&dir).unwrap();
        let plan = format!(
            "name='{name}'\nlanguage='c'\nsource='a.c'\ninterface='f: func() -> u8;'\n\
             [[test]]\ncall='f'\nargs=[]\nexpect=1\n"
        );
        fs::write(dir.join("plan.toml"), plan).unwrap();
        fs::write(dir.join("a.c"), source).unwrap();
        Bundle::read(&dir, &self.policy).unwrap()
    }

    /// What the ledger holds, which must be sound.
    fn entries(&self) -> Vec<Entry> {
        assert_eq!(verify(&self.ledger()).unwrap().outcome, Outcome::Ok);
        read(&self.ledger(), 0, 100_000).unwrap()
    }

    /// The events about a submission, by their names.
    fn events(&self, of: &Submission) -> Vec<String> {
        let id = serde_json::json!(of.submission);
        let all = self.entries().into_iter().map(|entry| serde_json::json!(entry));
        all.filter(|entry| entry["submission"] == id)
            .map(|entry| entry["event"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn submit(engine: &Engine, bundle: &Bundle) -> Submission {
    engine.submit(bundle, Some(Authority::Flag))
}

/// Waits for something that happens without anybody waiting for it.
fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(60), "never {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// An object of the store.
fn object(dir: &Path, digest: saggar_model::Digest) -> PathBuf {
    let text = digest.to_string();
    dir.join("store/objects").join(&text[..2]).join(&text[2..])
}
