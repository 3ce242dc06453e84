//! Arguments that are files: taken from the control socket, mapped read-only where the host says,
//! and gone again before anybody else is served. No descriptor is left when the skill runs.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd};

use saggar_jail::confine;
use saggar_sidecar_api::arena::{AS_BEFORE, Arena};
use saggar_sidecar_api::wire::{self, Place};

/// What is mapped.
pub(crate) struct Files<'a> {
    control: BorrowedFd<'a>,
    mapped: Vec<Place>,
    keep: bool,
}

impl<'a> Files<'a> {
    pub(crate) fn new(control: &'a impl AsFd) -> Self {
        Files { control: control.as_fd(), mapped: Vec::new(), keep: false }
    }

    /// Maps what a call brings and nothing else; `asked` is what the host says of it.
    pub(crate) fn before(&mut self, arena: &Arena, asked: u32) -> io::Result<()> {
        if asked == AS_BEFORE {
            return Ok(());
        }
        self.hide(arena)?;
        if asked == 0 {
            return Ok(());
        }
        let (files, descriptors) = wire::receive_files(self.control)?;
        self.keep = files.keep;
        let mut outcome = Ok(());
        for (place, fd) in files.files.iter().zip(descriptors) {
            // Under the filters Rust's library closes no descriptor.
            let fd = ManuallyDrop::new(fd);
            if outcome.is_ok() {
                outcome = show(arena, &*fd, place);
                self.mapped.push(*place);
            }
            confine::close(ManuallyDrop::into_inner(fd));
        }
        if outcome.is_err() {
            self.hide(arena)?;
        }
        outcome
    }

    /// Takes away what is not to stay for the next call.
    pub(crate) fn after(&mut self, arena: &Arena) -> io::Result<()> {
        if self.keep { Ok(()) } else { self.hide(arena) }
    }

    fn hide(&mut self, arena: &Arena) -> io::Result<()> {
        for place in self.mapped.drain(..) {
            arena.hide(size(place.at)?, size(place.length)?)?;
        }
        Ok(())
    }
}

fn show(arena: &Arena, fd: impl AsFd, place: &Place) -> io::Result<()> {
    arena.show(fd, size(place.at)?, place.offset, size(place.length)?)
}

fn size(bytes: u64) -> io::Result<usize> {
    usize::try_from(bytes).map_err(io::Error::other)
}
