//! The ledger: an append-only file of JSON lines, each chained to the one before by its hash,
//! and a head kept apart from it that says how far the file must reach.
//!
//! [`Ledger`] appends (safe between threads and between processes that share the directory),
//! [`verify`] recomputes the whole chain, [`read`] returns entries for showing. A ledger ahead of
//! its head is a crash and is repaired by the next append; one behind its head has been cut and
//! is refused. The crate never rewrites or removes a whole entry, never decides what is worth
//! recording, and never claims more than that the chain is consistent: whoever can write the
//! directory can recompute chain and head, and only a witness elsewhere would notice.
//!
//! ```
//! use saggar_ledger::{Ledger, Outcome, verify};
//! use saggar_model::{Digest, Draft, Event, Principal};
//!
//! let dir = tempfile::tempdir()?;
//! let ledger = Ledger::open(dir.path())?;
//! let entry = ledger.record(Draft {
//!     principal: Principal::uid(1000),
//!     authority: None,
//!     policy: Digest::of(b"policy"),
//!     event: Event::HomeCreated { format: 1 },
//! })?;
//! let audit = verify(dir.path())?;
//! assert_eq!((audit.entries, audit.head), (1, entry.hash));
//! assert_eq!(audit.outcome, Outcome::Ok);
//! assert_eq!(audit.to_string(), "1 entry: consistent, not witnessed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod append;
mod audit;
mod chain;
mod error;
#[cfg(test)]
mod faults;
mod files;
mod head;
mod system;
mod walk;

pub use append::Ledger;
pub use audit::{Audit, Outcome, read, verify};
pub use chain::MAX_LINE;
pub use error::LedgerError;
