//! Appending. Each append holds a lock between processes, finds the end of the chain, writes one
//! line and lets the head follow. Never removes a whole line that anyone was told is recorded.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use saggar_model::{Code, Draft, Entry, Event, Feedback, Stage};
use saggar_plugin_abi::{LedgerSink, StageError};

use crate::LedgerError;
use crate::chain::Position;
use crate::files::Files;
use crate::head;
use crate::system::{Real, System};
use crate::walk::{End, walk};

/// How many entries that may wait can gather before one of them waits for the disk after all.
const GROUP: u64 = 64;

/// A ledger that can be appended to. Any number of them, in any number of processes, may have the
/// same directory.
pub struct Ledger {
    files: Files,
    system: Box<dyn System>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where this instance last saw the chain end; may be ahead of the head on disk.
    known: Option<Position>,
    /// An fsync failed.
    failed: bool,
}

/// How far lines must get before a call returns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Into the file: what ends this process takes nothing away.
    File,
    /// Onto the disk. Enough for an intent: its outcome takes the head along.
    Disk,
    /// Onto the disk, and the head vouches for them.
    Head,
}

/// The end of the chain as found, and what hangs on behind it.
struct Tail {
    position: Position,
    torn: u64,
}

impl Ledger {
    /// Opens the ledger in a directory, making both if need be. Repairs nothing: that is left to
    /// the first append, which knows whose it is.
    ///
    /// # Errors
    /// When the files cannot be made or opened, the head is missing, damaged or of a newer
    /// format, or the ledger is shorter than its head says.
    pub fn open(dir: &Path) -> Result<Ledger, LedgerError> {
        Self::open_with(dir, Box::new(Real))
    }

    pub(crate) fn open_with(dir: &Path, system: Box<dyn System>) -> Result<Ledger, LedgerError> {
        let ledger = Ledger { files: Files::new(dir), system, state: Mutex::default() };
        ledger.files.make_dir()?;
        let _lock = ledger.files.lock_exclusive()?;
        let head = match head::read(&ledger.files)? {
            Some(head) => head,
            None => ledger.create()?,
        };
        if let Some(file) = ledger.files.read_ledger()? {
            ledger.check_length(&file, &head)?;
            return Ok(ledger);
        }
        let file = ledger.files.open_ledger()?;
        ledger.check_length(&file, &head)?;
        ledger.sync_dir()?;
        Ok(ledger)
    }

    /// Makes an event the next entry. When this returns, the entry is on disk, unless its event
    /// may wait ([`Event::may_wait`]).
    ///
    /// # Errors
    /// As [`Ledger::record_all`].
    pub fn record(&self, draft: Draft) -> Result<Entry, LedgerError> {
        let mut entries = self.record_all(vec![draft])?;
        entries.pop().ok_or_else(|| LedgerError::Failed { path: self.files.ledger.clone() })
    }

