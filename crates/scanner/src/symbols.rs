//! The dynamic symbol table: what the object takes from others and what it offers. How many
//! symbols there are follows from the hash tables and the relocations, which the loader uses,
//! and never from section headers. Called by the scanner.

use std::collections::BTreeSet;

use object::elf::{self, FileHeader64, Sym64};
use object::read::elf::{GnuHashTable, HashTable, Sym};
use object::{LittleEndian, ReadRef};
use saggar_model::Language;
use saggar_policy::ScanSection;
use saggar_skill_abi::frame::{TABLE_SYMBOL, Table};

use crate::dynamic::{Dynamic, MAX_NAME};
use crate::findings::{Findings, PLAIN, shown};
use crate::image::Image;
use crate::pattern::{covers, unversioned};

type Header = FileHeader64<LittleEndian>;
type Raw = Sym64<LittleEndian>;

const LE: LittleEndian = LittleEndian;

/// Symbols read; a large C++ skill has a few thousand.
const MAX_SYMBOLS: u64 = 1 << 16;

/// A symbol with its index and its name.
pub(crate) struct Symbol<'data> {
    index: usize,
    name: &'data [u8],
    raw: &'data Raw,
}

/// Every named symbol of the table; `None` when there is no table to read.
pub(crate) fn read<'data>(
    image: &Image<'data>,
    dynamic: &Dynamic<'data>,
    referenced: u64,
    findings: &mut Findings,
) -> Option<Vec<Symbol<'data>>> {
    let count = hashed(image, dynamic, findings)?.max(referenced);
    let address = dynamic.place(image, elf::DT_SYMTAB, findings);
    let table = (count <= MAX_SYMBOLS)
        .then(|| image.slice(address?, count * size_of::<Raw>() as u64))
        .flatten();
    let Some(table) = table else {
        let reason = format!("a table of {count} symbols is not in the file, or is too large");
        findings.add("S01-symbols", "dynamic section, DT_SYMTAB", reason, PLAIN);
        return None;
    };
    Some(named(image, dynamic, table, findings))
}

/// The symbols with their names, until the names are together longer than the file.
fn named<'data>(
    image: &Image<'data>,
    dynamic: &Dynamic<'data>,
    table: &'data [u8],
    findings: &mut Findings,
) -> Vec<Symbol<'data>> {
    let count = table.len() / size_of::<Raw>();
    let table = table.read_slice_at::<Raw>(0, count).unwrap_or_default();
    let mut budget = image.bytes.len();
    let mut symbols = Vec::new();
    for (index, raw) in table.iter().enumerate().skip(1) {
        let name = dynamic.name(raw.st_name.get(LE).into());
        let Some(left) = budget.checked_sub(name.map_or(MAX_NAME, <[u8]>::len)) else {
            let reason = "the names from here on do not end, or overlap with the ones before";
            findings.add("S01-string", format!("symbol {index}"), reason, PLAIN);
            break;
        };
        budget = left;
        match name {
            Some([]) => {}
            Some(name) => symbols.push(Symbol { index, name, raw }),
            None => {
                let reason = "the name does not lie in the string table";
                findings.add("S01-string", format!("symbol {index}"), reason, PLAIN);
            }
        }
    }
    symbols
}

/// How many symbols the hash tables reach. The loader asks the GNU one where there are both.
fn hashed(image: &Image<'_>, dynamic: &Dynamic<'_>, findings: &mut Findings) -> Option<u64> {
    let mut bytes = |tag| {
        let address = dynamic.place(image, tag, findings)?;
        Some(image.tail(address).unwrap_or_default())
    };
    let (gnu, old) = (bytes(elf::DT_GNU_HASH), bytes(elf::DT_HASH));
    let gnu = gnu.map(|bytes| {
        let table = GnuHashTable::<Header>::parse(LE, bytes).ok()?;
        Some(table.symbol_table_length(LE).unwrap_or(0).max(table.symbol_base()))
    });
    let old =
        old.map(|bytes| Some(HashTable::<Header>::parse(LE, bytes).ok()?.symbol_table_length()));
    match (gnu, old) {
        (None, None) | (Some(None), _) | (_, Some(None)) => {
            let reason = "there is no readable hash table, so no symbol could be found";
            findings.add("S01-hash", "dynamic section, DT_GNU_HASH", reason, PLAIN);
            None
        }
        (gnu, old) => {
            let count = gnu.flatten().unwrap_or(0).max(old.flatten().unwrap_or(0));
            Some(count.into())
        }
    }
}

