//! `wrcap clean`: ends what earlier sessions left behind on targets.

use std::{fmt::Write as _, io, sync::Arc};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    ask::{Asker, Asking},
    check::{AT_ONCE, answer_questions},
    context::Context,
    error::{CliError, put},
    exit::ExitCode,
    json, list, traces,
};
use crate::{
    engine::{Answer, bastions::Bastions, clean::Visit, client},
    profile::Target,
    remote::{
        leftover::{Group, Traces, counted},
        prompt::{Prompt, PromptKind},
        text::clean,
    },
    session::Failure,
};

/// Ends what earlier sessions left behind on targets, after showing it and asking.
///
/// Only processes that wrcap started and that nobody watches any more. Captures that are being watched are shown and
/// left alone.
#[derive(Debug, Clone, clap::Args)]
pub struct CleanArgs {
    /// SITE, SITE/TARGET, either with * and ?, or a wireshark-remote.conf
    #[arg(value_name = "SELECTOR", required = true)]
    pub selectors: Vec<String>,
    /// End them without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Also end captures that are being watched, if this user on this machine started them
    #[arg(long)]
    pub all: bool,
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// A target, what is there, and what is to be ended of it.
struct Found {
    target: Arc<Target>,
    visit: Visit,
    traces: Traces,
    chosen: Vec<Group>,
}

/// What came of a target.
struct Done {
    target: Arc<Target>,
    result: Result<Account, Failure>,
}

/// How it went on a target that could be looked at.
struct Account {
    traces: Traces,
    /// What was to be ended.
    chosen: Vec<Group>,
    /// What is still there of it; `None` when nobody wanted it ended.
    left: Option<Vec<Group>>,
}

/// Looks, shows, asks, ends.
pub async fn run(args: CleanArgs, context: Context) -> Result<(ExitCode, String), CliError> {
    let targets = list::load(&context.paths)?.select(&args.selectors)?.targets;
    let bastions = Bastions::new(context.paths.runtime_dir()?.to_owned());
    let (found, mut done) = look(targets, &bastions, args.all).await?;
    let number: usize = found.iter().flat_map(|found| &found.chosen).map(|group| group.processes.len()).sum();
    let places = found.iter().filter(|found| !found.chosen.is_empty()).count();
    if !args.json {
        put(&mut io::stdout(), found.iter().map(shown).collect::<String>())?;
    }
    let wanted = if number == 0 || args.yes { Wish::Yes } else { ask(number, places).await };
    for Found { target, visit, traces, chosen } in found {
        let result = match wanted {
            Wish::Yes if chosen.is_empty() => Ok(Some(Vec::new())),
            Wish::Yes => visit.end(&chosen).await.map(Some),
            Wish::No | Wish::Unknown => Ok(None),
        };
        visit.close().await;
        done.push(Done { target, result: result.map(|left| Account { traces, chosen, left }) });
    }
    bastions.ended().await;
    let told = if args.json { json::line(&to_json(&done)) } else { done.iter().map(told).collect() };
    if let Wish::Unknown = wanted {
        put(&mut io::stdout(), told)?;
        return Err(CliError::usage("nothing was ended, as there is no terminal to ask on")
            .hint("--yes ends it without asking"));
    }
    Ok((total(&done), told))
}

/// Logs in and looks, at a few targets at a time; the connections stay for what follows.
async fn look(
    targets: Vec<Target>,
    bastions: &Arc<Bastions>,
    all: bool,
) -> Result<(Vec<Found>, Vec<Done>), CliError> {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    let mut waiting = targets.into_iter().map(Arc::new).peekable();
    while waiting.peek().is_some() {
        let mut tasks = Vec::with_capacity(AT_ONCE);
        for target in waiting.by_ref().take(AT_ONCE) {
            let bastions = Arc::clone(bastions);
            let (questions, visited) = (answer_questions(), Arc::clone(&target));
            let task = tokio::spawn(async move {
                let visit = Visit::open(visited, &bastions, questions).await?;
                let traces = visit.look().await;
                match traces {
                    Ok(traces) => Ok((visit, traces)),
                    Err(failure) => {
                        visit.close().await;
                        Err(failure)
                    }
                }
            });
            tasks.push((target, task));
        }
        for (target, task) in tasks {
            match task.await.map_err(|error| CliError::new(ExitCode::Internal, error.to_string()))? {
                Ok((visit, traces)) => {
                    let chosen = choose(&traces, all);
                    found.push(Found { target, visit, traces, chosen });
                }
                Err(failure) => failed.push(Done { target, result: Err(failure) }),
            }
        }
    }
    Ok((found, failed))
}

/// What is left over, and with `all` our own captures that run.
fn choose(traces: &Traces, all: bool) -> Vec<Group> {
    let us = client();
    let ours = |group: &&Group| group.label.as_ref().is_some_and(|label| label.client.as_ref() == Some(&us));
    let watched = traces.in_use.iter().filter(|group| all && ours(group));
    traces.leftovers.iter().chain(watched).cloned().collect()
}

/// What a user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Yes,
    No,
    /// There is no terminal.
    Unknown,
}

