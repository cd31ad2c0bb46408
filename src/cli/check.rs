//! `wrcap check`: the whole road to a capture, step by step, with what to do about each step that fails.

use std::{fmt::Write as _, sync::Arc};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    ask::{Asker, Asking},
    context::Context,
    error::CliError,
    exit::ExitCode,
    json, list,
};
use crate::{
    engine::{
        Answer, askpass,
        check::{Step, examine, steps},
    },
    profile::Target,
    session::Failure,
};

/// Targets that are examined at the same time: below sshd's default of 10 unauthenticated connections.
const AT_ONCE: usize = 5;
/// Questions that may wait.
const QUESTIONS: usize = 16;

/// Checks path, login, tcpdump, privilege, interface and filter of targets, without capturing.
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
}

/// Checks; gives a line a step.
pub async fn run(args: CheckArgs, context: Context) -> Result<(ExitCode, String), CliError> {
    let targets = list::load(&context.paths)?.select(&args.selectors)?.targets;
    let mut checked = Vec::with_capacity(targets.len());
    for group in targets.chunks(AT_ONCE) {
        let mut tasks = Vec::with_capacity(group.len());
        for target in group {
            let target = Arc::new(target.clone());
            let runtime = context.paths.runtime_dir()?.to_owned();
            let questions = answer_questions();
            let examined = Arc::clone(&target);
            tasks.push((target, tokio::spawn(async move { examine(examined, &runtime, questions).await })));
        }
        for (target, task) in tasks {
            let report = task.await.map_err(|error| CliError::new(ExitCode::Internal, error.to_string()))?;
            checked.push(Checked { steps: steps(&target, report), target });
        }
    }
    let told = if args.json { json::line(&to_json(&checked)) } else { checked.iter().map(text).collect() };
    Ok((total(&checked), told))
}

/// Questions go to the terminal where there is one; without one there is no answer.
pub(super) fn answer_questions() -> mpsc::Sender<askpass::Question> {
    let (sender, mut receiver) = mpsc::channel::<askpass::Question>(QUESTIONS);
    let asker = Asker::open().ok();
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

fn text(checked: &Checked) -> String {
    let mut text = format!("{}\n", checked.target.name);
    for step in &checked.steps {
        match &step.result {
            Ok(detail) => {
                let _ = writeln!(text, "  ok    {:<10} {detail}", step.name);
            }
            Err(failure) => {
                let _ = writeln!(text, "  FAIL  {:<10} {}", step.name, failure.message);
                if let Some(hint) = &failure.hint {
                    let _ = writeln!(text, "        {:<10} hint: {hint}", "");
                }
            }
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
                    Ok(detail) => json!({"step": step.name, "ok": true, "detail": detail, "error": null}),
                    Err(failure) => json!({"step": step.name, "ok": false, "detail": null, "error": json::failure(failure)}),
                })
                .collect();
            let ok = first_failure(checked).is_none();
            json!({"target": checked.target.name.to_string(), "ok": ok, "steps": steps})
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
