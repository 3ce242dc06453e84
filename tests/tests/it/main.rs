//! The integration binary: one test per case of the table, and what holds for the fixtures.

mod rules;
mod seccomp;

use std::fs;
use std::path::Path;

use saggar_tests::{Env, cases};

fn check(id: &str) {
    let env = Env::locate().unwrap_or_else(|reason| panic!("{reason}"));
    if let Err(reason) = cases::run(&env, id) {
        panic!("{id}: {reason}");
    }
}

macro_rules! tests {
    ($($name:ident, $module:ident::$function:ident, $id:literal, $title:literal;)+) => {
        $(#[test]
        fn $name() {
            check($id);
        })+
    };
}
saggar_tests::for_each_case!(tests);

#[test]
fn every_hostile_skill_is_in_a_case() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = fs::read_dir(package.join("src/cases")).expect("the cases").flatten();
    let text: String =
        sources.map(|file| fs::read_to_string(file.path()).expect("a source")).collect();
    for skill in fs::read_dir(package.join("skills/hostile")).expect("the fixtures").flatten() {
        let name = skill.file_name().to_string_lossy().into_owned();
        let names = [format!("\"{name}\""), format!("\"hostile/{name}\"")];
        assert!(names.iter().any(|name| text.contains(name)), "{name} is in no case");
    }
}

#[test]
fn ids_are_unique_and_titles_are_one_line() {
    let mut ids: Vec<_> = cases::ALL.iter().map(|case| case.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), cases::ALL.len());
    assert!(cases::ALL.iter().all(|case| !case.title.contains('\n')));
}
