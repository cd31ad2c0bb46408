//! What each command does.

use super::{choice, dialog, freeze, list, menu, mouse, picker, question, restart, save, welcome};
use crate::engine::SessionId;
use crate::profile::{Target, TargetName, Viewer};
use crate::tui::{
    bindings::{Binding, Cmd, Motion, Reason},
    clean,
    detail::{Detail, LogShare, Window},
    form,
    layout::Layout,
    menu::Finder,
    model::{Model, Pane},
    msg::Effect,
    overlay::{Confirm, Overlay},
    save::SaveForm,
    secret::SecretInput,
    sessions::Session,
    sheet, spools,
    view::detail_log_height,
};

/// Performs a command that is possible.
pub(super) fn perform(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    match cmd {
        Cmd::Answer => model.open_question(),
        Cmd::Details if model.close_detail() => {}
        Cmd::Details => model.open_detail(LogShare::Rest),
        Cmd::Restart => return restart::restart(model),
        Cmd::LongerGraph | Cmd::ShorterGraph => zoom(model, cmd),
        Cmd::WholeLog => whole_log(model),
        Cmd::Welcome(cmd) => return welcome::perform(model, cmd),
        Cmd::Pick(cmd) => return picker::perform(model, cmd),
        Cmd::Start => return start(model, |_| {}),
        Cmd::Sheet => sheet::open(model),
        Cmd::Test => return sheet::test(model),
        Cmd::Begin => return begin_sheet(model),
        Cmd::StartBlind => return start(model, |target| target.viewer = Viewer::None),
        Cmd::Stop => return stop(model),
        Cmd::Kill => dialog::ask(model, Confirm::Kill(choice::active_sessions(model))),
        Cmd::Viewer => {
            let chosen = choice::viewable(model);
            clear_marks(model);
            return chosen.into_iter().map(Effect::OpenViewer).collect();
        }
        Cmd::Save => save::open(model),
        Cmd::NextField => save::edit(model, SaveForm::next),
        Cmd::PreviousField => save::edit(model, SaveForm::previous),
        Cmd::Turn(forward) => save::edit(model, |form| form.turn(forward)),
        Cmd::Dismiss => return dismiss(model),
        Cmd::Sweep => return clean::look(model),
        Cmd::Spool(cmd) => return spools::perform(model, cmd),
        Cmd::Mark => mark(model),
        Cmd::MarkAll => mark_all(model),
        Cmd::MarkRange => list::mark_range(model),
        Cmd::Filter => list::open_filter(model),
        Cmd::KeepFilter => list::keep_filter(model),
        Cmd::Recall(way) => list::recall(model, way),
        Cmd::NextMatch => list::next_match(model, true),
        Cmd::PreviousMatch => list::next_match(model, false),
        Cmd::Sort => list::sort(model),
        Cmd::ReverseSort => list::reverse(model),
        Cmd::Edit(edit) => return list::edit(model, edit),
        Cmd::Move(motion) => travel(model, motion),
        Cmd::Focus(pane) => model.focus = pane,
        Cmd::NextPane => model.focus = next(model.focus),
        Cmd::PreviousPane => model.focus = next(next(model.focus)),
        Cmd::LogSize => model.log.size = model.log.size.other(),
        Cmd::Mouse => return mouse::toggle(model),
        Cmd::Copy => menu::open_copy(model),
        Cmd::CopyChosen => return menu::copy_chosen(model),
        Cmd::Zoom => model.desk.zoom = model.desk.zoom.other(),
        Cmd::Freeze => return freeze::toggle(model),
        Cmd::Help => model.overlays.push(Overlay::Help(Finder::default())),
        Cmd::Palette => model.overlays.push(Overlay::Palette(Finder::default())),
        Cmd::Run => return menu::run(model),
        Cmd::Complete => menu::complete(model),
        Cmd::Back => return dialog::back(model),
        Cmd::Quit => return dialog::quit(model),
        Cmd::Interrupt => return dialog::interrupt(model),
        Cmd::Redraw => return vec![Effect::Redraw],
        Cmd::Reload => return vec![Effect::Reload],
        Cmd::Suspend if model.sessions.active_count() == 0 && model.starting.is_empty() => {
            return vec![Effect::Suspend];
        }
        // A process that stands still takes no packets, and the targets would drop them.
        Cmd::Suspend => return vec![Effect::Shell],
        Cmd::NextButton => dialog::turn(model, true),
        Cmd::PreviousButton => dialog::turn(model, false),
        Cmd::Confirm => return dialog::confirm(model),
        Cmd::Ask(cmd) => return question::perform(model, cmd),
        Cmd::Send if matches!(model.overlays.last(), Some(Overlay::Save(_))) => return save::confirm(model),
        Cmd::Send => return question::send(model),
        Cmd::DeleteBack => erase(model, SecretInput::pop, SaveForm::pop),
        Cmd::DeleteAll => erase(model, SecretInput::clear, SaveForm::clear),
        Cmd::Form(cmd) => return form::perform(model, cmd),
    }
    Vec::new()
}

