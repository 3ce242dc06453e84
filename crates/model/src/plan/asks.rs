//! What a plan asks for that a policy may refuse: the compiler, standard, flags and limits, with the
//! places where they stand. Decides only what makes no sense under any policy.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::raw::{RawLimits, RawPlan};
use super::text::Text;
use crate::{ByteSize, Code, Diagnostic, Feedback, Millis, RequestedLimits};

/// Most flags of a plan: every command that is recorded names them all.
const MAX_FLAGS: usize = 32;
/// Longest flag, bytes.
const MAX_FLAG: usize = 256;
/// A process that is given less does not start.
const LEAST_MEMORY: ByteSize = ByteSize(1 << 20);

/// Where a plan asks for something, by key: `standard`, `flags.2`, `limits.memory`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Places(BTreeMap<String, Place>);

#[derive(Clone, Debug, PartialEq)]
struct Place {
    line: u32,
    column: u32,
    excerpt: Option<String>,
}

impl Places {
    /// Finds them all.
    pub(super) fn of(text: &Text<'_>, raw: &RawPlan) -> Self {
        let limits = &raw.limits;
        let named = [
            ("compiler", span(raw.compiler.as_ref())),
            ("standard", span(raw.standard.as_ref())),
            ("limits.memory", span(limits.memory.as_ref())),
            ("limits.call-deadline", span(limits.call_deadline.as_ref())),
            ("limits.build-deadline", span(limits.build_deadline.as_ref())),
            ("limits.threads", span(limits.threads.as_ref())),
        ];
        let named = named.into_iter().filter_map(|(key, span)| Some((key.to_owned(), span?)));
        let flags = raw.flags.iter().enumerate();
        let flags = flags.map(|(index, flag)| (format!("flags.{index}"), flag.span()));
        Places(named.chain(flags).map(|(key, span)| (key, Place::of(text, &span))).collect())
    }

    /// Puts an error where a key stands, if it does.
    pub(super) fn put(&self, key: &str, error: Diagnostic) -> Diagnostic {
        let Some(Place { line, column, excerpt }) = self.0.get(key) else { return error };
        Diagnostic { line: Some(*line), column: Some(*column), excerpt: excerpt.clone(), ..error }
    }
}

impl Place {
    fn of(text: &Text<'_>, span: &Range<usize>) -> Self {
        let (line, column) = text.place(span.start);
        let excerpt = Diagnostic::error("").at(text.file, line, text.source).excerpt;
        Place { line, column, excerpt }
    }
}

fn span<T>(value: Option<&Spanned<T>>) -> Option<Range<usize>> {
    value.map(Spanned::span)
}

/// The flags, each named once.
pub(super) fn flags(
    text: &Text<'_>,
    flags: &[Spanned<String>],
) -> Result<Vec<String>, Box<Feedback>> {
    let refuse = |at: &Spanned<String>, message: String, hint: &str| {
        Err(text.refuse(Code::PlanValue, at.span(), message).hint(hint).into())
    };
    if let Some(beyond) = flags.get(MAX_FLAGS) {
        let message = format!("{} flags; a plan has at most {MAX_FLAGS}", flags.len());
        return refuse(beyond, message, "keep the flags that matter");
    }
    for (index, flag) in flags.iter().enumerate() {
        let name = flag.get_ref();
        if name.len() > MAX_FLAG {
            let message = format!("a flag of {} bytes; {MAX_FLAG} are allowed", name.len());
            return refuse(flag, message, "flags that are allowed are shorter");
        }
        if flags[..index].iter().any(|before| before.get_ref() == name) {
            return refuse(flag, format!("flag {name:?} is named twice"), "name each flag once");
        }
    }
    Ok(flags.iter().map(|flag| flag.get_ref().clone()).collect())
}

/// The limits, none of them nothing.
pub(super) fn limits(text: &Text<'_>, raw: &RawLimits) -> Result<RequestedLimits, Box<Feedback>> {
    let refuse = |span, message: String, key: &str| {
        let hint = format!("raise {key}, or remove it: the policy then gives its own");
        Err(text.refuse(Code::PlanValue, span, message).hint(hint).into())
    };
    if let Some(memory) = raw.memory.as_ref().filter(|memory| *memory.get_ref() < LEAST_MEMORY) {
        let asked = memory.get_ref();
        let message = format!("limits.memory = {asked}: nothing runs in less than {LEAST_MEMORY}");
        return refuse(memory.span(), message, "memory");
    }
    for (key, time) in
        [("call-deadline", &raw.call_deadline), ("build-deadline", &raw.build_deadline)]
    {
        if let Some(none) = time.as_ref().filter(|time| *time.get_ref() == Millis(0)) {
            let message = format!("limits.{key} = {} leaves no time", none.get_ref());
            return refuse(none.span(), message, key);
        }
    }
    Ok(RequestedLimits {
        memory: value(raw.memory.as_ref()),
        call_deadline: value(raw.call_deadline.as_ref()),
        build_deadline: value(raw.build_deadline.as_ref()),
        threads: value(raw.threads.as_ref()),
    })
}

fn value<T: Copy>(spanned: Option<&Spanned<T>>) -> Option<T> {
    spanned.map(|value| *value.get_ref())
}
