//! `-march=native`: for policies that allow it.

use saggar_model::{Code, Digest, Principal};
use saggar_plugin_abi::{BuildRequest, CompilerDriver};

use crate::jig::{Jig, Skill};

const SOURCE: &str = "#include <math.h>\nunsigned answer(unsigned n) { return sqrt(n * n); }\n";
const FLAGS: &str = "flags = [\"-march=native\"]";

/// C's list of allowed flags gets one more.
fn allowing() -> Jig {
    Jig::with(&[("allowed-flags = [\"-Wall\"", "allowed-flags = [\"-march=native\", \"-Wall\"")])
}

fn key(jig: &Jig, skill: &Skill) -> Digest {
    let principal = Principal::uid(7);
    let request = BuildRequest { plan: &skill.plan, source: &skill.source, principal: &principal };
    jig.driver.prepare(request).unwrap_or_else(|error| panic!("{:?}", error.feedback())).key()
}

#[test]
fn b12_a_policy_must_allow_it() {
    assert_eq!(Jig::new().refused(&Skill::new("c", SOURCE, FLAGS)).code, Code::PlanPolicy);
}

#[test]
fn it_is_built_with_and_without_a_precompiled_header_under_one_key() {
    let jig = allowing();
    let skill = Skill::new("c", SOURCE, FLAGS);
    let before = jig.artifact(&skill);
    let compile = before.record.commands.iter().find(|command| command.step == "compile").unwrap();
    assert!(compile.argv.contains(&"-march=native".to_owned()));
    jig.settle();
    assert_eq!(jig.headers().len(), 1);
    assert!(jig.artifact(&skill).artifact == before.artifact);
    assert_eq!(key(&jig, &skill), key(&allowing(), &skill));
    assert_ne!(key(&jig, &skill), key(&jig, &Skill::c(SOURCE)));
}
