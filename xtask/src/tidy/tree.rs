//! The files of the workspace, as text. Asks no version control, so that it sees the same in an
//! unpacked archive.

use std::fs;
use std::path::Path;

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

/// Directories that are made, not written.
const SKIPPED: [&str; 2] = ["target", ".git"];

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut tree = Tree::default();
        tree.add(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn add(&mut self, directory: &Path, prefix: &str) -> Result<(), String> {
        let failed = |error| format!("{}: {error}", directory.display());
        for entry in fs::read_dir(directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let (path, kind) = (format!("{prefix}{name}"), entry.file_type().map_err(failed)?);
            let ignored = SKIPPED.contains(&path.as_str()) || path.ends_with(".tmp");
            if ignored || kind.is_symlink() {
                continue;
            }
            if kind.is_dir() {
                self.add(&entry.path(), &format!("{path}/"))?;
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }

    /// The Rust files of the house; what skills are written in is data.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        let is_skill = |file: &File| file.path.starts_with("tests/skills/");
        self.files.iter().filter(move |file| file.path.ends_with(".rs") && !is_skill(file))
    }
}

impl File {
    /// The directory below `crates/` it lies in, or the first directory of its path.
    pub(crate) fn package(&self) -> &str {
        let path = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        path.split('/').next().unwrap_or(path)
    }

    /// Only tests compile it: it lies in a crate's tests, benches or examples, or is a module of
    /// tests.
    pub(crate) fn is_test(&self) -> bool {
        let directories = ["/tests/", "/benches/", "/examples/"];
        directories.iter().any(|part| self.path.contains(part)) || self.path.ends_with("/tests.rs")
    }

    /// Its lines that are code and not of tests, each with its number: no comments, nothing from
    /// `#[cfg(test)]` to the end of the item that follows.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        let mut code = Vec::new();
        let mut test = Test::No;
        for (line, number) in self.text.lines().zip(1..) {
            let bare = line.trim_start();
            test = match test {
                Test::No if bare == "#[cfg(test)]" => Test::Begins(line.len() - bare.len()),
                Test::Begins(_) if bare.ends_with(';') => Test::Ends,
                Test::Begins(indent) if bare.ends_with('{') => Test::Inside(indent),
                Test::Inside(indent) if line.len() == indent + 1 && bare == "}" => Test::Ends,
                Test::Ends => Test::No,
                other => other,
            };
            if matches!(test, Test::No) && !bare.starts_with("//") {
                code.push((number, line));
            }
        }
        code
    }
}

/// Where a walk over lines is with respect to an item of tests.
#[derive(Clone, Copy)]
enum Test {
    No,
    /// The attribute has been seen, at this indentation.
    Begins(usize),
    Inside(usize),
    /// The last line of the item.
    Ends,
}

#[cfg(test)]
pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
    Tree { files: files.iter().map(file).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<usize> {
        tree(&[("crates/a/src/lib.rs", text)]).files[0].code().iter().map(|(n, _)| *n).collect()
    }

    #[test]
    fn comments_and_tests_are_no_code() {
        assert_eq!(code("//! a\nfn b() {}\n    // c\nfn d() {}"), [2, 4]);
        assert_eq!(code("a();\n#[cfg(test)]\nmod tests {\n    b();\n}\nc();"), [1, 6]);
        assert_eq!(code("#[cfg(test)]\nmod tests;\na();"), [3]);
        assert_eq!(code("#[cfg(test)]\nfn a() {\n}\n\n#[cfg(test)]\nmod b {\n}\nc();"), [4, 8]);
    }

    #[test]
    fn packages_are_directories() {
        let tree = tree(&[("crates/jail/src/lib.rs", ""), ("xtask/src/main.rs", "")]);
        assert_eq!(tree.files[0].package(), "jail");
        assert_eq!(tree.files[1].package(), "xtask");
    }
}
