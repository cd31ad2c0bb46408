use super::{Chosen, Kind, Sweep, SweepError, Tag, age, orders, questions};
use proptest::prelude::*;
use std::time::Duration;

const LABEL: &str = "0123456789abcdef0123456789abcdef:shop/web-1:alice@laptop:1700000000";

fn tag() -> Tag {
    Tag::new("T1").unwrap()
}

fn parse(body: &str) -> Result<Sweep, SweepError> {
    Sweep::parse(format!("Welcome!\r\nwrcap-sweep T1\n{body}wrcap-sweep-end T1\nbye").as_bytes(), &tag())
}

#[test]
fn a_whole_answer() {
    let sweep = parse(&format!(
        "uid 1000\nsystem proc\nhidden\nprocess 70 1 60 0 5150 7200 S /usr/bin/tcpdump -i  x \x1b[2J \n\
         env 70 {LABEL}\nalive 70 50000 22\nprocess 71 70 60 1000 Thu_Nov_26_11:05:20_2026 1-02:03:04 T x\n"
    ))
    .unwrap();
    assert!(sweep.hidden && sweep.uid == 1000);
    let first = &sweep.processes[&70];
    assert_eq!((first.pid, first.parent, first.group, first.uid), (70, 1, 60, 0));
    assert_eq!((first.start.as_str(), first.age.as_secs(), first.state), ("5150", 7200, 'S'));
    assert_eq!(first.args, "/usr/bin/tcpdump -i  x [2J");
    assert_eq!(first.mark.as_ref().unwrap().target.as_deref(), Some("shop/web-1"));
    assert_eq!(first.connections, 1);
    assert_eq!(sweep.processes[&71].age.as_secs(), 86_400 + 2 * 3600 + 3 * 60 + 4);
}

#[test]
fn what_the_sweep_does_not_write_is_refused() {
    for line in [
        "process 1",
        "process a 1 60 0 5150 7200 S x",
        "process 1 1 60 0 51;50 7200 S x",
        "process 1 1 60 0 5150 7:x S x",
        "process 4294967296 1 60 0 5150 7 S x",
        "env 70 x",
        "alive 9 1 1",
        "uid x",
        "reboot now",
    ] {
        assert!(matches!(parse(&format!("uid 0\n{line}\n")), Err(SweepError::Line(_))), "{line}");
    }
    for text in
        ["", "wrcap-sweep T1\nuid 0\n", "wrcap-sweep T2\nwrcap-sweep-end T2\n", "This account is disabled."]
    {
        assert!(matches!(Sweep::parse(text.as_bytes(), &tag()), Err(SweepError::Markers(_))), "{text}");
    }
}

#[test]
fn ages_of_both_kinds() {
    for (text, seconds) in [
        ("0", Some(0)),
        ("-5", Some(0)),
        ("61", Some(61)),
        ("01:01", Some(61)),
        ("02:00:01", Some(7201)),
        ("3-00:00:00", Some(259_200)),
        ("1", Some(1)),
        ("x", None),
        ("1:2:3:4", None),
        ("99999999999999999999:00", None),
        ("999999999999999999-00:00", None),
    ] {
        assert_eq!(age(text), seconds.map(Duration::from_secs), "{text}");
    }
}

#[test]
fn what_is_sent_is_lines() {
    let text = String::from_utf8(questions(&tag())).unwrap();
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["T1", "look", "0"]);
    let chosen = |pid, kind| Chosen { pid, start: "77".into(), kind };
    let text = String::from_utf8(orders(&tag(), &[chosen(5, Kind::Own), chosen(6, Kind::Relay)])).unwrap();
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["T1", "end", "2", "5 77 own", "6 77 relay"]);
}

proptest! {
    #[test]
    fn garbage_is_an_error_or_harmless(body in "(process|env|alive|uid|hidden)?[ 0-9a-zS:/_\\PC\n-]{0,200}") {
        if let Ok(sweep) = parse(&format!("{body}\n")) {
            for process in sweep.processes.values() {
                prop_assert!(process.args.chars().all(|c| !c.is_control()));
                prop_assert!(!process.start.contains([' ', '\n', ';', '$', '\'']));
            }
        }
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let whole = [b"wrcap-sweep T1\n".as_slice(), &bytes, b"\nwrcap-sweep-end T1\n"].concat();
        let _ = Sweep::parse(&whole, &tag());
    }
}
