//! Builds in the jail, with the compilers and linkers of this machine: what a precompiled header or
//! another linker may change (nothing but time), and what happens when one is damaged, missing or
//! being made by somebody else.
//!
//! SAGGAR_SIDECAR names the program that makes jails; else it is looked for where cargo puts it.

#![cfg(test)]

#[path = "build/clang.rs"]
mod clang;
#[path = "build/container.rs"]
mod container;
#[path = "draw/mod.rs"]
mod draw;
#[path = "build/errors.rs"]
mod errors;
#[path = "build/jig.rs"]
mod jig;
#[path = "build/linkers.rs"]
mod linkers;
#[path = "build/native.rs"]
mod native;
#[path = "build/runtime.rs"]
mod runtime;
#[path = "build/same.rs"]
mod same;
#[path = "build/settle.rs"]
mod settle;
#[path = "build/slots.rs"]
mod slots;
#[path = "build/store.rs"]
mod store;
#[path = "build/words.rs"]
mod words;
