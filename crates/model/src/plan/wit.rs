//! The interface: WIT text to types, through `wit-parser`. The text holds functions and the types
//! they use; it is wrapped in a synthetic package. What the subset lacks is refused by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use saggar_skill_abi::{Enum, Field, Function, Interface, Param, Record, Type};
use toml::Spanned;
use wit_parser::{Resolve, SourceMap, Span, TypeDefKind, TypeId, UnresolvedPackageGroup};

use super::text::Text;
use crate::{Code, Feedback};

const HEADER: &str = "package saggar:skill;\ninterface skill {\n";
/// Most functions of a skill: each costs a look through the whole source.
const MAX_FUNCTIONS: usize = 256;
/// Most types of an interface, aliases written out: each costs the compiler some templates.
const MAX_TYPES: usize = 4096;
/// Deepest nesting of a type.
const MAX_DEPTH: usize = 32;
/// Most cases of an enum.
const MAX_CASES: usize = 1024;
/// Most fields of a record, members of a tuple and parameters of a function: what the glue and the
/// compiler make of them grows faster than their number.
const MAX_MEMBERS: usize = 128;
const SUBSET: &str = "use bool, s8 to s64, u8 to u64, f32, f64, char, string, list<…>, tuple<…>, \
                      option<…>, result<…, …>, record and enum";

/// Parses the plan's interface; also gives the line of the plan where each function stands.
pub(super) fn parse(
    text: &Text<'_>,
    interface: Option<&Spanned<String>>,
) -> Result<(Interface, Vec<u32>), Box<Feedback>> {
    let Some(interface) = interface else {
        let message = "the plan has no interface".to_owned();
        return Err(text
            .refuse_at(Code::PlanInterface, 1, None, message)
            .hint("say what the skill's functions take and give, in WIT")
            .fix("interface = \"\"\"\nname: func(text: string) -> u64;\n\"\"\""));
    };
    let wit = Wit { text, first_line: first_line(text, interface), source: interface.get_ref() };
    if let Some(line) = too_deep(wit.source) {
        let message = format!("types are nested more than {MAX_DEPTH} deep");
        return Err(wit.refuse_line(wit.first_line + line, message));
    }
    let wrapped = format!("{HEADER}{}\n}}\n", wit.source);
    let group = UnresolvedPackageGroup::parse("interface", &wrapped)
        .map_err(|(map, error)| wit.refuse(&map, error.kind().span(), error.kind()))?;
    let mut resolve = Resolve::default();
    let package = resolve
        .push_group(group)
        .map_err(|error| wit.refuse_line(wit.first_line, error.to_string()))?;
    let found = resolve.packages[package].interfaces.values().next();
    let Some(found) = found.map(|id| &resolve.interfaces[*id]) else {
        return Err(wit.refuse_line(wit.first_line, "no functions".to_owned()));
    };
    let mut types = Types { resolve: &resolve, left: MAX_TYPES, named: BTreeMap::new() };
    let mut functions = Vec::new();
    let mut lines = Vec::new();
    for function in found.functions.values() {
        let line = wit.line(&resolve.source_map, function.span);
        functions.push(wit.function(&mut types, function, line)?);
        lines.push(line);
    }
    if functions.len() > MAX_FUNCTIONS {
        let message = format!("{} functions; a skill has at most {MAX_FUNCTIONS}", functions.len());
        return Err(wit.refuse_line(wit.first_line, message));
    }
    if functions.is_empty() {
        return Err(wit.refuse_line(wit.first_line, "the interface has no function".to_owned()));
    }
    Ok((Interface { functions }, lines))
}

/// Reads an interface by itself: WIT functions and the types they use, without a plan around them.
///
/// ```
/// let interface = saggar_model::parse_interface("count: func(text: string) -> u64;").unwrap();
/// assert_eq!(interface.functions[0].name, "count");
/// ```
///
/// # Errors
/// The feedback of stage Plan, as for an interface in a plan.
pub fn parse_interface(wit: &str) -> Result<Interface, Box<Feedback>> {
    let text = Text { file: "interface", source: wit };
    Ok(parse(&text, Some(&Spanned::new(0..wit.len(), wit.to_owned())))?.0)
}

