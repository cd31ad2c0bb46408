//! Filters and orders of the lists.

use crate::tui::{
    bindings::Recall,
    filter::Query,
    model::{Model, Pane},
    overlay::Overlay,
    text::{Edit, TextInput},
};

/// Opens the filter of the pane in focus, to go on where it was left.
pub(super) fn open_filter(model: &mut Model) {
    let input = TextInput::new(model.query(model.focus).text());
    model.overlays.push(Overlay::Filter { input, recalled: 0 });
}

/// Keeps what was typed.
pub(super) fn keep_filter(model: &mut Model) {
    if let Some(Overlay::Filter { input, .. }) = model.overlays.pop() {
        model.desk.remember_filter(input.text().trim());
    }
}

/// Takes the filter of the pane in focus away. Returns false if there was none.
pub(super) fn clear_filter(model: &mut Model) -> bool {
    let query = model.query(model.focus);
    let text = query.text().to_owned();
    set(model, "");
    model.desk.remember_filter(&text);
    !text.is_empty()
}

/// Puts another filter of the history in the place of what was typed.
pub(super) fn recall(model: &mut Model, way: Recall) {
    let filters = &model.desk.filters;
    if let Some(Overlay::Filter { input, recalled }) = model.overlays.last_mut() {
        *recalled = match way {
            Recall::Earlier => (*recalled + 1).min(filters.len()),
            Recall::Later => recalled.saturating_sub(1),
        };
        let place = filters.len().checked_sub(*recalled);
        *input = TextInput::new(place.and_then(|place| filters.get(place)).map_or("", String::as_str));
    }
    typed(model);
}

/// Changes the text that is being typed.
pub(super) fn edit(model: &mut Model, edit: Edit) {
    if let Some(input) = model.overlays.last_mut().and_then(Overlay::input_mut) {
        input.edit(edit);
        super::typed(model);
    }
}

/// What was typed changes what is shown at once.
pub(super) fn typed(model: &mut Model) {
    if let Some(Overlay::Filter { input, .. }) = model.overlays.last() {
        let text = input.text().to_owned();
        set(model, &text);
    }
}

fn set(model: &mut Model, text: &str) {
    let query = Query::parse(text);
    match model.focus {
        Pane::Sessions => model.sessions.query = query,
        Pane::Profiles => model.catalog.query = query,
        Pane::Log => {
            model.log.query = query;
            model.log.back = 0;
        }
    }
    model.sessions.keep_cursor();
    model.arrange_profiles();
}

/// Goes to the next row that the filter shows, or to the one before.
pub(super) fn next_match(model: &mut Model, forward: bool) {
    match model.focus {
        Pane::Sessions => model.sessions.next_row(forward),
        Pane::Profiles => model.catalog.next_target(forward),
        Pane::Log => model.log.scroll(if forward { 1 } else { -1 }, 1),
    }
}

/// Sorts the list in focus by its next column.
pub(super) fn sort(model: &mut Model) {
    match model.focus {
        Pane::Sessions => model.sessions.sort.advance(),
        Pane::Profiles => model.catalog.sort.advance(),
        Pane::Log => {}
    }
    model.arrange_profiles();
}

/// Turns the order of the list in focus around.
pub(super) fn reverse(model: &mut Model) {
    match model.focus {
        Pane::Sessions => model.sessions.sort.reverse(),
        Pane::Profiles => model.catalog.sort.reverse(),
        Pane::Log => {}
    }
    model.arrange_profiles();
}

/// Begins to mark a range in the list in focus, or ends it.
pub(super) fn mark_range(model: &mut Model) {
    match model.focus {
        Pane::Sessions => model.sessions.mark_range(),
        Pane::Profiles => model.catalog.mark_range(),
        Pane::Log => {}
    }
}
