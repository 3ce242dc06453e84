//! The jig that holds the real binaries to the design: it starts `saggar` as a stranger would,
//! reads what it prints and writes, and looks at the machine from outside for what it left
//! behind. It links no crate of the workspace, so that it shares no mistake with what it tests.
//! `cargo xtask regress` and the integration binary `it` call it; nothing else does.
//!
//! ```no_run
//! let env = saggar_tests::Env::locate().expect("the binaries build");
//! let b01 = saggar_tests::cases::ALL.iter().find(|case| case.id == "B01").expect("a case");
//! (b01.run)(&env).expect("no byte of a host file comes back");
//! ```
#![forbid(unsafe_code)]

pub mod cases;
mod census;
mod env;
mod fake;
mod fixture;
mod jig;
mod ledger;
mod output;
mod policy;
mod process;
mod twin;
mod typed;

pub use env::{BINARIES, Env};
pub use fixture::Fixture;
pub use jig::Jig;
pub use output::Output;
pub use policy::Policy;

/// What a case comes to: nothing, or what is wrong.
pub type Verdict = Result<(), String>;

/// Turns any error into the text of a failed case, with what was being done.
pub(crate) fn while_doing<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}
pub(crate) use ensure;
