//! Marks that follow the cursor.

use std::collections::BTreeSet;

/// A range that is being marked: everything from where it began to the cursor.
#[derive(Debug, Clone)]
pub(crate) struct Stretch<T> {
    from: T,
    /// What was marked before.
    before: BTreeSet<T>,
}

impl<T: Ord + Copy> Stretch<T> {
    /// A range that begins here.
    pub(crate) fn new(from: T, before: BTreeSet<T>) -> Self {
        Self { from, before }
    }

    /// What is marked when the cursor stands on `to`; `None` if one of both ends is not among the rows any more.
    pub(crate) fn marked(&self, rows: &[T], to: T) -> Option<BTreeSet<T>> {
        let place = |wanted| rows.iter().position(|row| *row == wanted);
        let (a, b) = (place(self.from)?, place(to)?);
        let inside = rows.get(a.min(b)..=a.max(b))?;
        Some(self.before.iter().chain(inside).copied().collect())
    }
}

/// Marks all of `rows`, or takes their marks away if all have one.
pub(crate) fn toggle<T: Ord + Copy>(marked: &mut BTreeSet<T>, rows: &[T]) {
    if rows.iter().all(|row| marked.contains(row)) {
        marked.retain(|row| !rows.contains(row));
    } else {
        marked.extend(rows.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Stretch, toggle};

    #[test]
    fn a_range_grows_and_shrinks_with_the_cursor_in_the_order_of_the_screen() {
        let rows = [7, 3, 9, 1];
        let stretch = Stretch::new(3, BTreeSet::from([5]));
        let marked = |to| stretch.marked(&rows, to).map(|marked| marked.into_iter().collect::<Vec<_>>());
        assert_eq!(marked(1), Some(vec![1, 3, 5, 9]));
        assert_eq!(marked(9), Some(vec![3, 5, 9]));
        assert_eq!(marked(7), Some(vec![3, 5, 7]));
        assert_eq!(marked(4), None);
    }

    #[test]
    fn all_or_nothing() {
        let mut marked = BTreeSet::from([1, 8]);
        toggle(&mut marked, &[1, 2]);
        assert_eq!(marked, BTreeSet::from([1, 2, 8]));
        toggle(&mut marked, &[1, 2]);
        assert_eq!(marked, BTreeSet::from([8]));
    }
}
