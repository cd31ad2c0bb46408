//! How much flows on the interfaces of a target: readings of its kernel's counters (`rates.sh`), and what lies between
//! two of them.

use std::{collections::BTreeMap, time::Duration};

use super::{minder::Tag, script, text::clean};

/// More lines of one reading than this are not kept: what a hostile answer costs stays bounded.
const MAX_LINES: usize = 4096;
/// The longest line that is read, in bytes; the rest of it is thrown away.
pub const MAX_LINE: usize = 1024;

/// What an interface has counted since it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Octets, both directions together.
    pub bytes: u64,
    /// Packets, both directions together.
    pub packets: u64,
}

/// All interfaces at one moment, by name.
pub type Reading = BTreeMap<String, Counted>;

/// What flows on an interface.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Flow {
    /// Octets a second.
    pub bytes: f64,
    /// Packets a second.
    pub packets: f64,
}

/// The command of the channel.
pub fn command(tag: &Tag) -> String {
    script::command(tag)
}

/// The bytes to send on it first.
pub fn opening(tag: &Tag) -> Vec<u8> {
    let script = script::flatten(include_str!("rates.sh"));
    format!("{script}\n{tag}\n").into_bytes()
}

/// The bytes that ask for a reading.
pub const ASK: &[u8] = b"read\n";

/// Takes the lines of the channel and gives whole readings. What stands between two of them is somebody's banner.
#[derive(Debug)]
pub struct Reader {
    begin: String,
    end: String,
    lines: Option<Vec<String>>,
}

impl Reader {
    /// For the readings of this tag.
    pub fn new(tag: &Tag) -> Self {
        Self { begin: format!("wrcap-rates {tag}"), end: format!("wrcap-rates-end {tag}"), lines: None }
    }

    /// Takes one line; gives a reading if it was the last one of it.
    pub fn line(&mut self, line: &str) -> Option<Reading> {
        let line = line.trim_end();
        if line == self.begin {
            self.lines = Some(Vec::new());
        } else if line == self.end {
            return self.lines.take().map(|lines| read(&lines));
        } else if let Some(lines) = self.lines.as_mut().filter(|lines| lines.len() < MAX_LINES) {
            lines.push(line.to_owned());
        }
        None
    }
}

fn read(lines: &[String]) -> Reading {
    let mut reading = Reading::new();
    for (name, counted) in lines.iter().filter_map(|line| linux(line).or_else(|| netstat(line))) {
        reading.insert(clean(name), counted);
    }
    reading
}

/// `eth0: 1500 3 0 0 0 0 0 0 900 2 ...` of `/proc/net/dev`; the first count may touch the colon.
fn linux(line: &str) -> Option<(&str, Counted)> {
    // A name may hold a colon, what follows it may not.
    let (name, counts) = line.trim_start().rsplit_once(':')?;
    let counts: Vec<u64> = counts.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [in_bytes, in_packets, _, _, _, _, _, _, out_bytes, out_packets, ..] = counts.as_slice() else {
        return None;
    };
    let counted = Counted {
        bytes: in_bytes.saturating_add(*out_bytes),
        packets: in_packets.saturating_add(*out_packets),
    };
    (!name.is_empty()).then_some((name, counted))
}

/// `en0 1500 <Link#4> f0:18:98:00:00:00 Ipkts Ierrs Ibytes Opkts Oerrs Obytes Coll` of BSD's netstat: the address may
/// be missing, and FreeBSD has a column of drops behind the errors.
fn netstat(line: &str) -> Option<(&str, Counted)> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let place = words.iter().position(|word| word.starts_with("<Link#"))?;
    let number = |word: &&str| word.parse::<u64>().ok();
    let rest = words.get(place + 1..)?;
    let from = usize::from(rest.first().is_some_and(|word| number(word).is_none()));
    let counts: Vec<u64> = rest.get(from..)?.iter().map_while(number).collect();
    let drops = usize::from(counts.len() > 7);
    let [in_packets, in_bytes, out_packets, out_bytes] =
        [counts.first()?, counts.get(2 + drops)?, counts.get(3 + drops)?, counts.get(5 + drops)?];
    let counted = Counted {
        bytes: in_bytes.saturating_add(*out_bytes),
        packets: in_packets.saturating_add(*out_packets),
    };
    Some((words.first()?.trim_end_matches('*'), counted))
}