fn zoom(model: &mut Model, cmd: Cmd) {
    let change = if cmd == Cmd::LongerGraph { Window::longer } else { Window::shorter };
    if let Some(detail) = &mut model.desk.detail {
        detail.window = change(detail.window);
    }
}

fn whole_log(model: &mut Model) {
    match &mut model.desk.detail {
        Some(Detail { log, .. }) if *log == LogShare::Whole => *log = LogShare::Rest,
        _ => model.open_detail(LogShare::Whole),
    }
}

/// Says why a command is not possible.
pub(super) fn refuse(model: &mut Model, binding: &Binding, reason: Reason) {
    let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
    let notice = format!("{key}: {}", reason.0);
    model.notice = Some(notice);
}

/// Starts these targets when the room opens.
pub(crate) fn begin(model: &mut Model, names: &[TargetName]) -> Vec<Effect> {
    let targets = names.iter().filter_map(|name| model.catalog.find(name).cloned()).collect();
    if !names.is_empty() {
        model.focus = Pane::Sessions;
    }
    let mut effects = welcome::begin(model);
    effects.extend(start_all(model, targets));
    effects
}

/// Starts the target of the sheet; one that runs shows its session.
fn begin_sheet(model: &mut Model) -> Vec<Effect> {
    let running = sheet::shown(model).and_then(|name| model.session_of(name)).map(|(id, _)| id);
    let Some(id) = running else { return start(model, |_| {}) };
    let effects = close_sheet(model);
    model.sessions.cursor = Some(id);
    model.focus = Pane::Sessions;
    model.open_detail(LogShare::Rest);
    effects
}

fn close_sheet(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop_if(|overlay| matches!(overlay, Overlay::Sheet(_))) {
        Some(Overlay::Sheet(sheet)) => sheet::closed(&sheet),
        _ => Vec::new(),
    }
}

fn start(model: &mut Model, change: fn(&mut Target)) -> Vec<Effect> {
    let mut targets = choice::startable(model);
    targets.iter_mut().for_each(change);
    // A sheet is about its own target: the marks behind it are for something else.
    let mut effects = if sheet::shown(model).is_some() {
        close_sheet(model)
    } else {
        clear_marks(model);
        Vec::new()
    };
    effects.extend(start_all(model, targets));
    effects
}

pub(super) fn start_all(model: &mut Model, targets: Vec<Target>) -> Vec<Effect> {
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

/// Asks first where packets would be deleted that are nowhere else.
fn dismiss(model: &mut Model) -> Vec<Effect> {
    let ids = choice::ended_sessions(model);
    let is_unsaved = |id| model.sessions.all.get(id).is_some_and(Session::is_unsaved);
    if ids.iter().any(is_unsaved) {
        dialog::ask(model, Confirm::Dismiss(ids));
        return Vec::new();
    }
    dismiss_all(model, ids)
}

/// Takes ended sessions off the list; their spools go.
pub(super) fn dismiss_all(model: &mut Model, ids: Vec<SessionId>) -> Vec<Effect> {
    for id in &ids {
        model.sessions.remove(*id);
    }
    clear_marks(model);
    ids.into_iter().map(Effect::Dismiss).collect()
}

/// Takes the marks of the pane in focus away. Returns false if there were none.
pub(super) fn clear_marks(model: &mut Model) -> bool {
    match model.focus {
        Pane::Sessions => model.sessions.unmark(),
        Pane::Profiles => model.catalog.unmark(),
        Pane::Log => false,
    }
}

fn mark(model: &mut Model) {
    match model.focus {
        Pane::Sessions => {
            model.sessions.stretch = None;
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
            model.catalog.mark(&places);
            model.catalog.move_cursor(rows);
        }
        Pane::Log => {}
    }
}

fn mark_all(model: &mut Model) {
    match model.focus {
        Pane::Sessions => model.sessions.mark_all(),
        Pane::Profiles => model.catalog.mark(&model.catalog.shown()),
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
    let page = rows(motion, usize::from(model.size.1 / 2));
    if spools::travel(model, page)
        || menu::travel(model, page)
        || picker::travel(model, page)
        || welcome::travel(model, page)
    {
        return;
    }
    if model.detailed_alone().is_some() {
        return travel_detail(model, motion);
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

/// What scrolls in the detail is its session's log.
fn travel_detail(model: &mut Model, motion: Motion) {
    let page = detail_log_height(model).max(1);
    let rows = rows(motion, page);
    if let Some(session) = model.sessions.cursor.and_then(|id| model.sessions.all.get_mut(&id)) {
        session.facts.log.scroll(rows, page);
    }
}

/// Scrolls the log of the detail by so many lines.
pub(super) fn scroll_detail(model: &mut Model, motion: Motion, lines: usize) {
    for _ in 0..lines {
        travel_detail(model, motion);
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

/// Takes back what was typed into a secret, or into where captures are saved to.
fn erase(model: &mut Model, secret: fn(&mut SecretInput), place: fn(&mut SaveForm)) {
    if let Some(form) = model.overlays.last_mut().and_then(Overlay::secret_mut) {
        secret(&mut form.input);
    }
    save::edit(model, place);
}
