//! The rows of a form.

use std::time::Instant;

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::super::canvas::Canvas;
use crate::{
    engine::profiles::{Judge, KeyFacts, Verdict},
    tui::{
        bindings::{Cmd, Context},
        form::{self, Form, FormCmd, OtherKeys, Row, Subject, row::Source},
        format,
        glyphs::Glyph,
        model::Model,
        theme::Role,
    },
};

/// Where labels begin.
const LABEL: u16 = 4;
/// Where texts begin.
pub(super) const TEXT: u16 = 24;
/// Between a text and what stands right of it.
const GAP: u16 = 2;

/// Where what stands right of a text begins, if there is room.
fn right_column(width: u16) -> u16 {
    TEXT + (width.saturating_sub(TEXT) * 2 / 5).max(14)
}

/// Draws the row at a place.
pub(super) fn row(model: &Model, form: &Form, place: usize, y: u16, canvas: &mut Canvas<'_>) {
    let Some(row) = form.rows.get(place) else { return };
    let width = canvas.width();
    let here = place == form.cursor && form.layer.is_none();
    if place == form.cursor {
        let cursor = canvas.glyphs().sign(Glyph::Cursor);
        canvas.put(2, y, 1, cursor, Role::Accent);
    }
    let role = if place == form.cursor { Role::Accent } else { Role::Text };
    canvas.put(LABEL, y, TEXT - LABEL - 1, &row.label, role);
    let (note, note_role) = note(model, form, row, here);
    let cells = canvas.cells(&note);
    let (text, text_role) = match (row.input.value(), &row.below) {
        ("", Some((below, _))) => (below.as_str(), Role::Muted),
        (text, _) => (text, Role::Text),
    };
    // A note stands in its column; a long text pushes it to the end, and a note that has no room at all is left out.
    let room = width.saturating_sub(TEXT + 1);
    let wanted = canvas.cells(text).saturating_add(1);
    let column = right_column(width);
    let (text_room, note_x) = if cells == 0 || cells + GAP + 8 > room {
        (room, None)
    } else if wanted + GAP <= column - TEXT && column + cells < width {
        (column - TEXT - GAP, Some(column))
    } else {
        (room - cells - GAP, Some(width.saturating_sub(1 + cells)))
    };
    if let Some(x) = note_x {
        canvas.put(x, y, cells, &note, note_role);
    }
    if here && !row.input.value().is_empty() && !row.is_choice() {
        input(&row.input, TEXT, y, text_room, canvas);
        return;
    }
    canvas.put(TEXT, y, text_room, text, text_role);
    if here {
        let cells = if row.is_choice() { canvas.cells(text).clamp(1, text_room) } else { 1 };
        canvas.lay(Rect::new(TEXT, y, cells, 1), Role::Selection);
    }
}

/// A text with its cursor; of a long one the part around the cursor.
pub(super) fn input(input: &tui_input::Input, x: u16, y: u16, room: u16, canvas: &mut Canvas<'_>) {
    let room = usize::from(room.max(2));
    // What is covered as a whole might not be covered in two parts.
    if let Some(covered) = canvas.covered(input.value()) {
        let used = canvas.put(x, y, u16::try_from(room - 1).unwrap_or(u16::MAX), &covered, Role::Text);
        canvas.lay(Rect::new(x + used, y, 1, 1), Role::Selection);
        return;
    }
    let (mut before, mut after) = (String::new(), String::new());
    for (place, c) in input.value().chars().enumerate() {
        if place < input.cursor() { before.push(c) } else { after.push(c) }
    }
    while before.width() >= room {
        before.remove(0);
    }
    while before.width() + after.width() > room && after.chars().count() > 1 {
        after.pop();
    }
    let cells = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let used = canvas.put(x, y, cells(room), &before, Role::Text);
    canvas.put(x + used, y, cells(room) - used.min(cells(room)), &after, Role::Text);
    let first = after.chars().next().map_or(1, |c| c.to_string().width().max(1));
    canvas.lay(Rect::new(x + used, y, cells(first), 1), Role::Selection);
}

/// What stands right of a row: what it can be, what is known of it, or where it comes from.
fn note(model: &Model, form: &Form, row: &Row, here: bool) -> (String, Role) {
    // One word only is no choice to tell of.
    if here && row.is_choice() && row.words().len() > 1 {
        return (row.words().join(" | "), Role::Muted);
    }
    let known = match row.key.as_str() {
        "identity" => form.facts.as_ref().and_then(|facts| facts.key.as_ref()).map(key),
        "viewer" => viewer(model, row),
        "filter" if !row.input.value().trim().is_empty() => verdict(model, form),
        "via" if here => {
            let cmd = if row.is_blank() { FormCmd::Enter } else { FormCmd::Bastions };
            Some(format!("{} opens the list", key_of(model, cmd)))
        }
        "interface" if is_picked(form, row, here) => {
            Some(format!("{} picks from the target", key_of(model, FormCmd::Pick)))
        }
        _ => None,
    };
    if row.is_changed() && !(row.is_name() && form.subject == Subject::New) {
        let known = known.map_or_else(String::new, |known| format!("{known}  "));
        return (format!("{known}changed"), Role::Accent);
    }
    let from = row.below.as_ref().filter(|_| row.input.value().is_empty()).map(|(_, source)| source.words());
    let note = known.or_else(|| from.map(str::to_owned)).unwrap_or_default();
    (note, Role::Muted)
}

