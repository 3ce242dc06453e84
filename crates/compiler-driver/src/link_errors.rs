//! What ld prints, turned into diagnostics. Plain text: `FILE:LINE: undefined reference to ...`.

use saggar_model::Diagnostic;

/// The errors in a linker's output. `source` is the file name of the skill's own text.
pub(crate) fn parse(log: &[u8], source: &str, text: &str) -> Vec<Diagnostic> {
    let log = String::from_utf8_lossy(log);
    let mut found: Vec<Diagnostic> = Vec::new();
    for line in log.lines() {
        let Some((place, symbol)) = line.split_once("undefined reference to `") else { continue };
        let symbol = symbol.trim_end_matches('\'');
        let message = format!("`{symbol}` is declared and called, but defined nowhere");
        let name: String =
            symbol.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let line = line_of(place, source).or_else(|| first_mention(text, &name));
        let mut diagnostic = Diagnostic::error(message);
        if let Some(line) = line {
            diagnostic = diagnostic.at(source, line, text);
        }
        let diagnostic =
            diagnostic.fix(format!("define `{symbol}` in {source}, or do not call it"));
        if !found.iter().any(|other| other.message == diagnostic.message) {
            found.push(diagnostic);
        }
    }
    found
}

/// The line number in `…/work/skill.c:10: `.
fn line_of(place: &str, source: &str) -> Option<u32> {
    let (_, after) = place.rsplit_once(&format!("{source}:"))?;
    after.split(':').next()?.trim().parse().ok()
}

fn first_mention(text: &str, name: &str) -> Option<u32> {
    let index = text.lines().position(|line| !name.is_empty() && line.contains(name))?;
    u32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_references_name_file_and_line() {
        let log = b"/usr/bin/ld: /work/skill.o: in function `f':\n\
            /work/sum.c:3: undefined reference to `step'\n\
            /usr/bin/ld: /work/sum.c:4: undefined reference to `step'\n\
            collect2: error: ld returned 1 exit status\n";
        let found = parse(log, "sum.c", "int step(int);\n\nint f() { return step(1); }\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].file.as_deref(), found[0].line), (Some("sum.c"), Some(3)));
    }

    #[test]
    fn without_a_line_the_first_mention_is_named() {
        let log = b"ld: skill.o:(.text+0x1): undefined reference to `step(int)'\n";
        let found = parse(log, "sum.cpp", "\nint step(int);\n");
        assert_eq!(found[0].line, Some(2));
    }
}
