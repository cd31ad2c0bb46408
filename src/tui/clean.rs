//! What earlier sessions left on a target: looking for it, the box that shows it, and ending it.

use super::{
    model::{Model, Phase},
    msg::Effect,
    overlay::{Button, Confirm, Overlay},
    theme::Role,
    update::choice,
};
use crate::{
    engine::clean::{Outcome, Swept, Task},
    profile::TargetName,
    remote::{
        leftover::{Group, Traces, counted},
        text::clean,
    },
    session::Failure,
};

/// What a look found and may end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leftovers {
    /// Where.
    pub(crate) target: TargetName,
    /// What.
    pub(crate) groups: Vec<Group>,
}

/// Looks at the chosen target.
pub(crate) fn look(model: &mut Model) -> Vec<Effect> {
    let Ok(target) = choice::one_target(model).map(|target| Box::new(target.clone())) else {
        return Vec::new();
    };
    model.say(target.name.to_string(), "looking for what earlier sessions left behind", Role::Muted);
    model.notice = Some(format!("looking at {}", target.name));
    vec![Effect::Sweep(target, Task::Look)]
}

/// Takes in what came of it.
pub(crate) fn hear(model: &mut Model, swept: Swept) {
    let name = swept.target.to_string();
    match swept.result {
        Ok(Outcome::Found(traces)) => found(model, swept.target, traces),
        Ok(Outcome::Ended { wanted, left }) if left.is_empty() => {
            tell(model, name, format!("ended {}", counted(wanted, "process", "processes")), Role::Ok);
        }
        Ok(Outcome::Ended { left, .. }) => {
            let pids: Vec<String> = processes(&left).map(|process| process.pid.to_string()).collect();
            tell(model, name.clone(), "not everything could be ended".to_owned(), Role::Error);
            let hint = format!("hint: as root on the target: kill -KILL {}", pids.join(" "));
            model.say(name, hint, Role::Muted);
        }
        Err(failure) => failed(model, &name, &failure),
    }
}

fn found(model: &mut Model, target: TargetName, traces: Traces) {
    let name = target.to_string();
    if let Some(users) = traces.users() {
        model.say(name.clone(), users, Role::Text);
    }
    match traces.sentence() {
        // A box must not take the keys from somebody who types into another one.
        Some(sentence) if !model.overlays.is_empty() || model.phase == Phase::Leaving => {
            tell(model, name, format!("{sentence}; K asks about them"), Role::Warn);
        }
        Some(sentence) => {
            tell(model, name, sentence, Role::Warn);
            let what = Confirm::Clean(Leftovers { target, groups: traces.leftovers });
            model.overlays.push(Overlay::Confirm { what, button: Button::default() });
        }
        None => tell(model, name, "nothing of an earlier session is there".to_owned(), Role::Ok),
    }
}

fn failed(model: &mut Model, name: &str, failure: &Failure) {
    tell(model, name.to_owned(), failure.message.clone(), Role::Error);
    if let Some(hint) = &failure.hint {
        model.say(name, format!("hint: {hint}"), Role::Muted);
    }
    model.say(name, format!("hint: in a terminal wrcap clean {name} asks what ssh asks"), Role::Muted);
}

/// Into the log, and where the key was pressed.
fn tell(model: &mut Model, name: String, text: String, role: Role) {
    model.notice = Some(format!("{name}: {text}"));
    model.say(name, text, role);
}

/// Ends what the box showed.
pub(crate) fn end(model: &Model, what: Leftovers) -> Vec<Effect> {
    let target = model.catalog.find(&what.target).cloned();
    target.map(|target| Effect::Sweep(Box::new(target), Task::End(what.groups))).into_iter().collect()
}

fn processes(groups: &[Group]) -> impl Iterator<Item = &crate::remote::sweep::Process> {
    groups.iter().flat_map(|group| &group.processes)
}

impl Leftovers {
    /// The number of processes.
    pub(crate) fn number(&self) -> usize {
        processes(&self.groups).count()
    }

    /// What the box asks.
    pub(crate) fn question(&self) -> String {
        let number = counted(self.number(), "process", "processes");
        format!("End {number} on {} that nobody watches any more?", self.target)
    }

    /// A line for each session and for what it captures.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.groups.iter().flat_map(|group| {
            let number = counted(group.processes.len(), "process", "processes");
            [format!("  {}: {number}", group.whose()), format!("    {}", clean(group.command()))]
        })
    }
}
