//! Picking interfaces and changing filters: screens, and keys to effects.

use std::{collections::BTreeMap, time::Duration};

use insta::assert_snapshot;

use super::{Desk, Effect, EventKind, Interface, Outcome, StoppedBy, key_event, words};
use crate::{
    engine::LookNews,
    remote::{
        exclude::SshConnection,
        opening::Opening,
        privilege::{Way, WayState},
        probe::{FilterCheck, Found, InterfaceInfo, ProbeReport, Tool},
        rates::Flow,
    },
    session::{FailKind, Failure, Stage},
    tui::{bindings::Context, glyphs::GlyphSet, msg::Msg},
};

pub(super) const LOOK: u32 = 77;

pub(super) fn report() -> ProbeReport {
    let info = |name: &str, up, addresses: &[&str]| InterfaceInfo {
        name: name.into(),
        up,
        loopback: name == "lo",
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        ..InterfaceInfo::default()
    };
    ProbeReport {
        connection: SshConnection::parse("10.94.0.1 50000 10.20.0.1 22"),
        interfaces: vec![
            info("ge-0/0/1", true, &["10.20.0.1", "fe80::1"]),
            info("ge-0/0/2", true, &["10.20.1.1"]),
            info("ge-0/0/3", false, &[]),
            info("any", true, &[]),
            info("lo", true, &["127.0.0.1"]),
        ],
        auto_interface: Some(("ge-0/0/1".into(), Found::Address)),
        ..ProbeReport::default()
    }
}

fn opened(opening: Opening) -> ProbeReport {
    let tool = Tool { path: "/usr/bin/tcpdump".into(), version: String::new() };
    ProbeReport { opening, tcpdump: Some(tool), ways: vec![(Way::Sudo, WayState::Works)], ..report() }
}

fn flows(round: u32) -> BTreeMap<String, Flow> {
    let flow = |bytes: u32| Flow { bytes: f64::from(bytes), packets: 1.0 };
    BTreeMap::from([
        ("ge-0/0/1".to_owned(), flow(4_000_000 * (1 + round % 4))),
        ("ge-0/0/2".to_owned(), flow(250_000)),
        ("lo".to_owned(), flow(0)),
    ])
}

/// Effects with what is started on.
fn told(effects: &[Effect]) -> String {
    let on = |effect: &Effect| match effect {
        Effect::Start(target) => {
            format!("start {} on {}, {:?}", target.name, target.interface, target.filter)
        }
        effect => words(std::slice::from_ref(effect)),
    };
    effects.iter().map(on).collect::<Vec<_>>().join("; ")
}

fn keys(desk: &mut Desk, keys: &str) -> String {
    let effects: Vec<_> = keys.split(' ').flat_map(|key| desk.take(Msg::Key(key_event(key)))).collect();
    told(&effects)
}

pub(super) fn news(desk: &mut Desk, news: LookNews) -> String {
    told(&desk.hear(LOOK, EventKind::Look(news)))
}

/// The picker over a session or a profile, with its list and some measurements.
fn listed(desk: &mut Desk) {
    keys(desk, "i");
    assert_eq!(news(desk, LookNews::Began { ticket: 1 }), "");
    news(desk, LookNews::Seen(Box::new(report())));
    for round in 0..5 {
        desk.pass(Duration::from_secs(2));
        news(desk, LookNews::Flows(flows(round)));
    }
    desk.pass(Duration::from_secs(1));
}

fn router(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = Desk::new(size, glyphs);
    desk.live(1, "core/router", "ge-0/0/1");
    desk.flow(1, 3, 900_000);
    desk.keys("1");
    desk
}

#[test]
fn the_picker_on_all_sizes() {
    for (width, height) in [(100, 30), (80, 24), (60, 16), (40, 10)] {
        let mut desk = router((width, height), GlyphSet::Unicode);
        listed(&mut desk);
        keys(&mut desk, "<space> <space>");
        assert_snapshot!(format!("picker_{width}x{height}"), desk.text());
    }
    let mut desk = router((80, 24), GlyphSet::Ascii);
    listed(&mut desk);
    let text = desk.text();
    assert!(text.is_ascii() && text.contains("in use now"), "{text}");
}

