//! Site files that wrcap writes itself: the template of a new one, and what an import gives.

use super::{
    table::TARGET,
    target::{Hop, Target, TargetName},
};
use serde_yaml::{Mapping, Value};

/// The schema's file, beside the site files, as the first line of every file that wrcap writes names it.
/// The dot keeps it out of the way; the name is relative, so the folder can be moved and shared.
pub const SCHEMA_FILE: &str = ".schema.json";

/// The first lines of every file that wrcap writes.
pub(super) const HEADER: &str =
    "# yaml-language-server: $schema=.schema.json\n# All fields with their defaults: wrcap schema\n";

/// What a new site starts as: valid as it is, a target of its own to be filled in.
pub const TEMPLATE: &str = "\
# yaml-language-server: $schema=.schema.json
# All fields with their defaults: wrcap schema

# The bastions on the way, outermost first: [user@]host[:port] or an alias of your ssh_config.
# Leave it out where there are none.
via: [ec2-user@bastion.example.com]

# For all targets that do not set them; the bastions take user and identity from here too.
defaults:
  user: ec2-user
  # identity: ~/.ssh/key.pem
  # keepalive: 60s

targets:
  web-1:
    host: 10.0.1.11
    # interface: eth0          # without it: the one that holds the address we come in by
    # filter: tcp port 80      # without it: everything
";

/// Fields that a site file holds elsewhere than at the target.
const SHARED: [&str; 2] = ["user", "identity"];

/// Every field of `target` as it would be written, by key; null for what is not set.
pub fn field_values(target: &Target) -> serde_json::Map<String, serde_json::Value> {
    let value = |value| serde_json::to_value(value).unwrap_or_default();
    TARGET.iter().map(|field| (field.key.to_owned(), value((field.get)(target)))).collect()
}

/// A site file with this one target; `comments` become its first lines. The bastions must have the target's user
/// and identity or their own: one without would take the target's when read back.
pub(super) fn site_yaml(target: &Target, comments: &[String]) -> String {
    let comments: Vec<String> = comments
        .iter()
        .map(|comment| ["# ", &comment.replace(char::is_control, " "), "\n"].concat())
        .collect();
    let site = serde_yaml::to_string(&site(target)).unwrap_or_default();
    [HEADER, &comments.concat(), &site].concat()
}

fn site(target: &Target) -> Mapping {
    let plain = Target::new(TargetName { site: String::new(), target: String::new() }, Hop::default());
    let mut file = target.clone();
    for hop in &mut file.via {
        hop.user = hop.user.take().filter(|user| Some(user) != target.host.user.as_ref());
        hop.identity = hop.identity.take().filter(|identity| Some(identity) != target.host.identity.as_ref());
    }
    let (mut root, mut defaults, mut fields) = (Mapping::new(), Mapping::new(), Mapping::new());
    for field in &TARGET {
        let value = (field.get)(&file);
        if value == (field.get)(&plain) {
            continue;
        }
        let into = match field.key {
            "via" => &mut root,
            key if SHARED.contains(&key) => &mut defaults,
            _ => &mut fields,
        };
        into.insert(field.key.into(), value);
    }
    if !defaults.is_empty() {
        root.insert("defaults".into(), Value::Mapping(defaults));
    }
    let targets = Mapping::from_iter([(target.name.target.as_str().into(), Value::Mapping(fields))]);
    root.insert("targets".into(), Value::Mapping(targets));
    root
}

#[cfg(test)]
mod tests {
    use super::{HEADER, SCHEMA_FILE, TEMPLATE};
    use crate::profile::parse_site;

    #[test]
    fn template_is_a_site() {
        let site = parse_site("new", TEMPLATE).unwrap();
        assert_eq!(
            site.targets[0].hops().map(ToString::to_string).collect::<Vec<_>>(),
            ["ec2-user@bastion.example.com", "ec2-user@10.0.1.11"]
        );
        assert!(TEMPLATE.starts_with(HEADER));
        assert!(HEADER.contains(SCHEMA_FILE));
    }
}