/// Checks what the object takes from others; gives the names, sorted, as many as are allowed.
pub(crate) fn check_imports(
    symbols: &[Symbol<'_>],
    section: &ScanSection,
    language: Language,
    findings: &mut Findings,
) -> Vec<String> {
    let mut names = BTreeSet::new();
    for symbol in symbols.iter().filter(|symbol| symbol.raw.is_undefined(LE)) {
        let name = unversioned(symbol.name);
        let new = names.insert(name);
        if !new || excepted(section, language, name) {
            continue;
        }
        if let Some((why, fix)) = denied(section, name) {
            let reason = format!("imports `{}`, which {why}", shown(name));
            findings.add("S14-import", format!("symbol {}", symbol.index), reason, fix);
        }
    }
    let most = usize::try_from(section.max_imports).unwrap_or(usize::MAX);
    if names.len() > most {
        let reason = format!("{} imports; the policy allows {most}", names.len());
        findings.add("S14-imports", "dynamic symbols", reason, "use fewer library functions");
    }
    names.into_iter().take(most).map(|name| name.escape_ascii().to_string()).collect()
}

/// Whether the language's own library has this import, by the policy's word.
fn excepted(section: &ScanSection, language: Language, name: &[u8]) -> bool {
    let mut groups = section.except.iter().filter(|group| group.language == language);
    groups.any(|group| group.symbols.iter().any(|pattern| covers(pattern, name)))
}

fn denied<'policy>(section: &'policy ScanSection, name: &[u8]) -> Option<(&'policy str, String)> {
    let group = section
        .deny
        .iter()
        .find(|group| group.symbols.iter().any(|pattern| covers(pattern, name)))?;
    Some((&group.why, group.fix.clone()))
}

/// Checks what the object offers to others: the table, and nothing that would take the place of
/// a library's function or that a library's function would take the place of.
pub(crate) fn check_exports(
    image: &Image<'_>,
    symbols: &[Symbol<'_>],
    section: &ScanSection,
    findings: &mut Findings,
) {
    let defined = symbols.iter().filter(|symbol| !symbol.raw.is_undefined(LE));
    let mut tables = Vec::new();
    for symbol in defined {
        let name = unversioned(symbol.name);
        let place = format!("symbol {}", symbol.index);
        if symbol.raw.st_type() == elf::STT_GNU_IFUNC {
            let reason = format!("the resolver of `{}` would run while it is loaded", shown(name));
            let fix = "remove target_clones, target attributes and ifunc";
            findings.add("S02-ifunc", &place, reason, fix);
        }
        if symbol.raw.is_local() {
            continue;
        }
        let kept = section.deny_exports.iter().any(|pattern| covers(pattern, name));
        if kept || denied(section, name).is_some() {
            let reason = format!("defines `{}` for others to see", shown(name));
            let fix = "make it static, or give it another name";
            findings.add("S16-export", &place, reason, fix);
        }
        if name == TABLE_SYMBOL.as_bytes() {
            tables.push(symbol);
        }
    }
    let sound = matches!(tables[..], [table] if is_table(image, table));
    if !sound {
        let reason = format!("`{TABLE_SYMBOL}` must be exported once, as an object of its size");
        let fix = "do not use names that start with saggar_: the generated glue defines it";
        findings.add("S16-table", "dynamic symbols", reason, fix);
    }
}

fn is_table(image: &Image<'_>, symbol: &Symbol<'_>) -> bool {
    let (start, size) = (symbol.raw.st_value.get(LE), symbol.raw.st_size.get(LE));
    symbol.raw.st_type() == elf::STT_OBJECT
        && symbol.raw.st_bind() == elf::STB_GLOBAL
        && size >= size_of::<Table>() as u64
        && image
            .load(start)
            .is_some_and(|load| start.checked_add(size).is_some_and(|end| end <= load.end))
}
