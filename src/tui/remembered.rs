//! What is kept between runs: how the lists were arranged, never what ran.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    catalog::Catalog,
    desk::{Desk, FILTERS},
    filter::Query,
    log::LogSize,
    model::{Model, Pane},
    order::{Key, Sort},
    used::Used,
};

/// How the lists were arranged. What is missing or not understood counts as not there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The pane in focus.
    pane: String,
    /// The log's height.
    log: String,
    /// By what the sessions were sorted.
    sessions: Order,
    /// By what the profiles were sorted.
    profiles: Order,
    /// The filter of the profiles.
    filter: String,
    /// Filters that were used, the last one last.
    filters: Vec<String>,
    /// When targets were captured on last, in seconds since 1970.
    used: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    by: String,
    reversed: bool,
}

impl Order {
    fn of<K: Key>(sort: Sort<K>) -> Self {
        Self { by: sort.key.name().to_owned(), reversed: sort.reversed }
    }

    fn sort<K: Key + Default>(&self) -> Sort<K> {
        K::named(&self.by).map_or_else(Sort::default, |key| Sort { key, reversed: self.reversed })
    }
}

impl Remembered {
    /// How the lists are arranged now.
    pub(crate) fn of(model: &Model) -> Self {
        Self {
            pane: pane_name(model.focus).to_owned(),
            log: log_name(model.log.size).to_owned(),
            sessions: Order::of(model.sessions.sort),
            profiles: Order::of(model.catalog.sort),
            filter: model.catalog.query.text().to_owned(),
            filters: model.desk.filters.clone(),
            used: model.catalog.used.to_seconds(),
        }
    }

    /// Arranges the lists so again. The filters of sessions and log are not kept: what they were about is gone.
    pub(crate) fn restore(&self, model: &mut Model) {
        // Nothing runs yet: among the sessions there would be nothing to act on.
        let panes = [Pane::Profiles, Pane::Log];
        model.focus = panes.into_iter().find(|pane| pane_name(*pane) == self.pane).unwrap_or(model.focus);
        let sizes = [LogSize::Small, LogSize::Tall];
        model.log.size = sizes.into_iter().find(|size| log_name(*size) == self.log).unwrap_or_default();
        model.sessions.sort = self.sessions.sort();
        let Catalog { sort, query, .. } = &mut model.catalog;
        (*sort, *query) = (self.profiles.sort(), Query::parse(&self.filter));
        model.catalog.used = Used::from_seconds(&self.used);
        let Desk { filters, .. } = &mut model.desk;
        *filters = self.filters.iter().rev().take(FILTERS).rev().cloned().collect();
        model.arrange_profiles();
    }
}

fn pane_name(pane: Pane) -> &'static str {
    match pane {
        Pane::Sessions => "sessions",
        Pane::Profiles => "profiles",
        Pane::Log => "log",
    }
}

fn log_name(size: LogSize) -> &'static str {
    match size {
        LogSize::Small => "small",
        LogSize::Tall => "tall",
    }
}
