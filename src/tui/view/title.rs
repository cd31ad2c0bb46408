//! What the right end of a section's title says: the filter, the marks, the order.

use super::canvas::Canvas;
use crate::tui::{
    format,
    layout::Section,
    model::{Model, Pane},
    overlay::Overlay,
    theme::Role,
};

/// The filter of a pane and what it leaves: `/prod  4 of 12`; while it is typed, with the cursor.
pub(super) fn filter(model: &Model, pane: Pane) -> Option<String> {
    let (shown, all) = match pane {
        Pane::Sessions => (model.sessions.in_order().len(), model.sessions.all.len()),
        Pane::Profiles => (model.catalog.shown().len(), model.catalog.targets.len()),
        Pane::Log => (model.log.shown(), model.log.lines.len()),
    };
    let text = match model.overlays.last() {
        Some(Overlay::Filter { input, .. }) if model.focus == pane => {
            let (before, behind) = input.parts();
            format!("{before}_{behind}")
        }
        _ if model.query(pane).text().is_empty() => return None,
        _ => model.query(pane).text().to_owned(),
    };
    let slip = model.query(pane).slip(shown).map_or_else(String::new, |slip| format!("{slip}  "));
    Some(format!("{slip}/{text}  {shown} of {all}"))
}

/// For the sessions.
pub(super) fn sessions(model: &Model) -> String {
    let order = match model.sessions.sort {
        sort if sort == crate::tui::order::Sort::default() => "needs you first".to_owned(),
        sort => sort.status(),
    };
    let marks = marks(model.sessions.shown_marks().len(), model.sessions.marked.len());
    filter(model, Pane::Sessions).or(marks).unwrap_or(order)
}

/// For the profiles.
pub(super) fn profiles(model: &Model) -> String {
    let problems = model.catalog.problems.len();
    let order = match model.catalog.sort {
        sort if sort == crate::tui::order::Sort::default() => String::new(),
        sort => sort.status(),
    };
    let rest =
        if problems > 0 { format!("{} in profile files", format::count(problems, "error")) } else { order };
    let marks = marks(model.catalog.shown_marks().len(), model.catalog.marked.len());
    filter(model, Pane::Profiles).or(marks).unwrap_or(rest)
}

/// Marks that a filter hides are told, because nothing will happen to them.
fn marks(shown: usize, all: usize) -> Option<String> {
    match all - shown.min(all) {
        _ if all == 0 => None,
        0 => Some(format!("{all} marked")),
        hidden => Some(format!("{all} marked, {hidden} of them hidden")),
    }
}

/// What a list says when its filter leaves nothing.
pub(super) fn nothing_matches(model: &Model, pane: Pane, section: Section, canvas: &mut Canvas<'_>) {
    let keys = match pane {
        pane if pane == model.focus => "Esc clears",
        Pane::Sessions => "1 and Esc clear",
        Pane::Profiles => "2 and Esc clear",
        Pane::Log => "3 and Esc clear",
    };
    let query = model.query(pane);
    let text = match query.slip(0) {
        Some(slip) => format!("Nothing matches: {slip} {keys} the filter."),
        None => format!("Nothing matches /{}. {keys} the filter.", query.text()),
    };
    canvas.put(2, section.top, canvas.width().saturating_sub(3), &text, Role::Muted);
}
