//! The compiler's complaints, told about the source as the model wrote it: a complaint about the
//! glue becomes one about the function that the glue could not call.

use std::collections::HashSet;

use saggar_model::{Code, Diagnostic, Feedback, Language, Plan, Severity, Stage};

use crate::diagnostics::{Caret, FixIt, GccDiagnostic};
use crate::directives;
use crate::driver::PRELUDE;
use crate::glue::Glue;
use crate::prelude::Prelude;
use crate::symbols::{self, Symbol};

/// What the complaints are about.
pub(crate) struct Context<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) text: &'a str,
    pub(crate) glue: &'a Glue,
    /// Source name of each function of the interface.
    pub(crate) symbols: &'a [String],
    /// File name of the glue inside the jail.
    pub(crate) glue_file: &'a str,
    /// The headers that were read before the source.
    pub(crate) prelude: &'a Prelude,
    /// Everything the compiler printed.
    pub(crate) log: &'a str,
    /// Most diagnostics to show.
    pub(crate) shown: usize,
}

/// A complaint about the glue, told about the source.
pub(crate) struct Complaint {
    /// The function of the interface that it is about; `None` for the end of the source.
    pub(crate) function: Option<usize>,
    pub(crate) code: Code,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Context<'_> {
    /// The feedback for a compilation that failed.
    pub(crate) fn feedback(&self, mut found: Vec<GccDiagnostic>) -> Feedback {
        found.iter_mut().for_each(|one| one.move_places(&|caret| self.out_of_prelude(caret)));
        let errors: Vec<_> = found.iter().filter(|one| one.is_error()).collect();
        if errors.first().is_some_and(|first| self.is_at_end(first)) {
            // A header that the glue includes may not take it either, on behalf of the source.
            return self.told(Vec::new(), [self.ends_early()].into_iter(), None);
        }
        let renumbered = directives::renumbering(self.text).is_some();
        let own = errors.iter().filter_map(|error| self.own(error, renumbered)).collect();
        let complaints = errors.iter().filter_map(|error| self.about_glue(error));
        let first = errors.first().map(|error| error.message.as_str());
        self.told(own, complaints, first)
    }

    /// The feedback for errors of the source's own and, if there are none, complaints about the
    /// glue; `first` is what the compiler said first, for want of both.
    pub(crate) fn told(
        &self,
        own: Vec<Diagnostic>,
        about_glue: impl Iterator<Item = Complaint>,
        first: Option<&str>,
    ) -> Feedback {
        if !own.is_empty() {
            let first = &own[0];
            let summary = format!("{} does not compile: {}", self.source(), first.message);
            let hidden = first.line.is_none().then(|| directives::renumbering(self.text)).flatten();
            let hint = match hidden {
                Some(line) => format!("remove `#line` from line {line}: it hides where errors are"),
                None => "mend the lines named; the first error often causes the others".to_owned(),
            };
            let feedback = Feedback::new(Stage::Build, Code::Compile, summary).hint(hint);
            return self.with_some(feedback, own);
        }
        // One complaint per function is what can be acted on; the first causes the others.
        let mut complaints: Vec<Complaint> = Vec::new();
        for complaint in about_glue {
            if !complaints.iter().any(|known| known.function == complaint.function) {
                complaints.push(complaint);
            }
        }
        // A source that ends too early causes whatever else there is.
        if let Some(at) = complaints.iter().position(|complaint| complaint.function.is_none()) {
            complaints = vec![complaints.swap_remove(at)];
        }
        let Some(first) = complaints.first() else {
            return self.unexplained(first);
        };
        let hint = match first.code {
            Code::MissingFunction => {
                "define the function, or name another in the interface or in [symbols]"
            }
            Code::TypeMismatch => "make the declaration and the interface agree; change either one",
            _ => "mend the source",
        };
        let summary = first.diagnostics[0].message.clone();
        let feedback = Feedback::new(Stage::Build, first.code, summary).hint(hint);
        self.with_some(feedback, complaints.into_iter().flat_map(|one| one.diagnostics).collect())
    }

    /// A header that is read before the source is included by the source all the same.
    fn out_of_prelude(&self, caret: &mut Caret) {
        if base(&caret.file) == PRELUDE
            && let Some((line, column)) = self.prelude.place(caret.line, caret.column)
        {
            *caret = Caret { file: self.source().to_owned(), line, column };
        }
    }

    pub(crate) fn source(&self) -> &str {
        self.plan.source.as_str()
    }

    /// Adds as many as are shown, each once: a template says the same for each of its instances.
    fn with_some(&self, mut feedback: Feedback, mut diagnostics: Vec<Diagnostic>) -> Feedback {
        let mut said = HashSet::new();
        diagnostics.retain(|one| said.insert((one.file.clone(), one.line, one.message.clone())));
        let left_out = diagnostics.len().saturating_sub(self.shown);
        diagnostics.truncate(self.shown);
        feedback.diagnostics = diagnostics;
        feedback.omitted = u32::try_from(left_out).unwrap_or(u32::MAX);
        feedback
    }

