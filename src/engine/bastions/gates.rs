//! How many logins to one machine are under way at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// sshd refuses some of what comes beyond ten connections that have not logged in yet (`MaxStartups 10:30:100`), and
/// others may want to log in there too.
pub(super) const AT_ONCE: usize = 5;

/// The gates of all machines, by their names.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<HashMap<String, Weak<Semaphore>>>);

/// Kept as long as a login lasts.
#[derive(Debug)]
pub(super) struct Pass(#[expect(dead_code, reason = "it is kept, not read")] Option<OwnedSemaphorePermit>);

impl Gates {
    /// Waits until a login to `machine` may begin; first come, first served.
    pub(super) async fn enter(&self, machine: &str) -> Pass {
        let gate = self.gate(machine);
        // Nobody closes a gate.
        Pass(gate.acquire_owned().await.ok())
    }

    fn gate(&self, machine: &str) -> Arc<Semaphore> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|_, gate| gate.strong_count() > 0);
        if let Some(gate) = gates.get(machine).and_then(Weak::upgrade) {
            return gate;
        }
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        gates.insert(machine.to_owned(), Arc::downgrade(&gate));
        gate
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, Gates};
    use futures_util::FutureExt as _;

    #[test]
    fn one_too_many_waits_for_one_to_be_done_and_other_machines_do_not() {
        let gates = Gates::default();
        let mut passes: Vec<_> = (0..AT_ONCE).filter_map(|_| gates.enter("a:22").now_or_never()).collect();
        assert_eq!(passes.len(), AT_ONCE);
        assert!(gates.enter("a:22").now_or_never().is_none());
        assert!(gates.enter("b:22").now_or_never().is_some());
        passes.pop();
        assert!(gates.enter("a:22").now_or_never().is_some());
        drop(passes);
        drop(gates.gate("c:22"));
        assert_eq!(gates.0.lock().unwrap().len(), 1, "gates that nobody stands at are kept");
    }
}
