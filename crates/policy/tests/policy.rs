//! The built-in policies parse and differ only in what makes them others, and a policy with a fault
//! in it does not parse.

use saggar_model::{Isolation, MemoryLimit};
use saggar_policy::{BUILTIN, PidsLimit, Policy, PolicyError, SeccompStage};
use toml::{Table, Value};

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

/// The built-in policy with a part of its text replaced.
fn changed(from: &str, to: &str) -> Result<Policy, PolicyError> {
    assert!(BUILTIN.contains(from), "{from}");
    Policy::parse(&BUILTIN.replacen(from, to, 1))
}

fn refused(from: &str, to: &str, message: &str) {
    let error = changed(from, to).expect_err(to).to_string();
    assert!(error.contains(message), "{error}");
}

const DEFAULT: &str = include_str!("../../../policies/default.toml");
const STRICT: &str = include_str!("../../../policies/strict.toml");
const CONTAINER: &str = include_str!("../../../policies/container.toml");

#[test]
fn the_named_policies_are_the_files() {
    for (name, text) in [("default", DEFAULT), ("strict", STRICT), ("container", CONTAINER)] {
        let named = Policy::builtin_named(name).unwrap();
        assert_eq!(named.name, name);
        assert_eq!(named.digest, Policy::parse(text).unwrap().digest);
    }
    assert!(Policy::builtin_named("lenient").is_none());
}

/// The keys of both tables under which they differ, with the path that leads there.
fn differences(one: &Table, other: &Table, path: &str, found: &mut Vec<String>) {
    let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    for key in keys {
        let at = format!("{path}{key}");
        match (one.get(key), other.get(key)) {
            (Some(Value::Table(one)), Some(Value::Table(other))) => {
                differences(one, other, &format!("{at}."), found);
            }
            (one, other) if one != other => found.push(at),
            _ => {}
        }
    }
}

fn differ_from_default(text: &str) -> Vec<String> {
    let [default, other] = [DEFAULT, text].map(|text| text.parse().expect("a policy is TOML"));
    let mut found = Vec::new();
    differences(&default, &other, "", &mut found);
    found
}

#[test]
fn the_policies_differ_only_in_what_makes_them_others() {
    let strict = [
        "build.c++.compile",
        "jail.landlock-abi",
        "jail.mdwe",
        "jail.memory",
        "jail.pids",
        "limits.build-deadline.max",
        "limits.call-deadline.max",
        "limits.memory.max",
        "limits.threads.max",
        "name",
    ];
    assert_eq!(differ_from_default(STRICT), strict);
    assert_eq!(differ_from_default(CONTAINER), ["jail.isolation", "jail.landlock-abi", "name"]);
    let [default, strict, container] =
        ["default", "strict", "container"].map(|name| Policy::builtin_named(name).unwrap());
    // The same submission gives the same artifact with and without namespaces.
    assert_eq!(default.build_digest, container.build_digest);
    let mut compile = strict.build.cpp.compile.clone();
    compile.retain(|flag| flag != "-D_GLIBCXX_ASSERTIONS");
    assert_ne!(compile, strict.build.cpp.compile);
    assert_eq!(compile, default.build.cpp.compile);
}

#[test]
fn strict_demands_the_kernel_and_container_no_namespaces() {
    let strict = Policy::builtin_named("strict").unwrap().jail;
    assert_eq!((strict.memory, strict.pids), (MemoryLimit::Cgroup, PidsLimit::Cgroup));
    assert_eq!(strict.isolation, Isolation::Namespaces);
    assert!(strict.mdwe);
    let container = Policy::builtin_named("container").unwrap().jail;
    assert_eq!(container.isolation, Isolation::Process);
}

