//! A sidecar at random, from many seeds. Any answer is as good as another; what counts is that each
//! comes in time, and what the host holds afterwards.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use saggar_plugin_abi::Sidecar;
use saggar_skill_abi::{Enum, Field, Record, Type, decode};

use crate::host::{Host, LOAD, below, goes_back_to, held, nobody_is_left};
use crate::mode::Mode;
use crate::scripted::{alone, with_file};

/// Deadline of a call.
const CALL: Duration = Duration::from_millis(40);

/// What nothing takes that has a bound; the machine may be busy.
const HANGS: Duration = Duration::from_secs(30);

/// Seeds after which whatever grows once has grown.
const WARM: u64 = 40;

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("a number")
}

/// A type of every kind, to read results as.
fn everything() -> Type {
    let field = |name: &str, ty: Type| Field { name: name.into(), ty };
    let cases = Enum { name: "e".into(), cases: vec!["a".into(), "b".into(), "c".into()] };
    let fields = vec![
        field("flag", Type::Bool),
        field("letter", Type::Char),
        field("number", Type::F64),
        field("case", Type::Enum(cases.into())),
        field("text", Type::String.list()),
        field("maybe", Type::U16.list().option()),
    ];
    Type::Record(Record { name: "r".into(), fields }.into()).list()
}

/// Calls it one by one, some with a file, and many at once, as long as it lives.
fn calls(sidecar: &dyn Sidecar, file: &File, seed: u64) -> usize {
    let ty = everything();
    let mut answers = 0;
    for round in 0..6u8 {
        let start = Instant::now();
        if round % 3 == 2 {
            let blocks: Vec<Vec<u8>> = (0..20).map(|n| vec![n; 8 * usize::from(n)]).collect();
            let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
            let mut several = sidecar.call_all(0, &blocks, CALL);
            assert!(!several.is_empty() && several.len() <= blocks.len(), "seed {seed}");
            answers += several.drain().flatten().count();
        } else {
            let answer = match round % 3 {
                1 => with_file(sidecar, &[round; 64], file, CALL),
                _ => sidecar.call(0, &[round; 64], CALL),
            };
            if let Ok(block) = answer {
                // What is no value is said to be none, whatever the bytes are.
                decode::result(Some(&ty), &block).map(drop).unwrap_or_default();
                answers += 1;
            }
        }
        assert!(start.elapsed() < HANGS, "seed {seed}: a call took {:?}", start.elapsed());
        if !sidecar.alive() {
            break;
        }
    }
    answers
}

#[test]
fn a_sidecar_at_random_never_hangs_panics_or_costs_the_host_anything() {
    let _alone = alone();
    let how_long = if crate::full() { Duration::from_secs(600) } else { Duration::from_secs(4) };
    // Another stretch of seeds each time the long way; the same one the short way.
    let first = if crate::full() { u64::from(std::process::id()) << 32 } else { 0 };
    let host = Host::new();
    drop(host.load(Mode::Honest, 0).expect("the honest one loads"));
    std::thread::sleep(Duration::from_millis(300));
    let file = File::open("/proc/self/exe").expect("it is there");
    let before = held();
    let (start, mut seed) = (Instant::now(), first);
    let (mut loaded, mut answers, mut settled) = (0, 0, 0);
    while start.elapsed() < how_long || seed - first < 60 {
        seed += 1;
        if seed - first == WARM {
            settled = resident_kib();
        }
        let began = Instant::now();
        if let Ok(sidecar) = host.load(Mode::Fuzz, seed) {
            loaded += 1;
            answers += calls(sidecar.as_ref(), &file, seed);
        }
        assert!(began.elapsed() < LOAD + HANGS, "seed {seed} took {:?}", began.elapsed());
    }
    goes_back_to(before, &format!("seeds {first} to {seed}"));
    let grown = resident_kib().saturating_sub(settled);
    assert!(grown < 8 << 10, "{grown} KiB more are resident after seeds {first} to {seed}");
    let maps = fs::read_to_string("/proc/self/maps").expect("/proc is there");
    assert!(!maps.contains("saggar-arena"), "an arena is still mapped");
    assert!(below() > 0, "the launcher is gone");
    let sidecar = host.load(Mode::Honest, 0).expect("the host serves");
    sidecar.call(0, &[1; 8], HANGS).expect("it answers");
    drop((sidecar, host));
    nobody_is_left();
    // Else it was no conversation.
    assert!(loaded > 10 && answers > 10, "{loaded} were loaded, {answers} answers came");
}
