//! What each command does.

use super::{choice, dialog, save};
use crate::profile::{Target, TargetName};
use crate::tui::{
    bindings::{Binding, Cmd, Motion, Reason},
    clean, form,
    layout::Layout,
    log::LogSize,
    model::{Model, Pane},
    msg::Effect,
    overlay::{AnswerForm, Confirm, Overlay},
    save::SaveForm,
    secret::SecretInput,
    theme::Role,
    view::help_lines,
};

/// Performs a command that is possible.
pub(super) fn perform(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    match cmd {
        Cmd::Answer => model.open_question(),
        Cmd::Start => return start(model),
        Cmd::Stop => return stop(model),
        Cmd::Kill => {
            let what = Confirm::Kill(choice::active_sessions(model));
            dialog::ask(model, what);
        }
        Cmd::Viewer => {
            let chosen = choice::sessions(model);
            clear_marks(model);
            return chosen.into_iter().map(Effect::OpenViewer).collect();
        }
        Cmd::Save => save::open(model),
        Cmd::NextField => save::edit(model, SaveForm::next),
        Cmd::PreviousField => save::edit(model, SaveForm::previous),
        Cmd::Turn(forward) => save::edit(model, |form| form.turn(forward)),
        Cmd::Dismiss => return dismiss(model),
        Cmd::Sweep => return clean::look(model),
        Cmd::Mark => mark(model),
        Cmd::MarkAll => mark_all(model),
        Cmd::Move(motion) => travel(model, motion),
        Cmd::Focus(pane) => model.focus = pane,
        Cmd::NextPane => model.focus = next(model.focus),
        Cmd::PreviousPane => model.focus = next(next(model.focus)),
        Cmd::LogSize => {
            model.log.size = match model.log.size {
                LogSize::Small => LogSize::Tall,
                LogSize::Tall => LogSize::Small,
            }
        }
        Cmd::Help => model.overlays.push(Overlay::Help { offset: 0 }),
        Cmd::Back => return dialog::back(model),
        Cmd::Quit => return dialog::quit(model),
        Cmd::Interrupt => return dialog::interrupt(model),
        Cmd::Redraw => return vec![Effect::Redraw],
        Cmd::Suspend => return vec![Effect::Suspend],
        Cmd::OtherButton => dialog::other_button(model),
        Cmd::Confirm => return dialog::confirm(model),
        Cmd::Send if matches!(model.overlays.last(), Some(Overlay::Save(_))) => return save::confirm(model),
        Cmd::Send => return dialog::send(model),
        Cmd::DeleteBack => {
            edit_secret(model, SecretInput::pop);
            save::edit(model, SaveForm::pop);
        }
        Cmd::DeleteAll => {
            edit_secret(model, SecretInput::clear);
            save::edit(model, SaveForm::clear);
        }
        Cmd::Form(cmd) => return form::perform(model, cmd),
    }
    Vec::new()
}

/// Says why a command is not possible.
pub(super) fn refuse(model: &mut Model, binding: &Binding, reason: Reason) {
    let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
    let notice = format!("{key}: {}", reason.0);
    if binding.cmd == Cmd::Suspend {
        model.say("wrcap", notice.clone(), Role::Warn);
    }
    model.notice = Some(notice);
}

/// Starts these targets when the room opens.
pub(crate) fn begin(model: &mut Model, names: &[TargetName]) -> Vec<Effect> {
    let targets = names.iter().filter_map(|name| model.catalog.find(name).cloned()).collect();
    if !names.is_empty() {
        model.focus = Pane::Sessions;
    }
    start_all(model, targets)
}

fn start(model: &mut Model) -> Vec<Effect> {
    let targets = choice::startable(model);
    clear_marks(model);
    start_all(model, targets)
}

fn start_all(model: &mut Model, targets: Vec<Target>) -> Vec<Effect> {
    model.starting.extend(targets.iter().map(|target| target.name.clone()));
    targets.into_iter().map(|target| Effect::Start(Box::new(target))).collect()
}

