//! Scalars: numbers, truth values and characters, which lie in a block as Rust has them in memory.

use super::*;

/// # Safety
/// The type has no padding, and those values that `check` does not refuse are valid.
pub unsafe trait Scalar: Copy + 'static {
    /// # Safety
    /// `count` values' bytes are there, aligned.
    unsafe fn check(_start: *const Self, _count: usize) {}
}

macro_rules! scalars {
    ($($tag:ident: $main:ident $($more:ident)*;)*) => {$(
        pub struct $tag;
        wire! { [] $tag: size_of::<$main>(), size_of::<$main>(); }
        scalars!(@ $tag: $main $($more)*);
    )*};
    (@ $tag:ident: $($ty:ident)*) => {$(
        impl<'a> In<'a, $tag> for $ty {
            fn get(call: &'a Call, at: usize) -> Self {
                call.scalars::<Self>(at, 1)[0]
            }

            fn many(call: &'a Call, at: usize, count: usize) -> Vec<Self> {
                call.scalars::<Self>(at, count).to_vec()
            }

            fn slice(call: &'a Call, at: usize, count: usize) -> &'a [Self] {
                call.scalars(at, count)
            }

            fn lists(call: &'a Call, at: usize, count: usize) -> Vec<Vec<Self>> {
                gather::<List<$tag>, Vec<Self>>(call, at, count)
            }
        }

        impl Out<$tag> for $ty {
            fn put(&self, sink: &mut Sink, at: usize) -> Done {
                sink.set(at, *self);
                Ok(())
            }

            fn put_list(items: &[Self], sink: &mut Sink, at: usize) -> Done {
                sink.scalars(at, items)
            }

            fn put_lists(items: &[Vec<Self>], sink: &mut Sink, at: usize) -> Done {
                scatter::<List<$tag>, Vec<Self>>(items, sink, at)
            }
        }
    )*};
}

scalars! {
    Bool: bool;
    S8: i8;
    S16: i16;
    S32: i32;
    S64: i64 isize;
    U8: u8;
    U16: u16;
    U32: u32;
    U64: u64 usize;
    F32: f32;
    F64: f64;
    Char: char;
}

macro_rules! any_bits {
    ($($ty:ident)*) => {$(
        // SAFETY: a number: no padding, and any bits are a value.
        unsafe impl Scalar for $ty {}
    )*};
}

any_bits! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 }

// SAFETY: one byte, and `check` refuses all but 0 and 1.
unsafe impl Scalar for bool {
    unsafe fn check(start: *const Self, count: usize) {
        // SAFETY: the bytes are there.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), count) };
        if bytes.iter().any(|byte| *byte > 1) {
            refuse(String::from("an argument is no truth value"));
        }
    }
}

// SAFETY: four bytes, and `check` refuses all but scalar values.
unsafe impl Scalar for char {
    unsafe fn check(start: *const Self, count: usize) {
        // SAFETY: the words are there, aligned.
        let words = unsafe { std::slice::from_raw_parts(start.cast::<u32>(), count) };
        if words.iter().any(|word| char::from_u32(*word).is_none()) {
            refuse(String::from("an argument is no character"));
        }
    }
}
