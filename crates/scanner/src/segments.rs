//! Program headers: what would be mapped, where, and with which rights. Never maps anything.
//! Called by the scanner; gives the [`Image`] that later checks read through.

use object::LittleEndian;
use object::elf::{self, ProgramHeader64};
use object::read::elf::ProgramHeader;

use crate::arch;
use crate::findings::{Findings, PLAIN};
use crate::image::{Image, Load};

const LE: LittleEndian = LittleEndian;

/// One above the highest address a process can have.
const HIGHEST: u64 = 1 << 47;

/// Checks every program header; `None` when there is no dynamic section to go on with.
pub(crate) fn check<'data>(
    bytes: &'data [u8],
    headers: &[ProgramHeader64<LittleEndian>],
    mapped: u64,
    findings: &mut Findings,
) -> Option<Image<'data>> {
    let mut loads = Vec::new();
    for (i, header) in headers.iter().enumerate() {
        let place = format!("program header {i}");
        match header.p_type(LE) {
            elf::PT_LOAD => {
                rights(header, &place, findings);
                let load = extent(bytes, header, &place, findings)?;
                follows(loads.last(), &load, &place, findings)?;
                loads.push(load);
            }
            elf::PT_TLS if header.p_memsz(LE) > mapped => {
                let reason = format!("{} bytes of thread-local storage", header.p_memsz(LE));
                findings.add("S11-size", place, reason, "use less thread-local data");
            }
            _ => {}
        }
    }
    span(&loads, mapped, findings);
    stack(headers, findings);
    relro(headers, &loads, findings);
    let dynamic = dynamic(headers, findings)?;
    let image = Image { bytes, loads, dynamic };
    same_place(headers, &image, findings);
    Some(image)
}

fn rights(header: &ProgramHeader64<LittleEndian>, place: &str, findings: &mut Findings) {
    let flags = header.p_flags(LE).0;
    if flags & elf::PF_W.0 != 0 && flags & elf::PF_X.0 != 0 {
        let reason = "a segment would be writable and executable at once";
        findings.add("S04-writable-code", place, reason, PLAIN);
    }
}

/// Where a segment lies. What breaks these rules the loader would map otherwise than it is read
/// here, so nothing further is read.
fn extent(
    bytes: &[u8],
    header: &ProgramHeader64<LittleEndian>,
    place: &str,
    findings: &mut Findings,
) -> Option<Load> {
    let (start, offset) = (header.p_vaddr(LE), header.p_offset(LE));
    let (filesz, memsz) = (header.p_filesz(LE), header.p_memsz(LE));
    let end = start.checked_add(memsz).filter(|end| *end <= HIGHEST);
    let mut refuse = |rule: &str, reason: String| {
        findings.add(rule, place, reason, PLAIN);
        None
    };
    if filesz > memsz {
        return refuse("S11-size", format!("{filesz} bytes of file for {memsz} of memory"));
    }
    if offset.checked_add(filesz).is_none_or(|end| end > bytes.len() as u64) {
        let reason = format!("{filesz} bytes from offset {offset} are not in the file");
        return refuse("S11-truncated", reason);
    }
    if start.wrapping_sub(offset) % arch::PAGE != 0 {
        let reason = format!("address {start:#x} and offset {offset:#x} differ within a page");
        return refuse("S11-alignment", reason);
    }
    let Some(end) = end else {
        return refuse("S11-size", format!("{memsz} bytes from address {start:#x} wrap around"));
    };
    let writable = header.p_flags(LE).0 & elf::PF_W.0 != 0;
    Some(Load { start, file_end: start + filesz, end, offset, writable })
}

/// Segments come in order and share no page: where they did, the later one would replace the end
/// of the earlier one.
fn follows(before: Option<&Load>, load: &Load, place: &str, findings: &mut Findings) -> Option<()> {
    let page = load.start - load.start % arch::PAGE;
    match before {
        Some(before) if page < before.end => {
            let reason = format!(
                "the segment at {:#x} starts before the page in which the one before ends, {:#x}",
                load.start, before.end
            );
            findings.add("S11-overlap", place, reason, PLAIN);
            None
        }
        _ => Some(()),
    }
}

fn span(loads: &[Load], mapped: u64, findings: &mut Findings) {
    let (Some(first), Some(last)) = (loads.first(), loads.last()) else { return };
    let size = last.end - first.start;
    if size > mapped {
        let reason = format!("{size} bytes would be mapped; the policy allows {mapped}");
        findings.add("S11-size", "program headers", reason, "use less static data");
    }
}

fn of_type(
    headers: &[ProgramHeader64<LittleEndian>],
    kind: elf::ProgramType,
) -> impl Iterator<Item = &ProgramHeader64<LittleEndian>> {
    headers.iter().filter(move |header| header.p_type(LE) == kind)
}

fn stack(headers: &[ProgramHeader64<LittleEndian>], findings: &mut Findings) {
    let mut found = of_type(headers, elf::PT_GNU_STACK).peekable();
    let reason = if found.peek().is_none() {
        "without PT_GNU_STACK the loader makes every stack of the process executable"
    } else if found.any(|header| header.p_flags(LE).0 & elf::PF_X.0 != 0) {
        "the loader would make every stack of the process executable"
    } else {
        return;
    };
    let fix = "take no address of a nested function, and mark assembly with .note.GNU-stack";
    findings.add("S03-executable-stack", "program headers, PT_GNU_STACK", reason, fix);
}

fn relro(headers: &[ProgramHeader64<LittleEndian>], loads: &[Load], findings: &mut Findings) {
    let covers = |header: &ProgramHeader64<LittleEndian>| {
        let address = header.p_vaddr(LE);
        header.p_memsz(LE) > 0
            && loads.iter().any(|load| load.writable && (load.start..load.end).contains(&address))
    };
    if !of_type(headers, elf::PT_GNU_RELRO).any(covers) {
        let reason = "no PT_GNU_RELRO: pointers to functions would stay writable after loading";
        findings.add("S04-no-relro", "program headers, PT_GNU_RELRO", reason, PLAIN);
    }
}

fn dynamic(
    headers: &[ProgramHeader64<LittleEndian>],
    findings: &mut Findings,
) -> Option<(u64, u64)> {
    let mut found = of_type(headers, elf::PT_DYNAMIC);
    match (found.next(), found.next()) {
        (Some(only), None) => Some((only.p_vaddr(LE), only.p_memsz(LE))),
        (None, _) => {
            let reason = "the object has no dynamic section";
            findings.add("S10-type", "program headers, PT_DYNAMIC", reason, PLAIN);
            None
        }
        (Some(_), Some(_)) => {
            let reason = "there are two dynamic sections; tools and loader would read different \
                          ones";
            findings.add("S09-two-dynamics", "program headers, PT_DYNAMIC", reason, PLAIN);
            None
        }
    }
}

/// The loader goes by the dynamic section's address; most tools go by its offset.
fn same_place(
    headers: &[ProgramHeader64<LittleEndian>],
    image: &Image<'_>,
    findings: &mut Findings,
) {
    for header in of_type(headers, elf::PT_DYNAMIC) {
        let address = header.p_vaddr(LE);
        let expected =
            image.load(address).and_then(|load| load.offset.checked_add(address - load.start));
        if expected != Some(header.p_offset(LE)) {
            let reason = "address and file offset of the dynamic section name different bytes";
            findings.add("S09-dynamic-offset", "program headers, PT_DYNAMIC", reason, PLAIN);
        }
    }
}
