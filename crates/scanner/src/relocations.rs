//! Relocations: what the loader writes where before any code runs, and which symbols it looks up
//! for it. Never applies one. Called by the scanner.

use object::elf::{self, FileHeader64, Rela64, Relr64};
use object::read::elf::RelrIterator;
use object::{LittleEndian, ReadRef};

use crate::arch;
use crate::dynamic::Dynamic;
use crate::findings::{Findings, PLAIN};
use crate::image::Image;

const LE: LittleEndian = LittleEndian;

/// Checks every relocation; gives one more than the highest symbol index they name, because a
/// hash table that hides symbols does not hide them from relocations.
pub(crate) fn check(image: &Image<'_>, dynamic: &Dynamic<'_>, findings: &mut Findings) -> u64 {
    let mut tally = Tally::default();
    let range = dynamic.range(image);
    for (address, size) in [(elf::DT_RELA, elf::DT_RELASZ), (elf::DT_JMPREL, elf::DT_PLTRELSZ)] {
        let bytes = dynamic.table(image, address, size, findings);
        let count = bytes.len() / size_of::<Rela64<LittleEndian>>();
        let entries = bytes.read_slice_at::<Rela64<LittleEndian>>(0, count).unwrap_or_default();
        entries.iter().for_each(|entry| tally.add(image, range, entry));
    }
    let bytes = dynamic.table(image, elf::DT_RELR, elf::DT_RELRSZ, findings);
    let count = bytes.len() / size_of::<Relr64<LittleEndian>>();
    let packed = bytes.read_slice_at::<Relr64<LittleEndian>>(0, count).unwrap_or_default();
    for target in RelrIterator::<FileHeader64<LittleEndian>>::new(LE, packed) {
        tally.target(image, range, target, 8);
    }
    tally.report(findings);
    tally.referenced
}

#[derive(Default)]
struct Tally {
    referenced: u64,
    resolvers: u32,
    copies: u32,
    misplaced: u32,
    first_misplaced: u64,
}

impl Tally {
    fn add(&mut self, image: &Image<'_>, dynamic: (u64, u64), entry: &Rela64<LittleEndian>) {
        let kind = entry.r_type(LE, false);
        if kind == arch::NONE {
            return;
        }
        let symbol = u64::from(entry.r_sym(LE, false));
        if symbol > 0 {
            self.referenced = self.referenced.max(symbol + 1);
        }
        self.resolvers += u32::from(kind == arch::IRELATIVE);
        self.copies += u32::from(kind == arch::COPY);
        let width = if kind == arch::TLSDESC { 16 } else { 8 };
        self.target(image, dynamic, entry.r_offset.get(LE), width);
    }

    /// Relocations write into data: never into code, and never into the entries that tell the
    /// loader what to do next.
    fn target(&mut self, image: &Image<'_>, dynamic: (u64, u64), target: u64, width: u64) {
        let rewrites = target < dynamic.1 && target.saturating_add(width) > dynamic.0;
        if rewrites || !image.writable(target, 4) {
            self.first_misplaced = if self.misplaced == 0 { target } else { self.first_misplaced };
            self.misplaced = self.misplaced.saturating_add(1);
        }
    }

    fn report(&self, findings: &mut Findings) {
        if self.resolvers > 0 {
            let reason = format!(
                "{} resolver function(s) of the artifact would run while it is loaded",
                self.resolvers
            );
            let fix = "remove target_clones, target attributes and ifunc";
            findings.add("S02-irelative", "relocations", reason, fix);
        }
        if self.copies > 0 {
            let reason = format!("{} copy relocation(s) in a shared object", self.copies);
            findings.add("S04-copy-relocation", "relocations", reason, PLAIN);
        }
        if self.misplaced > 0 {
            let reason = format!(
                "{} relocation(s), the first at {:#x}, write into code, into the dynamic section \
                 or outside the object",
                self.misplaced, self.first_misplaced
            );
            findings.add("S04-relocation-target", "relocations", reason, PLAIN);
        }
    }
}
