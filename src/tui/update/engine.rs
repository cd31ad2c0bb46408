//! What the engine reports.

use std::sync::Arc;

use super::{dialog, picker, question, restart, save};
use crate::{
    engine::{Event, EventKind, Report, SessionId, ViewerEvent},
    profile::{Interface, Target},
    remote::text::clean,
    session::{Failure, Outcome, State, StoppedBy},
    tui::{
        format, hops::Hops, model::Model, msg::Effect, sessions::Session, standing::Standing, theme::Role,
    },
};

/// Takes an event in.
pub(super) fn hear(model: &mut Model, event: Event) -> Vec<Effect> {
    let id = event.session;
    // The log shows when it happened, not when it was heard of.
    model.now.wall = event.at;
    let name = model.name_of(id);
    let pushed = model.log.pushed();
    let effects = take(model, id, name, event.kind);
    keep_lines(model, id, pushed);
    effects
}

/// A session keeps its own lines: the log of all forgets them sooner.
fn keep_lines(model: &mut Model, id: SessionId, pushed: usize) {
    if let Some(session) = model.sessions.all.get_mut(&id) {
        let own = session.name.to_string();
        for line in model.log.since(pushed).filter(|line| line.who == own) {
            session.facts.log.push(line.clone());
        }
    }
}

fn take(model: &mut Model, id: SessionId, name: String, kind: EventKind) -> Vec<Effect> {
    match kind {
        EventKind::Started { name, counters, target } => {
            model.starting.remove(&name);
            model.use_now(&name);
            started(model, id, Session::new(name, counters, model.now.instant), target);
        }
        EventKind::Dialing { command_line } => {
            model.say(name, command_line.clone(), Role::Muted);
            if let Some(session) = model.sessions.all.get_mut(&id) {
                session.facts.ssh = Some(command_line);
            }
        }
        EventKind::Connected { bastion_since } => {
            let now = model.now.wall;
            if let Some(session) = model.sessions.all.get_mut(&id) {
                session.facts.hops.connect(bastion_since, now);
            }
        }
        EventKind::Bastion { answers } => {
            let now = model.now;
            if let Some(session) = model.sessions.all.get_mut(&id) {
                session.facts.hops.hear_of_bastions(answers, now);
            }
        }
        EventKind::State(state) => entered(model, id, name, state),
        EventKind::Armed { interface, command_lines } => {
            for line in &command_lines {
                model.say(name.clone(), line.clone(), Role::Muted);
            }
            if let Some(session) = model.sessions.all.get_mut(&id) {
                session.interface = Some(interface);
                session.facts.tcpdump = command_lines;
            }
        }
        EventKind::Asked(question) => return question::asked(model, id, name, question),
        EventKind::Withdrawn(question) => question::withdraw(model, question),
        EventKind::Viewer(viewer) => viewed(model, id, name, viewer),
        EventKind::Log { source, text } => model.say(name, format!("{source}: {text}"), Role::Text),
        EventKind::Saved { file, reaches } => {
            let text = format!("saved {} packets in {}", file.packets, clean(&file.path.to_string_lossy()));
            model.say(name, text, Role::Ok);
            if let Some(session) = model.sessions.all.get_mut(&id) {
                session.facts.saved = session.facts.saved.max(reaches);
            }
            save::answered(model, id, None);
        }
        EventKind::NotSaved(failure) => {
            say_failure(model, &name, &failure);
            save::answered(model, id, Some(&failure));
        }
        EventKind::Unsaved(fate) => {
            model.sessions.fates.insert(id, fate);
        }
        EventKind::Warning { text } => model.say(name, text, Role::Warn),
        EventKind::Look(news) => return picker::hear(model, id, news),
        EventKind::Ended(report) => {
            ended(model, id, name, *report);
            dialog::close_outdated(model);
            question::warn_of_changed_key(model, id);
            return restart::go_on(model, id);
        }
    }
    Vec::new()
}

fn started(model: &mut Model, id: SessionId, mut session: Session, target: Arc<Target>) {
    session.describe(&target);
    session.filter.clone_from(&target.filter);
    if target.interface != Interface::Auto {
        session.interface = Some(target.interface.to_string());
    }
    let follow = restart::is_expected(model, &target);
    session.facts.hops = Hops::new(&target);
    session.facts.target = Some(target);
    model.sessions.all.insert(id, session);
    if follow {
        model.sessions.cursor = Some(id);
    }
    model.sessions.cursor.get_or_insert(id);
}

