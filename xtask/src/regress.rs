//! `regress`: the cases of the jig on release binaries, one line each, the sum at the end.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use saggar_tests::cases::{ALL, Case};
use saggar_tests::{Env, Verdict};

use crate::cargo::{self, Profile};

/// Cases that last because a compiler does, or until it meets a limit, whatever Saggar is built with:
/// `cargo xtask test` and `regress --full` run all of them, the short run others of the kind.
const LONG: [&str; 14] = [
    "TYPED-1",
    "TYPED-2",
    "TYPED-3",
    "TYPED-4",
    "B05",
    "B05-endless",
    "B06",
    "B07",
    "B08",
    "B09",
    "B10",
    "B18",
    "B21",
    "B24",
];

pub(crate) fn run(full: bool, filter: Option<&str>) -> Result<(), String> {
    let short = !full && filter.is_none();
    let left = |case: &&Case| short && LONG.contains(&case.id);
    let chosen: Vec<&Case> =
        ALL.iter().filter(|case| matches(case, filter) && !left(case)).collect();
    if chosen.is_empty() {
        return Err(format!("no case matches {:?}", filter.unwrap_or_default()));
    }
    let binaries = cargo::binaries(Profile::Release)?;
    let env = Env { full, ..Env::at(&binaries)? };
    if short {
        println!("left to --full and to the tests: {}", LONG.join(", "));
    }
    let (passed, failed) = report(&mut io::stdout(), &chosen, &env).map_err(|e| e.to_string())?;
    if full && filter.is_none() {
        repeat(&binaries)?;
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} cases", passed + failed)) }
}

/// Tests below the command line that only repetition makes worth while: a sidecar at random for ten
/// minutes, ten thousand crashes, a thousand sidecars at once.
const REPEATED: [(&str, &str); 2] = [("saggar-sidecar-api", "peer"), ("saggar-engine", "many")];

fn repeat(binaries: &Path) -> Result<(), String> {
    for (package, test) in REPEATED {
        println!("repeating {package}/{test}");
        let words = ["test", "--release", "--quiet", "-p", package, "--test", test];
        let mut command = cargo::command(&words);
        command.env("SAGGAR_TEST_FULL", "1");
        command.env("SAGGAR_SIDECAR", binaries.join("saggar-sidecar"));
        cargo::run(command)?;
    }
    Ok(())
}

fn matches(case: &Case, filter: Option<&str>) -> bool {
    let Some(filter) = filter.map(str::to_lowercase) else { return true };
    [case.id, case.title].iter().any(|text| text.to_lowercase().contains(&filter))
}

/// How a case came out, and how long it took.
struct Outcome {
    verdict: Verdict,
    taken: Duration,
}

fn try_out(case: &Case, env: &Env) -> Outcome {
    let start = Instant::now();
    let verdict = catch_unwind(AssertUnwindSafe(|| (case.run)(env)));
    let verdict = verdict.unwrap_or_else(|_| Err("the case panicked".to_owned()));
    Outcome { verdict, taken: start.elapsed() }
}

/// Runs them, as many at once as there are processors, and tells of each in the order of the table;
/// how many passed and how many failed.
fn report(out: &mut impl Write, cases: &[&Case], env: &Env) -> io::Result<(usize, usize)> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let (next, (done, outcomes)) = (AtomicUsize::new(0), mpsc::channel());
    let failed = thread::scope(|scope| {
        for _ in 0..workers {
            let (done, next) = (done.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { return };
                    if done.send((index, try_out(case, env))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let (mut ahead, mut failed) = (BTreeMap::new(), 0);
        for (at, case) in cases.iter().enumerate() {
            while !ahead.contains_key(&at)
                && let Ok((index, outcome)) = outcomes.recv()
            {
                ahead.insert(index, outcome);
            }
            let lost = || Outcome { verdict: Err("it was not run".into()), taken: Duration::ZERO };
            let outcome = ahead.remove(&at).unwrap_or_else(lost);
            failed += usize::from(outcome.verdict.is_err());
            tell(out, case, &outcome)?;
        }
        Ok::<_, io::Error>(failed)
    })?;
    let passed = cases.len() - failed;
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok((passed, failed))
}

fn tell(out: &mut impl Write, case: &Case, outcome: &Outcome) -> io::Result<()> {
    match &outcome.verdict {
        Ok(()) => {
            let taken = outcome.taken.as_millis();
            writeln!(out, "ok   {} {} ({taken} ms)", case.id, case.title)?;
        }
        Err(reason) => {
            let reason = reason.replace('\n', " / ");
            writeln!(out, "FAIL {} {}: {reason}", case.id, case.title)?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Case = Case { id: "X01", title: "holds", run: |_| Ok(()) };
    const BAD: Case = Case { id: "X02", title: "fails", run: |_| Err("one\ntwo".into()) };
    const WORSE: Case = Case { id: "X03", title: "panics", run: |_| panic!("at once") };

    fn lines(cases: &[&Case]) -> Vec<String> {
        let env = Env { binaries: "/".into(), repository: "/".into(), full: false };
        let mut out = Vec::new();
        report(&mut out, cases, &env).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_case_has_one_line_and_the_last_line_is_the_sum() {
        let lines = lines(&[&GOOD, &BAD, &WORSE]);
        assert!(lines[0].starts_with("ok   X01 holds (") && lines[0].ends_with(" ms)"));
        assert_eq!(lines[1], "FAIL X02 fails: one / two");
        assert_eq!(lines[2], "FAIL X03 panics: the case panicked");
        assert_eq!(lines[3..], ["1 passed, 2 failed"]);
    }

    #[test]
    fn what_the_short_run_leaves_out_is_there() {
        assert!(LONG.iter().all(|id| ALL.iter().any(|case| case.id == *id)));
    }

    #[test]
    fn what_is_repeated_is_there() {
        for (package, test) in REPEATED {
            let crates = cargo::root().join("crates").join(&package["saggar-".len()..]);
            let tests = crates.join("tests");
            let [file, directory] = [format!("{test}.rs"), format!("{test}/main.rs")];
            assert!(tests.join(file).exists() || tests.join(directory).exists(), "{test}");
        }
    }

    #[test]
    fn filters_look_at_id_and_title() {
        assert!(matches(&GOOD, None));
        assert!(matches(&GOOD, Some("x01")));
        assert!(matches(&GOOD, Some("Hold")));
        assert!(!matches(&GOOD, Some("fails")));
    }
}
