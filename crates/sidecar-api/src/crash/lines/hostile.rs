//! Debug information that a skill wrote to cost the host: small to write, large to read. Each beside
//! what it would cost without the bound.

use std::collections::HashMap;

use super::*;

/// No bound at all.
const ENDLESS: u64 = u64::MAX;

/// An address that every unit says it has, and one that lies in a function.
const NOWHERE: u64 = 0x900;
const FUNCTION: u64 = 0x100;

/// Sections made by hand (DWARF 4).
struct Made {
    sections: HashMap<&'static str, Vec<u8>>,
}

/// An abbreviation: its tag, that it has children, and its attributes.
fn kind(code: u8, tag: u8, attributes: &[(u8, u8)]) -> Vec<u8> {
    let pairs = attributes.iter().flat_map(|(name, form)| [*name, *form]);
    [code, tag, 1].into_iter().chain(pairs).chain([0, 0]).collect()
}

/// A unit with these entries in it, whose lines are the one program there is.
fn unit(entries: &[u8]) -> Vec<u8> {
    let mut body = [&4u16.to_le_bytes()[..], &0u32.to_le_bytes(), &[8]].concat();
    body.push(1);
    body.extend(0u32.to_le_bytes());
    body.extend(FUNCTION.to_le_bytes());
    body.extend(0x1000u32.to_le_bytes());
    body.extend(entries);
    body.push(0);
    [&u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// The function of the unit, with these entries in it.
fn function(entries: &[u8]) -> Vec<u8> {
    let head = [&[2][..], &FUNCTION.to_le_bytes(), &0x40u32.to_le_bytes(), b"walk\0"].concat();
    [&head[..], entries, &[0]].concat()
}

/// A program with a row for each address from the function's on.
fn lines(rows: usize) -> Vec<u8> {
    let mut after = vec![1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0];
    after.extend(b"a.c\0\0\0\0\0");
    let mut body = 4u16.to_le_bytes().to_vec();
    body.extend(u32::try_from(after.len()).unwrap().to_le_bytes());
    body.extend(after);
    body.extend([0, 9, 2]);
    body.extend(FUNCTION.to_le_bytes());
    // One address and one line further.
    body.extend(vec![13 + 14 + 6; rows]);
    body.extend([0, 1, 1]);
    [&u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

impl Made {
    fn new(units: &[Vec<u8>], rows: usize) -> Self {
        let unit = kind(1, 0x11, &[(0x10, 0x17), (0x11, 0x01), (0x12, 0x06)]);
        let function = kind(2, 0x2e, &[(0x11, 0x01), (0x12, 0x06), (0x03, 0x08)]);
        let (inlined, named) = (kind(3, 0x1d, &[]), kind(4, 0x1d, &[(0x03, 0x0e)]));
        let abbreviations = [unit, function, inlined, named, vec![0]].concat();
        let sections = [
            (".debug_info", units.concat()),
            (".debug_abbrev", abbreviations),
            (".debug_line", lines(rows)),
        ];
        Made { sections: sections.into() }
    }

    fn section(&self, name: &str) -> &[u8] {
        self.sections.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn lines(&self, steps: &Steps) -> Option<Lines<'_>> {
        Lines::read(|name| self.section(name), steps)
    }

    /// The steps that it takes to ask for two addresses, of so many.
    fn cost(&self, steps: u64) -> u64 {
        let all = Steps::new(steps);
        if let Some(lines) = self.lines(&all) {
            lines.places(NOWHERE);
            lines.places(FUNCTION);
        }
        steps - all.left()
    }
}

#[test]
fn what_is_made_by_hand_is_read_as_it_is_meant() {
    let made = Made::new(&[unit(&function(&[]))], 20);
    let places = made.lines(&Steps::new(MAX_STEPS)).unwrap().places(FUNCTION + 4);
    let at = Some(("a.c".to_owned(), 5, None));
    assert_eq!(places, [Place { function: Some("walk".to_owned()), at }]);
    assert!(made.cost(ENDLESS) < 2000);
}

#[test]
fn lines_that_many_units_share_cost_no_more_than_the_bound() {
    let made = |units| Made::new(&vec![unit(&[]); units], 20_000);
    // The twin: each unit reads all of them.
    let (one, all) = (made(1).cost(ENDLESS), made(200).cost(ENDLESS));
    assert!(one > 20_000 * LINE as u64 && all > 190 * one, "{one} {all}");
    assert_eq!(made(200).cost(100_000), 100_000);
    assert_eq!(made(257).lines(&Steps::new(ENDLESS)).map(drop), None);
    // At size.
    assert_eq!(Made::new(&vec![unit(&[]); 200], 100_000).cost(MAX_STEPS), MAX_STEPS);
}

#[test]
fn a_name_that_many_entries_share_costs_no_more_than_the_bound() {
    let entries = [&[4, 0, 0, 0, 0, 0][..]].concat().repeat(1000);
    let mut made = Made::new(&[unit(&function(&entries))], 20);
    let short = made.cost(ENDLESS);
    made.sections.insert(".debug_str", vec![b'x'; 1 << 20]);
    assert!(made.cost(ENDLESS) > 1000 * short);
    assert_eq!(made.cost(MAX_STEPS), MAX_STEPS);
}

#[test]
fn attributes_without_a_byte_are_few() {
    let with = |attributes: usize| {
        let mut made = Made::new(&[unit(&[9; 1000])], 20);
        let mut many = kind(9, 0x34, &[(0x3f, 0x19)].repeat(attributes));
        many[2] = 0; // no children
        made.sections.get_mut(".debug_abbrev").unwrap().splice(0..0, many);
        made
    };
    // The twin: no step counts them, so that nothing else would stop a million of them.
    let (few, most) = (with(1).cost(ENDLESS), with(MAX_ATTRIBUTES).cost(ENDLESS));
    assert!(most - few < 10 * 2 * MAX_ATTRIBUTES as u64, "{few} {most}");
    assert!(with(MAX_ATTRIBUTES).lines(&Steps::new(MAX_STEPS)).is_some());
    assert!(with(MAX_ATTRIBUTES + 1).lines(&Steps::new(MAX_STEPS)).is_none());
}

/// Inlined calls in each other, so many.
fn nested(depth: usize) -> Made {
    let entries = [vec![3; depth], vec![0; depth]].concat();
    Made::new(&[unit(&function(&entries))], 20)
}

#[test]
fn calls_inlined_into_each_other_without_end_are_not_read() {
    let steps = || Steps::new(MAX_STEPS);
    assert_eq!(nested(200).lines(&steps()).unwrap().places(FUNCTION).len(), 1);
    assert!(nested(1_000_000).lines(&steps()).is_none());
}

/// Of the stack that this thread has, what has been touched, KiB (proc_pid_smaps(5)).
fn stack_touched() -> u64 {
    let local = 0u8;
    let here = std::ptr::from_ref(&local).addr();
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let holds = |line: &&str| {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let parse = |text| usize::from_str_radix(text, 16).ok();
        let range = range.and_then(|(start, end)| Some(parse(start)?..parse(end)?));
        range.is_some_and(|range| range.contains(&here))
    };
    let resident = maps.lines().skip_while(|line| !holds(line));
    let resident = resident.filter_map(|line| line.strip_prefix("Rss:")).next().unwrap();
    resident.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The twin: they use up the stack of whoever reads them, here one that is large enough for a few.
#[test]
fn calls_inlined_into_each_other_twin_without_the_bound_take_all_of_a_stack() {
    let read = || {
        let made = nested(20_000);
        let load = |id: gimli::SectionId| Ok::<_, gimli::Error>(made.section(id.name()));
        let sections = gimli::DwarfSections::load(load).unwrap();
        let dwarf = sections.borrow(|bytes| Metered::new(bytes, &Steps::new(ENDLESS)));
        Lines { context: addr2line::Context::from_dwarf(dwarf).unwrap() }.places(FUNCTION);
        stack_touched()
    };
    let large = std::thread::Builder::new().stack_size(1 << 30).spawn(read).unwrap();
    // A main thread has 8 MiB, another one 2 MiB, and this is a fiftieth of what was refused above.
    let touched = large.join().unwrap();
    assert!(touched > 8 << 10, "{touched} KiB");
}
