//! The fixed binary layout of values, version 1.
//!
//! A *block* is a run of bytes that starts on a 64-byte boundary. Everything is little-endian.
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
//! | `string` | 16 | 8 | offset `u64`, length in bytes `u64` |
//! | `list<T>` | 16 | 8 | offset `u64`, count of elements `u64` |
//!
//! The bytes of a string are UTF-8; in an argument block one zero byte follows them that is not
//! counted, so that C code can read them in place. The elements of a list lie one after the other
//! at T's size, from an offset that is a multiple of T's alignment. An empty string or list may
//! have any offset inside the block.
//!
//! ```text
//! count: func(text: string, word: string) -> u64        ("a b a", "a")
//!
//! args    0        8        16       24       32           38
//!         | off 32 | len 5  | off 38 | len 1  | a b a \0   | a \0
//! result  0
//!         | 2      |
//! ```

use crate::{Function, Type};

/// Blocks start on this boundary.
pub const BLOCK_ALIGN: usize = 64;

/// Bytes a value takes in place.
pub fn size_of(ty: &Type) -> usize {
    match ty {
        Type::Bool | Type::S8 | Type::U8 => 1,
        Type::S16 | Type::U16 => 2,
        Type::S32 | Type::U32 | Type::F32 => 4,
        Type::S64 | Type::U64 | Type::F64 => 8,
        Type::String | Type::List(_) => 16,
    }
}

/// The boundary a value lies on.
pub fn align_of(ty: &Type) -> usize {
    size_of(ty).min(8)
}

/// The parameter record: the offset of each parameter, and the record's size.
pub fn record(function: &Function) -> (Vec<usize>, usize) {
    let mut end = 0usize;
    let offsets = function
        .params
        .iter()
        .map(|param| {
            let offset = end.next_multiple_of(align_of(&param.ty));
            end = offset + size_of(&param.ty);
            offset
        })
        .collect();
    (offsets, end.next_multiple_of(8))
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
}
