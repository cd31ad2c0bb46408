//! The command line front: one verb a file.

pub mod args;
pub mod ask;
pub mod capture;
pub mod check;
pub mod clean;
pub mod context;
pub mod dashboard;
pub mod demo;
pub mod edit;
pub mod error;
pub mod exit;
pub mod import;
pub mod interfaces;
mod json;
pub mod list;
mod log;
pub mod main;
pub mod pages;
pub mod paths;
pub mod schema;
pub mod spool;
mod traces;
pub mod volume;
