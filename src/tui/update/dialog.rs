//! Boxes: what they ask, and what their answers do.

use std::time::Duration;

use super::{choice, command};
use crate::{
    engine::{Answer, QuestionId, profiles::Request},
    profile::TargetName,
    tui::{
        clean, form,
        model::{Model, Phase},
        msg::Effect,
        overlay::{AnswerForm, Button, Confirm, Overlay},
        theme::Role,
    },
};

/// A second Ctrl-c within this time does not ask.
const TWICE: Duration = Duration::from_secs(2);

/// Opens a box that asks.
pub(super) fn ask(model: &mut Model, what: Confirm) {
    model.overlays.push(Overlay::Confirm { what, button: Button::default() });
}

/// Leaves, or asks first if something would be lost or stopped.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if form::holds(model) {
        return Vec::new();
    }
    if model.sessions.active_count() == 0 && model.starting.is_empty() {
        return leave(model);
    }
    let asked = |overlay: &Overlay| matches!(overlay, Overlay::Confirm { what: Confirm::Quit, .. });
    if !model.overlays.iter().any(asked) {
        ask(model, Confirm::Quit);
    }
    Vec::new()
}

/// Ctrl-c: asks, then leaves, then kills.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    let now = model.now.instant;
    match model.phase {
        Phase::Leaving => kill_all(model),
        Phase::Open { interrupted: Some(last) } if now.saturating_duration_since(last) <= TWICE => {
            leave(model)
        }
        Phase::Open { .. } => {
            model.phase = Phase::Open { interrupted: Some(now) };
            quit(model)
        }
    }
}

/// Ends everything. What is left stays on the screen until the engine is done.
pub(super) fn leave(model: &mut Model) -> Vec<Effect> {
    model.phase = Phase::Leaving;
    model.overlays.clear();
    vec![Effect::Shutdown]
}

/// Kills what is still there.
pub(super) fn kill_all(model: &mut Model) -> Vec<Effect> {
    model.sessions.active().map(|(id, _)| Effect::Kill(id)).collect()
}

/// Closes the top box; without one takes the marks away.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Question { id, .. }) => answer(model, id, Answer::Cancel),
        Some(_) => Vec::new(),
        None => {
            command::clear_marks(model);
            Vec::new()
        }
    }
}

/// The other button of the top box.
pub(super) fn other_button(model: &mut Model) {
    if let Some(
        Overlay::Confirm { button, .. } | Overlay::Question { form: AnswerForm::Choice(button), .. },
    ) = model.overlays.last_mut()
    {
        *button = button.other();
    }
}

/// Does what the button of the top box says.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Question { id, form: AnswerForm::Choice(button) }) => {
            let yes = if button == Button::Act { Answer::Accept } else { Answer::Cancel };
            answer(model, id, yes)
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
        Confirm::Quit => return leave(model),
        Confirm::Clean(what) => return clean::end(model, what),
        Confirm::Stop(ids) => active(ids, model).into_iter().map(Effect::Stop).collect(),
        Confirm::Kill(ids) => active(ids, model).into_iter().map(Effect::Kill).collect(),
        Confirm::Delete(TargetName { site, target }) => {
            vec![Effect::Clerk(Request::Delete { site, target })]
        }
    };
    command::clear_marks(model);
    effects
}

/// Sends the secret of the top box.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Question { id, form: AnswerForm::Secret(mut input) }) => {
            answer(model, id, Answer::typed(input.take()))
        }
        _ => Vec::new(),
    }
}

fn answer(model: &mut Model, id: QuestionId, answer: Answer) -> Vec<Effect> {
    model.questions.retain(|waiting| waiting.question.id != id);
    open_next_question(model);
    vec![Effect::Answer(id, answer)]
}

/// A question that needs no answer any more leaves the queue, and its box closes. No other one takes its
/// place: whoever is typing would send a secret to the wrong machine.
pub(super) fn withdraw(model: &mut Model, id: QuestionId) {
    let Some(waiting) = model.question(id) else { return };
    let (who, hop) = (waiting.session, waiting.question.hop.clone());
    let who =
        model.sessions.all.get(&who).map_or_else(|| "wrcap".to_owned(), |session| session.name.to_string());
    model.say(who, format!("the question about {hop} is no longer needed"), Role::Muted);
    model.questions.retain(|waiting| waiting.question.id != id);
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Question { id: open, .. } if *open == id));
}

/// The next question opens by itself when it arrives or the one before was answered, if nothing else has the
/// keys. Closing another box does not open it: a second Esc would cancel it.
pub(super) fn open_next_question(model: &mut Model) {
    if model.overlays.is_empty()
        && choice::can_answer(model).is_ok()
        && matches!(model.phase, Phase::Open { .. })
    {
        model.open_question();
    }
}
