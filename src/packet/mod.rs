//! The packet stream: pcap and pcapng, bytes in, bytes out.
