//! What linkers print, turned into diagnostics. Plain text, of four shapes: ld and gold say
//! `FILE:LINE: undefined reference to ...`, lld and mold `undefined symbol: ...` and, on lines of
//! its own that begin with `>>>`, from where; of a library that is not there each has words of its
//! own. rustc prints what ld does.

use saggar_model::Diagnostic;

use crate::driver::UNITS;

/// The errors in a linker's output, in the source's order, whatever the linker's. `source` is the
/// file name of the skill's own text.
pub(crate) fn parse(log: &[u8], source: &str, text: &str) -> Vec<Diagnostic> {
    let log = String::from_utf8_lossy(log);
    let mut found: Vec<Diagnostic> = Vec::new();
    // What is in no library that is there, is defined nowhere: the library comes first.
    let mut libraries: Vec<Diagnostic> = Vec::new();
    for library in log.lines().filter_map(missing_library) {
        let message = format!("the library `{library}` is not there for a skill to link");
        if !libraries.iter().any(|other| other.message == message) {
            libraries.push(no_library(library, message, source, text));
        }
    }
    for (symbol, place) in undefined(&log) {
        let message = format!("`{symbol}` is declared and called, but defined nowhere");
        if found.iter().any(|other| other.message == message) {
            continue;
        }
        let mut diagnostic = Diagnostic::error(message);
        let line = line_of(place, source).or_else(|| line_by_unit(place, text, symbol));
        if let Some(line) = line.or_else(|| first_mention(text, symbol)) {
            diagnostic = diagnostic.at(source, line, text);
        }
        found.push(diagnostic.fix(format!("define `{symbol}` in {source}, or do not call it")));
    }
    found.sort_by(|a, b| (a.line, &a.message).cmp(&(b.line, &b.message)));
    libraries.append(&mut found);
    libraries
}

/// The library that a line of a linker's says it cannot find.
fn missing_library(line: &str) -> Option<&str> {
    // lld, ld and gold, mold; lld of what clang writes for `#pragma comment(lib, …)`.
    const WORDS: [&str; 4] = [
        "unable to find library -l",
        "cannot find -l",
        "library not found: ",
        "unable to find library from dependent library specifier: ",
    ];
    let named = WORDS.iter().find_map(|words| Some(line.split_once(words)?.1))?;
    let name = named.split([':', ' ']).next()?;
    (!name.is_empty()).then_some(name)
}

fn no_library(library: &str, message: String, source: &str, text: &str) -> Diagnostic {
    let quoted = format!("\"{library}\"");
    let line = text.lines().position(|line| line.contains(&quoted));
    let line = line.and_then(|at| u32::try_from(at + 1).ok());
    let diagnostic = Diagnostic::error(message);
    let diagnostic = match line.or_else(|| first_mention(text, library)) {
        Some(line) => diagnostic.at(source, line, text),
        None => diagnostic,
    };
    diagnostic.fix(format!("do without `{library}`: a skill has the standard library only"))
}

/// Each symbol that is nowhere defined, with what the linker says of the place.
fn undefined(log: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some((place, symbol)) = line.split_once("undefined reference to ") {
            // ld quotes `so', gold 'so'.
            let symbol = symbol.trim_start_matches(['`', '\'']);
            found.push((symbol.trim_end_matches('\''), place));
        } else if let Some((_, symbol)) = line.split_once("undefined symbol: ") {
            let place = lines.peek().and_then(|next| next.strip_prefix(">>> referenced by "));
            found.push((symbol, place.unwrap_or("")));
        }
    }
    found
}

/// The line number in `…/work/skill.c:10: `, `skill.c:10 (/work/skill.c:10)`.
fn line_of(place: &str, source: &str) -> Option<u32> {
    let (_, after) = place.rsplit_once(&format!("{source}:"))?;
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..digits].parse().ok()
}

/// The line where ld takes the unit for the source that it includes, as it may where gcc's line
/// table (DWARF 5) names both: one that names the symbol.
fn line_by_unit(place: &str, text: &str, symbol: &str) -> Option<u32> {
    let line = UNITS.iter().find_map(|unit| line_of(place, unit))?;
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    text.lines().nth(index)?.contains(word(symbol)?).then_some(line)
}

/// The first line that names a symbol.
fn first_mention(text: &str, symbol: &str) -> Option<u32> {
    let name = word(symbol)?;
    let index = text.lines().position(|line| line.contains(name))?;
    u32::try_from(index + 1).ok()
}

/// The last word of a symbol before its parameters.
fn word(symbol: &str) -> Option<&str> {
    let name = symbol.split(['(', '<', '[']).next()?.rsplit("::").next()?;
    (!name.is_empty()).then_some(name)
}

