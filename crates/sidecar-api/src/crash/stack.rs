//! The calls that led to a crash, innermost first: walked by unwind tables, named by debug
//! information, shortened where they recur.

use std::cell::OnceCell;
use std::fs::File;

use saggar_model::{Diagnostic, Severity};

use super::image::Image;
use super::left::Left;
use super::lines::{Lines, Place, readable};
use super::machine;
use super::unwind::{Registers, Table};
use crate::wire::LoadedObject;

/// Largest library that is read for its unwind table, bytes.
const MAX_LIBRARY: u64 = 16 << 20;
/// Most frames that are walked: the copy of the stack holds no more of the smallest.
const MAX_FRAMES: usize = 4096;
/// Most words that are looked through for a return address where the tables say nothing.
const MAX_SCANNED: usize = 8192;
/// Most frames whose names and lines are looked up: each may cost a look at every symbol.
const MAX_LOOKED: usize = 96;
/// Most calls that are shown.
const MAX_SHOWN: usize = 12;
/// Longest round of calls that is recognised as recursion.
const MAX_ROUND: usize = 32;
/// Frames at the inner end of a stack overflow that may lie before the round.
const MAX_BEFORE: usize = 64;

/// Why the calls are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Crash,
    /// The stack was used up.
    Overflow,
    /// The time was over: it could as well have been at another place.
    Deadline,
    /// exit(3) was called.
    Exit,
}

impl End {
    /// What the innermost line is told for.
    fn happened(self) -> &'static str {
        match self {
            End::Crash | End::Overflow => "the crash happened",
            End::Deadline => "the time ran out",
            End::Exit => "the process was ended",
        }
    }
}

/// A call under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    /// 0 is the artifact, the others are libraries.
    image: usize,
    /// The instruction, relative to the image; that of a call, where it is one.
    address: u64,
    /// Where the call goes on, relative to the image; `None` for the innermost.
    goes_on: Option<u64>,
}

/// Everything that is mapped and that a frame may be in.
pub(super) struct Stack<'a> {
    artifact: Mapped<'a>,
    libraries: Vec<Library<'a>>,
    /// The sidecar's own program: where it begins, the skill's calls end.
    program: Option<&'a LoadedObject>,
    lines: Option<Lines<'a>>,
}

/// An image with its unwind table, where it has one.
struct Mapped<'a> {
    image: Image<'a>,
    table: Option<Table<'a>>,
}

impl<'a> Mapped<'a> {
    fn new(image: Image<'a>) -> Self {
        let table = image.section(".eh_frame").map(|(at, bytes)| Table::read(bytes, at));
        Mapped { image, table }
    }
}

/// A library of the sidecar's, read when a frame is in it.
pub(super) struct Library<'a> {
    object: &'a LoadedObject,
    bytes: &'a OnceCell<Vec<u8>>,
    mapped: OnceCell<Option<Mapped<'a>>>,
}

impl<'a> Library<'a> {
    pub(super) fn new(object: &'a LoadedObject, bytes: &'a OnceCell<Vec<u8>>) -> Self {
        Library { object, bytes, mapped: OnceCell::new() }
    }

    fn mapped(&self) -> Option<&Mapped<'a>> {
        let read = || {
            let bytes = self.bytes.get_or_init(|| {
                let file = File::open(&self.object.path).ok();
                file.and_then(|file| super::read(file, MAX_LIBRARY)).unwrap_or_default()
            });
            Image::parse(bytes, self.object.base).map(Mapped::new)
        };
        self.mapped.get_or_init(read).as_ref()
    }
}

impl<'a> Stack<'a> {
    pub(super) fn new(
        artifact: Image<'a>,
        libraries: Vec<Library<'a>>,
        program: Option<&'a LoadedObject>,
    ) -> Self {
        let lines = Lines::of(&artifact);
        Stack { artifact: Mapped::new(artifact), libraries, program, lines }
    }

