//! Where messages may go. Public addresses may be sent to; loopback, private and every other special address
//! only when configuration names them. There are three checks: the address written in a URL
//! ([`AddressRules::check_url`]), the addresses a name resolves to ([`AddressRules::check_resolved`], called by
//! the client's own resolver at each connection), and redirects, which are never followed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::error::CourierError;
use crate::network::{Network, Special, special};

/// What configuration allows beyond public addresses. The default allows nothing more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressRules {
    /// Whether this machine itself may be sent to (the demo does).
    pub allow_loopback: bool,
    /// Networks and host names that may be sent to, also without encryption.
    pub allow: Vec<Allowed>,
}

/// One entry of the allow-list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Allowed {
    /// Every address of a network, and every name that resolves into it.
    Network(Network),
    /// A host name, lower case; it may stand at a private address, but at no other special one.
    Host(String),
}

impl AddressRules {
    /// The first check: a URL as it stands in the registry.
    ///
    /// # Errors
    /// When it is no `http` or `https` URL, carries a user name or password, names a special address or
    /// this machine without permission, or asks for plain `http` or the port of another protocol at a place that is
    /// not named.
    pub fn check_url(&self, text: &str) -> Result<Url, CourierError> {
        let url = Url::parse(text).map_err(|error| bad_url(text, &error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad_url(text, "only https (and http to named places) is spoken"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad_url(url.host_str().unwrap_or_default(), "it carries a user name or a password"));
        }
        let host = Host::of(&url).ok_or_else(|| bad_url(text, "it names no host"))?;
        self.check_host(&host)?;
        self.check_port(&url, &host)?;
        if url.scheme() == "http" && !self.names(&host) {
            return Err(refused(
                &host.to_string(),
                "plain http reaches only places named in the rules; use https",
            ));
        }
        Ok(url)
    }

    /// One address, whatever name led to it.
    ///
    /// # Errors
    /// When it is special and neither `allow_loopback` nor a network of the rules covers it.
    pub fn check_ip(&self, address: IpAddr) -> Result<(), CourierError> {
        match self.objection(address) {
            None => Ok(()),
            Some(kind) => Err(refused(&address.to_string(), &kind.to_string())),
        }
    }

    /// The second check: the addresses a name resolved to. One refused address refuses the name.
    ///
    /// # Errors
    /// As [`AddressRules::check_ip`]; a name of the allow-list may also stand at private addresses. A name that means
    /// something inside a network only is refused at a public address: somebody outside has taken it.
    pub fn check_resolved(&self, name: &str, addresses: &[IpAddr]) -> Result<(), CourierError> {
        let normal = normal_name(name);
        let (named, inner) = (self.names_host(&normal), is_inner(&normal));
        for address in addresses {
            match self.objection(*address) {
                None if inner && !named && special(*address).is_none() => {
                    return Err(refused(&format!("{name} (at {address})"), "a name of an inner network"));
                }
                None => {}
                Some(Special::Private) if named => {}
                Some(kind) => return Err(refused(&format!("{name} (at {address})"), &kind.to_string())),
            }
        }
        Ok(())
    }

    fn check_host(&self, host: &Host) -> Result<(), CourierError> {
        match host {
            Host::Address(address) => self.check_ip(*address),
            Host::Name(name) if is_this_machine(name) && !self.allow_loopback => {
                Err(refused(name, &Special::Loopback.to_string()))
            }
            Host::Name(_) => Ok(()),
        }
    }

    /// Below 1024 other protocols listen, some of which take orders from whoever writes a line to them.
    fn check_port(&self, url: &Url, host: &Host) -> Result<(), CourierError> {
        match url.port_or_known_default() {
            Some(80 | 443 | 1024..) => Ok(()),
            Some(1..) if self.names(host) => Ok(()),
            port => {
                let port = port.unwrap_or_default();
                Err(refused(&host.to_string(), &format!("port {port} is that of another protocol")))
            }
        }
    }

    fn objection(&self, address: IpAddr) -> Option<Special> {
        let kind = special(address)?;
        let allowed = (kind == Special::Loopback && self.allow_loopback) || self.names_address(address);
        (!allowed).then_some(kind)
    }

    fn names(&self, host: &Host) -> bool {
        match host {
            Host::Address(address) => {
                self.names_address(*address)
                    || (self.allow_loopback && special(*address) == Some(Special::Loopback))
            }
            Host::Name(name) => self.names_host(name) || (self.allow_loopback && is_this_machine(name)),
        }
    }

    fn names_address(&self, address: IpAddr) -> bool {
        self.allow.iter().any(|entry| matches!(entry, Allowed::Network(network) if network.contains(address)))
    }

    fn names_host(&self, name: &str) -> bool {
        self.allow.iter().any(|entry| matches!(entry, Allowed::Host(host) if host == name))
    }
}

/// The host of a URL. The URL parser has already turned the decimal, octal and hexadecimal spellings of an
/// IPv4 address into the usual one.
#[derive(Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    Name(String),
}

