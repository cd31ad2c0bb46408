//! Files that somebody else may have written: sites, and settings of the old script.

use std::time::{Duration, Instant};

use wrcap::profile::{Problem, import::import_conf, parse_site};

use crate::{
    harness::Fuzz,
    memory::{limit_process, peak_of},
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
