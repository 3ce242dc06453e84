//! The text of the headers that generated code is compiled with.

/// `saggar.h`: the documented structs a C skill may use.
pub const SAGGAR_H: &str = include_str!("../include/saggar.h");

/// The C++ glue: adapts whatever parameter and result forms the source declares. C++17, needs no
/// header of the standard library but `<exception>` and `<new>`.
pub const GLUE_HPP: &str =
    concat!(include_str!("../include/glue.hpp"), include_str!("../include/glue/call.hpp"));

/// What C++ glue needs besides, where the interface has lists.
pub const GLUE_LISTS_HPP: &str = include_str!("../include/glue/lists.hpp");

/// The same where it has tuples, options, results or named types; after the lists.
pub const GLUE_COMPOSITES_HPP: &str = include_str!("../include/glue/composites.hpp");

/// The same where it has records or enums; after the composites.
pub const GLUE_NAMED_HPP: &str = include_str!("../include/glue/named.hpp");

/// The same where a function of the source is a template.
pub const GLUE_TEMPLATES_HPP: &str = include_str!("../include/glue/templates.hpp");

/// The C glue: frame, table and the writers of results.
pub const GLUE_H: &str = include_str!("../include/glue.h");

/// The part of the C glue that no skill changes: a translation unit of its own, linked with each.
pub const RUNTIME_C: &str = concat!(
    "#define __saggar_is_runtime\n",
    include_str!("../include/glue.h"),
    include_str!("../include/runtime.c")
);

/// The same of the C++ glue.
pub const RUNTIME_CPP: &str = concat!(
    "#include <exception>\n#include <string>\n",
    include_str!("../include/glue.hpp"),
    include_str!("../include/glue/call.hpp"),
    include_str!("../include/runtime.cpp")
);

/// The same of the Rust glue: a crate that the glue of each skill uses, traits from the block to
/// parameters and from results to the block.
pub const RUNTIME_RS: &str = concat!(
    include_str!("../include/runtime.rs"),
    "\nmod scalars {\n",
    include_str!("../include/runtime/scalars.rs"),
    "}\n\nmod forms {\n",
    include_str!("../include/runtime/forms.rs"),
    "}\n\nmod calls {\n",
    include_str!("../include/runtime/calls.rs"),
    "}\n"
);
