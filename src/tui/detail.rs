//! The detail screen of one session: where it stands on the screen and what it shows.

use super::{layout::Form, model::Model, sessions::Session};
use crate::engine::SessionId;

/// From this many columns on the detail stands beside the list.
const BESIDE: u16 = 140;

/// The least columns for the list beside it.
const LIST: u16 = 80;

/// How much of the past the graph shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Window {
    /// One minute.
    Minute,
    /// Five minutes.
    #[default]
    Five,
    /// Fifteen minutes.
    Fifteen,
}

impl Window {
    /// Seconds.
    pub(crate) fn seconds(self) -> usize {
        match self {
            Self::Minute => 60,
            Self::Five => 300,
            Self::Fifteen => 900,
        }
    }

    /// For the graph's title.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Minute => "1 min",
            Self::Five => "5 min",
            Self::Fifteen => "15 min",
        }
    }

    /// The next longer one, or the same.
    pub(crate) fn longer(self) -> Self {
        match self {
            Self::Minute => Self::Five,
            Self::Five | Self::Fifteen => Self::Fifteen,
        }
    }

    /// The next shorter one, or the same.
    pub(crate) fn shorter(self) -> Self {
        match self {
            Self::Fifteen => Self::Five,
            Self::Five | Self::Minute => Self::Minute,
        }
    }
}

/// How much of the detail screen the log takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LogShare {
    /// What the rest leaves.
    #[default]
    Rest,
    /// Everything.
    Whole,
}

/// An open detail screen. It shows the session under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Detail {
    /// How much of the past its graph shows.
    pub(crate) window: Window,
    /// How much of it the log takes.
    pub(crate) log: LogShare,
}

impl Model {
    /// Shares the screen between the list and the detail.
    pub(crate) fn fit(&mut self, screen: (u16, u16)) {
        self.screen = screen;
        self.size = if self.detail_is_beside() { (LIST.max(screen.0 / 2), screen.1) } else { screen };
    }

    /// True if the list is to be seen beside the detail; then it has the keys.
    pub(crate) fn detail_is_beside(&self) -> bool {
        self.desk.detail.is_some() && self.screen.0 >= BESIDE && Form::of(self.screen) == Form::Full
    }

    /// The session that the detail shows, if it is open.
    pub(crate) fn detailed(&self) -> Option<(SessionId, &Session)> {
        self.desk.detail?;
        let id = self.sessions.cursor?;
        self.sessions.all.get(&id).map(|session| (id, session))
    }

    /// The session of a detail that has the screen and the keys to itself.
    pub(crate) fn detailed_alone(&self) -> Option<SessionId> {
        if self.detail_is_beside() { None } else { self.detailed().map(|(id, _)| id) }
    }

    /// Opens the detail screen.
    pub(crate) fn open_detail(&mut self, log: LogShare) {
        let window = self.desk.detail.map(|detail| detail.window).unwrap_or_default();
        self.desk.detail = Some(Detail { window, log });
        self.fit(self.screen);
    }

    /// One level up: from its log to the detail, from the detail to the list. False if it was not open.
    pub(crate) fn close_detail(&mut self) -> bool {
        match &mut self.desk.detail {
            Some(detail) if detail.log == LogShare::Whole && !self.sessions.all.is_empty() => {
                detail.log = LogShare::Rest;
            }
            Some(_) => self.desk.detail = None,
            None => return false,
        }
        self.fit(self.screen);
        true
    }
}
