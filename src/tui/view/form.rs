//! A profile being edited.
//!
//! ```text
//! header    what is edited, what is not saved, what is wrong
//! fields    a row each: its name, its text, where that comes from; what is wrong below it
//! result    what will run
//! help      what the field under the cursor is for
//! footer    the keys that do something now
//! ```

mod boxes;
mod fields;

pub(super) use boxes::step_lines;

use ratatui::layout::Rect;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{canvas::Canvas, footer};
use crate::{
    profile::Entry,
    remote::preview::{capture_line, ssh_line},
    tui::{
        form::{
            Form, FormCmd, Subject,
            lines::{Areas, Line},
            row,
        },
        format,
        glyphs::Glyph,
        model::Model,
        notes::wrap,
        spots::Spot,
        theme::Role,
    },
};

/// Draws the form over the whole screen.
pub(super) fn draw(model: &Model, form: &Form, canvas: &mut Canvas<'_>) {
    let (_, height) = model.screen;
    let told = form.disk_line();
    let areas = Areas::of(model.screen, told.is_some());
    header(model, form, canvas);
    if let (Some(y), Some(told)) = (areas.disk, told) {
        let sign = canvas.glyphs().sign(Glyph::Late);
        canvas.put(2, y, canvas.width().saturating_sub(3), &format!("{sign} {told}"), Role::Warn);
    }
    let lines = form.lines();
    let (top, rows) = areas.body;
    let below = lines.len() > form.offset + usize::from(rows);
    let shown = lines.iter().skip(form.offset);
    for (y, line) in (top..top + rows).zip(shown) {
        match line {
            Line::Section(place) => {
                let status = if *place == 1 { fields::way(form) } else { String::new() };
                canvas.rule(y, row::section(*place), &status, false);
            }
            Line::Row(place) => {
                fields::row(model, form, *place, y, canvas);
                canvas.spot(Rect::new(0, y, canvas.width(), 1), Spot::Field(*place));
            }
            Line::Error(place) => fields::error(model, form, *place, y, canvas),
            Line::Note(_) => fields::other_keys(model, form, y, canvas),
        }
    }
    if let Some(y) = areas.result {
        result(form, y, below, canvas);
    }
    help(model, form, areas.help, canvas);
    footer::draw(model, height.saturating_sub(1), canvas);
    boxes::draw(form, canvas);
}

fn header(model: &Model, form: &Form, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let site = &form.file.site;
    let what = match &form.subject {
        Subject::New => "new profile".to_owned(),
        Subject::Copy(name) => format!("copy of {site}/{name}"),
        Subject::Target(name) => format!("edit {site}/{name}"),
        Subject::Site => format!("edit site {site}"),
        Subject::SiteCopy => format!("copy of site {site}"),
    };
    let mut right = Vec::new();
    if !model.questions.is_empty() {
        let waiting = model.questions.len();
        let verb = if waiting == 1 { "waits" } else { "wait" };
        right.push((format!("{waiting} {verb} for an answer"), Role::Attention));
    }
    if form.changes() > 0 {
        right.push((format!("{} unsaved", form.changes()), Role::Accent));
    }
    let problems = form.problems().into_iter().filter(|place| form.error(*place).is_some()).count();
    if problems > 0 {
        right.push((format::count(problems, "problem"), Role::Error));
    }
    let mut end = width.saturating_sub(1);
    for (text, role) in right.iter().rev() {
        let cells = canvas.cells(text);
        end = end.saturating_sub(cells);
        canvas.put(end, 0, cells, text, *role);
        end = end.saturating_sub(2);
    }
    let cells = canvas.put(1, 0, end, "wrcap", Role::Heading);
    canvas.put(2 + cells, 0, end.saturating_sub(3 + cells), &format!("> {what}"), Role::Text);
}

