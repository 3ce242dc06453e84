//! Fits the declarations of a source to an interface: which parameters of C a parameter of the
//! interface is, and in which form. Where both would do, text and lists have a length.

use std::collections::HashSet;

use saggar_skill_abi::{Enum, Function, Record, Type};

use super::codec::{Body, Codec, Codecs, Form};
use super::entry::{Given, Plan, Taken};
use super::names::{self, Names};
use super::reader::{CType, Decl, Signature, Source};
use crate::symbols;

/// Why a function does not fit.
pub(super) enum Misfit {
    Parameter(usize),
    Result,
    Arity,
}

pub(super) struct Fitter<'a> {
    pub(super) source: &'a Source,
    pub(super) names: &'a Names,
    pub(super) codecs: &'a mut Codecs,
    /// What was tried as a struct of the source's own: none is tried twice, so that neither
    /// structs that contain pointers to themselves nor hostile ones cost more than their number.
    pub(super) tried: &'a mut HashSet<(Type, String)>,
}

/// Most parameters that are fitted.
const MOST: usize = 256;

/// The kind of a type of C that is no pointer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Void,
    Bool,
    Char,
    Integer,
    Float,
    /// A struct, a union or an enum.
    Tagged,
    /// A name that the source does not define: a header does.
    Unknown,
}

