//! The skeleton of a Rust source: slices and `&str` for lists and text, owned values for the rest.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saggar_model::Language;
use saggar_skill_abi::{Function, Interface, Type};

use super::naming::{Naming, symbol_comment};

pub(super) fn skeleton(interface: &Interface, symbols: &BTreeMap<String, String>) -> String {
    let source = Source { naming: Naming { language: Language::Rust, symbols } };
    let types = interface.named_types();
    let mut root = Module::default();
    for ty in &types {
        if let Some((path, text)) = source.define(ty) {
            root.place(&path, text);
        }
    }
    for function in &interface.functions {
        let (path, text) = source.function(function, &types);
        root.place(&path, text);
    }
    root.write().trim_start().to_owned()
}

/// What a function does until it is written. In two pieces: our own sources never hold it whole.
const STOP: &str = concat!("todo", "!");

/// The items of a module, and the modules in it.
#[derive(Default)]
struct Module {
    items: Vec<String>,
    inner: BTreeMap<String, Module>,
}

impl Module {
    fn place(&mut self, path: &str, text: String) {
        let mut module = self;
        let mut parts: Vec<&str> = path.split("::").collect();
        parts.pop();
        for part in parts {
            module = module.inner.entry(part.to_owned()).or_default();
        }
        module.items.push(text);
    }

    /// Depth is that of the plan's symbols, of 128 bytes at most.
    fn write(&self) -> String {
        let mut text = String::new();
        for item in &self.items {
            let _infallible = write!(text, "\n{item}");
        }
        for (name, module) in &self.inner {
            let inside = module.write();
            let _infallible = write!(text, "\npub mod {name} {{{}\n}}\n", indented(&inside));
        }
        text
    }
}

fn indented(text: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() { String::new() } else { format!("    {line}") }
    };
    let lines: Vec<_> = text.trim_end().lines().map(line).collect();
    lines.join("\n")
}

struct Source<'a> {
    naming: Naming<'a>,
}

impl Source<'_> {
    fn define(&self, ty: &Type) -> Option<(String, String)> {
        match ty {
            Type::Record(record) => {
                let path = self.naming.ty(&record.name);
                let mut text = format!(
                    "{}/// {record}\n#[derive(Clone, Debug, PartialEq)]\n{}pub struct {} {{\n",
                    self.naming.type_comment(&record.name),
                    unusual(own(&path)),
                    own(&path)
                );
                for field in &record.fields {
                    let (name, ty) = (self.naming.field(&field.name), self.owned(&field.ty));
                    let _infallible = writeln!(text, "    pub {name}: {ty},");
                }
                Some((path, text + "}\n"))
            }
            Type::Enum(cases) => {
                let path = self.naming.ty(&cases.name);
                let names: Vec<_> = cases.cases.iter().map(|case| self.naming.case(case)).collect();
                let odd = names.iter().map(|name| unusual(name)).find(|text| !text.is_empty());
                let text = format!(
                    "{}/// {cases}\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n{}pub enum {} {{\n    \
                     {},\n}}\n",
                    self.naming.type_comment(&cases.name),
                    odd.unwrap_or(unusual(own(&path))),
                    own(&path),
                    names.join(",\n    ")
                );
                Some((path, text))
            }
            _ => None,
        }
    }

    fn function(&self, function: &Function, types: &[&Type]) -> (String, String) {
        let (path, unknown) = self.naming.function(function);
        let mut text = if unknown { symbol_comment(&function.name, &path) } else { String::new() };
        let names = self.naming.params(function, types, "");
        let params: Vec<_> = function
            .params
            .iter()
            .zip(names)
            .map(|(param, name)| format!("{name}: {}", self.param(&param.ty)))
            .collect();
        let result = match &function.result {
            None => String::new(),
            Some(ty) => format!(" -> {}", self.owned(ty)),
        };
        let _infallible = write!(
            text,
            "/// {function}\npub fn {}({}){result} {{\n    {STOP}(\"{}\")\n}}\n",
            own(&path),
            params.join(", "),
            function.name
        );
        (path, text)
    }

    fn param(&self, ty: &Type) -> String {
        match ty {
            Type::String => "&str".to_owned(),
            Type::List(element) => format!("&[{}]", self.owned(element)),
            other => self.owned(other),
        }
    }

    fn owned(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "bool".to_owned(),
            Type::S8 => "i8".to_owned(),
            Type::S16 => "i16".to_owned(),
            Type::S32 => "i32".to_owned(),
            Type::S64 => "i64".to_owned(),
            Type::U8 => "u8".to_owned(),
            Type::U16 => "u16".to_owned(),
            Type::U32 => "u32".to_owned(),
            Type::U64 => "u64".to_owned(),
            Type::F32 => "f32".to_owned(),
            Type::F64 => "f64".to_owned(),
            Type::Char => "char".to_owned(),
            Type::String => "String".to_owned(),
            Type::List(element) => format!("Vec<{}>", self.owned(element)),
            Type::Option(inner) => format!("Option<{}>", self.owned(inner)),
            Type::Tuple(members) => {
                let members: Vec<_> = members.iter().map(|ty| self.owned(ty)).collect();
                let comma = if members.len() == 1 { "," } else { "" };
                format!("({}{comma})", members.join(", "))
            }
            Type::Result { ok, err } => {
                let [ok, err] =
                    [ok, err].map(|ty| ty.as_ref().map_or("()".to_owned(), |ty| self.owned(ty)));
                format!("Result<{ok}, {err}>")
            }
            Type::Record(record) => self.named(&record.name),
            Type::Enum(cases) => self.named(&cases.name),
        }
    }

    /// A type that stands in a module, or is used in one, is named from the outermost level.
    fn named(&self, wit: &str) -> String {
        let path = self.naming.ty(wit);
        let modules = self.naming.symbols.values().any(|path| path.contains("::"));
        if modules { format!("crate::{path}") } else { path }
    }
}

/// Silences the compiler where a name cannot be in the usual case.
fn unusual(name: &str) -> &'static str {
    let usual = name.starts_with(char::is_uppercase) && !name.contains('_');
    if usual { "" } else { "#[allow(non_camel_case_types)]\n" }
}

fn own(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
