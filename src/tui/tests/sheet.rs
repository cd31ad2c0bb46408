//! What a profile would do, before it is started.

use insta::assert_snapshot;

use super::{Desk, Effect, FailKind, Failure, Msg, Outcome, Prompt, Question, QuestionId, Stage, StoppedBy};
use crate::{
    engine::{
        check::Step,
        profiles::{News, TRIAL},
    },
    profile::Viewer,
    tui::{bindings::Context, glyphs::GlyphSet, model::Pane},
};

fn desk() -> Desk {
    Desk::new((100, 30), GlyphSet::Unicode)
}

#[test]
fn enter_shows_a_profile_and_again_starts_it() {
    let mut desk = desk();
    desk.model.catalog.targets[0].note = Some("the shop's first web server".to_owned());
    assert_eq!(desk.keys("<enter>"), "");
    assert_eq!(desk.model.context(), Context::Sheet);
    assert_snapshot!("sheet_100x30", desk.text());
    assert_eq!(desk.keys("<enter>"), "start shop/web-1");
    assert!(desk.model.overlays.is_empty());
    for close in ["<esc>", "q"] {
        assert_eq!(desk.keys(&format!("j d {close}")), "", "d opens, {close} closes");
        assert!(desk.model.overlays.is_empty());
    }
    desk.keys("g <enter>");
    assert_eq!(desk.model.notice.as_deref(), Some("Enter: choose one target; s starts all of these"));
}

#[test]
fn a_profile_that_runs_leads_to_its_session() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    desk.keys("2 <enter>");
    assert!(desk.text().contains("It runs: live."), "{}", desk.text());
    assert_eq!(desk.keys("<enter>"), "");
    assert_eq!((desk.model.context(), desk.model.focus), (Context::Detail, Pane::Sessions));
    desk.end(1, Outcome::Stopped(StoppedBy::User));
    desk.keys("<esc> 2");
    assert_eq!(desk.keys("<enter> <enter>"), "start shop/web-1", "what has ended can be started");
}

#[test]
fn a_sheet_starts_without_viewer_too() {
    let mut desk = desk();
    desk.keys("<enter>");
    let effects = desk.take(Msg::Key(super::key_event("W")));
    assert!(matches!(effects.as_slice(), [Effect::Start(target)] if target.viewer == Viewer::None));
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn r_restarts_from_the_profiles() {
    let mut desk = desk();
    desk.live(1, "shop/web-1", "eth0");
    assert_eq!(desk.keys("2 r"), "stop 1");
    assert_eq!(desk.end(1, Outcome::Stopped(StoppedBy::User)), "start shop/web-1");
}

#[test]
fn a_range_may_begin_at_a_site() {
    let mut desk = desk();
    desk.keys("g v j j");
    assert_eq!(desk.model.catalog.marked.len(), 2);
}

fn found() -> News {
    let failed = Failure::new(
        Stage::Connect,
        Some("10.0.1.11"),
        FailKind::Refused,
        "10.0.1.11 refused the connection",
    );
    News::Tested(vec![
        Step::new("login", Ok("bastion.shop.example lets us in".to_owned())),
        Step::new("login", Err(failed.hint("check host and port"))),
    ])
}

#[test]
fn t_tests_the_path_in_the_sheet() {
    let mut desk = desk();
    assert_eq!(desk.keys("t"), "test shop/web-1");
    assert!(desk.text().contains("The test is on its way; nothing is captured."), "{}", desk.text());
    desk.keys("t");
    assert_eq!(desk.model.notice.as_deref(), Some("t: the test is on its way"));
    desk.take(Msg::Clerk(Box::new(found())));
    assert_snapshot!("sheet_tested_100x30", desk.text());
    assert_eq!(desk.keys("t"), "test shop/web-1", "once more");
    assert_eq!(desk.keys("<esc>"), "end test", "a test that runs is given up");
    desk.take(Msg::Clerk(Box::new(found())));
    assert!(desk.model.overlays.is_empty());
    assert_eq!(desk.keys("<enter> t <enter>"), "test shop/web-1, end test, start shop/web-1");
}

#[test]
fn a_question_of_the_test_opens_over_the_sheet() {
    let mut desk = desk();
    desk.keys("t");
    let prompt = Prompt::classify("jump-b", "", "Enter passphrase for key '/k':");
    let id = QuestionId { session: TRIAL, number: 1 };
    let question = Question { id, hop: "jump-b".to_owned(), prompt, attempt: 1, once: false };
    desk.take(Msg::Clerk(Box::new(News::Asked(question))));
    assert_eq!(desk.model.context(), Context::Secret);
    assert_eq!(desk.keys("a b <enter>"), "answer 1 \"ab\"");
    desk.take(Msg::Clerk(Box::new(found())));
    assert!(desk.text().contains("10.0.1.11 refused the connection"), "{}", desk.text());
}
