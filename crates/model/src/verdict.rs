//! What Scan says of an artifact, with evidence.

use serde::{Deserialize, Serialize};

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule, for instance `S05-needed`.
    pub rule: String,
    /// Where in the artifact, for instance `dynamic section, DT_NEEDED 2` or `import 17`.
    pub place: String,
    /// What stands there and why it is refused.
    pub reason: String,
    /// What to change in the source.
    pub fix: String,
}

/// The outcome of a scan. Passing means that no finding was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Everything that breaks a rule.
    pub findings: Vec<Finding>,
    /// Libraries the artifact needs (DT_NEEDED).
    pub needed: Vec<String>,
    /// Symbols it imports, sorted.
    pub imports: Vec<String>,
    /// Constructors that run when it is loaded: entries of DT_INIT and DT_INIT_ARRAY.
    pub constructors: u32,
}

impl Verdict {
    /// Whether the artifact may be loaded.
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}