    /// Makes events the next entries, in one write. When this returns, they are on disk, unless
    /// each of them may wait.
    ///
    /// # Errors
    /// The entries then do not count. When the ledger has been cut or broken, the disk is full or
    /// fails, an event is too large, or another process keeps the lock. After a failed fsync,
    /// every further call fails until the ledger is opened anew.
    pub fn record_all(&self, drafts: Vec<Draft>) -> Result<Vec<Entry>, LedgerError> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let failed = || LedgerError::Failed { path: self.files.ledger.clone() };
        let mut state = self.state.lock().map_err(|_| failed())?;
        if state.failed {
            return Err(failed());
        }
        let _lock = self.files.lock_exclusive()?;
        let head = head::read(&self.files)?
            .ok_or_else(|| LedgerError::HeadMissing { path: self.files.head.clone() })?;
        let file = self.files.open_ledger()?;
        let tail = self.catch_up(&file, &head, state.known)?;
        match self.write(&file, &head, &tail, drafts) {
            Ok((entries, position)) => {
                state.known = Some(position);
                Ok(entries)
            }
            Err(error) => {
                state.failed = error.is_sync();
                Err(error)
            }
        }
    }

    /// Lets the head vouch for what this instance knows to be there.
    fn settle(&mut self) -> Result<(), LedgerError> {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = state.known.filter(|_| !state.failed) else { return Ok(()) };
        let _lock = self.files.lock_exclusive()?;
        let head = head::read(&self.files)?.unwrap_or(known);
        let Some(file) = self.files.read_ledger()?.filter(|_| head.seq < known.seq) else {
            return Ok(());
        };
        self.check_length(&file, &known)?;
        let synced = self.system.sync(&file);
        let path = || self.files.ledger.clone();
        synced.map_err(|source| LedgerError::Sync { path: path(), source })?;
        head::replace(&self.files, &*self.system, &known)
    }

    /// Starts an empty ledger: the head first, so that entries without a head are never innocent.
    fn create(&self) -> Result<Position, LedgerError> {
        if let Some(file) = self.files.read_ledger()?
            && self.length(&file)? > 0
        {
            return Err(LedgerError::HeadMissing { path: self.files.head.clone() });
        }
        head::replace(&self.files, &*self.system, &Position::START)?;
        self.sync_dir()?;
        Ok(Position::START)
    }

    /// Verifies and adopts what lies behind the last known end: the lines of other processes, of
    /// events that may wait, and of a crash between a line and its head.
    fn catch_up(
        &self,
        mut file: &File,
        head: &Position,
        known: Option<Position>,
    ) -> Result<Tail, LedgerError> {
        let mut position = known.filter(|known| known.length > head.length).unwrap_or(*head);
        self.check_length(file, &position)?;
        let refused = |source| self.io("read", source);
        file.seek(SeekFrom::Start(position.length)).map_err(refused)?;
        let end = walk(BufReader::new(file), &mut position, |_| Ok(())).map_err(refused)?;
        match end {
            End::Whole => Ok(Tail { position, torn: 0 }),
            End::Torn { bytes, .. } => Ok(Tail { position, torn: bytes }),
            End::Broken { reason } => Err(LedgerError::Broken {
                path: self.files.ledger.clone(),
                line: position.seq.saturating_add(1),
                reason,
            }),
        }
    }

    /// Writes the entries, and before them the notice of a torn line, if there was one.
    fn write(
        &self,
        file: &File,
        head: &Position,
        tail: &Tail,
        drafts: Vec<Draft>,
    ) -> Result<(Vec<Entry>, Position), LedgerError> {
        let now = self.system.now_ms();
        let start = tail.position;
        let reach = reach_of(&drafts, start.seq.saturating_sub(head.seq), tail.torn > 0);
        let (mut lines, mut position) = (String::new(), start);
        if let (bytes @ 1.., Some(first)) = (tail.torn, drafts.first()) {
            let event = Event::TornTail { bytes };
            let notice = Draft { event, authority: None, ..first.clone() };
            (_, lines, position) = start.seal(notice, now)?;
        }
        let mut entries = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let (entry, line, after) = position.seal(draft, now)?;
            entries.push(entry);
            lines.push_str(&line);
            position = after;
        }
        if tail.torn > 0 {
            let cut = self.system.truncate(file, start.length);
            cut.map_err(|source| self.io("truncate", source))?;
        }
        let committed = self.commit(file, &lines, &position, reach);
        committed.inspect_err(|_| self.undo(file, head, &start))?;
        Ok((entries, position))
    }

    /// Writes lines as far as they must reach. On an error the old head is in force. Without an
    /// fsync the head stays behind: it must not get to the disk before them. The directory is not
    /// synced: should a power failure bring the old head back, the ledger is ahead of it.
    fn commit(
        &self,
        file: &File,
        lines: &str,
        head: &Position,
        reach: Reach,
    ) -> Result<(), LedgerError> {
        let written = self.system.write_all(file, lines.as_bytes());
        written.map_err(|source| self.io("write", source))?;
        if reach == Reach::File {
            return Ok(());
        }
        let path = || self.files.ledger.clone();
        let synced = self.system.sync(file);
        synced.map_err(|source| LedgerError::Sync { path: path(), source })?;
        match reach {
            Reach::Head => head::replace(&self.files, &*self.system, head),
            Reach::File | Reach::Disk => Ok(()),
        }
    }

    /// Takes back what was written: what was reported as failed must not be adopted later. Should
    /// this fail too, the next append judges what is left like after a crash.
    fn undo(&self, file: &File, head: &Position, start: &Position) {
        if head::read(&self.files).is_ok_and(|now| now.as_ref() == Some(head)) {
            let _ = self.system.truncate(file, start.length);
        }
    }

    fn sync_dir(&self) -> Result<(), LedgerError> {
        let dir = self.files.open_dir()?;
        let path = || self.files.dir.clone();
        self.system.sync(&dir).map_err(|source| LedgerError::Sync { path: path(), source })
    }

    /// The ledger must reach as far as it did, and a line must end there.
    fn check_length(&self, file: &File, position: &Position) -> Result<(), LedgerError> {
        let length = self.length(file)?;
        if length < position.length {
            let path = self.files.ledger.clone();
            return Err(LedgerError::Cut { path, length, expected: position.length });
        }
        let Some(last) = position.length.checked_sub(1) else { return Ok(()) };
        let mut newline = [0];
        file.read_exact_at(&mut newline, last).map_err(|source| self.io("read", source))?;
        if newline != *b"\n" {
            return Err(LedgerError::Broken {
                path: self.files.ledger.clone(),
                line: position.seq,
                reason: "it does not end where the head says".to_owned(),
            });
        }
        Ok(())
    }

    fn length(&self, file: &File) -> Result<u64, LedgerError> {
        file.metadata().map(|meta| meta.len()).map_err(|source| self.io("inspect", source))
    }

    fn io(&self, action: &'static str, source: std::io::Error) -> LedgerError {
        LedgerError::Io { action, path: self.files.ledger.clone(), source }
    }
}

