use std::time::{Duration, Instant};

use super::{Effect, Input, Machine};
use crate::session::{
    FailKind, Failure, Limit, Link, Outcome, Retries, Rhythm, Stage, State, StopStep, StoppedBy,
};

struct Run {
    machine: Machine,
    start: Instant,
}

impl Run {
    /// A session that is not tried again.
    fn new() -> Self {
        Self::trying(0)
    }

    /// A session that is tried again for so many seconds.
    fn trying(seconds: u64) -> Self {
        let start = Instant::now();
        let rhythm = Rhythm::of_lease(Duration::from_secs(30));
        let retries = Retries::lasting(Duration::from_secs(seconds));
        Self { machine: Machine::new(rhythm, Duration::from_secs(1), retries, start), start }
    }

    fn at(&mut self, seconds: u64, input: Input) -> Vec<Effect> {
        self.machine.step(input, self.start + Duration::from_secs(seconds))
    }

    fn live() -> Self {
        Self::new().into_live()
    }

    fn into_live(self) -> Self {
        let mut run = self;
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
    assert_eq!(run.at(12, Input::Tick), [], "the minder needs 6 s to see what withstands everything");
    assert_eq!(run.at(13, Input::Tick), [Effect::KillMaster]);
    assert_eq!(run.at(15, Input::Tick), [Effect::Finish]);
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

fn gap(run: &Run) -> (u32, Duration) {
    let gap = run.machine.state().gap().unwrap_or_else(|| panic!("no gap: {:?}", run.machine.state()));
    (gap.attempt, gap.since.duration_since(run.start))
}

#[test]
fn a_connection_that_dies_is_made_again_and_the_capture_goes_on() {
    let mut run = Run::trying(600).into_live();
    run.at(9, Input::Beat { round_trip: Duration::from_millis(9) });
    let died = Input::MasterDied(failure(FailKind::LinkLost));
    assert_eq!(run.at(10, died), [Effect::BeginGap, Effect::Disconnect]);
    assert_eq!((run.word(), gap(&run)), ("retry", (1, Duration::from_secs(10))));
    assert_eq!(run.machine.deadline(), Some(run.start + Duration::from_secs(11)));
    assert_eq!(run.at(11, Input::Tick), [Effect::Connect]);
    assert_eq!(run.at(12, Input::Failed(failure(FailKind::Refused))), [Effect::Disconnect]);
    assert_eq!(run.machine.deadline(), Some(run.start + Duration::from_secs(14)), "2 s after the first try");
    assert_eq!(run.at(14, Input::Tick), [Effect::Connect]);
    run.at(15, Input::Asked("passphrase?".into()));
    assert_eq!((run.word(), gap(&run).0), ("ask", 2));
    run.at(16, Input::Answered);
    assert_eq!(run.at(17, Input::Connected), [Effect::Probe]);
    assert_eq!(run.at(18, Input::Probed), [Effect::Arm]);
    assert_eq!(run.word(), "retry");
    assert_eq!(run.at(19, Input::Header), [Effect::EndGap], "viewers are open already");
    let start = run.start;
    assert!(
        matches!(run.machine.state(), State::Live { since, .. } if *since == start + Duration::from_secs(3))
    );
}

#[test]
fn a_silent_link_is_a_gap_from_the_last_sign_of_life() {
    let mut run = Run::trying(600).into_live();
    run.at(4, Input::Beat { round_trip: Duration::from_millis(9) });
    assert_eq!(run.at(34, Input::Tick), [Effect::BeginGap, Effect::Disconnect]);
    assert_eq!(gap(&run), (1, Duration::from_secs(4)));
    // After a long sleep the target's own words come first; they are about its lease.
    let mut run = Run::trying(600).into_live();
    run.at(90, Input::ChannelEnded(Err(failure(FailKind::CaptureDied))));
    let cause = &run.machine.state().gap().unwrap().cause;
    assert_eq!(cause.message, "no sign of life from the target for 87 s");
}

#[test]
fn a_capture_that_died_alone_keeps_its_connection() {
    for kind in [FailKind::CaptureDied, FailKind::Interface] {
        let mut run = Run::trying(600).into_live();
        assert_eq!(run.at(5, Input::ChannelEnded(Err(failure(kind)))), [Effect::BeginGap]);
        assert_eq!(run.at(6, Input::Tick), [Effect::Connect]);
    }
}

#[test]
fn what_time_cannot_mend_ends_the_capture() {
    let kinds =
        [FailKind::HostKeyChanged, FailKind::Authentication, FailKind::Privilege, FailKind::Unanswered];
    for kind in kinds {
        let mut run = Run::trying(600).into_live();
        run.at(5, Input::MasterDied(failure(FailKind::LinkLost)));
        run.at(6, Input::Tick);
        assert_eq!(run.at(7, Input::Failed(failure(kind))), [Effect::Finish]);
        let Outcome::Failed(told) = run.outcome() else { panic!("{kind:?}") };
        assert_eq!((told.kind, told.stage), (kind, Stage::Capture), "exit code 6: it had begun");
        assert!(told.message.contains("cannot go on"), "{told}");
    }
}

#[test]
fn tries_end_when_their_time_is_over() {
    let mut run = Run::trying(4).into_live();
    run.at(5, Input::MasterDied(failure(FailKind::LinkLost)));
    run.at(6, Input::Tick);
    run.at(6, Input::Failed(failure(FailKind::Timeout)));
    run.at(8, Input::Tick);
    assert_eq!(run.at(8, Input::Failed(failure(FailKind::Timeout))), [Effect::Finish]);
    assert!(
        matches!(run.outcome(), Outcome::Failed(f) if f.message == "gave up after 2 tries in 3 s: it broke")
    );
}

#[test]
fn a_try_that_runs_when_the_time_is_over_is_the_last() {
    for on_the_way in [vec![], vec![Input::Connected]] {
        let mut run = Run::trying(20).into_live();
        run.at(5, Input::MasterDied(failure(FailKind::LinkLost)));
        run.at(6, Input::Tick);
        run.at(16, Input::Failed(failure(FailKind::Timeout)));
        assert_eq!(run.at(18, Input::Tick), [Effect::Connect]);
        for input in on_the_way {
            run.at(19, input);
        }
        assert_eq!(run.machine.deadline(), Some(run.start + Duration::from_secs(25)));
        assert_eq!(run.at(24, Input::Tick), []);
        assert_eq!(run.at(25, Input::Tick), [Effect::Finish]);
        let Outcome::Failed(told) = run.outcome() else { panic!("no failure") };
        assert_eq!(told.message, "gave up after 2 tries in 20 s: it broke");
    }
}

#[test]
fn a_capture_that_always_breaks_off_soon_is_not_tried_for_ever() {
    let mut run = Run::trying(10).into_live();
    let mut now = 5;
    let mut pauses = Vec::new();
    while !run.machine.state().is_ended() {
        run.at(now, Input::ChannelEnded(Err(failure(FailKind::CaptureDied))));
        let Some(at) = run.machine.deadline() else { break };
        pauses.push((at - run.start).as_secs() - now);
        now = (at - run.start).as_secs();
        for input in [Input::Tick, Input::Connected, Input::Probed, Input::Header] {
            run.at(now, input);
        }
    }
    assert_eq!(pauses, [1, 2, 4], "7 of 10 s; another 8 s do not fit");
    assert!(matches!(run.outcome(), Outcome::Failed(f) if f.message.starts_with("gave up after 3 tries")));
}

#[test]
fn a_stop_while_nothing_flows_is_a_stop() {
    for inputs in [vec![], vec![Input::Tick], vec![Input::Tick, Input::Connected, Input::Probed]] {
        let mut run = Run::trying(600).into_live();
        run.at(5, Input::MasterDied(failure(FailKind::LinkLost)));
        for input in inputs {
            run.at(6, input);
        }
        assert_eq!(run.at(7, Input::Stop(StoppedBy::User)), [Effect::Finish]);
        assert_eq!(run.outcome(), &Outcome::Stopped(StoppedBy::User));
    }
}

#[test]
fn a_target_that_falls_silent_before_its_header_is_a_failure() {
    let mut run = Run::new();
    run.at(1, Input::Connected);
    run.at(2, Input::Probed);
    run.at(20, Input::Beat { round_trip: Duration::from_millis(9) });
    assert_eq!(run.at(49, Input::Tick), []);
    assert_eq!(run.at(50, Input::Tick), [Effect::Finish]);
    assert!(matches!(run.outcome(), Outcome::Failed(f) if f.kind == FailKind::LinkLost));
}
