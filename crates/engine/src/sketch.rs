//! What is to be filled in for a skill's directory, and the interface that a source there has.
//! Reads the directory as a submission does and nothing else: no home, no gate, no process.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use saggar_compiler_driver::infer::{Inferred, infer};
use saggar_compiler_driver::skeleton;
use saggar_model::{Code, Diagnostic, Feedback, FileName, Language, Plan, SkillName, Stage};
use saggar_policy::Policy;

use crate::bundle::{plan_path, read_bounded, refuse};

/// Most sources or functions that feedback names.
const SHOWN: usize = 20;

/// A text to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// The text.
    pub text: String,
    /// The language of the skill.
    pub language: Language,
    /// The file of the directory that it belongs into.
    pub file: String,
}

/// The interface that a source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InferredInterface {
    /// What was read; at least one function.
    pub inferred: Inferred,
    /// The source's file.
    pub file: String,
}

/// What comes next for a directory: the source that its plan asks for, or while it has none, or
/// one without source or interface, the plan. `language` is that of a plan still to be written;
/// otherwise the files of the directory tell.
///
/// # Errors
/// The feedback of stage Plan.
pub fn sketch(
    directory: &Path,
    policy: &Policy,
    language: Option<Language>,
) -> Result<Skeleton, Box<Feedback>> {
    let Some((file, text)) = written_plan(directory, policy)? else {
        return Ok(new_plan(directory, "plan.toml".to_owned(), language, None));
    };
    let unfinished = !has_key(&text, "interface") || !has_key(&text, "source");
    let plan = match Plan::parse(&text, &file) {
        Ok(plan) => plan,
        // Other mistakes are to be mended first: nobody wants to fill in a plan twice.
        Err(told) if unfinished && told.summary.contains("missing field `") => {
            return Ok(new_plan(directory, file, language, Some(&text)));
        }
        Err(told) => return Err(told),
    };
    let source = skeleton::skeleton(plan.language, &plan.interface, &plan.symbols);
    let (language, file) = (plan.language, plan.source.as_str().to_owned());
    Ok(Skeleton { text: source, language, file })
}

/// The interface of the source that a directory's plan names, or without a plan of its only
/// source.
///
/// # Errors
/// The feedback of stage Plan: no source, several, or none of its functions can be read.
pub fn infer_interface(
    directory: &Path,
    policy: &Policy,
    language: Option<Language>,
) -> Result<InferredInterface, Box<Feedback>> {
    let plan = written_plan(directory, policy)?;
    let said = plan.as_ref().and_then(|(_, text)| value(text, "source"));
    let name = match said {
        Some(name) => name.to_owned(),
        None => only_source(directory)?,
    };
    let source = |message: String| refuse(Code::PlanSource, &name, None, &message);
    let file = name.parse::<FileName>().map_err(|error| source(error.to_string()))?;
    let said = plan.as_ref().and_then(|(_, text)| value(text, "language"));
    let language = language.or(said.and_then(named)).or(language_of(file.as_str()));
    let Some(language) = language else {
        return Err(source(format!("{name}: the language is not known; say --language")));
    };
    let bytes = read_bounded(&directory.join(file.as_str()), policy.limits.source.0)
        .map_err(|why| unreadable(&name, &why))?;
    let text =
        String::from_utf8(bytes).map_err(|_| source(format!("the source {name} is not UTF-8")))?;
    let inferred = infer(language, &text);
    if inferred.interface.functions.is_empty() {
        return Err(nothing(&name, &text, &inferred));
    }
    Ok(InferredInterface { inferred, file: name })
}

fn unreadable(name: &str, why: &str) -> Box<Feedback> {
    let link = if why.starts_with("is ") { " " } else { ": " };
    let message = format!("the source {name}{link}{why}");
    let mut feedback = refuse(Code::PlanSource, name, None, &message);
    if why == "is not there" {
        let hint = "write it first: `saggar plan DIR` prints what to fill in";
        feedback.hint = Some(hint.to_owned());
    }
    feedback
}

/// Says why no function of a source can be read.
fn nothing(file: &str, text: &str, inferred: &Inferred) -> Box<Feedback> {
    let message = format!("{file} has no function whose interface can be read");
    let mut feedback = Feedback::new(Stage::Plan, Code::PlanInterface, message);
    for skipped in inferred.skipped.iter().take(SHOWN) {
        let message = format!("`{}` is left out: {}", skipped.name, skipped.reason);
        feedback = feedback.with(Diagnostic::error(message).at(file, skipped.line, text));
    }
    let omitted = inferred.skipped.len().saturating_sub(SHOWN);
    feedback.omitted = u32::try_from(omitted).unwrap_or(u32::MAX);
    Box::new(feedback.hint("write the interface yourself, or free functions of plain types"))
}

