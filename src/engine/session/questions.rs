//! Questions of one session that wait for a human.

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::{
    engine::{
        askpass,
        event::{Question, QuestionId, SessionId},
    },
    remote::prompt::{Prompt, PromptKind},
};

/// The questions that are open.
#[derive(Debug)]
pub(in crate::engine) struct Questions {
    session: SessionId,
    next: u32,
    open: HashMap<u32, oneshot::Sender<askpass::Answer>>,
    withdrawals: FuturesUnordered<Withdrawal>,
}

type Withdrawal = std::pin::Pin<Box<dyn Future<Output = u32> + Send>>;

impl Questions {
    pub(in crate::engine) fn new(session: SessionId) -> Self {
        Self { session, next: 0, open: HashMap::new(), withdrawals: FuturesUnordered::new() }
    }

    /// True if nobody has to answer anything.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes a question of ssh in; gives what is to be shown.
    pub(in crate::engine) fn ask(&mut self, question: askpass::Question) -> Question {
        let askpass::Question { prompt, attempt, reply, withdrawn } = question;
        self.add(prompt, attempt + 1, reply, withdrawn.cancelled_owned())
    }

    /// Takes a question of wrcap's own in: sudo's password on the target.
    pub(super) fn ask_password(
        &mut self,
        hop: &str,
        who: &str,
        attempt: u32,
    ) -> (Question, oneshot::Receiver<askpass::Answer>) {
        let (reply, answer) = oneshot::channel();
        let text = format!("[sudo] password for {who} on {hop}:");
        let prompt = Prompt { kind: PromptKind::Password { who: who.to_owned() }, text, hop: hop.to_owned() };
        (self.add(prompt, attempt, reply, CancellationToken::new().cancelled_owned()), answer)
    }

    fn add(
        &mut self,
        prompt: Prompt,
        attempt: u32,
        reply: oneshot::Sender<askpass::Answer>,
        withdrawn: WaitForCancellationFutureOwned,
    ) -> Question {
        let number = self.next;
        self.next += 1;
        self.open.insert(number, reply);
        self.withdrawals.push(Box::pin(async move {
            withdrawn.await;
            number
        }));
        let id = QuestionId { session: self.session, number };
        Question { id, hop: prompt.hop.clone(), prompt, attempt }
    }

    /// Passes an answer on.
    pub(in crate::engine) fn answer(&mut self, number: u32, answer: askpass::Answer) {
        if let Some(reply) = self.open.remove(&number) {
            // Whoever asked may be gone, which is its own news.
            let _ = reply.send(answer);
        }
    }

    /// Waits for a question that is open and needs no answer any more.
    pub(in crate::engine) async fn withdrawn(&mut self) -> QuestionId {
        loop {
            match self.withdrawals.next().await {
                Some(number) if self.open.remove(&number).is_some() => {
                    return QuestionId { session: self.session, number };
                }
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Cancels all that is open.
    pub(in crate::engine) fn cancel(&mut self) -> Vec<QuestionId> {
        self.open.drain().map(|(number, _)| QuestionId { session: self.session, number }).collect()
    }
}
