//! Which limit of its jail ended a command, if one did: the jail knows of some, of the others only
//! the tools' own words and signals tell. Pure; `driver` says it to the model.

use crate::action::Done;
use crate::{diagnostics_clang, diagnostics_rust};

/// A limit that a command met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Wall-clock or processor time.
    Time,
    /// Memory.
    Memory,
    /// The size of a file, or of the work directory.
    Room,
}

/// A linker that maps its output meets a full work directory by this signal (mmap(2)).
const SIGBUS: i32 = 7;
/// Signals of setrlimit(2): processor time, file size.
const SIGXCPU: i32 = 24;
const SIGXFSZ: i32 = 25;

/// What drivers say when a limit ended a tool they had started, tools when they met one
/// themselves: strsignal(3), strerror(3), xmalloc of gcc and binutils, `handle_alloc_error` of
/// Rust, LLVM.
const TIME: [&str; 1] = ["CPU time limit exceeded"];
const MEMORY: [&str; 6] = [
    "out of memory allocating",
    "memory exhausted",
    "Cannot allocate memory",
    "memory allocation of ",
    "LLVM ERROR: out of memory",
    "std::bad_alloc",
];
const ROOM: [&str; 5] = [
    "File size limit exceeded",
    "File too large",
    "No space left on device",
    "(SIGBUS)",
    "Bus error signal",
];

/// How gcc, clang and rustc say that they crashed, or that a signal ended what they had started.
const CRASHES: [&str; 7] = [
    "internal compiler error",
    "terminated program",
    "PLEASE submit a bug report",
    "the compiler unexpectedly panicked",
    "failed: signal: ",
    "failed due to signal",
    "unable to execute command: ",
];

/// The limit that ended a command; `None` if it ended well, or for another reason.
pub(crate) fn limit(done: &Done) -> Option<Limit> {
    if done.past_deadline {
        return Some(Limit::Time);
    }
    if done.out_of_memory {
        return Some(Limit::Memory);
    }
    if done.out_of_room {
        return Some(Limit::Room);
    }
    if done.command.exit_code == Some(0) {
        return None;
    }
    told(done.command.signal, &done.log)
}

/// The same from the signal that ended it and from what it printed.
fn told(signal: Option<i32>, log: &[u8]) -> Option<Limit> {
    match signal {
        Some(SIGXCPU) => return Some(Limit::Time),
        Some(SIGXFSZ | SIGBUS) => return Some(Limit::Room),
        _ => {}
    }
    let words = own_words(log);
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let limits = [(Limit::Time, &TIME[..]), (Limit::Memory, &MEMORY), (Limit::Room, &ROOM)];
    limits.into_iter().find(|(_, signs)| says(signs)).map(|(limit, _)| limit)
}

/// Whether a tool says that it, or one it had started, crashed.
pub(crate) fn crashed(log: &[u8]) -> bool {
    let words = own_words(log);
    CRASHES.iter().any(|sign| words.contains(sign))
}

/// What the tools say of themselves. Diagnostics quote the source, which may say anything: of
/// those only rustc's without a place count, which tell of files and of the linker.
fn own_words(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let is_json = |line: &&str| line.starts_with("{\"") || line.starts_with('[');
    // So does clang: behind a place, and in the lines above and below a caret.
    let quotes = |line: &str, next: Option<&&str>| {
        let is_placed =
            |kind| line.split_once(kind).is_some_and(|(place, _)| place.matches(':').count() > 2);
        ["error: ", "warning: ", "note: "].into_iter().any(is_placed)
            || line.starts_with([' ', '\t'])
            || line.starts_with("fix-it:")
            || next.is_some_and(|next| diagnostics_clang::is_caret(next))
    };
    let lines: Vec<&str> = text.lines().filter(|line| !is_json(line)).collect();
    let own = lines.iter().enumerate().filter(|(at, line)| !quotes(line, lines.get(at + 1)));
    let mut words: Vec<String> = own.map(|(_, line)| (*line).to_owned()).collect();
    for diagnostic in diagnostics_rust::parse(log).iter().filter(|one| one.spans.is_empty()) {
        words.push(diagnostic.message.clone());
        words.extend(diagnostic.children.iter().map(|child| child.message.clone()));
    }
    words.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b10_b21_b24_the_tools_own_words_name_the_limit() {
        let says = |text: &str| told(None, text.as_bytes());
        let ice = "[]\ngcc: internal compiler error: File size limit exceeded signal terminated program as\n";
        assert_eq!(says(ice), Some(Limit::Room));
        let full = "/usr/bin/ld: final link failed: No space left on device";
        assert_eq!(says(full), Some(Limit::Room));
        assert_eq!(says("memory allocation of 24576 bytes failed\n"), Some(Limit::Memory));
        let gas = "as: out of memory allocating 20000000001 bytes after a total of 135168 bytes";
        assert_eq!(says(gas), Some(Limit::Memory));
        assert_eq!(says("virtual memory exhausted: Cannot allocate memory"), Some(Limit::Memory));
        assert_eq!(told(Some(SIGXCPU), b""), Some(Limit::Time));
        assert_eq!(told(Some(SIGXFSZ), b""), Some(Limit::Room));
        assert_eq!(says("linking with `rust-lld` failed: signal: 7 (SIGBUS)"), Some(Limit::Room));
        assert_eq!(told(Some(11), b"g++: internal compiler error: Segmentation fault"), None);
    }

    #[test]
    fn what_a_source_says_of_itself_is_no_limit() {
        let gcc = r##"[{"kind": "error", "message": "#error memory exhausted"}]"##;
        let place = r#"{"file_name":"a.rs","line_start":1,"column_start":1,"is_primary":true}"#;
        let rustc = |spans: &str| {
            let linker =
                r#"{"message":"ld: final link failed: No space left on device","level":"note"}"#;
            format!(
                r#"{{"message":"linking with `gcc` failed","level":"error","spans":[{spans}],"children":[{linker}]}}"#
            )
        };
        let clang = "/usr/include/new:126:26: error: 'std::bad_alloc' cannot be declared here\n\
                     void* operator new(std::size_t) _GLIBCXX_THROW (std::bad_alloc)\n      ^\n";
        assert_eq!(told(None, clang.as_bytes()), None);
        let own = "LLVM ERROR: out of memory\nclang: error: unable to execute command: Aborted\n";
        assert_eq!(told(None, format!("{clang}{own}").as_bytes()), Some(Limit::Memory));
        assert!(crashed(format!("{clang}{own}").as_bytes()) && !crashed(clang.as_bytes()));
        assert_eq!(told(None, gcc.as_bytes()), None);
        assert_eq!(told(None, rustc(place).as_bytes()), None);
        assert_eq!(told(None, rustc("").as_bytes()), Some(Limit::Room));
        assert!(!crashed(gcc.replace("memory exhausted", CRASHES[0]).as_bytes()));
        assert!(crashed(b"[]\ncc1: internal compiler error: in fold"));
        let killed = r#"{"message":"linking with `rust-lld` failed: signal: 9 (SIGKILL)","level":"error","spans":[],"children":[]}"#;
        assert!(crashed(killed.as_bytes()));
        let refused = killed.replace("signal: 9 (SIGKILL)", "exit status: 1");
        assert!(!crashed(refused.as_bytes()));
    }
}
