//! The linker of C and C++, called directly: the compiler's driver would start it through two more
//! programs and use the slowest. What the driver would add (start-up objects, directories,
//! libraries) is learnt from it once per toolchain; which linker is taken is part of the toolchain.

use std::path::{Path, PathBuf};

use saggar_policy::Policy;
use serde::{Deserialize, Serialize};

use crate::driver::{ARTIFACT, EXPORTS, OBJECT, RUNTIME};

/// File names of linkers, and what each needs to be quick, quiet about threads and to keep
/// read-only data out of the executable segment. The quickest first, as measured with small
/// objects; gold before mold, which is as quick, because it names the lines of what is undefined.
const KNOWN: [(&str, &[&str]); 4] = [
    ("ld.gold", &["--rosegment"]),
    // One thread: what it says has an order then.
    ("mold", &["--no-fork", "--thread-count=1"]),
    ("ld.lld", &["--threads=1"]),
    ("ld", &[]),
];

/// The lld that comes with Rust; as it serves many platforms, it is told which it is to be.
pub(crate) const RUST_LLD: &str = "rust-lld";

/// How a policy says that the choice is free.
const FASTEST: &str = "fastest";

/// A linker and the driver's arguments to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Linker {
    /// Its path inside the jail, which is that on the host.
    pub(crate) program: PathBuf,
    /// What this linker needs, and what stands before the objects.
    before: Vec<String>,
    /// What stands after them.
    after: Vec<String>,
}

impl Linker {
    /// The command that links a skill's object with the glue's runtime. The plan's own flags stay
    /// out of it, and so does what the driver makes of them: `-ffast-math` would add an object that
    /// changes the floating-point mode of the whole process.
    pub(crate) fn command(&self, flags: &[String]) -> Vec<String> {
        let mut argv = vec![self.program.to_string_lossy().into_owned()];
        argv.extend(self.before.iter().cloned());
        argv.extend([OBJECT, RUNTIME].map(str::to_owned));
        argv.extend(flags.iter().chain(&self.after).cloned());
        argv.push(format!("--version-script={EXPORTS}"));
        argv.extend(["-o".to_owned(), format!("out/{ARTIFACT}")]);
        argv
    }

    /// Another linker with the same arguments.
    pub(crate) fn moved_to(&self, program: &Path) -> Self {
        let learnt = self.before.iter().skip(extra(&self.program).len()).cloned();
        let before = extra(program).into_iter().chain(learnt).collect();
        Linker { program: program.to_owned(), before, after: self.after.clone() }
    }
    /// Whether it takes a script that adds to its own (ld manual, "INSERT").
    pub(crate) fn reads_scripts(&self) -> bool {
        let name = self.program.file_name().unwrap_or_default();
        ["ld", "ld.bfd", "ld.lld", RUST_LLD].iter().any(|known| name == *known)
    }

    /// What a compiler that starts the linker itself must have it given: what this linker needs,
    /// where libraries lie, and the start-up objects.
    pub(crate) fn given(&self, flags: &[String]) -> Vec<String> {
        let known = extra(&self.program);
        let learnt = self.before.iter().skip(known.len()).chain(&self.after);
        let learnt =
            learnt.filter(|argument| argument.starts_with("-L") || argument.ends_with(".o"));
        known.iter().chain(flags).chain(learnt).cloned().collect()
    }

    /// A library by its file name, as the linker finds it.
    pub(crate) fn library(&self, name: &str) -> Option<PathBuf> {
        let directories = self.before.iter().filter_map(|argument| argument.strip_prefix("-L"));
        directories.map(|directory| Path::new(directory).join(name)).find(|path| path.is_file())
    }

    /// Files of the host's that get into an artifact or decide what does: the linker itself and
    /// the start-up objects.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let objects = self.before.iter().chain(&self.after).filter(|arg| arg.ends_with(".o"));
        let mut files = vec![self.program.clone()];
        files.extend(objects.map(PathBuf::from).filter(|path| path.is_absolute()));
        files
    }
}

/// The linkers that a policy allows and that are there, in the order they are to be tried.
pub(crate) fn candidates(policy: &Policy) -> Vec<PathBuf> {
    if policy.build.linker != FASTEST {
        return vec![PathBuf::from(&policy.build.linker)];
    }
    KNOWN.iter().filter_map(|(name, _)| search(policy, name)).collect()
}

