//! Compiles a source with its glue, makes calls through the exported table in a process of their
//! own, and tells what the compiler said. It never loads what it compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saggar_compiler_driver::glue::{Glue, GlueRequest, Language, generate};
use saggar_skill_abi::{Function, Interface, Param, Type, decode, encode, frame};
use serde_json::{Value, json};

/// Runs a compiler, the runner or a reader of symbols in a directory of the test's own.
#[expect(clippy::disallowed_methods, reason = "the test harness compiles and runs what it wrote")]
pub(super) fn run(dir: &Path, program: &str, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.current_dir(dir).args(args).env("LC_ALL", "C");
    command.output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn ty(text: &str) -> Type {
    if let Some(element) = text.strip_prefix("list<") {
        return Type::List(Box::new(ty(element.strip_suffix('>').expect("list<T>"))));
    }
    serde_json::from_value(json!(text)).expect("a type of WIT")
}

/// Reads a line of WIT such as `count: func(text: string, n: u64) -> u64`.
fn wit(line: &str) -> Function {
    let (name, rest) = line.split_once(": func(").expect("a function");
    let (params, result) = rest.split_once(')').expect("a parameter list");
    let params = params.split(", ").filter_map(|param| param.split_once(": "));
    Function {
        name: name.to_owned(),
        params: params.map(|(name, t)| Param { name: name.to_owned(), ty: ty(t) }).collect(),
        result: result.strip_prefix(" -> ").map(ty),
    }
}

/// A source with its glue, in a directory of its own.
pub(super) struct Skill {
    pub(super) dir: PathBuf,
    pub(super) interface: Interface,
    pub(super) glue: Glue,
    pub(super) language: Language,
}

impl Skill {
    /// `functions` are WIT, each with ` = symbol` after it if the source uses another name.
    pub(super) fn new(test: &str, language: Language, source: &str, functions: &[&str]) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _absent = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a directory");
        let parts = functions.iter().map(|line| line.split_once(" = ").unwrap_or((line, "")));
        let (interface, symbols): (Vec<_>, Vec<_>) = parts
            .map(|(line, symbol)| {
                let function = wit(line);
                let own = function.name.replace('-', "_");
                (function, if symbol.is_empty() { own } else { symbol.to_owned() })
            })
            .unzip();
        let interface = Interface { functions: interface };
        let name = if language == Language::C { "skill.c" } else { "skill.cpp" };
        let glue = generate(&GlueRequest {
            language,
            source: name,
            interface: &interface,
            symbols,
            interface_digest: [7; 32],
        });
        let unit = if language == Language::C { "glue.c" } else { "glue.cpp" };
        for (file, text) in [
            (name, source),
            (unit, &glue.text),
            ("saggar.h", saggar_skill_abi::headers::SAGGAR_H),
            ("runner.c", include_str!("runner.c")),
        ] {
            fs::write(dir.join(file), text).expect("a file");
        }
        Skill { dir, interface, glue, language }
    }

    /// Compiles the glue to `skill.o`; gives what the compiler said.
    pub(super) fn compile(&self, flags: &[&str]) -> Output {
        let (compiler, unit, standard) = match self.language {
            Language::C => ("gcc", "glue.c", "-std=gnu17"),
            Language::Cpp => ("g++", "glue.cpp", "-std=c++20"),
        };
        let mut args = vec![standard, "-O3", "-Wall", "-fPIC", "-fvisibility=hidden"];
        args.extend(["-fdiagnostics-color=never", "-c", unit, "-o", "skill.o"]);
        args.extend(flags);
        run(&self.dir, compiler, &args)
    }

    /// Compiles glue that must raise no warning, and links it with the runner.
    pub(super) fn build(&self, flags: &[&str]) {
        let output = self.compile(flags);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let about_glue = |line: &&str| line.starts_with("glue.") && line.contains("warning");
        assert_eq!(said.lines().find(about_glue), None, "{said}");
        let mut args = vec!["skill.o", "runner.c", "-o", "runner", "-lm"];
        args.extend(flags.iter().filter(|flag| flag.starts_with("-fsanitize")));
        let output = run(&self.dir, "g++", &args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Makes one call: its status and the block it left.
    pub(super) fn call(&self, name: &str, args: &Value, cap: usize) -> (frame::Status, Vec<u8>) {
        let (index, function) = self.interface.find(name).expect("a function of the interface");
        let block = encode::args(function, args.as_array().expect("a list")).expect("arguments");
        fs::write(self.dir.join("args"), block).expect("a file");
        let runner = self.dir.join("runner");
        let runner = runner.to_str().expect("a path in UTF-8");
        let output =
            run(&self.dir, runner, &[&index.to_string(), &cap.to_string(), "args", "result"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}{args}: {:?}\n{said}", output.status);
        let status = String::from_utf8_lossy(&output.stdout);
        let status = status.trim().parse().ok().and_then(frame::Status::from_wire);
        (status.expect("a status"), fs::read(self.dir.join("result")).expect("a result"))
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
        assert_eq!(status, frame::Status::Exception, "{name}{args}");
        assert_eq!(String::from_utf8_lossy(&block), message);
    }

    /// Every error of a failed compilation as `function.parameter: message` for those in the glue.
    pub(super) fn errors(&self) -> Vec<String> {
        let output = self.compile(&[]);
        assert!(!output.status.success(), "it must not compile");
        let said = String::from_utf8_lossy(&output.stderr);
        let errors = said.lines().filter_map(|line| {
            let (place, message) = line.split_once(": error: ")?;
            let mut place = place.split(':');
            let file = place.next()?;
            let line = place.next()?.parse().ok()?;
            if !file.starts_with("glue") {
                return Some(format!("{file}: {message}"));
            }
            Some(match self.glue.place(line) {
                Some(place) => {
                    let name = &self.interface.functions[place.function].name;
                    let parameter = place.parameter.map(|at| format!(".{at}")).unwrap_or_default();
                    format!("{name}{parameter}: {message}")
                }
                None => format!("glue:{line}: {message}"),
            })
        });
        errors.collect()
    }
}
