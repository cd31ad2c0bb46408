//! Edits of site files: each case of `tests/profiles/edit` has the text before, the edits, and the text after;
//! and whatever is edited in whichever file, the result reads as what was meant, and nothing else has moved.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use wrcap::profile::{Edit, Place, Target, edit_site, fields, parse_site, set_field};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profiles/edit");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == "edits"))
        .collect();
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    files
}

fn place(name: &str) -> Place {
    if name == "defaults" { Place::Defaults } else { Place::Target(name.to_owned()) }
}

/// `set PLACE FIELD TEXT`, `unset PLACE FIELD`, `add NAME HOST`, `clone FROM TO`, `rename FROM TO`, `remove NAME`.
fn edit(line: &str) -> Edit {
    let mut words = line.splitn(4, ' ').map(str::to_owned);
    let mut next = || words.next().unwrap_or_default();
    match (next().as_str(), next(), next(), next()) {
        ("set", at, key, text) => Edit::Set { at: place(&at), key, text },
        ("unset", at, key, _) => Edit::Unset { at: place(&at), key },
        ("add", name, host, _) => Edit::Add { name, host },
        ("clone", from, to, _) => Edit::Clone { from, to },
        ("rename", from, to, _) => Edit::Rename { from, to },
        ("remove", name, ..) => Edit::Remove { name },
        _ => panic!("{line}"),
    }
}

/// `WRCAP_BLESS=1` writes what is found; look at the difference then.
#[test]
fn each_case_changes_exactly_what_it_says() {
    let mut wrong = Vec::new();
    for path in cases() {
        let text = fs::read_to_string(&path).unwrap();
        let before = fs::read_to_string(path.with_extension("before.yaml")).unwrap();
        let edits: Vec<Edit> = text.lines().filter(|line| !line.starts_with('!')).map(edit).collect();
        let found = edit_site("s", &before, &edits).map_err(|error| error.to_string());
        if let (Ok(after), Some(_)) = (&found, std::env::var_os("WRCAP_BLESS")) {
            fs::write(path.with_extension("after.yaml"), after).unwrap();
        }
        let wanted = match text.lines().next().and_then(|line| line.strip_prefix("! ")) {
            Some(refusal) => Err(refusal.to_owned()),
            None => Ok(fs::read_to_string(path.with_extension("after.yaml")).unwrap()),
        };
        if found != wanted {
            let told =
                |side: &Result<String, String>| side.clone().unwrap_or_else(|why| format!("error: {why}"));
            wrong.push(format!("{}\nfound:\n{}\nwanted:\n{}\n", path.display(), told(&found), told(&wanted)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn targets(text: &str) -> BTreeMap<String, Target> {
    let site = parse_site("s", text).unwrap_or_else(|why| panic!("{text}\n{why:?}"));
    site.targets.into_iter().map(|target| (target.name.target.clone(), target)).collect()
}

/// The files of the corpus that are sites.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let more = ["profiles", "tests/profiles/valid"]
        .into_iter()
        .flat_map(|name| fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path()));
    let befores = cases().into_iter().map(|path| path.with_extension("before.yaml"));
    let texts = befores.chain(more.filter(|path| path.extension().is_some_and(|e| e == "yaml")));
    texts.map(|path| fs::read_to_string(path).unwrap()).filter(|text| !text.is_empty()).collect()
}

/// How many lines differ: (of `before`, of `after`), where they have the same beginning and end.
fn hunk(before: &str, after: &str) -> (usize, usize) {
    let (a, b): (Vec<_>, Vec<_>) = (before.split('\n').collect(), after.split('\n').collect());
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let left = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(left).take_while(|(a, b)| a == b).count();
    (a.len() - head - tail, b.len() - head - tail)
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with('#')).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_field_of_any_file_becomes_what_was_meant(
        file: prop::sample::Index,
        target: prop::sample::Index,
        field: prop::sample::Index,
        word in "[ -~]{1,12}|[a-z]{1,6}|[0-9]{1,4}(s|MiB)?|(true|false|yes|null|~|auto|none|in|[a-z]@b, c:22)|[äß漢]{1,3}",
    ) {
        let corpus = corpus();
        let before = file.get(&corpus);
        let old = targets(before);
        let name = target.get(&old.keys().cloned().collect::<Vec<_>>()).clone();
        let key = field.get(&fields()).key.clone();
        let mut wanted = old.clone();
        let allowed = set_field(wanted.get_mut(&name).unwrap(), &key, &word).is_ok();
        let edit = Edit::Set { at: Place::Target(name.clone()), key: key.clone(), text: word.clone() };
        match edit_site("s", before, &[edit]) {
            Ok(after) => {
                prop_assert!(allowed, "{word:?} is no {key}");
                if key != "via" {
                    prop_assert_eq!(&targets(&after), &wanted, "{}", after);
                }
                let (gone, came) = hunk(before, &after);
                prop_assert!(gone <= 12 && came <= 5, "{key}: {word}\n{after}");
                prop_assert_eq!(comments(before), comments(&after));
            }
            Err(error) => {
                let shared = before.contains('&');
                // They mean something only beside another one.
                let alone = key == "rotate.keep" || key == "stop_after.then";
                prop_assert!(!allowed || shared || alone, "{key} of {name}: {word:?}: {error:?}\n{before}");
            }
        }
    }

    #[test]
    fn what_is_set_and_taken_out_again_leaves_no_trace(
        file: prop::sample::Index,
        target: prop::sample::Index,
        word in "[a-z ]{1,12}|[!-~]{1,8}",
    ) {
        let corpus = corpus();
        let before = file.get(&corpus);
        let old = targets(before);
        let name = target.get(&old.keys().cloned().collect::<Vec<_>>()).clone();
        prop_assume!(old[&name].group.is_none() && !before.contains("group:"));
        let at = Place::Target(name);
        let key = "group".to_owned();
        let set = Edit::Set { at: at.clone(), key: key.clone(), text: word };
        if let Ok(after) = edit_site("s", before, &[set]) {
            let again = edit_site("s", &after, &[Edit::Unset { at, key }]).unwrap();
            prop_assert_eq!(&again, before);
        }
    }

    #[test]
    fn any_text_and_any_edit_end_without_panic(
        text in "(targets|defaults|via|a|host|- |: |\n|  |\\{|\\}|\\[|\\]|,|#|&a|\\*a|<<|'|\"|\\||x){0,40}",
        key in "host|via|filter|stop_after.packets|nothing",
    ) {
        for edit in [
            Edit::Set { at: Place::Target("a".into()), key: key.clone(), text: "x".into() },
            Edit::Unset { at: Place::Defaults, key },
            Edit::Clone { from: "a".into(), to: "b".into() },
            Edit::Rename { from: "a".into(), to: "b".into() },
            Edit::Add { name: "b".into(), host: "x".into() },
            Edit::Remove { name: "a".into() },
        ] {
            if let Ok(after) = edit_site("s", &text, &[edit]) {
                prop_assert!(parse_site("s", &after).is_ok());
            }
        }
    }
}
