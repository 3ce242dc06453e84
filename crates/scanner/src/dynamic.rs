//! The dynamic section: what the object asks the loader for. Every tag is on a list of known
//! ones or is refused, because the loader acts on tags and each new one is a new request. Never
//! follows an address it has not checked. Called by the scanner.

use object::elf::{self, Dyn64, DynamicTag};
use object::{LittleEndian, ReadRef};

use crate::findings::{Findings, PLAIN, shown};
use crate::image::Image;
use crate::tags::{self, HARMLESS_FLAGS, HARMLESS_FLAGS_1, tag_name};

const LE: LittleEndian = LittleEndian;

/// Entries read; honest objects have about thirty.
const MAX_ENTRIES: usize = 512;

/// Longest name read out of the string table.
pub(crate) const MAX_NAME: usize = 16 << 10;

/// The entries, and the string table that their names and the symbols' names lie in.
#[derive(Debug)]
pub(crate) struct Dynamic<'data> {
    entries: Vec<(DynamicTag, u64)>,
    strings: &'data [u8],
}

impl<'data> Dynamic<'data> {
    /// Reads the entries to their end; `None` when there is nothing further to read.
    pub(crate) fn read(image: &Image<'data>, findings: &mut Findings) -> Option<Self> {
        let place = "dynamic section";
        let Some(bytes) = image.tail(image.dynamic.0) else {
            let reason = "the dynamic section does not lie in the file";
            findings.add("S01-dynamic", place, reason, PLAIN);
            return None;
        };
        let mut dynamic = Dynamic { entries: Vec::new(), strings: &[] };
        let count = (bytes.len() / size_of::<Dyn64<LittleEndian>>()).min(MAX_ENTRIES);
        let entries = bytes.read_slice_at::<Dyn64<LittleEndian>>(0, count).unwrap_or_default();
        let mut entries = entries.iter().map(|entry| (entry.d_tag.get(LE), entry.d_val.get(LE)));
        loop {
            match entries.next() {
                Some((elf::DT_NULL, _)) => break,
                Some(entry) => dynamic.entries.push(entry),
                None => {
                    let reason = format!("no end within {count} entries");
                    findings.add("S01-dynamic", place, reason, PLAIN);
                    return None;
                }
            }
        }
        dynamic.unique(findings);
        dynamic.strings = dynamic.table(image, elf::DT_STRTAB, elf::DT_STRSZ, findings);
        Some(dynamic)
    }

    /// The value of a tag.
    pub(crate) fn value(&self, tag: DynamicTag) -> Option<u64> {
        self.entries.iter().rev().find(|(known, _)| *known == tag).map(|(_, value)| *value)
    }

