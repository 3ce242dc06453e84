//! C and C++ text as the compiler would read it, nearly: directives are carried out as far as they
//! concern the text itself. Simple macros are expanded (`#define ll long long`), branches that
//! are off are dropped, headers and macros with parameters are left alone. Linear in the text.

use std::collections::BTreeMap;

use crate::symbols::{Token, Tokens};

/// Most tokens that one use of a macro may become, and how deep macros may name each other.
const MAX_EXPANSION: usize = 64;
const MAX_DEPTH: usize = 8;

/// The tokens, with where each bracket closes.
pub(super) struct Text<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    close: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(source: &'a str, cplusplus: bool) -> Self {
        let tokens = Preprocessor::new(source, cplusplus).run();
        let close = closings(&tokens);
        Text { tokens, close }
    }

    /// The word or sign at a place; empty behind the end.
    pub(super) fn at(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    pub(super) fn line(&self, at: usize) -> usize {
        self.tokens.get(at).or(self.tokens.last()).map_or(1, |token| token.line)
    }

    /// Where the bracket that opens at a place closes; the end of the text if nowhere.
    pub(super) fn close(&self, open: usize) -> usize {
        self.close.get(open).copied().unwrap_or(self.tokens.len())
    }

    pub(super) fn slice(&self, range: std::ops::Range<usize>) -> &[Token<'a>] {
        self.tokens.get(range.start..range.end.min(self.tokens.len())).unwrap_or_default()
    }
}

