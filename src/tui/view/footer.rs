//! The last row: why the last key did nothing, or the keys that do something now.

use ratatui::layout::Rect;

use super::{canvas::Canvas, title};
use crate::tui::{
    bindings::{self, Binding, Cmd, Key},
    box_keys::PickCmd,
    form,
    layout::Layout,
    model::{Model, Pane, Phase},
    overlay::Overlay,
    spots::Spot,
    theme::Role,
    update::{choice, picker},
};

/// Always at the right: the ways to everything else, and the way out.
const AT_THE_RIGHT: [Cmd; 3] = [Cmd::Palette, Cmd::Help, Cmd::Quit];

pub(super) fn draw(model: &Model, y: u16, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    if let Some(notice) = &model.notice {
        canvas.put(1, y, width.saturating_sub(2), notice, Role::Attention);
        return;
    }
    if model.phase == Phase::Leaving {
        canvas.put(1, y, width.saturating_sub(2), "waiting for the last packets; Ctrl-c kills", Role::Text);
        return;
    }
    let (right, left): (Vec<_>, Vec<_>) = bindings::hints(model.context())
        .filter(|binding| bindings::possible(model, binding).is_ok())
        .filter(|binding| is_meant(model, binding) && is_wanted(model, binding))
        .partition(|binding| AT_THE_RIGHT.contains(&binding.cmd));
    let left = first_steps_first(model, left);
    let mut end = width.saturating_sub(1);
    for binding in right.iter().rev() {
        let key = key(model, binding);
        let cells = cells(&key, binding.short, canvas);
        end = end.saturating_sub(cells);
        hint(&key, (binding, binding.short), end, y, canvas);
        end = end.saturating_sub(2);
    }
    let mut x = 1 + filter(model, y, end, canvas);
    for binding in left {
        let (key, words) = (key(model, binding), words(model, binding));
        let cells = cells(&key, &words, canvas);
        if x + cells > end {
            break;
        }
        hint(&key, (binding, &words), x, y, canvas);
        x += cells + 2;
    }
}

/// While nothing is saved the ways to begin come before the keys of lists that are not there.
fn first_steps_first(model: &Model, left: Vec<&'static Binding>) -> Vec<&'static Binding> {
    if !model.is_first_run() {
        return left;
    }
    let begins = |binding: &&Binding| {
        matches!(binding.cmd, Cmd::Welcome(_) | Cmd::Form(form::FormCmd::New | form::FormCmd::Undo))
    };
    let (mut first, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(begins);
    first.sort_by_key(|binding| binding.cmd != Cmd::Form(form::FormCmd::New));
    // Nothing can be filtered, and there are no panes to go to.
    first.extend(
        rest.into_iter().filter(|binding| !matches!(binding.cmd, Cmd::Filter | Cmd::NextPane | Cmd::LogSize)),
    );
    first
}

/// A filter whose section has no title to show it in.
fn filter(model: &Model, y: u16, end: u16, canvas: &mut Canvas<'_>) -> u16 {
    let titled = Layout::of(model).section(model.focus).is_some_and(|section| section.rule.is_some());
    match title::filter(model, model.focus) {
        Some(_) if form::of(model).is_some() => 0,
        Some(text) if !titled => canvas.put(1, y, end.saturating_sub(2), &text, Role::Text) + 2,
        _ => 0,
    }
}

/// What a key does, in a few words: how many rows are marked, or what Enter would use.
fn words(model: &Model, binding: &Binding) -> String {
    let marked = match model.focus {
        Pane::Sessions => model.sessions.shown_marks().len(),
        Pane::Profiles => model.catalog.shown_marks().len(),
        Pane::Log => 0,
    };
    match (binding.cmd, model.overlays.last()) {
        (Cmd::Mark, _) if marked > 0 => format!("{} ({marked})", binding.short),
        (Cmd::Pick(PickCmd::Take), Some(Overlay::Picker(picker))) => {
            picker.enter(picker::is_active(model, picker.subject.of))
        }
        (Cmd::Begin, Some(Overlay::Sheet(sheet))) if model.session_of(&sheet.name).is_some() => {
            "show its session".to_owned()
        }
        _ => binding.short.to_owned(),
    }
}

/// The first key of a binding.
fn first_key(model: &Model, binding: &'static Binding) -> Option<Key> {
    model.desk.settings.keymap.keys(model.context(), binding).first().copied()
}

/// False for what is possible, but the right thing only after something went wrong.
fn is_wanted(model: &Model, binding: &Binding) -> bool {
    binding.cmd != Cmd::StartBlind || choice::lacks_viewer(model)
}

/// False if its key means something else before: that of a filter.
fn is_meant(model: &Model, binding: &'static Binding) -> bool {
    let keymap = &model.desk.settings.keymap;
    first_key(model, binding).is_none_or(|key| {
        let found = model.contexts().find_map(|context| keymap.find(context, key));
        found.is_some_and(|found| found.cmd == binding.cmd)
    })
}

fn key(model: &Model, binding: &'static Binding) -> String {
    first_key(model, binding).map(|key| key.to_string()).unwrap_or_default()
}

fn cells(key: &str, words: &str, canvas: &Canvas<'_>) -> u16 {
    canvas.cells(key) + 1 + canvas.cells(words)
}

fn hint(key: &str, (binding, words): (&'static Binding, &str), x: u16, y: u16, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let cells = canvas.put(x, y, width, key, Role::Accent);
    let all = cells + 1 + canvas.put(x + cells + 1, y, width, words, Role::Text);
    canvas.spot(Rect::new(x, y, all, 1), Spot::Hint(binding));
}
