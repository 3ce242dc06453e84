//! A plan and its source to a jailed compiler run, and its output to an artifact or to
//! diagnostics about the source as the model wrote it.
//!
//! The compiler is started only through `saggar-jail`, with an argument list that is the
//! server's own: source text and names never become arguments. Compile and link are separate
//! runs, each a function of its input files, argument list and environment.
#![forbid(unsafe_code)]

mod action;
mod diagnostics;
mod driver;
pub mod glue;
mod link_errors;
pub mod symbols;
mod toolchain;
mod translate;

pub use driver::GnuDriver;
