//! Records over a pipe: a length of four bytes, then the record. Both ends are ours.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest record, bytes.
const MAX: usize = 1 << 20;

/// Writes one record.
pub(crate) fn write<T: Serialize>(mut to: impl Write, record: &T) -> io::Result<()> {
    let body = postcard::to_stdvec(record).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend_from_slice(&body);
    to.write_all(&frame)
}

/// Takes the first whole record off a buffer that grows as the pipe is read.
pub(crate) fn take<T: DeserializeOwned>(buffer: &mut Vec<u8>) -> io::Result<Option<T>> {
    let Some(length) = buffer.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX {
        return Err(io::Error::other("record too long"));
    }
    let Some(body) = buffer.get(4..4 + length) else { return Ok(None) };
    let record = postcard::from_bytes(body).map_err(io::Error::other)?;
    buffer.drain(..4 + length);
    Ok(Some(record))
}

/// Reads what is there; false at the end of the pipe.
pub(crate) fn fill(mut from: impl Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; 16 * 1024];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(false),
            Ok(n) => {
                buffer.extend_from_slice(&chunk[..n]);
                return Ok(true);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
