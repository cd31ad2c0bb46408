//! Whether the mouse is taken, and what was clicked last.

use std::time::{Duration, Instant};

/// A second click within this time is a double click.
const DOUBLE: Duration = Duration::from_millis(400);

/// Who has the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Grip {
    /// The terminal: it selects text.
    #[default]
    Terminal,
    /// The dashboard.
    Ours,
}

impl Grip {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Terminal => Self::Ours,
            Self::Ours => Self::Terminal,
        }
    }
}

/// The mouse.
#[derive(Debug, Default)]
pub(crate) struct Mouse {
    /// Who has it.
    pub(crate) grip: Grip,
    /// When and in which row of the screen it was pressed last.
    last: Option<(Instant, u16)>,
}

impl Mouse {
    /// Takes a click in a row; true if it is the second one of a double click.
    pub(crate) fn click(&mut self, row: u16, now: Instant) -> bool {
        let double =
            self.last.is_some_and(|(at, last)| last == row && now.saturating_duration_since(at) <= DOUBLE);
        self.last = (!double).then_some((now, row));
        double
    }
}
