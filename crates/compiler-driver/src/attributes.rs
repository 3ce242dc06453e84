//! The inner attributes at the head of a Rust source. A condition there may leave nothing of the
//! glue either, which stands behind the source in the same crate. Reads tokens and evaluates nothing.
//! The generator of the glue and `translate_rust` ask.

use std::borrow::Cow;

use crate::symbols::{Token, Tokens};

/// What rustc says it does not know where a source's own `#![cfg(…)]` leaves nothing of the crate.
pub(crate) const CONFIGURED_AWAY: &str = "saggar_configured_away";

/// An attribute `#![name(…)]` of the crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Where it begins, from 1.
    pub(crate) line: usize,
    /// What stands between the name and the closing bracket.
    arguments: &'a str,
    /// Offset of its first byte.
    start: usize,
}

/// The attributes that stand before everything else in a source, in order.
pub(crate) fn of_crate(text: &str) -> Vec<Attribute<'_>> {
    let mut tokens = Tokens::new(text);
    let mut found = Vec::new();
    while let Some(attribute) = next(text, &mut tokens) {
        found.push(attribute);
    }
    found
}

/// The source, with a condition before each `#![cfg(…)]` of the crate that is an error where that
/// one is false: else rustc compiles nothing, the glue neither, and says that all is well.
pub(crate) fn with_conditions(text: &str) -> Cow<'_, str> {
    let mut whole = Cow::Borrowed(text);
    for attribute in of_crate(text).iter().rev() {
        // A line of the unit is the same line of the source.
        if attribute.name == "cfg" && !attribute.arguments.contains('\n') {
            let condition = format!(
                "#![cfg_attr(not(all{}), cfg({CONFIGURED_AWAY}()))] ",
                attribute.arguments.trim()
            );
            whole.to_mut().insert_str(attribute.start, &condition);
        }
    }
    whole
}

fn next<'a>(text: &'a str, tokens: &mut Tokens<'a>) -> Option<Attribute<'a>> {
    // Tokens are pieces of the text.
    let offset = |token: &Token<'_>| token.text.as_ptr() as usize - text.as_ptr() as usize;
    let first = tokens.next()?;
    let opens = [first.text, tokens.next()?.text, tokens.next()?.text] == ["#", "!", "["];
    let name = tokens.next().filter(|name| opens && name.is_word())?;
    let mut depth = 1usize;
    for token in tokens {
        match token.text {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let arguments = text.get(offset(&name) + name.text.len()..offset(&token))?;
            let start = offset(&first);
            return Some(Attribute { name: name.text, line: first.line, arguments, start });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize)]) {
        let found: Vec<_> = of_crate(text).iter().map(|one| (one.name, one.line)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn only_what_stands_at_the_head_is_the_crates() {
        check("#![no_std]\nfn f() {}", &[("no_std", 1)]);
        check(
            "//! About.\n#! [allow(\n  unused)]\n/* #![no_core] */ #![cfg(any())]\nuse x;\n#![no_std]",
            &[("allow", 2), ("cfg", 4)],
        );
        check("#![doc = \"[\"] #![no_implicit_prelude]", &[("doc", 1), ("no_implicit_prelude", 1)]);
        check("#[no_std] fn f() {}", &[]);
        check("#![no_std", &[]);
        check("", &[]);
    }

    #[test]
    fn a_condition_of_the_crate_gets_another_before_it() {
        let away =
            |condition| format!("#![cfg_attr(not(all({condition})), cfg({CONFIGURED_AWAY}()))] ");
        for (text, expected) in [
            ("// a\n#![cfg(any())]\n", format!("// a\n{}#![cfg(any())]\n", away("any()"))),
            (
                "#![cfg(unix)] #![cfg(feature = \"]\")]",
                format!(
                    "{}#![cfg(unix)] {}#![cfg(feature = \"]\")]",
                    away("unix"),
                    away("feature = \"]\"")
                ),
            ),
            ("#![cfg(\nany())]", "#![cfg(\nany())]".to_owned()),
            (
                "#![allow(cfg)]\n#[cfg(any())] fn f() {}",
                "#![allow(cfg)]\n#[cfg(any())] fn f() {}".to_owned(),
            ),
        ] {
            assert_eq!(with_conditions(text), expected);
        }
    }
}
