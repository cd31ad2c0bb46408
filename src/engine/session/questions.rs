//! Questions of one session that wait for a human.

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::memory::Memory;
use crate::{
    engine::{
        askpass,
        event::{Question, QuestionId, SessionId},
    },
    remote::prompt::{Prompt, PromptKind},
};

/// The questions that are open.
pub(in crate::engine) struct Questions {
    session: SessionId,
    next: u32,
    open: HashMap<u32, (Prompt, oneshot::Sender<askpass::Answer>)>,
    memory: Memory,
    withdrawals: FuturesUnordered<Withdrawal>,
}

type Withdrawal = std::pin::Pin<Box<dyn Future<Output = u32> + Send>>;

impl Questions {
    pub(in crate::engine) fn new(session: SessionId) -> Self {
        Self {
            session,
            next: 0,
            open: HashMap::new(),
            memory: Memory::default(),
            withdrawals: FuturesUnordered::new(),
        }
    }

    /// True if nobody has to answer anything.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes a question of ssh in; gives what is to be shown, unless the answer is known.
    pub(in crate::engine) fn ask(&mut self, question: askpass::Question) -> Option<Question> {
        let askpass::Question { prompt, attempt, once, reply, withdrawn } = question;
        let reply = self.known(&prompt, attempt, reply)?;
        let withdrawn = withdrawn.cancelled_owned();
        Some(Question { once, ..self.add(prompt, attempt + 1, reply, withdrawn) })
    }

    /// Answers from memory; gives the reply back if there is no answer in it. One that is asked for again was wrong.
    fn known(
        &mut self,
        prompt: &Prompt,
        attempt: u32,
        reply: oneshot::Sender<askpass::Answer>,
    ) -> Option<oneshot::Sender<askpass::Answer>> {
        if attempt > 0 {
            self.memory.forget(prompt);
        }
        match self.memory.recall(prompt) {
            Some(answer) => {
                let _ = reply.send(answer);
                None
            }
            None => Some(reply),
        }
    }

    /// Takes a question of wrcap's own in: sudo's password on the target.
    pub(super) fn ask_password(
        &mut self,
        hop: &str,
        who: &str,
        attempt: u32,
    ) -> (Option<Question>, oneshot::Receiver<askpass::Answer>) {
        let (reply, answer) = oneshot::channel();
        let text = format!("[sudo] password for {who} on {hop}:");
        let prompt = Prompt { kind: PromptKind::Password { who: who.to_owned() }, text, hop: hop.to_owned() };
        let open = self.known(&prompt, attempt.saturating_sub(1), reply);
        let never = CancellationToken::new().cancelled_owned();
        (open.map(|reply| self.add(prompt, attempt, reply, never)), answer)
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
        self.open.insert(number, (prompt.clone(), reply));
        self.withdrawals.push(Box::pin(async move {
            withdrawn.await;
            number
        }));
        let id = QuestionId { session: self.session, number };
        Question { id, hop: prompt.hop.clone(), prompt, attempt, once: false }
    }

    /// Passes an answer on.
    pub(in crate::engine) fn answer(&mut self, number: u32, answer: askpass::Answer) {
        if let Some((prompt, reply)) = self.open.remove(&number) {
            self.memory.keep(&prompt, &answer);
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
