//! Sites, targets and hops: what a user saved about where to capture and how to get there.

mod check;
mod config;
mod describe;
mod edit;
mod entry;
mod field;
mod hop;
pub mod import;
mod locate;
mod moment;
mod nearest;
mod problem;
mod rotate;
mod schema;
mod selector;
mod set;
mod sheet;
mod site;
mod size;
mod stop;
mod table;
mod target;
mod template;
mod unit;
mod value;
mod words;
mod write;

pub use check::{is_unsafe, name_fault, name_rule, valid_name};
pub use config::{
    Attribute, Color, Config, Glyphs, Graph, KeyChange, Look, Notify, ROLES, ThemeName, config_schema,
    parse_config, place_key,
};
pub use describe::{Entry, FieldInfo, fields, site_bastions};
pub use edit::{Edit, EditError, Place, edit_site};
pub use entry::field_text;
pub use hop::jumps;
pub use moment::{Clock, Date, Moment};
pub use nearest::nearest;
pub use problem::Problem;
pub use schema::schema;
pub use selector::{Selector, SelectorError};
pub use set::{SetError, set_field};
pub use sheet::{Sheet, Typed, typed_target};
pub use site::{Site, parse_site};
pub use table::MAX_INTERFACES;
pub use target::{
    Delivery, Direction, Hop, HostKeyPolicy, Interface, MAX_SNAPLEN, OnViewerExit, Precision, Privilege,
    Rotate, StopAfter, Target, TargetName, Viewer,
};
pub use template::{FileNames, check_template, fill, is_template};
pub use unit::{parse_duration, parse_size};
pub use write::{SCHEMA_FILE, TEMPLATE, field_values};
