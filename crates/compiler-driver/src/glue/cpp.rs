//! The C++ side of the glue: per function a struct that gives its declaration to the templates of
//! `glue.hpp`, one static assertion per parameter and result, one entry. All reading of types is
//! the templates'; nothing here knows the source.

use saggar_skill_abi::{Function, Type, layout};

use super::{
    GlueRequest, TABLE, Writer, arity_complaint, entries, parameter_complaint, result_complaint,
    scalar, table_head,
};

/// What only the global namespace takes.
pub(super) const OUTERMOST: &str = "namespace __saggar {} namespace __saggar_outside = ::__saggar;";

pub(super) fn function(out: &mut Writer, index: usize, function: &Function, symbol: &str) {
    let (offsets, _) = layout::record(function);
    let result = function.result.as_ref().map_or_else(|| "_Nothing".to_owned(), tag);
    let args: String = function
        .params
        .iter()
        .zip(offsets)
        .map(|(param, at)| format!(", _Arg<{at}, {}>", tag(&param.ty)))
        .collect();
    out.line(format_args!("namespace __saggar {{ // {function}"));
    declaration(out, index, function.params.len(), symbol);
    let fit = format!("_Fit_{index}");
    out.about(index, None, format_args!("using {fit} = _Fit<_Function_{index}, {result}{args}>;"));
    assertions(out, index, function, &fit);
    out.about(
        index,
        None,
        format_args!(
            "static unsigned _entry_{index}(_Frame *_frame) \
             {{ return _enter<{fit}, {result}>(_frame); }}"
        ),
    );
    out.line("}");
}

/// The source's name, wrapped so that templates can ask for it: all of it on one line.
fn declaration(out: &mut Writer, index: usize, arity: usize, symbol: &str) {
    let mut text = format!(
        "struct _Function_{index} {{ \
         template <typename _Probe> static auto _give(_Probe) \
         -> decltype(_Probe::_take(&::{symbol})); \
         template <typename _To> static _To _as() {{ return &::{symbol}; }} \
         template <typename... _A> static auto _call(_A &&..._a) \
         -> decltype(::{symbol}(static_cast<_A &&>(_a)...)) \
         {{ return ::{symbol}(static_cast<_A &&>(_a)...); }} \
         struct _By_count {{ {} }}; \
         template <unsigned, typename> struct _By; ",
        probe(arity, None)
    );
    for at in 0..arity {
        let probe = probe(arity, Some(at));
        text.push_str(&format!("template <typename _X> struct _By<{at}, _X> {{ {probe} }}; "));
    }
    text.push_str("};");
    out.about(index, None, text);
}

/// Reads the signature of the one overload with so many parameters, and `_X` at `fixed`.
fn probe(arity: usize, fixed: Option<usize>) -> String {
    let name = |at| if Some(at) == fixed { "_X".to_owned() } else { format!("_P{at}") };
    let deduced: String = (0..arity)
        .filter(|at| Some(*at) != fixed)
        .map(|at| format!(", typename {}", name(at)))
        .collect();
    let params = (0..arity).map(name).collect::<Vec<_>>().join(", ");
    let signature: String = (0..arity).map(|at| format!(", {}", name(at))).collect();
    format!(
        "template <typename _R{deduced}> static _Signature<_R{signature}> _take(_R (*)({params}));"
    )
}

fn assertions(out: &mut Writer, index: usize, function: &Function, fit: &str) {
    let name = &function.name;
    out.about(
        index,
        None,
        format_args!(
            "static_assert({fit}::_known, \"saggar: {name}: no declaration in the source fits the \
             interface (it is overloaded, a template, or no function)\");"
        ),
    );
    let complaint = arity_complaint(function);
    out.about(index, None, format_args!("static_assert({fit}::_arity, \"{complaint}\");"));
    for (at, param) in function.params.iter().enumerate() {
        let complaint = parameter_complaint(function, at, &parameter_hint(&param.ty));
        out.about(
            index,
            Some(at),
            format_args!("static_assert({fit}::_takes<{at}>, \"{complaint}\");"),
        );
    }
    let hint = function.result.as_ref().map_or_else(|| "void".to_owned(), owned);
    let complaint = result_complaint(function, &hint);
    out.about(index, None, format_args!("static_assert({fit}::_gives, \"{complaint}\");"));
}

/// The type as the templates know it.
fn tag(ty: &Type) -> String {
    let kind = match ty {
        Type::Bool => 'b',
        Type::S8 | Type::S16 | Type::S32 | Type::S64 => 's',
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => 'u',
        Type::F32 | Type::F64 => 'f',
        Type::String => return "_String".to_owned(),
        Type::List(element) => return format!("_List<{}>", tag(element)),
    };
    format!("_Scalar<'{kind}', {}>", layout::size_of(ty))
}

fn parameter_hint(ty: &Type) -> String {
    match ty {
        Type::String => "std::string_view, std::string or const char*".to_owned(),
        Type::List(element) => {
            let element = owned(element);
            format!("std::span<const {element}>, std::vector<{element}> or a reference to it")
        }
        _ => scalar(ty).to_owned(),
    }
}

/// The type of a value that owns what it holds.
fn owned(ty: &Type) -> String {
    match ty {
        Type::String => "std::string".to_owned(),
        Type::List(element) => format!("std::vector<{}>", owned(element)),
        _ => scalar(ty).to_owned(),
    }
}

pub(super) fn table(out: &mut Writer, request: &GlueRequest<'_>) {
    let entries = entries(request, "_entry_");
    out.line(format_args!(
        "namespace __saggar {{ static const _Entry _entries[] = {{{entries}}}; }}\n\
         extern \"C\" {{\n\
         extern __attribute__((__visibility__(\"default\"))) \
         const __saggar::_Table {TABLE};\n\
         const __saggar::_Table {TABLE} = {{{}, __saggar::_entries}};\n\
         }}",
        table_head(request)
    ));
}
