//! The command line front: one verb a file.

pub mod edit;
pub mod error;
pub mod exit;
pub mod import;
pub mod list;
pub mod paths;
pub mod schema;
