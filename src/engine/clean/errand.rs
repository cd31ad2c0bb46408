//! Looking and ending on behalf of a front that goes on meanwhile.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{end, look};
use crate::{
    engine::bastions::Bastions,
    profile::{Target, TargetName},
    remote::leftover::{Group, Traces},
    session::Failure,
};

/// What a front wants to know or done about what earlier sessions left on a target.
#[derive(Debug)]
pub struct Errand {
    /// Where.
    pub target: Box<Target>,
    /// What.
    pub task: Task,
    /// Who is told; a front that is gone or does not listen is not waited for.
    pub reply: mpsc::Sender<Swept>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Look.
    Look,
    /// End these, which a look has found.
    End(Vec<Group>),
}

/// What came of an errand.
#[derive(Debug)]
pub struct Swept {
    /// Where.
    pub target: TargetName,
    /// What.
    pub result: Result<Outcome, Failure>,
}

/// How it went on a target that could be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This is there.
    Found(Traces),
    /// These were to be ended, and what is still there of them.
    Ended {
        /// How many processes.
        wanted: usize,
        /// What withstood.
        left: Vec<Group>,
    },
}

impl Errand {
    /// Goes there and comes back. Questions of ssh are cancelled: no session is there to ask them.
    pub(in crate::engine) async fn run(self, bastions: &Arc<Bastions>) {
        let Self { target, task, reply } = self;
        let name = target.name.clone();
        let (questions, _) = mpsc::channel(1);
        let target = Arc::from(target);
        let result = match task {
            Task::Look => look(target, bastions, questions).await.map(Outcome::Found),
            Task::End(groups) => {
                let wanted = groups.iter().map(|group| group.processes.len()).sum();
                end(target, bastions, questions, &groups).await.map(|left| Outcome::Ended { wanted, left })
            }
        };
        let _ = reply.try_send(Swept { target: name, result });
    }
}
