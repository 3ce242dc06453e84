//! What reading and writing have in common: the place that a statement is about, complaints about
//! it, names of variables, and how types lie in a block. A value is named by the expressions of its
//! objects, in the arguments also by a pointer to it (`from`), in the result by its offset (`at`).

use saggar_skill_abi::{Function, Type, layout};

use super::super::{Writer, parameter_complaint, result_complaint, scalar};
use super::codec::Form;

/// Writes statements about one parameter or the result of a function.
pub(super) struct Code<'w> {
    pub(super) out: &'w mut Writer,
    pub(super) index: usize,
    pub(super) function: &'w Function,
    /// `None` for the result.
    pub(super) parameter: Option<usize>,
    /// The type whose function is being written: one for all parameters of the type.
    pub(super) within: Option<String>,
    /// Makes the names of variables unique.
    pub(super) variables: usize,
}

impl Code<'_> {
    pub(super) fn line(&mut self, line: impl std::fmt::Display) {
        self.out.about(self.index, self.parameter, line);
    }

    /// A complaint of the compiler's about this parameter or result.
    pub(super) fn demand(&mut self, condition: &str, hint: &str) {
        let complaint = match self.parameter {
            Some(at) => parameter_complaint(self.function, at, hint),
            None => result_complaint(self.function, hint),
        };
        self.line(format_args!("    _Static_assert({condition}, \"{complaint}\");"));
    }

    /// A member that is a number is copied as it is.
    pub(super) fn demand_member(&mut self, ty: &Type, object: &str, name: &str) {
        let hint = format!("{} for its member {name}", hint(ty));
        self.demand(&format!("{}({object})", is_type(ty)), &hint);
    }

    pub(super) fn fresh(&mut self) -> usize {
        self.variables += 1;
        self.variables
    }

    /// What a failure of the call is about.
    pub(super) fn subject(&self) -> String {
        if let Some(ty) = &self.within {
            return ty.clone();
        }
        match self.parameter {
            Some(at) => format!("parameter {} ({})", at + 1, self.function.params[at].name),
            None => "the result".to_owned(),
        }
    }
}

/// The payloads of a result that are there: how the tag compares with 0, member, type, form.
pub(super) fn outcomes<'a>(
    ty: &'a Type,
    payloads: &'a [Option<Form>; 2],
) -> Vec<(&'static str, &'static str, &'a Type, &'a Form)> {
    let Type::Result { ok, err } = ty else { return Vec::new() };
    let sides = [("==", "ok", ok, &payloads[0]), ("!=", "err", err, &payloads[1])];
    let present = sides
        .into_iter()
        .filter_map(|(test, name, ty, form)| Some((test, name, ty.as_deref()?, form.as_ref()?)));
    present.collect()
}

/// The number of an enum's case as it lies in a block.
pub(super) fn number_of(ty: &Type) -> &'static str {
    if layout::size_of(ty) == 1 { "__UINT8_TYPE__" } else { "__UINT16_TYPE__" }
}

/// The macro that says whether an object can be copied as this scalar.
pub(super) fn is_type(ty: &Type) -> String {
    format!("__saggar_is_{ty}")
}

/// A scalar as a person would write it.
pub(super) fn hint(ty: &Type) -> &'static str {
    match ty {
        Type::Char => "uint32_t",
        ty => scalar(ty),
    }
}
