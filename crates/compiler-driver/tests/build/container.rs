//! Without namespaces a precompiled header is a link in the work directory: it serves as well, and
//! the artifact is the same with it, without it, and in namespaces.

use saggar_policy::Policy;

use crate::jig::{Jig, Skill};
use crate::same::{BEGINNINGS, BODY, check};

const C: &str = "#include <stdio.h>\nunsigned answer(unsigned n) { return n + sizeof(size_t); }\n";

fn named(policy: &str) -> Policy {
    Policy::builtin_named(policy).unwrap()
}

#[test]
fn of_sources_in_cpp_and_c() {
    let (container, default) = (Jig::under(named("container")), Jig::new());
    let check = |skill: &Skill, serves| {
        let name = String::from_utf8_lossy(&skill.source);
        assert_eq!(check(&container, skill), serves, "{name}");
        assert!(container.artifact(skill).artifact == default.artifact(skill).artifact, "{name}");
    };
    for (beginning, serves) in [BEGINNINGS[0], BEGINNINGS[8], BEGINNINGS[13]] {
        check(&Skill::cpp(format!("{beginning}{BODY}")), serves);
    }
    check(&Skill::c(C), true);
}

/// gcc passes over a header that it cannot use without a word; with `-H` it names what it reads, a
/// precompiled header after `!` (The GCC manual, "Preprocessor Options").
#[test]
fn gcc_itself_says_that_it_reads_the_header() {
    for name in ["default", "container"] {
        let mut policy = named(name);
        policy.build.c.compile.push("-H".to_owned());
        policy.build.cpp.compile.push("-H".to_owned());
        let jig = Jig::under(policy);
        for skill in [Skill::c(C), Skill::cpp(format!("{}{BODY}", BEGINNINGS[0].0))] {
            let reads = || {
                let log = jig.artifact(&skill).log;
                let log = String::from_utf8_lossy(&log).into_owned();
                let reads = |line: &str| line.starts_with("! ") && line.ends_with(".gch");
                (log.lines().any(reads), log)
            };
            let (before, log) = reads();
            assert!(!before, "{name}: {log}");
            jig.settle();
            let (after, log) = reads();
            assert!(after, "{name}: {log}");
        }
    }
}
