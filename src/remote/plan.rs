//! From a target's profile and its answer to the probe: what exactly is going to run there.

use super::{
    exclude,
    minder::{Settings, StatsSignal, Tag},
    privilege::{self, Refusal, Way},
    probe::ProbeReport,
    tcpdump::{self, Spec},
    text::clean,
};
use crate::{
    profile::Target,
    session::{FailKind, Failure, Stage},
};

/// What is going to run on a target.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the minder is told; the password is filled in once it is known.
    pub settings: Settings,
    /// The interface, by the target's name, several with commas; an own command chooses its own.
    pub interface: Option<String>,
    /// Of a capture of several interfaces each one and its command; empty for all others.
    pub merged: Vec<(String, Vec<String>)>,
    /// The whole filter, the exclusion of our own transport included.
    pub filter: Option<String>,
    /// The command of each interface for humans: quoted for a shell, never given to one.
    pub command_lines: Vec<String>,
    /// The target's operating system and release.
    pub os: String,
    /// The login user's name.
    pub user: String,
    /// Sentences a user should know of.
    pub notes: Vec<String>,
    hop: String,
    report: ProbeReport,
}

impl Plan {
    /// Decides interface, filter, and way to the right to capture; refuses what the target said would fail.
    pub fn make(target: &Target, report: ProbeReport, tag: Tag) -> Result<Self, Failure> {
        let hop = target.host.to_string();
        if let Some(failure) = report.match_failure(target.stop_after.matching.as_deref(), &hop) {
            return Err(report.filter_failure(&hop).unwrap_or(failure));
        }
        let TcpdumpPlan { way, filter, mut commands } = match &target.command {
            Some(command) => {
                let args = vec!["sh".into(), "-c".into(), command.clone()];
                TcpdumpPlan { way: Way::Command, filter: None, commands: vec![(None, args)] }
            }
            None => tcpdump_plan(target, &report, &hop)?,
        };
        let names: Vec<&str> = commands.iter().filter_map(|(interface, _)| interface.as_deref()).collect();
        let interface = (!names.is_empty()).then(|| names.join(","));
        let merged = if names.len() > 1 { commands.iter().filter_map(named).collect() } else { Vec::new() };
        let (_, args) = commands.swap_remove(0);
        let notes = notes(target, &report, way, &hop);
        let settings = Settings {
            tag,
            way,
            lease: target.lease,
            stats: StatsSignal::of(&report.system),
            password: None,
            args,
        };
        let mut command_lines = vec![command_line(way, &settings.args)];
        command_lines.extend(merged.iter().skip(1).map(|(_, args)| command_line(way, args)));
        let os = format!("{} {}", report.system, report.release).trim_end().to_owned();
        Ok(Self {
            settings,
            interface,
            merged,
            filter,
            command_lines,
            os,
            user: report.login.user.clone(),
            notes,
            hop,
            report,
        })
    }

    /// The interface of a channel.
    pub fn interface_of(&self, channel: usize) -> Option<&str> {
        self.merged.get(channel).map(|(name, _)| name.as_str()).or(self.interface.as_deref())
    }

    /// What the minder of each channel is told.
    pub fn channels(&self) -> Vec<Settings> {
        let with =
            |(_, args): &(String, Vec<String>)| Settings { args: args.clone(), ..self.settings.clone() };
        match &self.merged[..] {
            [] => vec![self.settings.clone()],
            merged => merged.iter().map(with).collect(),
        }
    }

    /// What the filter of the packet that ends the capture was compiled to, by link type.
    pub fn programs(&self) -> &[(u16, String)] {
        &self.report.matching.programs
    }

    /// The failure for a refusal of sudo or doas at the start of this plan.
    pub fn refused(&self, refusal: Refusal, words: &str) -> Failure {
        refusal.failure(words, &self.report, &self.hop)
    }

    /// The failure when nobody gives sudo's password. sudo asks those too who have no right at all.
    pub fn unanswered(&self) -> Failure {
        let message = format!("needs an answer: the sudo password on {}", self.hop);
        let line = privilege::sudoers_hint(&self.report);
        Failure::new(Stage::Arm, Some(&self.hop), FailKind::Unanswered, message)
            .hint(format!("start again and answer the question, or {line}"))
            .by_option(format!("answer the question with --ask, or {line}"))
    }
}

/// What is to be run, and how.
struct TcpdumpPlan {
    way: Way,
    filter: Option<String>,
    /// At least one, with the interface that it is for.
    commands: Vec<(Option<String>, Vec<String>)>,
}

fn named((interface, args): &(Option<String>, Vec<String>)) -> Option<(String, Vec<String>)> {
    Some((interface.clone()?, args.clone()))
}

