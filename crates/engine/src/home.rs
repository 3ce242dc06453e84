//! The home directory and the built-in stages over it.
//!
//! ```text
//! format     version of the layout; written last, when the home is whole
//! ledger/    the one durable truth, with the objects
//! store/     objects, and the index over them
//! cache/     what can be worked out again
//! ```

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use saggar_artifact_store::Store;
use saggar_compiler_driver::LocalDriver;
use saggar_jail::Launcher;
use saggar_ledger::Ledger;
use saggar_model::{Code, Feedback, Stage};
use saggar_policy::Policy;
use saggar_scanner::ElfScanner;
use saggar_sidecar_api::{Locate, Sidecars, find_sidecar};
use saggar_verifier::PlanVerifier;

use crate::{Stages, feedback};

/// Version of the layout.
pub(crate) const FORMAT: u32 = 1;

/// Where the ledger of a home lies.
pub fn ledger_directory(home: &Path) -> PathBuf {
    home.join("ledger")
}

/// The home used when none is named: `SAGGAR_HOME`, else `saggar` in the XDG state directory
/// (XDG Base Directory Specification 0.8). `None` when there is no home directory either.
pub fn default_home() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = || set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let fallback = || set("HOME").map(|home| home.join(".local/state"));
    set("SAGGAR_HOME").or_else(|| state().or_else(fallback).map(|state| state.join("saggar")))
}

/// Opens the built-in stages over a home; true if the home is new.
pub(crate) fn builtin_stages(
    home: &Path,
    policy: &Arc<Policy>,
    sidecar: &Locate,
) -> Result<(Stages, bool), Box<Feedback>> {
    let is_new = prepare(home)?;
    // The jail's processes have other working directories than this one.
    let home = fs::canonicalize(home).map_err(|error| refuse(home, &error.to_string()))?;
    if !is_new && fs::symlink_metadata(ledger_directory(&home).join("ledger.jsonl")).is_err() {
        let summary =
            format!("the ledger of {} is gone: what happened here is not known", home.display());
        let hint = "restore it from a backup, or begin again with another home";
        return Err(Box::new(Feedback::new(Stage::Admit, Code::Ledger, summary).hint(hint)));
    }
    let launcher = Arc::new(Launcher::new(find_sidecar(sidecar)?));
    let store =
        Store::open(&home.join("store")).map_err(|error| refuse(&home, &error.to_string()))?;
    let ledger = Ledger::open(&ledger_directory(&home))
        .map_err(|error| refuse(&home, &error.to_string()))?;
    let sidecars = Sidecars::new(Arc::clone(&launcher), policy).map_err(feedback)?;
    let stages = Stages {
        driver: Box::new(LocalDriver::new(launcher, Arc::clone(policy), home.join("cache"))),
        scanner: Box::new(ElfScanner::new(policy)),
        sidecars: Box::new(sidecars),
        verifier: Box::new(PlanVerifier::new(policy.limits.verify_deadline.duration())),
        store: Box::new(store),
        ledger: Box::new(ledger),
    };
    Ok((stages, is_new))
}

fn prepare(home: &Path) -> Result<bool, Box<Feedback>> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(home)
        .map_err(|error| refuse(home, &error.to_string()))?;
    let meta = fs::metadata(home).map_err(|error| refuse(home, &error.to_string()))?;
    let (owner, user) = (meta.uid(), rustix::process::geteuid().as_raw());
    if user == 0 && owner != 0 {
        // Files of root's in it would lock its owner out.
        return Err(refuse(home, &format!("it belongs to user {owner}, this is user {user}")));
    }
    match fs::read_to_string(home.join("format")) {
        Ok(text) if text.trim() == FORMAT.to_string() => Ok(false),
        Ok(text) => {
            let why = format!("it has format {:?}, this version reads {FORMAT}", text.trim());
            Err(refuse(home, &why))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(refuse(home, &error.to_string())),
    }
}

/// Says that a new home is whole, once the names of all it is made of are on disk: from then on
/// opening it waits for nothing.
pub(crate) fn seal(home: &Path) -> Result<(), Box<Feedback>> {
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    let sealed = || {
        let store = home.join("store");
        for directory in [&ledger_directory(home), &store.join("objects"), &store] {
            sync(directory)?;
        }
        let format = home.join("format");
        fs::write(&format, format!("{FORMAT}\n"))?;
        sync(&format)?;
        sync(home)
    };
    sealed().map_err(|error| refuse(home, &error.to_string()))
}

fn refuse(home: &Path, why: &str) -> Box<Feedback> {
    let summary = format!("the home {} cannot be opened: {why}", home.display());
    let hint =
        "name another with --home or SAGGAR_HOME, or give this user the right to write there";
    Box::new(Feedback::new(Stage::Admit, Code::Home, summary).hint(hint))
}
