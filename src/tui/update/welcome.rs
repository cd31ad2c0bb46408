//! What the keys of the first run do.

use crate::{
    engine::{
        Unsaved,
        profiles::{Host, Request, Survey},
    },
    tui::{
        model::{Model, Phase},
        msg::Effect,
        overlay::Overlay,
        welcome::{Import, SITE, WelcomeCmd},
    },
};

/// Looks around if this is the first run.
pub(super) fn begin(model: &Model) -> Vec<Effect> {
    if model.is_first_run() {
        vec![Effect::Clerk(Request::Survey), Effect::Clerk(Request::Hosts)]
    } else {
        Vec::new()
    }
}

/// Performs a command of the first run.
pub(super) fn perform(model: &mut Model, cmd: WelcomeCmd) -> Vec<Effect> {
    match cmd {
        WelcomeCmd::Import => {
            model.overlays.push(Overlay::Import(Box::default()));
            return vec![Effect::Clerk(Request::Hosts)];
        }
        WelcomeCmd::Demo => {
            model.phase = Phase::Leaving;
            model.overlays.clear();
            return vec![Effect::Demo, Effect::Shutdown(Unsaved::Keep)];
        }
        WelcomeCmd::Mark => {
            if let Some(import) = import(model) {
                import.mark();
                import.move_cursor(1);
            }
        }
        WelcomeCmd::MarkAll => {
            if let Some(import) = import(model) {
                import.mark_all();
            }
        }
        WelcomeCmd::Save => return save(model),
    }
    Vec::new()
}

fn import(model: &mut Model) -> Option<&mut Import> {
    match model.overlays.last_mut() {
        Some(Overlay::Import(import)) => Some(import),
        _ => None,
    }
}

fn save(model: &mut Model) -> Vec<Effect> {
    let Some(edits) = import(model).map(|import| import.edits()) else { return Vec::new() };
    if edits.is_empty() {
        model.notice = Some("Ctrl-s: nothing is marked".to_owned());
        return Vec::new();
    }
    model.overlays.pop();
    vec![Effect::Clerk(Request::Save { site: SITE.to_owned(), edits, seen: None })]
}

/// Moves the cursor of the list. Returns false if there is none.
pub(super) fn travel(model: &mut Model, rows: isize) -> bool {
    import(model).map(|import| import.move_cursor(rows)).is_some()
}

/// Takes in what this machine has.
pub(crate) fn surveyed(model: &mut Model, survey: Survey) {
    model.desk.welcome.survey = Some(survey);
}

/// Takes in the machines of `~/.ssh/config`.
pub(crate) fn listed(model: &mut Model, hosts: Vec<Host>) {
    model.desk.welcome.jumps = Some(hosts.iter().filter(|host| host.facts.jump.is_some()).count());
    if let Some(Overlay::Import(import)) =
        model.overlays.iter_mut().find(|overlay| matches!(overlay, Overlay::Import(_)))
    {
        import.list(hosts);
    }
}
