//! Paths of recorded files with names in braces: `~/captures/{site}-{target}-{start}.pcapng`.

use std::path::{Path, PathBuf};

use super::{nearest::nearest, problem::Invalid, value::did_you_mean};

/// The names that can stand in braces.
const NAMES: [&str; 4] = ["site", "target", "interface", "start"];
/// The most characters of one value; names of files end at 255 bytes.
const LONGEST: usize = 40;

/// What stands for the names.
#[derive(Debug, Clone, Copy)]
pub struct FileNames<'a> {
    /// `{site}`.
    pub site: &'a str,
    /// `{target}`: the short name.
    pub target: &'a str,
    /// `{interface}`: the target's own name for it; it may come from there.
    pub interface: &'a str,
    /// `{start}`: when the capture began.
    pub start: &'a str,
}

/// Whether the last part of a path has names in braces.
pub fn is_template(path: &Path) -> bool {
    path.file_name().is_some_and(|name| parts(&name.to_string_lossy()).any(|part| part.is_err()))
}

/// Whether all names in a path are known and stand in its last part.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn check_template(path: &Path) -> Result<(), (String, Option<String>)> {
    check(path).map_err(|invalid| (invalid.message, invalid.hint))
}

pub(super) fn check(path: &Path) -> Result<(), Invalid> {
    let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().unwrap_or_default());
    if let Some(name) = parts(&folder.to_string_lossy()).find_map(Result::err) {
        return Err(Invalid::new(format!("has {{{name}}} in a folder"))
            .hint("names in braces can stand in the last part of the path only"));
    }
    let name = name.to_string_lossy();
    let unknown = parts(&name).filter_map(Result::err).find(|name| !NAMES.contains(name));
    let Some(unknown) = unknown else { return Ok(()) };
    let invalid = Invalid::new(format!("has {{{unknown}}}, which stands for nothing"));
    Err(match nearest(unknown, NAMES) {
        Some(near) => invalid.hint(did_you_mean(&format!("{{{near}}}"))),
        None => invalid.hint("known are {site}, {target}, {interface} and {start}"),
    })
}

/// The path with the names filled in. No value makes a folder, a hidden file or a character that moves a cursor.
pub fn fill(path: &Path, names: &FileNames<'_>) -> PathBuf {
    let Some(name) = path.file_name() else { return path.to_owned() };
    let name = name.to_string_lossy();
    let filled: String = parts(&name)
        .map(|part| match part {
            Ok(text) => text.to_owned(),
            Err("site") => safe(names.site),
            Err("target") => safe(names.target),
            Err("interface") => safe(names.interface),
            Err("start") => safe(names.start),
            Err(other) => format!("{{{other}}}"),
        })
        .collect();
    // A name of nothing but dots is a folder's.
    path.with_file_name(if filled.trim_matches('.').is_empty() { "capture" } else { &filled })
}

/// A value as a part of a file's name.
fn safe(value: &str) -> String {
    let value = value.trim_start_matches('.');
    value
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' })
        .collect()
}

/// The parts of a text: `Ok` what stands for itself, `Err` the names in braces.
fn parts(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let open = rest.find('{').and_then(|open| Some((open, open + rest[open..].find('}')?)));
        Some(match open {
            Some((0, close)) => {
                let name = &rest[1..close];
                rest = &rest[close + 1..];
                Err(name)
            }
            Some((open, _)) => {
                let (before, after) = rest.split_at(open);
                rest = after;
                Ok(before)
            }
            None => Ok(std::mem::take(&mut rest)),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{FileNames, Path, check_template, fill, is_template};

    const NAMES: FileNames<'static> =
        FileNames { site: "shop", target: "web-1", interface: "ge-0/0/1", start: "20261123-141501" };

    fn filled(path: &str, names: &FileNames<'_>) -> String {
        fill(Path::new(path), names).to_string_lossy().into_owned()
    }

    #[test]
    fn names_are_filled_in() {
        for (path, name) in [
            ("/c/{site}-{target}-{start}.pcapng", "/c/shop-web-1-20261123-141501.pcapng"),
            ("{interface}", "ge-0_0_1"),
            ("/c/plain.pcapng", "/c/plain.pcapng"),
            ("/c/a{b", "/c/a{b"),
            ("/c/}{site}{", "/c/}shop{"),
        ] {
            assert_eq!(filled(path, &NAMES), name);
        }
    }

    #[test]
    fn no_value_leaves_its_place() {
        let long = "x".repeat(300);
        for (value, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            (".hidden", "hidden"),
            ("...", ""),
            ("a\n\u{1b}[2Jb", "a__[2Jb".replace('[', "_").as_str()),
            ("{site}", "_site_"),
            (&long, &long[..40]),
        ] {
            let names = FileNames { interface: value, ..NAMES };
            assert_eq!(filled("/c/{interface}.pcapng", &names), format!("/c/{name}.pcapng"));
        }
        assert_eq!(filled("/c/{interface}", &FileNames { interface: "..", ..NAMES }), "/c/capture");
    }

    #[test]
    fn only_known_names_in_the_last_part() {
        for (path, message) in [
            ("~/captures", None),
            ("~/captures/{site}-{start}", None),
            ("~/{site}/x", Some("has {site} in a folder")),
            ("~/x/{sit}", Some("has {sit}, which stands for nothing")),
            ("~/x/{}", Some("has {}, which stands for nothing")),
        ] {
            assert_eq!(check_template(Path::new(path)).err().map(|(m, _)| m).as_deref(), message, "{path}");
        }
        assert!(is_template(Path::new("a/{b}")) && !is_template(Path::new("{a}/b")));
    }
}
