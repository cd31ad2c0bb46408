//! The detail screen: what it shows, and what its keys do.

use std::time::Duration;

use insta::assert_snapshot;

use super::{
    Desk, EventKind, FailKind, Failure, Link, Msg, Outcome, SessionId, Stage, State, StoppedBy, bad_day,
    failure, screens::roles,
};
use crate::{
    engine::ViewerEvent,
    tui::{bindings::Context, catalog::Catalog, glyphs::GlyphSet, msg::Effect},
};

/// A session with everything that the screen can tell.
fn rich(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = Desk::new(size, glyphs);
    desk.start(1, "core/router");
    let ssh = "ssh -E /run/wrcap/s1/h1.log -F /run/wrcap/s1/h1.conf -M -N -T -S /run/wrcap/s1/c -- 10.20.0.1";
    desk.hear(1, EventKind::Dialing { command_line: ssh.to_owned() });
    let stands = desk.now.wall - Duration::from_secs(3600);
    desk.hear(1, EventKind::Connected { bastion_since: Some(stands) });
    let command_line = "sudo -n /usr/bin/tcpdump -U -n -i ge-0/0/1 -s 262144 -B 32768 -w - -- '(not port 22) and not (tcp \
                        and host 10.94.0.1 and port 40000 and host 10.20.0.1 and port 22)'";
    let armed =
        EventKind::Armed { interface: "ge-0/0/1".to_owned(), command_lines: vec![command_line.to_owned()] };
    desk.hear(1, armed);
    let since = desk.now.instant;
    desk.hear(1, EventKind::State(State::Live { since, link: Link::fresh(since) }));
    desk.hear(1, EventKind::Viewer(ViewerEvent::Started { program: "wireshark".to_owned(), pid: 48213 }));
    for round in 0..24_u64 {
        desk.flow(1, 5, 400_000 * (1 + round % 7));
        beat(&mut desk, 1, 20 + round % 5);
        if round == 9 {
            let heard = desk.now.instant;
            desk.pass(Duration::from_secs(16));
            desk.hear(1, EventKind::State(State::Live { since, link: Link::Late { heard } }));
        }
    }
    desk.pass(Duration::from_secs(3));
    desk.keys("1");
    desk
}

fn beat(desk: &mut Desk, session: u32, millis: u64) {
    let known = &desk.model.sessions.all[&SessionId(session)];
    let State::Live { since, .. } = known.state else { return };
    let link = Link::Live { heard: desk.now.instant, round_trip: Some(Duration::from_millis(millis)) };
    desk.hear(session, EventKind::State(State::Live { since, link }));
}

const SIZES: [(u16, u16); 5] = [(140, 40), (100, 30), (80, 24), (60, 16), (40, 10)];

#[test]
fn detail() {
    for (width, height) in SIZES {
        let mut desk = rich((width, height), GlyphSet::Unicode);
        desk.keys("<enter>");
        assert_snapshot!(format!("detail_{width}x{height}"), desk.text());
    }
    let mut desk = rich((100, 30), GlyphSet::Unicode);
    desk.keys("d");
    assert_snapshot!("detail_100x30_roles", roles(&desk));
    desk.keys("l");
    assert_snapshot!("detail_log_100x30", desk.text());
}

#[test]
fn detail_in_ascii() {
    for (width, height) in SIZES {
        let mut desk = rich((width, height), GlyphSet::Ascii);
        desk.keys("d");
        let text = desk.text();
        assert!(text.is_ascii(), "{text}");
    }
    let mut desk = rich((80, 24), GlyphSet::Ascii);
    desk.keys("d");
    assert_snapshot!("detail_ascii_80x24", desk.text());
}

#[test]
fn a_failed_session_says_why_and_an_asking_one_what() {
    let mut desk = Desk::new((80, 24), GlyphSet::Unicode);
    desk.start(1, "core/mail-gw");
    desk.ask(1, 1, "Enter passphrase for key '/home/me/.ssh/id_prod':", 1);
    desk.model.overlays.clear();
    desk.keys("1 d");
    assert!(desk.text().contains("asks: Enter passphrase"), "{}", desk.text());
    desk.end(1, failure("sudo wants a password on mail01", "add a line to sudoers"));
    assert!(desk.text().contains("sudo wants a password on mail01"), "{}", desk.text());
    assert!(desk.text().contains("hint: add a line to sudoers"), "{}", desk.text());
}

#[test]
fn silence_is_said_and_after_half_a_minute_doubted() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "core/router", "ge-0/0/1");
    desk.keys("1 d");
    desk.pass(Duration::from_secs(12));
    assert!(desk.text().contains("armed, 0 packets in 0:12, filter: not port 22 "), "{}", desk.text());
    desk.pass(Duration::from_secs(20));
    assert!(desk.text().contains("is this the right interface? i"), "{}", desk.text());
}

