//! The C side of the glue. Functions of numbers, strings and flat lists are left to [`flat`], which
//! asks the compiler how they are declared. C cannot be asked how a struct, an enum or a pointer to
//! pointers is meant: where the interface has such types, declarations are read out of the source
//! ([`reader`]) and fitted to the interface ([`fit`]). Where none can be read, because a macro makes
//! it, the structs of `saggar.h` are what the function must take.

mod code;
mod codec;
mod complaints;
mod entry;
mod fit;
mod flat;
mod header;
mod lexer;
mod names;
mod read;
mod reader;
mod spelling;
mod write;

use std::collections::HashSet;

use saggar_skill_abi::Type;

use super::{GlueRequest, TABLE, Writer, entries, table_head};
use codec::{Codecs, Form};
use entry::{Given, Plan, Taken};
use fit::{Fitter, Misfit};
use reader::{CType, Decl, Source};

pub(super) use header::header;
pub(crate) use names::Names;

/// What only the file scope takes.
pub(super) const OUTERMOST: &str =
    "__attribute__((__unused__)) static __inline__ void __saggar_outside(void) {}";

/// The entries of all functions.
pub(super) fn functions(out: &mut Writer, request: &GlueRequest<'_>) {
    let names = Names::new(request.interface);
    let source = Source::read(request.text);
    let mut codecs = Codecs::default();
    let mut tried = HashSet::new();
    let functions = request.interface.functions.iter().zip(&request.symbols);
    for (index, (function, symbol)) in functions.enumerate() {
        let mut fitter =
            Fitter { source: &source, names: &names, codecs: &mut codecs, tried: &mut tried };
        let signature = source.functions.get(symbol);
        let fitted = signature.map(|signature| fitter.function(function, signature));
        if function.types().all(is_flat) && !needs_reading(&source, fitted.as_ref()) {
            flat::function(out, index, function, symbol);
            continue;
        }
        out.line(format_args!("/* {function} */"));
        // The first to speak of a function that is not there.
        let known = format!("enum {{ __saggar_known_{index} = sizeof &{symbol} }};");
        out.about(index, None, known);
        match fitted {
            Some(Ok(plan)) => entry::entry(out, &mut codecs, index, function, symbol, &plan),
            Some(Err(misfits)) => {
                complaints::misfits(out, index, function, &misfits, &names);
                entry::refused(out, index);
            }
            None => {
                out.line("#ifdef SAGGAR_H");
                let plan = entry::documented(function, &mut codecs, &names);
                entry::entry(out, &mut codecs, index, function, symbol, &plan);
                out.line("#else");
                complaints::unread(out, index, function, &names);
                entry::refused(out, index);
                out.line("#endif");
            }
        }
    }
}

/// Whether the compiler cannot find out how a function of flat types is declared: it fills what
/// its last parameters point to, uses `saggar.h` for some of its parameters only, gives some of
/// its strings a length and others none, or has structs of its own for lists.
fn needs_reading(source: &Source, fitted: Option<&Result<Plan, Vec<Misfit>>>) -> bool {
    let Some(Ok(plan)) = fitted else { return false };
    let fills = match &plan.result {
        Given::Returned(_, types) => types.len() > 1,
        Given::Filled(..) | Given::FilledIf(..) => true,
        Given::Nothing => false,
    };
    let returned = match &plan.result {
        Given::Returned(Form::Whole(_), types) => !has_data_and_len(source, &types[0]),
        _ => false,
    };
    let own = |taken: &Taken| {
        matches!(taken.form, Form::Whole(_)) && !taken.objects[0].starts_with("saggar_")
    };
    let any = |wanted: fn(&Form) -> bool| plan.params.iter().any(|taken| wanted(&taken.form));
    let text = any(|form| *form == Form::Text);
    let sized = any(|form| *form == Form::TextRun);
    let list = any(|form| matches!(form, Form::Run(..)));
    let own = returned || plan.params.iter().any(own);
    fills || own || (text && sized) || (source.header && (text || sized || list))
}

/// Whether [`flat`] takes a struct for a list.
fn has_data_and_len(source: &Source, name: &str) -> bool {
    let ty = CType { base: name.to_owned(), ..CType::default() };
    let has = |name: &str, members: &[Decl]| members.iter().any(|member| member.name == name);
    name.starts_with("saggar_")
        || source.members(&ty).is_some_and(|of| has("data", of) && has("len", of))
}

/// Whether [`flat`] serves a type.
fn is_flat(ty: &Type) -> bool {
    let simple = |ty: &Type| *ty == Type::String || (ty.is_scalar() && *ty != Type::Char);
    simple(ty) || matches!(ty, Type::List(element) if simple(element))
}

pub(super) fn table(out: &mut Writer, request: &GlueRequest<'_>) {
    let entries = entries(request, "__saggar_entry_");
    out.line(format_args!(
        "#pragma GCC diagnostic ignored \"-Wattributes\"\n\
         static const __saggar_entry __saggar_entries[] = {{{entries}}};\n\
         extern __attribute__((__visibility__(\"default\"), __externally_visible__)) \
         const struct __saggar_table {TABLE};\n\
         const struct __saggar_table {TABLE} = {{{}, __saggar_entries}};",
        table_head(request)
    ));
}
