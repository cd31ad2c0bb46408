//! From the command line to a verb, and from its result to an exit code.

use std::io::{self, IsTerminal as _, Write};

use clap::Parser as _;

use super::{
    args::{Cli, Global, Verb},
    capture, check, clean,
    context::Context,
    dashboard::{self, Left},
    demo::{self, DemoArgs},
    edit,
    error::{CliError, put},
    exit::ExitCode,
    import, interfaces,
    list::{self, ListArgs},
    log, pages, paths, schema, spool,
    volume::Volume,
};
use crate::{engine::paths::Paths, tui::ExitReason};

/// Runs the verb of the process's own command line.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success };
        }
    };
    let verb = cli.verb.clone().unwrap_or(Verb::List(ListArgs { selectors: Vec::new(), json: false }));
    let done = context(&cli).and_then(|context| match cli.verb {
        None if io::stdout().is_terminal() && io::stdin().is_terminal() => open(&context),
        _ => obey(verb, &context),
    });
    done.unwrap_or_else(|error| {
        let _ = write!(io::stderr(), "wrcap: {}", error.lines());
        error.code
    })
}

/// What all verbs know.
fn context(cli: &Cli) -> Result<Context, CliError> {
    let paths = Paths::from_env(cli.global.profiles.as_deref())?;
    let volume = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Volume::Quiet,
        (_, true) => Volume::Verbose,
        _ => Volume::Normal,
    };
    let Global { color, read_only, privacy, .. } = cli.global;
    // A promise that nobody keeps is worse than none.
    if (read_only || privacy) && !matches!(cli.verb, None | Some(Verb::Demo(_))) {
        let flag = if read_only { "--read-only" } else { "--privacy" };
        return Err(CliError::usage(format!("{flag} is for the dashboard, this verb does not know it"))
            .hint(format!("leave out {flag}")));
    }
    Ok(Context { paths, volume, color, read_only, throwaway: false, privacy })
}

fn obey(verb: Verb, context: &Context) -> Result<ExitCode, CliError> {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let (out, err): (&mut dyn Write, &mut dyn Write) = (&mut out, &mut err);
    let paths = &context.paths;
    match verb {
        Verb::Capture(args) => {
            log::start(paths, None);
            return wait(capture::run(*args, context.clone()));
        }
        Verb::Check(args) => return say(wait(check::run(args, context.clone())), out),
        Verb::Clean(args) => return say(wait(clean::run(args, context.clone())), out),
        Verb::Interfaces(args) => return say(wait(interfaces::run(args, context.clone())), out),
        Verb::Demo(args) => return demo::run(&args, context),
        Verb::List(args) => list::run(&args, paths, out, err),
        Verb::Spool(args) => spool::run(&args, paths, out, err),
        Verb::Import(args) => import::run(&args, paths, out, err),
        Verb::Edit(args) => edit::run(&args, paths, out, err),
        Verb::Paths(args) => paths::run(&args, paths, out),
        Verb::Schema(args) => schema::run(&args, out),
        Verb::Keys(_) => pages::keys(out),
        Verb::Completions(args) => pages::completions(&args, out),
        Verb::Man(_) => pages::man(out),
    }
    .map(|()| ExitCode::Success)
}

/// Prints what a verb found out.
fn say(done: Result<(ExitCode, String), CliError>, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let (code, text) = done?;
    put(out, text)?;
    Ok(code)
}

/// Shows the dashboard, then says on the terminal how the sessions ended.
pub(super) async fn open_dashboard(context: Context) -> Result<Left, CliError> {
    let left = dashboard::run(&context).await?;
    for line in &left.lines {
        let _ = writeln!(io::stderr(), "{line}");
    }
    if left.reason == ExitReason::TerminalLost {
        return Err(CliError::new(ExitCode::Internal, "the dashboard lost its terminal"));
    }
    Ok(left)
}

/// The dashboard, and after it the demo, if that is what the user wants to see.
fn open(context: &Context) -> Result<ExitCode, CliError> {
    if wait(open_dashboard(context.clone()))?.reason == ExitReason::Demo {
        return demo::run(&DemoArgs::default(), context);
    }
    Ok(ExitCode::Success)
}

/// Runs a verb that waits for the world. Threads that still read a terminal or a slow disk do not hold up the end.
pub(super) fn wait<T>(verb: impl Future<Output = Result<T, CliError>> + Send + 'static) -> Result<T, CliError>
where
    T: Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::new(ExitCode::Internal, format!("could not start: {error}")))?;
    // On a worker, never on this thread: ssh ends with the thread that started it.
    let task = runtime.spawn(verb);
    let done = runtime.block_on(task);
    runtime.shutdown_background();
    done.map_err(|error| CliError::new(ExitCode::Internal, format!("wrcap broke off: {error}")))?
}
