//! The text of `saggar.h` for an interface: what stands in it for every interface, then a struct
//! or enum for each type that this one uses.

use std::fmt::Write as _;

use saggar_skill_abi::{Interface, Type, headers};

use super::names::{self, Names};

const END: &str = "#endif\n";

pub(in super::super) fn header(interface: &Interface) -> String {
    let names = Names::new(interface);
    let fixed = headers::SAGGAR_H.trim_end_matches(END).trim_end();
    let mut text = format!("{fixed}\n");
    for ty in &names.defined {
        let _infallible = write!(text, "\n{}", definition(ty, &names));
    }
    text.push('\n');
    text.push_str(END);
    text
}

fn definition(ty: &Type, names: &Names) -> String {
    let name = names.of(ty);
    let (what, body) = match ty {
        Type::Enum(cases) => {
            let list = names.enumerators(cases).join(",\n    ");
            return format!(
                "/* enum {}: the number of a case is its place. */\n\
                 typedef enum {name} {{\n    {list}\n}} {name};\n",
                cases.name
            );
        }
        Type::Record(record) => {
            let fields = record.fields.iter().zip(names::members(record));
            let members = fields.map(|(field, member)| member_of(&field.ty, &member, names));
            (format!("record {}", record.name), members.collect::<String>())
        }
        Type::Tuple(members) => {
            let members = members.iter().enumerate();
            let members = members.map(|(i, ty)| member_of(ty, &format!("f{i}"), names));
            (ty.to_string(), members.collect())
        }
        Type::List(element) => {
            (ty.to_string(), format!("    {} *data;\n    size_t len;\n", c_type(element, names)))
        }
        Type::Option(inner) => {
            let value = member_of(inner, "value", names);
            (format!("{ty}: value counts if some"), format!("    bool some;\n{value}"))
        }
        Type::Result { ok, err } => {
            let payloads = [(ok, "ok"), (err, "err")].map(|(ty, name)| {
                ty.as_ref()
                    .map_or(String::new(), |ty| format!("    {}", member_of(ty, name, names)))
            });
            let payloads = payloads.concat();
            let union = if payloads.is_empty() {
                String::new()
            } else {
                format!("    union {{\n{payloads}    }};\n")
            };
            (ty.to_string(), format!("    bool is_err;\n{union}"))
        }
        _ => return String::new(),
    };
    format!("/* {what} */\ntypedef struct {name} {{\n{body}}} {name};\n")
}

fn member_of(ty: &Type, member: &str, names: &Names) -> String {
    format!("    {} {member};\n", c_type(ty, names))
}

/// The type as a person would write it.
fn c_type(ty: &Type, names: &Names) -> String {
    match ty {
        Type::Char => "saggar_char".to_owned(),
        scalar if scalar.is_scalar() => super::super::scalar(scalar).to_owned(),
        composite => names.of(composite),
    }
}
