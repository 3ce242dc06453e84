//! Reads declarations out of the text of a C source: functions with their parameters, members of
//! structs, enumerators, type names. It knows no scopes below the file's and expands no macro with
//! parameters; what it cannot read is left out. What it says is how a type is spelled: whether the
//! code that is generated from it compiles is the compiler's to say. It never panics on any text
//! and takes time in proportion to it.

use std::collections::HashMap;

use super::lexer::{self, is_word};

/// Deepest nesting of structs and of lists of parameters.
const DEEPEST: usize = 32;

/// A type as it is spelled, without qualifiers but the first `const`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CType {
    /// `unsigned int`, `struct point`, `Point`.
    pub(super) base: String,
    pub(super) constant: bool,
    /// Stars.
    pub(super) depth: usize,
    /// Brackets, but for those of a parameter, which is a pointer.
    pub(super) arrays: usize,
}

impl CType {
    /// What it points to.
    pub(super) fn pointee(&self) -> Option<CType> {
        let depth = self.depth.checked_sub(1)?;
        (self.arrays == 0).then(|| CType { depth, ..self.clone() })
    }

    /// The type of an object that can be assigned to.
    pub(super) fn variable(&self) -> String {
        let constant = if self.constant && self.depth > 0 { "const " } else { "" };
        let gap = if self.depth > 0 { " " } else { "" };
        format!("{constant}{}{gap}{}", self.base, "*".repeat(self.depth))
    }

    pub(super) fn is(&self, base: &str) -> bool {
        self.base == base && self.depth == 0 && self.arrays == 0
    }
}

/// A parameter or member.
#[derive(Clone, Debug)]
pub(super) struct Decl {
    pub(super) name: String,
    pub(super) ty: CType,
}

#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) result: CType,
    pub(super) params: Vec<Decl>,
}

/// What a source declares.
#[derive(Default)]
pub(super) struct Source {
    /// Whether it includes `saggar.h`.
    pub(super) header: bool,
    pub(super) functions: HashMap<String, Signature>,
    structs: HashMap<String, Vec<Decl>>,
    enums: HashMap<String, Vec<String>>,
    aliases: HashMap<String, CType>,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let tokens = lexer::lex(text);
        let fuel = 64 + 8 * tokens.all.len();
        let source = Source { header: tokens.header, ..Source::default() };
        let mut parser = Parser { tokens: tokens.all, at: 0, fuel, nesting: 0, unnamed: 0, source };
        parser.file();
        parser.source
    }

    /// The type that a name of the source's own stands for.
    pub(super) fn resolve(&self, ty: &CType) -> CType {
        let mut found = ty.clone();
        for _ in 0..DEEPEST {
            let Some(alias) = self.aliases.get(&found.base) else { break };
            found = CType {
                base: alias.base.clone(),
                constant: found.constant || alias.constant,
                depth: found.depth + alias.depth,
                arrays: found.arrays + alias.arrays,
            };
        }
        found
    }

    /// The members of a struct.
    pub(super) fn members(&self, ty: &CType) -> Option<&[Decl]> {
        self.structs.get(&self.resolve(ty).base).map(Vec::as_slice)
    }

    /// The enumerators of an enum.
    pub(super) fn enumerators(&self, ty: &CType) -> Option<&[String]> {
        self.enums.get(&self.resolve(ty).base).map(Vec::as_slice)
    }
}

struct Parser<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    /// Tokens that may still be looked at: a bound on what odd texts cost.
    fuel: usize,
    /// Structs and lists of parameters that are open.
    nesting: usize,
    unnamed: usize,
    source: Source,
}

struct Declarator {
    decl: Decl,
    /// Its parameters, if it is a function.
    params: Option<Vec<Decl>>,
}

const IGNORED: [&str; 18] = [
    "extern",
    "static",
    "inline",
    "__inline",
    "__inline__",
    "register",
    "auto",
    "volatile",
    "__volatile__",
    "restrict",
    "__restrict",
    "__restrict__",
    "_Noreturn",
    "__extension__",
    "_Thread_local",
    "thread_local",
    "__const",
    "constexpr",
];

const ATTRIBUTES: [&str; 4] = ["__attribute__", "__attribute", "_Alignas", "alignas"];

const BUILT_IN: [&str; 12] = [
    "void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool",
    "_Complex", "__int128",
];