#[test]
fn a_policy_fails_closed() {
    refused("isolation = \"namespaces\"", "isolation = \"process\"", "needs landlock-abi = 6");
    refused("pids = \"rlimit\"", "pids = \"none\"", "unknown variant");
    refused("[jail]", "[jial]", "unknown field `jial`");
    refused("root-becomes = 65533", "root-becomes = 0", "never runs as root");
    refused("calls = [\"clone3\"]", "calls = [\"clone9\"]", "clone9");
    refused("errno = \"ENOSYS\"", "errno = \"EWHAT\"", "EWHAT");
    refused("why = \"malloc and free\"", "why = \"\"", "without a why");
    refused("compiler = \"/usr/bin/gcc\"", "compiler = \"gcc\"", "no absolute path");
    refused("compiler = \"/usr/bin/clang\"", "compiler = \"clang\"", "no absolute path");
    let default = "diagnostics = 8\ndefault-compiler = \"clang\"";
    let sections = BUILTIN.split_once("[build.clang").unwrap().0;
    let rest = BUILTIN.split_once("[build.rust]").unwrap().1;
    let without = format!("{sections}[build.rust]{rest}");
    Policy::parse(&without).unwrap();
    let error = Policy::parse(&without.replace("diagnostics = 8", default)).unwrap_err();
    assert!(error.to_string().contains("needs [build.clang]"), "{error}");
    refused("linker = \"fastest\"", "linker = \"mold\"", "no absolute path");
    refused("arena = \"256MiB\"", "arena = \"8KiB\"", "nothing runs in less");
    refused("processes = 64", "processes = 4294967295", "at most 32768");
    for percent in ["0", "819201", "4294967295"] {
        let key = format!("jail.cpu-percent = {percent}: ");
        refused("cpu-percent = 400", &format!("cpu-percent = {percent}"), &key);
    }
    refused("cpu-percent = 400", "cpu-percent = 0", "write 100 for one processor");
    refused("cpu-percent = 400", "cpu-percent = -1", "invalid value");
    refused("default = \"2s\"", "default = \"2min\"", "default above max");
}

#[test]
fn what_nothing_can_work_with_is_refused_with_what_can() {
    let least = |key: &str, from: &str, least: &str, less: [&str; 2], message: &str| {
        let line = |value: &str| format!("{key} = {value}");
        let path = message.split_once(" = ").unwrap().0;
        for value in less {
            let told = changed(&line(from), &line(value)).expect_err(value).to_string();
            let expected = format!("policy: {path} = {}: ", value.trim_matches('"'));
            assert!(told.starts_with(&expected) && told.ends_with(" or more"), "{told}");
        }
        refused(&line(from), &line(less[1]), message);
        changed(&line(from), &line(least)).unwrap();
    };
    let why = "jail.processes = 7: no compiler can work with fewer; write 8 or more";
    least("processes", "64", "8", ["0", "7"], why);
    let why = "jail.files = 9: no compiler can work with fewer; write 10 or more";
    least("files", "256", "10", ["0", "9"], why);
    let why = "build.diagnostics = 0: a feedback would show none; write 1 or more";
    least("diagnostics", "8", "1", ["0", "0"], why);
    let why = "build.output = 4095B: no complaint of a compiler has room; write 4KiB or more";
    least("output", "\"256KiB\"", "\"4KiB\"", ["\"0B\"", "\"4095B\""], why);
    let why = "build.artifact = 1KiB: no artifact is smaller; write 4KiB or more";
    least("artifact", "\"32MiB\"", "\"4KiB\"", ["\"0B\"", "\"1KiB\""], why);
    let why = "limits.verify-deadline = 0ms: nothing is done in no time; write 1ms or more";
    least("verify-deadline", "\"2min\"", "\"1ms\"", ["\"0ms\"", "\"0ms\""], why);
    let why = "sidecar.load-deadline = 0ms: nothing is done in no time; write 1ms or more";
    least("load-deadline", "\"5s\"", "\"1ms\"", ["\"0ms\"", "\"0ms\""], why);
    let why = "limits.source = 0B: no source is smaller; write 1B or more";
    least("source", "\"1MiB\"", "\"1B\"", ["\"0B\"", "\"0B\""], why);
    let why = "limits.plan = 0B: no plan is smaller; write 1B or more";
    least("plan", "\"1MiB\"", "\"1B\"", ["\"0B\"", "\"0B\""], why);
    refused("default = \"2s\"", "default = \"0s\"", "limits.call-deadline.default = 0ms: ");
    refused("default = \"20s\"", "default = \"0s\"", "limits.build-deadline.default = 0ms: ");
}

#[test]
fn a_share_of_one_processor_and_all_there_can_be_parse() {
    for percent in [1, 819_200] {
        let policy = changed("cpu-percent = 400", &format!("cpu-percent = {percent}")).unwrap();
        assert_eq!(policy.jail.cpu_percent, percent);
    }
}

#[test]
fn no_room_for_precompiled_headers_is_written_with_a_unit() {
    refused("size = \"1GiB\"", "size = \"0\"", "is no size");
    refused("size = \"1GiB\"", "size = 0", "expected");
    let none = changed("size = \"1GiB\"", "size = \"0B\"").unwrap();
    assert_eq!(none.build.precompiled.size.0, 0);
}
