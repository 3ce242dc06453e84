//! Compares an interface with the declarations of a source, side by side: which of the source's
//! types stands for which record or enum, and what a generic function is to be called with.
//! Where the two disagree it finds nothing; complaining is the compiler's.

use std::collections::{BTreeMap, BTreeSet};

use saggar_skill_abi::{Function, Type};

use super::declared::{Generics, Item, Kind, Path, Source, Ty};
use super::names;

/// Most steps of one comparison: aliases can be nested so that a short text means a long type.
const STEPS: usize = 4096;

/// A type of the source that stands for a record or enum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stand {
    /// Its path from the outermost level.
    pub(super) path: String,
    /// Its type arguments as the source gives them, where they are simple names.
    pub(super) args: Vec<Option<String>>,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// WIT name of a record or enum to what stands for it.
    pub(super) stands: BTreeMap<String, BTreeSet<Stand>>,
    /// Type parameter of the function to the type it is called with.
    pub(super) generics: BTreeMap<String, String>,
}

/// One comparison: where names are looked up, and what is left to do of it.
pub(super) struct Walk<'a> {
    pub(super) source: &'a Source,
    pub(super) found: Found,
    /// The type parameters of the item that is compared.
    generics: &'a Generics,
    module: &'a [String],
    steps: usize,
}

impl<'a> Walk<'a> {
    /// Starts in a module, with what is found there to be generic.
    pub(super) fn new(source: &'a Source, module: &'a [String], generics: &'a Generics) -> Self {
        Walk { source, found: Found::default(), generics, module, steps: STEPS }
    }

    /// Compares a function with its declaration.
    pub(super) fn function(&mut self, wit: &Function, declared: &'a super::declared::Function) {
        for (param, ty) in wit.params.iter().zip(&declared.params) {
            self.pair(&param.ty, ty);
        }
        let Some(wit) = &wit.result else { return };
        match (wit, self.result_args(&declared.result)) {
            (Type::Result { .. }, _) | (_, None) => self.pair(wit, &declared.result),
            (_, Some(args)) => {
                if let Some(ok) = args.first() {
                    self.pair(wit, &ok.clone());
                }
            }
        }
    }

    /// The arguments of a `Result`, aliases of the source's followed.
    pub(super) fn result_args(&self, ty: &Ty) -> Option<Vec<Ty>> {
        let ty = self.resolved(ty);
        match &ty {
            Ty::Path(path) if path.name() == "Result" => Some(path.args.clone()),
            _ => None,
        }
    }

    /// What an alias stands for, in the end.
    pub(super) fn resolved(&self, ty: &Ty) -> Ty {
        let mut ty = ty.clone();
        for _ in 0..8 {
            let Ty::Path(path) = &ty else { break };
            let Some(item) = self.item(path) else { break };
            let Kind::Alias(generics, meaning) = &item.kind else { break };
            let names = generics.types.iter().map(|(name, _)| name.as_str());
            let bound: BTreeMap<&str, &Ty> = names.zip(&path.args).collect();
            let mut size = 256;
            ty = substitute(meaning, &bound, &mut size);
        }
        ty
    }

