//! Which commands start, stop and change nothing.

use super::{Cmd, SpoolCmd};

/// True for what starts, stops and changes nothing. Whatever is not named here is refused in a read-only dashboard.
pub(super) fn is_harmless(cmd: Cmd) -> bool {
    shows_only(cmd)
        || matches!(
            cmd,
            Cmd::Quit
                | Cmd::Interrupt
                | Cmd::Suspend
                | Cmd::NextButton
                | Cmd::PreviousButton
                | Cmd::Confirm
                | Cmd::Send
                | Cmd::Ask(_)
                | Cmd::Answer
                | Cmd::DeleteBack
                | Cmd::DeleteAll
        )
}

/// True for what changes nothing but what is shown.
pub(crate) fn shows_only(cmd: Cmd) -> bool {
    matches!(
        cmd,
        Cmd::Move(_)
            | Cmd::Focus(_)
            | Cmd::NextPane
            | Cmd::PreviousPane
            | Cmd::LogSize
            | Cmd::WholeLog
            | Cmd::Details
            | Cmd::Sheet
            | Cmd::Spool(SpoolCmd::Open)
            | Cmd::LongerGraph
            | Cmd::ShorterGraph
            | Cmd::Zoom
            | Cmd::Freeze
            | Cmd::Help
            | Cmd::Palette
            | Cmd::Run
            | Cmd::Complete
            | Cmd::Filter
            | Cmd::KeepFilter
            | Cmd::Recall(_)
            | Cmd::NextMatch
            | Cmd::PreviousMatch
            | Cmd::Sort
            | Cmd::ReverseSort
            | Cmd::Edit(_)
            | Cmd::Mark
            | Cmd::MarkAll
            | Cmd::MarkRange
            | Cmd::Back
            | Cmd::Copy
            | Cmd::CopyChosen
            | Cmd::Mouse
            | Cmd::Redraw
            | Cmd::Reload
    )
}
