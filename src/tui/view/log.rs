//! The log's last lines.

use super::{canvas::Canvas, title};
use crate::tui::{
    format,
    layout::Section,
    model::{Model, Pane},
    theme::Role,
};

pub(super) fn draw(model: &Model, section: Section, canvas: &mut Canvas<'_>) {
    if let Some(y) = section.rule {
        let status = match model.log.back {
            0 => "follow".to_owned(),
            back => format!("{} below, G follows", format::count(back, "line")),
        };
        let status = title::filter(model, Pane::Log).unwrap_or(status);
        canvas.rule(y, "3 Log", &status, model.focus == Pane::Log);
    }
    if model.log.shown() == 0 && !model.query(Pane::Log).is_empty() {
        title::nothing_matches(model, Pane::Log, section, canvas);
        return;
    }
    let height = usize::from(section.height);
    let name = u16::try_from(model.catalog.longest_names().0)
        .unwrap_or(u16::MAX)
        .clamp(5, (canvas.width() / 4).max(5));
    for (y, line) in (section.top..).zip(model.log.window(height)) {
        let time = format::clock(line.at, &model.desk.zone);
        let x = 2 + canvas.put(1, y, 8, &time, Role::Muted);
        let mut x = x + 1;
        if canvas.width() >= 60 {
            canvas.put_name(x, y, name, &line.who, Role::Muted);
            x += name + 2;
        }
        let width = canvas.width().saturating_sub(x + 1);
        // Of commands the beginning tells most.
        if line.role == Role::Muted {
            canvas.put(x, y, width, &line.text, line.role);
        } else {
            canvas.put_middle(x, y, width, &line.text, line.role);
        }
    }
}