    fn item(&self, path: &Path) -> Option<&'a Item> {
        let (name, before) = path.segments.split_last()?;
        if matches!(before.first().map(String::as_str), Some("std" | "core" | "alloc")) {
            return None;
        }
        let module: Vec<String> = match before {
            [] => self.module.to_vec(),
            _ => before
                .iter()
                .filter(|part| !matches!(part.as_str(), "crate" | "self" | "super"))
                .cloned()
                .collect(),
        };
        self.source.named(&module, name)
    }

    /// Compares one type with another.
    pub(super) fn pair(&mut self, wit: &Type, ty: &Ty) {
        let Some(steps) = self.steps.checked_sub(1) else { return };
        self.steps = steps;
        match self.resolved(ty) {
            Ty::Ref(inner) => self.pair(wit, &inner),
            Ty::Slice(element) => {
                if let Type::List(wit) = wit {
                    self.pair(wit, &element);
                }
            }
            Ty::Tuple(types) => {
                if let Type::Tuple(_) | Type::Record(_) = wit {
                    for (part, ty) in wit.parts().into_iter().zip(&types) {
                        self.pair(part, ty);
                    }
                }
            }
            Ty::Path(path) => self.path(wit, &path),
            Ty::Bounds(bounds) => self.bounds(wit, &bounds),
            Ty::Other => {}
        }
    }

    fn path(&mut self, wit: &Type, path: &Path) {
        let generics = self.generics;
        if let [name] = &path.segments[..]
            && let Some((name, bounds)) = generics.types.iter().find(|(known, _)| known == name)
        {
            self.bounds(wit, bounds);
            if !self.found.generics.contains_key(name)
                && let Some(usual) = self.usual(wit, bounds)
            {
                self.found.generics.insert(name.clone(), usual);
            }
            return;
        }
        // A wrapper holds the same value as what it wraps.
        if let [inner] = &path.args[..]
            && matches!(path.name(), "Box" | "Rc" | "Arc" | "Cow")
        {
            return self.pair(wit, inner);
        }
        match wit {
            Type::Record(_) | Type::Enum(_) => self.stand(wit, path),
            Type::List(element) => match (&path.args[..], &**element) {
                ([key, value, ..], Type::Tuple(pair))
                    if pair.len() == 2 && path.name().ends_with("Map") =>
                {
                    self.pair(&pair[0], key);
                    self.pair(&pair[1], value);
                }
                ([item, ..], element) => self.pair(element, item),
                _ => {}
            },
            Type::Option(inner) => {
                if let [ty] = &path.args[..] {
                    self.pair(inner, ty);
                }
            }
            Type::Result { ok, err } => {
                for (wit, ty) in [ok, err].into_iter().zip(&path.args) {
                    if let Some(wit) = wit {
                        self.pair(wit, ty);
                    }
                }
            }
            _ => {}
        }
    }

    fn bounds(&mut self, wit: &Type, bounds: &[Path]) {
        for bound in bounds {
            match (wit, item_of(bound)) {
                (Type::List(element), Some(item)) => self.pair(element, item),
                _ => {
                    if let ([inner], "AsRef" | "Into" | "Borrow") = (&bound.args[..], bound.name())
                    {
                        self.pair(wit, inner);
                    }
                }
            }
        }
    }

    fn stand(&mut self, wit: &Type, path: &Path) {
        let Some(wit) = wit_name(wit) else { return };
        let full = match self.item(path) {
            Some(item) => item.path().map(names::escaped).collect::<Vec<_>>().join("::"),
            None if path.segments.len() == 1 && !names::is_of_library(path.name()) => {
                names::escaped(path.name())
            }
            None => return,
        };
        let simple = |ty: &Ty| match ty {
            Ty::Path(path) if path.args.is_empty() => {
                names::PLAIN.contains(&path.name()).then(|| path.name().to_owned())
            }
            _ => None,
        };
        let stand = Stand { path: full, args: path.args.iter().map(simple).collect() };
        self.found.stands.entry(wit.to_owned()).or_default().insert(stand);
    }

    /// The type that a parameter with these bounds is given, as the glue's module spells it.
    pub(super) fn usual(&self, wit: &Type, bounds: &[Path]) -> Option<String> {
        if bounds.iter().any(|bound| bound.name().starts_with("Fn")) {
            return None;
        }
        let Type::List(element) = wit else { return self.owned(wit) };
        let iterated = bounds.iter().find_map(|bound| Some((bound.name(), item_of(bound)?)));
        let Some((name, item)) = iterated else {
            return Some(format!("Vec<{}>", self.owned(element)?));
        };
        // A type that the bound names follows from it; `T` or `impl …` there does not.
        let item = match item {
            Ty::Bounds(_) => self.owned(element)?,
            Ty::Path(path) if self.generics.types.iter().any(|(name, _)| name == path.name()) => {
                self.owned(element)?
            }
            _ => "_".to_owned(),
        };
        Some(match name {
            "IntoIterator" => format!("Vec<{item}>"),
            _ => format!("library::vec::IntoIter<{item}>"),
        })
    }

    /// The type that owns such a value.
    fn owned(&self, wit: &Type) -> Option<String> {
        Some(match wit {
            Type::List(element) => format!("Vec<{}>", self.owned(element)?),
            Type::Option(inner) => format!("Option<{}>", self.owned(inner)?),
            Type::Tuple(members) => {
                let members: Option<String> = members
                    .iter()
                    .map(|member| self.owned(member).map(|text| text + ", "))
                    .collect();
                format!("({})", members?)
            }
            Type::Result { ok, err } => {
                let part = |part: &Option<Box<Type>>| match part {
                    Some(ty) => self.owned(ty),
                    None => Some("()".to_owned()),
                };
                format!("Result<{}, {}>", part(ok)?, part(err)?)
            }
            Type::Record(_) | Type::Enum(_) => {
                let name = wit_name(wit)?;
                let known = self.found.stands.get(name).and_then(|stands| stands.first());
                let path = match known {
                    Some(stand) => stand.path.clone(),
                    None => super::named::usual_path(self.source, name)?,
                };
                format!("super::{path}")
            }
            _ => names::scalar(wit).to_owned(),
        })
    }
}

/// The WIT name of a record or enum.
pub(super) fn wit_name(wit: &Type) -> Option<&str> {
    match wit {
        Type::Record(record) => Some(&record.name),
        Type::Enum(cases) => Some(&cases.name),
        _ => None,
    }
}

/// What a bound says is iterated over.
pub(super) fn item_of(bound: &Path) -> Option<&Ty> {
    if !bound.name().ends_with("Iterator") {
        return None;
    }
    bound.bindings.iter().find(|(name, _)| name == "Item").map(|(_, ty)| ty)
}

/// A type with other types in place of some names; of what has more than `size` parts, only some.
fn substitute(ty: &Ty, bound: &BTreeMap<&str, &Ty>, size: &mut usize) -> Ty {
    let Some(left) = size.checked_sub(1) else { return Ty::Other };
    *size = left;
    match ty {
        Ty::Ref(inner) => Ty::Ref(Box::new(substitute(inner, bound, size))),
        Ty::Slice(inner) => Ty::Slice(Box::new(substitute(inner, bound, size))),
        Ty::Tuple(types) => Ty::Tuple(types.iter().map(|ty| substitute(ty, bound, size)).collect()),
        Ty::Path(path) => match (&path.segments[..], bound.get(path.name())) {
            ([_], Some(meaning)) => {
                let mut parts = *size;
                let copied = substitute(meaning, &BTreeMap::new(), &mut parts);
                *size = parts;
                copied
            }
            _ => Ty::Path(Path {
                args: path.args.iter().map(|ty| substitute(ty, bound, size)).collect(),
                ..path.clone()
            }),
        },
        other => other.clone(),
    }
}
