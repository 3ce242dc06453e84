//! B01 to B05: what a source can have a compiler read. The layer on trial is the file system that
//! a build sees. B05 shows one host file after the other to it, so that the next layer is on trial:
//! no devices, the deadline, the memory limit.

use std::fs;
use std::path::Path;

use super::build::Secret;
use crate::fixture::{Language, open_directory, write};
use crate::{
    Env, Fixture, Jig, Output, Policy, Verdict, census, ensure, process, twin, while_doing,
};

/// A source that is after the file `@SECRET@`.
struct Reach {
    language: Language,
    source: &'static str,
    /// How a compiler that may read the file gives its text away.
    by: By,
}

/// A way for a text to come back.
#[derive(Clone, Copy)]
enum By {
    /// The compiler's errors quote it.
    Quote,
    /// The object holds it.
    Object,
}

const fn reach(language: Language, by: By, source: &'static str) -> Reach {
    Reach { language, source, by }
}

/// B01, B02 in the forms that have no fixture of their own.
const FORMS: [Reach; 12] = [
    reach(Language::C, By::Quote, r#"#include "@SECRET@""#),
    reach(Language::C, By::Quote, r#"#import "@SECRET@""#),
    reach(Language::C, By::Quote, "#define FILE \"@SECRET@\"\n#include FILE"),
    reach(Language::C, By::Quote, r#"__asm__(".include \"@SECRET@\"");"#),
    reach(Language::C, By::Object, r#"__asm__(".incbin \"@SECRET@\"");"#),
    reach(Language::Cpp, By::Quote, r#"asm(".include \"@SECRET@\"");"#),
    reach(Language::Cpp, By::Object, r#"asm(".pushsection .rodata; .incbin \"@SECRET@\"");"#),
    reach(Language::Rust, By::Quote, r#"#[path = "@SECRET@"] mod loot;"#),
    reach(
        Language::Rust,
        By::Quote,
        r#"#[doc = include_str!("@SECRET@")] fn f() { include!("@SECRET@") }"#,
    ),
    reach(Language::Rust, By::Object, r#"#[used] static LOOT: &str = include_str!("@SECRET@");"#),
    reach(Language::Rust, By::Object, r#"core::arch::global_asm!(".incbin \"@SECRET@\"");"#),
    reach(Language::Rust, By::Quote, r#"core::arch::global_asm!(".include \"@SECRET@\"");"#),
];

impl Reach {
    fn skill(&self, path: &str) -> Result<Fixture, String> {
        let source = self.source.replace("@SECRET@", path) + self.language.answer();
        Fixture::of(self.language, &source)
    }

    /// The twin: the plain compiler gives the text away.
    fn gives_away(&self, path: &str, text: &str) -> Verdict {
        let skill = self.skill(path)?;
        let compiled = twin::object(self.language, &skill)?;
        let object = fs::read(skill.file("twin.o")).unwrap_or_default();
        let away = match self.by {
            By::Quote => compiled.stderr.to_lowercase().contains(&text.to_lowercase()),
            By::Object => census::holds(&object, text),
        };
        ensure!(away, "{}: the twin's compiler keeps {text} to itself: {compiled:?}", self.source);
        Ok(())
    }
}

pub(super) fn forms(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    for form in &FORMS {
        form.gives_away(&secret.path, &secret.text)?;
        refused_without(&jig, form, &secret.path, &secret.text)?;
    }
    jig.serves()?;
    jig.finish()
}

/// gcc knows `#embed` from version 15 on (GCC 15 release notes). Where it does, the twin holds the
/// file; where it does not, that is what it says.
pub(super) fn embed(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    let embed = reach(Language::C, By::Object, "const char loot[] = {\n#embed \"@SECRET@\"\n};");
    let skill = embed.skill(&secret.path)?;
    let compiled = twin::object(Language::C, &skill)?;
    let held = census::holds(&fs::read(skill.file("twin.o")).unwrap_or_default(), &secret.text);
    let unknown = compiled.stderr.contains("invalid preprocessing directive #embed");
    ensure!(held || unknown, "the twin's compiler neither embeds nor refuses: {compiled:?}");
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    refused_without(&jig, &embed, &secret.path, &secret.text)?;
    jig.serves()?;
    jig.finish()
}

/// B03: a process finds its environment in a file, too. gcc takes that for an empty one, for it has
/// no size; the assembler reads it as assignments, and its errors name the variables.
pub(super) fn environment(env: &Env) -> Verdict {
    let (name, token) = twin::TOKEN;
    let path = "/proc/self/environ";
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    let assembler = r#"__asm__(".include \"@SECRET@\"");"#;
    let embedded = r#"#[used] static E: &[u8] = include_bytes!("@SECRET@");"#;
    let forms = [
        (reach(Language::C, By::Quote, assembler), name),
        (reach(Language::Cpp, By::Quote, assembler), name),
        (reach(Language::Rust, By::Object, embedded), token),
    ];
    for (form, text) in &forms {
        form.gives_away(path, text)?;
        let skill = form.skill(path)?;
        let arguments = crate::jig::submission(skill.path());
        let mut command = jig.command(&arguments);
        command.env(name, token);
        let output = Jig::read(&arguments, process::run(command, crate::jig::LIMIT)?)?;
        gives_nothing(&jig, form, output, text)?;
    }
    jig.serves()?;
    jig.finish()
}

/// B04: the compiler is no oracle of which files there are.
pub(super) fn oracle(env: &Env) -> Verdict {
    let secret = Secret::new()?;
    let jig = Jig::new(env)?;
    let directory = Path::new(&secret.path).parent().unwrap_or(Path::new("/"));
    let open = Jig::under(env, &Policy::default_of(env)?.read_only(directory))?;
    let absent = reach(
        Language::C,
        By::Quote,
        "#if __has_include(\"@SECRET@\")\n#error it-is-there\n#endif",
    );
    for language in [Language::C, Language::Cpp] {
        let form = Reach { language, ..absent };
        for path in [secret.path.as_str(), "/etc/passwd", "/proc/self/environ", "/dev/null"] {
            form.gives_away(path, "it-is-there")?;
            jig.submit(form.skill(path)?.path())?.released()?;
        }
        // The twin of the layer: what a policy shows is found.
        let found = open.submit(form.skill(&secret.path)?.path())?.refuses(4, "compile")?;
        ensure!(found.mentions("it-is-there"), "what is shown is not found: {found}");
    }
    jig.finish()?;
    open.finish()
}

/// B05: no FIFO and no device of the host is there to be included.
pub(super) fn special_files(env: &Env) -> Verdict {
    let directory = open_directory("saggar-fifo-")?;
    let fifo = directory.path().join("fifo").display().to_string();
    let jig = Jig::new(env)?;
    jig.submit_fixture("good/add")?.released()?;
    hands_over(&fifo)?;
    for path in [fifo.as_str(), "/dev/zero", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        for form in includes() {
            let output = jig.submit(form.skill(path)?.path())?.refuses(4, "compile")?;
            jig.tells_of(&output)?;
        }
    }
    jig.serves()?;
    jig.finish()?;

    // A policy that shows them: no device is opened, and a FIFO is waited for until the deadline.
    let policy = Policy::default_of(env)?.build_deadline("1s");
    let policy = policy.read_only(directory.path()).read_only(Path::new("/dev/zero"));
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    for form in includes() {
        let output = jig.submit(form.skill("/dev/zero")?.path())?.refuses(4, "compile")?;
        let denied = output.mentions("Permission denied");
        ensure!(denied, "not for being a device was it refused: {output}");
        let output = jig.submit(form.skill(&fifo)?.path())?.refuses(12, "build-deadline")?;
        jig.tells_of(&output)?;
    }
    jig.serves()?;
    jig.finish()
}

/// B05: a file without an end, as /dev/zero is, meets the memory limit, or the deadline where pages
/// of files count for nobody.
pub(super) fn endless_file(env: &Env) -> Verdict {
    let directory = open_directory("saggar-endless-")?;
    let (short, long) = (directory.path().join("short"), directory.path().join("long"));
    write(&short, "// a beginning\n")?;
    write(&long, "// a beginning\n")?;
    // A hole takes no room.
    let file = fs::OpenOptions::new().write(true).open(&long);
    file.and_then(|file| file.set_len(8 << 30)).map_err(while_doing("make a hole"))?;
    let policy = Policy::default_of(env)?
        .build_memory("256MiB")
        .build_deadline("8s")
        .read_only(directory.path());
    let jig = Jig::under(env, &policy)?;
    jig.submit_fixture("good/add")?.released()?;
    for form in includes() {
        let submit = |path: &Path| jig.submit(form.skill(&path.display().to_string())?.path());
        let output = submit(&long)?.exits(12)?;
        let code = output.feedback()["code"].as_str();
        let met = matches!(code, Some("build-memory" | "build-deadline"));
        ensure!(met, "it met another limit: {output}");
        jig.tells_of(&output)?;
        // The twin: its beginning alone is read.
        submit(&short)?.released()?;
    }
    jig.serves()?;
    jig.finish()
}

/// One include in each language.
fn includes() -> [Reach; 3] {
    [
        reach(Language::C, By::Quote, "#include \"@SECRET@\""),
        reach(Language::Cpp, By::Quote, "#include \"@SECRET@\""),
        reach(Language::Rust, By::Quote, "include!(\"@SECRET@\");"),
    ]
}

/// Makes a FIFO. The twin: the plain compiler opens it, or the writer would wait for ever, and
/// takes what the writer has to say.
fn hands_over(fifo: &str) -> Verdict {
    let skill = includes()[0].skill(fifo)?;
    let script = r#"mkfifo -m 666 "$1" && { gcc -c skill.c & echo 'int x;' > "$1" && wait $!; }"#;
    let mut sh = process::command("sh");
    sh.current_dir(skill.path()).args(["-c", script, "sh", fifo]);
    let ended = process::run(sh, crate::jig::LIMIT)?;
    ensure!(ended.code == 0, "the twin's compiler does not read the FIFO: {ended:?}");
    Ok(())
}

fn refused_without(jig: &Jig, form: &Reach, path: &str, text: &str) -> Verdict {
    let output = jig.submit(form.skill(path)?.path())?;
    gives_nothing(jig, form, output, text)
}

/// The source does not compile, and nothing that comes of it holds the text.
fn gives_nothing(jig: &Jig, form: &Reach, output: Output, text: &str) -> Verdict {
    let output = output.refuses(4, "compile").map_err(|why| format!("{}: {why}", form.source))?;
    ensure!(!output.mentions(text), "{}: {text} came back: {output}", form.source);
    ensure!(!jig.home_holds(text)?, "{}: {text} is in the home", form.source);
    jig.tells_of(&output)
}
