//! Byte sizes and durations as people write them: `256MiB`, `300ms`, `2s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

/// Text that is no size or duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no {kind}: write {rule}")]
pub struct UnitError {
    text: String,
    kind: &'static str,
    rule: &'static str,
}

/// A number of bytes, written with a binary unit: `64KiB`, `256MiB`, `2GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

/// A duration in whole milliseconds, written `300ms`, `2s` or `5min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// The same as a [`Duration`].
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

const SIZES: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];
const TIMES: [(&str, u64); 3] = [("ms", 1), ("min", 60_000), ("s", 1_000)];

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (unit, factor) = units.iter().find(|(unit, _)| text.ends_with(unit))?;
    let digits = text[..text.len() - unit.len()].trim_end();
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse::<u64>().ok())??
        .checked_mul(*factor)
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse(text, &SIZES).map(ByteSize).ok_or_else(|| UnitError {
            text: text.chars().take(40).collect(),
            kind: "size",
            rule: "a whole number and B, KiB, MiB or GiB, for instance \"256MiB\"",
        })
    }
}

impl FromStr for Millis {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse(text, &TIMES).map(Millis).ok_or_else(|| UnitError {
            text: text.chars().take(40).collect(),
            kind: "duration",
            rule: "a whole number and ms, s or min, for instance \"2s\"",
        })
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |factor: u64| self.0 >= factor && self.0.is_multiple_of(factor);
        let (unit, factor) =
            SIZES[..3].iter().rev().find(|(_, factor)| fits(*factor)).unwrap_or(&SIZES[3]);
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 0 && self.0.is_multiple_of(1000) {
            write!(f, "{}s", self.0 / 1000)
        } else {
            write!(f, "{}ms", self.0)
        }
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_read_and_print() {
        assert_eq!("256MiB".parse(), Ok(ByteSize(256 << 20)));
        assert_eq!(ByteSize(256 << 20).to_string(), "256MiB");
        assert_eq!(ByteSize(1000).to_string(), "1000B");
        assert_eq!("2s".parse(), Ok(Millis(2000)));
        assert_eq!(Millis(300).to_string(), "300ms");
        for wrong in ["", "MiB", "-1MiB", "1.5s", "1e3ms", "2 hours", "99999999999999999999s"] {
            assert!(wrong.parse::<ByteSize>().is_err(), "{wrong}");
            assert!(wrong.parse::<Millis>().is_err(), "{wrong}");
        }
        assert!("18446744073709551615GiB".parse::<ByteSize>().is_err());
    }
}
