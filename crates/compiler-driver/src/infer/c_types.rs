//! Types of C and C++ as they are declared, to WIT: a recursive reader of bounded depth over the
//! tokens of one declaration, and the structs, enums and aliases of the source, each resolved
//! when a function first uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use saggar_skill_abi::Type;

use super::builder::{Builder, Prefix};
use super::c_records::cases;
use super::c_shapes::{Shape, arithmetic, combine};
use super::c_text::Text;
use super::c_words::{ARITHMETIC, Container, QUALIFIERS, SPECIFIERS, container, scalar};
use super::{c_header, names};
use crate::symbols::Token;

/// Deepest nesting of a type, and most types of one declaration with its aliases written out.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 4096;

/// What a name of the source stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    Struct(Range<usize>),
    Enum { body: Range<usize>, scoped: bool },
    Alias(Range<usize>),
    Unreadable(&'static str),
}

/// A type that the source defines.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) meaning: Meaning,
    pub(super) line: usize,
    /// The namespaces it stands in, `a::b`.
    pub(super) scope: String,
}

/// The types of a source.
pub(super) struct Types<'a> {
    pub(super) text: &'a Text<'a>,
    pub(super) is_c: bool,
    pub(super) definitions: BTreeMap<String, Definition>,
    /// Paths by what they end in, as far as it tells; made when it is first needed.
    own: Option<BTreeMap<String, Option<String>>>,
    resolved: BTreeMap<String, Result<Shape, String>>,
    /// Definitions being resolved: one that names itself has no end.
    open: BTreeSet<String>,
    /// Levels around the definition being resolved.
    outer: usize,
    spent: usize,
}

/// A place in the tokens of one declaration.
pub(super) struct Cursor<'t, 'a> {
    pub(super) tokens: &'t [Token<'a>],
    pub(super) at: usize,
}

