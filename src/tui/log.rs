//! What happened, a line each.

use std::{collections::VecDeque, time::SystemTime};

use super::{
    filter::{Column, Query},
    theme::Role,
};

/// How many lines are kept.
const LINES: usize = 5000;

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// When.
    pub(crate) at: SystemTime,
    /// Whose: a session's name, or `wrcap`.
    pub(crate) who: String,
    /// What.
    pub(crate) text: String,
    /// How important.
    pub(crate) role: Role,
}

/// How much of the screen the log takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LogSize {
    /// The last lines.
    #[default]
    Small,
    /// Half of the screen.
    Tall,
}

impl LogSize {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Small => Self::Tall,
            Self::Tall => Self::Small,
        }
    }
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Oldest first.
    pub(crate) lines: VecDeque<Line>,
    /// How many lines were scrolled back from the last one; 0 follows.
    pub(crate) back: usize,
    /// Its share of the screen.
    pub(crate) size: LogSize,
    /// Which lines are shown.
    pub(crate) query: Query,
    /// How many lines there have ever been.
    pushed: usize,
}

impl Line {
    fn is_kept_by(&self, query: &Query) -> bool {
        query.is_empty()
            || query
                .keeps(&[(Column::Name, self.who.as_str()), (Column::Note, self.text.as_str())].into_iter())
    }
}

impl Log {
    /// Adds a line. Whoever scrolled back keeps seeing the same lines.
    pub(crate) fn push(&mut self, line: Line) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        let shown = line.is_kept_by(&self.query);
        self.lines.push_back(line);
        self.pushed += 1;
        if self.back > 0 && shown {
            self.back += 1;
        }
    }

    /// How many lines the filter shows.
    pub(crate) fn shown(&self) -> usize {
        self.lines.iter().filter(|line| line.is_kept_by(&self.query)).count()
    }

    /// How many lines there have ever been.
    pub(crate) fn pushed(&self) -> usize {
        self.pushed
    }

    /// The lines that came after the first `pushed`.
    pub(crate) fn since(&self, pushed: usize) -> impl Iterator<Item = &Line> {
        self.lines.range(self.lines.len().saturating_sub(self.pushed - pushed)..)
    }

    /// Scrolls by `rows`, down if positive, in a window of `height` lines.
    pub(crate) fn scroll(&mut self, rows: isize, height: usize) {
        let furthest = self.shown().saturating_sub(height);
        self.back = self.back.saturating_add_signed(rows.saturating_neg()).min(furthest);
    }

    /// The lines in a window of `height`, oldest first.
    pub(crate) fn window(&self, height: usize) -> impl Iterator<Item = &Line> {
        let back = self.back.min(self.shown().saturating_sub(height));
        let newest_first = self.lines.iter().rev().filter(|line| line.is_kept_by(&self.query));
        let mut lines: Vec<_> = newest_first.skip(back).take(height).collect();
        lines.reverse();
        lines.into_iter()
    }
}
