//! The Rust glue's run-time part: reads the values of a call out of its argument block and writes
//! the result into another, as `layout.rs` of saggar-skill-abi lays both out. Generated glue puts
//! this text into a module of the skill's crate, so that nothing here can meet a name of the
//! source's; macros are called by their full paths, because those of the source are in scope.
//!
//! A tag (`F64`, `List<Str>`) is a type of the interface. `In` and `Out` say which Rust types hold
//! its values (`glue_forms.rs` for all but scalars); inference on the function chooses among them.
//!
//! All of it is compiled with every skill. So loops are loops and not chains of adapters, what is
//! not generic is one function, and nothing is dropped at the end of a thread: each of these has
//! rustc compile a good part of its library anew.

#[allow(unused_imports)]
use ::std::prelude::v1::*;

use ::std::any::Any;
use ::std::borrow::Cow;
use ::std::cell::{Cell, RefCell};
use ::std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use ::std::fmt;
use ::std::hash::{BuildHasher, Hash};
use ::std::marker::PhantomData;
use ::std::panic::{self, AssertUnwindSafe};
use ::std::rc::Rc;
use ::std::sync::Arc;
use ::std::sync::atomic::{AtomicBool, Ordering};

// The structures of frame.rs.

#[repr(C)]
pub struct Frame {
    args: *const u8,
    args_len: u64,
    result: *mut u8,
    result_cap: u64,
    result_len: u64,
}

type Entry = unsafe extern "C" fn(*mut Frame) -> u32;

#[repr(C)]
pub struct Table {
    abi: u32,
    count: u32,
    interface: [u8; 32],
    entries: *const Entry,
}

// SAFETY: the table is never written, and what it points at is a constant.
unsafe impl Sync for Table {}

// The host works in 64-bit offsets; what follows holds `u64` and `usize` to be the same.
const _: () = ::std::assert!(size_of::<usize>() == 8);

const OK: u32 = 0;
const EXCEPTION: u32 = 1;
const RESULT_TOO_LARGE: u32 = 2;

/// What ends a call early.
enum Stop {
    TooLarge,
    Failed(String),
}

type Done = Result<(), Stop>;

/// What the glue itself throws where an argument does not fit; the panic hook never sees it.
struct Refused(String);

fn refuse(message: String) -> ! {
    panic::resume_unwind(Box::new(Refused(message)))
}

// Tags.

trait Wire {
    const SIZE: usize;
    const ALIGN: usize;
}

struct Str;
struct List<W>(PhantomData<W>);
struct Opt<W>(PhantomData<W>);
struct Res<W, X>(PhantomData<(W, X)>);
/// No value: the result of a function without one, and the `_` of `result<_, E>`.
struct Void;

