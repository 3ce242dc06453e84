//! The C structures that the host side of a sidecar and generated glue share. `include/` declares
//! the same for C and C++; a test in `compiler-driver` compiles both and compares.

/// Name of the table every artifact exports.
pub const TABLE_SYMBOL: &str = "saggar_skill_v1";

/// What one call works on. The sidecar fills in all but `result_len`, which the glue sets.
#[repr(C)]
#[derive(Debug)]
pub struct Frame {
    /// The argument block.
    pub args: *const u8,
    /// Its length in bytes.
    pub args_len: u64,
    /// Where the result block goes; on a 64-byte boundary.
    pub result: *mut u8,
    /// How long it may become, in bytes.
    pub result_cap: u64,
    /// How long it became. After [`Status::Exception`], [`Status::Thrown`] and [`Status::Panic`] the
    /// block is the UTF-8 message instead.
    pub result_len: u64,
}

/// A function of the skill as the glue wraps it: works on a frame, returns a [`Status`] as `u32`.
pub type Entry = unsafe extern "C" fn(*mut Frame) -> u32;

/// The table behind [`TABLE_SYMBOL`].
#[repr(C)]
#[derive(Debug)]
pub struct Table {
    /// [`crate::ABI_VERSION`] of the glue.
    pub abi: u32,
    /// Number of entries.
    pub count: u32,
    /// SHA-256 of the interface's normal form.
    pub interface: [u8; 32],
    /// `count` entries in the interface's order.
    pub entries: *const Entry,
}

/// How a call ended, as the glue says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// The result block is filled in.
    Ok = 0,
    /// What the function returned, or was given, is no value of the type; the block says why.
    Exception = 1,
    /// The result does not fit in `result_cap`.
    ResultTooLarge = 2,
    /// An allocation failed.
    OutOfMemory = 3,
    /// A C++ exception came out of the function; the block is its message.
    Thrown = 4,
    /// A Rust panic came out of the function; the block is its message.
    Panic = 5,
}

impl Status {
    /// Reads a status off the wire; `None` for any other number.
    pub fn from_wire(status: u32) -> Option<Self> {
        use Status::{Exception, Ok, OutOfMemory, Panic, ResultTooLarge, Thrown};
        [Ok, Exception, ResultTooLarge, OutOfMemory, Thrown, Panic]
            .into_iter()
            .find(|known| *known as u32 == status)
    }
}
