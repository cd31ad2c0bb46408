//! From what happened to what the screen shows and what must be done. Nothing here waits, reads a clock or
//! touches the world.

pub(crate) mod choice;
mod command;
mod dialog;
mod engine;
mod save;

pub(crate) use command::begin;
pub(crate) use engine::summary;

use std::time::UNIX_EPOCH;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{
    bindings::{self, Context, Key},
    clean, form,
    model::{Model, Phase},
    msg::{Effect, Moment, Msg},
    overlay::{AnswerForm, Overlay},
};

/// Takes a message in; returns what must be done.
pub(crate) fn update(model: &mut Model, msg: Msg, now: Moment) -> Vec<Effect> {
    let before = std::mem::replace(&mut model.now, now);
    if let Msg::Tick = msg {
        tick(model, before);
        return Vec::new();
    }
    model.dirty = true;
    let effects = match msg {
        Msg::Key(key) => press(model, key),
        Msg::Paste(text) => {
            match model.overlays.last_mut() {
                Some(Overlay::Question { form: AnswerForm::Secret(input), .. }) => input.paste(&text),
                Some(Overlay::Form(_)) => return form::paste(model, &text),
                _ => {}
            }
            save::edit(model, |form| form.paste(&text));
            Vec::new()
        }
        Msg::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Engine(event) => engine::hear(model, *event),
        Msg::Swept(swept) => {
            clean::hear(model, *swept);
            Vec::new()
        }
        Msg::Clerk(news) => form::hear(model, *news),
        Msg::Edited(end) => form::edited(model, *end),
        Msg::Terminate => terminate(model),
        Msg::Tick | Msg::Resumed => Vec::new(),
    };
    model.settle();
    effects
}

/// Samples the counters. The screen is old when a number or a second changed.
fn tick(model: &mut Model, before: Moment) {
    let now = model.now;
    let mut changed = false;
    for session in model.sessions.all.values_mut().filter(|session| !session.state.is_ended()) {
        changed |= session.read(now.instant);
    }
    let second = |moment: Moment| moment.wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    model.dirty |= changed || second(before) != second(now);
}

/// A key: a command of the context it is pressed in, else a character of what is being typed.
fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    let chord = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META | KeyModifiers::HYPER;
    if event.kind == KeyEventKind::Release || event.modifiers.intersects(chord) {
        return Vec::new();
    }
    model.notice = None;
    let context = model.context();
    let Some(binding) = bindings::find(context, Key::from(event)) else {
        return type_character(model, context, event);
    };
    match (binding.enabled)(model) {
        Ok(()) => command::perform(model, binding.cmd),
        Err(reason) => {
            command::refuse(model, binding, reason);
            Vec::new()
        }
    }
}

fn type_character(model: &mut Model, context: Context, event: KeyEvent) -> Vec<Effect> {
    if let (Context::Form | Context::Hops, KeyCode::Char(c)) = (context, event.code)
        && !event.modifiers.contains(KeyModifiers::CONTROL)
    {
        return form::type_character(model, c);
    }
    if let KeyCode::Char(c) = event.code
        && context == Context::Save
        && !event.modifiers.contains(KeyModifiers::CONTROL)
    {
        save::edit(model, |form| form.push(c));
    }
    if let (
        Context::Secret,
        KeyCode::Char(c),
        Some(Overlay::Question { form: AnswerForm::Secret(input), .. }),
    ) = (context, event.code, model.overlays.last_mut())
        && !event.modifiers.contains(KeyModifiers::CONTROL)
    {
        input.push(c);
    }
    Vec::new()
}

/// Leaves at once, the second time by force.
fn terminate(model: &mut Model) -> Vec<Effect> {
    match model.phase {
        Phase::Open { .. } => dialog::leave(model),
        Phase::Leaving => dialog::kill_all(model),
    }
}
