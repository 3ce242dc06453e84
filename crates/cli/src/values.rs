//! Arguments of a call as they stand on the command line: JSON; plain text for a string
//! parameter unless it starts with a quote; `@FILE`, `@-` for a file or stdin, `@@` for a
//! literal at-sign.

use std::fs;
use std::io::Read;

use saggar_engine::{Code, Feedback};
use saggar_model::Stage;
use saggar_skill_abi::{Function, Type};
use serde_json::Value;

/// Most bytes an argument may be read from: more than any arena holds.
const MAX: u64 = 1 << 30;

/// The JSON values of a call's arguments. Surplus arguments are read as JSON or text, so that the
/// engine can say that there are too many.
pub(crate) fn parse(
    function: Option<&Function>,
    args: &[String],
) -> Result<Vec<Value>, Box<Feedback>> {
    let types = function.map(|function| function.params.iter().map(|param| Some(&param.ty)));
    let types = types.into_iter().flatten().chain(std::iter::repeat(None));
    args.iter().zip(types).enumerate().map(|(index, (arg, ty))| one(index, arg, ty)).collect()
}

fn one(index: usize, arg: &str, ty: Option<&Type>) -> Result<Value, Box<Feedback>> {
    let text = match arg.strip_prefix('@') {
        None => arg.to_owned(),
        Some(rest) if rest.starts_with('@') => rest.to_owned(),
        Some(file) => read(file).map_err(|why| refuse(index, &why))?,
    };
    let is_text = ty == Some(&Type::String) && !text.starts_with('"');
    if is_text {
        return Ok(Value::String(text));
    }
    match serde_json::from_str(&text) {
        Ok(value) => Ok(value),
        Err(_) if ty.is_none() => Ok(Value::String(text)),
        Err(error) => Err(refuse(index, &format!("is no JSON: {error}"))),
    }
}

fn read(file: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let outcome = if file == "-" {
        std::io::stdin().lock().take(MAX + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|file| file.take(MAX + 1).read_to_end(&mut bytes))
    };
    outcome.map_err(|error| format!("{file}: {error}"))?;
    if bytes.len() as u64 > MAX {
        return Err(format!("{file} is larger than {} MiB", MAX >> 20));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!("{file} is not UTF-8: invalid byte at {}", error.utf8_error().valid_up_to())
    })
}

fn refuse(index: usize, why: &str) -> Box<Feedback> {
    let hint =
        "an argument is JSON, plain text for a string, @FILE, @- for stdin, @@ for an at-sign";
    Box::new(Feedback::new(Stage::Call, Code::Argument, format!("args[{index}] {why}")).hint(hint))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_needs_no_quotes_for_a_string_and_json_does() {
        let check = |arg: &str, ty: Type, expected: Value| {
            assert_eq!(one(0, arg, Some(&ty)).unwrap(), expected, "{arg}");
        };
        check("a b", Type::String, json!("a b"));
        check("12", Type::String, json!("12"));
        check("\"a\\n\"", Type::String, json!("a\n"));
        check("@@home", Type::String, json!("@home"));
        check("-1", Type::S32, json!(-1));
        check("[1, 2]", Type::List(Box::new(Type::U8)), json!([1, 2]));
        assert!(one(0, "abc", Some(&Type::U8)).unwrap_err().summary.contains("args[0] is no JSON"));
        assert!(one(3, "@/nowhere/at/all", None).unwrap_err().summary.contains("args[3]"));
    }
}
