//! Keys in, effects out.

use std::{sync::Arc, time::Duration};

use super::{
    Desk, Effect, EventKind, FailKind, Failure, Link, Msg, Outcome, Stage, State, StoppedBy, failure, name,
    question_id,
};
use crate::{
    profile::Viewer,
    tui::{
        glyphs::GlyphSet,
        model::{Aging, Pane},
    },
};

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

#[test]
fn s_starts_the_target_under_the_cursor_and_not_twice() {
    let mut desk = desk();
    assert_eq!(desk.keys("s"), "start shop/web-1");
    assert_eq!(desk.keys("s"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("s: what is chosen runs already"));
    desk.start(1, "shop/web-1");
    assert_eq!(desk.keys("s"), "");
    assert_eq!(desk.keys("j s"), "start shop/web-2");
    assert_eq!(desk.model.notice, None);
}

#[test]
fn s_on_a_site_starts_all_of_it() {
    let mut desk = desk();
    assert_eq!(desk.keys("g s"), "start shop/web-1, start shop/web-2, start shop/db-1");
}

#[test]
fn marks_are_what_verbs_act_on_and_are_gone_afterwards() {
    let mut desk = desk();
    assert_eq!(desk.keys("<space> j <space> s"), "start shop/web-1, start shop/db-1");
    assert!(desk.model.catalog.marked.is_empty());
    assert_eq!(desk.keys("A <esc> j s"), "start core/router", "Esc cleared the marks");
    desk.keys("A");
    assert_eq!(desk.model.catalog.marked.len(), 6);
    desk.keys("A");
    assert_eq!(desk.model.catalog.marked.len(), 0);
}

#[test]
fn x_stops_one_at_once_and_asks_for_several() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/web-2", "eth0");
    assert_eq!(desk.keys("x"), "stop 1", "also from the profiles");
    assert_eq!(desk.keys("1 A x"), "");
    assert_eq!(desk.keys("<enter>"), "", "the first button changes nothing");
    assert_eq!(desk.keys("x <right> <enter>"), "stop 1, stop 2");
    assert_eq!(desk.keys("X"), "");
    assert_eq!(desk.keys("<tab> <enter>"), "kill 1");
    assert_eq!(desk.keys("w"), "view 1");
}

#[test]
fn what_ended_while_the_box_was_open_is_left_alone() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/web-2", "eth0");
    desk.keys("1 A x");
    desk.end(1, Outcome::Stopped(StoppedBy::ViewerClosed));
    assert_eq!(desk.keys("<right> <enter>"), "stop 2");
}

#[test]
fn only_what_has_ended_is_dismissed_and_the_cursor_stays() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/web-2", "eth0");
    assert_eq!(desk.keys("1 D"), "");
    desk.end(2, failure("no", "do"));
    assert_eq!(desk.keys("g D"), "dismiss 2", "failed rows are on top");
    assert_eq!(desk.model.sessions.cursor.map(|id| id.0), Some(1));
    assert_eq!(desk.model.sessions.all.len(), 1);
}

#[test]
fn a_failed_session_is_started_again_from_its_row() {
    let mut desk = desk();
    desk.start(1, "shop/web-2");
    desk.end(1, failure("no", "do"));
    assert_eq!(desk.keys("1 s"), "start shop/web-2");
}

#[test]
fn the_cursor_follows_its_session() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/web-2", "eth0");
    desk.keys("1 j");
    desk.end(2, failure("no", "do"));
    assert_eq!(desk.model.sessions.in_order()[0].0, 2);
    assert_eq!(desk.model.sessions.cursor.map(|id| id.0), Some(2));
}

#[test]
fn quitting_asks_only_when_something_runs() {
    assert_eq!(desk().keys("q"), "shutdown Keep");
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("q <enter>"), "");
    assert_eq!(desk.keys("q <esc>"), "");
    assert_eq!(desk.keys("<esc> <esc>"), "", "Esc never quits");
    assert_eq!(desk.keys("q <right> <enter>"), "shutdown Keep");
    assert_eq!(desk.keys("s q x"), "", "nothing new while everything ends");
    assert_eq!(desk.keys("C-c"), "kill 1");
}

