//! A fixture skill, copied to a directory of its own so that a case can change it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use toml::Table;

use crate::{Env, while_doing};

/// A fixture skill in a directory of its own, which goes when this is dropped.
#[derive(Debug)]
pub struct Fixture {
    directory: TempDir,
}

/// A language that skills are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    C,
    Cpp,
    Rust,
}

impl Language {
    /// All of them.
    pub(crate) const ALL: [Language; 3] = [Language::C, Language::Cpp, Language::Rust];

    /// As a plan writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Language::C => "c",
            Language::Cpp => "c++",
            Language::Rust => "rust",
        }
    }

    /// What the source of a [`Fixture::of`] is called.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Language::C => "skill.c",
            Language::Cpp => "skill.cpp",
            Language::Rust => "skill.rs",
        }
    }

    /// A harmless function `answer` that gives 42.
    pub(crate) fn answer(self) -> &'static str {
        match self {
            Language::Rust => "\nfn answer() -> u32 { 42 }\n",
            _ => "\nunsigned answer(void) { return 42; }\n",
        }
    }
}

/// A temporary directory that other users can read.
pub(crate) fn open_directory(prefix: &str) -> Result<TempDir, String> {
    let directory = tempfile::Builder::new().prefix(prefix).tempdir();
    let directory = directory.map_err(while_doing("make a directory"))?;
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(directory.path(), mode).map_err(while_doing("open a directory"))?;
    Ok(directory)
}

/// Writes a file that other users can read.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<(), String> {
    let what = path.display().to_string();
    fs::write(path, text).map_err(while_doing(&what))?;
    let mode = fs::Permissions::from_mode(0o644);
    fs::set_permissions(path, mode).map_err(while_doing(&what))
}

impl Fixture {
    /// A copy of a skill whose constructor does what its plan's functions do: the act of this number.
    ///
    /// # Errors
    /// As for [`Fixture::copy`].
    pub(crate) fn at_load(env: &Env, name: &str, number: u32) -> Result<Self, String> {
        let define = format!("#define AT_LOAD {number}");
        Fixture::copy(env, name, &[("#define AT_LOAD 0", &define)])
    }

    /// Copies a fixture such as `good/add`, with texts replaced by others in every file.
    ///
    /// # Errors
    /// When it cannot be copied, or does not hold what is to be replaced.
    pub fn copy(env: &Env, name: &str, replacements: &[(&str, &str)]) -> Result<Self, String> {
        let directory = open_directory("saggar-fixture-")?;
        let mut missing: Vec<&str> = replacements.iter().map(|(from, _)| *from).collect();
        let entries = fs::read_dir(env.skills(name)).map_err(while_doing(name))?;
        for entry in entries.flatten() {
            let mut text = fs::read_to_string(entry.path()).map_err(while_doing(name))?;
            for (from, to) in replacements {
                if text.contains(from) {
                    missing.retain(|text| text != from);
                    text = text.replace(from, to);
                }
            }
            write(&directory.path().join(entry.file_name()), text)?;
        }
        match missing.first() {
            None => Ok(Fixture { directory }),
            Some(text) => Err(format!("{name} holds no {text}")),
        }
    }

    /// A skill `answer` whose whole source is this text; its test wants `answer` to give 42.
    pub(crate) fn of(language: Language, source: &str) -> Result<Self, String> {
        let fixture = Fixture { directory: open_directory("saggar-fixture-")? };
        let (name, file) = (language.name(), language.file());
        let plan = format!(
            "format = 1\nname = \"answer\"\ndescription = \"answers\"\nlanguage = {name:?}\n\
             source = {file:?}\ninterface = \"answer: func() -> u32;\"\nnetwork = \"none\"\n\
             [[test]]\ncall = \"answer\"\nargs = []\nexpect = 42\n"
        );
        write(&fixture.file("plan.toml"), plan)?;
        write(&fixture.file(file), source)?;
        Ok(fixture)
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Changes its plan.
    ///
    /// # Errors
    /// When the plan cannot be read or written.
    pub fn edit_plan(&self, edit: impl FnOnce(&mut Table)) -> Result<(), String> {
        let mut plan = plan(self.path())?;
        edit(&mut plan);
        write(&self.file("plan.toml"), plan.to_string())
    }

    /// Adds a text to its source, which makes it another submission.
    ///
    /// # Errors
    /// When the source cannot be read or written.
    pub fn append(&self, text: &str) -> Result<(), String> {
        let source = source(self.path())?;
        let old = fs::read_to_string(&source).map_err(while_doing("read the source"))?;
        write(&source, old + text)
    }
}

/// The plan of a directory.
pub(crate) fn plan(directory: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(directory.join("plan.toml")).map_err(while_doing("plan.toml"))?;
    text.parse().map_err(while_doing("plan.toml"))
}

/// The source file that the plan of a directory names.
pub(crate) fn source(directory: &Path) -> Result<PathBuf, String> {
    let plan = plan(directory)?;
    let name = plan.get("source").and_then(toml::Value::as_str).ok_or("the plan has no source")?;
    Ok(directory.join(name))
}
