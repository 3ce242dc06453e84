//! The flat side of the C glue: functions of numbers, truth values, strings and lists of those.
//! Per function one entry, with each argument of the call on a line of its own. What C++ leaves to
//! templates is decided here from the interface, and by the compiler from the declaration where
//! there is a choice (see [`spelling`]), so that macros in the declaration do no harm; nothing here
//! reads the source.

use std::fmt::Write as _;

use saggar_skill_abi::{Function, Type, layout};

use super::super::{Writer, result_complaint, scalar};
use super::spelling;

/// How strings and lists are passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the structs of `saggar.h`.
    Structs,
    /// As pointer and length.
    Pairs,
    /// As pairs, but strings as a pointer alone.
    Plain,
}

pub(super) fn function(out: &mut Writer, index: usize, function: &Function, symbol: &str) {
    out.line(format_args!("/* {function} */"));
    // The first to speak of a function that is not there.
    out.about(index, None, format_args!("enum {{ __saggar_known_{index} = sizeof &{symbol} }};"));
    if function.params.iter().all(|param| param.ty.is_scalar()) {
        spelling::no_truth_values(out, index, function, symbol);
        return entry(out, index, function, symbol, Form::Pairs);
    }
    out.line("#ifdef SAGGAR_H");
    entry(out, index, function, symbol, Form::Structs);
    out.line("#else");
    spelling::probes(out, index, function, symbol);
    entry(out, index, function, symbol, Form::Pairs);
    out.line("#endif");
}

fn entry(out: &mut Writer, index: usize, function: &Function, symbol: &str, form: Form) {
    let head = function.result.as_ref().map_or(0, layout::size_of);
    out.about(
        index,
        None,
        format_args!(
            "static unsigned __saggar_entry_{index}(struct __saggar_frame *__saggar_f)\n{{\n    \
             const __saggar_byte *__saggar_b = __saggar_f->__args;\n    \
             struct __saggar_sink __saggar_s = __saggar_open(__saggar_f, {head});\n    \
             const void *__saggar_gone = 0;"
        ),
    );
    read(out, index, function, form);
    let void = function.result.is_none();
    if void {
        no_result(out, index, function, symbol, form);
    }
    let start = if void { "    " } else { "    __auto_type __saggar_r = " };
    if spelling::maybe_plain(function) && form == Form::Pairs {
        let (plain, paired) = spelling::callees(index, function, symbol);
        out.about(
            index,
            None,
            format_args!("{start}__builtin_choose_expr(__saggar_plain_{index},"),
        );
        call(out, index, function, &plain, Form::Plain);
        out.line("        ,");
        call(out, index, function, &paired, Form::Pairs);
        out.line("    );");
    } else {
        out.about(index, None, format_args!("{start}"));
        call(out, index, function, symbol, form);
        out.line("    ;");
    }
    result(out, index, function);
    for at in text_lists(function) {
        out.line(format_args!(
            "    if ((const void *)__saggar_v{at} != __saggar_gone) __builtin_free(__saggar_v{at});"
        ));
    }
    out.line("    (void)__saggar_gone;\n    (void)__saggar_b;");
    out.line("    return __saggar_close(&__saggar_s);\n}");
}

fn text_lists(function: &Function) -> impl Iterator<Item = usize> {
    function.params.iter().enumerate().filter_map(|(at, param)| match &param.ty {
        Type::List(element) if **element == Type::String => Some(at),
        _ => None,
    })
}

/// Declares a variable per parameter and leaves early where that cannot be done.
fn read(out: &mut Writer, index: usize, function: &Function, form: Form) {
    let (offsets, _) = layout::record(function);
    for (at, (param, offset)) in function.params.iter().zip(offsets).enumerate() {
        if param.ty.is_scalar() {
            out.line(format_args!("    {} __saggar_a{at};", spelling::scalar_type(&param.ty)));
            out.line(format_args!(
                "    __builtin_memcpy(&__saggar_a{at}, __saggar_b + {offset}, \
                 sizeof __saggar_a{at});"
            ));
            continue;
        }
        out.line(format_args!(
            "    struct __saggar_span __saggar_a{at} = __saggar_at(__saggar_b, {offset});"
        ));
        if form == Form::Pairs {
            let narrow = match &param.ty {
                Type::List(_) => format!("!__saggar_long_{index} && "),
                _ => String::new(),
            };
            out.line(format_args!(
                "    if ({narrow}__saggar_a{at}.__count > __saggar_most) return \
                 __saggar_say(__saggar_f, \
                 \"parameter {} ({}) is too long to pass as pointer and length\");",
                at + 1,
                param.name
            ));
        }
    }
    out.line("    if (__saggar_s.__status != __saggar_ok) return __saggar_s.__status;");
    let (mut missing, mut frees) = (String::new(), String::new());
    for at in text_lists(function) {
        let (ty, make) = match form {
            Form::Structs => ("saggar_string *", "__saggar_strings"),
            Form::Pairs | Form::Plain => ("char **", "__saggar_texts"),
        };
        out.line(format_args!("    {ty}__saggar_v{at} = {make}(__saggar_b, __saggar_a{at});"));
        let or = if missing.is_empty() { "" } else { " || " };
        let _infallible = write!(missing, "{or}!__saggar_v{at}");
        let _infallible = write!(frees, "__builtin_free(__saggar_v{at}); ");
    }
    if !missing.is_empty() {
        out.line(format_args!("    if ({missing}) {{ {frees}return __saggar_out_of_memory; }}"));
    }
}

