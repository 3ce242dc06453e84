//! Finds the function that a WIT name means in C or C++ text: `has-close-elements` is
//! `has_close_elements` or `hasCloseElements`, whichever the source defines.
//!
//! It reads tokens, it does not parse: macros are not expanded, scopes are not known, and what it
//! says is where to look, not that the source compiles. It never panics on any text, and touches
//! no file. The plan stage calls it; the generator of the glue and `infer` borrow its tokens.

use std::collections::{BTreeSet, HashMap};

/// Where a WIT name lives in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// One of the spellings is there.
    Found {
        /// The name as the source spells it.
        name: String,
        /// Line of the most likely definition, from 1.
        line: usize,
    },
    /// Both spellings are there, so that the name is ambiguous.
    Both {
        /// The snake_case spelling and its line.
        snake: (String, usize),
        /// The camelCase spelling and its line.
        camel: (String, usize),
    },
    /// Neither is there as a function.
    Missing,
}

/// The names in a source that a parenthesis follows: read once, asked for each function.
#[derive(Debug)]
pub struct Named<'a> {
    tokens: Vec<Token<'a>>,
    /// Where each name stands among the tokens.
    places: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Named<'a> {
    /// Reads a source.
    pub fn read(source: &'a str) -> Self {
        let tokens: Vec<Token<'_>> = Tokens::new(source).collect();
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, pair) in tokens.windows(2).enumerate() {
            if pair[0].is_word() && pair[1].text == "(" {
                places.entry(pair[0].text).or_default().push(at);
            }
        }
        Named { tokens, places }
    }

    /// Looks for the function that `wit_name` means. A spelling that is defined beats one that is
    /// only called or declared; two of the same rank are [`Symbol::Both`].
    pub fn resolve(&self, wit_name: &str) -> Symbol {
        let [snake, camel] = spellings(wit_name);
        let found = |name: &str| self.locate(name).map(|place| (name.to_owned(), place));
        let one = |(name, place): (String, Place)| Symbol::Found { name, line: place.line };
        let camel = if camel == snake { None } else { found(&camel) };
        match (found(&snake), camel) {
            (None, None) => Symbol::Missing,
            (Some(only), None) | (None, Some(only)) => one(only),
            (Some(a), Some(b)) if a.1.defined && !b.1.defined => one(a),
            (Some(a), Some(b)) if b.1.defined && !a.1.defined => one(b),
            (Some(a), Some(b)) => Symbol::Both { snake: (a.0, a.1.line), camel: (b.0, b.1.line) },
        }
    }

    /// The definition of a name, or else the first place where it stands.
    fn locate(&self, name: &str) -> Option<Place> {
        let places = self.places.get(name)?;
        let definition = places.iter().find(|at| defines(&self.tokens, **at));
        let at = *definition.or(places.first())?;
        Some(Place { line: self.tokens[at].line, defined: definition.is_some() })
    }
}

/// As [`Named::resolve`], for one function only.
pub fn resolve(source: &str, wit_name: &str) -> Symbol {
    Named::read(source).resolve(wit_name)
}

/// The spellings of a WIT name, snake_case first; equal for a name of one word.
pub fn spellings(wit_name: &str) -> [String; 2] {
    let mut camel = String::new();
    for (i, word) in wit_name.split('-').enumerate() {
        let word = word.to_lowercase();
        let mut rest = word.chars();
        match rest.next() {
            Some(first) if i > 0 => {
                camel.extend(first.to_uppercase());
                camel.push_str(rest.as_str());
            }
            _ => camel.push_str(&word),
        }
    }
    [wit_name.replace('-', "_").to_lowercase(), camel]
}

/// Every identifier and keyword that occurs in a text.
pub(crate) fn identifiers(text: &str) -> BTreeSet<&str> {
    Tokens::new(text).filter(|token| token.is_word()).map(|token| token.text).collect()
}

struct Place {
    line: usize,
    defined: bool,
}

/// Whether the name at `at` is followed by a parameter list and a body, and preceded by what can
/// end a result type.
fn defines(tokens: &[Token<'_>], at: usize) -> bool {
    const NO_TYPE: [&str; 10] =
        ["return", "else", "do", "throw", "new", "case", "goto", "define", "co_return", "co_await"];
    let before = at.checked_sub(1).and_then(|i| tokens.get(i));
    let typed = before.is_none_or(|token| match token.text {
        "*" | "&" | ">" | "]" | ")" | "}" | ";" => {
            token.text != ">" || at < 2 || tokens[at - 2].text != "-"
        }
        word => token.is_word() && !NO_TYPE.contains(&word),
    });
    typed && after_parens(tokens, at + 1).is_some_and(|next| body_follows(tokens, next))
}

/// The index after the parenthesis that closes the one at `open`; `None` also for a list longer
/// than any that people or models write, so that unclosed ones cost no more than their number.
fn after_parens(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    const REACH: usize = 512;
    let mut depth = 0usize;
    for (i, token) in tokens.iter().enumerate().skip(open).take(REACH) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(i + 1);
        }
    }
    None
}

