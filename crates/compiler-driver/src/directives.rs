//! Directives of the preprocessor that change what a compiler says of a C or C++ source: those
//! that give its lines other numbers, macros that have a function's name, and pragmas about
//! diagnostics. Reads tokens, expands nothing and evaluates no condition. `translate` and the
//! generator of the glue ask.

use crate::symbols::{Token, Tokens};

/// The line of the first `#line 7` or `# 7 "other.c"`, after which a compiler names other lines
/// than the source has.
pub(crate) fn renumbering(text: &str) -> Option<u32> {
    let number = |token: &Token<'_>| token.text.starts_with(|c: char| c.is_ascii_digit());
    let found = directives(text).into_iter().find(|words| match words.as_slice() {
        [_, first, ..] => first.text == "line" || number(first),
        _ => false,
    })?;
    u32::try_from(found[0].line).ok()
}

/// The line of the macro that has a name at the end of the source, if one does.
pub(crate) fn macro_named(text: &str, name: &str) -> Option<u32> {
    let mut found = None;
    for words in directives(text) {
        match words.as_slice() {
            [_, what, which, ..] if which.text == name => match what.text {
                "define" => found = Some(words[0].line),
                "undef" => found = None,
                _ => {}
            },
            _ => {}
        }
    }
    u32::try_from(found?).ok()
}

/// How many settings of diagnostics the source may leave saved with `#pragma GCC diagnostic push`
/// or its `_Pragma`; `None` if it sets none.
pub(crate) fn diagnostic_pushes(text: &str) -> Option<usize> {
    let settings = || text.split("diagnostic").skip(1);
    let pushes = || settings().filter(|rest| rest.trim_start().starts_with("push"));
    settings().next().map(|_| pushes().count())
}

/// The `#` of each directive and what follows it on its line. Literals are no tokens, so that what
/// an included file is called is left out.
fn directives(text: &str) -> Vec<Vec<Token<'_>>> {
    let mut found: Vec<Vec<Token<'_>>> = Vec::new();
    let mut before = 0;
    for token in Tokens::new(text) {
        let begins = token.line != before;
        before = token.line;
        match found.last_mut() {
            _ if begins && token.text == "#" => found.push(vec![token]),
            Some(words) if words[0].line == token.line => words.push(token),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_lines_other_numbers_is_found() {
        for (text, line) in [
            ("int x;\n#line 4000000\nint y", Some(2)),
            ("  #  line 9 \"x.cpp\"\n", Some(1)),
            ("\n\n# 7 \"/etc/shadow\"\n", Some(3)),
            ("#define line 9\n", None),
            ("#include <new>\nint line = 9; /*\n#line 9\n*/", None),
            ("auto text = R\"(\n#line 9\n)\";", None),
            ("#define text(x) #x\n", None),
        ] {
            assert_eq!(renumbering(text), line, "{text}");
        }
    }

    #[test]
    fn the_last_definition_of_a_macro_counts() {
        for (text, line) in [
            ("int f(int x) { return x; }\n#define f(x) oops\n", Some(2)),
            ("#define f g\n#undef f\n", None),
            ("#define f g\n#undef f\n# define f h", Some(3)),
            ("#define g(f) f\n#ifdef f\n#endif", None),
        ] {
            assert_eq!(macro_named(text, "f"), line, "{text}");
        }
    }

    #[test]
    fn settings_of_diagnostics_are_counted() {
        assert_eq!(diagnostic_pushes("v.push_back(1);"), None);
        let set = "#pragma GCC diagnostic error \"-Wall\"\nv.push_back(1);";
        assert_eq!(diagnostic_pushes(set), Some(0));
        let pushed = "#pragma GCC diagnostic push\n_Pragma(\"GCC diagnostic push\")";
        assert_eq!(diagnostic_pushes(pushed), Some(2));
    }
}
