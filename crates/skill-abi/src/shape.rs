//! A type with its sizes and offsets worked out once, for any number of values to be laid out or
//! read by. The rules are [`crate::layout`]'s; encoding and decoding walk along it.

use std::borrow::Cow;

use crate::{Type, layout};

/// A type and where everything in it lies.
#[derive(Debug)]
pub(crate) struct Shape<'t> {
    pub(crate) ty: Cow<'t, Type>,
    /// Bytes in place; a multiple of the alignment, never 0.
    pub(crate) size: usize,
    pub(crate) align: usize,
    /// What the type is directly made of, in order, each with its offset from the start of the
    /// value. The element of a list is here too, though it lies elsewhere.
    pub(crate) parts: Vec<(usize, Shape<'t>)>,
    /// Memory of a JSON value of the type, what strings and lists hold aside, in units of the
    /// smallest. Never less than the number of types that reading it goes through.
    pub(crate) weight: usize,
}

/// Bytes of the smallest JSON value: the unit of weights.
const UNIT: usize = 32;

/// What an object of few entries weighs: its map allocates room for eleven at once.
const OBJECT: usize = 20;

impl<'t> Shape<'t> {
    pub(crate) fn of(ty: &'t Type) -> Self {
        let mut parts: Vec<_> = ty.parts().into_iter().map(|part| (0, Shape::of(part))).collect();
        let weight = weight(ty, &parts);
        let widest = parts.iter().map(|(_, part)| part.align).max().unwrap_or(1);
        let (size, align) = match ty {
            Type::Bool | Type::S8 | Type::U8 => (1, 1),
            Type::S16 | Type::U16 => (2, 2),
            Type::S32 | Type::U32 | Type::F32 | Type::Char => (4, 4),
            Type::S64 | Type::U64 | Type::F64 => (8, 8),
            Type::String | Type::List(_) => (16, 8),
            Type::Enum(cases) => {
                let size = layout::enum_size(cases.cases.len());
                (size, size)
            }
            Type::Tuple(_) | Type::Record(_) => (place(&mut parts), widest),
            Type::Option(_) | Type::Result { .. } => {
                parts.iter_mut().for_each(|(offset, _)| *offset = widest);
                let ends = parts.iter().map(|(offset, part)| offset + part.size);
                (ends.max().unwrap_or(1), widest)
            }
        };
        let (ty, size) = (Cow::Borrowed(ty), size.next_multiple_of(align));
        Shape { ty, size, align, parts, weight }
    }

    /// The same with types of its own.
    pub(crate) fn into_owned(self) -> Shape<'static> {
        let Shape { ty, size, align, parts, weight } = self;
        let ty = Cow::Owned(ty.into_owned());
        let parts = parts.into_iter().map(|(offset, part)| (offset, part.into_owned())).collect();
        Shape { ty, size, align, parts, weight }
    }

    /// Whether this is a number, a truth value, a character or a case.
    pub(crate) fn is_scalar(&self) -> bool {
        self.ty.is_scalar() || matches!(*self.ty, Type::Enum(_))
    }
}

/// Gives each member its offset, one after the other; gives where the last one ends.
pub(crate) fn place(members: &mut [(usize, Shape<'_>)]) -> usize {
    members.iter_mut().fold(0, |end: usize, (offset, member)| {
        *offset = end.next_multiple_of(member.align);
        *offset + member.size
    })
}

fn weight(ty: &Type, parts: &[(usize, Shape<'_>)]) -> usize {
    let inside = parts.iter().map(|(_, part)| part.weight).sum::<usize>();
    let name = |name: &String| 1 + name.len() / UNIT;
    1 + match ty {
        Type::Char | Type::String | Type::List(_) => 1,
        Type::Enum(cases) => cases.cases.iter().map(name).max().unwrap_or(0),
        Type::Record(record) => {
            let names: usize = record.fields.iter().map(|field| name(&field.name)).sum();
            OBJECT * (1 + record.fields.len() / 6) + names + inside
        }
        Type::Result { .. } => OBJECT + inside,
        Type::Option(inner) if matches!(**inner, Type::Option(_)) => OBJECT + inside,
        _ => inside,
    }
}
