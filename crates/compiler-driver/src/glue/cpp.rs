//! The C++ side of the glue: per record field and enum case a struct that knows its spellings, per
//! function a struct that gives its declaration to the templates of `glue.hpp`, static assertions
//! for all that may differ, one entry. All reading of types is the templates'.

mod complaints;
mod types;

use saggar_skill_abi::{Function, Type, headers, layout};

use super::{GlueRequest, TABLE, Writer, entries, table_head};
use types::tag;

/// What only the global namespace takes, and not inside `extern "C"`.
pub(super) const OUTERMOST: &str = "namespace __saggar {} namespace __saggar_outside = ::__saggar; \
     template <typename> struct __saggar_outermost;";

/// What the source's text says of the functions, read once.
pub(super) struct Declared {
    /// Whether each is a template.
    templates: Vec<bool>,
    /// Some function is a template or is declared more than once.
    is_open: bool,
}

impl Declared {
    pub(super) fn read(request: &GlueRequest<'_>) -> Self {
        let symbols = || request.symbols.iter();
        let is_template = |symbol: &String| types::is_template(request.text, symbol);
        let templates: Vec<bool> = symbols().map(is_template).collect();
        let is_open = templates.contains(&true)
            || symbols().any(|symbol| types::is_overloaded(request.text, symbol));
        Declared { templates, is_open }
    }
}

/// The templates that the interface needs; those it does not need would cost time to parse.
pub(super) fn sections(request: &GlueRequest<'_>, declared: &Declared) -> String {
    let types = || request.interface.functions.iter().flat_map(Function::types);
    let generic = declared.templates.contains(&true);
    let sections = [
        (headers::GLUE_HPP, true),
        (headers::GLUE_LISTS_HPP, types().any(|ty| has(ty, &|ty| matches!(ty, Type::List(_))))),
        (headers::GLUE_COMPOSITES_HPP, types().any(|ty| has(ty, &is_composite))),
        (headers::GLUE_NAMED_HPP, !request.interface.named_types().is_empty()),
        (headers::GLUE_TEMPLATES_HPP, generic),
    ];
    sections.into_iter().filter(|(_, needed)| *needed).map(|(text, _)| text).collect()
}

fn has(ty: &Type, wanted: &dyn Fn(&Type) -> bool) -> bool {
    wanted(ty) || ty.parts().into_iter().any(|part| has(part, wanted))
}

fn is_composite(ty: &Type) -> bool {
    !(ty.is_scalar() || matches!(ty, Type::String | Type::List(_)))
}

/// Declares the interface's records and enums for the templates.
pub(super) fn types(out: &mut Writer, request: &GlueRequest<'_>, declared: &Declared) {
    types::declare(out, request, declared.is_open);
}

pub(super) fn function(
    out: &mut Writer,
    request: &GlueRequest<'_>,
    declared: &Declared,
    index: usize,
) {
    let function = &request.interface.functions[index];
    let (offsets, _) = layout::record(function);
    let result = function.result.as_ref().map_or_else(|| "_Nothing".to_owned(), tag);
    let args: String = function
        .params
        .iter()
        .zip(offsets)
        .map(|(param, at)| format!(", _Arg<{at}, {}>", tag(&param.ty)))
        .collect();
    out.line(format_args!("namespace __saggar {{ // {function}"));
    declaration(out, request, declared.templates[index], index);
    let fit = format!("_Fit_{index}");
    out.about(index, None, format_args!("using {fit} = _Fit<_Function_{index}, {result}{args}>;"));
    complaints::assertions(out, request, index, &fit);
    out.about(
        index,
        None,
        format_args!(
            "static unsigned _entry_{index}(_Frame *_frame) \
             {{ return _enter(_frame, {result}::_size, {fit}::_go()); }}"
        ),
    );
    out.line("}");
}

/// The source's name, wrapped so that templates can ask for it: all of it on one line.
fn declaration(out: &mut Writer, request: &GlueRequest<'_>, is_template: bool, index: usize) {
    let symbol = &request.symbols[index];
    let arity = request.interface.functions[index].params.len();
    let mut text = format!(
        "struct _Function_{index} {{ static constexpr bool _generic = {is_template}; \
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

pub(super) fn table(out: &mut Writer, request: &GlueRequest<'_>) {
    let entries = entries(request, "_entry_");
    out.line(format_args!(
        "#pragma GCC diagnostic ignored \"-Wattributes\"\n\
         namespace __saggar {{ static const _Entry _entries[] = {{{entries}}}; }}\n\
         extern \"C\" {{\n\
         extern __attribute__((__visibility__(\"default\"), __externally_visible__)) \
         const __saggar::_Table {TABLE};\n\
         const __saggar::_Table {TABLE} = {{{}, __saggar::_entries}};\n\
         }}",
        table_head(request)
    ));
}