/// Whether a brace opens after at most a few qualifiers, attributes or a trailing result type.
fn body_follows(tokens: &[Token<'_>], mut at: usize) -> bool {
    const REACH: usize = 64;
    let mut trailing = false;
    let end = at + REACH;
    while let Some(token) = tokens.get(at).filter(|_| at < end) {
        match token.text {
            "{" => return true,
            "(" => match after_parens(tokens, at) {
                Some(next) => at = next - 1,
                None => return false,
            },
            "," if trailing => {}
            "-" => trailing = true,
            "[" | "]" | "<" | ">" | ":" | "*" | "&" => {}
            _ if token.is_word() => {}
            _ => return false,
        }
        at += 1;
    }
    false
}

/// A word, a number, or one character of punctuation, with its line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    /// Its text, a piece of the whole.
    pub(crate) text: &'a str,
    /// Where it begins, from 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    /// Whether it is an identifier or keyword.
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(starts_word)
    }
}

fn starts_word(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphabetic()
}

fn continues_word(c: char) -> bool {
    starts_word(c) || c.is_numeric()
}

/// Splits text into tokens; comments, white space and literals of text vanish.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Tokens<'a> {
    /// Starts at the first line of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        Tokens { rest: text, line: 1 }
    }

    /// Takes `length` bytes, or what is left of them, and counts their lines.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.line += taken.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
        taken
    }

    fn while_true(&self, mut wanted: impl FnMut(char) -> bool) -> usize {
        self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len())
    }

    fn skip_past(&mut self, end: &str) {
        let length = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(length);
    }

    fn skip_line_comment(&mut self) {
        let mut escaped = false;
        let length = self.while_true(|c| {
            let go_on = c != '\n' || escaped;
            escaped = c == '\\' || (escaped && c == '\r');
            go_on
        });
        self.take(length);
    }

    /// A string or character literal; one that its line does not close ends with the line.
    fn skip_quoted(&mut self, quote: char) {
        self.take(1);
        let mut escaped = false;
        let length = self.while_true(|c| {
            let go_on = escaped || (c != quote && c != '\n');
            escaped = c == '\\' && !escaped;
            go_on
        });
        self.take(length);
        if self.rest.starts_with(quote) {
            self.take(1);
        }
    }

    /// What follows the R of `R"x(…)x"`; false, with nothing taken, if it is no raw string.
    fn skip_raw(&mut self) -> bool {
        // A delimiter has at most 16 characters ([lex.string]); looking further would make a text
        // of nothing but openings cost its length squared.
        let opening = self.rest.char_indices().take(18).find(|(_, c)| *c == '(');
        let Some((open, _)) = opening else { return false };
        let delimiter = &self.rest[1..open.max(1)];
        if delimiter.len() > 16 || delimiter.contains([' ', ')', '\\', '"', '\n', '\t']) {
            return false;
        }
        self.take(open + 1);
        self.skip_past(&format!("){delimiter}\""));
        true
    }

    fn number(&mut self) -> &'a str {
        let mut last = ' ';
        let mut chars = self.rest.char_indices().peekable();
        let mut length = 0;
        while let Some((at, c)) = chars.next() {
            let more = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
            let part = c.is_alphanumeric()
                || matches!(c, '.' | '_')
                || (c == '\'' && more)
                || (matches!(c, '+' | '-') && matches!(last, 'e' | 'E' | 'p' | 'P'));
            if !part {
                break;
            }
            last = c;
            length = at + c.len_utf8();
        }
        self.take(length)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let blank = self.while_true(char::is_whitespace);
            self.take(blank);
            let line = self.line;
            let c = self.rest.chars().next()?;
            if self.rest.starts_with("//") {
                self.skip_line_comment();
            } else if self.rest.starts_with("/*") {
                self.take(2);
                self.skip_past("*/");
            } else if c == '"' || c == '\'' {
                self.skip_quoted(c);
            } else if starts_word(c) {
                let text = self.take(self.while_true(continues_word));
                let raw = matches!(text, "R" | "LR" | "uR" | "UR" | "u8R");
                if !(raw && self.rest.starts_with('"') && self.skip_raw()) {
                    return Some(Token { text, line });
                }
            } else if c.is_numeric() {
                return Some(Token { text: self.number(), line });
            } else if self.rest.starts_with("\\\n") || self.rest.starts_with("\\\r\n") {
                self.skip_past("\n");
            } else {
                return Some(Token { text: self.take(c.len_utf8()), line });
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::draw::Draw;

    /// What was found, in a line.
    pub(crate) fn told(found: &Symbol) -> String {
        match found {
            Symbol::Found { name, line } => format!("{name} at {line}"),
            Symbol::Both { snake, camel } => {
                format!("{} at {}, {} at {}", snake.0, snake.1, camel.0, camel.1)
            }
            Symbol::Missing => "missing".to_owned(),
        }
    }

    fn check(source: &str, wit_name: &str, expected: &str) {
        assert_eq!(told(&resolve(source, wit_name)), expected, "{wit_name} in\n{source}");
    }

    #[test]
    fn hostile_texts_of_a_mebibyte_are_read_in_linear_time() {
        // Quadratic, either of these would run for minutes.
        for piece in ["R\"", "f(", "f(\n", "/*"] {
            let text = piece.repeat((1 << 20) / piece.len());
            let _symbol = resolve(&text, "f");
        }
    }

    #[test]
    fn either_spelling_is_found() {
        check("bool has_close(int a) { return a; }", "has-close", "has_close at 1");
        check("\nbool hasClose(int a)\n{ return a; }", "has-close", "hasClose at 2");
        check("int f2d(int a) {}", "f-2d", "f2d at 1");
        check("int count(int a) {}", "count", "count at 1");
        check("int counts(int a) {}", "count", "missing");
        check("int count = 3;", "count", "missing");
    }

    #[test]
    fn the_definition_counts_not_the_calls() {
        let source =
            "int count(int);\nint g() { return count(1); }\nint count(int a) { return a; }";
        check(source, "count", "count at 3");
        check("int g() { if (count(1)) { } }", "count", "count at 1");
        check(
            "x.count(1); p->count(2) ;\nauto count(int a) noexcept -> std::pair<int, int> {}",
            "count",
            "count at 2",
        );
        check("A::A() : count(1) { }\nstd::vector<int> count() {}", "count", "count at 2");
        check(
            "#define count(x) {x}\nstatic char *count(f(*g)(int), int b) {}",
            "count",
            "count at 2",
        );
    }

    #[test]
    fn two_definitions_are_both_and_a_call_yields_to_a_definition() {
        check("int a_b() {}\nint aB() {}", "a-b", "a_b at 1, aB at 2");
        check("int a_b();\nint g() { return aB(); }", "a-b", "a_b at 1, aB at 2");
        check("int a_b() { return aB(); }", "a-b", "a_b at 1");
        check("int aB() { return a_b(); }", "a-b", "aB at 1");
    }

    #[test]
    fn comments_and_literals_hide_names() {
        check("// count() {}\n/* count() {} */ \"count() {}\" 'c'", "count", "missing");
        check("// a \\\ncount() {}\nint count() {}", "count", "count at 3");
        check("R\"x(count() {} \" )\" )x\" ; int count() {}", "count", "count at 1");
        check("auto n = 1'000'000; int count() {} auto m = 2'0;", "count", "count at 1");
        check("\"a\\\"b\" int count() {}", "count", "count at 1");
        check("'\\'' int count() {}", "count", "count at 1");
        check("R\"count() {} ", "count", "missing");
    }

    #[test]
    fn identifiers_are_words_only() {
        let words: Vec<_> =
            identifiers("#include <new>\nint a1 = 0x1f + 1e+3; // b\n'c'").into_iter().collect();
        assert_eq!(words, ["a1", "include", "int", "new"]);
    }

    /// Random texts from pieces that open what they do not close, and random cuts of them. A
    /// generator of our own, so that every run tries the same texts.
    #[test]
    fn no_text_makes_it_panic() {
        const PIECES: [&str; 32] = [
            "count", "(", ")", "{", "}", "\"", "'", "R\"", "x(", ")x\"", "/*", "*/", "//", "\\",
            "\n", "\r\n", "->", "::", ",", "é", "🦀", "1'", "0x", "1e+", "a_b", "aB", " ", ";",
            "<", ">", "u8R\"(", "\0",
        ];
        let mut draw = Draw::new();
        for _ in 0..20_000 {
            let text = draw.some(&PIECES, 40, "");
            let lines = text.lines().count().max(1);
            for name in ["count", "a-b", "", "-", "é-ß"] {
                if let Symbol::Found { line, .. } = resolve(&text, name) {
                    assert!((1..=lines).contains(&line), "{text:?}");
                }
            }
            let known = identifiers(&text);
            assert!(known.iter().all(|word| text.contains(word)));
        }
    }
}
