//! The numbers of pcapng (draft-ietf-opsawg-pcapng): block types and option codes.

/// Section header block: reads the same in both byte orders.
pub(super) const SECTION: u32 = 0x0A0D_0D0A;
/// Interface description block.
pub(super) const INTERFACE: u32 = 1;
/// The obsolete packet block.
pub(super) const OLD_PACKET: u32 = 2;
/// Simple packet block.
pub(super) const SIMPLE_PACKET: u32 = 3;
/// Interface statistics block.
pub(super) const STATISTICS: u32 = 5;
/// Enhanced packet block.
pub(super) const ENHANCED_PACKET: u32 = 6;

/// Byte-order magic in a section header.
pub(super) const ORDER_MAGIC: u32 = 0x1A2B_3C4D;

/// Type, total length and trailing total length: what every block has around its body.
pub(super) const FRAME: u32 = 12;

/// Option codes. They count anew in every block type, except the end and the comment.
pub(super) mod option {
    pub(in crate::packet) const END: u16 = 0;
    pub(in crate::packet) const COMMENT: u16 = 1;

    pub(in crate::packet) const SHB_HARDWARE: u16 = 2;
    pub(in crate::packet) const SHB_OS: u16 = 3;
    pub(in crate::packet) const SHB_APPLICATION: u16 = 4;

    pub(in crate::packet) const IF_NAME: u16 = 2;
    pub(in crate::packet) const IF_DESCRIPTION: u16 = 3;
    pub(in crate::packet) const IF_TSRESOL: u16 = 9;
    pub(in crate::packet) const IF_FILTER: u16 = 11;
    pub(in crate::packet) const IF_OS: u16 = 12;
    pub(in crate::packet) const IF_TSOFFSET: u16 = 14;

    pub(in crate::packet) const EPB_FLAGS: u16 = 2;
    pub(in crate::packet) const EPB_DROPCOUNT: u16 = 4;

    pub(in crate::packet) const ISB_START: u16 = 2;
    pub(in crate::packet) const ISB_END: u16 = 3;
    pub(in crate::packet) const ISB_RECEIVED: u16 = 4;
    pub(in crate::packet) const ISB_INTERFACE_DROPPED: u16 = 5;
    pub(in crate::packet) const ISB_FILTER_ACCEPTED: u16 = 6;
    pub(in crate::packet) const ISB_OS_DROPPED: u16 = 7;
    pub(in crate::packet) const ISB_DELIVERED: u16 = 8;
}

/// Whether the reader looks into blocks of this type; it passes over all others.
pub(super) fn is_read(kind: u32) -> bool {
    matches!(kind, SECTION | INTERFACE | OLD_PACKET | SIMPLE_PACKET | STATISTICS | ENHANCED_PACKET)
}