impl<'a> Parser<'a> {
    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or("")
    }

    fn next(&mut self) -> Option<&'a str> {
        self.fuel = self.fuel.checked_sub(1)?;
        let token = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.peek() == wanted;
        self.at += usize::from(found);
        found
    }

    /// Skips what the bracket before opened, up to where it is closed.
    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 1usize;
        while depth > 0 {
            match self.next()? {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }

    fn file(&mut self) {
        while self.at < self.tokens.len() && self.fuel > 0 {
            let start = self.at;
            self.nesting = 0;
            if self.external().is_none() {
                self.at = start + 1;
            }
        }
    }

    /// One declaration or definition of the file.
    fn external(&mut self) -> Option<()> {
        let mut named = false;
        let base = self.specifiers(&mut named)?;
        if self.take(";") {
            return Some(());
        }
        loop {
            let Declarator { decl, params } = self.declarator(&base)?;
            let defined = self.peek() == "{";
            match params {
                _ if named => {
                    self.source.aliases.insert(decl.name, decl.ty);
                }
                Some(params) if defined || !self.source.functions.contains_key(&decl.name) => {
                    let signature = Signature { result: decl.ty, params };
                    self.source.functions.insert(decl.name, signature);
                }
                _ => {}
            }
            loop {
                match self.next()? {
                    "," => break,
                    ";" => return Some(()),
                    "{" if defined => return self.skip_nested(),
                    "(" | "[" | "{" => self.skip_nested()?,
                    ")" | "]" | "}" => return None,
                    _ => {}
                }
            }
        }
    }

    /// The words before the first declarator. `named` becomes whether it is a typedef.
    fn specifiers(&mut self, named: &mut bool) -> Option<CType> {
        let mut words: Vec<String> = Vec::new();
        let mut found = CType::default();
        loop {
            let word = self.peek();
            if word == "typedef" {
                *named = true;
            } else if word == "const" {
                found.constant = true;
            } else if ATTRIBUTES.contains(&word) {
                self.next()?;
                self.attribute()?;
                continue;
            } else if matches!(word, "struct" | "union" | "enum") && words.is_empty() {
                words.push(self.tagged()?);
                continue;
            } else if BUILT_IN.contains(&word) {
                words.push(word.to_owned());
            } else if !IGNORED.contains(&word) {
                if !is_word(word) || !words.is_empty() {
                    break;
                }
                words.push(word.to_owned());
            }
            self.next()?;
        }
        found.base = words.join(" ");
        (!words.is_empty()).then_some(found)
    }

    fn attribute(&mut self) -> Option<()> {
        if self.take("(") { self.skip_nested() } else { Some(()) }
    }

    /// A struct, union or enum, with its body if it has one.
    fn tagged(&mut self) -> Option<String> {
        let kind = self.next()?;
        while ATTRIBUTES.contains(&self.peek()) {
            self.next()?;
            self.attribute()?;
        }
        let name = if is_word(self.peek()) {
            format!("{kind} {}", self.next()?)
        } else {
            self.unnamed += 1;
            // No C name has this mark: a type that cannot be spelled.
            format!("{kind} #{}", self.unnamed)
        };
        if self.take("{") {
            if kind == "enum" {
                let found = self.enum_body()?;
                self.source.enums.insert(name.clone(), found);
            } else {
                let found = self.struct_body()?;
                if kind == "struct" {
                    self.source.structs.insert(name.clone(), found);
                }
            }
        }
        Some(name)
    }

    fn enum_body(&mut self) -> Option<Vec<String>> {
        let mut found = Vec::new();
        while !self.take("}") {
            found.push(Some(self.next()?).filter(|name| is_word(name))?.to_owned());
            while !matches!(self.peek(), "," | "}") {
                if matches!(self.next()?, "(" | "[" | "{") {
                    self.skip_nested()?;
                }
            }
            self.take(",");
        }
        Some(found)
    }

    fn struct_body(&mut self) -> Option<Vec<Decl>> {
        self.enter()?;
        let mut found = Vec::new();
        while !self.take("}") {
            if self.take(";") {
                continue;
            }
            let base = self.specifiers(&mut false)?;
            if self.peek() == ";" {
                // The members of an unnamed struct are its owner's.
                if base.base.contains('#') {
                    found.extend(self.source.structs.remove(&base.base).unwrap_or_default());
                }
                continue;
            }
            loop {
                let Declarator { mut decl, params } = self.declarator(&base)?;
                if self.take(":") || params.is_some() {
                    // A bit-field has no address, and a function is no value.
                    decl.name.clear();
                    while !matches!(self.peek(), "," | ";") {
                        self.next()?;
                    }
                }
                found.push(decl);
                if self.next()? != "," {
                    break;
                }
            }
        }
        self.nesting -= 1;
        Some(found)
    }

    /// Counts a level of nesting; one that is not left again ends the declaration.
    fn enter(&mut self) -> Option<()> {
        self.nesting += 1;
        (self.nesting <= DEEPEST).then_some(())
    }

    /// Stars, a name, brackets or parameters. What is in parentheses has no name here.
    fn declarator(&mut self, base: &CType) -> Option<Declarator> {
        let mut ty = base.clone();
        let mut name = String::new();
        loop {
            let word = self.peek();
            if word == "*" {
                ty.depth += 1;
            } else if ATTRIBUTES.contains(&word) {
                self.next()?;
                self.attribute()?;
                continue;
            } else if word != "const" && !IGNORED.contains(&word) {
                break;
            }
            self.next()?;
        }
        let mut params = None;
        if is_word(self.peek()) {
            name = self.next()?.to_owned();
        }
        while matches!(self.peek(), "[" | "(") {
            if self.next()? == "[" {
                self.skip_nested()?;
                ty.arrays += 1;
            } else if name.is_empty() || params.is_some() {
                self.skip_nested()?;
                ty.base.clear();
            } else {
                params = Some(self.params()?);
            }
        }
        while ATTRIBUTES.contains(&self.peek()) {
            self.next()?;
            self.attribute()?;
        }
        Some(Declarator { decl: Decl { name, ty }, params })
    }

    /// What follows the parenthesis that opens a list of parameters.
    fn params(&mut self) -> Option<Vec<Decl>> {
        let mut found = Vec::new();
        if self.take(")") {
            return Some(found);
        }
        self.enter()?;
        loop {
            let base = self.specifiers(&mut false)?;
            let mut decl = self.declarator(&base)?.decl;
            if decl.ty.arrays > 0 {
                decl.ty.arrays -= 1;
                decl.ty.depth += 1;
            }
            found.push(decl);
            match self.next()? {
                "," => {}
                ")" => break,
                _ => return None,
            }
        }
        self.nesting -= 1;
        if found.len() == 1 && found[0].ty.is("void") {
            found.clear();
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests;
