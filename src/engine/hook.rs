//! The user's own command, run when something happens.

use std::{
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use super::process::own_session;

/// More of them than this do not run at a time.
const AT_A_TIME: usize = 8;

/// None of them runs longer.
const LONGEST: Duration = Duration::from_secs(60);

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Runs `command`, its program first, with `event` (its name, the target, a message) as its last arguments and as
/// `WRCAP_EVENT`, `WRCAP_TARGET` and `WRCAP_MESSAGE`. No shell reads any of it. Nobody waits; what goes wrong is
/// logged.
pub fn run(command: &[String], event: &[String]) {
    let Some((program, arguments)) = command.split_first() else { return };
    if RUNNING.fetch_add(1, SeqCst) >= AT_A_TIME {
        RUNNING.fetch_sub(1, SeqCst);
        tracing::warn!(?event, "on_event: too many commands run already");
        return;
    }
    let mut command = Command::new(program);
    command.args(arguments).args(event).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for (name, value) in ["WRCAP_EVENT", "WRCAP_TARGET", "WRCAP_MESSAGE"].iter().zip(event) {
        command.env(name, value);
    }
    own_session(command.kill_on_drop(true));
    let program = program.clone();
    tokio::spawn(async move {
        match command.spawn() {
            Err(error) => tracing::warn!(program, %error, "on_event: could not start"),
            Ok(mut child) => match timeout(LONGEST, child.wait()).await {
                Ok(Ok(status)) if status.success() => {}
                Ok(Ok(status)) => tracing::warn!(program, %status, "on_event: failed"),
                Ok(Err(error)) => tracing::warn!(program, %error, "on_event: waiting broke off"),
                Err(_) => tracing::warn!(program, "on_event: killed after a minute"),
            },
        }
        RUNNING.fetch_sub(1, SeqCst);
    });
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::run;

    #[tokio::test]
    async fn words_reach_the_command_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (file, done) = (folder.path().join("told"), folder.path().join("done"));
        let script =
            r#"printf '%s|' "$@" "$WRCAP_EVENT" "$WRCAP_TARGET" "$WRCAP_MESSAGE" >"$0"; mv "$0" "$0.done""#;
        let command = ["sh", "-c", script, file.to_str().unwrap(), "own word"].map(str::to_owned);
        run(&command, &["fail", "shop/web-1", "$(id); `id`"].map(str::to_owned));
        let told = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                if let Ok(told) = fs::read_to_string(done.with_file_name("told.done")) {
                    return told;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert_eq!(told.await.unwrap(), "own word|fail|shop/web-1|$(id); `id`|fail|shop/web-1|$(id); `id`|");
    }

    #[tokio::test]
    async fn what_cannot_run_stops_nobody() {
        run(&[], &[]);
        run(&["/no/such/program".to_owned()], &["live".to_owned()]);
    }
}
