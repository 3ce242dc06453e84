//! The part of the Rust glue that no skill changes, a crate of its own that is compiled once for each
//! toolchain: reads the values of a call out of its argument block and writes the result into another,
//! as `layout.rs` of saggar-skill-abi lays both out. Generated glue is a module of the skill's crate
//! that uses all of it.
//!
//! A tag (`F64`, `List<Str>`) is a type of the interface. `In` and `Out` say which Rust types hold
//! its values (`forms` for all but scalars); inference on the function chooses among them.
//!
//! What is generic is compiled anew with every skill that uses it. So what need not be generic is a
//! function of its own, scalars and text have their lists compiled here, and loops are loops and not
//! chains of adapters.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::panic;
use std::ptr;

/// For crates that have it taken from them (`no_std`).
pub extern crate std as library;

pub use calls::{Unit, enter};
pub use forms::members;
pub use scalars::*;

// The structures of frame.rs.

#[repr(C)]
pub struct Frame {
    args: *const u8,
    args_len: u64,
    result: *mut u8,
    result_cap: u64,
    result_len: u64,
}

pub type Entry = unsafe extern "C" fn(*mut Frame) -> u32;

#[repr(C)]
pub struct Table {
    pub abi: u32,
    pub count: u32,
    pub interface: [u8; 32],
    pub entries: *const Entry,
}

// SAFETY: the table is never written, and what it points at is a constant.
unsafe impl Sync for Table {}

// The host works in 64-bit offsets; what follows holds `u64` and `usize` to be the same.
const _: () = assert!(size_of::<usize>() == 8);

pub const OK: u32 = 0;
pub const EXCEPTION: u32 = 1;
pub const RESULT_TOO_LARGE: u32 = 2;
pub const PANIC: u32 = 5;

/// What ends a call early; kept in its [`Sink`].
enum Stop {
    TooLarge,
    Failed(String),
}

/// That a call was ended early.
pub struct Stopped;

pub type Done = Result<(), Stopped>;

/// What the glue itself throws where an argument does not fit; the panic hook never sees it.
struct Refused(String);

pub fn refuse(message: String) -> ! {
    panic::resume_unwind(Box::new(Refused(message)))
}

// Tags.

pub trait Wire {
    const SIZE: usize;
    const ALIGN: usize;
}

pub struct Str;
pub struct List<W>(PhantomData<W>);
pub struct Opt<W>(PhantomData<W>);
pub struct Res<W, X>(PhantomData<(W, X)>);
/// No value: the result of a function without one, and the `_` of `result<_, E>`.
pub struct Void;

pub const fn up(at: usize, align: usize) -> usize {
    (at + align - 1) / align * align
}

pub const fn larger(a: usize, b: usize) -> usize {
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
pub struct Call {
    args: *const u8,
    len: usize,
    kept: RefCell<Vec<Kept>>,
}

/// A value in memory of its own.
struct Kept {
    memory: Memory,
    /// Drops the value in place; nothing where that does nothing.
    discard: Option<unsafe fn(*mut u8)>,
}

struct Memory {
    value: *mut u8,
    layout: Layout,
}

impl Call {
    /// Bytes of the block. The host wrote it; a wrong offset is its error and ends the call.
    pub fn bytes(&self, at: usize, len: usize) -> *const u8 {
        match at.checked_add(len) {
            Some(end) if end <= self.len => self.args.wrapping_add(at),
            _ => refuse(String::from("the argument block is damaged")),
        }
    }

    /// The bytes of a list's elements are there.
    fn elements(&self, at: usize, count: usize, size: usize) {
        self.bytes(at, count.saturating_mul(size));
    }

    pub fn word(&self, at: usize) -> usize {
        // SAFETY: `bytes` found eight bytes there.
        unsafe { self.bytes(at, 8).cast::<usize>().read_unaligned() }
    }

    pub fn tag(&self, at: usize) -> u8 {
        // SAFETY: `bytes` found the byte.
        unsafe { self.bytes(at, 1).read() }
    }

    /// The elements of a list lie in the block as Rust has them in memory.
    pub fn scalars<T: Scalar>(&self, at: usize, count: usize) -> &[T] {
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
            std::slice::from_raw_parts(start, count)
        }
    }

    pub fn text(&self, at: usize) -> &str {
        let len = self.word(at + 8);
        if len == 0 {
            return "";
        }
        let start = self.bytes(self.word(at), len);
        // SAFETY: `bytes` found them, and nobody writes to the block during the call.
        let bytes = unsafe { std::slice::from_raw_parts(start, len) };
        match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => refuse(String::from("an argument is not UTF-8")),
        }
    }

    /// Keeps a value until the call is over.
    #[inline(never)]
    pub fn keep<'a, T: 'a>(&'a self, value: T) -> &'a mut T {
        let discard: Option<unsafe fn(*mut u8)> =
            if const { std::mem::needs_drop::<T>() } { Some(discard::<T>) } else { None };
        let place = self.room(size_of::<T>(), align_of::<T>(), discard).cast::<T>();
        // SAFETY: the memory is as large and aligned as a `T`, lives until `self` is dropped, and
        // nobody else has its address.
        unsafe {
            place.write(value);
            &mut *place
        }
    }

    /// Memory that is given back when the call is over. The caller puts a value there at once. As
    /// it is no function of Rust's own it never unwinds, and needs no clearing up where it is called.
    #[allow(improper_ctypes_definitions, reason = "only this crate calls it")]
    extern "C" fn room(
        &self,
        size: usize,
        align: usize,
        discard: Option<unsafe fn(*mut u8)>,
    ) -> *mut u8 {
        // SAFETY: these are a type's.
        let layout = unsafe { Layout::from_size_align_unchecked(size, align) };
        let value = match size {
            0 => ptr::without_provenance_mut(align),
            // SAFETY: the layout has a size.
            _ => unsafe { alloc(layout) },
        };
        if value.is_null() {
            handle_alloc_error(layout);
        }
        self.kept.borrow_mut().push(Kept { memory: Memory { value, layout }, discard });
        value
    }
}

