//! What goes to the terminal: one JSON object with `--json`, else text for people. Text that
//! came from a submission is escaped, so that it cannot steer the terminal.

use std::io::Write;

use saggar_engine::{Code, Feedback, Submission};
use saggar_model::Stage;
use serde_json::{Value, json};

/// Prints a line on stdout; a reader that has gone away is no error, a full disk is. What JSON
/// leaves as it is and a terminal would obey is written as JSON's own escape.
pub(crate) fn data(text: &str) {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{}", in_json(text)).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            say(&format!("saggar: the answer could not be written: {error}"));
            std::process::exit(Code::Internal.exit().into());
        }
        _ => {}
    }
}

/// Prints a line on stderr.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").unwrap_or_default();
}

/// Prints a feedback for people, or as the object `{"error": …}`; gives the exit code.
pub(crate) fn fail(feedback: &Feedback, json: bool) -> u8 {
    if json {
        data(&json!({ "error": feedback }).to_string());
    } else {
        explain(feedback);
    }
    feedback.code.exit()
}

/// A feedback as text, with the lines it names.
pub(crate) fn explain(feedback: &Feedback) {
    say(&format!("error[{}] in {}: {}", feedback.code, feedback.stage, escaped(&feedback.summary)));
    for diagnostic in &feedback.diagnostics {
        let place = match (&diagnostic.file, diagnostic.line, diagnostic.column) {
            (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}: "),
            (Some(file), Some(line), None) => format!("{file}:{line}: "),
            (Some(file), None, _) => format!("{file}: "),
            (None, ..) => String::new(),
        };
        let place = escaped(&place);
        say(&format!("  {place}{}: {}", diagnostic.severity, escaped(&diagnostic.message)));
        if let Some(excerpt) = &diagnostic.excerpt {
            say(&format!("      | {}", escaped(excerpt)));
        }
        if let Some(fix) = &diagnostic.fix {
            say(&format!("      = fix: {}", escaped(fix)));
        }
    }
    if feedback.omitted > 0 {
        say(&format!("  … and {} more", feedback.omitted));
    }
    if let Some(hint) = &feedback.hint {
        say(&format!("  hint: {}", escaped(hint)));
    }
    if let Some(log) = &feedback.log {
        say(&format!("  log: saggar log {log}"));
    }
}

/// The short account of a submission: stage, time, what was enforced.
pub(crate) fn account(submission: &Submission) {
    let stages =
        [Stage::Plan, Stage::Build, Stage::Scan, Stage::Load, Stage::Verify, Stage::Release];
    if submission.deduplicated && !submission.timings_us.contains_key(&Stage::Build) {
        say("nothing was built: this is the current release");
    }
    for stage in stages {
        let Some(us) = submission.timings_us.get(&stage) else { continue };
        let mut notes = Vec::new();
        if stage == Stage::Build && submission.deduplicated {
            notes.push("reused, no compiler was started".to_owned());
        }
        let keys: &[&str] = match stage {
            Stage::Build => &["compile"],
            Stage::Load => &["sidecar"],
            _ => &[],
        };
        for held in keys.iter().filter_map(|key| submission.enforced.get(*key)) {
            let cgroup =
                if held.cgroup.is_empty() { "none".to_owned() } else { held.cgroup.join(" ") };
            notes.push(format!(
                "namespaces {}; Landlock ABI {}; {} seccomp filters; uid {}; cgroup {cgroup}",
                held.namespaces.join(" "),
                held.landlock_abi,
                held.seccomp.len(),
                held.host_uid,
            ));
        }
        let ms = *us as f64 / 1000.0;
        let line = format!("{:<8}{ms:>9.1} ms  {}", stage.as_str(), notes.join("; "));
        say(line.trim_end());
    }
}

/// Control characters and direction overrides made visible; line breaks and tabs kept.
pub(crate) fn escaped(text: &str) -> String {
    replaced(text, |c| c.escape_unicode().to_string())
}

/// The same inside JSON, where a string means the same afterwards (RFC 8259, section 7).
fn in_json(text: &str) -> String {
    replaced(text, |c| format!("\\u{:04x}", u32::from(c)))
}

/// A text with what steers a terminal replaced.
fn replaced(text: &str, by: impl Fn(char) -> String) -> String {
    let dangerous = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if dangerous(c) {
            out.push_str(&by(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// The object that `call` prints, and `run` under `result`.
pub(crate) fn result(outcome: &Result<Value, Box<Feedback>>) -> Value {
    match outcome {
        Ok(value) => json!({ "ok": value }),
        Err(feedback) => json!({ "error": feedback }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_shown_instead() {
        assert_eq!(escaped("a\u{1b}[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\n");
    }

    #[test]
    fn json_on_a_terminal_means_the_same_and_steers_nothing() {
        let value = json!({ "message": "\u{9b}31m\u{202e}b\u{7f}ü" });
        let shown = in_json(&value.to_string());
        assert_eq!(shown, r#"{"message":"\u009b31m\u202eb\u007fü"}"#);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
