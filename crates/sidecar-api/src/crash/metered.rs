//! A reader of debug information that a skill wrote, with a bound on the work that can be made of it:
//! whoever reads on behalf of the host reads through this, and is told that there is no more once it
//! has cost too much. Memory that is taken for what was read is bounded with it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use gimli::{EndianSlice, LittleEndian, Reader, ReaderOffsetId, Result};

/// Bytes that can be looked through for the price of one step.
const AT_ONCE: usize = 16;

/// Steps that are left to all readers of a crash together.
#[derive(Clone)]
pub(super) struct Steps(Rc<Cell<u64>>);

impl Steps {
    pub(super) fn new(steps: u64) -> Self {
        Steps(Rc::new(Cell::new(steps)))
    }

    /// Takes some; false when there are none left.
    fn take(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps as u64);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> u64 {
        self.0.get()
    }
}

/// Some bytes of a section.
#[derive(Clone)]
pub(super) struct Metered<'a> {
    bytes: EndianSlice<'a, LittleEndian>,
    steps: Steps,
    /// Steps that one costs here.
    price: usize,
}

impl<'a> Metered<'a> {
    pub(super) fn new(bytes: &'a [u8], steps: &Steps) -> Self {
        Metered { bytes: EndianSlice::new(bytes, LittleEndian), steps: steps.clone(), price: 1 }
    }

    /// The same bytes where a step costs more: more memory is taken for what they say.
    pub(super) fn dearer(&self, price: usize) -> Self {
        Metered { price, ..self.clone() }
    }

    fn pay(&self, steps: usize) -> Result<()> {
        match self.steps.take(steps.saturating_mul(self.price)) {
            true => Ok(()),
            false => Err(gimli::Error::UnexpectedEof(self.bytes.offset_id())),
        }
    }
}

impl fmt::Debug for Metered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metered")
    }
}

impl Reader for Metered<'_> {
    type Endian = LittleEndian;
    type Offset = usize;

    fn endian(&self) -> LittleEndian {
        self.bytes.endian()
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn empty(&mut self) {
        self.bytes.empty();
    }

    fn truncate(&mut self, len: usize) -> Result<()> {
        self.bytes.truncate(len)
    }

    fn offset_from(&self, base: &Self) -> usize {
        self.bytes.offset_from(base.bytes)
    }

    fn offset_id(&self) -> ReaderOffsetId {
        self.bytes.offset_id()
    }

    fn lookup_offset_id(&self, id: ReaderOffsetId) -> Option<usize> {
        self.bytes.lookup_offset_id(id)
    }

    fn find(&self, byte: u8) -> Result<usize> {
        let found = Reader::find(&self.bytes, byte);
        self.pay(1 + found.unwrap_or(self.bytes.len()) / AT_ONCE)?;
        found
    }

    fn skip(&mut self, len: usize) -> Result<()> {
        self.pay(1)?;
        self.bytes.skip(len)
    }

    fn split(&mut self, len: usize) -> Result<Self> {
        self.pay(1)?;
        Ok(Metered { bytes: self.bytes.split(len)?, ..self.clone() })
    }

    // Text is copied by who asks for it: each byte counts.
    fn to_slice(&self) -> Result<Cow<'_, [u8]>> {
        self.pay(1 + self.bytes.len())?;
        self.bytes.to_slice()
    }

    fn to_string(&self) -> Result<Cow<'_, str>> {
        self.pay(1 + self.bytes.len())?;
        Reader::to_string(&self.bytes)
    }

    fn to_string_lossy(&self) -> Result<Cow<'_, str>> {
        self.pay(1 + self.bytes.len())?;
        Reader::to_string_lossy(&self.bytes)
    }

    fn read_slice(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.pay(1)?;
        self.bytes.read_slice(buffer)
    }
}
