//! What reaches the terminal, byte by byte.

use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use super::{Desk, bad_day, form::open};
use crate::profile::{ThemeName, parse_config};
use crate::tui::{
    glyphs::GlyphSet,
    settings::{Depth, Settings},
    theme::{ColorChoice, Theme},
    view,
};

fn bytes(desk: &Desk, choice: ColorChoice) -> String {
    drawn(desk, &Theme::new(choice))
}

fn themed(desk: &Desk, settings: &Settings) -> String {
    drawn(desk, &Theme::of(ColorChoice::Ansi, settings, None))
}

fn drawn(desk: &Desk, theme: &Theme) -> String {
    let mut out = Vec::new();
    let area = Rect::new(0, 0, desk.model.size.0, desk.model.size.1);
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut out), options).unwrap();
    terminal.draw(|frame| view::draw(&desk.model, theme, frame.buffer_mut())).unwrap();
    drop(terminal);
    String::from_utf8(out).unwrap()
}

/// The parameters of all SGR sequences before those at the end, which reset everything.
fn attributes(bytes: &str) -> Vec<&str> {
    let sequences = bytes.split("\u{1b}[").filter_map(|part| part.split_once('m'));
    let mut all: Vec<_> = sequences
        .map(|(parameters, _)| parameters)
        .filter(|parameters| parameters.chars().all(|c| c.is_ascii_digit() || c == ';'))
        .collect();
    while all.last().is_some_and(|last| ["", "0", "39", "49", "59"].contains(last)) {
        all.pop();
    }
    all
}

/// The same of the form of a profile, behind its key.
const FORMS: [(&str, &str); 4] = [
    ("C-s", "edit shop/web-1"),
    ("x <esc>", "[ Keep editing ]"),
    ("<esc> D", "[ Delete web-1 ]"),
    ("<tab> <enter>", "edit shop/web-1"),
];

/// Bold, dim, underlined, reversed, and their ends.
const WITHOUT: [&str; 7] = ["1", "2", "4", "7", "22", "24", "27"];

/// Ways from a bad day to each screen and box, and what shows that it is there.
const SCREENS: [(&str, &str); 13] = [
    ("1 <enter>", "Path"),
    ("2 <enter>", "way        "),
    ("@", "3 Log"),
    ("+", "2 Profiles"),
    ("/ s h o p", "/shop"),
    ("? s t o p", "type to search: stop"),
    (": s t", "stop"),
    ("q", "[ Stay ]"),
    ("X", "[ Kill"),
    ("S", "Save"),
    ("p s e c r e t", "id_prod"),
    ("2 i", "Pick interfaces"),
    ("C-c C-c", "stopping 4 captures"),
];

/// One test, because whether the terminal library prints colours is a global of the process. With `NO_COLOR` it
/// prints an empty sequence for each colour, and an empty sequence resets reversed and bold as well.
#[test]
fn without_colours_no_colour_is_named_and_the_selection_survives() {
    let desk = bad_day((100, 30), GlyphSet::Unicode);
    crossterm::style::force_color_output(false);
    let broken = bytes(&desk, ColorChoice::Ansi);
    let mono = bytes(&desk, ColorChoice::Mono);
    let screens = SCREENS.map(|(keys, there)| (bad_day((100, 30), GlyphSet::Unicode), keys, there));
    let forms = FORMS.map(|(keys, there)| (open((100, 30), "e"), keys, there));
    for (mut desk, keys, there) in screens.into_iter().chain(forms) {
        desk.keys(keys);
        assert!(desk.text().contains(there), "{keys}: no {there:?} on\n{}", desk.text());
        let bytes = bytes(&desk, ColorChoice::Mono);
        let named = attributes(&bytes);
        assert!(!named.is_empty() && named.iter().all(|a| WITHOUT.contains(a)), "{keys}: {named:?}");
    }
    crossterm::style::force_color_output(true);
    let colourful = bytes(&desk, ColorChoice::Ansi);

    assert!(attributes(&broken).iter().any(|a| a.trim_matches(';').is_empty()), "the trap this is about");
    let mono = attributes(&mono);
    assert!(mono.contains(&"7") && mono.contains(&"1") && mono.contains(&"2"), "{mono:?}");
    assert!(mono.iter().all(|a| WITHOUT.contains(a)), "{mono:?}");
    let colourful = attributes(&colourful);
    assert!(colourful.contains(&"7"), "{colourful:?}");
    assert!(colourful.iter().any(|a| a.starts_with("38;5;")), "{colourful:?}");
    assert!(!colourful.iter().any(|a| a.contains("38;2") || a.starts_with("48;")), "{colourful:?}");

    // The theme `ansi` never names more than the sixteen, whatever the terminal and the settings could do.
    let colors = parse_config("colors: { ok: '#12ab34', muted: 244, text: bright-cyan }").unwrap().colors;
    let settings = |theme, depth| Settings { theme, depth, colors: colors.clone(), ..Settings::default() };
    for (theme, depth) in [(ThemeName::Ansi, Depth::True), (ThemeName::Dark, Depth::Sixteen)] {
        let bytes = themed(&desk, &settings(theme, depth));
        let sixteen = |a: &&str| {
            a.strip_prefix("38;5;")
                .and_then(|n| n.strip_suffix(";49"))
                .is_some_and(|n| n.parse::<u8>().is_ok_and(|n| n < 16))
        };
        let found: Vec<_> = attributes(&bytes).into_iter().filter(|a| a.starts_with("38")).collect();
        assert!(!found.is_empty() && found.iter().all(sixteen), "{found:?}");
    }
    let bytes = themed(&desk, &settings(ThemeName::Dark, Depth::True));
    assert!(
        attributes(&bytes).contains(&"38;2;18;171;52;49"),
        "where it may, the colour is what was asked for"
    );
}
