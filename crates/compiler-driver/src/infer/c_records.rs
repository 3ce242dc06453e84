//! The structs and enums of a C or C++ source: their fields and cases. Functions in a struct are
//! passed over; what a record cannot have is refused by name.

use std::ops::Range;

use saggar_skill_abi::Type;

use super::builder::Builder;
use super::c_shapes::{Shape, pointed, value};
use super::c_text::Text;
use super::c_types::{Cursor, Definition, Types};
use super::c_words::is_length;
use crate::symbols::Token;

impl<'a> Types<'a> {
    pub(super) fn structure(
        &mut self,
        out: &mut Builder<'_>,
        path: &str,
        definition: &Definition,
        body: Range<usize>,
    ) -> Result<Shape, String> {
        let fields = self.fields(out, path, definition, body)?;
        if let Some(to) = self.run_of(&fields) {
            return Ok(Shape::Value(pointed(to)?));
        }
        let mut typed = Vec::new();
        for (name, shape) in fields {
            let ty = value(&shape).map_err(|why| format!("`{path}.{name}`: {why}"))?;
            typed.push((name, ty));
        }
        if typed.is_empty() {
            return Err(format!("`{path}` has no field"));
        }
        Ok(Shape::Value(out.record(path, definition.line, typed)?))
    }

    /// What the pointer of a struct of pointer and length points to; only C passes lists so.
    fn run_of<'f>(&self, fields: &'f [(String, Shape)]) -> Option<&'f Shape> {
        let [data, len] = fields else { return None };
        let pair = |data: &'f (String, Shape), len: &(String, Shape)| match (&data.1, &len.1) {
            (
                Shape::Pointer { to, .. },
                Shape::Value(Type::U64 | Type::S64 | Type::U32 | Type::S32),
            ) if self.is_c && is_length(&len.0) => Some(&**to),
            _ => None,
        };
        pair(data, len).or_else(|| pair(len, data))
    }

    /// The fields of a struct; functions in it are passed over.
    fn fields(
        &mut self,
        out: &mut Builder<'_>,
        path: &str,
        definition: &Definition,
        body: Range<usize>,
    ) -> Result<Vec<(String, Shape)>, String> {
        let text = self.text;
        let mut fields = Vec::new();
        let mut at = body.start;
        while at < body.end {
            match text.at(at) {
                ";" => {}
                "public" if text.at(at + 1) == ":" => at += 1,
                "private" | "protected" => return Err(format!("`{path}` has private members")),
                _ => {
                    let (end, method) = member(text, at, body.end);
                    let skipped = ["static", "using", "friend", "typedef", "static_assert"];
                    if !method && !skipped.contains(&text.at(at)) {
                        let tokens = text.slice(at..end);
                        self.field(out, tokens, &definition.scope, &mut fields)
                            .map_err(|why| format!("`{path}`: {why}"))?;
                    }
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        Ok(fields)
    }

    /// One declaration of a struct, which may declare several fields.
    fn field(
        &mut self,
        out: &mut Builder<'_>,
        tokens: &[Token<'a>],
        scope: &str,
        fields: &mut Vec<(String, Shape)>,
    ) -> Result<(), String> {
        if tokens.first().is_some_and(|first| matches!(first.text, "template" | "virtual" | "~")) {
            return Ok(());
        }
        let mut cursor = Cursor { tokens, at: 0 };
        let (base, constant) = self.base(out, &mut cursor, scope, 0)?;
        loop {
            self.spend(1)?;
            let (shape, name) = self.declarator(&mut cursor, base.clone(), constant)?;
            let name = name.ok_or("a field without a name is not understood")?;
            fields.push((name, shape));
            if matches!(cursor.peek(), "=" | "{") {
                cursor.skip_argument();
            }
            match cursor.peek() {
                "," => cursor.at += 1,
                ":" => return Err("a bit field has no WIT type".to_owned()),
                _ => return Ok(()),
            }
        }
    }
}

/// Where a member of a struct ends, and whether it is a function or a type.
fn member(text: &Text<'_>, start: usize, end: usize) -> (usize, bool) {
    let nested = matches!(text.at(start), "struct" | "class" | "enum" | "union" | "template");
    let (mut at, mut method, mut given) = (start, false, false);
    while at < end {
        match text.at(at) {
            ";" => return (at, method),
            "=" => given = true,
            "operator" => method = true,
            "(" => {
                method |= !given;
                at = text.close(at);
            }
            "[" => at = text.close(at),
            "{" => {
                at = text.close(at);
                if method {
                    return ((at + 1).min(end), true);
                }
                method |= nested;
            }
            _ => {}
        }
        at += 1;
    }
    (end, method)
}

/// The names of an enum's cases.
pub(super) fn cases(text: &Text<'_>, body: Range<usize>) -> Vec<String> {
    let mut cases = Vec::new();
    let mut at = body.start;
    while at < body.end {
        if text.tokens[at].is_word() {
            cases.push(text.at(at).to_owned());
        }
        while at < body.end && text.at(at) != "," {
            at = if matches!(text.at(at), "(" | "{" | "[") { text.close(at) + 1 } else { at + 1 };
        }
        at += 1;
    }
    cases
}
