//! The file header: is this a shared object of this machine at all, and where are its program
//! headers? Never looks at section headers. Called first, by the scanner.

use object::elf::{self, FileHeader64, ProgramHeader64};
use object::read::elf::FileHeader;
use object::{LittleEndian, ReadRef};

use crate::arch;
use crate::findings::{Findings, PLAIN};

/// Program headers an object may have; honest ones have about ten.
const MAX_PROGRAM_HEADERS: u16 = 64;

/// The program headers; `None` when there is nothing further to read.
pub(crate) fn program_headers<'data>(
    bytes: &'data [u8],
    largest: u64,
    findings: &mut Findings,
) -> Option<&'data [ProgramHeader64<LittleEndian>]> {
    let size = bytes.len() as u64;
    if size > largest {
        let reason = format!("the object is {size} bytes; the policy allows {largest}");
        findings.add("S11-too-large", "file", reason, "use less static data");
        return None;
    }
    let header = bytes.read_at::<FileHeader64<LittleEndian>>(0).ok();
    let Some(header) = header.filter(|header| header.e_ident.magic == elf::ELFMAG) else {
        let reason = "the file is no ELF object, or ends inside its header";
        findings.add("S10-not-elf", "file header", reason, PLAIN);
        return None;
    };
    identity(header, findings)?;
    table(bytes, header, findings)
}

/// Class, byte order, machine and type.
fn identity(header: &FileHeader64<LittleEndian>, findings: &mut Findings) -> Option<()> {
    let mut refuse = |rule: &str, what: String| {
        let fix = format!("build a shared object for {}", arch::NAME);
        findings.add(rule, "file header", what, fix);
    };
    if !header.is_class_64() || !header.is_little_endian() {
        refuse("S10-class", "the object is not 64-bit little-endian".into());
        return None;
    }
    let (machine, kind) = (header.e_machine(LittleEndian), header.e_type(LittleEndian));
    if machine != arch::MACHINE {
        refuse("S10-machine", format!("the object is for ELF machine {}", machine.0));
        return None;
    }
    if kind != elf::ET_DYN {
        refuse("S10-type", format!("ELF type {} is no shared object", kind.0));
    }
    Some(())
}

fn table<'data>(
    bytes: &'data [u8],
    header: &FileHeader64<LittleEndian>,
    findings: &mut Findings,
) -> Option<&'data [ProgramHeader64<LittleEndian>]> {
    // Checked before `object` may look into section headers for a larger count.
    let count = header.e_phnum(LittleEndian);
    if count > MAX_PROGRAM_HEADERS {
        let reason = format!("{count} program headers; at most {MAX_PROGRAM_HEADERS} are read");
        findings.add("S11-program-headers", "file header", reason, PLAIN);
        return None;
    }
    match header.program_headers(LittleEndian, bytes) {
        Ok(headers) if !headers.is_empty() => Some(headers),
        Ok(_) => {
            let reason = "there are no program headers, so nothing would be loaded";
            findings.add("S10-type", "file header", reason, PLAIN);
            None
        }
        Err(error) => {
            let reason = format!("the program headers cannot be read: {error}");
            findings.add("S01-program-headers", "file header", reason, PLAIN);
            None
        }
    }
}
