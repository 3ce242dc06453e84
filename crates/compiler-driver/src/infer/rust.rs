//! Types of Rust as they are declared, to WIT: a recursive reader of bounded depth over token
//! trees, with the structs, enums and aliases of the source, each resolved when a function first
//! uses it. The text is hostile: nothing recurses deeper than a bound.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use saggar_skill_abi::Type;

use super::builder::{Builder, Candidate, Prefix};
use super::rust_items::{Definition, Head, Items, Meaning, Trees, generic, plain};
use super::{Inferred, names};

/// Deepest nesting of a type, and most types of one declaration with its aliases written out.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 4096;

/// Reads the interface of a Rust source.
pub(super) fn infer(source: &str) -> Inferred {
    let mut out = Builder::new(source);
    let stream = match source.parse::<TokenStream>() {
        Ok(stream) => stream,
        Err(error) => {
            out.skip(error.span().start().line.max(1), "the source", "these are no Rust tokens");
            return out.finish();
        }
    };
    let mut items = Items::default();
    items.module(stream, "", true, 0);
    let found = items.exported(&mut out);
    if found.is_empty() {
        for (line, name) in std::mem::take(&mut items.methods) {
            out.skip(line, &name, "a method; write a free function that calls it");
        }
    }
    let mut types = Types {
        items: &items,
        own: names::by_own_name(items.definitions.keys()),
        resolved: BTreeMap::new(),
        open: BTreeSet::new(),
        outer: 0,
        spent: 0,
    };
    for (wit, candidate, head) in out.name(found) {
        types.spent = 0;
        match signature(&mut out, &mut types, &candidate, head) {
            Ok((params, result)) => out.add(wit, &candidate, params, result),
            Err(reason) => out.skip(candidate.line, &candidate.path, reason),
        }
    }
    let found = out.finish();
    // The lexer keeps every text it has seen, to know its lines.
    proc_macro2::extra::invalidate_current_thread_spans();
    found
}

type Signature = (Vec<(Option<String>, Type)>, Option<Type>);

fn signature(
    out: &mut Builder<'_>,
    types: &mut Types<'_>,
    candidate: &Candidate,
    head: Head,
) -> Result<Signature, String> {
    if generic(&head.generics) {
        return Err("it is generic; write one for the types you need".to_owned());
    }
    if head.asynchronous {
        return Err("it is async; a skill's functions return their result".to_owned());
    }
    let mut trees = Trees::new(head.params);
    let mut params = Vec::new();
    let mut changed = false;
    while !trees.done() {
        trees.attributes();
        let name = pattern(&mut trees);
        let shown = name.clone().unwrap_or_else(|| format!("parameter {}", params.len() + 1));
        let reference = trees.is_punct(0, '&');
        let mut scope = Scope { line: candidate.line, module: &head.module, mutable: false };
        let ty = types.read(out, &mut trees, &mut scope, 0);
        let ty = ty.and_then(|ty| ty.ok_or("`()` is no value".to_owned()));
        let ty = ty.map_err(|why| format!("`{shown}`: {why}"))?;
        if scope.mutable && reference {
            changed = true;
            let message = format!(
                "`{shown}` is taken as `&mut` and may be changed; the caller does not see that, \
                 only the result"
            );
            out.note(candidate.line, message);
        }
        if !trees.done() && !trees.eat_punct(',') {
            return Err(format!("`{shown}` is not understood"));
        }
        params.push((name, ty));
    }
    let mut trees = Trees::of(head.result);
    let mut scope = Scope { line: candidate.line, module: &head.module, mutable: false };
    let result = match trees.done() {
        true => None,
        false => types
            .read(out, &mut trees, &mut scope, 0)
            .map_err(|why| format!("the result: {why}"))?,
    };
    if !trees.done() {
        return Err("its result is not understood".to_owned());
    }
    if result.is_none() && changed {
        let message = "it returns nothing: what it leaves in its arguments is lost; return it";
        out.note(candidate.line, message.to_owned());
    }
    Ok((params, result))
}

/// A parameter's name, up to and with the colon.
fn pattern(trees: &mut Trees) -> Option<String> {
    let mut words = Vec::new();
    while !trees.done() {
        if trees.eat_colons() {
            words.clear();
            continue;
        }
        if trees.eat_punct(':') {
            break;
        }
        if !trees.eat_word("mut") {
            words.push(trees.word(0));
            trees.next();
        }
    }
    match words.as_slice() {
        [Some(name)] => Some(plain(name)),
        _ => None,
    }
}

