//! A call that did not come to its end, kept so that it can be made again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Digest, Principal, SkillName, canonical};

/// A call with its arguments and the skill it was made to. Its id is the digest of its canonical
/// JSON: the same call has the same one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// Version of this document.
    pub format: u32,
    /// Whose call it was; it is shown to nobody else.
    pub principal: Principal,
    /// The skill.
    pub skill: SkillName,
    /// SHA-256 of its plan's text, an object of the store.
    pub plan: Digest,
    /// SHA-256 of its source, an object of the store.
    pub source: Digest,
    /// The function, as the interface names it.
    pub function: String,
    /// The arguments.
    pub args: Vec<Value>,
}

impl Replay {
    /// The version that is written, and the only one so far.
    pub const FORMAT: u32 = 1;
    /// Largest document, bytes.
    pub const MAX: usize = 1 << 20;
    /// Documents that a home keeps: the newest.
    pub const KEPT: usize = 256;

    /// The document, if it is not too large to be kept.
    pub fn document(&self) -> Option<String> {
        canonical::of(self).ok().filter(|text| text.len() <= Replay::MAX)
    }

    /// Reads a document; `None` for anything else.
    pub fn parse(document: &[u8]) -> Option<Self> {
        let document = document.get(..document.len().min(Replay::MAX + 1))?;
        let replay: Replay = serde_json::from_slice(document).ok()?;
        (replay.format == Replay::FORMAT).then_some(replay)
    }

    /// The call as a test to add to a plan; an expectation is still to be written.
    pub fn test(&self) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let args = canonical::to_string(&Value::from(self.args.clone()));
        // What JSON and TOML write alike; a literal string reads better where it can be one.
        let args = match args.contains(['\'', '\u{7f}']) {
            // What JSON may hold as it is, and TOML may not.
            true => text(&args).replace('\u{7f}', "\\u007f"),
            false => format!("'{args}'"),
        };
        format!("[[test]]\ncall = {}\nargs-json = {args}\n", text(&self.function))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Plan;

    fn replay(args: Vec<Value>) -> Replay {
        Replay {
            format: Replay::FORMAT,
            principal: Principal::uid(7),
            skill: "segv".parse().unwrap(),
            plan: Digest::of(b"plan"),
            source: Digest::of(b"source"),
            function: "boom".to_owned(),
            args,
        }
    }

    #[test]
    fn a_document_reads_back_and_the_same_call_has_the_same_one() {
        let call = replay(vec![json!(u64::MAX), json!("a'b\n"), json!([1.5])]);
        let document = call.document().unwrap();
        assert_eq!(Replay::parse(document.as_bytes()), Some(call.clone()));
        assert_eq!(call.document().unwrap(), document);
        assert_eq!(replay(vec![json!("x".repeat(Replay::MAX))]).document(), None);
        assert_eq!(Replay::parse(b"{}"), None);
        let later = document.replace("\"format\":1", "\"format\":2");
        assert_eq!(Replay::parse(later.as_bytes()), None);
    }

    #[test]
    fn the_test_is_one_that_a_plan_takes() {
        for args in
            [vec![json!("plain")], vec![json!("it's\n\"so\"")], vec![json!("\u{7f}\u{1}\u{80}")]]
        {
            let plan = format!(
                "format = 1\nname = \"segv\"\ndescription = \"d\"\nlanguage = \"c\"\n\
                 source = \"a.c\"\ninterface = \"boom: func(text: string) -> u32;\"\n\
                 network = \"none\"\n{}",
                replay(args.clone()).test()
            );
            let plan = Plan::parse(&plan, "plan.toml").unwrap();
            assert_eq!(plan.tests[0].args, args);
        }
    }
}
