//! C has several spellings for one parameter, and no way to ask which a declaration uses: `int *a,
//! size_t n`, `const char **words`, `long long *`. The glue tries whole function types instead:
//! this writes the constants that say which of them the declaration is. A spelling not tried is
//! no error by itself: the call is then made in the first spelling, and the compiler judges it.

use saggar_skill_abi::{Function, Type};

use super::super::{Writer, parameter_complaint, scalar};
use super::flat::{Form, structure};

/// So many function types are tried for one constant.
const MOST: usize = 1024;

/// One way to spell the parameters of a function.
#[derive(Clone, Copy, Default)]
struct Spelling {
    plain: bool,
    length: usize,
    text_length: usize,
    bare_text: bool,
    bare_list: bool,
    texts: usize,
    wide_signed: bool,
    wide_unsigned: bool,
    signed: usize,
    unsigned: usize,
}

const LENGTHS: [&str; 6] =
    ["int", "unsigned long", "unsigned", "long", "long long", "unsigned long long"];
/// Those of [`LENGTHS`] that have 64 bits.
const LONG: [usize; 4] = [1, 3, 4, 5];
/// So many spellings are tried to find out whether the lengths of lists have 64 bits. Beyond, lists
/// of more than 31 bits are too long.
const MOST_LONG: usize = 32;
const TEXTS: [&str; 4] = ["char **", "const char **", "const char *const *", "char *const *"];
const SIGNED: [&str; 3] = ["long", "long long", "int"];
const UNSIGNED: [&str; 5] = ["unsigned long", "unsigned long long", "int", "unsigned", "long"];

/// A function whose strings may come without a length: some are strings, and what it returns is
/// no list, whose type could not be guessed.
pub(super) fn maybe_plain(function: &Function) -> bool {
    function.params.iter().any(|param| param.ty == Type::String)
        && !matches!(function.result, Some(Type::List(_)))
}

/// Declares what [`callees`], [`text_list`] and [`scalar_list`] choose by.
pub(super) fn probes(out: &mut Writer, index: usize, function: &Function, symbol: &str) {
    let all = spellings(function);
    let test = |wanted: &dyn Fn(&Spelling) -> bool| {
        let tests: Vec<String> = all
            .iter()
            .filter(|spelling| wanted(spelling))
            .map(|spelling| spelling.test(function, symbol))
            .collect();
        tests.join(" || ")
    };
    let mut constant = |name: &str, value: String| {
        out.about(index, None, format_args!("enum {{ __saggar_{name}_{index} = {value} }};"));
    };
    if maybe_plain(function) {
        constant("plain", test(&|s| s.plain));
    }
    if function.params.iter().any(|param| matches!(param.ty, Type::List(_))) {
        let long = all.iter().filter(|s| LONG.contains(&s.length)).take(MOST_LONG);
        let tests: Vec<String> = long.map(|s| s.test(function, symbol)).collect();
        constant("long", tests.join(" || "));
    }
    if takes_list(function, &Type::S64) {
        constant("wide_signed", test(&|s| s.wide_signed));
    }
    if takes_list(function, &Type::U64) {
        constant("wide_unsigned", test(&|s| s.wide_unsigned));
    }
    if takes_list(function, &Type::String) {
        let [second, third] = [1, 2].map(|texts| test(&|s| s.texts == texts));
        constant("texts", format!("({second}) ? 1 : ({third}) ? 2 : 0"));
    }
}

/// Refuses `bool` for a parameter that is a number. Every other loss is an error of the compiler's
/// own, but numbers turn into truth values without a word.
pub(super) fn no_truth_values(out: &mut Writer, index: usize, function: &Function, symbol: &str) {
    for (at, param) in function.params.iter().enumerate() {
        if param.ty == Type::Bool {
            continue;
        }
        let mut changed = function.clone();
        changed.params[at].ty = Type::Bool;
        let tests: Vec<String> =
            spellings(&changed).iter().map(|s| s.test(&changed, symbol)).collect();
        let complaint = parameter_complaint(function, at, scalar(&param.ty));
        let tests = tests.join(" || ");
        out.about(index, Some(at), format_args!("_Static_assert(!({tests}), \"{complaint}\");"));
    }
}

/// What to call when strings come plain, and when they come in pairs: the one that is not meant
/// is a stand-in of the right shape, so that its call compiles.
pub(super) fn callees(index: usize, function: &Function, symbol: &str) -> (String, String) {
    let stand_in = |plain| {
        let types = function.params.iter().flat_map(|param| match &param.ty {
            Type::String if plain => vec!["const void *"],
            Type::String | Type::List(_) => vec!["const void *", "unsigned long"],
            ty => vec![scalar_type(ty)],
        });
        format!("(void (*)({}))0", types.collect::<Vec<_>>().join(", "))
    };
    let choose = |first: &str, second: &str| {
        format!("__builtin_choose_expr(__saggar_plain_{index}, {first}, {second})")
    };
    let real = format!("&{symbol}");
    (choose(&real, &stand_in(true)), choose(&stand_in(false), &real))
}

/// The array of a list of strings in the spelling that the source uses.
pub(super) fn text_list(index: usize, array: &str) -> String {
    format!(
        "__builtin_choose_expr(__saggar_texts_{index} == 1, ({}){array}, \
         __builtin_choose_expr(__saggar_texts_{index} == 2, ({}){array}, {array}))",
        TEXTS[1], TEXTS[2]
    )
}

