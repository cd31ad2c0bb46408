//! Setting one field of a target from plain text, with the rules that hold for it in a file.

use super::{
    entry,
    field::{Field, Shape},
    nearest::nearest,
    problem::Invalid,
    rotate::ROTATE,
    stop::STOP,
    table::TARGET,
    target::Target,
};
use serde_yaml::Value;

/// What is wrong with a text for a field, as the end of a sentence that begins with the text, and what to write instead.
pub type SetError = (String, Option<String>);

/// Sets the field `key` (`filter`, `stop_after.packets`) to what `text` means there.
///
/// # Errors
/// The field does not exist, or cannot be this.
pub fn set_field(target: &mut Target, key: &str, text: &str) -> Result<(), SetError> {
    let done = match key.split_once('.') {
        Some(("stop_after", key)) => set(&STOP, &mut target.stop_after, key, text),
        Some(("rotate", key)) => set(&ROTATE, &mut target.rotate, key, text),
        _ => set(&TARGET, target, key, text),
    };
    done.map_err(|invalid| (invalid.message, invalid.hint))
}

fn set<T>(fields: &[Field<T>], into: &mut T, key: &str, text: &str) -> Result<(), Invalid> {
    let Some(field) = fields.iter().find(|field| field.key == key) else {
        let near = nearest(key, fields.iter().map(|field| field.key));
        let invalid = Invalid::new(format!("is for {key:?}, which is no field"));
        return Err(near.map_or(invalid.clone(), |near| invalid.hint(format!("did you mean {near}?"))));
    };
    (field.set)(into, &value(&field.shape, text))
}

/// Text as YAML would have read it where the field wants a number, a switch, a list or a map.
pub(super) fn value(shape: &Shape, text: &str) -> Value {
    let below_zero = || text.trim().parse::<i64>().ok().map(Value::from);
    let number = || text.trim().parse::<u64>().ok().map(Value::from).or_else(below_zero);
    let switch = || text.trim().parse::<bool>().ok().map(Value::from);
    match shape {
        Shape::Number(_) | Shape::Size | Shape::Duration => number(),
        Shape::Switch => switch(),
        Shape::Hops => Some(entry::hops(text)),
        Shape::Options => Some(entry::options(text)),
        _ => None,
    }
    .unwrap_or_else(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::set_field;
    use crate::profile::{Hop, Interface, Target, TargetName, parse_site};

    fn target() -> Target {
        let name = TargetName { site: "s".into(), target: "t".into() };
        Target::new(name, Hop { host: "h".into(), user: None, port: None, identity: None })
    }

    #[test]
    fn texts_mean_what_they_mean_in_a_file() {
        let mut t = target();
        for (key, text) in [
            ("filter", "123"),
            ("snaplen", "96"),
            ("buffer", "64KiB"),
            ("promiscuous", "false"),
            ("stop_after.duration", "90"),
            ("rotate.size", "100MB"),
            ("rotate.keep", "5"),
        ] {
            set_field(&mut t, key, text).unwrap();
        }
        assert_eq!(
            (t.filter.as_deref(), t.snaplen, t.buffer, t.promiscuous),
            (Some("123"), 96, 65_536, false)
        );
        assert_eq!(t.stop_after.duration.map(|d| d.as_secs()), Some(90));
        assert_eq!((t.rotate.size, t.rotate.keep), (Some(100_000_000), Some(5)));
    }

    #[test]
    fn several_interfaces_are_a_list_or_have_commas() {
        let names = |text: &str| {
            let mut t = target();
            set_field(&mut t, "interface", text)
                .map(|()| (t.interface.names().to_vec(), t.interface.to_string()))
        };
        let both = (vec!["eth0".to_owned(), "cap0".to_owned()], "eth0,cap0".to_owned());
        assert_eq!(names("eth0, cap0").unwrap(), both);
        assert_eq!(names("auto").unwrap(), (vec![], "auto".to_owned()));
        let listed = |list: &str| {
            parse_site("s", &format!("targets: {{ a: {{ host: b, interface: {list} }} }}"))
                .map(|site| site.targets[0].interface.clone())
        };
        assert_eq!(listed("[eth0, cap0]").unwrap().names(), both.0);
        assert_eq!(listed("[eth0]").unwrap(), Interface::Named("eth0".into()));
        let nine = (0..9).map(|n| format!("e{n}")).collect::<Vec<_>>().join(",");
        for bad in ["eth0,", "eth0,eth0", "eth0,auto", "eth0,-i", &nine] {
            assert!(names(bad).is_err(), "{bad}");
        }
        for bad in ["[]", "[1, 2]", "[[eth0]]", "{eth0: 1}"] {
            assert!(listed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_file_cannot_hold_is_refused() {
        for (key, text) in [
            ("filter", "a\nb"),
            ("interface", "-i"),
            ("snaplen", "x"),
            ("fliter", "a"),
            ("stop_after.packets", "0"),
        ] {
            assert!(set_field(&mut target(), key, text).is_err(), "{key}");
        }
        assert_eq!(
            set_field(&mut target(), "fliter", "a").unwrap_err().1.as_deref(),
            Some("did you mean filter?")
        );
    }
}
