//! Objects whose form is wrong or lies: headers, segments, tables.

use object::elf;
use saggar_model::Language;
use saggar_plugin_abi::Scanner;
use saggar_policy::Policy;
use saggar_scanner::ElfScanner;

use crate::objects::{PLAIN, c, dynamic_entry, passes, patched, program_header, refused, scan};

const SYSTEM: &str = "long f(void) { long system(); return system(); }";

#[test]
fn s09_section_headers_are_not_read() {
    let object = c(SYSTEM, &[]);
    let expected = refused(&object, &["S14-import"]);
    let sections = usize::try_from(word(&object, 40)).unwrap();
    let junk = vec![0xff; object.len() - sections];
    for lying in [
        patched(&object, 40, &[0; 8]),
        patched(&object, 58, &[0xff; 6]),
        patched(&object, sections, &junk),
        object[..sections].to_vec(),
    ] {
        assert_eq!(scan(&lying), expected);
    }
}

#[test]
fn s09_a_hash_table_hides_no_import() {
    let object = c(SYSTEM, &["-Wl,--hash-style=sysv"]);
    let hash = dynamic_entry(&object, elf::DT_HASH) + 8;
    let hash = usize::try_from(word(&object, hash)).unwrap();
    let verdict = scan(&patched(&object, hash + 4, &1u32.to_le_bytes()));
    let found = verdict.findings.iter().any(|f| f.rule == "S14-import");
    assert!(found, "{:#?}", verdict.findings);
    passes(&c("int f(void) { return puts(\"\"); }", &["-Wl,--hash-style=sysv"]));
}

#[test]
fn s09_what_tools_and_loader_would_read_differently() {
    let dynamic = program_header(&PLAIN, elf::PT_DYNAMIC, 0);
    refused(&patched(&PLAIN, dynamic + 8, &64u64.to_le_bytes()), &["S09-dynamic-offset"]);
    let note = program_header(&PLAIN, elf::PT_NOTE, 0);
    let again = patched(&PLAIN, note, &elf::PT_DYNAMIC.0.to_le_bytes());
    refused(&again, &["S09-two-dynamics"]);
    let count = dynamic_entry(&PLAIN, elf::DT_RELACOUNT);
    let twice = patched(&PLAIN, count, &elf::DT_PLTGOT.0.to_le_bytes());
    refused(&twice, &["S09-duplicate-tag"]);
}

#[test]
fn s09_tables_that_relocations_could_rewrite() {
    let first = program_header(&PLAIN, elf::PT_LOAD, 0);
    let writable = patched(&PLAIN, first + 4, &6u32.to_le_bytes());
    refused(&writable, &["S09-writable-table"]);
}

#[test]
fn s09_relocations_that_rewrite_the_dynamic_section() {
    for flags in [&[][..], &["-Wl,-z,pack-relative-relocs"]] {
        let source = "int g, *p = &g, *q = &g; int f(void) { return puts(\"\"); }";
        let object = c(source, flags);
        passes(&object);
        let (tag, size) = if flags.is_empty() { (elf::DT_RELA, 24) } else { (elf::DT_RELR, 8) };
        let table = word(&object, dynamic_entry(&object, tag) + 8);
        let table = usize::try_from(table).unwrap();
        let dynamic = program_header(&object, elf::PT_DYNAMIC, 0);
        let target = word(&object, dynamic + 16) + 8;
        assert!(table + size < object.len());
        let rewriting = patched(&object, table, &target.to_le_bytes());
        refused(&rewriting, &["S04-relocation-target"]);
    }
}

fn word(object: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(object[at..at + 8].try_into().unwrap())
}

#[test]
fn s10_other_classes_machines_and_types() {
    passes(&PLAIN);
    refused(b"", &["S10-not-elf"]);
    refused(b"#!/bin/sh\n", &["S10-not-elf"]);
    refused(&PLAIN[..63], &["S10-not-elf"]);
    refused(&patched(&PLAIN, 4, &[1]), &["S10-class"]);
    refused(&patched(&PLAIN, 5, &[2]), &["S10-class"]);
    refused(&patched(&PLAIN, 18, &[3, 0]), &["S10-machine"]);
    refused(&patched(&PLAIN, 16, &[1, 0]), &["S10-type"]);
    refused(&patched(&PLAIN, 16, &[2, 0]), &["S10-type"]);
    refused(&patched(&PLAIN, 56, &[0, 0]), &["S10-type"]);
}

#[test]
fn s11_sizes_and_places_out_of_all_reason() {
    let last = program_header(&PLAIN, elf::PT_LOAD, 3);
    let with = |at: usize, value: u64| patched(&PLAIN, at, &value.to_le_bytes());
    refused(&with(last + 40, 1 << 40), &["S11-size"]);
    refused(&with(last + 40, u64::MAX), &["S11-size"]);
    refused(&with(last + 40, 0), &["S11-size"]);
    refused(&with(last + 16, u64::MAX - 0xfff + (word(&PLAIN, last + 16) & 0xfff)), &["S11-size"]);
    refused(&with(last + 8, 1 << 40 | word(&PLAIN, last + 8)), &["S11-truncated"]);
    refused(&with(last + 8, word(&PLAIN, last + 8) + 8), &["S11-alignment"]);
    refused(&with(last + 16, word(&PLAIN, last + 16) & 0xfff), &["S11-overlap"]);
    refused(&patched(&PLAIN, 56, &[0xff, 0xff]), &["S11-program-headers"]);
    refused(&with(32, u64::MAX), &["S01-program-headers"]);
}

#[test]
fn s11_the_ceiling_is_the_policy_s() {
    let mut policy = Policy::builtin();
    let roomy = ElfScanner::new(&policy);
    policy.build.artifact.0 = PLAIN.len() as u64 - 1;
    let tight = ElfScanner::new(&policy);
    assert_ne!(roomy.rules(), tight.rules());
    assert_eq!(tight.scan(&PLAIN, Language::C).unwrap().findings[0].rule, "S11-too-large");
    assert!(roomy.scan(&PLAIN, Language::C).unwrap().passed());
    policy.build.artifact.0 += 1;
    policy.scan.max_imports = 1;
    let verdict = ElfScanner::new(&policy).scan(&PLAIN, Language::C).unwrap();
    assert_eq!(verdict.findings[0].rule, "S14-imports");
    assert_eq!(verdict.imports.len(), 1);
}
