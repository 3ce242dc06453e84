//! Symbol patterns of a policy: a whole name, or one with a `*` that stands for anything. Pure.

/// Whether a pattern covers a symbol's name.
pub(crate) fn covers(pattern: &str, name: &[u8]) -> bool {
    match pattern.split_once('*') {
        None => pattern.as_bytes() == name,
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len()
                && name.starts_with(head.as_bytes())
                && name.ends_with(tail.as_bytes())
        }
    }
}

/// A symbol's name without its version.
pub(crate) fn unversioned(name: &[u8]) -> &[u8] {
    name.split(|byte| *byte == b'@').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let cases = [
            ("system", "system", true),
            ("system", "systems", false),
            ("execv*", "execv", true),
            ("execv*", "execve", true),
            ("execv*", "exec", false),
            ("setre*id", "setreuid", true),
            ("setre*id", "setre", false),
            ("aba*aba", "aba", false),
            ("*", "", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(covers(pattern, name.as_bytes()), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn versions_are_stripped() {
        assert_eq!(unversioned(b"system@@GLIBC_2.2.5"), b"system");
        assert_eq!(unversioned(b"system"), b"system");
    }
}