/// A program in the build's own PATH; one with a directory is where it says.
pub(crate) fn search(policy: &Policy, name: &str) -> Option<PathBuf> {
    let path = policy.build.environment.get("PATH").map_or("/usr/bin", String::as_str);
    let mut places = path.split(':').map(|directory| Path::new(directory).join(name));
    places.find(|path| path.is_file())
}

/// A linker with the arguments that a driver would give it. `said` is what the driver prints for
/// `-### -shared OBJECT`: the last command that names the object is the linker's.
pub(crate) fn learn(program: PathBuf, said: &str) -> Option<Linker> {
    let commands = said.lines().filter(|line| line.starts_with(' ')).map(words);
    let command = commands.rev().find(|words| words.iter().any(|word| word == OBJECT))?;
    let mut arguments = command.into_iter().skip(1);
    let mut before = extra(&program);
    let mut after = Vec::new();
    let mut place = &mut before;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // The plugin is for link-time optimisation, which no object asks for.
            "-plugin" | "-o" => drop(arguments.next()?),
            OBJECT => place = &mut after,
            plugin if plugin.starts_with("-plugin-opt=") => {}
            _ => place.push(argument),
        }
    }
    Some(Linker { program, before, after })
}

fn extra(program: &Path) -> Vec<String> {
    let name = match program.file_name().unwrap_or_default().to_string_lossy() {
        name if name == RUST_LLD => "ld.lld".into(),
        name => name,
    };
    let known = KNOWN.iter().find(|(known, _)| name == *known);
    known.map_or_else(Vec::new, |(_, extra)| extra.iter().map(|&flag| flag.to_owned()).collect())
}

/// The words of a command as gcc prints it: some in double quotes, in which a backslash keeps the
/// next character.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = r#"Using built-in specs.
COLLECT_GCC_OPTIONS='-shared' '-o' 'x.so'
 /usr/lib/gcc/x86_64-linux-gnu/12/collect2 -plugin /l/liblto_plugin.so "-plugin-opt=/l/lto-wrapper" "-plugin-opt=-pass-through=-lc" --build-id -m elf_x86_64 "--hash-style=gnu" -shared -o x.so /l/crti.o -L/l/12 "-L/l/a \"b\"" skill+.o "-lstdc++" -lm /l/crtn.o
COLLECT_GCC_OPTIONS='-shared' '-o' 'x.so'
"#;

    #[test]
    fn what_the_driver_adds_stands_around_the_object() {
        let linker = learn(PathBuf::from("/usr/bin/ld"), SAID).unwrap();
        let expected = "/usr/bin/ld --build-id -m elf_x86_64 --hash-style=gnu -shared /l/crti.o \
                        -L/l/12 -L/l/a|\"b\" skill+.o saggar+runtime.o -z defs -lstdc++ -lm /l/crtn.o \
                        --version-script=saggar+exports.map -o out/skill.so";
        let command = linker.command(&["-z".to_owned(), "defs".to_owned()]);
        assert_eq!(command.join(" ").replace("a \"b\"", "a|\"b\""), expected);
        let files: Vec<_> = linker.files().iter().map(|file| file.display().to_string()).collect();
        assert_eq!(files, ["/usr/bin/ld", "/l/crti.o", "/l/crtn.o"]);
    }

    #[test]
    fn what_rustc_is_given_has_no_libraries_and_no_output() {
        let gold = learn(PathBuf::from("/usr/bin/ld.gold"), SAID).unwrap();
        let linker = gold.moved_to(Path::new("/rust/bin/rust-lld"));
        let given = linker.given(&["-z".to_owned(), "defs".to_owned()]);
        let expected =
            ["--threads=1", "-z", "defs", "/l/crti.o", "-L/l/12", "-L/l/a \"b\"", "/l/crtn.o"];
        assert_eq!(given, expected);
    }

    #[test]
    fn each_linker_gets_what_it_needs_and_an_unknown_one_nothing() {
        let before = |path: &str| learn(PathBuf::from(path), SAID).unwrap().before;
        assert_eq!(before("/usr/bin/mold")[..2], ["--no-fork", "--thread-count=1"]);
        assert_eq!(before("/opt/wild")[0], "--build-id");
    }

    #[test]
    fn a_driver_that_names_no_linker_gives_none() {
        for said in ["", "gcc: fatal error: no input files", " /l/collect2 -o x.so other.o"] {
            assert_eq!(learn(PathBuf::from("/usr/bin/ld"), said), None, "{said}");
        }
    }
}
