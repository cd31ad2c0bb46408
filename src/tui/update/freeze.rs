//! The screen stands still: everything the engine reports waits, and so does the time that things show.
//!
//! Reading goes on: cursors, scrolling, filters, orders, help. Whatever acts lets the screen go on first, because
//! nobody should act on what may not be so any more; a question does, too, because somebody waits for its answer.

use super::engine;
use crate::{
    engine::{Event, EventKind},
    tui::{
        bindings::{self, Cmd},
        frozen::Frozen,
        model::{Model, Phase},
        msg::{Effect, Moment},
    },
};

/// Freezes the screen, or lets it go on.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.desk.frozen.is_none() {
        model.desk.frozen = Some(Frozen::new(model.now));
        return Vec::new();
    }
    thaw(model)
}

/// Lets the screen go on: what was held back happens now.
pub(super) fn thaw(model: &mut Model) -> Vec<Effect> {
    let Some(frozen) = model.desk.frozen.take() else { return Vec::new() };
    let (held, now) = frozen.thaw();
    model.now = now;
    let effects = held.into_iter().flat_map(|event| engine::hear(model, event)).collect();
    for session in model.sessions.all.values_mut().filter(|session| !session.state.is_ended()) {
        session.read(now.instant);
    }
    effects
}

/// Takes an event in, or holds it back.
pub(super) fn hear(model: &mut Model, event: Event) -> Vec<Effect> {
    let asks = matches!(event.kind, EventKind::Asked(_));
    match &mut model.desk.frozen {
        Some(frozen) if !asks => {
            frozen.hold(event);
            Vec::new()
        }
        _ => {
            let mut effects = thaw(model);
            effects.extend(engine::hear(model, event));
            effects
        }
    }
}

/// Lets the time of the screen go on, or only the time behind it. Returns the time before.
pub(super) fn pass(model: &mut Model, now: Moment) -> Moment {
    match &mut model.desk.frozen {
        Some(frozen) => std::mem::replace(&mut frozen.now, now),
        None => std::mem::replace(&mut model.now, now),
    }
}

/// Lets the screen go on if a command acts.
pub(super) fn before(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    if bindings::shows_only(cmd) && matches!(model.phase, Phase::Open { .. }) {
        Vec::new()
    } else {
        thaw(model)
    }
}
