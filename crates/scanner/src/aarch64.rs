//! What is particular to aarch64: numbers of the psABI that the checks need. Decides nothing.

use object::elf;

/// The machine an artifact must be for.
pub(crate) const MACHINE: elf::Machine = elf::EM_AARCH64;
/// Its name in findings.
pub(crate) const NAME: &str = "aarch64";
/// The largest page the kernel may map with.
pub(crate) const PAGE: u64 = 65536;
/// A relocation whose value a function of the artifact computes at load.
pub(crate) const IRELATIVE: elf::RelocationType = elf::R_AARCH64_IRELATIVE;
/// A relocation that copies an object of another library.
pub(crate) const COPY: elf::RelocationType = elf::R_AARCH64_COPY;
/// A relocation that writes two words.
pub(crate) const TLSDESC: elf::RelocationType = elf::R_AARCH64_TLSDESC;
/// A relocation that does nothing.
pub(crate) const NONE: elf::RelocationType = elf::R_AARCH64_NONE;
/// Processor-specific dynamic tags that honest linkers write (BTI_PLT, PAC_PLT, VARIANT_PCS).
pub(crate) const TAGS: &[i64] = &[0x7000_0001, 0x7000_0003, 0x7000_0005];