fn bounded(what: &str, parts: &str, count: usize) -> Result<(), String> {
    if count > MAX_MEMBERS {
        return Err(format!("{what} has {count} {parts}; {MAX_MEMBERS} are allowed"));
    }
    Ok(())
}

/// The line, from 0, where more brackets are open than a type within the bounds has: the parser
/// goes down its own stack for each.
fn too_deep(wit: &str) -> Option<u32> {
    let (mut line, mut open) = (0, 0usize);
    for byte in wit.bytes() {
        match byte {
            b'\n' => line += 1,
            b'<' => open += 1,
            b'>' => open = open.saturating_sub(1),
            b';' | b'}' => open = 0,
            _ => {}
        }
        if open > MAX_DEPTH {
            return Some(line);
        }
    }
    None
}

/// The line of the plan where the text between the quotes begins.
fn first_line(text: &Text<'_>, interface: &Spanned<String>) -> u32 {
    let span = interface.span();
    let (line, _) = text.place(span.start);
    let literal = text.source.get(span).unwrap_or_default();
    // TOML drops a newline right after the opening quotes.
    let newline = literal.strip_prefix("\"\"\"").or_else(|| literal.strip_prefix("'''"));
    let skipped = newline.is_some_and(|rest| rest.starts_with('\n') || rest.starts_with("\r\n"));
    line + u32::from(skipped)
}

struct Wit<'a> {
    text: &'a Text<'a>,
    first_line: u32,
    source: &'a str,
}

impl Wit<'_> {
    fn function(
        &self,
        types: &mut Types<'_>,
        function: &wit_parser::Function,
        line: u32,
    ) -> Result<Function, Box<Feedback>> {
        let name = function.name.trim_start_matches('%').to_owned();
        if !matches!(function.kind, wit_parser::FunctionKind::Freestanding) {
            return Err(self.refuse_line(line, format!("`{name}` is no plain function")));
        }
        bounded(&format!("`{name}`"), "parameters", function.params.len())
            .map_err(|what| self.refuse_line(line, what))?;
        let mut ty = |ty: &wit_parser::Type, place: &str| {
            types
                .read(*ty, 0)
                .map_err(|what| self.refuse_line(line, format!("{place} of `{name}`: {what}")))
        };
        let params = function
            .params
            .iter()
            .map(|param| {
                let place = format!("parameter `{}`", param.name);
                Ok(Param { name: param.name.clone(), ty: ty(&param.ty, &place)? })
            })
            .collect::<Result<Vec<_>, Box<Feedback>>>()?;
        let result = function.result.as_ref().map(|result| ty(result, "the result")).transpose()?;
        Ok(Function { name, params, result })
    }

    fn line(&self, map: &SourceMap, span: Span) -> u32 {
        let offset = map.resolve_span(span).map_or(0, |at| at.range.start);
        let inside = offset.saturating_sub(HEADER.len()).min(self.source.len());
        let newlines = self.source.as_bytes()[..inside].iter().filter(|b| **b == b'\n').count();
        self.first_line + u32::try_from(newlines).unwrap_or(0)
    }

    fn refuse(&self, map: &SourceMap, span: Span, error: impl ToString) -> Box<Feedback> {
        self.refuse_line(self.line(map, span), error.to_string())
    }

    fn refuse_line(&self, line: u32, message: String) -> Box<Feedback> {
        let hint = hint(&message);
        let message = format!("interface: {message}");
        self.text.refuse_at(Code::PlanInterface, line, None, message).hint(hint).into()
    }
}

/// Reads types out of what `wit-parser` resolved, within bounds: aliases let a few lines of text
/// stand for a type of any size.
struct Types<'a> {
    resolve: &'a Resolve,
    /// Types that may still be read.
    left: usize,
    named: BTreeMap<TypeId, Type>,
}

