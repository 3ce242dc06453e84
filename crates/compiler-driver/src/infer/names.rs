//! Names between a source and WIT: `parseHTTPHeader` is parse-http-header, and which spellings of
//! a WIT name the glue finds without being told. Text in, text out.

use std::collections::{BTreeMap, BTreeSet};

/// The words of an identifier, in lower case: split at underscores and where capitals begin.
pub(crate) fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (i, &c) in chars.iter().enumerate() {
        if c == '_' || c == '$' {
            open = false;
            continue;
        }
        let before = i.checked_sub(1).map(|i| chars[i]);
        let starts = c.is_uppercase()
            && (before.is_some_and(|b| !b.is_uppercase())
                || chars.get(i + 1).is_some_and(|next| next.is_lowercase()));
        if !open || starts {
            words.push(String::new());
            open = true;
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// The WIT name of an identifier; `None` where WIT has none for it.
pub(crate) fn kebab(name: &str) -> Option<String> {
    joined(&words(name))
}

/// Words as a WIT name.
pub(crate) fn joined(words: &[String]) -> Option<String> {
    let plain = |word: &String| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let starts =
        words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    (starts && words.iter().all(plain)).then(|| words.join("-"))
}

/// `max_value`.
pub(crate) fn snake(wit: &str) -> String {
    wit.replace('-', "_").to_lowercase()
}

/// `MAX_VALUE`.
pub(crate) fn upper(wit: &str) -> String {
    wit.replace('-', "_").to_uppercase()
}

/// `MaxValue`.
pub(crate) fn pascal(wit: &str) -> String {
    let mut name = String::new();
    for word in wit.split('-') {
        let word = word.to_lowercase();
        let mut rest = word.chars();
        name.extend(rest.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(rest.as_str());
    }
    name
}

/// `maxValue`.
pub(crate) fn camel(wit: &str) -> String {
    let name = pascal(wit);
    let mut rest = name.chars();
    rest.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(rest).collect()
}

/// Paths by the name they end in; `None` where several end alike.
pub(crate) fn by_own_name<'p>(
    paths: impl Iterator<Item = &'p String>,
) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    for path in paths {
        let own = path.rsplit("::").next().unwrap_or(path).to_owned();
        found.entry(own).and_modify(|one| *one = None).or_insert_with(|| Some(path.clone()));
    }
    found
}

/// Names that are given once each: a second one of the same spelling gets a number. WIT takes
/// names that differ in hyphens only for the same.
#[derive(Default)]
pub(crate) struct Unique(BTreeSet<String>);

impl Unique {
    /// The name itself, or with `-2`, `-3` and so on behind it if it is taken.
    pub(crate) fn take(&mut self, name: String) -> String {
        let mut taken = name.clone();
        let mut number = 2u32;
        while !self.0.insert(taken.replace('-', "")) {
            taken = format!("{name}-{number}");
            number += 1;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_split_where_their_words_begin() {
        let check = |name: &str, expected: &str| {
            assert_eq!(kebab(name).as_deref(), Some(expected), "{name}");
        };
        check("parseHTTPHeader", "parse-http-header");
        check("has_close_elements", "has-close-elements");
        check("HTTPServer", "http-server");
        check("UTF8Decode", "utf8-decode");
        check("f2d", "f2d");
        check("MAX_VALUE", "max-value");
        check("_x__y_", "x-y");
        check("aB", "a-b");
        for none in ["", "_", "été", "_1a", "日本"] {
            assert_eq!(kebab(none), None, "{none}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut names = Unique::default();
        let taken = ["a", "a", "a-2", "a"].map(|name| names.take(name.to_owned()));
        assert_eq!(taken, ["a", "a-2", "a-2-2", "a-3"]);
        assert_eq!(names.take("a2".to_owned()), "a2-3");
    }

    #[test]
    fn spellings() {
        assert_eq!(pascal("max-value2"), "MaxValue2");
        assert_eq!(camel("max-value2"), "maxValue2");
        assert_eq!(upper("max-value2"), "MAX_VALUE2");
    }
}
