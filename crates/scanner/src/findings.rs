//! Collects findings, so many and no more: an artifact that breaks every rule a million times
//! must not make a verdict of a million lines. Called by every check.

use saggar_model::Finding;

/// Findings kept; the rest is counted.
const KEPT: usize = 100;

/// Longest text of the artifact that a finding repeats, in bytes.
const SHOWN: usize = 240;

/// What to do where the object's form itself is wrong: nothing that plain source leads to.
pub(crate) const PLAIN: &str = "remove inline assembly, section attributes and pragmas that shape \
                                the object file: plain source gives a plain object";

/// Findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    omitted: usize,
}

impl Findings {
    /// Adds a finding.
    pub(crate) fn add(
        &mut self,
        rule: &str,
        place: impl Into<String>,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if self.kept.len() >= KEPT {
            self.omitted += 1;
            return;
        }
        self.kept.push(Finding {
            rule: rule.to_owned(),
            place: place.into(),
            reason: reason.into(),
            fix: fix.into(),
        });
    }

    /// A scan that ended early has a finding, whatever a check forgot to say.
    pub(crate) fn must_not_be_empty(&mut self) {
        if self.kept.is_empty() {
            self.add("S01-unreadable", "file", "the object cannot be read to its end", PLAIN);
        }
    }

    /// All that was kept, and a last one that counts the rest.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        if self.omitted > 0 {
            self.kept.push(Finding {
                rule: "S01-more".into(),
                place: "file".into(),
                reason: format!("{} further findings are left out", self.omitted),
                fix: "mend the ones above first".into(),
            });
        }
        self.kept
    }
}

/// Text of the artifact as findings show it: printable ASCII, and not endless.
pub(crate) fn shown(text: &[u8]) -> String {
    let head = &text[..text.len().min(SHOWN)];
    let dots = if head.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", head.escape_ascii())
}
