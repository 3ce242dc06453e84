//! Writes the translation unit that makes a skill of a source: first the source itself (C and C++
//! by `#include`, so that the user's own includes come first; Rust as it stands, so that its lines
//! are its own), then the glue that reads the parameters out of a call's block and writes the
//! result into another.
//!
//! The text exports one symbol, the table `saggar_skill_v1`. Which form a parameter has, the
//! source's declaration decides: C++ templates and Rust traits read it, for C the generator does.
//! What is read out of the source's text only chooses among forms; the compiler checks the choice.
//! Every parameter of every function has lines of its own, and [`Glue::places`] says which, so
//! that a compiler's complaint about the glue can be told as one about the source. Nothing here
//! runs a compiler or touches a file. The driver calls [`generate`].

mod c;
mod cpp;
mod rust;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) use c::Names as CNames;
pub(crate) use rust::CRATE as RUST_CRATE;
pub(crate) use rust::line_of as declared_at;
pub use rust::{Functions as RustFunctions, resolve as resolve_rust};
pub use saggar_model::Language;
use saggar_skill_abi::{ABI_VERSION, Function, Interface, Type, frame, headers};

use crate::{directives, symbols};

/// What glue is made of. Names have passed the plan's checks: they are not quoted here.
#[derive(Clone, Debug)]
pub struct GlueRequest<'a> {
    /// The source's language.
    pub language: Language,
    /// File name of the source, as `#include` finds it.
    pub source: &'a str,
    /// The source itself. C, C++ and Rust declare what the interface leaves open; only names and
    /// shapes of declarations are read out of it.
    pub text: &'a str,
    /// The functions to export.
    pub interface: &'a Interface,
    /// The name of each function in the source, in the interface's order.
    pub symbols: Vec<String>,
    /// WIT name of a record or enum to its name in the source, where the plan says so.
    pub types: BTreeMap<String, String>,
    /// SHA-256 of the interface's normal form, for the table.
    pub interface_digest: [u8; 32],
}

/// The generated translation unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glue {
    /// Its text. For C and C++ it includes the source; for Rust the source stands at its head.
    pub text: String,
    /// `saggar.h` for this interface; empty for Rust.
    pub header: String,
    /// What its lines are about; lines not listed concern the glue as a whole.
    pub places: Vec<Place>,
    /// What is wrong where a line of Rust meets a type that does not fit, with `another type` for
    /// that type.
    pub complaints: BTreeMap<usize, String>,
    /// The line that compiles only at the outermost level. An error there, before any other, says
    /// that the source ends too early: inside a brace, or without its last semicolon.
    pub end_of_source: usize,
}

/// What a line of the glue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line in [`Glue::text`], from 1.
    pub line: usize,
    /// Index of the function in the interface.
    pub function: usize,
    /// Index of the parameter, if the line is about one.
    pub parameter: Option<usize>,
}

impl Glue {
    /// What a line is about; `None` for lines that no function owns.
    pub fn place(&self, line: usize) -> Option<Place> {
        self.places.binary_search_by_key(&line, |place| place.line).ok().map(|i| self.places[i])
    }

    /// What the glue has to say, in what a compiler said of a line. Where that is only the type that
    /// was found (`` saggar: `T` ``), it is the line's own complaint.
    pub fn complaint(&self, line: usize, said: &str) -> Option<String> {
        let (_, said) = said.split_once("saggar: ")?;
        let is_type = said.starts_with('`') && said.ends_with('`');
        let complaint = self.complaints.get(&line).filter(|_| is_type);
        Some(complaint.map_or(said.to_owned(), |text| text.replacen("another type", said, 1)))
    }
}

/// Writes the glue of a request. Same request, same text.
///
/// ```
/// use saggar_compiler_driver::glue::{GlueRequest, Language, generate};
/// use saggar_skill_abi::{Function, Interface, Type};
/// use std::collections::BTreeMap;
/// let answer = Function { name: "answer".into(), params: vec![], result: Some(Type::U64) };
/// let interface = Interface { functions: vec![answer] };
/// let glue = generate(&GlueRequest {
///     language: Language::Cpp,
///     source: "answer.cpp",
///     text: "unsigned long answer() { return 42; }",
///     interface: &interface,
///     symbols: vec!["answer".into()],
///     types: BTreeMap::new(),
///     interface_digest: [0; 32],
/// });
/// assert!(glue.text.starts_with("#include \"answer.cpp\"\n"));
/// ```
pub fn generate(request: &GlueRequest<'_>) -> Glue {
    if request.language == Language::Rust {
        return rust::generate(request);
    }
    let mut entries = Writer::default();
    let header = if request.language == Language::C {
        c::functions(&mut entries, request);
        headers::GLUE_H.to_owned()
    } else {
        let declared = cpp::Declared::read(request);
        cpp::types(&mut entries, request, &declared);
        for index in 0..request.interface.functions.len() {
            cpp::function(&mut entries, request, &declared, index);
        }
        cpp::sections(request, &declared)
    };
    let mut whole = Writer::default();
    whole.line(format_args!("#include \"{}\"", request.source));
    restore_diagnostics(&mut whole, request.text);
    undefine(&mut whole, [&header, &entries.text], &request.symbols);
    let end_of_source = whole.lines + 1;
    whole.line(match request.language {
        Language::C => c::OUTERMOST,
        _ => cpp::OUTERMOST,
    });
    whole.line("#pragma pack()");
    whole.text.push_str(&header);
    whole.lines += header.lines().count();
    whole.append(&entries);
    match request.language {
        Language::C => c::table(&mut whole, request),
        _ => cpp::table(&mut whole, request),
    }
    let header = c::header(request.interface);
    let Writer { text, places, complaints, .. } = whole;
    Glue { text, header, places, complaints, end_of_source }
}

