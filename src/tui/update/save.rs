//! The box that saves captures.

use super::{choice, command};
use crate::tui::{model::Model, msg::Effect, overlay::Overlay, save::SaveForm};

/// Opens it for what is chosen.
pub(super) fn open(model: &mut Model) {
    let ids = choice::sessions(model);
    let name = ids.first().and_then(|id| model.sessions.all.get(id)).map(|session| session.name.clone());
    model.overlays.push(Overlay::Save(SaveForm::new(ids, name.as_ref())));
}

/// Changes what was typed.
pub(super) fn edit(model: &mut Model, change: impl FnOnce(&mut SaveForm)) {
    if let Some(Overlay::Save(form)) = model.overlays.last_mut() {
        change(form);
    }
}

/// Saves, unless something is missing; then the box stays.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Save(form)) = model.overlays.last() else { return Vec::new() };
    match form.wish() {
        Ok((range, path)) => {
            let effects = form.ids.iter().map(|id| Effect::Save(*id, range, path.clone())).collect();
            model.overlays.pop();
            command::clear_marks(model);
            effects
        }
        Err(wrong) => {
            model.notice = Some(wrong);
            Vec::new()
        }
    }
}
