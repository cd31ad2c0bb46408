//! Link types by the names that tcpdump's `-y` takes and by their numbers in capture files.

use crate::profile::Interface;

/// Each link type that a filter can be compiled for and that interfaces of hosts, access points and switches have;
/// the likely ones first. The number is that of a file (`LINKTYPE_*`), which is the same everywhere, not the one
/// inside of libpcap (`DLT_*`), which is not.
pub const LINK_TYPES: [(&str, u16); 28] = [
    ("EN10MB", 1),
    ("LINUX_SLL2", 276),
    ("LINUX_SLL", 113),
    ("RAW", 101),
    ("NULL", 0),
    ("LOOP", 108),
    ("IPV4", 228),
    ("IPV6", 229),
    ("PPP", 9),
    ("PPP_SERIAL", 50),
    ("PPP_ETHER", 51),
    ("C_HDLC", 104),
    ("FRELAY", 107),
    ("IEEE802_11", 105),
    ("IEEE802_11_RADIO", 127),
    ("IEEE802_11_RADIO_AVS", 163),
    ("PRISM_HEADER", 119),
    ("PPI", 192),
    ("IPNET", 226),
    ("PFLOG", 117),
    ("ENC", 109),
    ("IEEE802", 6),
    ("FDDI", 10),
    ("IP_OVER_FC", 122),
    ("APPLE_IP_OVER_IEEE1394", 138),
    ("DSA_TAG_BRCM", 281),
    ("DSA_TAG_DSA", 284),
    ("DSA_TAG_EDSA", 285),
];

/// The link type that a filter for an interface is compiled for before anything is captured: Ethernet's, as most are.
pub fn compiled_for(interface: &Interface) -> &'static str {
    if *interface == Interface::Named("any".to_owned()) { "LINUX_SLL" } else { "EN10MB" }
}

/// The number of a link type in capture files; `None` for a name that is not in [`LINK_TYPES`].
pub fn number(name: &str) -> Option<u16> {
    LINK_TYPES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// The name of a link type for people: tcpdump's, or the number where it is not in [`LINK_TYPES`].
pub fn name(number: u16) -> String {
    let known = LINK_TYPES.iter().find(|(_, known)| *known == number);
    known.map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{LINK_TYPES, name, number};

    #[test]
    fn names_and_numbers_are_one_to_one() {
        for (known, linktype) in LINK_TYPES {
            assert_eq!((number(known), name(linktype)), (Some(linktype), known.to_owned()));
        }
        assert_eq!((number("USB_LINUX"), name(189)), (None, "189".to_owned()));
    }
}
