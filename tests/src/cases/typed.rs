//! The typed fixtures: every form of every type, in three languages, each also with a bug.

use crate::typed::Typed;
use crate::{Env, Jig, Verdict, ensure};

/// The fixtures are tried in so many parts, so that parts can run at once.
const PARTS: usize = 4;

pub(super) fn first(env: &Env) -> Verdict {
    part(env, 0)
}

pub(super) fn second(env: &Env) -> Verdict {
    part(env, 1)
}

pub(super) fn third(env: &Env) -> Verdict {
    part(env, 2)
}

pub(super) fn fourth(env: &Env) -> Verdict {
    part(env, 3)
}

/// Each skill of a part: released in every language, with the same answers in each; rejected by
/// Verify in every language once the bug is in.
fn part(env: &Env, part: usize) -> Verdict {
    let jig = Jig::new(env)?;
    let mut failures = Vec::new();
    for name in env.skill_names("typed")?.iter().skip(part).step_by(PARTS) {
        let typed = Typed::read(env, name)?;
        for (ending, _) in typed.languages() {
            let outcome =
                released(&jig, &typed, ending).and_then(|()| bugged(&jig, &typed, ending));
            failures.extend(outcome.err().map(|reason| format!("{name}.{ending}: {reason}")));
        }
        failures.extend(same_answers(&jig, &typed).err().map(|r| format!("{name}: {r}")));
    }
    ensure!(failures.is_empty(), "{} failed: {}", failures.len(), failures.join("; "));
    jig.finish()
}

fn released(jig: &Jig, typed: &Typed, ending: &str) -> Verdict {
    let directory = typed.directory(ending, false)?;
    jig.submit(directory.path())?.released().map(drop)
}

fn bugged(jig: &Jig, typed: &Typed, ending: &str) -> Verdict {
    let directory = typed.directory(ending, true)?;
    let output = jig.submit(directory.path())?.refuses(7, "test-failed")?;
    let told = output.feedback();
    let text = told["diagnostics"][0]["message"].as_str().unwrap_or_default();
    let called = told["summary"].as_str().unwrap_or_default();
    ensure!(called.contains(&typed.bug.call), "the summary lacks {:?}: {output}", typed.bug.call);
    for part in &typed.bug.contains {
        ensure!(text.contains(part.as_str()), "the feedback lacks {part:?}: {output}");
    }
    Ok(())
}

/// The calls of the plan's tests print the same bytes and exit alike in every language.
fn same_answers(jig: &Jig, typed: &Typed) -> Verdict {
    let languages = typed.languages();
    for call in typed.calls()? {
        let mut first: Option<(i32, String)> = None;
        for (ending, _) in &languages {
            let skill = typed.skill(ending);
            let mut words = vec!["call", &skill, &call.function];
            words.extend(call.args.iter().map(String::as_str));
            let output = jig.run(&words)?;
            let answer = (output.exit, output.stdout.clone());
            match &first {
                None => first = Some(answer),
                Some(first) => {
                    ensure!(*first == answer, "{} says {first:?}, but {output}", languages[0].1);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::typed::LANGUAGES;

    /// Sixty sources at least, and a bug that can be planted in each.
    #[test]
    fn the_typed_fixtures_are_many_and_whole() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let env = Env { binaries: root.clone(), repository: root, full: false };
        let mut sources = 0;
        let mut languages = std::collections::BTreeSet::new();
        for name in env.skill_names("typed").unwrap() {
            let typed = Typed::read(&env, &name).unwrap();
            assert!(!typed.calls().unwrap().is_empty(), "{name}");
            for (ending, language) in typed.languages() {
                sources += 1;
                languages.insert(language);
                typed.directory(ending, true).unwrap();
            }
        }
        assert!(sources >= 60, "{sources}");
        assert_eq!(languages.len(), LANGUAGES.len());
    }
}
