//! The saved targets, grouped by site.

use ratatui::layout::Rect;

use super::{canvas::Canvas, title};
use crate::{
    profile::{Interface, Target, TargetName},
    tui::{
        catalog::Row,
        format,
        glyphs::Glyph,
        layout::Section,
        model::{Aging, Model, Pane},
        order::{ProfileKey, Sort},
        spots::Spot,
        theme::Role,
        used::Clock,
    },
};

/// Where each column begins and how wide it is; 0 is not shown.
struct Columns {
    name: u16,
    path: u16,
    interface: u16,
    filter: u16,
    used: u16,
}

/// Names begin here, behind cursor, mark and the sign of the target's session.
const NAME: u16 = 6;

/// The cells of the last use.
const USED: u16 = 9;

impl Columns {
    fn of(width: u16, longest_name: usize) -> Self {
        let name = u16::try_from(longest_name).unwrap_or(u16::MAX).clamp(8, (width / 4).max(8));
        let room = width.saturating_sub(NAME + name + 3);
        if width < 70 {
            return Self { name, path: room, interface: 0, filter: 0, used: 0 };
        }
        let (interface, used) = (9, if width < 90 { 0 } else { USED });
        let taken = interface + 4 + if used == 0 { 0 } else { used + 2 };
        let path = (room - taken) * 3 / 5;
        Self { name, path, interface, filter: room - taken - path, used }
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

    fn used_x(&self) -> u16 {
        self.filter_x() + self.filter + 2
    }
}

pub(super) fn draw(model: &Model, section: Section, canvas: &mut Canvas<'_>) {
    let catalog = &model.catalog;
    let columns = Columns::of(canvas.width(), catalog.longest_names().1);
    if let Some(y) = section.rule {
        let focused = model.focus == Pane::Profiles;
        canvas.rule(y, &format!("2 Profiles {}", catalog.targets.len()), &title::profiles(model), focused);
    }
    if catalog.targets.is_empty() && catalog.problems.is_empty() {
        empty(section, canvas);
        return;
    }
    if let Some(y) = section.head {
        head(catalog.sort, &columns, y, canvas);
    }
    if catalog.rows.is_empty() {
        title::nothing_matches(model, Pane::Profiles, section, canvas);
        return;
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

fn head(sort: Sort<ProfileKey>, columns: &Columns, y: u16, canvas: &mut Canvas<'_>) {
    let titles = [
        (ProfileKey::Name, NAME, columns.name, "NAME"),
        (ProfileKey::Host, columns.path_x(), columns.path, "PATH"),
        (ProfileKey::Interface, columns.interface_x(), columns.interface, "IFACE"),
        (ProfileKey::Filter, columns.filter_x(), columns.filter, "FILTER"),
        (ProfileKey::Used, columns.used_x(), columns.used, "LAST USED"),
    ];
    for (key, x, width, title) in titles.into_iter().filter(|(_, _, width, _)| *width > 0) {
        let cells = canvas.put(x, y, width, title, Role::Muted);
        canvas.spot(Rect::new(x, y, width, 1), Spot::Profile(key));
        if sort.key == key {
            let glyph = if sort.reversed { Glyph::Ascending } else { Glyph::Descending };
            canvas.put(x + cells, y, 1, canvas.glyphs().sign(glyph), Role::Accent);
        }
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
            let marked = targets.iter().all(|place| model.catalog.marked.contains(place));
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
    if let Some(standing) = model.session_of(&target.name).map(|(_, session)| session.standing()) {
        let sign = canvas.glyphs().sign(standing.glyph());
        canvas.put(4, y, 1, sign, standing.role());
    }
    canvas.put_name(NAME, y, columns.name, &target.name.target, Role::Text);
    canvas.put_end(columns.path_x(), y, columns.path, &path(target), Role::Text);
    let role = if target.interface == Interface::Auto { Role::Muted } else { Role::Text };
    canvas.put(columns.interface_x(), y, columns.interface, &target.interface.to_string(), role);
    let filter = match &target.filter {
        None => ("everything", Role::Muted),
        Some(filter) => (filter.as_str(), Role::Text),
    };
    canvas.put(columns.filter_x(), y, columns.filter, filter.0, filter.1);
    let (used, role) = last_used(model, &target.name);
    canvas.put(columns.used_x(), y, columns.used, &used, role);
}

/// When it was captured on last, as long as the screen can say that truly.
pub(super) fn last_used(model: &Model, name: &TargetName) -> (String, Role) {
    let clock = Clock { now: model.now.wall, zone: &model.desk.zone, runs: model.aging() != Aging::Nothing };
    match model.catalog.used.of(name) {
        _ if model.session_of(name).is_some() => ("now".to_owned(), Role::Text),
        Some(at) => (clock.ago(at), Role::Text),
        None => ("never".to_owned(), Role::Muted),
    }
}

/// `bastion > user@host`: bastions by their machine only, since their logins tell nothing about the target.
fn path(target: &Target) -> String {
    let hops = target.via.iter().map(|hop| hop.host.clone());
    hops.chain([target.host.to_string()]).collect::<Vec<_>>().join(" > ")
}
