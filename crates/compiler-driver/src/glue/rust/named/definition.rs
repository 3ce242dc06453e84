//! Writes how one record or enum is read into and written from what stands for it in the source.

use saggar_skill_abi::{Enum, Record, layout};

use super::super::declared::{Fields, Generics, Item, Kind, Source};
use super::super::shapes::{Stand, wit_name};
use super::super::{Writer, complain, names, tag};
use super::{Entry, Named, declared_field, definition, fields_walk};

/// One record or enum, while its implementations are written.
pub(super) struct Definition<'d, 'a> {
    pub(super) named: &'d Named<'a>,
    pub(super) at: usize,
    pub(super) entry: &'d Entry<'a>,
    pub(super) source: &'d Source,
}

impl Definition<'_, '_> {
    fn about(&self, out: &mut Writer, line: impl std::fmt::Display) {
        out.about(self.entry.user.0, self.entry.user.1, line);
    }

    fn stands(&self) -> impl Iterator<Item = &Stand> {
        wit_name(self.entry.wit).and_then(|name| self.named.stands.get(name)).into_iter().flatten()
    }

    pub(super) fn record(&self, out: &mut Writer, record: &Record) {
        if self.named.is_positional(record) {
            return self.tuple(out, record);
        }
        for stand in self.stands() {
            match self.fields(record, stand) {
                Ok((fields, subject)) => self.structure(out, record, &fields, &subject),
                Err(complaint) => {
                    let complaint = format!("saggar: record {}: {complaint}", record.name);
                    self.unfit(out, stand, &complaint);
                }
            }
        }
    }

    /// Says what is wrong with a type, and keeps the compiler from saying so of each use of it.
    fn unfit(&self, out: &mut Writer, stand: &Stand, complaint: &str) {
        self.about(out, complain(complaint));
        let generics = match definition(self.source, stand).map(|item| &item.kind) {
            Some(Kind::Struct(generics, _) | Kind::Enum(generics, _)) => generics.clone(),
            _ => return,
        };
        if !generics.consts.is_empty() {
            return;
        }
        let args: Vec<String> = (0..generics.types.len()).map(|i| format!("X{i}")).collect();
        let bounds: String = args.iter().map(|name| format!("{name}: 'a, ")).collect();
        let params = args.join(", ");
        let subject = Subject { path: stand.path.clone(), lifetimes: generics.lifetimes, args };
        let at = self.at;
        self.about(
            out,
            format_args!(
                "impl<'a, {bounds}> In<'a, N{at}> for {} {{ \
                 fn get(_call: &'a Call, _at: usize) -> Self {{ loop {{}} }} }} \
                 impl<{params}> Out<N{at}> for {} {{ \
                 fn put(&self, _sink: &mut Sink, _at: usize) -> Done {{ Ok(()) }} }}",
                subject.written("'a"),
                subject.written("'_")
            ),
        );
    }

    /// The names of a struct's fields in the record's order, and how the struct is written.
    fn fields(&self, record: &Record, stand: &Stand) -> Result<(Vec<String>, Subject), String> {
        let path = &stand.path;
        let Some(item) = definition(self.source, stand) else {
            let fields = record.fields.iter();
            let fields = fields.map(|field| names::escaped(&field.name.replace('-', "_")));
            return Ok((fields.collect(), Subject::plain(path)));
        };
        let Kind::Struct(generics, fields) = &item.kind else {
            return Err(format!("`{path}` is no struct in the source"));
        };
        let mut found = Vec::new();
        for (at, field) in record.fields.iter().enumerate() {
            match declared_field(fields, at, field) {
                Some((name, _)) => found.push(name),
                None => return Err(format!("struct `{path}` has no field `{}`", field.name)),
            }
        }
        if self.entry.read {
            let declared: Vec<String> = match fields {
                Fields::Named(named) => {
                    named.iter().map(|(name, _)| names::escaped(name)).collect()
                }
                Fields::Positional(types) => (0..types.len()).map(|i| i.to_string()).collect(),
            };
            if let Some(extra) = declared.iter().find(|name| !found.contains(name)) {
                return Err(format!(
                    "struct `{path}` has a field `{extra}` that the record does not have"
                ));
            }
        }
        let args = self.arguments(record, stand, item, generics)?;
        Ok((found, Subject { path: path.clone(), lifetimes: generics.lifetimes, args }))
    }

