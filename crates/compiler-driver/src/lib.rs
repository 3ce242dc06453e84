//! A plan and its source to a jailed compiler run, and its output to an artifact or to
//! diagnostics about the source as the model wrote it.
//!
//! The compiler is started only through `saggar-jail`, with an argument list that is the
//! server's own: source text never becomes an argument, nor a name but, for Rust, the checked
//! file name of the source. C and C++ are compiled and linked in separate runs, Rust in one; each
//! run is a function of its input files, argument list and environment. The engine calls
//! [`LocalDriver`]; for `saggar plan` it calls [`skeleton`] and [`infer`], which start nothing.
#![forbid(unsafe_code)]

mod action;
mod attributes;
mod build;
mod cache;
mod commands;
mod diagnostics;
mod diagnostics_clang;
mod diagnostics_rust;
mod directives;
#[cfg(test)]
#[path = "../tests/draw/mod.rs"]
mod draw;
mod driver;
mod ends;
pub mod glue;
mod identity;
pub mod infer;
mod link_errors;
mod linker;
mod outputs;
mod precompiled;
mod prelude;
mod processor;
mod required;
mod runtime;
mod rustup;
mod settle;
pub mod skeleton;
mod slots;
mod split;
pub mod symbols;
mod toolchain;
mod translate;
mod translate_rust;

pub use driver::LocalDriver;
