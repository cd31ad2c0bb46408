//! A session's state as the screen tells it: rank, sign and role of each of the engine's states.

use super::{glyphs::Glyph, theme::Role};
use crate::session::{Link, Outcome, State};

/// What a state means for the user; ordered by who needs the user first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Waits for an answer.
    Asking,
    /// Ended badly.
    Failed,
    /// Still writing, may be gone.
    Late,
    /// Broke off; is tried again.
    Retrying,
    /// On its way to the first packet.
    Starting,
    /// Packets may flow.
    Live,
    /// Waits for the last packets.
    Stopping,
    /// Ended as asked.
    Done,
    /// Ended badly, and the same was tried again since.
    Superseded,
}

impl Standing {
    /// The word for what was tried again since; all others have that of their state.
    pub(crate) const OLDER: &str = "older";

    /// All of them, in the order in which they are counted.
    pub(crate) const ALL: [Self; 9] = [
        Self::Asking,
        Self::Failed,
        Self::Late,
        Self::Retrying,
        Self::Starting,
        Self::Live,
        Self::Stopping,
        Self::Done,
        Self::Superseded,
    ];

    /// The standing of a state.
    pub(crate) fn of(state: &State) -> Self {
        match state {
            State::Asking { .. } => Self::Asking,
            state if state.gap().is_some() => Self::Retrying,
            State::Connecting { .. }
            | State::Probing { .. }
            | State::Arming { .. }
            | State::Retrying { .. } => Self::Starting,
            State::Live { link: Link::Live { .. }, .. } => Self::Live,
            State::Live { .. } => Self::Late,
            State::Stopping { .. } => Self::Stopping,
            State::Ended { outcome: Outcome::Failed(_), .. } => Self::Failed,
            State::Ended { .. } => Self::Done,
        }
    }

    /// The place in the list. What starts, runs and stops shares one, so that a healthy session's row never moves.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Asking => 0,
            Self::Failed => 1,
            Self::Late => 2,
            Self::Retrying => 3,
            Self::Starting | Self::Live | Self::Stopping => 4,
            Self::Done | Self::Superseded => 5,
        }
    }

    /// True for what is over and needs nobody.
    pub(crate) fn is_history(self) -> bool {
        matches!(self, Self::Done | Self::Superseded)
    }

    /// Its sign.
    pub(crate) fn glyph(self) -> Glyph {
        match self {
            Self::Asking => Glyph::Asking,
            Self::Failed | Self::Superseded => Glyph::Failed,
            Self::Late => Glyph::Late,
            Self::Retrying => Glyph::Retrying,
            Self::Starting => Glyph::Starting,
            Self::Live => Glyph::Live,
            Self::Stopping => Glyph::Stopping,
            Self::Done => Glyph::Done,
        }
    }

    /// Its role.
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Asking => Role::Attention,
            Self::Failed => Role::Error,
            Self::Late | Self::Retrying => Role::Warn,
            Self::Starting => Role::Info,
            Self::Live => Role::Ok,
            Self::Stopping | Self::Done | Self::Superseded => Role::Muted,
        }
    }

    /// How the header counts it: with room, without. `None`: not worth counting.
    pub(crate) fn counted(self) -> (&'static str, &'static str) {
        match self {
            Self::Asking => ("asks you", "asks"),
            Self::Failed => ("failed", "fail"),
            Self::Late => ("late", "late"),
            Self::Retrying => ("retry", "retry"),
            Self::Starting => ("starting", "start"),
            Self::Live => ("live", "live"),
            Self::Stopping => ("stopping", "stop"),
            Self::Done => ("done", "done"),
            Self::Superseded => ("tried before", Self::OLDER),
        }
    }

    /// What its sign means, for the legend.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Asking => "waits for your answer",
            Self::Failed => "ended badly, the reason is below it",
            Self::Late => "the target is silent; may be gone",
            Self::Retrying => "broke off; tried again by itself",
            Self::Starting => "dial, probe, arm: on its way",
            Self::Live => "packets may flow",
            Self::Stopping => "waits for the last packets",
            Self::Done => "ended as asked",
            Self::Superseded => "failed; a later try is in the list",
        }
    }
}
