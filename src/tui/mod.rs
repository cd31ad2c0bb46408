//! The dashboard: model, update, view.
