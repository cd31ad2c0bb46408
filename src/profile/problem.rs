//! What is wrong with a site file, and where.

use std::fmt::{self, Write as _};

/// One mistake in a site file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The keys that lead to it, joined by dots: `targets.web-1.port`. Empty for the file as a whole.
    pub path: String,
    /// One lowercase sentence; begins with the path where there is one.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    /// `LINE:COLUMN: message`; put `FILE:` before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// One step from a YAML node to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a map, by key.
    Key(String),
    /// Into a list, counted from 0.
    Index(usize),
}

/// Which end of a map entry is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// The key itself.
    Key,
    /// What it holds.
    Value,
}

/// A [`Problem`] before its line is known: the rules see values, not text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invalid {
    /// Where, from the node that was looked at inwards.
    pub(super) at: Vec<Step>,
    /// Which end of the last step.
    pub(super) on: Spot,
    /// What is wrong, without the path.
    pub(super) message: String,
    /// What to write instead.
    pub(super) hint: Option<String>,
}

impl Invalid {
    /// The value that was looked at is wrong.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { at: Vec::new(), on: Spot::Value, message: message.into(), hint: None }
    }

    /// The same, with what to write instead.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, about the key and not about what it holds.
    pub(super) fn on_key(mut self) -> Self {
        self.on = Spot::Key;
        self
    }

    /// The same, seen from one node further out.
    pub(super) fn under(mut self, step: Step) -> Self {
        self.at.insert(0, step);
        self
    }

    /// The same, seen from the map that holds it under `key`.
    pub(super) fn under_key(self, key: &str) -> Self {
        self.under(Step::Key(key.to_owned()))
    }

    /// The finished problem, at `line` and `column`.
    pub(super) fn place(self, line: usize, column: usize) -> Problem {
        let path = join(&self.at);
        let message = if path.is_empty() { self.message } else { format!("{path}: {}", self.message) };
        Problem { line, column, path, message, hint: self.hint }
    }
}

/// `targets.web-1.via[0]`; keys that are no plain words are quoted, so that nothing in them reaches a terminal raw.
fn join(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        let dot = if path.is_empty() { "" } else { "." };
        let written = match step {
            Step::Index(index) => write!(path, "[{index}]"),
            Step::Key(key) if is_plain(key) => write!(path, "{dot}{}", short(key)),
            Step::Key(key) => write!(path, "{dot}{:?}", short(key)),
        };
        debug_assert!(written.is_ok(), "a String takes everything");
    }
    path
}

/// The longest key that is written whole, in characters; it belongs into a sentence.
const LONGEST_KEY: usize = 200;

fn short(key: &str) -> String {
    let short: String = key.chars().take(LONGEST_KEY).collect();
    if short.len() < key.len() { short + "…" } else { short }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_ ".contains(c))
}