    fn arguments(
        &self,
        record: &Record,
        stand: &Stand,
        item: &Item,
        generics: &Generics,
    ) -> Result<Vec<String>, String> {
        let path = &stand.path;
        if let Some(name) = generics.consts.first() {
            return Err(format!("struct `{path}` is generic over the constant `{name}`"));
        }
        let walk = fields_walk(self.source, item, record);
        let argument = |(i, (name, _)): (usize, &(String, _))| {
            let given = stand.args.get(i).cloned().flatten();
            given.or_else(|| walk.found.generics.get(name).cloned()).ok_or_else(|| {
                format!("struct `{path}` is generic over `{name}`, which the record leaves open")
            })
        };
        generics.types.iter().enumerate().map(argument).collect()
    }

    fn structure(&self, out: &mut Writer, record: &Record, fields: &[String], subject: &Subject) {
        let at = self.at;
        let places: Vec<usize> = layout::members(record.fields.iter().map(|field| &field.ty))
            .map(|(at, _)| at)
            .collect();
        let (function, parameter) = self.entry.user;
        let meets = |i: usize| {
            let field = &record.fields[i];
            let complaint = format!(
                "record {}: field {} ({}) is declared as another type; use {}",
                record.name,
                field.name,
                field.ty,
                names::owned(&field.ty)
            );
            (complaint, tag(&field.ty, self.named))
        };
        if self.entry.read {
            self.about(
                out,
                format_args!(
                    "impl<'a> In<'a, N{at}> for {} {{ \
                     fn get(call: &'a Call, at: usize) -> Self {{ Self {{",
                    subject.written("'a")
                ),
            );
            for (i, (name, place)) in fields.iter().zip(&places).enumerate() {
                let (complaint, tag) = meets(i);
                let line = format!("    {name}: param::<{tag}, _>(call, at + {place}),");
                out.meeting(function, parameter, complaint, line);
            }
            self.about(out, "} } }");
        }
        if self.entry.written {
            self.about(
                out,
                format_args!(
                    "impl Out<N{at}> for {} {{ \
                     fn put(&self, sink: &mut Sink, at: usize) -> Done {{",
                    subject.written("'_")
                ),
            );
            for (i, (name, place)) in fields.iter().zip(&places).enumerate() {
                let (complaint, tag) = meets(i);
                let line = format!("    answer::<{tag}, _>(&self.{name}, sink, at + {place})?;");
                out.meeting(function, parameter, complaint, line);
            }
            self.about(out, "Ok(()) } }");
        }
    }

    /// A record that the source has as a tuple.
    fn tuple(&self, out: &mut Writer, record: &Record) {
        let at = self.at;
        let tags: Vec<String> =
            record.fields.iter().map(|field| tag(&field.ty, self.named)).collect();
        let list = |each: &dyn Fn(usize, &String) -> String| -> String {
            tags.iter().enumerate().map(|(i, tag)| each(i, tag)).collect()
        };
        let types = list(&|i, _| format!("T{i}, "));
        let all = list(&|_, tag| format!("{tag}, "));
        if self.entry.read {
            let bounds = list(&|i, tag| format!("T{i}: In<'a, {tag}>, "));
            out.line(format_args!(
                "impl<'a, {bounds}> In<'a, N{at}> for ({types}) {{ \
                 fn get(call: &'a Call, at: usize) -> Self \
                 {{ <Self as In<'a, ({all})>>::get(call, at) }} }}"
            ));
        }
        if self.entry.written {
            let bounds = list(&|i, tag| format!("T{i}: Out<{tag}>, "));
            out.line(format_args!(
                "impl<{bounds}> Out<N{at}> for ({types}) {{ \
                 fn put(&self, sink: &mut Sink, at: usize) -> Done \
                 {{ <Self as Out<({all})>>::put(self, sink, at) }} }}"
            ));
        }
    }

