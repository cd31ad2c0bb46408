//! What a target says: the minder's messages, tcpdump's, the way to the stream, the probe's answer.

use wrcap::{
    profile::Interface,
    remote::{
        compile,
        minder::{LineSplitter, MAX_BANNER, MAX_LINE, MarkerFinder, Message, Tag},
        privilege::WayState,
        probe::{FilterCheck, ProbeReport},
        tcpdump::{self, Count, Line},
    },
    session::{FailKind, Stage},
};

use crate::{
    harness::Fuzz,
    mutate::Rng,
    shown::{assert_safe, assert_short},
};

fn tag() -> Tag {
    Tag::new("fuzz-1").unwrap()
}

/// Sums of counts never overflow: tcpdump's are 32 bits wide.
fn assert_small(count: u64) {
    assert!(u32::try_from(count).is_ok(), "a count of {count}");
}

/// All that is shown of a message, and all that is counted of it.
fn take(message: &Message) {
    match message {
        Message::Refused(_, words) => assert_short("a refusal", words),
        Message::Tcpdump(Line::Listening { interface, link_type, .. }) => {
            assert_short("an interface", interface);
            assert_short("a link type", link_type);
        }
        Message::Tcpdump(Line::Error(kind, words)) => {
            let failure = tcpdump::failure(*kind, words, Stage::Capture, "t");
            assert_short("a failure", &failure.message);
        }
        Message::Tcpdump(Line::Warning(words) | Line::Other(words)) => assert_short("words", words),
        Message::Tcpdump(Line::Statistics(counts)) => {
            let interface_dropped = counts.interface_dropped.unwrap_or(0);
            [counts.captured, counts.received, counts.dropped, interface_dropped]
                .into_iter()
                .for_each(assert_small);
        }
        Message::Tcpdump(Line::Count(
            Count::Captured(n) | Count::Received(n) | Count::Dropped(n) | Count::InterfaceDropped(n),
        )) => assert_small(*n),
        Message::Beat { .. } | Message::Exit(_) | Message::Cleaned | Message::Stays => {}
    }
}

#[test]
fn messages() {
    Fuzz::new("minder", 3000).and("tests/fuzz/corpus/probe").run(|input, _| {
        for line in String::from_utf8_lossy(input).split('\n') {
            take(&Message::parse(line));
            take(&Message::Tcpdump(Line::parse(line)));
        }
    });
}

/// Lines of the input, fed in pieces.
fn lines_in_pieces(input: &[u8], rng: &mut Rng) -> Vec<String> {
    let mut splitter = LineSplitter::default();
    let mut lines = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((1 + rng.below(9000)).min(rest.len()));
        lines.extend(splitter.push(piece));
        rest = after;
    }
    lines.extend(splitter.finish());
    lines
}

#[test]
fn lines() {
    Fuzz::new("lines", 3000).and("tests/fuzz/corpus/minder").run(|input, rng| {
        let mut splitter = LineSplitter::default();
        let mut whole = splitter.push(input);
        whole.extend(splitter.finish());
        assert_eq!(whole, lines_in_pieces(input, rng));
        for line in &whole {
            assert!(!line.is_empty() && !line.contains(['\n', '\r']));
            // Bytes that are no UTF-8 become three each.
            assert!(line.len() <= 3 * MAX_LINE + 3, "{} bytes of a line", line.len());
        }
    });
}

#[test]
fn the_marker() {
    let marker = b"wrcap-stream fuzz-1\n";
    Fuzz::new("marker", 3000).run(|input, rng| {
        let mut finder = MarkerFinder::new(&tag());
        let at = input.windows(marker.len()).position(|window| window == marker);
        let mut fed = 0;
        while fed < input.len() {
            let end = (fed + 1 + rng.below(9000)).min(input.len());
            match finder.push(&input[fed..end]) {
                Ok(Some(rest)) => {
                    assert_eq!(Some(end - rest.len()), at.map(|at| at + marker.len()), "another marker");
                    return;
                }
                Ok(None) => assert!(end <= MAX_BANNER, "no end to a banner"),
                Err(lost) => {
                    assert!(end > MAX_BANNER);
                    return assert_short("what came", &lost.failure("t").message);
                }
            }
            fed = end;
        }
        assert!(at.is_none(), "the marker at {at:?} was not seen");
        assert_short("what came", &finder.lost().failure("t").message);
        assert_short("what came", &finder.lost().to_string());
    });
}

/// Every text of a report.
fn assert_report(report: &ProbeReport) {
    let mut texts = vec![&report.system, &report.release, &report.hostname, &report.login.user];
    if let Some(tool) = &report.tcpdump {
        texts.extend([&tool.path, &tool.version]);
    }
    for interface in &report.interfaces {
        texts.extend([&interface.name, &interface.description]);
    }
    texts.extend(report.auto_interface.iter().map(|(name, _)| name));
    if let FilterCheck::Bad(words) = &report.filter {
        texts.push(words);
    }
    for text in texts {
        assert_short("a text of the report", text);
    }
    for wanted in [Interface::Auto, Interface::Named("no-such".into())] {
        if let Err(failure) = report.interfaces(&wanted, "t") {
            assert_safe("a failure", &failure.message);
            assert_short("a hint", &failure.hint.unwrap_or_default());
        }
    }
    if let Some(failure) = report.filter_failure("t") {
        assert_short("a failure", &failure.message);
    }
    for (_, state) in &report.ways {
        if let WayState::Fails(words) = state {
            assert_short("a way", words);
        }
    }
}

#[test]
fn probe_answers() {
    Fuzz::new("probe", 3000).memory(256 << 10, 64).run(|input, _| match ProbeReport::parse(input, &tag()) {
        Ok(report) => assert_report(&report),
        Err(error) => {
            let failure = error.failure("t");
            assert_eq!(failure.kind, FailKind::BadAnswer);
            assert_short("a failure", &failure.message);
        }
    });
}

#[test]
fn verdicts_on_filters() {
    Fuzz::new("compile", 3000).run(|input, _| {
        if let Some(FilterCheck::Bad(words)) = compile::read(input, &tag()) {
            assert_short("tcpdump's words", &words);
        }
    });
}
