//! `wrcap list`: the saved targets.

use super::{
    error::{CliError, problem_lines, put, sentence},
    json,
};
use crate::{
    engine::{
        paths::Paths,
        store::{Catalog, FileProblems, Trouble},
    },
    profile::{Hop, Target, field_values},
    remote::text::clean,
};
use serde_json::{Value, json};
use std::io::Write;
use unicode_width::UnicodeWidthStr as _;

/// Lists saved targets.
#[derive(Debug, Clone, clap::Args)]
pub struct ListArgs {
    /// SITE, SITE/TARGET, either with * and ?, or a wireshark-remote.conf; without any: all
    #[arg(value_name = "SELECTOR")]
    pub selectors: Vec<String>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Prints the targets to `out`, and what is wrong with site files to `err`.
///
/// # Errors
/// A selector means nothing. Without selectors also a site file that cannot be used; the usable targets are printed
/// all the same then.
pub fn run(args: &ListArgs, paths: &Paths, out: &mut dyn Write, err: &mut dyn Write) -> Result<(), CliError> {
    let catalog = load(paths)?;
    let targets: Vec<Target> = if args.selectors.is_empty() {
        catalog.targets().cloned().collect()
    } else {
        catalog.select(&args.selectors)?.targets
    };
    if args.json {
        put(out, json::line(&to_json(&targets, &catalog.problems)))?;
    } else {
        put(out, table(&targets))?;
        put(err, problem_lines(&catalog.problems))?;
    }
    if targets.is_empty() && catalog.problems.is_empty() && !args.json {
        let message = format!("no saved targets in {}", paths.profiles.display());
        put(
            err,
            sentence(&message, Some("wrcap edit SITE starts a new site, wrcap import FILE takes one over")),
        )?;
    }
    match catalog.problems.len() {
        0 => Ok(()),
        _ if !args.selectors.is_empty() => Ok(()),
        1 => Err(CliError::usage("a site file cannot be used")),
        several => Err(CliError::usage(format!("{several} site files cannot be used"))),
    }
}

/// All site files of the profiles folder.
pub(super) fn load(paths: &Paths) -> Result<Catalog, CliError> {
    Catalog::load(&paths.profiles)
        .map_err(|error| CliError::usage(format!("cannot list {}: {error}", paths.profiles.display())))
}

fn to_json(targets: &[Target], problems: &[FileProblems]) -> Value {
    let targets: Vec<Value> = targets
        .iter()
        .map(|target| {
            let mut object = field_values(target);
            object.insert("name".to_owned(), target.name.to_string().into());
            Value::Object(object)
        })
        .collect();
    let problems: Vec<Value> = problems.iter().flat_map(problem_json).collect();
    json!({"schema": 1, "targets": targets, "problems": problems})
}

fn problem_json(file: &FileProblems) -> Vec<Value> {
    let path = file.file.to_string_lossy();
    match &file.trouble {
        Trouble::Unreadable(why) => vec![json!({
            "file": path, "line": null, "column": null, "path": "", "message": why, "hint": null
        })],
        Trouble::Invalid(found) => found
            .iter()
            .map(|problem| {
                json!({
                    "file": path, "line": problem.line, "column": problem.column, "path": problem.path,
                    "message": problem.message, "hint": problem.hint
                })
            })
            .collect(),
    }
}

/// A column's heading, and what stands in it.
type Column = (&'static str, fn(&Target) -> String);

/// The columns of the table.
const COLUMNS: [Column; 6] = [
    ("TARGET", |target| target.name.to_string()),
    ("HOST", |target| target.host.to_string()),
    ("VIA", |target| or_dash(&target.via.iter().map(Hop::to_string).collect::<Vec<_>>().join(" > "))),
    ("INTERFACE", |target| clean(&target.interface.to_string())),
    ("GROUP", |target| or_dash(target.group.as_deref().unwrap_or_default())),
    ("FILTER", |target| target.filter.as_deref().map_or("everything".to_owned(), clean)),
];

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { clean(text) }
}

/// Aligned by display width; the last column runs free. Nothing at all without targets.
fn table(targets: &[Target]) -> String {
    if targets.is_empty() {
        return String::new();
    }
    let heading = COLUMNS.map(|(heading, _)| heading.to_owned());
    let row = |target: &Target| COLUMNS.map(|(_, cell)| cell(target));
    let rows: Vec<[String; COLUMNS.len()]> =
        std::iter::once(heading).chain(targets.iter().map(row)).collect();
    let mut widths = [0; COLUMNS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let pad = |(cell, width): (&String, &usize)| format!("{cell}{}", " ".repeat(2 + width - cell.width()));
    let cells: String = row.iter().zip(widths).map(pad).collect();
    format!("{}\n", cells.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{ListArgs, run};
    use crate::engine::paths::Paths;
    use std::fs;

    /// Result, output and error output of a listing of a folder with one good and one bad file.
    fn list(selectors: &[&str], json: bool) -> (Result<(), String>, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let shop = "via: [jo@gate]\ntargets: { web-1: { host: a, filter: tcp port 80 }, ü: {}, db: { host: 10.0.0.1 } }\n";
        fs::write(folder.path().join("shop.yaml"), shop.replace("ü: {}, ", "")).unwrap();
        fs::write(folder.path().join("bad.yaml"), shop).unwrap();
        let paths = Paths::from_env(Some(folder.path())).unwrap();
        let selectors = selectors.iter().map(|text| (*text).to_owned()).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let result = run(&ListArgs { selectors, json }, &paths, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(folder.path().to_str().unwrap(), "");
        (result.map_err(|error| error.to_string()), text(out), text(err))
    }

    #[test]
    fn columns_line_up_and_mistakes_are_told() {
        let (result, out, err) = list(&[], false);
        assert_eq!(result, Err("a site file cannot be used".to_owned()));
        assert_eq!(
            out,
            concat!(
                "TARGET      HOST      VIA      INTERFACE  GROUP  FILTER\n",
                "shop/web-1  a         jo@gate  auto       -      tcp port 80\n",
                "shop/db     10.0.0.1  jo@gate  auto       -      everything\n",
            )
        );
        assert!(
            err.starts_with("/bad.yaml:2:53: targets.\"ü\": \"ü\" cannot name a target\nhint: names"),
            "{err}"
        );
    }

    #[test]
    fn selectors_choose() {
        let (result, out, _) = list(&["shop/d*"], false);
        assert_eq!((result, out.lines().count()), (Ok(()), 2));
        assert_eq!(list(&["nope"], false).0, Err("no saved target matches \"nope\"".to_owned()));
    }

    #[test]
    fn json_is_one_object_with_every_field() {
        let value: serde_json::Value = serde_json::from_str(&list(&["shop"], true).1).unwrap();
        assert_eq!(value["schema"], 1);
        assert_eq!(value["targets"][0]["name"], "shop/web-1");
        assert_eq!(value["targets"][0]["via"][0], "jo@gate");
        assert_eq!(value["targets"][1]["snaplen"], 262_144);
        assert_eq!(value["targets"][1]["filter"], serde_json::Value::Null);
        assert_eq!(value["problems"][0]["line"], 2);
    }
}
