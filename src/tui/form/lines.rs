//! Which line of the form shows what. The view and the scrolling ask here.

use super::Form;
use crate::tui::layout::{self, scrolled};

/// A line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// The title of a section.
    Section(usize),
    /// A row, by its place.
    Row(usize),
    /// What is wrong with the row at this place.
    Error(usize),
    /// What else is to be known of the row at this place.
    Note(usize),
}

/// The parts of the screen, in rows from the top; a part without rows is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Areas {
    /// The row that says what became of the file.
    pub(crate) disk: Option<u16>,
    /// The first row of the fields, and how many there are.
    pub(crate) body: (u16, u16),
    /// The title of the result, two lines below it.
    pub(crate) result: Option<u16>,
    /// The first row of the help, its title if there is one, and how many there are.
    pub(crate) help: (u16, u16),
}

impl Areas {
    /// The areas of a screen; `told`: there is something to be said of the file.
    pub(crate) fn of((width, height): (u16, u16), told: bool) -> Self {
        let (result, help) = match layout::Form::of((width, height)) {
            layout::Form::Full => (3, 3),
            layout::Form::Compact => (0, 1),
            layout::Form::Line | layout::Form::Tiny => (0, 0),
        };
        let top = 1 + u16::from(told);
        let body = height.saturating_sub(1 + top + result + help);
        Self {
            disk: told.then_some(1),
            body: (top, body),
            result: (result > 0).then_some(top + body),
            help: (top + body + result, help),
        }
    }
}

impl Form {
    /// What is wrong with the row at a place.
    pub(crate) fn error(&self, place: usize) -> Option<&str> {
        let row = self.rows.get(place)?;
        let filter = (row.key == "filter").then(|| self.filter_error()).flatten();
        row.error.as_deref().filter(|_| self.is_told(place)).or(filter)
    }

    /// A field of a new profile that nobody has come to yet is not held against anybody.
    fn is_told(&self, place: usize) -> bool {
        let Some(row) = self.rows.get(place) else { return false };
        !row.input.value().trim().is_empty() || row.was.is_some() || self.warned || self.tried
    }

    /// All lines.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::with_capacity(self.rows.len() + 8);
        let mut section = None;
        for (place, row) in self.rows.iter().enumerate() {
            if section != Some(row.section) {
                section = Some(row.section);
                lines.push(Line::Section(row.section));
            }
            lines.push(Line::Row(place));
            if self.error(place).is_some() {
                lines.push(Line::Error(place));
            }
            if row.key == "identity" && self.other_keys().is_some() {
                lines.push(Line::Note(place));
            }
        }
        lines
    }

    /// Scrolls so that the row under the cursor is to be seen, with what is wrong with it, and the title of its
    /// section if it is the first one.
    pub(crate) fn settle(&mut self, size: (u16, u16)) {
        let lines = self.lines();
        let Some(at) = lines.iter().position(|line| *line == Line::Row(self.cursor)) else { return };
        let titled = at.checked_sub(1).and_then(|above| lines.get(above));
        let from = if matches!(titled, Some(Line::Section(_))) { at - 1 } else { at };
        let told = |line: &&Line| matches!(line, Line::Error(_) | Line::Note(_));
        let below = lines.iter().skip(at + 1).take_while(told).count();
        let height = usize::from(Areas::of(size, self.disk_line().is_some()).body.1);
        self.offset = scrolled(self.offset, (from, at + 1 + below), height, lines.len());
    }
}