#[test]
fn words_find_interfaces_and_marks_outlive_them() {
    let mut desk = router((100, 30), GlyphSet::Unicode);
    listed(&mut desk);
    keys(&mut desk, "<space> / 1 2 7");
    assert_eq!(desk.model.context(), Context::Find);
    let text = desk.text();
    assert!(text.contains("127.0.0.1") && !text.contains("ge-0/0/2"), "{text}");
    assert_snapshot!("picker_find_100x30", text);
    keys(&mut desk, "q <enter>");
    assert!(desk.text().contains("no interface has that"), "q is text: {}", desk.text());
    assert_eq!(desk.model.context(), Context::Picker);
    keys(&mut desk, "/ <bs> <enter>");
    assert_eq!(keys(&mut desk, "<space>"), "", "the one that is found gets the mark");
    keys(&mut desk, "<esc>");
    assert!(desk.text().contains("ge-0/0/2"), "the first Esc only shows all: {}", desk.text());
    let filter = "Some(\"not port 22\")";
    assert_eq!(keys(&mut desk, "<enter>"), format!("dismiss 77; start core/router on lo, {filter}"));

    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    assert_eq!(keys(&mut desk, "/ z z <enter> <enter>"), "", "nothing is found, nothing is started");
    assert_eq!(keys(&mut desk, "/ C-u a n y <down> <enter> <enter>"), {
        "dismiss 77; start shop/web-1 on any, Some(\"tcp port 80\")"
    });
}

#[test]
fn it_says_which_hop_it_waits_for_and_becomes_a_field_when_it_cannot_read() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    assert_eq!(keys(&mut desk, "i"), "look 1 at shop/web-1");
    desk.pass(Duration::from_secs(3));
    assert!(
        desk.text().contains("waiting for ec2-user@bastion.shop.example, hop 1 of 2, 0:03"),
        "{}",
        desk.text()
    );
    news(&mut desk, LookNews::Began { ticket: 1 });
    news(&mut desk, LookNews::Reached(1));
    assert!(desk.text().contains("waiting for ops@10.0.1.11, hop 2 of 2"), "{}", desk.text());
    let failure = Failure::new(Stage::Connect, None, FailKind::Refused, "10.0.1.11 refuses the connection")
        .hint("is sshd running?");
    news(&mut desk, LookNews::Failed(Box::new(failure)));
    assert_eq!(desk.model.context(), Context::Field);
    assert_snapshot!("picker_field_80x24", desk.text());
    assert_eq!(keys(&mut desk, "<enter>"), "", "a name is needed");
    assert_eq!(
        keys(&mut desk, "e n s 5 <enter>"),
        "dismiss 77; start shop/web-1 on ens5, Some(\"tcp port 80\")"
    );
}

#[test]
fn a_look_that_nobody_waits_for_any_more_ends_when_it_begins() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    assert_eq!(keys(&mut desk, "i <esc>"), "look 1 at shop/web-1");
    assert_eq!(news(&mut desk, LookNews::Began { ticket: 1 }), "dismiss 77");
    assert_eq!(keys(&mut desk, "i"), "look 2 at shop/web-1");
    assert_eq!(news(&mut desk, LookNews::Began { ticket: 2 }), "");
    assert_eq!(keys(&mut desk, "<esc>"), "dismiss 77");
    news(&mut desk, LookNews::Seen(Box::new(report())));
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn marked_interfaces_of_a_profile_are_a_session_each() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    let filter = "Some(\"tcp port 80\")";
    assert_eq!(
        keys(&mut desk, "<space> <space> <enter>"),
        format!("dismiss 77; start shop/web-1 on ge-0/0/1, {filter}; start shop/web-1 on ge-0/0/2, {filter}")
    );
}

