//! The table of fields as a form needs it.

use super::{
    entry,
    field::{Field, Shape},
    rotate::ROTATE,
    stop::STOP,
    table::{SITE, TARGET},
    target::{Hop, Target, TargetName},
};

/// A field as a form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its key, `stop_after.packets` for a condition inside another field.
    pub key: String,
    /// A word or two for the left of a form.
    pub label: String,
    /// What it is for, in a sentence.
    pub about: &'static str,
    /// What can be entered.
    pub entry: Entry,
    /// wrcap's own value, as text; `None` where not setting it means nothing.
    pub default: Option<String>,
}

/// What can be entered into a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A line of text.
    Line,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// One of these words, or other text.
    ChoiceOr(Vec<&'static str>),
    /// Hops separated by commas.
    Hops,
}

/// All fields of a target, those of `stop_after` and `rotate` one by one. All but the first may stand in a site's defaults.
pub fn fields() -> Vec<FieldInfo> {
    let plain = Target::new(TargetName { site: String::new(), target: String::new() }, Hop::default());
    let mut all = Vec::with_capacity(TARGET.len() + STOP.len());
    for field in &TARGET {
        match field.shape {
            Shape::Stop => all.extend(inner(field.key, &STOP)),
            Shape::Rotate => all.extend(inner(field.key, &ROTATE)),
            _ => all.push(info(field.key.to_owned(), field, entry::field_text(&plain, field.key))),
        }
    }
    all
}

/// The fields of a field that is a map.
fn inner<T>(outer: &str, fields: &'static [Field<T>]) -> impl Iterator<Item = FieldInfo> {
    fields.iter().map(move |field| info(format!("{outer}.{}", field.key), field, None))
}

/// What the site's bastions are for, in a sentence.
pub fn site_bastions() -> &'static str {
    SITE.iter().find(|(key, _)| *key == "via").map_or("", |(_, about)| about)
}

fn info<T>(key: String, field: &Field<T>, default: Option<String>) -> FieldInfo {
    let entry = match &field.shape {
        Shape::Words(words) => Entry::Choice(words()),
        Shape::WordsOr(words) | Shape::WordsOrList(words) => Entry::ChoiceOr(words()),
        Shape::Switch => Entry::Choice(vec!["true", "false"]),
        Shape::Hops => Entry::Hops,
        _ => Entry::Line,
    };
    let default = default.filter(|text| !text.is_empty());
    FieldInfo { label: label(&key), key, about: field.about, entry, default }
}

/// The key in words; ssh's and tcpdump's own words stay.
fn label(key: &str) -> String {
    let words = match key {
        "via" => "bastions",
        "snaplen" => "snap length",
        "ssh_options" => "SSH options",
        "stop_after.duration" => "stop after time",
        other => &other.replace(['_', '.'], " "),
    };
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::{Entry, fields};
    use crate::profile::{Hop, Target, TargetName, set_field};

    #[test]
    fn every_default_and_choice_can_be_entered() {
        let name = TargetName { site: "s".into(), target: "t".into() };
        let mut target = Target::new(name, Hop { host: "h".into(), ..Hop::default() });
        let all = fields();
        for field in &all {
            if let Some(text) = &field.default {
                set_field(&mut target, &field.key, text)
                    .unwrap_or_else(|why| panic!("{}: {why:?}", field.key));
            }
            if let Entry::Choice(words) | Entry::ChoiceOr(words) = &field.entry {
                for word in words {
                    set_field(&mut target, &field.key, word).unwrap();
                }
            }
        }
        let labels: Vec<_> = all.iter().map(|field| field.label.as_str()).collect();
        assert_eq!(
            labels[..8],
            ["Host", "Port", "User", "Identity", "Bastions", "Host key", "SSH options", "Keepalive"]
        );
        assert!(labels.contains(&"Stop after packets"));
    }
}
