//! One task a session: it owns the ssh master, the capture, the spool and the viewers, and performs what the
//! state machine says. Every wait of a living session also listens for requests;
//! taking it down is bounded by seconds.

mod asking;
mod capture;
mod driver;
mod effects;
mod end;
mod hops;
pub(crate) mod limits;
pub(super) mod memory;
mod news;
mod place;
pub(super) mod questions;
mod run;
mod saving;
mod viewers;
mod watch;
pub(super) mod work;

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{
    bastions::Seat,
    dispatcher::{Request, Settings, Voice},
    event::{Keep, SessionId},
};
use crate::profile::Target;

/// What a session starts with.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) id: SessionId,
    pub(super) target: Target,
    pub(super) keep: Keep,
    pub(super) settings: Arc<Settings>,
    pub(super) seat: Seat,
    pub(super) voice: Voice,
    pub(super) requests: mpsc::Receiver<Request>,
}

/// Runs a session until it is dismissed or wrcap ends; nothing of it is left afterwards.
pub(super) async fn run(context: Context) {
    driver::Driver::new(context).run().await;
}
