//! The skeleton of a C++ source: views for text and lists of numbers, const references for what is
//! larger, and for a `result` a plain value with an exception for the error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use saggar_model::Language;
use saggar_skill_abi::{Function, Interface, Type};

use super::naming::{Naming, symbol_comment};

pub(super) fn skeleton(interface: &Interface, symbols: &BTreeMap<String, String>) -> String {
    let mut source = Source {
        naming: Naming { language: Language::Cpp, symbols },
        includes: BTreeSet::from(["stdexcept"]),
        text: String::new(),
    };
    let types = interface.named_types();
    for ty in &types {
        source.define(ty);
    }
    for function in &interface.functions {
        source.function(function, &types);
    }
    let includes: Vec<_> =
        source.includes.iter().map(|header| format!("#include <{header}>\n")).collect();
    format!("{}{}", includes.concat(), source.text)
}

struct Source<'a> {
    naming: Naming<'a>,
    includes: BTreeSet<&'static str>,
    text: String,
}

impl Source<'_> {
    fn define(&mut self, ty: &Type) {
        let (wit, definition, name) = match ty {
            Type::Record(record) => {
                let path = self.naming.ty(&record.name);
                let mut body = format!("struct {} {{\n", own(&path));
                for field in &record.fields {
                    let (ty, name) = (self.owned(&field.ty), self.naming.field(&field.name));
                    let _infallible = writeln!(body, "    {ty} {name}{{}};");
                }
                (record.to_string(), format!("{body}}};\n"), &record.name)
            }
            Type::Enum(cases) => {
                let path = self.naming.ty(&cases.name);
                let names: Vec<_> = cases.cases.iter().map(|case| self.naming.case(case)).collect();
                let body = format!("enum class {} {{ {} }};\n", own(&path), names.join(", "));
                (cases.to_string(), body, &cases.name)
            }
            _ => return,
        };
        let (path, told) = (self.naming.ty(name), self.naming.type_comment(name));
        self.place(&path, &format!("{told}// {wit}\n{definition}"));
    }

    fn function(&mut self, function: &Function, types: &[&Type]) {
        let (path, unknown) = self.naming.function(function);
        let names = self.naming.params(function, types, "");
        let mut params = Vec::new();
        for (param, name) in function.params.iter().zip(names) {
            let ty = self.param(&param.ty);
            let space = if ty.ends_with('&') { "" } else { " " };
            params.push(format!("{ty}{space}{name}"));
        }
        let mut text = format!("// {function}\n");
        if unknown {
            text.push_str(&symbol_comment(&function.name, &path));
        }
        // A std::exception would be the error: an answer.
        let mut stop = format!("std::logic_error(\"not written yet: {}\")", function.name);
        let result = match &function.result {
            None => "void".to_owned(),
            Some(Type::Result { ok, err }) if plain_error(err.as_deref()) => {
                text.push_str(
                    "// To give an error, throw std::runtime_error(\"what is wrong\").\n",
                );
                stop = format!("\"not written yet: {}\"", function.name);
                ok.as_ref().map_or("void".to_owned(), |ok| self.owned(ok))
            }
            Some(ty) => self.owned(ty),
        };
        let _infallible = write!(
            text,
            "{result} {}({}) {{\n    throw {stop};\n}}\n",
            own(&path),
            params.join(", ")
        );
        self.place(&path, &text);
    }

    /// Puts a definition into the namespace that its path names.
    fn place(&mut self, path: &str, text: &str) {
        self.text.push('\n');
        match path.rsplit_once("::") {
            Some((space, _)) => {
                let _infallible = write!(self.text, "namespace {space} {{\n{text}}}\n");
            }
            None => self.text.push_str(text),
        }
    }

    fn param(&mut self, ty: &Type) -> String {
        match ty {
            Type::String => {
                self.includes.insert("string_view");
                "std::string_view".to_owned()
            }
            Type::List(element) if element.is_scalar() => {
                self.includes.insert("span");
                format!("std::span<const {}>", self.owned(element))
            }
            Type::Option(inner) if inner.is_scalar() => self.owned(ty),
            Type::Enum(_) => self.owned(ty),
            scalar if scalar.is_scalar() => self.owned(scalar),
            other => format!("const {} &", self.owned(other)),
        }
    }

    fn owned(&mut self, ty: &Type) -> String {
        let (header, name) = match ty {
            Type::Bool => return "bool".to_owned(),
            Type::F32 => return "float".to_owned(),
            Type::F64 => return "double".to_owned(),
            Type::Char => return "char32_t".to_owned(),
            Type::Record(record) => return self.naming.ty(&record.name),
            Type::Enum(cases) => return self.naming.ty(&cases.name),
            Type::S8 => ("cstdint", "std::int8_t".to_owned()),
            Type::S16 => ("cstdint", "std::int16_t".to_owned()),
            Type::S32 => ("cstdint", "std::int32_t".to_owned()),
            Type::S64 => ("cstdint", "std::int64_t".to_owned()),
            Type::U8 => ("cstdint", "std::uint8_t".to_owned()),
            Type::U16 => ("cstdint", "std::uint16_t".to_owned()),
            Type::U32 => ("cstdint", "std::uint32_t".to_owned()),
            Type::U64 => ("cstdint", "std::uint64_t".to_owned()),
            Type::String => ("string", "std::string".to_owned()),
            Type::List(element) => ("vector", format!("std::vector<{}>", self.owned(element))),
            Type::Option(inner) => ("optional", format!("std::optional<{}>", self.owned(inner))),
            Type::Tuple(members) => {
                let members: Vec<_> = members.iter().map(|ty| self.owned(ty)).collect();
                ("tuple", format!("std::tuple<{}>", members.join(", ")))
            }
            Type::Result { ok, err } => {
                let payloads = [ok, err].map(|ty| match ty {
                    Some(ty) => self.owned(ty),
                    None => "std::monostate".to_owned(),
                });
                ("variant", format!("std::variant<{}>", payloads.join(", ")))
            }
        };
        self.includes.insert(header);
        name
    }
}

/// Whether an exception's text, or the mere fact, says all of an error.
fn plain_error(err: Option<&Type>) -> bool {
    err.is_none_or(|err| *err == Type::String)
}

fn own(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
