//! What a command would act on, and why it may not.

use crate::{
    engine::SessionId,
    profile::{Target, TargetName},
    tui::{
        bindings::{Reason, while_open},
        model::{Model, Pane},
    },
};

/// The sessions that a command acts on: the chosen ones, or those of the chosen targets.
pub(crate) fn sessions(model: &Model) -> Vec<SessionId> {
    match model.focus {
        Pane::Sessions => model.sessions.chosen(),
        Pane::Profiles => {
            let chosen = model.catalog.chosen();
            let of_chosen = |name: &TargetName| chosen.iter().any(|target| target.name == *name);
            let all = model.sessions.all.iter();
            all.filter(|(_, session)| of_chosen(&session.name)).map(|(id, _)| *id).collect()
        }
        Pane::Log => Vec::new(),
    }
}

/// Whether there is a capture to save.
pub(crate) fn can_save(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    some_of(&sessions(model), "choose a capture first")
}

/// Those of them that have not ended.
pub(crate) fn active_sessions(model: &Model) -> Vec<SessionId> {
    filtered(model, |model, id| model.sessions.all.get(&id).is_some_and(|session| !session.state.is_ended()))
}

/// Those of them that have ended.
pub(crate) fn ended_sessions(model: &Model) -> Vec<SessionId> {
    filtered(model, |model, id| model.sessions.all.get(&id).is_some_and(|session| session.state.is_ended()))
}

fn filtered(model: &Model, keep: fn(&Model, SessionId) -> bool) -> Vec<SessionId> {
    sessions(model).into_iter().filter(|id| keep(model, *id)).collect()
}

/// The targets to start: the chosen ones, or those of the chosen sessions, that do not run yet.
pub(crate) fn startable(model: &Model) -> Vec<Target> {
    let chosen: Vec<&Target> = match model.focus {
        Pane::Profiles => model.catalog.chosen(),
        Pane::Sessions => {
            let names = sessions(model).into_iter().filter_map(|id| model.sessions.all.get(&id));
            let mut targets: Vec<_> = names.filter_map(|session| model.catalog.find(&session.name)).collect();
            targets.dedup_by_key(|target| &target.name);
            targets
        }
        Pane::Log => Vec::new(),
    };
    let runs = |target: &Target| {
        model.starting.contains(&target.name)
            || model.sessions.active().any(|(_, session)| session.name == target.name)
    };
    chosen.into_iter().filter(|target| !runs(target)).cloned().collect()
}

fn some_of<T>(chosen: &[T], otherwise: &'static str) -> Result<(), Reason> {
    if chosen.is_empty() { Err(Reason(otherwise)) } else { Ok(()) }
}

/// Whether a question waits.
pub(crate) fn can_answer(model: &Model) -> Result<(), Reason> {
    if model.questions.is_empty() { Err(Reason("nothing asks")) } else { Ok(()) }
}

/// Whether there is something to start.
pub(crate) fn can_start(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    if model.catalog.targets.is_empty() {
        return Err(Reason("there are no profiles yet"));
    }
    some_of(&startable(model), "what is chosen runs already")
}

/// Whether there is something to stop.
pub(crate) fn can_stop(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    some_of(&active_sessions(model), "nothing that is chosen runs")
}

/// Whether there is a session to look at.
pub(crate) fn can_view(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    some_of(&sessions(model), "nothing that is chosen has a capture")
}

/// Whether there is one target to look at.
pub(crate) fn can_sweep(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    if model.catalog.chosen().len() == 1 { Ok(()) } else { Err(Reason("choose one target")) }
}

/// Whether there is an ended session to forget.
pub(crate) fn can_dismiss(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    some_of(&ended_sessions(model), "only what has ended can be dismissed")
}

/// Whether there is something to mark.
pub(crate) fn can_mark(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    let nothing = match model.focus {
        Pane::Sessions => model.sessions.cursor.is_none(),
        Pane::Profiles => model.catalog.under_cursor().is_empty(),
        Pane::Log => true,
    };
    if nothing { Err(Reason("nothing here can be marked")) } else { Ok(()) }
}

/// Whether the process may be stopped: a stopped process takes no packets, and the target would drop them.
pub(crate) fn can_suspend(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    if model.sessions.active_count() == 0 && model.starting.is_empty() {
        Ok(())
    } else {
        Err(Reason(
            "not while captures run: a suspended wrcap takes no packets and the targets would drop them",
        ))
    }
}

/// Whether leaving can still begin.
pub(crate) fn can_quit(model: &Model) -> Result<(), Reason> {
    while_open(model)
}
