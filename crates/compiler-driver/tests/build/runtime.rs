//! The object that every skill is linked with: compiled when the toolchain is asked what it is, and
//! kept beside the answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use saggar_compiler_driver::LocalDriver;
use saggar_model::Principal;
use saggar_plugin_abi::{BuildRequest, CompilerDriver};

use crate::jig::{Jig, Skill, driver};

const SOURCES: [(&str, &str); 3] = [
    ("c", "unsigned answer(unsigned n) { return n; }\n"),
    ("c++", "unsigned answer(unsigned n) { if (!n) throw 1; return n; }\n"),
    ("rust", "pub fn answer(n: u32) -> u32 { n.checked_mul(1).unwrap() }\n"),
];

/// The objects of a cache: one of each toolchain, and Rust's has the linker of C's.
fn kept(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "o")).collect();
    found.sort();
    found
}

/// When each was written.
fn written(cache: &Path) -> Vec<SystemTime> {
    let times = kept(cache).into_iter().map(|path| fs::metadata(path).unwrap().modified().unwrap());
    times.collect()
}

fn artifact(driver: &LocalDriver, skill: &Skill) -> Vec<u8> {
    let principal = Principal::uid(7);
    let request = BuildRequest { plan: &skill.plan, source: &skill.source, principal: &principal };
    let prepared = driver.prepare(request).unwrap_or_else(|error| panic!("{:?}", error.feedback()));
    prepared.build().unwrap_or_else(|failed| panic!("{:?}", failed.error.feedback())).artifact
}

#[test]
fn it_is_compiled_once_and_not_with_every_skill() {
    for (language, source) in SOURCES {
        let jig = Jig::new();
        let skill = Skill::new(language, source, "");
        let first = jig.artifact(&skill);
        let steps = |built: &saggar_plugin_abi::Built| -> Vec<String> {
            built.record.commands.iter().map(|command| command.step.clone()).collect()
        };
        let (expected, objects) = match language {
            "rust" => (&["compile"][..], 2),
            _ => (&["compile", "link"][..], 1),
        };
        assert_eq!(steps(&first), expected);
        let at = written(jig.cache.path());
        assert_eq!(at.len(), objects);
        let again = artifact(&driver(jig.cache.path(), &[]), &skill);
        assert_eq!(written(jig.cache.path()), at);
        assert!(again == first.artifact);
    }
}

#[test]
fn two_homes_have_the_same_one() {
    for (language, source) in SOURCES {
        let [one, other] = [Jig::new(), Jig::new()];
        let skill = Skill::new(language, source, "");
        assert!(one.whole(&skill) == other.whole(&skill));
        let bytes = |jig: &Jig| -> Vec<Vec<u8>> {
            kept(jig.cache.path()).iter().map(|path| fs::read(path).unwrap()).collect()
        };
        assert!(bytes(&one) == bytes(&other));
    }
}

#[test]
fn one_that_is_not_whole_is_compiled_anew() {
    for (language, source) in SOURCES {
        let jig = Jig::new();
        let skill = Skill::new(language, source, "");
        let first = jig.artifact(&skill).artifact;
        for file in &kept(jig.cache.path()) {
            let whole = fs::read(file).unwrap();
            let damages: [&dyn Fn(); 3] = [
                &|| fs::remove_file(file).unwrap(),
                &|| fs::write(file, &whole[..whole.len() / 2]).unwrap(),
                &|| fs::write(file, b"INPUT(/etc/shadow)\n").unwrap(),
            ];
            for damage in damages {
                damage();
                assert!(artifact(&driver(jig.cache.path(), &[]), &skill) == first);
                assert!(fs::read(file).unwrap() == whole);
            }
        }
    }
}