#[test]
fn a_loss_has_its_change_and_the_age_of_its_reading() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "core/router", "ge-0/0/1");
    desk.keys("1 d");
    let row = |desk: &Desk| {
        let text = desk.text();
        text.lines().find(|line| line.contains("target kernel")).unwrap().to_owned()
    };
    assert!(row(&desk).contains("not yet"), "{}", row(&desk));
    desk.counters[&1].set_kernel(1_000_000, 1204, 0);
    desk.pass(Duration::from_millis(250));
    for _ in 0..30 {
        desk.pass(Duration::from_secs(1));
    }
    assert!(row(&desk).contains("1 204"), "{}", row(&desk));
    assert!(row(&desk).contains("0.12%          0  30s ago"), "{}", row(&desk));
    desk.counters[&1].set_kernel(1_100_000, 1216, 0);
    desk.pass(Duration::from_millis(250));
    desk.pass(Duration::from_secs(3));
    assert!(row(&desk).contains("1 216    0.11%        +12  3s ago"), "{}", row(&desk));
}

#[test]
fn keys_of_the_detail() {
    let mut desk = bad_day((100, 30), GlyphSet::Unicode);
    desk.keys("<esc> 1 <esc> g j j");
    let (id, _) = (desk.model.sessions.cursor.unwrap(), desk.keys("d"));
    assert_eq!(desk.model.context(), Context::Detail);
    assert_eq!(desk.keys("w"), format!("view {id}"));
    assert_eq!(desk.keys("x"), format!("stop {id}"), "the one that is shown");
    assert_eq!(desk.keys("X <enter>"), "");
    assert_eq!(desk.keys("X <right> <enter>"), format!("kill {id}"));
    assert!(desk.text().contains("window 5 min"));
    desk.keys("=");
    assert!(desk.text().contains("window 1 min"));
    desk.keys("- - -");
    assert!(desk.text().contains("window 15 min"));
    desk.keys("l <esc>");
    assert_eq!(desk.model.context(), Context::Detail, "from the log to the detail");
    assert_eq!(desk.keys("q"), "", "back, not out");
    assert_eq!(desk.model.context(), Context::Sessions);
}

#[test]
fn the_list_has_the_keys_where_the_detail_stands_beside_it() {
    let mut desk = rich((160, 40), GlyphSet::Unicode);
    desk.live(2, "shop/web-1", "eth0");
    desk.keys("d");
    assert_eq!(desk.model.context(), Context::Sessions);
    assert!(desk.text().contains("not port 22"));
    desk.keys("j");
    let text = desk.text();
    assert!(text.lines().next().unwrap().contains("shop/web-1"), "it follows the cursor: {text}");
    desk.take(Msg::Resize(100, 30));
    assert_eq!(desk.model.context(), Context::Detail, "no room for both");
    desk.take(Msg::Resize(160, 40));
    desk.keys("d");
    assert_eq!(desk.model.size, (160, 40));
}

#[test]
fn a_restart_waits_for_the_end_and_takes_the_cursor_along() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("1 d r"), "stop 1");
    assert_eq!(desk.keys("r"), "", "it is on its way");
    assert_eq!(desk.end(1, Outcome::Stopped(StoppedBy::User)), "start shop/web-1");
    desk.live(2, "shop/web-1", "eth0");
    assert_eq!(desk.model.sessions.cursor, Some(SessionId(2)));
    desk.end(2, Outcome::Stopped(StoppedBy::User));
    assert_eq!(desk.keys("r"), "start shop/web-1", "what has ended starts at once");
}

#[test]
fn a_restart_takes_what_was_changed_in_the_profile_meanwhile() {
    let with = |filter: &str| {
        let mut all = super::targets();
        all[0].filter = Some(filter.to_owned());
        Catalog::new(all, Vec::new())
    };
    let started = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::Start(target)] => target.filter.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.model.renew_catalog(with("arp"));
    desk.model.renew_catalog(with("tcp port 8080"));
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    desk.keys("1 g");
    assert_eq!(started(desk.take(Msg::Key(super::key_event("r")))), "tcp port 8080");

    // A filter that was only for this session is not the profile's.
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    let mut own = super::targets().remove(0);
    own.filter = Some("icmp".to_owned());
    desk.counters.insert(1, std::sync::Arc::default());
    desk.begin(1, own, std::sync::Arc::default());
    desk.model.renew_catalog(with("tcp port 8080"));
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    desk.keys("1 g");
    assert_eq!(started(desk.take(Msg::Key(super::key_event("r")))), "icmp");
}

#[test]
fn leaving_forgets_restarts() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("1 r C-c C-c"), "stop 1, shutdown Keep");
    assert_eq!(desk.end(1, Outcome::Stopped(StoppedBy::User)), "");
}

#[test]
fn the_log_of_a_session_is_its_own_and_scrolls() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/web-2", "eth0");
    let log = |number| EventKind::Log { source: "tcpdump".to_owned(), text: format!("line {number}.") };
    for number in 0..60 {
        desk.hear(1, log(number));
        desk.hear(2, log(number + 100));
    }
    desk.keys("1 g d");
    assert!(desk.text().contains("line 59.") && !desk.text().contains("line 159."), "{}", desk.text());
    desk.keys("g");
    assert!(desk.text().contains("line 0."), "{}", desk.text());
    desk.keys("G");
    assert!(desk.text().contains("line 59."), "{}", desk.text());
}

