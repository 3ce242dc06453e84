//! The outermost declarations of a C or C++ text: which functions it defines, which types, and in
//! which namespaces. One pass over the tokens; what is no declaration is passed over.

use std::ops::Range;

use saggar_model::Language;

use super::Inferred;
use super::builder::{Builder, Candidate};
use super::c_params::{self, Declared};
use super::c_text::Text;
use super::c_types::{Definition, Meaning, Types};
use super::c_words::{SPECIFIERS, STATEMENTS, WITH_PARENTHESES};
use crate::symbols::Token;

/// Deepest nesting of namespaces that are kept apart.
const MAX_SCOPES: usize = 16;
/// Longest declaration of a function that is read, in tokens.
const MAX_HEAD: usize = 1024;

/// Where the parts of a function's declaration stand.
struct Head {
    result: Range<usize>,
    params: Range<usize>,
    /// After the parameters, up to the body.
    trailing: Range<usize>,
    scope: String,
}

/// Reads the interface of a C or C++ source.
pub(super) fn infer(language: Language, source: &str) -> Inferred {
    let is_c = language == Language::C;
    let text = Text::new(source, !is_c);
    let mut out = Builder::new(source);
    let mut types = Types::new(&text, is_c);
    let mut units = Units {
        text: &text,
        is_c,
        types: &mut types,
        out: &mut out,
        scopes: Vec::new(),
        found: Vec::new(),
        methods: Vec::new(),
    };
    units.run();
    let (found, methods) = (units.found, units.methods);
    if found.is_empty() {
        for (line, name) in methods {
            out.skip(line, &name, "a member of a class; write a free function that calls it");
        }
    }
    for (wit, candidate, head) in out.name(found) {
        types.begin();
        match signature(&mut out, &mut types, &text, &candidate, &head) {
            Ok((params, result)) => out.add(wit, &candidate, params, result),
            Err(reason) => out.skip(candidate.line, &candidate.path, reason),
        }
    }
    out.finish()
}

fn signature<'a>(
    out: &mut Builder<'_>,
    types: &mut Types<'a>,
    text: &'a Text<'a>,
    candidate: &Candidate,
    head: &Head,
) -> Result<c_params::Signature, String> {
    if head.trailing.end - head.result.start > MAX_HEAD {
        return Err("its declaration is too long".to_owned());
    }
    let result = text.slice(trailing_result(text, head).unwrap_or(head.result.clone()));
    let (result, _) = types
        .declared(out, &without_attributes(result), &head.scope)
        .map_err(|why| format!("the result: {why}"))?;
    let mut params = Vec::new();
    for range in split(text, head.params.clone()) {
        let tokens = without_attributes(text.slice(range));
        let words: Vec<_> = tokens.iter().map(|token| token.text).collect();
        if words.is_empty() || words == ["void"] {
            continue;
        }
        if words[0] == "." {
            return Err("a variable number of arguments has no WIT type".to_owned());
        }
        let (shape, name) = types
            .declared(out, &tokens, &head.scope)
            .map_err(|why| format!("parameter {}: {why}", params.len() + 1))?;
        params.push(Declared { shape, name });
    }
    c_params::read(out, candidate.line, types.is_c, &params, &result)
}

/// The pieces between commas that stand in no bracket.
fn split(text: &Text<'_>, range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut at, mut angles) = (range.start, range.start, 0usize);
    while at < range.end {
        match text.at(at) {
            "(" | "[" | "{" => at = text.close(at),
            "<" => angles += 1,
            ">" => angles = angles.saturating_sub(1),
            "," if angles == 0 => {
                pieces.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    pieces.push(start..range.end);
    pieces
}

/// `-> type` behind the parameters.
fn trailing_result(text: &Text<'_>, head: &Head) -> Option<Range<usize>> {
    let arrow = head.trailing.clone().find(|at| text.at(*at) == "-" && text.at(at + 1) == ">")?;
    Some(arrow + 2..head.trailing.end)
}

/// Tokens without `[[…]]`, `__attribute__((…))` and specifiers.
fn without_attributes<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1).map_or("", |next| next.text);
        let attribute = WITH_PARENTHESES.contains(&token.text) && token.text != "decltype";
        if (token.text == "[" && next == "[") || (attribute && next == "(") {
            at += usize::from(attribute);
            let mut depth = 0usize;
            while let Some(inside) = tokens.get(at) {
                match inside.text {
                    "(" | "[" => depth += 1,
                    ")" | "]" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    break;
                }
            }
            continue;
        }
        if !SPECIFIERS.contains(&token.text) {
            kept.push(*token);
        }
        at += 1;
    }
    kept
}

/// The pass over the tokens.
struct Units<'r, 'a> {
    text: &'a Text<'a>,
    is_c: bool,
    types: &'r mut Types<'a>,
    out: &'r mut Builder<'a>,
    /// The namespaces around; `None` for one whose functions nobody outside calls.
    scopes: Vec<Option<String>>,
    found: Vec<(Candidate, Head)>,
    /// Functions in classes, told of when there are no others.
    methods: Vec<(usize, String)>,
}

