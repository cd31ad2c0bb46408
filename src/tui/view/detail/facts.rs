//! The blocks of what is known: notice, path, totals, commands.

use super::{Block, Line, Shape};
use crate::{
    profile::{Interface, Target, Viewer},
    session::State,
    tui::{
        format, glyphs::Glyph, model::Model, notes::wrap, sessions::Session, theme::Role,
        view::canvas::Canvas,
    },
};

/// From this height on a command line may take several rows.
const TALL: u16 = 36;

/// Rows that a failure or a command line may take.
const LONGEST: usize = 3;

fn plain(text: String) -> Line {
    vec![(text, Role::Text)]
}

pub(super) fn ruled(shape: Shape, title: &str, status: String) -> Option<(String, String)> {
    shape.ruled.then(|| (title.to_owned(), status))
}

/// What the session asks, why it failed, or that nothing has come yet.
pub(super) fn notice(model: &Model, session: &Session, shape: Shape) -> Option<Block> {
    let room = usize::from(shape.width).saturating_sub(4);
    let rows = |text: &str, role| {
        wrap(text, room).into_iter().take(LONGEST).map(move |line| vec![(format!("  {line}"), role)])
    };
    let lines: Vec<Line> = match &session.state {
        State::Asking { question, .. } => {
            rows(&format!("asks: {question}  (p answers)"), Role::Attention).collect()
        }
        State::Live { .. } if session.sample.packets == 0 => {
            let time = format::stretch(session.time(model.now.instant));
            let filter = session.filter.as_deref().unwrap_or("none").replace('\n', " ");
            let hint = if session.time(model.now.instant).as_secs() >= 30 {
                "; is this the right interface? i"
            } else {
                ""
            };
            rows(&format!("armed, 0 packets in {time}, filter: {filter}{hint}"), Role::Info).collect()
        }
        state => {
            let failure = state.failure()?;
            let hint = failure.hint.as_ref().map(|hint| format!("hint: {hint}")).unwrap_or_default();
            let hint = rows(&hint, Role::Muted).filter(|line| line.iter().any(|(text, _)| text != "  "));
            rows(&failure.message, Role::Error).chain(hint).collect()
        }
    };
    Some(Block { title: None, lines, spare: 0 })
}

/// The way there and what is captured.
pub(super) fn path(session: &Session, shape: Shape, canvas: &Canvas<'_>) -> Block {
    let glyphs = canvas.glyphs();
    let target = session.facts.target.as_deref();
    let hops: Vec<String> =
        target.map(|target| target.hops().map(ToString::to_string).collect()).unwrap_or_default();
    let interface = session.interface.clone().unwrap_or_else(|| "not known yet".to_owned());
    let tool = if target.is_some_and(|target| target.command.is_some()) { "command" } else { "tcpdump" };
    let filter = session.filter.as_deref().unwrap_or("everything").replace('\n', " ");
    if !shape.roomy {
        let road = hops.into_iter().chain([interface]).collect::<Vec<_>>().join(" > ");
        let line = vec![
            (format!("  you > {road}"), Role::Text),
            ("   filter ".to_owned(), Role::Muted),
            (filter, Role::Text),
        ];
        return Block { title: None, lines: vec![line], spare: 3 };
    }
    let arrow = |word: &str| {
        let dash = glyphs.sign(Glyph::Rule).repeat(2);
        (format!(" {dash}{word}{dash}> "), Role::Muted)
    };
    let mut road = plain("  this host".to_owned());
    for hop in hops {
        road.extend([arrow("ssh"), (hop, Role::Text)]);
    }
    road.extend([arrow(tool), (interface, Role::Text)]);
    let mut what = vec![("  filter ".to_owned(), Role::Muted), (filter, Role::Text)];
    for (name, value) in settings(session, target) {
        what.extend([(format!("    {name} "), Role::Muted), (value, Role::Text)]);
    }
    Block { title: ruled(shape, "Path", String::new()), lines: vec![road, what], spare: 3 }
}

fn settings(session: &Session, target: Option<&Target>) -> Vec<(&'static str, String)> {
    let Some(target) = target else { return Vec::new() };
    let mut settings = vec![
        ("snaplen", if target.snaplen == 0 { "all".to_owned() } else { target.snaplen.to_string() }),
        ("buffer", format::size(target.buffer)),
    ];
    if target.interface == Interface::Auto {
        settings.push(("interface", "auto".to_owned()));
    }
    settings.push(("viewer", viewer(session, Some(target))));
    settings
}

/// The viewers that run, or that none does.
fn viewer(session: &Session, target: Option<&Target>) -> String {
    match session.facts.viewers.as_slice() {
        [] if target.is_some_and(|target| target.viewer == Viewer::None) => "none wanted".to_owned(),
        [] => "none open".to_owned(),
        [(program, pid)] => format!("{program} pid {pid}"),
        several => format!("{} open", several.len()),
    }
}

/// What came, since when, and where it is kept.
pub(super) fn totals(session: &Session, model: &Model, shape: Shape) -> Block {
    let sample = &session.sample;
    let bytes = format::bytes(sample.captured_bytes).replace("  ", " ");
    let mut parts = vec![bytes, format!("{} packets", format::grouped(sample.packets))];
    if let Some(at) = session.facts.live_at {
        parts.push(format!("since {}", format::clock(at, &model.desk.zone)));
    }
    if sample.reconnects > 0 {
        parts.push(format::count(usize::try_from(sample.reconnects).unwrap_or(usize::MAX), "reconnect"));
    }
    if !shape.roomy && shape.width >= 76 {
        parts.push(format!("viewer {}", viewer(session, session.facts.target.as_deref())));
    }
    parts.push(match session.facts.kept_in() {
        Some(place) => format!("saved in {place}"),
        None => "not saved to a file".to_owned(),
    });
    let lines = packed(&parts, usize::from(shape.width));
    Block { title: ruled(shape, "Totals", String::new()), lines, spare: 4 }
}

/// The parts in as few lines of `width` cells as they need, two at most.
fn packed(parts: &[String], width: usize) -> Vec<Line> {
    let mut lines = vec![String::new()];
    for part in parts {
        let fits = |line: &str| 2 + line.chars().count() + 3 + part.chars().count() < width;
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(part),
            Some(line) if fits(line) => line.extend(["   ", part]),
            _ => lines.push(part.clone()),
        }
    }
    lines.truncate(2);
    lines.into_iter().map(|line| plain(format!("  {line}"))).collect()
}

/// What runs, word for word. On small screens the log tells it.
pub(super) fn commands(session: &Session, shape: Shape) -> Option<Block> {
    let facts = &session.facts;
    // Each interface of a merged capture has a command of its own.
    let targets = facts.tcpdump.iter().enumerate();
    let known = facts.ssh.iter().map(|line| ("here  ", line));
    let known = known.chain(targets.map(|(n, line)| (if n == 0 { "target" } else { "      " }, line)));
    let room = usize::from(shape.width).saturating_sub(12);
    let lines: Vec<Line> = known
        .flat_map(|(place, command)| {
            let lefts = std::iter::once(place).chain(std::iter::repeat("      "));
            // The log has them whole.
            let rows = if shape.height >= TALL { wrap(command, room) } else { vec![command.clone()] };
            let rows = rows.into_iter().take(LONGEST);
            lefts.zip(rows).map(|(left, row)| vec![(format!("  {left}  "), Role::Muted), (row, Role::Text)])
        })
        .collect();
    let shown = shape.roomy && !lines.is_empty();
    shown.then(|| Block {
        title: ruled(shape, "Commands", "what runs, word for word".to_owned()),
        lines,
        spare: 5,
    })
}
