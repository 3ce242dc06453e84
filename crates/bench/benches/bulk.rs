//! How often each byte of a gibibyte occurs, counted through a call and in a program that has it
//! in its own memory, taking turns: what it costs that the skill is another process. Once with a
//! buffer that both have mapped already, once with a file that both open and map each time. Then
//! a file of ten gibibytes, which the host must not hold.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use saggar_bench::Jig;
use saggar_bench::paired::{Figures, Times};
use saggar_engine::{Argument, Buffer, Engine};
use saggar_model::SkillName;
use serde_json::Value;

/// Bytes that are counted.
const SIZE: usize = 1 << 30;

/// Turns that each takes, of which the fastest counts.
const ROUNDS: u32 = 24;

/// Bytes of the large file, which holds nothing.
const LARGE: u64 = 10 << 30;

fn main() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("bulk");
    let jig = Jig::new();
    jig.submit(&sources);
    let skill: SkillName = "bulk".parse().expect("a skill name");
    let path = jig.directory().join("data");
    let mut buffer = Buffer::new(SIZE).expect("memory for a buffer");
    fill(&mut buffer);
    fs::write(&path, &*buffer).expect("room for a file");
    File::open(&path).and_then(|file| file.sync_all()).expect("a file is synced");
    let flags = &jig.engine.policy().build.c.compile;
    let mut bare = Bare::build(&sources, jig.directory(), flags, &path);

    let mut figures = Figures::default();
    let buffered = || count(&jig.engine, &skill, (&buffer).into());
    let filed = || {
        let file = File::open(&path).expect("the file is there");
        count(&jig.engine, &skill, Argument::file(&file))
    };
    let in_file = format!("file {}", path.display());
    let ratios = [
        ("buffer", against(&mut bare, "buffer", buffered)),
        ("file", against(&mut bare, &in_file, filed)),
    ];
    for (name, (theirs, ours)) in ratios {
        figures.add(format!("bulk.{name}_ms"), ours * 1e3);
        figures.add(format!("bulk.{name}_ratio"), theirs / ours);
    }
    let worst = ratios.map(|(_, (theirs, ours))| theirs / ours);
    figures.add("bulk.ratio", worst.into_iter().fold(f64::INFINITY, f64::min));

    let large = jig.directory().join("large");
    File::create(&large).and_then(|file| file.set_len(LARGE)).expect("a sparse file");
    let before = peak();
    let mut times = Times::default();
    let file = File::open(&large).expect("the file is there");
    let found = times.take(|| histogram(&jig.engine, &skill, Argument::file(&file)));
    assert_eq!(found[0], LARGE);
    figures.add("bulk.large_s", times.fastest());
    figures.add("bulk.large_host_growth_kib", peak() - before);
    figures.write("bulk");
}

/// Bytes as they come from xorshift64 (Marsaglia 2003).
fn fill(buffer: &mut [u8]) {
    let mut state = 88_172_645_463_325_252u64;
    for word in buffer.as_chunks_mut::<8>().0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *word = state.to_le_bytes();
    }
}

fn histogram(engine: &Engine, skill: &SkillName, data: Argument<'_>) -> Vec<u64> {
    let found = engine.call_with(skill, "histogram", &[data], None).expect("an answer");
    let numbers = found.as_array().expect("a list").iter().filter_map(Value::as_u64);
    numbers.collect()
}

/// The digest of a result, as the program gives it.
fn count(engine: &Engine, skill: &SkillName, data: Argument<'_>) -> u64 {
    let found = histogram(engine, skill, data);
    found.into_iter().fold(0, |digest: u64, n| digest.wrapping_mul(31).wrapping_add(n))
}

/// The fastest times of the program and of the call, seconds.
fn against(bare: &mut Bare, asked: &str, call: impl Fn() -> u64) -> (f64, f64) {
    let (mut ours, mut theirs) = (Times::default(), Duration::MAX);
    for _ in 0..ROUNDS {
        let (took, digest) = bare.run(asked);
        theirs = theirs.min(took);
        assert_eq!(ours.take(&call), digest, "{asked}");
    }
    (theirs.as_secs_f64(), ours.fastest())
}

/// The most memory that this process ever had, KiB.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("the kernel says");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
    number.expect("a number")
}

/// The program, waiting for what to count.
struct Bare {
    _process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Bare {
    /// Compiled with the flags that skills are.
    fn build(sources: &Path, directory: &Path, flags: &[String], model: &Path) -> Self {
        let program = directory.join("bulk-bare");
        let for_people = flags.iter().filter(|flag| !flag.starts_with("-fdiagnostics"));
        let status = command(Path::new("gcc"))
            .arg("-std=gnu17")
            .args(for_people)
            .arg("-o")
            .arg(&program)
            .arg(sources.join("main.c"))
            .status()
            .expect("gcc starts");
        assert!(status.success());
        let mut process = command(&program)
            .arg(model)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let ask = process.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Bare { _process: process, ask, answers }
    }

    fn run(&mut self, asked: &str) -> (Duration, u64) {
        writeln!(self.ask, "{asked}").expect("the program reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the program answers");
        let (took, digest) = line.trim().split_once(' ').expect("two numbers");
        let took = Duration::from_secs_f64(took.parse().expect("seconds"));
        (took, digest.parse().expect("a digest"))
    }
}

fn command(program: &Path) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the baseline is a bare program")]
    Command::new(program)
}