impl<'a> Units<'_, 'a> {
    fn run(&mut self) {
        let text = self.text;
        let mut at = 0;
        while at < text.tokens.len() {
            at = match text.at(at) {
                "}" => {
                    self.scopes.pop();
                    at + 1
                }
                "namespace" => self.namespace(at + 1),
                "inline" if text.at(at + 1) == "namespace" => at + 1,
                "extern" if text.at(at + 1) == "{" => {
                    self.scopes.push(Some(String::new()));
                    at + 2
                }
                "using" => self.using(at),
                "template" => self.declaration(after_angles(text, at + 1), true),
                word if word == "typedef" || text.tokens[at].is_word() => {
                    self.declaration(at, false)
                }
                ":" => self.declaration(at, false),
                "{" | "(" | "[" => text.close(at) + 1,
                _ => at + 1,
            };
        }
    }

    /// The namespaces around, `a::b`; `None` where nobody outside calls.
    fn scope(&self) -> Option<String> {
        if self.scopes.len() > MAX_SCOPES {
            return None;
        }
        let names: Option<Vec<&str>> = self.scopes.iter().map(Option::as_deref).collect();
        let names: Vec<_> = names?.into_iter().filter(|name| !name.is_empty()).collect();
        Some(names.join("::"))
    }

    /// Behind `namespace`: enters it, or passes over an alias.
    fn namespace(&mut self, mut at: usize) -> usize {
        let mut path = Vec::new();
        while self.text.tokens.get(at).is_some_and(|token| token.is_word() || token.text == ":") {
            path.push(self.text.at(at));
            at += 1;
        }
        if self.text.at(at) != "{" {
            return self.end_of_statement(at);
        }
        let hidden = path.is_empty()
            || path.len() > 64
            || path.iter().any(|name| matches!(*name, "detail" | "details" | "internal" | "impl"));
        self.scopes.push((!hidden).then(|| path.concat()));
        at + 1
    }

    fn end_of_statement(&self, mut at: usize) -> usize {
        while at < self.text.tokens.len() && self.text.at(at) != ";" {
            at = if self.text.at(at) == "{" { self.text.close(at) + 1 } else { at + 1 };
        }
        at + 1
    }

    /// `using A = T;`
    fn using(&mut self, at: usize) -> usize {
        let end = self.end_of_statement(at);
        if self.text.at(at + 2) == "=" {
            let meaning = Meaning::Alias(at + 3..end.saturating_sub(1));
            self.define(self.text.at(at + 1), at, meaning);
        }
        end
    }

    fn define(&mut self, name: &str, at: usize, meaning: Meaning) {
        if self.scopes.len() > MAX_SCOPES {
            return;
        }
        let names = self.scopes.iter().map(|name| name.as_deref().unwrap_or_default());
        let scope = names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join("::");
        let path = if scope.is_empty() { name.to_owned() } else { format!("{scope}::{name}") };
        let line = self.text.line(at);
        self.types.definitions.entry(path).or_insert(Definition { meaning, line, scope });
    }

    /// A declaration of anything else; gives the place behind it.
    fn declaration(&mut self, start: usize, template: bool) -> usize {
        let text = self.text;
        let (mut at, mut params, mut angles, mut given) = (start, None, 0usize, false);
        while at < text.tokens.len() {
            let before = at.checked_sub(1).map_or("", |at| text.at(at));
            match text.at(at) {
                ";" => {
                    self.alias(start, at);
                    return at + 1;
                }
                "}" => return at,
                "=" => given = true,
                "<" if params.is_none() => angles += 1,
                ">" if params.is_none() => angles = angles.saturating_sub(1),
                "(" => {
                    let named = at > start && text.tokens[at - 1].is_word();
                    if named && !given && angles == 0 && !WITH_PARENTHESES.contains(&before) {
                        params = params.or(Some(at));
                    }
                    at = text.close(at);
                }
                "[" => at = text.close(at),
                "{" if params.is_none() && !given && self.keyword(start, at).is_some() => {
                    return self.type_definition(start, at, template);
                }
                "{" => {
                    let close = text.close(at);
                    if let Some(open) = params.filter(|_| !given) {
                        self.function(start, open, at, template);
                        return self.after_body(close + 1);
                    }
                    at = close;
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// The members that a constructor initialises with braces come before its body.
    fn after_body(&self, mut at: usize) -> usize {
        while matches!(self.text.at(at), "," | "{") {
            while at < self.text.tokens.len() && self.text.at(at) != "{" {
                at += 1;
            }
            at = self.text.close(at) + 1;
        }
        at
    }

    /// The place of the `struct`, `class`, `union` or `enum` that a declaration begins with.
    fn keyword(&self, start: usize, end: usize) -> Option<usize> {
        const BEFORE: [&str; 5] = ["typedef", "static", "const", "inline", "constexpr"];
        let at = (start..end).find(|at| !BEFORE.contains(&self.text.at(*at)))?;
        matches!(self.text.at(at), "struct" | "class" | "union" | "enum").then_some(at)
    }

    /// A struct, enum or the like with its body at `open`; gives the place behind it.
    fn type_definition(&mut self, start: usize, open: usize, template: bool) -> usize {
        let text = self.text;
        let Some(keyword) = self.keyword(start, open) else { return open + 1 };
        let body = open + 1..text.close(open).min(text.tokens.len());
        let end = self.end_of_statement(body.end);
        let scoped = matches!(text.at(keyword + 1), "class" | "struct");
        let head = without_attributes(text.slice(keyword + 1 + usize::from(scoped)..open));
        let mut tag = head.first().filter(|token| token.is_word()).map(|token| token.text);
        let derived = head.iter().any(|token| token.text == ":") && text.at(keyword) != "enum";
        let typedef = (start..keyword).any(|at| text.at(at) == "typedef");
        let alias = text.at(end.saturating_sub(2));
        if typedef && end.saturating_sub(2) > body.end {
            // `typedef struct tag { … } Name;` is known by the name that people use.
            let both = tag.filter(|tag| *tag != alias);
            if let Some(tag) = both {
                self.define(tag, open, Meaning::Alias(end - 2..end - 1));
            }
            tag = Some(alias);
        }
        let Some(name) = tag else { return end };
        let meaning = match text.at(keyword) {
            _ if template => Meaning::Unreadable("is a template"),
            "union" => Meaning::Unreadable("is a union, which has no WIT type"),
            "enum" => Meaning::Enum { body: body.clone(), scoped },
            _ if derived => Meaning::Unreadable("has a base, which a record cannot have"),
            "class" if text.at(body.start) != "public" => {
                Meaning::Unreadable("is a class with private members")
            }
            _ => Meaning::Struct(body.clone()),
        };
        if matches!(text.at(keyword), "class" | "struct") && !self.is_c {
            self.methods_of(name, body);
        }
        self.define(name, keyword, meaning);
        end
    }

    /// Remembers the first functions of a class, such as that of `class Solution`.
    fn methods_of(&mut self, class: &str, body: Range<usize>) {
        let mut at = body.start;
        while at < body.end && self.methods.len() < 16 {
            if self.text.at(at) == "{" {
                at = self.text.close(at);
            } else if self.text.at(at) == "(" {
                let name = self.text.at(at - 1);
                let close = self.text.close(at);
                let defined = matches!(self.text.at(close + 1), "{" | "const" | "noexcept");
                if defined && self.text.tokens[at - 1].is_word() && name != class {
                    self.methods.push((self.text.line(at), format!("{class}::{name}")));
                }
                at = close;
            }
            at += 1;
        }
    }

    /// `typedef T name;`
    fn alias(&mut self, start: usize, end: usize) {
        if end < start + 3 || self.text.at(start) != "typedef" || self.text.at(end - 2) == "struct"
        {
            return;
        }
        if let Some(name) = self.text.tokens.get(end - 1).filter(|token| token.is_word()) {
            self.define(name.text, start, Meaning::Alias(start + 1..end - 1));
        }
    }

    /// A function with a body.
    fn function(&mut self, start: usize, open: usize, body: usize, template: bool) {
        let text = self.text;
        let mut from = open - 1;
        let own = text.at(from);
        while from >= start + 3 && text.at(from - 1) == ":" && text.at(from - 2) == ":" {
            from -= 2;
            if !text.tokens[from - 1].is_word() {
                break;
            }
            from -= 1;
        }
        let qualifiers: Vec<&str> =
            (from..open - 1).map(|at| text.at(at)).filter(|word| *word != ":").collect();
        let result = start..from;
        let any = |word: &str| result.clone().any(|at| text.at(at) == word);
        let Some(scope) = self.scope() else { return };
        if STATEMENTS.contains(&own) || result.is_empty() || any("operator") || any("static") {
            return;
        }
        let line = text.line(open - 1);
        let mut path: Vec<&str> = scope.split("::").filter(|name| !name.is_empty()).collect();
        path.extend(&qualifiers);
        path.push(own);
        let path = path.join("::");
        if own == "main" && scope.is_empty() {
            return self.out.skip(line, "main", "the program's entry is not called");
        }
        if template {
            let reason = "a template is no single function; write one for the types you need";
            return self.out.skip(line, &path, reason);
        }
        if !qualifiers.is_empty() {
            return self.out.skip(line, &path, "a member of a class is not exported");
        }
        let head = Head {
            result,
            params: open + 1..text.close(open),
            trailing: text.close(open) + 1..body,
            scope,
        };
        let candidate = Candidate { name: own.to_owned(), path, line };
        self.found.push((candidate, head));
    }
}

/// The place behind the angle that closes the one at `at`.
fn after_angles(text: &Text<'_>, mut at: usize) -> usize {
    let mut depth = 0usize;
    while at < text.tokens.len() {
        match text.at(at) {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            "(" | "[" => at = text.close(at),
            ";" | "{" => return at,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}