fn tcpdump_plan(target: &Target, report: &ProbeReport, hop: &str) -> Result<TcpdumpPlan, Failure> {
    let way = privilege::choose(report, target.privilege, hop)?;
    let interfaces = report.interfaces(&target.interface, hop)?;
    if let Some(failure) = report.opening_failure(hop).or_else(|| report.filter_failure(hop)) {
        return Err(failure);
    }
    let own: Vec<_> = report.connection.into_iter().filter(|_| target.exclude_self).collect();
    let others: Vec<_> = report.others.iter().copied().filter(|_| target.exclude_self).collect();
    let filter = exclude::filter(target.filter.as_deref(), &own, &others).map_err(|error| {
        Failure::new(Stage::Probe, Some(hop), FailKind::Filter, error.to_string())
            .hint("filters are written as in pcap-filter(7), for example `tcp port 80`")
    })?;
    let spec = |interface: &String| Spec {
        tcpdump: report.tcpdump.as_ref().map_or_else(|| "tcpdump".to_owned(), |tool| tool.path.clone()),
        interface: interface.clone(),
        snaplen: target.snaplen,
        buffer: buffer(target, report.memory),
        promiscuous: target.promiscuous,
        direction: target.direction,
        precision: target.precision,
        delivery: target.delivery,
        filter: filter.clone(),
    };
    let commands =
        interfaces.iter().map(|name| (Some(name.clone()), tcpdump::arguments(&spec(name)))).collect();
    Ok(TcpdumpPlan { way, filter, commands })
}

/// tcpdump's own default: no target is given less.
const LEAST_BUFFER: u64 = 2 << 20;

/// The buffer that is asked for, as long as all of them are a small part of the memory that the target has free: the
/// kernel never gives it to anybody else while the capture runs.
fn buffer(target: &Target, memory: Option<u64>) -> u64 {
    let parts = 8 * target.interface.names().len().max(1) as u64;
    memory.map_or(target.buffer, |memory| target.buffer.min((memory / parts).max(LEAST_BUFFER)))
}

fn notes(target: &Target, report: &ProbeReport, way: Way, hop: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if target.exclude_self && target.command.is_none() && report.connection.is_none() {
        notes.push(format!(
            "{hop} does not say how we came in, so our own connection is not left out of the capture"
        ));
    }
    if target.command.is_some() && target.exclude_self {
        notes.push(format!("an own command runs on {hop}: leaving out our own connection is up to it"));
    }
    if !way.live_statistics() && target.command.is_none() {
        notes.push(format!("{way} on {hop} lets no statistics through: drops are known at the end only"));
    }
    let buffer = buffer(target, report.memory);
    if buffer < target.buffer && target.command.is_none() {
        let (memory, mib) = (report.memory.unwrap_or_default() >> 20, buffer >> 20);
        notes.push(format!("{hop} has only {memory} MiB of memory free, so the capture buffer is {mib} MiB"));
    }
    notes
}