/// The plan of a directory, if it has one.
fn written_plan(
    directory: &Path,
    policy: &Policy,
) -> Result<Option<(String, String)>, Box<Feedback>> {
    if files(directory)?.iter().all(|name| !name.ends_with(".toml")) {
        return Ok(None);
    }
    let path = plan_path(directory)?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let told = |why: String| refuse(Code::PlanToml, &file, None, &format!("{file}: {why}"));
    let bytes = read_bounded(&path, policy.limits.plan.0).map_err(told)?;
    let text = String::from_utf8(bytes).map_err(|_| told("is not UTF-8".to_owned()))?;
    Ok(Some((file, text)))
}

/// The names in a directory, in order; at most so many that a directory of a skill never has.
fn files(directory: &Path) -> Result<Vec<String>, Box<Feedback>> {
    const MAX: usize = 4096;
    let entries = fs::read_dir(directory).map_err(|error| {
        let shown = directory.display();
        let message = match error.kind() {
            ErrorKind::NotFound => format!("there is no directory {shown}"),
            ErrorKind::NotADirectory => format!("{shown} is no directory"),
            _ => format!("{shown}: {error}"),
        };
        refuse(Code::PlanToml, &shown.to_string(), None, &message)
    })?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.take(MAX).collect();
    names.sort();
    Ok(names)
}

fn only_source(directory: &Path) -> Result<String, Box<Feedback>> {
    let mut sources = files(directory)?;
    sources.retain(|name| language_of(name).is_some());
    match sources.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let shown = directory.display().to_string();
            let message = format!("{shown} holds no source: no file in it ends in {ENDINGS}");
            Err(refuse(Code::PlanSource, &shown, None, &message))
        }
        several => {
            let shown = directory.display().to_string();
            let named = several.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            let more = if several.len() > SHOWN { ", …" } else { "" };
            let message = format!(
                "{shown} holds several sources, {named}{more}; name one in plan.toml: source = {:?}",
                several[0]
            );
            Err(refuse(Code::PlanSource, &shown, None, &message))
        }
    }
}

/// A plan to fill in, with what is known already.
fn new_plan(
    directory: &Path,
    file: String,
    language: Option<Language>,
    written: Option<&str>,
) -> Skeleton {
    let key = |key| written.and_then(|text| value(text, key));
    let only = only_source(directory).ok();
    let guess = only.as_deref().and_then(language_of);
    let language = language.or(key("language").and_then(named)).or(guess).unwrap_or(Language::Cpp);
    let base = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let base = base.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = key("name").map(str::to_owned).or(base.map(|base| base.to_lowercase()));
    let name =
        name.map(|name| name.replace('_', "-")).filter(|name| name.parse::<SkillName>().is_ok());
    let name = name.unwrap_or_else(|| "my-skill".to_owned());
    let extension = match language {
        Language::C => "c",
        Language::Cpp => "cpp",
        Language::Rust => "rs",
    };
    let fits =
        |file: &String| file.parse::<FileName>().is_ok() && language_of(file) == Some(language);
    let source = key("source").map(str::to_owned).or(only).filter(fits);
    let source = source.unwrap_or_else(|| format!("{}.{extension}", name.replace('-', "_")));
    Skeleton { text: skeleton::plan(language, &name, &source), language, file }
}

/// The endings that [`language_of`] knows.
const ENDINGS: &str = ".c, .cpp, .cc, .cxx or .rs";

fn language_of(file: &str) -> Option<Language> {
    match Path::new(file).extension()?.to_str()? {
        "c" => Some(Language::C),
        "cpp" | "cc" | "cxx" => Some(Language::Cpp),
        "rs" => Some(Language::Rust),
        _ => None,
    }
}

fn named(word: &str) -> Option<Language> {
    [Language::C, Language::Cpp, Language::Rust].into_iter().find(|l| l.as_str() == word)
}

/// What follows a key and its equals sign in a plan that may not be whole, before any table.
fn after_key<'t>(plan: &'t str, key: &str) -> Option<&'t str> {
    let mut lines = plan.lines().map(str::trim).take_while(|line| !line.starts_with('['));
    lines.find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('=')).map(str::trim)
}

fn has_key(plan: &str, key: &str) -> bool {
    after_key(plan, key).is_some()
}

