//! Crashes while a skill is loaded: a constructor's is told as one in a call is, and what it says of
//! where it lies is believed by nobody.

use super::crashes::{ARITHMETIC, Crash, OVERFLOW, SEGFAULT, crash};
use crate::{Env, Fixture, Jig, Output, Policy, Verdict, ensure, twin};

/// A skill of the fixtures, the lines that are added to it, and what is told of its end.
struct AtLoad(&'static str, &'static str, Crash);

const AT_LOAD: &[AtLoad] = &[
    AtLoad(
        "crash-kinds",
        "static volatile std::int64_t made = null_member(1);\n",
        crash(
            "a static initialiser",
            &[],
            SEGFAULT,
            "SIGSEGV while reading address 0x10, 16 bytes behind a null pointer",
            &[
                ("in `sum_all`: the crash happened here", "node->key[2]"),
                ("called from `outer`", "sum_all(nobody) * n"),
                ("called from `null_member`", "outer(n) + 1"),
                ("called from a static initialiser", "made = null_member(1);"),
            ],
        ),
    ),
    AtLoad(
        "crash-kinds",
        "static std::vector<std::int64_t> made(static_cast<std::size_t>(recursion(1)));\n",
        crash(
            "a static initialiser",
            &[],
            OVERFLOW,
            "recursion without end",
            &[("`deeper` calls `descend` here, in a circle", "return descend(n + 1)")],
        ),
    ),
    AtLoad(
        "crash-kinds",
        "static volatile std::int64_t made = asserts(1);\n",
        crash(
            "a static initialiser",
            &[],
            (6, "abort"),
            "the assertion `n == 0 && \"only nothing\"` failed",
            &[("in `asserts`", "assert(n == 0")],
        ),
    ),
    AtLoad(
        "crash-kinds",
        "static volatile std::int64_t made = leaves(3);\n",
        crash(
            "a static initialiser",
            &[],
            (6, "exited"),
            "exit code 3",
            &[
                ("in `leaves`: the process was ended in `exit`, called here", "std::exit("),
                ("called from a static initialiser", "made = leaves(3);"),
            ],
        ),
    ),
    AtLoad(
        "crash-kinds-c",
        "static volatile int64_t made;\n\
         __attribute__((constructor)) static void before(void)\n{\n    made = modulo(7, made);\n}\n",
        crash(
            "a constructor",
            &[],
            ARITHMETIC,
            "SIGFPE: an integer was divided by zero",
            &[
                ("in `modulo`: the crash happened here", "a % b"),
                ("called from `before`", "made = modulo(7, made);"),
            ],
        ),
    ),
    AtLoad(
        "crash-kinds-rust",
        "extern \"C\" fn before() {\n    black_box(null_pointer(1));\n}\n\n#[used]\n\
         #[unsafe(link_section = \".init_array\")]\nstatic BEFORE: extern \"C\" fn() = before;\n",
        crash(
            "a function in .init_array",
            &[],
            SEGFAULT,
            "16 bytes behind a null pointer",
            &[
                ("in `read`", "place.read_volatile()"),
                ("called from `outer`", "read(black_box"),
                ("called from `null_pointer`", "outer(n) + 1"),
                ("called from `before`", "black_box(null_pointer(1));"),
            ],
        ),
    ),
];

fn unscanned(env: &Env) -> Result<Jig, String> {
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    jig.submit_fixture("good/add")?.released()?;
    Ok(jig)
}

pub(super) fn told(env: &Env) -> Verdict {
    let jig = unscanned(env)?;
    for AtLoad(name, lines, crash) in AT_LOAD {
        twin::acts(&env.skills("hostile").join(name))?;
        let skill = Fixture::copy(env, &format!("hostile/{name}"), &[])?;
        skill.append(lines)?;
        let output = jig.submit(skill.path())?;
        ensure!(output.json["stage"] == "load", "{name}: the stage is not load: {output}");
        let output = crash.is(output)?;
        let hint = output.feedback()["hint"].as_str().unwrap_or_default();
        ensure!(hint.contains("while it is loaded"), "{name}: it does not say when: {output}");
        let again = jig.submit(skill.path())?;
        let (once, then) = (output.feedback(), again.feedback());
        ensure!(once == then, "{name}: once it reads {output}; another time {again}");
    }
    jig.serves()?;
    jig.finish()
}

/// A release that crashes in every other load, by where the kernel puts it.
pub(super) fn later(env: &Env) -> Verdict {
    let jig = unscanned(env)?;
    let skill = Fixture::copy(env, "hostile/crash-kinds-c", &[])?;
    skill.append(
        "static volatile int64_t made;\n\
         __attribute__((constructor)) static void before(void)\n{\n    \
         made = (int64_t)((uintptr_t)&made >> 30 & 1);\n    made = modulo(7, made);\n}\n",
    )?;
    // Each of these fails once in a million million times.
    const TRIES: usize = 40;
    let until = |act: &dyn Fn() -> Result<Output, String>, exit: i32| {
        let outputs = (0..TRIES).map(|_| act());
        let mut wanted =
            outputs.filter(|output| output.as_ref().is_ok_and(|output| output.exit == exit));
        wanted.next().unwrap_or_else(|| Err(format!("it never exits with {exit}")))
    };
    until(&|| jig.submit(skill.path()), 0)?.released()?;
    let output = until(&|| jig.call("crash-kinds-c", "asserts", &["0"]), 6)?;
    let told = crash(
        "a later load",
        &[],
        ARITHMETIC,
        "an integer was divided by zero",
        &[("in `modulo`", "a % b"), ("called from `before`", "made = modulo(7,")],
    );
    told.is(output)?;
    jig.serves()?;
    jig.finish()
}

/// What the skill writes into the loader's list tells lines of its own source or none, and neither
/// the kind of its crash nor anything of the host's.
pub(super) fn forged(env: &Env) -> Verdict {
    const NAME: &str = "hostile/forged-base";
    twin::acts(&env.skills(NAME))?;
    let jig = unscanned(env)?;
    jig.submit_fixture(NAME)?.released()?;
    let forged = |what: u32| {
        let skill = Fixture::at_load(env, NAME, what)?;
        jig.submit(skill.path())?.refuses(6, "arithmetic-error")
    };
    let names_line = |output: &Output| output.feedback()["diagnostics"][0]["line"].is_u64();
    let honest = forged(1)?;
    ensure!(names_line(&honest), "it names no line: {honest}");
    for what in 2..=9 {
        let output = forged(what)?;
        ensure!(output.json["stage"] == "load", "the stage is not load: {output}");
        ensure!(output.mentions("SIGFPE"), "{what}: it does not name the signal: {output}");
        // Where there is nothing at that place, nothing is told of it.
        let nowhere = !matches!(what, 3 | 4);
        ensure!(!(nowhere && names_line(&output)), "{what}: a line is told: {output}");
    }
    jig.serves()?;
    jig.finish()
}
