//! The saved targets on the screen, grouped by site.

use std::{collections::BTreeSet, ops::Range};

use crate::profile::{Target, TargetName};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// A site, heading its targets.
    Site {
        /// Its name.
        name: String,
        /// The places of its targets.
        targets: Range<usize>,
    },
    /// The target at this place.
    Target(usize),
    /// What is wrong with a profile file, by its place.
    Problem(usize),
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
    /// The first row that is shown.
    pub(crate) offset: usize,
}

impl Catalog {
    /// The catalog of these targets. A site's targets must stand together.
    pub(crate) fn new(targets: Vec<Target>, problems: Vec<String>) -> Self {
        let mut rows = Vec::new();
        let mut from = 0;
        for site in targets.chunk_by(|a, b| a.name.site == b.name.site) {
            let places = from..from + site.len();
            from = places.end;
            if let Some(first) = site.first() {
                rows.push(Row::Site { name: first.name.site.clone(), targets: places.clone() });
            }
            rows.extend(places.map(Row::Target));
        }
        rows.extend((0..problems.len()).map(Row::Problem));
        // The first target, not its site: a key pressed too early then starts one capture, not all.
        let cursor = rows.iter().position(|row| matches!(row, Row::Target(_))).unwrap_or(0);
        Self { targets, problems, rows, cursor, marked: BTreeSet::new(), offset: 0 }
    }

    /// The same list after its files were read anew: cursor and marks stay on what they were on.
    pub(crate) fn renewed(&self, mut new: Self) -> Self {
        let name = |place: &usize| self.targets.get(*place).map(|target| &target.name);
        let find = |name: &TargetName| new.targets.iter().position(|target| target.name == *name);
        new.marked = self.marked.iter().filter_map(name).filter_map(find).collect();
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

    /// The place of a target.
    pub(crate) fn find(&self, name: &TargetName) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == *name)
    }

    /// Puts the cursor on a target, if it is there.
    pub(crate) fn go_to(&mut self, name: &TargetName) {
        let is_it = |row: &Row| matches!(row, Row::Target(place) if self.targets.get(*place).is_some_and(|t| t.name == *name));
        self.cursor = self.rows.iter().position(is_it).unwrap_or(self.cursor);
    }

    /// The places of the targets under the cursor: one, or all of a site.
    pub(crate) fn under_cursor(&self) -> Range<usize> {
        match self.rows.get(self.cursor) {
            Some(Row::Site { targets, .. }) => targets.clone(),
            Some(Row::Target(place)) => *place..*place + 1,
            Some(Row::Problem(_)) | None => 0..0,
        }
    }

    /// The marked targets, else those under the cursor.
    pub(crate) fn chosen(&self) -> Vec<&Target> {
        let under_cursor = self.under_cursor();
        self.targets
            .iter()
            .enumerate()
            .filter(|(place, _)| {
                if self.marked.is_empty() {
                    under_cursor.contains(place)
                } else {
                    self.marked.contains(place)
                }
            })
            .map(|(_, target)| target)
            .collect()
    }

    /// Moves the cursor by `rows`, stopping at both ends.
    pub(crate) fn move_cursor(&mut self, rows: isize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.rows.len().saturating_sub(1));
    }

    /// Marks what is under the cursor, or takes the marks away if all of it is marked.
    pub(crate) fn mark(&mut self, places: Range<usize>) {
        if places.clone().all(|place| self.marked.contains(&place)) {
            self.marked.retain(|place| !places.contains(place));
        } else {
            self.marked.extend(places);
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