/// A string of one line.
fn value<'t>(plan: &'t str, key: &str) -> Option<&'t str> {
    let text = after_key(plan, key)?;
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split(quote).next().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        directory
    }

    fn sketched(files: &[(&str, &str)]) -> Skeleton {
        sketch(directory(files).path(), &Policy::builtin(), None).unwrap()
    }

    fn refused(directory: &Path) -> String {
        infer_interface(directory, &Policy::builtin(), None).unwrap_err().summary
    }

    #[test]
    fn without_a_plan_there_is_one_to_fill_in() {
        for (files, language, source) in [
            (&[][..], Language::Cpp, ".cpp"),
            (&[("top_word.rs", "")][..], Language::Rust, "top_word.rs"),
            (&[("plan.toml", "name = 'a'\nlanguage = \"c\"\n")][..], Language::C, "a.c"),
        ] {
            let skeleton = sketched(files);
            assert_eq!((skeleton.language, skeleton.file.as_str()), (language, "plan.toml"));
            let plan = Plan::parse(&skeleton.text, "plan.toml").unwrap();
            assert!(plan.source.as_str().ends_with(source), "{}", skeleton.text);
        }
    }

    #[test]
    fn a_plan_with_a_mistake_is_to_be_mended_first() {
        for plan in ["name = 'a\n", "name = 5\n", "flavour = 1\n"] {
            let place = directory(&[("plan.toml", plan)]);
            let told = sketch(place.path(), &Policy::builtin(), None).unwrap_err();
            assert_eq!((told.code, told.diagnostics[0].line), (Code::PlanToml, Some(1)), "{plan}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let place = directory(&[("a.h", "int f(int a);"), ("plan.txt", "")]);
        assert!(refused(place.path()).contains("holds no source: no file in it ends in .c, .cpp"));
        let missing = place.path().join("b");
        assert!(refused(&missing).starts_with("there is no directory "));
        assert!(refused(&place.path().join("a.h")).ends_with("a.h is no directory"));
        fs::write(place.path().join("plan.toml"), "source = 'a.c'").unwrap();
        assert_eq!(refused(place.path()), "the source a.c is not there");
    }

    #[test]
    fn a_plan_with_an_interface_gives_its_source() {
        let plan = "name='a'\nlanguage='rust'\nsource='a.rs'\ninterface='f: func() -> u8;'\n";
        let skeleton = sketched(&[("plan.toml", plan)]);
        assert_eq!(skeleton.file, "a.rs");
        assert!(skeleton.text.contains("pub fn f() -> u8"), "{}", skeleton.text);
        let wrong = directory(&[("plan.toml", &format!("{plan}flavour = 1\n"))]);
        let told = sketch(wrong.path(), &Policy::builtin(), None).unwrap_err();
        assert_eq!(told.code, Code::PlanToml);
    }

    #[test]
    fn the_source_is_that_of_the_plan_or_the_only_one() {
        let policy = Policy::builtin();
        let files = [("a.c", "int f(int a) { return a; }"), ("b.c", "int g(void) { return 1; }")];
        let both = directory(&files);
        assert!(refused(both.path()).contains("several sources, a.c, b.c; name one"));
        fs::write(both.path().join("plan.toml"), "source = 'b.c'\n").unwrap();
        let found = infer_interface(both.path(), &policy, None).unwrap();
        assert_eq!(found.inferred.interface.to_string(), "g: func() -> s32;\n");
        let none = directory(&[("a.c", "int f(int *p) { return *p; }")]);
        let told = infer_interface(none.path(), &policy, None).unwrap_err();
        assert_eq!((told.code.exit(), told.diagnostics[0].line), (3, Some(1)));
    }

    #[test]
    fn what_is_no_regular_file_is_refused() {
        let place = directory(&[("other.txt", "int f() { return 1; }")]);
        let source = place.path().join("a.c");
        symlink(place.path().join("other.txt"), &source).unwrap();
        assert!(refused(place.path()).contains("is a link"));
        fs::remove_file(&source).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &source, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(refused(place.path()).contains("is no regular file"));
        fs::remove_file(&source).unwrap();
        fs::write(place.path().join("plan.toml"), "source = '../a.c'\n").unwrap();
        assert!(refused(place.path()).contains("is no file name"));
        fs::remove_file(place.path().join("plan.toml")).unwrap();
        symlink(place.path().join("other.txt"), place.path().join("plan.toml")).unwrap();
        let told = sketch(place.path(), &Policy::builtin(), None).unwrap_err();
        assert!(told.summary.contains("is a link"), "{told}");
    }
}
