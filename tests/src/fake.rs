//! Compiler drivers that misbehave. Asked what they are they answer as g++ does; asked to build
//! they do what the case needs. They are written in C, so that they need few system calls.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::fixture::{open_directory, write};
use crate::{ensure, twin, while_doing};

const COMMON: &str = include_str!("fakes/common.h");
const LINGERING: &str = include_str!("fakes/lingering.c");
const SWAPPING: &str = include_str!("fakes/swapping.c");
const ENDING: &str = include_str!("fakes/ending.c");
const STUFFING: &str = include_str!("fakes/stuffing.c");
const FORKING: &str = include_str!("fakes/forking.c");
const LOCKING: &str = include_str!("fakes/locking.c");
const MEETING: &str = include_str!("fakes/meeting.c");
const OLD: &str = include_str!("fakes/old.c");
const ESCAPING: &str = include_str!("fakes/escaping.c");
const SCRIPTED: &str = include_str!("fakes/scripted.c");
const SHOUTING: &str = include_str!("fakes/shouting.c");
const TELLING: &str = include_str!("fakes/telling.c");
const WAITING: &str = include_str!("fakes/waiting.c");
const DOOR: &str = include_str!("fakes/door.c");

/// What a skill in C++ is compiled as; its object says so.
pub(crate) const UNIT: &str = "saggar+glue.cpp";

/// A fake driver in a directory of its own, which goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Fake {
    directory: TempDir,
    pub(crate) driver: PathBuf,
}

impl Fake {
    /// Leaves a daemon with this argument behind and hangs.
    pub(crate) fn lingering(marker: &str) -> Result<Self, String> {
        let fake = Fake::empty()?;
        let defines = [define("MARKER", marker), define("SELF", &fake.driver.to_string_lossy())];
        fake.compile(LINGERING, &fake.driver, &defines)?;
        Ok(fake)
    }

    /// A linker that puts something else where the linked object belongs: `through` or `symlink` for a symbolic
    /// link, `hard` for a second name, `fifo`, `directory`.
    pub(crate) fn swapping(mode: &str) -> Result<Self, String> {
        Fake::of(SWAPPING, &[define("MODE", mode), define("UNIT", UNIT)])
    }

    /// Ends for want of `memory`, by a `signal`, not before the `deadline`; `well` otherwise.
    pub(crate) fn ending(mode: &str) -> Result<Self, String> {
        Fake::of(ENDING, &[define("MODE", mode)])
    }

    /// Fills the work directory with temporary files before it builds.
    pub(crate) fn stuffing() -> Result<Self, String> {
        Fake::of(STUFFING, &[])
    }

    /// Prints what steers a terminal.
    pub(crate) fn shouting() -> Result<Self, String> {
        Fake::of(SHOUTING, &[])
    }

    /// Writes a linker script that names a file where an object belongs.
    pub(crate) fn scripted(input: &Path) -> Result<Self, String> {
        Fake::of(SCRIPTED, &[define("INPUT", &input.to_string_lossy())])
    }

    /// Tells its environment instead of building.
    pub(crate) fn telling() -> Result<Self, String> {
        Fake::of(TELLING, &[])
    }

    /// Forks instead of building: so many times to `count`, or a `bomb`.
    pub(crate) fn forking(mode: &str, most: u32) -> Result<Self, String> {
        Fake::of(FORKING, &[define("MODE", mode), format!("-DMOST={most}")])
    }

    /// Reaches for a port of this machine and for a file instead of building.
    pub(crate) fn escaping(port: u16, secret: &Path) -> Result<Self, String> {
        let home = secret.parent().unwrap_or(secret).to_string_lossy();
        let files = [define("SECRET", &secret.to_string_lossy()), define("HOME", &home)];
        Fake::of(ESCAPING, &[files.as_slice(), &[format!("-DPORT={port}")]].concat())
    }

