//! By which connections sessions came into their targets.
//!
//! A capture leaves out the connections of the others on its target that were there before it. One direction is enough:
//! what a later one sends is in an earlier capture once, and does not come back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::remote::exclude::SshConnection;

/// All of them, each with the session that it is of.
#[derive(Debug, Default)]
pub(super) struct WaysIn(Mutex<Vec<(Weak<()>, SshConnection)>>);

impl WaysIn {
    /// Takes the connection of `owner` in; gives those of others that are there, as far as they lead to the same place.
    pub(super) fn came_in(&self, owner: &Arc<()>, connection: SshConnection) -> Vec<SshConnection> {
        let mut known = self.without(owner);
        let same = |other: &SshConnection| {
            (other.server, other.server_port) == (connection.server, connection.server_port)
        };
        let others = known.iter().map(|(_, other)| *other).filter(same).collect();
        known.push((Arc::downgrade(owner), connection));
        others
    }

    /// `owner` has left its target.
    pub(super) fn left(&self, owner: &Arc<()>) {
        drop(self.without(owner));
    }

    fn without(&self, owner: &Arc<()>) -> MutexGuard<'_, Vec<(Weak<()>, SshConnection)>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(other, _)| other.strong_count() > 0 && other.as_ptr() != Arc::as_ptr(owner));
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_later_knows_of_those_before_on_the_same_target() {
        let connection = |text: &str| SshConnection::parse(text).unwrap();
        let [first, second, other] = [
            connection("10.0.0.9 5 10.0.0.1 22"),
            connection("10.0.0.9 6 10.0.0.1 22"),
            connection("10.0.0.9 7 10.0.0.2 22"),
        ];
        let (ways, owners) = (WaysIn::default(), [(); 3].map(|()| Arc::new(())));
        assert_eq!(ways.came_in(&owners[0], first), []);
        assert_eq!(ways.came_in(&owners[1], second), [first]);
        assert_eq!(ways.came_in(&owners[2], other), []);
        // Again, by another connection.
        let again = connection("10.0.0.9 8 10.0.0.1 22");
        assert_eq!(ways.came_in(&owners[0], again), [second]);
        ways.left(&owners[0]);
        assert_eq!(ways.came_in(&owners[2], first), [second]);
        drop(owners);
        assert_eq!(ways.came_in(&Arc::new(()), first), []);
    }
}