#[test]
fn marked_interfaces_are_one_session_on_demand() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    assert_eq!(keys(&mut desk, "<space> m"), "", "one is nothing to merge");
    assert_snapshot!("picker_marked_80x24", {
        keys(&mut desk, "<space>");
        desk.text()
    });
    assert_eq!(
        keys(&mut desk, "m"),
        "dismiss 77; start shop/web-1 on ge-0/0/1,ge-0/0/2, Some(\"tcp port 80\")"
    );
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn a_running_session_goes_on_with_the_first_and_others_join_it() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    assert_eq!(keys(&mut desk, "j <enter>"), "dismiss 77; look 2 at core/router over 1");
    assert!(desk.text().contains("trying ge-0/0/2 on the target"), "{}", desk.text());
    assert_eq!(keys(&mut desk, "<enter>"), "", "one question at a time");
    news(&mut desk, LookNews::Began { ticket: 2 });
    assert_eq!(news(&mut desk, LookNews::Seen(Box::new(opened(Opening::Opens)))), "dismiss 77; stop 1");
    assert!(desk.model.overlays.is_empty());
    let filter = "Some(\"not port 22\")";
    desk.model.orders.restarts.waiting.values().for_each(|target| {
        assert_eq!(target.interface, Interface::Named("ge-0/0/2".to_owned()));
    });
    assert_eq!(desk.model.orders.restarts.waiting.len(), 1);
    desk.end(1, Outcome::Stopped(StoppedBy::User));

    let mut desk = router((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    assert_eq!(
        keys(&mut desk, "<space> <space> <enter>"),
        format!("dismiss 77; start core/router on ge-0/0/2, {filter}"),
        "the one in use is left alone"
    );
    let mut desk = router((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    assert_eq!(keys(&mut desk, "<enter>"), "dismiss 77");
    assert!(desk.model.notice.as_deref().is_some_and(|notice| notice.contains("already")));
}

#[test]
fn a_running_session_is_not_ended_by_interfaces_that_do_not_open() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    assert_eq!(keys(&mut desk, "j <space> j k <space> m"), "dismiss 77; look 2 at core/router over 1");
    news(&mut desk, LookNews::Began { ticket: 2 });
    let words = "No such device exists".to_owned();
    let refused = opened(Opening::Fails { interface: "ge-0/0/3".to_owned(), words });
    assert_eq!(news(&mut desk, LookNews::Seen(Box::new(refused))), "");
    assert_snapshot!("picker_refused_80x24", desk.text());
    assert!(desk.model.orders.restarts.waiting.is_empty());
    assert_eq!(keys(&mut desk, "k"), "");
    assert!(!desk.text().contains("cannot capture"), "another choice: {}", desk.text());
    news(&mut desk, LookNews::Flows(flows(1)));
    assert_eq!(keys(&mut desk, "<esc>"), "dismiss 77", "the new look measures, and ends with the box");
}

#[test]
fn interfaces_that_nobody_could_open_are_used_on_a_second_enter() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    keys(&mut desk, "j <enter>");
    news(&mut desk, LookNews::Began { ticket: 2 });
    let asks =
        ProbeReport { ways: vec![(Way::SudoPassword, WayState::AsksPassword)], ..opened(Opening::NotTried) };
    assert_eq!(news(&mut desk, LookNews::Seen(Box::new(asks))), "");
    assert!(desk.text().contains("not tried: sudo on ops@10.20.0.1 wants a password"), "{}", desk.text());
    assert_eq!(keys(&mut desk, "<enter>"), "dismiss 77; stop 1");
}

#[test]
fn the_footer_and_the_box_say_the_same_of_enter() {
    let mut desk = router((100, 30), GlyphSet::Unicode);
    listed(&mut desk);
    let twice =
        |desk: &Desk, words: &str| assert_eq!(desk.text().matches(words).count(), 2, "{}", desk.text());
    twice(&desk, "Enter restart on ge-0/0/1");
    keys(&mut desk, "<space> <space>");
    twice(&desk, "Enter 2 sessions");
    twice(&desk, "m one merged session");
}

#[test]
fn it_goes_over_the_connection_of_a_session_and_reads_again_on_demand() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    assert_eq!(keys(&mut desk, "i"), "look 1 at core/router over 1");
    news(&mut desk, LookNews::Began { ticket: 1 });
    news(&mut desk, LookNews::Seen(Box::new(report())));
    assert_eq!(keys(&mut desk, "r"), "dismiss 77; look 2 at core/router over 1");
    desk.keys("<esc> 2 G k k");
    assert_eq!(keys(&mut desk, "i"), "look 3 at core/router over 1", "from its profile, too");
}

