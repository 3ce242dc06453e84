//! The Rust glue's forms: text, references, lists, maps, options, results and tuples as Rust
//! sources declare them. A module inside that of `glue.rs`.

use super::*;

// Text.

macro_rules! texts {
    ($($ty:ty)*) => {$(
        impl<'a> In<'a, Str> for $ty {
            fn get(call: &'a Call, at: usize) -> Self {
                call.text(at).into()
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
}

impl<'a, W: Wire, T: In<'a, W>, const N: usize> In<'a, List<W>> for [T; N] {
    fn get(call: &'a Call, at: usize) -> Self {
        let items: Result<[T; N], Vec<T>> = <Vec<T>>::get(call, at).try_into();
        items.unwrap_or_else(|items| {
            let found = items.len();
            refuse(::std::format!("a list has {found} elements where the source takes {N}"))
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

impl<'a, W: Wire, T: In<'a, W>> In<'a, List<W>> for ::std::vec::IntoIter<T> {
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
pub(super) const fn members<const N: usize>(parts: [(usize, usize); N]) -> (usize, usize, [usize; N]) {
    let (mut end, mut align, mut offsets, mut i) = (0, 1, [0; N], 0);
    while i < N {
        offsets[i] = up(end, parts[i].1);
        end = offsets[i] + parts[i].0;
        align = larger(align, parts[i].1);
        i += 1;
    }
    (up(end, align), align, offsets)
}

macro_rules! tuples {
    ($([$($W:ident $T:ident $i:tt)+])*) => {$(
        impl<$($W: Wire),+> Wire for ($($W,)+) {
            const SIZE: usize = members([$(($W::SIZE, $W::ALIGN)),+]).0;
            const ALIGN: usize = members([$(($W::SIZE, $W::ALIGN)),+]).1;
        }

        impl<'a, $($W: Wire, $T: In<'a, $W>),+> In<'a, ($($W,)+)> for ($($T,)+) {
            fn get(call: &'a Call, at: usize) -> Self {
                let offsets = members([$(($W::SIZE, $W::ALIGN)),+]).2;
                ($($T::get(call, at + offsets[$i]),)+)
            }
        }

        impl<$($W: Wire, $T: Out<$W>),+> Out<($($W,)+)> for ($($T,)+) {
            fn put(&self, sink: &mut Sink, at: usize) -> Done {
                let offsets = members([$(($W::SIZE, $W::ALIGN)),+]).2;
                $(self.$i.put(sink, at + offsets[$i])?;)+
                Ok(())
            }
        }
    )*};
}
