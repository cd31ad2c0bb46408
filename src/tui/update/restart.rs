//! Starting again what runs or has ended.

use std::sync::Arc;

use super::{choice, command};
use crate::{
    engine::SessionId,
    profile::Target,
    tui::{
        model::{Model, Phase},
        msg::Effect,
    },
};

/// Stops the chosen sessions and starts the same again, with what was changed in their profiles meanwhile; what has
/// ended starts at once.
pub(super) fn restart(model: &mut Model) -> Vec<Effect> {
    let ids = choice::restartable(model);
    let alone = ids.len() == 1;
    command::clear_marks(model);
    ids.into_iter().flat_map(|id| restart_as(model, id, None, alone)).collect()
}

/// Starts a session's target again, changed or as it was, once the session has ended. `follow` takes the cursor
/// along.
pub(super) fn restart_as(
    model: &mut Model,
    id: SessionId,
    changed: Option<Target>,
    follow: bool,
) -> Vec<Effect> {
    if model.orders.restarts.waiting.contains_key(&id) {
        return Vec::new();
    }
    let Some(session) = model.sessions.all.get(&id) else { return Vec::new() };
    let own = || session.facts.again().cloned();
    let Some(target) = changed.or_else(own) else { return Vec::new() };
    let ended = session.state.is_ended();
    if follow {
        expect(model, &target);
    }
    if ended {
        return command::start_all(model, vec![target]);
    }
    model.orders.restarts.waiting.insert(id, target);
    vec![Effect::Stop(id)]
}

/// The cursor goes to the next session of this target.
pub(super) fn expect(model: &mut Model, target: &Target) {
    model.orders.restarts.expected.push(target.clone());
}

/// A session has ended: what waits for that begins.
pub(super) fn go_on(model: &mut Model, id: SessionId) -> Vec<Effect> {
    match model.orders.restarts.waiting.remove(&id) {
        Some(target) if matches!(model.phase, Phase::Open { .. }) => command::start_all(model, vec![target]),
        _ => Vec::new(),
    }
}

/// True once for a session that was started again and is to be followed.
pub(super) fn is_expected(model: &mut Model, target: &Arc<Target>) -> bool {
    let place = model.orders.restarts.expected.iter().position(|expected| expected == &**target);
    place.map(|place| model.orders.restarts.expected.swap_remove(place)).is_some()
}
