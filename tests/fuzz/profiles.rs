//! Files that somebody else may have written: sites, and settings of the old script.

use std::time::{Duration, Instant};

use wrcap::{
    engine::{
        spool::stored,
        store::{Change, UndoLog},
    },
    profile::{Edit, EditError, Place, Problem, Site, edit_site, fields, import::import_conf, parse_site},
};

use crate::{
    harness::Fuzz,
    memory::{limit_process, peak_of},
    mutate::Rng,
    shown::{assert_safe, assert_short},
};

fn assert_problem(problem: &Problem) {
    assert!(problem.line > 0 && problem.column > 0, "{problem:?}");
    assert_short("a problem", &problem.to_string());
    assert_short("a hint", problem.hint.as_deref().unwrap_or_default());
}

#[test]
fn sites() {
    let fuzz = Fuzz::new("site", 4000).and("tests/profiles/valid").and("tests/profiles/invalid");
    fuzz.memory(8 << 20, 2000).run(|input, _| {
        let text = String::from_utf8_lossy(input);
        match parse_site("site", &text) {
            Ok(site) => {
                for target in &site.targets {
                    assert_safe("a name", &target.name.to_string());
                    assert_safe("a host", &target.host.to_string());
                }
            }
            Err(problems) => {
                assert!((1..=50).contains(&problems.len()));
                problems.iter().for_each(assert_problem);
            }
        }
    });
}

/// An edit of whatever the file has, or has not.
fn any_edit(rng: &mut Rng, site: Option<&Site>) -> Edit {
    let names: Vec<&str> =
        site.iter().flat_map(|site| &site.targets).map(|t| t.name.target.as_str()).collect();
    let name = if names.is_empty() { "a" } else { rng.one_of(&names) }.to_owned();
    let at = if rng.below(4) == 0 { Place::Defaults } else { Place::Target(name.clone()) };
    let key = rng.one_of(&fields()).key.clone();
    let text =
        (*rng.one_of(&["x", "", "1", "tcp port 80", "a, b@c:22", "- x: #", "\u{1b}[2J", "10s", "ä😀"]))
            .to_owned();
    match rng.below(7) {
        0 => Edit::Unset { at, key },
        1 => Edit::Add { name: "new".to_owned(), host: text },
        2 => Edit::Clone { from: name, to: "copy".to_owned() },
        3 => Edit::Rename { from: name, to: "other".to_owned() },
        4 => Edit::Remove { name },
        _ => Edit::Set { at, key, text },
    }
}

/// Whose values an edit may change.
fn touches(edit: &Edit, target: &str) -> bool {
    match edit {
        Edit::Set { at, .. } | Edit::Unset { at, .. } => {
            matches!(at, Place::Defaults) || *at == Place::Target(target.to_owned())
        }
        Edit::Rename { from, .. } => from == target,
        Edit::Remove { name } => name == target,
        Edit::Add { .. } | Edit::Clone { .. } => false,
    }
}

/// Edits of files that somebody else wrote: refused in words, or nothing else has changed.
#[test]
fn edits_of_sites() {
    let fuzz = Fuzz::new("site", 1500).and("tests/profiles/valid").and("tests/profiles/edit");
    fuzz.memory(16 << 20, 4000).run(|input, rng| {
        let text = String::from_utf8_lossy(input);
        let before = parse_site("site", &text).ok();
        let edit = any_edit(rng, before.as_ref());
        match edit_site("site", &text, std::slice::from_ref(&edit)) {
            Ok(after) => {
                let after = parse_site("site", &after).expect("an edit leaves a site");
                let kept = before.iter().flat_map(|site| &site.targets);
                for old in kept.filter(|old| !touches(&edit, &old.name.target)) {
                    assert!(after.targets.contains(old), "{edit:?} changed {}", old.name);
                }
            }
            Err(EditError::Invalid(problems)) => problems.iter().for_each(assert_problem),
            Err(error) => assert_short("why not", &error.to_string()),
        }
    });
}

/// The file of changes to take back: whatever is in it, the next change can be kept there and taken back.
#[test]
fn changes_to_take_back() {
    let folder = tempfile::tempdir().unwrap();
    let (log, site) = (folder.path().join("undo.json"), folder.path().join("shop.yaml"));
    let (before, after) = ("targets: {a: {host: b}}\n", "targets: {a: {host: c}}\n");
    Fuzz::new("undo", 1500).memory(1 << 20, 64).run(|input, _| {
        std::fs::write(&log, input).unwrap();
        std::fs::write(&site, after).unwrap();
        let undo = UndoLog::new(log.clone());
        let change = Change {
            what: "the change of shop".to_owned(),
            file: site.clone(),
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
            with: None,
        };
        undo.push(change.clone()).expect("a log that cannot be read is begun anew");
        assert_eq!(undo.undo().unwrap(), Some(change));
        assert_eq!(std::fs::read_to_string(&site).unwrap(), before);
    });
}

/// What a spool says it is of: every spool is listed, whatever its description is.
#[test]
fn descriptions_of_spools() {
    let spools = tempfile::tempdir().unwrap();
    let folder = spools.path().join("shop-web-1-x");
    std::fs::create_dir(&folder).unwrap();
    Fuzz::new("about", 2000).memory(256 << 10, 16).run(|input, _| {
        std::fs::write(folder.join("session.json"), input).unwrap();
        let found = stored(spools.path()).unwrap();
        assert_eq!(found.len(), 1);
        if let Some(about) = &found[0].about {
            let _ = about.started();
        }
    });
}

