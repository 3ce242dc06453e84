//! What a crash tells the one who has to mend it: its kind, the likely cause, and the calls with
//! their lines. Every crash is had twice: it must read the same.

use crate::fixture::write;
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin, while_doing};

/// A call, its arguments, and what is told of its end.
pub(super) struct Crash {
    pub(super) call: &'static str,
    pub(super) args: &'static [&'static str],
    told: (i32, &'static str),
    /// In the summary.
    cause: &'static str,
    /// The first calls told: in the message, and in the line shown.
    pub(super) calls: &'static [(&'static str, &'static str)],
}

pub(super) const fn crash(
    call: &'static str,
    args: &'static [&'static str],
    told: (i32, &'static str),
    cause: &'static str,
    calls: &'static [(&'static str, &'static str)],
) -> Crash {
    Crash { call, args, told, cause, calls }
}

pub(super) const SEGFAULT: (i32, &str) = (6, "segfault");
pub(super) const OVERFLOW: (i32, &str) = (6, "stack-overflow");
pub(super) const ARITHMETIC: (i32, &str) = (6, "arithmetic-error");
const ABORT: (i32, &str) = (6, "abort");

const CPP: &[Crash] = &[
    crash(
        "null-member",
        &["1"],
        SEGFAULT,
        "SIGSEGV while reading address 0x10, 16 bytes behind a null pointer",
        &[
            ("in `sum_all`: the crash happened here", "node->key[2]"),
            ("called from `outer`", "sum_all(nobody) * n"),
            ("called from `null_member`", "outer(n) + 1"),
        ],
    ),
    crash(
        "null-call",
        &["1"],
        SEGFAULT,
        "called through a null pointer",
        &[("in `null_call`: what is called here is no function", "return f(n) + 1;")],
    ),
    crash(
        "constant",
        &["1"],
        SEGFAULT,
        "while writing a constant",
        &[("in `constant`", "to[3] = static_cast")],
    ),
    crash("heap-end", &["1"], SEGFAULT, "past the end of the heap", &[("`heap_end`", "at[i]")]),
    crash("freed", &["1"], SEGFAULT, "out of freed memory", &[("`freed`", "gone->key[0]")]),
    crash(
        "in-library",
        &["1"],
        SEGFAULT,
        "a null pointer",
        &[("in `in_library`: the crash happened in `strlen`, called here", "std::strlen(text)")],
    ),
    crash(
        "in-callback",
        &["1"],
        SEGFAULT,
        "null pointer",
        &[
            ("in `sum_all`", "node->key[2]"),
            ("called from a lambda", "sum_all(nobody)"),
            ("called from `in_callback`", "std::qsort("),
        ],
    ),
    crash("garbage", &["1"], SEGFAULT, "no address at all", &[("`garbage`", "return *p;")]),
    crash(
        "pick",
        &["[1, 2, 3, 4]", "81234567890"],
        SEGFAULT,
        "element 81234567890 (the value of argument 2, `at`) of an array with elements of 8 bytes",
        &[("`pick`", "values[static_cast")],
    ),
    crash(
        "walk",
        &["[1, 2, 3, 4]", "81234567890"],
        SEGFAULT,
        "element 81234567890 of argument 1 (`values`), which has 4 elements",
        &[("`walk`", "values[static_cast")],
    ),
    crash("bus", &["1"], (6, "bus-error"), "SIGBUS", &[("`bus`", "asm volatile")]),
    crash(
        "divide",
        &["1", "0"],
        ARITHMETIC,
        "SIGFPE: an integer was divided by zero",
        &[("`divide`", "a / b")],
    ),
    crash(
        "divide",
        &["-9223372036854775808", "-1"],
        ARITHMETIC,
        "was divided by -1",
        &[("`divide`", "a / b")],
    ),
    crash(
        "unreachable",
        &["1"],
        (6, "illegal-instruction"),
        "SIGILL at a trap",
        &[("`unreachable`", "__builtin_trap()")],
    ),
    crash(
        "asserts",
        &["1"],
        ABORT,
        "the assertion `n == 0 && \"only nothing\"` failed",
        &[("in `asserts`", "assert(n == 0")],
    ),
    crash(
        "terminates",
        &["1"],
        ABORT,
        "an exception std::runtime_error (thrown on purpose) came to a function that it must not",
        &[
            ("in `thrower`: the crash happened in `__cxa_throw`", "throw std::runtime_error"),
            ("called from `quiet`", "noexcept { thrower(n); }"),
            ("called from `terminates`", "quiet(n);"),
        ],
    ),
    crash("throws", &["1"], (1, "exception"), "thrown on purpose", &[]),
    crash("twice", &["1"], ABORT, "given back twice", &[("`free`, called here", "std::free(p)")]),
    crash("smash", &["1"], ABORT, "past the end of an array on its stack", &[("in `smash`", "}")]),
    crash(
        "overflow",
        &["1"],
        ABORT,
        "more than the buffer holds",
        &[("in `overflow`: the crash happened in `memcpy`", "std::memcpy(buffer")],
    ),
    crash(
        "recursion",
        &["1"],
        OVERFLOW,
        "SIGSEGV: recursion without end",
        &[
            ("`deeper` calls `descend` here, in a circle", "return descend(n + 1)"),
            ("`descend` calls `deeper` here, in a circle", "return deeper(n + 1)"),
        ],
    ),
    crash(
        "large-frame",
        &["1"],
        OVERFLOW,
        "beyond the end of the stack",
        &[("in `large_frame`: the crash happened here", "array[i] = ")],
    ),
    crash(
        "leaves",
        &["3"],
        (6, "exited"),
        "exit code 3",
        &[("in `leaves`: the process was ended in `exit`, called here", "std::exit(")],
    ),
    crash(
        "spins",
        &["1"],
        (12, "call-deadline"),
        "longer than 1000 ms",
        &[("in `spins`: the time ran out here", "while (n != 0 && yes)")],
    ),
];

