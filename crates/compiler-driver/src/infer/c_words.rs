//! The words of C and C++ that the reader of declarations knows: specifiers, integer types, the
//! containers of the standard library, names that are lengths. Tables only.

use saggar_skill_abi::Type;

use super::names;

/// What may stand before a function's result type and says nothing of it.
pub(super) const SPECIFIERS: [&str; 17] = [
    "inline",
    "__inline",
    "__inline__",
    "constexpr",
    "consteval",
    "constinit",
    "extern",
    "virtual",
    "explicit",
    "friend",
    "register",
    "_Noreturn",
    "noreturn",
    "__extension__",
    "mutable",
    "thread_local",
    "static",
];

/// Words that a parenthesis follows without being a function's.
pub(super) const WITH_PARENTHESES: [&str; 10] = [
    "__attribute__",
    "__attribute",
    "__declspec",
    "alignas",
    "_Alignas",
    "decltype",
    "noexcept",
    "requires",
    "throw",
    "explicit",
];

/// What qualifies a type without changing how a value is passed.
pub(super) const QUALIFIERS: [&str; 9] = [
    "volatile",
    "restrict",
    "__restrict",
    "__restrict__",
    "typename",
    "struct",
    "enum",
    "class",
    "union",
];

/// Words of statements, which no function is called.
pub(super) const STATEMENTS: [&str; 10] =
    ["if", "for", "while", "switch", "catch", "return", "sizeof", "else", "do", "new"];

/// The words that integer and floating-point types are written with.
pub(super) const ARITHMETIC: [&str; 9] =
    ["int", "long", "short", "char", "signed", "unsigned", "float", "double", "__int128"];

/// A type of one word, on Linux with 64 bits.
pub(super) fn scalar(word: &str) -> Option<Type> {
    Some(match word {
        "bool" | "_Bool" => Type::Bool,
        "int8_t" | "int_least8_t" | "int_fast8_t" => Type::S8,
        "int16_t" | "int_least16_t" => Type::S16,
        "int32_t" | "int_least32_t" => Type::S32,
        "int64_t" | "int_least64_t" | "int_fast16_t" | "int_fast32_t" | "int_fast64_t"
        | "ssize_t" | "ptrdiff_t" | "intptr_t" | "intmax_t" | "time_t" => Type::S64,
        "uint8_t" | "uint_least8_t" | "uint_fast8_t" | "uchar" => Type::U8,
        "uint16_t" | "uint_least16_t" | "ushort" => Type::U16,
        "uint32_t" | "uint_least32_t" | "uint" => Type::U32,
        "uint64_t" | "uint_least64_t" | "uint_fast16_t" | "uint_fast32_t" | "uint_fast64_t"
        | "size_t" | "uintptr_t" | "uintmax_t" | "ulong" => Type::U64,
        "float_t" => Type::F32,
        "double_t" => Type::F64,
        "char32_t" => Type::Char,
        _ => return None,
    })
}

/// What a template of the standard library is in WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    List,
    Option,
    Tuple,
    Result,
    /// A list of pairs.
    Map,
    /// Text of characters.
    Text,
}

/// A template of the standard library.
pub(super) fn container(word: &str) -> Option<Container> {
    Some(match word {
        "vector" | "span" | "array" | "deque" | "list" | "set" | "multiset" | "unordered_set"
        | "unordered_multiset" => Container::List,
        "optional" | "unique_ptr" | "shared_ptr" => Container::Option,
        "tuple" | "pair" => Container::Tuple,
        "expected" | "variant" => Container::Result,
        "map" | "unordered_map" | "multimap" | "unordered_multimap" => Container::Map,
        "basic_string" | "basic_string_view" => Container::Text,
        _ => return None,
    })
}

/// Whether a parameter of this name is how many a pointer before it points to.
pub(super) fn is_length(name: &str) -> bool {
    const LENGTHS: [&str; 13] = [
        "n", "m", "len", "length", "size", "count", "cnt", "num", "sz", "total", "elements",
        "items", "nelem",
    ];
    let words = names::words(name);
    let is = |word: Option<&String>| word.is_some_and(|word| LENGTHS.contains(&word.as_str()));
    is(words.last()) || (words.len() > 1 && is(words.first()))
}
