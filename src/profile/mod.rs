//! Sites, targets and hops: what a user saved about where to capture and how to get there.

mod target;

pub use target::{
    Delivery, Direction, Hop, HostKeyPolicy, Interface, OnViewerExit, Precision, Privilege, StopAfter,
    Target, TargetName, Viewer,
};
