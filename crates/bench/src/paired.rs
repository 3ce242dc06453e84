//! Measures that take turns with their baseline: on a machine whose speed wanders, two things are
//! compared by doing them one after the other, many times, and taking the median of each.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Wall-clock times of one thing.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Does it once more.
    pub fn take<T>(&mut self, act: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = act();
        self.0.push(start.elapsed());
        result
    }

    /// Half are not longer, seconds.
    ///
    /// # Panics
    /// When nothing was measured.
    pub fn median(&self) -> f64 {
        median(self.0.iter().map(Duration::as_secs_f64).collect())
    }

    /// The shortest, seconds.
    ///
    /// # Panics
    /// When nothing was measured.
    pub fn fastest(&self) -> f64 {
        self.0.iter().min().expect("something was measured").as_secs_f64()
    }
}

/// Half are not larger.
///
/// # Panics
/// When there is none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Figures by key, to be gathered by `cargo xtask bench`.
#[derive(Clone, Debug, Default)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Adds one.
    pub fn add(&mut self, key: impl Into<String>, value: f64) {
        self.0.insert(key.into(), value);
    }

    /// Writes them to `target/saggar-bench/NAME.json`, and to standard output.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn write(&self, name: &str) {
        let text = serde_json::to_string_pretty(&self.0).expect("numbers by name are JSON");
        println!("{text}");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
            std::path::PathBuf::from,
        );
        let directory = target.join("saggar-bench");
        std::fs::create_dir_all(&directory).expect("a directory can be made");
        std::fs::write(directory.join(format!("{name}.json")), text).expect("a report is written");
    }
}
