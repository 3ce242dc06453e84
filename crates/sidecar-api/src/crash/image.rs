//! An executable or library as it lies in a process, read from its file: what is where in it, by
//! addresses relative to where it was loaded. The artifact's file is hostile.

use object::read::elf::{ElfFile64, ProgramHeader as _};
use object::{LittleEndian, Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};

/// Most symbols and relocations that are looked at.
const MAX_SYMBOLS: usize = 1 << 17;

/// A parsed file.
pub(super) struct Image<'a> {
    file: ElfFile64<'a, LittleEndian>,
    /// Where it was loaded.
    pub(super) base: u64,
}

/// A loadable segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) start: u64,
    pub(super) size: u64,
    pub(super) writable: bool,
    pub(super) executable: bool,
    bytes: &'a [u8],
}

impl<'a> Image<'a> {
    pub(super) fn parse(bytes: &'a [u8], base: u64) -> Option<Self> {
        Some(Image { file: ElfFile64::parse(bytes).ok()?, base })
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = Segment<'a>> {
        let data = self.file.data();
        self.file.elf_program_headers().iter().take(64).filter_map(move |header| {
            let endian = LittleEndian;
            if header.p_type(endian) != object::elf::PT_LOAD {
                return None;
            }
            let flags = header.p_flags(endian).0;
            Some(Segment {
                start: header.p_vaddr(endian),
                size: header.p_memsz(endian),
                writable: flags & 2 != 0,
                executable: flags & 1 != 0,
                bytes: header.data(endian, data).unwrap_or_default(),
            })
        })
    }

    /// An address of the process as one of this image, if it lies in it.
    pub(super) fn relative(&self, address: u64) -> Option<u64> {
        let relative = address.checked_sub(self.base)?;
        self.segment(relative).map(|_| relative)
    }

    pub(super) fn segment(&self, relative: u64) -> Option<Segment<'a>> {
        self.segments().find(|s| relative.checked_sub(s.start).is_some_and(|at| at < s.size))
    }

    /// The file's bytes from an address on, to the end of their segment.
    pub(super) fn bytes(&self, relative: u64) -> &'a [u8] {
        let Some(segment) = self.segment(relative) else { return &[] };
        let at = usize::try_from(relative - segment.start).unwrap_or(usize::MAX);
        segment.bytes.get(at..).unwrap_or_default()
    }

    /// Some of the file's bytes before an address.
    pub(super) fn before(&self, relative: u64, count: u64) -> &'a [u8] {
        let Some(start) = relative.checked_sub(count) else { return &[] };
        let bytes = self.bytes(start);
        bytes.get(..usize::try_from(count).unwrap_or(0)).unwrap_or_default()
    }

    /// A section that is not compressed: unpacking what a skill sent has no bound.
    pub(super) fn section(&self, name: &str) -> Option<(u64, &'a [u8])> {
        let section = self.file.section_by_name(name)?;
        let data = section.compressed_data().ok()?;
        (data.format == object::CompressionFormat::None).then_some((section.address(), data.data))
    }

    /// The function that an address lies in, as the file names it.
    pub(super) fn function(&self, relative: u64) -> Option<&'a str> {
        let all = self.file.symbols().take(MAX_SYMBOLS);
        let all = all.chain(self.file.dynamic_symbols().take(MAX_SYMBOLS));
        let found = all.filter(|symbol| {
            symbol.kind() == object::SymbolKind::Text
                && relative.checked_sub(symbol.address()).is_some_and(|at| at < symbol.size())
        });
        let name = found.min_by_key(|symbol| symbol.size())?.name().ok()?;
        (!name.is_empty()).then_some(name)
    }

    /// The function of another library that the loader puts into this place.
    pub(super) fn imported(&self, slot: u64) -> Option<&'a str> {
        let (_, relocation) = self
            .file
            .dynamic_relocations()?
            .take(MAX_SYMBOLS)
            .find(|(address, _)| *address == slot)?;
        let RelocationTarget::Symbol(index) = relocation.target() else { return None };
        let table = self.file.dynamic_symbol_table()?;
        object::ObjectSymbolTable::symbol_by_index(&table, index).ok()?.name().ok()
    }
}
