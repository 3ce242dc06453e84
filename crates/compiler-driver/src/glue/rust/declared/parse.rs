//! Takes declarations and types from a run of tokens. Every descent has a bound, and no place is
//! read more than a bounded number of times.

use proc_macro2::{Delimiter, Group, Spacing, TokenTree};

use super::{Fields, Function, Generics, Kind, Path, Ty};

/// Deepest nesting of a type that is understood.
const TYPES: usize = 32;
/// Longest list of parameters, generics or fields that is read, tokens.
const TOKENS: usize = 1 << 13;

/// A place among the tokens of one level.
pub(super) struct Cursor<'t> {
    pub(super) tokens: &'t [TokenTree],
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<&'t TokenTree> {
        self.tokens.get(self.at)
    }

    /// Takes an identifier or keyword.
    pub(super) fn word(&mut self) -> Option<String> {
        let TokenTree::Ident(ident) = self.peek()? else { return None };
        self.at += 1;
        let text = ident.to_string();
        Some(text.strip_prefix("r#").map(str::to_owned).unwrap_or(text))
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(ident)) if *ident == word)
    }

    fn is_punct(&self, wanted: char) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
    }

    pub(super) fn punct(&mut self, wanted: char) -> bool {
        let found = self.is_punct(wanted);
        self.at += usize::from(found);
        found
    }

    pub(super) fn group(&mut self, delimiter: Delimiter) -> Option<&'t Group> {
        match self.peek()? {
            TokenTree::Group(group) if group.delimiter() == delimiter => {
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// `::`; of `: ::std` the first colon is none.
    fn path_separator(&mut self) -> bool {
        let is_joint = matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint);
        let found = is_joint
            && self.is_punct(':')
            && matches!(self.tokens.get(self.at + 1),
                Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        self.at += if found { 2 } else { 0 };
        found
    }

    fn lifetime(&mut self) -> bool {
        let found = self.punct('\'');
        if found {
            let _name = self.word();
        }
        found
    }

    /// The type and body of an `impl` that is of no trait: a function's path leads through it as
    /// through a module.
    pub(super) fn implementation(&mut self) -> Option<(String, &'t Group)> {
        let _generics = self.generics();
        let path = self.path(TYPES)?;
        self.skip_to(&["for"]);
        Some((path.name().to_owned(), self.group(Delimiter::Brace)?))
    }

    /// What follows the name of an item.
    pub(super) fn item(&mut self, keyword: &str, head: &[TokenTree]) -> Option<Kind> {
        let mut generics = self.generics();
        match keyword {
            "fn" => {
                let params = self.group(Delimiter::Parenthesis)?;
                let result = if self.arrow() { self.ty(TYPES) } else { Ty::Tuple(Vec::new()) };
                self.skip_to(&["where"]);
                self.bounds_of(&mut generics);
                let is_async = head
                    .iter()
                    .any(|token| matches!(token, TokenTree::Ident(ident) if *ident == "async"));
                let params = params_of(params);
                Some(Kind::Function(Function { generics, params, result, is_async }))
            }
            "struct" => {
                if let Some(group) = self.group(Delimiter::Parenthesis) {
                    let types = pieces(group).iter().map(|piece| field(piece).1).collect();
                    return Some(Kind::Struct(generics, Fields::Positional(types)));
                }
                self.skip_to(&["where"]);
                self.bounds_of(&mut generics);
                let group = self.group(Delimiter::Brace)?;
                let fields = pieces(group).iter().map(|piece| field(piece)).collect();
                Some(Kind::Struct(generics, Fields::Named(fields)))
            }
            "enum" => {
                self.skip_to(&["where"]);
                self.bounds_of(&mut generics);
                let variants = pieces(self.group(Delimiter::Brace)?);
                let variants = variants.iter().filter_map(|piece| variant(piece)).collect();
                Some(Kind::Enum(generics, variants))
            }
            _ => self.punct('=').then(|| Kind::Alias(generics, self.ty(TYPES))),
        }
    }

    fn arrow(&mut self) -> bool {
        let found = self.is_punct('-');
        self.at += if found { 2 } else { 0 };
        found
    }

    /// Goes on to one of the words, to a body or to a semicolon.
    fn skip_to(&mut self, words: &[&str]) {
        while let Some(token) = self.peek() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
                TokenTree::Punct(punct) if punct.as_char() == ';' => return,
                TokenTree::Ident(_) if words.iter().any(|word| self.is_word(word)) => return,
                _ => self.at += 1,
            }
        }
    }

    /// Takes `<…>` where an item declares what it is generic over.
    fn generics(&mut self) -> Generics {
        let mut generics = Generics::default();
        if !self.punct('<') {
            return generics;
        }
        let (inside, after) = self.angle();
        for piece in split(inside) {
            let mut cursor = Cursor { tokens: piece, at: 0 };
            cursor.attributes();
            if cursor.lifetime() {
                generics.lifetimes += 1;
            } else if let Some(name) = cursor.word() {
                match (name.as_str(), cursor.word()) {
                    ("const", Some(name)) => generics.consts.push(name),
                    _ => {
                        let bounds =
                            if cursor.punct(':') { cursor.bounds(TYPES) } else { Vec::new() };
                        generics.types.push((name, bounds));
                    }
                }
            }
        }
        self.at = after;
        generics
    }

    /// Adds the bounds of `where` to the parameters they are about.
    fn bounds_of(&mut self, generics: &mut Generics) {
        if !self.is_word("where") {
            return;
        }
        self.at += 1;
        let start = self.at;
        self.skip_to(&[]);
        for piece in split(&self.tokens[start..self.at]) {
            let mut cursor = Cursor { tokens: piece, at: 0 };
            let Some(name) = cursor.word() else { continue };
            let known = generics.types.iter_mut().find(|(known, _)| *known == name);
            if let Some((_, bounds)) = known
                && cursor.punct(':')
            {
                bounds.extend(cursor.bounds(TYPES));
            }
        }
    }

    /// What stands between here and the `>` that closes, and the place after it.
    fn angle(&self) -> (&'t [TokenTree], usize) {
        let mut depth = 1usize;
        let mut arrow = false;
        for (i, token) in self.tokens.iter().enumerate().skip(self.at).take(TOKENS) {
            let c = match token {
                TokenTree::Punct(punct) => punct.as_char(),
                _ => ' ',
            };
            match c {
                '<' => depth += 1,
                '>' if !arrow => depth -= 1,
                _ => {}
            }
            arrow = matches!(c, '-' | '=');
            if depth == 0 {
                return (&self.tokens[self.at..i], i + 1);
            }
        }
        (&[], self.tokens.len())
    }

    fn attributes(&mut self) {
        while self.punct('#') {
            self.at += 1;
        }
    }

    /// Takes a type; `depth` is what is left of the bound on nesting.
    fn ty(&mut self, depth: usize) -> Ty {
        let Some(depth) = depth.checked_sub(1) else { return Ty::Other };
        if self.punct('&') {
            self.lifetime();
            if self.is_word("mut") {
                self.at += 1;
            }
            return Ty::Ref(Box::new(self.ty(depth)));
        }
        if let Some(group) = self.group(Delimiter::Bracket) {
            return Ty::Slice(Box::new(first_type(group, depth)));
        }
        if let Some(group) = self.group(Delimiter::Parenthesis) {
            let pieces = pieces(group);
            let comma = ends_in_comma(group);
            let mut types: Vec<Ty> =
                pieces.iter().map(|tokens| Cursor { tokens, at: 0 }.ty(depth)).collect();
            return match types.len() {
                1 if !comma => types.remove(0),
                _ => Ty::Tuple(types),
            };
        }
        if self.is_word("impl") || self.is_word("dyn") {
            self.at += 1;
            return Ty::Bounds(self.bounds(depth));
        }
        match self.path(depth) {
            Some(path) => Ty::Path(path),
            None => Ty::Other,
        }
    }

    /// Takes bounds with plus signs between them, without lifetimes and `?Sized`.
    fn bounds(&mut self, depth: usize) -> Vec<Path> {
        let mut found = Vec::new();
        loop {
            let maybe = self.punct('?');
            if !self.lifetime() {
                match self.path(depth) {
                    Some(path) if !maybe => found.push(path),
                    Some(_) => {}
                    None => return found,
                }
            }
            if !self.punct('+') {
                return found;
            }
        }
    }

    fn path(&mut self, depth: usize) -> Option<Path> {
        let mut path = Path::default();
        self.path_separator();
        loop {
            let word = self.word()?;
            if matches!(word.as_str(), "fn" | "unsafe" | "extern" | "for") {
                return None;
            }
            path.segments.push(word);
            let turbofish = self.path_separator();
            if self.punct('<') {
                let (inside, after) = self.angle();
                self.at = after;
                arguments(&mut path, inside, depth);
                if !self.path_separator() {
                    return Some(path);
                }
            } else if !turbofish {
                return Some(path);
            }
        }
    }
}

