//! How Rust spells names and types of an interface.

use saggar_skill_abi::Type;

/// Types that every module knows by these names.
pub(super) const PLAIN: [&str; 16] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64",
    "usize", "String", "str",
];

/// Whether a name that the source does not define is one of the standard library: its type stands
/// for no record and no enum.
pub(super) fn is_of_library(name: &str) -> bool {
    const GENERIC: [&str; 14] = [
        "Arc",
        "BTreeMap",
        "BTreeSet",
        "BinaryHeap",
        "Box",
        "Cow",
        "HashMap",
        "HashSet",
        "LinkedList",
        "Option",
        "Rc",
        "Result",
        "Vec",
        "VecDeque",
    ];
    PLAIN.contains(&name) || GENERIC.contains(&name)
}

/// The keywords that a raw identifier can stand for (the Rust reference, "Keywords").
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// An identifier as it is written.
pub(super) fn escaped(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

/// A path as it is written.
pub(super) fn escaped_path(path: &str) -> String {
    let plain = |part: &str| escaped(part.trim().trim_start_matches("r#"));
    path.split("::").map(plain).collect::<Vec<_>>().join("::")
}

/// `PascalCase` of a WIT name.
pub(super) fn pascal(wit: &str) -> String {
    wit.split('-')
        .map(|word| {
            let word = word.to_lowercase();
            let mut rest = word.chars();
            let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
            first + rest.as_str()
        })
        .collect()
}

/// How a name is compared where several spellings of it are taken.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// How Rust spells a scalar or text that is owned.
pub(super) fn scalar(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::S8 => "i8",
        Type::S16 => "i16",
        Type::S32 => "i32",
        Type::S64 => "i64",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        _ => "String",
    }
}

/// The type that owns such a value, as a hint has it.
pub(super) fn owned(ty: &Type) -> String {
    match ty {
        Type::List(element) => format!("Vec<{}>", owned(element)),
        Type::Option(inner) => format!("Option<{}>", owned(inner)),
        Type::Tuple(members) => {
            let comma = if members.len() == 1 { "," } else { "" };
            format!("({}{comma})", members.iter().map(owned).collect::<Vec<_>>().join(", "))
        }
        Type::Result { ok, err } => {
            let part = |part: &Option<Box<Type>>| part.as_deref().map_or("()".to_owned(), owned);
            format!("Result<{}, {}>", part(ok), part(err))
        }
        Type::Record(record) => format!("a struct `{}`", pascal(&record.name)),
        Type::Enum(cases) => format!("an enum `{}`", pascal(&cases.name)),
        _ => scalar(ty).to_owned(),
    }
}

/// What a parameter may be declared as.
pub(super) fn parameter_hint(ty: &Type) -> String {
    match ty {
        Type::String => "&str or String".to_owned(),
        Type::List(element) => format!("&[{0}] or Vec<{0}>", owned(element)),
        _ => owned(ty),
    }
}