    fn mapped(&self, image: usize) -> Option<&Mapped<'a>> {
        match image.checked_sub(1) {
            None => Some(&self.artifact),
            Some(library) => self.libraries.get(library)?.mapped(),
        }
    }

    /// The image that an address lies in.
    fn image(&self, address: u64) -> Option<(usize, u64)> {
        if let Some(relative) = self.artifact.image.relative(address) {
            return Some((0, relative));
        }
        self.libraries.iter().zip(1..).find_map(|(library, index)| {
            let relative = address.checked_sub(library.object.base)?;
            (relative < library.object.size).then_some((index, relative))
        })
    }

    /// The function that a frame is in, as the image names it.
    fn symbol(&self, frame: Frame) -> Option<&'a str> {
        self.mapped(frame.image)?.image.function(frame.address)
    }

    fn ends_at(&self, address: u64) -> bool {
        self.program.is_some_and(|program| {
            address.checked_sub(program.base).is_some_and(|at| at < program.size)
        })
    }

    /// The frames of the artifact and the libraries, innermost first.
    fn walk(&self, left: &Left) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut registers = Registers::of(left);
        let mut scanned = 0;
        // A breakpoint stops behind itself, and a return address points behind the call.
        let mut behind = machine::stopped_behind(left);
        let mut innermost = true;
        while frames.len() < MAX_FRAMES && !self.ends_at(registers.instruction()) {
            let address = registers.instruction().wrapping_sub(u64::from(behind));
            let mut caller = None;
            if let Some((image, address)) = self.image(address) {
                let goes_on = (!innermost).then_some(address.wrapping_add(1));
                frames.push(Frame { image, address, goes_on });
                let table = self.mapped(image).and_then(|mapped| mapped.table.as_ref());
                caller = table.and_then(|table| table.caller(address, &registers, left));
            }
            (innermost, behind) = (false, true);
            let next = caller.or_else(|| self.scan(left, registers.stack_pointer(), &mut scanned));
            let Some(next) = next else { break };
            registers = next;
        }
        frames
    }

    /// The next word of the stack that is a return address into the artifact.
    fn scan(&self, left: &Left, from: u64, scanned: &mut usize) -> Option<Registers> {
        let artifact = &self.artifact.image;
        let mut at = from;
        while *scanned < MAX_SCANNED {
            *scanned += 1;
            at = left.next(at)?;
            let word = left.word(at)?;
            at += 8;
            let inside = artifact.relative(word);
            let executable = |at| artifact.segment(at).is_some_and(|segment| segment.executable);
            if inside.is_some_and(|to| executable(to) && machine::returns_to(artifact, to)) {
                return Some(Registers::resumed(word, at));
            }
        }
        None
    }

    fn places(&self, frame: Frame) -> Vec<Place> {
        let lines = self.lines.as_ref().filter(|_| frame.image == 0);
        let mut places = lines.map(|l| l.places(frame.address)).unwrap_or_default();
        if let [only] = places.as_mut_slice() {
            let symbol = || self.symbol(frame).and_then(readable);
            only.function = only.function.take().or_else(symbol);
        }
        places
    }

    /// The name of what a frame is in, from outside.
    fn name(&self, frame: Frame) -> Option<String> {
        let outermost = self.places(frame).pop().and_then(|place| place.function);
        outermost.or_else(|| self.symbol(frame).and_then(readable))
    }

    /// The name of what the call before a frame's return address calls, else of what it came to.
    fn callee(&self, frame: Frame, inner: Option<Frame>) -> Option<String> {
        frame.goes_on?;
        let called = frame
            .goes_on
            .filter(|_| inner.is_none_or(|inner| inner.image != frame.image))
            .and_then(|goes_on| machine::called(&self.mapped(frame.image)?.image, goes_on))
            .and_then(readable);
        called.or_else(|| self.name(inner?))
    }

    /// The calls as diagnostics. For an overflow of the stack only the round of calls that used it
    /// up is told, where there is one: at which point of it the stack ends is chance. Then the
    /// second of what is given is true.
    pub(super) fn explain(&self, left: &Left, end: End) -> (Vec<Diagnostic>, bool) {
        let frames = self.walk(left);
        if end == End::Overflow
            && let Some(round) = round(&frames)
        {
            return (self.around(&round), true);
        }
        let mut told = Vec::new();
        let (mut at, mut looked) = (0, 0);
        while at < frames.len() && told.len() < MAX_SHOWN && looked < MAX_LOOKED {
            let (length, repeats) = repeated(&frames[at..]);
            looked += length;
            for index in at..at + length {
                let inner = index.checked_sub(1).map(|inner| frames[inner]);
                self.tell(frames[index], inner, end, &mut told);
            }
            if repeats > 1
                && let Some(name) = self.name(frames[at])
            {
                told.push(note(format!("`{name}` calls itself here again and again")));
            }
            at += length * repeats;
        }
        told.truncate(MAX_SHOWN);
        (told, false)
    }

    /// Whether a frame is of the part of a function that the compiler left of it, and the inner one
    /// of the part that it took out: to the author they are one.
    fn is_rest_of(&self, frame: Frame, inner: Option<Frame>) -> bool {
        let Some(inner) = inner else { return false };
        let (outer, part) = (self.symbol(frame), self.symbol(inner));
        part.is_some_and(|part| part.contains('.'))
            && outer != part
            && self.name(frame) == self.name(inner)
    }

    /// Adds what one frame says: the line of the skill's source, and those it is inlined into.
    fn tell(&self, frame: Frame, inner: Option<Frame>, end: End, told: &mut Vec<Diagnostic>) {
        if self.is_rest_of(frame, inner) {
            return;
        }
        let places = self.places(frame);
        let mut deeper: Option<String> = None;
        let mut before = None;
        for place in &places {
            // A part of a function that is inlined into the rest of it.
            if place.function.is_some() && before == Some(&place.function) {
                continue;
            }
            before = Some(&place.function);
            let Some((file, line, column)) = &place.at else {
                // A function of a library's headers.
                deeper = place.function.clone().or(deeper);
                continue;
            };
            let name = shown(place.function.as_deref());
            // What gcc calls the function that a lambda without captures is a pointer to.
            if place.function.as_deref() == Some("_FUN") {
                continue;
            }
            let first = told.iter().all(|d: &Diagnostic| d.file.is_none());
            let message = if first {
                let inside = deeper.take().or_else(|| self.callee(frame, inner));
                let happened = end.happened();
                match (inside, frame.goes_on, inner) {
                    (Some(inside), ..) => {
                        format!("in {name}: {happened} in `{inside}`, called here")
                    }
                    (None, None, _) => format!("in {name}: {happened} here"),
                    (None, Some(_), None) => {
                        format!("in {name}: what is called here is no function")
                    }
                    (None, Some(_), Some(_)) => {
                        format!("in {name}: {happened} in what is called here")
                    }
                }
            } else if place.at == told.last().and_then(at) {
                continue;
            } else {
                format!("called from {name}")
            };
            told.push(Diagnostic {
                file: Some(file.clone()),
                line: Some(*line),
                // Where in its line a loop was is chance.
                column: column.filter(|_| !(first && end == End::Deadline)),
                severity: if first { Severity::Error } else { Severity::Note },
                ..Diagnostic::error(message)
            });
        }
    }

    /// A round of calls without an end.
    fn around(&self, round: &[Frame]) -> Vec<Diagnostic> {
        let mut told: Vec<Diagnostic> = Vec::new();
        for (index, frame) in round.iter().enumerate() {
            let inner = round[(index + round.len() - 1) % round.len()];
            let mut callee = self.name(inner);
            for place in self.places(*frame) {
                let name = place.function.unwrap_or_else(|| "a function".to_owned());
                if let Some((file, line, column)) = place.at {
                    let message = match callee.filter(|callee| *callee != name) {
                        None => format!("`{name}` calls itself here without end"),
                        Some(callee) => {
                            format!("`{name}` calls `{callee}` here, in a circle without end")
                        }
                    };
                    let same =
                        |d: &Diagnostic| d.file.as_deref() == Some(&file) && d.line == Some(line);
                    if !told.iter().any(same) && told.len() < MAX_SHOWN {
                        told.push(Diagnostic {
                            file: Some(file),
                            line: Some(line),
                            column,
                            ..Diagnostic::error(message)
                        });
                    }
                }
                callee = Some(name);
            }
        }
        told
    }
}

