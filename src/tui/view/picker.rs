//! The boxes that pick interfaces and change filters.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::{
    remote::rates::Flow,
    tui::{
        format,
        glyphs::Glyph,
        model::Model,
        notes::wrap,
        picker::{FilterBox, Goal, List, MEASURED, Outlook, Picker, Row, Stage, Subject, Trial, Verdict},
        spots::Spot,
        text::TextInput,
        theme::Role,
        update,
    },
};

/// The cells of the measurements: bars, a gap, a rate.
const FLOWS: u16 = 16;

/// The most columns that a box takes.
const WIDEST: u16 = 86;

/// Lines of a box, a role each.
type Lines = Vec<(String, Role)>;

fn line(text: impl Into<String>, role: Role) -> (String, Role) {
    (text.into(), role)
}

/// Opens a box for so many lines, its keys on the border.
fn open(title: &str, lines: usize, keys: &str, canvas: &mut Canvas<'_>) -> Rect {
    let width = WIDEST.min(canvas.width().saturating_sub(2));
    let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(canvas.height());
    let inside = canvas.open_box(width, height, title);
    canvas.hints(inside.x, inside.bottom(), inside.width, &format!(" {keys} "), Role::Muted);
    inside
}

fn put(lines: &Lines, y: u16, inside: Rect, canvas: &mut Canvas<'_>) {
    for (y, (text, role)) in (y..inside.bottom()).zip(lines) {
        canvas.put(inside.x, y, inside.width, text, *role);
    }
}

fn road(subject: &Subject) -> String {
    let target = &subject.target;
    let via = target.via.iter().map(|hop| hop.host.clone()).collect::<Vec<_>>().join(", ");
    if via.is_empty() { target.host.to_string() } else { format!("{} via {via}", target.host) }
}

pub(super) fn picker(model: &Model, picker: &Picker, canvas: &mut Canvas<'_>) {
    match &picker.stage {
        Stage::Reading { reached, since } => {
            let time = format::stretch(model.now.instant.saturating_duration_since(*since));
            let hops: Vec<String> = picker.subject.target.hops().map(ToString::to_string).collect();
            let text = match hops.get(*reached) {
                Some(hop) => format!("waiting for {hop}, hop {} of {}, {time}", reached + 1, hops.len()),
                None => format!("asking {} what it has, {time}", picker.subject.target.host),
            };
            let lines =
                vec![line(road(&picker.subject), Role::Text), line("", Role::Text), line(text, Role::Info)];
            let inside = open("Pick interfaces", lines.len(), "Esc cancel", canvas);
            put(&lines, inside.y, inside, canvas);
        }
        Stage::Listed(list) => listed(model, picker, list, canvas),
        Stage::Typing { failure, input } => {
            let room = usize::from(WIDEST.min(canvas.width().saturating_sub(2)).saturating_sub(4));
            let hint = failure.hint.as_ref().map(|hint| format!("hint: {hint}")).unwrap_or_default();
            let mut lines: Lines = vec![line(road(&picker.subject), Role::Text)];
            lines.extend(wrap(&failure.message, room).into_iter().take(3).map(|text| (text, Role::Error)));
            lines.extend(wrap(&hint, room).into_iter().take(3).map(|text| (text, Role::Muted)));
            lines
                .extend([line("", Role::Text), line("The interface by its name on the target:", Role::Text)]);
            field("Pick interfaces", &lines, input, "Enter use   Esc cancel", canvas);
        }
    }
}

/// The width of the names, and whether there is room for more than the rate.
struct Columns {
    name: u16,
    address: u16,
}

impl Columns {
    fn of(list: &List, width: u16) -> Self {
        let longest = list.rows.iter().map(|row| row.info.name.chars().count()).max().unwrap_or(0);
        let name = u16::try_from(longest).unwrap_or(u16::MAX).clamp(6, (width / 3).max(6));
        // Mark, state, bars, rate and gaps take 31 cells, a note 15.
        Self { name, address: width.saturating_sub(name + 31 + 15).min(24) }
    }
}

