//! The types of an interface. Data only: parsing WIT text is `saggar-model`'s, laying values out
//! is [`crate::layout`]'s.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// The type of a parameter or result, named as in WIT.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// Signed 8-bit integer.
    S8,
    /// Signed 16-bit integer.
    S16,
    /// Signed 32-bit integer.
    S32,
    /// Signed 64-bit integer.
    S64,
    /// Unsigned 8-bit integer.
    U8,
    /// Unsigned 16-bit integer.
    U16,
    /// Unsigned 32-bit integer.
    U32,
    /// Unsigned 64-bit integer.
    U64,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// A Unicode scalar value.
    Char,
    /// UTF-8 text.
    String,
    /// A sequence of values of one type.
    List(Box<Type>),
    /// A fixed sequence of values, at least one.
    Tuple(Vec<Type>),
    /// A value or none.
    Option(Box<Type>),
    /// One of two outcomes, each with a value or without.
    Result {
        /// The value of success; `None` is WIT's `_`.
        ok: Option<Box<Type>>,
        /// The value of failure; `None` is WIT's `_`.
        err: Option<Box<Type>>,
    },
    /// Named fields.
    Record(Arc<Record>),
    /// One of a list of names.
    Enum(Arc<Enum>),
}

/// A record type: at least one field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Kebab-case WIT name.
    pub name: String,
    /// The fields in order; names are unique.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Kebab-case WIT name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// An enum type: at least one case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Enum {
    /// Kebab-case WIT name.
    pub name: String,
    /// The cases in order; a case's index is its number on the wire. Names are unique.
    pub cases: Vec<String>,
}

impl Type {
    /// A list of this type.
    pub fn list(self) -> Self {
        Type::List(Box::new(self))
    }

    /// An option of this type.
    pub fn option(self) -> Self {
        Type::Option(Box::new(self))
    }

    /// Whether this is a number, a truth value or a character.
    pub fn is_scalar(&self) -> bool {
        !matches!(
            self,
            Type::String
                | Type::List(_)
                | Type::Tuple(_)
                | Type::Option(_)
                | Type::Result { .. }
                | Type::Record(_)
                | Type::Enum(_)
        )
    }

    /// The types this one is directly made of, in the order in which they stand.
    pub fn parts(&self) -> Vec<&Type> {
        match self {
            Type::List(inner) | Type::Option(inner) => vec![inner],
            Type::Tuple(members) => members.iter().collect(),
            Type::Result { ok, err } => ok.iter().chain(err).map(|ty| &**ty).collect(),
            Type::Record(record) => record.fields.iter().map(|field| &field.ty).collect(),
            _ => Vec::new(),
        }
    }

    /// Levels of nesting: 1 for a type that is made of no other.
    pub fn depth(&self) -> usize {
        1 + self.parts().into_iter().map(Type::depth).max().unwrap_or(0)
    }

    /// Types in this one, itself included: the size of its tree.
    pub fn nodes(&self) -> usize {
        1 + self.parts().into_iter().map(Type::nodes).sum::<usize>()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Type::Bool => "bool",
            Type::S8 => "s8",
            Type::S16 => "s16",
            Type::S32 => "s32",
            Type::S64 => "s64",
            Type::U8 => "u8",
            Type::U16 => "u16",
            Type::U32 => "u32",
            Type::U64 => "u64",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Char => "char",
            Type::String => "string",
            Type::List(element) => return write!(f, "list<{element}>"),
            Type::Option(inner) => return write!(f, "option<{inner}>"),
            Type::Tuple(members) => {
                f.write_str("tuple<")?;
                for (i, member) in members.iter().enumerate() {
                    write!(f, "{}{member}", if i == 0 { "" } else { ", " })?;
                }
                return f.write_char('>');
            }
            Type::Result { ok: None, err: None } => "result",
            Type::Result { ok: Some(ok), err: None } => return write!(f, "result<{ok}>"),
            Type::Result { ok: None, err: Some(err) } => return write!(f, "result<_, {err}>"),
            Type::Result { ok: Some(ok), err: Some(err) } => {
                return write!(f, "result<{ok}, {err}>");
            }
            Type::Record(record) => return Name(&record.name).fmt(f),
            Type::Enum(cases) => return Name(&cases.name).fmt(f),
        };
        f.write_str(name)
    }
}

/// The definition as WIT text: `record point { x: f64, y: f64 }`.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|field| format!("{}: {}", Name(&field.name), field.ty))
            .collect();
        write!(f, "record {} {{ {} }}", Name(&self.name), fields.join(", "))
    }
}

/// The definition as WIT text: `enum color { red, green }`.
impl fmt::Display for Enum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cases: Vec<_> = self.cases.iter().map(|case| Name(case).to_string()).collect();
        write!(f, "enum {} {{ {} }}", Name(&self.name), cases.join(", "))
    }
}

/// A name as WIT text: a keyword has a percent sign before it.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escape = if KEYWORDS.contains(&self.0) { "%" } else { "" };
        write!(f, "{escape}{}", self.0)
    }
}

/// The keywords of WIT (component-model, design/mvp/WIT.md).
const KEYWORDS: [&str; 44] = [
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
    "_",
];

/// A named parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Kebab-case WIT name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// One function of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Kebab-case WIT name.
    pub name: String,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// The result, if the function has one.
    pub result: Option<Type>,
}

impl Function {
    /// The types of the parameters, then of the result.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.params.iter().map(|param| &param.ty).chain(&self.result)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: func(", Name(&self.name))?;
        for (i, param) in self.params.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {}", Name(&param.name), param.ty)?;
        }
        f.write_str(")")?;
        match &self.result {
            Some(ty) => write!(f, " -> {ty};"),
            None => f.write_str(";"),
        }
    }
}

/// The functions of a skill, in the order of the WIT text; a function's index in this order is
/// its number on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// At least one function; names are unique.
    pub functions: Vec<Function>,
}

impl Interface {
    /// A function and its number on the wire.
    pub fn find(&self, name: &str) -> Option<(usize, &Function)> {
        self.functions.iter().enumerate().find(|(_, f)| f.name == name)
    }

    /// The records and enums that the functions use, each once, what a type is made of before the
    /// type itself.
    pub fn named_types(&self) -> Vec<&Type> {
        fn visit<'t>(ty: &'t Type, seen: &mut BTreeSet<&'t str>, found: &mut Vec<&'t Type>) {
            let name = match ty {
                Type::Record(record) => Some(record.name.as_str()),
                Type::Enum(cases) => Some(cases.name.as_str()),
                _ => None,
            };
            if name.is_some_and(|name| seen.contains(name)) {
                return;
            }
            for part in ty.parts() {
                visit(part, seen, found);
            }
            if let Some(name) = name {
                seen.insert(name);
                found.push(ty);
            }
        }
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for ty in self.functions.iter().flat_map(Function::types) {
            visit(ty, &mut seen, &mut found);
        }
        found
    }
}

/// The normal form of the interface: the named types in use, then the functions, one a line. Two
/// texts that differ only in comments, white space, aliases, unused types and the order of types
/// have the same normal form, and parsing it gives the same interface.
impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ty in self.named_types() {
            match ty {
                Type::Record(record) => writeln!(f, "{record}")?,
                Type::Enum(cases) => writeln!(f, "{cases}")?,
                _ => {}
            }
        }
        self.functions.iter().try_for_each(|function| writeln!(f, "{function}"))
    }
}
