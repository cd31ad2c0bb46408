//! What a site file says itself, and what a target would be with other texts in its fields.

use super::{
    describe::fields,
    edit::{EditError, Place, path, read_root},
    entry,
    set::{SetError, set_field},
    site::inherit,
    target::{Hop, Target, TargetName},
};
use serde_yaml::Value;

/// What a site file says itself, before anything is filled in from somewhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    root: Value,
}

impl Sheet {
    /// Reads the text of a site file; an empty one says nothing.
    ///
    /// # Errors
    /// It is no YAML.
    pub fn read(text: &str) -> Result<Self, EditError> {
        read_root(text).map(|root| Self { root })
    }

    /// What stands for a field at a place, as text; `None` where nothing does.
    pub fn own(&self, at: &Place, key: &str) -> Option<String> {
        let path = path(&self.root, at, key);
        let mut found = &self.root;
        for key in &path {
            found = found.get(key.as_str())?;
        }
        entry::text(found)
    }

    /// The names of the targets in the order of the file.
    pub fn targets(&self) -> Vec<&str> {
        let map = self.root.get("targets").and_then(Value::as_mapping);
        map.map(|map| map.keys().filter_map(Value::as_str).collect()).unwrap_or_default()
    }
}

/// A field's key and its text.
pub type Typed = (String, String);

/// The target that these texts make: those of the site's defaults first, then its own. Also the fields whose text
/// cannot be; they are as if not set.
pub fn typed_target(
    name: TargetName,
    defaults: &[Typed],
    own: &[Typed],
) -> (Target, Vec<(String, SetError)>) {
    let mut target = Target::new(name, Hop::default());
    let mut wrong = Vec::new();
    let mut put = |target: &mut Target, typed: &[Typed]| {
        for (key, text) in typed {
            if let Err(error) = set_field(target, key, text) {
                wrong.push((key.clone(), error));
            }
        }
    };
    put(&mut target, defaults);
    let shared = target.host.clone();
    put(&mut target, own);
    inherit(&mut target.via, &shared);
    (target, wrong)
}

impl Sheet {
    /// Every field that is set at a place.
    pub fn typed(&self, at: &Place) -> Vec<Typed> {
        let own = |key: String| self.own(at, &key).map(|text| (key, text));
        fields().into_iter().filter_map(|field| own(field.key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Sheet, typed_target};
    use crate::profile::parse_site;

    #[test]
    fn the_texts_of_a_file_make_its_targets() {
        for text in [
            include_str!("../../tests/profiles/valid/every-field.yaml"),
            include_str!("../../tests/profiles/edit/comments.before.yaml"),
            "via: [a, x@b]\ndefaults: {user: u, identity: k, port: 23}\ntargets: {t: {host: c}, d: {host: e, via: []}}",
        ] {
            let sheet = Sheet::read(text).unwrap();
            let defaults = sheet.typed(&Place::Defaults);
            let site = parse_site("s", text).unwrap();
            assert_eq!(sheet.targets().len(), site.targets.len());
            for target in site.targets {
                let own = sheet.typed(&Place::Target(target.name.target.clone()));
                assert_eq!(typed_target(target.name.clone(), &defaults, &own), (target, Vec::new()));
            }
        }
    }

    #[test]
    fn a_text_that_cannot_be_is_told_with_its_field() {
        let name = crate::profile::TargetName { site: "s".into(), target: "t".into() };
        let own = [("host".to_owned(), "h".to_owned()), ("port".to_owned(), "x".to_owned())];
        let (target, wrong) = typed_target(name, &[], &own);
        assert_eq!((target.host.host.as_str(), target.host.port), ("h", None));
        assert_eq!(wrong.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["port"]);
    }
}