/// Takes back what the source says of warnings: the glue must compile where one is an error. For
/// gcc a `pop` that meets nothing saved restores the command line's settings (GCC manual,
/// "Diagnostic Pragmas"); clang knows a name for all warnings.
fn restore_diagnostics(out: &mut Writer, text: &str) {
    let Some(pushes) = directives::diagnostic_pushes(text) else { return };
    out.line("#ifdef __clang__\n#pragma clang diagnostic ignored \"-Weverything\"\n#else");
    out.line("#pragma GCC diagnostic pop\n".repeat(pushes + 1) + "#endif");
}

/// Takes back every macro of the source's that the glue would trip over: `#define int long long`
/// is common. What the compiler itself defines stays, and so do the source's function names.
fn undefine(out: &mut Writer, texts: [&str; 2], symbols: &[String]) {
    let mut words = symbols::identifiers(texts[0]);
    words.extend(symbols::identifiers(texts[1]));
    words.extend(KEYWORDS);
    words.extend([TABLE]);
    let guards: Vec<&str> = texts
        .iter()
        .flat_map(|text| text.lines().filter_map(|line| line.strip_prefix("#ifdef ")))
        .collect();
    for word in words {
        let predefined = word.starts_with("__") && word.ends_with("__");
        let named = symbols.iter().any(|symbol| symbol.split("::").any(|part| part == word));
        if !(predefined || named || word == "defined" || guards.contains(&word)) {
            out.line(format_args!("#undef {word}"));
        }
    }
}

/// Keywords of C and C++ that the two standard headers or the glue may use.
const KEYWORDS: [&str; 66] = [
    "alignas",
    "alignof",
    "auto",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "constexpr",
    "const_cast",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "extern",
    "false",
    "final",
    "float",
    "for",
    "friend",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "nullptr",
    "operator",
    "override",
    "private",
    "protected",
    "public",
    "reinterpret_cast",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "throw",
    "true",
    "try",
    "typedef",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "while",
];

/// Text that knows its line.
#[derive(Default)]
struct Writer {
    text: String,
    lines: usize,
    places: Vec<Place>,
    complaints: BTreeMap<usize, String>,
}

impl Writer {
    fn line(&mut self, line: impl std::fmt::Display) {
        let before = self.text.len();
        let _infallible = writeln!(self.text, "{line}");
        self.lines += self.text[before..].matches('\n').count();
    }

    /// Lines that are about a function or one of its parameters.
    fn about(&mut self, function: usize, parameter: Option<usize>, line: impl std::fmt::Display) {
        let first = self.lines + 1;
        self.line(line);
        self.places.extend((first..=self.lines).map(|line| Place { line, function, parameter }));
    }

    /// A line where types meet, and what is wrong if they do not fit.
    fn meeting(
        &mut self,
        function: usize,
        parameter: Option<usize>,
        complaint: String,
        line: impl std::fmt::Display,
    ) {
        self.complaints.insert(self.lines + 1, complaint);
        self.about(function, parameter, line);
    }

    fn append(&mut self, other: &Writer) {
        let moved = other.places.iter().map(|p| Place { line: p.line + self.lines, ..*p });
        self.places.extend(moved);
        self.text.push_str(&other.text);
        self.lines += other.lines;
    }
}

/// What a mismatch is called in a static assertion. The driver reads this shape back.
fn arity_complaint(function: &Function) -> String {
    format!(
        "saggar: {}: takes {} parameter(s) in the interface but another number in the source",
        function.name,
        function.params.len()
    )
}

fn parameter_complaint(function: &Function, index: usize, hint: &str) -> String {
    let param = &function.params[index];
    format!(
        "saggar: {}: parameter {} ({}: {}) is declared as another type; use {hint}",
        function.name,
        index + 1,
        param.name,
        param.ty
    )
}

fn result_complaint(function: &Function, hint: &str) -> String {
    let ty = function.result.as_ref().map_or_else(|| "none".to_owned(), Type::to_string);
    format!("saggar: {}: the result ({ty}) is declared as another type; use {hint}", function.name)
}

/// How C and C++ spell a scalar.
pub(crate) fn scalar(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::S8 => "int8_t",
        Type::S16 => "int16_t",
        Type::S32 => "int32_t",
        Type::S64 => "int64_t",
        Type::U8 => "uint8_t",
        Type::U16 => "uint16_t",
        Type::U32 => "uint32_t",
        Type::U64 => "uint64_t",
        Type::F32 => "float",
        Type::F64 => "double",
        Type::Char => "char32_t",
        _ => "",
    }
}

/// The initialiser of the table, without its entries.
fn table_head(request: &GlueRequest<'_>) -> String {
    let digest: Vec<String> = request.interface_digest.iter().map(u8::to_string).collect();
    format!("{ABI_VERSION}, {}, {{{}}}", request.interface.functions.len(), digest.join(","))
}

/// Names of the entries, separated by commas.
fn entries(request: &GlueRequest<'_>, prefix: &str) -> String {
    let names = (0..request.interface.functions.len()).map(|i| format!("{prefix}{i}"));
    names.collect::<Vec<_>>().join(", ")
}

const TABLE: &str = frame::TABLE_SYMBOL;
