//! Arguments that are files. The host works out where each goes in the sidecar's window, so that
//! their offsets stand in the argument block like all others, and sends the descriptors; the
//! sidecar maps them before the skill runs, and takes them away before it answers.
//!
//! Buffers stay mapped until the next call, and longer if that brings the same ones: mapping a
//! gibibyte page by page costs a third of the time it takes to read it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::fstat;
use rustix::io::ioctl_fionbio;
use saggar_jail::JailError;
use saggar_model::{Code, Feedback, Stage};
use saggar_plugin_abi::{FileList, Sidecar as _};

use super::{Answer, Client, OVERWRITTEN, has_ended};
use crate::arena::window::{self, PIECE};
use crate::arena::{ARGS, AS_BEFORE};
use crate::crash::Call;
use crate::launch::GRACE;
use crate::wire::{self, Files, MAX_FILES, NOT_MAPPED, Place};

/// What a sidecar is shown of files.
#[derive(Debug)]
pub(crate) struct Shows {
    control: OwnedFd,
    /// Bytes of its window.
    window: u64,
    /// What it has mapped since the call of a number, if that was the last.
    kept: Option<(u32, Vec<(u64, Place)>)>,
}

impl Shows {
    /// Files are sent over this socket; no message of the sidecar's is heard any more.
    pub(crate) fn new(control: OwnedFd, window: u64) -> io::Result<Self> {
        // Who does not take what it is sent does not keep the host waiting.
        ioctl_fionbio(&control, true)?;
        Ok(Shows { control, window, kept: None })
    }
}

/// Where the lists of a call go.
struct Layout {
    places: Vec<Place>,
    /// Offsets from the argument block.
    offsets: Vec<u64>,
    /// How long the argument block is with all of them.
    length: u64,
}

/// Bytes between two files that can never be read.
const GAP: u64 = 1 << 16;