fn listed(model: &Model, picker: &Picker, list: &List, canvas: &mut Canvas<'_>) {
    let age = format::age(model.now.instant.saturating_duration_since(list.at));
    let mut feet: Lines = list.own.iter().map(|own| own_note(picker, own)).collect();
    feet.extend(tried(picker, usize::from(WIDEST.min(canvas.width().saturating_sub(2)).saturating_sub(4))));
    feet.extend(list.unmeasured.iter().map(|why| line(format!("nothing is measured: {why}"), Role::Warn)));
    let room = usize::from(canvas.height()).saturating_sub(feet.len() + 8).max(1);
    let found = list.shown();
    let shown = list.rows.len().min(room);
    let cursor = found.iter().position(|place| *place == list.cursor).unwrap_or(0);
    let offset = cursor.saturating_sub(shown.saturating_sub(1));
    let esc = if list.find.is_some() { "Esc shows all" } else { "Esc cancel" };
    let inside = open("Pick interfaces", shown + feet.len() + 6, esc, canvas);
    finding(list, inside, canvas);
    canvas.put(inside.x, inside.y, inside.width, &road(&picker.subject), Role::Text);
    canvas.put_right(inside.x, inside.y, inside.width, &format!("{age} ago"), Role::Muted);
    let columns = Columns::of(list, inside.width);
    head(&columns, inside, canvas);
    let used = used(model, picker);
    let y = inside.y + 3;
    let rows = found.iter().filter_map(|place| Some((*place, list.rows.get(*place)?)));
    if found.is_empty() {
        canvas.put(inside.x + 2, y, inside.width, "no interface has that", Role::Muted);
    }
    for (y, (place, row)) in (y..inside.bottom()).zip(rows.skip(offset).take(shown)) {
        if picker.subject.goal == Goal::Capture {
            let mark = if list.marked.contains(&row.info.name) { "[x]" } else { "[ ]" };
            canvas.put(inside.x + 2, y, 3, mark, Role::Accent);
        }
        draw_row(row, used.contains(&row.info.name), &columns, y, inside, canvas);
        canvas.spot(Rect::new(inside.x, y, inside.width, 1), Spot::Row(place));
        if place == list.cursor {
            canvas.lay(Rect::new(inside.x, y, inside.width, 1), Role::Selection);
            let sign = canvas.glyphs().sign(Glyph::Cursor);
            canvas.put(inside.x, y, 1, sign, Role::Accent);
        }
    }
    let y = y + u16::try_from(shown).unwrap_or(0) + 1;
    put(&feet, y, inside, canvas);
    let y = y + u16::try_from(feet.len()).unwrap_or(0) + u16::from(!feet.is_empty());
    canvas.hints(inside.x, y, inside.width, &keys(model, picker, list), Role::Accent);
}

/// What is searched for, on the border below.
fn finding(list: &List, inside: Rect, canvas: &mut Canvas<'_>) {
    let Some(find) = &list.find else { return };
    let word = " / ";
    let area = Rect::new(inside.x + 16, inside.bottom(), inside.width.saturating_sub(16), 1);
    let cells = canvas.put(area.x, area.y, area.width, word, Role::Accent);
    let area = Rect::new(area.x + cells, area.y, area.width.saturating_sub(cells), 1);
    if find.typing {
        type_in(&find.input, area, canvas);
    } else {
        canvas.put(area.x, area.y, area.width, &format!("{} ", find.input.text()), Role::Text);
    }
}

fn own_note(picker: &Picker, own: &str) -> (String, Role) {
    if picker.subject.target.exclude_self {
        line(format!("Your own ssh comes in by {own}: wrcap leaves it out of the capture."), Role::Muted)
    } else {
        let text = format!("Your own ssh comes in by {own} and will be captured: exclude_self is off.");
        line(text, Role::Warn)
    }
}

