//! The text of the headers that generated code is compiled with.

/// `saggar.h`: the documented structs a C skill may use.
pub const SAGGAR_H: &str = include_str!("../include/saggar.h");

/// The C++ glue: adapts whatever parameter and result forms the source declares. C++17, needs no
/// header of the standard library but `<exception>` and `<new>`.
pub const GLUE_HPP: &str = include_str!("../include/glue.hpp");

/// The C glue: frame, table and the writers of results.
pub const GLUE_H: &str = include_str!("../include/glue.h");