async fn ask(processes: usize, targets: usize) -> Wish {
    let Ok(asker) = Asker::open(false) else { return Wish::Unknown };
    let (reply, answer) = oneshot::channel();
    let places = counted(targets, "target", "targets");
    let text = format!("end {} on {places}?", counted(processes, "process", "processes"));
    let prompt = Prompt { kind: PromptKind::Confirm, text, hop: "wrcap".into() };
    asker.ask(Asking { prompt, attempt: 1, reply });
    if let Ok(Answer::Accept) = answer.await { Wish::Yes } else { Wish::No }
}

/// What is on a target, before anything is ended.
fn shown(found: &Found) -> String {
    let mut text = format!("{}\n", found.target.name);
    let none = || "nothing of an earlier session".to_owned();
    let _ = writeln!(text, "  left    {}", found.traces.sentence().unwrap_or_else(none));
    for group in &found.traces.leftovers {
        list_processes(&mut text, group);
    }
    for group in &found.traces.in_use {
        let fate = if found.chosen.contains(group) { "to be ended too" } else { "left alone" };
        let _ = writeln!(text, "  in use  by {}: {fate}", group.user());
        if found.chosen.contains(group) {
            list_processes(&mut text, group);
        }
    }
    if found.traces.hidden {
        text += "  note    the target hides processes of other users: there may be more\n";
    }
    text
}

fn list_processes(text: &mut String, group: &Group) {
    for process in &group.processes {
        let _ = writeln!(text, "          {:>7}  {}", process.pid, clean(&process.args));
    }
}

/// How it went on a target.
fn told(done: &Done) -> String {
    let name = &done.target.name;
    let account = match &done.result {
        Ok(account) => account,
        Err(failure) => {
            let hint = failure.hint.as_ref().map_or(String::new(), |hint| format!("  hint: {hint}\n"));
            return format!("{name}: {}\n{hint}", failure.message);
        }
    };
    let processes = |groups: &[Group]| groups.iter().map(|group| group.processes.len()).sum::<usize>();
    let number = processes(&account.chosen);
    match &account.left {
        _ if number == 0 => String::new(),
        None => format!("{name}: nothing was ended\n"),
        Some(left) if left.is_empty() => {
            format!("{name}: ended {}\n", counted(number, "process", "processes"))
        }
        Some(left) => {
            let pids: Vec<String> = left
                .iter()
                .flat_map(|group| &group.processes)
                .map(|process| process.pid.to_string())
                .collect();
            let still = counted(pids.len(), "process is", "processes are");
            format!(
                "{name}: {still} still there\n  hint: as root on the target: kill -KILL {}\n",
                pids.join(" ")
            )
        }
    }
}

fn to_json(done: &[Done]) -> Value {
    let groups = |groups: &[Group]| groups.iter().map(traces::group).collect::<Vec<_>>();
    let targets: Vec<Value> = done
        .iter()
        .map(|done| {
            let target = done.target.name.to_string();
            match &done.result {
                Ok(Account { traces, chosen, left }) => json!({
                    "target": target, "ok": code(done) == ExitCode::Success, "error": null,
                    "leftovers": groups(&traces.leftovers), "in_use": groups(&traces.in_use),
                    "chosen": groups(chosen),
                    "still_there": left.as_ref().map(|left| groups(left)),
                }),
                Err(failure) => json!({"target": target, "ok": false, "error": json::failure(failure)}),
            }
        })
        .collect();
    json!({"schema": 1, "targets": targets})
}

fn code(done: &Done) -> ExitCode {
    match &done.result {
        Err(failure) => ExitCode::of(failure),
        Ok(Account { left: Some(left), .. }) if !left.is_empty() => ExitCode::Capture,
        Ok(_) => ExitCode::Success,
    }
}

fn total(done: &[Done]) -> ExitCode {
    let codes: Vec<ExitCode> = done.iter().map(code).collect();
    match codes.as_slice() {
        [one] => *one,
        codes if codes.iter().all(|code| *code == ExitCode::Success) => ExitCode::Success,
        _ => ExitCode::Partial,
    }
}
