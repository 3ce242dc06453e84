//! An ordinary user, who owns nothing but a home.

use std::fs;
use std::os::unix::fs::MetadataExt;

use serde_json::json;

use crate::{Env, Fixture, Jig, Verdict, ensure, while_doing};

pub(super) fn ordinary(env: &Env) -> Verdict {
    let mut jig = Jig::new(env)?;
    let (expected, _binaries) = jig.run_as_nobody(env)?;
    for name in ["good/add", "good/top-word"] {
        let skill = Fixture::copy(env, name, &[])?;
        let output = jig.submit(skill.path())?.released()?;
        let principal = format!("uid:{expected}");
        ensure!(output.json["principal"] == principal.as_str(), "another principal: {output}");
        for run in ["compile", "link", "sidecar"] {
            let found = &output.json["enforced"][run]["host_uid"];
            ensure!(*found == expected, "{run} ran as {found}: {output}");
        }
    }
    jig.call("top-word", "count", &["a b a", "a"])?.answers(&json!(2))?;
    jig.serves()?;
    let owner = fs::metadata(jig.home()).map_err(while_doing("look at the home"))?.uid();
    ensure!(owner == expected, "the home belongs to {owner}");
    jig.finish()
}