/// The command with its way to root, quoted so that a human can read and paste it.
fn command_line(way: Way, args: &[String]) -> String {
    let way: &[&str] = match way {
        Way::None | Way::Command => &[],
        Way::Sudo | Way::SudoTty => &["sudo", "-n"],
        Way::SudoPassword | Way::SudoTtyPassword => &["sudo"],
        Way::Doas => &["doas", "-n"],
    };
    let words = way.iter().copied().chain(args.iter().map(String::as_str));
    let line = words.map(|word| shlex::try_quote(word).unwrap_or_default()).collect::<Vec<_>>().join(" ");
    clean(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        profile::{Hop, Interface, TargetName},
        remote::{
            exclude::SshConnection,
            privilege::WayState,
            probe::{FilterCheck, Found, InterfaceInfo, Tool},
        },
    };

    fn target() -> Target {
        let name = TargetName { site: "shop".into(), target: "web-1".into() };
        Target::new(name, Hop { host: "10.0.1.11".into(), user: None, port: None, identity: None })
    }

    fn report() -> ProbeReport {
        ProbeReport {
            connection: SshConnection::parse("10.0.0.9 50000 10.0.1.11 22"),
            system: "Linux".into(),
            release: "6.1".into(),
            login: crate::remote::probe::Login { user: "ec2-user".into(), ..Default::default() },
            tcpdump: Some(Tool { path: "/usr/sbin/tcpdump".into(), version: String::new() }),
            ways: vec![(Way::Sudo, WayState::Works)],
            interfaces: vec![InterfaceInfo { name: "eth0".into(), ..InterfaceInfo::default() }],
            auto_interface: Some(("eth0".into(), Found::Address)),
            ..ProbeReport::default()
        }
    }

    fn plan(target: &Target, report: ProbeReport) -> Result<Plan, Failure> {
        Plan::make(target, report, Tag::new("s1").unwrap())
    }

    #[test]
    fn the_user_sees_the_command_that_runs() {
        let target = Target { filter: Some("tcp port 80 or arp".into()), ..target() };
        let plan = plan(&target, report()).unwrap();
        assert_eq!(
            plan.command_lines,
            [
                "sudo -n /usr/sbin/tcpdump -U -n -i eth0 -s 262144 -B 131072 -w - -- '(tcp port 80 or arp) and not \
             (tcp and host 10.0.0.9 and port 50000 and host 10.0.1.11 and port 22)'"
            ]
        );
        assert_eq!(plan.interface.as_deref(), Some("eth0"));
        assert_eq!(plan.os, "Linux 6.1");
        assert!(plan.notes.is_empty());
    }

    #[test]
    fn what_would_fail_on_the_target_is_refused_before() {
        let cases = [
            (
                Target { interface: Interface::Named("eth9".into()), ..target() },
                report(),
                FailKind::Interface,
            ),
            (target(), ProbeReport { tcpdump: None, ..report() }, FailKind::NoTcpdump),
            (target(), ProbeReport { ways: vec![], ..report() }, FailKind::Privilege),
            (
                target(),
                ProbeReport { filter: FilterCheck::Bad("syntax error".into()), ..report() },
                FailKind::Filter,
            ),
            (Target { filter: Some("a) or (b".into()), ..target() }, report(), FailKind::Filter),
        ];
        for (target, report, kind) in cases {
            let failure = plan(&target, report).unwrap_err();
            assert_eq!(failure.kind, kind);
            assert!(failure.hint.is_some(), "{failure}");
        }
    }

    #[test]
    fn a_small_target_keeps_its_memory() {
        let line = |memory| {
            let plan = plan(&target(), ProbeReport { memory, ..report() }).unwrap();
            (
                plan.command_lines[0].split(" -B ").nth(1).unwrap().split(' ').next().unwrap().to_owned(),
                plan.notes,
            )
        };
        assert_eq!(line(Some(4 << 30)), ("131072".into(), vec![]));
        let (kib, notes) = line(Some(256 << 20));
        assert_eq!(kib, "32768");
        assert!(
            notes[0].contains("only 256 MiB of memory free, so the capture buffer is 32 MiB"),
            "{notes:?}"
        );
        assert_eq!(line(Some(0)).0, "2048", "tcpdump's own default");
    }

    #[test]
    fn an_own_command_needs_nothing_of_the_target() {
        let target = Target { command: Some("cat 'my file.pcap'".into()), ..target() };
        let plan = plan(&target, ProbeReport { tcpdump: None, ways: vec![], ..report() }).unwrap();
        assert_eq!(plan.settings.args, ["sh", "-c", "cat 'my file.pcap'"]);
        assert_eq!(plan.settings.way, Way::Command);
        assert!(plan.filter.is_none() && plan.interface.is_none());
    }

    #[test]
    fn several_interfaces_are_a_channel_each() {
        let interface = Interface::Merged(vec!["eth0".into(), "lo".into()]);
        let lo = InterfaceInfo { name: "lo".into(), ..InterfaceInfo::default() };
        let other = report();
        let mut report = ProbeReport { memory: Some(256 << 20), ..report() };
        report.interfaces.push(lo);
        let target = Target { interface, ..target() };
        let plan = plan(&target, report).unwrap();
        assert_eq!(plan.interface.as_deref(), Some("eth0,lo"));
        let on = |settings: &Settings| {
            let word = |option| settings.args.iter().skip_while(|arg| *arg != option).nth(1).cloned();
            (word("-i").unwrap(), word("-B").unwrap())
        };
        let channels: Vec<_> = plan.channels().iter().map(on).collect();
        let half = "16384".to_owned();
        assert_eq!(
            channels,
            [("eth0".to_owned(), half.clone()), ("lo".to_owned(), half)],
            "memory is shared"
        );
        let told = plan.command_lines.iter().map(|line| line.split(" -s ").next().unwrap());
        let line = |interface| format!("sudo -n /usr/sbin/tcpdump -U -n -i {interface}");
        assert!(told.eq([line("eth0"), line("lo")]), "{:?}", plan.command_lines);
        let gone = Interface::Merged(vec!["eth0".into(), "eth9".into()]);
        let target = Target { interface: gone, ..target };
        assert_eq!(
            Plan::make(&target, other, Tag::new("s1").unwrap()).unwrap_err().kind,
            FailKind::Interface
        );
    }

    #[test]
    fn other_captures_on_the_target_stay_out_unless_all_is_wanted() {
        let others = SshConnection::parse("10.0.0.9 50001 10.0.1.11 22").into_iter().collect();
        let report = ProbeReport { others, ..report() };
        let filter = plan(&target(), report.clone()).unwrap().filter.unwrap();
        assert!(
            filter.starts_with("not (tcp and port 50001 and ") && filter.contains("port 50000"),
            "{filter}"
        );
        assert_eq!(plan(&Target { exclude_self: false, ..target() }, report).unwrap().filter, None);
    }

    #[test]
    fn a_target_that_hides_the_connection_is_told_about() {
        let plan = plan(&target(), ProbeReport { connection: None, ..report() }).unwrap();
        assert!(plan.filter.is_none());
        assert!(plan.notes[0].contains("not left out"));
    }
}