impl Layout {
    fn of(files: &[FileList<'_>], arena: usize, window: u64) -> Result<Self, Box<Feedback>> {
        let (block, piece) = (ARGS as u64, PIECE as u64);
        let page = rustix::param::page_size() as u64;
        let start = window::begin(arena) as u64;
        let mut layout = Layout { places: Vec::new(), offsets: Vec::new(), length: 0 };
        let mut end = Some(start);
        for file in files {
            let begin = file.offset & !(page - 1);
            let ahead = file.offset - begin;
            // As far from a boundary of the window as it is from one of the file.
            let at =
                end.and_then(|end| end.checked_next_multiple_of(piece)?.checked_add(begin % piece));
            let length = file.length.checked_add(ahead);
            let after = at.zip(length).and_then(|(at, length)| at.checked_add(length));
            let (Some(at), Some(length), Some(after)) = (at, length, after) else {
                end = None;
                break;
            };
            layout.places.push(Place { at, offset: begin, length });
            layout.offsets.push(at + ahead - block);
            layout.length = after - block;
            end = after.checked_add(GAP);
        }
        match end {
            Some(end) if end - start <= window && files.len() <= MAX_FILES => Ok(layout),
            _ => Err(too_large(files, window)),
        }
    }
}

fn too_large(files: &[FileList<'_>], window: u64) -> Box<Feedback> {
    let bytes = files.iter().fold(0u64, |sum, file| sum.saturating_add(file.length));
    let summary = format!(
        "{} files of {bytes} bytes do not go into one call: the policy's [sidecar] mapped allows {window}, \
         and there are at most {MAX_FILES}",
        files.len()
    );
    let feedback = Feedback::new(Stage::Call, Code::ArgumentsTooLarge, summary);
    Box::new(feedback.hint("pass parts of them, or raise [sidecar] mapped in the policy"))
}

impl Client {
    /// A call with at least one file.
    pub(super) fn call_shown(
        &self,
        function: u32,
        args: &[u8],
        files: &[FileList<'_>],
        deadline: Duration,
    ) -> Result<Vec<u8>, Box<Feedback>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.alive() {
            return Err(has_ended());
        }
        let layout = Layout::of(files, self.arena().room(0), turn.shows.window)?;
        let block = filled(args, files, &layout.offsets);
        let result_at = self.put(function, &block)?;
        let asked = &self.arena().control().asked;
        asked.args_len.store(layout.length, Ordering::Relaxed);
        let named = names(files, &layout.places);
        let before = turn.shows.kept.take().filter(|(number, _)| *number == turn.number);
        let is_there = named.is_some() && before.map(|(_, kept)| kept) == named;
        if is_there {
            asked.files.store(AS_BEFORE, Ordering::Relaxed);
        } else {
            let shown = Files { files: layout.places, keep: named.is_some() };
            let descriptors: Vec<BorrowedFd<'_>> = files.iter().map(|f| f.file.as_fd()).collect();
            if let Err(error) = wire::send_files(&turn.shows.control, &shown, &descriptors) {
                let call = Call { function, block: &block, at: ARGS as u64 };
                return Err(self.unsent(error, call));
            }
            asked.files.store(u32::try_from(files.len()).unwrap_or(0), Ordering::Relaxed);
        }
        let answer = self.exchange(&mut turn, deadline, 0);
        self.arena().control().asked.files.store(0, Ordering::Relaxed);
        match answer {
            Ok(Answer { status: NOT_MAPPED, length }) => {
                self.finish(&Answer { status: 0, length: 0 }, result_at, args.len())?;
                Err(self.unmapped(length))
            }
            Ok(answer) => {
                turn.shows.kept = named.map(|named| (turn.number, named));
                self.finish(&answer, result_at, args.len())
            }
            Err(late) => {
                let call = Call { function, block: &block, at: ARGS as u64 };
                Err(shrunk(self.bury(late, call), files))
            }
        }
    }

    /// The files of a call could not be sent. Whoever is at the other end serves nobody any more.
    fn unsent(&self, error: io::Error, call: Call<'_>) -> Box<Feedback> {
        let is_closed = error.kind() == io::ErrorKind::BrokenPipe;
        if is_closed && self.ends_soon() {
            return self.bury(None, call);
        }
        self.condemn();
        if !is_closed && error.kind() != io::ErrorKind::WouldBlock {
            let short = JailError::Host { what: "send the files of a call", source: error };
            return Box::new(short.feedback(Stage::Call));
        }
        let summary = format!("the sidecar does not take the files of the call: {error}");
        let feedback = Feedback::new(Stage::Call, Code::BadResult, summary);
        Box::new(
            feedback.hint("the skill has closed the socket of its sidecar: close no descriptors"),
        )
    }

    /// The sidecar says that it cannot map a file, and why.
    fn unmapped(&self, errno: u64) -> Box<Feedback> {
        let Some(errno) = i32::try_from(errno).ok().filter(|errno| (1..4096).contains(errno))
        else {
            self.condemn();
            let summary = format!("the sidecar answered with {errno}, which is no error's number");
            let feedback = Feedback::new(Stage::Call, Code::BadResult, summary);
            return Box::new(feedback.hint(OVERWRITTEN));
        };
        let errno = io::Error::from_raw_os_error(errno);
        let summary = format!("a file among the arguments cannot be mapped: {errno}");
        let hint = "copy it to a file system whose files can be mapped, or pass its contents";
        Box::new(Feedback::new(Stage::Call, Code::Argument, summary).hint(hint))
    }

    /// Whether the process has ended or is about to: its socket is closed a little before that is
    /// known.
    fn ends_soon(&self) -> bool {
        let start = Instant::now();
        while !self.ended() && start.elapsed() < GRACE {
            thread::sleep(Duration::from_millis(1));
        }
        self.ended()
    }
}

/// The argument block with the offsets of its files.
fn filled(args: &[u8], files: &[FileList<'_>], offsets: &[u64]) -> Vec<u8> {
    let mut block = args.to_vec();
    for (file, offset) in files.iter().zip(offsets) {
        if let Some(place) = block.get_mut(file.at..file.at + size_of::<u64>()) {
            place.copy_from_slice(&offset.to_le_bytes());
        }
    }
    block
}

/// What is kept when all of it are buffers: their numbers and where they lie.
fn names(files: &[FileList<'_>], places: &[Place]) -> Option<Vec<(u64, Place)>> {
    files.iter().zip(places).map(|(file, place)| Some((file.buffer?, *place))).collect()
}

/// Whether a crash was the caller's doing: a file that was cut while it was read ends its reader
/// with SIGBUS (mmap(2)).
fn shrunk(told: Box<Feedback>, files: &[FileList<'_>]) -> Box<Feedback> {
    if told.code != Code::BusError {
        return told;
    }
    let size =
        |file: &FileList<'_>| fstat(file.file).map_or(0, |stat| stat.st_size.cast_unsigned());
    let cut = files.iter().find(|file| size(file) < file.offset.saturating_add(file.length));
    let Some(file) = cut else { return told };
    let summary = format!("the file of argument `{}` shrank while it was read", file.parameter);
    let hint = "let nobody cut it during the call, or pass a copy";
    Box::new(Feedback::new(Stage::Call, Code::Argument, summary).hint(hint))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    const ARENA: usize = 1 << 20;

    fn layout(ranges: &[(u64, u64)], window: u64) -> Result<Layout, Box<Feedback>> {
        let null = File::open("/dev/null").unwrap();
        let list = |(offset, length): &(u64, u64)| FileList {
            at: 0,
            file: null.as_fd(),
            offset: *offset,
            length: *length,
            buffer: None,
            parameter: "p",
        };
        let files: Vec<_> = ranges.iter().map(list).collect();
        Layout::of(&files, ARENA, window)
    }

    #[test]
    fn files_lie_apart_and_as_far_from_a_boundary_as_in_themselves() {
        let (piece, block) = (PIECE as u64, ARGS as u64);
        let ranges = [(0, 5), (4096 + 128, 3 * piece), (7 * piece, 1)];
        let layout = layout(&ranges, 1 << 30).unwrap();
        let mut end = window::begin(ARENA) as u64;
        for ((offset, length), (place, at)) in
            ranges.iter().zip(layout.places.iter().zip(&layout.offsets))
        {
            assert!(place.at >= end && place.at % piece == place.offset % piece);
            assert!(place.offset % 4096 == 0 && place.offset <= *offset);
            assert_eq!(at + block - place.at, offset - place.offset);
            assert_eq!(place.length, length + (offset - place.offset));
            end = place.at + place.length + GAP;
        }
        assert_eq!(layout.length + block + GAP, end);
    }

    #[test]
    fn more_than_the_window_holds_is_refused() {
        let whole = 8 << 20;
        assert!(layout(&[(0, whole - GAP)], whole).is_ok());
        for ranges in [
            vec![(0, whole - GAP + 1)],
            vec![(0, u64::MAX)],
            vec![(0, 1); 5],
            vec![(0, 0); MAX_FILES + 1],
        ] {
            let told = layout(&ranges, whole).err().expect("it does not fit");
            assert_eq!(told.code, Code::ArgumentsTooLarge, "{ranges:?}");
        }
    }
}
