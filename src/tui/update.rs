//! From what happened to what the screen shows and what must be done. Nothing here waits, reads a clock or
//! touches the world.

mod alert;
pub(crate) mod choice;
mod command;
mod dialog;
mod engine;
mod freeze;
mod list;
mod menu;
mod mouse;
pub(crate) mod picker;
mod question;
mod reload;
mod restart;
mod save;
mod trial;
mod welcome;

pub(crate) use command::begin;
pub(crate) use engine::{account, outcome_words};
pub(crate) use picker::pick_for_form;
pub(crate) use welcome::{listed, surveyed};

use std::time::UNIX_EPOCH;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{
    bindings::{self, Binding, Context, Key},
    clean, form,
    model::{Model, Phase},
    msg::{Effect, Moment, Msg},
    overlay::Overlay,
    spools,
};
use crate::engine::Unsaved;

/// Takes a message in; returns what must be done.
pub(crate) fn update(model: &mut Model, msg: Msg, now: Moment) -> Vec<Effect> {
    let before = freeze::pass(model, now);
    if let Msg::Tick = msg {
        tick(model, before, now);
        return Vec::new();
    }
    model.dirty = true;
    let effects = match msg {
        Msg::Key(key) => press(model, key),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize(width, height) => {
            model.fit((width, height));
            Vec::new()
        }
        Msg::Engine(event) => {
            let mut effects = alert::hear(model, &event);
            effects.extend(freeze::hear(model, *event));
            effects
        }
        Msg::Mouse(event) => mouse::take(model, event),
        Msg::Attention(attention) => {
            model.desk.alerts.attention = attention;
            Vec::new()
        }
        Msg::Swept(swept) => {
            clean::hear(model, *swept);
            Vec::new()
        }
        Msg::Spools(shelf) => {
            spools::hear(model, *shelf);
            Vec::new()
        }
        Msg::Clerk(news) => form::hear(model, *news),
        Msg::Edited(end) => form::edited(model, *end),
        Msg::Reloaded(fresh) => reload::take(model, *fresh),
        Msg::Terminate => terminate(model),
        Msg::Tick | Msg::Resumed => Vec::new(),
    };
    model.settle();
    effects
}

/// Samples the counters. The screen is old when a number or a second changed.
fn tick(model: &mut Model, before: Moment, now: Moment) {
    let mut changed = false;
    if model.desk.frozen.is_none() {
        for session in model.sessions.all.values_mut().filter(|session| !session.state.is_ended()) {
            changed |= session.read(now.instant);
        }
    }
    let second = |moment: Moment| moment.wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    model.dirty |= changed || second(before) != second(now);
}

/// A key: a command of the context it is pressed in, else a character of what is being typed.
pub(crate) fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    let chord = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META | KeyModifiers::HYPER;
    if event.kind == KeyEventKind::Release || event.modifiers.intersects(chord) {
        return Vec::new();
    }
    if let Some(Overlay::Opening(wanted)) = model.overlays.last_mut()
        && wanted.takes(event)
    {
        return Vec::new();
    }
    model.notice = None;
    let context = model.context();
    let key = Key::from(event);
    let Some(binding) = model.contexts().find_map(|context| model.desk.settings.keymap.find(context, key))
    else {
        return type_character(model, context, event);
    };
    obey(model, binding)
}

/// Does what a binding says, or tells why that is not possible.
fn obey(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    let mut effects = freeze::before(model, binding.cmd);
    match bindings::possible(model, binding) {
        Ok(()) => effects.extend(command::perform(model, binding.cmd)),
        Err(reason) => command::refuse(model, binding, reason),
    }
    effects
}

fn type_character(model: &mut Model, context: Context, event: KeyEvent) -> Vec<Effect> {
    let KeyCode::Char(c) = event.code else { return Vec::new() };
    if context == Context::Tiny || event.modifiers.contains(KeyModifiers::CONTROL) {
        return Vec::new();
    }
    match model.overlays.last_mut() {
        Some(Overlay::Form(_)) => return form::type_character(model, c),
        Some(Overlay::Save(form)) => form.edit(|form| form.push(c)),
        Some(overlay) => {
            if let Some(form) = overlay.secret_mut() {
                form.input.push(c);
            } else if let Some(input) = overlay.input_mut() {
                input.push(c);
                return typed(model);
            }
        }
        None => {}
    }
    Vec::new()
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Form(_)) => return form::paste(model, text),
        Some(Overlay::Save(form)) => form.edit(|form| form.paste(text)),
        Some(overlay) => {
            if let Some(form) = overlay.secret_mut() {
                form.input.paste(text);
            } else if let Some(input) = overlay.input_mut() {
                input.paste(text);
                return typed(model);
            }
        }
        None => {}
    }
    Vec::new()
}

/// What was typed works at once.
fn typed(model: &mut Model) -> Vec<Effect> {
    list::typed(model);
    menu::typed(model);
    picker::typed(model)
}

/// Leaves at once, the second time by force.
fn terminate(model: &mut Model) -> Vec<Effect> {
    let mut effects = freeze::thaw(model);
    effects.extend(match model.phase {
        Phase::Open { .. } => dialog::leave(model, Unsaved::Keep),
        Phase::Leaving => dialog::kill_all(model),
    });
    effects
}
