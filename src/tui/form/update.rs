//! What keys do in a form.

use super::{Form, FormCmd, Layer, hops::HopList, open, save, typing};
use crate::{
    engine::{SessionId, profiles::Request},
    profile::{Entry, Target},
    tui::{model::Model, msg::Effect, overlay::Overlay, sessions::Session, update::pick_for_form},
};

/// Performs a command that is possible.
pub(crate) fn perform(model: &mut Model, cmd: FormCmd) -> Vec<Effect> {
    let effects = act(model, cmd);
    lend(model, effects)
}

/// Adds to questions about filters whose connection leads to the target: that of a session that captures there.
pub(super) fn lend(model: &Model, mut effects: Vec<Effect>) -> Vec<Effect> {
    for effect in &mut effects {
        if let Effect::Clerk(Request::Filter { target, over, .. }) = effect {
            *over = lender(model, target);
        }
    }
    effects
}

/// The session that captures at the end of the target's way, whatever it is called.
pub(crate) fn lender(model: &Model, target: &Target) -> Option<SessionId> {
    let leads_there = |session: &Session| {
        let own = session.facts.target.as_ref();
        session.state.is_live() && own.is_some_and(|own| own.host == target.host && own.via == target.via)
    };
    model.sessions.all.iter().find(|(_, session)| leads_there(session)).map(|(id, _)| *id)
}

/// Goes to a field that was clicked, unless something lies over the form.
pub(crate) fn select(model: &mut Model, place: usize) {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return };
    if form.layer.is_none() && place < form.rows.len() {
        form.cursor = place;
    }
}

/// Does what a button says that was clicked.
pub(crate) fn push(model: &mut Model, place: usize) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = model.overlays.last_mut()
        && let Some(Layer::Leave { button } | Layer::Changed { button, .. }) = &mut form.layer
    {
        *button = place;
        return save::press(model);
    }
    Vec::new()
}

fn act(model: &mut Model, cmd: FormCmd) -> Vec<Effect> {
    match cmd {
        FormCmd::New => return open::new(model),
        FormCmd::Copy => return open::copy(model),
        FormCmd::Edit => return open::edit(model),
        FormCmd::EditFile => return open::edit_file(model),
        FormCmd::Delete => {
            open::delete(model);
            return Vec::new();
        }
        FormCmd::Undo => return vec![Effect::Clerk(Request::Undo)],
        FormCmd::Save => return save::save(model),
        FormCmd::Editor => return save::editor(model),
        FormCmd::Leave => {
            save::leave(model);
            return Vec::new();
        }
        FormCmd::Press => return save::press(model),
        FormCmd::Pick => {
            let target = super::of(model).map(|form| form.target.clone());
            return target.map_or_else(Vec::new, |target| pick_for_form(model, target));
        }
        _ => {}
    }
    let height = model.screen.1;
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    match cmd {
        FormCmd::Scroll(motion) => {
            if let Some(layer) = &mut form.layer {
                layer.scroll(motion, height);
            }
        }
        FormCmd::Next | FormCmd::Enter | FormCmd::Previous => travel(form, cmd),
        FormCmd::NextSection => jump(form, true),
        FormCmd::PreviousSection => jump(form, false),
        FormCmd::Left => return typing::sideways(form, false),
        FormCmd::Right => return typing::sideways(form, true),
        FormCmd::Text(cmd) => return typing::edit(form, cmd),
        FormCmd::Test => {
            form.layer = Some(Layer::Trial { steps: None });
            return vec![Effect::Clerk(Request::Test(Box::new(form.target.clone())))];
        }
        FormCmd::Disk => form.show_disk(),
        FormCmd::Close => return close(form),
        FormCmd::NextButton | FormCmd::PreviousButton => {
            if let Some(layer) = &mut form.layer {
                layer.turn(cmd == FormCmd::NextButton);
            }
        }
        FormCmd::Bastions => list_bastions(form),
        FormCmd::AddHop => hops(form, HopList::add),
        FormCmd::RemoveHop => hops(form, HopList::remove),
        FormCmd::ShiftOut => hops(form, |list| list.shift(false)),
        FormCmd::ShiftIn => hops(form, |list| list.shift(true)),
        _ => {}
    }
    Vec::new()
}

fn hops(form: &mut Form, act: impl FnOnce(&mut HopList)) {
    if let Some(Layer::Hops(list)) = &mut form.layer {
        act(list);
    }
}

/// Down or up; Enter opens the list of bastions where nobody would go on: while none is there.
fn travel(form: &mut Form, cmd: FormCmd) {
    let down = cmd != FormCmd::Previous;
    if let Some(Layer::Hops(list)) = &mut form.layer {
        list.travel(down);
        return;
    }
    if cmd == FormCmd::Enter && form.row().is_some_and(|row| row.entry == Entry::Hops && row.is_blank()) {
        list_bastions(form);
        return;
    }
    let rows = form.rows.len().max(1);
    form.cursor = (form.cursor + if down { 1 } else { rows - 1 }) % rows;
}

/// Opens the list of bastions.
fn list_bastions(form: &mut Form) {
    let Some(place) = form.rows.iter().position(|row| row.entry == Entry::Hops) else { return };
    form.cursor = place;
    let list = form.row().map(|row| {
        let below = row.below.as_ref().map_or("", |(text, _)| text.as_str());
        HopList::new(row.own().as_deref().unwrap_or(below))
    });
    form.layer = list.map(Layer::Hops);
}

/// To the first row of the next section, or of this one or the one before.
fn jump(form: &mut Form, forward: bool) {
    let section = |place: usize| form.rows.get(place).map(|row| row.section);
    let first = |place: &usize| *place == 0 || section(place - 1) != section(*place);
    let cursor = form.cursor;
    let found =
        if forward { (cursor + 1..form.rows.len()).find(first) } else { (0..cursor).rev().find(first) };
    form.cursor = found.unwrap_or(if forward { form.rows.len().saturating_sub(1) } else { 0 });
}

/// Closes what lies over the form.
fn close(form: &mut Form) -> Vec<Effect> {
    match form.layer.take() {
        Some(Layer::Hops(list)) => {
            let text = list.text();
            let was = form.row().and_then(|row| row.below.clone()).map(|(text, _)| text);
            // What the site says anyway is not repeated at the target.
            let text = match (text.as_str(), was) {
                ("", Some(_)) => "direct".to_owned(),
                (text, Some(below)) if text == below => String::new(),
                (text, _) => text.to_owned(),
            };
            typing::changed(form, |row| row.set(&text))
        }
        Some(Layer::Trial { .. }) => vec![Effect::Clerk(Request::EndTest)],
        _ => Vec::new(),
    }
}
