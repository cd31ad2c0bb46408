use std::time::{Duration, Instant};

use super::{Effect, Input, Machine};
use crate::session::{FailKind, Failure, Limit, Link, Outcome, Rhythm, Stage, State, StopStep, StoppedBy};

struct Run {
    machine: Machine,
    start: Instant,
}

impl Run {
    fn new() -> Self {
        let start = Instant::now();
        Self {
            machine: Machine::new(Rhythm::of_lease(Duration::from_secs(30)), Duration::from_secs(1), start),
            start,
        }
    }

    fn at(&mut self, seconds: u64, input: Input) -> Vec<Effect> {
        self.machine.step(input, self.start + Duration::from_secs(seconds))
    }

    fn live() -> Self {
        let mut run = Self::new();
        assert_eq!(run.at(1, Input::Connected), [Effect::Probe]);
        assert_eq!(run.at(2, Input::Probed), [Effect::Arm]);
        assert_eq!(run.at(3, Input::Header), [Effect::OpenViewer]);
        run
    }

    fn word(&self) -> &'static str {
        self.machine.state().word()
    }

    fn outcome(&self) -> &Outcome {
        match self.machine.state() {
            State::Ended { outcome, .. } => outcome,
            state => panic!("not ended: {state:?}"),
        }
    }
}

fn failure(kind: FailKind) -> Failure {
    Failure::new(Stage::Capture, Some("web-1"), kind, "it broke")
}

#[test]
fn a_question_goes_back_to_where_it_came_from() {
    let mut run = Run::new();
    run.at(1, Input::Asked("passphrase?".into()));
    run.at(2, Input::Asked("passphrase again?".into()));
    assert_eq!(run.word(), "ask");
    run.at(3, Input::Answered);
    assert_eq!(run.word(), "dial");
    run.at(4, Input::Connected);
    run.at(5, Input::Asked("sudo password?".into()));
    run.at(6, Input::Answered);
    assert_eq!(run.word(), "probe");
    run.at(7, Input::Probed);
    run.at(8, Input::Asked("wrong, sudo password?".into()));
    assert_eq!(run.word(), "ask");
    run.at(9, Input::Answered);
    assert_eq!(run.word(), "arm");
}

#[test]
fn a_stop_before_the_start_is_an_interruption() {
    let arming = || vec![Input::Connected, Input::Probed];
    for inputs in [vec![], vec![Input::Asked("?".into())], vec![Input::Connected], arming()] {
        let mut run = Run::new();
        for input in inputs {
            run.at(1, input);
        }
        assert_eq!(run.at(2, Input::Stop(StoppedBy::User)), [Effect::Finish]);
        assert_eq!(run.outcome(), &Outcome::Interrupted);
    }
}

#[test]
fn a_stop_waits_for_the_channel() {
    let mut run = Run::live();
    assert_eq!(run.at(5, Input::Stop(StoppedBy::Limit(Limit::Packets))), [Effect::SendStop]);
    assert_eq!(run.at(6, Input::ChannelEnded(Ok(()))), [Effect::Finish]);
    assert_eq!(run.outcome(), &Outcome::Stopped(StoppedBy::Limit(Limit::Packets)));
}

#[test]
fn a_stop_that_nobody_hears_grows_in_force() {
    let mut run = Run::live();
    assert_eq!(run.at(5, Input::Stop(StoppedBy::User)), [], "the last batch is awaited");
    assert_eq!(run.at(6, Input::Tick), [Effect::SendStop]);
    assert_eq!(run.at(8, Input::Tick), []);
    assert_eq!(run.at(9, Input::Tick), [Effect::CloseStdin]);
    assert_eq!(run.at(11, Input::Tick), [Effect::KillMaster]);
    assert_eq!(run.at(13, Input::Tick), [Effect::Finish]);
    assert_eq!(run.outcome(), &Outcome::Stopped(StoppedBy::User));
}

#[test]
fn a_second_stop_changes_nothing_and_a_kill_hurries() {
    let mut run = Run::live();
    run.at(5, Input::Stop(StoppedBy::ViewerClosed));
    assert_eq!(run.at(5, Input::Stop(StoppedBy::User)), []);
    assert_eq!(run.at(5, Input::Kill), [Effect::CloseStdin, Effect::KillMaster]);
    assert_eq!(run.at(5, Input::Kill), []);
    assert!(matches!(run.machine.state(), State::Stopping { step: StopStep::Killed, .. }));
    run.at(6, Input::MasterDied(failure(FailKind::LinkLost)));
    assert_eq!(run.outcome(), &Outcome::Stopped(StoppedBy::ViewerClosed));
}

#[test]
fn a_failure_while_live_still_collects_the_last_packets() {
    let mut run = Run::live();
    assert_eq!(run.at(5, Input::Failed(failure(FailKind::File))), [Effect::SendStop]);
    assert_eq!(run.at(6, Input::ChannelEnded(Ok(()))), [Effect::Finish]);
    assert_eq!(run.outcome(), &Outcome::Failed(failure(FailKind::File)));
}

#[test]
fn every_end_of_the_road_names_its_failure() {
    let kind = FailKind::LinkLost;
    for input in [
        Input::MasterDied(failure(kind)),
        Input::Failed(failure(kind)),
        Input::ChannelEnded(Err(failure(kind))),
    ] {
        let mut run = Run::new();
        assert_eq!(run.at(1, input), [Effect::Finish]);
        assert_eq!(run.outcome(), &Outcome::Failed(failure(kind)));
        assert_eq!(run.at(2, Input::Connected), [], "nothing happens after the end");
    }
}

#[test]
fn silence_makes_the_link_late_and_then_lost() {
    let mut run = Run::live();
    run.at(4, Input::Beat { round_trip: Duration::from_millis(9) });
    assert_eq!(run.machine.deadline(), Some(run.start + Duration::from_millis(16_500)));
    run.at(17, Input::Tick);
    assert_eq!(run.word(), "late");
    run.at(18, Input::Beat { round_trip: Duration::from_millis(9) });
    assert_eq!(run.word(), "live");
    assert_eq!(run.at(48, Input::Tick), [Effect::CloseStdin, Effect::KillMaster]);
    run.at(49, Input::ChannelEnded(Ok(())));
    assert!(matches!(run.outcome(), Outcome::Failed(f) if f.kind == FailKind::LinkLost));
    assert!(!matches!(run.machine.state(), State::Live { link: Link::Lost { .. }, .. }));
}

#[test]
fn a_disk_that_fails_while_stopping_is_the_outcome() {
    let full = Failure::new(Stage::Write, None, FailKind::File, "disk full");
    let mut run = Run::live();
    run.at(5, Input::Stop(StoppedBy::ViewerClosed));
    run.at(6, Input::ChannelEnded(Err(full.clone())));
    assert_eq!(run.outcome(), &Outcome::Failed(full.clone()));

    let mut run = Run::live();
    run.at(5, Input::Stop(StoppedBy::ViewerClosed));
    run.at(6, Input::ChannelEnded(Ok(())));
    run.machine.amend(full.clone());
    assert_eq!(run.outcome(), &Outcome::Failed(full));
}
