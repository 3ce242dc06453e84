//! Reads the declarations out of a Rust source: which functions it has, with what parameters, and
//! how its structs, enums and aliases look.
//!
//! The text is hostile. It is split into tokens without recursion, every descent has a bound, and
//! what is beyond a bound or not understood is [`Ty::Other`] or left out. Nothing is expanded or
//! evaluated, and what is read here only chooses among forms of glue: the compiler checks them.

mod parse;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use self::parse::Cursor;

/// Deepest nesting of modules that is looked into.
const MODULES: usize = 16;

/// A type as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    /// A reference.
    Ref(Box<Ty>),
    /// A slice or an array.
    Slice(Box<Ty>),
    /// A tuple, also the empty one.
    Tuple(Vec<Ty>),
    /// A named type.
    Path(Path),
    /// `impl` or `dyn` with bounds.
    Bounds(Vec<Path>),
    /// Anything else.
    Other,
}

/// The name of a type, trait or function, with what stands in angle brackets after its last part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    /// `std::io::Result` has three; a raw identifier is without its `r#`.
    pub(super) segments: Vec<String>,
    /// Type arguments.
    pub(super) args: Vec<Ty>,
    /// `Item = T`.
    pub(super) bindings: Vec<(String, Ty)>,
}

impl Path {
    /// The last part.
    pub(super) fn name(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }
}

/// What a function or type is generic over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Generics {
    /// Number of lifetimes.
    pub(super) lifetimes: usize,
    /// Type parameters in order, with their bounds, those of `where` too.
    pub(super) types: Vec<(String, Vec<Path>)>,
    /// Constant parameters.
    pub(super) consts: Vec<String>,
}

/// A function's declaration.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// What it is generic over.
    pub(super) generics: Generics,
    /// The types of its parameters.
    pub(super) params: Vec<Ty>,
    /// What it returns; the empty tuple where nothing is said.
    pub(super) result: Ty,
    /// Whether it is `async`.
    pub(super) is_async: bool,
}

/// The fields of a struct.
#[derive(Clone, Debug)]
pub(super) enum Fields {
    /// `{ x: f64 }`
    Named(Vec<(String, Ty)>),
    /// `(f64)`
    Positional(Vec<Ty>),
}

/// What an item is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A function.
    Function(Function),
    /// A struct.
    Struct(Generics, Fields),
    /// An enum: its variants, and whether each is without data.
    Enum(Generics, Vec<(String, bool)>),
    /// `type A = B;`
    Alias(Generics, Ty),
}

/// A named item at the outermost level or in a module.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The modules it is in, from the outermost.
    pub(super) module: Vec<String>,
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) kind: Kind,
}

/// The declarations of a source.
#[derive(Debug, Default)]
pub(super) struct Source {
    items: Vec<Item>,
}

impl Source {
    /// Reads a source; `None` if it cannot be split into tokens.
    pub(super) fn read(text: &str) -> Option<Self> {
        // A first line `#!/usr/bin/…` is no token; `#![…]` is.
        let shebang = text.starts_with("#!") && !text[2..].trim_start().starts_with('[');
        let text = if shebang { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
        let mut source = Source::default();
        let mut modules = vec![(Vec::new(), text.parse::<TokenStream>().ok()?)];
        while let Some((module, stream)) = modules.pop() {
            let tokens: Vec<TokenTree> = stream.into_iter().collect();
            source.scope(&module, &tokens, &mut modules);
        }
        Some(source)
    }

    /// A function by its path from the outermost level.
    pub(super) fn function(&self, path: &str) -> Option<(&Item, &Function)> {
        self.items.iter().find_map(|item| match &item.kind {
            Kind::Function(function) if item.is(path) => Some((item, function)),
            _ => None,
        })
    }

    /// How many functions have an item's path: `cfg` may choose among several.
    pub(super) fn function_count(&self, of: &Item) -> usize {
        self.functions().filter(|item| item.path().eq(of.path())).count()
    }

    /// The type that a name means in a module: one of its own, else one of the outermost level,
    /// else the only one of that name.
    pub(super) fn named(&self, module: &[String], name: &str) -> Option<&Item> {
        let types = || self.types().filter(move |item| item.name == name);
        let at = |module: &[String]| types().find(|item| item.module == module);
        at(module).or_else(|| at(&[])).or_else(|| match types().count() {
            1 => types().next(),
            _ => None,
        })
    }

    /// Every function.
    pub(super) fn functions(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| matches!(item.kind, Kind::Function(_)))
    }

    /// Every struct, enum and alias.
    pub(super) fn types(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !matches!(item.kind, Kind::Function(_)))
    }

    fn scope(
        &mut self,
        module: &[String],
        tokens: &[TokenTree],
        modules: &mut Vec<(Vec<String>, TokenStream)>,
    ) {
        let mut cursor = Cursor { tokens, at: 0 };
        let mut start = 0;
        while cursor.at < tokens.len() {
            let begins = cursor.at;
            let Some(keyword) = cursor.word() else {
                // An item begins after a body, a semicolon or an attribute.
                if cursor.group(Delimiter::Brace).is_some() || cursor.punct(';') {
                    start = cursor.at;
                } else if cursor.at == begins {
                    cursor.at += 1;
                }
                continue;
            };
            if keyword == "impl" && module.len() < MODULES {
                if let Some((name, body)) = cursor.implementation() {
                    let mut inner = module.to_vec();
                    inner.push(name);
                    modules.push((inner, body.stream()));
                    start = cursor.at;
                }
                continue;
            }
            if !matches!(keyword.as_str(), "fn" | "struct" | "enum" | "type" | "mod") {
                continue;
            }
            let Some(name) = cursor.word() else { continue };
            let head = &tokens[start..begins];
            if for_tests(head) {
                continue;
            }
            if keyword == "mod" {
                if let Some(body) = cursor.group(Delimiter::Brace)
                    && module.len() < MODULES
                {
                    let mut inner = module.to_vec();
                    inner.push(name);
                    modules.push((inner, body.stream()));
                }
                start = cursor.at;
                continue;
            }
            if let Some(kind) = cursor.item(&keyword, head) {
                self.items.push(Item { module: module.to_vec(), name, kind });
                start = cursor.at;
            }
        }
    }
}

impl Item {
    /// Whether this is the item's path, with `::` between its parts.
    fn is(&self, path: &str) -> bool {
        path.split("::").map(str::trim).eq(self.path())
    }

    /// The parts of its path.
    pub(super) fn path(&self) -> impl Iterator<Item = &str> {
        self.module.iter().chain([&self.name]).map(String::as_str)
    }
}

/// Whether `#[cfg(test)]` or `#[test]` stands before an item.
fn for_tests(head: &[TokenTree]) -> bool {
    head.iter().any(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
            let text: String =
                group.stream().into_iter().take(4).map(|token| token.to_string()).collect();
            matches!(text.replace(' ', "").as_str(), "cfg(test)" | "test")
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests;