/// Where Wireshark is on this machine, if it is the viewer. Of others nobody has asked.
fn viewer(model: &Model, row: &Row) -> Option<String> {
    let below = row.below.as_ref().map_or("", |(text, _)| text);
    let text = Some(row.input.value().trim()).filter(|text| !text.is_empty()).unwrap_or(below);
    let survey = model.desk.welcome.survey.as_ref().filter(|_| text == "wireshark")?;
    Some(survey.wireshark.as_ref().map_or_else(
        || "not found on this machine".to_owned(),
        |(path, version)| format!("found {} {version}", path.display()).trim_end().to_owned(),
    ))
}

/// Whether to say that it can be picked; where a site's text holds, that comes first until somebody comes here.
fn is_picked(form: &Form, row: &Row, here: bool) -> bool {
    let from_site = matches!(row.below, Some((_, Source::Site))) && row.input.value().is_empty();
    !form.subject.is_site() && form.target.command.is_none() && (here || !from_site)
}

/// The key that does so in the form.
pub(super) fn key_of(model: &Model, cmd: FormCmd) -> String {
    let binding = form::keys::BINDINGS.iter().find(|binding| binding.cmd == Cmd::Form(cmd));
    let keys = binding.map(|binding| model.desk.settings.keymap.keys(Context::Form, binding));
    keys.and_then(|keys| keys.first()).map_or_else(|| "no key".to_owned(), ToString::to_string)
}

fn verdict(model: &Model, form: &Form) -> Option<String> {
    Some(match &form.checked.verdict {
        None => "asking tcpdump".to_owned(),
        Some((Verdict::Good(Judge::Here), _)) => "tcpdump here takes it".to_owned(),
        Some((Verdict::Good(Judge::Target), at)) => {
            format!("the target takes it, {}", since(model, *at))
        }
        Some((Verdict::Bad(..), _)) => return None,
        Some((Verdict::NotChecked(why), _)) => format!("not checked: {why}"),
    })
}

fn since(model: &Model, at: Instant) -> String {
    format!("{} ago", format::age(model.now.instant.saturating_duration_since(at)))
}

/// What is wrong with the row at a place, and who says so where that is not wrcap.
pub(super) fn error(model: &Model, form: &Form, place: usize, y: u16, canvas: &mut Canvas<'_>) {
    let room = canvas.width().saturating_sub(TEXT + 1);
    let text = format!("{} {}", canvas.glyphs().sign(Glyph::Branch), form.error(place).unwrap_or_default());
    let by = match &form.checked.verdict {
        Some((Verdict::Bad(judge, words), at)) if text.ends_with(words) => {
            told_by(*judge, &since(model, *at))
        }
        _ => [String::new(), String::new()],
    };
    // The words themselves come first.
    let wanted = canvas.cells(&text) + GAP;
    let [long, short] = by;
    let by = if wanted + canvas.cells(&long) <= room { long } else { short };
    let cells = canvas.cells(&by);
    let text_room = room.saturating_sub(if cells == 0 { 0 } else { cells + GAP });
    canvas.put(TEXT, y, text_room, &text, Role::Error);
    canvas.put_right(TEXT, y, room, &by, Role::Muted);
}

/// Which key the bastions log in with, below a key that is not theirs.
pub(super) fn other_keys(model: &Model, form: &Form, y: u16, canvas: &mut Canvas<'_>) {
    let Some(OtherKeys { several, key }) = form.other_keys() else { return };
    let room = canvas.width().saturating_sub(TEXT + 1);
    let (sign, list) = (canvas.glyphs().sign(Glyph::Branch), key_of(model, FormCmd::Bastions));
    let (whom, uses) = if several { ("bastions", "they use") } else { ("the bastion", "it uses") };
    let long = format!("{sign} not for {whom}: {uses} {key}; {list} or the site sets one");
    let short = format!("{sign} not for {whom}: {key}; {list} sets one");
    let text = if canvas.cells(&long) <= room { long } else { short };
    canvas.put(TEXT, y, room, &text, Role::Muted);
}

/// Who says that a filter is wrong, for where there is room, and for where there is little.
fn told_by(judge: Judge, since: &str) -> [String; 2] {
    match judge {
        Judge::Target => [format!("asked the target with tcpdump -d, {since}"), format!("(target, {since})")],
        Judge::Here => ["asked tcpdump here".to_owned(), "(here)".to_owned()],
    }
}

fn key(key: &KeyFacts) -> String {
    match key {
        KeyFacts::Missing => "no such file".to_owned(),
        KeyFacts::Found { algorithm, encrypted, in_agent } => {
            let mut words: Vec<&str> = Vec::new();
            words.extend((!algorithm.is_empty()).then_some(algorithm.as_str()));
            words.extend(encrypted.then_some("encrypted"));
            words.extend(in_agent.map(|has| if has { "in the agent" } else { "not in the agent" }));
            words.join(", ")
        }
    }
}

/// What the user's ssh configuration makes of the host.
pub(super) fn way(form: &Form) -> String {
    let Some(facts) = form.facts.as_ref().filter(|facts| facts.host == form.target.host.host) else {
        return String::new();
    };
    let mut words = Vec::new();
    if facts.hostname != facts.host && !facts.hostname.is_empty() {
        words.push(format!("ssh: {} is {}", facts.host, facts.hostname));
    }
    if let Some(proxy) = &facts.proxy {
        words.push(format!("through {proxy}"));
    }
    words.join(", ")
}