    pub(super) fn cases(&self, out: &mut Writer, cases: &Enum) {
        for stand in self.stands() {
            match self.variants(cases, stand) {
                Ok(variants) => self.enumeration(out, cases, &variants, &stand.path),
                Err(complaint) => {
                    let complaint = format!("saggar: enum {}: {complaint}", cases.name);
                    self.unfit(out, stand, &complaint);
                }
            }
        }
    }

    /// The names of an enum's variants in the order of the cases.
    fn variants(&self, cases: &Enum, stand: &Stand) -> Result<Vec<String>, String> {
        let path = &stand.path;
        let Some(item) = definition(self.source, stand) else {
            return Ok(cases
                .cases
                .iter()
                .map(|case| names::escaped(&names::pascal(case)))
                .collect());
        };
        let Kind::Enum(generics, variants) = &item.kind else {
            return Err(format!("`{path}` is no enum in the source"));
        };
        if generics.lifetimes + generics.types.len() + generics.consts.len() > 0 {
            return Err(format!("enum `{path}` is generic; declare it without parameters"));
        }
        let mut found = Vec::new();
        for case in &cases.cases {
            let folded = names::folded(case);
            match variants.iter().find(|(name, _)| names::folded(name) == folded) {
                Some((name, true)) => found.push(names::escaped(name)),
                Some((name, false)) => {
                    return Err(format!("variant `{path}::{name}` has data; a case has none"));
                }
                None => return Err(format!("enum `{path}` has no variant for the case `{case}`")),
            }
        }
        Ok(found)
    }

    fn enumeration(&self, out: &mut Writer, cases: &Enum, variants: &[String], path: &str) {
        let at = self.at;
        let number = if layout::enum_size(cases.cases.len()) == 1 { "u8" } else { "u16" };
        if self.entry.read {
            self.about(
                out,
                format_args!(
                    "impl<'a> In<'a, N{at}> for super::{path} {{ \
                     fn get(call: &'a Call, at: usize) -> Self {{ \
                     match call.scalars::<{number}>(at, 1)[0] {{"
                ),
            );
            for (i, name) in variants.iter().enumerate() {
                self.about(out, format_args!("    {i} => Self::{name},"));
            }
            self.about(
                out,
                "    _ => refuse(String::from(\"an argument is no case of its enum\")) } } }",
            );
        }
        if self.entry.written {
            self.about(
                out,
                format_args!(
                    "impl Out<N{at}> for super::{path} {{ \
                     fn put(&self, sink: &mut Sink, at: usize) -> Done {{ \
                     let case: {number} = match self {{"
                ),
            );
            for (i, name) in variants.iter().enumerate() {
                self.about(out, format_args!("    Self::{name} => {i},"));
            }
            let message = format!("the result is no case of the enum {}", cases.name);
            self.about(
                out,
                format_args!(
                    "    _ => return sink.fail(String::from({message:?})), }}; sink.set(at, case); Ok(()) }} }}"
                ),
            );
        }
    }
}

/// How a struct of the source is written where it is implemented for.
struct Subject {
    path: String,
    lifetimes: usize,
    args: Vec<String>,
}

impl Subject {
    fn plain(path: &str) -> Self {
        Subject { path: path.to_owned(), lifetimes: 0, args: Vec::new() }
    }

    fn written(&self, lifetime: &str) -> String {
        let lifetimes = std::iter::repeat_n(lifetime.to_owned(), self.lifetimes);
        let args: Vec<String> = lifetimes.chain(self.args.iter().cloned()).collect();
        match args.is_empty() {
            true => format!("super::{}", self.path),
            false => format!("super::{}<{}>", self.path, args.join(", ")),
        }
    }
}