/// How compilers call what sets objects up while the skill is loaded (gcc, clang).
const INITIALISERS: [&str; 3] =
    ["__static_initialization_and_destruction", "_GLOBAL__sub_I_", "__cxx_global_"];

/// A function as messages call it.
fn shown(name: Option<&str>) -> String {
    match name {
        None => "a function".to_owned(),
        Some("operator()") => "a lambda".to_owned(),
        Some(name) if INITIALISERS.iter().any(|known| name.starts_with(known)) => {
            "a static initialiser".to_owned()
        }
        Some(name) => format!("`{name}`"),
    }
}

fn at(diagnostic: &Diagnostic) -> Option<(String, u32, Option<u32>)> {
    Some((diagnostic.file.clone()?, diagnostic.line?, diagnostic.column))
}

fn note(message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Note, ..Diagnostic::error(message) }
}

/// The shortest round that the frames begin with, and how often it comes.
fn repeated(frames: &[Frame]) -> (usize, usize) {
    for length in 1..=MAX_ROUND.min(frames.len() / 3) {
        let (first, _) = frames.split_at(length);
        // The innermost frame is at its own place, not at a call.
        let repeats = frames.chunks_exact(length).take_while(|next| next == &first).count();
        if repeats >= 3 {
            return (length, repeats);
        }
    }
    (1, 1)
}

