//! The artifact is the same with and without a precompiled header, whatever a source begins with.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::draw::Draw;
use crate::jig::{Jig, Skill, used};

/// Builds without a header, then with it, and compares. Gives whether a header served.
#[track_caller]
pub(super) fn check(jig: &Jig, skill: &Skill) -> bool {
    let before = jig.artifact(skill);
    jig.settle();
    let times = |jig: &Jig| jig.headers().iter().map(|header| used(header)).collect::<Vec<_>>();
    let made = times(jig);
    let after = jig.artifact(skill);
    let name = format!("{}\n{}", skill.plan.name, String::from_utf8_lossy(&skill.source));
    assert!(before.artifact == after.artifact, "another artifact: {name}");
    assert!(before.debug == after.debug, "other debug information: {name}");
    assert_eq!(before.record.headers, after.record.headers, "{name}");
    assert_eq!(String::from_utf8_lossy(&before.log), String::from_utf8_lossy(&after.log), "{name}");
    made != times(jig)
}

#[test]
fn of_every_other_fixture_skill_in_cpp_and_c() {
    let jig = Jig::new();
    let skills: Vec<_> = Skill::fixtures("good").into_iter().step_by(2).collect();
    assert!(skills.len() >= 8, "{}", skills.len());
    let served = skills.iter().filter(|skill| check(&jig, skill)).count();
    // A source can begin with `saggar.h`, or with nothing.
    assert!(served * 10 >= skills.len() * 8, "{served} of {}", skills.len());
}

/// What a source may begin with, and whether a header can serve then.
pub(super) const BEGINNINGS: [(&str, bool); 21] = [
    ("#include <vector>\n#include <cstdint>\n", true),
    ("// a\n/* b\n */\n#include <vector> // c\n\n/* d */ #include <cstdint>\n", true),
    ("\u{feff}#include <vector>\r\n#include <cstdint>\r\n", true),
    ("#include <vector>\n#include <vector>\n#include <cstdint>\n#include <vector>\n", true),
    ("#include <cassert>\n#include <vector>\n#define NDEBUG\n#include <cassert>\n", true),
    ("#include <cstdint>\n#define X 1\n#if X\n#include <vector>\n#endif\n", true),
    (
        "#include <cstdint>\n#ifdef __cpp_lib_span\n#include <span>\n#endif\n#include <vector>\n",
        true,
    ),
    ("#include <cstdint>\n#define _GLIBCXX_ASSERTIONS\n#include <vector>\n", true),
    ("#include <vector>\n#pragma GCC optimize(\"O1\")\n#include <string>\n", true),
    ("#include <vector>\nnamespace other { int unused; }\n#include <string>\n", true),
    ("#include <vector>\n#undef __cpp_exceptions\n#include <string>\n", true),
    ("#include <vector>\n#include \"saggar.h\"\n", true),
    ("#include <math.h>\n#include <cmath>\n#include <vector>\n#undef isnan\n", true),
    ("#define _GLIBCXX_DEBUG\n#include <vector>\n", false),
    ("#define _GLIBCXX_ASSERTIONS 1\n#include <vector>\n", false),
    ("#define vector vector\n#include <vector>\n", false),
    ("#pragma GCC optimize(\"O1\")\n#include <vector>\n", false),
    ("#pragma pack(1)\n#include <vector>\n", false),
    ("#if 1\n#include <vector>\n#endif\n", false),
    ("#ifndef NO\n#define NO\n#endif\n#include <vector>\n", false),
    ("// \\\n#include <map>\n#include <vector>\n", false),
];

/// What depends on where and how often something stands, and on what the headers declare.
pub(super) const BODY: &str = "
struct __attribute__((packed)) Pair { char a; long b; };
static int counted[] = {__COUNTER__, __COUNTER__, __LINE__, __INCLUDE_LEVEL__};
unsigned answer(unsigned n) {
    std::vector<unsigned> all(n % 17 + 1, sizeof(Pair));
    for (unsigned i = 0; i < n; ++i) all[i % all.size()] += i + unsigned(counted[i % 4]);
    unsigned sum = __builtin_strlen(__FILE__);
    for (unsigned one : all) sum += one;
#ifdef assert
    assert(sum > 1);
#endif
    return sum;
}
";

#[test]
fn of_sources_with_macros_comments_and_conditions_around_their_includes() {
    let jig = Jig::new();
    for (beginning, serves) in BEGINNINGS {
        let source = format!("{beginning}{BODY}");
        assert_eq!(check(&jig, &Skill::cpp(&source)), serves, "{beginning}");
    }
}

#[test]
fn of_other_standards_and_flags_each_with_a_header_of_its_own() {
    let jig = Jig::new();
    let source = format!("#include <vector>\n{BODY}");
    for more in [
        "",
        "standard = \"c++17\"",
        "standard = \"gnu++20\"",
        "flags = [\"-O2\"]",
        "flags = [\"-ffast-math\"]",
        "flags = [\"-Wall\", \"-Wextra\"]",
    ] {
        assert!(check(&jig, &Skill::new("c++", &source, more)), "{more}");
    }
    assert_eq!(jig.headers().len(), 6);
}

