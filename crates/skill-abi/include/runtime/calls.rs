//! What an entry of the table does, and what a panic said.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Call, Done, EXCEPTION, Frame, OK, PANIC, RESULT_TOO_LARGE, Refused, Sink, Stop};

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
    /// Where the call on this thread keeps what its last panic said; null for no call.
    static HEARD: Cell<*mut Option<String>> = const { Cell::new(ptr::null_mut()) };
}

/// The last panic of a thread that the skill started.
static ELSEWHERE: Mutex<Option<String>> = Mutex::new(None);

/// Longest message of a failed call, bytes.
const MESSAGE: usize = 1 << 16;

/// Keeps what a panic says, and where, for the one who made the call; nothing goes to stderr.
fn listen(unit: &'static Unit) {
    static LISTENS: AtomicBool = AtomicBool::new(false);
    if !LISTENS.load(Ordering::Relaxed) {
        LISTENS.store(true, Ordering::Relaxed);
        panic::set_hook(Box::new(|info| hear(unit, info.location(), info.payload())));
    }
    elsewhere().take();
}

fn elsewhere() -> MutexGuard<'static, Option<String>> {
    ELSEWHERE.lock().unwrap_or_else(PoisonError::into_inner)
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
        None => said.push_str(NO_MESSAGE),
    }
    let heard = HEARD.get();
    // After what Rust says of a panic that comes to a function it must not leave, or out of a
    // destructor, it aborts: nobody will hear of the first one.
    if said.starts_with("panicked: panic in a ") {
        // SAFETY: as below.
        let first = if heard.is_null() { None } else { unsafe { (*heard).take() } };
        eprintln!("{}", first.as_deref().unwrap_or(&said));
        return;
    }
    if heard.is_null() {
        *elsewhere() = Some(said);
    } else {
        // SAFETY: it is of the call that this thread makes, which looks at it only when it is over.
        unsafe { *heard = Some(said) };
    }
}

fn spoken(payload: &(dyn Any + Send)) -> Option<&str> {
    if let Some(text) = payload.downcast_ref::<String>() {
        return Some(text);
    }
    let text = payload.downcast_ref::<&'static str>()?;
    Some(text)
}

/// What the hook says of a payload that is no text.
const NO_MESSAGE: &str = "no message";

/// The message of what a call threw, where the hook heard that of the last panic.
fn explain(thrown: Box<dyn Any + Send>, heard: Option<String>) -> String {
    let thrown = match thrown.downcast::<Refused>() {
        Ok(refused) => return refused.0,
        Err(other) => other,
    };
    let own = spoken(&*thrown).map(String::from);
    if own.is_none() {
        // A payload of the source's own may throw again when it is dropped.
        std::mem::forget(thrown);
    }
    // What is thrown without a panic is not heard; then the last panic was another one.
    let mut said = match (own, heard) {
        (Some(own), Some(heard)) if heard.ends_with(&own) => heard,
        (None, Some(heard)) if heard.ends_with(NO_MESSAGE) => heard,
        (Some(own), _) => own,
        (None, _) => String::from("panicked"),
    };
    if let Some(other) = elsewhere().take() {
        said.push_str("; another thread ");
        said.push_str(&other);
    }
    said
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
    let mut heard = None;
    HEARD.set(&raw mut heard);
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        let call = Call { args, len, kept: RefCell::new(Vec::new()) };
        sink.zeroed(size, 1)?;
        run(&call, &mut sink)
    }));
    HEARD.set(ptr::null_mut());
    let (status, message) = match (ended, sink.stop.take()) {
        (Ok(Ok(())), _) => {
            frame.result_len = sink.len as u64;
            return OK;
        }
        (Ok(Err(_)), Some(Stop::Failed(message))) => (EXCEPTION, message),
        (Ok(Err(_)), _) => return RESULT_TOO_LARGE,
        (Err(thrown), _) if thrown.is::<Refused>() => (EXCEPTION, explain(thrown, heard)),
        (Err(thrown), _) => (PANIC, explain(thrown, heard)),
    };
    let mut len = message.len().min(MESSAGE).min(sink.cap);
    while !message.is_char_boundary(len) {
        len -= 1;
    }
    // SAFETY: the block has `cap` bytes and `len` is no more.
    unsafe { sink.start.copy_from_nonoverlapping(message.as_ptr(), len) };
    frame.result_len = len as u64;
    status
}