/// How far these must get when so many entries before them have no head yet.
fn reach_of(drafts: &[Draft], behind: u64, torn: bool) -> Reach {
    let mut lasting = drafts.iter().filter(|draft| !draft.event.may_wait()).peekable();
    if torn || behind >= GROUP {
        Reach::Head
    } else if lasting.peek().is_none() {
        Reach::File
    } else if lasting.all(|draft| draft.event.is_intent()) {
        Reach::Disk
    } else {
        Reach::Head
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // What fails here stays as a crash would leave it; the next append judges it.
        self.settle().unwrap_or_default();
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("dir", &self.files.dir).finish_non_exhaustive()
    }
}

impl LedgerSink for Ledger {
    fn append(&self, drafts: Vec<Draft>) -> Result<Vec<Entry>, StageError> {
        let stage = drafts.first().map_or(Stage::Admit, |draft| stage_of(&draft.event));
        self.record_all(drafts).map_err(|error| {
            StageError::fault(Feedback::new(stage, Code::Ledger, error.to_string()))
        })
    }
}

fn stage_of(event: &Event) -> Stage {
    match event {
        Event::HomeCreated { .. }
        | Event::SubmissionReceived { .. }
        | Event::Refused { .. }
        | Event::TornTail { .. } => Stage::Admit,
        Event::BuildIntent { .. } | Event::BuildOutcome { .. } | Event::BuildReused { .. } => {
            Stage::Build
        }
        Event::ScanOutcome { .. } => Stage::Scan,
        Event::LoadIntent { .. } | Event::LoadOutcome { .. } => Stage::Load,
        Event::VerifyOutcome { .. } => Stage::Verify,
        Event::ReleaseIntent { .. } | Event::ReleaseOutcome { .. } => Stage::Release,
        Event::SubmissionOutcome { stage, .. } => *stage,
        Event::Calls { .. } | Event::Crashed { .. } => Stage::Call,
    }
}
