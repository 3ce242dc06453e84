//! The place of a value inside another: `args[1].points[3].x`. Built outwards from the innermost
//! step, and only when there is an error to tell, so that reading a value costs nothing for it.

use std::fmt::{self, Write as _};

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element of a list or a member of a tuple.
    Index(usize),
    /// A field of a record, or the `some`, `ok` or `err` of an option or result.
    Name(String),
}

/// An error with the steps that lead to it, innermost first. Boxed, so that the outcome of reading
/// a value is no larger than the value.
#[derive(Debug)]
pub(crate) struct Placed<E>(Box<Inner<E>>);

#[derive(Debug)]
struct Inner<E> {
    steps: Vec<Step>,
    error: E,
}

impl<E> Placed<E> {
    /// An error right here.
    pub(crate) fn here(error: E) -> Self {
        Placed(Box::new(Inner { steps: Vec::new(), error }))
    }

    /// The same error, seen from the value of which this was an element.
    pub(crate) fn at_index(self, index: usize) -> Self {
        self.inside(Step::Index(index))
    }

    /// The same error, seen from the value of which this was a part of that name.
    pub(crate) fn at_name(self, name: &str) -> Self {
        self.inside(Step::Name(name.to_owned()))
    }

    fn inside(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// The error and its place, from a root such as `args[1]`.
    pub(crate) fn resolve(self, root: &str) -> (E, String) {
        let mut path = root.to_owned();
        for step in self.0.steps.iter().rev() {
            let _infallible = write!(path, "{step}");
        }
        (self.0.error, path)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Name(name) => write!(f, ".{name}"),
        }
    }
}
