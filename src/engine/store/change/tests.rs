use super::{SaveError, delete, read_site_text, revert, save, save_as};
use crate::{
    engine::store::UndoLog,
    profile::{Edit, Place},
};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
};

fn set(target: &str, key: &str, text: &str) -> Edit {
    Edit::Set { at: Place::Target(target.into()), key: key.into(), text: text.into() }
}

#[test]
fn a_new_site_begins_with_the_schema_and_changes_keep_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let add = Edit::Add { name: "web-1".into(), host: "10.0.0.1".into() };
    let first = save(folder.path(), "shop", &[add], None).unwrap();
    assert!(first.after.as_deref().unwrap().starts_with("# yaml-language-server: $schema=.schema.json\n"));
    assert!(folder.path().join(".schema.json").exists());
    let file = folder.path().join("shop.yaml");
    fs::write(&file, format!("{}# mine\n", first.after.unwrap())).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let seen = read_site_text(folder.path(), "shop").unwrap().unwrap();
    save(folder.path(), "shop", &[set("web-1", "filter", "icmp")], Some(&seen)).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.ends_with("    host: 10.0.0.1\n    filter: icmp\n# mine\n"), "{text}");
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
}

#[test]
fn what_changed_meanwhile_is_shown_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    fs::write(&file, "targets: {a: {host: theirs}}\n").unwrap();
    let seen = "targets: {a: {host: old}}\n";
    for result in [
        save(folder.path(), "shop", &[set("a", "filter", "icmp")], Some(seen)),
        save(folder.path(), "shop", &[Edit::Add { name: "b".into(), host: "c".into() }], None),
        delete(folder.path(), "shop", seen),
    ] {
        let Err(SaveError::Changed { found, .. }) = result else { panic!("{result:?}") };
        assert_eq!(found.as_deref(), Some("targets: {a: {host: theirs}}\n"));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: theirs}}\n");
    assert!(matches!(save(folder.path(), "../x", &[], None), Err(SaveError::Name(_))));
}

#[test]
fn the_last_twenty_changes_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    let log = UndoLog::new(folder.path().join("state/undo.json"));
    assert_eq!(log.undo().unwrap(), None);
    let start = "targets: {a: {host: h0}} # kept\n";
    fs::write(&file, start).unwrap();
    for number in 1..=25 {
        let seen = fs::read_to_string(&file).unwrap();
        log.push(
            save(folder.path(), "shop", &[set("a", "host", &format!("h{number}"))], Some(&seen)).unwrap(),
        )
        .unwrap();
    }
    log.push(delete(folder.path(), "shop", &fs::read_to_string(&file).unwrap()).unwrap()).unwrap();
    assert!(!file.exists());
    assert_eq!(fs::metadata(folder.path().join("state/undo.json")).unwrap().mode() & 0o777, 0o600);
    let mut undone = 0;
    while log.undo().unwrap().is_some() {
        undone += 1;
    }
    assert_eq!(undone, 20);
    assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: h6}} # kept\n");
}

#[test]
fn a_site_gets_another_name_or_a_copy_and_both_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (text, edited) = ("targets: {a: {host: b}} # mine\n", "targets: {a: {host: c}} # mine\n");
    fs::write(path("shop.yml"), text).unwrap();
    let log = UndoLog::new(path("undo.json"));
    let edits = [set("a", "host", "c")];
    let renamed = save_as(folder.path(), ("shop", "store"), &edits, text, false).unwrap();
    assert!(!path("shop.yml").exists());
    assert_eq!(fs::read_to_string(path("store.yaml")).unwrap(), edited);
    log.push(renamed).unwrap();
    log.push(save_as(folder.path(), ("store", "copy"), &[], edited, true).unwrap()).unwrap();
    assert!(path("store.yaml").exists() && path("copy.yaml").exists());
    let taken = save_as(folder.path(), ("store", "copy"), &[], edited, false).unwrap_err();
    assert_eq!(taken.to_string(), "there is a site copy already");
    log.undo().unwrap();
    assert!(!path("copy.yaml").exists());
    log.undo().unwrap();
    assert!(!path("store.yaml").exists());
    assert_eq!(fs::read_to_string(path("shop.yml")).unwrap(), text);
    // What changed meanwhile stays, and nothing half is left.
    let error = save_as(folder.path(), ("shop", "store"), &[], edited, false).unwrap_err();
    assert!(matches!(error, SaveError::Changed { .. }) && !path("store.yaml").exists());
}

#[test]
fn a_change_that_was_changed_again_stays_and_can_be_taken_back_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    let log = UndoLog::new(folder.path().join("undo.json"));
    fs::write(&file, "targets: {a: {host: b}}\n").unwrap();
    log.push(
        save(folder.path(), "shop", &[set("a", "port", "22")], Some("targets: {a: {host: b}}\n")).unwrap(),
    )
    .unwrap();
    let after = fs::read_to_string(&file).unwrap();
    fs::write(&file, "targets: {a: {host: theirs}}\n").unwrap();
    for _ in 0..2 {
        let error = log.undo().unwrap_err();
        assert!(error.to_string().starts_with("the change of shop was not taken back: "), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: theirs}}\n");
    }
    fs::write(&file, after).unwrap();
    assert!(log.undo().unwrap().is_some());
    assert_eq!(fs::read_to_string(&file).unwrap(), "targets: {a: {host: b}}\n");
    assert_eq!(log.undo().unwrap(), None);
}

#[test]
fn the_schema_goes_with_the_last_site() {
    let folder = tempfile::tempdir().unwrap();
    let add = Edit::Add { name: "a".into(), host: "b".into() };
    let one = save(folder.path(), "one", std::slice::from_ref(&add), None).unwrap();
    let two = save(folder.path(), "two", &[add], None).unwrap();
    let schema = folder.path().join(".schema.json");
    delete(folder.path(), "one", one.after.as_deref().unwrap()).unwrap();
    assert!(schema.exists());
    let last = delete(folder.path(), "two", two.after.as_deref().unwrap()).unwrap();
    assert!(!schema.exists());
    revert(&last).unwrap();
    assert!(schema.exists(), "with a site it is back");
}
