//! What a source leaves behind where it ends: open blocks, and settings of the compiler's.

use saggar_compiler_driver::glue::Language;
use serde_json::json;

use super::harness::{Skill, families};

/// Settings that make an error of something the glue has.
const STRICT: [&str; 12] = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wcast-qual",
    "-Wpadded",
    "-Wundef",
    "-Wshadow",
    "-Wunused-macros",
    "-Wmissing-prototypes",
    "-Wredundant-decls",
    "-Wunknown-pragmas",
];

fn check(language: Language, settings: &[&str]) {
    let body = match language {
        Language::C => {
            "unsigned long f(const char *text, int n) { return (unsigned char)text[n]; }"
        }
        _ => {
            "#include <string>\n#include <vector>\n\
             unsigned long f(const std::string &text, int n) { return (unsigned char)text[n]; }\n\
             std::vector<int> g(std::vector<int> xs) { return xs; }"
        }
    };
    let mut functions = vec!["f: func(text: string, n: s32) -> u64"];
    if language == Language::Cpp {
        functions.push("g: func(xs: list<s32>) -> list<s32>");
    }
    let set = |setting: &&str| format!("#pragma GCC diagnostic error \"{setting}\"\n");
    let settings: String = settings.iter().map(set).collect();
    for family in families() {
        for before in ["", "#pragma GCC diagnostic push\n", "_Pragma(\"GCC diagnostic push\")\n"] {
            let source = format!("{body}\n{before}{settings}{before}");
            let name = format!("strict-{language:?}-{family:?}");
            let skill = Skill::new(&name, language, &source, &functions).by(family);
            let output = skill.compile(&[]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{family:?} {source}\n{said}");
        }
    }
}

#[test]
fn what_a_source_makes_an_error_is_none_in_the_glue() {
    let own = |more: &[&'static str]| [&STRICT[..], more].concat();
    check(Language::C, &own(&["-Wdeclaration-after-statement", "-Wc++-compat", "-Winline"]));
    check(Language::Cpp, &own(&["-Wc++11-compat", "-Wuseless-cast", "-Weffc++", "-Wtemplates"]));
}

#[test]
fn what_the_glue_makes_an_error_stays_one() {
    let settings = "#pragma GCC diagnostic ignored \"-Wconversion\"\n\
                    #pragma GCC diagnostic warning \"-Wincompatible-pointer-types\"\n";
    for (function, source) in [
        ("f: func(n: s64)", "void f(int n) {}"),
        ("f: func(xs: list<s32>)", "void f(const long *xs, int n) {}"),
    ] {
        let source = format!("{source}\n{settings}");
        let skill = Skill::new("wanted-c", Language::C, &source, &[function]);
        for family in families() {
            let errors = skill.errors_by(family);
            assert!(errors.iter().any(|error| error.starts_with("f.0: ")), "{family:?} {errors:?}");
        }
    }
}

#[test]
fn an_open_linkage_ends_where_the_source_does() {
    for source in ["extern \"C\" {\nint f() { return 1; }", "int f() { return 1; }\nextern \"C\" {"]
    {
        let skill = Skill::new("open-linkage", Language::Cpp, source, &["f: func() -> s32"]);
        for family in families() {
            let first = skill.errors_by(family).swap_remove(0);
            let end = format!("glue:{}: ", skill.glue.end_of_source);
            assert!(first.starts_with(&end), "{family:?} {source}\n{first}");
        }
    }
    // Its twin is closed.
    let source = "extern \"C\" {\nint f() { return 1; }\n}";
    let skill = Skill::new("closed-linkage", Language::Cpp, source, &["f: func() -> s32"]);
    skill.build(&[]);
    skill.gives("f", &json!([]), &json!(1));
}
