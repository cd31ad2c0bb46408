//! The life of one capture as pure data: states, liveness, losses, outcomes.

mod counters;
mod failure;
mod gap;
mod ledger;
mod link;
mod machine;
mod state;

pub use counters::{Counters, Sample};
pub use failure::{FailKind, Failure, Stage};
pub use gap::{Gap, Retries};
pub use ledger::{DropLedger, KernelCounts, Ledgers};
pub use link::{Link, Rhythm};
pub use machine::{Effect, Input, Machine};
pub use state::{Limit, Outcome, State, StopStep, StoppedBy};