#[test]
fn a_started_target_that_has_not_reported_yet_counts_as_running() {
    let mut desk = desk();
    assert_eq!(desk.keys("s q"), "start shop/web-1");
    assert_eq!(desk.model.overlays.len(), 1);
}

#[test]
fn ctrl_c_twice_within_two_seconds_does_not_ask() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("C-c"), "");
    desk.pass(Duration::from_millis(2100));
    assert_eq!(desk.keys("C-c"), "", "too late: asks still, in the same box");
    assert_eq!(desk.model.overlays.len(), 1);
    desk.pass(Duration::from_millis(1900));
    assert_eq!(desk.keys("C-c"), "shutdown Keep");
}

#[test]
fn signals_do_not_ask() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(super::words(&desk.take(Msg::Terminate)), "shutdown Keep");
    assert_eq!(super::words(&desk.take(Msg::Terminate)), "kill 1");
}

#[test]
fn suspending_becomes_a_shell_while_captures_run() {
    let mut desk = desk();
    assert_eq!(desk.keys("C-z C-l"), "suspend, redraw");
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("C-z"), "shell", "a process that stands still would make the target drop packets");
    desk.end(1, failure("no", "do"));
    assert_eq!(desk.keys("s C-z"), "start shop/web-1, shell", "nothing that starts is stopped either");
}

#[test]
fn a_secret_goes_out_whole_and_keys_do_nothing_else() {
    let mut desk = desk();
    desk.start(1, "shop/web-1");
    desk.ask(1, 7, "Enter passphrase for key 'id':", 1);
    assert_eq!(desk.keys("q s x y <bs> ? <enter>"), "answer 7 \"qsx?\"");
    assert!(desk.model.questions.is_empty() && desk.model.overlays.is_empty());
    desk.ask(1, 8, "Enter passphrase for key 'id':", 2);
    desk.take(Msg::Paste(zeroize::Zeroizing::new("pasted\nrest".to_owned())));
    assert_eq!(desk.keys("<enter>"), "answer 8 \"pasted\"");
    desk.ask(1, 9, "Verification code:", 1);
    assert_eq!(desk.keys("<esc>"), "answer 9 Cancel");
}

#[test]
fn questions_queue_and_never_take_the_keys_from_a_box() {
    let mut desk = desk();
    desk.start(1, "shop/web-1");
    desk.start(2, "shop/web-2");
    desk.keys("?");
    desk.ask(1, 1, "Password:", 1);
    desk.ask(2, 2, "Password:", 1);
    assert_eq!(desk.keys("<down> <up>"), "");
    assert!(desk.text().contains("2 ask you"), "{}", desk.text());
    assert_eq!(desk.keys("<esc> p a <enter>"), "answer 1 \"a\"");
    assert_eq!(desk.keys("b <enter> p"), "answer 2 \"b\"");
    assert_eq!(desk.model.notice.as_deref(), Some("p: nothing asks"));
}

#[test]
fn a_withdrawn_question_closes_its_box_and_no_other_takes_its_place() {
    let mut desk = desk();
    desk.start(1, "shop/web-1");
    desk.ask(1, 1, "Password:", 1);
    desk.ask(1, 2, "Code:", 1);
    desk.hear(1, EventKind::Withdrawn(question_id(1)));
    assert!(desk.model.overlays.is_empty());
    desk.keys("p c");
    desk.hear(1, EventKind::Withdrawn(question_id(2)));
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn ended_sessions_leave_accounts() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.flow(1, 3, 6500);
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    desk.start(2, "shop/web-2");
    desk.end(2, failure("no route to host", "check the network"));
    let lines = crate::tui::farewell::lines(&desk.model.sessions);
    assert_eq!(
        lines,
        [
            "shop/web-1: stopped: 29 packets, 19.5 kB, complete",
            "shop/web-2: no route to host; hint: check the network"
        ]
    );
}

