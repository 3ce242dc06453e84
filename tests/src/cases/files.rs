//! Arguments that are files: what the command line takes, what it refuses, and what a skill can do
//! to them.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::{Env, Jig, Output, Policy, Verdict, ensure, fixture, process, twin, while_doing};

/// A directory that everybody can read, and a file in it.
struct Files {
    directory: TempDir,
}

impl Files {
    fn new() -> Result<Self, String> {
        Ok(Files { directory: fixture::open_directory("saggar-files-")? })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file and gives the argument that names it.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<String, String> {
        fixture::write(&self.path(name), bytes)?;
        Ok(argument(&self.path(name)))
    }

    /// A file of this size that holds nothing.
    fn sparse(&self, name: &str, size: u64) -> Result<String, String> {
        let made = File::create(self.path(name)).and_then(|file| file.set_len(size));
        made.map_err(while_doing("make a sparse file"))?;
        Ok(argument(&self.path(name)))
    }
}

fn argument(path: &Path) -> String {
    format!("file:{}", path.display())
}

pub(super) fn lists(env: &Env) -> Verdict {
    let (jig, files) = (Jig::new(env)?, Files::new()?);
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_003).collect();
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    let bytes = files.write("bytes", bytes)?;
    let words = files.write("words", [1u32, 2, u32::MAX].map(u32::to_le_bytes).concat())?;
    let empty = files.write("empty", "")?;
    for skill in ["tally-c", "tally-cpp", "tally-rust"] {
        jig.submit_fixture(&format!("good/{skill}"))?.released()?;
        jig.call(skill, "total", &[&bytes])?.answers(&json!(sum))?;
        jig.call(skill, "total-words", &[&words])?.answers(&json!(4_294_967_298_u64))?;
        jig.call(skill, "total", &[&empty])?.answers(&json!(0))?;
        // JSON beside it, and text that is only text.
        jig.call(skill, "total", &["[1, 2]"])?.answers(&json!(3))?;
        jig.call(skill, "length", &[&empty])?.answers(&json!(empty.len()))?;
    }
    jig.finish()
}

pub(super) fn refusals(env: &Env) -> Verdict {
    let (jig, files) = (Jig::new(env)?, Files::new()?);
    let skill = "tally-c";
    jig.submit_fixture(&format!("good/{skill}"))?.released()?;
    let says = |function: &str, arg: &str, words: &[&str]| {
        let output = jig.call(skill, function, &[arg])?.refuses(2, "argument")?;
        let missing = words.iter().find(|word| !output.mentions(word));
        ensure!(missing.is_none(), "{arg}: it does not say {missing:?}: {output}");
        ensure!(output.feedback()["hint"].is_string(), "there is no hint: {output}");
        Ok(())
    };
    let three = files.write("three", "abc")?;
    says("total-words", &three, &["`data`", "3 bytes", "list<u32>", "4 each"])?;
    says("all", &three, &["`truths`", "list<bool>"])?;
    says("total", "file:/nowhere/at/all", &["/nowhere/at/all", "No such file"])?;
    says("total", "file:-", &["file:-", "standard input"])?;
    says("total", &argument(files.directory.path()), &["`data`", "a directory"])?;
    says("total", "file:/dev/zero", &["`data`", "a device"])?;
    let mut mkfifo = process::command("mkfifo");
    mkfifo.arg(files.path("fifo"));
    ensure!(process::run(mkfifo, crate::jig::LIMIT)?.code == 0, "there is no FIFO to be had");
    says("total", &argument(&files.path("fifo")), &["`data`", "a FIFO"])?;
    let large = files.sparse("large", 65 << 30)?;
    let output = jig.call(skill, "total", &[&large])?.refuses(12, "arguments-too-large")?;
    ensure!(output.mentions("mapped"), "it does not name the policy's key: {output}");
    jig.call(skill, "total", &[&three])?.answers(&json!(294))?;
    jig.finish()
}

pub(super) fn large(env: &Env) -> Verdict {
    let (jig, files) = (Jig::new(env)?, Files::new()?);
    // Ten gibibytes, of which a word every 64 MiB is looked at.
    let large = files.sparse("large", 10 << 30)?;
    for skill in ["tally-c", "tally-cpp", "tally-rust"] {
        jig.submit_fixture(&format!("good/{skill}"))?.released()?;
        jig.call(skill, "skim", &[&large, "8388608"])?.answers(&json!(0))?;
        jig.call(skill, "count", &[&large])?.answers(&json!(10_u64 << 30))?;
    }
    jig.finish()
}

/// Under the policies that a user has without cgroups: memory is summed, and what is mapped is none
/// of the skill's.
pub(super) fn in_memory(env: &Env) -> Verdict {
    let files = Files::new()?;
    let shared = Path::new("/dev/shm").join(files.directory.path().file_name().unwrap_or_default());
    for name in ["default", "container"] {
        let mut jig = Jig::under(env, &Policy::named(env, name)?)?;
        let (_, _binaries) = jig.run_as_nobody(env)?;
        jig.submit_fixture("good/tally-c")?.released()?;
        // More than the skill may have, in memory that processes share, looked at for a while.
        let size = 192 << 20;
        let written = fs::write(&shared, vec![1; size]);
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        let written = written.and_then(|()| fs::set_permissions(&shared, readable));
        let output = written
            .map_err(while_doing("fill memory"))
            .and_then(|()| jig.call("tally-c", "total", &[&argument(&shared)]));
        fs::remove_file(&shared).map_err(while_doing("remove a file"))?;
        output?.answers(&json!(size))?;
        jig.finish()?;
    }
    Ok(())
}

pub(super) fn scribble(env: &Env) -> Verdict {
    let skill = "file-scribble";
    twin::acts(&env.skills("hostile").join(skill))?;
    let jig = Jig::under(env, &Policy::default_of(env)?.without_scan_denials())?;
    let files = Files::new()?;
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{skill}"))?.released()?;
    let data = files.write("data", "abc")?;
    let output = jig.call(skill, "scribble", &[&data, "1"])?.refuses(6, "segfault")?;
    ensure!(output.mentions("SIGSEGV while writing"), "another crash: {output}");
    // It is told that it may not.
    jig.call(skill, "scribble", &[&data, "2"])?.answers(&json!(256))?;
    jig.call(skill, "scribble", &[&data, "0"])?.answers(&json!(97))?;
    let found = fs::read(files.path("data")).map_err(while_doing("read the file"))?;
    ensure!(found == b"abc", "the file was changed: {found:?}");
    jig.serves()?;
    jig.finish()
}

pub(super) fn cut(env: &Env) -> Verdict {
    let skill = "file-late";
    twin::acts(&env.skills("hostile").join(skill))?;
    let (jig, files) = (Jig::new(env)?, Files::new()?);
    jig.submit_fixture("good/add")?.released()?;
    jig.submit_fixture(&format!("hostile/{skill}"))?.released()?;
    let data = files.write("data", [5; 100_000])?;
    jig.call(skill, "late", &[&data, "0"])?.answers(&json!(5))?;
    let running = jig.start(&["call", "--json", skill, "late", &data, "3000"])?;
    thread::sleep(Duration::from_millis(1500));
    let file = OpenOptions::new().write(true).open(files.path("data"));
    let cut = file.and_then(|file| file.set_len(0));
    cut.map_err(while_doing("cut the file"))?;
    let output = Output::read("call late".to_owned(), running.wait()?, true)?;
    let output = output.refuses(2, "argument")?;
    ensure!(output.mentions("`data` shrank"), "it does not say what happened: {output}");
    jig.serves()?;
    jig.finish()
}
