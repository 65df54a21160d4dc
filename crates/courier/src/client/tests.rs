//! Addresses that nobody may be led to, held against the whole client. Its connector counts and never dials, its
//! resolver notes what would be dialled and never gives it away: a test that fails contacts nobody either.

mod table;

use super::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use proptest::prelude::*;
use tower::{Layer, Service};

use table::{BY_NAME, WRITTEN};

/// What would have been dialled.
#[derive(Clone, Default)]
struct Dialled {
    /// Connections that the client asked for.
    connections: Arc<AtomicUsize>,
    /// Addresses that names led to after the check.
    addresses: Arc<Mutex<Vec<IpAddr>>>,
}

impl Dialled {
    fn nobody(&self) -> bool {
        self.connections.load(Ordering::SeqCst) == 0 && self.addresses.lock().unwrap().is_empty()
    }
}

/// A connector that counts. Only what is no address goes on to the resolver below it, which gives none away.
#[derive(Clone)]
struct Counting<S> {
    inner: S,
    dialled: Dialled,
    by_name: bool,
}

impl<R, S> Service<R> for Counting<S>
where
    S: Service<R, Error = Box<dyn Error + Send + Sync>>,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        if self.by_name {
            return Box::pin(self.inner.call(request));
        }
        self.dialled.connections.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err("a test dials nobody".into()) })
    }
}

#[derive(Clone)]
struct Count {
    dialled: Dialled,
    by_name: bool,
}

impl<S> Layer<S> for Count {
    type Service = Counting<S>;

    fn layer(&self, inner: S) -> Counting<S> {
        Counting { inner, dialled: self.dialled.clone(), by_name: self.by_name }
    }
}

/// A resolver around the guarded one: what that one lets through is noted and kept back.
struct Noting {
    inner: GuardedResolver,
    dialled: Dialled,
}

impl Resolve for Noting {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, dialled) = (self.inner.resolve(name), self.dialled.clone());
        Box::pin(async move {
            let found = found.await?;
            dialled.addresses.lock().unwrap().extend(found.map(|address| address.ip()));
            Err("a test dials nobody".into())
        })
    }
}

/// A client whose names lead where `lookup` says, and what it would have dialled.
fn client(rules: AddressRules, by_name: bool, lookup: Lookup) -> (GuardedClient, Dialled) {
    let (rules, dialled) = (Arc::new(rules), Dialled::default());
    let inner = GuardedResolver { rules: Arc::clone(&rules), lookup };
    let builder =
        guarded(Timeouts::default(), Noting { inner, dialled: dialled.clone() }, &Tls::default()).unwrap();
    let builder = builder.connector_layer(Count { dialled: dialled.clone(), by_name });
    (GuardedClient::build(builder, rules, Timeouts::default()).unwrap(), dialled)
}

fn always(addresses: &[&str]) -> Lookup {
    let found: Vec<SocketAddr> =
        addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
    Arc::new(move |_| {
        let found = found.clone();
        Box::pin(async move { Ok(found) })
    })
}

fn loopback() -> AddressRules {
    AddressRules { allow_loopback: true, allow: Vec::new() }
}

fn assert_refused(url: &str, why: &str, error: &CourierError, dialled: &Dialled) {
    let is_refusal = matches!(error, CourierError::AddressRefused { .. } | CourierError::BadUrl { .. });
    assert!(is_refusal && error.to_string().contains(why), "{url}: {error}; expected {why}");
    assert!(dialled.nobody(), "{url}: somebody would have been dialled");
}

#[tokio::test]
async fn no_written_address_of_the_table_is_dialled() {
    for (url, why) in WRITTEN {
        let (client, dialled) = client(AddressRules::default(), false, always(&["8.8.8.8"]));
        let error = client.post(url, &[], Vec::new()).await.unwrap_err();
        assert_refused(url, why, &error, &dialled);
    }
}

#[tokio::test]
async fn no_name_of_the_table_leads_inside() {
    for (name, addresses, why) in BY_NAME {
        let (client, dialled) = client(AddressRules::default(), true, always(addresses));
        let error = client.get(&format!("https://{name}/"), &[]).await.unwrap_err();
        assert_refused(name, why, &error, &dialled);
    }
}

#[test]
fn the_table_has_the_promised_length_and_no_row_twice() {
    let urls = WRITTEN.iter().map(|(url, _)| *url).chain(BY_NAME.iter().map(|(name, ..)| *name));
    let all: std::collections::BTreeSet<_> = urls.collect();
    assert_eq!(all.len(), WRITTEN.len() + BY_NAME.len());
    assert!(all.len() >= 100, "{}", all.len());
}

