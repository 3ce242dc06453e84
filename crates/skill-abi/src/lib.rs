//! The skill ABI: the types of an interface, the one fixed binary layout of their values in
//! shared memory, and what generated code sees of both.
//!
//! This crate does no I/O. The host encodes arguments with [`encode`] and decodes results with
//! [`decode`]; generated code does the same from the other side through the headers in
//! `include/`, which are exposed as [`headers`]. [`frame`] holds the C structures they share.
//! The layout itself is specified in [`layout`].
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
pub mod frame;
pub mod headers;
pub mod layout;
mod types;

pub use types::{Function, Interface, Param, Type};

/// Version of the value layout, the frame and the exported table. Part of the build key.
pub const ABI_VERSION: u32 = 1;