impl Host {
    /// Two dots at the end stand in no name; without them it could be read as a number.
    fn of(url: &Url) -> Option<Self> {
        let text = url.host_str().filter(|text| !normal_name(text).is_empty() && !text.ends_with(".."))?;
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        Some(bare.parse().map_or_else(|_| Self::Name(normal_name(bare)), Self::Address))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Name(name) => name.fmt(formatter),
        }
    }
}

fn normal_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Names that the public name servers do not have: without a dot, and under RFC 6762, RFC 7686, RFC 8375 and what
/// ICANN keeps for inner networks.
fn is_inner(name: &str) -> bool {
    const ENDINGS: [&str; 7] =
        [".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".onion"];
    !name.contains('.') || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// RFC 6761: these names always mean this machine.
fn is_this_machine(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn bad_url(found: &str, why: &str) -> CourierError {
    // A text that did not parse may still hold a password: everything up to the last '@' is left out.
    let found = found.rsplit('@').next().unwrap_or_default().to_owned();
    CourierError::BadUrl { found, why: why.to_owned() }
}

fn refused(host: &str, why: &str) -> CourierError {
    CourierError::AddressRefused { host: host.to_owned(), why: why.to_owned() }
}

impl FromStr for Allowed {
    type Err = CourierError;

    fn from_str(text: &str) -> Result<Self, CourierError> {
        let bad = |why| CourierError::BadAddressRule { found: text.to_owned(), why };
        if text.contains('/') || text.parse::<IpAddr>().is_ok() {
            return text.parse().map(Self::Network);
        }
        let url =
            Url::parse(&format!("https://{text}/")).map_err(|_| bad("neither a network nor a host name"))?;
        match Host::of(&url) {
            Some(Host::Name(name)) if is_this_machine(&name) => Err(bad("set allow_loopback instead")),
            Some(Host::Name(name))
                if url.port().is_none() && url.username().is_empty() && !name.contains('*') =>
            {
                Ok(Self::Host(name))
            }
            _ => Err(bad("neither a network nor a plain host name")),
        }
    }
}

impl TryFrom<String> for Allowed {
    type Error = CourierError;

    fn try_from(text: String) -> Result<Self, CourierError> {
        text.parse()
    }
}

impl From<Allowed> for String {
    fn from(allowed: Allowed) -> Self {
        allowed.to_string()
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(formatter),
            Self::Host(name) => name.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow_loopback: bool, allow: &[&str]) -> AddressRules {
        AddressRules { allow_loopback, allow: allow.iter().map(|text| text.parse().unwrap()).collect() }
    }

    /// Neighbours of the refused networks, which the table of the client's tests holds.
    const TAKEN: [&str; 24] = [
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "[2606:4700:4700::1111]",
        "[2a00:1450::1]",
        "[2003::1]",
        "mine.example.kz",
        "127.0.0.1.example.kz",
        "mine.example.kz:443",
        "mine.example.kz:8443",
        "8.8.8.8:1024",
        "mine.internal.example.kz",
    ];

    #[test]
    fn public_addresses_may_be_sent_to_without_any_rule() {
        for host in TAKEN {
            AddressRules::default().check_url(&format!("https://{host}/orders")).unwrap();
        }
    }

    #[test]
    fn a_name_that_ends_in_two_dots_is_none() {
        for text in ["10..", "mine.example.kz.."] {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
            AddressRules::default().check_url(&format!("https://{text}/orders")).unwrap_err();
        }
    }

    #[test]
    fn what_is_no_address_for_orders_is_explained() {
        for (url, why) in [
            ("ftp://8.8.8.8/", "only https"),
            ("file:///etc/passwd", "only https"),
            ("gopher://a.example/", "only https"),
            ("a.example/orders", "relative URL"),
            ("", "relative URL"),
            ("https://", "empty host"),
            ("https://user@a.example/", "user name or a password"),
            ("https://user:hush@a.example/", "user name or a password"),
            ("https://:hush@a.example/", "user name or a password"),
            ("https://a.example\\@127.0.0.1/x@y", ""),
            ("http://a.example/", "use https"),
            ("http://8.8.8.8/", "use https"),
            ("https://256.1.1.1/", "invalid IPv4"),
            ("https://[::1%25eth0]/", "invalid IPv6"),
            ("https://a.example:99999/", "invalid port"),
        ] {
            match AddressRules::default().check_url(url) {
                Ok(url) => assert_eq!((why, url.host_str()), ("", Some("a.example"))),
                Err(error) => {
                    let text = error.to_string();
                    assert!(!why.is_empty() && text.contains(why), "{url}: {text}");
                    assert!(!text.contains("hush"), "{text}");
                }
            }
        }
    }

    #[test]
    fn loopback_is_taken_when_it_is_named_and_nothing_else_with_it() {
        let rules = rules(true, &[]);
        for url in ["http://127.0.0.1:9/x", "http://[::1]:9/", "http://localhost:9/", "https://2130706433/"] {
            rules.check_url(url).unwrap();
        }
        for url in
            ["http://10.0.0.1/", "http://169.254.169.254/", "https://[::ffff:127.0.0.1]/", "https://0/"]
        {
            assert!(matches!(rules.check_url(url), Err(CourierError::AddressRefused { .. })), "{url}");
        }
    }

    #[test]
    fn a_named_network_is_taken_and_its_neighbour_is_not() {
        let rules = rules(false, &["10.7.0.0/16", "fd00:7::/32"]);
        for url in ["http://10.7.0.1/", "https://10.7.255.255/", "http://[fd00:7::1]/"] {
            rules.check_url(url).unwrap();
        }
        for url in
            ["https://10.8.0.1/", "https://10.6.255.255/", "https://[fd00:8::1]/", "https://127.0.0.1/"]
        {
            assert!(matches!(rules.check_url(url), Err(CourierError::AddressRefused { .. })), "{url}");
        }
        for name in ["mine.example", "meter.lan", "meter"] {
            rules.check_resolved(name, &["10.7.1.1".parse().unwrap()]).unwrap();
        }
        rules.check_url("http://10.7.0.1:502/").unwrap();
        assert!(rules.check_url("http://10.7.0.1:0/").is_err(), "no port at all");
    }

    #[test]
    fn one_refused_address_refuses_the_name() {
        let public: IpAddr = "8.8.8.8".parse().unwrap();
        let inner: IpAddr = "10.0.0.1".parse().unwrap();
        let rules = AddressRules::default();
        rules.check_resolved("a.example", &[public]).unwrap();
        let error = rules.check_resolved("a.example", &[public, inner]).unwrap_err().to_string();
        assert!(error.contains("a.example (at 10.0.0.1)"), "{error}");
    }

    #[test]
    fn a_named_host_may_stand_at_a_private_address_only() {
        let rules = rules(false, &["Gateway.Mine.example"]);
        rules.check_url("http://gateway.mine.example./x").unwrap();
        rules.check_resolved("GATEWAY.mine.example", &["192.168.4.4".parse().unwrap()]).unwrap();
        for address in ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"] {
            let error = rules.check_resolved("gateway.mine.example", &[address.parse().unwrap()]);
            assert!(matches!(error, Err(CourierError::AddressRefused { .. })), "{address}");
        }
        assert!(rules.check_resolved("other.mine.example", &["192.168.4.4".parse().unwrap()]).is_err());
    }

    #[test]
    fn rules_are_read_from_configuration_and_their_faults_named() {
        let text = r#"{"allow_loopback":true,"allow":["10.0.0.0/8","meters.example.kz","::1/128"]}"#;
        let rules: AddressRules = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&rules).unwrap(), text);
        assert_eq!(serde_json::from_str::<AddressRules>("{}").unwrap(), AddressRules::default());
        for bad in [
            "10.1.0.0/8",
            "localhost",
            "a b",
            "*.example",
            "a.example:80",
            "u@a.example",
            "a/b",
            "0x7f.1",
            "",
        ] {
            let error = bad.parse::<Allowed>().unwrap_err();
            assert!(matches!(error, CourierError::BadAddressRule { .. }), "{bad}: {error}");
        }
    }

    /// Found by libFuzzer: the name that is left when the full stop of the root is taken off was empty, and allowed.
    #[test]
    fn full_stops_alone_are_no_host() {
        assert!(matches!("..".parse::<Allowed>(), Err(CourierError::BadAddressRule { .. })));
        let error = AddressRules::default().check_url("https://../orders").unwrap_err().to_string();
        assert!(error.contains("it names no host"), "{error}");
    }
}
