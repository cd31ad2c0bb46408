//! `wrcap clean`: ends what earlier sessions left behind on targets.

use std::{collections::BTreeMap, fmt::Write as _, io, sync::Arc};

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
/// Only processes that wrcap started and that nobody watches any more. Those of other users, and those that do not say
/// whose they are, are ended only if you say yes to a question that names them, or with --all. Captures that are being
/// watched are shown and left alone.
#[derive(Debug, Clone, clap::Args)]
pub struct CleanArgs {
    /// SITE, SITE/TARGET, either with * and ?, or a wireshark-remote.conf
    #[arg(value_name = "SELECTOR", required = true)]
    pub selectors: Vec<String>,
    /// End what this user on this machine left, without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Also end what others left or nobody says is theirs, and this user's captures that are being watched
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
    let (found, mut done) = look(targets, &bastions, Reach::of(&args)).await?;
    let number: usize = found.iter().map(|found| processes(&found.chosen)).sum();
    if !args.json {
        put(&mut io::stdout(), found.iter().map(shown).collect::<String>())?;
    }
    let wanted = if number == 0 || args.yes { Wish::Yes } else { ask(&found).await };
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
    reach: Reach,
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
                    let chosen = choose(&traces, reach);
                    found.push(Found { target, visit, traces, chosen });
                }
                Err(failure) => failed.push(Done { target, result: Err(failure) }),
            }
        }
    }
    Ok((found, failed))
}

/// How far an order goes. Leftovers of others are never ended unless somebody said so who knew of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// What this user on this machine left.
    Own,
    /// All leftovers: the question names those whose they are.
    Asked,
    /// All leftovers, and this user's captures that run.
    All,
}

impl Reach {
    fn of(args: &CleanArgs) -> Self {
        match (args.all, args.yes) {
            (true, _) => Self::All,
            (false, true) => Self::Own,
            (false, false) => Self::Asked,
        }
    }
}

fn choose(traces: &Traces, reach: Reach) -> Vec<Group> {
    let left = traces.leftovers.iter().filter(|group| reach != Reach::Own || is_ours(group));
    let watched = traces.in_use.iter().filter(|group| reach == Reach::All && is_ours(group));
    left.chain(watched).cloned().collect()
}

/// Whether this user on this machine started it, by its own words.
fn is_ours(group: &Group) -> bool {
    group.owner().is_some_and(|owner| *owner == client())
}

fn processes(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.processes.len()).sum()
}

/// What a user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Yes,
    No,
    /// There is no terminal.
    Unknown,
}

async fn ask(found: &[Found]) -> Wish {
    let Ok(asker) = Asker::open(false) else { return Wish::Unknown };
    let (reply, answer) = oneshot::channel();
    let text = question(found.iter().map(|found| found.chosen.as_slice()));
    let prompt = Prompt { kind: PromptKind::Confirm, text, hop: "wrcap".into() };
    asker.ask(Asking { prompt, attempt: 1, reply });
    if let Ok(Answer::Accept) = answer.await { Wish::Yes } else { Wish::No }
}

/// What is to be ended, and whose that is which is not this user's.
fn question<'a>(chosen: impl Iterator<Item = &'a [Group]>) -> String {
    let chosen: Vec<&[Group]> = chosen.filter(|groups| !groups.is_empty()).collect();
    let mut others = BTreeMap::new();
    for group in chosen.iter().copied().flatten().filter(|group| !is_ours(group)) {
        let owner = group.owner().map_or_else(|| "somebody unknown".to_owned(), ToString::to_string);
        *others.entry(owner).or_insert(0) += group.processes.len();
    }
    let others: Vec<String> = others.iter().map(|(owner, number)| format!("{number} of {owner}")).collect();
    let whose = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
    let number = counted(chosen.iter().map(|groups| processes(groups)).sum(), "process", "processes");
    format!("end {number} on {}{whose}?", counted(chosen.len(), "target", "targets"))
}

/// What is on a target, before anything is ended.
fn shown(found: &Found) -> String {
    let mut text = format!("{}\n", found.target.name);
    let none = || "nothing of an earlier session".to_owned();
    let _ = writeln!(text, "  left    {}", found.traces.sentence().unwrap_or_else(none));
    for group in &found.traces.leftovers {
        list_processes(&mut text, group);
        if !found.chosen.contains(group) {
            let whose = match group.owner() {
                Some(_) => format!("not yours ({})", group.whose()),
                None => "whose it is cannot be told".to_owned(),
            };
            let _ = writeln!(text, "          {whose}: left alone; --all ends it too");
        }
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
            let hint = failure.command_line_hint().map_or(String::new(), |hint| format!("  hint: {hint}\n"));
            return format!("{name}: {}\n{hint}", failure.message);
        }
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::{label::Label, minder::Tag, sweep::Sweep};

    /// What two minders left, this user's and bob's, and a tcpdump that lost both.
    fn traces() -> Traces {
        let own = format!("11111111111111111111111111111111:lab/t1:{}:1700000000", client());
        let bob = "22222222222222222222222222222222:lab/t1:bob@desk:1700000000";
        let sudo = |label: &str| format!("sudo -n -p wrcap-{label} -- tcpdump -U -n -i cap0 -w - --");
        let alone = "tcpdump -U -n -i cap0 -w - -- not (tcp and host 10.0.0.9 and port 5 and host 10.0.0.1 and port 22)";
        let lines = [sudo(&own), sudo(bob), alone.to_owned()];
        let processes =
            (51..).zip(&lines).map(|(pid, args)| format!("process {pid} 1 {pid} 0 7 60 S {args}\n"));
        let tag = Tag::new("look").unwrap();
        let text = format!("wrcap-sweep {tag}\n{}wrcap-sweep-end {tag}", processes.collect::<String>());
        assert!(Label::parse(&own).is_some());
        Traces::of(&Sweep::parse(text.as_bytes(), &tag).unwrap(), &tag)
    }

    #[test]
    fn without_a_question_only_ones_own_is_ended() {
        let traces = traces();
        let pids = |reach| {
            let chosen = choose(&traces, reach);
            let mut pids: Vec<u32> =
                chosen.iter().flat_map(|group| &group.processes).map(|p| p.pid).collect();
            pids.sort_unstable();
            pids
        };
        assert_eq!(pids(Reach::Own), [51]);
        assert_eq!(pids(Reach::Asked), [51, 52, 53]);
        assert_eq!(pids(Reach::All), [51, 52, 53]);
    }

    #[test]
    fn a_question_says_what_is_not_ones_own() {
        let traces = traces();
        let words = |reach| question([choose(&traces, reach).as_slice()].into_iter());
        assert_eq!(words(Reach::Own), "end 1 process on 1 target?");
        assert_eq!(
            words(Reach::Asked),
            "end 3 processes on 1 target (1 of bob@desk, 1 of somebody unknown)?"
        );
    }
}
