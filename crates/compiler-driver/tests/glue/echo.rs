//! Every type there and back: for a table of types and some at random, a source in each language
//! whose functions give back what they got. The sources are written here, from the types; what
//! comes back is compared with what went in.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use saggar_compiler_driver::glue::{GlueRequest, Language, generate};
use saggar_model::parse_interface;
use saggar_skill_abi::{Interface, Type, decode, encode, frame};
use serde_json::{Map, Value, json};

use super::harness::Skill;

const TYPES: [&str; 34] = [
    "bool",
    "s8",
    "s16",
    "s32",
    "s64",
    "u8",
    "u16",
    "u32",
    "u64",
    "f32",
    "f64",
    "char",
    "string",
    "list<bool>",
    "list<u8>",
    "list<f64>",
    "list<char>",
    "list<string>",
    "list<list<list<s16>>>",
    "tuple<u8, u64, bool>",
    "tuple<string>",
    "option<u32>",
    "option<option<string>>",
    "list<option<u8>>",
    "result",
    "result<s32, string>",
    "result<_, u16>",
    "result<list<f32>>",
    "color",
    "wide",
    "list<wide>",
    "point",
    "item",
    "list<result<item, tuple<color, option<point>>>>",
];

/// Records and enums for the types to use.
fn definitions() -> String {
    let wide: Vec<_> = (0..300).map(|i| format!("c{i}")).collect();
    format!(
        "enum color {{ red, sea-green, blue }}
         enum wide {{ {} }}
         record point {{ x: f64, y: f32 }}
         record odd {{ a: u8, b: s64, c: color, d: u16 }}
         record item {{
             full-name: string, shade: color, at: option<point>, tags: list<string>, odds: list<odd>
         }}
        ",
        wide.join(", ")
    )
}

/// A fixed sequence of numbers (splitmix64).
pub(super) struct Noise(pub(super) u64);

impl Noise {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % end as u64).expect("it is below a size")
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// A type of at most so many levels, as WIT.
fn random_type(noise: &mut Noise, levels: usize) -> String {
    if levels == 1 {
        let leaves = ["bool", "s16", "u64", "f32", "char", "string", "color", "wide", "odd"];
        return noise.pick(&leaves).to_owned();
    }
    let mut inner = || random_type(noise, levels - 1);
    let [first, second, third] = [inner(), inner(), inner()];
    match noise.below(6) {
        0 => format!("list<{first}>"),
        1 => format!("option<{first}>"),
        2 => format!("tuple<{first}, {second}, {third}>"),
        3 => format!("result<{first}, {second}>"),
        4 => format!("result<_, {first}>"),
        _ => format!("tuple<{first}, {second}>"),
    }
}

/// A value of a type, an extreme one more often than not. No byte of it is the one that the runner
/// fills the block with beforehand.
pub(super) fn value(ty: &Type, noise: &mut Noise) -> Value {
    match ty {
        Type::Bool => noise.pick(&[json!(false), json!(true)]),
        Type::S8 => noise.pick(&[i8::MIN, -1, 0, i8::MAX]).into(),
        Type::S16 => noise.pick(&[i16::MIN, -1, 0, i16::MAX]).into(),
        Type::S32 => noise.pick(&[i32::MIN, -1, 0, i32::MAX]).into(),
        Type::S64 => noise.pick(&[i64::MIN, -1, 0, i64::MAX]).into(),
        Type::U8 => noise.pick(&[0, 1, 0x80, u8::MAX]).into(),
        Type::U16 => noise.pick(&[0, 1, 0x8000, u16::MAX]).into(),
        Type::U32 => noise.pick(&[0, 1, 0x8000_0000, u32::MAX]).into(),
        Type::U64 => noise.pick(&[0, 1, 1 << 63, u64::MAX]).into(),
        Type::F32 | Type::F64 => {
            let special = ["NaN", "Infinity", "-Infinity"].map(Value::from);
            let plain = [0.0, -0.0, 0.1, -1.5, 16_777_216.0, 0.5f64.powi(126)].map(Value::from);
            noise.pick(&[&special[..], &plain].concat())
        }
        Type::Char => noise.pick(&["\0", "a", "é", "\u{d7ff}", "\u{e000}", "\u{10ffff}"]).into(),
        Type::String => noise.pick(&["", "\0", "a\0b", "🦀é", "a text that is longer"]).into(),
        Type::Enum(cases) => {
            let last = cases.cases.len() - 1;
            let case = noise.pick(&[0, last, last / 2, last.min(256)]);
            cases.cases[case].as_str().into()
        }
        Type::List(element) => {
            (0..noise.below(4)).map(|_| value(element, noise)).collect::<Vec<_>>().into()
        }
        Type::Tuple(types) => types.iter().map(|ty| value(ty, noise)).collect::<Vec<_>>().into(),
        Type::Record(record) => {
            let fields = record.fields.iter();
            fields
                .map(|field| (field.name.clone(), value(&field.ty, noise)))
                .collect::<Map<_, _>>()
                .into()
        }
        Type::Option(_) if noise.below(3) == 0 => Value::Null,
        Type::Option(inner) => match **inner {
            Type::Option(_) => json!({ "some": value(inner, noise) }),
            _ => value(inner, noise),
        },
        Type::Result { ok, err } => {
            let (name, payload) = noise.pick(&[("ok", ok), ("err", err)]);
            let payload = payload.as_ref().map_or(Value::Null, |ty| value(ty, noise));
            Value::Object(Map::from_iter([(name.to_owned(), payload)]))
        }
    }
}

