//! A test of the path to a target: everything a capture would need is asked for, nothing is captured.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{mpsc, oneshot};

use super::{Errand, News};
use crate::{
    engine::{
        askpass::{self, Answer},
        bastions::Bastions,
        check::{examine, steps},
        event::{Question, QuestionId, SessionId},
    },
    profile::Target,
};

/// The number that questions of tests have in place of a session's.
pub const TRIAL: SessionId = SessionId(u32::MAX);

/// Questions that may wait.
const QUESTIONS: usize = 16;

type Open = Arc<Mutex<HashMap<u32, oneshot::Sender<Answer>>>>;

/// A test that runs. Dropping it gives it up; its connection goes down with it.
#[derive(Debug)]
pub(super) struct Trial {
    open: Open,
    _test: Errand,
    _questions: Errand,
}

impl Trial {
    /// Starts one.
    pub(super) fn start(target: Target, runtime: PathBuf, news: mpsc::Sender<News>) -> Self {
        let open = Open::default();
        let (sender, questions) = mpsc::channel(QUESTIONS);
        let (mut asking, mut test) = (Errand::default(), Errand::default());
        asking.replace(pass_on(questions, Arc::clone(&open), news.clone()));
        test.replace(async move {
            let target = Arc::new(target);
            let bastions = Bastions::new(runtime);
            let report = examine(Arc::clone(&target), &bastions, sender).await;
            bastions.ended().await;
            let _ = news.send(News::Tested(steps(&target, report))).await;
        });
        Self { open, _test: test, _questions: asking }
    }

    /// Answers a question.
    pub(super) fn answer(&self, id: QuestionId, answer: Answer) {
        if let Some(reply) = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.number) {
            // ssh may have given up meanwhile.
            let _ = reply.send(answer);
        }
    }
}

/// Passes the questions of ssh on.
async fn pass_on(mut questions: mpsc::Receiver<askpass::Question>, open: Open, news: mpsc::Sender<News>) {
    let mut number = 0;
    while let Some(askpass::Question { prompt, attempt, once, reply, withdrawn }) = questions.recv().await {
        let id = QuestionId { session: TRIAL, number };
        number += 1;
        open.lock().unwrap_or_else(PoisonError::into_inner).insert(id.number, reply);
        let hop = prompt.hop.clone();
        let question = Question { id, hop, prompt, attempt: attempt + 1, once };
        let _ = news.send(News::Asked(question)).await;
        let (open, news) = (Arc::clone(&open), news.clone());
        tokio::spawn(async move {
            withdrawn.cancelled().await;
            if open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.number).is_some() {
                let _ = news.send(News::Withdrawn(id)).await;
            }
        });
    }
}