/// The lines that will run, as far as they are known here.
fn result(form: &Form, y: u16, below: bool, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    canvas.rule(y, "Result", if below { "more fields below" } else { "what wrcap will run" }, false);
    let mut target = form.target.clone();
    if form.subject.is_site() {
        "TARGET".clone_into(&mut target.host.host);
    }
    if target.host.host.is_empty() {
        canvas.put(2, y + 1, width.saturating_sub(3), "nothing yet: the host is missing", Role::Muted);
        return;
    }
    // The destination stands at the end, and so does the filter.
    let here = ssh_line(&target);
    let end = here.rfind(' ').map_or(0, |place| place + 1);
    let capture = capture_line(&target);
    let filter = capture.find(" -- ").map_or(0, |place| place + 1);
    let cut = canvas.glyphs().sign(Glyph::Cut);
    for (y, (who, line, end)) in (y + 1..).zip([("here", here, end), ("target", capture, filter)]) {
        // What is covered as a whole might not be covered in two parts.
        let (line, end) = canvas.covered(&line).map_or((line, end), |covered| (covered, 0));
        let room = width.saturating_sub(11);
        canvas.put(2, y, 8, who, Role::Muted);
        canvas.put(10, y, room, &shortened(&line, end, usize::from(room), cut), Role::Text);
    }
}

/// A line of at most `room` cells, cut before what stands at its end: that begins at the byte `end`, and is cut itself
/// only where it would leave less than a quarter of the room to the beginning.
fn shortened(line: &str, end: usize, room: usize, cut: &str) -> String {
    if line.width() <= room {
        return line.to_owned();
    }
    let cut = format!(" {cut} ");
    let tail = line.get(end..).unwrap_or_default();
    let for_tail = tail.width().min((room * 3 / 4).saturating_sub(cut.width()));
    let for_head = room.saturating_sub(for_tail + cut.width());
    let head = first_cells(line.chars(), for_head);
    let tail: String = first_cells(line.chars().rev(), for_tail).chars().rev().collect();
    format!("{}{cut}{}", head.trim_end(), tail.trim_start())
}

/// As many of these characters as fit into some cells.
fn first_cells(text: impl Iterator<Item = char>, cells: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= cells
    };
    text.take_while(fits).collect()
}

fn help(model: &Model, form: &Form, (y, rows): (u16, u16), canvas: &mut Canvas<'_>) {
    let Some(row) = form.row() else { return };
    let how = match row.key.as_str() {
        _ if row.entry == Entry::Hops && form.subject.is_site() => {
            " Here: commas between them, a key file behind its bastion; direct means none.".to_owned()
        }
        _ if row.entry == Entry::Hops => {
            " Here: commas between them, a key file behind its bastion (the target's Identity is not for them); \
             direct means none."
                .to_owned()
        }
        "identity" if form.subject.is_site() => {
            " Targets and bastions without a key of their own use it.".to_owned()
        }
        "identity" => format!(
            " Not for bastions: they use the key behind them in their list ({}), else the site's Identity, else \
             ssh's own keys and agent.",
            fields::key_of(model, FormCmd::Bastions)
        ),
        "ssh_options" => " Here: `;` between them, as in ConnectTimeout 5; TCPKeepAlive no.".to_owned(),
        _ => String::new(),
    };
    let text = format!("{}: {}{how}", row.label, row.about);
    let room = canvas.width().saturating_sub(3);
    let lines = wrap(&text, usize::from(room));
    // Text that needs all rows has them: it begins with the field's name, and needs no title.
    let titled = rows > 1 && lines.len() < usize::from(rows);
    if titled {
        canvas.rule(y, "Help", "", false);
    }
    for (y, line) in (y + u16::from(titled)..y + rows).zip(lines) {
        canvas.put(2, y, room, &line, Role::Muted);
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::shortened;

    #[test]
    fn a_long_line_keeps_its_end() {
        let ssh = "ssh -M -N -J a -o ServerAliveInterval=60 -o UserKnownHostsFile=/home/me/x ops@10.0.0.1";
        let end = ssh.rfind(' ').unwrap() + 1;
        assert_eq!(shortened(ssh, end, 200, "…"), ssh);
        assert_eq!(shortened(ssh, end, 40, "…"), "ssh -M -N -J a -o ServerA … ops@10.0.0.1");
        let filter = format!("tcpdump -i eth0 -- '{} and not (our own connection)'", "port 80 ".repeat(20));
        for room in 0..120 {
            let text = shortened(&filter, 16, room, "…");
            assert!(text.width() <= room.max(3), "{room}: {text}");
        }
        let text = shortened(&filter, 16, 60, "…");
        assert!(text.starts_with("tcpdump") && text.ends_with("and not (our own connection)'"), "{text}");
    }
}
