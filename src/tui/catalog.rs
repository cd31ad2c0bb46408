//! The saved targets on the screen, grouped by site.

use std::collections::BTreeSet;

use super::{
    filter::{Column, Query},
    marks::{self, Stretch},
    order::{ProfileKey, Sort},
    used::Used,
};
use crate::profile::{Target, TargetName};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// A site, heading its targets.
    Site {
        /// Its name.
        name: String,
        /// The places of its targets that are shown.
        targets: Vec<usize>,
    },
    /// The target at this place.
    Target(usize),
    /// What is wrong with a profile file, by its place.
    Problem(usize),
}

/// What a verb acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Picked {
    /// The marked targets, or the one under the cursor.
    Targets(Vec<TargetName>),
    /// All of a site.
    Site(String),
    /// What is wrong with a file.
    Problem(String),
    /// There is nothing.
    Nothing,
}

/// All saved targets, with the cursor and the marks.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// In file order, a site's targets together.
    pub(crate) targets: Vec<Target>,
    /// One line each.
    pub(crate) problems: Vec<String>,
    /// What is shown, in order.
    pub(crate) rows: Vec<Row>,
    /// The row under the cursor.
    pub(crate) cursor: usize,
    /// The marked targets.
    pub(crate) marked: BTreeSet<usize>,
    /// The range that is being marked.
    pub(crate) stretch: Option<Stretch<usize>>,
    /// The first row that is shown.
    pub(crate) offset: usize,
    /// The order of a site's targets.
    pub(crate) sort: Sort<ProfileKey>,
    /// Which targets are shown.
    pub(crate) query: Query,
    /// When each was captured on last.
    pub(crate) used: Used,
}

impl Catalog {
    /// The catalog of these targets. A site's targets must stand together.
    pub(crate) fn new(targets: Vec<Target>, problems: Vec<String>) -> Self {
        let mut catalog = Self {
            targets,
            problems,
            rows: Vec::new(),
            cursor: 0,
            marked: BTreeSet::new(),
            stretch: None,
            offset: 0,
            sort: Sort::default(),
            query: Query::default(),
            used: Used::default(),
        };
        catalog.arrange(|_| None);
        catalog
    }

