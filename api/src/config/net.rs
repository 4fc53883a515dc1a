//! Nets of addresses, and origins of pages, as settings name them.

use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use serde::Deserialize;

/// An address, or the net of those that begin like it: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Net {
    first: IpAddr,
    /// How many of its bits all addresses of the net share.
    shared: u8,
}

/// What is wrong with the origin of a page, which no browser would then send.
pub(super) fn origin_fault(origin: &str) -> Option<String> {
    let is_one = origin.parse::<Uri>().is_ok_and(|uri| {
        let usual = match uri.scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => return false,
        };
        // A browser leaves the usual port out.
        uri.port_u16() != Some(usual) && uri.path_and_query().is_none_or(|rest| rest == "/")
    });
    (!is_one).then(|| {
        format!("allowed_origins names {origin:?}, and wants scheme and host, and a port only where it is not the usual one, e.g. https://hall.example.gov.cn")
    })
}

impl Net {
    /// Whether an address belongs to the net. IPv4 that is written as IPv6 (`::ffff:10.0.0.1`) is IPv4.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4()
            && beginning(address, self.shared) == beginning(self.first, self.shared)
    }
}

impl FromStr for Net {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "an address or a net, e.g. 10.0.0.1 or 10.0.0.0/8";
        let (first, shared) = match text.trim().split_once('/') {
            None => (text.trim(), None),
            Some((first, shared)) => (first, Some(shared)),
        };
        let first: IpAddr = first.parse().map_err(|_| FORM)?;
        if first.to_canonical() != first {
            return Err("IPv4 written as IPv4, e.g. 10.0.0.1 and not ::ffff:10.0.0.1");
        }
        let most = if first.is_ipv4() { 32 } else { 128 };
        let shared = shared.map_or(Ok(most), str::parse).map_err(|_| FORM)?;
        if shared > most {
            return Err(FORM);
        }
        if shared == 0 {
            return Err("a net that is not everybody's: then all could say who they are");
        }
        // Whoever writes 10.1.2.3/8 may have meant one address, and would get sixteen million.
        if beginning(first, shared) != first {
            return Err("a net by its first address, e.g. 10.0.0.0/8 and not 10.1.2.3/8");
        }
        Ok(Self { first, shared })
    }
}

impl TryFrom<String> for Net {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
            .map_err(|wanted| format!("invalid value, expected {wanted}"))
    }
}

/// The address of which only so many bits are left.
fn beginning(address: IpAddr, bits: u8) -> IpAddr {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or_default();
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or_default();
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_holds_those_who_begin_like_it() {
        for (net, inside, outside) in [
            ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"),
            ("10.0.0.0/8", "10.255.0.9", "11.0.0.0"),
            ("192.168.4.0/23", "192.168.5.255", "192.168.6.0"),
            ("::1", "::1", "::2"),
            ("fd00::/8", "fdff::1", "fc00::1"),
            ("fd00:1:2:3::/64", "fd00:1:2:3:4::", "fd00:1:2:4::"),
            // The same bits in the other family are somebody else.
            ("::/96", "::10.0.0.1", "10.0.0.1"),
        ] {
            let parsed: Net = net.parse().unwrap();
            assert!(parsed.holds(inside.parse().unwrap()), "{net} {inside}");
            assert!(!parsed.holds(outside.parse().unwrap()), "{net} {outside}");
        }
    }

    #[test]
    fn what_is_no_net_or_too_much_of_one_is_refused() {
        for (text, wanted) in [
            ("", "e.g. 10.0.0.1 or"),
            ("proxy.example", "e.g. 10.0.0.1 or"),
            ("10.0.0.1:80", "e.g. 10.0.0.1 or"),
            ("10.0.0.0/33", "e.g. 10.0.0.1 or"),
            ("10.0.0.0/-1", "e.g. 10.0.0.1 or"),
            ("10.0.0.0/8/8", "e.g. 10.0.0.1 or"),
            ("fd00::/129", "e.g. 10.0.0.1 or"),
            ("0.0.0.0/0", "not everybody's"),
            ("::/0", "not everybody's"),
            ("10.1.2.3/8", "first address"),
            ("fd00::1/64", "first address"),
            ("::ffff:10.0.0.0/104", "IPv4 written as IPv4"),
        ] {
            let told = Net::from_str(text).unwrap_err();
            assert!(told.contains(wanted), "{text}: {told}");
        }
    }
}
