//! Boxes: what they ask, and what their answers do.

use std::time::Duration;

use super::{command, list, picker, question};
use crate::{
    engine::{
        Answer, Unsaved,
        profiles::{Doomed, Request},
    },
    tui::{
        answer::AnswerForm,
        clean,
        desk::Zoom,
        form,
        model::{Model, Phase},
        msg::Effect,
        overlay::{Button, Confirm, Overlay},
        sheet, spools,
    },
};

/// A second Ctrl-c within this time does not ask.
const TWICE: Duration = Duration::from_secs(2);

/// Opens a box that asks.
pub(super) fn ask(model: &mut Model, what: Confirm) {
    model.overlays.push(Overlay::Confirm { what, button: Button::default() });
}

/// Closes a box about captures of which none runs any more. The one about leaving stays: who wants to leave still does.
pub(super) fn close_outdated(model: &mut Model) {
    let outdated = |overlay: &Overlay| {
        matches!(overlay, Overlay::Confirm { what: what @ (Confirm::Stop(_) | Confirm::Kill(_)), .. }
            if model.running_of(what) == 0)
    };
    if let Some(place) = model.overlays.iter().position(outdated) {
        model.overlays.remove(place);
        model.notice = Some("what the box was about has ended".to_owned());
    }
}

/// Leaves, or asks first if something would be lost or stopped.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if form::holds(model) {
        return Vec::new();
    }
    if model.running_of(&Confirm::Quit) == 0 && !model.has_packets_at_stake() {
        return leave(model, Unsaved::Keep);
    }
    let asked = |overlay: &Overlay| matches!(overlay, Overlay::Confirm { what: Confirm::Quit, .. });
    if !model.overlays.iter().any(asked) {
        ask(model, Confirm::Quit);
    }
    Vec::new()
}

/// Ctrl-c: asks, then leaves, then kills. Whoever is not asked loses no packets.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.instant;
    match model.phase {
        Phase::Leaving => kill_all(model),
        Phase::Open { interrupted: Some(last) } if now.saturating_duration_since(last) <= TWICE => {
            leave(model, Unsaved::Keep)
        }
        Phase::Open { .. } => {
            model.phase = Phase::Open { interrupted: Some(now) };
            quit(model)
        }
    }
}

/// Ends everything. What is left stays on the screen until the engine is done.
pub(super) fn leave(model: &mut Model, unsaved: Unsaved) -> Vec<Effect> {
    model.phase = Phase::Leaving;
    model.overlays.clear();
    vec![Effect::Shutdown(if model.desk.throwaway { Unsaved::Delete } else { unsaved })]
}

/// Kills what is still there.
pub(super) fn kill_all(model: &mut Model) -> Vec<Effect> {
    model.sessions.active().map(|(id, _)| Effect::Kill(id)).collect()
}

/// Closes the top box; without one takes the filter away, then the marks, then the zoom.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    if picker::end_find(model) {
        return Vec::new();
    }
    match model.overlays.pop() {
        Some(Overlay::Question { id, .. }) => question::answer(model, id, Answer::Cancel),
        Some(Overlay::Filter { .. }) => {
            list::clear_filter(model);
            Vec::new()
        }
        Some(Overlay::Sheet(sheet)) => sheet::closed(&sheet),
        Some(overlay) => picker::close(&overlay),
        None if model.close_detail() => Vec::new(),
        None => {
            if !list::clear_filter(model) && !command::clear_marks(model) {
                model.desk.zoom = Zoom::Shared;
            }
            Vec::new()
        }
    }
}

/// The next button of the top box, or the one before.
pub(super) fn turn(model: &mut Model, on: bool) {
    let number = match model.overlays.last() {
        Some(Overlay::Confirm { what, .. }) => model.buttons_of(what).len(),
        _ => 2,
    };
    if let Some(
        Overlay::Confirm { button, .. } | Overlay::Question { form: AnswerForm::Choice(button), .. },
    ) = model.overlays.last_mut()
    {
        *button = button.turned(on, number);
    }
}

/// Does what this button of the top box says.
pub(super) fn push(model: &mut Model, pushed: Button) -> Vec<Effect> {
    if let Some(
        Overlay::Confirm { button, .. } | Overlay::Question { form: AnswerForm::Choice(button), .. },
    ) = model.overlays.last_mut()
    {
        *button = pushed;
        return confirm(model);
    }
    Vec::new()
}

/// Does what the button of the top box says.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Question { id, form: AnswerForm::Choice(button) }) => {
            question::choose(model, id, button)
        }
        Some(Overlay::Confirm { what: Confirm::Quit, button: Button::Delete }) => {
            leave(model, Unsaved::Delete)
        }
        Some(Overlay::Confirm { what, button: Button::Act }) => act(model, what),
        _ => Vec::new(),
    }
}

/// What was confirmed, for the sessions that have not ended meanwhile.
fn act(model: &mut Model, what: Confirm) -> Vec<Effect> {
    let active = |ids: Vec<_>, model: &Model| {
        ids.into_iter()
            .filter(|id| model.sessions.active().any(|(other, _)| other == *id))
            .collect::<Vec<_>>()
    };
    let effects = match what {
        Confirm::Quit => return leave(model, Unsaved::Keep),
        Confirm::Clean(what) => return clean::end(model, what),
        Confirm::RemoveSpool(spool) => return spools::remove(model, *spool),
        Confirm::Dismiss(ids) => return command::dismiss_all(model, ids),
        Confirm::Stop(ids) => active(ids, model).into_iter().map(Effect::Stop).collect(),
        Confirm::Kill(ids) => active(ids, model).into_iter().map(Effect::Kill).collect(),
        Confirm::Delete(names) => vec![Effect::Clerk(Request::Delete(Doomed::Targets(names)))],
        Confirm::DeleteSite { site, .. } => vec![Effect::Clerk(Request::Delete(Doomed::Site(site)))],
    };
    command::clear_marks(model);
    effects
}
