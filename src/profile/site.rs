//! A site file: read, checked, and resolved into targets with all their fields filled in.

use super::{
    check, entry,
    field::{self, Shape, unknown_key},
    hop, locate,
    problem::{Invalid, Problem, Spot, Step},
    size,
    table::{SITE, TARGET},
    target::{Hop, Target, TargetName},
    value,
};
use serde_yaml::{Mapping, Value};

/// More problems than this are not told at once.
const MAX_PROBLEMS: usize = 50;

/// One site file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its name: the stem of the file.
    pub name: String,
    /// Its targets in the order of the file.
    pub targets: Vec<Target>,
}

/// Reads the site file `text`; `name` is the site's name.
///
/// Every field has three sources, the first that sets it wins: the target, the site's `defaults`, wrcap's own
/// defaults. Hops of `via` take `user` and `identity` of the site's `defaults` unless they set their own. A key
/// without a value counts as not there. Anchors, aliases and merge keys work.
///
/// # Errors
/// All problems in the order of the file, at most 50; one only, when the text is no YAML.
pub fn parse_site(name: &str, text: &str) -> Result<Site, Vec<Problem>> {
    let root = read_yaml(text).map_err(|problem| vec![problem])?;
    resolve(name, &root).map_err(|invalid| {
        let found = invalid.into_iter().take(MAX_PROBLEMS);
        let mut problems: Vec<Problem> = found.map(|invalid| locate::place(text, invalid)).collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    })
}

/// The site that a file's values stand for, merge keys applied; or all that is wrong with them.
pub(super) fn resolve(name: &str, root: &Value) -> Result<Site, Vec<Invalid>> {
    let mut reading = Reading { name, invalid: Vec::new() };
    let targets = reading.site(root);
    if reading.invalid.is_empty() {
        return Ok(Site { name: name.to_owned(), targets });
    }
    Err(reading.invalid)
}

/// The values of a file, merge keys applied.
pub(super) fn read_yaml(text: &str) -> Result<Value, Problem> {
    size::check(text).map_err(|error| yaml_problem(text, &error))?;
    let mut root: Value = serde_yaml::from_str(text).map_err(|error| yaml_problem(text, &error))?;
    root.apply_merge().map_err(|error| yaml_problem(text, &error))?;
    Ok(root)
}

/// The reader's own words, without the position that it repeats inside them.
fn yaml_problem(text: &str, error: &serde_yaml::Error) -> Problem {
    let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    if let Some(words) = too_large(words) {
        return Invalid::new(words).place(line, column);
    }
    let invalid = Invalid::new(format!("cannot be read as YAML: {}", words.replace(char::is_control, " ")));
    let tab = text.lines().nth(line.saturating_sub(1)).is_some_and(|line| line.contains('\t'));
    let invalid = if tab { invalid.hint("YAML is indented with spaces, not with tabs") } else { invalid };
    invalid.place(line, column)
}

/// The reader cannot hold such a number at all: `targets.a.snaplen: invalid type: integer ...`.
fn too_large(words: &str) -> Option<String> {
    let (path, rest) = words.split_once(": invalid type: integer `")?;
    let limit = match path.rsplit('.').next().and_then(entry::shape) {
        Some(Shape::Number(range)) => Some(*range.end()),
        _ => None,
    };
    rest.contains("128,")
        .then(|| format!("{path}: {}", value::too_large(limit)).replace(char::is_control, " "))
}

/// A site while it is read, with what was wrong so far.
struct Reading<'a> {
    name: &'a str,
    invalid: Vec<Invalid>,
}