/// Reads what stands in angle brackets after a path.
fn arguments(path: &mut Path, inside: &[TokenTree], depth: usize) {
    path.args.clear();
    for piece in split(inside) {
        let mut cursor = Cursor { tokens: piece, at: 0 };
        if cursor.lifetime() {
            continue;
        }
        let named = cursor.word().filter(|_| cursor.punct('='));
        match named {
            Some(name) => path.bindings.push((name, cursor.ty(depth))),
            None => path.args.push(Cursor { tokens: piece, at: 0 }.ty(depth)),
        }
    }
}

fn first_type(group: &Group, depth: usize) -> Ty {
    let tokens: Vec<TokenTree> = group.stream().into_iter().take(TOKENS).collect();
    Cursor { tokens: &tokens, at: 0 }.ty(depth)
}

fn ends_in_comma(group: &Group) -> bool {
    let last = group.stream().into_iter().take(TOKENS).last();
    matches!(last, Some(TokenTree::Punct(punct)) if punct.as_char() == ',')
}

/// What stands between the commas of a group.
fn pieces(group: &Group) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().take(TOKENS).collect();
    split(&tokens).into_iter().map(<[TokenTree]>::to_vec).collect()
}

/// What stands between the commas that no angle bracket encloses.
fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut found = Vec::new();
    let (mut start, mut depth, mut arrow) = (0, 0usize, false);
    for (i, token) in tokens.iter().enumerate() {
        let c = match token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match c {
            '<' => depth += 1,
            '>' if !arrow => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&tokens[start..i]);
                start = i + 1;
            }
            _ => {}
        }
        arrow = matches!(c, '-' | '=');
    }
    if start < tokens.len() {
        found.push(&tokens[start..]);
    }
    found
}