/// One is stopped at once; several are asked for, since marks may have been forgotten.
fn stop(model: &mut Model) -> Vec<Effect> {
    match choice::active_sessions(model) {
        ids if ids.len() > 1 => {
            dialog::ask(model, Confirm::Stop(ids));
            Vec::new()
        }
        ids => {
            clear_marks(model);
            ids.into_iter().map(Effect::Stop).collect()
        }
    }
}

fn dismiss(model: &mut Model) -> Vec<Effect> {
    let ids = choice::ended_sessions(model);
    for id in &ids {
        model.sessions.remove(*id);
    }
    clear_marks(model);
    ids.into_iter().map(Effect::Dismiss).collect()
}

/// Takes the marks of the pane in focus away.
pub(super) fn clear_marks(model: &mut Model) {
    match model.focus {
        Pane::Sessions => model.sessions.marked.clear(),
        Pane::Profiles => model.catalog.marked.clear(),
        Pane::Log => {}
    }
}

fn mark(model: &mut Model) {
    match model.focus {
        Pane::Sessions => {
            if let Some(id) = model.sessions.cursor
                && !model.sessions.marked.remove(&id)
            {
                model.sessions.marked.insert(id);
            }
            model.sessions.move_cursor(1);
        }
        Pane::Profiles => {
            let places = model.catalog.under_cursor();
            let rows = isize::from(places.len() == 1);
            model.catalog.mark(places);
            model.catalog.move_cursor(rows);
        }
        Pane::Log => {}
    }
}

fn mark_all(model: &mut Model) {
    match model.focus {
        Pane::Sessions if model.sessions.marked.len() == model.sessions.all.len() => {
            model.sessions.marked.clear();
        }
        Pane::Sessions => model.sessions.marked = model.sessions.all.keys().copied().collect(),
        Pane::Profiles => model.catalog.mark(0..model.catalog.targets.len()),
        Pane::Log => {}
    }
}

fn next(pane: Pane) -> Pane {
    match pane {
        Pane::Sessions => Pane::Profiles,
        Pane::Profiles => Pane::Log,
        Pane::Log => Pane::Sessions,
    }
}

/// Moves the cursor of the pane in focus, or scrolls what has none.
fn travel(model: &mut Model, motion: Motion) {
    if let Some(Overlay::Help { .. }) = model.overlays.last() {
        let page = usize::from(model.size.1.saturating_sub(4));
        let last = help_lines(model).saturating_sub(page);
        if let Some(Overlay::Help { offset }) = model.overlays.last_mut() {
            *offset = offset.saturating_add_signed(rows(motion, page)).min(last);
        }
        return;
    }
    let section = Layout::of(model).section(model.focus);
    let page = section.map_or(1, |section| usize::from(section.height)).max(1);
    let rows = rows(motion, page);
    match model.focus {
        Pane::Sessions => model.sessions.move_cursor(rows),
        Pane::Profiles => model.catalog.move_cursor(rows),
        Pane::Log => model.log.scroll(rows, page),
    }
}

/// How many rows a motion is in a window of `page` rows, down if positive.
fn rows(motion: Motion, page: usize) -> isize {
    const ALL: isize = isize::MAX / 2;
    let page = isize::try_from(page).unwrap_or(1);
    let half = (page / 2).max(1);
    match motion {
        Motion::Up => -1,
        Motion::Down => 1,
        Motion::Top => -ALL,
        Motion::Bottom => ALL,
        Motion::HalfUp => -half,
        Motion::HalfDown => half,
        Motion::PageUp => -page,
        Motion::PageDown => page,
    }
}

fn edit_secret(model: &mut Model, edit: fn(&mut SecretInput)) {
    if let Some(Overlay::Question { form: AnswerForm::Secret(input), .. }) = model.overlays.last_mut() {
        edit(input);
    }
}
