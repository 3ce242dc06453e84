//! Where the sidecar's executable is: never found through PATH.

use std::env;
use std::path::{Path, PathBuf};

use saggar_model::{Code, Feedback, Stage};

/// How the executable is named.
#[derive(Clone, Debug, Default)]
pub enum Locate {
    /// `SAGGAR_SIDECAR`, else beside the running binary.
    #[default]
    Default,
    /// This absolute path.
    Path(PathBuf),
}

/// The path of the executable. Whether it is there shows when it is started.
///
/// # Errors
/// When the path is not absolute.
pub fn find_sidecar(locate: &Locate) -> Result<PathBuf, Box<Feedback>> {
    let refuse = |path: &Path, why: &str| {
        let summary = format!("saggar-sidecar: {} {why}", path.display());
        let hint = "build it (`cargo build -p saggar-sidecar`), put it beside saggar, or give its \
                    absolute path in SAGGAR_SIDECAR";
        Box::new(Feedback::new(Stage::Admit, Code::SandboxUnavailable, summary).hint(hint))
    };
    let path = match (locate, env::var_os("SAGGAR_SIDECAR")) {
        (Locate::Path(path), _) => path.clone(),
        (Locate::Default, Some(path)) => path.into(),
        (Locate::Default, None) => {
            let own = env::current_exe().unwrap_or_default();
            own.parent().unwrap_or(Path::new("/")).join("saggar-sidecar")
        }
    };
    if !path.is_absolute() {
        return Err(refuse(&path, "is no absolute path"));
    }
    Ok(path)
}
