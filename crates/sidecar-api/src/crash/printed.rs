//! What a skill printed on its way to an abort: the C and C++ libraries say there what they found.
//! The skill could print the same: then it is told of a mistake it did not make.

/// What the text says of the cause, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) cause: String,
    pub(super) hint: &'static str,
}

const CORRUPTED: &str = "memory of the heap was overwritten before this, by a write past the end \
    of an allocation or through a pointer to what is gone; the line named here only found it: look \
    at the writes into allocated memory that come before it";
const FREED: &str = "give back each allocation once, and only what malloc or new gave, unchanged; \
    let std::vector or std::unique_ptr own it instead";

/// A mark in the text, what it means, and what to do.
const KNOWN: [(&str, &str, &str); 19] = [
    (
        "*** stack smashing detected ***",
        "a function wrote past the end of an array on its stack (stack smashing detected)",
        "in the function named, make the array larger or stop the loop at its length",
    ),
    (
        "*** buffer overflow detected ***",
        "a function of the C library was told to write more than the buffer holds (buffer overflow \
         detected)",
        "give the call at the line named the size of its buffer, or make the buffer larger",
    ),
    (
        "pure virtual method called",
        "a pure virtual method was called, on an object under construction or destruction",
        "call no virtual method from a constructor or destructor, nor on an object that is gone",
    ),
    ("free(): double free", "the same memory was given back twice (double free)", FREED),
    ("double free or corruption", "the same memory was given back twice (double free)", FREED),
    (
        "free(): invalid pointer",
        "what was given back is no allocation (free(): invalid pointer)",
        FREED,
    ),
    (
        "munmap_chunk(): invalid pointer",
        "what was given back is no allocation (invalid pointer)",
        FREED,
    ),
    (
        "realloc(): invalid pointer",
        "what was to be resized is no allocation (invalid pointer)",
        FREED,
    ),
    ("free(): invalid size", "the heap is damaged (free(): invalid size)", CORRUPTED),
    ("free(): invalid next size", "the heap is damaged (free(): invalid next size)", CORRUPTED),
    ("realloc(): invalid", "the heap is damaged (realloc(): invalid size)", CORRUPTED),
    ("corrupted size vs. prev_size", "the heap is damaged (corrupted size)", CORRUPTED),
    ("corrupted double-linked list", "the heap is damaged (corrupted list)", CORRUPTED),
    ("malloc(): ", "the heap is damaged (found by malloc)", CORRUPTED),
    ("malloc_consolidate(): ", "the heap is damaged (found by malloc)", CORRUPTED),
    ("free(): ", "the heap is damaged (found by free)", CORRUPTED),
    (
        "terminate called recursively",
        "std::terminate was called: an exception while another was on its way out",
        "let no destructor throw",
    ),
    (
        "terminate called without an active exception",
        "std::terminate was called without an exception: a joinable std::thread was destroyed, or \
         `throw;` stands outside of a handler",
        "join threads before they are destroyed; rethrow in handlers only",
    ),
    (
        "thread caused non-unwinding panic",
        "a panic came to a function that it must not leave: an extern \"C\" function, or a Drop during \
         another panic",
        "return an error there, or catch the panic inside it; let no Drop panic",
    ),
];

/// Reads the text as `Output::take` gives it: line breaks, quotes and backslashes escaped.
pub(super) fn explain(printed: &str) -> Option<Told> {
    let plain = printed.replace("\\'", "'").replace("\\\"", "\"");
    let mut lines = plain.split("\\n");
    if let Some(thrown) = lines.clone().find_map(|line| {
        line.strip_prefix("terminate called after throwing an instance of '")?.strip_suffix('\'')
    }) {
        let what = lines.find_map(|line| line.trim().strip_prefix("what():"));
        let what = what.map(|what| format!(" ({})", what.trim())).unwrap_or_default();
        return Some(Told {
            cause: format!(
                "std::terminate was called: an exception {thrown}{what} came to a \
                function that it must not leave"
            ),
            hint: "it left a noexcept function, a destructor or a thread: catch it inside, or take \
                   noexcept away",
        });
    }
    for line in lines {
        let Some((place, rest)) = line.split_once("Assertion ") else { continue };
        let Some(expression) = rest.trim_end().strip_suffix(" failed.") else { continue };
        let expression = expression.trim_start_matches(['`', '\'']).trim_end_matches('\'');
        // A library's own is told with the function that asserts.
        let by = match place.contains("/include/") {
            true => " in the C++ library",
            false => "",
        };
        return Some(Told {
            cause: format!("the assertion `{expression}` failed{by}"),
            hint: "make what is asserted true before that line, or handle the case that breaks it",
        });
    }
    let (_, cause, hint) = KNOWN.iter().find(|(mark, ..)| plain.contains(mark))?;
    Some(Told { cause: (*cause).to_owned(), hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_libraries_are_understood() {
        for (printed, cause) in [
            (
                "terminate called after throwing an instance of \\'std::runtime_error\\'\\n  what():  no way",
                "an exception std::runtime_error (no way) came to a function that it must not leave",
            ),
            ("terminate called after throwing an instance of \\'int\\'", "an exception int came"),
            (
                "saggar-sidecar: a.c:12: f: Assertion `x > 0 && y == \\'a\\'\\' failed.",
                "the assertion `x > 0 && y == 'a` failed",
            ),
            (
                "/usr/include/c++/12/bits/stl_vector.h:1123: f(): Assertion \\'__n < this->size()\\' failed.",
                "the assertion `__n < this->size()` failed in the C++ library",
            ),
            ("hello\\n*** stack smashing detected ***: terminated", "past the end of an array"),
            ("free(): double free detected in tcache 2", "given back twice"),
            ("malloc(): corrupted top size", "found by malloc"),
        ] {
            let told = explain(printed).map(|told| told.cause).unwrap_or_default();
            assert!(told.contains(cause), "{printed}: {told}");
        }
        assert_eq!(explain("hello"), None);
    }
}
