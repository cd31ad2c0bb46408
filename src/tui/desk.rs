//! How the user has arranged the room: everything that is neither a target nor a session.

use jiff::tz::TimeZone;

use super::{
    alerts::Alerts, detail::Detail, frozen::Frozen, glyphs::GlyphSet, mouse::Mouse, settings::Settings,
    welcome::Welcome,
};

/// How many filters are remembered.
pub(crate) const FILTERS: usize = 50;

/// What the panes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Zoom {
    /// The screen.
    #[default]
    Shared,
    /// Nothing: the one in focus has all of it.
    Whole,
}

impl Zoom {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Shared => Self::Whole,
            Self::Whole => Self::Shared,
        }
    }
}

/// The arrangement.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The signs to use.
    pub(crate) glyphs: GlyphSet,
    /// For times of day.
    pub(crate) zone: TimeZone,
    /// The detail screen, if it is open.
    pub(crate) detail: Option<Detail>,
    /// Whether the pane in focus has the whole screen.
    pub(crate) zoom: Zoom,
    /// What is held back while the screen stands still.
    pub(crate) frozen: Option<Frozen>,
    /// The mouse.
    pub(crate) mouse: Mouse,
    /// What the world hears of.
    pub(crate) alerts: Alerts,
    /// What the user has set.
    pub(crate) settings: Settings,
    /// Filters that were used, the last one last.
    pub(crate) filters: Vec<String>,
    /// What is said at the first run.
    pub(crate) welcome: Welcome,
    /// Whether the spool goes with the dashboard, whatever is in it: that of the demo.
    pub(crate) throwaway: bool,
}

impl Desk {
    /// An arrangement that nobody has changed yet.
    pub(crate) fn new(glyphs: GlyphSet, zone: TimeZone, settings: Settings) -> Self {
        Self {
            glyphs,
            zone,
            welcome: Welcome::default(),
            detail: None,
            zoom: Zoom::Shared,
            frozen: None,
            mouse: Mouse::default(),
            alerts: Alerts::default(),
            settings,
            filters: Vec::new(),
            throwaway: false,
        }
    }

    /// Remembers a filter as the last one used.
    pub(crate) fn remember_filter(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.filters.retain(|known| known != text);
        self.filters.push(text.to_owned());
        let surplus = self.filters.len().saturating_sub(FILTERS);
        self.filters.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::{Desk, FILTERS, GlyphSet, Settings, TimeZone};

    #[test]
    fn filters_are_remembered_once_and_not_forever() {
        let mut desk = Desk::new(GlyphSet::Unicode, TimeZone::UTC, Settings::default());
        for text in ["a", "b", "a", ""] {
            desk.remember_filter(text);
        }
        assert_eq!(desk.filters, ["b", "a"]);
        (0..100).for_each(|number| desk.remember_filter(&number.to_string()));
        assert_eq!((desk.filters.len(), desk.filters[FILTERS - 1].as_str()), (FILTERS, "99"));
    }
}
