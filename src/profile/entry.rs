//! Fields as one line of text, the way a form has them: hops separated by commas, options by semicolons.

use super::{
    field::{Field, Shape},
    hop::{self, HOP},
    rotate::ROTATE,
    stop::STOP,
    table::TARGET,
    target::{Hop, Target},
};
use serde_yaml::{Mapping, Value};

/// Between two hops.
const HOPS: &str = ", ";
/// Between two options.
const OPTIONS: &str = "; ";

/// Whether the field `key` is a map of fields of its own: `stop_after`, `rotate`.
pub(super) fn is_map(key: &str) -> bool {
    let field = TARGET.iter().find(|field| field.key == key);
    field.is_some_and(|field| matches!(field.shape, Shape::Stop | Shape::Rotate))
}

/// The shape of the field `key`, conditions of `stop_after` by `stop_after.packets`.
pub(super) fn shape(key: &str) -> Option<&'static Shape> {
    fn find<T>(fields: &'static [Field<T>], key: &str) -> Option<&'static Shape> {
        fields.iter().find(|field| field.key == key).map(|field| &field.shape)
    }
    match key.split_once('.') {
        Some(("stop_after", key)) => find(&STOP, key),
        Some(("rotate", key)) => find(&ROTATE, key),
        _ => find(&TARGET, key),
    }
}

/// `bastion, jo@inner:22 ~/.ssh/key` as a list; what stands behind a hop is its identity.
pub(super) fn hops(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Sequence(items.map(hop_value).collect())
}

/// One hop; text that is none is left for the reader of hops to refuse.
fn hop_value(item: &str) -> Value {
    let Some((place, identity)) = item.split_once(char::is_whitespace) else { return item.into() };
    let Ok(read) = hop::hops(&Value::Sequence(vec![place.into()])) else { return item.into() };
    let Some(mut hop) = read.into_iter().next() else { return item.into() };
    hop.identity = Some(identity.trim().into());
    hop::written_all(&[hop]).get(0).cloned().unwrap_or_default()
}

/// `ConnectTimeout 5; ForwardAgent no` as a map.
pub(super) fn options(text: &str) -> Value {
    let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
    let pair = |item: &str| {
        let (keyword, value) = item.split_once(|c: char| c.is_whitespace() || c == '=').unwrap_or((item, ""));
        (Value::from(keyword), Value::from(value.trim()))
    };
    Value::Mapping(items.map(pair).collect::<Mapping>())
}

/// A value of a file as a line of text; `None` for one that is not set.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(switch) => Some(switch.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Sequence(items) => Some(items.iter().map(hop_text).collect::<Vec<_>>().join(HOPS)),
        Value::Mapping(map) => Some(map.iter().map(option_text).collect::<Vec<_>>().join(OPTIONS)),
        Value::Tagged(tagged) => text(&tagged.value),
    }
}

fn hop_text(value: &Value) -> String {
    let mut hop = Hop::default();
    let Value::Mapping(map) = value else { return text(value).unwrap_or_default() };
    for field in &HOP {
        if let Some(value) = map.get(field.key).filter(|value| !value.is_null()) {
            // The file was read without a mistake before.
            let _ = (field.set)(&mut hop, value);
        }
    }
    line_of(&hop)
}

/// A hop with its identity, if it has one of its own.
fn line_of(hop: &Hop) -> String {
    match hop.identity.as_ref().and_then(|path| path.to_str()) {
        Some(identity) => format!("{hop} {identity}"),
        None => hop.to_string(),
    }
}

fn option_text((keyword, value): (&Value, &Value)) -> String {
    let word = |value: &Value| match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => text(other).unwrap_or_default(),
    };
    format!("{} {}", word(keyword), word(value))
}

/// What the field `key` holds, as text that [`set_field`](super::set_field) takes; `None` for what is not set.
pub fn field_text(target: &Target, key: &str) -> Option<String> {
    fn get<T>(fields: &'static [Field<T>], key: &str, of: &T) -> Option<Value> {
        fields.iter().find(|field| field.key == key).map(|field| (field.get)(of))
    }
    let value = match key.split_once('.') {
        Some(("stop_after", key)) => get(&STOP, key, &target.stop_after),
        Some(("rotate", key)) => get(&ROTATE, key, &target.rotate),
        _ => get(&TARGET, key, target),
    };
    text(&value?)
}

#[cfg(test)]
mod tests {
    use super::{hops, is_map, options, text};
    use crate::profile::{field_text, parse_site, rotate::ROTATE, set_field, stop::STOP, table::TARGET};

    #[test]
    fn lists_and_maps_fit_on_a_line() {
        for line in ["a", "a, jo@b:22", "a ~/.ssh/my key, [::1]:22 /k", ""] {
            assert_eq!(text(&hops(line)).as_deref(), Some(line), "{line}");
        }
        for line in ["ConnectTimeout 5", "A no; B x y", ""] {
            assert_eq!(text(&options(line)).as_deref(), Some(line), "{line}");
        }
        assert_eq!(text(&options("A=5;")).as_deref(), Some("A 5"));
    }

    #[test]
    fn every_field_is_read_from_its_own_text() {
        let file = include_str!("../../tests/profiles/valid/every-field.yaml");
        let full = parse_site("s", file).unwrap().targets.remove(0);
        let mut copy = full.clone();
        for field in TARGET.iter().filter(|field| !is_map(field.key)) {
            let text = field_text(&full, field.key).unwrap();
            set_field(&mut copy, field.key, &text).unwrap();
            assert_eq!(field_text(&copy, field.key).as_ref(), Some(&text), "{}", field.key);
        }
        let inner = STOP.iter().map(|field| format!("stop_after.{}", field.key));
        for key in inner.chain(ROTATE.iter().map(|field| format!("rotate.{}", field.key))) {
            set_field(&mut copy, &key, &field_text(&full, &key).unwrap()).unwrap();
        }
        assert_eq!(copy, full);
    }
}