impl Fitter<'_> {
    /// How the interface's function stands in a declaration.
    pub(super) fn function(
        &mut self,
        function: &Function,
        signature: &Signature,
    ) -> Result<Plan, Vec<Misfit>> {
        let types: Vec<&Type> = function.params.iter().map(|param| &param.ty).collect();
        let results = self.results(function.result.as_ref(), signature);
        for (result, filled) in &results {
            let params = &signature.params[..signature.params.len() - filled];
            let mut dead = HashSet::new();
            if let Some(found) = self.sequence(&types, params, &mut dead) {
                return Ok(Plan { params: found, result: result.clone() });
            }
        }
        let filled = results.last().map_or(0, |(_, filled)| *filled);
        let params = &signature.params[..signature.params.len() - filled];
        let mut misfits = self.misfits(&types, params);
        if results.is_empty() {
            misfits.push(Misfit::Result);
        }
        if misfits.is_empty() {
            misfits.push(Misfit::Arity);
        }
        Err(misfits)
    }

    /// The forms of types in declarations, all of which must be used.
    fn sequence(
        &mut self,
        types: &[&Type],
        decls: &[Decl],
        dead: &mut HashSet<(usize, usize)>,
    ) -> Option<Vec<Taken>> {
        let Some((first, rest)) = types.split_first() else {
            return decls.is_empty().then(Vec::new);
        };
        if decls.is_empty() || types.len() > MOST || dead.contains(&(types.len(), decls.len())) {
            return None;
        }
        for (form, count) in self.forms(first, decls) {
            if let Some(mut found) = self.sequence(rest, &decls[count..], dead) {
                let objects = decls[..count].iter().map(|decl| decl.ty.variable()).collect();
                found.insert(0, Taken { form, objects });
                return Some(found);
            }
        }
        dead.insert((types.len(), decls.len()));
        None
    }

    /// The first parameter that has no form, if any: what follows it cannot be told.
    fn misfits(&mut self, types: &[&Type], decls: &[Decl]) -> Vec<Misfit> {
        let mut left = decls;
        for (at, ty) in types.iter().enumerate() {
            if left.is_empty() {
                return Vec::new();
            }
            match self.forms(ty, left).first() {
                Some((_, count)) => left = &left[*count..],
                None => return vec![Misfit::Parameter(at)],
            }
        }
        Vec::new()
    }

    /// The forms of a type in the declarations at the head, with the number of those it takes.
    fn forms(&mut self, ty: &Type, decls: &[Decl]) -> Vec<(Form, usize)> {
        let mut found = Vec::new();
        let Some(first) = decls.first() else { return found };
        let length = decls.get(1).is_some_and(|decl| self.is_integer(&decl.ty));
        match ty {
            Type::String if length && self.is_text(&first.ty) => found.push((Form::TextRun, 2)),
            Type::List(element) if length => {
                if let Some(run) = self.rows(element, &first.ty, decls.get(2)) {
                    found.push((run, 3));
                }
                found.extend(self.run(element, &first.ty).map(|run| (run, 2)));
            }
            Type::Option(inner) if matches!(**inner, Type::List(_) | Type::String) => {
                let forms = self.forms(inner, decls).into_iter();
                let forms = forms
                    .filter(|(form, _)| matches!(form, Form::TextRun | Form::Text | Form::Run(..)));
                found.extend(forms.map(|(form, count)| (Form::Maybe(Box::new(form)), count)));
            }
            _ => {}
        }
        found.extend(self.whole(ty, &first.ty).map(|form| (form, 1)));
        found
    }

    /// A list as a pointer to its elements.
    fn run(&mut self, element: &Type, pointer: &CType) -> Option<Form> {
        let pointee = self.pointee(pointer)?;
        let form = self.whole(element, &pointee)?;
        Some(Form::Run(Box::new(form), vec![pointee.variable()]))
    }

    /// A list of lists as a pointer to rows, and one to their lengths.
    fn rows(&mut self, row: &Type, pointer: &CType, lengths: Option<&Decl>) -> Option<Form> {
        let Type::List(element) = row else { return None };
        let length = self.pointee(&lengths?.ty)?;
        let pointee = self.pointee(pointer)?;
        let run = self.run(element, &pointee).filter(|_| self.is_integer(&length))?;
        Some(Form::Run(Box::new(run), vec![pointee.variable(), length.variable()]))
    }

    /// The form of a type in one object.
    fn whole(&mut self, ty: &Type, c_type: &CType) -> Option<Form> {
        let resolved = self.source.resolve(c_type);
        if c_type.base.is_empty() || c_type.base.contains('#') {
            return None;
        }
        let spelled = resolved.base.trim_start_matches("struct ");
        if !ty.is_scalar() && spelled == self.names.of(ty) && resolved.arrays == 0 {
            let form = self.codecs.documented(ty, self.names);
            return self.behind(form, c_type, resolved.depth);
        }
        if let Type::Option(inner) = ty {
            // NULL cannot say at which level there is none.
            if matches!(**inner, Type::Option(_)) {
                return None;
            }
            let form = match self.whole(inner, c_type) {
                Some(form @ (Form::Text | Form::Pointer(..))) => form,
                _ => {
                    let pointee = self.pointee(c_type)?;
                    let form = self.whole(inner, &pointee)?;
                    Form::Pointer(Box::new(form), pointee.variable())
                }
            };
            return Some(Form::Maybe(Box::new(form)));
        }
        if *ty == Type::String {
            let array = resolved.depth == 0 && resolved.arrays == 1;
            if array && class(&resolved.base) == Class::Char {
                return Some(Form::TextArray);
            }
            return self.is_text(c_type).then_some(Form::Text);
        }
        if resolved.arrays > 0 {
            return None;
        }
        match ty {
            Type::Record(_) | Type::Tuple(_) | Type::List(_) => {
                let codec = self.structure(ty, c_type, &resolved)?;
                self.behind(Form::Whole(codec), c_type, resolved.depth)
            }
            Type::Enum(cases) if resolved.depth == 0 => self.enumeration(ty, cases, c_type),
            scalar if scalar.is_scalar() && resolved.depth == 0 => scalar_form(ty, &resolved),
            _ => None,
        }
    }

    /// A form of an object that may be behind one pointer.
    fn behind(&self, form: Form, c_type: &CType, depth: usize) -> Option<Form> {
        match depth {
            0 => Some(form),
            1 => Some(Form::Pointer(Box::new(form), self.pointee(c_type)?.variable())),
            _ => None,
        }
    }

    /// The codec of a struct of the source's own.
    fn structure(&mut self, ty: &Type, c_type: &CType, resolved: &CType) -> Option<usize> {
        let object = CType { depth: 0, constant: false, ..c_type.clone() };
        let name = if c_type.depth == resolved.depth { object.base } else { resolved.base.clone() };
        if name.contains('#') {
            return None;
        }
        if let Some(known) = self.codecs.get(ty, &name) {
            return Some(known);
        }
        if !self.tried.insert((ty.clone(), name.clone())) {
            return None;
        }
        let members = self.source.members(resolved)?.to_vec();
        let body = match ty {
            Type::Record(record) => self.fields(record, &members)?,
            Type::Tuple(parts) => {
                let parts: Vec<&Type> = parts.iter().collect();
                let found = self.sequence(&parts, &members, &mut HashSet::new())?;
                let mut names = members.iter().map(|member| member.name.clone());
                let members = found.into_iter().map(|taken| {
                    let objects = names.by_ref().take(taken.objects.len()).collect();
                    (taken.form, objects)
                });
                Body::Members(members.collect())
            }
            _ => {
                let mut members = members;
                // The length may come first.
                if members.len() == 2 && self.is_integer(&members[0].ty) {
                    members.reverse();
                }
                let (form, count) = self.forms(ty, &members).into_iter().next()?;
                let names = members.iter().map(|member| member.name.clone()).collect();
                (count == members.len() && count > 1).then_some(Body::One(form, names))?
            }
        };
        Some(self.codecs.add(Codec { ty: ty.clone(), c_type: name, body }))
    }

    /// Fields by name; what lies between two of them may be the length of the first.
    fn fields(&mut self, record: &Record, members: &[Decl]) -> Option<Body> {
        let documented = names::members(record);
        let place = |field: &str, other: &String| {
            let [snake, camel] = symbols::spellings(field);
            let known = [snake.as_str(), camel.as_str(), other.as_str()];
            let exact = members.iter().position(|member| known.contains(&member.name.as_str()));
            let bare = |member: &Decl| known.contains(&member.name.trim_end_matches('_'));
            exact.or_else(|| members.iter().position(bare))
        };
        let fields = record.fields.iter().zip(&documented);
        let places: Vec<usize> =
            fields.map(|(field, other)| place(&field.name, other)).collect::<Option<_>>()?;
        let mut found = Vec::new();
        for (field, from) in record.fields.iter().zip(&places) {
            let to = places.iter().copied().filter(|to| to > from).min().unwrap_or(members.len());
            let mut own = &members[*from..to];
            if field.ty == Type::String && own.get(1).is_none_or(|next| !names_length(&next.name)) {
                own = &own[..1];
            }
            let (form, count) = self.forms(&field.ty, own).into_iter().next()?;
            let objects = own[..count].iter().map(|member| member.name.clone()).collect();
            found.push((form, objects));
        }
        Some(Body::Members(found))
    }

    fn enumeration(&mut self, ty: &Type, cases: &Enum, c_type: &CType) -> Option<Form> {
        let resolved = self.source.resolve(c_type);
        let body = match self.source.enumerators(c_type) {
            Some(enumerators) => {
                let tags = [cases.name.as_str(), &c_type.base, &resolved.base];
                Body::Cases(matched(cases, enumerators, tags)?)
            }
            None if class(&resolved.base) == Class::Integer => Body::Number,
            None => return None,
        };
        let name = c_type.base.clone();
        if let Some(known) = self.codecs.get(ty, &name) {
            return Some(Form::Whole(known));
        }
        Some(Form::Whole(self.codecs.add(Codec { ty: ty.clone(), c_type: name, body })))
    }

    // ---- Results ----

    /// The ways in which a function may give its result, each with the number of parameters at
    /// the end that it fills.
    fn results(&mut self, ty: Option<&Type>, signature: &Signature) -> Vec<(Given, usize)> {
        let mut found = Vec::new();
        let ret = &signature.result;
        let none = self.source.resolve(ret).is("void");
        let Some(ty) = ty else {
            found.extend(none.then_some((Given::Nothing, 0)));
            return found;
        };
        let params = &signature.params;
        let filled = |back: usize| {
            let at = params.len().checked_sub(back)?;
            let filled = self.pointee(&params[at].ty)?;
            let writable = !filled.constant || filled.depth > 0;
            writable.then(|| Decl { name: String::new(), ty: filled })
        };
        let (last, before) = (filled(1), filled(2));
        if !none {
            let returned = Decl { name: String::new(), ty: ret.clone() };
            let mut objects = vec![returned];
            if let (Some(last), Some(before)) = (&last, &before) {
                objects.extend([before.clone(), last.clone()]);
                self.returned(ty, &objects, &mut found);
                objects.truncate(1);
            }
            objects.extend(last.clone());
            self.returned(ty, &objects, &mut found);
            self.returned(ty, &objects[..1], &mut found);
        }
        let Some(last) = last else { return found };
        // An int may as well be 0 for success.
        let truth = class(&self.source.resolve(ret).base) == Class::Bool;
        if let Type::Option(inner) = ty
            && truth
            && let Some(form) = self.whole(inner, &last.ty)
        {
            found.push((Given::FilledIf(form, last.ty.variable()), 1));
        }
        if none && let Some(form) = self.whole(ty, &last.ty) {
            found.push((Given::Filled(form, last.ty.variable()), 1));
        }
        found
    }

    /// A result in the object returned and all those filled.
    fn returned(&mut self, ty: &Type, objects: &[Decl], found: &mut Vec<(Given, usize)>) {
        for (form, count) in self.forms(ty, objects) {
            if count == objects.len() {
                let types = objects.iter().map(|object| object.ty.variable()).collect();
                found.push((Given::Returned(form, types), count - 1));
            }
        }
    }

    // ---- Types of C ----

    fn pointee(&self, c_type: &CType) -> Option<CType> {
        c_type.pointee().or_else(|| self.source.resolve(c_type).pointee())
    }

    fn is_integer(&self, c_type: &CType) -> bool {
        let resolved = self.source.resolve(c_type);
        resolved.depth + resolved.arrays == 0 && class(&resolved.base) == Class::Integer
    }

    fn is_text(&self, c_type: &CType) -> bool {
        let resolved = self.source.resolve(c_type);
        (resolved.depth, resolved.arrays) == (1, 0) && class(&resolved.base) == Class::Char
    }
}

