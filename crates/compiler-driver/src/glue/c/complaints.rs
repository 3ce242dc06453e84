//! What is said of a declaration that does not fit the interface, and what to declare instead.

use saggar_skill_abi::{Enum, Function, Record, Type};

use super::super::{Writer, arity_complaint, parameter_complaint, result_complaint, scalar};
use super::fit::Misfit;
use super::is_flat;
use super::names::{Names, members};

/// One static assertion for each misfit.
pub(super) fn misfits(
    out: &mut Writer,
    index: usize,
    function: &Function,
    misfits: &[Misfit],
    names: &Names,
) {
    for misfit in misfits {
        let (at, complaint) = match misfit {
            Misfit::Parameter(at) => {
                let hint = parameter(&function.params[*at].ty, names);
                (Some(*at), parameter_complaint(function, *at, &hint))
            }
            Misfit::Result => {
                let hint = function.result.as_ref().map(|ty| result(ty, names));
                (None, result_complaint(function, hint.as_deref().unwrap_or("void")))
            }
            Misfit::Arity => (None, arity_complaint(function)),
        };
        out.about(index, at, format_args!("_Static_assert(0, \"{complaint}\");"));
    }
}

/// The same for a function whose declaration is not to be read in the source.
pub(super) fn unread(out: &mut Writer, index: usize, function: &Function, names: &Names) {
    let composite = |ty: &Type| !is_flat(ty);
    let at = function.params.iter().position(|param| composite(&param.ty));
    let misfit = at.map_or(Misfit::Result, Misfit::Parameter);
    misfits(out, index, function, &[misfit], names);
}

fn parameter(ty: &Type, names: &Names) -> String {
    let documented = names.of(ty);
    let own = match ty {
        Type::Char => return "uint32_t (or char, for ASCII alone)".to_owned(),
        Type::String => "const char * and a length".to_owned(),
        Type::List(element) => match &**element {
            Type::Record(_) | Type::Enum(_) => "a pointer to your own type and a length".to_owned(),
            Type::String => "const char ** and a length".to_owned(),
            Type::List(inner) if inner.is_scalar() => {
                format!("{0} **, a length and a pointer to the lengths of the rows", scalar(inner))
            }
            scalars if scalars.is_scalar() => format!("const {} * and a length", scalar(scalars)),
            _ => return only(&documented),
        },
        Type::Record(record) => fields(record),
        Type::Enum(cases) => own_enum(cases),
        Type::Option(inner) if inner.is_scalar() => {
            format!("const {} *, NULL for none", scalar(inner))
        }
        Type::Option(inner) if **inner == Type::String => "const char *, NULL for none".to_owned(),
        Type::Option(_) | Type::Tuple(_) | Type::Result { .. } => return only(&documented),
        scalar_type => return scalar(scalar_type).to_owned(),
    };
    format!("{own}; or include saggar.h and use {documented}")
}

fn result(ty: &Type, names: &Names) -> String {
    let documented = names.of(ty);
    let own = match ty {
        Type::Char => return "uint32_t (or char, for ASCII alone)".to_owned(),
        Type::String => "char *, from malloc, or const char *".to_owned(),
        Type::List(element) if element.is_scalar() => {
            format!("{} *, from malloc, and size_t *length as the last parameter", scalar(element))
        }
        Type::Record(record) => fields(record),
        Type::Enum(cases) => own_enum(cases),
        Type::Option(inner) if inner.is_scalar() => {
            format!("bool, and {} *value as the last parameter", scalar(inner))
        }
        scalar_type if scalar_type.is_scalar() => return scalar(scalar_type).to_owned(),
        _ => return only(&documented),
    };
    format!("{own}; or include saggar.h and use {documented}")
}

fn only(documented: &str) -> String {
    format!("{documented}, which saggar.h defines: include saggar.h")
}

fn fields(record: &Record) -> String {
    const SHOWN: usize = 8;
    let members = record.fields.iter().zip(members(record));
    let shown: Vec<String> = members
        .take(SHOWN)
        .map(|(field, member)| match &field.ty {
            Type::Char => format!("uint32_t {member}"),
            ty if ty.is_scalar() => format!("{} {member}", scalar(ty)),
            Type::String => format!("char *{member}"),
            _ => member,
        })
        .collect();
    let more = if record.fields.len() > SHOWN { ", …" } else { "" };
    format!("a struct with the members {}{more}", shown.join(", "))
}

fn own_enum(cases: &Enum) -> String {
    format!("an enum of your own with {} enumerators named as the cases", cases.cases.len())
}
