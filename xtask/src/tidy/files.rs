//! What holds for files as such: how they begin, how long they are, that they tell of no machine.

use super::Violation;
use super::tree::{File, Tree};

/// Every Rust file says first what it is for.
pub(crate) fn open_with_a_purpose(tree: &Tree) -> Vec<Violation> {
    let silent = tree.rust().filter(|file| !file.text.starts_with("//! "));
    silent.map(|file| format!("{}: does not open with `//! `", file.path)).collect()
}

/// Longest file, in lines.
const LENGTH: usize = 500;

/// Files that may be longer, each with the reason.
pub(crate) const LONG: &[(&str, &str)] = &[];

/// No Rust file is longer than 500 lines without a reason, and no reason outlives its file.
pub(crate) fn length(tree: &Tree, allowed: &[(&str, &str)]) -> Vec<Violation> {
    let is_long = |file: &&File| file.text.lines().count() > LENGTH;
    let long: Vec<&str> = tree.rust().filter(is_long).map(|file| file.path.as_str()).collect();
    let mut wrong = Vec::new();
    for path in long.iter().filter(|path| !allowed.iter().any(|(name, _)| name == *path)) {
        wrong.push(format!("{path}: longer than {LENGTH} lines"));
    }
    for (path, reason) in allowed {
        if !long.contains(path) || reason.is_empty() {
            wrong.push(format!("{path}: allowed to be long, but is not, or for no reason"));
        }
    }
    wrong
}

/// Beginnings of paths that lie in somebody's home.
const HOMES: [&str; 3] = ["/home/", "/Users/", concat!("/ro", "ot/")];

/// No file names the directory of a home or of this checkout.
pub(crate) fn machine_paths(tree: &Tree, machine: &[String]) -> Vec<Violation> {
    // A checkout or home at the top level would be a word of its own in ordinary paths.
    let deep = machine.iter().filter(|path| path.matches('/').count() >= 2);
    let needles: Vec<&str> = deep.map(String::as_str).chain(HOMES).collect();
    let mut wrong = Vec::new();
    for file in tree.files.iter().filter(|file| file.path != "xtask/src/tidy/files.rs") {
        for (line, number) in file.text.lines().zip(1..) {
            if let Some(found) = needles.iter().find(|needle| names(line, needle)) {
                wrong.push(format!("{}:{number}: names {found} of somebody's machine", file.path));
            }
        }
    }
    wrong
}

/// Whether a path stands in a line and does not merely end another path.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::tree;
    use super::*;

    #[test]
    fn a_file_without_a_purpose_is_wrong() {
        let tree = tree(&[("a.rs", "//! why\n"), ("b.rs", "fn b() {}\n"), ("c.toml", "")]);
        assert_eq!(open_with_a_purpose(&tree), ["b.rs: does not open with `//! `"]);
    }

    #[test]
    fn a_long_file_needs_a_reason_and_a_reason_needs_a_long_file() {
        let text = "//! a\n".repeat(501);
        let tree = tree(&[("a.rs", &text), ("b.rs", "//! b\n")]);
        assert_eq!(length(&tree, &[]), ["a.rs: longer than 500 lines"]);
        assert!(length(&tree, &[("a.rs", "a table")]).is_empty());
        assert_eq!(length(&tree, &[("a.rs", "a table"), ("b.rs", "a table")]).len(), 1);
        assert_eq!(length(&tree, &[("a.rs", "")]).len(), 1);
    }

    #[test]
    fn paths_of_a_machine_are_wrong() {
        let machine = ["/opt/checkout".to_owned(), "/x".to_owned()];
        let wrong = |text: &str| !machine_paths(&tree(&[("a.md", text)]), &machine).is_empty();
        assert!(wrong("cd /opt/checkout/crates"));
        assert!(wrong("see /home/somebody/notes"));
        assert!(wrong("HOME=/Users/somebody"));
        assert!(!wrong("tests/home/a and {root}/home/b"));
        assert!(!wrong("/x and /work/out"));
    }
}
