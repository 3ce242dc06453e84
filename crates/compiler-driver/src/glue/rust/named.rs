//! Records and enums: which structs and enums of the source stand for them, and the
//! implementations that read and write those.

mod definition;

use std::collections::{BTreeMap, BTreeSet};

use saggar_skill_abi::{Field, Function, Record, Type, layout};

use self::definition::Definition;
use super::declared::{Fields, Generics, Item, Kind, Source, Ty};
use super::shapes::{Stand, Walk, wit_name};
use super::{GlueRequest, TUPLES, Writer, names};

/// A record or enum of the interface.
struct Entry<'a> {
    wit: &'a Type,
    /// Whether a parameter has it.
    read: bool,
    /// Whether a result has it.
    written: bool,
    /// The function and parameter that are told what is wrong with it.
    user: (usize, Option<usize>),
}

/// The records and enums of an interface, with what stands for them in the source.
pub(super) struct Named<'a> {
    entries: Vec<Entry<'a>>,
    stands: BTreeMap<String, BTreeSet<Stand>>,
}

impl<'a> Named<'a> {
    /// Looks through the functions' declarations, and the fields of the structs found there.
    pub(super) fn of(request: &GlueRequest<'a>, source: &Source) -> Self {
        let functions = &request.interface.functions;
        let entries: Vec<Entry<'a>> =
            request.interface.named_types().into_iter().map(|wit| entry(wit, functions)).collect();
        let mut named = Named { entries, stands: BTreeMap::new() };
        let mut complete = true;
        for (wit, symbol) in functions.iter().zip(&request.symbols) {
            match source.function(symbol) {
                Some((item, declared)) => {
                    let mut walk = Walk::new(source, &item.module, &declared.generics);
                    walk.function(wit, declared);
                    named.add(walk.found.stands);
                }
                None => complete = false,
            }
        }
        named.look_into_fields(source);
        for at in 0..named.entries.len() {
            let Some(name) = wit_name(named.entries[at].wit) else { continue };
            let path = match request.types.get(name) {
                Some(path) => Some(names::escaped_path(path)),
                None if complete || named.stands.contains_key(name) => None,
                None => usual_path(source, name),
            };
            if let Some(path) = path {
                let stand = Stand { path, args: Vec::new() };
                named.stands.insert(name.to_owned(), BTreeSet::from([stand]));
                named.look_into_fields(source);
            }
        }
        named
    }

    fn add(&mut self, found: BTreeMap<String, BTreeSet<Stand>>) -> bool {
        let mut new = false;
        for (name, stands) in found {
            let known = self.stands.entry(name).or_default();
            for stand in stands {
                new |= known.insert(stand);
            }
        }
        new
    }

    /// Compares the records' fields with those of what stands for them, until nothing new comes up.
    fn look_into_fields(&mut self, source: &Source) {
        // Each round goes one record deeper.
        for _ in 0..self.entries.len() {
            let mut found = Vec::new();
            for entry in &self.entries {
                let Type::Record(record) = entry.wit else { continue };
                for stand in self.stands.get(&record.name).into_iter().flatten() {
                    let Some(item) = definition(source, stand) else { continue };
                    found.push(fields_walk(source, item, record).found.stands);
                }
            }
            let mut new = false;
            for found in found {
                new |= self.add(found);
            }
            if !new {
                return;
            }
        }
    }

    /// What stands for each record and enum.
    pub(super) fn stands(&self) -> &BTreeMap<String, BTreeSet<Stand>> {
        &self.stands
    }

    fn is_positional(&self, record: &Record) -> bool {
        !self.stands.contains_key(&record.name) && record.fields.len() <= TUPLES
    }

    /// The tag of a record or enum.
    pub(super) fn tag(&self, ty: &Type) -> String {
        let at = self.entries.iter().position(|entry| entry.wit == ty);
        at.map_or_else(|| "Void".to_owned(), |at| format!("N{at}"))
    }

    /// Writes the tags and implementations.
    pub(super) fn define(&self, out: &mut Writer, source: &Source) {
        for (at, entry) in self.entries.iter().enumerate() {
            let (size, align) = (layout::size_of(entry.wit), layout::align_of(entry.wit));
            out.line(format_args!(
                "struct N{at}; impl Wire for N{at} \
                 {{ const SIZE: usize = {size}; const ALIGN: usize = {align}; }}"
            ));
            let definition = Definition { named: self, at, entry, source };
            match entry.wit {
                Type::Record(record) => definition.record(out, record),
                Type::Enum(cases) => definition.cases(out, cases),
                _ => {}
            }
        }
    }
}

fn entry<'a>(wit: &'a Type, functions: &[Function]) -> Entry<'a> {
    fn holds(ty: &Type, wit: &Type) -> bool {
        ty == wit || ty.parts().into_iter().any(|part| holds(part, wit))
    }
    let mut entry = Entry { wit, read: false, written: false, user: (0, None) };
    for (index, function) in functions.iter().enumerate().rev() {
        if function.result.as_ref().is_some_and(|ty| holds(ty, wit)) {
            entry.written = true;
            entry.user = (index, None);
        }
        let param = function.params.iter().position(|param| holds(&param.ty, wit));
        if param.is_some() {
            entry.read = true;
            entry.user = (index, param);
        }
    }
    entry
}

/// The path of the type that the source names as the interface does, whatever the case of it.
pub(super) fn usual_path(source: &Source, wit: &str) -> Option<String> {
    let wanted = names::folded(wit);
    let item = source.types().find(|item| names::folded(&item.name) == wanted)?;
    Some(full_path(item))
}

fn full_path(item: &Item) -> String {
    item.path().map(names::escaped).collect::<Vec<_>>().join("::")
}

fn definition<'s>(source: &'s Source, stand: &Stand) -> Option<&'s Item> {
    let exact = source.types().find(|item| full_path(item) == stand.path);
    exact.or_else(|| {
        let name = stand.path.rsplit("::").next().unwrap_or(&stand.path);
        source.named(&[], name.trim_start_matches("r#"))
    })
}

fn fields_walk<'s>(source: &'s Source, item: &'s Item, record: &Record) -> Walk<'s> {
    const NONE: &Generics = &Generics { lifetimes: 0, types: Vec::new(), consts: Vec::new() };
    let Kind::Struct(generics, fields) = &item.kind else {
        return Walk::new(source, &item.module, NONE);
    };
    let mut walk = Walk::new(source, &item.module, generics);
    for (at, field) in record.fields.iter().enumerate() {
        if let Some((_, ty)) = declared_field(fields, at, field) {
            walk.pair(&field.ty, ty);
        }
    }
    walk
}

/// The field of a struct that stands for one of a record: its name and type.
fn declared_field<'s>(fields: &'s Fields, at: usize, wit: &Field) -> Option<(String, &'s Ty)> {
    match fields {
        Fields::Positional(types) => Some((at.to_string(), types.get(at)?)),
        Fields::Named(named) => {
            let exact = wit.name.replace('-', "_");
            let folded = names::folded(&wit.name);
            let same = |(name, _): &&(String, Ty)| *name == exact;
            let like = |(name, _): &&(String, Ty)| names::folded(name) == folded;
            let (name, ty) = named.iter().find(same).or_else(|| named.iter().find(like))?;
            Some((names::escaped(name), ty))
        }
    }
}
