//! Settings files, good and bad.

use super::{Attribute, Color, Config, Graph, KeyChange, Look, Notify, ThemeName, parse_config, place_key};

#[test]
fn nothing_is_everything_as_it_comes() {
    for text in ["", "# nothing\n", "theme:\nkeys:\n"] {
        assert_eq!(parse_config(text), Ok(Config::default()), "{text:?}");
    }
}

#[test]
fn all_settings() {
    let text = "
theme: colorblind-dark
colors: { ok: '#00ff7f bold', warn: bright-yellow, muted: 244, text: default, selection: underlined }
glyphs: ascii
graph: braille
mouse: true
notify: osc
on_event: [notify-send, --app-name=wrcap]
keys:
  sessions: { stop: [k, Ctrl-k], kill: [] }
  everywhere: { help: h, focus-log: 9 }
read_only: true
privacy: true
";
    let config = parse_config(text).unwrap();
    assert_eq!(config.theme, ThemeName::ColorblindDark);
    assert_eq!((config.graph, config.notify), (Graph::Braille, Notify::Osc));
    assert!(config.mouse && config.read_only && config.privacy);
    assert_eq!(config.on_event, ["notify-send", "--app-name=wrcap"]);
    let ok = Look { color: Some(Color::Rgb(0, 255, 127)), attributes: vec![Attribute::Bold] };
    assert_eq!(config.colors[0], ("ok".to_owned(), ok));
    let colors: Vec<_> = config.colors.iter().map(|(_, look)| look.color).collect();
    assert_eq!(colors[1..], [Some(Color::Ansi(11)), Some(Color::Indexed(244)), Some(Color::Default), None]);
    let change = |context: &str, command: &str, keys: &[&str]| KeyChange {
        context: context.to_owned(),
        command: command.to_owned(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    assert_eq!(
        config.keys,
        [
            change("sessions", "stop", &["k", "Ctrl-k"]),
            change("sessions", "kill", &[]),
            change("everywhere", "help", &["h"]),
            change("everywhere", "focus-log", &["9"]),
        ]
    );
}

#[test]
fn mistakes_are_told_with_their_place_and_what_was_meant() {
    for (text, message, hint) in [
        ("mouse: true\ntheem: dark\n", "2:1: theem: unknown key", "did you mean theme?"),
        ("theme: drak\n", "1:8: theme: \"drak\" is none of auto, ansi, dark,", "did you mean dark?"),
        ("mouse: 1\n", "1:8: mouse: wants true or false, got a number", ""),
        ("colors:\n  okay: red\n", "2:3: colors.okay: unknown key", "did you mean ok?"),
        ("colors: { ok: gren }\n", "1:15: colors.ok: \"gren\" is no colour", "did you mean green?"),
        ("colors: { ok: '#12' }\n", "1:15: colors.ok: \"#12\" is no colour", "write a name such as"),
        ("colors: { ok: red blue }\n", "1:15: colors.ok: \"blue\" would be a second colour", ""),
        ("keys: { sessions: stop }\n", "1:19: keys.sessions: wants a map, got text", ""),
        ("keys:\n  sessions:\n    stop: { a: b }\n", "3:11: keys.sessions.stop: wants a key", ""),
        ("on_event: notify-send 'a b'\n", "1:11: on_event: has quotes", "write a list"),
        ("- theme\n", "1:1: wants a map, got a list", "a settings file has keys"),
        ("theme: [\n", "cannot be read as YAML", ""),
    ] {
        let problems = parse_config(text).unwrap_err();
        let told = problems[0].to_string();
        assert!(told.contains(message), "{text:?}: {told}");
        assert!(problems[0].hint.as_deref().unwrap_or_default().contains(hint), "{text:?}: {problems:?}");
    }
    assert_eq!(
        parse_config("theem: x\nmouse: 1\ncolors: {a: b, c: d}\n").unwrap_err().len(),
        4,
        "all at once"
    );
}

#[test]
fn a_key_is_found_in_the_text() {
    let text = "keys:\n  sessions:\n    stop: Hyper-x\n";
    let value = place_key(text, &["sessions", "stop"], false, "no key", None);
    assert_eq!(value.to_string(), "3:11: keys.sessions.stop: no key");
    let key = place_key(text, &["sessions"], true, "no context", None);
    assert_eq!((key.line, key.column), (2, 3));
}