/// # Safety
/// `value` is a valid `T` and not used again.
unsafe fn discard<T>(value: *mut u8) {
    // SAFETY: as required above.
    unsafe { ptr::drop_in_place(value.cast::<T>()) };
}

impl Drop for Call {
    fn drop(&mut self) {
        Rest(self.kept.get_mut()).end();
    }
}

/// What is still kept. A value that panics when it is dropped keeps no other from it.
struct Rest<'c>(&'c mut Vec<Kept>);

impl Rest<'_> {
    /// Drops them, the youngest first: a value can refer only to older ones.
    fn end(&mut self) {
        while let Some(kept) = self.0.pop() {
            kept.end();
        }
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

impl Kept {
    /// Drops the value and gives back its memory.
    fn end(self) {
        let value = self.memory.value;
        if let Some(discard) = self.discard {
            // SAFETY: `keep` put the value there, and it is gone from the list.
            unsafe { discard(value) };
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: `room` allocated it with this layout.
            unsafe { dealloc(self.value, self.layout) };
        }
    }
}

/// Rust types that hold the values of a tag as parameters. `'a` is the call.
#[diagnostic::on_unimplemented(message = "saggar: `{Self}` is declared where the interface has another type")]
pub trait In<'a, W: Wire>: Sized + 'a {
    fn get(call: &'a Call, at: usize) -> Self;

    /// The elements of a list.
    fn many(call: &'a Call, at: usize, count: usize) -> Vec<Self> {
        gather::<W, Self>(call, at, count)
    }

    /// The same, to be borrowed.
    fn slice(call: &'a Call, at: usize, count: usize) -> &'a [Self] {
        call.keep(Self::many(call, at, count))
    }

    /// The elements of a list of lists.
    fn lists(call: &'a Call, at: usize, count: usize) -> Vec<Vec<Self>> {
        gather::<List<W>, Vec<Self>>(call, at, count)
    }
}

/// Reads the elements of a list one by one.
#[inline(never)]
fn gather<'a, W: Wire, T: In<'a, W>>(call: &'a Call, at: usize, count: usize) -> Vec<T> {
    call.elements(at, count, W::SIZE);
    let mut made: Vec<T> = Vec::with_capacity(count);
    let start = made.as_mut_ptr();
    let mut read = 0;
    while read < count {
        let item = T::get(call, at + read * W::SIZE);
        // SAFETY: there is room for `count`, and those before this one are there.
        unsafe {
            start.add(read).write(item);
            read += 1;
            made.set_len(read);
        }
    }
    made
}

// The result block.

pub struct Sink {
    start: *mut u8,
    cap: usize,
    len: usize,
    /// Why the call ended early.
    stop: Option<Stop>,
}

impl Sink {
    /// Ends the call with a message.
    pub fn fail(&mut self, message: String) -> Done {
        self.stop = Some(Stop::Failed(message));
        Err(Stopped)
    }

    /// Takes bytes at the end; those before them that alignment skips become zero.
    fn take(&mut self, len: usize, align: usize) -> Result<usize, Stopped> {
        let at = up(self.len, align);
        if at > self.cap || len > self.cap - at {
            self.stop = Some(Stop::TooLarge);
            return Err(Stopped);
        }
        // SAFETY: the skipped bytes lie before `cap`, and so inside the block.
        unsafe { self.start.add(self.len).write_bytes(0, at - self.len) };
        self.len = at + len;
        Ok(at)
    }

    /// Takes bytes that hold zero until they are written.
    fn zeroed(&mut self, len: usize, align: usize) -> Result<usize, Stopped> {
        let at = self.take(len, align)?;
        // SAFETY: `take` found room for them.
        unsafe { self.start.add(at).write_bytes(0, len) };
        Ok(at)
    }

    /// Takes the bytes of a list's elements, which are written one by one: where they begin.
    fn list(&mut self, at: usize, count: usize, size: usize, align: usize) -> Result<usize, Stopped> {
        let offset = self.zeroed(count.saturating_mul(size), align)?;
        self.pair(at, offset, count);
        Ok(offset)
    }

    /// Writes a scalar into bytes that were taken before.
    pub fn set<T: Copy>(&mut self, at: usize, value: T) {
        assert!(at + size_of::<T>() <= self.len);
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
        items: impl Iterator<Item = T>,
    ) -> Done {
        let start = self.list(at, count, W::SIZE, W::ALIGN)?;
        let mut place = start;
        for item in items {
            if place == start + count * W::SIZE {
                break;
            }
            item.put(self, place)?;
            place += W::SIZE;
        }
        Ok(())
    }
}

/// Rust types whose values are results of a tag.
#[diagnostic::on_unimplemented(message = "saggar: `{Self}` is declared where the interface has another type")]
pub trait Out<W: Wire> {
    /// Writes the value to bytes that were taken and hold zero.
    fn put(&self, sink: &mut Sink, at: usize) -> Done;

    /// Writes the elements of a list.
    fn put_list(items: &[Self], sink: &mut Sink, at: usize) -> Done
    where
        Self: Sized,
    {
        scatter::<W, Self>(items, sink, at)
    }

    /// Writes the elements of a list of lists.
    fn put_lists(items: &[Vec<Self>], sink: &mut Sink, at: usize) -> Done
    where
        Self: Sized,
    {
        scatter::<List<W>, Vec<Self>>(items, sink, at)
    }
}

/// Writes the elements of a list one by one.
#[inline(never)]
fn scatter<W: Wire, T: Out<W>>(items: &[T], sink: &mut Sink, at: usize) -> Done {
    let mut place = sink.list(at, items.len(), W::SIZE, W::ALIGN)?;
    for item in items {
        item.put(sink, place)?;
        place += W::SIZE;
    }
    Ok(())
}

// Where the types of a skill meet those of its interface. Of one that does not fit its message
// names the whole and not a part; the driver knows the place, and says the rest.

#[diagnostic::on_unimplemented(message = "saggar: `{Self}`")]
pub trait Param<'a, W: Wire>: In<'a, W> {}

#[diagnostic::do_not_recommend]
impl<'a, W: Wire, T: In<'a, W>> Param<'a, W> for T {}

pub fn param<'a, W: Wire, T: Param<'a, W>>(call: &'a Call, at: usize) -> T {
    T::get(call, at)
}

#[diagnostic::on_unimplemented(message = "saggar: `{Self}`")]
pub trait Answer<W: Wire>: Out<W> {}

#[diagnostic::do_not_recommend]
impl<W: Wire, T: Out<W> + ?Sized> Answer<W> for T {}

pub fn answer<W: Wire, T: Answer<W> + ?Sized>(value: &T, sink: &mut Sink, at: usize) -> Done {
    value.put(sink, at)
}

// An error's text: as it is displayed, else as it is printed for debugging, else its type.

pub struct Said<'e, E>(pub &'e E);

pub trait Displayed {
    fn text(&self) -> String;
}

impl<E: fmt::Display> Displayed for &&Said<'_, E> {
    fn text(&self) -> String {
        format!("{}", self.0)
    }
}

pub trait Debugged {
    fn text(&self) -> String;
}

impl<E: fmt::Debug> Debugged for &Said<'_, E> {
    fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}

pub trait Mute {
    fn text(&self) -> String;
}

impl<E> Mute for Said<'_, E> {
    fn text(&self) -> String {
        String::from(std::any::type_name::<E>())
    }
}
