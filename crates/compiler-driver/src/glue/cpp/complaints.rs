//! What is said where a C++ declaration and the interface differ: one static assertion per mistake
//! that can be made. The templates number the mistakes; at most one is found per parameter.

use saggar_skill_abi::{Enum, Field, Type};

use super::super::{
    GlueRequest, Writer, arity_complaint, parameter_complaint, result_complaint, scalar,
};
use super::types::{case_spellings, field_spellings, numbered, type_name};

/// The numbers of `_Blame` in glue.hpp.
const OTHER: usize = 1;
const LACKS: usize = 2;
const HIDES: usize = 3;
const DIFFERS: usize = 4;
const FIXED: usize = 5;
const UNMADE: usize = 6;

pub(super) fn assertions(out: &mut Writer, request: &GlueRequest<'_>, index: usize, fit: &str) {
    let function = &request.interface.functions[index];
    let name = &function.name;
    let hints = Hints { request };
    let unknown = format!(
        "saggar: {name}: no declaration in the source fits the interface (it is overloaded, a \
         template, or no function); use {}",
        hints.declaration(index)
    );
    out.about(index, None, format_args!("static_assert({fit}::_known, \"{unknown}\");"));
    let complaint = arity_complaint(function);
    out.about(index, None, format_args!("static_assert({fit}::_arity, \"{complaint}\");"));
    for (at, param) in function.params.iter().enumerate() {
        let whose = format!("{name}: parameter {} ({}: {})", at + 1, param.name, param.ty);
        let other = parameter_complaint(function, at, &hints.parameter(&param.ty));
        let mut all = vec![(OTHER, other)];
        all.extend(hints.details(&param.ty, true).into_iter().map(prefixed(&whose)));
        blames(out, (index, Some(at)), &format!("{fit}::_blame<{at}>"), &all);
    }
    let hint = function.result.as_ref().map_or_else(|| "void".to_owned(), |ty| hints.result(ty));
    let mut all = vec![(OTHER, result_complaint(function, &hint))];
    if let Some(ty) = &function.result {
        let whose = format!("{name}: the result ({ty})");
        all.extend(hints.details(ty, false).into_iter().map(prefixed(&whose)));
    }
    blames(out, (index, None), &format!("{fit}::_blame<{}>", function.params.len()), &all);
}

fn prefixed(whose: &str) -> impl Fn((usize, String)) -> (usize, String) + '_ {
    move |(blame, text)| (blame, format!("saggar: {whose}: {text}"))
}

/// One assertion a line: what the templates found is none of these.
fn blames(
    out: &mut Writer,
    (index, at): (usize, Option<usize>),
    found: &str,
    all: &[(usize, String)],
) {
    for (blame, text) in all {
        out.about(index, at, format_args!("static_assert({found} != {blame}, \"{text}\");"));
    }
}

/// Forms of C++ to suggest, with the names of the source's types.
struct Hints<'a> {
    request: &'a GlueRequest<'a>,
}