impl Reading<'_> {
    fn site(&mut self, root: &Value) -> Vec<Target> {
        if let Err(invalid) = check::name("site", self.name) {
            self.invalid.push(invalid);
        }
        let root = match value::map(root) {
            Ok(map) => map,
            Err(invalid) => {
                let invalid = Invalid { message: format!("the file {}", invalid.message), ..invalid };
                self.invalid.push(invalid.hint("a site file has the keys via, defaults and targets"));
                return Vec::new();
            }
        };
        self.site_keys(root);
        let targets = root.get("targets").and_then(Value::as_mapping).map_or(0, Mapping::len);
        if !size::is_heritable(&[root.get("defaults"), root.get("via")], targets) {
            let invalid = Invalid::new("is too large for every target to have it").on_key();
            self.invalid.push(invalid.under_key(if root.contains_key("defaults") {
                "defaults"
            } else {
                "via"
            }));
            return Vec::new();
        }
        let base = self.base(root);
        self.targets(root.get("targets"), &base)
    }

    fn site_keys(&mut self, root: &Mapping) {
        for key in root.keys() {
            match value::key(key) {
                Ok(key) if SITE.iter().any(|(known, _)| *known == key) => {}
                Ok(key) => self.invalid.push(unknown_key(key, SITE.iter().map(|(known, _)| *known))),
                Err(invalid) => self.invalid.push(invalid),
            }
        }
    }

    /// The target that all targets of the site start from.
    fn base(&mut self, root: &Mapping) -> Target {
        let name = TargetName { site: self.name.to_owned(), target: String::new() };
        let mut base = Target::new(name, Hop::default());
        if let Some(defaults) = root.get("defaults").filter(|defaults| !defaults.is_null()) {
            match value::map(defaults) {
                Ok(map) => self.defaults(map, &mut base),
                Err(invalid) => self.invalid.push(invalid.under_key("defaults")),
            }
        }
        if let Some(via) = root.get("via").filter(|via| !via.is_null()) {
            let both = root.get("defaults").and_then(|defaults| defaults.get("via")).is_some();
            match hop::hops(via) {
                Ok(_) if both => {
                    self.invalid.push(Invalid::new("stands in the defaults too").on_key().under_key("via"));
                }
                Ok(hops) => base.via = hops,
                Err(invalid) => self.invalid.push(invalid.under_key("via")),
            }
        }
        base
    }

    fn defaults(&mut self, map: &Mapping, base: &mut Target) {
        let mut map = map.clone();
        if map.remove(TARGET[0].key).is_some() {
            let invalid = Invalid::new("belongs to each target, not to the defaults");
            self.invalid.push(invalid.on_key().under_key(TARGET[0].key).under_key("defaults"));
        }
        let found = field::apply(&TARGET[1..], base, &map);
        self.invalid.extend(found.into_iter().map(|invalid| invalid.under_key("defaults")));
    }

    fn targets(&mut self, targets: Option<&Value>, base: &Target) -> Vec<Target> {
        let map = match targets.map(value::map) {
            Some(Ok(map)) if !map.is_empty() => map,
            None | Some(Ok(_)) => {
                self.invalid.push(
                    Invalid::new("the site has no targets").hint("targets: { web-1: { host: 10.0.1.11 } }"),
                );
                return Vec::new();
            }
            Some(Err(invalid)) => {
                self.invalid.push(invalid.under_key("targets"));
                return Vec::new();
            }
        };
        map.iter().map(|(key, value)| self.target(key, value, base)).collect()
    }

    fn target(&mut self, key: &Value, value: &Value, base: &Target) -> Target {
        let mut target = base.clone();
        let found = match (value::key(key), value) {
            (Err(invalid), _) => vec![invalid],
            (Ok(name), value) => {
                name.clone_into(&mut target.name.target);
                let found = read_target(name, value, &mut target);
                found.into_iter().map(|invalid| invalid.under(Step::Key(name.to_owned()))).collect()
            }
        };
        self.invalid.extend(found.into_iter().map(|invalid| invalid.under_key("targets")));
        inherit(&mut target.via, &base.host);
        target
    }
}

/// Fills `target` from the map behind its name.
fn read_target(name: &str, value: &Value, target: &mut Target) -> Vec<Invalid> {
    let mut found: Vec<Invalid> =
        check::name("target", name).err().into_iter().map(Invalid::on_key).collect();
    let empty = Mapping::new();
    let map = match value {
        Value::Null => &empty,
        Value::Mapping(map) => map,
        other => {
            found.extend(value::map(other).err());
            return found;
        }
    };
    found.extend(field::apply(&TARGET, target, map));
    if target.stop_after.then.is_some() && target.stop_after.matching.is_none() {
        let invalid = Invalid::new("is of no use without match").on_key();
        found.push(invalid.under_key("then").under_key("stop_after"));
    }
    if map.get(TARGET[0].key).is_none_or(Value::is_null) {
        found.push(Invalid { on: Spot::Key, ..Invalid::new("the host is missing") });
    }
    found
}

/// Hops take user and identity of the site's defaults unless they set their own.
pub(super) fn inherit(via: &mut [Hop], defaults: &Hop) {
    for hop in via {
        hop.user = hop.user.take().or_else(|| defaults.user.clone());
        hop.identity = hop.identity.take().or_else(|| defaults.identity.clone());
    }
}