/// For every token the place of the bracket that closes it. A brace closes what was left open
/// inside it.
fn closings(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut close = vec![tokens.len(); tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let opener = match token.text {
            "(" | "[" | "{" => {
                open.push(i);
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        while let Some(&last) = open.last() {
            let fits = tokens[last].text == opener;
            if !fits && (opener != "{" || tokens[last].text == "{") {
                break;
            }
            open.pop();
            close[last] = i;
            if fits {
                break;
            }
        }
    }
    close
}

struct Preprocessor<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    cplusplus: bool,
    macros: BTreeMap<&'a str, Option<Vec<&'a str>>>,
    /// Per open `#if`: whether its present branch counts, and whether one has counted.
    branches: Vec<(bool, bool)>,
    out: Vec<Token<'a>>,
}

impl<'a> Preprocessor<'a> {
    fn new(source: &'a str, cplusplus: bool) -> Self {
        let tokens = Tokens::new(source).collect();
        let (macros, branches, out) = (BTreeMap::new(), Vec::new(), Vec::new());
        Preprocessor { source, tokens, cplusplus, macros, branches, out }
    }

    fn run(mut self) -> Vec<Token<'a>> {
        let mut at = 0;
        while at < self.tokens.len() {
            let token = self.tokens[at];
            if token.text == "#" && (at == 0 || self.line_ends(at - 1)) {
                let mut end = at + 1;
                while end < self.tokens.len() && !self.line_ends(end - 1) {
                    end += 1;
                }
                self.directive(at + 1, end);
                at = end;
                continue;
            }
            if self.on() {
                self.expand(token);
            }
            at += 1;
        }
        self.out
    }

    /// A branch inside one that is off is off itself, so the innermost tells.
    fn on(&self) -> bool {
        self.branches.last().is_none_or(|(on, _)| *on)
    }

    fn offset(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(self.source.len(), |token| {
            (token.text.as_ptr() as usize).saturating_sub(self.source.as_ptr() as usize)
        })
    }

    /// Whether a line that no backslash continues ends between a token and the next.
    fn line_ends(&self, at: usize) -> bool {
        let from = self.offset(at) + self.tokens[at].text.len();
        let gap = self.source.get(from..self.offset(at + 1)).unwrap_or_default();
        let mut before = ' ';
        for c in gap.chars() {
            if c == '\n' && before != '\\' {
                return true;
            }
            if c != '\r' {
                before = c;
            }
        }
        at + 1 >= self.tokens.len()
    }

    fn directive(&mut self, from: usize, to: usize) {
        let words: Vec<&'a str> = self.tokens[from..to].iter().map(|token| token.text).collect();
        let on = self.on();
        let Some((&name, rest)) = words.split_first() else { return };
        match name {
            "if" | "ifdef" | "ifndef" => {
                let taken = on && self.holds(name, rest);
                // In a branch that is off no other one counts either.
                self.branches.push((taken, taken || !on));
            }
            "elif" | "else" => {
                let holds = name == "else" || self.holds("if", rest);
                if let Some((now, before)) = self.branches.last_mut() {
                    *now = !*before && holds;
                    *before |= *now;
                }
            }
            "endif" => {
                self.branches.pop();
            }
            "define" if on => self.define(from + 1, rest),
            "undef" if on => {
                rest.first().map(|name| self.macros.remove(name));
            }
            _ => {}
        }
    }

    /// Whether a condition holds; one that is not understood does.
    fn holds(&self, name: &str, rest: &[&str]) -> bool {
        match (name, rest) {
            ("ifdef", [name, ..]) => self.defined(name),
            ("ifndef", [name, ..]) => !self.defined(name),
            ("if", ["0"]) => false,
            ("if", ["defined", "(", name, ")"] | ["defined", name]) => self.defined(name),
            ("if", ["!", "defined", "(", name, ")"] | ["!", "defined", name]) => {
                !self.defined(name)
            }
            _ => true,
        }
    }

    fn defined(&self, name: &str) -> bool {
        match name {
            "__cplusplus" => self.cplusplus,
            name if name.starts_with("__GNU") || name.starts_with("__linux") => true,
            name => self.macros.contains_key(name),
        }
    }

    fn define(&mut self, at: usize, words: &[&'a str]) {
        let Some((&name, rest)) = words.split_first() else { return };
        let adjoining = self.offset(at) + name.len() == self.offset(at + 1);
        let parameters = rest.first() == Some(&"(") && adjoining;
        let simple = !parameters && rest.len() <= MAX_EXPANSION;
        self.macros.insert(name, simple.then(|| rest.to_vec()));
    }

    fn expand(&mut self, token: Token<'a>) {
        if !token.is_word() || !matches!(self.macros.get(token.text), Some(Some(_))) {
            return self.out.push(token);
        }
        let mut words = Vec::new();
        let mut steps = 4 * MAX_EXPANSION;
        if !self.replace(token.text, &mut Vec::new(), &mut words, &mut steps) {
            return self.out.push(token);
        }
        let line = token.line;
        self.out.extend(words.into_iter().map(|text| Token { text, line }));
    }

    /// Replaces a word and what it becomes; false when that is too much. Steps are counted beside
    /// the words, since macros that become nothing could name each other for ever.
    fn replace(
        &self,
        word: &'a str,
        active: &mut Vec<&'a str>,
        out: &mut Vec<&'a str>,
        steps: &mut usize,
    ) -> bool {
        let replacement = match self.macros.get(word) {
            Some(Some(replacement)) if !active.contains(&word) => replacement,
            _ => {
                out.push(word);
                return out.len() <= MAX_EXPANSION;
            }
        };
        if active.len() == MAX_DEPTH || *steps == 0 {
            return false;
        }
        *steps -= 1;
        active.push(word);
        let fits = replacement.iter().all(|word| self.replace(word, active, out, steps));
        active.pop();
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let text = Text::new(source, true);
        let words: Vec<_> = text.tokens.iter().map(|token| token.text).collect();
        assert_eq!(words.join(" "), expected, "{source}");
    }

    #[test]
    fn simple_macros_are_expanded_where_they_are_defined() {
        check(
            "ll a;\n#define ll long long\nll b;\n#undef ll\nll c;",
            "ll a ; long long b ; ll c ;",
        );
        check("#define a b\n#define b a x\na b", "a x b x");
        check("#define vi vector<ll>\n#define ll \\\n long long\nvi", "vector < long long >");
        check("#define f(x) x\nf(1)", "f ( 1 )");
        check("#define EXPORT\nEXPORT int", "int");
    }

    #[test]
    fn branches_that_are_off_are_dropped() {
        check("#if 0\na\n#else\nb\n#endif\nc", "b c");
        check("#ifdef __cplusplus\nextern \"C\" {\n#endif\nx", "extern { x");
        check("#ifdef A\n#if 1\na\n#else\nb\n#endif\n#elif defined(B)\nc\n#else\nd\n#endif", "d");
        check("#ifndef H\n#define H\na\n#endif", "a");
    }

    #[test]
    fn a_macro_that_grows_without_end_stays_what_it_is() {
        let mut source = String::from("#define a0 x x x x\n");
        for i in 1..20 {
            source.push_str(&format!("#define a{i} a{0} a{0} a{0} a{0}\n", i - 1));
        }
        source.push_str("a19 a1");
        check(&source, "a19 x x x x x x x x x x x x x x x x");
    }

    #[test]
    fn a_brace_closes_what_is_open_inside() {
        let text = Text::new("{ ( [ } )", true);
        assert_eq!((0..3).map(|at| text.close(at)).collect::<Vec<_>>(), [3, 3, 3]);
    }
}
