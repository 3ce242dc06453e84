//! The C names of an interface's types: `saggar_list_list_s32`, `saggar_point`. Every type has a
//! name of its own, whatever the interface calls its records: a name that is taken already or too
//! long ends in a digest of the type.

use std::collections::{HashMap, HashSet};

use saggar_model::Digest;
use saggar_skill_abi::{Enum, Function, Interface, Record, Type};

use super::spelling;
use crate::symbols;

/// Longest name, in bytes: C promises no more significant characters than this.
const LONGEST: usize = 63;

/// What no member may be called: keywords of any standard, and macros that gcc or the headers of
/// `saggar.h` define.
const TAKEN: [&str; 62] = [
    "alignas",
    "alignof",
    "asm",
    "auto",
    "bool",
    "break",
    "case",
    "char",
    "complex",
    "const",
    "constexpr",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "errno",
    "extern",
    "false",
    "float",
    "for",
    "fortran",
    "goto",
    "i386",
    "if",
    "imaginary",
    "inline",
    "int",
    "linux",
    "long",
    "noreturn",
    "nullptr",
    "offsetof",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "thread_local",
    "true",
    "typedef",
    "typeof",
    "typeof_unqual",
    "unix",
    "union",
    "unreachable",
    "unsigned",
    "void",
    "volatile",
    "while",
    "static_assert",
    "assert",
    "near",
    "far",
];

/// The types of an interface with their names in C.
pub(crate) struct Names {
    known: HashMap<Type, String>,
    constants: HashMap<String, Vec<String>>,
    /// The types that `saggar.h` has to define, what a type is made of before the type itself.
    pub(super) defined: Vec<Type>,
}

impl Names {
    pub(crate) fn new(interface: &Interface) -> Self {
        let mut names =
            Names { known: HashMap::new(), constants: HashMap::new(), defined: Vec::new() };
        let mut taken = HashSet::new();
        let mut seen: HashSet<Type> = fixed().into_iter().collect();
        for ty in fixed() {
            let name = plain(&ty, &HashMap::new());
            taken.insert(name.clone());
            names.known.insert(ty, name);
        }
        for ty in interface.named_types() {
            names.name(ty, &mut taken);
        }
        for ty in interface.functions.iter().flat_map(Function::types) {
            names.visit(ty, &mut taken, &mut seen);
        }
        let mut constants = HashSet::new();
        for ty in interface.named_types() {
            if let Type::Enum(cases) = ty {
                let found = enumerators(&names.known[ty], cases, &mut constants);
                names.constants.insert(cases.name.clone(), found);
            }
        }
        names
    }

    /// The C type of `saggar.h`.
    pub(crate) fn of(&self, ty: &Type) -> String {
        match self.known.get(ty) {
            Some(name) => format!("saggar_{name}"),
            None => spelling::scalar_type(ty).to_owned(),
        }
    }

    /// The enumerators of an enum of `saggar.h`, in the order of the cases.
    pub(super) fn enumerators(&self, cases: &Enum) -> &[String] {
        self.constants.get(&cases.name).map_or(&[], Vec::as_slice)
    }

    fn visit(&mut self, ty: &Type, taken: &mut HashSet<String>, seen: &mut HashSet<Type>) {
        if ty.is_scalar() || seen.contains(ty) {
            return;
        }
        for part in ty.parts() {
            self.visit(part, taken, seen);
        }
        self.name(ty, taken);
        seen.insert(ty.clone());
        self.defined.push(ty.clone());
    }

    fn name(&mut self, ty: &Type, taken: &mut HashSet<String>) {
        if self.known.contains_key(ty) {
            return;
        }
        let mut name = plain(ty, &self.known);
        if name.len() > LONGEST - "saggar_".len() || taken.contains(&name) {
            let digest = Digest::of(ty.to_string().as_bytes());
            let [a, b, c, d, ..] = digest.as_bytes();
            let kept: String = name.chars().take(40).collect();
            name = format!("{}_{a:02x}{b:02x}{c:02x}{d:02x}", kept.trim_end_matches('_'));
        }
        taken.insert(name.clone());
        self.known.insert(ty.clone(), name);
    }
}

/// The types that `saggar.h` defines for every interface.
fn fixed() -> Vec<Type> {
    let scalars = [
        Type::Bool,
        Type::S8,
        Type::S16,
        Type::S32,
        Type::S64,
        Type::U8,
        Type::U16,
        Type::U32,
        Type::U64,
        Type::F32,
        Type::F64,
    ];
    let lists = scalars.into_iter().map(Type::list);
    lists.chain([Type::Char, Type::String, Type::String.list()]).collect()
}

