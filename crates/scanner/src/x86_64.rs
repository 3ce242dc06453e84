//! What is particular to x86_64: numbers of the psABI that the checks need. Decides nothing.

use object::elf;

/// The machine an artifact must be for.
pub(crate) const MACHINE: elf::Machine = elf::EM_X86_64;
/// Its name in findings.
pub(crate) const NAME: &str = "x86_64";
/// The largest page the kernel may map with.
pub(crate) const PAGE: u64 = 4096;
/// A relocation whose value a function of the artifact computes at load.
pub(crate) const IRELATIVE: elf::RelocationType = elf::R_X86_64_IRELATIVE;
/// A relocation that copies an object of another library.
pub(crate) const COPY: elf::RelocationType = elf::R_X86_64_COPY;
/// A relocation that writes two words.
pub(crate) const TLSDESC: elf::RelocationType = elf::R_X86_64_TLSDESC;
/// A relocation that does nothing.
pub(crate) const NONE: elf::RelocationType = elf::R_X86_64_NONE;
/// Processor-specific dynamic tags that honest linkers write (DT_X86_64_PLT, PLTSZ, PLTENT).
pub(crate) const TAGS: &[i64] = &[0x7000_0000, 0x7000_0001, 0x7000_0003];
