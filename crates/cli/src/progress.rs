//! The line that says how far a submission is, for a person who waits: only where standard error
//! is a terminal, in one colour, and gone at the end. Never knows more than the stage.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use saggar_engine::{Observer, Stage};

/// How often the seconds are looked at.
const TICK: Duration = Duration::from_millis(100);

/// The line; nothing where nobody sees it.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// A line that is not shown yet.
    pub(crate) fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let seen = std::io::stderr().is_terminal() && !dumb;
        // The template is a constant: that it is one, a test shows.
        let style = ProgressStyle::with_template("{msg} {elapsed}").ok();
        Progress(style.filter(|_| seen).map(|style| ProgressBar::new_spinner().with_style(style)))
    }
}

impl Observer for Progress {
    fn entered(&self, stage: Stage) {
        if let Some(line) = &self.0 {
            line.set_message(stage.as_str());
            line.enable_steady_tick(TICK);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
        }
    }
}