/// Whether a linker says that a relocation does not reach: code and data lie at most 2 GiB apart
/// (System V ABI for AMD64, the small code model).
pub(crate) fn is_too_far(said: &[u8]) -> bool {
    let text = String::from_utf8_lossy(said);
    let says = |line: &str| {
        let reach = ["overflow", "truncated to fit", "out of range"];
        line.contains("relocation") && reach.iter().any(|word| line.contains(word))
    };
    text.lines().any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "int step(int);\n\nint f() { return step(1); }\nint g() { return more(); }\n";

    #[track_caller]
    fn check(log: &str, expected: &[(&str, Option<u32>)]) {
        let found = parse(log.as_bytes(), "sum.c", SOURCE);
        let found: Vec<_> =
            found.iter().map(|one| (one.message.split('`').nth(1).unwrap(), one.line)).collect();
        assert_eq!(found, expected, "{log}");
    }

    #[test]
    fn ld_names_file_and_line() {
        check(
            "/usr/bin/ld: skill+.o: in function `f':\n\
             /work/sum.c:3: undefined reference to `step'\n\
             /usr/bin/ld: /work/sum.c:4: undefined reference to `step'\n\
             /usr/bin/ld: /work/sum.c:4: undefined reference to `a::more(std::string)'\n\
             collect2: error: ld returned 1 exit status\n",
            &[("step", Some(3)), ("a::more(std::string)", Some(4))],
        );
    }

    #[test]
    fn ld_may_name_the_unit_for_a_line_of_the_source() {
        check(
            "/work/saggar+glue.c:4: undefined reference to `more()'\n\
             /usr/bin/ld: /work/saggar+glue.c:2: undefined reference to `step'\n",
            &[("step", Some(1)), ("more()", Some(4))],
        );
    }

    #[test]
    fn gold_names_file_and_line_if_it_can() {
        check(
            "/work/sum.c:3: error: undefined reference to 'step(int)'\n\
             skill+.o:saggar+glue.c:function g: error: undefined reference to 'more()'\n",
            &[("step(int)", Some(3)), ("more()", Some(4))],
        );
    }

    #[test]
    fn lld_says_it_on_several_lines() {
        check(
            "ld.lld: error: undefined symbol: more()\n\
             >>> referenced by sum.c:4 (/work/sum.c:4)\n\
             >>>               skill+.o:(saggar_skill_v1)\n\n\
             ld.lld: error: undefined symbol: step\n\
             >>> referenced by saggar+glue.c\n\
             >>> did you mean: stop\n",
            &[("step", Some(1)), ("more()", Some(4))],
        );
    }

    #[test]
    fn a_library_that_is_not_there_is_named_by_every_linker() {
        let text = "int step(int);\n#pragma comment(lib, \"curl\")\nint f() { return step(1); }\n";
        for log in [
            "rust-lld: error: unable to find library -lcurl\n",
            "/usr/bin/ld: cannot find -lcurl: No such file or directory\n",
            "/usr/bin/ld: cannot find -lcurl\n",
            "/usr/bin/ld.gold: error: cannot find -lcurl\n/work/a.c:3: undefined reference to 'step'\n",
            "mold: fatal: library not found: curl\n",
            "ld.lld: error: a.o: unable to find library from dependent library specifier: curl\n",
        ] {
            let found = parse(log.repeat(2).as_bytes(), "a.c", text);
            assert_eq!(found[0].message, "the library `curl` is not there for a skill to link");
            assert_eq!(found[0].line, Some(2), "{log}");
            assert_eq!(found.len(), 1 + usize::from(log.contains("step")));
        }
        let found = parse(b"ld: cannot find -lz: No such file\n", "a.c", "int f;\n");
        assert_eq!(found[0].line, None);
    }

    #[test]
    fn mold_says_it_in_any_order() {
        check(
            "mold: error: undefined symbol: more()\n\
             >>> referenced by saggar+glue.c\n\
             >>>               skill+.o:(g)\n\
             mold: error: undefined symbol: step\n\
             >>> referenced by saggar+glue.c\n",
            &[("step", Some(1)), ("more()", Some(4))],
        );
    }

    #[test]
    fn without_a_line_the_first_mention_is_named() {
        check(
            "ld: skill+.o:(.text+0x1): undefined reference to `x::step<int>(int)'\n",
            &[("x::step<int>(int)", Some(1))],
        );
        check("ld: skill+.o:(.text+0x1): undefined reference to `nowhere'\n", &[("nowhere", None)]);
    }

    #[test]
    fn what_is_out_of_reach_is_told_from_what_is_undefined() {
        for said in [
            "skill+.o:b.c:function answer: error: relocation overflow: reference to '_end'",
            "b.c:1:(.text+0x3): relocation truncated to fit: R_X86_64_PC32 against `.bss'",
            "ld.lld: error: b.o:(.text+0x3): relocation R_X86_64_PC32 out of range: 8589934592",
            "mold: error: b.o:(.text): relocation R_X86_64_PC32 against _end out of range: 85899",
        ] {
            assert!(is_too_far(said.as_bytes()), "{said}");
        }
        assert!(!is_too_far(b"b.c:function g: error: undefined reference to 'overflow'"));
    }
}
