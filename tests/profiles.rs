//! Site files: the samples and the valid ones parse, each invalid one gives exactly the problems that its first
//! lines name, and what users write is never a panic.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use wrcap::profile::{Problem, Site, import::import_conf, parse_site, schema};

/// All files of a folder below the package, by name.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no .{extension}", folder.display());
    files
}

fn parse(path: &Path) -> Result<Site, Vec<Problem>> {
    let name = path.file_stem().unwrap().to_str().unwrap();
    parse_site(name, &fs::read_to_string(path).unwrap())
}

/// The lines at the top of a file that begin with `mark`, without it.
fn header(text: &str, mark: &str) -> Vec<String> {
    text.lines().map_while(|line| line.strip_prefix(mark)).map(str::to_owned).collect()
}

fn told(problems: &[Problem]) -> Vec<String> {
    let lines = |problem: &Problem| {
        let hint = problem.hint.as_ref().map(|hint| format!("hint: {hint}"));
        std::iter::once(problem.to_string()).chain(hint)
    };
    problems.iter().flat_map(lines).collect()
}

#[test]
fn samples_and_valid_files_parse() {
    for path in files("profiles", "yaml").into_iter().chain(files("tests/profiles/valid", "yaml")) {
        if let Err(problems) = parse(&path) {
            panic!("{}:\n{}", path.display(), told(&problems).join("\n"));
        }
    }
}

#[test]
fn invalid_files_give_the_problems_they_name() {
    for path in files("tests/profiles/invalid", "yaml") {
        let wanted = header(&fs::read_to_string(&path).unwrap(), "#| ");
        assert!(!wanted.is_empty(), "{} names no problem", path.display());
        let found = told(&parse(&path).expect_err(&path.display().to_string()));
        assert_eq!(found.join("\n"), wanted.join("\n"), "{}", path.display());
    }
}

/// A bastion's own user and identity stay; what it leaves open comes from the site's defaults.
#[test]
fn hops_inherit_and_targets_override() {
    let site = parse_site(
        "s",
        "via: [a, x@b]\ndefaults: {user: u, identity: k, port: 23, snaplen: 9}\n\
         targets: {t: {host: c, port: 24}, d: {host: e, via: [], user: v}, f: {host: g, via: [h]}}\n",
    )
    .unwrap();
    let hops: Vec<Vec<String>> =
        site.targets.iter().map(|t| t.hops().map(ToString::to_string).collect()).collect();
    assert_eq!(hops, [vec!["u@a", "x@b", "u@c:24"], vec!["v@e:23"], vec!["u@h", "u@g:23"]]);
    assert!(site.targets.iter().all(|t| t.snaplen == 9 && t.hops().all(|h| h.identity.is_some())));
    assert_eq!(site.targets[0].name.to_string(), "s/t");
}

/// `WRCAP_BLESS=1` writes the file instead.
#[test]
fn schema_is_the_one_in_assets() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schema.json");
    if std::env::var_os("WRCAP_BLESS").is_some() {
        fs::write(&path, schema()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), schema(), "WRCAP_BLESS=1 writes it anew");
}

/// Each file begins with what must come of it: `#= ` lines are the site file, `#| ` lines the report.
#[test]
fn imports_give_what_they_name() {
    for path in files("tests/profiles/import", "conf") {
        let text = fs::read_to_string(&path).unwrap();
        let site = header(&text, "#= ");
        let wanted_report = header(text.splitn(site.len() + 1, '\n').last().unwrap(), "#| ");
        let (yaml, report) = match import_conf(&text, "s", "x.conf") {
            Ok(imported) => {
                let parsed = parse_site("s", &imported.site_yaml).unwrap();
                assert_eq!(parsed.targets, [imported.target], "{}", path.display());
                (imported.site_yaml.lines().skip(3).map(str::to_owned).collect(), imported.report)
            }
            Err(error) => (vec![format!("error: {error}")], error.report),
        };
        let report: Vec<_> = report.iter().map(|line| format!("{}: {line}", line.fate.word())).collect();
        assert_eq!(yaml.join("\n"), site.join("\n"), "{}", path.display());
        assert_eq!(report.join("\n"), wanted_report.join("\n"), "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}|[-a-z:{}\\[\\]&*<>|'\"!%@#, \n\t0-9]{0,200}") {
        let _ = parse_site("s", &text);
        let _ = import_conf(&text, "s", "x");
    }

    #[test]
    fn any_mistake_is_placed_inside_the_file(
        key in "host|port|via|stop_after|ssh_options|viewer|\"a b\"|snaplen|<<",
        value in "[-a-z:{}\\[\\], 0-9~!&*\"]{0,24}",
    ) {
        let text = format!("defaults: {{user: a}}\ntargets:\n  t:\n    host: b\n    {key}: {value}\n");
        if let Err(problems) = parse_site("s", &text) {
            for problem in problems {
                prop_assert!((1..=6).contains(&problem.line), "{problem}");
                prop_assert!(problem.column >= 1 && !problem.message.contains('\n'), "{problem}");
            }
        }
    }

    /// Whatever an import takes from a file reads back as the same target.
    #[test]
    fn imports_read_back(
        lines in proptest::collection::vec(
            "(KEY_PAIR|USER|CONNECT_HOSTNAME|INTERFACE|FILTER|SNAPLEN|SUDO|WIRESHARK|KEEP_ALIVE|PORTFORWARD_PORT|\
             PORTFORWARD_HOSTNAME|TARGET_PRIVATE_IPADDR)=['\"]?[-a-z0-9:. #{}$~]{0,12}['\"]?",
            0..12,
        ),
    ) {
        let text = format!("CONNECT_HOSTNAME=h\nTARGET_PRIVATE_IPADDR=p\nPORTFORWARD_HOSTNAME=b\n{}\n", lines.join("\n"));
        if let Ok(imported) = import_conf(&text, "s", "x") {
            let site = parse_site("s", &imported.site_yaml);
            prop_assert_eq!(site.map(|site| site.targets), Ok(vec![imported.target]), "{}", imported.site_yaml);
        }
    }

    /// The import's idea of quotes, backslashes, comments and variables against the real shell's. It may
    /// give up on a line, but it may not read another value out of it. The letters make no command.
    #[test]
    fn values_are_those_of_the_real_shell(value in "([xyz \\\\'\"#=$]|\\$X|\\$\\{X\\}|\n|\\\\\n){0,10}") {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("CONNECT_HOSTNAME=h\nX=zz\nFILTER={value}\n");
        fs::write(folder.path().join("f"), &text).unwrap();
        let shell = std::process::Command::new("sh")
            .args(["-c", ". ./f >/dev/null 2>&1; printf %s \"$FILTER\""])
            .current_dir(&folder)
            .env_clear()
            .output()
            .unwrap();
        if let (true, Ok(Some(filter))) = (shell.status.success(), import_conf(&text, "s", "x").map(|i| i.target.filter)) {
            let read = String::from_utf8_lossy(&shell.stdout);
            prop_assert_eq!(read.trim(), filter, "{}", text);
        }
    }
}