/// Only the states that a user would tell a colleague about get a line.
fn entered(model: &mut Model, id: SessionId, name: String, state: State) {
    let now = model.now.instant;
    let Some(session) = model.sessions.all.get_mut(&id) else { return };
    let before = session.standing();
    session.facts.hops.enter(&state, model.now.wall);
    if state.is_live() {
        session.facts.live_at.get_or_insert(model.now.wall);
    }
    session.enter(state, now);
    let (after, interface) = (session.standing(), session.interface.clone());
    if let Some(text) = retry(model, id) {
        return model.say(name, text, Role::Warn);
    }
    if before == after {
        return;
    }
    match after {
        Standing::Live if before == Standing::Retrying => model.say(name, "packets flow again", Role::Ok),
        Standing::Live if before == Standing::Late => model.say(name, "the target is heard again", Role::Ok),
        Standing::Live => {
            let text =
                interface.map_or_else(|| "live".to_owned(), |interface| format!("live on {interface}"));
            model.say(name, text, Role::Ok);
        }
        Standing::Late => model.say(name, "no sign of life from the target; still writing", Role::Warn),
        Standing::Stopping => model.say(name, "stopping", Role::Muted),
        Standing::Asking
        | Standing::Retrying
        | Standing::Starting
        | Standing::Failed
        | Standing::Done
        | Standing::Superseded => {}
    }
}

/// What is said of a try that is waited for.
fn retry(model: &Model, id: SessionId) -> Option<String> {
    let session = model.sessions.all.get(&id)?;
    let State::Retrying { gap, at } = &session.state else { return None };
    let seconds = at.saturating_duration_since(model.now.instant).as_secs_f64().ceil();
    Some(format!("{}; try {} of {} in {seconds} s", gap.last.message, gap.attempt, gap.of))
}

fn viewed(model: &mut Model, id: SessionId, name: String, viewer: ViewerEvent) {
    if let Some(session) = model.sessions.all.get_mut(&id) {
        session.facts.watch(&viewer);
    }
    match viewer {
        ViewerEvent::Started { program, pid } => {
            model.say(name, format!("viewer {program} started, pid {pid}"), Role::Text);
        }
        ViewerEvent::Exited { pid, error: None } => {
            model.say(name, format!("viewer closed, pid {pid}"), Role::Text);
        }
        ViewerEvent::Exited { pid, error: Some(error) } => {
            model.say(name, format!("viewer broke off, pid {pid}: {error}"), Role::Warn);
        }
        ViewerEvent::Failed(failure) => say_failure(model, &name, &failure),
    }
}

fn say_failure(model: &mut Model, name: &str, failure: &Failure) {
    model.say(name, failure.message.clone(), Role::Error);
    if let Some(hint) = &failure.hint {
        model.say(name, format!("hint: {hint}"), Role::Muted);
    }
}

/// The account is the last word on a session, also where its last state was not heard.
fn ended(model: &mut Model, id: SessionId, name: String, report: Report) {
    match &report.outcome {
        Outcome::Failed(failure) => say_failure(model, &name, failure),
        _ => model.say(name, account(&report), if report.is_complete() { Role::Text } else { Role::Warn }),
    }
    let now = model.now.instant;
    if let Some(session) = model.sessions.all.get_mut(&id) {
        if !session.state.is_ended() {
            session.enter(State::Ended { at: now, outcome: report.outcome.clone() }, now);
        }
        session.sample = report.sample;
        session.facts.file.clone_from(&report.file);
    }
    model.use_now(&report.name);
    model.sessions.reports.push((id, report));
}

/// How it ended, in words.
pub(crate) fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Stopped(StoppedBy::ViewerClosed) => "viewer closed".to_owned(),
        Outcome::Stopped(StoppedBy::Limit(_)) => "limit reached".to_owned(),
        Outcome::Stopped(StoppedBy::SourceEnded) => "the capture command ended".to_owned(),
        Outcome::Stopped(_) => "stopped".to_owned(),
        Outcome::Interrupted => "ended before the capture started".to_owned(),
        Outcome::Failed(failure) => failure.message.clone(),
    }
}

/// A session's account: how it ended, with how much, and what was lost.
pub(crate) fn account(report: &Report) -> String {
    let end = outcome_words(&report.outcome);
    match &report.outcome {
        Outcome::Interrupted => return end,
        Outcome::Failed(_) if report.sample.packets == 0 => return end,
        _ => {}
    }
    let packets = usize::try_from(report.sample.packets).unwrap_or(usize::MAX);
    let bytes = format::bytes(report.sample.captured_bytes).replace("  ", " ");
    format!("{end}: {}, {bytes}, {}", format::count(packets, "packet"), losses(report))
}

/// Everything that is known to be lost, or that nothing is.
fn losses(report: &Report) -> String {
    let losses = report.losses();
    if losses.is_empty() { "complete".to_owned() } else { losses.join(", ") }
}
