//! The command line as a whole.

use std::path::PathBuf;

use super::{
    capture::CaptureArgs,
    check::CheckArgs,
    clean::CleanArgs,
    context::ColorChoice,
    demo::DemoArgs,
    edit::EditArgs,
    import::ImportArgs,
    interfaces::InterfacesArgs,
    list::ListArgs,
    pages::{CompletionsArgs, KeysArgs, ManArgs},
    paths::PathsArgs,
    schema::SchemaArgs,
    spool::SpoolArgs,
};

/// Capture packets on hosts behind bastions and watch them live in Wireshark.
///
/// Without a verb it opens the dashboard; without a terminal it lists the saved targets.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "wrcap", version, max_term_width = 100)]
pub struct Cli {
    /// What every verb takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Options of every verb.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Folder of site files instead of the usual one
    #[arg(long, global = true, value_name = "DIR")]
    pub profiles: Option<PathBuf>,
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorChoice,
    /// Say failures only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say everything that ssh and tcpdump say
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The verbs.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Verb {
    /// Capture without the dashboard, until stopped
    Capture(Box<CaptureArgs>),
    /// Show the saved targets
    List(ListArgs),
    /// Check the road to a capture: path, login, tcpdump, privilege, interface, filter, leftovers
    Check(CheckArgs),
    /// End what earlier sessions left behind on targets
    Clean(CleanArgs),
    /// Show a target's interfaces
    Interfaces(InterfacesArgs),
    /// Show, save or remove captures that killed runs left
    Spool(SpoolArgs),
    /// Turn a wireshark-remote.conf into a site file
    Import(ImportArgs),
    /// Edit a site file in $EDITOR, checked on return
    Edit(EditArgs),
    /// Open the dashboard on a throwaway bastion and targets on this machine
    Demo(DemoArgs),
    /// Show where wrcap keeps things
    Paths(PathsArgs),
    /// Print the JSON Schema of site files
    Schema(SchemaArgs),
    /// Print the dashboard's keys
    Keys(KeysArgs),
    /// Print a completion script
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}
