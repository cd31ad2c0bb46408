//! Failed tries: what was tried again since is one row, and no failure hides what runs.

use insta::assert_snapshot;

use super::{Desk, Standing, failure};
use crate::tui::{glyphs::GlyphSet, layout::Layout};

const SIZES: [(u16, u16); 3] = [(80, 24), (60, 16), (50, 10)];

fn fail(desk: &mut Desk, id: u32, of: &str) {
    desk.start(id, of);
    let hint =
        "ask whoever runs the bastion, or look into its log: it says which key was refused and which account";
    desk.end(
        id,
        failure(&format!("try {id}: the bastion does not let us in, whatever key is offered to it"), hint),
    );
}

#[test]
fn a_later_try_makes_a_failure_history() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    for id in 1..=3 {
        fail(&mut desk, id, "shop/web-1");
    }
    desk.live(9, "shop/db-1", "bond0");
    assert_snapshot!("tries_100x30", desk.text());
    assert_eq!(desk.model.sessions.cursor.map(|id| id.0), Some(3), "the cursor goes along");
    let order: Vec<u32> = desk.model.sessions.in_order().iter().map(|id| id.0).collect();
    assert_eq!(order, [3, 9, 1, 2], "what runs comes before what was tried before");
    desk.keys("1 G");
    desk.keys("<enter>");
    assert!(desk.text().contains("try 2: the bastion"), "the reason is in the details: {}", desk.text());
    desk.keys("<esc> g D");
    let standing = |id| desk.model.sessions.all[&crate::engine::SessionId(id)].standing();
    assert_eq!(
        (standing(1), standing(2)),
        (Standing::Superseded, Standing::Failed),
        "now it is the last one"
    );
}

#[test]
fn a_running_session_makes_its_failures_history_but_not_those_of_other_interfaces() {
    let mut desk = Desk::new((100, 30), GlyphSet::Unicode);
    fail(&mut desk, 1, "shop/web-1");
    let mut other = super::targets().remove(0);
    other.interface = crate::profile::Interface::Named("eth7".to_owned());
    desk.begin(2, other, std::sync::Arc::default());
    assert!(desk.text().contains("try 1:"), "{}", desk.text());
    desk.live(3, "shop/web-1", "eth0");
    let text = desk.text();
    let list: Vec<&str> = text.lines().take_while(|line| !line.contains("2 Profiles")).collect();
    assert!(!list.iter().any(|line| line.contains("try 1:")), "{text}");
}

#[test]
fn no_failure_hides_what_runs_and_the_cursor_is_always_to_be_seen() {
    for size in SIZES {
        let mut desk = Desk::new(size, GlyphSet::Unicode);
        for (id, of) in [(1, "shop/web-1"), (2, "shop/web-2"), (3, "core/router"), (4, "core/mail-gw")] {
            fail(&mut desk, id, of);
        }
        desk.live(9, "shop/db-1", "bond0");
        desk.keys("1 g");
        let row = |desk: &Desk, name: &str| {
            let section = Layout::of(&desk.model).sessions.unwrap();
            let text = desk.text();
            let mut rows = text.lines().skip(usize::from(section.top)).take(usize::from(section.height));
            rows.any(|line| line.contains(name))
        };
        assert!(row(&desk, "db-1"), "{size:?}\n{}", desk.text());
        for name in ["web-1", "web-2", "router", "mail-gw", "db-1"] {
            assert!(row(&desk, name), "{name} at {size:?}\n{}", desk.text());
            desk.keys("j");
        }
        for id in 10..40 {
            fail(&mut desk, id, &format!("far/host-{id}"));
        }
        desk.keys("g");
        for _ in 0..35 {
            let cursor = desk.model.sessions.cursor.unwrap();
            let name = desk.model.sessions.all[&cursor].name.target.clone();
            assert!(row(&desk, &name), "{name} at {size:?}\n{}", desk.text());
            desk.keys("j");
        }
    }
}