    /// An error that has to do with the skill's own text: in it, or in a header on its behalf.
    /// Where the source gave its lines other numbers and names, it is all that is not the glue's.
    fn own(&self, error: &GccDiagnostic, renumbered: bool) -> Option<Diagnostic> {
        let is_own = |caret: &&Caret| base(&caret.file) == self.source();
        let carets = error.locations.iter().map(|location| &location.caret);
        let notes = error.children.iter().filter_map(GccDiagnostic::place);
        let in_glue = error.place().is_some_and(|caret| base(&caret.file) == self.glue_file);
        if in_glue {
            return None;
        }
        if renumbered {
            return Some(self.of_no_line(&error.message));
        }
        let caret = carets.chain(notes).find(is_own)?;
        let mut diagnostic =
            Diagnostic::error(&error.message).at(self.source(), caret.line, self.text);
        diagnostic.column = u32::try_from(caret.column).ok().filter(|column| *column > 0);
        diagnostic.fix = fix(&error.fixits, self.source());
        Some(diagnostic)
    }

    /// An error of the source that nothing says the line of.
    fn of_no_line(&self, message: &str) -> Diagnostic {
        Diagnostic { file: Some(self.source().to_owned()), ..Diagnostic::error(message) }
    }

    /// A complaint about the glue, as one about the source.
    fn about_glue(&self, error: &GccDiagnostic) -> Option<Complaint> {
        if self.is_at_end(error) {
            return Some(self.ends_early());
        }
        let place = self.glue.place(error.place()?.line as usize)?;
        if !error.message.contains("saggar: ")
            && let Some(complaint) = self.hidden(place.function)
        {
            return Some(complaint);
        }
        if is_undeclared(&error.message) {
            return Some(Complaint {
                function: Some(place.function),
                code: Code::MissingFunction,
                diagnostics: self.missing(place.function),
            });
        }
        if error.message.contains("__saggar_") && !error.message.contains("saggar: ") {
            return None;
        }
        let said = match error.message.split_once("saggar: ") {
            Some((_, said)) => said.trim_end_matches('"').to_owned(),
            None => self.plain(place.function, place.parameter, &error.message),
        };
        Some(self.mismatch(place.function, self.line_of(place.function), said))
    }

    /// The source is over before its last declaration is.
    pub(crate) fn ends_early(&self) -> Complaint {
        let last = u32::try_from(self.text.lines().count().max(1)).unwrap_or(u32::MAX);
        let message = "the source ends inside a block, or its last declaration lacks a semicolon";
        let diagnostic = Diagnostic::error(message).at(self.source(), last, self.text);
        Complaint { function: None, code: Code::Compile, diagnostics: vec![diagnostic] }
    }

    /// Whether an error is where the source ends, or where the glue does for a block still open.
    fn is_at_end(&self, error: &GccDiagnostic) -> bool {
        let Some(caret) = error.place() else { return false };
        let line = caret.line as usize;
        let unclosed = is_unclosed(&error.message) && self.glue.place(line).is_none();
        base(&caret.file) == self.glue_file && (line == self.glue.end_of_source || unclosed)
    }

    /// What the glue calls is a macro of the source, not its function.
    fn hidden(&self, function: usize) -> Option<Complaint> {
        let name = self.symbols[function].rsplit("::").next()?;
        let line = directives::macro_named(self.text, name)?;
        let message = format!("this macro hides the function `{name}` from what calls the skill");
        let fix = format!("rename the macro, or write `#undef {name}` behind its last use");
        let diagnostic = Diagnostic::error(message).at(self.source(), line, self.text).fix(fix);
        let function = Some(function);
        Some(Complaint { function, code: Code::Compile, diagnostics: vec![diagnostic] })
    }

    /// A declaration that does not fit the interface.
    pub(crate) fn mismatch(&self, function: usize, line: u32, said: String) -> Complaint {
        let wit = self.plan.interface.functions[function].to_string();
        let diagnostic = Diagnostic::error(said)
            .at(self.source(), line, self.text)
            .fix(format!("the interface says `{wit}`"));
        Complaint {
            function: Some(function),
            code: Code::TypeMismatch,
            diagnostics: vec![diagnostic],
        }
    }

    /// A message of gcc's own about a call that the glue makes.
    pub(crate) fn plain(&self, function: usize, parameter: Option<usize>, message: &str) -> String {
        let function = &self.plan.interface.functions[function];
        let message = message.split(" [-W").next().unwrap_or(message);
        match parameter.and_then(|index| function.params.get(index)) {
            Some(param) => format!(
                "{}: parameter `{}` ({}) is declared as another type: {message}",
                function.name, param.name, param.ty
            ),
            None => {
                format!("{}: the declaration does not fit the interface: {message}", function.name)
            }
        }
    }

