//! Questions of ssh and sudo: their queue, and what the keys of their boxes do.

use zeroize::Zeroizing;

use super::choice;
use crate::{
    engine::{Answer, Question, QuestionId, SessionId},
    remote::prompt::PromptKind,
    session::FailKind,
    tui::{
        answer::{AnswerForm, Keep, KeyChoice, Sight, same_secret},
        box_keys::AskCmd,
        detail::LogShare,
        kept::reusable,
        model::{Model, Pane, Phase},
        msg::Effect,
        overlay::{Button, Overlay, Waiting},
        theme::Role,
    },
};

/// Takes a question in. One that was answered for others before is answered at once.
pub(super) fn asked(model: &mut Model, session: SessionId, name: String, question: Question) -> Vec<Effect> {
    let prompt = &question.prompt;
    if question.attempt > 1 {
        model.orders.kept.forget(prompt);
    } else if let Some(answer) = model.orders.kept.answer(prompt) {
        model.say(name, "answered with what was kept for the same question", Role::Muted);
        return vec![Effect::Answer(question.id, answer)];
    }
    model.say(name.clone(), format!("waiting for you: {}  (p answers)", prompt.wanted()), Role::Attention);
    if let (PromptKind::HostKey { fingerprint, .. }, Some(session)) =
        (&prompt.kind, model.sessions.all.get_mut(&session))
    {
        session.facts.fingerprint = Some(fingerprint.clone());
    }
    model.questions.push_back(Waiting { session, name, question });
    open_next(model);
    Vec::new()
}

/// Performs a command of these boxes.
pub(super) fn perform(model: &mut Model, cmd: AskCmd) -> Vec<Effect> {
    match cmd {
        AskCmd::Show | AskCmd::Keep => {
            if let Some(form) = model.overlays.last_mut().and_then(Overlay::secret_mut) {
                match (cmd, form.sight, form.keep) {
                    (AskCmd::Show, Sight::Hidden, _) => form.sight = Sight::Shown,
                    (AskCmd::Show, Sight::Shown, _) => form.sight = Sight::Hidden,
                    (_, _, Keep::No) => form.keep = Keep::Yes,
                    (_, _, Keep::Yes) => form.keep = Keep::No,
                    (_, _, Keep::Never) => {}
                }
            }
            Vec::new()
        }
        AskCmd::Next => next(model),
        AskCmd::Turn { on } => {
            turn(model, on);
            Vec::new()
        }
        AskCmd::Decide => decide(model),
        AskCmd::Copy => copy(model),
        AskCmd::Log => log(model),
    }
}

/// The question of the box on top.
fn on_top(model: &Model) -> Option<&Waiting> {
    match model.overlays.last() {
        Some(Overlay::Question { id, .. }) => model.question(*id),
        _ => None,
    }
}

fn fingerprint(model: &Model) -> Option<String> {
    match &on_top(model)?.question.prompt.kind {
        PromptKind::HostKey { fingerprint, .. } => Some(fingerprint.clone()),
        _ => None,
    }
}

/// The question behind the one on top goes before it. What was typed is forgotten: it was for that one.
fn next(model: &mut Model) -> Vec<Effect> {
    if model.questions.len() > 1 && on_top(model).is_some() {
        model.overlays.pop();
        model.questions.rotate_left(1);
        model.open_question();
    }
    Vec::new()
}

fn turn(model: &mut Model, on: bool) {
    let Some(fingerprint) = fingerprint(model) else { return };
    if let Some(Overlay::Question { form: AnswerForm::HostKey(form), .. }) = model.overlays.last_mut() {
        form.turn(&fingerprint, on);
    }
}

/// Decides so, if that may be.
pub(super) fn push(model: &mut Model, choice: KeyChoice) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Question { form: AnswerForm::HostKey(form), .. }) => form.choice = choice,
        _ => return Vec::new(),
    }
    decide(model)
}

/// What the button says. A key that is not the one that was pasted is never accepted.
fn decide(model: &mut Model) -> Vec<Effect> {
    let Some(fingerprint) = fingerprint(model) else { return Vec::new() };
    match model.overlays.pop() {
        Some(Overlay::Question { id, form: AnswerForm::HostKey(form) }) => {
            let decision = match form.chosen(&fingerprint) {
                KeyChoice::Refuse => Answer::Cancel,
                KeyChoice::Save => Answer::Accept,
                KeyChoice::Once => Answer::AcceptOnce,
            };
            answer(model, id, decision)
        }
        other => {
            model.overlays.extend(other);
            Vec::new()
        }
    }
}

