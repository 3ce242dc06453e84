//! Forms: text, references, lists, maps, options, results and tuples as Rust sources declare them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;

use super::*;

// Text.

macro_rules! texts {
    ($($ty:ty)*) => {$(
        impl<'a> In<'a, Str> for $ty {
            fn get(call: &'a Call, at: usize) -> Self {
                call.text(at).into()
            }

            fn many(call: &'a Call, at: usize, count: usize) -> Vec<Self> {
                gather::<Str, Self>(call, at, count)
            }

            fn slice(call: &'a Call, at: usize, count: usize) -> &'a [Self] {
                call.keep(Self::many(call, at, count))
            }

            fn lists(call: &'a Call, at: usize, count: usize) -> Vec<Vec<Self>> {
                gather::<List<Str>, Vec<Self>>(call, at, count)
            }
        }
    )*};
}

texts! { &'a str String Cow<'a, str> Box<str> Rc<str> Arc<str> }

impl Out<Str> for str {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        sink.scalars(at, self.as_bytes())
    }
}

impl Out<Str> for String {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        sink.scalars(at, self.as_bytes())
    }

    fn put_list(items: &[Self], sink: &mut Sink, at: usize) -> Done {
        scatter::<Str, Self>(items, sink, at)
    }

    fn put_lists(items: &[Vec<Self>], sink: &mut Sink, at: usize) -> Done {
        scatter::<List<Str>, Vec<Self>>(items, sink, at)
    }
}

// References and boxes.

impl<'a, W: Wire, T: In<'a, W>> In<'a, W> for &'a T {
    fn get(call: &'a Call, at: usize) -> Self {
        call.keep(T::get(call, at))
    }
}

impl<'a, W: Wire, T: In<'a, W>> In<'a, W> for &'a mut T {
    fn get(call: &'a Call, at: usize) -> Self {
        call.keep(T::get(call, at))
    }
}

macro_rules! boxes {
    ($($boxed:ident)*) => {$(
        impl<'a, W: Wire, T: In<'a, W>> In<'a, W> for $boxed<T> {
            fn get(call: &'a Call, at: usize) -> Self {
                $boxed::new(T::get(call, at))
            }
        }

        impl<'a, W: Wire, T: In<'a, W>> In<'a, List<W>> for $boxed<[T]> {
            fn get(call: &'a Call, at: usize) -> Self {
                <Vec<T>>::get(call, at).into()
            }
        }

        impl<W: Wire, T: Out<W> + ?Sized> Out<W> for $boxed<T> {
            fn put(&self, sink: &mut Sink, at: usize) -> Done {
                T::put(self, sink, at)
            }
        }
    )*};
}

boxes! { Box Rc Arc }

impl<W: Wire, T: Out<W> + ?Sized> Out<W> for &T {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        T::put(self, sink, at)
    }
}

impl<W: Wire, T: Out<W> + ?Sized> Out<W> for &mut T {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        T::put(self, sink, at)
    }
}

impl<W: Wire, T: Out<W> + ToOwned + ?Sized> Out<W> for Cow<'_, T> {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        T::put(self, sink, at)
    }
}

// Lists.

impl<'a, W: Wire, T: In<'a, W>> In<'a, List<W>> for &'a [T] {
    fn get(call: &'a Call, at: usize) -> Self {
        T::slice(call, call.word(at), call.word(at + 8))
    }
}

impl<'a, W: Wire, T: In<'a, W>> In<'a, List<W>> for &'a mut [T] {
    fn get(call: &'a Call, at: usize) -> Self {
        call.keep(<Vec<T>>::get(call, at))
    }
}

impl<'a, W: Wire, T: In<'a, W> + Clone> In<'a, List<W>> for Cow<'a, [T]> {
    fn get(call: &'a Call, at: usize) -> Self {
        Cow::Borrowed(<&'a [T]>::get(call, at))
    }
}

impl<'a, W: Wire, T: In<'a, W>> In<'a, List<W>> for Vec<T> {
    fn get(call: &'a Call, at: usize) -> Self {
        T::many(call, call.word(at), call.word(at + 8))
    }

    fn many(call: &'a Call, at: usize, count: usize) -> Vec<Self> {
        T::lists(call, at, count)
    }
}

