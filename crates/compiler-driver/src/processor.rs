//! What `native` means to a compiler on this machine. A policy may allow `-march=native` and the
//! like; what is built then runs and counts only where the processor is the same, so that the
//! processor becomes part of the build key. Reads proc_cpuinfo(5).

use std::fs;

use saggar_model::{Code, Feedback, Stage};
use saggar_plugin_abi::StageError;

/// What the kernel tells of the processor.
const TOLD: &str = "/proc/cpuinfo";

/// What decides instructions, scheduling and the sizes of caches that gcc reckons with; the rest,
/// such as the clock, changes from one look to the next.
const COUNTS: [&str; 14] = [
    "vendor_id",
    "cpu family",
    "model",
    "model name",
    "stepping",
    "cache size",
    "clflush size",
    "cache_alignment",
    "flags",
    "CPU implementer",
    "CPU architecture",
    "CPU variant",
    "CPU part",
    "Features",
];

/// The processor, if one of these arguments asks a compiler to look at it; else nothing.
///
/// # Errors
/// A fault when it does not show: nothing could then be told apart from what another one gives.
pub(crate) fn asked_for(argv: &[String]) -> Result<String, StageError> {
    if !argv.iter().any(|argument| argument.ends_with("=native")) {
        return Ok(String::new());
    }
    let told = fs::read_to_string(TOLD).map_err(|error| unknown(&error.to_string()))?;
    let found = first(&told);
    match found.contains("flags") || found.contains("Features") {
        true => Ok(found),
        false => Err(unknown("it names no features")),
    }
}

/// What counts of the first processor in the kernel's list.
fn first(told: &str) -> String {
    let lines = told.trim_start().lines().take_while(|line| !line.trim().is_empty());
    let counting = lines.filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        let key = key.trim();
        COUNTS.contains(&key).then(|| format!("{key}={}\n", value.trim()))
    });
    counting.collect()
}

fn unknown(why: &str) -> StageError {
    let summary = format!("a flag says `native`, but the processor cannot be told: {TOLD}: {why}");
    let hint = "leave out the flag, or let the host process see /proc";
    StageError::fault(Feedback::new(Stage::Build, Code::Toolchain, summary).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "processor\t: 0\nvendor_id\t: Somebody\nmodel\t\t: 85\ncpu MHz\t\t: 2900.1\n\
                       flags\t\t: fpu sse2 avx2\n\nprocessor\t: 1\nflags\t\t: fpu\n";

    #[test]
    fn another_processor_is_another_and_the_same_one_the_same() {
        assert_eq!(first(ONE), "vendor_id=Somebody\nmodel=85\nflags=fpu sse2 avx2\n");
        assert_eq!(first(ONE), first(&ONE.replace("2900.1", "1200.0")));
        for (from, to) in [("avx2", "avx512f"), ("85", "106"), ("Somebody", "Another")] {
            assert_ne!(first(ONE), first(&ONE.replace(from, to)), "{to}");
        }
        let arm = "processor\t: 0\nFeatures\t: fp asimd\nCPU part\t: 0xd0c\n";
        assert_eq!(first(arm), "Features=fp asimd\nCPU part=0xd0c\n");
    }

    #[test]
    fn it_counts_for_those_alone_who_ask() {
        let asked = |argument: &str| asked_for(&["cc".to_owned(), argument.to_owned()]).unwrap();
        for flag in ["-march=native", "-mcpu=native", "-mtune=native", "-Ctarget-cpu=native"] {
            assert_eq!(asked(flag), first(&fs::read_to_string(TOLD).unwrap()), "{flag}");
        }
        assert_eq!(asked("-march=x86-64-v3"), "");
    }
}
