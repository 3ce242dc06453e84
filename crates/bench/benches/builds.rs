//! Submissions of fixture skills, from submit to promoted with everything included, each taking
//! turns with the bare compiler on the same file: C++ whose include set was seen before and C++
//! whose include set was not, C, Rust, and C++ by clang where it is installed.
//! An argument chooses the parts whose name holds it: `cpp`, `clang`, `c`, `rust`.

use std::path::{Path, PathBuf};

use saggar_bench::Jig;
use saggar_bench::fixtures::{C, CPP_BITS, CPP_FEW, Fixture, RUST};
use saggar_bench::paired::{Figures, Times, median};

/// Turns that each source takes.
const ROUNDS: u64 = 5;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    let mut figures = Figures::default();
    if is_wanted("cpp") {
        cpp(&mut figures);
    }
    if is_wanted("clang") && Path::new("/usr/bin/clang++").exists() {
        against(&mut figures, "build.cpp.clang_ratio", "compiler = \"clang\"\n", &cpp_sources());
    }
    if is_wanted("c") {
        against(&mut figures, "build.c.ratio", "", &C.map(|name| Fixture::read(name, "c")));
    }
    if is_wanted("rust") {
        against(&mut figures, "build.rust.ratio", "", &RUST.map(|name| Fixture::read(name, "rs")));
    }
    figures.write("builds");
}

fn cpp_sources() -> Vec<Fixture> {
    let names = CPP_FEW.into_iter().chain(CPP_BITS);
    names.map(|name| Fixture::read(name, "cpp")).collect()
}

/// Writes each source anew for every use, so that none was seen before.
struct Fresh {
    below: PathBuf,
    salt: u64,
}

impl Fresh {
    fn write(&mut self, fixture: &Fixture, plan: &str) -> PathBuf {
        self.salt += 1;
        fixture.write(&self.below, self.salt, plan)
    }
}

/// C++ with and without a precompiled header.
fn cpp(figures: &mut Figures) {
    let (warm, cold) = (Jig::new(), Jig::without_precompiled());
    let mut fresh = Fresh { below: warm.directory().to_owned(), salt: 0 };
    let sources = cpp_sources();
    for fixture in &sources {
        warm.submit(&fresh.write(fixture, ""));
        cold.submit(&fresh.write(fixture, ""));
    }
    warm.engine.settle();
    let (mut repeats, mut firsts) = (Vec::new(), Vec::new());
    for fixture in &sources {
        let [mut bare, mut repeat, mut first] = <[Times; 3]>::default();
        for _ in 0..ROUNDS {
            let directory = fresh.write(fixture, "");
            bare.take(|| fixture.bare(&directory));
            repeat.take(|| warm.submit(&directory));
            let directory = fresh.write(fixture, "");
            first.take(|| cold.submit(&directory));
        }
        report(fixture, &bare, &[("repeat", &repeat), ("first", &first)]);
        repeats.push(repeat.median() / bare.median());
        firsts.push(first.median() / bare.median());
    }
    let half = CPP_FEW.len();
    figures.add("build.cpp.repeat_ratio.few", median(repeats[..half].to_vec()));
    figures.add("build.cpp.repeat_ratio.bits", median(repeats[half..].to_vec()));
    figures.add("build.cpp.repeat_ratio.worst", repeats.iter().copied().fold(0.0, f64::max));
    figures.add("build.cpp.first_ratio.worst", firsts.iter().copied().fold(0.0, f64::max));
    figures.add("build.cpp.repeat_ratio", median(repeats));
    figures.add("build.cpp.first_ratio", median(firsts));
}

/// Everything included over the bare compiler, once what can be prepared is prepared.
fn against(figures: &mut Figures, key: &str, plan: &str, sources: &[Fixture]) {
    let jig = Jig::new();
    let mut fresh = Fresh { below: jig.directory().to_owned(), salt: 0 };
    for fixture in sources {
        jig.submit(&fresh.write(fixture, plan));
    }
    jig.engine.settle();
    let mut ratios = Vec::new();
    for fixture in sources {
        let [mut bare, mut whole] = <[Times; 2]>::default();
        for _ in 0..ROUNDS {
            let directory = fresh.write(fixture, plan);
            bare.take(|| fixture.bare(&directory));
            whole.take(|| jig.submit(&directory));
        }
        report(fixture, &bare, &[("submit", &whole)]);
        ratios.push(whole.median() / bare.median());
    }
    figures.add(key, median(ratios));
}

fn report(fixture: &Fixture, bare: &Times, others: &[(&str, &Times)]) {
    print!("{:<22} bare {:>6.0} ms", fixture.name, bare.median() * 1e3);
    for (name, times) in others {
        let (ms, ratio) = (times.median() * 1e3, times.median() / bare.median());
        print!("   {name} {ms:>6.0} ms {ratio:.2}");
    }
    println!();
}