impl<'a, W: Wire, T: In<'a, W>, const N: usize> In<'a, List<W>> for [T; N] {
    fn get(call: &'a Call, at: usize) -> Self {
        let items: Result<[T; N], Vec<T>> = <Vec<T>>::get(call, at).try_into();
        items.unwrap_or_else(|items| {
            let found = items.len();
            refuse(format!("a list has {found} elements where the source takes {N}"))
        })
    }
}

macro_rules! sequences {
    ($([$($bound:tt)*] [$($more:tt)*] $ty:ty;)*) => {$(
        impl<'a, W: Wire, T: In<'a, W> $($bound)*, $($more)*> In<'a, List<W>> for $ty {
            fn get(call: &'a Call, at: usize) -> Self {
                <Vec<T>>::get(call, at).into_iter().collect()
            }
        }
    )*};
}

sequences! {
    [] [] VecDeque<T>;
    [] [] LinkedList<T>;
    [+ Ord] [] BinaryHeap<T>;
    [+ Ord] [] BTreeSet<T>;
    [+ Eq + Hash] [S: BuildHasher + Default + 'a] HashSet<T, S>;
}

impl<'a, W: Wire, T: In<'a, W>> In<'a, List<W>> for std::vec::IntoIter<T> {
    fn get(call: &'a Call, at: usize) -> Self {
        <Vec<T>>::get(call, at).into_iter()
    }
}

macro_rules! maps {
    ($([$($bound:tt)*] [$($more:tt)*] $ty:ty;)*) => {$(
        impl<'a, W: Wire, X: Wire, K: In<'a, W> $($bound)*, V: In<'a, X>, $($more)*>
            In<'a, List<(W, X)>> for $ty
        {
            fn get(call: &'a Call, at: usize) -> Self {
                <Vec<(K, V)>>::get(call, at).into_iter().collect()
            }
        }

        impl<W: Wire, X: Wire, K: Out<W>, V: Out<X>, $($more)*> Out<List<(W, X)>> for $ty {
            fn put(&self, sink: &mut Sink, at: usize) -> Done {
                sink.each::<(W, X), (&K, &V)>(at, self.len(), self.iter())
            }
        }
    )*};
}

maps! {
    [+ Ord] [] BTreeMap<K, V>;
    [+ Eq + Hash] [S: BuildHasher + Default + 'static] HashMap<K, V, S>;
}

impl<W: Wire, T: Out<W>> Out<List<W>> for [T] {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        T::put_list(self, sink, at)
    }
}

impl<W: Wire, T: Out<W>> Out<List<W>> for Vec<T> {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        T::put_list(self, sink, at)
    }

    fn put_list(items: &[Self], sink: &mut Sink, at: usize) -> Done {
        T::put_lists(items, sink, at)
    }
}

impl<W: Wire, T: Out<W>, const N: usize> Out<List<W>> for [T; N] {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        T::put_list(self, sink, at)
    }
}

macro_rules! iterated {
    ($([$($more:tt)*] $ty:ty;)*) => {$(
        impl<W: Wire, T: Out<W>, $($more)*> Out<List<W>> for $ty {
            fn put(&self, sink: &mut Sink, at: usize) -> Done {
                sink.each::<W, &T>(at, self.len(), self.iter())
            }
        }
    )*};
}

iterated! {
    [] VecDeque<T>;
    [] LinkedList<T>;
    [] BinaryHeap<T>;
    [] BTreeSet<T>;
    [S] HashSet<T, S>;
}

// Options, results and tuples.

impl<'a, W: Wire, T: In<'a, W>> In<'a, Opt<W>> for Option<T> {
    fn get(call: &'a Call, at: usize) -> Self {
        match call.tag(at) {
            0 => None,
            _ => Some(T::get(call, at + W::ALIGN)),
        }
    }
}

impl<W: Wire, T: Out<W>> Out<Opt<W>> for Option<T> {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        let Some(value) = self else { return Ok(()) };
        sink.set(at, 1u8);
        value.put(sink, at + W::ALIGN)
    }
}

