//! What goes into a work directory before the payload starts, and comes out after its end.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};

use super::step::{At, Stop};
use crate::spec::Step;
use crate::{OutputFile, OutputState, Spec, Work};

/// The descriptors of a request, each kind by itself.
pub(super) struct Descriptors {
    pub(super) inputs: Vec<OwnedFd>,
    pub(super) outputs: Vec<OwnedFd>,
    pub(super) payload: Vec<OwnedFd>,
}

impl Descriptors {
    /// Sorts them as the specification counts them.
    pub(super) fn sort(spec: &Spec, mut all: Vec<OwnedFd>) -> Result<Self, Stop> {
        let work = spec.work.as_ref();
        let inputs = work.map_or(0, |work| work.inputs.len());
        let outputs = work.map_or(0, |work| work.outputs.len());
        if all.len() != inputs + outputs + spec.payload.descriptors.len() {
            let error = io::Error::from_raw_os_error(libc::EPROTO);
            return Err(error).at(Step::Descriptors, "count them");
        }
        let payload = all.split_off(inputs + outputs);
        let outputs = all.split_off(inputs);
        Ok(Descriptors { inputs: all, outputs, payload })
    }
}

/// Makes the directories of a work directory and copies the inputs into it.
pub(super) fn fill(at: &Path, work: &Work, contents: Vec<OwnedFd>) -> io::Result<()> {
    for directory in ["out", "tmp"] {
        fs::create_dir(at.join(directory))?;
    }
    for directory in &work.directories {
        fs::create_dir_all(at.join(directory))?;
    }
    for (input, content) in work.inputs.iter().zip(contents) {
        let mut from = File::from(content);
        from.rewind()?;
        let mut to = File::create_new(at.join(&input.name))?;
        io::copy(&mut from, &mut to)?;
    }
    Ok(())
}

/// Copies the declared outputs to the host. Nothing of the payload runs any more, but it could
/// have put anything in their place, and in that of their directory.
pub(super) fn take_all(at: &Path, work: &Work, to: Vec<OwnedFd>) -> Vec<OutputState> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let out = openat(CWD, at.join("out"), flags, Mode::empty());
    let take = |(file, to)| match &out {
        Ok(out) => take(out, file, to),
        Err(_) => OutputState::Missing,
    };
    work.outputs.iter().zip(to).map(take).collect()
}

/// Copies an output to the host, if it is a regular file with one name.
fn take(out: &OwnedFd, file: &OutputFile, to: OwnedFd) -> OutputState {
    let Ok(stat) = statat(out, &file.name, AtFlags::SYMLINK_NOFOLLOW) else {
        return OutputState::Missing;
    };
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile if stat.st_nlink == 1 => None,
        FileType::RegularFile => Some("a file with several names"),
        FileType::Symlink => Some("a symbolic link"),
        FileType::Directory => Some("a directory"),
        FileType::Fifo => Some("a FIFO"),
        _ => Some("no file"),
    };
    if let Some(kind) = kind {
        return OutputState::NotRegular(kind.to_owned());
    }
    let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if size > file.max {
        return OutputState::TooLarge(size);
    }
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::RDONLY | OFlags::CLOEXEC;
    let from = openat(out, &file.name, flags, Mode::empty()).map_err(io::Error::from);
    let copied =
        from.and_then(|from| io::copy(&mut File::from(from).take(file.max), &mut File::from(to)));
    copied.map_or(OutputState::Missing, OutputState::Taken)
}
