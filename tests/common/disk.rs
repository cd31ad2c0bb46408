//! A disk that is full soon.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::lab::Lab;

/// A folder of its own size; unmounted when dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `size` as tmpfs takes it: `8m`.
    pub(crate) fn new(lab: &Lab, size: &str) -> Self {
        let path = lab.path("small");
        fs::create_dir(&path).unwrap();
        let disk = Self(path);
        mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "wrcap-test"], &disk.0);
        disk
    }

    /// Gives it another size; what is on it stays.
    pub(crate) fn resize(&self, size: &str) {
        mount(&["-o", &format!("remount,size={size}")], &self.0);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn mount(words: &[&str], path: &Path) {
    assert!(Command::new("mount").args(words).arg(path).status().unwrap().success());
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
