//! What is told by colour is told without it as well: states by signs and words, a choice by being reversed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use insta::assert_snapshot;
use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

use super::{Desk, failure, screen, screens::roles};
use crate::{
    engine::EventKind,
    profile::ThemeName,
    session::{
        FailKind, Failure, Input, Link, Machine, Outcome, Retries, Rhythm, Stage, State, StopStep, StoppedBy,
    },
    tui::{
        glyphs::GlyphSet,
        sessions::Session,
        settings::{Depth, Settings},
        standing::Standing,
        theme::{ColorChoice, Theme},
    },
};

/// A capture that broke off a moment ago.
fn broken_off(now: Instant) -> State {
    let rhythm = Rhythm::of_lease(Duration::from_secs(30));
    let retries = Retries::lasting(Duration::from_secs(60));
    let mut machine = Machine::new(rhythm, Duration::from_secs(1), retries, now);
    for input in [Input::Connected, Input::Probed, Input::Header] {
        machine.step(input, now);
    }
    let gone = Failure::new(Stage::Capture, None, FailKind::LinkLost, "the link is gone");
    machine.step(Input::MasterDied(gone), now);
    machine.state().clone()
}

/// A session in each standing, and no more.
fn every_standing(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = Desk::new(size, glyphs);
    let now = desk.now.instant;
    desk.start(1, "core/dmz-fw");
    desk.ask(1, 1, "Enter passphrase for key '/home/me/.ssh/id_prod':", 1);
    desk.model.overlays.clear();
    desk.start(2, "core/mail-gw");
    desk.end(2, failure("sudo wants a password", "add to sudoers"));
    desk.live(3, "shop/db-1", "bond0");
    desk.hear(3, EventKind::State(State::Live { since: now, link: Link::Late { heard: now } }));
    desk.live(4, "shop/web-2", "eth0");
    desk.hear(4, EventKind::State(broken_off(now)));
    desk.start(5, "core/router");
    desk.live(6, "shop/web-1", "eth0");
    desk.live(7, "lab/a", "eth0");
    let (by, step) = (StoppedBy::User, StopStep::Settling);
    desk.hear(7, EventKind::State(State::Stopping { by, step, since: now }));
    desk.live(8, "lab/b", "eth0");
    desk.end(8, Outcome::Stopped(StoppedBy::User));
    desk.start(9, "lab/b");
    desk.end(9, failure("sudo wants a password", "add to sudoers"));
    desk.start(10, "lab/b");
    let found: Vec<Standing> = desk.model.sessions.all.values().map(Session::standing).collect();
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), Standing::ALL.iter().collect(), "{found:?}");
    desk.keys("1 g +");
    desk
}

/// One letter a cell: how it looks without colours.
fn without_colours(desk: &Desk) -> String {
    screen(&desk.draw(&Theme::new(ColorChoice::Mono)), |cell| {
        let looks = cell.style().add_modifier;
        let letters = [
            (Modifier::REVERSED, "S"),
            (Modifier::UNDERLINED, "u"),
            (Modifier::BOLD, "b"),
            (Modifier::DIM, "d"),
        ];
        letters.iter().find(|(is, _)| looks.contains(*is)).map_or(" ", |(_, letter)| letter).to_owned()
    })
}

#[test]
fn every_standing_has_a_sign_and_a_word_of_its_own() {
    for glyphs in [GlyphSet::Unicode, GlyphSet::Ascii] {
        // A failure that was tried again since is still one: its word and its place tell it apart.
        let signs: BTreeSet<_> = Standing::ALL.iter().map(|standing| glyphs.sign(standing.glyph())).collect();
        assert_eq!(signs.len(), Standing::ALL.len() - 1, "{signs:?}");
        for size in [(100, 30), (80, 24)] {
            let desk = every_standing(size, glyphs);
            let text = desk.text();
            let told: BTreeSet<String> = desk
                .model
                .sessions
                .all
                .values()
                .map(|session| format!("{} {}", glyphs.sign(session.standing().glyph()), session.word()))
                .inspect(|told| assert!(text.contains(told), "{told} on\n{text}"))
                .collect();
            assert_eq!(told.len(), Standing::ALL.len(), "{told:?}");
            let words = State::WORDS.into_iter().chain([Standing::OLDER]).collect::<Vec<_>>();
            assert!(told.iter().all(|told| words.iter().any(|word| told.ends_with(word))), "{told:?}");
        }
    }
}

#[test]
fn a_picture_without_colours_tells_states_and_choices() {
    let mut desk = every_standing((100, 30), GlyphSet::Unicode);
    assert_snapshot!("standings", desk.text());
    assert_snapshot!("standings_mono", without_colours(&desk));
    assert_snapshot!("standings_roles", roles(&desk));
    desk.keys("X");
    let text = desk.text();
    assert_snapshot!("box_kill", text);
    assert_snapshot!("box_kill_mono", without_colours(&desk));
    assert_snapshot!("box_kill_roles", roles(&desk));
    // What Enter would do is to be seen, and follows the keys.
    for (key, chosen, other) in
        [(None, "[ Keep running ]", "[ Kill ]"), (Some("<right>"), "[ Kill ]", "[ Keep running ]")]
    {
        key.map(|key| desk.keys(key));
        let (text, looks) = (desk.text(), without_colours(&desk));
        let look = |words: &str| -> BTreeSet<char> {
            let (row, line) = text.lines().enumerate().find(|(_, line)| line.contains(words)).unwrap();
            let at = line[..line.find(words).unwrap()].chars().count();
            looks.lines().nth(row).unwrap().chars().skip(at).take(words.len()).collect()
        };
        assert_eq!(look(chosen), BTreeSet::from(['S']), "{chosen}\n{looks}");
        assert!(!look(other).contains(&'S'), "{other}\n{looks}");
    }
}

#[test]
fn in_every_theme_standings_of_different_roles_have_different_colours() {
    let desk = every_standing((100, 30), GlyphSet::Unicode);
    let text = desk.text();
    for theme in [
        ThemeName::Light,
        ThemeName::Dark,
        ThemeName::ColorblindLight,
        ThemeName::ColorblindDark,
        ThemeName::Ansi,
    ] {
        let settings = Settings { theme, depth: Depth::True, ..Settings::default() };
        let drawn = desk.draw(&Theme::of(ColorChoice::Ansi, &settings, None));
        let mut colours: BTreeMap<String, (Color, Modifier)> = BTreeMap::new();
        for (id, session) in &desk.model.sessions.all {
            let words = format!("{:<5} {} ", session.word(), session.name);
            let row = text.lines().position(|line| line.contains(&words)).unwrap();
            let cell: &Cell = &drawn[(2, u16::try_from(row).unwrap())];
            assert_eq!(cell.bg, Color::Reset, "{theme:?} paints no background");
            let looks = (cell.fg, cell.modifier - Modifier::REVERSED);
            let role = format!("{:?}", session.standing().role());
            let known = *colours.entry(role.clone()).or_insert(looks);
            assert_eq!(known, looks, "{theme:?}: {role} of {id:?}");
        }
        let different: BTreeSet<String> = colours.values().map(|looks| format!("{looks:?}")).collect();
        assert_eq!(different.len(), colours.len(), "{theme:?}: {colours:?}");
    }
}
