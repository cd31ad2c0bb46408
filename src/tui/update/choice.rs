//! What a command would act on, and why it may not.

use crate::{
    engine::SessionId,
    profile::{Target, TargetName},
    session::FailKind,
    tui::{
        answer::{AnswerForm, Keep},
        bindings::{Reason, while_open},
        copy,
        model::{Model, Pane},
        overlay::Overlay,
        picker::{Goal, Subject},
    },
};

/// The sessions that a command acts on: the chosen ones, or those of the chosen targets.
pub(crate) fn sessions(model: &Model) -> Vec<SessionId> {
    if let Some(id) = model.detailed_alone() {
        return vec![id];
    }
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
        // Nothing is there to be chosen: what is meant is the profile under the other cursor.
        Pane::Sessions if model.sessions.all.is_empty() => model.catalog.chosen(),
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
    if model.focus == Pane::Sessions && sessions(model).is_empty() && !model.sessions.all.is_empty() {
        return Err(Reason("no session is chosen; the profiles are below: 2 or Tab"));
    }
    some_of(&startable(model), "what is chosen runs already")
}

/// Whether there is something to stop.
pub(crate) fn can_stop(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    some_of(&active_sessions(model), "nothing that is chosen runs")
}

/// The sessions whose packets a viewer can show.
pub(crate) fn viewable(model: &Model) -> Vec<SessionId> {
    filtered(model, |model, id| {
        let facts = model.sessions.all.get(&id).map(|session| &session.facts);
        facts.is_some_and(|facts| facts.live_at.is_some() && facts.wants_viewer())
    })
}

/// Whether there is a session to look at.
pub(crate) fn can_view(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    let sessions = sessions(model);
    some_of(&sessions, "nothing that is chosen has a capture")?;
    let facts = || sessions.iter().filter_map(|id| model.sessions.all.get(id)).map(|session| &session.facts);
    if facts().all(|facts| !facts.wants_viewer()) {
        return Err(Reason("it was started without a viewer; S saves what it holds"));
    }
    some_of(&viewable(model), "no packets can have come yet")
}

/// Whether what is chosen failed because its viewer could not be opened.
pub(crate) fn lacks_viewer(model: &Model) -> bool {
    let names: Vec<TargetName> = startable(model).into_iter().map(|target| target.name).collect();
    let failed = |name: &TargetName| {
        let session = model.sessions.all.values().rev().find(|session| session.name == *name)?;
        Some(session.state.failure()?.kind == FailKind::Viewer)
    };
    names.iter().any(|name| failed(name) == Some(true))
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

/// Whether the terminal may be given back for a while.
pub(crate) fn can_suspend(model: &Model) -> Result<(), Reason> {
    while_open(model)
}

/// Whether there is something to copy.
pub(crate) fn can_copy(model: &Model) -> Result<(), Reason> {
    some_of(&copy::items(model), "there is nothing here to copy")
}

/// Whether leaving can still begin.
pub(crate) fn can_quit(model: &Model) -> Result<(), Reason> {
    while_open(model)
}

/// Whether there is a session to stop and start again, or to start again.
pub(crate) fn can_restart(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    some_of(&sessions(model), "there is no session here")
}

/// Whether there is a session to look at closely.
pub(crate) fn can_detail(model: &Model) -> Result<(), Reason> {
    if model.sessions.cursor.is_none() { Err(Reason("there is no session here")) } else { Ok(()) }
}

/// Whether a graph is to be seen whose reach can change.
pub(crate) fn can_zoom(model: &Model) -> Result<(), Reason> {
    if model.detailed().is_none() {
        Err(Reason("the details are not open: Enter opens them"))
    } else {
        Ok(())
    }
}

/// What the boxes about interfaces and filters would be about: one session, or one target.
pub(crate) fn subject(model: &Model) -> Option<Subject> {
    if model.focus == Pane::Profiles && model.detailed_alone().is_none() {
        return match model.catalog.chosen().as_slice() {
            [target] => Some(Subject { target: (*target).clone(), of: None, goal: Goal::Capture }),
            _ => None,
        };
    }
    match sessions(model).as_slice() {
        [id] => {
            let session = model.sessions.all.get(id)?;
            let target = session.facts.target.as_deref()?.clone();
            Some(Subject { target, of: Some(*id), goal: Goal::Capture })
        }
        _ => None,
    }
}

/// Whether there is one target whose interfaces or filter can be chosen.
pub(crate) fn can_pick(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    match subject(model) {
        None => Err(Reason("choose one target or one session")),
        Some(subject) if subject.target.command.is_some() => {
            Err(Reason("its own command decides what is captured"))
        }
        Some(_) => Ok(()),
    }
}

/// Whether the secret that is typed can serve again.
pub(crate) fn can_keep(model: &Model) -> Result<(), Reason> {
    match model.overlays.last() {
        Some(Overlay::Question { form: AnswerForm::Secret(form), .. }) if form.keep == Keep::Never => {
            Err(Reason("this answer can be used only once"))
        }
        _ => Ok(()),
    }
}