#[test]
fn every_size_draws_a_detail() {
    for width in (0..210).step_by(10) {
        for height in (0..45).step_by(3) {
            let mut desk = rich((100, 30), GlyphSet::Unicode);
            desk.take(Msg::Resize(width, height));
            for keys in ["d", "l", "k k", "<esc>"] {
                desk.keys(keys);
                desk.text();
            }
        }
    }
}

/// The row of a hop under Link.
fn hop(desk: &Desk, name: &str) -> String {
    let text = desk.text();
    let link = text.lines().skip_while(|line| !line.contains("── Link"));
    link.skip(1).find(|line| line.contains(name)).unwrap_or("no row").to_owned()
}

#[test]
fn each_hop_has_a_row_and_a_silent_target_is_told_from_a_silent_bastion() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "core/router", "ge-0/0/1");
    desk.hear(1, EventKind::Connected { bastion_since: None });
    desk.keys("1 d");
    beat(&mut desk, 1, 23);
    let since = desk.now.instant;
    let late = |desk: &mut Desk| {
        let heard = desk.now.instant;
        desk.pass(Duration::from_secs(13));
        desk.hear(1, EventKind::State(State::Live { since, link: Link::Late { heard } }));
    };
    late(&mut desk);
    assert!(
        hop(&desk, "jump-a").contains("✓ ") && !hop(&desk, "jump-a").contains('!'),
        "nobody asked it yet"
    );
    assert!(hop(&desk, "10.20.0.1").contains("✓!"), "{}", hop(&desk, "10.20.0.1"));
    desk.hear(1, EventKind::Bastion { answers: true });
    assert!(hop(&desk, "jump-a").contains("✓✓"), "{}", hop(&desk, "jump-a"));
    assert!(hop(&desk, "jump-a").contains("last reply 0s"), "{}", hop(&desk, "jump-a"));
    assert!(!hop(&desk, "jump-a").contains("ms"), "its round trip is not known: {}", hop(&desk, "jump-a"));
    beat(&mut desk, 1, 23);
    late(&mut desk);
    desk.hear(1, EventKind::Bastion { answers: false });
    assert!(hop(&desk, "jump-a").contains("✓✓✓!"), "{}", hop(&desk, "jump-a"));
    assert!(hop(&desk, "jump-a").contains("1 late at"), "{}", hop(&desk, "jump-a"));
    assert!(hop(&desk, "10.20.0.1").contains("2 late, last at"), "{}", hop(&desk, "10.20.0.1"));
    let heard = desk.now.instant;
    desk.hear(1, EventKind::State(State::Live { since, link: Link::Lost { heard } }));
    assert!(hop(&desk, "jump-a").contains("!✗"), "{}", hop(&desk, "jump-a"));
    assert!(hop(&desk, "jump-a").contains("gone"), "{}", hop(&desk, "jump-a"));
    assert!(!hop(&desk, "jump-a").contains("up"), "{}", hop(&desk, "jump-a"));
}

#[test]
fn the_command_of_each_merged_interface_is_shown_and_copied() {
    let mut desk = Desk::new((120, 40), GlyphSet::Unicode);
    desk.live(1, "core/router", "ge-0/0/1,ge-0/0/2");
    desk.keys("1 d");
    for (place, name) in [("target", "ge-0/0/1"), ("      ", "ge-0/0/2")] {
        let line = format!("sudo -n tcpdump -U -n -i {name} -s 262144 -w -");
        assert!(desk.text().contains(&format!("  {place}  {line}")), "{name}: {}", desk.text());
    }
    let copied = desk.keys("y j <enter>");
    assert!(copied.starts_with("copy sudo -n ") && copied.matches(" & sudo -n ").count() == 1, "{copied}");
}

#[test]
fn a_bastion_that_is_gone_is_told_from_what_nobody_can_know_behind_it() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    desk.live(1, "core/router", "ge-0/0/1");
    desk.hear(1, EventKind::Connected { bastion_since: None });
    desk.keys("1 d");
    beat(&mut desk, 1, 23);
    let breaks = |desk: &mut Desk, hop: &str| {
        let failure = Failure::new(Stage::Capture, Some(hop), FailKind::LinkLost, "the connection broke off");
        let at = desk.now.instant;
        desk.hear(1, EventKind::State(State::Ended { at, outcome: Outcome::Failed(failure) }));
    };
    breaks(&mut desk, "ec2-user@jump-a");
    assert!(hop(&desk, "jump-a").contains("✓✗") && hop(&desk, "jump-a").contains("gone"), "{}", desk.text());
    let target = hop(&desk, "10.20.0.1");
    assert!(target.contains("✓–") && target.contains("unknown") && !target.contains('✗'), "{target}");
    breaks(&mut desk, "ops@10.20.0.1");
    assert!(hop(&desk, "10.20.0.1").contains('✗'), "{}", desk.text());
    desk.hear(1, EventKind::Connected { bastion_since: None });
    assert!(hop(&desk, "jump-a").contains("✗✓") && !hop(&desk, "jump-a").contains("gone"), "{}", desk.text());
}