#[test]
fn what_stops_measuring_keeps_the_list() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    listed(&mut desk);
    let failure = Failure::new(Stage::Probe, None, FailKind::BadAnswer, "could not read the counters of x");
    news(&mut desk, LookNews::Failed(Box::new(failure)));
    assert!(desk.text().contains("nothing is measured: could not read the counters of x"), "{}", desk.text());
    assert!(desk.text().contains("ge-0/0/2"));
}

#[test]
fn a_question_of_the_look_opens_on_top_of_it() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    keys(&mut desk, "i");
    news(&mut desk, LookNews::Began { ticket: 1 });
    desk.ask_of(LOOK, 5, "Enter passphrase for key '/k':", 1);
    assert!(desk.text().contains("shop/web-1"), "{}", desk.text());
    assert_eq!(keys(&mut desk, "a b <enter>"), "answer 5 \"ab\"");
    assert_eq!(desk.model.context(), Context::Picker);
}

#[test]
fn another_filter_starts_a_profile_with_it() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    assert_eq!(keys(&mut desk, "f C-u a r p"), "");
    assert_snapshot!("filter_box_80x24", desk.text());
    assert_eq!(keys(&mut desk, "<enter>"), "start shop/web-1 on auto, Some(\"arp\")");
    assert_eq!(keys(&mut desk, "2 f C-u <enter>"), "start shop/web-1 on auto, None");
}

#[test]
fn the_cursor_goes_along_from_what_has_ended_to_what_starts_with_another_filter() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.start(1, "shop/web-1");
    desk.end(1, super::failure("no way", "none"));
    desk.keys("1 d");
    assert_eq!(keys(&mut desk, "f C-u a r p <enter>"), "start shop/web-1 on auto, Some(\"arp\")");
    let mut target = desk.model.catalog.targets[0].clone();
    target.filter = Some("arp".to_owned());
    desk.begin(2, target, std::sync::Arc::default());
    assert_eq!(desk.model.sessions.cursor, Some(super::SessionId(2)));
}

#[test]
fn a_running_session_is_not_ended_by_a_wrong_filter() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    assert_eq!(keys(&mut desk, "f C-u ) <enter>"), "", "unbalanced: refused here");
    assert!(desk.text().contains("wrong: "), "{}", desk.text());
    assert_eq!(keys(&mut desk, "C-u p r t <enter>"), "look 1 at core/router over 1");
    news(&mut desk, LookNews::Began { ticket: 1 });
    let bad = ProbeReport { filter: FilterCheck::Bad("can't parse filter expression".into()), ..report() };
    assert_eq!(news(&mut desk, LookNews::Seen(Box::new(bad))), "");
    assert!(desk.text().contains("wrong: can't parse filter expression"), "{}", desk.text());
    assert_eq!(keys(&mut desk, "C-u a r p <enter>"), "look 2 at core/router over 1");
    news(&mut desk, LookNews::Began { ticket: 2 });
    let good = ProbeReport { filter: FilterCheck::Good, ..report() };
    assert_eq!(news(&mut desk, LookNews::Seen(Box::new(good))), "dismiss 77; stop 1");
    assert_eq!(desk.model.orders.restarts.waiting.values().next().unwrap().filter.as_deref(), Some("arp"));
    assert_eq!(desk.end(1, Outcome::Stopped(StoppedBy::User)), "start core/router");
}

#[test]
fn a_filter_that_nobody_could_judge_is_used_on_a_second_enter() {
    let mut desk = router((80, 24), GlyphSet::Unicode);
    keys(&mut desk, "f C-u a r p <enter>");
    news(&mut desk, LookNews::Began { ticket: 1 });
    let failure = Failure::new(Stage::Probe, None, FailKind::Timeout, "no answer");
    news(&mut desk, LookNews::Failed(Box::new(failure)));
    assert!(desk.text().contains("not checked: no answer"), "{}", desk.text());
    assert_eq!(keys(&mut desk, "<enter>"), "stop 1");
}
