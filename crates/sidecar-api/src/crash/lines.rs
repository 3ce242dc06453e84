//! Functions and lines of the skill's source, by its debug information. The skill wrote it: reading
//! it is bounded, and what it says is only shown.

use std::fmt::{self, Write as _};

use gimli::{EndianSlice, LittleEndian, Section as _};

use super::image::Image;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Longest name of a function that is read, and the longest that is shown.
const MAX_NAME: usize = 2000;
const SHOWN_NAME: usize = 120;
/// Most calls that are inlined into one place.
const MAX_INLINED: usize = 64;

/// Files with this prefix are generated and never the skill's own.
const GLUE: &str = "saggar+";

/// Debug information that can be asked.
pub(super) struct Lines<'a> {
    context: addr2line::Context<Slice<'a>>,
}

/// A function at an address, and where in the source it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The function as its author wrote it.
    pub(super) function: Option<String>,
    /// File, line and column, where they are of the skill's own source.
    pub(super) at: Option<(String, u32, Option<u32>)>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(image: &Image<'a>) -> Option<Self> {
        let load = |section: gimli::SectionId| -> Result<_, gimli::Error> {
            Ok(image.section(section.name()).map(|(_, bytes)| bytes).unwrap_or_default())
        };
        let sections = gimli::DwarfSections::load(load).ok()?;
        let dwarf = sections.borrow(|bytes| EndianSlice::new(bytes, LittleEndian));
        if !affordable(&dwarf) {
            return None;
        }
        Some(Lines { context: addr2line::Context::from_dwarf(dwarf).ok()? })
    }

    /// What stands at an address: the innermost function, then those it is inlined into.
    pub(super) fn places(&self, address: u64) -> Vec<Place> {
        let mut found = Vec::new();
        let Ok(mut frames) = self.context.find_frames(address).skip_all_loads() else {
            return found;
        };
        while let Ok(Some(frame)) = frames.next()
            && found.len() < MAX_INLINED
        {
            let function = frame.function.as_ref().and_then(|function| {
                let raw = function.raw_name().ok()?;
                readable(&raw)
            });
            let at = frame.location.and_then(|location| {
                let (path, line) = (location.file?, location.line?);
                let own = path.strip_prefix("/work/").or((!path.starts_with('/')).then_some(path));
                let own = own.filter(|name| !name.starts_with(GLUE))?;
                Some((own.to_owned(), line, location.column.filter(|column| *column > 0)))
            });
            found.push(Place { function, at });
        }
        found
    }
}

/// A name as its author wrote it: no parameters, no hash.
pub(super) fn readable(raw: &str) -> Option<String> {
    if raw.is_empty() || raw.len() > MAX_NAME {
        return None;
    }
    let mut shown = Bounded(String::new());
    // What is cut off is not shown, and ends the work.
    if let Ok(name) = rustc_demangle::try_demangle(raw) {
        write!(shown, "{name:#}").unwrap_or_default();
        // The crate of a skill is called so, whatever the skill is called.
        let name = shown.0.strip_prefix("skill::").unwrap_or(&shown.0);
        return Some(name.to_owned());
    }
    if raw.starts_with("_Z")
        && let Ok(symbol) = cpp_demangle::Symbol::new(raw)
    {
        let options = cpp_demangle::DemangleOptions::new().no_params().no_return_type();
        symbol.structured_demangle(&mut shown, &options).unwrap_or_default();
        return Some(shown.0).filter(|name| !name.is_empty());
    }
    let plain = raw.split('.').next().unwrap_or(raw).split('@').next().unwrap_or(raw);
    shown.write_str(plain).unwrap_or_default();
    Some(shown.0)
}

/// Takes no more than is shown of a name.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars().flat_map(char::escape_debug) {
            if self.0.len() >= SHOWN_NAME {
                return Err(fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}

/// Whether reading this debug information costs the host little. The skill wrote it: many units
/// may name one line program, of which each byte may be a row, or one table of abbreviations.
fn affordable<R: gimli::Reader>(dwarf: &gimli::Dwarf<R>) -> bool {
    const MAX_ROWS: u64 = 4 << 20;
    const MAX_UNITS: u64 = 256;
    const MAX_INFO: u64 = 8 << 20;
    const MAX_ABBREVIATIONS: u64 = 64 << 20;
    let size = |reader: &R| gimli::ReaderOffset::into_u64(reader.len());
    let (mut units, mut count) = (dwarf.units(), 0);
    while count <= MAX_UNITS && matches!(units.next(), Ok(Some(_))) {
        count += 1;
    }
    let sections =
        [dwarf.debug_info.reader(), dwarf.debug_line.reader(), dwarf.debug_abbrev.reader()];
    count <= MAX_UNITS
        && sections.iter().all(|section| size(section) <= MAX_INFO)
        && size(dwarf.debug_abbrev.reader()).saturating_mul(count) <= MAX_ABBREVIATIONS
        && rows(dwarf).is_some_and(|rows| rows <= MAX_ROWS)
}

/// The most rows that the line programs of all units together can have; `None` if they cannot be
/// read.
fn rows<R: gimli::Reader>(dwarf: &gimli::Dwarf<R>) -> Option<u64> {
    let mut units = dwarf.units();
    let mut rows = 0u64;
    while let Some(header) = units.next().ok()? {
        let unit = dwarf.unit(header).ok()?;
        let program = unit.line_program.as_ref().map(|program| program.header().raw_program_buf());
        let length = program.map_or(0, |program| gimli::ReaderOffset::into_u64(program.len()));
        rows = rows.saturating_add(length);
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_they_were_written() {
        for (raw, shown) in [
            ("_Z7sum_allRKSt6vectorIiSaIiEE", "sum_all"),
            ("_ZN5skill7descend17h0123456789abcdefE", "descend"),
            ("_RNvCs1234_5skill4walk", "walk"),
            ("plain", "plain"),
            ("deeper.constprop.0", "deeper"),
            ("_Znot-mangled", "_Znot-mangled"),
        ] {
            assert_eq!(readable(raw).as_deref(), Some(shown), "{raw}");
        }
        assert_eq!(readable(&"x".repeat(1000)).map(|name| name.len()), Some(SHOWN_NAME));
        assert_eq!(readable(&"x".repeat(MAX_NAME + 1)), None);
    }
}