/// What became of the choice that a running capture was to go on with.
fn tried(picker: &Picker, room: usize) -> Lines {
    let Some(Trial { choices, outlook }) = &picker.trial else { return Lines::new() };
    let said = match outlook {
        Outlook::Asked => {
            let names: Vec<String> = choices.iter().map(ToString::to_string).collect();
            let text =
                format!("trying {} on the target; the capture goes on meanwhile ...", names.join(", "));
            vec![line(text, Role::Info)]
        }
        Outlook::Refused(failure) => {
            let hint = failure.hint.iter().map(|hint| line(format!("hint: {hint}"), Role::Muted));
            let said = line(format!("{}; the capture goes on as it was", failure.message), Role::Error);
            std::iter::once(said).chain(hint).collect()
        }
        Outlook::Unknown(why) => {
            vec![line(format!("not tried: {why}; Enter ends the capture for it all the same"), Role::Warn)]
        }
    };
    let wrapped = |(text, role): &(String, Role)| {
        let role = *role;
        wrap(text, room).into_iter().take(3).map(move |text| (text, role)).collect::<Lines>()
    };
    said.iter().flat_map(wrapped).collect()
}

/// The interfaces that the session captures on now.
fn used(model: &Model, picker: &Picker) -> Vec<String> {
    let session = picker.subject.of.and_then(|of| model.sessions.all.get(&of));
    let interface = session.filter(|session| !session.state.is_ended()).and_then(|s| s.interface.as_ref());
    interface.into_iter().flat_map(|names| names.split(',')).map(str::to_owned).collect()
}

fn keys(model: &Model, picker: &Picker, list: &List) -> String {
    if list.find.as_ref().is_some_and(|find| find.typing) {
        return "Type to find   Enter keep   Esc show all".to_owned();
    }
    if picker.chosen().is_empty() {
        return "/ find   r reread".to_owned();
    }
    let enter = picker.enter(update::picker::is_active(model, picker.subject.of));
    let (mark, merge) = match (picker.subject.goal, list.marked.len()) {
        (Goal::Field, _) => ("", ""),
        (Goal::Capture, 0 | 1) => ("Space mark   ", ""),
        (Goal::Capture, _) => ("Space mark   ", "   m one merged session"),
    };
    format!("{mark}Enter {enter}{merge}   / find   r reread")
}

fn head(columns: &Columns, inside: Rect, canvas: &mut Canvas<'_>) {
    let mut x = inside.x + 6;
    for (title, width) in [("NAME", columns.name), ("STATE", 5), ("ADDRESS", columns.address)] {
        canvas.put(x, inside.y + 2, width, title, Role::Muted);
        x += width + 2 * u16::from(width > 0);
    }
    if x + FLOWS <= inside.right() {
        canvas.put(x, inside.y + 2, 6, "12 s", Role::Muted);
        canvas.put_right(x + 7, inside.y + 2, 9, "RATE", Role::Muted);
    }
}

fn draw_row(row: &Row, used: bool, columns: &Columns, y: u16, inside: Rect, canvas: &mut Canvas<'_>) {
    let end = inside.right();
    let info = &row.info;
    let mut x = inside.x + 6;
    canvas.put_end(x, y, columns.name, &info.name, Role::Text);
    x += columns.name + 2;
    let (state, role) = if info.up { ("up", Role::Ok) } else { ("down", Role::Muted) };
    canvas.put(x, y, 5, state, role);
    x += 7;
    if columns.address > 0 {
        let address = match info.addresses.as_slice() {
            [] if !info.description.is_empty() => info.description.clone(),
            [] => "-".to_owned(),
            [one] => one.to_string(),
            [one, rest @ ..] => format!("{one} +{}", rest.len()),
        };
        canvas.put(x, y, columns.address, &address, Role::Text);
        x += columns.address + 2;
    }
    if x + FLOWS > end {
        return;
    }
    flows(row, x, y, canvas);
    x += FLOWS + 1;
    let note = match (used, info.name.as_str()) {
        (true, _) => "in use now",
        (false, "any") => "all of them",
        (false, _) if info.loopback => "loopback",
        _ => "",
    };
    canvas.put(x, y, end.saturating_sub(x), note, Role::Muted);
}