/// The round of calls that fills the stack from near its inner end, in an order that does not
/// depend on where in it the stack ended.
fn round(frames: &[Frame]) -> Option<Vec<Frame>> {
    let starts = 0..=MAX_BEFORE.min(frames.len());
    let (start, length) = starts.into_iter().find_map(|start| {
        let (length, repeats) = repeated(&frames[start..]);
        (repeats >= 3).then_some((start, length))
    })?;
    let mut round = frames[start..start + length].to_vec();
    let least = (0..length).min_by_key(|at| (round[*at].image, round[*at].address))?;
    round.rotate_left(least);
    Some(round)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(addresses: &[u64]) -> Vec<Frame> {
        let frame = |address: &u64| Frame { image: 0, address: *address, goes_on: None };
        addresses.iter().map(frame).collect()
    }

    #[test]
    fn a_round_of_calls_is_the_same_wherever_the_stack_ends() {
        let ends =
            [[9, 5, 1, 7, 5, 1, 7, 5, 1, 7, 5, 1, 7], [7, 5, 1, 7, 5, 1, 7, 5, 1, 7, 5, 1, 7]];
        for end in ends {
            assert_eq!(round(&frames(&end)), Some(frames(&[1, 7, 5])), "{end:?}");
        }
        assert_eq!(round(&frames(&[1, 2, 3, 4, 5, 1, 2, 3])), None);
        assert_eq!(round(&[]), None);
    }

    #[test]
    fn repeated_calls_are_counted_in_their_shortest_form() {
        assert_eq!(repeated(&frames(&[4, 4, 4, 4, 5])), (1, 4));
        assert_eq!(repeated(&frames(&[4, 4, 5])), (1, 1));
        assert_eq!(repeated(&frames(&[1, 2, 1, 2, 1, 2, 1])), (2, 3));
    }
}
