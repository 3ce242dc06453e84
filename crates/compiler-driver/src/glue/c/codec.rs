//! How values of an interface stand in objects of C, and the functions that carry them there and
//! back: one for each direction per composite type that stands in one object.

use std::collections::{HashMap, HashSet};

use saggar_skill_abi::Type;

use super::code::Code;
use super::names::{self, Names};

/// How a value stands in C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A number or truth value of the same representation; a char as 32 bits.
    Number,
    /// A char in an integer of any size, in 8 bits ASCII alone.
    Char,
    /// A pointer to text that ends in NUL.
    Text,
    /// An array of characters inside a struct, with room for a NUL.
    TextArray,
    /// A pointer to text and its length in bytes.
    TextRun,
    /// One object that a codec knows.
    Whole(usize),
    /// A pointer to one object of the C type.
    Pointer(Box<Form>, String),
    /// An option: the form of its value, NULL if there is none.
    Maybe(Box<Form>),
    /// A list: a pointer to its elements, then their number. An element in two objects has a
    /// second pointer behind, to the second objects. With the C types pointed to.
    Run(Box<Form>, Vec<String>),
}

/// A composite type in one C object.
#[derive(Clone, Debug)]
pub(super) struct Codec {
    pub(super) ty: Type,
    /// Its C type.
    pub(super) c_type: String,
    pub(super) body: Body,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A struct with the members of a record or tuple: per part its form and objects.
    Members(Vec<(Form, Vec<String>)>),
    /// A struct whose members are the objects of one form: `{data, len}`.
    One(Form, Vec<String>),
    /// A struct `{some, value}`.
    Option(Form),
    /// A struct `{is_err, ok, err}`.
    Result([Option<Form>; 2]),
    /// An enum or integer: the expression for each case, in order.
    Cases(Vec<String>),
    /// The number of the case.
    Number,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Read,
    Write,
}

/// The codecs of a translation unit. Each is written when it is first needed.
#[derive(Default)]
pub(super) struct Codecs {
    all: Vec<Codec>,
    known: HashMap<(Type, String), usize>,
    written: HashSet<(usize, Direction)>,
}

impl Codecs {
    pub(super) fn get(&self, ty: &Type, c_type: &str) -> Option<usize> {
        self.known.get(&(ty.clone(), c_type.to_owned())).copied()
    }

    pub(super) fn add(&mut self, codec: Codec) -> usize {
        let key = (codec.ty.clone(), codec.c_type.clone());
        self.all.push(codec);
        self.known.insert(key, self.all.len() - 1);
        self.all.len() - 1
    }

    /// The form of a type as `saggar.h` has it.
    pub(super) fn documented(&mut self, ty: &Type, names: &Names) -> Form {
        if ty.is_scalar() {
            return Form::Number;
        }
        let c_type = names.of(ty);
        if let Some(known) = self.get(ty, &c_type) {
            return Form::Whole(known);
        }
        let body = match ty {
            Type::List(element) => {
                let element_type = names.of(element);
                let run = Form::Run(Box::new(self.documented(element, names)), vec![element_type]);
                Body::One(run, sized())
            }
            Type::Tuple(members) => {
                let members = members.iter().enumerate();
                let members = members
                    .map(|(i, ty)| (self.documented(ty, names), vec![format!("f{i}")]))
                    .collect();
                Body::Members(members)
            }
            Type::Record(record) => {
                let fields = record.fields.iter().zip(names::members(record));
                let members = fields
                    .map(|(field, member)| (self.documented(&field.ty, names), vec![member]))
                    .collect();
                Body::Members(members)
            }
            Type::Option(inner) => Body::Option(self.documented(inner, names)),
            Type::Result { ok, err } => {
                let mut form =
                    |ty: &Option<Box<Type>>| ty.as_ref().map(|ty| self.documented(ty, names));
                Body::Result([form(ok), form(err)])
            }
            Type::Enum(_) => Body::Number,
            _ => Body::One(Form::TextRun, sized()),
        };
        Form::Whole(self.add(Codec { ty: ty.clone(), c_type, body }))
    }

    /// Writes the functions that a form needs and that are not there yet.
    pub(super) fn require(&mut self, form: &Form, way: Direction, code: &mut Code<'_>) {
        match form {
            Form::Whole(codec) => self.require_codec(*codec, way, code),
            Form::Pointer(inner, _) | Form::Maybe(inner) | Form::Run(inner, _) => {
                self.require(inner, way, code);
            }
            _ => {}
        }
    }

    fn require_codec(&mut self, index: usize, way: Direction, code: &mut Code<'_>) {
        if !self.written.insert((index, way)) {
            return;
        }
        let codec = self.all[index].clone();
        let forms: Vec<&Form> = match &codec.body {
            Body::Members(members) => members.iter().map(|(form, _)| form).collect(),
            Body::One(form, _) | Body::Option(form) => vec![form],
            Body::Result(payloads) => payloads.iter().flatten().collect(),
            Body::Cases(_) | Body::Number => Vec::new(),
        };
        for form in forms {
            self.require(form, way, code);
        }
        match way {
            Direction::Read => code.reader(index, &codec),
            Direction::Write => code.writer(index, &codec),
        }
    }
}

/// The members of a string or list in `saggar.h`.
fn sized() -> Vec<String> {
    vec!["data".to_owned(), "len".to_owned()]
}
