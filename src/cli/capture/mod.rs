//! `wrcap capture`: captures without the dashboard, until stopped.

mod output;
mod plan;
mod run;
mod saving;

use std::path::PathBuf;

pub use run::run;
pub(super) use saving::saved_text;

/// Captures from saved targets, or from the settings file of the old script.
#[derive(Debug, Clone, clap::Args)]
pub struct CaptureArgs {
    /// SITE, SITE/TARGET, either with * and ? (quoted), or the path of a wireshark-remote.conf
    #[arg(value_name = "SELECTOR", required = true)]
    pub selectors: Vec<String>,
    /// Write pcapng to FILE; `-` is stdout, a folder gets one file a target, {site}, {target}, {interface} and
    /// {start} in its name are filled in
    #[arg(short, long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Go on in another file by size or time, and keep so many: size=100MB,every=1h,keep=5, any of them
    #[arg(long, value_name = "WHEN", value_delimiter = ',')]
    pub rotate: Vec<String>,
    /// A pcap-filter expression instead of the profile's
    #[arg(short, long, value_name = "EXPR", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// An interface of the target instead of the profile's; several, in one capture, by commas or by -i for each
    #[arg(short, long, value_name = "IF")]
    pub interface: Vec<String>,
    /// Bytes kept of each packet, instead of the profile's
    #[arg(short, long, value_name = "N")]
    pub snaplen: Option<String>,
    /// Stop after this many packets, each session
    #[arg(short, long, value_name = "N")]
    pub count: Option<u64>,
    /// Stop after this long, each session
    #[arg(short, long, value_name = "TIME")]
    pub duration: Option<String>,
    /// Stop after this many captured bytes, each session
    #[arg(long, value_name = "SIZE")]
    pub bytes: Option<String>,
    /// What else ends a capture.
    #[command(flatten)]
    pub stop: StopArgs,
    /// A viewer instead of the profile's: wireshark, tshark, termshark, none, or a command
    #[arg(long, value_name = "NAME", conflicts_with = "no_viewer")]
    pub viewer: Option<String>,
    /// No viewer
    #[arg(long)]
    pub no_viewer: bool,
    /// One event a line, on stdout; on stderr with `-w -`
    #[arg(long)]
    pub json: bool,
    /// How questions are answered.
    #[command(flatten)]
    pub asking: AskArgs,
}

/// What ends a capture besides counts.
#[derive(Debug, Clone, clap::Args)]
pub struct StopArgs {
    /// Stop at this local time: 14:30, or 2026-11-26 14:30
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Stop after the first packet that matches this pcap-filter expression
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub stop_match: Option<String>,
    /// So long after that packet
    #[arg(long, value_name = "TIME")]
    pub stop_then: Option<String>,
}

/// How the questions of ssh and sudo are answered.
#[derive(Debug, Clone, clap::Args)]
pub struct AskArgs {
    /// Answer ssh's questions on the terminal (the default when there is one)
    #[arg(long)]
    pub ask: bool,
    /// Use typed passwords and passphrases again when a session has to log in anew (kept in memory only)
    #[arg(long)]
    pub reuse_answers: bool,
}
