//! Where events go.

use saggar_model::{Draft, Entry};

use crate::StageError;

/// Takes events and gives each its place in the chain.
pub trait LedgerSink: Send + Sync {
    /// Appends an event. When it returns, the event is on disk, unless [`Event::may_wait`].
    ///
    /// [`Event::may_wait`]: saggar_model::Event::may_wait
    ///
    /// # Errors
    /// A fault with code `ledger`; the effect it announces must then not happen.
    fn append(&self, draft: Draft) -> Result<Entry, StageError>;
}