/// Yes or no.
pub(super) fn choose(model: &mut Model, id: QuestionId, button: Button) -> Vec<Effect> {
    answer(model, id, if button == Button::Act { Answer::Accept } else { Answer::Cancel })
}

/// Sends the secret of the box on top, and, if it is to be kept, to all others that wait for the same.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Question { id, form: AnswerForm::Secret(mut form) }) = model.overlays.pop() else {
        return Vec::new();
    };
    let secret = form.input.take();
    match (form.keep, model.question(id).map(|waiting| waiting.question.prompt.clone())) {
        (Keep::Yes, Some(prompt)) => {
            let same = |waiting: &&Waiting| {
                waiting.question.id != id && same_secret(&prompt, &waiting.question.prompt)
            };
            let others: Vec<_> = model.questions.iter().filter(same).map(|w| w.question.id).collect();
            let typed = |secret: &Zeroizing<String>| reusable(secret.clone());
            let mut effects: Vec<_> =
                others.iter().map(|other| Effect::Answer(*other, typed(&secret))).collect();
            model.questions.retain(|waiting| !others.contains(&waiting.question.id));
            effects.extend(answer(model, id, typed(&secret)));
            model.orders.kept.keep(&prompt, secret);
            effects
        }
        _ => answer(model, id, Answer::typed(secret)),
    }
}

/// Gives an answer; the next question takes the box's place.
pub(super) fn answer(model: &mut Model, id: QuestionId, answer: Answer) -> Vec<Effect> {
    model.questions.retain(|waiting| waiting.question.id != id);
    open_next(model);
    vec![Effect::Answer(id, answer)]
}

/// A question that needs no answer any more leaves the queue, and its box closes. No other one takes its
/// place: whoever is typing would send a secret to the wrong machine.
pub(super) fn withdraw(model: &mut Model, id: QuestionId) {
    let Some(waiting) = model.question(id) else { return };
    let (who, hop) = (waiting.name.clone(), waiting.question.hop.clone());
    model.say(who, format!("the question about {hop} is no longer needed"), Role::Muted);
    let is_open = |overlay: &Overlay| matches!(overlay, Overlay::Question { id: open, .. } if *open == id);
    if model.overlays.iter().any(is_open) {
        model.notice = Some(format!("the question about {hop} is no longer needed"));
    }
    model.questions.retain(|waiting| waiting.question.id != id);
    model.overlays.retain(|overlay| !is_open(overlay));
}

/// The next question opens by itself when it arrives or the one before was answered, if nothing else has the
/// keys. Closing another box does not open it: a second Esc would cancel it.
pub(super) fn open_next(model: &mut Model) {
    if choice::can_answer(model).is_err() || !matches!(model.phase, Phase::Open { .. }) {
        return;
    }
    match model.overlays.last() {
        None => model.open_question(),
        // What a box waits for itself may be asked on top of it.
        Some(overlay) => {
            let look = overlay.looking().and_then(|looking| looking.id);
            let own = model.questions.iter().find(|waiting| Some(waiting.session) == look);
            if let Some(id) = own.map(|waiting| waiting.question.id) {
                model.open_this_question(id);
            }
        }
    }
}

/// A host key that has changed is no question, but it needs more than a line. It opens like one.
pub(super) fn warn_of_changed_key(model: &mut Model, id: SessionId) {
    let failure = model.sessions.all.get(&id).and_then(|session| session.state.failure());
    if failure.is_some_and(|failure| failure.kind == FailKind::HostKeyChanged)
        && model.overlays.is_empty()
        && matches!(model.phase, Phase::Open { .. })
    {
        model.overlays.push(Overlay::ChangedKey(id));
    }
}

/// Copies the fingerprint that is asked about, or the command that removes a changed key.
fn copy(model: &mut Model) -> Vec<Effect> {
    let (what, text) = match model.overlays.last() {
        Some(Overlay::ChangedKey(id)) => ("command", model.removal_of(*id)),
        _ => ("fingerprint", fingerprint(model)),
    };
    let Some(text) = text else { return Vec::new() };
    model.notice = Some(format!("{what} sent to the terminal"));
    vec![Effect::Copy(text)]
}

/// The log of the session that the box is about.
fn log(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::ChangedKey(id)) = model.overlays.pop() {
        model.sessions.cursor = Some(id);
        model.focus = Pane::Sessions;
        model.open_detail(LogShare::Whole);
    }
    Vec::new()
}
