//! Networks of addresses, and the table of those that are not an ordinary place on the public internet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::CourierError;

/// A network such as `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    base: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Whether an address lies in the network. An IPv4 address never lies in an IPv6 network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let common_bits = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => (u32::from(base) ^ u32::from(address)).leading_zeros(),
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                (u128::from(base) ^ u128::from(address)).leading_zeros()
            }
            _ => return false,
        };
        common_bits >= u32::from(self.prefix_bits)
    }

    /// Whether the bits after the prefix are all zero, as they are in a network written properly.
    fn is_aligned(&self) -> bool {
        match self.base {
            IpAddr::V4(base) => u32::from(base).trailing_zeros() + u32::from(self.prefix_bits) >= 32,
            IpAddr::V6(base) => u128::from(base).trailing_zeros() + u32::from(self.prefix_bits) >= 128,
        }
    }
}

impl FromStr for Network {
    type Err = CourierError;

    fn from_str(text: &str) -> Result<Self, CourierError> {
        let bad = |why| CourierError::BadAddressRule { found: text.to_owned(), why };
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().map_err(|_| bad("not an IP address"))?;
        let longest = if base.is_ipv4() { 32 } else { 128 };
        let prefix_bits =
            bits.map_or(Ok(longest), str::parse).map_err(|_| bad("the prefix is not a number"))?;
        if prefix_bits > longest {
            return Err(bad("the prefix is longer than the address"));
        }
        let network = Self { base, prefix_bits };
        if network.is_aligned() {
            Ok(network)
        } else {
            Err(bad("bits after the prefix are set; write the network's first address"))
        }
    }
}

impl TryFrom<String> for Network {
    type Error = CourierError;

    fn try_from(text: String) -> Result<Self, CourierError> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.base, self.prefix_bits)
    }
}

/// Why an address is not an ordinary public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// This machine.
    Loopback,
    /// A network of one's own: RFC 1918, shared address space, IPv6 unique local.
    Private,
    /// Everything else that is no place to send an order to, with its name.
    Other(&'static str),
}

impl fmt::Display for Special {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => formatter.write_str("a loopback address"),
            Self::Private => formatter.write_str("a private address"),
            Self::Other(name) => write!(formatter, "a {name} address"),
        }
    }
}

/// What is special about an address; `None` for an ordinary public one.
#[must_use]
pub fn special(address: IpAddr) -> Option<Special> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

/// After the IANA registry of special-purpose IPv4 addresses, narrower ranges first.
const SPECIAL_V4: [([u8; 4], u8, Special); 17] = [
    ([0, 0, 0, 0], 8, Special::Other("unspecified")),
    ([10, 0, 0, 0], 8, Special::Private),
    ([100, 64, 0, 0], 10, Special::Private),
    ([127, 0, 0, 0], 8, Special::Loopback),
    // Not in that registry: one cloud gives its machines their settings and keys from this public address.
    ([168, 63, 129, 16], 32, Special::Other("cloud platform")),
    ([169, 254, 0, 0], 16, Special::Other("link-local")),
    ([172, 16, 0, 0], 12, Special::Private),
    ([192, 0, 0, 0], 24, Special::Other("protocol-assignment")),
    ([192, 0, 2, 0], 24, Special::Other("documentation")),
    ([192, 88, 99, 0], 24, Special::Other("6to4 relay")),
    ([192, 168, 0, 0], 16, Special::Private),
    ([198, 18, 0, 0], 15, Special::Other("benchmarking")),
    ([198, 51, 100, 0], 24, Special::Other("documentation")),
    ([203, 0, 113, 0], 24, Special::Other("documentation")),
    ([224, 0, 0, 0], 4, Special::Other("multicast")),
    ([255, 255, 255, 255], 32, Special::Other("broadcast")),
    ([240, 0, 0, 0], 4, Special::Other("reserved")),
];

