//! The Rust side of the glue: the source, then a module that calls it.
//!
//! The source stands first, so that its inner attributes are the crate's and the compiler's lines
//! are its own. Inference on the source's declarations chooses the form of each parameter; what
//! inference cannot know (the names of structs and enums, what to call a generic function with) is
//! read out of the declarations in `declared` and `shapes`.

mod declared;
mod find;
mod named;
mod names;
mod shapes;

use std::collections::BTreeSet;

use saggar_skill_abi::{Function, Type, layout};

use self::declared::{Generics, Item, Path, Source, Ty};
pub(crate) use self::find::line_of;
pub use self::find::{Functions, resolve};
use self::named::Named;
use self::shapes::Walk;
use super::{
    Glue, GlueRequest, TABLE, Writer, arity_complaint, entries, parameter_complaint,
    result_complaint, table_head,
};
use crate::{attributes, symbols};

/// What an attribute, a declaration without an end or a comment at the source's end spoils.
const OUTERMOST: &str = "const _: () = ();";
/// The same, of a source that is not even tokens.
const UNREADABLE: &str = "const _: () = saggar_cannot_read_the_source;";

/// The crate of the runtime.
pub(crate) const CRATE: &str = "saggar_glue";
/// Largest tuple that it knows.
const TUPLES: usize = 16;

/// What is known of a request besides its own text.
struct Unit<'a> {
    source: Source,
    named: Named<'a>,
}

pub(super) fn generate(request: &GlueRequest<'_>) -> Glue {
    let mut whole = Writer::default();
    whole.line(attributes::with_conditions(request.text));
    let end_of_source = whole.lines + 1;
    let Some(source) = Source::read(request.text) else {
        // An unclosed literal would go on into the glue, and what is wrong would be said of that.
        whole.line(UNREADABLE);
        return finished(whole, end_of_source);
    };
    whole.line(OUTERMOST);
    let named = Named::of(request, &source);
    let unit = Unit { source, named };
    let module = module_name(request.text);
    whole.line(format_args!(
        "#[allow(warnings, unused, missing_docs, unsafe_code, clippy::all)]\nmod {module} {{"
    ));
    whole.line(format_args!(
        "extern crate {CRATE} as glue;\nuse self::glue::*;\nuse self::library::prelude::v1::*;\n\
         static UNIT: Unit = Unit {{ file: ::core::file!(), source: {:?}, end: {end_of_source} }};",
        request.source
    ));
    tuples(&mut whole, &request.interface.functions);
    unit.named.define(&mut whole, &unit.source);
    let functions = request.interface.functions.iter().zip(&request.symbols);
    for (index, (wit, symbol)) in functions.enumerate() {
        function(&mut whole, &unit, index, wit, symbol);
    }
    whole.line(format_args!(
        "static ENTRIES: [Entry; {}] = [{}];\n#[unsafe(no_mangle)]\n\
         pub static {TABLE}: Table = Table {{ {} }};\n}}",
        request.interface.functions.len(),
        entries(request, "entry_"),
        head(request)
    ));
    finished(whole, end_of_source)
}

fn finished(whole: Writer, end_of_source: usize) -> Glue {
    let Writer { text, places, complaints, .. } = whole;
    Glue { text, header: String::new(), places, complaints, end_of_source }
}

/// The table's head with the names of its fields.
fn head(request: &GlueRequest<'_>) -> String {
    let text = table_head(request);
    let (numbers, digest) = text.split_once(", {").unwrap_or((&text, "}"));
    let (abi, count) = numbers.split_once(", ").unwrap_or((numbers, "0"));
    let digest = digest.trim_end_matches('}');
    format!(
        "abi: {abi}, count: {count}, interface: [{digest}], entries: &raw const ENTRIES as *const Entry"
    )
}

/// A name for the module that the source does not use.
fn module_name(text: &str) -> String {
    let words = symbols::identifiers(text);
    let mut name = "__saggar".to_owned();
    while words.contains(name.as_str()) || text.contains(&name) {
        name.push('_');
    }
    name
}

