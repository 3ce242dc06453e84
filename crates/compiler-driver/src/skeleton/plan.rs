//! The plan to fill in, for a directory that has none.

use saggar_model::Language;

/// The text of a plan that would pass, with an example where there is something to choose.
///
/// ```
/// use saggar_compiler_driver::skeleton::plan;
/// use saggar_model::{Language, Plan};
/// let text = plan(Language::Rust, "top-word", "top_word.rs");
/// assert_eq!(Plan::parse(&text, "plan.toml").unwrap().name.as_str(), "top-word");
/// ```
pub fn plan(language: Language, name: &str, source: &str) -> String {
    let word = language.as_str();
    format!(
        r#"# The plan of a skill: what it promises and may use. Fill it in, then `saggar plan DIR` prints
# the source to fill in, and `saggar plan --infer DIR` the interface of a source that is there.
format = 1
name = "{name}"                 # a letter, then letters, digits and `-`, all lower case
description = "what the skill does, in one line"
language = "{word}"             # c, c++ or rust
source = "{source}"             # a file beside this one

# The functions, in WIT. Types: bool, s8 to s64, u8 to u64, f32, f64, char, string, list<T>,
# tuple<T, U>, option<T>, result<T, E>, and your own:
#   record point {{ x: f64, y: f64 }}
#   enum color {{ red, green }}
# `top-word` is found in the source as top_word or topWord.
interface = """
count: func(text: string, word: string) -> u64;
"""
network = "none"

# Names in the source that are no spelling of the WIT name.
# [symbols]
# count = "countOccurrences"

# Each is optional; the policy gives defaults and ceilings.
# [limits]
# memory = "256MiB"
# call-deadline = "2s"
# build-deadline = "20s"

# At least one test must say what comes back: `expect` a value, or `error` a part of the message.
# Records are tables, enums and chars are strings. What TOML cannot say (null) is JSON text in
# `args-json` and `expect-json`. `tolerance = 1e-6` lets floats differ.
[[test]]
call = "count"
args = ["a b a", "a"]
expect = 2
"#
    )
}
