//! A sidecar at random: what it sends, writes and does is drawn from the seed. Now and then it is
//! honest for a while, or the host would never hear it out.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{abort, exit};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use saggar_jail::wire as datagram;
use saggar_sidecar_api::arena::{ARGS, Control, Words};
use saggar_sidecar_api::bell::Patience;
use saggar_sidecar_api::wire::{FromSidecar, LoadedObject, NOT_MAPPED, Places, receive_artifact};

use crate::chance::Chance;
use crate::peer::{Peer, body, confined, hello, ready};

pub(crate) fn play(mut peer: Peer) -> io::Result<()> {
    if peer.chance.one_in(3) {
        ramble(&mut peer)?;
    }
    stray(&mut peer)?;
    peer.say(&body(&hello()), &[]);
    stray(&mut peer)?;
    if !peer.chance.one_in(12) {
        peer.confine()?;
    }
    peer.say(&body(&confined()), &[]);
    stray(&mut peer)?;
    drop(receive_artifact(&peer.control)?);
    peer.say(&body(&ready()), &[]);
    let peer = Arc::new(peer);
    let mut chance = peer.chance.clone();
    if chance.one_in(2) {
        // Whatever the host reads may change at any time.
        let (peer, mut chance) = (Arc::clone(&peer), Chance::new(chance.next()));
        let scribbler = move || {
            loop {
                scribble(&peer, &mut chance);
                if chance.one_in(50) {
                    thread::sleep(Duration::from_micros(200));
                }
            }
        };
        // One more process may be refused.
        thread::Builder::new().spawn(scribbler).map(drop).unwrap_or_default();
    }
    calls(&peer, &mut chance)
}

/// A message of the right kind with any content.
fn message(chance: &mut Chance) -> FromSidecar {
    let length = chance.below(400);
    let text = String::from_utf8_lossy(&chance.bytes(length)).into_owned();
    match chance.below(8) {
        0 => FromSidecar::Hello { build: text },
        1 => hello(),
        2 => FromSidecar::Confined {
            landlock_abi: chance.half(),
            mdwe: true,
            places: places(chance),
        },
        3 => FromSidecar::NotConfined { step: text.clone(), message: text },
        4 => FromSidecar::LoadFailed { message: text },
        5 => FromSidecar::Ready { base: chance.word() },
        6 => confined(),
        _ => ready(),
    }
}

/// Places where nothing lies, and objects that are not there.
fn places(chance: &mut Chance) -> Places {
    let mut object = || LoadedObject {
        path: ["", "/", "/proc/self/mem", "/dev/zero", "/lib"][chance.below(5)].to_owned(),
        base: chance.word(),
        size: chance.word(),
    };
    let objects = vec![object(), object(), object()];
    let (arena, stack, heap) = (chance.word(), chance.word(), chance.word());
    Places { arena, stack, heap, objects }
}

/// One message of any kind, perhaps cut or damaged, perhaps with descriptors.
fn anything(peer: &mut Peer) -> io::Result<()> {
    let chance = &mut peer.chance;
    let mut bytes = match chance.below(4) {
        0 => {
            let most = [2, 40, 5000, 100_000][chance.below(4)];
            let length = chance.below(most);
            chance.bytes(length)
        }
        _ => body(&message(chance)),
    };
    if chance.one_in(4) && !bytes.is_empty() {
        let at = chance.below(bytes.len());
        bytes[at] = chance.next().to_le_bytes()[0];
    }
    if chance.one_in(4) {
        bytes.truncate(chance.below(bytes.len() + 1));
    }
    let own = File::open("/proc/self/exe")?;
    let count = if chance.one_in(3) { chance.below(datagram::MAX_DESCRIPTORS + 1) } else { 0 };
    let descriptors: Vec<BorrowedFd<'_>> = vec![own.as_fd(); count];
    peer.say(&bytes, &descriptors);
    Ok(())
}