/// The name as it is if nobody else has it.
fn plain(ty: &Type, known: &HashMap<Type, String>) -> String {
    let part = |ty: &Type| known.get(ty).cloned().unwrap_or_else(|| ty.to_string());
    let payload = |ty: &Option<Box<Type>>| ty.as_ref().map_or("none".to_owned(), |ty| part(ty));
    match ty {
        Type::List(element) => format!("list_{}", part(element)),
        Type::Option(inner) => format!("option_{}", part(inner)),
        Type::Tuple(members) => {
            let members: Vec<String> = members.iter().map(part).collect();
            format!("tuple_{}", members.join("_"))
        }
        Type::Result { ok, err } => format!("result_{}_{}", payload(ok), payload(err)),
        Type::Record(record) => snake(&record.name),
        Type::Enum(cases) => snake(&cases.name),
        scalar => scalar.to_string(),
    }
}

fn snake(name: &str) -> String {
    let [snake, _] = symbols::spellings(name);
    snake
}

fn enumerators(name: &str, cases: &Enum, taken: &mut HashSet<String>) -> Vec<String> {
    let constant = |case: &String| {
        let mut constant = format!("SAGGAR_{name}_{}", snake(case)).to_uppercase();
        while !taken.insert(constant.clone()) {
            constant.push('_');
        }
        constant
    };
    cases.cases.iter().map(constant).collect()
}

/// The members of a record's struct.
pub(super) fn members(record: &Record) -> Vec<String> {
    let mut taken: HashSet<String> = TAKEN.iter().map(|word| (*word).to_owned()).collect();
    let member = |field: &saggar_skill_abi::Field| {
        let mut name = snake(&field.name);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    };
    record.fields.iter().map(member).collect()
}

#[cfg(test)]
mod tests {
    use saggar_model::parse_interface;

    use super::*;

    fn names_of(types: &str, function: &str) -> Vec<String> {
        let interface = parse_interface(&format!("{types}\n{function};")).expect("an interface");
        let names = Names::new(&interface);
        names.defined.iter().map(|ty| names.of(ty)).collect()
    }

    #[test]
    fn types_are_named_after_what_they_are_made_of() {
        let types = "record my-point { x: f64 }";
        let found = names_of(
            types,
            "f: func(a: list<list<my-point>>, b: option<tuple<u8, string>>, c: list<u8>) \
             -> result<_, char>",
        );
        assert_eq!(
            found,
            [
                "saggar_my_point",
                "saggar_list_my_point",
                "saggar_list_list_my_point",
                "saggar_tuple_u8_string",
                "saggar_option_tuple_u8_string",
                "saggar_result_none_char",
            ]
        );
    }

    #[test]
    fn no_two_types_have_one_name() {
        let found = names_of(
            "record list-s32 { x: u8 } record %string { x: u8 } enum option-u8 { a }
             record none { x: u8 } enum tuple-u8-u8 { a }",
            "f: func(a: list<list<s32>>, b: list<list-s32>, c: list<%string>, d: list<string>,
             e: option<u8>, f: list<option-u8>, g: tuple<tuple<u8, u8>, u8, u8>,
             h: tuple<tuple<u8, u8, u8>, u8>, i: tuple<tuple<u8>, u8, u8, u8>, j: result<u8>,
             k: result<u8, none>, l: tuple<tuple-u8-u8, u8>)",
        );
        let distinct: HashSet<&String> = found.iter().collect();
        assert_eq!(distinct.len(), found.len(), "{found:#?}");
    }

    #[test]
    fn long_names_end_in_a_digest() {
        let deep = format!("f: func(a: {}u8{})", "option<list<".repeat(15), ">>".repeat(15));
        let found = names_of("", &deep);
        assert!(found.iter().all(|name| name.len() <= LONGEST), "{found:#?}");
        let distinct: HashSet<&String> = found.iter().collect();
        assert_eq!(distinct.len(), found.len(), "{found:#?}");
    }

    #[test]
    fn enumerators_and_members_are_distinct() {
        let text = "enum a { b-c } enum a-b { c } record r { default: u8, x: u8 }
                    f: func(a: a, b: a-b, r: r);";
        let interface = parse_interface(text).expect("an interface");
        let names = Names::new(&interface);
        let found: Vec<String> = interface
            .named_types()
            .into_iter()
            .flat_map(|ty| match ty {
                Type::Enum(cases) => names.enumerators(cases).to_vec(),
                Type::Record(record) => members(record),
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(found, ["SAGGAR_A_B_C", "SAGGAR_A_B_C_", "default_", "x"]);
    }
}
