//! The parameters and result of a C or C++ function as WIT has them: which pointers have their
//! length in the parameter behind them, which are text, and which say too little.

use saggar_skill_abi::Type;

use super::builder::Builder;
use super::c_shapes::{Shape, pointed, value};
use super::c_words::is_length;
use super::names;

/// A parameter as it is declared.
pub(super) struct Declared {
    pub(super) shape: Shape,
    pub(super) name: Option<String>,
}

/// Parameters with their names, and the result.
pub(super) type Signature = (Vec<(Option<String>, Type)>, Option<Type>);

/// Reads a function's declaration.
pub(super) fn read(
    out: &mut Builder<'_>,
    line: usize,
    is_c: bool,
    params: &[Declared],
    result: &Shape,
) -> Result<Signature, String> {
    let (params, filled) = split_return_size(is_c, params, result);
    let mut read = Vec::new();
    let mut at = 0;
    while let Some(param) = params.get(at) {
        let named = param.name.as_deref().unwrap_or("a parameter");
        let count = if is_c { objects(params, at) } else { 1 };
        let ty =
            parameter(out, line, is_c, param, count).map_err(|why| format!("`{named}`: {why}"))?;
        read.push((param.name.clone(), ty));
        at += count;
    }
    let result = match (result, filled) {
        (Shape::Pointer { to, .. }, 1) => Some(pointed(to)?),
        (Shape::Pointer { to, .. }, 2) => Some(rows(to)?),
        (Shape::Void, _) => None,
        (Shape::Auto, _) => {
            return Err("its result type `auto` is deduced; write it out".to_owned());
        }
        (Shape::Pointer { to, .. }, _) if **to != Shape::Char => {
            return Err("it returns a pointer, which says nothing of how many values it points \
                        to; return a struct of data and len"
                .to_owned());
        }
        (shape, _) => {
            note_char(out, line, "the result", shape);
            Some(value(shape).map_err(|why| format!("the result: {why}"))?)
        }
    };
    if result.is_none() && params.iter().any(|param| changes(&param.shape)) {
        let message = "it returns nothing: what it leaves in its arguments is lost; return it";
        out.note(line, message.to_owned());
    }
    Ok((read, result))
}

/// `int *f(int *nums, int numsSize, int *returnSize)`: the last parameter is the length of the
/// result. Of `int **f(…, int *returnSize, int **returnColumnSizes)` it is the last two. Gives the
/// other parameters and the number of those.
fn split_return_size<'p>(
    is_c: bool,
    params: &'p [Declared],
    result: &Shape,
) -> (&'p [Declared], usize) {
    let Shape::Pointer { to, .. } = result else { return (params, 0) };
    match params {
        [before @ .., sizes, columns]
            if is_c && row(to).is_some() && fills(sizes, is_count) && fills(columns, is_counts) =>
        {
            (before, 2)
        }
        // Text ends at its zero and needs no length.
        [before @ .., size] if is_c && **to != Shape::Char && fills(size, is_count) => (before, 1),
        _ => (params, 0),
    }
}

/// Whether a parameter is a place for the length, or the lengths, of what is returned.
fn fills(param: &Declared, counts: fn(&Shape) -> bool) -> bool {
    let place = matches!(&param.shape, Shape::Pointer { to, constant: false } if counts(to));
    let returned =
        |word: &String| matches!(word.as_str(), "return" | "returned" | "ret" | "out" | "result");
    let named = |name: &str| is_lengths(name) && names::words(name).iter().any(returned);
    place && param.name.as_deref().is_some_and(named)
}

/// What the elements of a row are, where each row is a pointer.
fn row(to: &Shape) -> Option<&Shape> {
    match to {
        Shape::Pointer { to, .. } => Some(to),
        _ => None,
    }
}

fn rows(to: &Shape) -> Result<Type, String> {
    let element = row(to).ok_or("its rows are no pointers")?;
    Ok(value(element)?.list().list())
}

