//! How many descriptors the command may have open at once. A sidecar takes several, and 1,024, which is
//! what most systems give, are for a hundred of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to what this user may have. Nothing that generated code or a compiler runs in
/// inherits it: each jail has the policy's own.
pub(crate) fn raise() {
    let limit = getrlimit(Resource::Nofile);
    // Where that is refused the limit is as it was, and who meets it is told so.
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap_or_default();
}
