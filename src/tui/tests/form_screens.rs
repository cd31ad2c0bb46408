//! What a form looks like.

use insta::assert_snapshot;

use super::{
    Desk, Msg,
    form::{SHOP, go, hear, open, opened, typed},
    screens::roles,
};
use crate::{
    engine::profiles::{Facts, Judge, KeyFacts, News, Verdict},
    profile::parse_site,
    tui::glyphs::GlyphSet,
};

fn facts() -> Facts {
    Facts {
        host: "10.0.1.30".to_owned(),
        hostname: "db.internal".to_owned(),
        user: "me".to_owned(),
        port: "22".to_owned(),
        proxy: Some("corp-jump".to_owned()),
        jump: None,
        identity: None,
        key: Some(KeyFacts::Found {
            algorithm: "ed25519".to_owned(),
            encrypted: true,
            in_agent: Some(false),
        }),
    }
}

/// A form in the middle of work.
fn busy(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = opened(size, glyphs, "j j e");
    hear(&mut desk, News::Facts(Box::new(facts())));
    hear(&mut desk, News::Filter("tcp port 5432".to_owned(), Verdict::Good(Judge::Here)));
    go(&mut desk, "host_key");
    desk.keys("<right>");
    go(&mut desk, "filter");
    typed(&mut desk, " and prot tcp");
    let filter = "tcp port 5432 and prot tcp".to_owned();
    hear(&mut desk, News::Filter(filter, Verdict::Bad(Judge::Here, "unknown port 'prot'".to_owned())));
    desk
}

const SIZES: [(u16, u16); 4] = [(100, 30), (80, 24), (60, 16), (40, 10)];

#[test]
fn screens() {
    for (width, height) in SIZES {
        let desk = busy((width, height), GlyphSet::Unicode);
        assert_snapshot!(format!("form_{width}x{height}"), desk.text());
        assert_snapshot!(format!("form_{width}x{height}_roles"), roles(&desk));
        let desk = busy((width, height), GlyphSet::Ascii);
        assert!(desk.text().is_ascii(), "{}", desk.text());
        assert_snapshot!(format!("form_{width}x{height}_ascii"), desk.text());
    }
    let mut desk = busy((100, 30), GlyphSet::Unicode);
    go(&mut desk, "name");
    assert_snapshot!("form_top", desk.text());
    desk.keys("<up> <up>");
    assert_snapshot!("form_end", desk.text());
    assert_snapshot!("form_site", open((100, 30), "k k k e").text());
    let mut desk = open((80, 24), "e");
    go(&mut desk, "via");
    desk.keys("C-g <enter> x");
    assert_snapshot!("form_hops", desk.text());
    let mut desk = open((80, 24), "e");
    desk.keys("x <esc>");
    assert_snapshot!("form_leave", desk.text());
    let mut desk = open((80, 24), "n");
    desk.keys("C-s");
    assert_snapshot!("form_new", desk.text());
}

#[test]
fn every_size_draws_every_layer() {
    for width in (0..210).step_by(15) {
        for height in (0..40).step_by(3) {
            let mut desk = busy((100, 30), GlyphSet::Unicode);
            desk.take(Msg::Resize(width, height));
            for keys in ["C-t", "<esc> <esc>", "<esc> <up> <up> <pgdn> <pgup> <tab>"] {
                desk.keys(keys);
                desk.text();
            }
        }
    }
}

#[test]
fn privacy_covers_a_form_too() {
    let mut desk = open((100, 40), "e");
    let targets = parse_site("shop", SHOP).unwrap().targets;
    desk.model.desk.settings.veil = Some(crate::remote::veil::Veil::new(&targets, &[]));
    let hidden = |desk: &Desk| {
        let text = desk.text();
        for secret in ["10.0.1.", "bastion.shop", "ec2-user", "ops@"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    };
    for _ in 0..40 {
        hidden(&desk);
        desk.keys("<tab>");
    }
    go(&mut desk, "via");
    desk.keys("C-g <left> <left>");
    hidden(&desk);
}

#[test]
fn the_help_of_every_field_is_to_be_seen_at_80x24() {
    for keys in ["e", "k k k e"] {
        let mut desk = open((80, 24), keys);
        let rows = crate::tui::form::of(&desk.model).unwrap().rows.len();
        for _ in 0..rows {
            let about = crate::tui::form::of(&desk.model).unwrap().row().unwrap().about;
            let seen = desk.text().replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(seen.contains(about), "{about}\n{}", desk.text());
            desk.keys("<tab>");
        }
    }
}
