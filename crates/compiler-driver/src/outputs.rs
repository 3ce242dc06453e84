//! What a build wrote, and whether it is what a build may write.

use saggar_jail::OutputState;
use saggar_model::{Code, Feedback, Stage};

/// Largest list of dependencies that is read, bytes.
pub(crate) const MAX_DEPENDENCIES: u64 = 1 << 20;

/// An output that must be there.
pub(crate) fn output(
    found: Option<Result<Vec<u8>, OutputState>>,
    what: &str,
) -> Result<Vec<u8>, Box<Feedback>> {
    let (code, summary) = match found {
        Some(Ok(bytes)) => return Ok(bytes),
        Some(Err(OutputState::TooLarge(size))) => (
            Code::BuildTooLarge,
            format!("the {what} has {size} bytes, more than the policy allows"),
        ),
        Some(Err(OutputState::NotRegular(kind))) => {
            (Code::BuildOutput, format!("the {what} is not a regular file but {kind}"))
        }
        Some(Err(_)) | None => (Code::BuildOutput, format!("the build wrote no {what}")),
    };
    let hint = "make static data smaller; the compiler itself writes one regular file";
    Err(Box::new(Feedback::new(Stage::Build, code, summary).hint(hint)))
}

/// A relocatable object (elf(5), `e_type` ET_REL). Anything else a linker may take for a script,
/// which names files to read.
pub(crate) fn object(bytes: Vec<u8>) -> Result<Vec<u8>, Box<Feedback>> {
    if is_object(&bytes) { Ok(bytes) } else { Err(no_object(&bytes)) }
}

fn is_object(bytes: &[u8]) -> bool {
    const ET_REL: u16 = 1;
    bytes.starts_with(b"\x7fELF") && bytes.get(16..18) == Some(&ET_REL.to_le_bytes())
}

fn no_object(bytes: &[u8]) -> Box<Feedback> {
    let start: String =
        bytes.iter().take(32).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    let summary = format!("the compiler wrote no object file but `{start}`");
    let hint = "the compiler itself writes one ELF object; nothing else is linked";
    Box::new(Feedback::new(Stage::Build, Code::BuildOutput, summary).hint(hint))
}

/// The headers in a list of dependencies as `make` reads it, the skill's own files left out, and
/// those known already.
pub(crate) fn headers_in(list: &[u8], known: Vec<String>) -> Vec<String> {
    let text = String::from_utf8_lossy(list);
    let words =
        text.split_whitespace().filter(|word| word.starts_with('/') && !word.starts_with("/work"));
    let mut found: Vec<String> = words.map(str::to_owned).chain(known).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b13_only_a_relocatable_object_is_linked() {
        let mut object = [0; 64];
        object[..4].copy_from_slice(b"\x7fELF");
        object[16] = 1;
        assert!(is_object(&object));
        object[16] = 3;
        assert!(!is_object(&object), "a shared object");
        for no_object in [&b""[..], b"\x7fELF", b"INPUT(/etc/shadow)\n", b"!<arch>\n"] {
            assert!(!is_object(no_object));
        }
        let told = no_object(b"INPUT(/etc/shadow)\n");
        assert_eq!(told.code, Code::BuildOutput);
        assert!(told.summary.ends_with("`INPUT(/etc/shadow)\\n`"), "{}", told.summary);
    }

    #[test]
    fn headers_are_told_once_and_without_the_skills_own() {
        let list =
            b"out/skill+.o: saggar+glue.cpp /usr/include/b.h \\\n /work/a.h /usr/include/a.h\n";
        let known = vec!["/usr/include/b.h".to_owned(), "/usr/include/c.h".to_owned()];
        let expected = ["/usr/include/a.h", "/usr/include/b.h", "/usr/include/c.h"];
        assert_eq!(headers_in(list, known), expected);
    }
}
