//! What declared types of C and C++ come to in WIT: a type as it is declared, and the value that it
//! is where it stands in another type. The reader of declarations makes and combines them.

use saggar_skill_abi::Type;

use super::c_words::Container;

/// A declared type, with what WIT has no word for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Void,
    Auto,
    /// Plain `char`: a character by itself, behind a pointer text.
    Char,
    Value(Type),
    Pointer {
        to: Box<Shape>,
        constant: bool,
    },
    Reference {
        to: Box<Shape>,
        constant: bool,
    },
}

/// A shape as a part of another type.
pub(super) fn value(shape: &Shape) -> Result<Type, String> {
    Ok(match shape {
        Shape::Value(ty) => ty.clone(),
        Shape::Char => Type::Char,
        Shape::Reference { to, .. } => return value(to),
        Shape::Pointer { to, .. } if **to == Shape::Char => Type::String,
        Shape::Pointer { .. } => {
            return Err("a pointer says nothing of how many values it points to".to_owned());
        }
        Shape::Void => return Err("`void` is no value".to_owned()),
        Shape::Auto => return Err("`auto` names no type; write it out".to_owned()),
    })
}

/// What a pointer with a length beside it is.
pub(super) fn pointed(to: &Shape) -> Result<Type, String> {
    match to {
        Shape::Char => Ok(Type::String),
        Shape::Void => Err("`void *` says nothing of its elements".to_owned()),
        element => Ok(value(element)?.list()),
    }
}

pub(super) fn combine(kind: Container, whole: &str, arguments: Vec<Shape>) -> Result<Type, String> {
    if kind == Container::Text {
        let text = arguments == [Shape::Char];
        return text.then_some(Type::String).ok_or(format!("`{whole}` of other than char"));
    }
    if kind == Container::Result {
        let [ok, err] = arguments.as_slice() else {
            return Err(format!("`{whole}` of other than two types has no WIT type"));
        };
        let payload = |shape: &Shape| match shape {
            Shape::Void => Ok(None),
            shape => value(shape).map(|ty| Some(Box::new(ty))),
        };
        return Ok(Type::Result { ok: payload(ok)?, err: payload(err)? });
    }
    let mut types = arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?;
    match (kind, types.len()) {
        (_, 0) => Err(format!("`{whole}` without a type is not understood")),
        (Container::Tuple, _) => Ok(Type::Tuple(types)),
        (Container::Map, 2) => Ok(Type::Tuple(types).list()),
        (Container::Map, _) => Err(format!("`{whole}` takes two types")),
        (Container::List, _) => Ok(types.swap_remove(0).list()),
        (_, _) => Ok(types.swap_remove(0).option()),
    }
}

/// A type written with the words of numbers.
pub(super) fn arithmetic(words: &[&str]) -> Result<Shape, String> {
    let count = |wanted: &str| words.iter().filter(|word| **word == wanted).count();
    let unsigned = count("unsigned") > 0;
    let pick = |signed: Type, other: Type| Shape::Value(if unsigned { other } else { signed });
    Ok(if count("__int128") > 0 {
        return Err("a 128-bit integer has no WIT type".to_owned());
    } else if count("double") > 0 && count("long") > 0 {
        return Err("`long double` has no WIT type; use double".to_owned());
    } else if count("double") > 0 {
        Shape::Value(Type::F64)
    } else if count("float") > 0 {
        Shape::Value(Type::F32)
    } else if count("char") > 0 {
        match (unsigned, count("signed") > 0) {
            (false, false) => Shape::Char,
            _ => pick(Type::S8, Type::U8),
        }
    } else if count("short") > 0 {
        pick(Type::S16, Type::U16)
    } else if count("long") > 0 {
        pick(Type::S64, Type::U64)
    } else {
        pick(Type::S32, Type::U32)
    })
}
