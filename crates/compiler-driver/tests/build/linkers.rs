//! Every linker that is there links a skill, says what is undefined in words we understand, and
//! gives the same artifact each time.

use std::path::Path;

use saggar_model::Code;

use crate::jig::{Jig, Skill};

/// The linkers of this machine: ld and gold at least, which binutils brings.
fn linkers() -> Vec<String> {
    let all = ["ld", "ld.gold", "ld.lld", "mold"].map(|name| format!("/usr/bin/{name}"));
    let found: Vec<String> = all.into_iter().filter(|path| Path::new(path).is_file()).collect();
    assert!(found.contains(&"/usr/bin/ld".to_owned()), "{found:?}");
    assert!(found.contains(&"/usr/bin/ld.gold".to_owned()), "{found:?}");
    found
}

fn with(linker: &str) -> Jig {
    Jig::with(&[("linker = \"fastest\"", &format!("linker = \"{linker}\""))])
}

#[test]
fn each_links_and_the_same_object_gives_the_same_artifact() {
    let source = "#include <string>\nunsigned answer(unsigned n) {\n  if (n > 9) throw std::string(\"x\");\n  \
                  return std::to_string(n).size(); }\n";
    for linker in linkers() {
        let (jig, again) = (with(&linker), with(&linker));
        let built = jig.artifact(&Skill::cpp(source));
        let link = built.record.commands.iter().find(|command| command.step == "link").unwrap();
        assert_eq!(link.argv[0], linker);
        assert!(built.artifact == again.artifact(&Skill::cpp(source)).artifact, "{linker}");
        let c = Skill::c("#include <math.h>\nunsigned answer(unsigned n) { return sqrt(n); }\n");
        assert!(with(&linker).artifact(&c).artifact.starts_with(b"\x7fELF"), "{linker}");
    }
}

#[test]
fn each_names_what_is_undefined_and_where() {
    let source = "unsigned beyond(unsigned);\nnamespace a { struct B { static int c(const char *); }; }\n\
                  unsigned answer(unsigned n) {\n  unsigned first = beyond(n);\n  return first + a::B::c(\"x\");\n}\n";
    for linker in linkers() {
        let told = with(&linker).refused(&Skill::cpp(source));
        assert_eq!(told.code, Code::Link, "{linker}: {told:?}");
        let found: Vec<_> =
            told.diagnostics.iter().map(|one| (one.message.as_str(), one.line)).collect();
        // mold names no lines: there the first mention stands in.
        let lines = if linker.ends_with("mold") { [1, 2] } else { [4, 5] };
        let expected = [("beyond(unsigned int)", lines[0]), ("a::B::c(char const*)", lines[1])];
        assert_eq!(found.len(), 2, "{linker}: {found:?}");
        for (symbol, line) in expected {
            let said = format!("`{symbol}` is declared and called, but defined nowhere");
            assert!(found.contains(&(said.as_str(), Some(line))), "{linker}: {found:?}");
        }
    }
}

#[test]
fn the_fastest_that_is_there_is_part_of_the_toolchain() {
    let source = Skill::cpp("unsigned answer(unsigned n) { return n; }\n");
    let fastest = Jig::new().artifact(&source);
    let link = |built: &saggar_plugin_abi::Built| built.record.commands[1].argv[0].clone();
    assert_eq!(link(&fastest), "/usr/bin/ld.gold");
    let named = with("/usr/bin/ld").artifact(&source);
    assert_eq!(link(&named), "/usr/bin/ld");
    assert_ne!(fastest.record.toolchain.digest, named.record.toolchain.digest);
}

#[test]
fn a_linker_that_is_not_there_or_is_none_is_no_toolchain() {
    use saggar_model::Principal;
    use saggar_plugin_abi::{BuildRequest, CompilerDriver};
    let skill = Skill::cpp("unsigned answer(unsigned n) { return n; }\n");
    for linker in ["/usr/bin/ld.nowhere", "/usr/bin/true"] {
        let principal = Principal::uid(7);
        let request =
            BuildRequest { plan: &skill.plan, source: &skill.source, principal: &principal };
        let jig = with(linker);
        let error = jig.driver.prepare(request).err().expect("it cannot link");
        assert_eq!(error.feedback().code, Code::Toolchain, "{:?}", error.feedback());
        assert!(error.feedback().summary.contains(linker), "{:?}", error.feedback());
    }
}

/// The driver would link an object whose constructor changes the floating-point mode.
#[test]
fn fast_math_changes_no_mode_of_the_process() {
    let skill = Skill::new(
        "c++",
        "unsigned answer(unsigned n) { return n * 0.5f; }\n",
        "flags = [\"-ffast-math\"]",
    );
    let artifact = Jig::new().whole(&skill);
    let has = |bytes: &[u8]| bytes.windows(13).any(|name| name == b"set_fast_math");
    assert!(!has(&artifact));
    let twin = tempfile::tempdir().unwrap();
    std::fs::write(twin.path().join("a.cpp"), &skill.source).unwrap();
    #[expect(clippy::disallowed_methods, reason = "what the driver would do")]
    let mut driver = std::process::Command::new("g++");
    driver.args(["-ffast-math", "-fPIC", "-shared", "a.cpp", "-o", "a.so"]);
    assert!(driver.current_dir(twin.path()).status().unwrap().success());
    assert!(has(&std::fs::read(twin.path().join("a.so")).unwrap()));
}
