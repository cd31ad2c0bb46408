//! A film: what a terminal showed over time, as one SVG that moves by itself. A row that stays is drawn once.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use super::svg::{Row, document, placed, size};

/// The least time between two pictures: what nobody could read is left out.
const STEP: Duration = Duration::from_millis(400);
/// How long the last picture stays.
const LAST: Duration = Duration::from_secs(3);

/// Pictures with their times.
pub(crate) struct Film {
    began: Instant,
    /// From when on it was so, in order.
    pictures: Vec<(Duration, Vec<Row>)>,
    size: (u16, u16),
}

impl Film {
    /// A film that begins now.
    pub(crate) fn begin(screen: &vt100::Screen) -> Self {
        let mut film = Self { began: Instant::now(), pictures: Vec::new(), size: size(screen) };
        film.look(screen);
        film
    }

    /// How long it has been going on.
    pub(crate) fn time(&self) -> Duration {
        self.began.elapsed()
    }

    /// Takes a picture if there is something new to be seen.
    pub(crate) fn look(&mut self, screen: &vt100::Screen) {
        let at = self.began.elapsed();
        if self.pictures.last().is_some_and(|(before, _)| at.saturating_sub(*before) < STEP) {
            return;
        }
        let rows: Vec<Row> = (0..self.size.1).map(|row| Row::of(screen, row)).collect();
        if self.pictures.last().is_none_or(|(_, before)| *before != rows) {
            self.pictures.push((at, rows));
        }
    }

    /// The film as SVG. What does not play films shows the picture of `poster`.
    pub(crate) fn develop(&self, title: &str, poster: Duration) -> String {
        let end = self.pictures.last().map_or(LAST, |(at, _)| *at + LAST);
        let mut inside = String::new();
        for row in 0..self.size.1 {
            for (drawn, spans) in self.row(row, end) {
                let all = matches!(spans[..], [(from, to)] if from.is_zero() && to == end);
                let svg = if all { drawn } else { moving(&drawn, &spans, end, poster) };
                inside.push_str(&placed(row, &svg));
            }
        }
        document(self.size.0, self.size.1, title, &inside)
    }

    /// Everything that a row ever was, with the times when it was so.
    fn row(&self, row: u16, end: Duration) -> Vec<(String, Vec<(Duration, Duration)>)> {
        let mut order: Vec<(String, Vec<(Duration, Duration)>)> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (number, (from, rows)) in self.pictures.iter().enumerate() {
            let to = self.pictures.get(number + 1).map_or(end, |(at, _)| *at);
            let drawn = rows[usize::from(row)].draw();
            if drawn.is_empty() {
                continue;
            }
            let at = *known.entry(drawn).or_insert_with_key(|drawn| {
                order.push((drawn.clone(), Vec::new()));
                order.len() - 1
            });
            match order[at].1.last_mut() {
                Some(last) if last.1 == *from => last.1 = to,
                _ => order[at].1.push((*from, to)),
            }
        }
        order
    }
}

/// Something that is to be seen in these spans alone, again and again.
fn moving(drawn: &str, spans: &[(Duration, Duration)], end: Duration, poster: Duration) -> String {
    let share = |at: Duration| format!("{:.4}", at.as_secs_f64() / end.as_secs_f64());
    let (mut values, mut times) = (String::new(), String::new());
    let mut step = |value: &str, at: Duration| {
        let more = if values.is_empty() { "" } else { ";" };
        let _ = write!(values, "{more}{value}");
        let _ = write!(times, "{more}{}", share(at));
    };
    if spans.first().is_some_and(|(from, _)| !from.is_zero()) {
        step("hidden", Duration::ZERO);
    }
    for (from, to) in spans {
        step("visible", *from);
        if *to < end {
            step("hidden", *to);
        }
    }
    let shown = spans.iter().any(|(from, to)| (*from..*to).contains(&poster));
    let still = if shown { "" } else { " visibility=\"hidden\"" };
    format!(
        "<g{still}>{drawn}<animate attributeName=\"visibility\" calcMode=\"discrete\" values=\"{values}\" \
         keyTimes=\"{times}\" dur=\"{:.1}s\" repeatCount=\"indefinite\"/></g>",
        end.as_secs_f64()
    )
}
