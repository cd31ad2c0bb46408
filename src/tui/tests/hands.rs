//! The mouse, the clipboard, the bell, and what is kept between runs.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{Desk, Msg, Outcome, StoppedBy, bad_day, failure, words};
use crate::{
    remote::prompt::{Prompt, PromptKind},
    tui::{
        alerts::Attention, glyphs::GlyphSet, model::Pane, order::SessionKey, overlay::Overlay,
        remembered::Remembered,
    },
};

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

fn mouse(desk: &mut Desk, kind: MouseEventKind, text: &str) -> String {
    let row = desk.text().lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text}"));
    let event =
        MouseEvent { kind, column: 8, row: u16::try_from(row).unwrap(), modifiers: KeyModifiers::NONE };
    words(&desk.take(Msg::Mouse(event)))
}

fn click(desk: &mut Desk, text: &str) -> String {
    mouse(desk, MouseEventKind::Down(MouseButton::Left), text)
}

#[test]
fn the_mouse_is_taken_and_given_back() {
    let mut desk = desk();
    assert_eq!(desk.keys("% %"), "mouse Ours, mouse Terminal");
    assert!(desk.text().contains("the mouse is the terminal's again"), "{}", desk.text());
}

#[test]
fn a_click_selects_and_a_double_click_opens() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("2 <esc>");
    click(&mut desk, "jump-a > ops");
    assert_eq!(desk.model.catalog.chosen()[0].name.to_string(), "core/router");
    click(&mut desk, "hint: add to sudoers");
    assert_eq!(desk.model.focus, Pane::Sessions);
    assert_eq!(desk.model.sessions.cursor.map(|id| id.0), Some(4), "a reason belongs to its row");
    click(&mut desk, "3 Log");
    assert_eq!(desk.model.focus, Pane::Log);
    click(&mut desk, "live  core/router");
    assert!(desk.model.desk.detail.is_none());
    click(&mut desk, "live  core/router");
    assert!(desk.model.desk.detail.is_some());
}

#[test]
fn two_slow_clicks_are_no_double_click() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    click(&mut desk, "live  core/router");
    desk.pass(std::time::Duration::from_secs(1));
    click(&mut desk, "live  core/router");
    assert!(desk.model.desk.detail.is_none());
}

#[test]
fn the_wheel_moves_what_is_below_it() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("2 g");
    mouse(&mut desk, MouseEventKind::ScrollDown, "jump-a > ops");
    assert_eq!(desk.model.catalog.cursor, 1);
    mouse(&mut desk, MouseEventKind::ScrollUp, "3 Log");
    assert_eq!((desk.model.focus, desk.model.log.back), (Pane::Log, 3));
    desk.keys("?");
    mouse(&mut desk, MouseEventKind::ScrollDown, "Help");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Help(finder)) if finder.cursor > 0));
}

#[test]
fn boxes_keep_clicks_to_themselves() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    let before = desk.model.sessions.cursor;
    desk.keys("q");
    click(&mut desk, "3 Log");
    assert_eq!(desk.model.sessions.cursor, before);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Confirm { .. })));
}

#[test]
fn what_is_known_can_be_copied() {
    let mut desk = desk();
    assert_eq!(desk.keys("y <enter>"), "copy ssh -J ec2-user@bastion.shop.example ops@10.0.1.11");
    assert_eq!(desk.model.notice.as_deref(), Some("ssh command sent to the terminal"));
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("y j y"), "copy sudo -n tcpdump -U -n -i eth0 -s 262144 -w -");
    let kind = PromptKind::HostKey {
        host: "web-1".to_owned(),
        key_type: "ED25519".to_owned(),
        fingerprint: "SHA256:abc".to_owned(),
    };
    let prompt = Prompt { kind, text: "sure (yes/no)?".to_owned(), hop: "web-1".to_owned() };
    let question = super::Question {
        id: super::question_id(1),
        hop: "web-1".to_owned(),
        prompt,
        attempt: 1,
        once: false,
    };
    desk.hear(1, super::EventKind::Asked(question));
    desk.keys("<esc>");
    desk.end(1, failure("no route", "look at the network"));
    assert_eq!(desk.keys("y j j <enter>"), "copy no route; hint: look at the network");
    assert_eq!(desk.keys("1 y j j j j <enter>"), "copy SHA256:abc");
    assert_eq!(desk.keys("y <esc> 2 g y"), "", "a site is no machine");
    assert_eq!(desk.model.notice.as_deref(), Some("y: there is nothing here to copy"));
}

