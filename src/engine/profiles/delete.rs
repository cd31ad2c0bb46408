//! What the user wants gone from the site files: all of it or nothing, and one step back for all of it.

use std::{collections::BTreeMap, fmt, path::Path};

use crate::{
    engine::store::{self, Change, SaveError},
    profile::{Edit, Sheet, TargetName},
};

/// What shall go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doomed {
    /// These targets. The last one of a site takes its file along.
    Targets(Vec<TargetName>),
    /// All of a site.
    Site(String),
}

/// So many names are told one by one.
const NAMED: usize = 3;

impl fmt::Display for Doomed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(site) => f.write_str(site),
            Self::Targets(names) if names.len() <= NAMED => {
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                f.write_str(&names.join(", "))
            }
            Self::Targets(names) => {
                let sites: Vec<&str> = by_site(names).into_keys().collect();
                write!(f, "{} profiles of {}", names.len(), sites.join(", "))
            }
        }
    }
}

impl Doomed {
    /// How many changes of files are felt as one thing: 1 is "it", more are "them".
    pub fn number(&self) -> usize {
        match self {
            Self::Targets(names) => names.len(),
            Self::Site(_) => 1,
        }
    }
}

fn by_site(names: &[TargetName]) -> BTreeMap<&str, Vec<&str>> {
    let mut sites: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        sites.entry(&name.site).or_default().push(&name.target);
    }
    sites
}

/// Takes it away. The change takes all of it back.
pub(super) fn delete(folder: &Path, doomed: &Doomed) -> Result<Change, SaveError> {
    let parts = match doomed {
        Doomed::Site(site) => vec![(site.as_str(), None)],
        Doomed::Targets(names) => by_site(names).into_iter().map(|(site, own)| (site, Some(own))).collect(),
    };
    let mut done: Option<Change> = None;
    for (site, targets) in parts {
        match delete_of(folder, site, targets.as_deref()) {
            Ok(change) => done = Some(Change { with: done.take().map(Box::new), ..change }),
            Err(error) => {
                if let Some(done) = &done {
                    let _ = store::revert(done);
                }
                return Err(error);
            }
        }
    }
    let what = format!("the deletion of {doomed}");
    done.map(|change| Change { what, ..change })
        .ok_or_else(|| SaveError::Read("there is nothing to delete".to_owned()))
}

/// A site must have a target: the last one takes the file along.
fn delete_of(folder: &Path, site: &str, targets: Option<&[&str]>) -> Result<Change, SaveError> {
    let seen = store::read_site_text(folder, site)?.unwrap_or_default();
    let sheet = Sheet::read(&seen)?;
    let stays = |targets: &[&str]| sheet.targets().iter().any(|target| !targets.contains(target));
    let Some(targets) = targets.filter(|targets| stays(targets)) else {
        return store::delete(folder, site, &seen);
    };
    let edits: Vec<Edit> = targets.iter().map(|name| Edit::Remove { name: (*name).to_owned() }).collect();
    store::save(folder, site, &edits, Some(&seen))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{Doomed, delete};
    use crate::{engine::store::revert, profile::TargetName};

    const SHOP: &str = "# ours\ntargets: {a: {host: x}, b: {host: y}, c: {host: z}}\n";
    const CORE: &str = "targets: {r: {host: x}} # one\n";

    fn doomed(names: &[&str]) -> Doomed {
        let name = |name: &&str| {
            let (site, target) = name.split_once('/').unwrap();
            TargetName { site: site.to_owned(), target: target.to_owned() }
        };
        Doomed::Targets(names.iter().map(name).collect())
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.yaml"), SHOP).unwrap();
        fs::write(folder.path().join("core.yaml"), CORE).unwrap();
        folder
    }

    fn text(folder: &Path, site: &str) -> Option<String> {
        fs::read_to_string(folder.join(format!("{site}.yaml"))).ok()
    }

    #[test]
    fn several_of_several_sites_go_and_come_back_as_one() {
        let folder = folder();
        let change = delete(folder.path(), &doomed(&["shop/a", "core/r", "shop/c"])).unwrap();
        assert_eq!(change.what, "the deletion of shop/a, core/r, shop/c");
        assert_eq!(text(folder.path(), "core"), None, "its last target takes the file along");
        let left = text(folder.path(), "shop").unwrap();
        assert!(left.starts_with("# ours") && left.contains("b:") && !left.contains("a:"), "{left}");
        revert(&change).unwrap();
        assert_eq!(text(folder.path(), "shop").as_deref(), Some(SHOP));
        assert_eq!(text(folder.path(), "core").as_deref(), Some(CORE));
    }

    #[test]
    fn all_or_nothing() {
        let folder = folder();
        // The file of core, which comes first, is changed before the other one turns out to be wrong.
        delete(folder.path(), &doomed(&["core/r", "shop/gone"])).unwrap_err();
        assert_eq!(text(folder.path(), "core").as_deref(), Some(CORE));
        assert_eq!(text(folder.path(), "shop").as_deref(), Some(SHOP));
        delete(folder.path(), &doomed(&[])).unwrap_err();
    }

    #[test]
    fn many_are_told_by_their_sites() {
        let many = doomed(&["shop/a", "shop/b", "shop/c", "core/r"]);
        assert_eq!(many.to_string(), "4 profiles of core, shop");
        assert_eq!((many.number(), Doomed::Site("shop".to_owned()).to_string().as_str()), (4, "shop"));
    }
}