/// Seldom something that is not part of the conversation.
fn stray(peer: &mut Peer) -> io::Result<()> {
    match peer.chance.below(40) {
        0 => anything(peer),
        1 => exit(i32::try_from(peer.chance.below(256)).unwrap_or(0)),
        2 => {
            crash_left(peer.arena.control(), &mut peer.chance);
            abort()
        }
        3 => {
            thread::sleep(Duration::from_millis(peer.chance.next() % 30));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Messages in any order, and perhaps an end.
fn ramble(peer: &mut Peer) -> io::Result<()> {
    for _ in 0..peer.chance.below(12) {
        anything(peer)?;
    }
    match peer.chance.below(3) {
        0 => exit(0),
        1 => abort(),
        _ => Ok(()),
    }
}

/// A few words somewhere in the arena, mostly where the control block is.
fn scribble(peer: &Peer, chance: &mut Chance) {
    let control = peer.arena.control();
    for _ in 0..chance.below(8) {
        match chance.below(10) {
            0 => control.answered.reply.ring(chance.half()),
            1 => control.answered.status.store(chance.half(), Ordering::Release),
            2 => control.answered.result_len.store(chance.word(), Ordering::Release),
            3 => control.progress.done.store(chance.half(), Ordering::Release),
            4 => crash_left(control, chance),
            5 => ends(peer, chance),
            6 => {
                let at = chance.below(peer.size);
                let length = chance.below(256);
                write(peer, at, &chance.bytes(length));
            }
            _ => {
                let at = chance.below(ARGS);
                write(peer, at, &chance.word().to_le_bytes());
            }
        }
    }
}

fn write(peer: &Peer, at: usize, bytes: &[u8]) {
    // What would lie beyond the end is left out.
    peer.arena.write(at, bytes).map(drop).unwrap_or_default();
}

/// What a crash handler leaves, made up.
fn crash_left(control: &Control, chance: &mut Chance) {
    let crash = &control.crash;
    crash.signal.store([4, 6, 7, 8, 11, 24, 31][chance.below(7)], Ordering::Release);
    let words = [&crash.address, &crash.fault, &crash.base];
    for word in words.into_iter().chain(&crash.registers) {
        word.store(chance.word(), Ordering::Release);
    }
    made_up(&crash.stack, chance);
    made_up(&crash.stack_end, chance);
    crash.complete.ring(chance.half());
}

fn made_up<const N: usize>(copy: &Words<N>, chance: &mut Chance) {
    for word in [&copy.start, &copy.count].into_iter().chain(&copy.words[..N.min(512)]) {
        word.store(chance.word(), Ordering::Release);
    }
}

/// What becomes of the calls of a batch, made up.
fn ends(peer: &Peer, chance: &mut Chance) {
    let Ok(batch) = peer.arena.batch(chance.below(64)) else { return };
    for (length, end) in batch.lengths.iter().zip(batch.ends) {
        length.store(chance.word(), Ordering::Release);
        end.result_len.store(chance.word(), Ordering::Release);
        end.status.store(chance.below(5) as u64, Ordering::Release);
    }
}

fn calls(peer: &Peer, chance: &mut Chance) -> io::Result<()> {
    let mut patience = Patience::new(peer.setup.patience);
    let mut served = 0;
    loop {
        let control = peer.arena.control();
        let number =
            control.asked.request.wait(served, Some(Duration::from_millis(5)), &mut patience);
        if chance.one_in(3) {
            scribble(peer, chance);
        }
        if number == served {
            continue;
        }
        served = number;
        match chance.below(24) {
            0 => abort(),
            1 => exit(i32::try_from(chance.below(256)).unwrap_or(0)),
            2 => continue,
            3 => println!("{}", String::from_utf8_lossy(&chance.bytes(3000))),
            4 => eprintln!("memory allocation of {} bytes failed", chance.word()),
            _ => {}
        }
        if control.asked.count.load(Ordering::Relaxed) > 0 {
            ends(peer, chance);
            control.progress.done.store(chance.half(), Ordering::Release);
        }
        let status = match chance.below(8) {
            0 => chance.half(),
            1 => NOT_MAPPED,
            _ => chance.half() % 4,
        };
        let length = if chance.one_in(4) { chance.word() } else { chance.below(4000) as u64 };
        control.answered.status.store(status, Ordering::Release);
        control.answered.result_len.store(length, Ordering::Release);
        control.answered.reply.ring(number);
    }
}
