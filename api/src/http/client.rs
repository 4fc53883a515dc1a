//! Where a call comes from: the other end of the connection, or whom a trusted proxy there names.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::config::Net;

/// The address that a call is counted by.
///
/// A trusted proxy names in `X-Forwarded-For` whom it asks for, after what its own caller had written there. So the
/// addresses are read from the end, over all lines of that header, and the first that is not itself a trusted proxy's is
/// the client's; what stands before it anybody may have made up. Where a proxy names nobody, or not by an address, the
/// call is its own.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Net]) -> IpAddr {
    let is_trusted = |address| trusted.iter().any(|net| net.holds(address));
    let peer = peer.to_canonical();
    let mut client = peer;
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    // Bytes, and not text: a caller who writes what is no text would spoil the line for who adds an address to it.
    let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    while is_trusted(client) {
        let Some(hop) = hops.next() else {
            break;
        };
        match address_of(hop) {
            Some(address) => client = address,
            None => return peer,
        }
    }
    client
}

/// An address, with or without a port.
fn address_of(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop.trim_ascii()).ok()?;
    let with_port = || text.parse::<SocketAddr>().ok().map(|named| named.ip());
    let address = text.parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// For whom a call from `peer` with these lines is counted.
    fn counted(peer: &str, lines: &[&[u8]], trusted: &[&str]) -> String {
        let lines = lines.iter().map(|line| HeaderValue::from_bytes(line));
        let headers = lines
            .map(|line| {
                (
                    http::HeaderName::from_static("x-forwarded-for"),
                    line.unwrap(),
                )
            })
            .fold(HeaderMap::new(), |mut headers, (name, line)| {
                headers.append(name, line);
                headers
            });
        let trusted: Vec<Net> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    const PROXY: &str = "10.0.0.1";
    const NET: &[&str] = &["10.0.0.0/24", "fd00::/8"];

    #[test]
    fn who_is_no_trusted_proxy_asks_for_nobody_else() {
        let said: &[&[u8]] = &[b"198.51.100.7"];
        assert_eq!(counted("203.0.113.9", said, NET), "203.0.113.9");
        assert_eq!(counted(PROXY, said, &[]), PROXY);
        assert_eq!(counted(PROXY, said, NET), "198.51.100.7");
        assert_eq!(counted(PROXY, &[], NET), PROXY);
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_clients() {
        for (lines, client) in [
            // One proxy, whose caller has made up an address.
            (&[&b"192.0.2.1, 198.51.100.7"[..]][..], "198.51.100.7"),
            // Two of them, in one line and in two.
            (&[b"192.0.2.1, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            (
                &[b"192.0.2.1", b"198.51.100.7", b"10.0.0.2"],
                "198.51.100.7",
            ),
            (
                &[b"10.0.0.2,198.51.100.7", b" 10.0.0.2 ,10.0.0.3"],
                "198.51.100.7",
            ),
            // All are proxies: the first of them began it.
            (&[b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&[b"198.51.100.7:4711"], "198.51.100.7"),
            (&[b"2001:db8::7"], "2001:db8::7"),
            (&[b"[2001:db8::7]:4711, fd00::2"], "2001:db8::7"),
        ] {
            assert_eq!(counted(PROXY, lines, NET), client, "{lines:?}");
        }
    }

    #[test]
    fn ipv4_is_the_same_however_it_is_written() {
        assert_eq!(
            counted("::ffff:10.0.0.1", &[b"198.51.100.7"], NET),
            "198.51.100.7"
        );
        assert_eq!(
            counted(PROXY, &[b"::ffff:198.51.100.7, ::ffff:10.0.0.2"], NET),
            "198.51.100.7"
        );
        assert_eq!(counted("::ffff:203.0.113.9", &[], NET), "203.0.113.9");
    }

    #[test]
    fn what_is_no_address_names_nobody() {
        for last in [
            &b""[..],
            b"unknown",
            b"_hidden",
            b"198.51.100",
            b"198.51.100.7 198.51.100.8",
            b"\xff\xfe",
            b"198.51.100.7,",
            b"198.51.100.7, x, 10.0.0.2",
        ] {
            assert_eq!(counted(PROXY, &[last], NET), PROXY, "{last:?}");
        }
        // What stands before the client's address is nobody's business, and spoils nothing.
        for before in [
            &b"\xff\xfe, 198.51.100.7"[..],
            b"x,, 198.51.100.7",
            b", 198.51.100.7",
        ] {
            assert_eq!(counted(PROXY, &[before], NET), "198.51.100.7", "{before:?}");
        }
    }
}
