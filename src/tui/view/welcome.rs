//! The first run, and the machines that can be imported.

use ratatui::layout::Rect;

use super::{boxes::boxed, canvas::Canvas};
use crate::{
    engine::profiles::Survey,
    tui::{
        format,
        glyphs::Glyph,
        layout::Form,
        log::Line,
        model::Model,
        notes::wrap,
        spots::Spot,
        theme::Role,
        welcome::{Import, SITE, becomes},
    },
};

/// A row: where it begins, its parts with their roles and places.
type Row = Vec<(u16, String, Role)>;

pub(super) fn draw(model: &Model, form: Form, canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    canvas.put(1, 0, width, concat!("wrcap ", env!("CARGO_PKG_VERSION")), Role::Heading);
    let line = canvas.glyphs().sign(Glyph::Rule).repeat(usize::from(width));
    canvas.put(0, 1, width, &line, Role::Muted);
    let left = if width >= 90 { 12 } else { u16::from(width >= 60) * 3 + 1 };
    let mut rows = begin(model, left);
    let machine = machine(model.desk.welcome.survey.as_ref(), left, width >= 90, canvas);
    let room = usize::from(height.saturating_sub(3));
    if form != Form::Line && rows.len() + machine.len() <= room {
        rows.extend(machine);
    }
    let files = files(model, left);
    if rows.len() + files.len() <= room {
        rows.extend(files);
    }
    let free = room.saturating_sub(rows.len());
    rows.extend(said(model, left).into_iter().take(free));
    let top = 2 + u16::try_from(room.saturating_sub(rows.len()) / 3).unwrap_or(0);
    for (y, row) in (top..height.saturating_sub(1)).zip(&rows) {
        for (x, text, role) in row {
            canvas.put(*x, y, width.saturating_sub(*x), text, *role);
        }
    }
}

fn begin(model: &Model, left: u16) -> Vec<Row> {
    let hosts = match model.desk.welcome.survey.as_ref().map(|survey| survey.hosts) {
        None => String::new(),
        Some(0) => "no hosts found".to_owned(),
        Some(number) => {
            let jumps = model.desk.welcome.jumps.filter(|jumps| *jumps > 0);
            let jumps = jumps.map_or_else(String::new, |jumps| format!(", {jumps} with ProxyJump"));
            format!("{} found{jumps}", format::count(number, "host"))
        }
    };
    let choice = |key: &str, what: &str, note: &str| -> Row {
        vec![
            (left + 3, key.to_owned(), Role::Accent),
            (left + 7, what.to_owned(), Role::Text),
            (left + 41, note.to_owned(), Role::Muted),
        ]
    };
    let room = usize::from(model.size.0.saturating_sub(left + 1));
    let sentence = |text: &str, role| wrap(text, room).into_iter().map(move |line| vec![(left, line, role)]);
    let mut rows: Vec<Row> =
        sentence("Capture on a remote machine, watch it in Wireshark here.", Role::Heading).collect();
    rows.push(Row::new());
    let why = "No profiles yet. A profile says where to capture and how to get there.";
    rows.extend(sentence(why, Role::Text));
    rows.extend([
        Row::new(),
        choice("n", "make the first profile", ""),
        choice("I", "import from ~/.ssh/config", &hosts),
        choice("T", "try it here with a throwaway lab", "nothing leaves this machine"),
        choice("?", "all keys", ""),
        Row::new(),
    ]);
    rows
}

/// What this machine has, with a sign for each.
fn machine(survey: Option<&Survey>, left: u16, roomy: bool, canvas: &Canvas<'_>) -> Vec<Row> {
    let Some(survey) = survey else { return Vec::new() };
    let glyphs = canvas.glyphs();
    let row = |good: bool, what: &str, found: String| -> Row {
        let (glyph, role) = if good { (Glyph::Done, Role::Ok) } else { (Glyph::Late, Role::Warn) };
        vec![
            (left + 3, glyphs.sign(glyph).to_owned(), role),
            (left + 7, what.to_owned(), Role::Text),
            (left + 20, found, if good { Role::Text } else { Role::Warn }),
        ]
    };
    let agent = match survey.agent {
        None => "no agent: passphrases are asked for".to_owned(),
        Some(0) => "no keys loaded: ssh-add loads them".to_owned(),
        Some(number) => format!("{} loaded", format::count(number, "key")),
    };
    let clipboard = if survey.multiplexed {
        "in tmux or screen: copying needs `set -g set-clipboard on`"
    } else {
        "copying goes by OSC 52"
    };
    let none = |what: &str| format!("not found: {what}");
    let mut rows = vec![
        vec![(left, "This machine".to_owned(), Role::Heading)],
        row(
            survey.ssh.is_some(),
            "ssh",
            survey.ssh.clone().unwrap_or_else(|| none("install the OpenSSH client")),
        ),
        row(survey.agent.is_some_and(|keys| keys > 0), "ssh-agent", agent),
    ];
    let (shows, found, instead) = wireshark(survey, roomy);
    rows.push(row(shows, "wireshark", found));
    rows.extend(instead.iter().map(|line| vec![(left + 20, (*line).to_owned(), Role::Muted)]));
    if roomy {
        rows.push(row(!survey.multiplexed, "terminal", clipboard.to_owned()));
    }
    rows.push(Row::new());
    rows
}

