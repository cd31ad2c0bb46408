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
mod detail;
mod footer;
mod form;
mod header;
mod help;
mod log;
mod palette;
mod picker;
mod profiles;
mod question;
mod save;
mod sessions;
mod sheet;
mod spools;
mod title;
mod welcome;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    glyphs::Glyph,
    layout::{Form, Layout},
    model::Model,
    spots::{Spot, Spots},
    theme::{ColorChoice, Role, Theme},
};
use canvas::Canvas;
pub(crate) use detail::log_height as detail_log_height;

/// Draws the whole screen.
pub(crate) fn draw(model: &Model, theme: &Theme, buf: &mut Buffer) {
    paint(model, theme, buf);
}

/// What a click there means, by drawing the screen to nowhere.
pub(crate) fn spot_at(model: &Model, at: (u16, u16)) -> Option<Spot> {
    let mut buf = Buffer::empty(Rect::new(0, 0, model.screen.0, model.screen.1));
    paint(model, &Theme::new(ColorChoice::Mono), &mut buf).at(at)
}

fn paint(model: &Model, theme: &Theme, buf: &mut Buffer) -> Spots {
    let size = Form::of(model.screen);
    if size == Form::Tiny {
        tiny(model, &mut Canvas::new(buf, theme, &model.desk));
        return Spots::default();
    }
    let mut spots = if model.detail_is_beside() && super::form::of(model).is_none() {
        beside(model, theme, buf)
    } else {
        let mut canvas = Canvas::new(buf, theme, &model.desk);
        alone(model, &mut canvas);
        canvas.into_spots()
    };
    let mut canvas = Canvas::new(buf, theme, &model.desk);
    boxes::draw(model, size, &mut canvas);
    spots.extend(canvas.into_spots());
    spots
}

/// The one thing that has the whole screen.
fn alone(model: &Model, canvas: &mut Canvas<'_>) {
    if let Some(edited) = super::form::of(model) {
        form::draw(model, edited, canvas);
    } else if model.detailed_alone().is_some() {
        let footer = model.screen.1 >= 8;
        detail::draw(model, footer, canvas);
        if footer {
            footer::draw(model, model.screen.1 - 1, canvas);
        }
    } else {
        lists(model, canvas);
    }
}

/// The lists at the left, the detail at the right, a line between them.
fn beside(model: &Model, theme: &Theme, buf: &mut Buffer) -> Spots {
    let (left, height) = model.size;
    let mut lists_buf = Buffer::empty(Rect::new(0, 0, left, height));
    let mut canvas = Canvas::new(&mut lists_buf, theme, &model.desk);
    lists(model, &mut canvas);
    let spots = canvas.into_spots();
    let mut detail_buf = Buffer::empty(Rect::new(0, 0, model.screen.0.saturating_sub(left + 1), height));
    detail::draw(model, false, &mut Canvas::new(&mut detail_buf, theme, &model.desk));
    for (part, x) in [(lists_buf, 0), (detail_buf, left + 1)] {
        for place in part.area.positions() {
            buf[(x + place.x, place.y)] = part[place].clone();
        }
    }
    let mut canvas = Canvas::new(buf, theme, &model.desk);
    let side = model.desk.glyphs.sign(Glyph::Side);
    for y in 0..height {
        canvas.put(left, y, 1, side, Role::Muted);
    }
    spots
}

fn lists(model: &Model, canvas: &mut Canvas<'_>) {
    if model.is_first_run() {
        let form = Form::of(model.size);
        welcome::draw(model, form, canvas);
        if form != Form::Line || model.size.1 >= 8 {
            footer::draw(model, model.size.1.saturating_sub(1), canvas);
        }
        return;
    }
    let layout = Layout::of(model);
    header::draw(model, layout.form, canvas);
    if let Some(section) = layout.sessions {
        sessions::draw(model, layout.form, section, canvas);
    }
    if let Some(section) = layout.profiles {
        profiles::draw(model, section, canvas);
    }
    if let Some(section) = layout.log {
        log::draw(model, section, canvas);
    }
    if let Some(row) = layout.footer {
        footer::draw(model, row, canvas);
    }
}

fn tiny(model: &Model, canvas: &mut Canvas<'_>) {
    let (width, height) = model.screen;
    let text = format!("wrcap needs 30x4, this is {width}x{height}; q quits");
    for (row, line) in (0..height).zip(super::notes::wrap(&text, usize::from(width))) {
        canvas.put(0, row, width, &line, Role::Text);
    }
}
