//! The types of an interface. Data only: parsing WIT text is `saggar-model`'s, laying values out
//! is [`crate::layout`]'s.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The type of a parameter or result, named as in WIT.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// UTF-8 text.
    String,
    /// A sequence of values of one type.
    List(Box<Type>),
}

impl Type {
    /// Whether a value of this type stands in its place with no pointer out of it.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Type::String | Type::List(_))
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
            Type::String => "string",
            Type::List(element) => return write!(f, "list<{element}>"),
        };
        f.write_str(name)
    }
}

/// A named parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// Kebab-case WIT name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// One function of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Kebab-case WIT name.
    pub name: String,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// The result, if the function has one.
    pub result: Option<Type>,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: func(", self.name)?;
        for (i, param) in self.params.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {}", param.name, param.ty)?;
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// At least one function; names are unique.
    pub functions: Vec<Function>,
}

impl Interface {
    /// A function and its number on the wire.
    pub fn find(&self, name: &str) -> Option<(usize, &Function)> {
        self.functions.iter().enumerate().find(|(_, f)| f.name == name)
    }
}

/// The normal form of the interface: one function a line. Two texts that differ only in comments
/// and white space have the same normal form.
impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.functions.iter().try_for_each(|function| writeln!(f, "{function}"))
    }
}
