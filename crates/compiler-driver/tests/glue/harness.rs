//! Compiles a source with its glue, makes calls through the exported table in a process of their
//! own, and tells what the compiler said. It never loads what it compiled.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use saggar_compiler_driver::glue::{Glue, GlueRequest, Language, generate, resolve_rust};
use saggar_compiler_driver::symbols::{self, Symbol};
use saggar_model::parse_interface;
use saggar_skill_abi::{Interface, decode, encode, frame, headers};
use serde_json::Value;

/// Runs a compiler, the runner or a reader of symbols in a directory of the test's own.
#[expect(clippy::disallowed_methods, reason = "the test harness compiles and runs what it wrote")]
pub(super) fn run(dir: &Path, program: &str, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.current_dir(dir).args(args).env("LC_ALL", "C");
    command.output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// Reads WIT functions such as `count: func(text: string, n: u64) -> u64`, with `types` (records,
/// enums, aliases) before them.
fn wit<'a>(types: &str, lines: impl Iterator<Item = &'a str>) -> Interface {
    let functions: String = lines.map(|line| format!("{line};\n")).collect();
    let text = format!("{types}\n{functions}");
    parse_interface(&text).unwrap_or_else(|feedback| panic!("{}: {text}", feedback.summary))
}

/// The directory of the crate that Rust glue uses, compiled once for all tests of a process.
fn rust_runtime() -> &'static Path {
    static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join("runtime.rs"), headers::RUNTIME_RS).expect("a file");
        let args = ["runtime.rs", "--crate-type=rlib", "--crate-name=saggar_glue"];
        let args = [&args[..], &["--edition=2024", "-Copt-level=3"]].concat();
        let output = run(directory.path(), "rustc", &args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
        directory
    });
    DIRECTORY.path()
}

/// What compiles C and C++.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Gcc,
    Clang,
}

/// The program, and the standard that a policy names first.
fn compiler(language: Language, family: Family) -> (&'static str, &'static str) {
    match (language, family) {
        (Language::C, Family::Gcc) => ("gcc", "-std=gnu17"),
        (Language::C, Family::Clang) => ("clang", "-std=gnu17"),
        (_, Family::Gcc) => ("g++", "-std=c++20"),
        (_, Family::Clang) => ("clang++", "-std=c++20"),
    }
}

/// Every family that is installed.
pub(super) fn families() -> Vec<Family> {
    let clang = Path::new("/usr/bin/clang++").is_file().then_some(Family::Clang);
    [Family::Gcc].into_iter().chain(clang).collect()
}

/// A source with its glue, in a directory of its own.
pub(super) struct Skill {
    pub(super) dir: PathBuf,
    pub(super) interface: Interface,
    pub(super) glue: Glue,
    pub(super) language: Language,
    pub(super) family: Family,
}

impl Skill {
    /// The same, compiled by others.
    pub(super) fn by(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// `functions` are WIT, each with ` = symbol` after it if the source uses another name.
    pub(super) fn new(test: &str, language: Language, source: &str, functions: &[&str]) -> Self {
        Self::with_types(test, language, source, "", functions)
    }

    /// The same, with WIT records and enums for the functions to use.
    pub(super) fn with_types(
        test: &str,
        language: Language,
        source: &str,
        types: &str,
        functions: &[&str],
    ) -> Self {
        let parts = functions.iter().map(|line| line.split_once(" = ").unwrap_or((line, "")));
        let (lines, symbols): (Vec<_>, Vec<_>) = parts.unzip();
        let interface = wit(types, lines.into_iter());
        let named = symbols.into_iter().zip(&interface.functions);
        let symbols = named.map(|(symbol, function)| match symbol {
            "" => function.name.replace('-', "_"),
            symbol => symbol.to_owned(),
        });
        let symbols = symbols.collect();
        Self::of(test, language, source, interface, symbols, BTreeMap::new())
    }

    /// The same of a plan's interface and `[symbols]`, as the driver reads them.
    pub(super) fn planned(
        test: &str,
        language: Language,
        source: &str,
        interface: Interface,
        table: &BTreeMap<String, String>,
    ) -> Self {
        let found = |name: &str| match language {
            Language::Rust => resolve_rust(source, name),
            _ => symbols::resolve(source, name),
        };
        let symbol = |name: &str| match (table.get(name), found(name)) {
            (Some(symbol), _) => symbol.clone(),
            (None, Symbol::Found { name, .. }) => name,
            (None, other) => panic!("{name}: {other:?}\n{source}"),
        };
        let symbols = interface.functions.iter().map(|function| symbol(&function.name)).collect();
        Self::of(test, language, source, interface, symbols, table.clone())
    }

    fn of(
        test: &str,
        language: Language,
        source: &str,
        interface: Interface,
        symbols: Vec<String>,
        types: BTreeMap<String, String>,
    ) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _absent = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a directory");
        let [name, unit] = match language {
            Language::C => ["skill.c", "glue.c"],
            Language::Cpp => ["skill.cpp", "glue.cpp"],
            Language::Rust => ["skill.rs", "glue.rs"],
        };
        let glue = generate(&GlueRequest {
            language,
            source: name,
            text: source,
            interface: &interface,
            symbols,
            types,
            interface_digest: [7; 32],
        });
        for (file, text) in [
            (name, source),
            (unit, &glue.text),
            ("saggar.h", &glue.header),
            ("runner.c", include_str!("runner.c")),
        ] {
            fs::write(dir.join(file), text).expect("a file");
        }
        Skill { dir, interface, glue, language, family: Family::Gcc }
    }