#[test]
fn packets_that_are_in_no_file_are_deleted_only_after_a_question() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.flow(1, 3, 6500);
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    assert_eq!(desk.keys("1 D"), "");
    assert!(desk.text().contains("Packets that are in no file are deleted"), "{}", desk.text());
    assert!(desk.text().contains("not saved to a file"), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "", "the first button keeps them");
    assert_eq!(desk.keys("D <right> <enter>"), "dismiss 1");
    desk.start(2, "shop/web-2");
    desk.end(2, failure("no route to host", "check the network"));
    assert_eq!(desk.keys("D"), "dismiss 2", "there is nothing to lose");
}

#[test]
fn timers_run_only_while_something_ages() {
    let mut desk = desk();
    assert_eq!(desk.model.aging(), Aging::Nothing);
    desk.start(1, "shop/web-1");
    assert_eq!(desk.model.aging(), Aging::Seconds);
    desk.live(2, "shop/web-2", "eth0");
    assert_eq!(desk.model.aging(), Aging::Numbers);
    let at = desk.now.instant;
    desk.hear(2, EventKind::State(State::Ended { at, outcome: Outcome::Stopped(StoppedBy::User) }));
    desk.hear(1, EventKind::State(State::Ended { at, outcome: Outcome::Interrupted }));
    assert_eq!(desk.model.aging(), Aging::Nothing);
}

#[test]
fn a_tick_without_news_draws_nothing() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.model.dirty = false;
    desk.pass(Duration::from_millis(250));
    assert!(!desk.model.dirty, "no packet, same second");
    desk.add(1, 650);
    desk.pass(Duration::from_millis(250));
    assert!(desk.model.dirty, "a packet");
    desk.model.dirty = false;
    desk.pass(Duration::from_millis(600));
    assert!(desk.model.dirty, "another second");
}

#[test]
fn motions_stop_at_both_ends_and_panes_go_around() {
    let mut desk = desk();
    desk.keys("k k k");
    assert_eq!(desk.model.catalog.cursor, 0);
    desk.keys("G j");
    assert_eq!(desk.model.catalog.cursor, 7);
    desk.keys("C-u C-u C-u");
    assert_eq!(desk.model.catalog.cursor, 0);
    desk.keys("<tab>");
    assert_eq!(desk.model.focus, Pane::Log);
    desk.keys("<tab> <tab>");
    assert_eq!(desk.model.focus, Pane::Profiles);
    desk.keys("3 k k k");
    assert_eq!(desk.model.log.back, 0, "nothing to scroll");
}

#[test]
fn a_screen_too_small_takes_only_the_way_out() {
    let mut desk = desk();
    desk.take(Msg::Resize(20, 3));
    assert_eq!(desk.keys("s x A j"), "");
    assert_eq!(desk.keys("q"), "shutdown Keep");
}

#[test]
fn the_model_starts_what_it_is_told_to() {
    let mut desk = desk();
    let effects = crate::tui::update::begin(&mut desk.model, &[name("core/router"), name("no/such")]);
    assert_eq!(super::words(&effects), "start core/router");
}

#[test]
fn read_only_starts_and_changes_nothing_and_says_so() {
    let mut desk = desk();
    desk.model.desk.settings.read_only = true;
    desk.start(1, "shop/web-2");
    desk.end(1, failure("no", "do"));
    for keys in ["s", "1 s", "D", "r", "2 A s", ": s t a r t <enter>", "? s t a r t <enter>"] {
        assert_eq!(desk.keys(keys), "", "{keys}");
        assert!(desk.model.notice.as_deref().is_some_and(|notice| notice.contains("read-only")), "{keys}");
    }
    for keys in ["2 n", "c", "e", "E", "D", "z", "K", "? n <enter>"] {
        assert_eq!(desk.keys(keys), "", "{keys}");
        assert!(desk.model.overlays.is_empty(), "{keys}");
        assert!(desk.model.notice.as_deref().is_some_and(|notice| notice.contains("read-only")), "{keys}");
    }
    assert!(!desk.text().contains("start again"), "{}", desk.text());
    assert_eq!(desk.keys("j <esc> q"), "shutdown Keep", "looking and leaving go on");
}