    /// A table named by address and size, which must lie in the file, where relocations cannot
    /// rewrite it. Empty when there is none.
    pub(crate) fn table(
        &self,
        image: &Image<'data>,
        address: DynamicTag,
        size: DynamicTag,
        findings: &mut Findings,
    ) -> &'data [u8] {
        let Some(address) = self.place(image, address, findings) else { return &[] };
        let size = self.value(size).unwrap_or(0);
        image.slice(address, size).unwrap_or_else(|| {
            let reason = format!("a table of {size} bytes at {address:#x} is not in the file");
            findings.add("S01-table", "dynamic section", reason, PLAIN);
            &[]
        })
    }

    /// The address of a table, checked to lie in a segment that is never writable.
    pub(crate) fn place(
        &self,
        image: &Image<'_>,
        tag: DynamicTag,
        findings: &mut Findings,
    ) -> Option<u64> {
        let address = self.value(tag)?;
        if image.writable(address, 0) {
            let reason = format!(
                "the table at {address:#x} is writable: it can change between scan and use"
            );
            findings.add("S09-writable-table", tag_name(tag), reason, PLAIN);
        }
        Some(address)
    }

    /// A name of the string table, if it lies in it with its end.
    pub(crate) fn name(&self, offset: u64) -> Option<&'data [u8]> {
        let rest = self.strings.get(usize::try_from(offset).ok()?..)?;
        let rest = &rest[..rest.len().min(MAX_NAME)];
        rest.iter().position(|byte| *byte == 0).map(|end| &rest[..end])
    }

    /// Address range of the entries, their end included.
    pub(crate) fn range(&self, image: &Image<'_>) -> (u64, u64) {
        let (start, size) = image.dynamic;
        let read = (self.entries.len() as u64 + 1) * size_of::<Dyn64<LittleEndian>>() as u64;
        (start, start.saturating_add(size.max(read)))
    }

    /// How many functions run when the object is loaded.
    pub(crate) fn constructors(&self) -> u32 {
        let array = self.value(elf::DT_INIT_ARRAYSZ).unwrap_or(0) / 8;
        let init = u64::from(self.value(elf::DT_INIT).is_some());
        u32::try_from(array.saturating_add(init)).unwrap_or(u32::MAX)
    }

    /// Checks every request; gives the names of the libraries needed.
    pub(crate) fn check(&self, allowed: &[String], findings: &mut Findings) -> Vec<String> {
        let mut needed = Vec::new();
        for (tag, value) in &self.entries {
            match *tag {
                elf::DT_NEEDED => {
                    let place = format!("dynamic section, DT_NEEDED {}", needed.len());
                    needed.push(self.library(*value, allowed, place, findings));
                }
                elf::DT_SONAME => self.soname(*value, allowed, findings),
                elf::DT_TEXTREL => text_relocations(findings),
                elf::DT_FLAGS => flags(*value, findings),
                elf::DT_FLAGS_1 if value & !HARMLESS_FLAGS_1 != 0 => {
                    let reason =
                        format!("flags {value:#x} ask more of the loader than binding now");
                    findings.add("S06-flags", tag_name(*tag), reason, "drop the linker flag");
                }
                tag => self.request(tag, *value, findings),
            }
        }
        self.bound_now(findings);
        needed
    }

    /// The loader takes the last of several, some tools the first.
    fn unique(&self, findings: &mut Findings) {
        let mut tags: Vec<_> = self.entries.iter().map(|(tag, _)| *tag).collect();
        tags.retain(|tag| *tag != elf::DT_NEEDED);
        tags.sort_unstable();
        if let Some(pair) = tags.windows(2).find(|pair| pair[0] == pair[1]) {
            let reason = "the tag is there twice";
            findings.add("S09-duplicate-tag", tag_name(pair[0]), reason, PLAIN);
        }
    }

    fn library(
        &self,
        offset: u64,
        allowed: &[String],
        place: String,
        findings: &mut Findings,
    ) -> String {
        let Some(name) = self.name(offset) else {
            let reason = "the library's name does not lie in the string table";
            findings.add("S01-string", place, reason, PLAIN);
            return String::new();
        };
        let text = shown(name);
        if name.contains(&b'/') {
            let reason = format!("needs `{text}` by its path");
            findings.add("S05-needed", place, reason, "use the standard library only");
        } else if !allowed.iter().any(|known| known.as_bytes() == name) {
            let reason = format!("needs `{text}`, which is none of {}", allowed.join(", "));
            findings.add("S05-needed", place, reason, "use the standard library only");
        }
        text
    }

    fn soname(&self, offset: u64, allowed: &[String], findings: &mut Findings) {
        let name = self.name(offset).unwrap_or_default();
        if name.is_empty() || allowed.iter().any(|known| known.as_bytes() == name) {
            let reason = format!("the object calls itself `{}`", shown(name));
            findings.add("S05-soname", tag_name(elf::DT_SONAME), reason, "set no soname");
        }
    }

    fn request(&self, tag: DynamicTag, value: u64, findings: &mut Findings) {
        let name = shown(self.name(value).unwrap_or_default());
        let (rule, reason, fix) = match tag {
            elf::DT_RPATH | elf::DT_RUNPATH => {
                ("S05-search-path", format!("asks for libraries in `{name}`"), "drop -rpath")
            }
            elf::DT_AUDIT | elf::DT_DEPAUDIT => {
                ("S06-audit", format!("has the loader run `{name}`"), "drop --audit, --depaudit")
            }
            elf::DT_FILTER | elf::DT_AUXILIARY => (
                "S06-filter",
                format!("has the loader open `{name}`"),
                "drop --filter, --auxiliary",
            ),
            tag if tags::is_known(tag) => return,
            _ => ("S06-unknown-tag", "asks what this scanner does not know".to_owned(), PLAIN),
        };
        findings.add(rule, tag_name(tag), reason, fix);
    }

    fn bound_now(&self, findings: &mut Findings) {
        let has = |tag, bit| self.value(tag).is_some_and(|flags| flags & bit != 0);
        if self.value(elf::DT_BIND_NOW).is_none()
            && !has(elf::DT_FLAGS, elf::DF_BIND_NOW.0)
            && !has(elf::DT_FLAGS_1, elf::DF_1_NOW.0)
        {
            let reason = "imports would be bound lazily, through pointers that stay writable";
            findings.add(
                "S04-lazy-binding",
                "dynamic section, DT_FLAGS",
                reason,
                "link with -z now",
            );
        }
    }
}

fn flags(value: u64, findings: &mut Findings) {
    if value & elf::DF_TEXTREL.0 != 0 {
        text_relocations(findings);
    }
    if value & !HARMLESS_FLAGS != 0 {
        let reason = format!("flags {value:#x} ask the loader for search paths or unknown things");
        findings.add("S06-flags", tag_name(elf::DT_FLAGS), reason, "drop the linker flag");
    }
}

fn text_relocations(findings: &mut Findings) {
    let reason = "code would be made writable to be relocated";
    let fix = "compile position-independent code, and put no absolute addresses into assembly";
    findings.add("S04-text-relocations", tag_name(elf::DT_TEXTREL), reason, fix);
}