/// Random orders of pieces. A generator of our own, so that every run tries the same sources.
#[test]
fn of_sources_put_together_at_random() {
    const PIECES: [&str; 14] = [
        "#include <vector>\n",
        "#include <cstdint>\n",
        "#include <cstddef>\n",
        "#include <limits.h>\n",
        "#include <assert.h>\n",
        "// comment\n",
        "/* comment\n over lines */\n",
        "\n  \t\n",
        "#define NDEBUG\n",
        "#undef NDEBUG\n",
        "#if 0\n#include <nowhere>\n#endif\n",
        "#ifdef INT_MAX\n#include <cstring>\n#endif\n",
        "#define max(a, b) ((a) > (b) ? (a) : (b))\n",
        "#undef max\n",
    ];
    let mut draw = Draw::new();
    let jig = Jig::new();
    let mut served = 0;
    for _ in 0..12 {
        let beginning = draw.some(&PIECES, 8, "");
        let source = format!("{beginning}#undef max\n#include <vector>\n{BODY}");
        served += usize::from(check(&jig, &Skill::cpp(&source)));
    }
    assert!(served > 3, "{served}");
}

/// A source can ask whether a file is there, and take bytes of it.
#[test]
fn of_a_source_that_looks_for_the_precompiled_header() {
    const NAMES: [&str; 6] = [
        "saggar+prelude.h.gch",
        "saggar+prelude.h.gch/",
        "saggar+prelude.h.gch/../answer.cpp",
        "saggar+precompiled",
        "saggar+precompiled/../answer.cpp",
        "saggar+prelude.h.pch",
    ];
    for plan in ["", "compiler = \"clang\""] {
        if !plan.is_empty() && !std::path::Path::new("/usr/bin/clang++").is_file() {
            continue;
        }
        for name in NAMES {
            let source = format!(
                "#include <vector>\n#if __has_include(\"{name}\")\n#define LAYER 1\n#else\n\
                 #define LAYER 2\n#endif\nint layer = LAYER;\n{BODY}"
            );
            let jig = Jig::new();
            assert!(check(&jig, &Skill::new("c++", &source, plan)), "{name}");
        }
        let taken = format!(
            "#include <vector>\nasm(\".incbin \\\"saggar+prelude.h.gch\\\",0,8\");\n{BODY}"
        );
        let (jig, skill) = (Jig::new(), Skill::new("c++", taken, plan));
        let before = jig.refused(&skill);
        jig.artifact(&Skill::new("c++", format!("#include <vector>\n{BODY}"), plan));
        jig.settle();
        assert_eq!((jig.headers().len(), jig.refused(&skill)), (1, before));
    }
}

#[test]
fn at_any_time() {
    for (language, plan) in [("c", ""), ("c++", ""), ("c++", "compiler = \"clang\"")] {
        if !plan.is_empty() && !std::path::Path::new("/usr/bin/clang++").is_file() {
            continue;
        }
        let source = "static const char *volatile when = __DATE__ __TIME__ __TIMESTAMP__;\n\
                      unsigned answer(unsigned n) { return n + (when == 0); }\n";
        let skill = Skill::new(language, source, plan);
        let first = Jig::new().whole(&skill);
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert!(Jig::new().whole(&skill) == first, "{language} {plan}");
    }
}

#[test]
fn of_c_too() {
    let jig = Jig::new();
    let body = "unsigned answer(unsigned n) { return n + sizeof(size_t); }\n";
    let source = |beginning: &str| Skill::c(format!("{beginning}{body}"));
    assert!(check(&jig, &source("#include <stdio.h>\n#include <stddef.h>\n")));
    assert!(check(
        &jig,
        &source("/* a */\n#include <stddef.h>\n#define fputs other_fputs\n#include <stdio.h>\n")
    ));
    assert!(!check(&jig, &source("#define _GNU_SOURCE\n#include <stddef.h>\n")));
}

/// A source whose name is a header's would be that header: none of its own is read before it.
#[test]
fn of_a_source_with_the_name_of_a_header() {
    let jig = Jig::new();
    let mut skill = Skill::c("#include <stddef.h>\nunsigned answer(unsigned n) { return n; }\n");
    skill.plan.source = "stddef.h".parse().unwrap();
    let refused = jig.refused(&skill);
    assert!(refused.diagnostics.iter().all(|one| one.file.as_deref() != Some("saggar+prelude.h")));
    assert!(!refused.diagnostics.is_empty());
}

/// Why the rule is what it is: read before a macro that changes them, headers give other bytes.
#[test]
fn without_the_rule_the_bytes_are_others() {
    let directory = tempfile::tempdir().unwrap();
    let differs = |beginning: &str| {
        fs::write(directory.path().join("a.cpp"), format!("{beginning}{BODY}")).unwrap();
        fs::write(directory.path().join("a.h"), "#include <vector>\n").unwrap();
        let plain = compiled(directory.path(), &[]);
        plain != compiled(directory.path(), &["-include", "a.h"])
    };
    assert!(differs("#define _GLIBCXX_DEBUG\n#include <vector>\n"));
    assert!(differs("#define _GLIBCXX_ASSERTIONS\n#include <vector>\n"));
    assert!(!differs("// a\n#include <vector>\n"));
}

#[expect(clippy::disallowed_methods, reason = "an oracle without driver and jail")]
fn compiled(directory: &Path, more: &[&str]) -> Vec<u8> {
    let mut command = Command::new("g++");
    command.args(["-std=c++20", "-O3", "-c", "a.cpp", "-o", "a.o"]).args(more);
    assert!(command.current_dir(directory).status().unwrap().success());
    fs::read(directory.join("a.o")).unwrap()
}
