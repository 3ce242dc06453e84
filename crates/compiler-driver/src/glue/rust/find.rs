//! Finds the function of a Rust source that a WIT name means. Unlike the search in other
//! languages it reads declarations, so that `fn longest<'a>(…)` and a method's path are found.

use std::cell::OnceCell;

use super::declared::{Item, Source};
use super::names;
use crate::symbols::{self, Symbol};

/// The functions of a source: read once, asked for each function of an interface.
#[derive(Debug)]
pub struct Functions<'a> {
    text: &'a str,
    /// `None` for a source that is not even tokens.
    source: Option<Source>,
    /// For what a macro declares.
    named: OnceCell<symbols::Named<'a>>,
}

impl<'a> Functions<'a> {
    /// Reads a source.
    pub fn read(text: &'a str) -> Self {
        Functions { text, source: Source::read(text), named: OnceCell::new() }
    }

    /// Looks for the function that `wit_name` means: one of the outermost level, else the only one
    /// of that name in a module or implementation, whose name is then a path. What a macro declares
    /// is looked for as in other languages.
    pub fn resolve(&self, wit_name: &str) -> Symbol {
        let [snake, camel] = symbols::spellings(wit_name);
        let found = |name: &str| {
            let path = path_of(self.source.as_ref()?, name)?;
            Some((path, line_of(self.text, name)))
        };
        let other = if camel == snake { None } else { found(&camel) };
        match (found(&snake), other) {
            (None, None) => {
                self.named.get_or_init(|| symbols::Named::read(self.text)).resolve(wit_name)
            }
            (Some((name, line)), None) | (None, Some((name, line))) => Symbol::Found { name, line },
            (Some(snake), Some(camel)) => Symbol::Both { snake, camel },
        }
    }
}

/// As [`Functions::resolve`], for one function only.
pub fn resolve(text: &str, wit_name: &str) -> Symbol {
    Functions::read(text).resolve(wit_name)
}

fn path_of(source: &Source, name: &str) -> Option<String> {
    let mut nested = source.functions().filter(|item| item.name == name);
    if let Some(item) = source.functions().find(|item| item.name == name && item.module.is_empty())
    {
        return Some(item.name.clone());
    }
    let only = nested.next()?;
    let joined = |item: &Item| item.path().collect::<Vec<_>>().join("::");
    nested.all(|item| item.path().eq(only.path())).then(|| joined(only))
}

/// The line where a function is declared, the first if it cannot be told.
pub(crate) fn line_of(text: &str, name: &str) -> usize {
    let escaped = names::escaped(name);
    let declares = |line: &str| {
        line.match_indices("fn").any(|(at, word)| {
            let rest = line[at + word.len()..].trim_start();
            let rest =
                rest.strip_prefix(&escaped).filter(|_| !line[at + 2..].starts_with(&escaped));
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c == '_' || c.is_alphanumeric()))
        })
    };
    text.lines().position(declares).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::tests::told;

    fn check(source: &str, wit_name: &str, expected: &str) {
        assert_eq!(told(&resolve(source, wit_name)), expected, "{wit_name} in\n{source}");
    }

    #[test]
    fn functions_are_found_by_their_declarations() {
        check("\nfn longest<'a>(a: &'a str) -> &'a str { a }", "longest", "longest at 2");
        check("fn a_b() {}\nfn aB<T>() {}", "a-b", "a_b at 1, aB at 2");
        check("struct S;\nimpl S {\n  fn two_sum() {}\n}", "two-sum", "S::two_sum at 3");
        check("mod a { fn f() {} }\nfn f() {}", "f", "f at 1");
        check("mod a { fn f() {} }\nmod b { fn f() {} }", "f", "f at 1");
        check("fn r#match() {}", "match", "match at 1");
        check("fn counts() { count() }", "count", "count at 1");
        check("// fn count() {}", "count", "missing");
    }
}
