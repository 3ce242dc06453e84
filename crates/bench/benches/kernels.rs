//! Numeric kernels as a skill, through a call, and as a program built by `g++ -O3`, taking turns:
//! what hardening, glue and confinement cost a computation. Results must be the same bit for bit.
//! Then that program beside others built with one part of the hardening each.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use saggar_bench::Jig;
use saggar_bench::paired::{Figures, Times};

/// Turns that each kernel takes, of which the fastest counts: nothing makes a computation faster
/// than it is.
const ROUNDS: u32 = 15;

/// Kernel, and a size that takes some tens of milliseconds.
const KERNELS: [(&str, u32); 6] = [
    ("matrix-product", 384),
    ("n-bodies", 120_000),
    ("mandelbrot", 500),
    ("spectral-norm", 1400),
    ("fourier", 18),
    ("sorted-median", 400_000),
];

/// The parts of the hardening, and what it leaves to the verification: the checks of libstdc++.
const PARTS: [(&str, &[&str]); 6] = [
    ("fortify", &["-D_FORTIFY_SOURCE=2"]),
    ("stack_protector", &["-fstack-protector-strong"]),
    ("cet", &["-fcf-protection"]),
    ("relro", &["-Wl,-z,relro,-z,now"]),
    ("visibility", &["-fPIC", "-fvisibility=hidden"]),
    ("assertions", &["-D_GLIBCXX_ASSERTIONS"]),
];

fn main() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels");
    let jig = Jig::new();
    jig.submit(&sources);
    let skill = "kernels".parse().expect("a skill name");
    let mut bare = Bare::build(&sources, jig.directory(), "bare", &[]);
    let mut figures = Figures::default();
    let mut worst: f64 = 0.0;
    for (kernel, size) in KERNELS {
        let (mut ours, mut theirs) = (Times::default(), Vec::new());
        for _ in 0..ROUNDS {
            let (took, result) = bare.run(kernel, size);
            theirs.push(took);
            let answer = ours.take(|| jig.engine.call(&skill, kernel, &[size.into()]));
            assert_eq!(answer.expect("an answer"), result, "{kernel}");
        }
        let fastest = theirs.into_iter().min().unwrap_or_default();
        let ratio = ours.fastest() / fastest.as_secs_f64();
        println!("{kernel:<16} {:>7.2} ms {ratio:.3}", fastest.as_secs_f64() * 1e3);
        figures.add(format!("compute.{kernel}.ratio"), ratio);
        worst = worst.max(ratio);
    }
    figures.add("compute.worst_ratio", worst);
    for (part, flags) in PARTS {
        let mut hardened = Bare::build(&sources, jig.directory(), part, flags);
        let ratios = KERNELS.map(|kernel| against(&mut hardened, &mut bare, kernel));
        println!("{part:<16} {ratios:.3?}");
        figures
            .add(format!("hardening.{part}.worst_ratio"), ratios.into_iter().fold(0.0, f64::max));
    }
    figures.write("kernels");
}

/// The fastest time of one program over that of another.
fn against(one: &mut Bare, other: &mut Bare, (kernel, size): (&str, u32)) -> f64 {
    let [mut ones, mut others] = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        let (took, result) = one.run(kernel, size);
        ones = ones.min(took);
        let (took, expected) = other.run(kernel, size);
        others = others.min(took);
        assert_eq!(result, expected, "{kernel}");
    }
    ones.as_secs_f64() / others.as_secs_f64()
}

/// The program, waiting for what to run.
struct Bare {
    _process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Bare {
    fn build(sources: &Path, directory: &Path, name: &str, flags: &[&str]) -> Self {
        let program = directory.join(format!("kernels-{name}"));
        let status = command("g++")
            .args(["-std=c++20", "-O3"])
            .args(flags)
            .arg("-o")
            .arg(&program)
            .arg(sources.join("main.cpp"))
            .status()
            .expect("g++ starts");
        assert!(status.success());
        let program = program.to_str().expect("a path in UTF-8");
        let mut process = command(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let ask = process.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Bare { _process: process, ask, answers }
    }

    fn run(&mut self, kernel: &str, size: u32) -> (Duration, f64) {
        writeln!(self.ask, "{kernel} {size}").expect("the program reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the program answers");
        let mut words = line.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
        let mut next = || words.next().expect("two numbers");
        (Duration::from_secs_f64(next()), next())
    }
}

fn command(program: &str) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the baseline is a bare program")]
    Command::new(program)
}
