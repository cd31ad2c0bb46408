//! The help and the palette: searching and running commands.

use super::{command, freeze};
use crate::tui::{
    bindings, copy,
    menu::{self, Entry, Finder},
    model::Model,
    msg::Effect,
    overlay::Overlay,
    text::TextInput,
};

/// What the search on top found, and the search.
fn found(model: &Model) -> Option<(Vec<Entry>, &Finder)> {
    match model.overlays.last()? {
        Overlay::Help(finder) => {
            let parts = menu::help(model, finder.input.text());
            Some((parts.into_iter().flat_map(|(_, entries)| entries).collect(), finder))
        }
        Overlay::Palette(finder) => Some((menu::palette(model, finder.input.text()), finder)),
        _ => None,
    }
}

fn finder_mut(model: &mut Model) -> Option<&mut Finder> {
    match model.overlays.last_mut() {
        Some(Overlay::Help(finder) | Overlay::Palette(finder)) => Some(finder),
        _ => None,
    }
}

/// Another text finds other commands.
pub(super) fn typed(model: &mut Model) {
    if let Some(finder) = finder_mut(model) {
        finder.cursor = 0;
    }
}

/// Moves the cursor by `rows`. Returns false if nothing is searched.
pub(super) fn travel(model: &mut Model, rows: isize) -> bool {
    if let Some(Overlay::Copy { items, cursor }) = model.overlays.last_mut() {
        *cursor = cursor.saturating_add_signed(rows).min(items.len().saturating_sub(1));
        return true;
    }
    let Some((entries, _)) = found(model) else { return false };
    let last = entries.len().saturating_sub(1);
    if let Some(finder) = finder_mut(model) {
        finder.cursor = finder.cursor.saturating_add_signed(rows).min(last);
    }
    true
}

/// Completes what was typed.
pub(super) fn complete(model: &mut Model) {
    let Some((entries, finder)) = found(model) else { return };
    let text = menu::complete(&entries, finder.cursor, finder.input.text().trim());
    if let Some(finder) = finder_mut(model) {
        *finder = Finder { input: TextInput::new(&text), cursor: 0 };
    }
}

/// Runs the command under the cursor, or says why it is not possible.
pub(super) fn run(model: &mut Model) -> Vec<Effect> {
    let Some((entries, finder)) = found(model) else { return Vec::new() };
    let Some(entry) = entries.into_iter().nth(finder.cursor) else { return Vec::new() };
    model.overlays.pop();
    let mut effects = freeze::before(model, entry.binding.cmd);
    match entry.possible.and_then(|()| bindings::possible(model, entry.binding)) {
        Ok(()) => effects.extend(command::perform(model, entry.binding.cmd)),
        Err(reason) => command::refuse(model, entry.binding, reason),
    }
    effects
}

/// Runs the command at this place, as Enter does.
pub(super) fn run_at(model: &mut Model, place: usize) -> Vec<Effect> {
    match finder_mut(model) {
        Some(finder) => finder.cursor = place,
        None => return Vec::new(),
    }
    run(model)
}

/// Opens the list of what can be copied.
pub(super) fn open_copy(model: &mut Model) {
    let Ok(items) = copy::items(model) else { return };
    model.overlays.push(Overlay::Copy { items, cursor: 0 });
}

/// Sends what is chosen to the terminal. Whether it takes it, nobody can know.
pub(super) fn copy_chosen(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Copy { items, cursor }) = model.overlays.pop() else { return Vec::new() };
    let Some(item) = items.into_iter().nth(cursor) else { return Vec::new() };
    model.notice = Some(format!("{} sent to the terminal", item.label));
    vec![Effect::Copy(item.text)]
}
