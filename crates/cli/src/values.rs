//! Arguments of a call as they stand on the command line: JSON; plain text for a string
//! parameter unless it starts with a quote; `@FILE`, `@-` for a file or stdin, `@@` for a
//! literal at-sign; `file:PATH` for a list of numbers that lies in a file and stays there.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use saggar_engine::{Argument, Code, Feedback};
use saggar_model::Stage;
use saggar_skill_abi::{Function, Type};
use serde_json::Value;

/// Most bytes an argument may be read from: more than any arena holds.
const MAX: u64 = 1 << 30;

/// What an argument of a call is.
#[derive(Debug)]
pub(crate) enum Given {
    Value(Value),
    /// Its bytes are a list's elements.
    File(File),
}

impl Given {
    pub(crate) fn as_argument(&self) -> Argument<'_> {
        match self {
            Given::Value(value) => value.into(),
            Given::File(file) => Argument::file(file),
        }
    }
}

/// How a file is named that stays where it is.
const FILE: &str = "file:";

/// The arguments of a call, of which some may be files. A string is never one.
pub(crate) fn given(
    function: Option<&Function>,
    args: &[String],
) -> Result<Vec<Given>, Box<Feedback>> {
    let mut given = Vec::with_capacity(args.len());
    for ((index, arg), ty) in args.iter().enumerate().zip(types(function)) {
        let path = arg.strip_prefix(FILE).filter(|_| ty.is_some_and(|ty| *ty != Type::String));
        given.push(match path {
            Some(path) => Given::File(open(path).map_err(|why| refuse(index, &why))?),
            None => Given::Value(one(index, arg, ty)?),
        });
    }
    Ok(given)
}

/// Opens a file for the sidecar to read. Whether it is one that can be, the engine says; here a
/// FIFO without a writer must not be waited for.
fn open(path: &str) -> Result<File, String> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    opened.map_err(|error| match path {
        "-" => format!("{FILE}-: standard input is no file; name one, or pass JSON as @-"),
        _ => format!("{path}: {error}"),
    })
}

/// The types of the parameters, and then none.
fn types(function: Option<&Function>) -> impl Iterator<Item = Option<&Type>> {
    let types = function.map(|function| function.params.iter().map(|param| Some(&param.ty)));
    types.into_iter().flatten().chain(std::iter::repeat(None))
}

/// The JSON values of a call's arguments. Surplus arguments are read as JSON or text, so that the
/// engine can say that there are too many.
pub(crate) fn parse(
    function: Option<&Function>,
    args: &[String],
) -> Result<Vec<Value>, Box<Feedback>> {
    args.iter()
        .zip(types(function))
        .enumerate()
        .map(|(index, (arg, ty))| one(index, arg, ty))
        .collect()
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
        Err(_) if arg.starts_with(FILE) => {
            let why = format!("{arg}: only `saggar call` takes a file where it is");
            Err(refuse(index, &why))
        }
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
    let hint = "an argument is JSON, plain text for a string, @FILE, @- for stdin, @@ for an at-sign, \
         file:PATH for a list of numbers";
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

    #[test]
    fn a_file_is_opened_for_what_is_no_string() {
        let param = |ty| saggar_skill_abi::Param { name: "p".into(), ty };
        let bytes = Type::List(Box::new(Type::U8));
        let params = [bytes, Type::String].map(param).into();
        let function = Function { name: "f".into(), params, result: None };
        let read = |args: [&str; 2]| given(Some(&function), &args.map(str::to_owned));
        let found = read(["file:/dev/null", "file:/dev/null"]).unwrap();
        assert!(matches!(&found[0], Given::File(_)), "{found:?}");
        assert!(matches!(&found[1], Given::Value(text) if text == "file:/dev/null"), "{found:?}");
        let told = |arg: &str| read([arg, "x"]).unwrap_err().summary;
        assert!(told("file:/nowhere/at/all").contains("args[0] /nowhere/at/all: No such file"));
        assert!(told("file:-").contains("file:-: standard input is no file"));
        assert!(told("file:").contains("No such file"));
        let none = parse(Some(&function), &["file:/dev/null".to_owned()]).unwrap_err();
        assert!(none.summary.contains("only `saggar call`"), "{}", none.summary);
    }
}
