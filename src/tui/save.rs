//! The box that saves captures after the fact: where to, and how much of them.

use std::{path::PathBuf, time::Duration};

use crate::{
    engine::{SaveRange, SessionId, spool::OWN_NAME},
    profile::{TargetName, check_template, is_template},
};

/// The most characters of a path.
const LONGEST: usize = 1000;
/// The most digits of a number.
const DIGITS: usize = 6;

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

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is being typed.
    Typing {
        /// Why what was typed before came to nothing.
        wrong: Option<Wrong>,
    },
    /// The engine saves.
    Saving {
        /// Whose answers are awaited.
        waiting: Vec<SessionId>,
        /// Whose packets could not be saved.
        failed: Vec<SessionId>,
        /// Why the first of them could not.
        wrong: Option<Wrong>,
    },
}

/// What is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// A sentence.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

/// What was typed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveForm {
    /// Whose packets.
    pub(crate) ids: Vec<SessionId>,
    /// How far it is.
    pub(crate) progress: Progress,
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
            _ => OWN_NAME.to_owned(),
        };
        let progress = Progress::Typing { wrong: None };
        Self { ids, progress, field: Field::Path, path, what: What::All, amount: "10".to_owned() }
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

    /// Does something with what is typed, unless that is being saved. What was wrong before is no longer said.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Self)) {
        if let Progress::Typing { wrong } = &mut self.progress {
            *wrong = None;
            change(self);
        }
    }

    /// What is said below the fields.
    pub(crate) fn wrong(&self) -> Option<&Wrong> {
        match &self.progress {
            Progress::Typing { wrong } | Progress::Saving { wrong, .. } => wrong.as_ref(),
        }
    }

    /// The engine has begun to save.
    pub(crate) fn begin(&mut self) {
        self.progress = Progress::Saving { waiting: self.ids.clone(), failed: Vec::new(), wrong: None };
    }

    /// The engine has answered for one capture; true once all are saved. Those that could not be saved are left to be
    /// tried again.
    pub(crate) fn answer(&mut self, id: SessionId, answer: Option<Wrong>) -> bool {
        let Progress::Saving { waiting, failed, wrong } = &mut self.progress else { return false };
        let Some(place) = waiting.iter().position(|other| *other == id) else { return false };
        waiting.remove(place);
        if let Some(why) = answer {
            failed.push(id);
            wrong.get_or_insert(why);
        }
        if !waiting.is_empty() {
            return false;
        }
        self.ids = std::mem::take(failed);
        let wrong = wrong.take();
        self.progress = Progress::Typing { wrong };
        self.ids.is_empty()
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
