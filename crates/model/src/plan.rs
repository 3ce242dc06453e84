//! The plan: what a skill promises and may use. TOML text in, a validated [`Plan`] out, or a
//! feedback that names file, line and remedy. Reads no file: the source's text comes separately.
//! What the policy allows of it (flags, limits, standards) is `saggar-policy`'s to say.

mod asks;
mod cases;
mod raw;
mod text;
mod wit;

use std::collections::BTreeMap;

use saggar_skill_abi::Interface;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ByteSize, Code, Diagnostic, Digest, Feedback, FileName, Millis, SkillName, Stage};
use asks::Places;
use raw::RawPlan;
use text::Text;
pub use wit::parse_interface;

/// Names in the work directory of a build that a source cannot have.
const RESERVED: [&str; 3] = ["saggar.h", "out", "tmp"];

/// The language of a skill's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// C.
    #[serde(rename = "c")]
    C,
    /// C++.
    #[serde(rename = "c++")]
    Cpp,
    /// Rust.
    #[serde(rename = "rust")]
    Rust,
}

impl Language {
    /// The name used in plans and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::C => "c",
            Language::Cpp => "c++",
            Language::Rust => "rust",
        }
    }
}

/// A family of compilers of C and C++.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompilerFamily {
    /// gcc and g++.
    Gcc,
    /// clang and clang++.
    Clang,
}

/// Limits a plan asks for; what it leaves out, the policy gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestedLimits {
    /// Memory of the skill's process.
    pub memory: Option<ByteSize>,
    /// Wall-clock time of one call.
    pub call_deadline: Option<Millis>,
    /// Wall-clock time of the whole build.
    pub build_deadline: Option<Millis>,
    /// Threads beyond the first.
    pub threads: Option<u32>,
}

/// What a test says of the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// The result, already checked against the function's type.
    Value(Value),
    /// An error whose text contains this.
    Error(String),
    /// Nothing but that the function returns.
    Nothing,
}

/// One test of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct TestCase {
    /// The function's WIT name; it exists in the interface.
    pub call: String,
    /// The arguments, already checked against the function's parameters.
    pub args: Vec<Value>,
    /// What must come back.
    pub expect: Expectation,
    /// Floats may differ by this times max(1, |want|).
    pub tolerance: f64,
    /// Line of the plan, from 1.
    pub line: u32,
}

/// A validated plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The file it was read from, for diagnostics.
    pub file: String,
    /// The skill's name.
    pub name: SkillName,
    /// One line for people.
    pub description: String,
    /// The source's language.
    pub language: Language,
    /// Which compilers, if the plan names them; `None` for Rust.
    pub compiler: Option<CompilerFamily>,
    /// Language standard, if the plan names one.
    pub standard: Option<String>,
    /// Requested compiler flags.
    pub flags: Vec<String>,
    /// The source file beside the plan.
    pub source: FileName,
    /// The typed interface.
    pub interface: Interface,
    /// Line of the plan where each function of the interface stands, from 1.
    pub function_lines: Vec<u32>,
    /// WIT name of a function, record or enum to source name, where the plan says so.
    pub symbols: BTreeMap<String, String>,
    /// Requested limits.
    pub limits: RequestedLimits,
    /// The tests.
    pub tests: Vec<TestCase>,
    /// SHA-256 of the text.
    pub digest: Digest,
    places: Places,
}

impl Plan {
    /// Parses and validates a plan. `file` is the name used in diagnostics.
    ///
    /// # Errors
    /// The feedback of stage Plan: no TOML, an unknown or missing key, a value that is not
    /// allowed, an interface that is no WIT of the subset, a test that does not fit it.
    pub fn parse(source: &str, file: &str) -> Result<Self, Box<Feedback>> {
        let text = Text { file, source };
        let raw = RawPlan::parse(&text)?;
        let name = text.value(&raw.name, Code::PlanValue, |name| name.parse::<SkillName>())?;
        let file_name =
            text.value(&raw.source, Code::PlanSource, |name| name.parse::<FileName>())?;
        if RESERVED.contains(&file_name.as_str()) {
            let message = format!("the source name {file_name} is taken by the build itself");
            let refusal = text.refuse(Code::PlanSource, raw.source.span(), message);
            return Err(refusal.hint("give the source another name").into());
        }
        let language = language(&text, &raw)?;
        let compiler = compiler(&text, &raw, language)?;
        text.only(raw.format.as_ref(), 1, "format", "this version reads format = 1")?;
        if let Some(network) = &raw.network
            && network.get_ref() != "none"
        {
            let message =
                format!("network = {:?} is not served in this version", network.get_ref());
            return Err(text
                .refuse(Code::PlanPolicy, network.span(), message)
                .fix("network = \"none\""));
        }
        let (interface, function_lines) = wit::parse(&text, raw.interface.as_ref())?;
        let symbols = symbols(&text, &raw, language, &interface)?;
        let flags = asks::flags(&text, &raw.flags)?;
        let limits = asks::limits(&text, &raw.limits)?;
        let places = Places::of(&text, &raw);
        let tests = cases::resolve(&text, raw.test, &interface)?;
        Ok(Plan {
            file: file.to_owned(),
            name,
            description: raw.description.unwrap_or_default(),
            language,
            compiler,
            standard: raw.standard.map(toml::Spanned::into_inner),
            flags,
            source: file_name,
            interface,
            function_lines,
            symbols,
            limits,
            tests,
            digest: Digest::of(source.as_bytes()),
            places,
        })
    }

