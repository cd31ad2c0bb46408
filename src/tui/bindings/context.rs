//! Who gets a key.

/// Who gets a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// The sessions.
    Sessions,
    /// The saved targets.
    Profiles,
    /// The log.
    Log,
    /// The detail screen, where it has all of the screen.
    Detail,
    /// The help.
    Help,
    /// The list of commands.
    Palette,
    /// A list to choose from.
    Menu,
    /// The machines that can be imported.
    Import,
    /// What a profile would do.
    Sheet,
    /// The interfaces of a target.
    Picker,
    /// A word being typed that the interfaces are searched for.
    Find,
    /// A text for a box being typed.
    Field,
    /// A box with buttons.
    Dialog,
    /// A secret being typed.
    Secret,
    /// A decision about a host key, with a text to compare with.
    HostKey,
    /// A box that only tells something.
    Notice,
    /// The fields of a profile.
    Form,
    /// The bastions of a profile.
    Hops,
    /// A box over a form.
    FormDialog,
    /// A test of a path.
    Trial,
    /// Where captures are saved to.
    Save,
    /// What earlier runs left in the spool.
    Spools,
    /// A filter being typed.
    Filter,
    /// A pane whose rows are filtered: asked before the pane itself.
    Filtered,
    /// A terminal too small to show anything.
    Tiny,
}

impl Context {
    /// All of them.
    pub(crate) const ALL: [Self; 25] = [
        Self::Sessions,
        Self::Profiles,
        Self::Log,
        Self::Detail,
        Self::Filtered,
        Self::Help,
        Self::Palette,
        Self::Menu,
        Self::Save,
        Self::Spools,
        Self::Import,
        Self::Sheet,
        Self::Picker,
        Self::Find,
        Self::Field,
        Self::Dialog,
        Self::Secret,
        Self::HostKey,
        Self::Notice,
        Self::Filter,
        Self::Form,
        Self::Hops,
        Self::FormDialog,
        Self::Trial,
        Self::Tiny,
    ];

    /// True where characters are text.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Help
                | Self::Palette
                | Self::Secret
                | Self::HostKey
                | Self::Filter
                | Self::Find
                | Self::Field
                | Self::Form
                | Self::Hops
                | Self::Save
        )
    }

    /// True in a form and what lies over it.
    pub(crate) fn is_of_a_form(self) -> bool {
        matches!(self, Self::Form | Self::Hops | Self::FormDialog | Self::Trial)
    }

    /// Those that have the keys while nothing lies over the screen.
    pub(crate) const OF_THE_ROOM: [Self; 5] =
        [Self::Sessions, Self::Profiles, Self::Log, Self::Detail, Self::Filtered];
}
