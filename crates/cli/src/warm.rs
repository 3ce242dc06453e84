//! What a submission leaves to be done while nobody waits, in a process of its own: the command
//! itself ends with its answer.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use saggar_engine::{Engine, Options};
use saggar_jail::spawn_detached;

use crate::args::Cli;

/// `off` in this variable: nothing is done after the answer.
pub(crate) const VARIABLE: &str = "SAGGAR_PRECOMPILE";

/// How long the process may take. What it has not done then, a later one does.
const LIMIT: Duration = Duration::from_secs(120);

/// Starts the process, if there is something for it that no other is at. It only makes later builds
/// faster: a failure changes nothing.
pub(crate) fn start(engine: &Engine, cli: &Cli, home: &Path) {
    let off = std::env::var_os(VARIABLE).is_some_and(|value| value == "off");
    if off || !engine.unsettled() {
        return;
    }
    let (Ok(program), Ok(home)) = (std::env::current_exe(), fs::canonicalize(home)) else {
        return;
    };
    let mut arguments = vec![OsString::from("warm"), "--home".into(), home.into()];
    if let Some(policy) = &cli.policy {
        // The process works in another directory; a name that is no file is no path.
        let policy = fs::canonicalize(policy).unwrap_or_else(|_| policy.clone());
        arguments.extend(["--policy".into(), policy.into()]);
    }
    spawn_detached(&program, arguments).unwrap_or_default();
}

/// `saggar warm`: does what is left in a home, within the limit. Ends at once when another process is
/// at it, which will find this one's work too.
pub(crate) fn execute(options: Options) -> Result<(), Box<saggar_engine::Feedback>> {
    let sealed: PathBuf = options.home.join("format");
    if fs::symlink_metadata(sealed).is_err() {
        // It is gone meanwhile, and is not made again for this.
        return Ok(());
    }
    let watch = || {
        std::thread::sleep(LIMIT);
        // The jails of a host that has ended end with it.
        std::process::exit(0);
    };
    if std::thread::Builder::new().spawn(watch).is_ok() {
        let engine = Engine::open(options)?;
        if engine.unsettled() {
            engine.settle();
        }
    }
    Ok(())
}