    /// Two that would meet, by a name and a number that nobody else has.
    pub(crate) fn meeting(marker: &str, key: u32) -> Result<Self, String> {
        Fake::patient(MEETING, marker, &[define("NAME", marker), format!("-DKEY={key}")])
    }

    /// Leaves a `lock`, a `whole-lock` or a `key` instead of building.
    pub(crate) fn locking(mode: &str) -> Result<Self, String> {
        Fake::of(LOCKING, &[define("MODE", mode)])
    }

    /// Waits for [`Fake::go`] before it compiles.
    pub(crate) fn waiting(marker: &str) -> Result<Self, String> {
        Fake::patient(WAITING, marker, &[])
    }

    /// Says that it is of another version.
    pub(crate) fn old(version: &str) -> Result<Self, String> {
        Fake::of(OLD, &[define("VERSION", version)])
    }

    /// Whoever waits goes on.
    pub(crate) fn go(&self) -> Result<(), String> {
        write(&self.directory.path().join("go"), "")
    }

    /// One that waits under the name of a marker.
    fn patient(source: &str, marker: &str, more: &[String]) -> Result<Self, String> {
        let fake = Fake::empty()?;
        let go = fake.directory.path().join("go");
        let own = [
            define("MARKER", marker),
            define("SELF", &fake.driver.to_string_lossy()),
            define("GO", &go.to_string_lossy()),
        ];
        fake.compile(source, &fake.driver, &[&own, more].concat())?;
        Ok(fake)
    }

    /// A script whose interpreter is the way to the real driver.
    pub(crate) fn with_door() -> Result<Self, String> {
        let fake = Fake::empty()?;
        let door = fake.directory.path().join("door");
        fake.compile(DOOR, &door, &[])?;
        write(&fake.driver, format!("#!{}\n", door.display()))?;
        executable(&fake.driver)?;
        Ok(fake)
    }

    /// From now on no build gets through the door. The driver itself stays as it is.
    pub(crate) fn shut_the_door(&self) -> Result<(), String> {
        let before = fs::metadata(&self.driver).map_err(while_doing("look at the driver"))?;
        self.compile(DOOR, &self.directory.path().join("door"), &["-DSHUT".to_owned()])?;
        let after = fs::metadata(&self.driver).map_err(while_doing("look at the driver"))?;
        let same = before.modified().ok() == after.modified().ok() && before.len() == after.len();
        ensure!(same, "the driver itself has changed");
        Ok(())
    }

    fn of(source: &str, defines: &[String]) -> Result<Self, String> {
        let fake = Fake::empty()?;
        fake.compile(source, &fake.driver, defines)?;
        Ok(fake)
    }

    fn empty() -> Result<Self, String> {
        let directory = open_directory("saggar-fake-")?;
        let driver = directory.path().join("fake-g++");
        Ok(Fake { directory, driver })
    }

    fn compile(&self, source: &str, to: &Path, defines: &[String]) -> Result<(), String> {
        let workshop = tempfile::tempdir().map_err(while_doing("make a directory"))?;
        write(&workshop.path().join("common.h"), COMMON)?;
        write(&workshop.path().join("fake.c"), source)?;
        let mut args = vec!["-O1", "-o", "fake", "fake.c"];
        args.extend(defines.iter().map(String::as_str));
        let compiled = twin::compile(workshop.path(), "gcc", &args)?;
        ensure!(compiled.code == 0, "the fake does not compile: {}", compiled.stderr);
        fs::copy(workshop.path().join("fake"), to).map_err(while_doing("install the fake"))?;
        executable(to)
    }
}

fn define(name: &str, text: &str) -> String {
    format!("-D{name}={text:?}")
}

fn executable(path: &Path) -> Result<(), String> {
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(path, mode).map_err(while_doing("make the fake executable"))
}

/// System calls that the fakes make beyond what a compiler does, by what they do.
pub(crate) const LINGERING_CALLS: [&str; 1] = ["setsid"];
pub(crate) const SWAPPING_CALLS: [&str; 6] =
    ["symlink", "symlinkat", "link", "linkat", "mknod", "mknodat"];