/// Where a type stands.
struct Scope<'s> {
    line: usize,
    module: &'s str,
    /// Whether a `&mut` was met.
    mutable: bool,
}

/// The types of a source.
struct Types<'a> {
    items: &'a Items,
    /// Paths by what they end in, for names that `use` brought.
    own: BTreeMap<String, Option<String>>,
    resolved: BTreeMap<String, Result<Option<Type>, String>>,
    /// Definitions being resolved: one that names itself has no end.
    open: BTreeSet<String>,
    /// Levels around the definition being resolved.
    outer: usize,
    spent: usize,
}

impl Types<'_> {
    /// Reads a type; `None` is `()`.
    fn read(
        &mut self,
        out: &mut Builder<'_>,
        trees: &mut Trees,
        scope: &mut Scope<'_>,
        depth: usize,
    ) -> Result<Option<Type>, String> {
        if self.outer + depth > MAX_DEPTH {
            return Err(format!("types are nested more than {MAX_DEPTH} deep"));
        }
        self.spend(1)?;
        while trees.eat_punct('&') {
            trees.lifetime();
            scope.mutable |= trees.eat_word("mut");
        }
        if let Some(group) = trees.group(Delimiter::Parenthesis) {
            trees.next();
            return self.tuple(out, &mut Trees::new(group.stream()), scope, depth);
        }
        if let Some(group) = trees.group(Delimiter::Bracket) {
            trees.next();
            let mut inside = Trees::new(group.stream());
            let element = self.value(out, &mut inside, scope, depth + 1)?;
            return Ok(Some(element.list()));
        }
        trees.eat_colons();
        match trees.word(0).as_deref() {
            Some("impl") => Err("`impl Trait` names no type; write it out".to_owned()),
            Some("dyn") => Err("`dyn Trait` names no type; write it out".to_owned()),
            Some("fn") => Err("a function pointer has no WIT type".to_owned()),
            Some(_) => self.path(out, trees, scope, depth),
            None if trees.is_punct(0, '*') => {
                Err("a raw pointer says nothing of how many values it points to".to_owned())
            }
            None => Err("there is no type that is understood".to_owned()),
        }
    }

    /// A type that is not `()`.
    fn value(
        &mut self,
        out: &mut Builder<'_>,
        trees: &mut Trees,
        scope: &mut Scope<'_>,
        depth: usize,
    ) -> Result<Type, String> {
        self.read(out, trees, scope, depth)?.ok_or("`()` is no value".to_owned())
    }

    fn tuple(
        &mut self,
        out: &mut Builder<'_>,
        trees: &mut Trees,
        scope: &mut Scope<'_>,
        depth: usize,
    ) -> Result<Option<Type>, String> {
        let (mut members, mut commas) = (Vec::new(), 0usize);
        while !trees.done() {
            members.push(self.read(out, trees, scope, depth + 1)?);
            if !trees.done() && !trees.eat_punct(',') {
                return Err("a tuple is not understood".to_owned());
            }
            commas += usize::from(!trees.done());
        }
        // `(T)` is `T`; `(T,)` ends with the comma and has one member.
        let trailing = trees.ends_with_comma();
        if members.len() == 1 && commas == 0 && !trailing {
            return Ok(members.swap_remove(0));
        }
        if members.is_empty() {
            return Ok(None);
        }
        let members: Option<Vec<Type>> = members.into_iter().collect();
        Ok(Some(Type::Tuple(members.ok_or("`()` is no value")?)))
    }

    fn path(
        &mut self,
        out: &mut Builder<'_>,
        trees: &mut Trees,
        scope: &mut Scope<'_>,
        depth: usize,
    ) -> Result<Option<Type>, String> {
        let mut names = Vec::new();
        while let Some(name) = trees.word(0).filter(|_| names.len() < MAX_DEPTH) {
            names.push(plain(&name));
            trees.next();
            if !trees.is_punct(0, ':') || !trees.is_punct(1, ':') || trees.is_punct(2, '<') {
                break;
            }
            trees.eat_colons();
        }
        trees.eat_colons();
        let own = names.last().cloned().unwrap_or_default();
        let applied = trees.is_punct(0, '<');
        if own == "Result" {
            return self.outcome(out, trees, scope, depth).map(Some);
        }
        if !applied {
            if let Some(found) = self.find(&names, scope.module) {
                return self.resolve(out, &found, depth);
            }
            let used = if names.len() == 1 { self.own.get(&own).cloned().flatten() } else { None };
            return match (scalar(&own), used) {
                (Some(ty), _) => Ok(Some(ty)),
                (None, Some(found)) => self.resolve(out, &found, depth),
                (None, None) => {
                    Err(format!("`{}` is not defined in this source", names.join("::")))
                }
            };
        }
        if let Some(found) = self.find(&names, scope.module) {
            // Only lifetimes can stand in the angles of what can be resolved.
            trees.angles();
            return self.resolve(out, &found, depth);
        }
        trees.eat_punct('<');
        let ty = self.applied(out, trees, scope, depth, &own)?;
        // What is left are an allocator or a hasher.
        while trees.eat_punct(',') {
            trees.skip_argument();
        }
        match trees.eat_punct('>') {
            true => Ok(Some(ty)),
            false => Err(format!("`{own}<…>` is not understood")),
        }
    }

    /// The first arguments of a type of the standard library.
    fn applied(
        &mut self,
        out: &mut Builder<'_>,
        trees: &mut Trees,
        scope: &mut Scope<'_>,
        depth: usize,
        own: &str,
    ) -> Result<Type, String> {
        if trees.lifetime() {
            trees.eat_punct(',');
        }
        Ok(match own {
            "Vec" | "VecDeque" | "LinkedList" | "HashSet" | "BTreeSet" | "BinaryHeap" => {
                self.value(out, trees, scope, depth + 1)?.list()
            }
            "Option" => self.value(out, trees, scope, depth + 1)?.option(),
            "Box" | "Rc" | "Arc" | "Cow" => self.value(out, trees, scope, depth + 1)?,
            "HashMap" | "BTreeMap" => {
                let key = self.value(out, trees, scope, depth + 1)?;
                if !trees.eat_punct(',') {
                    return Err(format!("`{own}` takes two types"));
                }
                Type::Tuple(vec![key, self.value(out, trees, scope, depth + 1)?]).list()
            }
            _ => return Err(format!("`{own}<…>` has no WIT type")),
        })
    }

    /// `Result<T, E>`, and `Result<T>` of a library or alias. An error that is no plain value is
    /// its text.
    fn outcome(
        &mut self,
        out: &mut Builder<'_>,
        trees: &mut Trees,
        scope: &mut Scope<'_>,
        depth: usize,
    ) -> Result<Type, String> {
        let boxed = |ty: Option<Type>| ty.map(Box::new);
        if !trees.eat_punct('<') {
            return Err("`Result` without its types is not understood".to_owned());
        }
        let ok = boxed(self.read(out, trees, scope, depth + 1)?);
        let mut err = boxed(Some(Type::String));
        if trees.eat_punct(',') && !trees.is_punct(0, '>') {
            let place = trees.place();
            let text = trees.word(0).is_some_and(|name| self.items.displayed.contains(&name));
            match self.read(out, trees, scope, depth + 1) {
                Ok(ty) if !text && trees.ends_argument() => err = boxed(ty),
                _ => {
                    trees.back_to(place);
                    let shown = trees.skip_argument();
                    let message =
                        format!("the error `{shown}` is a string here, the text it is shown as");
                    out.note(scope.line, message);
                }
            }
        }
        trees.eat_punct(',');
        match trees.eat_punct('>') {
            true => Ok(Type::Result { ok, err }),
            false => Err("`Result<…>` is not understood".to_owned()),
        }
    }

    /// The whole path of a name that the source defines, looked for from the inside out.
    fn find(&self, names: &[String], module: &str) -> Option<String> {
        let mut module = module;
        let mut names = names;
        while let Some((first, rest)) = names.split_first() {
            match first.as_str() {
                "crate" => module = "",
                "super" => module = module.rsplit_once("::").map_or("", |(outer, _)| outer),
                "self" => {}
                _ => break,
            }
            names = rest;
        }
        let name = names.join("::");
        loop {
            let path = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
            if self.items.definitions.contains_key(&path) {
                return Some(path);
            }
            if module.is_empty() {
                return None;
            }
            module = module.rsplit_once("::").map_or("", |(outer, _)| outer);
        }
    }

    fn resolve(
        &mut self,
        out: &mut Builder<'_>,
        path: &str,
        depth: usize,
    ) -> Result<Option<Type>, String> {
        if !self.resolved.contains_key(path) {
            if !self.open.insert(path.to_owned()) {
                return Err(format!("`{path}` holds itself, which has no WIT type"));
            }
            let items = self.items;
            let before = (std::mem::take(&mut self.spent), self.outer);
            self.outer += depth + 1;
            let read = match items.definitions.get(path) {
                Some(definition) => self.meaning(out, path, definition),
                None => Err(format!("`{path}` is not defined")),
            };
            (self.spent, self.outer) = before;
            self.open.remove(path);
            self.resolved.insert(path.to_owned(), read);
        }
        let ty = self.resolved[path].clone()?;
        if let Some(ty) = &ty {
            self.admit(out.measure(ty))?;
        }
        Ok(ty)
    }

    fn meaning(
        &mut self,
        out: &mut Builder<'_>,
        path: &str,
        definition: &Definition,
    ) -> Result<Option<Type>, String> {
        let line = definition.line;
        let mut scope = Scope { line, module: &definition.module, mutable: false };
        match &definition.meaning {
            Meaning::Unreadable(why) => Err(format!("`{path}` {why}")),
            Meaning::Alias(target) => self.read(out, &mut Trees::of(target.clone()), &mut scope, 0),
            Meaning::Enum(body) => {
                let cases = cases(path, body.clone())?;
                out.cases(path, line, &cases, Prefix::None).map(Some)
            }
            Meaning::Struct(body) => {
                let mut trees = Trees::new(body.clone());
                let mut fields = Vec::new();
                while !trees.done() {
                    trees.attributes();
                    trees.visibility();
                    let name = pattern(&mut trees).ok_or(format!("`{path}` is not understood"))?;
                    let ty = self.value(out, &mut trees, &mut scope, 0);
                    let ty = ty.map_err(|why| format!("`{path}.{name}`: {why}"))?;
                    if !trees.done() && !trees.eat_punct(',') {
                        return Err(format!("`{path}.{name}` is not understood"));
                    }
                    fields.push((name, ty));
                }
                if fields.is_empty() {
                    return Err(format!("`{path}` has no field"));
                }
                out.record(path, line, fields).map(Some)
            }
        }
    }

    /// Takes in a type that was read before: aliases can be nested without end.
    fn admit(&mut self, (nodes, depth): (usize, usize)) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("types are nested more than {MAX_DEPTH} deep"));
        }
        self.spend(nodes)
    }

    fn spend(&mut self, nodes: usize) -> Result<(), String> {
        self.spent = self.spent.saturating_add(nodes);
        if self.spent > MAX_NODES {
            return Err(format!("it is made of more than {MAX_NODES} types"));
        }
        Ok(())
    }
}

/// The cases of an enum without payloads.
fn cases(path: &str, body: TokenStream) -> Result<Vec<String>, String> {
    let mut trees = Trees::new(body);
    let mut cases = Vec::new();
    while !trees.done() {
        trees.attributes();
        let Some(name) = trees.word(0) else { break };
        trees.next();
        if matches!(trees.peek(), Some(TokenTree::Group(_))) {
            return Err(format!("`{path}::{name}` carries values; a WIT enum has names only"));
        }
        cases.push(plain(&name));
        while !trees.done() && !trees.eat_punct(',') {
            trees.next();
        }
    }
    if cases.is_empty() {
        return Err(format!("`{path}` has no case"));
    }
    Ok(cases)
}

/// A type of one word, on Linux with 64 bits.
fn scalar(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "i8" => Type::S8,
        "i16" => Type::S16,
        "i32" => Type::S32,
        "i64" | "isize" => Type::S64,
        "u8" => Type::U8,
        "u16" => Type::U16,
        "u32" => Type::U32,
        "u64" | "usize" => Type::U64,
        "f32" => Type::F32,
        "f64" => Type::F64,
        "char" => Type::Char,
        "str" | "String" => Type::String,
        _ => return None,
    })
}