/// What flowed between two readings that are `elapsed` apart; an interface whose counters jumped back is left out.
pub fn between(before: &Reading, now: &Reading, elapsed: Duration) -> BTreeMap<String, Flow> {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let flow = |(name, now): (&String, &Counted)| {
        let before = before.get(name)?;
        let bytes = now.bytes.checked_sub(before.bytes)?;
        let packets = now.packets.checked_sub(before.packets)?;
        #[expect(clippy::cast_precision_loss, reason = "rates are shown with three digits")]
        let flow = Flow { bytes: bytes as f64 / seconds, packets: packets as f64 / seconds };
        Some((name.clone(), flow))
    };
    now.iter().filter_map(flow).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Counted, Flow, Reader, Reading, Tag, between};

    const LINUX: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1500      12    0    0    0     0          0         0     1500      12    0    0    0     0       0          0
  eth0:4294967296 3000000    0   17    0     0          0        30  2000    5    0    0    0     0       0          0
eth0:1: 7 1 0 0 0 0 0 0 8 2 0 0 0 0 0 0
";
    const MACOS: &str = "\
Name       Mtu   Network       Address            Ipkts Ierrs     Ibytes    Opkts Oerrs     Obytes  Coll
lo0        16384 <Link#1>                           100     0       5000      100     0       5000     0
lo0        16384 127           127.0.0.1            100     -       5000      100     -       5000     -
en0        1500  <Link#4>    f0:18:98:00:00:01   200000     0  250000000    90000     0   12000000     0
utun0*     1380  <Link#9>                             1     0         64        2     0        128     0
";

    fn readings(text: &str) -> Vec<Reading> {
        let mut reader = Reader::new(&Tag::new("s1").unwrap());
        text.lines().filter_map(|line| reader.line(line)).collect()
    }

    fn framed(table: &str) -> Reading {
        let text = format!("Welcome!\nwrcap-rates s1\n{table}wrcap-rates-end s1\n");
        let mut readings = readings(&text);
        assert_eq!(readings.len(), 1);
        readings.remove(0)
    }

    #[test]
    fn tables_of_linux_and_of_bsd_are_read() {
        let linux = framed(LINUX);
        assert_eq!(linux.keys().collect::<Vec<_>>(), ["eth0", "eth0:1", "lo"]);
        assert_eq!(linux["eth0"], Counted { bytes: 4_294_969_296, packets: 3_000_005 });
        let macos = framed(MACOS);
        assert_eq!(macos.keys().collect::<Vec<_>>(), ["en0", "lo0", "utun0"]);
        assert_eq!(macos["en0"], Counted { bytes: 262_000_000, packets: 290_000 });
        assert_eq!(macos["lo0"], Counted { bytes: 10_000, packets: 200 });
    }

    #[test]
    fn other_words_and_other_tags_are_nothing() {
        assert!(readings("wrcap-rates s2\nlo: 1 1 0 0 0 0 0 0 1 1\nwrcap-rates-end s2\n").is_empty());
        assert!(readings("lo: 1 1 0 0 0 0 0 0 1 1\nwrcap-rates-end s1\n").is_empty());
    }

    #[test]
    fn a_flow_is_a_difference_and_a_counter_that_jumped_is_none() {
        let counted = |bytes, packets| Counted { bytes, packets };
        let before = Reading::from([("a".into(), counted(1000, 10)), ("b".into(), counted(500, 5))]);
        let now = Reading::from([
            ("a".into(), counted(5000, 30)),
            ("b".into(), counted(0, 0)),
            ("c".into(), counted(9, 9)),
        ]);
        let flows = between(&before, &now, Duration::from_secs(2));
        assert_eq!(
            flows.into_iter().collect::<Vec<_>>(),
            [("a".into(), Flow { bytes: 2000.0, packets: 10.0 })]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left_out(lines in prop::collection::vec("[ -~\\t]{0,60}|[0-9: ]{0,80}", 0..30)) {
            let text = format!("wrcap-rates s1\n{}\nwrcap-rates-end s1\n", lines.join("\n"));
            for reading in readings(&text) {
                prop_assert!(reading.keys().all(|name| !name.chars().any(char::is_control)));
            }
        }
    }
}
