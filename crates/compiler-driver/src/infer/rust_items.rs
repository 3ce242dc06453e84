//! The items of a Rust text by their token trees: functions, structs, enums and aliases, with the
//! modules they stand in. Bodies are not looked into, nothing is expanded; what is no such item is
//! passed over. Bounded in depth, linear in the text.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::builder::{Builder, Candidate};

/// Deepest nesting of modules that is looked into.
const MAX_MODULES: usize = 16;
/// Most functions that one note names.
const MAX_TOLD: usize = 20;

/// What a name of the source stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    Struct(TokenStream),
    Enum(TokenStream),
    Alias(Vec<TokenTree>),
    Unreadable(&'static str),
}

/// A type that the source defines.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) meaning: Meaning,
    pub(super) line: usize,
    /// The modules it stands in, `a::b`.
    pub(super) module: String,
}

/// A function's declaration.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) generics: Vec<TokenTree>,
    pub(super) params: TokenStream,
    pub(super) result: Vec<TokenTree>,
    pub(super) module: String,
    pub(super) asynchronous: bool,
    /// Whether it and every module around it is public.
    public: bool,
}

/// What a source holds.
#[derive(Default)]
pub(super) struct Items {
    pub(super) functions: Vec<(Candidate, Head)>,
    pub(super) definitions: BTreeMap<String, Definition>,
    /// Types that `impl Display for` names.
    pub(super) displayed: BTreeSet<String>,
    /// Functions of `impl` blocks.
    pub(super) methods: Vec<(usize, String)>,
}

/// Tokens with a place in them.
pub(super) struct Trees {
    trees: Vec<TokenTree>,
    at: usize,
}

impl Trees {
    pub(super) fn new(stream: TokenStream) -> Self {
        Trees { trees: stream.into_iter().collect(), at: 0 }
    }

