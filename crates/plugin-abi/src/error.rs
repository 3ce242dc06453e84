//! How a stage fails.

use saggar_model::Feedback;
use thiserror::Error;

/// Why a stage gave no result. Both kinds carry a feedback; they differ in whose fault it is, and
/// only a rejection may ever be remembered or counted against the submission.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StageError {
    /// The submission is at fault: the model should mend it.
    #[error("{0}")]
    Rejected(Box<Feedback>),
    /// The host is at fault: a missing feature, a full disk, a bug.
    #[error("{0}")]
    Fault(Box<Feedback>),
}

impl StageError {
    /// What to tell the caller.
    pub fn feedback(&self) -> &Feedback {
        match self {
            StageError::Rejected(feedback) | StageError::Fault(feedback) => feedback,
        }
    }

    /// What to tell the caller.
    pub fn into_feedback(self) -> Feedback {
        match self {
            StageError::Rejected(feedback) | StageError::Fault(feedback) => *feedback,
        }
    }

    /// The submission is at fault.
    pub fn rejected(feedback: Feedback) -> Self {
        StageError::Rejected(Box::new(feedback))
    }

    /// The host is at fault.
    pub fn fault(feedback: Feedback) -> Self {
        StageError::Fault(Box::new(feedback))
    }
}
