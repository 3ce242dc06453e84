//! What the parts of an interface are called in a source: the spelling that the glue finds by
//! itself and that reads back as the same WIT name, never a keyword.

use std::collections::{BTreeMap, BTreeSet};

use saggar_model::Language;
use saggar_skill_abi::{Function, Type};

use crate::infer::names::{camel, kebab, pascal, snake, upper};

/// Keywords of C and C++, and macros that the standard headers define.
const C_WORDS: [&str; 108] = [
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "assert",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "complex",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "i386",
    "if",
    "inline",
    "int",
    "linux",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "noreturn",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "std",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "typeof_unqual",
    "union",
    "unix",
    "unreachable",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

/// Keywords of Rust (the Rust reference, "Keywords"); all but four can be written `r#word`.
const RUST_WORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield", "crate", "self", "super",
];
const RUST_NEVER_RAW: [&str; 4] = ["crate", "self", "super", "Self"];
/// What every Rust source knows by a name that a type would hide.
const RUST_PRELUDE: [&str; 10] =
    ["Box", "Err", "None", "Ok", "Option", "Result", "Self", "Some", "String", "Vec"];

/// The names of an interface in one language.
pub(super) struct Naming<'a> {
    pub(super) language: Language,
    pub(super) symbols: &'a BTreeMap<String, String>,
}

impl Naming<'_> {
    fn is_keyword(&self, name: &str) -> bool {
        match self.language {
            Language::Rust => RUST_WORDS.contains(&name) || RUST_PRELUDE.contains(&name),
            _ => C_WORDS.contains(&name),
        }
    }

    /// A name that may be a keyword, as the language lets it be written.
    fn escaped(&self, name: String) -> String {
        match self.language {
            _ if !self.is_keyword(&name) => name,
            Language::Rust if !RUST_NEVER_RAW.contains(&name.as_str()) => format!("r#{name}"),
            _ => format!("{name}_"),
        }
    }

    /// A function's path in the source, and whether the plan has yet to name it.
    pub(super) fn function(&self, function: &Function) -> (String, bool) {
        let wit = &function.name;
        if let Some(path) = self.symbols.get(wit) {
            let parts = path.split("::").map(|part| self.escaped(part.to_owned()));
            return (parts.collect::<Vec<_>>().join("::"), false);
        }
        let taken = |name: &String| {
            name == "main"
                || RUST_NEVER_RAW.contains(&name.as_str())
                || (self.language != Language::Rust && self.is_keyword(name))
        };
        let usual = [snake(wit), camel(wit)].into_iter().find(|name| !taken(name));
        match usual {
            Some(name) => (self.escaped(name), false),
            None => (format!("{}_", snake(wit)), true),
        }
    }

    /// A record's or enum's path in the source.
    pub(super) fn ty(&self, wit: &str) -> String {
        if let Some(path) = self.symbols.get(wit) {
            return path.clone();
        }
        self.readable(wit, [pascal(wit), snake(wit)])
    }

    /// What is to be said where a type is defined: the plan may have yet to name it.
    pub(super) fn type_comment(&self, wit: &str) -> String {
        let path = self.ty(wit);
        let usual = self.symbols.contains_key(wit) || [pascal(wit), snake(wit)].contains(&path);
        if usual { String::new() } else { symbol_comment(wit, &path) }
    }

    /// A case of an enum.
    pub(super) fn case(&self, wit: &str) -> String {
        self.readable(wit, [pascal(wit), snake(wit), upper(wit)])
    }

    /// The first spelling that reads back as the name.
    fn readable<const N: usize>(&self, wit: &str, spellings: [String; N]) -> String {
        let wit = wit.to_lowercase();
        let reads = |name: &&String| kebab(name).as_ref() == Some(&wit) && !self.is_keyword(name);
        let found = spellings.iter().find(reads).cloned();
        found.unwrap_or_else(|| self.escaped(snake(&wit)))
    }

    /// A field of a record.
    pub(super) fn field(&self, wit: &str) -> String {
        self.escaped(snake(wit))
    }

    /// The parameters of a function, different from each other and from every type's name. What
    /// stands behind a name to make another parameter's, such as `_len`, counts too.
    pub(super) fn params(&self, function: &Function, types: &[&Type], suffix: &str) -> Vec<String> {
        let mut taken: BTreeSet<String> = types
            .iter()
            .filter_map(|ty| match ty {
                Type::Record(record) => Some(self.ty(&record.name)),
                Type::Enum(cases) => Some(self.ty(&cases.name)),
                _ => None,
            })
            .collect();
        let (own, _) = self.function(function);
        taken.insert(own);
        let param = |param: &saggar_skill_abi::Param| {
            let mut name = self.escaped(snake(&param.name));
            while taken.contains(&name) || taken.contains(&format!("{name}{suffix}")) {
                name.push('_');
            }
            taken.insert(name.clone());
            taken.insert(format!("{name}{suffix}"));
            name
        };
        function.params.iter().map(param).collect()
    }
}

/// What a source says of a name that the plan does not know yet.
pub(super) fn symbol_comment(wit: &str, path: &str) -> String {
    format!("// The plan needs:  [symbols]  {wit} = \"{path}\"\n")
}
