//! Writes what is to be filled in: for an interface the source, with every type and every function
//! declared in the form that the glue serves best, and before that the plan. A skeleton compiles
//! as it is, and each function fails loudly until it is written. Texts only: no file is touched.
//! The engine calls it for `saggar plan`.

mod c;
mod cpp;
mod naming;
mod plan;
mod rust;

use std::collections::BTreeMap;

use saggar_model::Language;
use saggar_skill_abi::Interface;

pub use plan::plan;

/// The source that an interface asks for. `symbols` are the plan's: WIT name to source name.
///
/// ```
/// use saggar_compiler_driver::skeleton::skeleton;
/// use saggar_model::{Language, parse_interface};
/// let interface = parse_interface("mean: func(values: list<f64>) -> f64;").unwrap();
/// let source = skeleton(Language::Rust, &interface, &Default::default());
/// assert!(source.contains("pub fn mean(values: &[f64]) -> f64 {\n"));
/// ```
pub fn skeleton(
    language: Language,
    interface: &Interface,
    symbols: &BTreeMap<String, String>,
) -> String {
    match language {
        Language::C => c::skeleton(interface, symbols),
        Language::Cpp => cpp::skeleton(interface, symbols),
        Language::Rust => rust::skeleton(interface, symbols),
    }
}