    /// The same list after its files were read anew: order, filter, cursor and marks stay as they were. `state` is
    /// that of [`arrange`](Self::arrange).
    pub(crate) fn renewed<'a>(&self, mut new: Self, state: impl Fn(&TargetName) -> Option<&'a str>) -> Self {
        let name = |place: &usize| self.targets.get(*place).map(|target| &target.name);
        let find = |name: &TargetName| new.targets.iter().position(|target| target.name == *name);
        new.marked = self.marked.iter().filter_map(name).filter_map(find).collect();
        (new.sort, new.query, new.used) = (self.sort, self.query.clone(), self.used.clone());
        new.arrange(state);
        let same = |row: &Row| match (row, self.rows.get(self.cursor)) {
            (Row::Target(new_place), Some(Row::Target(place))) => {
                new.targets.get(*new_place).map(|target| &target.name) == name(place)
            }
            (Row::Site { name: new_name, .. }, Some(Row::Site { name, .. })) => name == new_name,
            _ => false,
        };
        let last = new.rows.len().saturating_sub(1);
        let place = new.rows.iter().position(same);
        let otherwise = if self.rows.is_empty() { new.cursor } else { self.cursor.min(last) };
        new.cursor = place.unwrap_or(otherwise);
        new.offset = self.offset;
        new
    }

    /// Makes the rows anew. `state` gives the word of a target's session, if it has one.
    pub(crate) fn arrange<'a>(&mut self, state: impl Fn(&TargetName) -> Option<&'a str>) {
        let before = self.rows.get(self.cursor).cloned();
        let mut rows = Vec::new();
        let mut from = 0;
        for site in self.targets.chunk_by(|a, b| a.name.site == b.name.site) {
            let mut places: Vec<usize> = (from..from + site.len()).collect();
            from += site.len();
            places.retain(|place| {
                self.query.is_empty()
                    || self.targets.get(*place).is_some_and(|target| {
                        self.query.keeps(&columns(target, state(&target.name)).iter().map(as_column))
                    })
            });
            self.sort.arrange(&mut places, &self.targets, &self.used);
            if let (Some(first), false) = (site.first(), places.is_empty()) {
                rows.push(Row::Site { name: first.name.site.clone(), targets: places.clone() });
            }
            rows.extend(places.into_iter().map(Row::Target));
        }
        if self.query.is_empty() {
            rows.extend((0..self.problems.len()).map(Row::Problem));
        }
        self.rows = rows;
        self.cursor = self.place_of(before.as_ref());
    }

    /// Where the cursor belongs: on the row it was on, else on the first target and not on its site, where a key
    /// pressed too early would start all of it.
    fn place_of(&self, before: Option<&Row>) -> usize {
        let same = |row: &Row| match (row, before) {
            (Row::Site { name, .. }, Some(Row::Site { name: old, .. })) => name == old,
            (row, Some(old)) => row == old,
            (_, None) => false,
        };
        let target = |row: &Row| matches!(row, Row::Target(_));
        self.rows.iter().position(same).or_else(|| self.rows.iter().position(target)).unwrap_or(0)
    }

    /// The saved target of this name.
    pub(crate) fn find(&self, name: &TargetName) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == *name)
    }

    /// Puts the cursor on a target, if it is there.
    pub(crate) fn go_to(&mut self, name: &TargetName) {
        let is_it = |row: &Row| matches!(row, Row::Target(place) if self.targets.get(*place).is_some_and(|t| t.name == *name));
        self.cursor = self.rows.iter().position(is_it).unwrap_or(self.cursor);
    }

    /// The places of all targets that are shown, in order.
    pub(crate) fn shown(&self) -> Vec<usize> {
        let place = |row: &Row| if let Row::Target(place) = row { Some(*place) } else { None };
        self.rows.iter().filter_map(place).collect()
    }

    /// The places of the targets under the cursor: one, or all of a site that are shown.
    pub(crate) fn under_cursor(&self) -> Vec<usize> {
        match self.rows.get(self.cursor) {
            Some(Row::Site { targets, .. }) => targets.clone(),
            Some(Row::Target(place)) => vec![*place],
            Some(Row::Problem(_)) | None => Vec::new(),
        }
    }

    /// The marked targets that are shown: nothing happens to what nobody sees.
    pub(crate) fn shown_marks(&self) -> Vec<usize> {
        self.shown().into_iter().filter(|place| self.marked.contains(place)).collect()
    }

    /// The marked targets, else those under the cursor, in file order.
    pub(crate) fn chosen(&self) -> Vec<&Target> {
        let marked = self.shown_marks();
        let mut places = if marked.is_empty() { self.under_cursor() } else { marked };
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.targets.get(place)).collect()
    }

    /// The same for verbs that also act on sites and files: the marked targets, else the row under the cursor.
    pub(crate) fn picked(&self) -> Picked {
        let targets =
            || Picked::Targets(self.chosen().into_iter().map(|target| target.name.clone()).collect());
        match self.rows.get(self.cursor) {
            _ if !self.shown_marks().is_empty() => targets(),
            Some(Row::Site { name, .. }) => Picked::Site(name.clone()),
            Some(Row::Target(_)) => targets(),
            Some(Row::Problem(place)) => {
                self.problems.get(*place).map_or(Picked::Nothing, |line| Picked::Problem(line.clone()))
            }
            None => Picked::Nothing,
        }
    }

    /// The target under the cursor, whatever is marked: looking at something is no deed.
    pub(crate) fn looked_at(&self) -> Option<&Target> {
        match self.rows.get(self.cursor)? {
            Row::Target(place) => self.targets.get(*place),
            _ => None,
        }
    }

    /// Moves the cursor by `rows`, stopping at both ends.
    pub(crate) fn move_cursor(&mut self, rows: isize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.rows.len().saturating_sub(1));
        self.stretch_to_cursor();
    }

    /// Moves the cursor to the next target, or to the one before, around both ends.
    pub(crate) fn next_target(&mut self, forward: bool) {
        let places: Vec<usize> =
            (0..self.rows.len()).filter(|at| matches!(self.rows.get(*at), Some(Row::Target(_)))).collect();
        let next = if forward {
            places.iter().find(|at| **at > self.cursor).or(places.first())
        } else {
            places.iter().rfind(|at| **at < self.cursor).or(places.last())
        };
        self.cursor = next.copied().unwrap_or(self.cursor);
        self.stretch_to_cursor();
    }

    /// Marks what is under the cursor, or takes the marks away if all of it is marked.
    pub(crate) fn mark(&mut self, places: &[usize]) {
        self.stretch = None;
        marks::toggle(&mut self.marked, places);
    }

    /// Begins to mark a range, or ends it.
    pub(crate) fn mark_range(&mut self) {
        self.stretch = match (self.stretch.take(), self.rows.get(self.cursor)) {
            (None, Some(Row::Target(place))) => Some(Stretch::new(*place, self.marked.clone())),
            (None, Some(Row::Site { targets, .. })) => {
                targets.first().map(|place| Stretch::new(*place, self.marked.clone()))
            }
            _ => None,
        };
        self.stretch_to_cursor();
    }

    /// Takes all marks away. Returns false if there were none.
    pub(crate) fn unmark(&mut self) -> bool {
        let some = !self.marked.is_empty() || self.stretch.is_some();
        self.marked.clear();
        self.stretch = None;
        some
    }

    fn stretch_to_cursor(&mut self) {
        if let (Some(stretch), Some(Row::Target(place))) = (&self.stretch, self.rows.get(self.cursor))
            && let Some(marked) = stretch.marked(&self.shown(), *place)
        {
            self.marked = marked;
        }
    }

    /// The cells that the longest name needs, with its site and without.
    pub(crate) fn longest_names(&self) -> (usize, usize) {
        let cells = |name: &str| name.chars().count();
        let whole = self.targets.iter().map(|target| cells(&target.name.to_string())).max().unwrap_or(0);
        let own = self.targets.iter().map(|target| cells(&target.name.target)).max().unwrap_or(0);
        (whole, own)
    }
}

/// What a filter finds of a target.
pub(crate) fn columns(target: &Target, state: Option<&str>) -> Vec<(Column, String)> {
    let via: Vec<String> = target.via.iter().map(ToString::to_string).collect();
    vec![
        (Column::State, state.unwrap_or_default().to_owned()),
        (Column::Name, target.name.to_string()),
        (Column::Site, target.name.site.clone()),
        (Column::Group, target.group.clone().unwrap_or_default()),
        (Column::Host, target.host.to_string()),
        (Column::Via, via.join(" ")),
        (Column::Interface, target.interface.to_string()),
        (Column::Filter, target.filter.clone().unwrap_or_default()),
        (Column::Note, target.note.clone().unwrap_or_default()),
    ]
}

/// One of them as a filter reads it.
pub(crate) fn as_column((column, text): &(Column, String)) -> (Column, &str) {
    (*column, text)
}
