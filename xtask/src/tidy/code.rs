//! What holds for code: where unsafe, processes, loading and the outside world may occur.

use super::Violation;
use super::tree::{File, Tree};

/// Crates whose business is unsafe.
const MAY_BE_UNSAFE: [&str; 4] = ["jail", "skill-abi", "plugin-abi", "sidecar"];

/// Unsafe is forbidden in every other crate; in `sidecar-api` one module is excepted.
pub(crate) fn unsafe_is_forbidden(tree: &Tree) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let is_root =
        |file: &&File| ["/src/lib.rs", "/src/main.rs"].iter().any(|name| file.path.ends_with(name));
    for file in tree.rust().filter(is_root).filter(|f| !MAY_BE_UNSAFE.contains(&f.package())) {
        let (lint, exceptions) = match file.package() {
            "sidecar-api" => ("#![deny(unsafe_code)]", 1),
            _ => ("#![forbid(unsafe_code)]", 0),
        };
        if !file.code().iter().any(|(_, line)| *line == lint) {
            wrong.push(format!("{}: lacks {lint}", file.path));
        }
        let of_package = tree.rust().filter(|other| other.package() == file.package());
        let lines = of_package.flat_map(File::code);
        let found = lines.filter(|(_, line)| {
            ["expect(", "allow("].iter().any(|word| {
                line.trim_start().starts_with('#') && line.contains(&format!("{word}unsafe_code"))
            })
        });
        let found = found.count();
        if found != exceptions {
            wrong.push(format!("{}: {found} exceptions, not {exceptions}", file.path));
        }
    }
    wrong
}

/// Text that says that something is not done. In two halves, so that this file is not its own
/// finding.
const UNDONE: [&str; 3] =
    [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];

/// Nothing is left for later and no test is switched off.
pub(crate) fn nothing_is_left_undone(tree: &Tree) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for file in tree.rust() {
        for (line, number) in file.text.lines().zip(1..) {
            if let Some(found) = UNDONE.iter().find(|word| line.contains(*word)) {
                wrong.push(format!("{}:{number}: {found}", file.path));
            }
        }
    }
    wrong
}

/// Who may start processes.
const MAY_SPAWN: [&str; 4] = ["jail", "xtask", "tests", "bench"];

/// Only the jail starts processes; xtask, benches, the harness and other tests are exempt.
pub(crate) fn only_the_jail_spawns(tree: &Tree) -> Vec<Violation> {
    let files = tree.rust().filter(|file| !MAY_SPAWN.contains(&file.package()));
    let needles = ["process::Command", "Command::new(", "posix_spawn", "libc::fork", "libc::exec"];
    mentions(files, &needles, "only saggar-jail starts processes")
}

/// Only the sidecar loads code.
pub(crate) fn only_the_sidecar_loads(tree: &Tree) -> Vec<Violation> {
    let files = tree.rust().filter(|file| !["sidecar", "xtask"].contains(&file.package()));
    mentions(files, &["libloading::", "libc::dlopen"], "only saggar-sidecar loads code")
}

/// Crates that decide and touch nothing.
const PURE: [&str; 7] =
    ["model", "policy", "scanner", "breaker", "gate", "skill-abi", "plugin-abi"];

/// Modules and types of std that reach the outside world.
const WORLD: [&str; 5] = ["fs", "net", "process", "SystemTime", "Instant"];

/// The pure crates use no file, network, process or clock.
pub(crate) fn pure_crates_are_pure(tree: &Tree) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for file in tree.rust().filter(|file| PURE.contains(&file.package()) && !file.is_test()) {
        // As one text, so that a `use` over several lines is one statement.
        let code: String = file.code().iter().flat_map(|(_, line)| [line.trim(), " "]).collect();
        for word in WORLD.into_iter().filter(|word| uses(&code, word)) {
            wrong.push(format!("{}: uses std's {word}; this crate touches nothing", file.path));
        }
    }
    wrong
}