/// A call, each argument on a line that is its own.
fn call(out: &mut Writer, index: usize, function: &Function, callee: &str, form: Form) {
    out.about(index, None, format_args!("        {callee}("));
    let last = function.params.len().saturating_sub(1);
    for (at, param) in function.params.iter().enumerate() {
        let comma = if at == last { "" } else { "," };
        let argument = argument(index, at, &param.ty, form);
        out.about(index, Some(at), format_args!("            {argument}{comma}"));
    }
    out.about(index, None, "        )");
}

fn argument(index: usize, at: usize, ty: &Type, form: Form) -> String {
    let value = format!("__saggar_a{at}");
    if ty.is_scalar() {
        return value;
    }
    let pointer = match (ty, form) {
        (Type::List(element), Form::Structs) if **element == Type::String => {
            format!("__saggar_v{at}")
        }
        (Type::List(element), _) if **element == Type::String => {
            spelling::text_list(index, &format!("__saggar_v{at}"))
        }
        (Type::List(element), Form::Structs) => {
            format!("({} *){value}.__data", spelling::scalar_type(element))
        }
        (Type::List(element), _) => {
            spelling::scalar_list(index, element, &format!("{value}.__data"))
        }
        _ => format!("(char *){value}.__data"),
    };
    match (ty, form) {
        (_, Form::Structs) => format!("({}){{{pointer}, {value}.__count}}", structure(ty)),
        (Type::String, Form::Plain) => pointer,
        (Type::List(_), _) => format!("{pointer}, {}", spelling::list_length(index, &value)),
        _ => format!("{pointer}, __saggar_length({value})"),
    }
}

/// The struct of `saggar.h` for a type.
pub(super) fn structure(ty: &Type) -> String {
    match ty {
        Type::List(element) => format!("saggar_list_{element}"),
        _ => "saggar_string".to_owned(),
    }
}

/// A function without a result must return `void`: asked of a call that is never made.
fn no_result(out: &mut Writer, index: usize, function: &Function, symbol: &str, form: Form) {
    let zeros = |form| spelling::zeros(function, form).join(", ");
    let asked = if spelling::maybe_plain(function) && form == Form::Pairs {
        let (plain, paired) = spelling::callees(index, function, symbol);
        format!(
            "__builtin_choose_expr(__saggar_plain_{index}, {plain}({}), {paired}({}))",
            zeros(Form::Plain),
            zeros(Form::Pairs)
        )
    } else {
        format!("{symbol}({})", zeros(form))
    };
    assert_result(out, index, function, &format!("__saggar_is({asked}, void)"));
}

fn assert_result(out: &mut Writer, index: usize, function: &Function, condition: &str) {
    let hint = match &function.result {
        None => "void".to_owned(),
        Some(Type::String) => "char *, const char * or saggar_string".to_owned(),
        Some(Type::List(element)) => format!("saggar_list_{element}"),
        Some(ty) => scalar(ty).to_owned(),
    };
    let complaint = result_complaint(function, &hint);
    out.about(index, None, format_args!("    _Static_assert({condition}, \"{complaint}\");"));
}

/// Checks the form of what was returned, writes it and frees it.
fn result(out: &mut Writer, index: usize, function: &Function) {
    let Some(ty) = &function.result else { return };
    match ty {
        Type::String => {
            let members = "__saggar_struct(__saggar_r, struct __saggar_text)";
            assert_result(out, index, function, "__saggar_texty(__saggar_r)");
            let chars = format!("__saggar_chars({members}.data)");
            assert_result(out, index, function, &chars);
            out.about(index, None, WRITE_TEXT);
        }
        Type::List(element) => list_result(out, index, function, element),
        scalar => {
            let check = format!("__saggar_is_{scalar}(__saggar_r)");
            assert_result(out, index, function, &check);
            let size = layout::size_of(scalar);
            out.about(
                index,
                None,
                format_args!("    __builtin_memcpy(__saggar_f->__result, &__saggar_r, {size});"),
            );
        }
    }
}

fn list_result(out: &mut Writer, index: usize, function: &Function, element: &Type) {
    let other = match element {
        Type::String => "struct __saggar_texts_of".to_owned(),
        _ => {
            let ty = spelling::scalar_type(element);
            format!("struct {{ const {ty} *data; __saggar_size len; }}")
        }
    };
    let members = format!("__saggar_struct(__saggar_r, {other})");
    assert_result(out, index, function, "__saggar_record(__saggar_r)");
    let check = format!("__saggar_is_{element}(*{members}.data)");
    assert_result(out, index, function, &check);
    out.about(
        index,
        None,
        format_args!("    struct __saggar_found __saggar_o = __saggar_find_run({members});"),
    );
    if *element == Type::String {
        out.about(index, None, WRITE_TEXTS.replace("MEMBERS", &members));
    } else {
        let stride = layout::size_of(element);
        out.line(format_args!("    __saggar_give(&__saggar_s, 0, __saggar_o, {stride});"));
    }
    out.line("    __saggar_gone = __saggar_o.__data;\n    __saggar_drop(&__saggar_s, __saggar_o);");
}

const WRITE_TEXT: &str = "    struct __saggar_found __saggar_o = __saggar_find_text(__saggar_r);
    __saggar_give(&__saggar_s, 0, __saggar_o, 1);
    __saggar_drop(&__saggar_s, __saggar_o);";

const WRITE_TEXTS: &str = "    __saggar_size __saggar_p = __saggar_slots(&__saggar_s, __saggar_o);
    __saggar_size __saggar_i = 0;
    for (; __saggar_o.__data && __saggar_i < __saggar_o.__count; ++__saggar_i) {
        __auto_type __saggar_e = MEMBERS.data + __saggar_i;
        struct __saggar_found __saggar_t = __saggar_find_text(*__saggar_e);
        __saggar_give(&__saggar_s, __saggar_p + 16 * __saggar_i, __saggar_t, 1);
        __saggar_drop(&__saggar_s, __saggar_t);
    }";
