//! Messages on the control socket, one packet each. The host sends one [`Setup`] and, when there
//! is one, the artifact's descriptor with [`Expected`]; the sidecar answers with [`FromSidecar`]
//! messages until it is ready or gives up. From then on the host alone sends: [`Files`] before a call
//! that has some.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use saggar_jail::Rlimits;
use saggar_model::BpfProgram;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Which sources this binary was built from; both ends must say the same.
pub const BUILD_ID: &str = env!("SAGGAR_BUILD_ID");

/// Descriptors a sidecar starts with.
pub mod descriptor {
    /// Standard input: `/dev/null`.
    pub const INPUT: i32 = 0;
    /// Standard output, a pipe to the host.
    pub const OUTPUT: i32 = 1;
    /// Standard error, the same pipe.
    pub const ERROR: i32 = 2;
    /// The control socket.
    pub const CONTROL: i32 = 3;
    /// The arena, a sealed memfd. The last one it starts with.
    pub const ARENA: i32 = 4;
}

/// Longest message, bytes.
pub const MAX_MESSAGE: usize = 160 * 1024;

/// What a sidecar is to do before it has an artifact, in the order it does it. The same for every
/// skill of the same limits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// [`BUILD_ID`] of the host.
    pub build: String,
    /// Resource limits of the process.
    pub rlimits: Rlimits,
    /// Lowest Landlock ABI that will do.
    pub landlock_abi: u32,
    /// PR_SET_MDWE must hold.
    pub mdwe: bool,
    /// Filters to install before the artifact is loaded.
    pub load: Vec<BpfProgram>,
    /// Filters to install after it.
    pub serve: Vec<BpfProgram>,
    /// Size of the arena, bytes.
    pub arena: u64,
    /// Size of the window behind it, bytes.
    pub window: u64,
    /// How long to look for the next call before sleeping.
    pub patience: Duration,
}

/// What an artifact must be, which comes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Functions it has.
    pub functions: u32,
    /// SHA-256 of the interface's normal form, which it carries.
    pub interface: [u8; 32],
}

/// Where things lie in a sidecar's memory, as of before anything generated ran in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Places {
    /// The arena.
    pub arena: u64,
    /// Near the end of the stack, where it began to grow.
    pub stack: u64,
    /// Something on the heap, near its beginning.
    pub heap: u64,
    /// The program itself, whose path is empty, and its libraries.
    pub objects: Vec<LoadedObject>,
}

/// An executable or library in memory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadedObject {
    /// Where the loader found it; the host has the same file there.
    pub path: String,
    /// What its addresses are relative to.
    pub base: u64,
    /// How far from there it reaches, bytes.
    pub size: u64,
}

/// Files to map for a call; their descriptors come along, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Where each goes.
    pub files: Vec<Place>,
    /// They stay mapped until the next call; otherwise they are gone when this one is answered.
    pub keep: bool,
}

/// Which part of a file goes where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// In the window, counted from the start of the arena; at a page's boundary.
    pub at: u64,
    /// The first byte of the file, at a page's boundary.
    pub offset: u64,
    /// Bytes; at least one.
    pub length: u64,
}

/// Most files of one call.
pub const MAX_FILES: usize = saggar_jail::wire::MAX_DESCRIPTORS;

/// What a call is answered with, in place of a status of the skill's, when its files cannot be
/// mapped; the length of the result is the errno then.
pub const NOT_MAPPED: u32 = u32::MAX - 1;

/// What a sidecar says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromSidecar {
    /// First thing after the start.
    Hello {
        /// [`BUILD_ID`] of the sidecar.
        build: String,
    },
    /// Confined; no generated code has run yet.
    Confined {
        /// Landlock ABI in force; no path is allowed.
        landlock_abi: u32,
        /// PR_SET_MDWE holds.
        mdwe: bool,
        /// Where things lie in its memory.
        places: Places,
    },
    /// Could not confine itself; nothing was loaded.
    NotConfined {
        /// The step that failed.
        step: String,
        /// Why.
        message: String,
    },
    /// The artifact does not load, or is not what the host said.
    LoadFailed {
        /// The loader's words, or ours.
        message: String,
    },
    /// Loaded, the second stage is on, calls may come.
    Ready {
        /// Where the artifact lies in memory.
        base: u64,
    },
}

/// Sends one message as one packet.
///
/// # Errors
/// The socket's.
pub fn send<T: Serialize>(socket: impl AsFd, message: &T) -> io::Result<()> {
    let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
    rustix::io::write(socket, &body)?;
    Ok(())
}

/// Sends the artifact, a sealed memfd.
///
/// # Errors
/// The socket's.
pub fn send_artifact(
    socket: impl AsFd,
    expected: &Expected,
    artifact: BorrowedFd<'_>,
) -> io::Result<()> {
    send_with(socket, expected, &[artifact])
}

/// Waits for the artifact; an error when the host has none.
///
/// # Errors
/// The socket's, `UnexpectedEof` at the end of the conversation, or `InvalidData`.
pub fn receive_artifact(socket: impl AsFd) -> io::Result<(Expected, OwnedFd)> {
    let (expected, descriptors) = receive_with(socket, &mut [0; size_of::<Expected>() + 16])?;
    let artifact = descriptors.into_iter().next();
    Ok((expected, artifact.ok_or(io::ErrorKind::InvalidData)?))
}

/// Sends what files a call has, with their descriptors; never waits.
///
/// # Errors
/// The socket's, for instance when the peer does not take what it is sent.
pub fn send_files(
    socket: impl AsFd,
    files: &Files,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    send_with(socket, files, descriptors)
}

/// Receives what [`send_files`] sent. Closing the descriptors is the caller's.
///
/// # Errors
/// The socket's, `UnexpectedEof` at the end of the conversation, or `InvalidData`.
pub fn receive_files(socket: impl AsFd) -> io::Result<(Files, Vec<OwnedFd>)> {
    let (files, descriptors): (Files, _) = receive_with(socket, &mut [0; MAX_FILES * 32])?;
    if files.files.len() != descriptors.len() {
        // The kernel lets go of those that this process can have no more of.
        return Err(rustix::io::Errno::MFILE.into());
    }
    Ok((files, descriptors))
}

/// Sends one message as one packet, with descriptors.
fn send_with<T: Serialize>(
    socket: impl AsFd,
    message: &T,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
    saggar_jail::wire::send(socket, &body, descriptors)
}

/// Receives what [`send_with`] sent, by way of a buffer.
fn receive_with<T: DeserializeOwned>(
    socket: impl AsFd,
    body: &mut [u8],
) -> io::Result<(T, Vec<OwnedFd>)> {
    let received = saggar_jail::wire::receive(socket, body)?;
    if received.length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let message = postcard::from_bytes(&body[..received.length]);
    let message = message.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok((message, received.descriptors))
}

/// Receives one packet; an error at the end of the conversation.
///
/// # Errors
/// The socket's, `UnexpectedEof`, or `InvalidData` for what is no message.
pub fn receive<T: DeserializeOwned>(socket: impl AsFd) -> io::Result<T> {
    let mut body = vec![0; MAX_MESSAGE];
    let length = loop {
        match rustix::io::read(&socket, &mut body) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    if length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&body[..length]).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}
