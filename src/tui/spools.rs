//! What earlier runs left in the spool: the box that lists it, saves and removes it.

use super::{
    format,
    model::{Model, Phase},
    msg::Effect,
    overlay::{Button, Confirm, Overlay},
    theme::Role,
};
use crate::{
    engine::spool::{Done, Shelf, StoredSpool, Task},
    remote::text::clean,
};

/// What a user can ask for about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpoolCmd {
    /// Show them.
    Open,
    /// Save the one under the cursor.
    Save,
    /// Remove the one under the cursor.
    Remove,
}

/// The box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpoolBox {
    /// What is there.
    pub(crate) left: Vec<StoredSpool>,
    /// The row under the cursor.
    pub(crate) cursor: usize,
    /// What is said below them.
    pub(crate) said: Said,
}

/// What the box says below its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing: the list says everything.
    Nothing,
    /// Something is being done: what.
    Working(&'static str),
    /// What came of it, and what to do about that.
    Done(Vec<(String, Role)>),
}

/// Performs a command.
pub(crate) fn perform(model: &mut Model, cmd: SpoolCmd) -> Vec<Effect> {
    if cmd == SpoolCmd::Open {
        let said = Said::Working("looking ...");
        model.overlays.push(Overlay::Spools(SpoolBox { left: Vec::new(), cursor: 0, said }));
        return vec![Effect::Spools(Task::List)];
    }
    let Some(Overlay::Spools(shown)) = model.overlays.last_mut() else { return Vec::new() };
    let Some(spool) = shown.left.get(shown.cursor).cloned() else { return Vec::new() };
    // One after the other: what is being read must not be removed.
    if matches!(shown.said, Said::Working(_)) {
        return Vec::new();
    }
    if cmd == SpoolCmd::Save {
        shown.said = Said::Working("saving ...");
        return vec![Effect::Spools(Task::Save(spool))];
    }
    model
        .overlays
        .push(Overlay::Confirm { what: Confirm::RemoveSpool(Box::new(spool)), button: Button::default() });
    Vec::new()
}

/// Removes what was confirmed.
pub(crate) fn remove(model: &mut Model, spool: StoredSpool) -> Vec<Effect> {
    if let Some(Overlay::Spools(shown)) = model.overlays.last_mut() {
        shown.said = Said::Working("removing ...");
    }
    vec![Effect::Spools(Task::Remove(spool))]
}

/// Takes in what came of a task. Without the box the list is only told of, and what was done goes to the log.
pub(crate) fn hear(model: &mut Model, shelf: Shelf) {
    let lines = told(&shelf.done);
    for (text, role) in &lines {
        model.say("wrcap", text.clone(), *role);
    }
    let key = model.key_of(super::bindings::Cmd::Spool(SpoolCmd::Open));
    let number = shelf.left.len();
    let shown = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Spools(shown) => Some(shown),
        _ => None,
    });
    if let Some(shown) = shown {
        shown.cursor = shown.cursor.min(number.saturating_sub(1));
        shown.left = shelf.left;
        shown.said = if lines.is_empty() { Said::Nothing } else { Said::Done(lines) };
    } else if number > 0 && lines.is_empty() && model.phase != Phase::Leaving {
        let (who, them) = if number == 1 { ("an earlier run", "it") } else { ("earlier runs", "them") };
        let text = format!("{who} left {}: {key} saves or removes {them}", format::count(number, "capture"));
        model.say("wrcap", text, Role::Warn);
    }
}

/// What was done, for the box and the log.
fn told(done: &Done) -> Vec<(String, Role)> {
    match done {
        Done::Listed => Vec::new(),
        Done::Saved(file) => {
            let packets = format::count(usize::try_from(file.packets).unwrap_or(usize::MAX), "packet");
            vec![(format!("saved {packets} in {}", clean(&file.path.to_string_lossy())), Role::Ok)]
        }
        Done::Removed(name) => vec![(format!("removed {}", clean(name)), Role::Ok)],
        Done::Failed { message, hint } => {
            let hint = hint.map(|hint| (format!("hint: {hint}"), Role::Muted));
            std::iter::once((clean(message), Role::Error)).chain(hint).collect()
        }
    }
}

/// Moves the cursor by `rows`. Returns false if the box is not on top.
pub(crate) fn travel(model: &mut Model, rows: isize) -> bool {
    let Some(Overlay::Spools(shown)) = model.overlays.last_mut() else { return false };
    shown.cursor = shown.cursor.saturating_add_signed(rows).min(shown.left.len().saturating_sub(1));
    true
}

/// What a spool is of.
pub(crate) fn label(spool: &StoredSpool) -> String {
    clean(spool.about.as_ref().map_or(spool.name.as_str(), |about| &about.target))
}