#[test]
fn the_bell_rings_once_when_nobody_looks() {
    let mut desk = desk();
    desk.start(1, "shop/web-1");
    desk.end(1, failure("no", "do"));
    assert_eq!(desk.model.sessions.reports.len(), 1, "somebody looked");
    desk.take(Msg::Attention(Attention::Away));
    desk.start(2, "shop/web-2");
    let state =
        |desk: &Desk, outcome| super::EventKind::State(super::State::Ended { at: desk.now.instant, outcome });
    let failed = state(&desk, failure("gone", "do"));
    assert_eq!(words(&desk.hear(2, failed)), "notify wrcap: shop/web-2 failed: gone");
    let again = state(&desk, failure("gone", "do"));
    assert_eq!(words(&desk.hear(2, again)), "", "once");
    desk.start(3, "shop/db-1");
    let done = state(&desk, Outcome::Stopped(StoppedBy::User));
    assert_eq!(words(&desk.hear(3, done)), "", "nobody is needed");
    desk.take(Msg::Attention(Attention::Here));
    desk.start(4, "shop/db-1");
    let failed = state(&desk, failure("gone", "do"));
    assert_eq!(words(&desk.hear(4, failed)), "");
}

#[test]
fn a_frozen_screen_rings_too() {
    let mut desk = desk();
    desk.start(1, "shop/web-1");
    desk.keys("F");
    desk.take(Msg::Attention(Attention::Away));
    let outcome = failure("gone", "do");
    let failed = super::EventKind::State(super::State::Ended { at: desk.now.instant, outcome });
    assert_eq!(words(&desk.hear(1, failed)), "notify wrcap: shop/web-1 failed: gone");
}

#[test]
fn events_run_the_user_s_command() {
    let mut desk = desk();
    desk.model.desk.settings.on_event = vec!["notify-send".to_owned()];
    desk.start(1, "shop/web-1");
    let since = desk.now.instant;
    let live = super::State::Live { since, link: crate::session::Link::fresh(since) };
    assert_eq!(words(&desk.hear(1, super::EventKind::State(live.clone()))), "hook live|shop/web-1|");
    assert_eq!(words(&desk.hear(1, super::EventKind::State(live))), "", "a beat is no event");
    let outcome = Outcome::Stopped(StoppedBy::ViewerClosed);
    let ended = super::State::Ended { at: since, outcome };
    assert_eq!(words(&desk.hear(1, super::EventKind::State(ended))), "hook done|shop/web-1|viewer closed");
}

#[test]
fn the_arrangement_is_kept_and_sessions_are_not() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 <esc> o o O 2 <esc> / w e b <enter> o 3 @");
    let text = serde_json::to_string(&Remembered::of(&desk.model)).unwrap();
    assert!(!text.contains("ge-0/0/1"), "of a session only when it was: {text}");
    let mut again = self::desk();
    serde_json::from_str::<Remembered>(&text).unwrap().restore(&mut again.model);
    assert_eq!(again.model.focus, Pane::Log);
    assert_eq!(
        (again.model.sessions.sort.key, again.model.sessions.sort.reversed),
        (SessionKey::Interface, true)
    );
    assert!(again.text().contains("/web  2 of 6"), "{}", again.text());
    assert_eq!(again.model.log.size, desk.model.log.size);
    again.keys("2 <esc> / <up>");
    assert!(again.text().contains("/web_"), "{}", again.text());
}

#[test]
fn what_cannot_be_understood_was_never_kept() {
    let mut desk = desk();
    let strange = r#"{"pane": "attic", "log": 7}"#;
    assert!(serde_json::from_str::<Remembered>(strange).is_err());
    let strange = r#"{"pane": "attic", "sessions": {"by": "colour", "reversed": true}, "more": 1}"#;
    serde_json::from_str::<Remembered>(strange).unwrap().restore(&mut desk.model);
    assert_eq!(desk.model.focus, Pane::Profiles);
    assert!(!desk.model.sessions.sort.reversed);
}