/// How a language spells its types.
struct Spelling<'a> {
    scalars: [&'a str; 12],
    string: &'a str,
    /// Before and after what they hold.
    list: [&'a str; 2],
    option: [&'a str; 2],
    tuple: [&'a str; 2],
    result: [&'a str; 2],
    /// Where failure has no value.
    bare_result: [&'a str; 2],
    /// The value of success that has none, in either.
    no_ok: [&'a str; 2],
}

const CPP: Spelling<'_> = Spelling {
    scalars: [
        "bool", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t",
        "uint64_t", "float", "double", "char32_t",
    ],
    string: "std::string",
    list: ["std::vector<", ">"],
    option: ["std::optional<", ">"],
    tuple: ["std::tuple<", ">"],
    result: ["std::expected<", ">"],
    bare_result: ["std::variant<", ", std::monostate>"],
    no_ok: ["void", "std::monostate"],
};

const RUST: Spelling<'_> = Spelling {
    scalars: ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "char"],
    string: "String",
    list: ["Vec<", ">"],
    option: ["Option<", ">"],
    tuple: ["(", ",)"],
    result: ["Result<", ">"],
    bare_result: ["Result<", ", ()>"],
    no_ok: ["()", "()"],
};

impl Spelling<'_> {
    fn spell(&self, ty: &Type) -> String {
        let around =
            |[before, after]: [&str; 2], inside: String| format!("{before}{inside}{after}");
        let payload = |ty: &Option<Box<Type>>, none: &str| {
            ty.as_ref().map_or(none.to_owned(), |ty| self.spell(ty))
        };
        match ty {
            Type::String => self.string.to_owned(),
            Type::List(element) => around(self.list, self.spell(element)),
            Type::Option(inner) => around(self.option, self.spell(inner)),
            Type::Tuple(types) => {
                let members: Vec<_> = types.iter().map(|ty| self.spell(ty)).collect();
                around(self.tuple, members.join(", "))
            }
            Type::Result { ok, err: None } => around(self.bare_result, payload(ok, self.no_ok[1])),
            Type::Result { ok, err: Some(err) } => {
                let ok = payload(ok, self.no_ok[0]);
                around(self.result, format!("{ok}, {}", self.spell(err)))
            }
            Type::Record(record) => pascal(&record.name),
            Type::Enum(cases) => pascal(&cases.name),
            scalar => self.scalars[number(scalar)].to_owned(),
        }
    }
}

/// The place of a scalar in the tables.
fn number(scalar: &Type) -> usize {
    let order =
        ["bool", "s8", "s16", "s32", "s64", "u8", "u16", "u32", "u64", "f32", "f64", "char"];
    let name = scalar.to_string();
    order.iter().position(|known| *known == name).expect("a scalar")
}

fn pascal(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capital).collect()
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

fn cpp(interface: &Interface) -> String {
    let headers = ["cstdint", "expected", "optional", "string", "tuple", "variant", "vector"];
    let mut text: String = headers.map(|name| format!("#include <{name}>\n")).concat();
    define(&mut text, interface, |ty| match ty {
        Type::Record(record) => {
            let fields = record.fields.iter();
            let member = |ty: &Type, name: &str| format!(" {} {};", CPP.spell(ty), snake(name));
            let members: String = fields.map(|field| member(&field.ty, &field.name)).collect();
            format!("struct {} {{{members} }};", CPP.spell(ty))
        }
        Type::Enum(cases) => format!("enum class {} {{ {} }};", CPP.spell(ty), all(&cases.cases)),
        _ => String::new(),
    });
    each(&mut text, interface, |name, ty| {
        let ty = CPP.spell(ty);
        format!("{ty} {name}(bool, {ty} x) {{ return x; }}")
    });
    text
}

fn rust(interface: &Interface) -> String {
    let mut text = String::new();
    define(&mut text, interface, |ty| match ty {
        Type::Record(record) => {
            let fields = record.fields.iter();
            let member = |ty: &Type, name: &str| format!(" {}: {},", snake(name), RUST.spell(ty));
            let members: String = fields.map(|field| member(&field.ty, &field.name)).collect();
            format!("struct {} {{{members} }}", RUST.spell(ty))
        }
        Type::Enum(cases) => format!("enum {} {{ {} }}", RUST.spell(ty), all(&cases.cases)),
        _ => String::new(),
    });
    each(&mut text, interface, |name, ty| {
        let ty = RUST.spell(ty);
        format!("fn {name}(_: bool, x: {ty}) -> {ty} {{ x }}")
    });
    text
}

/// C has the names that its `saggar.h` gives the types: each stands below its type in a comment.
fn c(interface: &Interface) -> String {
    let header = glue_header(interface);
    let lines: Vec<_> = header.lines().collect();
    let names: HashMap<&str, &str> = lines
        .windows(2)
        .filter_map(|pair| {
            let comment = pair[0].strip_prefix("/* ")?.strip_suffix(" */")?;
            let name = pair[1].strip_prefix("typedef ")?.split(' ').nth(1)?;
            Some((comment.split(": ").next()?, name))
        })
        .collect();
    let spell = |ty: &Type| {
        let comment = match ty {
            Type::Record(record) => format!("record {}", record.name),
            Type::Enum(cases) => format!("enum {}", cases.name),
            other => other.to_string(),
        };
        match (names.get(&*comment), ty) {
            (Some(name), _) => (*name).to_owned(),
            (None, Type::Char | Type::String) => format!("saggar_{ty}"),
            (None, Type::List(element)) => format!("saggar_list_{element}"),
            (None, scalar) => CPP.scalars[number(scalar)].to_owned(),
        }
    };
    let mut text = "#include \"saggar.h\"\n".to_owned();
    each(&mut text, interface, |name, ty| {
        let ty = spell(ty);
        format!("{ty} {name}(bool lead, {ty} x) {{ (void)lead; return x; }}")
    });
    text
}

fn glue_header(interface: &Interface) -> String {
    let request = GlueRequest {
        language: Language::C,
        source: "skill.c",
        text: "",
        interface,
        symbols: interface.functions.iter().map(|function| snake(&function.name)).collect(),
        types: BTreeMap::new(),
        interface_digest: [0; 32],
    };
    generate(&request).header
}

fn all(cases: &[String]) -> String {
    cases.iter().map(|case| pascal(case)).collect::<Vec<_>>().join(", ")
}

fn define(text: &mut String, interface: &Interface, line: impl Fn(&Type) -> String) {
    for ty in interface.named_types() {
        let _infallible = writeln!(text, "{}", line(ty));
    }
}

fn each(text: &mut String, interface: &Interface, line: impl Fn(&str, &Type) -> String) {
    for function in &interface.functions {
        let _infallible =
            writeln!(text, "{}", line(&snake(&function.name), &function.params[1].ty));
    }
}

/// The same functions in a language, each called with some values.
fn check(language: Language, flags: &[&str], write: impl Fn(&Interface) -> String) {
    let mut noise = Noise(3);
    let random = (0..12).map(|i| random_type(&mut noise, 2 + i % 3));
    let types: Vec<_> = TYPES.map(str::to_owned).into_iter().chain(random).collect();
    let functions: Vec<_> = types
        .iter()
        .enumerate()
        .map(|(i, ty)| format!("echo-{i}: func(lead: bool, x: {ty}) -> {ty}"))
        .collect();
    let functions: Vec<_> = functions.iter().map(String::as_str).collect();
    let text = format!("{}{};", definitions(), functions.join(";\n"));
    let interface = parse_interface(&text).expect("an interface");
    let source = write(&interface);
    let test = format!("echo-{language:?}").to_lowercase();
    let skill = Skill::with_types(&test, language, &source, &definitions(), &functions);
    skill.build(flags);
    for function in &interface.functions {
        let ty = &function.params[1].ty;
        let mut values: Vec<_> = (0..6).map(|_| value(ty, &mut noise)).collect();
        values.dedup();
        for value in values {
            there_and_back(&skill, &function.name, ty, &value);
        }
    }
}

fn there_and_back(skill: &Skill, name: &str, ty: &Type, value: &Value) {
    let block = encode::value(ty, value, "value").expect("a value of the type");
    let sent = decode::result(Some(ty), &block).expect("what was just written");
    let (status, block) = skill.call(name, &json!([true, value]), 1 << 16);
    assert_eq!(status, frame::Status::Ok, "{name} {ty} {value}");
    let back = decode::result(Some(ty), &block);
    let back = back.unwrap_or_else(|error| panic!("{name} {ty} {value}: {error}"));
    // As texts: as numbers, 0 and -0 would be the same.
    assert_eq!(back.to_string(), sent.to_string(), "{name} {ty}");
    assert!(!block.contains(&0xaa), "{name} {ty} {value}: bytes left as they were: {block:x?}");
}

#[test]
fn all_types_there_and_back_in_c() {
    check(Language::C, &["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"], c);
}

#[test]
fn all_types_there_and_back_in_cpp() {
    check(Language::Cpp, &["-std=c++23", "-O1"], cpp);
}

#[test]
fn all_types_there_and_back_in_rust() {
    check(Language::Rust, &[], rust);
}
