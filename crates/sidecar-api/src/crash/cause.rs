//! The likely cause of a crash, from its signal, the address and the registers. Where a heap or a
//! stack lies changes from run to run and is not told: the same crash must read the same.

use saggar_model::Code;

use super::arguments::{self, List, Outside, Scalar};
use super::image::Image;
use super::left::{Left, SI_TKILL};
use super::machine;
use crate::wire::Places;

/// What a crash looks like.
pub(super) struct Cause {
    pub(super) code: Code,
    /// Goes on behind "the skill crashed with SIGSEGV".
    pub(super) what: String,
    pub(super) hint: String,
}

impl Cause {
    fn new(code: Code, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Cause { code, what: what.into(), hint: hint.into() }
    }
}

/// What the host knows of the process and the call.
pub(super) struct Scene<'a> {
    pub(super) left: &'a Left,
    pub(super) artifact: Option<&'a Image<'a>>,
    pub(super) places: &'a Places,
    /// Behind the arena.
    pub(super) arena_end: u64,
    pub(super) lists: &'a [List],
    pub(super) scalars: &'a [Scalar],
}

/// `si_code` of a signal that one process sent to another (sigaction(2)).
const SI_USER: u32 = 0;
/// `si_code` where the kernel has no address to tell.
const SI_KERNEL: u32 = 0x80;

/// How far from address 0 a null pointer with an offset is looked for, bytes: nothing is ever
/// mapped there (`vm.mmap_min_addr`).
const NULL: u64 = 1 << 16;
/// How far below the stack pointer a function may reach for its frame, bytes.
const FRAME: u64 = 1 << 20;
/// How far past the end of something a loop that runs over it is recognised, bytes.
const NEAR: u64 = 1 << 16;
/// Pages of heap that a pointer out of freed memory may be mangled with.
const HEAP_PAGES: u64 = 1 << 19;

impl Scene<'_> {
    /// The cause of a crash by this signal; nothing where only what was printed can tell.
    pub(super) fn cause(&self) -> Option<Cause> {
        let sent = matches!(self.left.code, SI_USER | SI_TKILL);
        match self.left.signal {
            4 | 5 | 7 | 8 | 11 | 24 if sent => Some(Cause::new(
                code_of(self.left.signal),
                ", which it sent to itself",
                "leave raise and kill away; return an error instead",
            )),
            4 => Some(self.illegal()),
            5 => Some(Cause::new(
                Code::Crash,
                " at a breakpoint (__builtin_debugtrap or int3)",
                "leave breakpoints away; return an error instead",
            )),
            7 => Some(self.bus()),
            8 => Some(self.division()),
            11 => Some(self.segfault()),
            _ => None,
        }
    }

    fn instruction(&self) -> &[u8] {
        let artifact = self.artifact;
        let bytes =
            artifact.and_then(|image| Some(image.bytes(image.relative(self.left.instruction())?)));
        bytes.unwrap_or_default()
    }

    fn illegal(&self) -> Cause {
        let code = Code::IllegalInstruction;
        if machine::is_trap(self.instruction()) {
            return Cause::new(
                code,
                " at a trap that the compiler put where nothing may come",
                "the line cannot be reached or has undefined behaviour: a function without return, \
                 __builtin_unreachable or __builtin_trap, a null pointer or an overflow that the \
                 compiler has seen",
            );
        }
        Cause::new(
            code,
            ": what it came to is no instruction",
            "look for a bad function pointer, or a flag for another processor (-march)",
        )
    }

    fn division(&self) -> Cause {
        let code = Code::ArithmeticError;
        match machine::divided_by_zero(self.instruction(), self.left) {
            Some(true) => Cause::new(
                code,
                ": an integer was divided by zero",
                "check the divisor of / and % before it is used",
            ),
            Some(false) => Cause::new(
                code,
                ": the smallest integer was divided by -1, and the quotient does not fit",
                "handle a divisor of -1 by itself, or compute in a wider type",
            ),
            None => Cause::new(
                code,
                ": an integer was divided by zero, or the smallest one by -1",
                "check the divisor of / and % before it is used",
            ),
        }
    }

    fn bus(&self) -> Cause {
        let code = Code::BusError;
        if self.left.code == SI_KERNEL {
            let what = ": the address of a local variable was no address at all";
            return Cause::new(code, what, GARBAGE);
        }
        let what = match self.left.code {
            1 => ": an address is no multiple of what it must be",
            _ => ": there is no memory behind the address any more",
        };
        let hint = "read and write with memcpy where the address may be odd; the memory of an \
                    argument is there only during the call";
        Cause::new(code, what, hint)
    }

    fn segfault(&self) -> Cause {
        let left = self.left;
        let (address, stack) = (left.address, left.stack_pointer());
        let executes = left.fault & 0x10 != 0 || address != 0 && address == left.instruction();
        if left.code == SI_KERNEL {
            return self.no_address();
        }
        if address < NULL {
            return null(address, executes, left.fault & 2 != 0);
        }
        let code = Code::Segfault;
        if executes {
            let what = format!(" while executing {}", self.what_is_at(address));
            let hint = "look for a function pointer that was never set, an object that is gone or a \
                        return address that an array on the stack overwrote";
            return Cause::new(code, what, hint);
        }
        let writes = left.fault & 2 != 0;
        let access = if writes { "writing" } else { "reading" };
        let on_stack = address.saturating_add(FRAME) >= stack && address < self.places.stack;
        let below = stack.abs_diff(address) < FRAME && address < self.places.stack;
        if below || on_stack && address > stack {
            return Cause::new(
                Code::StackOverflow,
                format!(" while {access} beyond the end of the stack"),
                "move large arrays from the stack to the heap (std::vector, Vec, malloc), or make the \
                 recursion less deep",
            );
        }
        let beyond = self.beyond(address).filter(|_| self.segment(address).is_none());
        if let Some(beyond) = beyond {
            return indexed(&beyond, access);
        }
        let (what, hint) = self.outside(address, writes);
        Cause::new(code, format!(" while {access} {what}"), hint)
    }

    /// The element that an address was meant to be.
    fn beyond(&self, address: u64) -> Option<Outside> {
        let registers = self.left.general();
        arguments::beyond(self.lists, address, registers, self.arena_end)
            .or_else(|| arguments::index(self.scalars, address, registers))
    }

    /// What an address outside of everything is likely to be.
    fn outside(&self, address: u64, writes: bool) -> (String, &'static str) {
        let places = self.places;
        if let Some(writable) = self.segment(address) {
            if writes && !writable {
                return ("a constant".to_owned(), CONSTANT);
            }
            return ("the skill's own code or data".to_owned(), INDEX);
        }
        if near(address, self.arena_end) {
            return ("past the end of the arguments".to_owned(), INDEX);
        }
        if near(address, places.stack) || address > places.stack {
            return ("past the end of an array on the stack".to_owned(), INDEX);
        }
        if address.abs_diff(places.heap >> 12) < HEAP_PAGES {
            return (
                "through a pointer out of freed memory".to_owned(),
                "an object was used after free, delete or the end of what owns it (a vector that \
                 grew, a string that went out of scope): keep it as long as it is used",
            );
        }
        if address.checked_sub(places.heap).is_some_and(|far| far < 1 << 32) {
            return (
                "past the end of the heap".to_owned(),
                "look for an index past the end of a vector or allocation, or a loop that does not \
                 stop there",
            );
        }
        let image_end = self.artifact.and_then(|image| {
            let end = image.segments().map(|s| s.start.saturating_add(s.size)).max()?;
            Some(image.base.saturating_add(end))
        });
        if image_end.is_some_and(|end| near(address, end)) {
            return ("past the end of a static array".to_owned(), INDEX);
        }
        (
            "memory that is not there".to_owned(),
            "look for an index past the end, an object that is \
            gone, or a pointer that was never set",
        )
    }

    /// Whether an address lies in the artifact, and whether that can be written.
    fn segment(&self, address: u64) -> Option<bool> {
        let image = self.artifact?;
        Some(image.segment(image.relative(address)?)?.writable)
    }

    fn what_is_at(&self, address: u64) -> &'static str {
        match self.segment(address) {
            Some(_) => "data of the skill, which is no code",
            None => "memory that is no code",
        }
    }

    /// The processor refused the address itself.
    fn no_address(&self) -> Cause {
        let code = Code::Segfault;
        let registers = self.left.general();
        if let Some(beyond) = arguments::beyond_all(self.lists, registers, machine::is_no_address) {
            return indexed(&beyond, "touching");
        }
        let garbage = registers.iter().any(|r| machine::is_no_address(*r));
        if machine::wants_alignment(self.instruction()) && !garbage {
            let what = " while touching memory at an address that is no multiple of 16";
            let hint = "do not cast a pointer to a type of stricter alignment: copy with memcpy, or \
                        use unaligned loads";
            return Cause::new(code, what, hint);
        }
        Cause::new(code, " while using a pointer that is no address at all", GARBAGE)
    }
}

