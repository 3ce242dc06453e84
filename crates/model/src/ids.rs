//! Names and ids. Each is checked when it is made and then never again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Text that is no id of the kind asked for; says what one looks like.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no {kind}: {rule}")]
pub struct IdError {
    kind: &'static str,
    rule: &'static str,
    text: String,
}

/// Longest text an error repeats, in characters.
const SHOWN: usize = 80;

fn refuse(kind: &'static str, rule: &'static str, text: &str) -> IdError {
    IdError { kind, rule, text: text.chars().take(SHOWN).flat_map(char::escape_default).collect() }
}

/// The name of a skill: `[a-z][a-z0-9-]{0,63}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SkillName(String);

impl FromStr for SkillName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let valid = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(rest);
        let rule = "use 1 to 64 of a-z, 0-9 and `-`, starting with a letter";
        valid.then(|| SkillName(text.to_owned())).ok_or_else(|| refuse("skill name", rule, text))
    }
}

/// A source file inside a skill's directory: no separator, no leading `-`, `@` or `.`, so that it
/// is never read as an option, a response file or a way out of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

impl FromStr for FileName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let valid = text.len() <= 128
            && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && text.chars().all(rest);
        let rule = "use 1 to 128 of A-Z, a-z, 0-9, `_`, `-` and `.`, starting with a letter, a \
                    digit or `_`; the file lies in the skill's own directory";
        valid.then(|| FileName(text.to_owned())).ok_or_else(|| refuse("file name", rule, text))
    }
}

/// Who asks. `uid:N` in this version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal(String);

impl Principal {
    /// The principal of a user id.
    pub fn uid(uid: u32) -> Self {
        Principal(format!("uid:{uid}"))
    }
}

impl FromStr for Principal {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let uid = text.strip_prefix("uid:").and_then(|n| n.parse().ok()).map(Principal::uid);
        uid.filter(|p| p.0 == text)
            .ok_or_else(|| refuse("principal", "write `uid:` and a user id", text))
    }
}

/// Number of a submission in its home, counted from 1; written `s-17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubmissionId(pub u64);

impl fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s-{}", self.0)
    }
}

impl FromStr for SubmissionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let number = text.strip_prefix("s-").and_then(|n| n.parse().ok()).map(SubmissionId);
        number
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| refuse("submission id", "write it as `s-17`", text))
    }
}

macro_rules! text_id {
    ($($id:ident),+) => {$(
        impl $id {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

macro_rules! serde_as_text {
    ($($id:ident),+) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

text_id!(SkillName, FileName, Principal);
serde_as_text!(SkillName, FileName, Principal, SubmissionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b11_b23_file_names_that_could_be_options_or_paths_are_refused() {
        for name in ["-fplugin=x.c", "@args", "../x.c", "a/b.c", ".x", "", "a\0.c", "ü.c", "a b.c"]
        {
            assert!(name.parse::<FileName>().is_err(), "{name:?}");
        }
        assert!("x".repeat(10_000).parse::<FileName>().is_err());
        assert!("top_word.cpp".parse::<FileName>().is_ok());
    }

    #[test]
    fn skill_names_are_lower_case_and_bounded() {
        for name in ["", "A", "9a", "-a", "a_b", "a/b", &"a".repeat(65)] {
            assert!(name.parse::<SkillName>().is_err(), "{name:?}");
        }
        assert!("top-word".parse::<SkillName>().is_ok());
    }

    #[test]
    fn errors_escape_what_they_repeat() {
        let error = "a\u{1b}[31m".parse::<SkillName>().unwrap_err();
        assert!(error.to_string().contains("a\\u{1b}[31m"), "{error}");
    }

    #[test]
    fn ids_have_one_spelling() {
        assert!("s-017".parse::<SubmissionId>().is_err());
        assert!("uid:007".parse::<Principal>().is_err());
        assert_eq!("s-17".parse(), Ok(SubmissionId(17)));
    }
}
