//! How often the screen is drawn: at once for what a hand does, four times a second for all other news, so that a
//! slow terminal is not flooded by captures.

use std::time::{Duration, Instant};

use super::msg::Msg;

/// The least time between two frames: a key that is held down, or a storm of resizes, draws no more often.
const FRAME: Duration = Duration::from_millis(16);

/// The least time between two frames that nobody at the keyboard has caused.
const NEWS: Duration = Duration::from_millis(250);

/// When the screen may be drawn again.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The last frame.
    drawn: Option<Instant>,
    /// The last frame for news. Frames for keys do not put the next one off: numbers must not stand still while
    /// somebody types.
    told: Option<Instant>,
    /// Something that a hand did is not on the screen yet.
    hand: bool,
}

impl Pace {
    /// Takes note of what the next frame is for.
    pub(super) fn hear(&mut self, msg: &Msg) {
        let news =
            matches!(msg, Msg::Tick | Msg::Engine(_) | Msg::Clerk(_) | Msg::Swept(_) | Msg::Attention(_));
        self.hand |= !news;
    }

    /// When the next frame may be drawn; `None`: at any time.
    pub(super) fn due(&self) -> Option<Instant> {
        let news = self.told.filter(|_| !self.hand).map(|told| told + NEWS);
        self.drawn.map(|drawn| drawn + FRAME).into_iter().chain(news).max()
    }

    /// A frame is drawn.
    pub(super) fn draw(&mut self, now: Instant) {
        self.drawn = Some(now);
        if !self.hand {
            self.told = Some(now);
        }
        self.hand = false;
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;

    #[test]
    fn news_is_drawn_four_times_a_second_and_keys_at_once() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let key = || Msg::Key(KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE));
        let mut pace = Pace::default();
        assert_eq!(pace.due(), None, "the first frame");
        pace.draw(at(0));
        pace.hear(&Msg::Tick);
        assert_eq!(pace.due(), Some(at(250)));
        pace.hear(&key());
        assert_eq!(pace.due(), Some(at(16)), "a key waits for no news");
        pace.draw(at(100));
        assert_eq!(pace.due(), Some(at(250)), "and puts none off");
        pace.hear(&key());
        pace.draw(at(245));
        assert_eq!(pace.due(), Some(at(261)), "two frames are never closer than that");
        pace.draw(at(261));
        assert_eq!(pace.due(), Some(at(511)));
    }
}