impl Hints<'_> {
    fn parameter(&self, ty: &Type) -> String {
        let form = match ty {
            Type::String => "std::string_view, std::string or const char*".to_owned(),
            Type::List(element) => {
                let element = self.owned(element);
                format!("std::span<const {element}>, std::vector<{element}> or a reference to it")
            }
            Type::Record(_) | Type::Enum(_) => return self.definition(ty),
            _ => self.owned(ty),
        };
        form + &self.definitions(ty)
    }

    fn result(&self, ty: &Type) -> String {
        match ty {
            Type::Record(_) | Type::Enum(_) => self.definition(ty),
            Type::Result { ok, err } if plain_error(err.as_deref()) => {
                let plain = ok.as_ref().map_or_else(|| "void".to_owned(), |ty| self.owned(ty));
                let form = self.owned(ty);
                format!("{plain} (an exception is the err) or {form}{}", self.definitions(ty))
            }
            _ => self.owned(ty) + &self.definitions(ty),
        }
    }

    /// A declaration that fits the interface.
    fn declaration(&self, index: usize) -> String {
        let function = &self.request.interface.functions[index];
        let params = function.params.iter().map(|param| {
            let [name, _] = field_spellings(&param.name);
            format!("{} {name}", self.owned(&param.ty))
        });
        let params = params.collect::<Vec<_>>().join(", ");
        let result =
            function.result.as_ref().map_or_else(|| "void".to_owned(), |ty| self.owned(ty));
        format!("{result} {}({params})", self.request.symbols[index])
    }

    /// The type of a value that owns what it holds.
    fn owned(&self, ty: &Type) -> String {
        let payload = |part: &Option<Box<Type>>| {
            part.as_ref().map_or_else(|| "std::monostate".to_owned(), |ty| self.owned(ty))
        };
        match ty {
            Type::String => "std::string".to_owned(),
            Type::List(element) => format!("std::vector<{}>", self.owned(element)),
            Type::Option(inner) => format!("std::optional<{}>", self.owned(inner)),
            Type::Tuple(members) => {
                let members: Vec<_> = members.iter().map(|member| self.owned(member)).collect();
                format!("std::tuple<{}>", members.join(", "))
            }
            Type::Result { ok, err } => format!("std::variant<{}, {}>", payload(ok), payload(err)),
            Type::Record(_) | Type::Enum(_) => self.name(ty),
            _ => scalar(ty).to_owned(),
        }
    }

    fn name(&self, ty: &Type) -> String {
        let wit = type_name(ty);
        self.request.types.get(wit).cloned().unwrap_or_else(|| wit.replace('-', "_"))
    }

    fn definition(&self, ty: &Type) -> String {
        match ty {
            Type::Record(record) => {
                let fields = record.fields.iter().take(MOST_FIELDS).map(|field| {
                    let [name, _] = field_spellings(&field.name);
                    format!("{} {name}; ", self.owned(&field.ty))
                });
                let fields = fields.collect::<String>();
                let more = if record.fields.len() > MOST_FIELDS { "... " } else { "" };
                format!("struct {} {{ {fields}{more}}}", self.name(ty))
            }
            Type::Enum(cases) => {
                let names = cases.cases.iter().take(MOST_CASES);
                let names =
                    names.map(|case| case_spellings(&cases.name, None, case).swap_remove(0));
                let more = if cases.cases.len() > MOST_CASES { ", ..." } else { "" };
                let names = names.collect::<Vec<_>>().join(", ");
                format!("enum class {} {{ {names}{more} }}", self.name(ty))
            }
            _ => self.owned(ty),
        }
    }

    /// The definitions of the records and enums that a form of a type names.
    fn definitions(&self, ty: &Type) -> String {
        let named = self.named(ty).into_iter().rev();
        named.map(|(ty, _)| format!(", with {}", self.definition(ty))).collect()
    }

    /// The records and enums in a type, each with the number of its first field or case.
    fn named(&self, ty: &Type) -> Vec<(&Type, usize)> {
        let mut named = numbered(self.request.interface);
        named.retain(|(one, _)| contains(ty, one));
        named
    }

    /// What may be wrong with the fields and cases in a type, by the templates' numbers.
    fn details(&self, ty: &Type, stored: bool) -> Vec<(usize, String)> {
        let mut all = Vec::new();
        for (ty, first) in self.named(ty) {
            match ty {
                Type::Record(record) => {
                    for (id, field) in (first..).zip(&record.fields) {
                        all.extend(self.field(ty, id, field, stored));
                    }
                    if stored {
                        all.push((first * 8 + UNMADE, self.unmade(ty)));
                    }
                }
                Type::Enum(cases) => {
                    let cases_of = (first..).zip(&cases.cases);
                    all.extend(cases_of.map(|(id, case)| (id * 8 + LACKS, self.case(cases, case))));
                }
                _ => {}
            }
        }
        all
    }

    fn field(&self, ty: &Type, id: usize, field: &Field, stored: bool) -> Vec<(usize, String)> {
        let whose = format!("the class for record {}", type_name(ty));
        let [snake, camel] = field_spellings(&field.name);
        let name = match camel.trim_end_matches('_') == snake.trim_end_matches('_') {
            true => format!("`{snake}`"),
            false => format!("`{snake}` or `{camel}`"),
        };
        let (whole, form) = (self.definition(ty), self.owned(&field.ty));
        let mut all = vec![
            (LACKS, format!("{whose} has no member {name}; use {whole}")),
            (HIDES, format!("{name} of {whose} is not a public data member; use {whole}")),
            (
                DIFFERS,
                format!(
                    "member {name} ({}) of {whose} is declared as another type; use {form}",
                    field.ty
                ),
            ),
        ];
        if stored {
            let text = format!(
                "member {name} of {whose} is const, so that no value can be stored in it; use {form}"
            );
            all.push((FIXED, text));
        }
        all.into_iter().map(|(kind, text)| (id * 8 + kind, text)).collect()
    }

    fn unmade(&self, ty: &Type) -> String {
        format!(
            "the class for record {} has no public default constructor, or cannot be moved; use {}",
            type_name(ty),
            self.definition(ty)
        )
    }

    fn case(&self, cases: &Enum, case: &str) -> String {
        let source = self.request.types.get(&cases.name).map(String::as_str);
        format!(
            "the enum for {} has no case for `{case}`; name it one of {}",
            cases.name,
            case_spellings(&cases.name, source, case).join(", ")
        )
    }
}

/// A record is shown with so many fields: each of them has complaints that show the record.
const MOST_FIELDS: usize = 24;

/// An enum is shown with so many cases.
const MOST_CASES: usize = 6;

fn plain_error(err: Option<&Type>) -> bool {
    matches!(err, None | Some(Type::String))
}

fn contains(ty: &Type, wanted: &Type) -> bool {
    ty == wanted || ty.parts().into_iter().any(|part| contains(part, wanted))
}