const C: &[Crash] = &[
    crash(
        "null-pointer",
        &["1"],
        SEGFAULT,
        "address 0x0, a null pointer",
        &[
            ("in `total`: the crash happened here", "sum += node->value"),
            ("called from `null_pointer`", "total(&only) + 1"),
        ],
    ),
    crash(
        "invalid-free",
        &["1"],
        ABORT,
        "no allocation (free(): invalid pointer)",
        &[("in `invalid_free`: the crash happened in `free`", "free(text +")],
    ),
    crash("heap-overflow", &["1"], ABORT, "the heap is damaged", &[("`free`", "free(second)")]),
    crash("asserts", &["1"], ABORT, "the assertion `n < 1` failed", &[("`asserts`", "assert(n")]),
    crash(
        "recursion",
        &["1"],
        OVERFLOW,
        "recursion without end",
        &[("`descend` calls itself here without end", "return descend(n + 1)")],
    ),
    crash("breaks", &["1"], (6, "crash"), "SIGTRAP at a breakpoint", &[("in `breaks`", "int3")]),
    crash("modulo", &["7", "0"], ARITHMETIC, "divided by zero", &[("`modulo`", "a % b")]),
];

const RUST: &[Crash] = &[
    crash(
        "null-pointer",
        &["1"],
        SEGFAULT,
        "16 bytes behind a null pointer",
        &[
            ("in `read`", "place.read_volatile()"),
            ("called from `outer`", "read(black_box"),
            ("called from `null_pointer`", "outer(n) + 1"),
        ],
    ),
    crash(
        "aborts",
        &["1"],
        ABORT,
        "abort was called",
        &[("in `aborts`: the crash happened in `std::process::abort`", "std::process::abort();")],
    ),
    crash(
        "panics-in-c",
        &["1"],
        ABORT,
        "a panic came to a function that it must not leave",
        &[
            ("in `callback`", "extern \"C\" fn callback"),
            ("called from `panics_in_c`", "callback(n)"),
        ],
    ),
    crash("panics", &["1"], (1, "panic"), "index out of bounds", &[]),
    crash(
        "recursion",
        &["1"],
        OVERFLOW,
        "recursion without end",
        &[("`descend` calls itself here without end", "descend(n + 1) + frame[3]")],
    ),
    crash(
        "leaves",
        &["1"],
        (6, "exited"),
        "exit code 1",
        &[("in `leaves`: the process was ended in `std::process::exit`", "std::process::exit(")],
    ),
    crash(
        "beyond",
        &["[1, 2]", "99999999999"],
        SEGFAULT,
        "element 99999999999 of argument 1",
        &[("`beyond`", "values.as_ptr()")],
    ),
];

pub(super) fn cpp(env: &Env) -> Verdict {
    all(env, "crash-kinds", CPP)
}

pub(super) fn c(env: &Env) -> Verdict {
    all(env, "crash-kinds-c", C)
}

pub(super) fn rust(env: &Env) -> Verdict {
    all(env, "crash-kinds-rust", RUST)
}

fn all(env: &Env, skill: &str, crashes: &[Crash]) -> Verdict {
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{skill}"))?.released()?;
    for crash in crashes {
        let Crash { call, args, .. } = crash;
        let output = crash.is(jig.call(skill, call, args)?)?;
        let again = jig.call(skill, call, args)?;
        ensure!(again.json == output.json, "once it reads {output}; another time {again}");
    }
    jig.serves()?;
    jig.finish()
}

