//! Functions and lines of the skill's source, by its debug information. The skill wrote it: reading
//! it is bounded, and what it says is only shown.

use std::fmt::{self, Write as _};

use gimli::{Reader as _, Section as _};

use super::image::Image;
use super::metered::{Metered, Steps};

/// Longest name of a function that is read, and the longest that is shown.
const MAX_NAME: usize = 2000;
const SHOWN_NAME: usize = 120;
/// Most calls that are inlined into one place.
const MAX_INLINED: usize = 64;

/// Most steps that all reading for one crash may take: a step is a number read, or a few bytes. What
/// is read after them is not there.
const MAX_STEPS: u64 = 8 << 20;
/// Steps for each number of the line programs: one byte can be a row of a table, or a name of a file.
const LINE: usize = 4;
const MAX_UNITS: usize = 256;
/// Names of files that room is made for, in all units.
const MAX_NAMES: usize = 32 << 20;
const MAX_ATTRIBUTES: usize = 64;
const MAX_DEPTH: isize = 256;

/// Files with this prefix are generated and never the skill's own.
const GLUE: &str = "saggar+";

/// Debug information that can be asked.
pub(super) struct Lines<'a> {
    context: addr2line::Context<Metered<'a>>,
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
        let section = |name: &str| image.section(name).map(|(_, bytes)| bytes).unwrap_or_default();
        Lines::read(section, &Steps::new(MAX_STEPS))
    }

    /// Reads sections by their names, now and whenever it is asked, in so many steps in all.
    fn read(section: impl Fn(&str) -> &'a [u8], steps: &Steps) -> Option<Self> {
        let load = |id: gimli::SectionId| Ok::<_, gimli::Error>(section(id.name()));
        let sections = gimli::DwarfSections::load(load).ok()?;
        let mut dwarf = sections.borrow(|bytes| Metered::new(bytes, steps));
        dwarf.debug_line = dwarf.debug_line.reader().dearer(LINE).into();
        if !affordable(&dwarf).unwrap_or(false) {
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
                Some((own(path)?.to_owned(), line, location.column.filter(|column| *column > 0)))
            });
            found.push(Place { function, at });
        }
        found
    }
}

/// The name of a file of the skill's own.
fn own(path: &str) -> Option<&str> {
    let name = path.strip_prefix("/work/").or((!path.starts_with('/')).then_some(path))?;
    // The directory itself as clang calls it.
    let name = name.strip_prefix("./").unwrap_or(name);
    (!name.starts_with(GLUE)).then_some(name)
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

/// Whether reading this debug information costs the host no more than its steps say. The skill wrote
/// it: what is made without a byte being read, no step counts.
fn affordable(dwarf: &gimli::Dwarf<Metered<'_>>) -> gimli::Result<bool> {
    let (mut units, mut count) = (dwarf.units(), 0);
    while let Some(header) = units.next()? {
        count += 1;
        // Each unit may have room made for as many names of files as the section has bytes.
        let names = dwarf.debug_line.reader().len().saturating_mul(count);
        let abbreviations = dwarf.debug_abbrev.reader().clone();
        if count > MAX_UNITS
            || names > MAX_NAMES
            || !few_attributes(abbreviations, header.debug_abbrev_offset().0)?
            || !shallow(dwarf, &header)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether no kind of entry has many attributes. One that has no bytes is had for nothing, in each
/// entry of its kind (DWARF 5, section 7.5.3).
fn few_attributes(mut section: Metered<'_>, offset: usize) -> gimli::Result<bool> {
    section.skip(offset)?;
    while !section.is_empty() && section.read_uleb128()? != 0 {
        // Its tag, and whether it has children.
        section.skip_leb128()?;
        section.skip(1)?;
        let mut attributes = 0;
        loop {
            let (name, form) = (section.read_uleb128()?, section.read_uleb128()?);
            if name == 0 && form == 0 {
                break;
            }
            if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                section.skip_leb128()?;
            }
            attributes += 1;
            if attributes > MAX_ATTRIBUTES {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether no entry lies deep in others: inlined calls are read by a function that calls itself.
fn shallow<'a>(
    dwarf: &gimli::Dwarf<Metered<'a>>,
    header: &gimli::UnitHeader<Metered<'a>>,
) -> gimli::Result<bool> {
    let abbreviations = header.abbreviations(&dwarf.debug_abbrev)?;
    let mut entries = header.entries_raw(&abbreviations, None)?;
    let mut least = 0;
    while !entries.is_empty() {
        least = least.min(entries.next_depth());
        if entries.next_depth() - least > MAX_DEPTH {
            return Ok(false);
        }
        if let Some(entry) = entries.read_abbreviation()? {
            entries.skip_attributes(entry.attributes())?;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skills_own_file_is_known_by_whatever_compiler_names_it() {
        for path in ["/work/a.cpp", "/work/./a.cpp", "a.cpp", "./a.cpp"] {
            assert_eq!(own(path), Some("a.cpp"), "{path}");
        }
        for path in ["/usr/include/stdlib.h", "/work/saggar+glue.cpp", "/work/./saggar+glue.cpp"] {
            assert_eq!(own(path), None, "{path}");
        }
    }

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
