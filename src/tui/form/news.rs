//! What the clerk tells.

use super::{Layer, open, row};
use crate::{
    engine::{
        profiles::{News, Request, TRIAL},
        store::{FileProblems, Outcome, SaveError},
    },
    tui::{
        catalog::Catalog,
        model::{Model, Phase},
        msg::{EditorEnd, Effect},
        overlay::{Overlay, Waiting},
        sheet,
        theme::Role,
        update,
    },
};

/// Takes news in.
pub(crate) fn hear(model: &mut Model, news: News) -> Vec<Effect> {
    match news {
        News::Loaded(catalog) => {
            let problems = catalog.problems.iter().flat_map(FileProblems::lines).map(|(line, _)| line);
            let targets: Vec<_> = catalog.targets().cloned().collect();
            if let Some(veil) = &mut model.desk.settings.veil {
                veil.learn(&targets);
            }
            model.renew_catalog(Catalog::new(targets, problems.collect()));
            // Perhaps it is the file of the form that was changed.
            let open = super::of(model).filter(|form| !form.saving);
            return open
                .map(|form| Effect::Clerk(Request::Open(form.file.site.clone())))
                .into_iter()
                .collect();
        }
        News::Opened(site, text) => return open::opened(model, site, text),
        News::Saved(what) => {
            model.say("wrcap", format!("saved: {what}; z takes it back"), Role::Ok);
            if let Some(name) =
                super::of(model).filter(|form| form.saving).map(|form| form.target.name.clone())
            {
                super::shut(model);
                model.catalog.go_to(&name);
            }
            model.notice = Some(format!("saved: {what}; z takes it back"));
        }
        News::Deleted(doomed) => {
            let all = if doomed.number() > 1 { "them" } else { "it" };
            let told = format!("deleted: {doomed} (z takes {all} back)");
            model.say("wrcap", told.clone(), Role::Ok);
            model.notice = Some(told);
        }
        News::Undone(what) => {
            model.say("wrcap", format!("taken back: {what}"), Role::Ok);
            model.notice = Some(format!("taken back: {what}"));
        }
        News::Refused(error) => refused(model, error),
        News::Filter(filter, verdict) => {
            let now = model.now.instant;
            if let Some(form) = super::of_mut(model).filter(|form| form.checked.filter == filter) {
                form.checked.verdict = Some((verdict, now));
            }
        }
        News::Facts(facts) => {
            if let Some(form) = super::of_mut(model).filter(|form| form.text("host") == facts.host) {
                form.facts = Some(*facts);
                form.inherit();
            }
        }
        News::Asked(question) => {
            // The test was asked for at this screen just now: its questions come first and open at once.
            model.questions.push_front(Waiting { session: TRIAL, name: "the test".to_owned(), question });
            let waits = matches!(model.overlays.last(), Some(Overlay::Form(form)) if form.is_testing())
                || sheet::is_testing(model.overlays.last());
            if waits && matches!(model.phase, Phase::Open { .. }) {
                model.open_question();
            }
        }
        News::Withdrawn(id) => {
            model.questions.retain(|waiting| waiting.question.id != id);
            model
                .overlays
                .retain(|overlay| !matches!(overlay, Overlay::Question { id: open, .. } if *open == id));
        }
        News::Surveyed(survey) => update::surveyed(model, *survey),
        News::Hosts(hosts) => update::listed(model, hosts),
        News::Tested(found) => {
            if let Some(Layer::Trial { steps }) = super::of_mut(model).and_then(|form| form.layer.as_mut()) {
                *steps = Some(found);
            } else {
                sheet::tested(model, found);
            }
        }
    }
    Vec::new()
}

fn refused(model: &mut Model, error: SaveError) {
    open::give_up(model);
    let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
    model.say("wrcap", format!("{error}{hint}"), Role::Error);
    let Some(form) = super::of_mut(model).filter(|form| form.saving) else {
        model.notice = Some(format!("{error}{hint}"));
        return;
    };
    form.saving = false;
    if let SaveError::Changed { file, found, .. } = error {
        let site = form.text(row::SITE);
        let own = form.subject.is_site() || site.is_empty();
        let site = if own { form.file.site.clone() } else { site.to_owned() };
        form.found(&site, &file, found);
    } else {
        model.notice = Some(format!("not saved: {error}{hint}"));
    }
}

/// The user's editor has ended.
pub(crate) fn edited(model: &mut Model, end: EditorEnd) -> Vec<Effect> {
    let EditorEnd { site, earlier, draft, outcome } = end;
    for path in earlier {
        model.say("wrcap", format!("an earlier draft of {site} is in {}", path.display()), Role::Warn);
    }
    if !matches!(outcome, Ok(Outcome::Mistakes(_)))
        && let Some(form) = super::of_mut(model)
    {
        form.drafted = None;
    }
    let key = if super::of(model).is_some() { "Ctrl-o" } else { "E" };
    let kept = |why: String| format!("{why}; {key} goes on with your text in {}", draft.display());
    match outcome {
        Ok(Outcome::Untouched) => model.notice = Some(format!("{site}: nothing was changed")),
        Ok(Outcome::Saved(change)) => {
            if let Some(form) = super::of_mut(model).filter(|form| form.outlives_editor()) {
                form.found_again(&site, change.after.clone());
                model.notice = Some(format!("{site} was saved; what you typed here is not: Ctrl-s saves it"));
            } else {
                super::shut(model);
            }
            return vec![Effect::Clerk(Request::Remember(change))];
        }
        Ok(Outcome::Mistakes(problems)) => {
            for problem in &problems {
                model.say("wrcap", format!("{}:{problem}", draft.display()), Role::Error);
            }
            let first = problems.first().map_or_else(String::new, ToString::to_string);
            model.notice = Some(kept(format!("{site} was not changed: line {first}")));
        }
        Err(why) if draft.as_os_str().is_empty() => model.notice = Some(why),
        Err(why) => {
            model.say("wrcap", kept(why.clone()), Role::Error);
            model.notice = Some(kept(why));
        }
    }
    Vec::new()
}
