//! Questions of ssh and sudo, on their way to a human and back.

use super::{driver::Driver, work::Done};
use crate::{
    engine::{
        askpass,
        event::{EventKind, Question},
    },
    session::{Input, State},
};

/// How often sudo's password may be tried; sudo's own default.
const PASSWORD_TRIES: u32 = 3;

impl Driver {
    pub(super) async fn asked(&mut self, question: Question) {
        let text = question.prompt.text.clone();
        self.voice.say(EventKind::Asked(question)).await;
        self.input(Input::Asked(text)).await;
    }

    pub(super) async fn answered(&mut self) {
        if self.questions.is_empty() {
            self.input(Input::Answered).await;
        }
    }

    /// Asks for sudo's password; the answer comes back as work that is done.
    pub(super) async fn ask_password(&mut self) {
        self.account.password_tries += 1;
        let who = self.plan.as_ref().map_or(String::new(), |plan| plan.user.clone());
        let hop = self.target.host.host.clone();
        let (question, answer) = self.questions.ask_password(&hop, &who, self.account.password_tries);
        self.work =
            Some(Box::pin(async move { Done::Password(answer.await.unwrap_or(askpass::Answer::Cancel)) }));
        if let Some(question) = question {
            self.asked(question).await;
        }
    }

    pub(super) fn may_ask_again(&self) -> bool {
        matches!(self.machine.state(), State::Arming { .. })
            && self.plan.as_ref().is_some_and(|plan| plan.settings.way.needs_password())
            && self.account.password_tries < PASSWORD_TRIES
    }

    /// Goes on with sudo's password, or ends without one.
    pub(super) async fn password(&mut self, answer: askpass::Answer) {
        let askpass::Answer::Typed(secret) = answer else {
            if let Some(failure) = self.plan.as_ref().map(|plan| plan.unanswered()) {
                self.input(Input::Failed(failure)).await;
            }
            return;
        };
        if let Some(plan) = &mut self.plan {
            plan.settings.password = Some(secret.into_inner());
        }
        if matches!(self.machine.state(), State::Arming { .. }) {
            self.arm();
        } else {
            self.input(Input::Probed).await;
        }
    }
}
