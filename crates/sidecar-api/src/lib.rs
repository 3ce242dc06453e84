//! The wire protocol between a host and a sidecar, and the host's client of it.
//!
//! A sidecar is a jailed process that loads one artifact. Control goes over a Unix socket until
//! the artifact is loaded; calls go through an arena, memory that both processes map. The sidecar
//! is the enemy: whatever it sends or writes is copied once and then validated.
//!
//! [`Sidecars`] implements the launcher of `saggar-plugin-abi`; [`wire`] and [`arena`] are what
//! the sidecar program shares with it. `unsafe` stands in [`arena`] alone.
#![deny(unsafe_code)]

#[expect(unsafe_code, reason = "maps memory that another process writes")]
pub mod arena;
pub mod bell;
#[cfg(feature = "host")]
mod call;
#[cfg(feature = "host")]
mod crash;
#[cfg(feature = "host")]
mod launch;
#[cfg(feature = "host")]
mod locate;
#[cfg(feature = "host")]
mod output;
#[cfg(feature = "host")]
mod standby;
#[cfg(feature = "host")]
mod starting;
#[cfg(feature = "host")]
mod watch;
pub mod wire;

#[cfg(feature = "host")]
pub use launch::Sidecars;
#[cfg(feature = "host")]
pub use locate::{Locate, find_sidecar};
