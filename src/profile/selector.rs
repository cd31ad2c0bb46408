//! Selectors: which targets a command means.

use super::{check::valid_name, target::TargetName};
use std::{fmt, str::FromStr};

/// A site (`shop`: all its targets), a target (`shop/web-1`), or either with `*` and `?` (`shop/web-*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    site: String,
    target: Option<String>,
}

/// A text that cannot select anything, whatever there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} selects nothing: a selector is SITE, SITE/TARGET, or either with * and ?")]
pub struct SelectorError(pub String);

impl Selector {
    /// Reads a selector. Paths of configuration files are the caller's to find out before: that takes a look at the disk.
    ///
    /// # Errors
    /// Text that no name could match.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let (site, target) = text.split_once('/').map_or((text, None), |(site, target)| (site, Some(target)));
        let possible = |part: &str| valid_name(&part.replace(['*', '?'], "x"));
        if !possible(site) || !target.is_none_or(possible) {
            return Err(SelectorError(text.to_owned()));
        }
        Ok(Self { site: site.to_owned(), target: target.map(str::to_owned) })
    }

    /// Whether it means this target.
    pub fn matches(&self, name: &TargetName) -> bool {
        self.matches_site(&name.site)
            && self.target.as_deref().is_none_or(|pattern| glob(pattern, &name.target))
    }

    /// Whether it may mean a target of this site.
    pub fn matches_site(&self, site: &str) -> bool {
        glob(&self.site, site)
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.site)?;
        self.target.as_ref().map_or(Ok(()), |target| write!(f, "/{target}"))
    }
}

/// Whether `pattern` matches all of `text`: `*` is any run of characters, `?` any single one. Takes time
/// in proportion to the product of both lengths at most: only the last `*` is ever tried again.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Selector, glob};
    use crate::profile::target::TargetName;

    #[test]
    fn globs() {
        for (pattern, text, matches) in [
            ("web-1", "web-1", true),
            ("web-1", "web-11", false),
            ("web-?", "web-1", true),
            ("web-?", "web-", false),
            ("web-*", "web-", true),
            ("*-1", "web-1-1", true),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "xaxbx", false),
            ("*", "", true),
            ("**", "x", true),
            ("", "x", false),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
        assert!(!glob(&"*a".repeat(50), &"a".repeat(49)));
    }

    #[test]
    fn selectors() {
        let name = TargetName { site: "shop".into(), target: "web-1".into() };
        for (text, matches) in [
            ("shop", true),
            ("shop/web-1", true),
            ("shop/web-*", true),
            ("*", true),
            ("sh*", true),
            ("*/web-1", true),
            ("sho", false),
            ("shop/web", false),
            ("shop/db-*", false),
        ] {
            assert_eq!(Selector::parse(text).unwrap().matches(&name), matches, "{text}");
        }
        for bad in ["", "/", "shop/", "/web-1", "a/b/c", "a b", "-x", ".."] {
            assert!(Selector::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Selector::parse("shop/web-*").unwrap().to_string(), "shop/web-*");
    }
}
