//! The object as it will lie in memory: addresses to bytes of the file. Decides nothing; made by
//! [`crate::segments`], read by every later check.

/// One PT_LOAD.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// First address.
    pub(crate) start: u64,
    /// End of what comes from the file.
    pub(crate) file_end: u64,
    /// End of what is mapped.
    pub(crate) end: u64,
    /// Where it starts in the file.
    pub(crate) offset: u64,
    /// PF_W.
    pub(crate) writable: bool,
}

/// The segments in the order of their addresses, none overlapping.
#[derive(Debug)]
pub(crate) struct Image<'data> {
    /// The whole file.
    pub(crate) bytes: &'data [u8],
    /// What is mapped.
    pub(crate) loads: Vec<Load>,
    /// Address and size of the dynamic section.
    pub(crate) dynamic: (u64, u64),
}

impl<'data> Image<'data> {
    /// The segment an address lies in.
    pub(crate) fn load(&self, address: u64) -> Option<&Load> {
        self.loads.iter().find(|load| (load.start..load.end).contains(&address))
    }

    /// The file's bytes from an address to the end of its segment.
    pub(crate) fn tail(&self, address: u64) -> Option<&'data [u8]> {
        let load = self.load(address).filter(|load| address < load.file_end)?;
        let start = load.offset.checked_add(address - load.start)?;
        let end = start.checked_add(load.file_end - address)?;
        self.bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// A run of the file's bytes at an address, within one segment.
    pub(crate) fn slice(&self, address: u64, size: u64) -> Option<&'data [u8]> {
        self.tail(address)?.get(..usize::try_from(size).ok()?)
    }

    /// Whether a run of bytes lies in one segment that stays or becomes writable.
    pub(crate) fn writable(&self, address: u64, size: u64) -> bool {
        self.load(address).is_some_and(|load| {
            load.writable && address.checked_add(size).is_some_and(|end| end <= load.end)
        })
    }
}