impl Types<'_> {
    fn read(&mut self, ty: wit_parser::Type, depth: usize) -> Result<Type, String> {
        use wit_parser::Type as Wit;
        self.spend(1)?;
        self.within(depth + 1)?;
        Ok(match ty {
            Wit::Bool => Type::Bool,
            Wit::S8 => Type::S8,
            Wit::S16 => Type::S16,
            Wit::S32 => Type::S32,
            Wit::S64 => Type::S64,
            Wit::U8 => Type::U8,
            Wit::U16 => Type::U16,
            Wit::U32 => Type::U32,
            Wit::U64 => Type::U64,
            Wit::F32 => Type::F32,
            Wit::F64 => Type::F64,
            Wit::Char => Type::Char,
            Wit::String => Type::String,
            Wit::ErrorContext => return Err("error-context is not served".into()),
            Wit::Id(id) => match self.named.get(&id) {
                Some(known) => {
                    let known = known.clone();
                    self.spend(known.nodes() - 1)?;
                    self.within(depth + known.depth())?;
                    known
                }
                None => {
                    let read = self.compound(id, depth)?;
                    self.named.insert(id, read.clone());
                    read
                }
            },
        })
    }

    fn compound(&mut self, id: TypeId, depth: usize) -> Result<Type, String> {
        let def = &self.resolve.types[id];
        let depth = depth + 1;
        Ok(match &def.kind {
            TypeDefKind::Type(alias) => self.read(*alias, depth)?,
            TypeDefKind::List(element) => self.read(*element, depth)?.list(),
            TypeDefKind::Option(inner) => self.read(*inner, depth)?.option(),
            TypeDefKind::Tuple(tuple) if tuple.types.is_empty() => {
                return Err("a tuple has at least one member".into());
            }
            TypeDefKind::Tuple(tuple) => {
                bounded("a tuple", "members", tuple.types.len())?;
                let members = tuple.types.iter().map(|member| self.read(*member, depth));
                Type::Tuple(members.collect::<Result<_, _>>()?)
            }
            TypeDefKind::Result(result) => Type::Result {
                ok: self.payload(result.ok, depth)?,
                err: self.payload(result.err, depth)?,
            },
            TypeDefKind::Record(record) => {
                let name = def.name.clone().unwrap_or_default();
                if record.fields.is_empty() {
                    return Err(format!("record `{name}` has no field"));
                }
                bounded(&format!("record `{name}`"), "fields", record.fields.len())?;
                let fields = record.fields.iter().map(|field| {
                    let ty = self.read(field.ty, depth);
                    let ty = ty.map_err(|what| format!("{name}.{}: {what}", field.name))?;
                    Ok::<_, String>(Field { name: field.name.clone(), ty })
                });
                let fields = fields.collect::<Result<_, _>>()?;
                Type::Record(Arc::new(Record { name, fields }))
            }
            TypeDefKind::Enum(cases) => {
                let name = def.name.clone().unwrap_or_default();
                if cases.cases.len() > MAX_CASES {
                    return Err(format!("enum `{name}` has more than {MAX_CASES} cases"));
                }
                let cases = cases.cases.iter().map(|case| case.name.clone()).collect();
                Type::Enum(Arc::new(Enum { name, cases }))
            }
            other => return Err(format!("{} is not served", other.as_str())),
        })
    }

    fn payload(
        &mut self,
        ty: Option<wit_parser::Type>,
        depth: usize,
    ) -> Result<Option<Box<Type>>, String> {
        Ok(ty.map(|ty| self.read(ty, depth)).transpose()?.map(Box::new))
    }

    fn within(&self, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("types are nested more than {MAX_DEPTH} deep"));
        }
        Ok(())
    }

    fn spend(&mut self, types: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(types).ok_or_else(|| {
            format!("the interface is larger than {MAX_TYPES} types, aliases written out")
        })?;
        Ok(())
    }
}

/// What to do about a message of the parser's.
fn hint(message: &str) -> String {
    let keyword = message.split_once("found keyword `").and_then(|(_, rest)| rest.split_once('`'));
    match keyword {
        Some(("package" | "world" | "interface" | "export" | "import", _)) => {
            "write the functions and types alone, without package, world, interface or export"
                .into()
        }
        Some(("_", _)) => "write result<T> for result<T, _>, and result for result<_, _>".into(),
        Some((word, _)) => format!("`{word}` is a keyword of WIT: as a name, write `%{word}`"),
        None if message.contains("in identifier") => {
            "names are of lower-case letters, digits and hyphens: max-len stands for the source's \
             max_len or maxLen"
                .into()
        }
        None if message.starts_with("expected ';'") => "every function ends in `;`".into(),
        None if message.starts_with("duplicate name") || message.contains("conflicts with") => {
            "functions and types share one set of names; rename one of the two".into()
        }
        None => SUBSET.to_owned(),
    }
}
