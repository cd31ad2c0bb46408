//! `wrcap check`: the whole road to a capture, step by step, with what to do about each step that fails.

use std::{fmt::Write as _, sync::Arc};

use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use super::{
    ask::{Asker, Asking},
    context::Context,
    error::CliError,
    exit::ExitCode,
    json, list, traces,
};
use crate::{
    engine::{
        Answer, askpass,
        bastions::Bastions,
        check::{Examined, Step, examine_all, steps},
    },
    profile::Target,
    remote::leftover::{Group, Traces},
    session::Failure,
};

/// Targets that are examined at the same time: below sshd's default of 10 unauthenticated connections.
pub(super) const AT_ONCE: usize = 5;
/// Questions that may wait.
const QUESTIONS: usize = 16;

/// Checks path, login, tcpdump, privilege, interface and filter of targets, without capturing.
///
/// Also says what earlier sessions left running there, and who captures there now.
#[derive(Debug, Clone, clap::Args)]
pub struct CheckArgs {
    /// SITE, SITE/TARGET, either with * and ?, or a wireshark-remote.conf
    #[arg(value_name = "SELECTOR", required = true)]
    pub selectors: Vec<String>,
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// A target and how far the road goes.
#[derive(Debug)]
struct Checked {
    target: Arc<Target>,
    steps: Vec<Step>,
    traces: Option<Traces>,
}

impl Checked {
    fn new(target: Arc<Target>, examined: Result<Examined, Failure>) -> Self {
        let (report, traces) = match examined {
            Ok(Examined { report, traces }) => (Ok(report), Some(traces)),
            Err(failure) => (Err(failure), None),
        };
        let mut steps = steps(&target, report);
        steps.extend(traces.as_ref().map(|traces| left_over(&target, traces)));
        Self { target, steps, traces: traces.and_then(Result::ok) }
    }
}

/// Checks; gives a line a step.
pub async fn run(args: CheckArgs, context: Context) -> Result<(ExitCode, String), CliError> {
    let targets = list::load(&context.paths)?.select(&args.selectors)?.targets;
    let checked = examine(targets, Bastions::new(context.paths.runtime_dir()?.to_owned())).await?;
    let told = if args.json { json::line(&to_json(&checked)) } else { checked.iter().map(text).collect() };
    Ok((total(&checked), told))
}

/// Examines targets, a few at a time. Those behind the same bastion log in to it once.
async fn examine(targets: Vec<Target>, bastions: Arc<Bastions>) -> Result<Vec<Checked>, CliError> {
    let (questions, turns) = (answer_questions(), Arc::new(Semaphore::new(AT_ONCE)));
    let mut tasks = Vec::with_capacity(targets.len());
    for target in targets.into_iter().map(Arc::new) {
        let (examined, bastions) = (Arc::clone(&target), Arc::clone(&bastions));
        let (questions, turns) = (questions.clone(), Arc::clone(&turns));
        let task = tokio::spawn(async move {
            let _turn = turns.acquire_owned().await;
            examine_all(examined, &bastions, questions).await
        });
        tasks.push((target, task));
    }
    let mut checked = Vec::with_capacity(tasks.len());
    for (target, task) in tasks {
        let report = task.await.map_err(|error| CliError::new(ExitCode::Internal, error.to_string()))?;
        checked.push(Checked::new(target, report));
    }
    bastions.ended().await;
    Ok(checked)
}

/// Questions go to the terminal where there is one; without one there is no answer.
pub(super) fn answer_questions() -> mpsc::Sender<askpass::Question> {
    let (sender, mut receiver) = mpsc::channel::<askpass::Question>(QUESTIONS);
    let asker = Asker::open(false).ok();
    tokio::spawn(async move {
        while let Some(askpass::Question { prompt, attempt, reply, .. }) = receiver.recv().await {
            let Some(asker) = &asker else { continue };
            let (typed, answer) = tokio::sync::oneshot::channel();
            asker.ask(Asking { prompt, attempt: attempt + 1, reply: typed });
            let answer = answer.await.unwrap_or(Answer::Cancel);
            let _ = reply.send(answer);
        }
    });
    sender
}

/// What earlier sessions left there is no failure, but something to do.
fn left_over(target: &Target, traces: &Result<Traces, Failure>) -> Step {
    let (told, advice) = match traces {
        Ok(traces) => {
            let left = traces.sentence();
            let advice = left.as_ref().map(|_| format!("wrcap clean {} ends them", target.name));
            let hidden = traces.hidden.then(|| "the target hides processes of other users".to_owned());
            let none = || "none".to_owned();
            let all = [Some(left.unwrap_or_else(none)), traces.users(), hidden];
            (all.into_iter().flatten().collect::<Vec<_>>().join("; "), advice)
        }
        Err(failure) => {
            let hint = || "wrcap clean looks again".to_owned();
            let told = failure.command_line_hint().map_or_else(hint, str::to_owned);
            (format!("could not look: {}", failure.message), Some(told))
        }
    };
    Step { advice, ..Step::new("leftovers", Ok(told)) }
}

fn text(checked: &Checked) -> String {
    let mut text = format!("{}\n", checked.target.name);
    for step in &checked.steps {
        let hint = match &step.result {
            Ok(detail) => {
                let word = if step.advice.is_some() { "warn" } else { "ok" };
                let _ = writeln!(text, "  {word:<4}  {:<10} {detail}", step.name);
                step.advice.as_deref()
            }
            Err(failure) => {
                let _ = writeln!(text, "  FAIL  {:<10} {}", step.name, failure.message);
                failure.command_line_hint()
            }
        };
        if let Some(hint) = hint {
            let _ = writeln!(text, "        {:<10} hint: {hint}", "");
        }
    }
    text
}

fn to_json(checked: &[Checked]) -> Value {
    let targets: Vec<Value> = checked
        .iter()
        .map(|checked| {
            let steps: Vec<Value> = checked
                .steps
                .iter()
                .map(|step| match &step.result {
                    Ok(detail) => json!({"step": step.name, "ok": true, "detail": detail, "hint": step.advice, "error": null}),
                    Err(failure) => json!({"step": step.name, "ok": false, "detail": null, "hint": null, "error": json::failure(failure)}),
                })
                .collect();
            let ok = first_failure(checked).is_none();
            let traces = checked.traces.as_ref();
            let groups = |of: fn(&Traces) -> &[Group]| traces.map(|traces| of(traces).iter().map(traces::group).collect::<Vec<_>>());
            json!({
                "target": checked.target.name.to_string(), "ok": ok, "steps": steps,
                "leftovers": groups(|traces| &traces.leftovers), "in_use": groups(|traces| &traces.in_use),
            })
        })
        .collect();
    json!({"schema": 1, "targets": targets})
}

fn first_failure(checked: &Checked) -> Option<&Failure> {
    checked.steps.iter().find_map(|step| step.result.as_ref().err())
}

fn total(checked: &[Checked]) -> ExitCode {
    let codes: Vec<ExitCode> =
        checked.iter().map(|c| first_failure(c).map_or(ExitCode::Success, ExitCode::of)).collect();
    match codes.as_slice() {
        [one] => *one,
        codes if codes.iter().all(|code| *code == ExitCode::Success) => ExitCode::Success,
        _ => ExitCode::Partial,
    }
}
