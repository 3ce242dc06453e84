//! Where events go.

use saggar_model::{Draft, Entry};

use crate::StageError;

/// Takes events and gives each its place in the chain.
pub trait LedgerSink: Send + Sync {
    /// Appends events in this order, all of them or none. When it returns they are on disk, unless
    /// each of them [may wait](saggar_model::Event::may_wait).
    ///
    /// # Errors
    /// A fault with code `ledger`; the effect that one of them announces must then not happen.
    fn append(&self, drafts: Vec<Draft>) -> Result<Vec<Entry>, StageError>;
}
