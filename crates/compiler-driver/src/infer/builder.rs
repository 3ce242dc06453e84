//! Puts functions and types that were read together into an interface: gives each a WIT name of
//! its own, notes the names that the glue must be told, and keeps within the bounds of a plan's
//! interface. The readers of each language feed it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use saggar_skill_abi::{Enum, Field, Function, Interface, Param, Record, Type};

use super::names::{self, Unique};
use super::{Inferred, Note, Skipped, line};
use crate::symbols;

/// Most functions, types, levels and cases of a plan's interface.
const MAX_FUNCTIONS: usize = 256;
const MAX_TYPES: usize = 4096;
const MAX_DEPTH: usize = 32;
const MAX_CASES: usize = 4096;
/// Most notes and most skipped functions that are told.
const MAX_TOLD: usize = 100;

/// A function that was found and is still to be read.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Its own name.
    pub(super) name: String,
    /// The same with the namespaces or modules before it.
    pub(super) path: String,
    /// Where it is defined.
    pub(super) line: usize,
}

/// What may stand before the cases of an enum and is no part of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// Nothing.
    None,
    /// A `k`: `kRed`.
    K,
    /// A `k` or the type's name: `COLOR_RED`.
    Type,
}

/// A record or enum that has its name.
struct Defined {
    /// What the source calls it.
    path: String,
    nodes: usize,
    depth: usize,
    notes: Vec<Note>,
}

