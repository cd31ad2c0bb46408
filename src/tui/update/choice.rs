//! What a command would act on, and why it may not.
//!
//! Verbs act on the marks that are shown, else on what is under the cursor; those that take only one say so where several
//! are marked. What only looks (Enter, d, l) goes by the cursor. A sheet and a detail that has the screen to itself are
//! about what they show, whatever is marked behind them.

use std::{cmp::Reverse, collections::BTreeSet};

use crate::{
    engine::SessionId,
    profile::{Target, TargetName},
    session::FailKind,
    tui::{
        answer::{AnswerForm, Keep},
        bindings::{Reason, while_open},
        catalog::Picked,
        copy,
        model::{Model, Pane},
        overlay::Overlay,
        picker::{Goal, Subject},
        sheet,
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

/// Why what takes one thing does nothing where several are marked.
const ONE: Reason = Reason("several are marked and this takes one; Esc takes the marks away");

/// What the verbs of the profiles act on that take only one.
pub(crate) fn one_profile(model: &Model) -> Result<Picked, Reason> {
    match model.catalog.picked() {
        Picked::Targets(names) if names.len() > 1 => Err(ONE),
        picked => Ok(picked),
    }
}

/// The one target that is chosen in the profiles, or that a sheet shows.
pub(crate) fn one_target(model: &Model) -> Result<&Target, Reason> {
    if let Some(name) = sheet::shown(model) {
        return model.catalog.find(name).ok_or(Reason("its profile is gone"));
    }
    match (model.catalog.chosen().as_slice(), one_profile(model)?) {
        ([target], _) => Ok(target),
        _ => Err(Reason("choose one target")),
    }
}

/// The one session that is chosen.
pub(crate) fn one_session(model: &Model) -> Result<SessionId, Reason> {
    match sessions(model).as_slice() {
        [id] => Ok(*id),
        [] => Err(Reason("there is no session here")),
        _ => Err(ONE),
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

/// Those that a restart restarts: what runs, and of several ended tries of the same the last one.
pub(crate) fn restartable(model: &Model) -> Vec<SessionId> {
    let mut ids = sessions(model);
    ids.sort_by_key(|id| Reverse(*id));
    let known = |id: &SessionId| model.sessions.all.get(id);
    let runs = |id: &SessionId| known(id).is_some_and(|session| !session.state.is_ended());
    let again = |id: &SessionId| known(id).and_then(|session| session.facts.again());
    let mut taken: Vec<&Target> = ids.iter().filter(|id| runs(id)).filter_map(again).collect();
    ids.retain(|id| {
        let fresh = again(id).is_none_or(|target| !taken.contains(&target));
        taken.extend(again(id).filter(|_| fresh));
        fresh || runs(id)
    });
    ids.sort_unstable();
    ids
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
        _ if sheet::shown(model).is_some() => one_target(model).into_iter().collect(),
        Pane::Profiles => model.catalog.chosen(),
        // Nothing is there to be chosen: what is meant is the profile under the other cursor.
        Pane::Sessions if model.sessions.all.is_empty() => model.catalog.chosen(),
        Pane::Sessions => {
            let ids = sessions(model).into_iter();
            let names = ids.filter_map(|id| model.sessions.all.get(&id)).map(|session| &session.name);
            // One target may have several sessions; it starts once.
            let mut seen = BTreeSet::new();
            names.filter(|name| seen.insert(*name)).filter_map(|name| model.catalog.find(name)).collect()
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
    one_target(model).map(|_| ())
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
    some_of(&copy::items(model)?, "there is nothing here to copy")
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
pub(crate) fn subject(model: &Model) -> Result<Subject, Reason> {
    if model.focus == Pane::Profiles && model.detailed_alone().is_none() {
        let target = one_target(model)?.clone();
        return Ok(Subject { target, of: None, goal: Goal::Capture });
    }
    let id = one_session(model)?;
    let target = model.sessions.all.get(&id).and_then(|session| session.facts.target.as_deref());
    let target = target.ok_or(Reason("nothing is known of its target yet"))?.clone();
    Ok(Subject { target, of: Some(id), goal: Goal::Capture })
}

/// Whether there is one target whose interfaces or filter can be chosen.
pub(crate) fn can_pick(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    if subject(model)?.target.command.is_some() {
        return Err(Reason("its own command decides what is captured"));
    }
    Ok(())
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