/// Tuples of the sizes in use that the runtime does not know.
fn tuples(out: &mut Writer, functions: &[Function]) {
    fn visit(ty: &Type, sizes: &mut BTreeSet<usize>) {
        if let Type::Tuple(members) = ty
            && members.len() > TUPLES
        {
            sizes.insert(members.len());
        }
        ty.parts().into_iter().for_each(|part| visit(part, sizes));
    }
    let mut sizes = BTreeSet::new();
    functions.iter().flat_map(Function::types).for_each(|ty| visit(ty, &mut sizes));
    for size in sizes {
        let list = |each: &dyn Fn(usize) -> String| (0..size).map(each).collect::<String>();
        let tags = list(&|i| format!("W{i}, "));
        let members = list(&|i| format!("W{i} T{i} {i} "));
        // A tag of its own: what the unit implements for it no other crate can.
        out.line(format_args!(
            "struct Tuple{size}<{tags}>(library::marker::PhantomData<({tags})>);\n\
             self::glue::tuples! {{ Tuple{size}<{tags}>: {members}; }}"
        ));
    }
}

/// The tag of a type.
fn tag(ty: &Type, named: &Named<'_>) -> String {
    let part = |part: &Option<Box<Type>>| match part {
        Some(ty) => tag(ty, named),
        None => "Void".to_owned(),
    };
    match ty {
        Type::Bool => "Bool".to_owned(),
        Type::Char => "Char".to_owned(),
        Type::String => "Str".to_owned(),
        Type::List(element) => format!("List<{}>", tag(element, named)),
        Type::Option(inner) => format!("Opt<{}>", tag(inner, named)),
        Type::Tuple(members) => {
            let tags: String = members.iter().map(|ty| tag(ty, named) + ", ").collect();
            match members.len() {
                size if size > TUPLES => format!("Tuple{size}<{tags}>"),
                _ => format!("({tags})"),
            }
        }
        Type::Result { ok, err } => format!("Res<{}, {}>", part(ok), part(err)),
        Type::Record(_) | Type::Enum(_) => named.tag(ty),
        number => names::scalar(number).to_uppercase().replace('I', "S"),
    }
}

/// Says a message at compile time.
fn complain(message: &str) -> String {
    format!("::core::compile_error!({message:?});")
}

/// A complaint without what the runtime says itself.
fn own(complaint: &str) -> String {
    complaint.trim_start_matches("saggar: ").to_owned()
}

fn function(out: &mut Writer, unit: &Unit<'_>, index: usize, wit: &Function, symbol: &str) {
    out.line(format_args!("// {wit}"));
    let known = unit.source.function(symbol);
    let plain = Generics::default();
    let (module, generics) =
        known.map_or((&[][..], &plain), |(item, declared)| (&item.module[..], &declared.generics));
    let mut walk = Walk::new(&unit.source, module, generics);
    walk.found.stands = unit.named.stands().clone();
    if let Some((_, declared)) = known {
        walk.function(wit, declared);
    }
    let turbofish = match known.map(|known| callable(&walk, wit, known)) {
        Some(Err(complaint)) => {
            out.about(index, None, complain(&complaint));
            out.line(format_args!(
                "unsafe extern \"C\" fn entry_{index}(_frame: *mut Frame) -> u32 {{ EXCEPTION }}"
            ));
            return;
        }
        Some(Ok(turbofish)) => turbofish,
        None => String::new(),
    };
    let result = wit.result.as_ref();
    let tag_of = |ty: &Type| tag(ty, &unit.named);
    let result_tag = result.map_or_else(|| "Void".to_owned(), tag_of);
    // The sidecar keeps what `frame.rs` promises of the frame; all of the body is unsafe so that an
    // `unsafe fn` of the source can be called as well.
    out.line(format_args!(
        "unsafe extern \"C\" fn entry_{index}(frame: *mut Frame) -> u32 {{ unsafe {{ \
         enter(&UNIT, frame, <{result_tag} as Wire>::SIZE, run_{index}) }} }}\n\
         fn run_{index}(call: &Call, sink: &mut Sink) -> Done {{ unsafe {{"
    ));
    let symbol = names::escaped_path(symbol);
    out.about(index, None, format_args!("    let value = super::{symbol}{turbofish}("));
    let (offsets, _) = layout::record(wit);
    for (at, (param, offset)) in wit.params.iter().zip(offsets).enumerate() {
        let declared = known.and_then(|(_, declared)| declared.params.get(at));
        let given = match declared {
            Some(Ty::Bounds(bounds)) => walk.usual(&param.ty, bounds),
            _ => None,
        };
        let given = given.unwrap_or_else(|| "_".to_owned());
        let hint = names::parameter_hint(&param.ty);
        out.meeting(
            index,
            Some(at),
            own(&parameter_complaint(wit, at, &hint)),
            format_args!("        param::<{}, {given}>(call, {offset}),", tag_of(&param.ty)),
        );
    }
    out.about(index, None, "    );");
    if let Some((_, declared)) = known
        && let Some(line) = converted(&walk, result, &declared.result)
    {
        out.about(index, None, format_args!("    {line}"));
    }
    let hint = result.map_or_else(|| "()".to_owned(), names::owned);
    out.meeting(
        index,
        None,
        own(&result_complaint(wit, &hint)),
        format_args!("    answer::<{result_tag}, _>(&value, sink, 0)"),
    );
    out.line("} }");
}

