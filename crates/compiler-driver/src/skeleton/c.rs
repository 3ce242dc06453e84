//! The skeleton of a C source. Where every type is a number, text or a flat list, and no list is
//! returned, each parameter is what a C programmer would write, a pointer and a length; otherwise
//! all types are the structs of `saggar.h`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use saggar_model::Language;
use saggar_skill_abi::{Function, Interface, Type};

use super::naming::{Naming, symbol_comment};
use crate::glue::{self, CNames};

/// Functions that `<stdlib.h>` declares otherwise than a skill would.
const STDLIB: [&str; 34] = [
    "a64l", "abort", "abs", "alloca", "atexit", "atof", "atoi", "atol", "bsearch", "calloc", "div",
    "erand48", "exit", "free", "getenv", "labs", "ldiv", "llabs", "malloc", "mblen", "qsort",
    "rand", "random", "realloc", "realpath", "select", "setenv", "setstate", "srand", "strtod",
    "strtol", "system", "unsetenv", "valloc",
];

pub(super) fn skeleton(interface: &Interface, symbols: &BTreeMap<String, String>) -> String {
    let naming = Naming { language: Language::C, symbols };
    let types = interface.named_types();
    let c_types = CNames::new(interface);
    let pairs = interface.functions.iter().all(is_plain);
    let names: Vec<_> = interface.functions.iter().map(|f| naming.function(f)).collect();
    let shadowed = names.iter().any(|(name, _)| STDLIB.contains(&name.as_str()));
    let mut text = String::new();
    text.push_str(match pairs {
        true => "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n",
        false => "#include \"saggar.h\" /* the structs; comes with the skill */\n\n",
    });
    text.push_str(if shadowed { "" } else { "#include <stdlib.h>\n" });
    let stop = if shadowed { "__builtin_abort()" } else { "abort()" };
    for (function, (name, unknown)) in interface.functions.iter().zip(names) {
        let _infallible = write!(text, "\n// {function}\n");
        if unknown {
            text.push_str(&symbol_comment(&function.name, &name));
        }
        let names = naming.params(function, &types, "_len");
        let params = params(function, &names, &c_types, pairs);
        let result = match (&function.result, pairs) {
            (None, _) => "void ".to_owned(),
            (Some(Type::String), true) => {
                text.push_str("// Return text from malloc; it is freed.\n");
                "char *".to_owned()
            }
            (Some(ty), _) => format!("{} ", of(&c_types, ty)),
        };
        let _infallible = write!(
            text,
            "{result}{name}({params})\n{{\n    {stop}; /* not written yet: {} */\n}}\n",
            function.name
        );
    }
    text
}

/// How a type is spelled: a struct of `saggar.h`, or a number by its usual name.
fn of(c_types: &CNames, ty: &Type) -> String {
    match ty.is_scalar() && *ty != Type::Char {
        true => glue::scalar(ty).to_owned(),
        false => c_types.of(ty),
    }
}

/// Whether a function needs no struct.
fn is_plain(function: &Function) -> bool {
    let number = |ty: &Type| ty.is_scalar() && *ty != Type::Char;
    let simple = |ty: &Type| number(ty) || *ty == Type::String;
    let flat = |ty: &Type| match ty {
        Type::List(element) => simple(element),
        ty => simple(ty),
    };
    function.params.iter().all(|param| flat(&param.ty)) && function.result.iter().all(simple)
}

fn params(function: &Function, names: &[String], c_types: &CNames, pairs: bool) -> String {
    let params: Vec<_> = function
        .params
        .iter()
        .zip(names)
        .map(|(param, name)| match &param.ty {
            Type::String if pairs => format!("const char *{name}, size_t {name}_len"),
            Type::List(element) if pairs && **element == Type::String => {
                format!("const char **{name}, size_t {name}_len")
            }
            Type::List(element) if pairs => {
                format!("const {} *{name}, size_t {name}_len", of(c_types, element))
            }
            ty => format!("{} {name}", of(c_types, ty)),
        })
        .collect();
    if params.is_empty() { "void".to_owned() } else { params.join(", ") }
}
