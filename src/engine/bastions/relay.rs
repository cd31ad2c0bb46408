//! Questions of a login to a bastion, on their way to the session that makes it. What the user allowed to be given
//! again is remembered for all sessions through that bastion: the next login may be another one's.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::engine::{askpass::Question, session::memory::Memory};

/// Questions that may be on their way; ssh asks one after the other.
const QUESTIONS: usize = 16;

/// Where ssh's questions go, to come to `session` unless the answer is known.
pub(super) fn relay(answers: Arc<Mutex<Memory>>, session: mpsc::Sender<Question>) -> mpsc::Sender<Question> {
    let (sender, mut questions) = mpsc::channel(QUESTIONS);
    tokio::spawn(async move {
        while let Some(question) = questions.recv().await {
            tokio::spawn(pass(question, Arc::clone(&answers), session.clone()));
        }
    });
    sender
}

/// Brings one question there and its answer back. A reply that is dropped is a question that was cancelled.
async fn pass(question: Question, answers: Arc<Mutex<Memory>>, session: mpsc::Sender<Question>) {
    let Question { prompt, attempt, once, reply, withdrawn } = question;
    let known = {
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        if attempt > 0 {
            // What is asked for again was wrong.
            answers.forget(&prompt);
        }
        answers.recall(&prompt)
    };
    if let Some(answer) = known {
        let _ = reply.send(answer);
        return;
    }
    let (back, answer) = oneshot::channel();
    let question = Question { prompt: prompt.clone(), attempt, once, reply: back, withdrawn };
    if session.try_send(question).is_ok()
        && let Ok(answer) = answer.await
    {
        answers.lock().unwrap_or_else(PoisonError::into_inner).keep(&prompt, &answer);
        let _ = reply.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::{mpsc, oneshot};
    use tokio_util::sync::CancellationToken;
    use zeroize::Zeroizing;

    use super::{Memory, Question, relay};
    use crate::{
        engine::askpass::{Answer, Secret},
        remote::prompt::{Prompt, PromptKind},
    };

    /// Puts a question of ssh.
    async fn ask(to: &mpsc::Sender<Question>, attempt: u32) -> oneshot::Receiver<Answer> {
        let kind = PromptKind::Password { who: "a@b".into() };
        let prompt = Prompt { kind, text: "a@b's password:".into(), hop: "b".into() };
        let (reply, answer) = oneshot::channel();
        let withdrawn = CancellationToken::new();
        to.send(Question { prompt, attempt, once: false, reply, withdrawn }).await.unwrap();
        answer
    }

    fn text(answer: &Answer) -> &str {
        match answer {
            Answer::Typed(secret) => secret.text(),
            _ => "none",
        }
    }

    #[tokio::test]
    async fn the_next_session_is_not_asked_for_what_may_be_given_again() {
        let answers = Arc::new(Mutex::new(Memory::default()));
        let (session, mut asked) = mpsc::channel(1);
        let ssh = relay(Arc::clone(&answers), session);
        let answer = ask(&ssh, 0).await;
        let typed = Secret::new(Zeroizing::new("abc".to_owned())).unwrap().reusable();
        asked.recv().await.unwrap().reply.send(Answer::Typed(typed)).unwrap();
        assert_eq!(text(&answer.await.unwrap()), "abc");

        let (session, mut asked) = mpsc::channel(1);
        let ssh = relay(answers, session);
        assert_eq!(text(&ask(&ssh, 0).await.await.unwrap()), "abc");
        assert!(asked.try_recv().is_err(), "asked although the answer is known");
        // It was wrong: a human has to say another one, and says nothing.
        let answer = ask(&ssh, 1).await;
        drop(asked.recv().await.unwrap());
        assert!(answer.await.is_err());
    }

    #[tokio::test]
    async fn a_session_that_is_gone_answers_nothing() {
        let (session, _) = mpsc::channel(1);
        let ssh = relay(Arc::default(), session);
        assert!(ask(&ssh, 0).await.await.is_err());
    }
}