impl<'a> Cursor<'_, 'a> {
    pub(super) fn peek(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |token| token.text)
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.peek() == word;
        self.at += usize::from(found);
        found
    }

    /// Skips to a comma or the closing angle of the list it is in.
    pub(super) fn skip_argument(&mut self) {
        let mut depth = 0usize;
        while self.at < self.tokens.len() {
            match self.peek() {
                "," if depth == 0 => return,
                ">" if depth == 0 => return,
                "<" | "(" | "[" | "{" => depth += 1,
                ">" | ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }
}

impl<'a> Types<'a> {
    pub(super) fn new(text: &'a Text<'a>, is_c: bool) -> Self {
        Types {
            text,
            is_c,
            definitions: BTreeMap::new(),
            own: None,
            resolved: BTreeMap::new(),
            open: BTreeSet::new(),
            outer: 0,
            spent: 0,
        }
    }

    /// A new declaration begins.
    pub(super) fn begin(&mut self) {
        self.spent = 0;
    }

    /// A parameter, field or result: its type, and its name if it has one.
    pub(super) fn declared(
        &mut self,
        out: &mut Builder<'_>,
        tokens: &[Token<'a>],
        scope: &str,
    ) -> Result<(Shape, Option<String>), String> {
        let mut cursor = Cursor { tokens, at: 0 };
        let (base, constant) = self.base(out, &mut cursor, scope, 0)?;
        let (shape, name) = self.declarator(&mut cursor, base, constant)?;
        match cursor.peek() {
            "" | "=" | "{" => Ok((shape, name)),
            ":" => Err("a bit field has no WIT type".to_owned()),
            "." => Err("a variable number of arguments has no WIT type".to_owned()),
            other => Err(format!("`{other}` in the declaration is not understood")),
        }
    }

    /// What stands between a type and its end: pointers, references, a name, array brackets.
    pub(super) fn declarator(
        &mut self,
        cursor: &mut Cursor<'_, 'a>,
        base: Shape,
        constant: bool,
    ) -> Result<(Shape, Option<String>), String> {
        let (mut shape, mut constant) = (base, constant);
        let mut name = None;
        let mut levels = 0;
        let to = |shape| Box::new(shape);
        loop {
            match cursor.peek() {
                "*" => {
                    shape = Shape::Pointer { to: to(shape), constant };
                    constant = false;
                    levels += 1;
                }
                "&" if matches!(shape, Shape::Reference { .. }) => {}
                "&" => {
                    let moved = cursor.tokens.get(cursor.at + 1).is_some_and(|t| t.text == "&");
                    shape = Shape::Reference { to: to(shape), constant: constant || moved };
                }
                "const" => constant = true,
                word if QUALIFIERS.contains(&word) => {}
                "[" => {
                    let inner = skip_brackets(cursor);
                    if inner > 1 && cursor.peek() == "[" {
                        return Err("an array of arrays has no form; use a list".to_owned());
                    }
                    shape = Shape::Pointer { to: to(shape), constant };
                    constant = false;
                    levels += 1;
                    continue;
                }
                "(" => return Err("a function pointer has no WIT type".to_owned()),
                word if name.is_none()
                    && cursor.tokens.get(cursor.at).is_some_and(Token::is_word) =>
                {
                    name = Some(word.to_owned());
                }
                _ => return Ok((shape, name)),
            }
            if levels > MAX_DEPTH {
                return Err("too many pointers".to_owned());
            }
            cursor.at += 1;
        }
    }

    /// The type before the declarator, and whether it is constant.
    pub(super) fn base(
        &mut self,
        out: &mut Builder<'_>,
        cursor: &mut Cursor<'_, 'a>,
        scope: &str,
        depth: usize,
    ) -> Result<(Shape, bool), String> {
        if self.outer + depth > MAX_DEPTH {
            return Err(format!("types are nested more than {MAX_DEPTH} deep"));
        }
        self.spend(1)?;
        let mut constant = false;
        let mut numbers: Vec<&str> = Vec::new();
        let mut shape = None;
        while let Some(token) = cursor.tokens.get(cursor.at) {
            match token.text {
                "const" => constant = true,
                word if QUALIFIERS.contains(&word) || SPECIFIERS.contains(&word) => {}
                "complex" | "_Complex" | "_Atomic" | "_BitInt" | "decltype" => {
                    return Err(format!("`{}` has no WIT type", token.text));
                }
                word if shape.is_none() && ARITHMETIC.contains(&word) => numbers.push(word),
                ":" if shape.is_none() && numbers.is_empty() => {}
                _ if shape.is_none() && numbers.is_empty() && token.is_word() => {
                    shape = Some(self.named(out, cursor, scope, depth)?);
                    continue;
                }
                _ => break,
            }
            cursor.at += 1;
        }
        let shape = match shape {
            Some(shape) => shape,
            None if !numbers.is_empty() => arithmetic(&numbers)?,
            None => return Err("there is no type".to_owned()),
        };
        Ok((shape, constant))
    }

    /// A type that has a name, perhaps with arguments in angles.
    fn named(
        &mut self,
        out: &mut Builder<'_>,
        cursor: &mut Cursor<'_, 'a>,
        scope: &str,
        depth: usize,
    ) -> Result<Shape, String> {
        let mut path = Vec::new();
        loop {
            path.push(cursor.peek());
            cursor.at += 1;
            let more = cursor.peek() == ":"
                && cursor.tokens.get(cursor.at + 1).is_some_and(|token| token.text == ":")
                && cursor.tokens.get(cursor.at + 2).is_some_and(Token::is_word);
            if !more || path.len() > MAX_DEPTH {
                break;
            }
            cursor.at += 2;
        }
        let whole = path.join("::");
        let own = path.last().copied().unwrap_or_default();
        if cursor.peek() == "<" {
            return self.applied(out, cursor, scope, &whole, depth);
        }
        if let Some(found) = self.find(&whole, scope) {
            return self.resolve(out, &found, depth);
        }
        Ok(match own {
            "void" => Shape::Void,
            "auto" => Shape::Auto,
            "string" | "string_view" if !self.is_c => Shape::Value(Type::String),
            "u32string" | "u32string_view" => Shape::Value(Type::Char.list()),
            "u8string" | "u16string" | "wstring" | "wchar_t" | "char16_t" | "wstring_view" => {
                return Err(format!("`{whole}` has no WIT type; use std::string for text"));
            }
            "char8_t" | "byte" => {
                return Err(format!("`{whole}` has no WIT type; use unsigned char for bytes"));
            }
            "monostate" => Shape::Void,
            _ => match (scalar(own).or_else(|| c_header::read(own)), self.used(&whole)) {
                (Some(ty), _) => Shape::Value(ty),
                (None, Some(found)) => return self.resolve(out, &found, depth),
                (None, None) if own.starts_with("saggar_") => {
                    return Err(format!(
                        "`{whole}` of saggar.h is made from the interface, which must be written \
                         first"
                    ));
                }
                (None, None) => return Err(format!("`{whole}` is not defined in this source")),
            },
        })
    }

    /// `vector<…>` and its like.
    fn applied(
        &mut self,
        out: &mut Builder<'_>,
        cursor: &mut Cursor<'_, 'a>,
        scope: &str,
        whole: &str,
        depth: usize,
    ) -> Result<Shape, String> {
        let own = whole.rsplit("::").next().unwrap_or(whole);
        let Some(kind) = container(own) else {
            return Err(format!("the template `{whole}` has no WIT type"));
        };
        cursor.at += 1;
        let wanted = match kind {
            Container::Tuple | Container::Result => usize::MAX,
            Container::Map => 2,
            _ => 1,
        };
        let mut arguments = Vec::new();
        while !matches!(cursor.peek(), ">" | "") {
            if arguments.len() < wanted {
                let (base, constant) = self.base(out, cursor, scope, depth + 1)?;
                let (shape, _) = self.declarator(cursor, base, constant)?;
                arguments.push(shape);
                if !matches!(cursor.peek(), "," | ">") {
                    return Err(format!("`{whole}<…>` is not understood"));
                }
            } else {
                cursor.skip_argument();
            }
            cursor.eat(",");
        }
        if !cursor.eat(">") {
            return Err(format!("`{whole}<` is not closed"));
        }
        combine(kind, whole, arguments).map(Shape::Value)
    }

    /// The whole path of a name that the source defines, looked for from the inside out.
    fn find(&self, name: &str, scope: &str) -> Option<String> {
        let mut scope = scope;
        loop {
            let path = if scope.is_empty() { name.to_owned() } else { format!("{scope}::{name}") };
            if self.definitions.contains_key(&path) {
                return Some(path);
            }
            if scope.is_empty() {
                return None;
            }
            scope = scope.rsplit_once("::").map_or("", |(outer, _)| outer);
        }
    }

    /// The whole path of a name that `using` may have brought here: the only one that ends so.
    fn used(&mut self, name: &str) -> Option<String> {
        let definitions = &self.definitions;
        let own = self.own.get_or_insert_with(|| names::by_own_name(definitions.keys()));
        own.get(name).cloned().flatten()
    }

    fn resolve(
        &mut self,
        out: &mut Builder<'_>,
        path: &str,
        depth: usize,
    ) -> Result<Shape, String> {
        if !self.resolved.contains_key(path) {
            if !self.open.insert(path.to_owned()) {
                return Err(format!("`{path}` holds itself, which has no WIT type"));
            }
            let definition = self.definitions.get(path).cloned();
            let before = (std::mem::take(&mut self.spent), self.outer);
            self.outer += depth + 1;
            let shape = match definition {
                Some(definition) => self.meaning(out, path, &definition),
                None => Err(format!("`{path}` is not defined")),
            };
            (self.spent, self.outer) = before;
            self.open.remove(path);
            self.resolved.insert(path.to_owned(), shape);
        }
        let shape = self.resolved[path].clone()?;
        let mut inside = &shape;
        while let Shape::Pointer { to, .. } | Shape::Reference { to, .. } = inside {
            inside = to;
        }
        if let Shape::Value(ty) = inside {
            self.admit(out.measure(ty))?;
        }
        Ok(shape)
    }

    fn meaning(
        &mut self,
        out: &mut Builder<'_>,
        path: &str,
        definition: &Definition,
    ) -> Result<Shape, String> {
        let text = self.text;
        match &definition.meaning {
            Meaning::Unreadable(why) => Err(format!("`{path}` {why}")),
            Meaning::Alias(range) => {
                let (shape, _) =
                    self.declared(out, text.slice(range.clone()), &definition.scope)?;
                Ok(shape)
            }
            Meaning::Enum { body, scoped } => {
                let cases = cases(text, body.clone());
                if cases.is_empty() {
                    return Err(format!("`{path}` has no case"));
                }
                let prefix = if *scoped { Prefix::K } else { Prefix::Type };
                Ok(Shape::Value(out.cases(path, definition.line, &cases, prefix)?))
            }
            Meaning::Struct(body) => self.structure(out, path, definition, body.clone()),
        }
    }

    /// Takes in a type that was read before: aliases can be nested without end.
    fn admit(&mut self, (nodes, depth): (usize, usize)) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("types are nested more than {MAX_DEPTH} deep"));
        }
        self.spend(nodes)
    }

    pub(super) fn spend(&mut self, nodes: usize) -> Result<(), String> {
        self.spent = self.spent.saturating_add(nodes);
        if self.spent > MAX_NODES {
            return Err(format!("it is made of more than {MAX_NODES} types"));
        }
        Ok(())
    }
}

/// Skips brackets and gives how many tokens they were.
fn skip_brackets(cursor: &mut Cursor<'_, '_>) -> usize {
    let (start, mut depth) = (cursor.at, 0usize);
    while cursor.at < cursor.tokens.len() {
        match cursor.peek() {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => {}
        }
        cursor.at += 1;
        if depth == 0 {
            break;
        }
    }
    cursor.at - start
}