fn scalar_form(ty: &Type, resolved: &CType) -> Option<Form> {
    let class = class(&resolved.base);
    let number = match ty {
        Type::Char if matches!(class, Class::Char | Class::Integer) => return Some(Form::Char),
        Type::Char => false,
        Type::Bool => matches!(class, Class::Bool | Class::Integer),
        Type::F32 | Type::F64 => class == Class::Float,
        Type::S8 | Type::U8 => matches!(class, Class::Integer | Class::Char),
        _ => class == Class::Integer,
    };
    let unknown = class == Class::Unknown && *ty != Type::Char;
    (number || unknown).then_some(Form::Number)
}

fn class(base: &str) -> Class {
    let integer = |word: &str| {
        let plain = word.trim_start_matches('u');
        matches!(
            word,
            "saggar_char"
                | "size_t"
                | "ssize_t"
                | "ptrdiff_t"
                | "wchar_t"
                | "off_t"
                | "uint"
                | "ulong"
        ) || (plain.starts_with("int") && word.ends_with("_t"))
            || (word.starts_with("char") && word.ends_with("_t"))
            || matches!(word, "short" | "int" | "long" | "signed" | "unsigned")
    };
    match base {
        "void" => Class::Void,
        "_Bool" | "bool" => Class::Bool,
        "char" => Class::Char,
        "float" | "double" => Class::Float,
        _ if base.split(' ').all(|word| integer(word) || word == "char") => Class::Integer,
        _ if base.contains(' ') => Class::Tagged,
        _ => Class::Unknown,
    }
}

/// Whether a member is named like the length of the one before it.
fn names_length(name: &str) -> bool {
    let name = name.to_lowercase();
    ["len", "size", "count", "num"].iter().any(|part| name.contains(part)) || name.starts_with('n')
}

/// The enumerator of each case: by name, or all by their place where no name agrees.
fn matched(cases: &Enum, enumerators: &[String], tags: [&str; 3]) -> Option<Vec<String>> {
    let bare = |name: &str| {
        let name = name.strip_prefix("enum ").unwrap_or(name);
        name.replace(['-', '_'], "").to_lowercase()
    };
    let tags = tags.map(bare);
    let of = |case: &String| {
        let case = bare(case);
        let mut spellings = vec![case.clone(), format!("k{case}")];
        spellings.extend(tags.iter().map(|tag| format!("{tag}{case}")));
        spellings.extend(tags.iter().map(|tag| format!("k{tag}{case}")));
        enumerators.iter().find(|name| spellings.contains(&bare(name))).cloned()
    };
    let found: Vec<Option<String>> = cases.cases.iter().map(of).collect();
    if found.iter().all(Option::is_none) && enumerators.len() == cases.cases.len() {
        return Some(enumerators.to_vec());
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests;
