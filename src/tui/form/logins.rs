//! Which keys the bastions log in with: the target's own one is not theirs.

use std::path::Path;

use super::Form;
use crate::profile::Place;

/// Who logs in with another key than the field Identity says, and with which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OtherKeys {
    /// There is more than one bastion.
    pub(crate) several: bool,
    /// The key, or what stands for it.
    pub(crate) key: String,
}

impl Form {
    /// What the bastions log in with, where somebody might think that it is the key of the field Identity.
    pub(crate) fn other_keys(&self) -> Option<OtherKeys> {
        let own = self.target.host.identity.as_deref()?;
        let keys: Vec<Option<&Path>> = self.target.via.iter().map(|hop| hop.identity.as_deref()).collect();
        if keys.iter().all(|key| *key == Some(own)) {
            return None;
        }
        let same = keys.iter().all(|key| Some(key) == keys.first());
        let key = match keys.first() {
            Some(Some(key)) if same => key.display().to_string(),
            Some(None) if same => "ssh's own keys".to_owned(),
            _ => "keys of their own".to_owned(),
        };
        Some(OtherKeys { several: keys.len() > 1, key })
    }

    /// The key of bastions that have none of their own: that of the site, if it has one.
    pub(crate) fn shared_key(&self) -> Option<String> {
        let key = if self.subject.is_site() {
            Some(self.text("identity").to_owned())
        } else {
            self.file.sheet.own(&Place::Defaults, "identity")
        };
        key.filter(|key| !key.is_empty())
    }
}
