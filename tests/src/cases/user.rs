//! An ordinary user, who owns nothing but a home.

use std::fs;
use std::os::unix::fs::MetadataExt;

use serde_json::json;

use crate::fixture::open_directory;
use crate::{Env, Fixture, Jig, Verdict, ensure, while_doing};

/// A user id that owns nothing.
const NOBODY: u32 = 65534;

pub(super) fn ordinary(env: &Env) -> Verdict {
    let binaries = open_directory("saggar-binaries-")?;
    let mut jig = Jig::new(env)?;
    let uid = fs::metadata("/proc/self").map_err(while_doing("ask who runs this"))?.uid();
    let expected = if uid == 0 {
        for name in ["saggar", "saggar-sidecar"] {
            let copied = fs::copy(env.binaries.join(name), binaries.path().join(name));
            copied.map_err(while_doing("copy the binaries"))?;
        }
        jig.run_as(NOBODY, binaries.path().join("saggar"))?;
        NOBODY
    } else {
        uid
    };
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
