//! Reads the interface out of a source: which functions a skill could export, and their types in
//! WIT. It reads declarations and does not judge them: what it cannot read is left out and named
//! with the reason, what it had to decide is noted with the line. It never panics on any text, its
//! work is bounded by the text's length, and it touches no file and starts no compiler. The engine
//! calls it for `saggar plan --infer`.

mod builder;
mod c_header;
mod c_params;
mod c_records;
mod c_shapes;
mod c_text;
mod c_types;
mod c_units;
mod c_words;
pub(crate) mod names;
mod rust;
mod rust_items;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saggar_model::Language;
use saggar_skill_abi::Interface;

/// Something that was decided, or that the interface cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Line of the source, from 1.
    pub line: u32,
    /// What was decided and what else it could be.
    pub message: String,
}

/// A function that is not in the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Line of the source, from 1.
    pub line: u32,
    /// Its name as the source spells it.
    pub name: String,
    /// Why, and what would help.
    pub reason: String,
}

/// What a source says of its interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The functions; unlike that of a plan, it may have none.
    pub interface: Interface,
    /// The `[symbols]` that the plan needs beside the interface: WIT name to source name.
    pub symbols: BTreeMap<String, String>,
    /// Decisions, by line.
    pub notes: Vec<Note>,
    /// What was left out, by line.
    pub skipped: Vec<Skipped>,
}

impl Inferred {
    /// The lines to paste into a plan. The interface comes before the table, as TOML demands.
    pub fn to_toml(&self) -> String {
        let mut toml = format!("interface = \"\"\"\n{}\"\"\"\n", self.interface);
        if !self.symbols.is_empty() {
            toml.push_str("\n[symbols]\n");
        }
        for (wit, name) in &self.symbols {
            let _infallible = writeln!(toml, "{wit} = \"{name}\"");
        }
        toml
    }
}

/// Reads the interface of a source.
///
/// ```
/// use saggar_compiler_driver::infer::infer;
/// use saggar_model::Language;
/// let found = infer(Language::Cpp, "double halfOf(double x) { return x / 2; }");
/// assert_eq!(found.interface.to_string(), "half-of: func(x: f64) -> f64;\n");
/// ```
pub fn infer(language: Language, text: &str) -> Inferred {
    match language {
        Language::Rust => rust::infer(text),
        Language::C | Language::Cpp => c_units::infer(language, text),
    }
}

/// A line number as the feedback has it.
fn line(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
