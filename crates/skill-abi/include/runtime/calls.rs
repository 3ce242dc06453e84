//! What an entry of the table does, and what a panic said.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Call, Done, EXCEPTION, Frame, OK, RESULT_TOO_LARGE, Refused, Sink, Stop};

/// What the places of panics are told by.
pub struct Unit {
    /// What `file!()` is in the translation unit, at whose head the source stands.
    pub file: &'static str,
    /// File name of the source.
    pub source: &'static str,
    /// The first line that is not the source's.
    pub end: u32,
}

thread_local! {
    /// What the last panic on this thread said, and where; null for nothing.
    static PANIC: Cell<*mut String> = const { Cell::new(std::ptr::null_mut()) };
}

/// Puts another message in place of the last one.
fn replace_panic(said: *mut String) -> Option<String> {
    let last = PANIC.with(|last| last.replace(said));
    // SAFETY: what is no null came from a box, and nobody else has it now.
    if last.is_null() { None } else { Some(*unsafe { Box::from_raw(last) }) }
}

/// Longest message of a failed call, bytes.
const MESSAGE: usize = 1 << 16;

/// Keeps what a panic says, and where, for the one who made the call; nothing goes to stderr.
fn listen(unit: &'static Unit) {
    static LISTENS: AtomicBool = AtomicBool::new(false);
    if !LISTENS.load(Ordering::Relaxed) {
        LISTENS.store(true, Ordering::Relaxed);
        panic::set_hook(Box::new(|info| hear(unit, info.location(), info.payload())));
    }
    replace_panic(std::ptr::null_mut());
}

fn hear(unit: &Unit, at: Option<&panic::Location<'_>>, payload: &(dyn Any + Send)) {
    let mut said = match at {
        Some(at) if at.file() == unit.file && at.line() < unit.end => {
            format!("panicked at {}:{}:{}: ", unit.source, at.line(), at.column())
        }
        _ => String::from("panicked: "),
    };
    match spoken(payload) {
        Some(text) => said.push_str(text),
        None => said.push_str("no message"),
    }
    replace_panic(Box::into_raw(Box::new(said)));
}

fn spoken(payload: &(dyn Any + Send)) -> Option<&str> {
    if let Some(text) = payload.downcast_ref::<String>() {
        return Some(text);
    }
    let text = payload.downcast_ref::<&'static str>()?;
    Some(text)
}

/// The message of what a call threw.
fn explain(thrown: Box<dyn Any + Send>) -> String {
    let thrown = match thrown.downcast::<Refused>() {
        Ok(refused) => return refused.0,
        Err(other) => other,
    };
    let own = match spoken(&*thrown) {
        Some(text) => String::from(text),
        None => {
            // A payload of the source's own may throw again when it is dropped.
            std::mem::forget(thrown);
            String::from("panicked")
        }
    };
    replace_panic(std::ptr::null_mut()).unwrap_or(own)
}

/// Makes one call, whose result takes so many bytes in place: every entry of the table is this.
///
/// # Safety
/// The frame is as the table's documentation has it.
pub unsafe fn enter(
    unit: &'static Unit,
    frame: *mut Frame,
    size: usize,
    run: fn(&Call, &mut Sink) -> Done,
) -> u32 {
    // SAFETY: the caller's frame is valid and its own for the call.
    let frame = unsafe { &mut *frame };
    listen(unit);
    let cap = frame.result_cap as usize;
    let mut sink = Sink { start: frame.result, cap, len: 0, stop: None };
    let (args, len) = (frame.args, frame.args_len as usize);
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        let call = Call { args, len, kept: RefCell::new(Vec::new()) };
        sink.zeroed(size, 1)?;
        run(&call, &mut sink)
    }));
    let message = match (ended, sink.stop.take()) {
        (Ok(Ok(())), _) => {
            frame.result_len = sink.len as u64;
            return OK;
        }
        (Ok(Err(_)), Some(Stop::Failed(message))) => message,
        (Ok(Err(_)), _) => return RESULT_TOO_LARGE,
        (Err(thrown), _) => explain(thrown),
    };
    let mut len = message.len().min(MESSAGE).min(sink.cap);
    while !message.is_char_boundary(len) {
        len -= 1;
    }
    // SAFETY: the block has `cap` bytes and `len` is no more.
    unsafe { sink.start.copy_from_nonoverlapping(message.as_ptr(), len) };
    frame.result_len = len as u64;
    EXCEPTION
}
