//! The built-in policy parses, and a policy with a fault in it does not.

use saggar_policy::{BUILTIN, Policy, SeccompStage};

#[test]
fn the_builtin_policy_parses_and_every_stage_has_a_filter() {
    let policy = Policy::parse(BUILTIN).unwrap();
    for stage in [SeccompStage::Build, SeccompStage::Load, SeccompStage::Serve] {
        for threads in [false, true] {
            assert!(policy.seccomp.programs(stage, threads).iter().all(|p| p.0.len() > 4));
        }
    }
    let serve = |threads| policy.seccomp.programs(SeccompStage::Serve, threads);
    assert_ne!(serve(false), serve(true), "granting threads changes the filter");
}

fn refused(from: &str, to: &str, message: &str) {
    assert!(BUILTIN.contains(from), "{from}");
    let error = Policy::parse(&BUILTIN.replacen(from, to, 1)).expect_err(to).to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn a_policy_fails_closed() {
    refused("[jail]", "[jial]", "unknown field `jial`");
    refused("root-becomes = 65533", "root-becomes = 0", "never runs as root");
    refused("calls = [\"clone3\"]", "calls = [\"clone9\"]", "clone9");
    refused("errno = \"ENOSYS\"", "errno = \"EWHAT\"", "EWHAT");
    refused("why = \"malloc and free\"", "why = \"\"", "without a why");
    refused("compiler = \"/usr/bin/gcc\"", "compiler = \"gcc\"", "no absolute path");
    refused("arena = \"256MiB\"", "arena = \"8KiB\"", "nothing runs in less");
    refused("processes = 64", "processes = 4294967295", "at most 32768");
    refused("default = \"2s\"", "default = \"2min\"", "default above max");
}