/// The type arguments of a call, or why no call can be written.
fn callable(
    walk: &Walk<'_>,
    wit: &Function,
    (item, declared): (&Item, &declared::Function),
) -> Result<String, String> {
    let name = &wit.name;
    if declared.is_async {
        return Err(format!("saggar: {name}: is async; declare it without `async`"));
    }
    if declared.params.len() != wit.params.len() && walk.source.function_count(item) == 1 {
        return Err(arity_complaint(wit));
    }
    if let Some(constant) = declared.generics.consts.first() {
        return Err(format!(
            "saggar: {name}: is generic over the constant `{constant}`, which the interface does \
             not know; use &[T] or Vec<T>"
        ));
    }
    for (at, (param, ty)) in wit.params.iter().zip(&declared.params).enumerate() {
        if let Ty::Bounds(bounds) = ty
            && walk.usual(&param.ty, bounds).is_none()
        {
            return Err(parameter_complaint(wit, at, &names::parameter_hint(&param.ty)));
        }
    }
    let mut given = Vec::new();
    for (parameter, _) in &declared.generics.types {
        given.push(walk.found.generics.get(parameter).cloned().ok_or_else(|| {
            format!(
                "saggar: {name}: is generic over `{parameter}`, which the interface leaves open; \
                 declare it for the types of the interface"
            )
        })?);
    }
    Ok(if given.is_empty() { String::new() } else { format!("::<{}>", given.join(", ")) })
}

/// A line that makes what a function returns into what `Out` takes, where it is a `Result` that
/// the interface does not have, or known by its bounds only.
fn converted(walk: &Walk<'_>, wit: Option<&Type>, declared: &Ty) -> Option<String> {
    let said = "(&&&Said(&error)).text()";
    match (wit, walk.result_args(declared)) {
        (Some(Type::Result { err: None, .. }), Some(_)) => {
            return Some("let value = value.map_err(|_error| ());".to_owned());
        }
        (Some(Type::Result { err: Some(err), .. }), Some(_)) if **err == Type::String => {
            return Some(format!("let value = value.map_err(|error| {said});"));
        }
        (Some(Type::Result { .. }), _) | (_, None) => {}
        (_, Some(args)) => {
            let inner = args.first().and_then(|ok| converted(walk, wit, ok)).unwrap_or_default();
            return Some(format!(
                "let value = match value {{ Ok(value) => value, \
                 Err(error) => return sink.fail({said}) }}; {inner}"
            ));
        }
    }
    let bounds = match walk.resolved(declared) {
        Ty::Bounds(bounds) => bounds,
        Ty::Path(path) => match &path.args[..] {
            [Ty::Bounds(bounds)] if path.name() == "Box" => bounds.clone(),
            _ => return None,
        },
        _ => return None,
    };
    let made = match (wit?, bounds.iter().map(Path::name).find(|name| CONVERTED.contains(name))?) {
        (Type::List(_), "Display" | "ToString") => return None,
        (_, "Display" | "ToString") => "library::string::ToString::to_string(&value)",
        (Type::String, "Into") => "<_ as Into<String>>::into(value)",
        (Type::String, "AsRef") => "String::from(<_ as AsRef<str>>::as_ref(&value))",
        (Type::List(_), "IntoIterator") => "IntoIterator::into_iter(value).collect::<Vec<_>>()",
        (Type::List(_), name) if name.ends_with("Iterator") => "value.collect::<Vec<_>>()",
        _ => return None,
    };
    Some(format!("let value = {made};"))
}

/// Traits by which a result may be known.
const CONVERTED: [&str; 8] = [
    "Display",
    "ToString",
    "Into",
    "AsRef",
    "IntoIterator",
    "Iterator",
    "DoubleEndedIterator",
    "ExactSizeIterator",
];
