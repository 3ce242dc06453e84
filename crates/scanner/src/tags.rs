//! The tags of the dynamic section: which are known to be harmless, and what they are called.
//! Data only; [`crate::dynamic`] decides by it.

use object::elf::{self, DynamicTag};

use crate::arch;

/// What flags may ask for: to bind now, to stay loaded, to look at home first, static TLS. Text
/// relocations are reported by themselves.
pub(crate) const HARMLESS_FLAGS_1: u64 = elf::DF_1_NOW.0 | elf::DF_1_NODELETE.0;
pub(crate) const HARMLESS_FLAGS: u64 =
    elf::DF_SYMBOLIC.0 | elf::DF_BIND_NOW.0 | elf::DF_STATIC_TLS.0 | elf::DF_TEXTREL.0;

/// Tags that carry addresses, sizes and counts of what honest objects have.
const KNOWN: &[DynamicTag] = &[
    elf::DT_NEEDED,
    elf::DT_PLTRELSZ,
    elf::DT_PLTGOT,
    elf::DT_HASH,
    elf::DT_STRTAB,
    elf::DT_SYMTAB,
    elf::DT_RELA,
    elf::DT_RELASZ,
    elf::DT_RELAENT,
    elf::DT_STRSZ,
    elf::DT_SYMENT,
    elf::DT_INIT,
    elf::DT_FINI,
    elf::DT_SONAME,
    elf::DT_SYMBOLIC,
    elf::DT_PLTREL,
    elf::DT_TEXTREL,
    elf::DT_JMPREL,
    elf::DT_BIND_NOW,
    elf::DT_INIT_ARRAY,
    elf::DT_FINI_ARRAY,
    elf::DT_INIT_ARRAYSZ,
    elf::DT_FINI_ARRAYSZ,
    elf::DT_FLAGS,
    elf::DT_RELR,
    elf::DT_RELRSZ,
    elf::DT_RELRENT,
    elf::DT_GNU_HASH,
    elf::DT_TLSDESC_PLT,
    elf::DT_TLSDESC_GOT,
    elf::DT_VERSYM,
    elf::DT_RELACOUNT,
    elf::DT_FLAGS_1,
    elf::DT_VERDEF,
    elf::DT_VERDEFNUM,
    elf::DT_VERNEED,
    elf::DT_VERNEEDNUM,
];

/// Whether a tag only says where the parts of an honest object are.
pub(crate) fn is_known(tag: DynamicTag) -> bool {
    KNOWN.contains(&tag) || arch::TAGS.contains(&tag.0)
}

/// How a place of the dynamic section is written.
pub(crate) fn tag_name(tag: DynamicTag) -> String {
    let name = match tag {
        elf::DT_STRTAB => "DT_STRTAB",
        elf::DT_SYMTAB => "DT_SYMTAB",
        elf::DT_HASH => "DT_HASH",
        elf::DT_GNU_HASH => "DT_GNU_HASH",
        elf::DT_RELA => "DT_RELA",
        elf::DT_JMPREL => "DT_JMPREL",
        elf::DT_RELR => "DT_RELR",
        elf::DT_TEXTREL => "DT_TEXTREL",
        elf::DT_FLAGS => "DT_FLAGS",
        elf::DT_FLAGS_1 => "DT_FLAGS_1",
        elf::DT_SONAME => "DT_SONAME",
        elf::DT_RPATH => "DT_RPATH",
        elf::DT_RUNPATH => "DT_RUNPATH",
        elf::DT_AUDIT => "DT_AUDIT",
        elf::DT_DEPAUDIT => "DT_DEPAUDIT",
        elf::DT_FILTER => "DT_FILTER",
        elf::DT_AUXILIARY => "DT_AUXILIARY",
        other => return format!("dynamic section, tag {:#x}", other.0),
    };
    format!("dynamic section, {name}")
}
