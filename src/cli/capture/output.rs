//! What a capture without a dashboard says: lines for humans, or one JSON event a line.

use std::{
    collections::HashMap,
    io::{self, Write},
    time::{Duration, Instant, SystemTime},
};

use serde_json::{Map, Value, json};

use super::saving;
use crate::{
    cli::{json, volume::Volume},
    engine::{EventKind, Report, SessionId},
    profile::TargetName,
    remote::text::clean,
    session::{Limit, Link, Outcome, Sample, State, StoppedBy},
};

/// Where and how it is said.
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) volume: Volume,
    pub(super) to: Box<dyn Write + Send + Sync>,
    /// What is said of a session once packets can flow, or flow again.
    pub(super) due: HashMap<SessionId, String>,
}

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

/// Which session an event is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) id: SessionId,
    pub(super) name: &'a TargetName,
}

impl Output {
    /// Says what happened in a session.
    pub(super) fn event(&mut self, whose: Whose<'_>, at: SystemTime, kind: &EventKind) -> io::Result<()> {
        match self.format {
            Format::Json => match json_event(kind) {
                Some((word, fields)) => self.json(whose, at, word, fields),
                None => Ok(()),
            },
            Format::Text => match self.text(whose.id, kind) {
                Some(text) => self.line(&format!("{}: {text}", whose.name)),
                None => Ok(()),
            },
        }
    }

    /// The line for humans. "Capturing" is said when it is true: before, sudo may still wait for its password.
    fn text(&mut self, id: SessionId, kind: &EventKind) -> Option<String> {
        let due = match kind {
            EventKind::Armed { interface, command_lines } if self.volume >= Volume::Verbose => {
                Some(format!("capturing on {}: {}", clean(interface), command_lines.join(" & ")))
            }
            EventKind::Armed { interface, .. } => Some(format!("capturing on {}", clean(interface))),
            EventKind::State(State::Live { link: Link::Late { .. }, .. }) => {
                Some("the target is heard again".to_owned())
            }
            _ => None,
        };
        self.due.extend(due.map(|text| (id, text)));
        if let EventKind::State(State::Live { link: Link::Live { .. }, .. }) = kind {
            return self.due.remove(&id).filter(|_| self.volume >= Volume::Normal);
        }
        text_line(kind, self.volume)
    }

    /// Says a session's numbers; humans get them at the end.
    pub(super) fn stats(&mut self, whose: Whose<'_>, sample: &Sample, state: &State) -> io::Result<()> {
        if self.format == Format::Text {
            return Ok(());
        }
        let mut fields = numbers(sample);
        fields.insert("state".into(), state.word().into());
        if let State::Live { link, .. } = state {
            let age = Instant::now().saturating_duration_since(link.heard()).as_secs_f64();
            fields.insert("link_age_seconds".into(), json!((age * 1000.0).round() / 1000.0));
            if let Link::Live { round_trip: Some(round_trip), .. } = link {
                fields.insert("round_trip_ms".into(), json!(round_trip.as_secs_f64() * 1000.0));
            }
        }
        self.json(whose, SystemTime::now(), "stats", fields)
    }

