//! Picking interfaces and changing filters.

use super::{choice, command, restart, trial};
use crate::{
    engine::{LookNews, SessionId},
    profile::{Interface, MAX_INTERFACES, Target},
    remote::{exclude, probe::FilterCheck},
    tui::{
        bindings::Reason,
        box_keys::PickCmd,
        form,
        model::{Model, Pane},
        msg::Effect,
        overlay::Overlay,
        picker::{FilterBox, Goal, List, Looking, Picker, Stage, Subject, Verdict},
        text::TextInput,
    },
};

/// Performs a command of these boxes.
pub(super) fn perform(model: &mut Model, cmd: PickCmd) -> Vec<Effect> {
    match cmd {
        PickCmd::Open => choice::subject(model).map_or_else(|_| Vec::new(), |subject| open(model, subject)),
        PickCmd::Mark => on_list(model, |list| {
            list.mark();
            list.move_cursor(1);
        }),
        PickCmd::Find => on_list(model, List::begin_find),
        PickCmd::KeepFound => on_list(model, List::keep_found),
        PickCmd::Reread => reread(model),
        PickCmd::Take => take(model),
        PickCmd::Merge => merge(model),
        PickCmd::Filter => {
            if let Ok(subject) = choice::subject(model) {
                let input = TextInput::new(subject.target.filter.as_deref().unwrap_or_default());
                let filter = FilterBox { subject, input, verdict: Verdict::Open };
                model.overlays.push(Overlay::CaptureFilter(Box::new(filter)));
            }
            Vec::new()
        }
    }
}

fn list(model: &mut Model) -> Option<&mut List> {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => match &mut picker.stage {
            Stage::Listed(list) => Some(list),
            Stage::Reading { .. } | Stage::Typing { .. } => None,
        },
        _ => None,
    }
}

/// Changes the list; what was said of an earlier choice goes.
fn on_list(model: &mut Model, act: impl FnOnce(&mut List)) -> Vec<Effect> {
    list(model).map(act);
    if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
        trial::forget(picker);
    }
    Vec::new()
}

/// Shows all interfaces again. Returns false if nothing was searched for.
pub(super) fn end_find(model: &mut Model) -> bool {
    list(model).is_some_and(List::end_find)
}

/// Asks the target of the form for its interfaces.
pub(crate) fn pick_for_form(model: &mut Model, target: Target) -> Vec<Effect> {
    open(model, Subject { target, of: None, goal: Goal::Field })
}

fn open(model: &mut Model, subject: Subject) -> Vec<Effect> {
    let (looking, effect) = look(model, &subject);
    let stage = Stage::Reading { reached: 0, since: model.now.instant };
    model.overlays.push(Overlay::Picker(Box::new(Picker { subject, looking, stage, trial: None })));
    vec![effect]
}

/// Asks for a look at a target, over the connection of a session to it where there is one.
pub(super) fn look(model: &mut Model, subject: &Subject) -> (Looking, Effect) {
    model.orders.tickets += 1;
    let ticket = model.orders.tickets;
    let same = |(id, session): (SessionId, &crate::tui::sessions::Session)| {
        (session.name == subject.target.name).then_some(id)
    };
    let over = match subject.goal {
        // In a form the way may be another one by now.
        Goal::Field => form::lender(model, &subject.target),
        Goal::Capture => subject.of.or_else(|| model.sessions.active().find_map(same)),
    };
    let target = Box::new(subject.target.clone());
    (Looking { ticket, id: None }, Effect::Look { ticket, target, over })
}

fn reread(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Picker(picker)) => {
            let mut effects = end(picker.looking);
            effects.extend(open(model, picker.subject));
            effects
        }
        other => {
            model.overlays.extend(other);
            Vec::new()
        }
    }
}

/// Ends a look that nobody waits for any more; one that has not begun ends when it does.
pub(super) fn end(looking: Looking) -> Vec<Effect> {
    looking.id.map(Effect::Dismiss).into_iter().collect()
}