    /// Compiles the glue to `skill.o`, Rust with its standard library in it; gives what the
    /// compiler said.
    pub(super) fn compile(&self, flags: &[&str]) -> Output {
        self.compile_by(self.family, flags)
    }

    fn compile_by(&self, family: Family, flags: &[&str]) -> Output {
        if self.language == Language::Rust {
            let mut args = vec!["glue.rs", "--crate-type=staticlib", "--crate-name=skill"];
            let runtime = format!("-Lcrate={}", rust_runtime().display());
            args.extend(["--cap-lints=warn", &runtime, "-o", "skill.o"]);
            for usual in ["--edition=2021", "--error-format=short"] {
                let (option, _) = usual.split_once('=').expect("a value");
                if !flags.iter().any(|flag| flag.starts_with(option)) {
                    args.push(usual);
                }
            }
            args.extend(flags);
            return run(&self.dir, "rustc", &args);
        }
        let unit = if self.language == Language::C { "glue.c" } else { "glue.cpp" };
        let (compiler, standard) = compiler(self.language, family);
        let mut args = vec![standard, "-O3", "-Wall", "-fPIC", "-fvisibility=hidden"];
        match family {
            Family::Gcc => args.push("-fwhole-program"),
            Family::Clang => {
                args.extend(["-ferror-limit=0", "-fno-caret-diagnostics", "-fno-builtin-free"]);
            }
        }
        args.extend(["-fdiagnostics-color=never", "-c", unit, "-o", "skill.o"]);
        args.extend(flags);
        run(&self.dir, compiler, &args)
    }

    /// Compiles glue that must raise no warning, and links it with the runner.
    pub(super) fn build(&self, flags: &[&str]) {
        let output = self.compile(flags);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        // A source in Rust stands at the head of its glue, and may raise what warnings it likes.
        // clang warns of what an included file leaves behind where it is included.
        let own = match self.language == Language::Rust || self.family == Family::Clang {
            true => self.glue.end_of_source,
            false => 0,
        };
        let about_glue = |line: &&str| {
            let number = line.split(':').nth(1).and_then(|number| number.parse().ok());
            line.starts_with("glue.")
                && line.contains("warning")
                && number.is_none_or(|n: usize| n > own)
        };
        assert_eq!(said.lines().find(about_glue), None, "{said}");
        self.link(flags, &["runner.c", "-o", "runner", "-lm"]);
    }

