//! The false sidecar: its side of the conversation and of the arena, by the wire's own means.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use saggar_jail::{confine, wire as datagram};
use saggar_model::{BpfProgram, Instruction};
use saggar_sidecar_api::arena::{ARGS, Arena, DEAD};
use saggar_sidecar_api::bell::Patience;
use saggar_sidecar_api::wire::{
    self, BUILD_ID, FromSidecar, NOT_MAPPED, Places, Setup, descriptor,
};

use crate::chance::Chance;
use crate::fuzz;
use crate::mode::{self, Mode};

/// What it was started with.
pub(crate) struct Peer {
    pub(crate) control: OwnedFd,
    pub(crate) arena: Arena,
    pub(crate) size: usize,
    pub(crate) setup: Setup,
    pub(crate) chance: Chance,
    /// Which of several ways of a mode.
    which: usize,
}

/// Plays a sidecar as it was told to.
pub(crate) fn serve() -> io::Result<()> {
    let control = confine::inherited(descriptor::CONTROL);
    let setup: Setup = wire::receive(&control)?;
    let size = usize::try_from(setup.arena).map_err(io::Error::other)?;
    let arena = Arena::map(confine::inherited(descriptor::ARENA), size)?;
    let (seed, mode) = mode::of(setup.rlimits.data).ok_or(io::ErrorKind::InvalidData)?;
    let which = usize::try_from(seed).unwrap_or(0);
    let mut peer = Peer { control, arena, size, setup, chance: Chance::new(seed), which };
    match mode {
        Mode::Fuzz => fuzz::play(peer),
        _ => peer.play(mode),
    }
}

/// A message as it goes over the socket.
pub(crate) fn body(message: &FromSidecar) -> Vec<u8> {
    postcard::to_stdvec(message).unwrap_or_default()
}

pub(crate) fn hello() -> FromSidecar {
    FromSidecar::Hello { build: BUILD_ID.to_owned() }
}

pub(crate) fn confined() -> FromSidecar {
    FromSidecar::Confined { landlock_abi: 1, mdwe: false, places: Places::default() }
}

pub(crate) fn ready() -> FromSidecar {
    FromSidecar::Ready { base: 0x1000 }
}

/// Never comes back.
fn for_ever() -> ! {
    loop {
        sleep(Duration::from_secs(1));
    }
}

impl Peer {
    pub(crate) fn say(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) {
        // Whoever does not listen any more will end this process.
        datagram::send(&self.control, bytes, descriptors).unwrap_or_default();
    }

    fn tell(&self, message: &FromSidecar) {
        self.say(&body(message), &[]);
    }

    /// Confined by as many filters as was asked for, none of which holds anything.
    pub(crate) fn confine(&self) -> io::Result<()> {
        let allow = Instruction { code: 6, jt: 0, jf: 0, k: 0x7fff_0000 };
        let asked = self.setup.load.len() + self.setup.serve.len();
        confine::no_new_privs()?;
        confine::seccomp(&vec![BpfProgram(vec![allow]); asked]).map(drop)
    }