impl<'a, W: Wire, X: Wire, T: In<'a, W>, E: In<'a, X>> In<'a, Res<W, X>> for Result<T, E> {
    fn get(call: &'a Call, at: usize) -> Self {
        let payload = at + <Res<W, X>>::ALIGN;
        match call.tag(at) {
            0 => Ok(T::get(call, payload)),
            _ => Err(E::get(call, payload)),
        }
    }
}

impl<W: Wire, X: Wire, T: Out<W>, E: Out<X>> Out<Res<W, X>> for Result<T, E> {
    fn put(&self, sink: &mut Sink, at: usize) -> Done {
        let payload = at + <Res<W, X>>::ALIGN;
        match self {
            Ok(value) => value.put(sink, payload),
            Err(error) => {
                sink.set(at, 1u8);
                error.put(sink, payload)
            }
        }
    }
}

impl<'a> In<'a, Void> for () {
    fn get(_call: &'a Call, _at: usize) -> Self {}
}

impl Out<Void> for () {
    fn put(&self, _sink: &mut Sink, _at: usize) -> Done {
        Ok(())
    }
}

/// Size, alignment and offsets of members that each have a size and an alignment.
pub const fn members<const N: usize>(parts: [(usize, usize); N]) -> (usize, usize, [usize; N]) {
    let (mut end, mut align, mut offsets, mut i) = (0, 1, [0; N], 0);
    while i < N {
        offsets[i] = up(end, parts[i].1);
        end = offsets[i] + parts[i].0;
        align = larger(align, parts[i].1);
        i += 1;
    }
    (up(end, align), align, offsets)
}

/// Tuples of one size, each with its tag: `(W0,): W0 T0 0;`.
#[macro_export]
macro_rules! tuples {
    ($($tag:ty: $($W:ident $T:ident $i:tt)+;)*) => {$(
        impl<$($W: $crate::Wire),+> $crate::Wire for $tag {
            const SIZE: usize = $crate::members([$(($W::SIZE, $W::ALIGN)),+]).0;
            const ALIGN: usize = $crate::members([$(($W::SIZE, $W::ALIGN)),+]).1;
        }

        impl<'a, $($W: $crate::Wire, $T: $crate::In<'a, $W>),+> $crate::In<'a, $tag> for ($($T,)+) {
            fn get(call: &'a $crate::Call, at: usize) -> Self {
                let offsets = const { $crate::members([$(($W::SIZE, $W::ALIGN)),+]).2 };
                ($($T::get(call, at + offsets[$i]),)+)
            }
        }

        impl<$($W: $crate::Wire, $T: $crate::Out<$W>),+> $crate::Out<$tag> for ($($T,)+) {
            fn put(&self, sink: &mut $crate::Sink, at: usize) -> $crate::Done {
                let offsets = const { $crate::members([$(($W::SIZE, $W::ALIGN)),+]).2 };
                $(self.$i.put(sink, at + offsets[$i])?;)+
                Ok(())
            }
        }
    )*};
}

tuples! {
    (W0,): W0 T0 0;
    (W0, W1): W0 T0 0 W1 T1 1;
    (W0, W1, W2): W0 T0 0 W1 T1 1 W2 T2 2;
    (W0, W1, W2, W3): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3;
    (W0, W1, W2, W3, W4): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4;
    (W0, W1, W2, W3, W4, W5): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5;
    (W0, W1, W2, W3, W4, W5, W6): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6;
    (W0, W1, W2, W3, W4, W5, W6, W7): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9 W10 T10 10;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9 W10 T10 10 W11 T11 11;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11, W12): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9 W10 T10 10 W11 T11 11 W12 T12 12;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11, W12, W13): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9 W10 T10 10 W11 T11 11 W12 T12 12 W13 T13 13;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11, W12, W13, W14): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9 W10 T10 10 W11 T11 11 W12 T12 12 W13 T13 13 W14 T14 14;
    (W0, W1, W2, W3, W4, W5, W6, W7, W8, W9, W10, W11, W12, W13, W14, W15): W0 T0 0 W1 T1 1 W2 T2 2 W3 T3 3 W4 T4 4 W5 T5 5 W6 T6 6 W7 T7 7 W8 T8 8 W9 T9 9 W10 T10 10 W11 T11 11 W12 T12 12 W13 T13 13 W14 T14 14 W15 T15 15;
}
