//! Clicks and the wheel.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{command, dialog, menu, question};
use crate::tui::{
    bindings::{Cmd, Context, Motion},
    form::{self, FormCmd, Layer},
    layout::{Form, Layout, Section},
    model::{Model, Pane},
    mouse::Grip,
    msg::Effect,
    notes,
    overlay::Overlay,
    picker::Stage,
    spots::Spot,
    view,
};

/// How many lines of a log the wheel moves at once.
const LINES: usize = 3;

/// Takes the mouse, or gives it back to the terminal.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    let grip = model.desk.mouse.grip.other();
    model.desk.mouse.grip = grip;
    let notice = match grip {
        Grip::Ours => {
            "the mouse is here: rows, titles, buttons, keys, wheel; % gives it back to the terminal"
        }
        Grip::Terminal => "the mouse is the terminal's again: it selects text",
    };
    model.notice = Some(notice.to_owned());
    vec![Effect::Mouse(grip)]
}

/// Takes an event of the mouse in. A box keeps clicks to itself; the wheel moves in it as the keys do.
pub(super) fn take(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if Form::of(model.screen) == Form::Tiny {
        return Vec::new();
    }
    let at = (event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollDown => wheel(model, at, Motion::Down),
        MouseEventKind::ScrollUp => wheel(model, at, Motion::Up),
        MouseEventKind::Down(MouseButton::Left) => click(model, at),
        _ => Vec::new(),
    }
}

fn wheel(model: &mut Model, (column, row): (u16, u16), motion: Motion) -> Vec<Effect> {
    let down = motion == Motion::Down;
    match model.context() {
        Context::Form | Context::Hops => {
            return form::perform(model, if down { FormCmd::Next } else { FormCmd::Previous });
        }
        Context::FormDialog => return form::perform(model, FormCmd::Scroll(motion)),
        Context::Help
        | Context::Palette
        | Context::Menu
        | Context::Picker
        | Context::Import
        | Context::Spools => {
            return command::perform(model, Cmd::Move(motion));
        }
        Context::Filter => {}
        // Nothing moves in other boxes, and nothing behind them may.
        _ if !model.overlays.is_empty() => return Vec::new(),
        _ => {}
    }
    if model.detail_is_beside() && column >= model.size.0 {
        command::scroll_detail(model, motion, LINES);
        return Vec::new();
    }
    if model.overlays.is_empty()
        && let Some((pane, _)) = hit(model, row)
    {
        model.focus = pane;
    }
    let steps = if model.focus == Pane::Log { LINES } else { 1 };
    (0..steps).flat_map(|_| command::perform(model, Cmd::Move(motion))).collect()
}

fn click(model: &mut Model, (column, row): (u16, u16)) -> Vec<Effect> {
    let spot = view::spot_at(model, (column, row));
    // Seen, as by a key.
    model.notice = None;
    if let Some(spot) = spot {
        let double = matches!(spot, Spot::Row(_)) && model.desk.mouse.click(row, model.now.instant);
        let effects = push(model, spot);
        if double {
            return super::press(model, KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
        }
        return effects;
    }
    if !model.overlays.is_empty() || model.detailed_alone().is_some() || column >= model.size.0 {
        return Vec::new();
    }
    let Some((pane, section)) = hit(model, row) else { return Vec::new() };
    model.focus = pane;
    let Some(line) = row.checked_sub(section.top).map(usize::from) else { return Vec::new() };
    let on_a_row = match pane {
        Pane::Sessions => select_session(model, section, line),
        Pane::Profiles => select_target(model, line),
        Pane::Log => false,
    };
    let double = model.desk.mouse.click(row, model.now.instant);
    if on_a_row && double {
        return super::press(model, KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
    }
    Vec::new()
}

/// A button, a key of the footer, or the title of a column.
fn push(model: &mut Model, spot: Spot) -> Vec<Effect> {
    match spot {
        Spot::Hint(binding) => return super::obey(model, binding),
        Spot::Button(button) => return dialog::push(model, button),
        Spot::Choice(choice) => return question::push(model, choice),
        Spot::Session(_) | Spot::Profile(_) if !model.overlays.is_empty() => {}
        Spot::Session(key) => {
            model.focus = Pane::Sessions;
            model.sessions.sort.choose(key);
        }
        Spot::Profile(key) => {
            model.focus = Pane::Profiles;
            model.catalog.sort.choose(key);
            model.arrange_profiles();
        }
        Spot::Press(key) => return super::press(model, key.event()),
        Spot::Row(place) => select_row(model, place),
        Spot::Command(place) => return menu::run_at(model, place),
        Spot::Field(place) => form::select(model, place),
        Spot::Hop(place) => {
            if let Some(Layer::Hops(list)) = form::of_mut(model).and_then(|form| form.layer.as_mut()) {
                list.select(place);
            }
        }
        Spot::FormButton(place) => return form::push(model, place),
        Spot::Box => {}
    }
    Vec::new()
}

/// The row of the box on top.
fn select_row(model: &mut Model, place: usize) {
    match model.overlays.last_mut() {
        Some(Overlay::Copy { cursor, .. }) => *cursor = place,
        Some(Overlay::Import(import)) => import.cursor = place,
        Some(Overlay::Spools(shown)) => shown.cursor = place,
        Some(Overlay::Picker(picker)) => {
            if let Stage::Listed(list) = &mut picker.stage {
                list.cursor = place;
            }
        }
        _ => {}
    }
}

/// The pane at this row of the screen: its title, its column names or its contents.
fn hit(model: &Model, row: u16) -> Option<(Pane, Section)> {
    let layout = Layout::of(model);
    [Pane::Sessions, Pane::Profiles, Pane::Log].into_iter().find_map(|pane| {
        let section = layout.section(pane)?;
        let first = section.rule.or(section.head).unwrap_or(section.top);
        (first..section.top + section.height).contains(&row).then_some((pane, section))
    })
}

fn select_session(model: &mut Model, section: Section, line: usize) -> bool {
    let wanted = line + model.sessions.offset;
    let laid = notes::laid(model, Layout::of(model).form, usize::from(section.height));
    let mut next = 0;
    let found = laid.into_iter().find(|(_, notes)| {
        next += 1 + notes.len();
        next > wanted
    });
    if let Some((id, _)) = &found {
        model.sessions.cursor = Some(*id);
        model.sessions.move_cursor(0);
    }
    found.is_some()
}

fn select_target(model: &mut Model, line: usize) -> bool {
    let row = line + model.catalog.offset;
    let exists = row < model.catalog.rows.len();
    if exists {
        model.catalog.cursor = row;
        model.catalog.move_cursor(0);
    }
    exists
}