const fn up(at: usize, align: usize) -> usize {
    (at + align - 1) / align * align
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

macro_rules! wire {
    ($([$($G:ident)*] $tag:ty: $size:expr, $align:expr;)*) => {$(
        impl<$($G: Wire),*> Wire for $tag {
            const SIZE: usize = $size;
            const ALIGN: usize = $align;
        }
    )*};
}

wire! {
    [] Str: 16, 8;
    [] Void: 0, 1;
    [W] List<W>: 16, 8;
    [W] Opt<W>: up(W::ALIGN + W::SIZE, W::ALIGN), W::ALIGN;
    [W X] Res<W, X>: up(Self::ALIGN + larger(W::SIZE, X::SIZE), Self::ALIGN),
        larger(W::ALIGN, X::ALIGN);
}

// The argument block.

/// The arguments of one call, and what was made of them that must live as long.
struct Call {
    args: *const u8,
    len: usize,
    kept: RefCell<Vec<(*mut u8, unsafe fn(*mut u8))>>,
}

impl Call {
    /// Bytes of the block. The host wrote it; a wrong offset is its error and ends the call.
    fn bytes(&self, at: usize, len: usize) -> *const u8 {
        match at.checked_add(len) {
            Some(end) if end <= self.len => self.args.wrapping_add(at),
            _ => refuse(String::from("the argument block is damaged")),
        }
    }

    fn word(&self, at: usize) -> usize {
        // SAFETY: `bytes` found eight bytes there.
        unsafe { self.bytes(at, 8).cast::<usize>().read_unaligned() }
    }

    fn tag(&self, at: usize) -> u8 {
        // SAFETY: `bytes` found the byte.
        unsafe { self.bytes(at, 1).read() }
    }

    /// The elements of a list lie in the block as Rust has them in memory.
    fn scalars<T: Scalar>(&self, at: usize, count: usize) -> &[T] {
        if count == 0 {
            return &[];
        }
        let start = self.bytes(at, count.saturating_mul(size_of::<T>())).cast::<T>();
        if !start.is_aligned() {
            refuse(String::from("the argument block is damaged"));
        }
        // SAFETY: `bytes` found them, they are aligned, `check` finds every one valid, and nobody
        // writes to the block during the call.
        unsafe {
            T::check(start, count);
            ::std::slice::from_raw_parts(start, count)
        }
    }

    fn text(&self, at: usize) -> &str {
        let len = self.word(at + 8);
        if len == 0 {
            return "";
        }
        let start = self.bytes(self.word(at), len);
        // SAFETY: `bytes` found them, and nobody writes to the block during the call.
        let bytes = unsafe { ::std::slice::from_raw_parts(start, len) };
        match ::std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => refuse(String::from("an argument is not UTF-8")),
        }
    }

    /// Keeps a value until the call is over.
    fn keep<'a, T: 'a>(&'a self, value: T) -> &'a mut T {
        let kept = Box::into_raw(Box::new(value));
        self.kept.borrow_mut().push((kept.cast(), discard::<T>));
        // SAFETY: the box lives until `self` is dropped, and nobody else has its address.
        unsafe { &mut *kept }
    }
}

/// # Safety
/// `value` comes from a `Box<T>` and is not used again.
unsafe fn discard<T>(value: *mut u8) {
    // SAFETY: as required above.
    ::std::mem::drop(unsafe { Box::from_raw(value.cast::<T>()) });
}

impl Drop for Call {
    /// The youngest first: a value can refer only to older ones.
    fn drop(&mut self) {
        while let Some((value, discard)) = self.kept.get_mut().pop() {
            // SAFETY: `keep` made the pair, and it is gone from the list.
            unsafe { discard(value) };
        }
    }
}

/// Rust types that hold the values of a tag as parameters. `'a` is the call.
#[diagnostic::on_unimplemented(message = "saggar: `{Self}` is declared where the interface has another type")]
trait In<'a, W: Wire>: Sized + 'a {
    fn get(call: &'a Call, at: usize) -> Self;

    fn many(call: &'a Call, at: usize, count: usize) -> Vec<Self> {
        let mut made = Vec::with_capacity(count);
        while made.len() < count {
            made.push(Self::get(call, at + made.len() * W::SIZE));
        }
        made
    }

    fn slice(call: &'a Call, at: usize, count: usize) -> &'a [Self] {
        call.keep(Self::many(call, at, count))
    }
}

// The result block.

struct Sink {
    start: *mut u8,
    cap: usize,
    len: usize,
}

impl Sink {
    /// Takes bytes at the end; those before them that alignment skips become zero.
    fn take(&mut self, len: usize, align: usize) -> Result<usize, Stop> {
        let at = up(self.len, align);
        if at > self.cap || len > self.cap - at {
            return Err(Stop::TooLarge);
        }
        // SAFETY: the skipped bytes lie before `cap`, and so inside the block.
        unsafe { self.start.add(self.len).write_bytes(0, at - self.len) };
        self.len = at + len;
        Ok(at)
    }

    /// Takes bytes that hold zero until they are written.
    fn zeroed(&mut self, len: usize, align: usize) -> Result<usize, Stop> {
        let at = self.take(len, align)?;
        // SAFETY: `take` found room for them.
        unsafe { self.start.add(at).write_bytes(0, len) };
        Ok(at)
    }

    /// Writes a scalar into bytes that were taken before.
    fn set<T: Copy>(&mut self, at: usize, value: T) {
        ::std::assert!(at + size_of::<T>() <= self.len);
        // SAFETY: the bytes lie before `len`, and so inside the block.
        unsafe { self.start.add(at).cast::<T>().write_unaligned(value) };
    }

    fn pair(&mut self, at: usize, offset: usize, len: usize) {
        self.set(at, offset);
        self.set(at + 8, len);
    }

    /// Appends scalars, which lie in the block as Rust has them in memory.
    fn scalars<T: Scalar>(&mut self, at: usize, items: &[T]) -> Done {
        let len = size_of_val(items);
        let offset = self.take(len, align_of::<T>())?;
        // SAFETY: `take` found room for the bytes, and scalars have no padding.
        unsafe { self.start.add(offset).copy_from_nonoverlapping(items.as_ptr().cast(), len) };
        self.pair(at, offset, items.len());
        Ok(())
    }

    fn each<W: Wire, T: Out<W>>(
        &mut self,
        at: usize,
        count: usize,
        mut items: impl Iterator<Item = T>,
    ) -> Done {
        let offset = self.zeroed(count.saturating_mul(W::SIZE), W::ALIGN)?;
        let mut place = offset;
        while place < offset + count * W::SIZE {
            let Some(item) = items.next() else { break };
            item.put(self, place)?;
            place += W::SIZE;
        }
        self.pair(at, offset, count);
        Ok(())
    }
}

/// Rust types whose values are results of a tag.
#[diagnostic::on_unimplemented(message = "saggar: `{Self}` is declared where the interface has another type")]
trait Out<W: Wire> {
    /// Writes the value to bytes that were taken and hold zero.
    fn put(&self, sink: &mut Sink, at: usize) -> Done;

    fn put_list(items: &[Self], sink: &mut Sink, at: usize) -> Done
    where
        Self: Sized,
    {
        sink.each::<W, &Self>(at, items.len(), items.iter())
    }
}

// Scalars.

/// # Safety
/// The type has no padding, and those values that `check` does not refuse are valid.
unsafe trait Scalar: Copy + 'static {
    /// # Safety
    /// `count` values' bytes are there, aligned.
    unsafe fn check(_start: *const Self, _count: usize) {}
}

macro_rules! scalars {
    ($($tag:ident: $main:ident $($more:ident)*;)*) => {$(
        struct $tag;
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
        }

        impl Out<$tag> for $ty {
            fn put(&self, sink: &mut Sink, at: usize) -> Done {
                sink.set(at, *self);
                Ok(())
            }

            fn put_list(items: &[Self], sink: &mut Sink, at: usize) -> Done {
                sink.scalars(at, items)
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
        let bytes = unsafe { ::std::slice::from_raw_parts(start.cast::<u8>(), count) };
        if bytes.iter().any(|byte| *byte > 1) {
            refuse(String::from("an argument is no truth value"));
        }
    }
}

// SAFETY: four bytes, and `check` refuses all but scalar values.
unsafe impl Scalar for char {
    unsafe fn check(start: *const Self, count: usize) {
        // SAFETY: the words are there, aligned.
        let words = unsafe { ::std::slice::from_raw_parts(start.cast::<u32>(), count) };
        if words.iter().any(|word| char::from_u32(*word).is_none()) {
            refuse(String::from("an argument is no character"));
        }
    }
}

// An error's text: as it is displayed, else as it is printed for debugging, else its type.

struct Said<'e, E>(&'e E);

trait Displayed {
    fn text(&self) -> String;
}

impl<E: fmt::Display> Displayed for &&Said<'_, E> {
    fn text(&self) -> String {
        ::std::format!("{}", self.0)
    }
}

trait Debugged {
    fn text(&self) -> String;
}

impl<E: fmt::Debug> Debugged for &Said<'_, E> {
    fn text(&self) -> String {
        ::std::format!("{:?}", self.0)
    }
}

trait Mute {
    fn text(&self) -> String;
}

impl<E> Mute for Said<'_, E> {
    fn text(&self) -> String {
        String::from(::std::any::type_name::<E>())
    }
}
