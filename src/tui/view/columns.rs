//! The columns of the table of sessions, by the width of the screen.

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    State,
    Name,
    Interface,
    Graph,
    Rate,
    Packets,
    Captured,
    Drops,
    Link,
    Time,
}

/// A column of the table, with the gap to its right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// What it shows.
    pub(super) field: Field,
    /// Where it begins.
    pub(super) x: u16,
    /// Its cells.
    pub(super) width: u16,
}

/// Seconds in one cell of the graph.
pub(super) const STEP: usize = 5;

/// What is given up on narrow screens, first things first. State, name, drops and link always stay.
const GIVEN_UP: [Step; 7] = [
    Step::Drop(Field::Packets),
    Step::HalveGraph,
    Step::Drop(Field::Graph),
    Step::Drop(Field::Interface),
    Step::Drop(Field::Time),
    Step::Drop(Field::Captured),
    Step::Drop(Field::Rate),
];

enum Step {
    Drop(Field),
    HalveGraph,
}

/// The columns for a screen of `width` whose longest name has `longest` cells. They depend on nothing that
/// changes while sessions run, so nothing ever jumps.
pub(super) fn columns(width: u16, longest: usize) -> Vec<Column> {
    let wanted = u16::try_from(longest).unwrap_or(u16::MAX).clamp(12, 40);
    let least = wanted.min(14);
    let gap = if width >= 96 { 2 } else { 1 };
    let mut fields = vec![
        (Field::State, 7),
        (Field::Name, if width >= 96 { least } else { 12 }),
        (Field::Interface, 9),
        (Field::Graph, 12),
        (Field::Rate, 9),
        (Field::Packets, 5),
        (Field::Captured, 8),
        (Field::Drops, 6),
        (Field::Link, 4),
        (Field::Time, 7),
    ];
    let total = |fields: &[(Field, u16)]| {
        let trailing = fields.last().map_or(0, |(field, _)| space(*field, gap));
        2 + fields.iter().map(|(field, cells)| cells + space(*field, gap)).sum::<u16>() - trailing
    };
    for step in GIVEN_UP {
        if total(&fields) <= width {
            break;
        }
        match step {
            Step::Drop(field) => fields.retain(|(other, _)| *other != field),
            Step::HalveGraph => {
                fields.iter_mut().filter(|(f, _)| *f == Field::Graph).for_each(|(_, w)| *w = 8);
            }
        }
    }
    // What is left over goes to the names, so that the numbers stand at the right edge.
    let (total, spare) = (total(&fields), width.saturating_sub(total(&fields)));
    let missing = total.saturating_sub(width);
    let mut x = 2;
    fields
        .into_iter()
        .map(|(field, cells)| {
            let cells = if field == Field::Name { (cells + spare).saturating_sub(missing) } else { cells };
            let column = Column { field, x, width: cells };
            x += cells + space(field, gap);
            column
        })
        .collect()
}

/// The empty cells to the right of a column.
fn space(field: Field, gap: u16) -> u16 {
    match field {
        Field::Time => 0,
        Field::State | Field::Name | Field::Interface | Field::Graph => 1,
        _ => gap,
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, columns};

    fn fields(width: u16) -> Vec<Field> {
        columns(width, 12).iter().map(|column| column.field).collect()
    }

    #[test]
    fn columns_fit_every_width_and_the_important_ones_stay() {
        for width in 30..300 {
            for longest in [0, 12, 30, 90] {
                let columns = columns(width, longest);
                let end = columns.last().map_or(0, |column| column.x + column.width);
                assert!(end <= width, "{width}: ends at {end}");
                for field in [Field::State, Field::Name, Field::Drops, Field::Link] {
                    assert!(columns.iter().any(|column| column.field == field), "{field:?} at {width}");
                }
            }
        }
    }

    #[test]
    fn columns_go_in_the_written_order() {
        assert_eq!(fields(100).len(), 10);
        assert!(!fields(80).contains(&Field::Packets) && fields(80).contains(&Field::Graph));
        assert!(!fields(60).contains(&Field::Time) && fields(60).contains(&Field::Captured));
        assert_eq!(fields(44), [Field::State, Field::Name, Field::Rate, Field::Drops, Field::Link]);
        assert_eq!(fields(40), [Field::State, Field::Name, Field::Drops, Field::Link]);
    }
}
