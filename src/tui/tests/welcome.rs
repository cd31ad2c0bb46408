//! The first run.

use std::path::PathBuf;

use insta::assert_snapshot;

use super::{Desk, Effect, Msg, key_event, words};
use crate::{
    engine::profiles::{Facts, Host, News, Request, Survey},
    profile::{Edit, Place, edit_site, jumps, parse_site},
    tui::{bindings::Context, glyphs::GlyphSet, update},
};

fn empty(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = Desk::with(Vec::new(), Vec::new(), size, glyphs);
    desk.model.desk.welcome.folder = Some("/home/me/.config/wrcap/profiles".into());
    desk
}

fn survey() -> Survey {
    Survey {
        ssh: Some("OpenSSH 9.2p1".into()),
        agent: Some(2),
        wireshark: Some((PathBuf::from("/usr/bin/wireshark"), "4.4.2".into())),
        display: true,
        hosts: 14,
        multiplexed: true,
    }
}

fn hear(desk: &mut Desk, news: News) {
    desk.take(Msg::Clerk(Box::new(news)));
}

fn host(name: &str, hostname: &str, user: &str, port: &str, proxy: Option<&str>) -> Host {
    let facts = Facts {
        host: name.into(),
        hostname: hostname.into(),
        user: user.into(),
        port: port.into(),
        proxy: proxy.map(str::to_owned),
        ..Facts::default()
    };
    Host { name: name.into(), facts, via: Vec::new() }
}

fn behind(via: &[&str], host: Host) -> Host {
    let via = via.iter().flat_map(|hop| jumps(hop).unwrap()).collect();
    Host { via, ..host }
}

fn hosts() -> Vec<Host> {
    vec![
        host("gate", "198.51.100.7", "me", "22", None),
        behind(&["gate"], host("web-1", "10.0.1.11", "ec2-user", "22", Some("gate"))),
        behind(
            &["gate", "jo@inner:2022"],
            host("db", "10.0.1.30", "ops", "2222", Some("gate,jo@inner:2022")),
        ),
        host("cloud", "i-0123", "ec2-user", "22", Some("aws ssm start-session --target %h")),
    ]
}

#[test]
fn the_first_run_on_all_sizes() {
    for (width, height) in [(100, 30), (80, 24), (60, 16), (40, 10)] {
        let mut desk = empty((width, height), GlyphSet::Unicode);
        hear(&mut desk, News::Surveyed(Box::new(survey())));
        let jumps = hosts().into_iter().map(|mut host| {
            host.facts.jump = host.facts.proxy.clone();
            host
        });
        hear(&mut desk, News::Hosts(jumps.collect()));
        assert_snapshot!(format!("first_run_{width}x{height}"), desk.text());
    }
    let mut desk = empty((80, 24), GlyphSet::Ascii);
    hear(&mut desk, News::Surveyed(Box::default()));
    let text = desk.text();
    assert!(text.is_ascii() && text.contains("not found: install the OpenSSH client"), "{text}");
}

#[test]
fn wireshark_without_a_display_is_no_good_news() {
    for (size, tshark) in [((80, 24), false), ((100, 30), true)] {
        let mut desk = empty(size, GlyphSet::Unicode);
        hear(&mut desk, News::Surveyed(Box::new(Survey { display: false, ..survey() })));
        let text = desk.text();
        let line = text.lines().find(|line| line.contains("wireshark ")).unwrap();
        assert!(line.contains('!') && line.contains("no DISPLAY or WAYLAND_DISPLAY for a window"), "{text}");
        assert!(text.contains("start with W, save with S; `viewer: none` for always"), "{text}");
        assert_eq!(text.contains("--viewer tshark"), tshark, "{text}");
    }
}

#[test]
fn it_looks_around_only_when_nothing_is_saved() {
    let mut desk = empty((80, 24), GlyphSet::Unicode);
    let effects = update::begin(&mut desk.model, &[]);
    assert!(
        matches!(effects.as_slice(), [Effect::Clerk(Request::Survey), Effect::Clerk(Request::Hosts)]),
        "{effects:?}"
    );
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    assert!(update::begin(&mut desk.model, &[]).is_empty());
    assert_eq!(desk.keys("I T"), "", "and only then it can be left for the demo");
}