#[tokio::test]
async fn what_may_be_dialled_is_counted_so_that_the_table_can_fail() {
    let (by_address, dialled) = client(AddressRules::default(), false, always(&[]));
    let error = by_address.get("https://8.8.8.8/", &[]).await.unwrap_err();
    assert!(!matches!(error, CourierError::AddressRefused { .. }), "{error}");
    assert_eq!(dialled.connections.load(Ordering::SeqCst), 1);

    let (by_name, dialled) = client(AddressRules::default(), true, always(&["8.8.8.8"]));
    by_name.get("https://mine.example.kz/", &[]).await.unwrap_err();
    assert_eq!(*dialled.addresses.lock().unwrap(), ["8.8.8.8".parse::<IpAddr>().unwrap()]);

    let (named, dialled) = client(loopback(), false, always(&[]));
    named.get("http://127.0.0.1:9/", &[]).await.unwrap_err();
    assert_eq!(dialled.connections.load(Ordering::SeqCst), 1, "loopback that is named is dialled");
}

/// The first answer of a name server is good, every later one leads inside.
#[tokio::test]
async fn a_name_that_turns_after_its_first_answer_leads_nowhere() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let turning: Lookup = Arc::new(move |_| {
        let address = match counted.fetch_add(1, Ordering::SeqCst) {
            0 => Ipv4Addr::new(8, 8, 8, 8),
            _ => Ipv4Addr::new(169, 254, 169, 254),
        };
        Box::pin(async move { Ok(vec![SocketAddr::from((address, 0))]) })
    });
    let (client, dialled) = client(AddressRules::default(), true, turning);
    let first = client.get("https://turning.example/", &[]).await.unwrap_err();
    assert!(matches!(first, CourierError::Unreachable { .. }), "{first}");
    for _ in 0..3 {
        let error = client.get("https://turning.example/", &[]).await.unwrap_err();
        assert!(matches!(error, CourierError::AddressRefused { .. }), "{error}");
    }
    // One look-up an attempt: what was checked is what would have been dialled.
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(*dialled.addresses.lock().unwrap(), ["8.8.8.8".parse::<IpAddr>().unwrap()]);
}

#[tokio::test]
async fn a_name_that_is_not_found_is_unreachable() {
    let silent: Lookup = Arc::new(|_| Box::pin(async { Err(io::Error::other("no such name")) }));
    let (client, dialled) = client(AddressRules::default(), true, silent);
    let error = client.get("https://gone.example/", &[]).await.unwrap_err();
    assert!(matches!(error, CourierError::Unreachable { .. }), "{error}");
    assert!(crate::error::describe(&error).contains("no such name"));
    assert!(dialled.nobody());
}

/// Networks that must never be reached, written down apart from the table that refuses them.
const SHUT: [&str; 34] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/3",
    "4000::/2",
    "8000::/1",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "168.63.129.16/32",
];

/// Some address of a network.
fn inside(network: &str, bits: u128) -> IpAddr {
    let (base, prefix) = network.split_once('/').unwrap();
    let prefix: u32 = prefix.parse().unwrap();
    match base.parse().unwrap() {
        IpAddr::V4(base) => {
            let host = u32::MAX.checked_shr(prefix).unwrap_or(0);
            Ipv4Addr::from(u32::from(base) | (bits as u32 & host)).into()
        }
        IpAddr::V6(base) => {
            let host = u128::MAX.checked_shr(prefix).unwrap_or(0);
            Ipv6Addr::from(u128::from(base) | (bits & host)).into()
        }
    }
}

/// The ways in which browsers read an address.
fn spelt(address: IpAddr, way: usize) -> String {
    match address {
        IpAddr::V6(address) => format!("[{address}]"),
        IpAddr::V4(address) => {
            let number = u32::from(address);
            let [a, b, c, d] = address.octets();
            match way % 6 {
                0 => address.to_string(),
                1 => number.to_string(),
                2 => format!("0x{number:x}"),
                3 => format!("0{number:o}"),
                4 => format!("0{a:o}.0x{b:X}.{}.", u16::from_be_bytes([c, d])),
                _ => format!("%{:02x}{b}.{c}.{d}", b'0').replace("%30", &format!("{a}.")),
            }
        }
    }
}

proptest! {
    #[test]
    fn no_address_of_a_shut_network_is_dialled(row in 0..SHUT.len(), bits in any::<u128>(), way in 0..6_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = inside(SHUT[row], bits);
        let url = format!("https://{}/orders", spelt(address, way));
        let (written, dialled) = client(AddressRules::default(), false, always(&[]));
        let error = runtime.block_on(written.post(&url, &[], Vec::new())).unwrap_err();
        let is_refused = matches!(error, CourierError::AddressRefused { .. });
        prop_assert!(is_refused && dialled.nobody(), "{} {}", url, error);
        let found = [address.to_string(), "8.8.8.8".into()];
        let (by_name, dialled) = client(AddressRules::default(), true, always(&found.each_ref().map(String::as_str)));
        let error = runtime.block_on(by_name.get("https://mixed.example/", &[])).unwrap_err();
        let is_refused = matches!(error, CourierError::AddressRefused { .. });
        prop_assert!(is_refused && dialled.nobody(), "{} {}", address, error);
    }
}
