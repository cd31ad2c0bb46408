//! What a profile would do, before it is started.

use super::{boxes, canvas::Canvas, form::step_lines, profiles};
use crate::{
    profile::{Interface, Target, Viewer},
    tui::{
        format,
        model::Model,
        notes::wrap,
        sheet::{Sheet, Test},
        theme::Role,
    },
};

/// Cells of a label.
const LABEL: usize = 11;

pub(super) fn draw(model: &Model, sheet: &Sheet, canvas: &mut Canvas<'_>) {
    let name = &sheet.name;
    let Some(target) = model.catalog.find(name) else { return };
    let room = boxes::room(canvas).saturating_sub(LABEL);
    let mut lines = Vec::new();
    // What a test found needs the room, and begins with the way.
    let facts = if matches!(sheet.test, Test::Found(_)) { Vec::new() } else { facts(model, target) };
    for (label, text) in facts {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        let rows = labels.zip(wrap(&text, room));
        lines.extend(rows.map(|(label, row)| (format!("{label:<LABEL$}{row}"), Role::Text)));
    }
    match &sheet.test {
        Test::Unwanted => {}
        Test::Runs => {
            lines.push(("The test is on its way; nothing is captured.".to_owned(), Role::Info));
        }
        Test::Found(steps) => {
            lines.extend(steps.iter().flat_map(|step| step_lines(step, boxes::room(canvas))));
        }
    }
    let keys = match model.session_of(name) {
        Some((_, session)) => {
            lines.push((format!("It runs: {}.", session.state.word()), Role::Attention));
            "Enter show its session   t test   Esc close"
        }
        None => "Enter start   W start without viewer   t test   Esc close",
    };
    let rest = boxes::boxed(&name.to_string(), lines, canvas);
    boxes::keys(keys, rest, canvas);
}

/// What matters of it, each with a label.
fn facts(model: &Model, target: &Target) -> Vec<(&'static str, String)> {
    let way: Vec<String> = target.hops().map(ToString::to_string).collect();
    let interface = match &target.interface {
        Interface::Auto => "auto: the one that holds the address we come in by".to_owned(),
        named => named.to_string(),
    };
    let viewer = match &target.viewer {
        Viewer::None => "none".to_owned(),
        Viewer::Wireshark => "wireshark".to_owned(),
        Viewer::Tshark => "tshark".to_owned(),
        Viewer::Termshark => "termshark".to_owned(),
        Viewer::Command(command) => command.clone(),
    };
    let kept = match &target.record {
        Some(place) => format!("in {}", place.display()),
        None => format!("{} until it is dismissed; S saves a file", format::size(target.spool)),
    };
    let mut facts = vec![("way", way.join(" > ")), ("interface", interface)];
    match &target.command {
        Some(command) => facts.push(("command", command.clone())),
        None => facts.push(("filter", target.filter.clone().unwrap_or_else(|| "everything".to_owned()))),
    }
    facts.extend([("viewer", viewer), ("kept", kept)]);
    facts.extend(target.group.clone().map(|group| ("group", group)));
    facts.extend(target.note.clone().map(|note| ("note", note)));
    facts.push(("last used", profiles::last_used(model, &target.name).0));
    facts
}