/// Whether code names something of std, by its path or in a `use` of several.
fn uses(code: &str, word: &str) -> bool {
    let is_word =
        |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == word);
    let paths = [format!("std::{word}"), format!("std::time::{word}")];
    let by_path = paths.iter().any(|path| {
        code.match_indices(path.as_str()).any(|(at, _)| {
            let next = code[at + path.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    });
    let statements = code.split(';').filter_map(|statement| statement.split_once("use std::"));
    by_path || statements.into_iter().any(|(_, names)| names.contains('{') && is_word(names))
}

fn mentions<'t>(
    files: impl Iterator<Item = &'t File>,
    needles: &[&str],
    rule: &str,
) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for file in files.filter(|file| !file.is_test()) {
        for (number, line) in file.code() {
            if let Some(found) = needles.iter().find(|needle| line.contains(*needle)) {
                wrong.push(format!("{}:{number}: {found}: {rule}", file.path));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn a_crate_without_the_lint_is_wrong() {
        let good = "//! a\n#![forbid(unsafe_code)]\n";
        let api = "#![deny(unsafe_code)]\n#[expect(unsafe_code, reason = \"\")]\nmod arena;\n";
        let right = [("crates/engine/src/lib.rs", good), ("crates/sidecar-api/src/lib.rs", api)];
        assert!(unsafe_is_forbidden(&tree(&right)).is_empty());
        assert!(unsafe_is_forbidden(&tree(&[("crates/jail/src/lib.rs", "")])).is_empty());
        for (path, text) in [
            ("crates/engine/src/lib.rs", "//! #![forbid(unsafe_code)]\n"),
            ("crates/engine/src/lib.rs", "#![deny(unsafe_code)]\n"),
            ("xtask/src/main.rs", ""),
            ("crates/sidecar-api/src/lib.rs", "#![deny(unsafe_code)]\n"),
        ] {
            assert_eq!(unsafe_is_forbidden(&tree(&[(path, text)])).len(), 1, "{path} {text}");
        }
        let twice = [right[1], ("crates/sidecar-api/src/call.rs", "#![allow(unsafe_code)]\n")];
        assert_eq!(unsafe_is_forbidden(&tree(&twice)).len(), 1);
    }

    #[test]
    fn what_is_left_undone_is_wrong() {
        for word in UNDONE {
            assert_eq!(nothing_is_left_undone(&tree(&[("tests/tests/it.rs", word)])).len(), 1);
        }
        assert!(nothing_is_left_undone(&tree(&[("a.rs", "// to do: tidy up")])).is_empty());
    }

    #[test]
    fn a_process_started_elsewhere_is_wrong() {
        let text = "use std::process::Command;\n";
        let wrong = |path| only_the_jail_spawns(&tree(&[(path, text)])).len();
        assert_eq!(wrong("crates/engine/src/lib.rs"), 1);
        assert_eq!(wrong("crates/jail/src/host.rs"), 0);
        assert_eq!(wrong("crates/scanner/tests/scan/objects.rs"), 0);
        assert_eq!(wrong("tests/src/process.rs"), 0);
    }

    #[test]
    fn loading_elsewhere_is_wrong() {
        let text = "    let library = unsafe { libloading::Library::new(path) };\n";
        let wrong = |path| only_the_sidecar_loads(&tree(&[(path, text)])).len();
        assert_eq!(wrong("crates/engine/src/lib.rs"), 1);
        assert_eq!(wrong("crates/sidecar/src/load.rs"), 0);
    }

    #[test]
    fn a_pure_crate_that_looks_outside_is_wrong() {
        let wrong =
            |text| pure_crates_are_pure(&tree(&[("crates/scanner/src/lib.rs", text)])).len();
        assert_eq!(wrong("fn f() { std::fs::read(p); }"), 1);
        assert_eq!(wrong("use std::{\n    fs,\n    io,\n};\n"), 1);
        assert_eq!(wrong("use std::time::{Duration, Instant};\n"), 1);
        assert_eq!(wrong("use std::time::Instant;\n"), 1);
        assert_eq!(wrong("let now = std::time::SystemTime::now();"), 1);
        assert_eq!(wrong("use std::fmt;\nuse std::time::Duration;\nuse std::fs_like;\n"), 0);
        assert_eq!(wrong("//! std::fs\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"), 0);
        let elsewhere = tree(&[("crates/ledger/src/lib.rs", "use std::fs;\n")]);
        assert!(pure_crates_are_pure(&elsewhere).is_empty());
    }
}
