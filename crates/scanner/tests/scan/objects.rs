//! Makes objects with the policy's compilers and flags, and patches them. Only tests call it.

use std::sync::LazyLock;

use object::LittleEndian as LE;
use object::elf::{Dyn64, DynamicTag, FileHeader64, ProgramHeader64, ProgramType};
use object::read::ReadRef;
use object::read::elf::FileHeader;
use saggar_model::{Language, Verdict};
use saggar_plugin_abi::Scanner;
use saggar_policy::Policy;
use saggar_scanner::ElfScanner;

/// The glue's table, as an object of a skill carries it.
pub(crate) const TABLE: &str = r#"
struct table { unsigned abi, count; unsigned char interface[32]; const void *entries; };
#ifdef __cplusplus
extern "C"
#endif
__attribute__((visibility("default"))) const struct table saggar_skill_v1;
const struct table saggar_skill_v1 = {1, 0, {0}, &saggar_skill_v1};
"#;

/// A sound object in C that calls `puts`.
pub(crate) static PLAIN: LazyLock<Vec<u8>> =
    LazyLock::new(|| c("int f(void) { return puts(\"\"); }", &[]));

/// An object of a C source with the table, linked with further flags.
pub(crate) fn c(source: &str, flags: &[&str]) -> Vec<u8> {
    let shown = "__attribute__((visibility(\"default\"), used))";
    build(Language::C, &format!("#include <stdio.h>\n{TABLE}\n{shown} {source}\n"), flags)
}

/// Compiles and links as the policy says; a source that does not build is a broken test.
#[expect(clippy::disallowed_methods, reason = "tests make their own objects")]
pub(crate) fn build(language: Language, source: &str, flags: &[&str]) -> Vec<u8> {
    let policy = Policy::builtin();
    let compiler = policy.compiler(language);
    let directory = tempfile::tempdir().unwrap();
    let name = if language == Language::C { "skill.c" } else { "skill.cpp" };
    std::fs::write(directory.path().join(name), source).unwrap();
    let output = std::process::Command::new(&compiler.compiler)
        .current_dir(directory.path())
        // These objects show more than one table, and not each as the glue does.
        .args(compiler.compile.iter().filter(|flag| *flag != "-fwhole-program"))
        .args([name, "-shared", "-o", "skill.so", "-w"])
        .arg(format!("-Wl,{}", compiler.link.join(",")))
        .args(flags)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{flags:?}\n{source}\n{text}");
    std::fs::read(directory.path().join("skill.so")).unwrap()
}

pub(crate) fn scan(object: &[u8]) -> Verdict {
    static SCANNER: LazyLock<ElfScanner> = LazyLock::new(|| ElfScanner::new(&Policy::builtin()));
    SCANNER.scan(object, Language::C).unwrap()
}

#[track_caller]
pub(crate) fn passes(object: &[u8]) -> Verdict {
    let verdict = scan(object);
    assert!(verdict.passed(), "{:#?}", verdict.findings);
    verdict
}

/// The object breaks these rules and no others.
#[track_caller]
pub(crate) fn refused(object: &[u8], rules: &[&str]) -> Verdict {
    let verdict = scan(object);
    let mut found: Vec<_> = verdict.findings.iter().map(|finding| finding.rule.as_str()).collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, rules, "{:#?}", verdict.findings);
    for finding in &verdict.findings {
        for text in [&finding.place, &finding.reason, &finding.fix] {
            assert!(!text.is_empty(), "{finding:?}");
        }
    }
    verdict
}

/// A copy with some bytes written over.
pub(crate) fn patched(object: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut copy = object.to_vec();
    copy[at..at + bytes.len()].copy_from_slice(bytes);
    copy
}

/// File offset of the n-th program header of a type.
pub(crate) fn program_header(object: &[u8], kind: ProgramType, n: usize) -> usize {
    let header = FileHeader64::<LE>::parse(object).unwrap();
    let headers = header.program_headers(LE, object).unwrap();
    let mut found = headers.iter().enumerate().filter(|(_, header)| header.p_type.get(LE) == kind);
    let (index, _) = found.nth(n).expect("the object has such a header");
    64 + index * size_of::<ProgramHeader64<LE>>()
}

/// File offset of the first dynamic entry with a tag.
pub(crate) fn dynamic_entry(object: &[u8], tag: DynamicTag) -> usize {
    let at = program_header(object, object::elf::PT_DYNAMIC, 0);
    let header = object.read_at::<ProgramHeader64<LE>>(at as u64).unwrap();
    let start = usize::try_from(header.p_offset.get(LE)).unwrap();
    (start..object.len())
        .step_by(16)
        .find(|at| object.read_at::<Dyn64<LE>>(*at as u64).unwrap().d_tag.get(LE) == tag)
        .expect("the object has such an entry")
}

/// File offset of some text.
pub(crate) fn find(object: &[u8], text: &str) -> usize {
    object.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
}
