//! Masters against real sshd on loopback: ways, questions, failures, ends.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "helpers of tests may fail and skip")]

mod ends;
mod failures;
mod questions;
mod roads;
mod shared;
mod ssh;

use std::{fs, path::Path};

use ssh::{Lab, target::connect, until};
use tokio::sync::mpsc;
use wrcap::{
    engine::{
        askpass::{Answer, Question, Secret},
        master::Master,
    },
    profile::Target,
    session::FailKind,
};
use zeroize::Zeroizing;

/// What a channel to the target says to a command.
async fn run(master: &Master, command: &str) -> String {
    let output = master.session().raw_command(command).output().await.expect("runs");
    String::from_utf8(output.stdout).expect("text")
}

/// Answers questions; the texts of all of them come out at the end.
fn answer(
    mut questions: mpsc::Receiver<Question>,
    with: impl Fn(&Question) -> Answer + Send + 'static,
) -> tokio::task::JoinHandle<Vec<(String, u32)>> {
    tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(question) = questions.recv().await {
            seen.push((question.prompt.hop.clone(), question.attempt));
            let answer = with(&question);
            question.reply.send(answer).expect("ssh still waits");
        }
        seen
    })
}

fn typed(text: &str) -> Answer {
    Answer::Typed(Secret::new(Zeroizing::new(text.to_owned())).expect("fits"))
}

fn all_gone(dir: &Path) {
    until("all processes gone", || Lab::processes_with(dir) == 0);
    until("all files gone", || fs::read_dir(dir).expect("the folder").count() == 0);
}

/// Connects where it must fail; the kind, whether the hop is the one expected, and the words.
async fn fails(lab: &Lab, name: &str, target: &Target, kind: FailKind, hop: usize) -> String {
    let dir = lab.path(name);
    let failure = connect(lab, name, target).await.map(drop).expect_err(name);
    let expected = target.hops().nth(hop).expect("a hop").to_string();
    assert_eq!(
        (failure.kind, failure.hop.as_deref()),
        (kind, Some(expected.as_str())),
        "{name}: {failure:?}"
    );
    assert!(!failure.message.contains("UNKNOWN port"), "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
    all_gone(&dir);
    format!("{}: {}", failure.message, failure.hint.unwrap_or_default())
}
