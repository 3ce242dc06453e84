//! The scan stage: an artifact's bytes and a policy to a verdict.
//!
//! The scanner sees the object the way the loader will: through program headers, addresses and
//! the dynamic section. Section headers are never read, because the loader does not read them
//! and whoever made the file may have written anything there. It looks at what is declared
//! (libraries, imports, segments, relocations), not at instructions: a system call can be made
//! without a name, so a clean verdict means that nothing is wrong on the face of it, and the
//! sidecar's confinement is what holds.
//!
//! Pure: reads nothing but the bytes it is given, touches no file, clock, network or process, and
//! never panics. The engine calls it between Build and Load.
//!
//! ```
//! use saggar_model::Language;
//! use saggar_plugin_abi::Scanner;
//! let scanner = saggar_scanner::ElfScanner::new(&saggar_policy::Policy::builtin());
//! let verdict = scanner.scan(b"#!/bin/sh\n", Language::C).unwrap();
//! assert!(!verdict.passed());
//! assert_eq!(verdict.findings[0].rule, "S10-not-elf");
//! ```
#![forbid(unsafe_code)]

mod dynamic;
mod findings;
mod header;
mod image;
mod pattern;
mod relocations;
mod segments;
mod symbols;
mod tags;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "aarch64")]
use aarch64 as arch;
#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
use x86_64 as arch;

use saggar_model::{Digest, KeyHasher, Language, Verdict};
use saggar_plugin_abi::{Scanner, StageError};
use saggar_policy::{Policy, ScanSection};

use dynamic::Dynamic;
use findings::Findings;

/// Changes whenever the same bytes and policy could give another verdict.
const VERSION: &str = "elf 1";

/// Inspects ELF shared objects of this machine's architecture.
#[derive(Clone, Debug)]
pub struct ElfScanner {
    rules: Digest,
    section: ScanSection,
    largest: u64,
    mapped: u64,
}

impl ElfScanner {
    /// A scanner with the rules of a policy: its scan section, its ceiling on the artifact's
    /// size, and its ceiling on memory, which no artifact may exceed by being mapped.
    pub fn new(policy: &Policy) -> Self {
        let (largest, mapped) = (policy.build.artifact.0, policy.limits.memory.max.0);
        let rules = KeyHasher::new("scan rules")
            .part("scanner", VERSION.as_bytes())
            .part("machine", arch::NAME.as_bytes())
            .part("section", policy.scan_digest.as_bytes())
            .part("artifact", &largest.to_le_bytes())
            .part("memory", &mapped.to_le_bytes())
            .finish();
        ElfScanner { rules, section: policy.scan.clone(), largest, mapped }
    }

    /// Goes on as long as there is something to read; `None` says that there was not.
    fn inspect(
        &self,
        artifact: &[u8],
        language: Language,
        verdict: &mut Verdict,
        findings: &mut Findings,
    ) -> Option<()> {
        let headers = header::program_headers(artifact, self.largest, findings)?;
        let image = segments::check(artifact, headers, self.mapped, findings)?;
        let dynamic = Dynamic::read(&image, findings)?;
        verdict.needed = dynamic.check(&self.section.needed, findings);
        verdict.constructors = dynamic.constructors();
        let referenced = relocations::check(&image, &dynamic, findings);
        let symbols = symbols::read(&image, &dynamic, referenced, findings)?;
        verdict.imports = symbols::check_imports(&symbols, &self.section, language, findings);
        symbols::check_exports(&image, &symbols, &self.section, findings);
        Some(())
    }
}

impl Scanner for ElfScanner {
    fn rules(&self) -> Digest {
        self.rules
    }

    fn scan(&self, artifact: &[u8], language: Language) -> Result<Verdict, StageError> {
        let mut findings = Findings::default();
        let mut verdict = Verdict::default();
        if self.inspect(artifact, language, &mut verdict, &mut findings).is_none() {
            findings.must_not_be_empty();
        }
        verdict.findings = findings.into_vec();
        Ok(verdict)
    }
}