    /// An error at the place of a key: `compiler`, `standard`, `flags.0` and further flags,
    /// `limits.memory` and the other limits. About the file alone where the plan does not have it.
    pub fn error_at(&self, key: &str, message: &str) -> Diagnostic {
        let file = Some(self.file.clone());
        self.places.put(key, Diagnostic { file, ..Diagnostic::error(message) })
    }

    /// A plan that may be promoted has at least one test that says something of the answer.
    ///
    /// # Errors
    /// A feedback that shows how to write one.
    pub fn require_assertion(&self) -> Result<(), Box<Feedback>> {
        if self.tests.iter().any(|test| test.expect != Expectation::Nothing) {
            return Ok(());
        }
        let function = self.interface.functions.first();
        let name = function.map_or("function", |function| function.name.as_str());
        let diagnostic = Diagnostic {
            file: Some(self.file.clone()),
            ..Diagnostic::error("no [[test]] says what the answer must be")
        };
        Err(Box::new(
            Feedback::new(Stage::Plan, Code::PlanTests, "the plan's tests assert nothing")
                .with(
                    diagnostic.fix(format!("[[test]]\ncall = \"{name}\"\nargs = […]\nexpect = …")),
                )
                .hint("give at least one [[test]] an `expect`, `expect-json` or `error`"),
        ))
    }
}

fn language(text: &Text<'_>, raw: &RawPlan) -> Result<Language, Box<Feedback>> {
    match raw.language.get_ref().as_str() {
        "c" => Ok(Language::C),
        "c++" => Ok(Language::Cpp),
        "rust" => Ok(Language::Rust),
        other => {
            let message = format!("language {other:?} is not served in this version");
            let span = raw.language.span();
            let hint = "write \"c\", \"c++\" or \"rust\"";
            Err(text.refuse(Code::PlanValue, span, message).hint(hint).into())
        }
    }
}

fn compiler(
    text: &Text<'_>,
    raw: &RawPlan,
    language: Language,
) -> Result<Option<CompilerFamily>, Box<Feedback>> {
    let Some(named) = &raw.compiler else { return Ok(None) };
    let refuse = |message: String, hint: &str| {
        Err(text.refuse(Code::PlanValue, named.span(), message).hint(hint).into())
    };
    if language == Language::Rust {
        let message = "compiler: Rust has one compiler, nothing is to be chosen".to_owned();
        return refuse(message, "remove the key; it is for c and c++");
    }
    match named.get_ref().as_str() {
        "gcc" => Ok(Some(CompilerFamily::Gcc)),
        "clang" => Ok(Some(CompilerFamily::Clang)),
        other => refuse(
            format!("compiler {other:?} is not served in this version"),
            "write \"gcc\" (which is g++ for c++) or \"clang\", or remove the key",
        ),
    }
}

fn symbols(
    text: &Text<'_>,
    raw: &RawPlan,
    language: Language,
    interface: &Interface,
) -> Result<BTreeMap<String, String>, Box<Feedback>> {
    for (wit, symbol) in &raw.symbols {
        let name = symbol.get_ref();
        let identifier = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let parts = name.split("::").count();
        let fits = name.len() <= 128
            && name.split("::").all(identifier)
            && (parts == 1 || language != Language::C);
        if !fits {
            let message = format!("symbol {name:?} is no identifier");
            return Err(text.refuse(Code::PlanValue, symbol.span(), message).into());
        }
        let types = interface.named_types();
        let names_type = types.iter().any(|ty| ty.to_string() == *wit);
        if interface.find(wit).is_none() && !names_type {
            let message = format!("the interface has no function or type {wit:?}");
            return Err(text.refuse(Code::PlanValue, symbol.span(), message).into());
        }
    }
    Ok(raw.symbols.iter().map(|(wit, name)| (wit.clone(), name.get_ref().clone())).collect())
}
