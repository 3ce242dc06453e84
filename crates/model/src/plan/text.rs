//! The plan's text with its file name: turns byte spans into diagnostics. Decides nothing.

use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;

use crate::{Code, Diagnostic, Feedback, Stage};

/// The plan as it was written.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) file: &'a str,
    pub(super) source: &'a str,
}

/// A feedback of stage Plan with one diagnostic, still to be completed.
pub(super) struct Refusal(Feedback);

impl Refusal {
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Refusal(self.0.hint(hint))
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Box<Feedback> {
        let fix = fix.into();
        for diagnostic in &mut self.0.diagnostics {
            diagnostic.fix = Some(fix.clone());
        }
        self.into()
    }
}

impl From<Refusal> for Box<Feedback> {
    fn from(refusal: Refusal) -> Self {
        Box::new(refusal.0)
    }
}

impl Text<'_> {
    /// Line (from 1) and column (from 1, in bytes) of a byte offset.
    pub(super) fn place(&self, offset: usize) -> (u32, u32) {
        let before = &self.source.as_bytes()[..offset.min(self.source.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    /// A refusal at a place.
    pub(super) fn refuse(&self, code: Code, span: Range<usize>, message: String) -> Refusal {
        let (line, column) = self.place(span.start);
        self.refuse_at(code, line, Some(column), message)
    }

    /// A refusal at a line.
    pub(super) fn refuse_at(
        &self,
        code: Code,
        line: u32,
        column: Option<u32>,
        message: String,
    ) -> Refusal {
        let mut diagnostic = Diagnostic::error(message.clone()).at(self.file, line, self.source);
        diagnostic.column = column;
        let summary = format!("{}:{line}: {message}", self.file);
        Refusal(Feedback::new(Stage::Plan, code, summary).with(diagnostic))
    }

    /// Parses a value at its place.
    pub(super) fn value<T, E: Display>(
        &self,
        value: &Spanned<String>,
        code: Code,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Box<Feedback>> {
        parse(value.get_ref()).map_err(|error| {
            let hint = "give this key a value of the form the message names";
            self.refuse(code, value.span(), error.to_string()).hint(hint).into()
        })
    }

    /// Demands that a number, if it is there at all, is the one this version knows.
    pub(super) fn only(
        &self,
        value: Option<&Spanned<u32>>,
        known: u32,
        key: &str,
        hint: &str,
    ) -> Result<(), Box<Feedback>> {
        match value {
            Some(found) if *found.get_ref() != known => {
                let message = format!("{key} = {} is not known", found.get_ref());
                Err(self.refuse(Code::PlanValue, found.span(), message).hint(hint).into())
            }
            _ => Ok(()),
        }
    }
}