#[test]
fn what_must_be_known_from_the_start_is_said_here_too() {
    let mut desk = empty((80, 24), GlyphSet::Unicode);
    desk.model.say(
        "wrcap",
        "2 captures of an earlier run are still in the spool",
        crate::tui::theme::Role::Warn,
    );
    assert!(desk.text().contains("2 captures of an earlier run"), "{}", desk.text());
}

#[test]
fn t_leaves_for_the_demo() {
    let mut desk = empty((80, 24), GlyphSet::Unicode);
    assert_eq!(desk.keys("T"), "demo, shutdown Keep");
}

#[test]
fn nothing_is_written_before_ctrl_s() {
    let mut desk = empty((100, 30), GlyphSet::Unicode);
    let effects = desk.take(Msg::Key(key_event("I")));
    assert!(matches!(effects.as_slice(), [Effect::Clerk(Request::Hosts)]), "{effects:?}");
    assert!(desk.text().contains("reading ~/.ssh/config"), "{}", desk.text());
    hear(&mut desk, News::Hosts(hosts()));
    assert_eq!(desk.model.context(), Context::Import);
    assert_eq!(desk.keys("j <space>"), "");
    assert_snapshot!("import_100x30", desk.text());
    let effects = desk.take(Msg::Key(key_event("C-s")));
    let [Effect::Clerk(Request::Save { site, edits, seen: None })] = effects.as_slice() else {
        panic!("{}", words(&effects));
    };
    assert_eq!(site, "ssh");
    let add = |name: &str| Edit::Add { name: name.to_owned(), host: name.to_owned() };
    let via = |name: &str, text: &str| Edit::Set {
        at: Place::Target(name.to_owned()),
        key: "via".to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(edits, &[add("gate"), add("db"), via("db", "gate, jo@inner:2022"), add("cloud")]);
    let site = parse_site("ssh", &edit_site("ssh", "", edits).unwrap()).unwrap();
    let ways: Vec<String> = site
        .targets
        .iter()
        .map(|t| t.hops().map(ToString::to_string).collect::<Vec<_>>().join(" > "))
        .collect();
    assert_eq!(ways, ["gate", "gate > jo@inner:2022 > db", "cloud"]);
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn marks_can_be_taken_away_and_then_there_is_nothing_to_save() {
    let mut desk = empty((80, 24), GlyphSet::Unicode);
    desk.keys("I");
    hear(&mut desk, News::Hosts(hosts()));
    assert_eq!(desk.keys("A C-s"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("Ctrl-s: nothing is marked"));
    desk.keys("<esc> I");
    hear(&mut desk, News::Hosts(Vec::new()));
    assert!(desk.text().contains("names no host"), "{}", desk.text());
}

#[test]
fn every_size_draws_a_first_run() {
    for width in (0..130).step_by(10) {
        for height in (0..40).step_by(3) {
            let mut desk = empty((width, height), GlyphSet::Unicode);
            hear(&mut desk, News::Surveyed(Box::new(survey())));
            desk.text();
            desk.keys("I");
            hear(&mut desk, News::Hosts(hosts()));
            desk.text();
        }
    }
}

#[test]
fn an_empty_list_of_machines_offers_the_way_on_and_nothing_to_mark() {
    let mut desk = empty((80, 24), GlyphSet::Unicode);
    desk.keys("I");
    hear(&mut desk, News::Hosts(Vec::new()));
    let text = desk.text();
    assert!(text.contains("n makes a profile by hand"), "{text}");
    assert!(!text.contains("Space mark") && !text.contains("Ctrl-s save"), "{text}");
    assert_eq!(desk.keys("C-s"), "");
    assert!(desk.text().contains("no machine is listed"), "{}", desk.text());
}
