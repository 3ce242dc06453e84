//! Who may compile. Compilation is off unless the person at the terminal says otherwise for this
//! one command; a lease by an operator is not served in this version.

use saggar_model::{Authority, Code, Feedback, Stage};

/// The right to compile, given.
#[derive(Clone, Copy)]
pub(crate) struct Admitted {
    authority: Authority,
}

impl Admitted {
    /// Decides from what the front end was told.
    pub(crate) fn new(authority: Option<Authority>) -> Result<Self, Box<Feedback>> {
        match authority {
            Some(authority) => Ok(Admitted { authority }),
            None => Err(Box::new(
                Feedback::new(Stage::Admit, Code::GateClosed, "compilation is off").hint(
                    "a person at the terminal may allow this one command with --allow-compile",
                ),
            )),
        }
    }

    pub(crate) fn authority(self) -> Authority {
        self.authority
    }
}
