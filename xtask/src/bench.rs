//! `bench`: runs the benches of saggar-bench beside their baselines and gathers the medians in
//! `target/saggar-bench.json`, flat keys to numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cargo::{self, Profile};

/// Key, criterion's directory of the bench, nanoseconds per unit of the key.
const MEDIANS: [(&str, &str, f64); 7] = [
    ("build.cpp.cold_ms", "build/cpp.cold", 1e6),
    ("build.cpp.bare_ms", "build/cpp.bare", 1e6),
    ("build.dedupe_us", "build/dedupe", 1e3),
    ("call.hot_p50_ns", "call/hot", 1.0),
    // A batch is of a thousand calls.
    ("call.batch_ns", "call/batch", 1e3),
    ("call.uds_echo_p50_ns", "call/uds_echo", 1.0),
    ("crash.recover_p50_us", "crash/recover", 1e3),
];

/// What `marshal` measures, and of which values; criterion writes the slash of an id as `_`.
const MARSHAL: ([&str; 4], [&str; 5]) = (
    ["encode", "decode", "call", "memcpy"],
    ["two-integers", "string-1mb", "list-1e6-f64", "list-10000-strings", "list-100x100-s32"],
);

/// Benches with figures of their own.
const PAIRED: [&str; 5] = ["builds", "kernels", "host", "sidecars", "bulk"];

/// Key, numerator, denominator.
const RATIOS: [(&str, &str, &str); 2] = [
    ("build.cpp.cold_ratio", "build.cpp.cold_ms", "build.cpp.bare_ms"),
    ("call.hot_over_echo", "call.hot_p50_ns", "call.uds_echo_p50_ns"),
];

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let sidecar = cargo::binaries(Profile::Release)?.join("saggar-sidecar");
    let mut bench = cargo::command(&["bench", "-p", "saggar-bench"]);
    bench.args(arguments).env("SAGGAR_SIDECAR", sidecar);
    cargo::run(bench)?;
    let target = cargo::target()?;
    let mut figures = gather(|bench| estimate(&target, bench))?;
    figures.extend(paired(&target)?);
    let report = target.join("saggar-bench.json");
    let text = serde_json::to_string_pretty(&figures).map_err(|error| error.to_string())?;
    fs::write(&report, format!("{text}\n"))
        .map_err(|error| format!("{}: {error}", report.display()))?;
    println!("{text}\n{}", report.display());
    Ok(())
}

/// What the benches that take turns with their baselines wrote down themselves.
fn paired(target: &Path) -> Result<BTreeMap<String, f64>, String> {
    let mut figures = BTreeMap::new();
    for name in PAIRED {
        let path = target.join("saggar-bench").join(format!("{name}.json"));
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let found: BTreeMap<String, f64> =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        figures.extend(found.into_iter().map(|(key, value)| (key, rounded(value))));
    }
    Ok(figures)
}

/// The median of a bench in its last run, nanoseconds.
fn estimate(target: &Path, bench: &str) -> Result<f64, String> {
    let path = target.join("criterion").join(bench).join("new/estimates.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let estimates: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let median = estimates["median"]["point_estimate"].as_f64();
    median.ok_or_else(|| format!("{}: no median", path.display()))
}

fn gather(median: impl Fn(&str) -> Result<f64, String>) -> Result<BTreeMap<String, f64>, String> {
    let mut figures = BTreeMap::new();
    for (key, bench, unit) in MEDIANS {
        figures.insert(key.to_owned(), rounded(median(bench)? / unit));
    }
    for (key, over, under) in RATIOS {
        figures.insert(key.to_owned(), rounded(figures[over] / figures[under]));
    }
    let (acts, values) = MARSHAL;
    for value in values {
        for act in acts {
            let key = format!("marshal.{value}.{act}_us");
            figures.insert(key, rounded(median(&format!("marshal/{act}_{value}"))? / 1e3));
        }
    }
    Ok(figures)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_get_their_units_and_ratios_are_of_medians() {
        let figures =
            gather(|bench| Ok(if bench == "build/cpp.cold" { 3e6 } else { 2e6 })).unwrap();
        assert_eq!(figures["build.cpp.cold_ms"], 3.0);
        assert_eq!(figures["build.cpp.cold_ratio"], 1.5);
        assert!(gather(|_| Err("no such bench".to_owned())).is_err());
    }
}
