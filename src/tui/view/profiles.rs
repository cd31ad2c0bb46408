//! The saved targets, grouped by site.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::{
    profile::{Interface, Target},
    tui::{
        catalog::Row,
        format,
        glyphs::Glyph,
        layout::Section,
        model::{Model, Pane},
        theme::Role,
    },
};

/// Where each column begins and how wide it is; 0 is not shown.
struct Columns {
    name: u16,
    path: u16,
    interface: u16,
    filter: u16,
}

/// Names begin here, behind cursor, mark and the sign of the target's session.
const NAME: u16 = 6;

impl Columns {
    fn of(width: u16, longest_name: usize) -> Self {
        let name = u16::try_from(longest_name).unwrap_or(u16::MAX).clamp(8, (width / 4).max(8));
        let room = width.saturating_sub(NAME + name + 3);
        if width < 70 {
            return Self { name, path: room, interface: 0, filter: 0 };
        }
        let interface = 9;
        let path = (room - interface - 4) * 3 / 5;
        Self { name, path, interface, filter: room - interface - 4 - path }
    }

    fn path_x(&self) -> u16 {
        NAME + self.name + 2
    }

    fn interface_x(&self) -> u16 {
        self.path_x() + self.path + 2
    }

    fn filter_x(&self) -> u16 {
        self.interface_x() + self.interface + 2
    }
}

pub(super) fn draw(model: &Model, section: Section, canvas: &mut Canvas<'_>) {
    let catalog = &model.catalog;
    let columns = Columns::of(canvas.width(), catalog.longest_names().1);
    if let Some(y) = section.rule {
        let focused = model.focus == Pane::Profiles;
        canvas.rule(y, &format!("2 Profiles {}", catalog.targets.len()), &status(model), focused);
    }
    if catalog.rows.is_empty() {
        empty(section, canvas);
        return;
    }
    if let Some(y) = section.head {
        canvas.put(NAME, y, columns.name, "NAME", Role::Muted);
        canvas.put(columns.path_x(), y, columns.path, "PATH", Role::Muted);
        canvas.put(columns.interface_x(), y, columns.interface, "IFACE", Role::Muted);
        canvas.put(columns.filter_x(), y, columns.filter, "FILTER", Role::Muted);
    }
    let shown = catalog.rows.iter().enumerate().skip(catalog.offset);
    for (y, (place, row)) in (section.top..section.top + section.height).zip(shown) {
        draw_row(model, row, y, &columns, canvas);
        if place == catalog.cursor {
            if model.focus == Pane::Profiles {
                canvas.lay(Rect::new(0, y, canvas.width(), 1), Role::Selection);
            }
            let cursor = canvas.glyphs().sign(Glyph::Cursor);
            canvas.put(0, y, 1, cursor, Role::Accent);
        }
    }
}

fn status(model: &Model) -> String {
    match (model.catalog.marked.len(), model.catalog.problems.len()) {
        (0, 0) => String::new(),
        (0, problems) => format!("{} in profile files", format::count(problems, "error")),
        (marked, _) => format!("{marked} marked"),
    }
}

fn empty(section: Section, canvas: &mut Canvas<'_>) {
    let lines = [
        "No profiles yet. A profile says where to capture and how to get there.",
        "n makes the first one. `wrcap import FILE` makes one from a wireshark-remote.conf,",
        "`wrcap demo` shows everything on this machine.",
    ];
    let room = usize::from(canvas.width().saturating_sub(4));
    let wrapped = lines.iter().flat_map(|line| crate::tui::notes::wrap(line, room));
    for (y, line) in (section.top..section.top + section.height).zip(wrapped) {
        canvas.put(2, y, canvas.width().saturating_sub(2), &line, Role::Text);
    }
}

fn draw_row(model: &Model, row: &Row, y: u16, columns: &Columns, canvas: &mut Canvas<'_>) {
    match row {
        Row::Site { name, targets } => {
            let marked = targets.clone().all(|place| model.catalog.marked.contains(&place));
            mark(marked, y, canvas);
            let room = canvas.width().saturating_sub(2);
            let cells = canvas.put(2, y, room, name, Role::Heading);
            canvas.put(
                2 + cells + 1,
                y,
                room - cells.min(room),
                &format::count(targets.len(), "target"),
                Role::Muted,
            );
        }
        Row::Target(place) => {
            mark(model.catalog.marked.contains(place), y, canvas);
            if let Some(target) = model.catalog.targets.get(*place) {
                draw_target(model, target, y, columns, canvas);
            }
        }
        Row::Problem(place) => {
            let text = model.catalog.problems.get(*place).map_or("", String::as_str);
            let sign = canvas.glyphs().sign(Glyph::Failed);
            canvas.put(2, y, canvas.width().saturating_sub(2), &format!("{sign} {text}"), Role::Error);
        }
    }
}

fn mark(marked: bool, y: u16, canvas: &mut Canvas<'_>) {
    if marked {
        let sign = canvas.glyphs().sign(Glyph::Mark);
        canvas.put(1, y, 1, sign, Role::Accent);
    }
}

fn draw_target(model: &Model, target: &Target, y: u16, columns: &Columns, canvas: &mut Canvas<'_>) {
    let session =
        model.sessions.active().map(|(_, session)| session).find(|session| session.name == target.name);
    if let Some(standing) = session.map(crate::tui::sessions::Session::standing) {
        let sign = canvas.glyphs().sign(standing.glyph());
        canvas.put(4, y, 1, sign, standing.role());
    }
    canvas.put_end(NAME, y, columns.name, &target.name.target, Role::Text);
    canvas.put_end(columns.path_x(), y, columns.path, &path(target), Role::Text);
    let interface = match &target.interface {
        Interface::Auto => ("auto", Role::Muted),
        Interface::Named(name) => (name.as_str(), Role::Text),
    };
    canvas.put(columns.interface_x(), y, columns.interface, interface.0, interface.1);
    let filter = match &target.filter {
        None => ("everything", Role::Muted),
        Some(filter) => (filter.as_str(), Role::Text),
    };
    canvas.put(columns.filter_x(), y, columns.filter, filter.0, filter.1);
}

/// `bastion > user@host`: bastions by their machine only, since their logins tell nothing about the target.
fn path(target: &Target) -> String {
    let hops = target.via.iter().map(|hop| hop.host.clone());
    hops.chain([target.host.to_string()]).collect::<Vec<_>>().join(" > ")
}