/// The types of the parameters in a function's parentheses.
fn params_of(group: &Group) -> Vec<Ty> {
    pieces(group)
        .iter()
        .map(|piece| {
            let mut cursor = Cursor { tokens: piece, at: 0 };
            while cursor.peek().is_some() {
                if cursor.path_separator() {
                    continue;
                }
                if cursor.punct(':') {
                    return cursor.ty(TYPES);
                }
                cursor.at += 1;
            }
            Ty::Other
        })
        .collect()
}

/// A field's name, empty for a positional one, and type.
fn field(piece: &[TokenTree]) -> (String, Ty) {
    let mut cursor = Cursor { tokens: piece, at: 0 };
    cursor.attributes();
    if cursor.is_word("pub") {
        cursor.at += 1;
        let _restriction = cursor.group(Delimiter::Parenthesis);
    }
    let start = cursor.at;
    if let Some(name) = cursor.word()
        && !cursor.path_separator()
        && cursor.punct(':')
    {
        return (name, cursor.ty(TYPES));
    }
    cursor.at = start;
    (String::new(), cursor.ty(TYPES))
}

/// A variant's name, and whether it is without data.
fn variant(piece: &[TokenTree]) -> Option<(String, bool)> {
    let mut cursor = Cursor { tokens: piece, at: 0 };
    cursor.attributes();
    let name = cursor.word()?;
    Some((name, !matches!(cursor.peek(), Some(TokenTree::Group(_)))))
}
