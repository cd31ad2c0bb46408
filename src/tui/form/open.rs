//! From the list of profiles to a form.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Form, SiteFile, Subject, disk};
use crate::{
    engine::profiles::Request,
    profile::{Sheet, TargetName},
    tui::{
        catalog::Row,
        model::Model,
        msg::Effect,
        overlay::{Button, Confirm, Overlay},
        theme::Role,
        update::press,
    },
};

/// The site of the first profile.
const FIRST_SITE: &str = "main";

/// A form that opens when its file is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Of this site.
    pub(crate) site: String,
    /// For this.
    pub(crate) subject: Subject,
    /// The keys that were pressed meanwhile.
    pub(crate) ahead: Vec<KeyEvent>,
}

/// Nobody types more ahead.
const AHEAD: usize = 256;

impl Wanted {
    /// Keeps a key for the form; false if it means something now.
    pub(crate) fn takes(&mut self, key: KeyEvent) -> bool {
        let interrupts = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        let kept = !interrupts && key.code != KeyCode::Esc && self.ahead.len() < AHEAD;
        if kept {
            self.ahead.push(key);
        }
        kept
    }
}

/// The site under the cursor, and its target if the cursor is on one.
fn under_cursor(model: &Model) -> Option<(String, Option<String>)> {
    let catalog = &model.catalog;
    match catalog.rows.get(catalog.cursor)? {
        Row::Site { name, .. } => Some((name.clone(), None)),
        Row::Target(place) => {
            let TargetName { site, target } = catalog.targets.get(*place)?.name.clone();
            Some((site, Some(target)))
        }
        Row::Problem(place) => Some((site_of(catalog.problems.get(*place)?)?, None)),
    }
}

/// The site of a line about its file: `FOLDER/shop.yaml:3:1: ...`.
pub(super) fn site_of(problem: &str) -> Option<String> {
    let ends = [".yaml", ".yml"].into_iter().filter_map(|end| problem.find(&format!("{end}:")));
    let stem = problem.get(..ends.min()?)?;
    Some(stem.rsplit('/').next()?.to_owned())
}

fn want(model: &mut Model, site: String, subject: Subject) -> Vec<Effect> {
    model.overlays.push(Overlay::Opening(Wanted { site: site.clone(), subject, ahead: Vec::new() }));
    vec![Effect::Clerk(Request::Open(site))]
}

/// Asks for the file of a new target.
pub(super) fn new(model: &mut Model) -> Vec<Effect> {
    let site = under_cursor(model).map_or_else(|| FIRST_SITE.to_owned(), |(site, _)| site);
    want(model, site, Subject::New)
}

/// Asks for the file of the target under the cursor, to copy it.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    match under_cursor(model) {
        Some((site, Some(target))) => want(model, site, Subject::Copy(target)),
        Some((site, None)) => want(model, site, Subject::SiteCopy),
        None => Vec::new(),
    }
}

/// Asks for the file of what is under the cursor, to change it.
pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    match under_cursor(model) {
        Some((site, Some(target))) => want(model, site, Subject::Target(target)),
        Some((site, None)) => want(model, site, Subject::Site),
        None => Vec::new(),
    }
}

/// Opens the file of what is under the cursor in the user's editor.
pub(super) fn edit_file(model: &Model) -> Vec<Effect> {
    under_cursor(model).map(|(site, _)| Effect::Editor { site, text: None }).into_iter().collect()
}

/// Asks whether the target or the site under the cursor shall go.
pub(super) fn delete(model: &mut Model) {
    let what = match under_cursor(model) {
        Some((site, Some(target))) => Confirm::Delete(TargetName { site, target }),
        Some((site, None)) => {
            let targets = model.catalog.targets.iter().filter(|target| target.name.site == site).count();
            Confirm::DeleteSite { site, targets }
        }
        None => return,
    };
    model.overlays.push(Overlay::Confirm { what, button: Button::default() });
}

/// Nothing opens.
pub(super) fn give_up(model: &mut Model) {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Opening(_)));
}

/// The text of a file is here: opens the form that waits for it, or takes it into the one that is open.
pub(super) fn opened(model: &mut Model, site: String, seen: Option<String>) -> Vec<Effect> {
    let waits = |overlay: &Overlay| matches!(overlay, Overlay::Opening(wanted) if wanted.site == site);
    if !model.overlays.iter().any(waits) && super::of(model).is_some_and(|form| form.file.site == site) {
        let taken = disk::hear(model, &site, seen);
        let effects = super::of_mut(model).filter(|_| taken).map(|form| super::typing::questions(form, None));
        return super::lend(model, effects.unwrap_or_default());
    }
    let sheet = match Sheet::read(seen.as_deref().unwrap_or_default()) {
        Ok(sheet) => sheet,
        Err(error) => {
            give_up(model);
            model.say("wrcap", format!("{site} cannot be edited here: {error}"), Role::Error);
            model.notice = Some(format!("{site} has mistakes; E opens it in your editor"));
            return Vec::new();
        }
    };
    if let Some(place) = model.overlays.iter().position(waits)
        && let Overlay::Opening(wanted) = model.overlays.remove(place)
    {
        let mut form = Form::new(wanted.subject, SiteFile { site, seen, sheet });
        let effects = super::typing::questions(&mut form, None);
        model.overlays.insert(place, Overlay::Form(Box::new(form)));
        let mut effects = super::lend(model, effects);
        if model.desk.welcome.survey.is_none() {
            effects.push(Effect::Clerk(Request::Survey));
        }
        effects.extend(wanted.ahead.into_iter().flat_map(|key| press(model, key)));
        return effects;
    }
    // A new target's site was typed anew.
    if let Some(form) = super::of_mut(model)
        && form.text(super::row::SITE) == site
    {
        form.rebase(SiteFile { site, seen, sheet });
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sites_of_broken_files() {
        let site = super::site_of;
        assert_eq!(
            site("/home/me/.config/wrcap/profiles/shop.yaml:3:1: targets.a: x").as_deref(),
            Some("shop")
        );
        assert_eq!(site("lab.yml: cannot be read").as_deref(), Some("lab"));
        assert_eq!(site("nothing"), None);
    }
}