    pub(super) fn of(trees: Vec<TokenTree>) -> Self {
        Trees { trees, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.trees.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<TokenTree> {
        let tree = self.trees.get(self.at).cloned();
        self.at += 1;
        tree
    }

    pub(super) fn done(&self) -> bool {
        self.at >= self.trees.len()
    }

    /// Whether the last tree of all is a comma.
    pub(super) fn ends_with_comma(&self) -> bool {
        matches!(self.trees.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ',')
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    pub(super) fn is_punct(&self, ahead: usize, c: char) -> bool {
        matches!(self.trees.get(self.at + ahead), Some(TokenTree::Punct(p)) if p.as_char() == c)
    }

    pub(super) fn eat_punct(&mut self, c: char) -> bool {
        let found = self.is_punct(0, c);
        self.at += usize::from(found);
        found
    }

    /// Takes `::`.
    pub(super) fn eat_colons(&mut self) -> bool {
        let found = self.is_punct(0, ':') && self.is_punct(1, ':');
        self.at += if found { 2 } else { 0 };
        found
    }

    pub(super) fn word(&self, ahead: usize) -> Option<String> {
        match self.trees.get(self.at + ahead) {
            Some(TokenTree::Ident(name)) => Some(name.to_string()),
            _ => None,
        }
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word(0).as_deref() == Some(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn group(&self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.clone()),
            _ => None,
        }
    }

    /// Passes over `#[…]` and gives the words in them.
    pub(super) fn attributes(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        while self.is_punct(0, '#') {
            self.at += 1;
            self.eat_punct('!');
            let Some(group) = self.group(Delimiter::Bracket) else { break };
            words.push(group.stream().into_iter().take(8).map(|tree| tree.to_string()).collect());
            self.at += 1;
        }
        words
    }

    /// Passes over `pub` and `pub(…)`; whether there was a plain `pub`.
    pub(super) fn visibility(&mut self) -> bool {
        if !self.eat_word("pub") {
            return false;
        }
        let restricted = self.group(Delimiter::Parenthesis).is_some();
        self.at += usize::from(restricted);
        !restricted
    }

    /// Passes over an argument in angles; gives the beginning of its text.
    pub(super) fn skip_argument(&mut self) -> String {
        let mut shown = String::new();
        let mut depth = 0usize;
        while let Some(tree) = self.peek() {
            if let TokenTree::Punct(punct) = tree {
                match punct.as_char() {
                    ',' | '>' if depth == 0 => break,
                    '<' => depth += 1,
                    '>' => depth -= 1,
                    _ => {}
                }
            }
            if shown.len() < 64 && !matches!(tree, TokenTree::Group(_)) {
                let text = tree.to_string();
                let words = shown.ends_with(char::is_alphanumeric)
                    && text.starts_with(char::is_alphanumeric);
                shown.push_str(if words { " " } else { "" });
                shown.push_str(&text);
            }
            self.next();
        }
        shown
    }

    pub(super) fn ends_argument(&self) -> bool {
        self.is_punct(0, '>') || self.is_punct(0, ',')
    }

    /// Passes over a lifetime; whether there was one.
    pub(super) fn lifetime(&mut self) -> bool {
        let found = self.eat_punct('\'');
        self.at += usize::from(found);
        found
    }

    /// The trees up to a closing angle that is not an arrow's, which is taken too.
    pub(super) fn angles(&mut self) -> Vec<TokenTree> {
        let mut inside = Vec::new();
        let (mut depth, mut before) = (0usize, ' ');
        while let Some(tree) = self.next() {
            let c = match &tree {
                TokenTree::Punct(punct) => punct.as_char(),
                _ => ' ',
            };
            depth += usize::from(c == '<');
            depth -= usize::from(c == '>' && before != '-' && depth > 0);
            before = c;
            inside.push(tree);
            if depth == 0 {
                break;
            }
        }
        inside
    }

    /// The trees up to one that ends them, which is left.
    fn until(&mut self, ends: impl Fn(&TokenTree) -> bool) -> Vec<TokenTree> {
        let start = self.at;
        while self.peek().is_some_and(|tree| !ends(tree)) {
            self.at += 1;
        }
        self.trees[start.min(self.trees.len())..self.at.min(self.trees.len())].to_vec()
    }
}

fn is_semicolon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn is_brace(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

impl Items {
    /// Reads the items of a module.
    pub(super) fn module(&mut self, stream: TokenStream, path: &str, public: bool, depth: usize) {
        let mut trees = Trees::new(stream);
        while !trees.done() {
            let attributes = trees.attributes();
            let tests = attributes.iter().any(|text| is_test(text));
            let visible = trees.visibility() && public;
            let line = trees.peek().map_or(1, |tree| tree.span().start().line);
            let Some(word) = trees.word(0) else {
                trees.next();
                continue;
            };
            match word.as_str() {
                "mod" => self.inner(&mut trees, path, visible, depth, tests),
                "struct" | "enum" | "union" => self.define(&mut trees, &word, path, line),
                "type" => self.alias(&mut trees, path, line),
                "impl" | "trait" => self.implementation(&mut trees),
                "use" | "static" => drop(trees.until(is_semicolon)),
                "macro_rules" => drop(trees.until(is_brace)),
                "fn" => self.function(&mut trees, path, visible, tests, false),
                "const" | "async" | "unsafe" | "extern" => {
                    let asynchronous = qualifiers(&mut trees);
                    match trees.word(0).as_deref() {
                        Some("fn") => {
                            self.function(&mut trees, path, visible, tests, asynchronous);
                        }
                        Some("impl" | "trait") => self.implementation(&mut trees),
                        _ if word == "const" => drop(trees.until(is_semicolon)),
                        _ => {}
                    }
                    continue;
                }
                _ => drop(trees.next()),
            }
        }
    }

    fn inner(&mut self, trees: &mut Trees, path: &str, public: bool, depth: usize, tests: bool) {
        trees.next();
        let name = trees.word(0).map(|name| plain(&name)).unwrap_or_default();
        trees.next();
        let Some(body) = trees.group(Delimiter::Brace) else { return };
        trees.next();
        let inside = if path.is_empty() { name } else { format!("{path}::{name}") };
        if depth < MAX_MODULES && !tests && inside.len() <= 256 {
            self.module(body.stream(), &inside, public, depth + 1);
        }
    }

    fn define(&mut self, trees: &mut Trees, what: &str, module: &str, line: usize) {
        trees.next();
        let Some(name) = trees.word(0) else { return };
        trees.next();
        let generic = trees.is_punct(0, '<') && generic(&trees.angles());
        if trees.group(Delimiter::Parenthesis).is_some() {
            trees.until(is_semicolon);
            let why = "has fields without names; name them";
            return self.insert(module, &name, line, Meaning::Unreadable(why));
        }
        trees.until(|tree| is_brace(tree) || is_semicolon(tree));
        let Some(group) = trees.group(Delimiter::Brace) else {
            return self.insert(module, &name, line, Meaning::Unreadable("has no field"));
        };
        trees.next();
        let meaning = match what {
            _ if generic => Meaning::Unreadable("is generic; write one for the types you need"),
            "struct" => Meaning::Struct(group.stream()),
            "enum" => Meaning::Enum(group.stream()),
            _ => Meaning::Unreadable("is a union, which has no WIT type"),
        };
        self.insert(module, &name, line, meaning);
    }

    fn alias(&mut self, trees: &mut Trees, module: &str, line: usize) {
        trees.next();
        let Some(name) = trees.word(0) else { return };
        trees.next();
        let generic = trees.is_punct(0, '<') && generic(&trees.angles());
        let equals = trees.eat_punct('=');
        let target = trees.until(is_semicolon);
        let meaning = match generic || !equals {
            true => Meaning::Unreadable("is a generic alias; write out what it stands for"),
            false => Meaning::Alias(target),
        };
        self.insert(module, &name, line, meaning);
    }

    fn insert(&mut self, module: &str, name: &str, line: usize, meaning: Meaning) {
        let name = plain(name);
        let path = if module.is_empty() { name } else { format!("{module}::{name}") };
        let module = module.to_owned();
        self.definitions.entry(path).or_insert(Definition { meaning, line, module });
    }

    /// `impl Display for Name`, and the functions of other `impl` blocks.
    fn implementation(&mut self, trees: &mut Trees) {
        let head = trees.until(|tree| is_brace(tree) || is_semicolon(tree));
        let words: Vec<String> = head
            .iter()
            .filter_map(|tree| match tree {
                TokenTree::Ident(name) => Some(name.to_string()),
                _ => None,
            })
            .collect();
        let of = words.iter().position(|word| word == "for");
        let last = of.and_then(|of| words.get(of + 1..)).and_then(<[_]>::last);
        if let (Some(of), Some(name)) = (of, last)
            && words[..of].iter().any(|word| word == "Display")
        {
            self.displayed.insert(name.clone());
        }
        let Some(body) = trees.group(Delimiter::Brace) else { return };
        trees.next();
        let Some(name) = words.get(1).filter(|_| of.is_none()) else { return };
        let mut inside = Trees::new(body.stream());
        while !inside.done() && self.methods.len() < 16 {
            if inside.eat_word("fn")
                && let Some(method) = inside.word(0)
                && let Some(tree) = inside.peek()
            {
                self.methods.push((tree.span().start().line, format!("{name}::{method}")));
            }
            inside.next();
        }
    }

    fn function(
        &mut self,
        trees: &mut Trees,
        module: &str,
        public: bool,
        tests: bool,
        asynchronous: bool,
    ) {
        trees.next();
        let Some(TokenTree::Ident(ident)) = trees.peek().cloned() else { return };
        trees.next();
        let name = plain(&ident.to_string());
        let generics = if trees.is_punct(0, '<') { trees.angles() } else { Vec::new() };
        let Some(params) = trees.group(Delimiter::Parenthesis) else { return };
        trees.next();
        let arrow = trees.eat_punct('-') && trees.eat_punct('>');
        let is_where = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if word == "where");
        let result = trees.until(|tree| is_brace(tree) || is_semicolon(tree) || is_where(tree));
        trees.until(|tree| is_brace(tree) || is_semicolon(tree));
        let defined = trees.group(Delimiter::Brace).is_some();
        trees.next();
        if tests || !defined {
            return;
        }
        let path = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
        let candidate = Candidate { name, path, line: ident.span().start().line };
        let result = if arrow { result } else { Vec::new() };
        let (params, module) = (params.stream(), module.to_owned());
        self.functions
            .push((candidate, Head { generics, params, result, module, asynchronous, public }));
    }

    /// The functions that a skill would export: the public ones, or where there is none those
    /// outside all modules.
    pub(super) fn exported(&mut self, out: &mut Builder<'_>) -> Vec<(Candidate, Head)> {
        let mut found = std::mem::take(&mut self.functions);
        let any = found.iter().any(|(_, head)| head.public);
        found.retain(|(candidate, head)| {
            candidate.path != "main" && (head.public || head.module.is_empty())
        });
        let (found, hidden): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, head)| head.public || !any);
        if let Some((first, _)) = hidden.first() {
            let names = hidden.iter().take(MAX_TOLD).map(|(hidden, _)| hidden.name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            let more = if hidden.len() > MAX_TOLD { " and others" } else { "" };
            out.remark(first.line, format!("left out as they are not `pub`: {names}{more}"));
        }
        found
    }
}

/// An identifier without its `r#`.
pub(super) fn plain(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// Whether an attribute is `test`, or `cfg(test)`.
fn is_test(text: &str) -> bool {
    let text: String = text.chars().take(64).filter(|c| !c.is_whitespace()).collect();
    text == "test" || text.ends_with("::test") || text.starts_with("cfg(test")
}

/// Whether generics hold more than lifetimes.
pub(super) fn generic(angles: &[TokenTree]) -> bool {
    let mut lifetime = false;
    angles.iter().any(|tree| {
        let was_tick = std::mem::take(&mut lifetime);
        match tree {
            TokenTree::Punct(punct) => {
                lifetime = punct.as_char() == '\'';
                false
            }
            TokenTree::Ident(_) => !was_tick,
            _ => true,
        }
    })
}

/// Passes over `const`, `async`, `unsafe` and `extern "C"`; whether `async` is among them.
fn qualifiers(trees: &mut Trees) -> bool {
    let mut asynchronous = false;
    while let Some(word) = trees.word(0) {
        match word.as_str() {
            "async" => asynchronous = true,
            "const" | "unsafe" => {}
            "extern" => {
                trees.next();
                if matches!(trees.peek(), Some(TokenTree::Literal(_))) {
                    trees.next();
                }
                continue;
            }
            _ => break,
        }
        trees.next();
    }
    asynchronous
}