#[test]
fn changed_keys_work_and_are_shown() {
    let mut desk = desk();
    let config =
        crate::profile::parse_config("keys: { profiles: { start: Ctrl-s }, everywhere: { help: H } }");
    let settings = crate::tui::Settings::new(config.unwrap(), crate::tui::Depth::Sixteen, None);
    desk.model.desk.settings = settings.unwrap();
    assert!(desk.text().contains("Ctrl-s start") && desk.text().contains("H help"), "{}", desk.text());
    assert_eq!(desk.keys("s"), "");
    assert_eq!(desk.keys("C-s"), "start shop/web-1");
    desk.keys("H");
    assert!(desk.text().contains("   Ctrl-s            start what is marked"), "{}", desk.text());
}

#[test]
fn the_quit_box_tells_the_truth_while_it_is_open() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.live(2, "shop/web-2", "eth0");
    desk.keys("q");
    assert!(desk.text().contains("2 captures are running. Leaving stops them"), "{}", desk.text());
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    assert!(desk.text().contains("1 capture is running. Leaving stops it"), "{}", desk.text());
    desk.end(2, Outcome::Stopped(StoppedBy::User));
    let text = desk.text();
    assert!(text.contains("All captures have ended meanwhile") && text.contains("[ Quit ]"), "{text}");
    assert!(!text.contains("Stop all"), "{text}");
    assert_eq!(desk.keys("<right> <enter>"), "shutdown Keep");
}

#[test]
fn a_box_whose_captures_have_ended_closes_itself() {
    let mut desk = desk();
    for (number, name) in [(1, "shop/web-1"), (2, "shop/web-2"), (3, "shop/db-1")] {
        desk.live(number, name, "eth0");
    }
    desk.keys("1 A x");
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    assert!(
        desk.text().contains("Stop 2 captures?") && desk.text().contains("[ Stop 2 ]"),
        "{}",
        desk.text()
    );
    desk.end(2, Outcome::Stopped(StoppedBy::User));
    desk.end(3, Outcome::Stopped(StoppedBy::User));
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.model.notice.as_deref(), Some("what the box was about has ended"));
}

#[test]
fn a_viewer_is_offered_where_there_is_one_to_open() {
    let mut desk = desk();
    desk.start(1, "shop/web-1");
    assert_eq!(desk.keys("1 w"), "");
    assert_eq!(desk.model.notice.as_deref(), Some("w: no packets can have come yet"));
    let mut blind = super::target("shop/web-2", "jump", "10.0.1.12", None, None);
    blind.viewer = Viewer::None;
    desk.begin(2, blind, Arc::default());
    let since = desk.now.instant;
    desk.hear(2, EventKind::State(State::Live { since, link: Link::fresh(since) }));
    desk.keys("j");
    assert!(!desk.text().contains("w viewer"), "{}", desk.text());
    desk.keys("w");
    assert_eq!(
        desk.model.notice.as_deref(),
        Some("w: it was started without a viewer; S saves what it holds")
    );
}

#[test]
fn a_capture_whose_viewer_is_missing_is_started_without_it_by_one_key() {
    let mut desk = desk();
    assert!(!desk.text().contains("without viewer"), "only after it was missed: {}", desk.text());
    desk.start(1, "shop/web-1");
    let missing = "the viewer wireshark was not found on this machine";
    let failure = Failure::new(Stage::View, None, FailKind::Viewer, missing);
    desk.end(1, Outcome::Failed(failure));
    assert!(desk.text().contains("W without viewer"), "{}", desk.text());
    desk.keys("1");
    assert!(desk.text().contains("W without viewer"), "{}", desk.text());
    let effects = desk.take(Msg::Key(super::key_event("W")));
    let [Effect::Start(target)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((target.name.to_string().as_str(), &target.viewer), ("shop/web-1", &Viewer::None));
}
