//! The command line front: one verb a file.
