//! The fixed binary layout of values, version 1.
//!
//! A *block* is a run of bytes that starts on a 64-byte boundary. Where many calls are made at once,
//! an argument block of at most 64 bytes and every result block may start on a 16-byte boundary.
//! Everything is little-endian.
//! The arguments of a call are one block that opens with the *parameter record*: the parameters
//! in order, each at the next multiple of its alignment, the whole padded to 8 bytes. A result is
//! one block that opens with the value. What does not fit in place lies later in the same block
//! and is named by its offset from the block's start, so that a block can be moved as it is.
//!
//! | type | size | alignment | in place |
//! |---|---|---|---|
//! | `bool` | 1 | 1 | 0 or 1, nothing else |
//! | `s8` `u8` | 1 | 1 | two's complement |
//! | `s16` `u16` | 2 | 2 | |
//! | `s32` `u32` `f32` | 4 | 4 | IEEE 754 for floats |
//! | `s64` `u64` `f64` | 8 | 8 | |
//! | `char` | 4 | 4 | a Unicode scalar value: 0 to 0xd7ff or 0xe000 to 0x10ffff |
//! | `string` | 16 | 8 | offset `u64`, length in bytes `u64` |
//! | `list<T>` | 16 | 8 | offset `u64`, count of elements `u64` |
//! | `enum` | 1, or 2 beyond 256 cases | its size | the case's number, from 0 |
//! | `record` `tuple` | see below | the largest of its members' | the members in order |
//! | `option<T>` | see below | T's | tag byte: 0 none, 1 some; then T |
//! | `result<T, E>` | see below | the larger of T's and E's | tag byte: 0 ok, 1 err; then T or E |
//!
//! Members of a record or tuple lie each at the next multiple of its own alignment. The payload of
//! an option or result lies at the first multiple of the type's alignment after the tag; a result
//! has room for the larger of its two payloads. Every size is rounded up to the alignment. A
//! payload that a tag says is absent, and the bytes between members, are written as zero and never
//! read. These are the rules of the component model's canonical ABI, but for offsets and lengths,
//! which are 64 bits wide and relative to the block.
//!
//! The bytes of a string are UTF-8; in an argument block one zero byte follows them that is not
//! counted, so that C code can read them in place. The elements of a list lie one after the other
//! at T's size, from an offset that is a multiple of T's alignment. The offset of an empty list,
//! or of an empty string in a result, may be anything and is never read.
//!
//! A parameter that is a list of numbers may have its elements in a file. They are mapped behind the
//! block then, at an offset from its start as every list's, and the block counts as so long that
//! they lie in it.
//!
//! ```text
//! count: func(text: string, word: string) -> u64        ("a b a", "a")
//!
//! args    0        8        16       24       32           38
//!         | off 32 | len 5  | off 38 | len 1  | a b a \0   | a \0
//! result  0
//!         | 2      |
//!
//! record item { id: u16, price: option<f32>, name: string }
//! first: func(items: list<item>) -> result<item, char>  ([{id: 7, price: 1.5, name: "jug"}])
//!
//! args    0        8        16                                                    48
//!         | off 16 | count 1| id 2 | -- 2 | some 1 | -- 3 | f32 4 | -- 4 | off 48 | len 3 | jug\0
//!                             16            20              24             32       40
//! result  0            8                                                          40
//!         | ok 1 | --7 | id 2 | -- 2 | some 1 | -- 3 | f32 4 | -- 4 | off 40 | len 3 | jug
//! ```

use crate::shape::{self, Shape};
use crate::{Function, Type};

/// Blocks start on this boundary.
pub const BLOCK_ALIGN: usize = 64;

/// Result blocks of many calls at once start on this boundary, and argument blocks that are not
/// longer than [`BLOCK_ALIGN`].
pub const SMALL_ALIGN: usize = 16;

/// Bytes a value takes in place; a multiple of its alignment, never 0.
pub fn size_of(ty: &Type) -> usize {
    Shape::of(ty).size
}

/// The boundary a value lies on.
pub fn align_of(ty: &Type) -> usize {
    Shape::of(ty).align
}

/// Bytes of the number of an enum's case.
pub fn enum_size(cases: usize) -> usize {
    if cases <= 256 { 1 } else { 2 }
}

/// Where the payload of an option or result lies after the start of the value.
pub fn payload_offset(ty: &Type) -> usize {
    align_of(ty)
}

/// The members of a record or tuple, each with its offset from the start of the value.
pub fn members<'t>(
    parts: impl IntoIterator<Item = &'t Type>,
) -> impl Iterator<Item = (usize, &'t Type)> {
    let mut end = 0usize;
    parts.into_iter().map(move |member| {
        let shape = Shape::of(member);
        let offset = end.next_multiple_of(shape.align);
        end = offset + shape.size;
        (offset, member)
    })
}

/// The parameter record: the offset of each parameter, and the record's size.
pub fn record(function: &Function) -> (Vec<usize>, usize) {
    let (params, size) = parameters(function);
    (params.into_iter().map(|(offset, _)| offset).collect(), size)
}

/// The same with the parameters' shapes.
pub(crate) fn parameters(function: &Function) -> (Vec<(usize, Shape<'_>)>, usize) {
    let mut params: Vec<_> = function.params.iter().map(|p| (0, Shape::of(&p.ty))).collect();
    let end = shape::place(&mut params);
    (params, end.next_multiple_of(8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Param;

    #[test]
    fn parameters_lie_on_their_own_boundaries() {
        let param = |ty| Param { name: "p".into(), ty };
        let function = Function {
            name: "f".into(),
            params: [Type::U8, Type::U32, Type::Bool, Type::String].map(param).into(),
            result: None,
        };
        assert_eq!(record(&function), (vec![0, 4, 8, 16], 32));
    }

    #[test]
    fn no_parameters_make_an_empty_record() {
        let function = Function { name: "f".into(), params: vec![], result: None };
        assert_eq!(record(&function), (vec![], 0));
    }

    #[test]
    fn composites_have_the_sizes_of_the_canonical_abi() {
        let check = |ty: Type, size: usize, align: usize| {
            assert_eq!((size_of(&ty), align_of(&ty)), (size, align), "{ty}");
        };
        let result = |ok: Option<Type>, err: Option<Type>| Type::Result {
            ok: ok.map(Box::new),
            err: err.map(Box::new),
        };
        check(Type::Tuple(vec![Type::U8, Type::U32, Type::U8]), 12, 4);
        check(Type::Tuple(vec![Type::U8, Type::U8]), 2, 1);
        check(Type::Tuple(vec![Type::Char, Type::String]), 24, 8);
        check(Type::U8.option(), 2, 1);
        check(Type::U64.option().option(), 24, 8);
        check(result(None, None), 1, 1);
        check(result(Some(Type::U8), Some(Type::String)), 24, 8);
        check(result(None, Some(Type::U16)), 4, 2);
    }
}
