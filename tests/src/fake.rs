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
const DOOR: &str = include_str!("fakes/door.c");

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

    /// Puts something else where the linked object belongs: `through` or `symlink` for a symbolic
    /// link, `hard` for a second name, `fifo`, `directory`.
    pub(crate) fn swapping(mode: &str) -> Result<Self, String> {
        let fake = Fake::empty()?;
        fake.compile(SWAPPING, &fake.driver, &[define("MODE", mode)])?;
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
