//! Objects that ask the loader, or the libraries, for more than they may have.

use object::elf;
use saggar_model::Language;

use crate::objects::{
    PLAIN, TABLE, build, c, dynamic_entry, find, passes, patched, program_header, refused,
};

const PUTS: &str = "int f(void) { return puts(\"\"); }";

/// The same source passes without the flags.
#[track_caller]
fn flags_refused(flags: &[&str], rules: &[&str]) {
    passes(&PLAIN);
    refused(&c(PUTS, flags), rules);
}

#[test]
fn s02_resolvers_that_run_at_load_are_refused() {
    let ifunc = "static int one(void) { return 1; } static void *pick(void) { return one; } \
                 SHOWN int f(void) __attribute__((ifunc(\"pick\")));";
    let shown = "__attribute__((visibility(\"default\")))";
    let exported = format!("int g; {}", ifunc.replace("SHOWN", shown));
    refused(&c(&exported, &[]), &["S02-ifunc"]);
    let hidden =
        format!("int g; {} {shown} int h(void) {{ return f(); }}", ifunc.replace("SHOWN", ""));
    refused(&c(&hidden, &[]), &["S02-irelative"]);
    passes(&c("int one(void) { return 1; }", &[]));
}

#[test]
fn s02_honest_constructors_are_counted() {
    let plain = passes(&PLAIN).constructors;
    let source = "int g; __attribute__((constructor)) static void start(void) { g = 1; }";
    assert_eq!(passes(&c(source, &[])).constructors, plain + 1);
}

#[test]
fn s03_executable_stack() {
    flags_refused(&["-Wl,-z,execstack"], &["S03-executable-stack"]);
    let at = program_header(&PLAIN, elf::PT_GNU_STACK, 0);
    refused(&patched(&PLAIN, at, &0u32.to_le_bytes()), &["S03-executable-stack"]);
}

#[test]
fn s04_writable_code() {
    let source = "int g; __asm__(\".section .both, \\\"awx\\\"\\n.quad 0\\n.text\");";
    refused(&c(source, &["-Wl,--no-warn-rwx-segments"]), &["S04-writable-code"]);
    passes(&c(&source.replace("awx", "aw"), &[]));
}

#[test]
fn s04_text_relocations() {
    let source = "int f(void) { return puts(\"\"); } __asm__(\".text\\n.quad puts\\n\");";
    let object = c(source, &["-Wl,-z,notext"]);
    refused(&object, &["S04-relocation-target", "S04-text-relocations"]);
    passes(&c(&source.replace(".text\\n", ".data\\n"), &["-Wl,-z,notext"]));
}

#[test]
fn s04_writable_tables_of_functions() {
    flags_refused(&["-Wl,-z,lazy"], &["S04-lazy-binding"]);
    flags_refused(&["-Wl,-z,norelro"], &["S04-no-relro"]);
}

#[test]
fn s05_libraries_off_the_list_and_by_path() {
    flags_refused(&["-Wl,--no-as-needed", "-lresolv"], &["S05-needed"]);
    let at = find(&PLAIN, "libc.so.6");
    let verdict = refused(&patched(&PLAIN, at, b"lib/libc.."), &["S05-needed"]);
    assert!(verdict.findings[0].place.contains("DT_NEEDED"), "{:?}", verdict.findings);
    flags_refused(&["-Wl,-soname,libm.so.6"], &["S05-soname"]);
    passes(&c(PUTS, &["-Wl,-soname,skill.so"]));
}

#[test]
fn s05_search_paths() {
    flags_refused(&["-Wl,-rpath,/tmp", "-Wl,--disable-new-dtags"], &["S05-search-path"]);
    flags_refused(&["-Wl,-rpath,$ORIGIN", "-Wl,--enable-new-dtags"], &["S05-search-path"]);
}

#[test]
fn s06_audit_filter_and_flags() {
    flags_refused(&["-Wl,--audit=x.so"], &["S06-audit"]);
    flags_refused(&["-Wl,--depaudit=x.so"], &["S06-audit"]);
    flags_refused(&["-Wl,--filter=x.so"], &["S06-filter"]);
    flags_refused(&["-Wl,--auxiliary=x.so"], &["S06-filter"]);
    flags_refused(&["-Wl,-z,interpose"], &["S06-flags"]);
    flags_refused(&["-Wl,-z,initfirst"], &["S06-flags"]);
    flags_refused(&["-Wl,-z,origin"], &["S06-flags"]);
    passes(&c(PUTS, &["-Wl,-z,nodelete"]));
}

#[test]
fn s06_unknown_requests() {
    let at = dynamic_entry(&PLAIN, elf::DT_RELACOUNT);
    // The loader looks only at the low half of some tags: this one is DT_FILTER to it.
    for tag in [0x1_7fff_ffffi64, 0x6fff_fef9, 32] {
        refused(&patched(&PLAIN, at, &tag.to_le_bytes()), &["S06-unknown-tag"]);
    }
}

#[test]
fn s14_imports_that_the_policy_denies() {
    let names = [
        "system",
        "execve",
        "execl",
        "posix_spawn",
        "fork",
        "socket",
        "getaddrinfo",
        "ptrace",
        "process_vm_readv",
        "syscall",
        "umount2",
        "dlopen",
        "dlsym",
        "mprotect",
        "setuid",
        "setreuid",
        "kill",
    ];
    for name in names {
        let source = format!("long {name}(); long f(void) {{ return {name}(); }}");
        let verdict = refused(
            &build(Language::C, &format!("{TABLE}\n{}", shown(&source)), &[]),
            &["S14-import"],
        );
        assert_eq!(verdict.findings.len(), 1);
        assert!(verdict.findings[0].reason.contains(name), "{:?}", verdict.findings);
        assert!(verdict.imports.iter().any(|import| import == name));
    }
    passes(&PLAIN);
}

fn shown(source: &str) -> String {
    source.replace("long f", "__attribute__((visibility(\"default\"))) long f")
}

#[test]
fn s14_weak_and_renamed_imports_are_imports() {
    let weak = "int g; __attribute__((weak)) int system(); int h(void) { return system(); } \
                __attribute__((visibility(\"default\"))) int (*p)(void) = h;";
    refused(&c(weak, &[]), &["S14-import"]);
    let renamed = "int g; int other() __asm__(\"system\"); int h(void) { return other(); } \
                   __attribute__((visibility(\"default\"))) int (*p)(void) = h;";
    refused(&c(renamed, &[]), &["S14-import"]);
}

#[test]
fn s16_exports_that_would_be_taken_for_a_library_s() {
    let shown = "__attribute__((visibility(\"default\")))";
    for name in ["malloc", "memcpy", "saggar_sidecar_x", "system"] {
        let source = format!("int g; {shown} long {name}() {{ return 0; }}");
        refused(&c(&source, &["-fno-builtin"]), &["S16-export"]);
        passes(&c(&source.replace(shown, ""), &["-fno-builtin"]));
    }
}

#[test]
fn s16_the_table_is_an_object_and_there_once() {
    let build = |source: &str| build(Language::C, source, &[]);
    passes(&build(TABLE));
    let shown = "__attribute__((visibility(\"default\")))";
    refused(&build(&format!("{shown} int other;")), &["S16-table"]);
    refused(&build(&format!("{shown} int saggar_skill_v1;")), &["S16-table"]);
    refused(&build(&format!("{shown} void saggar_skill_v1(void) {{}}")), &["S16-table"]);
    refused(&build(&TABLE.replace("default", "hidden")), &["S16-table"]);
}
