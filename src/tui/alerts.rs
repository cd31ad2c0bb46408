//! What the world should hear of: by the terminal's bell while nobody looks, and by the user's own command.

use std::collections::BTreeMap;

use super::{standing::Standing, update::outcome_words};
use crate::{
    engine::{Event, EventKind, SessionId},
    session::State,
};

/// Whether somebody looks at the terminal, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Attention {
    /// It has the focus, or does not tell.
    #[default]
    Here,
    /// It has lost the focus.
    Away,
}

/// Something to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    /// `live`, `late`, `ask`, `fail`, `done`.
    pub(crate) event: &'static str,
    /// The target.
    pub(crate) target: String,
    /// Why, where there is a reason.
    pub(crate) message: String,
}

impl Alert {
    /// True if somebody is needed.
    pub(crate) fn is_urgent(&self) -> bool {
        matches!(self.event, "ask" | "fail")
    }
}

/// Where each session stood when it was heard of last. The screen may stand still, this does not.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    /// Whether somebody looks.
    pub(crate) attention: Attention,
    known: BTreeMap<SessionId, (String, Standing)>,
}

impl Alerts {
    /// Takes an event in; says what to hear of it.
    pub(crate) fn hear(&mut self, event: &Event) -> Option<Alert> {
        match &event.kind {
            EventKind::Started { name, .. } => {
                self.known.insert(event.session, (name.to_string(), Standing::Starting));
                None
            }
            EventKind::State(state) => {
                let now = Standing::of(state);
                let (target, before) = self.known.get_mut(&event.session)?;
                let changed = std::mem::replace(before, now) != now;
                let target = target.clone();
                if now == Standing::Done || now == Standing::Failed {
                    self.known.remove(&event.session);
                }
                let (event, message) = changed.then(|| words(state, now)).flatten()?;
                Some(Alert { event, target, message })
            }
            _ => None,
        }
    }
}

fn words(state: &State, standing: Standing) -> Option<(&'static str, String)> {
    Some(match (standing, state) {
        (Standing::Asking, State::Asking { question, .. }) => ("ask", question.clone()),
        (Standing::Failed, State::Ended { outcome, .. }) => ("fail", outcome_words(outcome)),
        (Standing::Done, State::Ended { outcome, .. }) => ("done", outcome_words(outcome)),
        (Standing::Live, _) => ("live", String::new()),
        (Standing::Late, _) => ("late", "no sign of life from the target".to_owned()),
        _ => return None,
    })
}