    pub(crate) fn missing(&self, function: usize) -> Vec<Diagnostic> {
        let wit = &self.plan.interface.functions[function];
        let [snake, camel] = symbols::spellings(&wit.name);
        let names = match self.plan.symbols.get(&wit.name) {
            Some(symbol) => format!("no `{symbol}`"),
            None if snake == camel => format!("no function `{snake}`"),
            None => format!("neither `{snake}` nor `{camel}`"),
        };
        let message =
            format!("the interface promises `{}`, but {} defines {names}", wit.name, self.source());
        let promised = Diagnostic {
            file: Some(self.plan.file.clone()),
            line: self.plan.function_lines.get(function).copied(),
            excerpt: Some(wit.to_string()),
            ..Diagnostic::error(message)
        };
        let note = |message: String, line: usize| {
            let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
            let note = Diagnostic { severity: Severity::Note, ..Diagnostic::error(message) };
            note.at(self.source(), line, self.text)
        };
        // Out of reach: inside a namespace, class or module, or one of several such.
        if let Symbol::Found { name, line } = symbols::resolve(self.text, &wit.name)
            && self.plan.language != Language::C
        {
            let place = note(format!("`{name}` is declared here, inside something else"), line);
            let kind = match self.plan.language {
                Language::Rust => "a method cannot have `self`",
                _ => "a member function must be static",
            };
            let fix =
                format!("name its path in [symbols]: {} = \"path::{name}\"; {kind}", wit.name);
            return vec![promised.fix(fix), place];
        }
        let place = note(format!("define `{snake}` here or above"), self.text.lines().count());
        vec![promised.fix(format!("define `{snake}` in {}", self.source())), place]
    }

    /// Where the source defines a function of the interface.
    pub(crate) fn line_of(&self, function: usize) -> u32 {
        let name = &self.plan.interface.functions[function].name;
        let line = match symbols::resolve(self.text, name) {
            Symbol::Found { line, .. } => line,
            _ => self
                .text
                .lines()
                .position(|l| l.contains(&self.symbols[function]))
                .map_or(1, |i| i + 1),
        };
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    fn unexplained(&self, first: Option<&str>) -> Feedback {
        let plain = self.plain_errors();
        let summary = match first.or(plain.first().map(|one| one.message.as_str())) {
            Some(message) => format!("{} does not compile: {message}", self.source()),
            None => format!("{} does not compile", self.source()),
        };
        let feedback = Feedback::new(Stage::Build, Code::Compile, summary)
            .hint("`saggar log` has the compiler's full output");
        self.with_some(feedback, plain)
    }

    /// What the assembler and the compiler's driver say: plain text, between lines of JSON.
    fn plain_errors(&self) -> Vec<Diagnostic> {
        // The compiler's empty list may come in the midst of what the assembler prints meanwhile.
        let lines = self.log.lines().map(|line| line.replacen("[]", "", 1));
        let lines: Vec<String> =
            lines.filter(|line| !line.starts_with("{\"") && !line.starts_with('[')).collect();
        let said = lines.iter().filter_map(|line| line.split("[{\"").next()?.split_once("rror: "));
        said.map(|(place, message)| {
            let message = message.trim();
            let place = place.trim_end_matches(['e', 'E']).trim_end_matches([':', ' ']);
            match self.assembled_line(place) {
                Some(line) => Diagnostic::error(message).at(self.source(), line, self.text),
                None => self.of_no_line(message),
            }
        })
        .collect()
    }

    /// The line in `FILE:LINE`, if it is one of the source.
    fn assembled_line(&self, place: &str) -> Option<u32> {
        let (file, line) = place.rsplit_once(':')?;
        let line: u32 = line.parse().ok()?;
        let is_own = base(file) == self.source() && directives::renumbering(self.text).is_none();
        is_own.then_some(line)
    }
}

/// Whether a message says that the end of the unit is inside a block.
fn is_unclosed(message: &str) -> bool {
    message.starts_with("expected ") && message.contains('}')
}

/// Whether a message about the glue says that a function of the source is not there.
fn is_undeclared(message: &str) -> bool {
    let by_gcc = message.contains("has not been declared")
        || message.contains("undeclared here (not in a function)");
    let by_clang = message.starts_with("use of undeclared identifier")
        || (message.starts_with("no member named") && message.contains("in the global namespace"));
    by_gcc || by_clang
}

/// The file name without the work directory.
pub(crate) fn base(path: &str) -> &str {
    path.strip_prefix("/work/").unwrap_or(path).trim_start_matches("./")
}

/// A text to be written in the source, its control characters escaped; quotes stay as they are to
/// be written.
pub(crate) fn on_one_line(text: &str) -> String {
    let shown = |c: char| match c {
        '\'' | '"' | '\\' => c.to_string(),
        _ => c.escape_debug().to_string(),
    };
    text.chars().map(shown).collect()
}

fn fix(fixits: &[FixIt], source: &str) -> Option<String> {
    let fixit = fixits.first().filter(|fixit| base(&fixit.start.file) == source)?;
    let at = format!("line {} column {}", fixit.start.line, fixit.start.column);
    Some(if fixit.string.is_empty() {
        format!("{at}: remove up to column {}", fixit.next.column)
    } else if (fixit.start.line, fixit.start.column) == (fixit.next.line, fixit.next.column) {
        format!("{at}: insert `{}`", on_one_line(&fixit.string))
    } else {
        format!(
            "{at}: replace up to column {} by `{}`",
            fixit.next.column,
            on_one_line(&fixit.string)
        )
    })
}

#[cfg(test)]
mod tests;
