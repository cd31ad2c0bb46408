//! Leftovers of earlier sessions: looked for, shown, ended.

use std::time::Duration;

use super::{Desk, Msg, name};
use crate::{
    engine::clean::{Outcome, Swept},
    remote::{
        label::Label,
        leftover::{Group, Traces},
        sweep::Process,
    },
    session::{FailKind, Failure, Stage},
    tui::glyphs::GlyphSet,
};

fn process(pid: u32, args: &str) -> Process {
    Process {
        pid,
        parent: 1,
        group: 50,
        uid: 1000,
        start: "77".into(),
        age: Duration::from_secs(7200),
        state: 'S',
        args: args.into(),
        mark: None,
        connections: 0,
    }
}

fn left() -> Vec<Group> {
    let label = "0123456789abcdef0123456789abcdef:shop/web-1:alice@laptop:1700000000";
    let tcpdump = "/usr/bin/tcpdump -U -n -i eth0 -w - -- not (tcp and host 10.0.0.9 and port 5)";
    vec![Group {
        label: Label::parse(label),
        processes: vec![process(51, &format!("sudo -n -p wrcap-{label} -- {tcpdump}")), process(54, tcpdump)],
    }]
}

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

fn hear(desk: &mut Desk, result: Result<Outcome, Failure>) {
    let swept = Swept { target: name("shop/web-1"), result };
    assert!(desk.take(Msg::Swept(Box::new(swept))).is_empty());
}

fn found(desk: &mut Desk) {
    hear(desk, Ok(Outcome::Found(Traces { leftovers: left(), ..Traces::default() })));
}

#[test]
fn k_looks_then_asks_and_only_the_second_button_ends() {
    let mut desk = desk();
    assert_eq!(desk.keys("K"), "look at shop/web-1");
    assert_eq!(desk.model.notice.as_deref(), Some("looking at shop/web-1"));
    found(&mut desk);
    insta::assert_snapshot!("box_leftovers", desk.text());
    assert_eq!(desk.keys("<enter>"), "", "the first button changes nothing");
    found(&mut desk);
    assert_eq!(desk.keys("<right> <enter>"), "end 1 on shop/web-1");
    hear(&mut desk, Ok(Outcome::Ended { wanted: 2, left: Vec::new() }));
    assert_eq!(desk.model.notice.as_deref(), Some("shop/web-1: ended 2 processes"));
    hear(&mut desk, Ok(Outcome::Ended { wanted: 2, left: left() }));
    assert!(desk.text().contains("as root on the target: kill -KILL 51 54"), "{}", desk.text());
}

#[test]
fn one_target_is_looked_at() {
    let mut desk = desk();
    assert_eq!(desk.keys("g K"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("K: choose one target"));
}

#[test]
fn nothing_there_or_no_answer_is_said() {
    let mut desk = desk();
    hear(&mut desk, Ok(Outcome::Found(Traces { in_use: left(), ..Traces::default() })));
    let text = desk.text();
    assert!(
        text.contains("in use by alice@laptop for 2 h") && text.contains("nothing of an earlier session"),
        "{text}"
    );
    let failure =
        Failure::new(Stage::Connect, Some("jump-a"), FailKind::Unanswered, "needs an answer: jump-a");
    hear(&mut desk, Err(failure));
    assert!(
        desk.text().contains("in a terminal wrcap clean shop/web-1 asks what ssh asks"),
        "{}",
        desk.text()
    );
    assert_eq!(desk.keys("<enter>"), "", "no box is open");
}

#[test]
fn the_box_takes_no_keys_from_another_one() {
    let mut desk = desk();
    desk.start(1, "core/dmz-fw");
    desk.ask(1, 1, "Enter passphrase for key '/k':", 1);
    found(&mut desk);
    assert_eq!(desk.keys("l <enter>"), "answer 1 \"l\"");
    assert!(desk.model.overlays.is_empty());
}