fn is_counts(shape: &Shape) -> bool {
    matches!(shape, Shape::Pointer { to, .. } if is_count(to))
}

/// A length, or the lengths of several.
fn is_lengths(name: &str) -> bool {
    is_length(name) || name.strip_suffix('s').is_some_and(is_length)
}

/// How many parameters of C a list takes: `int **grid, int gridSize, int *gridColSize` are three.
fn objects(params: &[Declared], at: usize) -> usize {
    let Shape::Pointer { to, .. } = &params[at].shape else { return 1 };
    if !followed_by_length(params, at) {
        return 1;
    }
    let lengths = |next: &Declared| {
        let named = next.name.as_deref().is_some_and(|name| {
            let column = |word: &String| word.starts_with("col");
            // Texts have their lengths in themselves.
            is_lengths(name)
                && (row(to) != Some(&Shape::Char) || names::words(name).iter().any(column))
        });
        named && is_counts(&next.shape)
    };
    if row(to).is_some() && params.get(at + 2).is_some_and(lengths) { 3 } else { 2 }
}

fn is_count(shape: &Shape) -> bool {
    matches!(shape, Shape::Value(Type::U64 | Type::S64 | Type::U32 | Type::S32))
}

fn followed_by_length(params: &[Declared], at: usize) -> bool {
    let pointer = matches!(&params[at].shape, Shape::Pointer { .. });
    let Some(next) = params.get(at + 1).filter(|_| pointer) else { return false };
    let named = next.name.as_deref().is_none_or(is_length);
    is_count(&next.shape) && (named || next.shape == Shape::Value(Type::U64))
}

fn parameter(
    out: &mut Builder<'_>,
    line: usize,
    is_c: bool,
    param: &Declared,
    count: usize,
) -> Result<Type, String> {
    let named = param.name.as_deref().unwrap_or("a parameter");
    note_char(out, line, &format!("`{named}`"), &param.shape);
    match &param.shape {
        Shape::Pointer { to, .. } if count == 3 => rows(to),
        Shape::Pointer { to, .. } if count == 2 => {
            if **to == Shape::Value(Type::U8) {
                out.note(line, format!("`{named}` is a list of bytes; if it is text, say string"));
            }
            pointed(to)
        }
        Shape::Pointer { to, constant } if **to == Shape::Char => {
            if !constant {
                let message =
                    format!("`{named}` is text here; what the function writes into it is lost");
                out.note(line, message);
            }
            Ok(Type::String)
        }
        Shape::Pointer { .. } if is_c => {
            Err("a pointer alone may be a list, an optional value or \
                                              a place for a result; for a list let its length \
                                              follow, as `size_t n`"
                .to_owned())
        }
        Shape::Pointer { .. } => Err("a pointer may be a list without its length, an optional \
                                      value or a place for a result; take std::span for a list, \
                                      or say option<…> in the interface"
            .to_owned()),
        Shape::Reference { to, constant } => {
            if !constant {
                let message = format!(
                    "`{named}` is taken by reference and may be changed; the caller does not see \
                     that, only the result"
                );
                out.note(line, message);
            }
            value(to)
        }
        shape => value(shape),
    }
}

/// Whether a function can leave something in a parameter.
fn changes(shape: &Shape) -> bool {
    match shape {
        Shape::Reference { constant, .. } => !constant,
        // `const char **` is how C passes a list of texts.
        Shape::Pointer { to, constant } => !constant && !matches!(**to, Shape::Pointer { .. }),
        _ => false,
    }
}

fn note_char(out: &mut Builder<'_>, line: usize, what: &str, shape: &Shape) {
    let shape = match shape {
        Shape::Reference { to, .. } => &**to,
        shape => shape,
    };
    if *shape == Shape::Char {
        let message = format!(
            "{what} is a plain char: taken as char, a character, and only an ASCII one fits; if it \
             is a small number, say s8"
        );
        out.note(line, message);
    }
}