    /// A line for humans that is about no session.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.to, "{text}")?;
        self.to.flush()
    }

    fn json(
        &mut self,
        whose: Whose<'_>,
        at: SystemTime,
        word: &str,
        fields: Map<String, Value>,
    ) -> io::Result<()> {
        let time = jiff::Timestamp::try_from(at).map(|at| at.to_string()).unwrap_or_default();
        let mut event = Map::new();
        event.insert("schema".into(), 1.into());
        event.insert("event".into(), word.into());
        event.insert("time".into(), time.into());
        event.insert("session".into(), whose.id.0.into());
        event.insert("target".into(), whose.name.to_string().into());
        event.extend(fields);
        write!(self.to, "{}", json::line(&Value::Object(event)))?;
        self.to.flush()
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn json_event(kind: &EventKind) -> Option<(&'static str, Map<String, Value>)> {
    let (word, value) = match kind {
        EventKind::Started { .. }
        | EventKind::Dialing { .. }
        | EventKind::Connected { .. }
        | EventKind::Bastion { .. }
        | EventKind::Unsaved(_)
        | EventKind::Look(_) => return None,
        EventKind::State(state) => ("state", state_fields(state)),
        EventKind::Armed { interface, command_lines } => {
            ("armed", json!({"interface": clean(interface), "command": command_lines.join(" & ")}))
        }
        EventKind::Asked(question) => (
            "prompt",
            json!({"hop": question.hop, "text": question.prompt.text, "attempt": question.attempt, "open": true}),
        ),
        EventKind::Withdrawn(_) => ("prompt", json!({"open": false})),
        EventKind::Viewer(event) => ("log", json!({"source": "viewer", "text": viewer_text(event)})),
        EventKind::Log { source, text } => ("log", json!({"source": source, "text": text})),
        EventKind::Saved { file, .. } => ("saved", saving::saved_json(file)),
        EventKind::NotSaved(failure) => ("saved", saving::not_saved_json(failure)),
        EventKind::Warning { text } => ("log", json!({"source": "wrcap", "text": text})),
        EventKind::Ended(report) => ("ended", Value::Object(ended(report))),
    };
    Some((word, object(value)))
}

fn state_fields(state: &State) -> Value {
    let retry = state.gap().map(|gap| {
        let next = match state {
            State::Retrying { at, .. } => json!(at.saturating_duration_since(Instant::now()).as_secs()),
            _ => Value::Null,
        };
        json!({
            "attempt": gap.attempt,
            "of": gap.of,
            "next_seconds": next,
            "cause": json::failure(&gap.cause),
            "last": json::failure(&gap.last),
        })
    });
    json!({"state": state.word(), "error": state.failure().map(json::failure), "retry": retry})
}

/// The numbers of a session, under the names that scripts rely on.
fn numbers(sample: &Sample) -> Map<String, Value> {
    object(json!({
        "packets": sample.packets,
        "bytes": sample.captured_bytes,
        "wire_bytes": sample.wire_bytes,
        "kernel_received": sample.kernel_received,
        "kernel_dropped": sample.kernel_dropped,
        "interface_dropped": sample.interface_dropped,
        "truncated": sample.truncated,
        "stored_bytes": sample.stored_bytes,
        "evicted_packets": sample.evicted_packets,
        "viewer_missed": sample.viewer_missed,
        "gaps": sample.gaps,
        "gap_seconds": Duration::from_millis(sample.gap_millis).as_secs_f64(),
        "reconnects": sample.reconnects,
        "unwritten_packets": sample.unwritten_packets,
    }))
}

fn ended(report: &Report) -> Map<String, Value> {
    let mut fields = numbers(&report.sample);
    fields.extend(object(json!({
        "outcome": report.outcome.word(),
        "limit": report.outcome.limit().map(Limit::word),
        "complete": report.is_complete(),
        "losses": report.losses(),
        "untaken_bytes": report.untaken_bytes,
        "files": report.files.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        "file": report.file.as_ref().map(|path| path.to_string_lossy()),
        "error": match &report.outcome {
            Outcome::Failed(failure) => json::failure(failure),
            _ => Value::Null,
        },
    })));
    fields
}

fn text_line(kind: &EventKind, volume: Volume) -> Option<String> {
    let normal = volume >= Volume::Normal;
    match kind {
        EventKind::State(State::Live { link: Link::Late { .. }, .. }) if normal => {
            Some("no sign of life from the target, still waiting".into())
        }
        EventKind::State(State::Retrying { gap, at }) if normal => {
            let seconds = at.saturating_duration_since(Instant::now()).as_secs_f64().ceil();
            Some(format!("{}; try {} of {} in {seconds} s", gap.last.message, gap.attempt, gap.of))
        }
        EventKind::Dialing { command_line } if volume >= Volume::Verbose => Some(command_line.clone()),
        EventKind::Viewer(event) if normal => Some(viewer_text(event)),
        EventKind::Log { source, text } if volume >= Volume::Verbose => Some(format!("{source}: {text}")),
        // Somebody asked for it: it is said however quiet.
        EventKind::Saved { file, .. } => Some(saving::saved_text(file)),
        EventKind::NotSaved(failure) => Some(saving::not_saved_text(failure)),
        EventKind::Warning { text } if normal => Some(text.clone()),
        EventKind::Ended(report) => summary(report, volume),
        _ => None,
    }
}

fn viewer_text(event: &crate::engine::ViewerEvent) -> String {
    use crate::engine::ViewerEvent;
    match event {
        ViewerEvent::Started { program, pid } => format!("{program} started, process {pid}"),
        ViewerEvent::Exited { pid, error: None } => format!("viewer closed, process {pid}"),
        ViewerEvent::Exited { pid, error: Some(error) } => {
            format!("viewer broke off, process {pid}: {error}")
        }
        ViewerEvent::Failed(failure) => failure.message.clone(),
    }
}

/// The end of a session in one line, its hint on a second one.
fn summary(report: &Report, volume: Volume) -> Option<String> {
    let sample = &report.sample;
    let counts = format!(
        "{} {}, {} bytes, {} dropped by the kernel, {} by the interface, {} truncated",
        sample.packets,
        if sample.packets == 1 { "packet" } else { "packets" },
        sample.captured_bytes,
        sample.kernel_dropped,
        sample.interface_dropped,
        sample.truncated
    );
    let more = match report.files.len() {
        0 | 1 => String::new(),
        several => format!(" and {} before it", several - 1),
    };
    let file = report
        .file
        .as_ref()
        .map_or(String::new(), |path| format!(", in {}{more}", clean(&path.to_string_lossy())));
    match &report.outcome {
        Outcome::Failed(failure) => {
            let hint =
                failure.command_line_hint().map_or(String::new(), |hint| format!("\nhint: {}", clean(hint)));
            let counts = if sample.packets > 0 { format!(" ({counts}{file})") } else { String::new() };
            Some(format!("{}{counts}{hint}", clean(&failure.message)))
        }
        _ if volume == Volume::Quiet => None,
        Outcome::Interrupted => Some("interrupted before the capture started".into()),
        Outcome::Stopped(by) => Some(format!("{}: {counts}, {}{file}", stopped(by), verdict(report))),
    }
}

fn stopped(by: &StoppedBy) -> String {
    match by {
        StoppedBy::Limit(limit) => format!("limit reached ({})", limit.word()),
        StoppedBy::ViewerClosed => "viewer closed".into(),
        StoppedBy::SourceEnded => "the command ended".into(),
        StoppedBy::User | StoppedBy::Shutdown | StoppedBy::Failure(_) => "stopped".into(),
    }
}

fn verdict(report: &Report) -> String {
    match report.losses().as_slice() {
        [] => "complete".into(),
        losses => format!("not complete: {}", losses.join("; ")),
    }
}
