//! What the screens look like, cell by cell.

use std::time::Duration;

use insta::assert_snapshot;
use ratatui::style::{Color, Modifier};

use super::{Desk, Msg, bad_day, failure, screen};
use crate::{
    session::{Outcome, StoppedBy},
    tui::{glyphs::GlyphSet, theme::Theme},
};

/// One letter a cell: the role of its text; capitals are reversed.
pub(super) fn roles(desk: &Desk) -> String {
    const LETTERS: &str = ".mhakwei!?g";
    screen(&desk.draw(&Theme::of_roles()), |cell| {
        let letter = match cell.style().fg {
            Some(Color::Indexed(place)) => LETTERS.chars().nth(usize::from(place)).unwrap(),
            _ => ' ',
        };
        let reversed = cell.style().add_modifier.contains(Modifier::REVERSED);
        match (reversed, letter) {
            (false, letter) => letter.to_string(),
            (true, ' ' | '.') => "S".to_owned(),
            (true, letter) => letter.to_ascii_uppercase().to_string(),
        }
    })
}

const SIZES: [(u16, u16); 4] = [(100, 30), (80, 24), (60, 16), (40, 10)];

#[test]
fn dashboard() {
    for (width, height) in SIZES {
        let desk = bad_day((width, height), GlyphSet::Unicode);
        assert_snapshot!(format!("dashboard_{width}x{height}"), desk.text());
        assert_snapshot!(format!("dashboard_{width}x{height}_roles"), roles(&desk));
    }
}

#[test]
fn dashboard_in_ascii() {
    for (width, height) in SIZES {
        let desk = bad_day((width, height), GlyphSet::Ascii);
        assert_snapshot!(format!("ascii_{width}x{height}"), desk.text());
    }
}

#[test]
fn sessions_pane_in_one_line_mode() {
    let mut desk = bad_day((40, 10), GlyphSet::Unicode);
    desk.keys("1");
    assert_snapshot!(desk.text());
}

#[test]
fn first_start() {
    let desk = Desk::new((80, 24), GlyphSet::Unicode);
    assert_snapshot!("first_start", desk.text());
    let problems = vec!["lab.yaml: line 4, column 3: unknown key `hots`, did you mean `host`?".to_owned()];
    let desk = Desk::with(Vec::new(), problems, (80, 24), GlyphSet::Unicode);
    assert_snapshot!("first_start_broken_file", desk.text());
    let desk = Desk::with(Vec::new(), Vec::new(), (60, 16), GlyphSet::Unicode);
    assert_snapshot!("first_start_no_profiles", desk.text());
}

#[test]
fn boxes() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("q <right>");
    assert_snapshot!("box_quit", desk.text());
    assert_snapshot!("box_quit_roles", roles(&desk));
    desk.keys("<esc> p s e c r e t");
    assert_snapshot!("box_secret", desk.text());
    desk.keys("<esc>");
    let text = "The authenticity of host 'jump-b (198.51.100.7)' can't be established. ED25519 key fingerprint is \
                SHA256:MNyMWJ40c9j1lCp6P3sEWD/Qi0o1WW0qy7ICS9Bv5CE. Are you sure you want to continue connecting \
                (yes/no/[fingerprint])?";
    desk.ask(6, 2, text, 2);
    assert_snapshot!("box_host_key", desk.text());
    desk.take(Msg::Resize(40, 10));
    assert_snapshot!("box_host_key_40x10", desk.text());
    assert!(desk.text().contains("9Bv5CE."), "all of a fingerprint must be seen");
    desk.take(Msg::Resize(34, 5));
    assert!(desk.text().contains("[ Do not connect ]"), "{}", desk.text());
}

#[test]
fn help() {
    for (width, height) in [(100, 30), (60, 16)] {
        let mut desk = bad_day((width, height), GlyphSet::Unicode);
        desk.keys("?");
        assert_snapshot!(format!("help_{width}x{height}"), desk.text());
        desk.keys("G");
        assert_snapshot!(format!("help_{width}x{height}_end"), desk.text());
    }
}

#[test]
fn leaving_says_what_is_awaited() {
    let mut desk = bad_day((80, 24), GlyphSet::Unicode);
    desk.keys("C-c C-c");
    assert_snapshot!(desk.text());
}

#[test]
fn ascii_screens_are_ascii() {
    let texts = ["passphrase for clé 漢字", "Déjà vu (yes/no)?"];
    for size in SIZES.into_iter().chain([(20, 3), (200, 60)]) {
        let mut desk = bad_day(size, GlyphSet::Ascii);
        assert!(desk.text().is_ascii(), "{}", desk.text());
        for keys in ["?", "<esc> q", "<esc> @", "3", "1"] {
            desk.keys(keys);
            assert!(desk.text().is_ascii(), "{keys}: {}", desk.text());
        }
        for (id, text) in (10..).zip(texts) {
            desk.ask(6, id, text, 2);
            desk.keys("<esc> p é");
            assert!(desk.text().is_ascii(), "{}", desk.text());
        }
    }
}

#[test]
fn no_cell_ever_holds_a_control_character() {
    let nasty = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}b\0";
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.start(7, "shop/web-2");
    desk.end(7, failure(nasty, nasty));
    desk.live(8, "shop/db-1", nasty);
    desk.ask(6, 9, nasty, 1);
    let text = desk.text();
    assert!(text.contains("a[2J31mb"), "{text}");
    let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert_eq!(text.find(harmful), None);
}

#[test]
fn every_size_draws() {
    for width in (0..210).step_by(15) {
        for height in (0..40).step_by(3) {
            let mut desk = bad_day((width, height), GlyphSet::Unicode);
            for keys in ["1 G", "3 @", "?", "<esc> q"] {
                desk.keys(keys);
                desk.text();
            }
        }
    }
}

#[test]
fn numbers_stay_in_their_columns() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    let mut ends = Vec::new();
    for power in 3..10 {
        desk.flow(1, 3, 10_u64.pow(power));
        desk.beat(1);
        let text = desk.text();
        let row = text.lines().find(|line| line.contains("▸ live")).unwrap().to_owned();
        ends.push(row.chars().collect::<Vec<_>>().iter().rposition(|c| *c != ' ' && *c != '|').unwrap());
        assert!(row.contains("b/s"), "{row}");
    }
    ends.dedup();
    assert_eq!(ends, [99], "the last column ends where it ended");
}

#[test]
fn what_has_ended_shows_no_rate_and_keeps_its_time() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.flow(1, 12, 1_000_000);
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    let before = desk.text();
    desk.pass(Duration::from_secs(60));
    assert_eq!(desk.text(), before);
    assert!(before.contains("0:00:12") && !before.contains("b/s"), "{before}");
}