/// The last measurements as bars on a scale of their own, and the last one in figures.
fn flows(row: &Row, x: u16, y: u16, canvas: &mut Canvas<'_>) {
    let Some(last) = row.flows.back() else { return };
    let most = row.flows.iter().map(|flow| flow.bytes).fold(0.0, f64::max);
    let bars: String = row.flows.iter().map(|Flow { bytes, .. }| canvas.level(*bytes, most)).collect();
    let width = u16::try_from(MEASURED).unwrap_or(6);
    canvas.put_right(x, y, width, &bars, Role::Graph);
    canvas.put_right(x + width + 1, y, 9, &format::rate(last.bytes), Role::Text);
}

pub(super) fn filter(model: &Model, filter: &FilterBox, canvas: &mut Canvas<'_>) {
    let room = usize::from(WIDEST.min(canvas.width().saturating_sub(2)).saturating_sub(4));
    let runs = filter
        .subject
        .of
        .and_then(|id| model.sessions.all.get(&id))
        .is_some_and(|session| !session.state.is_ended());
    let what = if runs {
        "The capture restarts with it; the target is asked first, so that a mistake ends nothing."
    } else {
        "For the next start only; the profile stays as it is. The target checks it before it captures."
    };
    let mut lines: Lines =
        vec![line(format!("{} on {}", filter.subject.target.name, road(&filter.subject)), Role::Text)];
    lines.extend(wrap(what, room).into_iter().map(|text| (text, Role::Muted)));
    lines.push(line("Empty means everything.", Role::Muted));
    let (verdict, role) = match &filter.verdict {
        Verdict::Open => (String::new(), Role::Text),
        Verdict::Asked(_) => ("asking the target ...".to_owned(), Role::Info),
        Verdict::Wrong(words) => (format!("wrong: {words}"), Role::Error),
        Verdict::Unknown(words) => (format!("not checked: {words}; Enter uses it all the same"), Role::Warn),
    };
    lines.extend(wrap(&verdict, room).into_iter().take(3).map(|text| (text, role)));
    let keys = if runs { "Enter restart with it   Esc cancel" } else { "Enter start with it   Esc cancel" };
    field("Capture filter", &lines, &filter.input, keys, canvas);
}

/// Lines, and below them a text that is typed. On a small screen the lines above it go first.
fn field(title: &str, lines: &Lines, input: &TextInput, keys: &str, canvas: &mut Canvas<'_>) {
    let most = usize::from(canvas.height()).saturating_sub(3);
    let lines: Lines = lines.iter().skip(lines.len().saturating_sub(most)).cloned().collect();
    let inside = open(title, lines.len() + 1, keys, canvas);
    put(&lines, inside.y, inside, canvas);
    let y = inside.y + u16::try_from(lines.len()).unwrap_or(0);
    canvas.put(inside.x, y, 2, "> ", Role::Accent);
    type_in(input, Rect::new(inside.x + 2, y, inside.width.saturating_sub(2), 1), canvas);
}

/// A text with its cursor, scrolled so that the cursor is to be seen.
pub(super) fn type_in(input: &TextInput, area: Rect, canvas: &mut Canvas<'_>) {
    let (before, after) = input.parts();
    let room = area.width.saturating_sub(1);
    let cells = canvas.cells(&before).min(room);
    canvas.put_end(area.x, area.y, cells.max(1).min(room), &before, Role::Text);
    let left = area.width.saturating_sub(cells);
    if after.is_empty() {
        canvas.put(area.x + cells, area.y, 1, " ", Role::Text);
    } else {
        canvas.put(area.x + cells, area.y, left, &after, Role::Text);
    }
    canvas.lay(Rect::new(area.x + cells, area.y, 1, 1), Role::Selection);
}
