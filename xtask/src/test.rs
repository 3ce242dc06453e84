//! `test`: builds the binaries, then runs every test of the workspace on exactly these.

use crate::cargo::{self, Profile};

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let binaries = cargo::binaries(Profile::Dev)?;
    let mut test = cargo::command(&["test", "--workspace"]);
    test.args(arguments);
    // Doctests and unit tests run from elsewhere than beside the sidecar.
    test.env("SAGGAR_SIDECAR", binaries.join("saggar-sidecar"));
    test.env(saggar_tests::BINARIES, &binaries);
    cargo::run(test)
}
