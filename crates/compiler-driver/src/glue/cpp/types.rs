//! The interface's types as the templates of the C++ glue know them: the tags, and for each field
//! and case a struct with its spellings. A field or case has a number, by which the templates say
//! what a source lacks.

use saggar_skill_abi::{Enum, Interface, Record, Type, layout};

use super::super::{GlueRequest, Writer};
use crate::symbols;

/// The type as the templates know it.
pub(super) fn tag(ty: &Type) -> String {
    let kind = match ty {
        Type::Bool => 'b',
        Type::S8 | Type::S16 | Type::S32 | Type::S64 => 's',
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => 'u',
        Type::F32 | Type::F64 => 'f',
        Type::Char => 'c',
        Type::String => return "_String".to_owned(),
        Type::List(element) => return format!("_List<{}>", tag(element)),
        Type::Tuple(members) => return laid("_Tuple", ty, &arguments(members)),
        Type::Option(payload) => return laid("_Option", ty, &tag(payload)),
        Type::Result { ok, err } => {
            let [ok, err] =
                [ok, err].map(|part| part.as_ref().map_or("_Unit".to_owned(), |ty| tag(ty)));
            return laid("_Outcome", ty, &format!("{ok}, {err}"));
        }
        Type::Record(record) => return format!("_Record_{}", plain(&record.name)),
        Type::Enum(cases) => return format!("_Enum_{}", plain(&cases.name)),
    };
    format!("_Scalar<'{kind}', {}>", layout::size_of(ty))
}

fn laid(template: &str, ty: &Type, parts: &str) -> String {
    format!("{template}<{}, {}, {parts}>", layout::size_of(ty), layout::align_of(ty))
}

fn arguments(members: &[Type]) -> String {
    let members = layout::members(members).map(|(at, ty)| format!("_Arg<{at}, {}>", tag(ty)));
    members.collect::<Vec<_>>().join(", ")
}

fn plain(wit_name: &str) -> String {
    wit_name.replace('-', "_")
}

/// The records and enums of an interface, each with the number of its first field or case.
pub(super) fn numbered(interface: &Interface) -> Vec<(&Type, usize)> {
    let mut next = 1;
    let mut numbered = Vec::new();
    for ty in interface.named_types() {
        numbered.push((ty, next));
        next += match ty {
            Type::Record(record) => record.fields.len(),
            Type::Enum(cases) => cases.cases.len(),
            _ => 0,
        };
    }
    numbered
}

pub(super) fn declare(out: &mut Writer, request: &GlueRequest<'_>, is_open: bool) {
    let numbered = numbered(request.interface);
    if numbered.is_empty() {
        return;
    }
    out.line("namespace __saggar {");
    for (ty, first) in numbered {
        match ty {
            Type::Record(record) => declare_record(out, ty, record, first),
            Type::Enum(cases) => {
                let source = request.types.get(&cases.name).map(String::as_str);
                declare_enum(out, cases, source, first);
            }
            _ => {}
        }
        if let Some(name) = name_in_source(request, ty, is_open) {
            let tag = tag(ty);
            out.line(format_args!(
                "template <> struct _Usual<{tag}> {{ using _Type = _Forms<::{name}>; }};"
            ));
        }
    }
    out.line("}");
}

/// WIT name of a record or enum.
pub(super) fn type_name(ty: &Type) -> &str {
    match ty {
        Type::Record(record) => &record.name,
        Type::Enum(cases) => &cases.name,
        _ => "",
    }
}

/// The name by which overloads can be told apart: the plan's, or, where a function is declared more
/// than once or as a template, one of the usual ones that the source declares outside of any
/// namespace.
fn name_in_source(request: &GlueRequest<'_>, ty: &Type, is_open: bool) -> Option<String> {
    let wit = type_name(ty);
    if let Some(name) = request.types.get(wit) {
        return Some(name.clone());
    }
    if !is_open {
        return None;
    }
    let [snake, camel] = symbols::spellings(wit);
    [capital(&camel), snake].into_iter().map(unreserved).find(|name| {
        outermost(request.text, name).any(|(before, after)| {
            let words = ["struct", "class", "enum", "using"];
            words.iter().any(|word| before.ends_with(word))
                && after.starts_with(['{', ':', '=', ';'])
                && !has_word(statement(before), "template")
        })
    })
}

/// The text before and after each place outside of braces where a word stands, without the blanks
/// next to it. Braces in comments and literals count like any others.
fn outermost<'t>(text: &'t str, name: &str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let mut depth = 0i64;
    let mut counted = 0;
    whole_words(text, name).filter_map(move |at| {
        for byte in text[counted..at].bytes() {
            depth += i64::from(byte == b'{') - i64::from(byte == b'}');
        }
        counted = at;
        let end = at + text[at..].find(|c| !is_word(c)).unwrap_or(text.len() - at);
        (depth == 0).then(|| (text[..at].trim_end(), text[end..].trim_start()))
    })
}

