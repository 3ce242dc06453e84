//! The scanner against real objects: each fault is refused by its rule alone, and the same object
//! without the fault passes. Objects are made by the compiler the policy names.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic as the test may")]

mod attacks;
mod honest;
mod mutations;
mod objects;
mod structure;