fn special_v4(address: Ipv4Addr) -> Option<Special> {
    let row = SPECIAL_V4.iter().find(|(base, prefix_bits, _)| {
        Network { base: IpAddr::V4((*base).into()), prefix_bits: *prefix_bits }.contains(IpAddr::V4(address))
    });
    row.map(|(_, _, kind)| *kind)
}

/// After the IANA registry of special-purpose IPv6 addresses, narrower ranges first. Addresses that carry an
/// IPv4 address inside are refused whatever they carry: they lead past a check of the address inside.
const SPECIAL_V6: [([u16; 8], u8, Special); 19] = [
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, Special::Other("unspecified")),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Special::Loopback),
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, Special::Other("IPv4-mapped")),
    ([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, Special::Other("IPv4-translated")),
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, Special::Other("IPv4-compatible")),
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Special::Other("NAT64")),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Special::Other("local NAT64")),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, Special::Other("discard-only")),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, Special::Other("Teredo")),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Special::Other("benchmarking")),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Special::Other("protocol-assignment")),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Special::Other("documentation")),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, Special::Other("6to4")),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Special::Other("documentation")),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Special::Private),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Special::Other("link-local")),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Special::Other("site-local")),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Special::Other("multicast")),
    ([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, Special::Other("segment-routing")),
];

/// Global unicast addresses begin with the bits 001; nothing else is public.
const GLOBAL_UNICAST: Network =
    Network { base: IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0)), prefix_bits: 3 };

fn special_v6(address: Ipv6Addr) -> Option<Special> {
    let row = SPECIAL_V6.iter().find(|(base, prefix_bits, _)| {
        Network { base: IpAddr::V6((*base).into()), prefix_bits: *prefix_bits }.contains(IpAddr::V6(address))
    });
    let unassigned =
        || (!GLOBAL_UNICAST.contains(IpAddr::V6(address))).then_some(Special::Other("unassigned"));
    row.map(|(_, _, kind)| *kind).or_else(unassigned).or_else(|| is_isatap(address).then_some(ISATAP))
}

const ISATAP: Special = Special::Other("ISATAP");

/// RFC 5214: an IPv4 address behind an interface identifier that begins `0:5efe` or `200:5efe`, in any prefix.
fn is_isatap(address: Ipv6Addr) -> bool {
    let words = address.segments();
    matches!(words[4], 0 | 0x200) && words[5] == 0x5efe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_network_is_read_and_written() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "fd00::/8", "192.168.1.7/32"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        assert_eq!("::1".parse::<Network>().unwrap().to_string(), "::1/128");
    }

    #[test]
    fn a_malformed_network_is_explained() {
        for (text, why) in [
            ("10.1.2.3/8", "bits after the prefix"),
            ("fd00::1/8", "bits after the prefix"),
            ("10.0.0.0/33", "longer"),
            ("10.0.0.0/x", "not a number"),
            ("10.0.0/8", "not an IP address"),
            ("", "not an IP address"),
        ] {
            let error = text.parse::<Network>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    proptest! {
        /// The standard library knows some of the ranges: where it does, both must say the same.
        #[test]
        fn the_table_agrees_with_the_standard_library(bits in any::<u32>()) {
            let address = Ipv4Addr::from(bits);
            let known = address.is_loopback() || address.is_private() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation()
                || address.is_unspecified();
            prop_assert!(!known || special_v4(address).is_some(), "{address}");
            prop_assert_eq!(special_v4(address) == Some(Special::Loopback), address.is_loopback());
        }

        #[test]
        fn an_ipv4_address_inside_an_ipv6_one_is_always_special(bits in any::<u32>()) {
            let [a, b] = [(bits >> 16) as u16, bits as u16];
            for carrier in [
                Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, a, b),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, a, b),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
                Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, a, b),
                Ipv6Addr::new(0x2a00, 0x1450, 0, 1, 0, 0x5efe, a, b),
                Ipv6Addr::new(0x2a00, 0x1450, 0, 1, 0x200, 0x5efe, a, b),
            ] {
                prop_assert!(special_v6(carrier).is_some(), "{carrier}");
            }
        }
    }
}
