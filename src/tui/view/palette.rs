//! The palette: a line to type in, and the commands that it finds.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::{
    menu::{self, Entry, Finder},
    model::Model,
    spots::Spot,
    theme::Role,
};

/// Cells for names.
const NAMES: u16 = 18;

/// Cells for keys.
const KEYS: u16 = 12;

/// Rows for commands, where there is room.
const ROWS: u16 = 12;

pub(super) fn draw(model: &Model, finder: &Finder, canvas: &mut Canvas<'_>) {
    let width = 84.min(canvas.width().saturating_sub(2));
    let height = (ROWS + 3).min(canvas.height().saturating_sub(2));
    let inside = canvas.open_box(width, height, "Command");
    let (before, behind) = finder.input.parts();
    canvas.put(inside.x, inside.y, inside.width, &format!(":{before}_{behind}"), Role::Text);
    let entries = menu::palette(model, finder.input.text());
    let list = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let shown = usize::from(list.height);
    let offset = finder.cursor.saturating_sub(shown / 2).min(entries.len().saturating_sub(shown));
    for (y, (place, entry)) in (list.y..list.bottom()).zip(entries.iter().enumerate().skip(offset)) {
        let row = Rect { y, height: 1, ..list };
        draw_entry(entry, row, canvas);
        canvas.spot(row, Spot::Command(place));
        if place == finder.cursor {
            canvas.lay(row, Role::Selection);
        }
    }
    if entries.is_empty() {
        canvas.put(list.x, list.y, list.width, "No command is called or means that.", Role::Muted);
    }
    canvas.hints(
        inside.x,
        inside.bottom(),
        inside.width,
        " Tab complete   Enter run   Esc close ",
        Role::Muted,
    );
}

/// Name, meaning, key; why not where it is not possible.
fn draw_entry(entry: &Entry, row: Rect, canvas: &mut Canvas<'_>) {
    let (text, roles) = match &entry.possible {
        Ok(()) => (entry.binding.long.to_owned(), (Role::Accent, Role::Text)),
        Err(reason) => (format!("not now: {}", reason.0), (Role::Muted, Role::Muted)),
    };
    canvas.put(row.x, row.y, NAMES.min(row.width), &entry.name, roles.0);
    let keys = entry.keys.join(" ");
    let keys_x = row.width.saturating_sub(KEYS);
    let text_x = NAMES + 1;
    if row.width > NAMES + KEYS + 12 {
        canvas.put(row.x + text_x, row.y, keys_x.saturating_sub(text_x + 1), &text, roles.1);
    }
    if row.width > NAMES + KEYS {
        canvas.put_right(row.x + keys_x, row.y, KEYS, &keys, roles.0);
    }
}
