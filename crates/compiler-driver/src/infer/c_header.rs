//! Reads the types of `saggar.h` back out of their names: `saggar_list_list_s32`. A name counts only
//! if the generator of that header would give it. Called for sources in C.

use saggar_skill_abi::{Function, Interface, Type};

use crate::glue::CNames;

/// The type of a name of `saggar.h`, unless it has a record or enum in it: those stand in the
/// interface alone.
pub(super) fn read(name: &str) -> Option<Type> {
    let words: Vec<&str> = name.strip_prefix("saggar_")?.split('_').collect();
    let mut at = 0;
    let ty = one(&words, &mut at, 0)?;
    let whole = at == words.len();
    (whole && spelled(&ty) == name).then_some(ty)
}

/// What `saggar.h` calls a type, without another type to take its name.
fn spelled(ty: &Type) -> String {
    let function = Function { name: "f".to_owned(), params: Vec::new(), result: Some(ty.clone()) };
    CNames::new(&Interface { functions: vec![function] }).of(ty)
}

/// A tuple takes all that follows: inside another type its end cannot be told.
fn one(words: &[&str], at: &mut usize, depth: usize) -> Option<Type> {
    const MAX_DEPTH: usize = 32;
    let word = words.get(*at).filter(|_| depth < MAX_DEPTH)?;
    *at += 1;
    let mut next = || one(words, at, depth + 1);
    Some(match *word {
        "bool" => Type::Bool,
        "s8" => Type::S8,
        "s16" => Type::S16,
        "s32" => Type::S32,
        "s64" => Type::S64,
        "u8" => Type::U8,
        "u16" => Type::U16,
        "u32" => Type::U32,
        "u64" => Type::U64,
        "f32" => Type::F32,
        "f64" => Type::F64,
        "char" => Type::Char,
        "string" => Type::String,
        "list" => next()?.list(),
        "option" => next()?.option(),
        "tuple" => {
            let mut members = vec![next()?];
            while *at < words.len() {
                members.push(one(words, at, depth + 1)?);
            }
            Type::Tuple(members)
        }
        "result" => {
            let mut payload = || {
                let none = words.get(*at) == Some(&"none");
                *at += usize::from(none);
                if none { Some(None) } else { Some(Some(Box::new(one(words, at, depth + 1)?))) }
            };
            Type::Result { ok: payload()?, err: payload()? }
        }
        _ => return None,
    })
}
