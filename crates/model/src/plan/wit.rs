//! The interface: WIT text to types, through `wit-parser`. The text holds functions only; it is
//! wrapped in a synthetic package. What the subset lacks is refused by name.

use saggar_skill_abi::{Function, Interface, Param, Type};
use toml::Spanned;
use wit_parser::{Resolve, SourceMap, Span, TypeDefKind, UnresolvedPackageGroup};

use super::text::Text;
use crate::{Code, Feedback};

const HEADER: &str = "package saggar:skill;\ninterface skill {\n";
/// Most functions of a skill: each costs a look through the whole source.
const MAX_FUNCTIONS: usize = 256;
const SUBSET: &str =
    "use bool, s8 to s64, u8 to u64, f32, f64, string, and list<…> of one of these";

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
    let mut functions = Vec::new();
    let mut lines = Vec::new();
    for function in found.functions.values() {
        let line = wit.line(&resolve.source_map, function.span);
        functions.push(wit.function(&resolve, function, line)?);
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
        resolve: &Resolve,
        function: &wit_parser::Function,
        line: u32,
    ) -> Result<Function, Box<Feedback>> {
        let name = function.name.trim_start_matches('%').to_owned();
        if !matches!(function.kind, wit_parser::FunctionKind::Freestanding) {
            return Err(self.refuse_line(line, format!("`{name}` is no plain function")));
        }
        let ty = |ty: &wit_parser::Type, place: &str| {
            resolve_type(resolve, *ty)
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
        let message = format!("interface: {message}");
        self.text.refuse_at(Code::PlanInterface, line, None, message).hint(SUBSET).into()
    }
}

fn resolve_type(resolve: &Resolve, ty: wit_parser::Type) -> Result<Type, String> {
    use wit_parser::Type as Wit;
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
        Wit::String => Type::String,
        Wit::Char => return Err("char is not served in this version".into()),
        Wit::ErrorContext => return Err("error-context is not served".into()),
        Wit::Id(id) => match &resolve.types[id].kind {
            TypeDefKind::List(element) => match resolve_type(resolve, *element)? {
                Type::List(_) => return Err("a list of lists is not served in this version".into()),
                element => Type::List(Box::new(element)),
            },
            TypeDefKind::Type(alias) => resolve_type(resolve, *alias)?,
            other => return Err(format!("{} is not served in this version", other.as_str())),
        },
    })
}