fn whole_words(text: &str, name: &str) -> impl Iterator<Item = usize> {
    text.match_indices(name)
        .filter(|(at, _)| {
            let after = &text[at + name.len()..];
            !text[..*at].ends_with(is_word) && !after.starts_with(is_word)
        })
        .map(|(at, _)| at)
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn declare_record(out: &mut Writer, ty: &Type, record: &Record, first: usize) {
    let places = layout::members(record.fields.iter().map(|field| &field.ty));
    for (i, (field, (at, member))) in record.fields.iter().zip(places).enumerate() {
        let [snake, camel] = field_spellings(&field.name);
        let second = if camel == snake {
            "using _Second = _First;".to_owned()
        } else {
            accessors("_Second", &camel)
        };
        out.line(format_args!(
            "struct _Part_{id} {{ using _Tag = {tag}; \
             static constexpr _Size _at = {at}; static constexpr unsigned _id = {id}; \
             {first} {second} }};",
            id = first + i,
            tag = tag(member),
            first = accessors("_First", &snake),
        ));
    }
    let parts = parts(first, record.fields.len());
    out.line(format_args!("using {} = {};", tag(ty), laid("_Record", ty, &parts)));
}

/// What the templates do with a member of this name. The data member of the struct itself serves
/// to find out whether a class has the name at all.
fn accessors(name: &str, field: &str) -> String {
    format!(
        "struct {name} {{ int {field}; \
         template <typename _T> static auto _type(_T &_v) \
         -> _Plain<decltype(_v.{field}), decltype(__builtin_addressof(_v.{field}))>; \
         template <typename _T, typename _X> static void _store(_T &_v, _X &&_x) \
         {{ _v.{field} = static_cast<_X &&>(_x); }} \
         template <typename _Way, typename _T> \
         static void _load(_Sink &_sink, _Size _to, const _T &_v) \
         {{ using _M = decltype(_v.{field}); \
         if constexpr (_small<_Bare<_M>>) {{ \
         const _Bare<_M> _copy = _v.{field}; _Way::_put(_sink, _to, _copy); }} \
         else {{ _Way::_put(_sink, _to, _v.{field}); }} }} \
         template <typename _B> static auto _sole(_B *) -> decltype(void(&_B::{field})); }};"
    )
}

fn parts(first: usize, count: usize) -> String {
    let names = (first..first + count).map(|id| format!("_Part_{id}"));
    names.collect::<Vec<_>>().join(", ")
}

fn declare_enum(out: &mut Writer, cases: &Enum, source: Option<&str>, first: usize) {
    let name = plain(&cases.name);
    for (i, case) in cases.cases.iter().enumerate() {
        let spellings = case_spellings(&cases.name, source, case);
        let ways: String = spellings
            .iter()
            .enumerate()
            .map(|(rank, spelling)| {
                let rank = spellings.len() - rank;
                format!(
                    "template <typename _T> static constexpr auto _of(_Rank<{rank}>) \
                     -> decltype(_T::{spelling}) {{ return _T::{spelling}; }} "
                )
            })
            .collect();
        let id = first + i;
        out.line(format_args!(
            "struct _Part_{id} {{ static constexpr unsigned _id = {id}; {ways}}};"
        ));
    }
    let size = layout::enum_size(cases.cases.len());
    out.line(format_args!(
        "struct _Named_{name} {{ static const char *_name() {{ return \"{}\"; }} }};\n\
         using _Enum_{name} = _Enum<{size}, _Named_{name}, {}>;",
        cases.name,
        parts(first, cases.cases.len())
    ));
}

/// How a class may name a field, the likelier way first.
pub(super) fn field_spellings(field: &str) -> [String; 2] {
    let [snake, camel] = symbols::spellings(field).map(unreserved);
    match camel == snake && !snake.ends_with('_') {
        // A macro of some header may have the name, and some end all members so.
        true => [snake, camel + "_"],
        false => [snake, camel],
    }
}

/// How an enum may name a case, the likeliest way first.
pub(super) fn case_spellings(name: &str, source: Option<&str>, case: &str) -> Vec<String> {
    let [snake, camel] = symbols::spellings(case);
    let (upper, pascal) = (snake.to_uppercase(), capital(&camel));
    let [type_snake, type_camel] = symbols::spellings(name);
    let mut types = vec![(type_snake, capital(&type_camel))];
    if let Some(own) = source.and_then(|path| path.rsplit("::").next()) {
        types.push((own.to_lowercase(), own.to_owned()));
    }
    let mut all = vec![snake.clone(), camel, pascal.clone(), upper.clone(), format!("k{pascal}")];
    for (type_snake, type_pascal) in types {
        all.push(format!("{}_{upper}", type_snake.to_uppercase()));
        all.push(format!("{type_snake}_{snake}"));
        all.push(format!("{type_pascal}{pascal}"));
        all.push(format!("{type_pascal}_{pascal}"));
        all.push(format!("k{type_pascal}{pascal}"));
    }
    let mut once: Vec<String> = Vec::new();
    for spelling in all.into_iter().map(unreserved) {
        let starts = spelling.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
        if starts && !once.contains(&spelling) {
            once.push(spelling);
        }
    }
    once
}

/// `darkBlue` to `DarkBlue`.
pub(super) fn capital(camel: &str) -> String {
    let mut rest = camel.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// A keyword with an underscore after it, as everybody writes it who would like to use one.
fn unreserved(word: String) -> String {
    let keyword = super::super::KEYWORDS.contains(&word.as_str()) || OTHERS.contains(&&*word);
    if keyword { word + "_" } else { word }
}

/// The keywords of C++ up to C++23 that the list for macros leaves out.
const OTHERS: [&str; 29] = [
    "and",
    "and_eq",
    "asm",
    "bitand",
    "bitor",
    "char8_t",
    "char16_t",
    "char32_t",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "consteval",
    "constinit",
    "export",
    "goto",
    "not",
    "not_eq",
    "or",
    "or_eq",
    "register",
    "requires",
    "thread_local",
    "typeid",
    "wchar_t",
    "xor",
    "xor_eq",
    "typeof",
];

/// Whether the source declares a function of this name as a template: the glue then calls it with
/// the usual types and leaves the rest to deduction. A comment may mislead it, to no harm.
pub(super) fn is_template(text: &str, symbol: &str) -> bool {
    let name = symbol.rsplit("::").next().unwrap_or(symbol);
    whole_words(text, name).take(MOST_WORDS).any(|at| {
        let after = text[at + name.len()..].trim_start();
        after.starts_with('(')
            && (has_word(statement(&text[..at]), "template") || has_word(params(after), "auto"))
    })
}

/// Whether the source seems to declare a function of this name more than once.
pub(super) fn is_overloaded(text: &str, symbol: &str) -> bool {
    outermost(text, symbol).filter(|(_, after)| after.starts_with('(')).nth(1).is_some()
}

/// So many places are looked at, and so many bytes around each, so that a hostile source costs no
/// more than a long one.
const MOST_WORDS: usize = 256;
const REACH: usize = 512;

/// What precedes a place since the last declaration or directive.
fn statement(before: &str) -> &str {
    let least = before.len().saturating_sub(REACH);
    let from = (least..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(0);
    before[from..].rsplit([';', '}', '#']).next().unwrap_or_default()
}

/// What follows a name, up to the body of a function.
fn params(after: &str) -> &str {
    let to = (0..=after.len().min(REACH)).rev().find(|at| after.is_char_boundary(*at));
    after[..to.unwrap_or(0)].split(['{', ';']).next().unwrap_or_default()
}

fn has_word(text: &str, wanted: &str) -> bool {
    symbols::identifiers(text).contains(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_told_from_functions() {
        let check =
            |text: &str, expected: bool| assert_eq!(is_template(text, "f"), expected, "{text}");
        check("int f(int a) { return a; }", false);
        check("template <typename T> T f(T a) { return a; }", true);
        check("auto f(const auto &a) { return a; }", true);
        check("auto f(int a) { auto b = a; return b; }", false);
        check("template <typename T> struct S { };\nint f(S<int> s) { return 1; }", false);
        check("template <typename T> T g(T a);\nint f(int a) { return g(a); }", false);
        check("int g() { return f (1); }", false);
        check("é template <typename T> T f(T é) { return é; }", true);
    }

    #[test]
    fn names_outside_of_braces_are_found() {
        let check =
            |text: &str, expected: usize| assert_eq!(outermost(text, "f").count(), expected);
        check("int f(int); int f(long) { return f(1); } int ff;", 2);
        check("namespace n { struct f {}; }", 0);
        check("}} struct f {}; {{ struct f {};", 1);
    }

    #[test]
    fn hostile_texts_of_a_mebibyte_are_read_in_linear_time() {
        for piece in ["f(", "f ", "{f(", "é(f("] {
            let text = piece.repeat((1 << 20) / piece.len());
            let _template = is_template(&text, "f");
            let _places = outermost(&text, "f").count();
        }
    }

    #[test]
    fn spellings_are_names_that_a_source_can_use() {
        assert_eq!(field_spellings("max-speed"), ["max_speed", "maxSpeed"]);
        assert_eq!(field_spellings("class"), ["class_", "class_"]);
        assert_eq!(field_spellings("errno"), ["errno", "errno_"]);
        let spellings = case_spellings("color", Some("paint::Colour"), "red");
        for name in
            ["red", "Red", "RED", "kRed", "COLOR_RED", "ColorRed", "COLOUR_RED", "ColourRed"]
        {
            assert!(spellings.iter().any(|one| one == name), "{name}: {spellings:?}");
        }
        assert!(case_spellings("op", None, "default").contains(&"default_".to_owned()));
    }
}
