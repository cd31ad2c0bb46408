//! The box that saves captures after the fact: where to, and how much of them.

use std::{path::PathBuf, time::Duration};

use crate::{
    engine::{SaveRange, SessionId},
    profile::{TargetName, check_template, is_template},
};

/// The most characters of a path.
const LONGEST: usize = 1000;
/// The most digits of a number.
const DIGITS: usize = 6;
/// The name of a file where one text stands for several.
const SEVERAL: &str = "{site}-{target}-{start}.pcapng";

/// A line of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Where to.
    Path,
    /// Which packets.
    Range,
    /// How many minutes or megabytes.
    Amount,
}

/// Which packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// All that the spool holds.
    All,
    /// Those of the last minutes.
    Minutes,
    /// The last ones, by megabytes of 1,000,000 bytes.
    Megabytes,
}

/// What was typed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveForm {
    /// Whose packets.
    pub(crate) ids: Vec<SessionId>,
    /// Where the keys go.
    pub(crate) field: Field,
    /// The path.
    pub(crate) path: String,
    /// Which packets.
    pub(crate) what: What,
    /// Digits.
    pub(crate) amount: String,
}

impl SaveForm {
    /// A box for these sessions.
    pub(crate) fn new(ids: Vec<SessionId>, name: Option<&TargetName>) -> Self {
        let path = match name {
            Some(TargetName { site, target }) if ids.len() == 1 => format!("{site}-{target}.pcapng"),
            _ => SEVERAL.to_owned(),
        };
        Self { ids, field: Field::Path, path, what: What::All, amount: "10".to_owned() }
    }

    /// The next field; the amount is one only where it counts.
    pub(crate) fn next(&mut self) {
        self.field = match self.field {
            Field::Path => Field::Range,
            Field::Range if self.what != What::All => Field::Amount,
            Field::Range | Field::Amount => Field::Path,
        };
    }

    /// The field before.
    pub(crate) fn previous(&mut self) {
        self.field = match self.field {
            Field::Path if self.what != What::All => Field::Amount,
            Field::Path | Field::Amount => Field::Range,
            Field::Range => Field::Path,
        };
    }

    /// Other packets, where the keys are on that.
    pub(crate) fn turn(&mut self, forward: bool) {
        if self.field == Field::Range {
            self.what = match (self.what, forward) {
                (What::All, true) | (What::Megabytes, false) => What::Minutes,
                (What::Minutes, true) | (What::All, false) => What::Megabytes,
                (What::Megabytes, true) | (What::Minutes, false) => What::All,
            };
        }
    }

    /// Adds a character where one can stand.
    pub(crate) fn push(&mut self, c: char) {
        match self.field {
            Field::Path if !c.is_control() && self.path.chars().count() < LONGEST => self.path.push(c),
            Field::Amount if c.is_ascii_digit() && self.amount.len() < DIGITS => self.amount.push(c),
            _ => {}
        }
    }

    /// Adds the first line of what was pasted.
    pub(crate) fn paste(&mut self, text: &str) {
        text.lines().next().unwrap_or_default().chars().for_each(|c| self.push(c));
    }

    /// Takes the last character away.
    pub(crate) fn pop(&mut self) {
        if let Some(text) = self.text() {
            text.pop();
        }
    }

    /// Takes everything away.
    pub(crate) fn clear(&mut self) {
        if let Some(text) = self.text() {
            text.clear();
        }
    }

    fn text(&mut self) -> Option<&mut String> {
        match self.field {
            Field::Path => Some(&mut self.path),
            Field::Range => None,
            Field::Amount => Some(&mut self.amount),
        }
    }

    /// What is to be saved and where.
    ///
    /// # Errors
    /// What is missing or wrong, as a sentence.
    pub(crate) fn wish(&self) -> Result<(SaveRange, PathBuf), String> {
        let path = PathBuf::from(self.path.trim());
        if path.as_os_str().is_empty() {
            return Err("the path is empty".to_owned());
        }
        if is_template(&path) {
            check_template(&path).map_err(|(message, _)| format!("the path {message}"))?;
        }
        let amount = || match self.amount.parse::<u64>() {
            Ok(amount @ 1..) => Ok(amount),
            _ => Err("the number is missing".to_owned()),
        };
        let range = match self.what {
            What::All => SaveRange::All,
            What::Minutes => SaveRange::LastDuration(Duration::from_secs(amount()? * 60)),
            What::Megabytes => SaveRange::LastBytes(amount()? * 1_000_000),
        };
        Ok((range, path))
    }
}