/// An interface under construction.
pub(super) struct Builder<'a> {
    identifiers: BTreeSet<&'a str>,
    names: Unique,
    functions: Vec<Function>,
    symbols: BTreeMap<String, String>,
    types: BTreeMap<String, Defined>,
    notes: Vec<Note>,
    skipped: Vec<Skipped>,
    /// Notes on the function being read.
    pending: Vec<Note>,
    left: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Builder {
            identifiers: symbols::identifiers(text),
            names: Unique::default(),
            functions: Vec::new(),
            symbols: BTreeMap::new(),
            types: BTreeMap::new(),
            notes: Vec::new(),
            skipped: Vec::new(),
            pending: Vec::new(),
            left: MAX_TYPES,
        }
    }

    /// Gives every candidate that can be exported its WIT name; the functions come before the
    /// types, so that it is a type that yields where both have one name.
    pub(super) fn name<T>(&mut self, found: Vec<(Candidate, T)>) -> Vec<(String, Candidate, T)> {
        let mut named = Vec::new();
        for (candidate, rest) in found {
            if named.len() == MAX_FUNCTIONS {
                self.skip(candidate.line, &candidate.path, "a skill has at most 256 functions");
                continue;
            }
            if !is_symbol(&candidate.path) {
                let reason = "a plan cannot name it; use letters, digits and underscores";
                self.skip(candidate.line, &candidate.path, reason);
                continue;
            }
            let plain = names::kebab(&candidate.name);
            let wit = self.names.take(plain.clone().unwrap_or_else(|| "function".to_owned()));
            if plain.as_ref() != Some(&wit) && plain.is_some() {
                let message = format!(
                    "another function is called `{}` too; this one is `{wit}` in the interface",
                    candidate.name
                );
                self.remark(candidate.line, message);
            }
            named.push((wit, candidate, rest));
        }
        named
    }

    /// Notes something about the function being read.
    pub(super) fn note(&mut self, at: usize, message: String) {
        self.pending.push(Note { line: line(at), message });
    }

    /// Notes something about the source.
    pub(super) fn remark(&mut self, at: usize, message: String) {
        self.notes.push(Note { line: line(at), message });
    }

    /// Leaves a function out.
    pub(super) fn skip(&mut self, at: usize, name: &str, reason: impl Into<String>) {
        self.pending.clear();
        let reason = reason.into();
        self.skipped.push(Skipped { line: line(at), name: name.to_owned(), reason });
    }

    /// Adds a function, or skips it where its types are too many or too deep.
    pub(super) fn add(
        &mut self,
        wit: String,
        candidate: &Candidate,
        params: Vec<(Option<String>, Type)>,
        result: Option<Type>,
    ) {
        let sizes: Vec<_> = params.iter().map(|(_, ty)| ty).chain(&result).collect();
        let sizes: Vec<_> = sizes.into_iter().map(|ty| self.measure(ty)).collect();
        let nodes = sizes.iter().fold(0usize, |sum, (nodes, _)| sum.saturating_add(*nodes));
        if nodes > self.left || sizes.iter().any(|(_, depth)| *depth > MAX_DEPTH) {
            let reason = format!("its types exceed {MAX_TYPES} in all or {MAX_DEPTH} levels");
            return self.skip(candidate.line, &candidate.path, reason);
        }
        self.left -= nodes;
        let mut taken = Unique::default();
        let params = params.into_iter().enumerate().map(|(at, (name, ty))| {
            let name = name.as_deref().and_then(names::kebab);
            Param { name: taken.take(name.unwrap_or_else(|| format!("p{}", at + 1))), ty }
        });
        let params = params.collect();
        if !self.found_unaided(&wit, &candidate.path) {
            self.symbols.insert(wit.clone(), candidate.path.clone());
        }
        self.functions.push(Function { name: wit, params, result });
        self.notes.append(&mut self.pending);
    }

    /// Whether the plan finds the function by its WIT name alone.
    fn found_unaided(&self, wit: &str, path: &str) -> bool {
        let [snake, camel] = symbols::spellings(wit);
        let other = if path == snake { &camel } else { &snake };
        (path == snake || path == camel)
            && (snake == camel || !self.identifiers.contains(other.as_str()))
    }

    /// A record of the source; `spelled` are its fields' names there.
    pub(super) fn record(
        &mut self,
        path: &str,
        at: usize,
        fields: Vec<(String, Type)>,
    ) -> Result<Type, String> {
        let mut notes = Vec::new();
        let (mut nodes, mut depth) = (1usize, 0);
        let mut taken = Unique::default();
        let mut named = Vec::new();
        for (spelled, ty) in fields {
            let (more, deep) = self.measure(&ty);
            nodes = nodes.saturating_add(more);
            depth = depth.max(deep);
            if nodes > MAX_TYPES {
                return Err(format!("`{path}` is larger than {MAX_TYPES} types"));
            }
            let kebab = names::kebab(&spelled);
            let name = taken.take(kebab.unwrap_or_else(|| "field".to_owned()));
            // A field of one word may end in an underscore, as one that would be a keyword does.
            let plain = spelled.strip_suffix('_').filter(|_| !name.contains('-'));
            let plain = plain.unwrap_or(&spelled);
            if plain != names::snake(&name) && plain != names::camel(&name) {
                let message = format!(
                    "field `{spelled}` of `{path}` is `{name}` in the interface; spell it \
                     `{}` or `{}` in the source",
                    names::snake(&name),
                    names::camel(&name)
                );
                notes.push(Note { line: line(at), message });
            }
            named.push(Field { name, ty });
        }
        let name = self.define(path, at, nodes, depth + 1, notes);
        Ok(Type::Record(Arc::new(Record { name, fields: named })))
    }

    /// An enum of the source.
    pub(super) fn cases(
        &mut self,
        path: &str,
        at: usize,
        spelled: &[String],
        prefix: Prefix,
    ) -> Result<Type, String> {
        if spelled.len() > MAX_CASES {
            return Err(format!("`{path}` has more than {MAX_CASES} cases"));
        }
        let own = path.rsplit("::").next().unwrap_or(path);
        let split: Vec<Vec<String>> = spelled.iter().map(|case| names::words(case)).collect();
        let prefix = shared_prefix(own, spelled, &split, prefix);
        let mut taken = Unique::default();
        let mut notes = Vec::new();
        let mut cases = Vec::new();
        for (spelling, words) in spelled.iter().zip(&split) {
            let plain = names::joined(&words[prefix..]);
            let case = taken.take(plain.unwrap_or_else(|| "case".to_owned()));
            let usual = [names::snake, names::camel, names::pascal, names::upper];
            let plain = spelling.strip_suffix('_').unwrap_or(spelling);
            if !usual.iter().any(|spell| plain.ends_with(&spell(&case))) {
                let message = format!(
                    "case `{spelling}` of `{path}` is `{case}` in the interface; spell it `{}`",
                    names::pascal(&case)
                );
                notes.push(Note { line: line(at), message });
            }
            cases.push(case);
        }
        let name = self.define(path, at, 1, 1, notes);
        Ok(Type::Enum(Arc::new(Enum { name, cases })))
    }

    fn define(
        &mut self,
        path: &str,
        at: usize,
        nodes: usize,
        depth: usize,
        mut notes: Vec<Note>,
    ) -> String {
        let own = path.rsplit("::").next().unwrap_or(path);
        let plain = names::kebab(own).unwrap_or_else(|| "item".to_owned());
        let name = self.names.take(plain);
        if !is_symbol(path) {
            let message =
                format!("type `{path}` is `{name}` in the interface; a plan cannot name it");
            notes.push(Note { line: line(at), message });
        }
        let path = path.to_owned();
        self.types.insert(name.clone(), Defined { path, nodes, depth, notes });
        name
    }

    /// Types in a type and levels of it. Records and enums were measured when they were defined:
    /// records of records would take exponential time to walk.
    pub(super) fn measure(&self, ty: &Type) -> (usize, usize) {
        let name = match ty {
            Type::Record(record) => &record.name,
            Type::Enum(cases) => &cases.name,
            _ => {
                let parts = ty.parts().into_iter().map(|part| self.measure(part));
                let (nodes, depth) = parts.fold((0usize, 0), |(nodes, depth), (more, deep)| {
                    (nodes.saturating_add(more), depth.max(deep))
                });
                return (nodes.saturating_add(1), depth + 1);
            }
        };
        self.types.get(name).map_or((1, 1), |known| (known.nodes, known.depth))
    }

    /// The interface, with the symbols and notes of the types that it uses.
    pub(super) fn finish(mut self) -> Inferred {
        let interface = Interface { functions: self.functions };
        for ty in interface.named_types() {
            let name = match ty {
                Type::Record(record) => &record.name,
                Type::Enum(cases) => &cases.name,
                _ => continue,
            };
            let Some(known) = self.types.remove(name) else { continue };
            self.notes.extend(known.notes);
            let usual = [names::pascal(name), names::snake(name)];
            if !usual.contains(&known.path) && is_symbol(&known.path) {
                self.symbols.insert(name.clone(), known.path);
            }
        }
        self.notes.sort_by_key(|note| note.line);
        self.skipped.sort_by_key(|skipped| skipped.line);
        if self.notes.len() > MAX_TOLD {
            let message = format!("{} more notes are left out", self.notes.len() - MAX_TOLD);
            self.notes.truncate(MAX_TOLD);
            self.notes.push(Note { line: self.notes[MAX_TOLD - 1].line, message });
        }
        self.skipped.truncate(MAX_TOLD);
        Inferred { interface, symbols: self.symbols, notes: self.notes, skipped: self.skipped }
    }
}

/// How many words of every case are the type's name, or the `k` of `kRed`.
fn shared_prefix(own: &str, spelled: &[String], split: &[Vec<String>], prefix: Prefix) -> usize {
    let k = |case: &String| {
        let mut chars = case.chars();
        chars.next() == Some('k') && chars.next().is_some_and(char::is_uppercase)
    };
    if prefix != Prefix::None && spelled.iter().all(k) {
        return 1;
    }
    if prefix != Prefix::Type {
        return 0;
    }
    let own = names::words(own);
    let begins = |words: &Vec<String>| words.len() > own.len() && words.starts_with(&own);
    let rest_is_name = |words: &Vec<String>| names::joined(&words[own.len()..]).is_some();
    if split.iter().all(begins) && split.iter().all(rest_is_name) { own.len() } else { 0 }
}

/// Whether a plan's `[symbols]` may name this.
fn is_symbol(path: &str) -> bool {
    let identifier = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    path.len() <= 128 && path.split("::").all(identifier)
}