const CONSTANT: &str = "string literals and const data cannot be written: copy them into an array or \
                        a std::string first";
const INDEX: &str = "look for an index past the end, or a loop that does not stop there";
const GARBAGE: &str = "the pointer was never set, was overwritten, or was read from an object that \
                       is gone; or an index was far too large";

/// An access to an element that an array does not have.
fn indexed(outside: &Outside, access: &str) -> Cause {
    let access = if outside.far { "touching" } else { access };
    if outside.shown {
        let what = format!(" while {access} {}", outside.what);
        return Cause::new(
            Code::Segfault,
            what,
            "copy what is to be changed: an argument is const",
        );
    }
    Cause::new(
        Code::Segfault,
        format!(" while {access} {}", outside.what),
        "check the index against the length before it is used; a negative or unsigned difference \
         can make it huge",
    )
}

fn near(address: u64, end: u64) -> bool {
    address.checked_sub(end).is_some_and(|far| far < NEAR)
}

/// A null pointer, perhaps with an offset.
fn null(address: u64, executes: bool, writes: bool) -> Cause {
    if executes {
        return Cause::new(
            Code::Segfault,
            format!(
                " while executing address {address:#x}: a function was called through a null pointer"
            ),
            "set the function pointer or std::function before it is called",
        );
    }
    let access = if writes { "writing" } else { "reading" };
    let place = match address {
        0 => "a null pointer".to_owned(),
        _ => format!("{address} bytes behind a null pointer"),
    };
    Cause::new(
        Code::Segfault,
        format!(" while {access} address {address:#x}, {place}"),
        "check the pointer before it is used: what gives it can give none (malloc, find, a \
         std::vector without elements)",
    )
}

/// The code of a crash by this signal.
pub(super) fn code_of(signal: u32) -> Code {
    match signal {
        4 => Code::IllegalInstruction,
        6 => Code::Abort,
        7 => Code::BusError,
        8 => Code::ArithmeticError,
        11 => Code::Segfault,
        _ => Code::Crash,
    }
}
