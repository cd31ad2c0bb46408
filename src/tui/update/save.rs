//! The box that saves captures.

use super::{choice, command};
use crate::{
    engine::SessionId,
    remote::text::clean,
    session::Failure,
    tui::{
        model::Model,
        msg::Effect,
        overlay::Overlay,
        save::{Progress, SaveForm, Wrong},
    },
};

/// Opens it for what is chosen.
pub(super) fn open(model: &mut Model) {
    let ids = choice::sessions(model);
    let name = ids.first().and_then(|id| model.sessions.all.get(id)).map(|session| session.name.clone());
    model.overlays.push(Overlay::Save(SaveForm::new(ids, name.as_ref())));
}

/// Changes what was typed.
pub(super) fn edit(model: &mut Model, change: impl FnOnce(&mut SaveForm)) {
    if let Some(Overlay::Save(form)) = model.overlays.last_mut() {
        form.edit(change);
    }
}

/// Saves, unless something is missing. The box stays until everything is saved.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Save(form)) = model.overlays.last_mut() else { return Vec::new() };
    if matches!(form.progress, Progress::Saving { .. }) {
        return Vec::new();
    }
    match form.wish() {
        Ok((range, path)) => {
            form.begin();
            form.ids.iter().map(|id| Effect::Save(*id, range, path.clone())).collect()
        }
        Err(message) => {
            form.progress = Progress::Typing { wrong: Some(Wrong { message, hint: None }) };
            Vec::new()
        }
    }
}

/// The engine has saved what a session holds, or could not.
pub(super) fn answered(model: &mut Model, id: SessionId, failure: Option<&Failure>) {
    let wrong = failure.map(|failure| Wrong { message: clean(&failure.message), hint: failure.hint.clone() });
    let place = model.overlays.iter().position(|overlay| matches!(overlay, Overlay::Save(_)));
    let Some((place, Overlay::Save(form))) = place.and_then(|at| Some((at, model.overlays.get_mut(at)?)))
    else {
        return;
    };
    if form.answer(id, wrong) {
        model.overlays.remove(place);
        command::clear_marks(model);
    }
}