/// What closing a box ends.
pub(super) fn close(overlay: &Overlay) -> Vec<Effect> {
    match overlay {
        Overlay::Picker(picker) => end(picker.looking),
        Overlay::CaptureFilter(filter) => match filter.verdict {
            Verdict::Asked(looking) => end(looking),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Moves the cursor of the list. Returns false if there is none.
pub(super) fn travel(model: &mut Model, rows: isize) -> bool {
    on_list(model, |list| list.move_cursor(rows));
    matches!(model.overlays.last(), Some(Overlay::Picker(_)))
}

/// Takes in what a look saw.
pub(super) fn hear(model: &mut Model, id: SessionId, news: LookNews) -> Vec<Effect> {
    if let LookNews::Began { ticket } = news {
        return began(model, id, ticket);
    }
    if let Some(effects) = trial::hear(model, id, &news) {
        return effects;
    }
    let now = model.now.instant;
    match model
        .overlays
        .iter_mut()
        .find(|overlay| overlay.looking().and_then(|looking| looking.id) == Some(id))
    {
        Some(Overlay::Picker(picker)) => {
            told(picker, news, now);
            Vec::new()
        }
        Some(Overlay::CaptureFilter(filter)) => {
            judge(filter, news).map_or_else(Vec::new, |()| go_on(model, id))
        }
        _ => Vec::new(),
    }
}

fn began(model: &mut Model, id: SessionId, ticket: u64) -> Vec<Effect> {
    for overlay in &mut model.overlays {
        if let Some(looking) = overlay.looking_mut().filter(|looking| looking.ticket == ticket) {
            looking.id = Some(id);
            return Vec::new();
        }
    }
    vec![Effect::Dismiss(id)]
}

fn told(picker: &mut Picker, news: LookNews, now: std::time::Instant) {
    match (news, &mut picker.stage) {
        (LookNews::Reached(hops), Stage::Reading { reached, .. }) => *reached = hops,
        (LookNews::Seen(report), stage) => *stage = Stage::Listed(List::new(*report, now)),
        (LookNews::Flows(flows), Stage::Listed(list)) => list.measure(&flows, now),
        (LookNews::Failed(failure), Stage::Listed(list)) => list.unmeasured = Some(failure.message),
        (LookNews::Failed(failure), stage) => {
            *stage = Stage::Typing { failure: *failure, input: TextInput::default() };
        }
        _ => {}
    }
}

/// The target's word on a filter; `Some` if it is good.
fn judge(filter: &mut FilterBox, news: LookNews) -> Option<()> {
    match news {
        LookNews::Seen(report) => match report.filter {
            FilterCheck::Bad(words) => filter.verdict = Verdict::Wrong(words),
            FilterCheck::Good | FilterCheck::NotChecked => return Some(()),
        },
        LookNews::Failed(failure) => filter.verdict = Verdict::Unknown(failure.message),
        _ => {}
    }
    None
}

/// The filter is good: the session goes on with it.
fn go_on(model: &mut Model, look: SessionId) -> Vec<Effect> {
    let place = model.overlays.iter().position(|overlay| overlay.looking().and_then(|l| l.id) == Some(look));
    let Some(Overlay::CaptureFilter(filter)) = place.map(|place| model.overlays.remove(place)) else {
        return Vec::new();
    };
    let mut effects = vec![Effect::Dismiss(look)];
    effects.extend(start(model, &filter.subject, None));
    effects
}

/// Whether there is something to merge.
pub(crate) fn can_merge(model: &Model) -> Result<(), Reason> {
    let marked = match model.overlays.last() {
        Some(Overlay::Picker(picker)) => picker.marked(),
        _ => 0,
    };
    if (2..=MAX_INTERFACES).contains(&marked) {
        Ok(())
    } else {
        Err(Reason("mark two interfaces or more, at most eight"))
    }
}

/// `m`: one session of all that is marked.
fn merge(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop_if(|overlay| matches!(overlay, Overlay::Picker(_))) {
        Some(Overlay::Picker(picker)) => {
            let choices = vec![Interface::Merged(picker.chosen())];
            trial::take(model, picker, choices)
        }
        _ => Vec::new(),
    }
}

/// Enter: uses what is chosen or typed.
fn take(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Picker(picker)) => {
            let names = picker.chosen();
            match (picker.subject.goal, names.first()) {
                (_, None) => {
                    model.overlays.push(Overlay::Picker(picker));
                    Vec::new()
                }
                (Goal::Capture, Some(_)) => {
                    trial::take(model, picker, names.into_iter().map(Interface::Named).collect())
                }
                (Goal::Field, Some(name)) => {
                    let mut effects = end(picker.looking);
                    effects.extend(form::put(model, "interface", name));
                    effects
                }
            }
        }
        Some(Overlay::CaptureFilter(filter)) => take_filter(model, *filter),
        other => {
            model.overlays.extend(other);
            Vec::new()
        }
    }
}

fn take_filter(model: &mut Model, mut filter: FilterBox) -> Vec<Effect> {
    let text = filter.input.text().trim().to_owned();
    filter.subject.target.filter = (!text.is_empty()).then(|| text.clone());
    let runs = is_active(model, filter.subject.of);
    match (exclude::check(&text), &filter.verdict) {
        (Err(error), _) => filter.verdict = Verdict::Wrong(error.to_string()),
        (Ok(()), Verdict::Open | Verdict::Wrong(_)) if runs => {
            let (looking, effect) = look(model, &filter.subject);
            filter.verdict = Verdict::Asked(looking);
            model.overlays.push(Overlay::CaptureFilter(Box::new(filter)));
            return vec![effect];
        }
        (Ok(()), Verdict::Asked(_)) => {}
        // A start asks the target before it captures anything.
        (Ok(()), _) => return start(model, &filter.subject, None),
    }
    model.overlays.push(Overlay::CaptureFilter(Box::new(filter)));
    Vec::new()
}

/// What was typed has not been judged.
pub(super) fn typed(model: &mut Model) -> Vec<Effect> {
    // The cursor follows to what is found.
    on_list(model, |list| list.move_cursor(0));
    match model.overlays.last_mut() {
        Some(Overlay::CaptureFilter(filter)) => match std::mem::replace(&mut filter.verdict, Verdict::Open) {
            Verdict::Asked(looking) => end(looking),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether the session that a box was opened on has not ended.
pub(crate) fn is_active(model: &Model, of: Option<SessionId>) -> bool {
    of.and_then(|id| model.sessions.all.get(&id)).is_some_and(|session| !session.state.is_ended())
}

/// The targets to start: one for each choice of interfaces.
fn targets(subject: &Subject, choices: Option<Vec<Interface>>) -> Vec<Target> {
    let with = |interface: Interface| Target { interface, ..subject.target.clone() };
    match choices {
        None => vec![subject.target.clone()],
        Some(choices) => choices.into_iter().map(with).collect(),
    }
}

/// The place of what a session captures already.
fn in_use(model: &Model, id: SessionId, targets: &[Target]) -> Option<usize> {
    let session = model.sessions.all.get(&id)?;
    let (used, own) = (session.interface.as_ref()?, session.facts.target.as_ref()?);
    targets.iter().position(|target| target.interface.to_string() == *used && own.filter == target.filter)
}

/// Whether a running session would end for this choice.
pub(super) fn ends_running(model: &Model, subject: &Subject, choices: &[Interface]) -> bool {
    let running = subject.of.filter(|of| is_active(model, Some(*of)));
    running.is_some_and(|id| in_use(model, id, &targets(subject, Some(choices.to_vec()))).is_none())
}

/// Starts a session for each choice of interfaces. The session that the box was opened on goes on with the first of them, unless
/// it captures on one of them already.
pub(super) fn start(model: &mut Model, subject: &Subject, choices: Option<Vec<Interface>>) -> Vec<Effect> {
    command::clear_marks(model);
    let mut targets = targets(subject, choices);
    let mut effects = Vec::new();
    if let Some(id) = subject.of.filter(|of| is_active(model, Some(*of))) {
        if let Some(place) = in_use(model, id, &targets) {
            targets.remove(place);
            if targets.is_empty() {
                model.notice = Some("that is what it captures already".to_owned());
            }
        } else {
            let first = targets.remove(0);
            effects = restart::restart_as(model, id, Some(first), true);
        }
    } else if let Some(first) = targets.first().filter(|_| subject.of.is_some()) {
        // The session that the box was opened on has ended; this one takes its place before the user.
        restart::expect(model, first);
    }
    model.focus = Pane::Sessions;
    effects.extend(command::start_all(model, targets));
    effects
}
