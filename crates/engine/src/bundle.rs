//! A skill's directory, read: the plan and its source; and a policy. The only place of the engine
//! that opens a file which the caller names, also for `sketch`; front ends call it, so that a daemon
//! need not.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use saggar_model::{Code, Diagnostic, Digest, Feedback, Plan, Stage};
use saggar_policy::Policy;

/// Largest policy, bytes; those that are built in have a fiftieth of it.
const MAX_POLICY: u64 = 1 << 20;

/// A parsed plan with the texts it came with.
#[derive(Clone, Debug)]
pub struct Bundle {
    pub(crate) plan: Plan,
    pub(crate) plan_text: String,
    pub(crate) source: Vec<u8>,
    pub(crate) source_digest: Digest,
}

impl Bundle {
    /// Reads `plan.toml` of a directory, or its only `*.toml` if there is no such file, and the
    /// source that the plan names. Follows no link.
    ///
    /// # Errors
    /// The feedback of stage Plan: what cannot be read, or what [`Plan::parse`] refuses.
    pub fn read(directory: &Path, policy: &Policy) -> Result<Self, Box<Feedback>> {
        let path = plan_path(directory)?;
        let file =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = read_bounded(&path, policy.limits.plan.0)
            .map_err(|why| refuse(Code::PlanToml, &file, None, &format!("{file}: {why}")))?;
        let plan_text = String::from_utf8(bytes)
            .map_err(|_| refuse(Code::PlanToml, &file, None, &format!("{file} is not UTF-8")))?;
        let plan = Plan::parse(&plan_text, &file)?;
        let source = read_bounded(&directory.join(plan.source.as_str()), policy.limits.source.0);
        let source = source.map_err(|why| {
            let message = format!("the source {}: {why}", plan.source);
            refuse(Code::PlanSource, &file, line_of_source(&plan_text), &message)
        })?;
        Ok(Bundle::new(plan, plan_text, source))
    }

    pub(crate) fn new(plan: Plan, plan_text: String, source: Vec<u8>) -> Self {
        let source_digest = Digest::of(&source);
        Bundle { plan, plan_text, source, source_digest }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// Reads a policy: a regular file of at most 1 MiB, or a link to one.
///
/// # Errors
/// What stands in the way, or what [`Policy::parse`] refuses, as the end of a sentence.
pub fn read_policy(path: &Path) -> Result<Policy, String> {
    // A link is the operator's; a plan and a source are somebody else's.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = String::from_utf8(read_bounded(&path, MAX_POLICY)?);
    let text = text.map_err(|_| "is not UTF-8".to_owned())?;
    Policy::parse(&text).map_err(|error| error.to_string())
}

pub(crate) fn plan_path(directory: &Path) -> Result<PathBuf, Box<Feedback>> {
    let named = directory.join("plan.toml");
    if fs::symlink_metadata(&named).is_ok() {
        return Ok(named);
    }
    let shown = directory.display();
    let entries = fs::read_dir(directory)
        .map_err(|error| refuse(Code::PlanToml, "plan.toml", None, &format!("{shown}: {error}")))?;
    let mut plans: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    match (plans.pop(), plans.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => {
            Err(refuse(Code::PlanToml, "plan.toml", None, &format!("{shown} holds no plan.toml")))
        }
        (Some(_), false) => {
            let message = format!("{shown} holds several .toml files and none is plan.toml");
            Err(refuse(Code::PlanToml, "plan.toml", None, &message))
        }
    }
}

/// Reads a regular file, no link, of at most so many bytes.
pub(crate) fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, String> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = flags.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(|error| {
        match error.raw_os_error() {
            Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => "is a link".to_owned(),
            _ if error.kind() == io::ErrorKind::NotFound => "is not there".to_owned(),
            _ => error.to_string(),
        }
    })?;
    let meta = file.metadata().map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > max {
        return Err(format!("is larger than the {max} bytes allowed"));
    }
    Ok(bytes)
}

/// The line of the plan that names the source.
fn line_of_source(plan: &str) -> Option<(u32, &str)> {
    let index = plan.lines().position(|line| {
        line.trim_start()
            .strip_prefix("source")
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    })?;
    Some((u32::try_from(index + 1).ok()?, plan))
}

pub(crate) fn refuse(
    code: Code,
    file: &str,
    line: Option<(u32, &str)>,
    message: &str,
) -> Box<Feedback> {
    let mut diagnostic = Diagnostic { file: Some(file.to_owned()), ..Diagnostic::error(message) };
    if let Some((line, text)) = line {
        diagnostic = diagnostic.at(file, line, text);
    }
    let hint = "a skill is a directory with plan.toml and the one source file it names";
    Box::new(Feedback::new(Stage::Plan, code, message).with(diagnostic).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_a_regular_file_of_bounded_size_or_a_link_to_one() {
        let place = tempfile::tempdir().unwrap();
        let file = |name: &str| place.path().join(name);
        fs::write(file("whole.toml"), saggar_policy::BUILTIN).unwrap();
        std::os::unix::fs::symlink("whole.toml", file("link.toml")).unwrap();
        for name in ["whole.toml", "link.toml"] {
            assert_eq!(read_policy(&file(name)).unwrap().digest, Policy::builtin().digest);
        }
        fs::write(file("latin.toml"), b"name = \"\xe9\"").unwrap();
        let most = vec![b'#'; 1 << 20];
        fs::write(file("most.toml"), &most).unwrap();
        fs::write(file("more.toml"), [&most[..], b"#"].concat()).unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, file("fifo"), fifo, 0o600.into(), 0).unwrap();
        for (path, why) in [
            (file("none.toml"), "is not there"),
            (file("latin.toml"), "is not UTF-8"),
            (file("most.toml"), "missing field"),
            (file("more.toml"), "is larger than the 1048576 bytes allowed"),
            (file("fifo"), "is no regular file"),
            (place.path().to_owned(), "is no regular file"),
            ("/dev/zero".into(), "is no regular file"),
        ] {
            let told = read_policy(&path).unwrap_err();
            assert!(told.contains(why), "{}: {told}", path.display());
        }
    }
}
