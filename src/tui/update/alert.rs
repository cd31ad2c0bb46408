//! What the world hears of.

use crate::{
    engine::Event,
    profile::Notify,
    remote::text::clean,
    tui::{alerts::Attention, model::Model, msg::Effect},
};

/// What must be told because of an event.
pub(super) fn hear(model: &mut Model, event: &Event) -> Vec<Effect> {
    let Some(alert) = model.desk.alerts.hear(event) else { return Vec::new() };
    let settings = &model.desk.settings;
    let mut effects = Vec::new();
    let unseen = model.desk.alerts.attention == Attention::Away;
    if alert.is_urgent() && unseen && settings.notify != Notify::Off {
        let word = if alert.event == "ask" { "asks" } else { "failed" };
        let text = format!("wrcap: {} {word}: {}", alert.target, alert.message);
        // The terminal may show this to others just as the screen.
        effects.push(Effect::Notify(settings.veil.as_ref().map_or(text.clone(), |veil| veil.cover(&text))));
    }
    if !settings.on_event.is_empty() {
        let words = [alert.event.to_owned(), alert.target, clean(&alert.message)];
        effects.push(Effect::Hook(words.to_vec()));
    }
    effects
}
