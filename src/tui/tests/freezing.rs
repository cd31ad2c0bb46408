//! A screen that stands still while everything else goes on.

use std::time::Duration;

use super::{Desk, EventKind, Msg, bad_day, failure};
use crate::{
    engine::SessionId,
    tui::{glyphs::GlyphSet, model::Aging},
};

fn body(desk: &Desk) -> Vec<String> {
    desk.text().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn nothing_moves_but_the_age_in_the_header_and_nothing_is_lost() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 F");
    let before = body(&desk);
    desk.add(1, 9_000_000);
    desk.pass(Duration::from_secs(7));
    desk.end(5, failure("no route to host", "look"));
    desk.hear(1, EventKind::Log { source: "ssh".to_owned(), text: "something".to_owned() });
    assert_eq!(body(&desk), before);
    assert!(desk.text().contains("FROZEN 7s"), "{}", desk.text());
    assert_eq!(desk.model.aging(), Aging::Seconds, "the age goes on");
    desk.keys("F");
    let text = desk.text();
    assert!(
        !text.contains("FROZEN") && text.contains("no route to host") && text.contains("something"),
        "{text}"
    );
    assert_eq!(desk.model.sessions.reports.len(), 3);
    let captured = desk.model.sessions.all[&SessionId(1)].sample.captured_bytes;
    assert_eq!(captured, desk.counters[&1].sample().captured_bytes);
}

#[test]
fn reading_goes_on() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("1 F g j");
    let at = desk.model.sessions.cursor;
    desk.keys("/ l i v e <enter> <esc> o ? <esc> : <esc> v <esc>");
    assert!(desk.text().contains("FROZEN"), "{}", desk.text());
    assert!(at.is_some());
}

#[test]
fn acting_lets_the_screen_go_on_first() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.keys("F");
    desk.end(1, failure("no", "do"));
    assert_eq!(desk.keys("x"), "", "it has ended meanwhile");
    assert_eq!(desk.model.notice.as_deref(), Some("x: nothing that is chosen runs"));
    assert!(desk.model.desk.frozen.is_none());
    desk.keys("F");
    assert_eq!(desk.keys(": s t a r t <enter>"), "start shop/web-1");
    assert!(desk.model.desk.frozen.is_none(), "also from the palette");
}

#[test]
fn a_question_lets_the_screen_go_on() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.keys("F");
    desk.start(1, "shop/web-1");
    assert!(desk.model.sessions.all.is_empty());
    desk.hear(1, EventKind::Log { source: "ssh".to_owned(), text: "first".to_owned() });
    let prompt = crate::remote::prompt::Prompt {
        kind: crate::remote::prompt::PromptKind::Unknown,
        text: "Password:".to_owned(),
        hop: "jump-b".to_owned(),
    };
    let question = super::Question {
        id: super::question_id(1),
        hop: "jump-b".to_owned(),
        prompt,
        attempt: 1,
        once: false,
    };
    desk.hear(1, EventKind::Asked(question));
    assert!(desk.model.desk.frozen.is_none());
    assert!(desk.text().contains("shop/web-1: ssh asks"), "{}", desk.text());
}

#[test]
fn leaving_hears_what_was_held_back() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.keys("F");
    desk.end(1, failure("no", "do"));
    assert_eq!(super::words(&desk.take(Msg::Terminate)), "shutdown Keep");
    assert_eq!(desk.model.sessions.reports.len(), 1);
}