impl Crash {
    /// The output tells of this crash.
    pub(super) fn is(&self, output: Output) -> Result<Output, String> {
        let Crash { call, told: (exit, code), cause, calls, .. } = self;
        let output = output.refuses(*exit, code)?;
        let feedback = output.feedback();
        let summary = feedback["summary"].as_str().unwrap_or_default();
        ensure!(summary.contains(cause), "{call}: the cause is not `{cause}`: {output}");
        let hint = feedback["hint"].as_str().unwrap_or_default();
        ensure!(!hint.is_empty(), "{call}: there is no hint: {output}");
        for (index, (message, excerpt)) in calls.iter().enumerate() {
            let place = &feedback["diagnostics"][index];
            let says =
                |key: &str, part: &str| place[key].as_str().is_some_and(|text| text.contains(part));
            ensure!(
                says("message", message) && says("excerpt", excerpt) && place["line"].is_u64(),
                "{call}: call {index} is not `{message}` at `{excerpt}`: {output}"
            );
        }
        Ok(output)
    }
}

/// The last function of the C skill, as it divides and as it is mended.
const DIVIDES: (&str, &str) = ("return a % b;", "return b == 0 ? -1 : a % b;");

pub(super) fn replay(env: &Env) -> Verdict {
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let skill = Fixture::copy(env, "hostile/crash-kinds-c", &[])?;
    jig.submit(skill.path())?.released()?;
    loads_without_debug_information(&jig)?;
    let crashed =
        jig.call("crash-kinds-c", "modulo", &["7", "0"])?.refuses(6, "arithmetic-error")?;
    let feedback = crashed.feedback();
    let id = feedback["replay"].as_str().ok_or("the call was not kept")?.to_owned();
    let hint = feedback["hint"].as_str().unwrap_or_default();
    ensure!(hint.contains(&format!("--replay {id}")), "the hint does not say how: {crashed}");
    let told = crate::ledger::events(&jig.home(), "crashed")?;
    let of_it = told.iter().filter(|entry| entry["feedback"]["replay"] == id.as_str()).count();
    ensure!(of_it == 1, "the ledger tells of {of_it} such crashes");
    let test = &feedback["diagnostics"].as_array().and_then(|all| all.last()?["fix"].as_str());
    let test = test.ok_or("there is no test to add")?;
    ensure!(test.contains("call = \"modulo\"") && test.contains("'[7,0]'"), "the test: {test}");

    // The source that crashed does so again, and under the same id.
    let replay = ["run", "--json", "--allow-compile", "--replay", &id];
    let again = jig.run(&replay)?.exits(6)?;
    let error = &again.json["result"]["error"];
    ensure!(error["code"] == "arithmetic-error" && error["replay"] == id.as_str(), "{again}");
    ensure!(error["diagnostics"][0]["excerpt"].is_string(), "it names no line: {again}");
    // A mended one does not, and the test with an expectation proves it for good.
    let source = skill.file("crash_kinds.c");
    let text = std::fs::read_to_string(&source).map_err(while_doing("read the source"))?;
    write(&source, text.replace(DIVIDES.0, DIVIDES.1))?;
    let directory = skill.path().display().to_string();
    let mended = jig.run(&[&replay[..], &[&directory]].concat())?.exits(0)?;
    ensure!(mended.json["result"] == serde_json::json!({ "ok": -1 }), "it gives: {mended}");
    let plan = skill.file("plan.toml");
    let text = std::fs::read_to_string(&plan).map_err(while_doing("read the plan"))?;
    write(&plan, format!("{text}\n{test}\nexpect = -1\n"))?;
    jig.submit(skill.path())?.released()?;

    // A deadline is no crash and kept all the same; an error is not kept.
    jig.submit_fixture("hostile/endless-loop")?.released()?;
    let late = jig.call("endless-loop", "spin", &["1"])?.refuses(12, "call-deadline")?;
    ensure!(late.feedback()["replay"].is_string(), "it was not kept: {late}");
    jig.submit_fixture("good/roman-numerals")?.released()?;
    let error = jig.call("roman-numerals", "to-roman", &["0"])?.refuses(1, "exception")?;
    ensure!(error.feedback()["replay"].is_null(), "an error was kept: {error}");
    let unknown = "0".repeat(64);
    jig.run(&["run", "--json", "--allow-compile", "--replay", &unknown])?
        .refuses(15, "not-found")?;
    jig.run(&["run", "--json", "--replay", &id])?.refuses(9, "gate-closed")?;
    jig.serves()?;
    jig.finish()
}

/// What is loaded names no section (elf(5), `e_shoff`) and is the smaller object of the two.
fn loads_without_debug_information(jig: &Jig) -> Verdict {
    let shown = jig.run(&["show", "--json", "crash-kinds-c"])?.exits(0)?;
    let object = |key: &str| {
        let digest = shown.json["release"][key].as_str().ok_or("the release names no object")?;
        let (first, rest) = digest.split_at(2);
        let path = jig.home().join("store/objects").join(first).join(rest);
        std::fs::read(path).map_err(while_doing("read an object"))
    };
    let (artifact, debug) = (object("artifact")?, object("debug")?);
    ensure!(artifact.len() < debug.len(), "{} bytes of {}", artifact.len(), debug.len());
    ensure!(artifact[40..48] == [0; 8] && debug[40..48] != [0; 8], "sections are named");
    Ok(())
}