/// Whether Wireshark can show packets here, what was found of it, and what works without.
fn wireshark(survey: &Survey, roomy: bool) -> (bool, String, &'static [&'static str]) {
    let without = &[
        "start with W, save with S; `viewer: none` for always",
        "or in a shell: wrcap capture --viewer tshark",
    ][..if roomy { 2 } else { 1 }];
    match &survey.wireshark {
        Some((path, version)) if survey.display => (true, format!("{} {version}", path.display()), &[]),
        Some(_) => (false, "found, but no DISPLAY or WAYLAND_DISPLAY for a window".to_owned(), without),
        None => (false, "not found: install it to watch packets here".to_owned(), without),
    }
}

/// The last words of the log, which has no room of its own here.
fn said(model: &Model, left: u16) -> Vec<Row> {
    let last = model.log.lines.iter().rev().take(3).rev();
    let line = |line: &Line| -> Row {
        vec![
            (left, format::clock(line.at, &model.desk.zone), Role::Muted),
            (left + 9, line.text.clone(), line.role),
        ]
    };
    let lines: Vec<Row> = last.map(line).collect();
    if lines.is_empty() { lines } else { std::iter::once(Row::new()).chain(lines).collect() }
}

fn files(model: &Model, left: u16) -> Vec<Row> {
    let folder = model.desk.welcome.folder.as_ref().map(|folder| folder.display().to_string());
    let Some(folder) = folder else { return Vec::new() };
    vec![vec![
        (left, "Profiles go to ".to_owned(), Role::Muted),
        (left + 15, format!("{folder}/"), Role::Text),
    ]]
}

/// The machines of `~/.ssh/config`, and what each would become.
pub(super) fn import(import: &Import, canvas: &mut Canvas<'_>) {
    let Some(hosts) = &import.hosts else {
        boxed("Import", vec![("reading ~/.ssh/config ...".to_owned(), Role::Info)], canvas);
        return;
    };
    if hosts.is_empty() {
        let lines = [
            "~/.ssh/config names no host that could become a target.",
            "Patterns (Host *) and names with other signs than letters, digits, - _ . are left out.",
            "Esc goes back; n makes a profile by hand.",
        ];
        let room = super::boxes::room(canvas);
        let lines = lines.iter().flat_map(|line| wrap(line, room));
        boxed("Import", lines.map(|line| (line, Role::Text)).collect(), canvas);
        return;
    }
    let width = 86.min(canvas.width().saturating_sub(2));
    let most = canvas.height().saturating_sub(8).max(1);
    let shown = u16::try_from(hosts.len()).unwrap_or(u16::MAX).min(most);
    let inside = canvas.open_box(width, shown + 5, "Import from ~/.ssh/config");
    let foot = " Space mark   A all   Ctrl-s save   Esc cancel ";
    canvas.hints(inside.x, inside.bottom(), inside.width, foot, Role::Muted);
    let said = format!("{} of {} become targets of the site `{SITE}`", import.marked.len(), hosts.len());
    canvas.put(inside.x, inside.y, inside.width, &said, Role::Text);
    let longest = hosts.iter().map(|host| host.name.chars().count()).max().unwrap_or(0);
    let name = u16::try_from(longest).unwrap_or(u16::MAX).clamp(6, inside.width / 3);
    let offset = import.cursor.saturating_sub(usize::from(shown).saturating_sub(1));
    let rows = hosts.iter().enumerate().skip(offset).take(usize::from(shown));
    for (y, (place, host)) in (inside.y + 2..).zip(rows) {
        let mark = if import.marked.contains(&place) { "[x]" } else { "[ ]" };
        canvas.put(inside.x, y, 3, mark, Role::Accent);
        canvas.put(inside.x + 4, y, name, &host.name, Role::Text);
        let x = inside.x + name + 6;
        canvas.put(x, y, inside.right().saturating_sub(x), &becomes(host), Role::Muted);
        canvas.spot(Rect::new(inside.x, y, inside.width, 1), Spot::Row(place));
        if place == import.cursor {
            canvas.lay(Rect::new(inside.x, y, inside.width, 1), Role::Selection);
        }
    }
}
