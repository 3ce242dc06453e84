//! Splits C into words, numbers and punctuation. Comments, literals of text and directives vanish;
//! macros without parameters are replaced by what they stand for, if that is short, so that
//! `#define ll long long` reads as the types it makes. It never panics on any text and takes time
//! in proportion to it.

use std::collections::HashMap;

/// Longest replacement of a macro that is followed, in tokens.
const LONGEST: usize = 16;

/// The tokens of a source.
#[derive(Default)]
pub(super) struct Tokens<'a> {
    pub(super) all: Vec<&'a str>,
    /// Whether it includes `saggar.h`.
    pub(super) header: bool,
    macros: HashMap<&'a str, Vec<&'a str>>,
}

pub(super) fn is_word(token: &str) -> bool {
    token.starts_with(starts_word)
}

fn starts_word(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphabetic()
}

fn continues_word(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphanumeric()
}

pub(super) fn lex(text: &str) -> Tokens<'_> {
    let mut tokens = Tokens::default();
    let mut rest = text;
    let mut line_starts = true;
    while let Some(c) = rest.chars().next() {
        if c == '#' && line_starts {
            let (line, after) = rest.split_at(logical_line(rest));
            tokens.directive(&line[1..]);
            rest = after;
            continue;
        }
        let (token, after) = next(rest);
        line_starts =
            rest[..rest.len() - after.len()].ends_with('\n') || (line_starts && token.is_none());
        rest = after;
        if let Some(token) = token {
            tokens.push(token);
        }
    }
    tokens
}

impl<'a> Tokens<'a> {
    fn push(&mut self, token: &'a str) {
        match self.macros.get(token) {
            Some(body) => self.all.extend(body),
            None => self.all.push(token),
        }
    }

    fn directive(&mut self, line: &'a str) {
        let (Some(kind), rest) = word(line) else { return };
        if kind == "include" {
            self.header |= rest.contains("saggar.h");
            if self.header || rest.contains("stdbool.h") {
                self.macros.insert("bool", vec!["_Bool"]);
            }
            return;
        }
        let (Some(name), body) = word(rest) else { return };
        self.macros.remove(name);
        if kind != "define" || body.starts_with('(') {
            return;
        }
        let mut tokens = Vec::new();
        let mut body = body;
        while !body.is_empty() && tokens.len() <= LONGEST {
            let (token, after) = next(body);
            body = after;
            match token.map(|token| (token, self.macros.get(token))) {
                Some((_, Some(known))) => tokens.extend(known),
                Some((token, None)) => tokens.push(token),
                None => {}
            }
        }
        if tokens.len() <= LONGEST {
            self.macros.insert(name, tokens);
        }
    }
}

/// The word at the start of a line, and what follows it.
fn word(line: &str) -> (Option<&str>, &str) {
    let line = line.trim_start();
    let end = line.find(|c| !continues_word(c)).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (Some(word).filter(|word| is_word(word)), rest)
}

/// Length of a directive, with the lines that continue it.
fn logical_line(text: &str) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].find('\n') {
        let line = &text[from..from + at];
        from += at + 1;
        if !line.trim_end_matches('\r').ends_with('\\') {
            return from;
        }
    }
    text.len()
}

/// The token at the start, unless it is one that vanishes, and what follows.
fn next(text: &str) -> (Option<&str>, &str) {
    let Some(c) = text.chars().next() else { return (None, text) };
    let past = |end: &str| text.find(end).map_or("", |at| &text[at + end.len()..]);
    if text.starts_with("//") {
        return (None, &text[logical_line(text)..]);
    }
    if let Some(comment) = text.strip_prefix("/*") {
        return (None, comment.find("*/").map_or("", |at| &comment[at + 2..]));
    }
    if text.starts_with("\\\n") || text.starts_with("\\\r\n") {
        return (None, past("\n"));
    }
    if c == '"' || c == '\'' {
        return (None, after_literal(text, c));
    }
    let length = if starts_word(c) {
        text.find(|c| !continues_word(c)).unwrap_or(text.len())
    } else if c.is_numeric() {
        text.find(|c: char| !continues_word(c) && c != '.').unwrap_or(text.len())
    } else {
        c.len_utf8()
    };
    let (token, rest) = text.split_at(length);
    (Some(token).filter(|_| !c.is_whitespace()), rest)
}

/// What follows a string or character; one that its line does not close ends with the line.
fn after_literal(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if !escaped && (c == quote || c == '\n') {
            return &text[at + c.len_utf8()..];
        }
        escaped = c == '\\' && !escaped;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::lex;

    fn check(text: &str, expected: &str) {
        assert_eq!(lex(text).all.join(" "), expected, "{text:?}");
    }

    #[test]
    fn comments_literals_and_directives_vanish() {
        check("int /* a */ f(char *s); // b", "int f ( char * s ) ;");
        check("#include <x.h>\n#if 0 \\\n x\nint a = 'c';", "int a = ;");
        check("char *s = \"a\\\"b\" ; x", "char * s = ; x");
        check("a /* open", "a");
        check("\"open\nb", "b");
        check("a # b", "a # b");
    }

    #[test]
    fn macros_stand_for_their_words() {
        check("#define ll long long\nll f(ll x);", "long long f ( long long x ) ;");
        check("#define A B\n#define B A\nA B", "B B");
        check("#define f(x) x\nf(1)", "f ( 1 )");
        check("#define a b\n#undef a\na", "a");
        check("#include <stdbool.h>\nbool", "_Bool");
        check("bool", "bool");
    }
}
