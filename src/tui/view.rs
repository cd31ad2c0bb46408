//! From the model to cells. Nothing here changes anything.
//!
//! ```text
//! header    wrcap, counts in words, totals, clock
//! sessions  a row each, reasons below the failed ones
//! profiles  a row a site, a row a target
//! log       the last lines
//! footer    the keys that do something now
//! ```

mod boxes;
mod canvas;
mod columns;
mod footer;
mod form;
mod header;
mod help;
mod log;
mod profiles;
mod save;
mod sessions;

use ratatui::buffer::Buffer;

use super::{
    layout::{Form, Layout},
    model::Model,
    theme::{Role, Theme},
};
use canvas::Canvas;
pub(crate) use help::lines as help_lines;

/// Draws the whole screen.
pub(crate) fn draw(model: &Model, theme: &Theme, buf: &mut Buffer) {
    let layout = Layout::of(model);
    let mut canvas = Canvas::new(buf, theme, model.glyphs);
    if layout.form == Form::Tiny {
        tiny(model, &mut canvas);
        return;
    }
    if let Some(form) = super::form::of(model) {
        form::draw(model, form, &mut canvas);
        boxes::draw(model, layout.form, &mut canvas);
        return;
    }
    header::draw(model, layout.form, &mut canvas);
    if let Some(section) = layout.sessions {
        sessions::draw(model, layout.form, section, &mut canvas);
    }
    if let Some(section) = layout.profiles {
        profiles::draw(model, section, &mut canvas);
    }
    if let Some(section) = layout.log {
        log::draw(model, section, &mut canvas);
    }
    if let Some(row) = layout.footer {
        footer::draw(model, row, &mut canvas);
    }
    boxes::draw(model, layout.form, &mut canvas);
}

fn tiny(model: &Model, canvas: &mut Canvas<'_>) {
    let (width, height) = model.size;
    let text = format!("wrcap needs 30x4, this is {width}x{height}; q quits");
    for (row, line) in (0..height).zip(super::notes::wrap(&text, usize::from(width))) {
        canvas.put(0, row, width, &line, Role::Text);
    }
}