/// The elements of a list of scalars, likewise.
pub(super) fn scalar_list(index: usize, element: &Type, data: &str) -> String {
    let first = format!("(const {} *){data}", scalar_type(element));
    let wide = match element {
        Type::S64 => ("wide_signed", "long long"),
        Type::U64 => ("wide_unsigned", "unsigned long long"),
        _ => return first,
    };
    format!(
        "__builtin_choose_expr(__saggar_{}_{index}, (const {} *){data}, {first})",
        wide.0, wide.1
    )
}

/// The length of a list: all of it where the source's type for it has 64 bits.
pub(super) fn list_length(index: usize, list: &str) -> String {
    format!(
        "__builtin_choose_expr(__saggar_long_{index}, __saggar_long_length({list}), \
         __saggar_length({list}))"
    )
}

/// Arguments for a call that only its type is wanted of.
pub(super) fn zeros(function: &Function, form: Form) -> Vec<String> {
    let zero = |ty: &Type| match (ty, form) {
        (Type::String | Type::List(_), Form::Structs) => {
            vec![format!("({}){{0, 0}}", structure(ty))]
        }
        (Type::List(_), _) | (Type::String, Form::Pairs) => vec!["0".to_owned(); 2],
        _ => vec!["0".to_owned()],
    };
    function.params.iter().flat_map(|param| zero(&param.ty)).collect()
}

/// A scalar in words that need no header.
pub(super) fn scalar_type(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "_Bool",
        Type::S8 => "__INT8_TYPE__",
        Type::S16 => "__INT16_TYPE__",
        Type::S32 => "__INT32_TYPE__",
        Type::S64 => "__INT64_TYPE__",
        Type::U8 => "__UINT8_TYPE__",
        Type::U16 => "__UINT16_TYPE__",
        Type::U32 => "__UINT32_TYPE__",
        Type::U64 => "__UINT64_TYPE__",
        Type::F32 => "float",
        Type::F64 => "double",
        Type::Char => "__UINT32_TYPE__",
        _ => "void",
    }
}

fn takes_list(function: &Function, wanted: &Type) -> bool {
    let is = |ty: &Type| matches!(ty, Type::List(element) if **element == *wanted);
    function.params.iter().any(|param| is(&param.ty))
}

/// The spellings to try: every combination of the choices a function has, the likeliest choices
/// first, and no choice more where there would be too many.
fn spellings(function: &Function) -> Vec<Spelling> {
    let has = |wanted: &Type| function.params.iter().any(|param| param.ty == *wanted);
    let lists = function.params.iter().any(|param| matches!(param.ty, Type::List(_)));
    let mut all = vec![Spelling::default()];
    let mut vary = |choices: usize, set: fn(&mut Spelling, usize)| {
        if all.len() * choices <= MOST {
            let every = all.iter().flat_map(|spelling| {
                (0..choices).map(|choice| {
                    let mut varied = *spelling;
                    set(&mut varied, choice);
                    varied
                })
            });
            all = every.collect();
        }
    };
    let if_any = |condition, choices| if condition { choices } else { 1 };
    vary(if_any(maybe_plain(function), 2), |s, i| s.plain = i == 1);
    vary(if_any(lists, LENGTHS.len()), |s, i| s.length = i);
    vary(if_any(has(&Type::String), LENGTHS.len()), |s, i| s.text_length = i);
    vary(if_any(takes_list(function, &Type::S64), 2), |s, i| s.wide_signed = i == 1);
    vary(if_any(takes_list(function, &Type::U64), 2), |s, i| s.wide_unsigned = i == 1);
    vary(if_any(takes_list(function, &Type::String), TEXTS.len()), |s, i| s.texts = i);
    vary(if_any(has(&Type::String), 2), |s, i| s.bare_text = i == 1);
    vary(if_any(lists, 2), |s, i| s.bare_list = i == 1);
    vary(if_any(has(&Type::S64), SIGNED.len()), |s, i| s.signed = i);
    vary(if_any(has(&Type::U64), UNSIGNED.len()), |s, i| s.unsigned = i);
    all.retain(|s| !s.plain || s.text_length == 0);
    all
}

impl Spelling {
    /// Whether the source's function is spelled so, in C. Where the result may be a struct of the
    /// user's, its type is asked of a call.
    fn test(&self, function: &Function, symbol: &str) -> String {
        let params: Vec<String> = function.params.iter().map(|p| self.parameter(&p.ty)).collect();
        let params = params.join(", ");
        let text_or_list = matches!(function.result, Some(Type::List(_) | Type::String));
        if text_or_list && !self.plain {
            let zeros = zeros(function, Form::Pairs).join(", ");
            return format!("__saggar_fits({symbol}, __typeof__({symbol}({zeros})) ({params}))");
        }
        format!("__saggar_takes({symbol}, ({params}))")
    }

    fn parameter(&self, ty: &Type) -> String {
        let bare = |bare| if bare { "" } else { "const " };
        let length = LENGTHS[self.length];
        match ty {
            Type::String if self.plain => format!("{}char *", bare(self.bare_text)),
            Type::String => {
                format!("{}char *, {}", bare(self.bare_text), LENGTHS[self.text_length])
            }
            Type::List(element) => match **element {
                Type::String => format!("{}, {length}", TEXTS[self.texts]),
                Type::S64 if self.wide_signed => {
                    format!("{}long long *, {length}", bare(self.bare_list))
                }
                Type::U64 if self.wide_unsigned => {
                    format!("{}unsigned long long *, {length}", bare(self.bare_list))
                }
                ref scalar => {
                    format!("{}{} *, {length}", bare(self.bare_list), scalar_type(scalar))
                }
            },
            Type::S64 => SIGNED[self.signed].to_owned(),
            Type::U64 => UNSIGNED[self.unsigned].to_owned(),
            scalar => scalar_type(scalar).to_owned(),
        }
    }
}