/// What is small as text and large, deep or slow when it is read.
#[expect(clippy::format_collect, reason = "it reads best so, and is done once")]
fn bombs() -> Vec<(&'static str, String)> {
    let wide = |each: &str, count| format!("targets: [{}]\n", vec![each; count].join(", "));
    let nine = |name: &str, of: &str| format!("{name}: &{name} [{}]\n", [of; 9].join(", "));
    let mut billion = nine("a", "x");
    for (name, of) in
        [("b", "*a"), ("c", "*b"), ("d", "*c"), ("e", "*d"), ("f", "*e"), ("g", "*f"), ("h", "*g")]
    {
        billion += &nine(name, of);
    }
    let hops = vec!["hop"; 20_000].join(", ");
    let targets: String = (0..20_000).map(|n| format!("  t{n}: {{ host: h }}\n")).collect();
    vec![
        ("billion laughs", billion),
        ("many of one large", format!("a: &a [{}]\n{}", vec!["x"; 20_000].join(", "), wide("*a", 20_000))),
        ("deep lists", "[".repeat(200_000)),
        ("deep maps", "{a: ".repeat(100_000)),
        ("deep blocks", (0..1300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        ("deep dashes", "- ".repeat(200_000)),
        ("question marks", "? ".repeat(100_000)),
        ("a huge scalar", format!("targets: \"{}\"\n", "x".repeat(900_000))),
        ("a huge key", format!("\"{}\": 1\n", "x".repeat(900_000))),
        ("a huge block", format!("targets: |\n{}", "  x\n".repeat(200_000))),
        ("many targets", format!("targets:\n{targets}")),
        ("many hops for many targets", format!("via: [{hops}]\ntargets:\n{targets}")),
        ("many merges", format!("a: &a {{b: c}}\nd: {{<<: [{}]}}\n", vec!["*a"; 50_000].join(", "))),
        ("many anchors", (0..50_000).map(|n| format!("- &a{n} x\n")).collect()),
        ("many documents", "---\n".repeat(100_000)),
        ("many problems", (0..5000).map(|n| format!("k{n}: 1\n")).collect()),
        ("tags", format!("targets: {}x\n", "!t ".repeat(50_000))),
        ("tabs", "\t".repeat(500_000)),
    ]
}

/// A file of at most 1 MiB (larger ones are not read) takes neither more memory than a capture may nor the patience of
/// who waits for the dashboard.
#[test]
fn bombs_are_refused_or_read_in_time() {
    limit_process();
    for (what, text) in bombs() {
        assert!(text.len() <= 1 << 20, "{what} is no site file");
        let began = Instant::now();
        let (result, peak) = peak_of(|| parse_site("site", &text).map(|site| site.targets.len()));
        let took = began.elapsed();
        eprintln!("{what}: {} bytes, {took:.1?}, {} KiB", text.len(), peak >> 10);
        assert!(took < Duration::from_secs(10), "{what} took {took:?}");
        assert!(peak < 256 << 20, "{what} took {peak} bytes");
        if let Err(problems) = result {
            problems.iter().for_each(assert_problem);
        }
    }
}

#[test]
fn settings_of_the_script() {
    Fuzz::new("conf", 4000).and("tests/profiles/import").memory(1 << 20, 400).run(|input, _| {
        let text = String::from_utf8_lossy(input);
        let report = match import_conf(&text, "site", "wireshark-remote.conf") {
            Ok(imported) => {
                let read = parse_site("site", &imported.site_yaml);
                let read = read.unwrap_or_else(|problems| panic!("{problems:?}\n{}", imported.site_yaml));
                assert_eq!(read.targets, [imported.target], "{}", imported.site_yaml);
                imported.report
            }
            Err(error) => {
                assert_short("the error", &error.to_string());
                error.report
            }
        };
        for line in report {
            assert_short("a line of the report", &line.to_string());
        }
    });
}

#[test]
fn long_settings_are_read_in_time() {
    limit_process();
    for (what, text) in [
        ("a long line", format!("FILTER='{}'\n", "x".repeat(900_000))),
        ("many settings", "FILTER=udp\n".repeat(90_000)),
        ("itself again and again", "FILTER=$FILTER$FILTER\n".repeat(1000)),
        ("open quotes", "\"'".repeat(400_000)),
        ("open braces", "X=${".repeat(200_000)),
        ("open parentheses", "$(".repeat(400_000)),
        ("many ifs", "if x; then\n".repeat(90_000)),
    ] {
        let began = Instant::now();
        let seeded = format!("FILTER=udp\n{text}");
        let (result, peak) =
            peak_of(|| import_conf(&seeded, "site", "f").map(|imported| imported.site_yaml.len()));
        let took = began.elapsed();
        eprintln!("{what}: {} bytes, {took:.1?}, {} KiB, {:?}", text.len(), peak >> 10, result.is_ok());
        assert!(took < Duration::from_secs(10), "{what} took {took:?}");
        assert!(peak < 256 << 20, "{what} took {peak} bytes");
    }
}