    fn play(&mut self, mode: Mode) -> io::Result<()> {
        match mode {
            Mode::Mute => for_ever(),
            Mode::Drip => loop {
                self.say(&[0], &[]);
                sleep(Duration::from_secs(1));
            },
            Mode::Hello => loop {
                self.tell(&hello());
            },
            Mode::Early => {
                self.tell(&hello());
                self.tell(&ready());
                for_ever();
            }
            Mode::Stranger => {
                self.tell(&FromSidecar::Hello { build: "of another".to_owned() });
                for_ever();
            }
            Mode::Nonsense => {
                self.tell(&hello());
                self.say(&[0xff; 4000], &[]);
                for_ever();
            }
            _ => {}
        }
        let null = File::open("/proc/self/exe")?;
        let many = vec![null.as_fd(); datagram::MAX_DESCRIPTORS];
        let along: &[BorrowedFd<'_>] = if mode == Mode::Descriptors { &many } else { &[] };
        self.say(&body(&hello()), along);
        if mode != Mode::Loose {
            self.confine()?;
        }
        self.say(&body(&confined()), along);
        drop(wire::receive_artifact(&self.control)?);
        self.say(&body(&ready()), along);
        let mut patience = Patience::new(self.setup.patience);
        let mut served = 0;
        loop {
            let request = &self.arena.control().asked.request;
            let number = request.wait(served, None, &mut patience);
            if number != served {
                self.answer(mode, served, number)?;
                served = number;
            }
        }
    }

    /// Writes this status and length and rings with this number.
    fn ring(&self, status: u32, length: u64, number: u32) {
        let answered = &self.arena.control().answered;
        answered.status.store(status, Ordering::Relaxed);
        answered.result_len.store(length, Ordering::Relaxed);
        answered.reply.ring(number);
    }

    /// The arguments as the result, of which half may be left out; its length.
    fn echo(&self, half: bool) -> u64 {
        let asked = &self.arena.control().asked;
        let length = asked.args_len.load(Ordering::Relaxed);
        let to = usize::try_from(asked.result_at.load(Ordering::Relaxed)).unwrap_or(self.size);
        let bytes = self.arena.copy(ARGS, if half { length / 2 } else { length });
        self.arena.write(to, &bytes.unwrap_or_default()).map(drop).unwrap_or_default();
        length
    }

    fn answer(&self, mode: Mode, before: u32, number: u32) -> io::Result<()> {
        match mode {
            Mode::Silent => for_ever(),
            Mode::Slowly => loop {
                self.ring(0, 0, before.wrapping_sub(7));
                sleep(Duration::from_millis(100));
            },
            Mode::WrongNumbers => {
                let wrong = [number.wrapping_add(1), number.wrapping_sub(2), number ^ 0x8000_0000];
                for wrong in wrong {
                    self.ring(3, 8, wrong);
                    sleep(Duration::from_millis(2));
                }
            }
            Mode::Again => {
                self.ring(3, 8, before);
                sleep(Duration::from_millis(2));
                self.ring(0, self.echo(false), number);
            }
            Mode::NotDead => {
                self.ring(3, 8, DEAD);
                sleep(Duration::from_millis(20));
            }
            Mode::DiesInReply | Mode::LeavesInReply => {
                self.ring(0, self.echo(true), before);
                if mode == Mode::LeavesInReply {
                    std::process::exit(0);
                }
                std::process::abort();
            }
            Mode::Beyond => {
                self.beyond(number);
                return Ok(());
            }
            Mode::Status => {
                self.ring(77, 8, number);
                return Ok(());
            }
            Mode::NotMapped => {
                let reasons = [0, 4096, 1 << 32, u64::MAX];
                self.ring(NOT_MAPPED, reasons[self.which % reasons.len()], number);
                return Ok(());
            }
            Mode::Overdone => {
                self.overdo(number)?;
                return Ok(());
            }
            Mode::Flood => {
                // As much as it is let, and then as much again.
                for _ in 0..64 {
                    io::stdout().write_all(&[b'x'; 4096]).unwrap_or_default();
                }
                if before != 0 {
                    std::process::abort();
                }
            }
            _ => {}
        }
        self.ring(0, self.echo(false), number);
        Ok(())
    }

    fn beyond(&self, number: u32) {
        let lengths = [self.size as u64, u64::MAX, 1 << 63, self.size as u64 - ARGS as u64 + 1];
        self.ring(0, lengths[self.which % lengths.len()], number);
    }

    fn overdo(&self, number: u32) -> io::Result<()> {
        let control = self.arena.control();
        let count = control.asked.count.load(Ordering::Relaxed);
        for (index, end) in self.arena.batch(count as usize)?.ends.iter().enumerate() {
            end.result_len.store([8, u64::MAX, 1 << 40][index % 3], Ordering::Relaxed);
            end.status.store(0, Ordering::Relaxed);
        }
        control.progress.done.store(count.wrapping_add(1000), Ordering::Release);
        self.ring(0, 0, number);
        Ok(())
    }
}