    /// Links the skill's object, and what its glue leaves to the runtime, with what is given.
    pub(super) fn link(&self, flags: &[&str], args: &[&str]) {
        let sanitizers = || flags.iter().filter(|flag| flag.starts_with("-fsanitize"));
        let mut args = args.to_vec();
        args.push("skill.o");
        args.extend(sanitizers());
        if self.language != Language::Rust {
            let (unit, text) = match self.language {
                Language::C => ("runtime.c", headers::RUNTIME_C),
                _ => ("runtime.cpp", headers::RUNTIME_CPP),
            };
            let (compiler, standard) = compiler(self.language, self.family);
            fs::write(self.dir.join(unit), text).expect("a file");
            let mut compile =
                vec![standard, "-O3", "-Wall", "-Wextra", "-fPIC", "-fvisibility=hidden"];
            compile.extend(["-c", unit, "-o", "runtime.o"]);
            compile.extend(sanitizers());
            let output = run(&self.dir, compiler, &compile);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{said}");
            args.push("runtime.o");
        }
        let output = run(&self.dir, "g++", &args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Makes one call: its status and the block it left.
    pub(super) fn call(&self, name: &str, args: &Value, cap: usize) -> (frame::Status, Vec<u8>) {
        let output = self.output(name, args, cap);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}{args}: {:?}\n{said}", output.status);
        let status = String::from_utf8_lossy(&output.stdout);
        let status = status.trim().parse().ok().and_then(frame::Status::from_wire);
        (status.expect("a status"), fs::read(self.dir.join("result")).expect("a result"))
    }

    fn output(&self, name: &str, args: &Value, cap: usize) -> Output {
        let (index, function) = self.interface.find(name).expect("a function of the interface");
        let block = encode::args(function, args.as_array().expect("a list")).expect("arguments");
        fs::write(self.dir.join("args"), block).expect("a file");
        let runner = self.dir.join("runner");
        let runner = runner.to_str().expect("a path in UTF-8");
        run(&self.dir, runner, &[&index.to_string(), &cap.to_string(), "args", "result"])
    }

    /// The call ends its process by `abort`.
    pub(super) fn aborts(&self, name: &str, args: &Value) {
        const SIGABRT: i32 = 6;
        let status = self.output(name, args, 1 << 16).status;
        assert_eq!(status.signal(), Some(SIGABRT), "{name}{args}: {status}");
    }

    pub(super) fn gives(&self, name: &str, args: &Value, expected: &Value) {
        let (status, block) = self.call(name, args, 1 << 16);
        assert_eq!(status, frame::Status::Ok, "{name}{args}");
        let (_, function) = self.interface.find(name).expect("a function of the interface");
        let got = decode::result(function.result.as_ref(), &block);
        assert_eq!(got.as_ref(), Ok(expected), "{name}{args}");
    }

    pub(super) fn fails(&self, name: &str, args: &Value, message: &str) {
        let (status, block) = self.call(name, args, 1 << 17);
        let failed = [frame::Status::Exception, frame::Status::Thrown, frame::Status::Panic];
        assert!(failed.contains(&status), "{name}{args}: {status:?}");
        assert_eq!(String::from_utf8_lossy(&block), message);
    }

    /// Every error of a failed compilation as `function.parameter: message` for those in the glue.
    pub(super) fn errors(&self) -> Vec<String> {
        self.errors_by(self.family)
    }

    /// The same of other compilers.
    pub(super) fn errors_by(&self, family: Family) -> Vec<String> {
        if self.language == Language::Rust {
            return self.errors_of_rustc();
        }
        let output = self.compile_by(family, &[]);
        assert!(!output.status.success(), "it must not compile");
        let said = String::from_utf8_lossy(&output.stderr);
        let errors = said.lines().filter_map(|line| {
            let (place, message) = line.split_once(": error: ")?;
            let message = &plain(message);
            let mut place = place.split(':');
            let file = place.next()?;
            let line = place.next()?.parse().ok()?;
            if !file.starts_with("glue") {
                return Some(format!("{file}: {message}"));
            }
            Some(self.told(line, message))
        });
        errors.collect()
    }

    fn errors_of_rustc(&self) -> Vec<String> {
        let output = self.compile(&["--error-format=json"]);
        assert!(!output.status.success(), "it must not compile");
        let said = String::from_utf8_lossy(&output.stderr);
        let errors = said.lines().filter_map(|line| {
            let error: Value = serde_json::from_str(line).ok()?;
            let spans = error["spans"].as_array().filter(|_| error["level"] == "error")?;
            let span = spans.iter().find(|span| span["is_primary"] == true)?;
            let line = span["line_start"].as_u64()?.try_into().ok()?;
            Some(self.told(line, error["message"].as_str()?))
        });
        errors.collect()
    }

    /// A message about a line of the glue.
    fn told(&self, line: usize, message: &str) -> String {
        let own = self.glue.complaint(line, message).filter(|_| self.language == Language::Rust);
        let own = own.map(|said| format!("saggar: {said}"));
        let message = own.as_deref().unwrap_or(message);
        match self.glue.place(line) {
            Some(place) => {
                let name = &self.interface.functions[place.function].name;
                let parameter = place.parameter.map(|at| format!(".{at}")).unwrap_or_default();
                format!("{name}{parameter}: {message}")
            }
            None => format!("glue:{line}: {message}"),
        }
    }
}

/// clang says before the text of a static assertion what did not hold.
fn plain(message: &str) -> String {
    match (message.starts_with("static_assert failed"), message.split_once("\"saggar: ")) {
        (true, Some((_, text))) => {
            format!("static assertion failed: saggar: {}", text.trim_end_matches('"'))
        }
        _ => message.to_owned(),
    }
}
