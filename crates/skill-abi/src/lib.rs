//! The skill ABI: the types of an interface, the one fixed binary layout of their values in
//! shared memory, and what generated code sees of both.
//!
//! This crate does no I/O. The host encodes arguments with [`encode`] and decodes results with
//! [`decode`], both between JSON and a block; generated code does the same from the other side
//! through the texts in `include/`, which are exposed as [`headers`]. [`frame`] holds the C
//! structures they share, [`failure()`] says which results are errors. A [`Signature`] does both for a
//! function that is called many times. The layout itself is specified in [`layout`].
//!
//! ```
//! use saggar_skill_abi::{Function, Param, Type, decode, encode};
//! let count = Function {
//!     name: "count".into(),
//!     params: vec![Param { name: "text".into(), ty: Type::String }],
//!     result: Some(Type::U64),
//! };
//! let block = encode::args(&count, &[serde_json::json!("a b a")]).unwrap();
//! assert_eq!(&block[16..21], b"a b a");
//! let reply = 2u64.to_le_bytes();
//! assert_eq!(decode::result(count.result.as_ref(), &reply).unwrap(), 2);
//! ```
#![forbid(unsafe_code)]

pub mod decode;
pub mod encode;
mod failure;
pub mod frame;
pub mod headers;
pub mod layout;
mod path;
mod shape;
mod signature;
mod types;

pub use failure::failure;
pub use signature::Signature;
pub use types::{Enum, Field, Function, Interface, Param, Record, Type};

/// Version of the value layout, the frame and the exported table. Part of the build key.
pub const ABI_VERSION: u32 = 1;
