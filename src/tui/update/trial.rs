//! Interfaces that a running capture is to go on with: the target opens them first, over the connection of the capture, so
//! that a wrong choice ends nothing.

use super::picker::{end, ends_running, look, start};
use crate::{
    engine::{LookNews, SessionId},
    profile::{Interface, Target},
    session::{FailKind, Failure},
    tui::{
        model::Model,
        msg::Effect,
        overlay::Overlay,
        picker::{List, Outlook, Picker, Stage, Subject, Trial},
    },
};

/// Starts what was chosen in the picker; what would end a running capture is tried before.
pub(super) fn take(model: &mut Model, mut picker: Box<Picker>, choices: Vec<Interface>) -> Vec<Effect> {
    let asked = match &picker.trial {
        Some(Trial { outlook: Outlook::Asked, .. }) => {
            model.overlays.push(Overlay::Picker(picker));
            return Vec::new();
        }
        Some(Trial { outlook: Outlook::Unknown(_), choices: tried }) => *tried == choices,
        _ => false,
    };
    let mut effects = end(picker.looking);
    if asked || !ends_running(model, &picker.subject, &choices) {
        effects.extend(start(model, &picker.subject, Some(choices)));
        return effects;
    }
    let (looking, effect) =
        look(model, &Subject { target: tried(&picker, &choices), ..picker.subject.clone() });
    effects.push(effect);
    picker.looking = looking;
    picker.trial = Some(Trial { choices, outlook: Outlook::Asked });
    model.overlays.push(Overlay::Picker(picker));
    effects
}

/// The target with all that was chosen, so that one question opens each.
fn tried(picker: &Picker, choices: &[Interface]) -> Target {
    let names = choices.iter().flat_map(Interface::names).cloned().collect();
    Target { interface: Interface::Merged(names), ..picker.subject.target.clone() }
}

/// What the target says of what it was asked to open; `None` if the news is of something else.
pub(super) fn hear(model: &mut Model, look: SessionId, news: &LookNews) -> Option<Vec<Effect>> {
    let is_of = |overlay: &Overlay| overlay.looking().and_then(|looking| looking.id) == Some(look);
    let place = model.overlays.iter().position(is_of)?;
    let now = model.now.instant;
    let Some(Overlay::Picker(picker)) = model.overlays.get_mut(place) else { return None };
    let choices = picker.trial.as_ref().filter(|trial| trial.outlook == Outlook::Asked)?.choices.clone();
    let outlook = match news {
        LookNews::Failed(failure) => Outlook::Unknown(failure.message.clone()),
        LookNews::Seen(report) => {
            let doubt = report.doubt(&tried(picker, &choices));
            if !matches!(picker.stage, Stage::Listed(_)) {
                picker.stage = Stage::Listed(List::new((**report).clone(), now));
            }
            match doubt {
                None => return Some(go_on(model, place, choices)),
                Some(Ok(why)) => Outlook::Unknown(why),
                Some(Err(failure)) => Outlook::Refused(short(failure)),
            }
        }
        _ => return None,
    };
    picker.trial = Some(Trial { choices, outlook });
    Some(Vec::new())
}

/// The list below says which interfaces there are.
fn short(failure: Failure) -> Failure {
    let hint = failure.hint.filter(|_| failure.kind != FailKind::Interface);
    Failure { hint, ..failure }
}

/// They open: the session goes on with them.
fn go_on(model: &mut Model, place: usize, choices: Vec<Interface>) -> Vec<Effect> {
    let Overlay::Picker(picker) = model.overlays.remove(place) else { return Vec::new() };
    let mut effects = end(picker.looking);
    effects.extend(start(model, &picker.subject, Some(choices)));
    effects
}

/// Another choice: what was said about the one before is out of date.
pub(super) fn forget(picker: &mut Picker) {
    picker.trial = picker.trial.take().filter(|trial| trial.outlook == Outlook::Asked);
}
