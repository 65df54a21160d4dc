//! A browser as plain as can be: cookies, forms, no redirects followed, nothing run.

use std::collections::BTreeMap;
use std::sync::Mutex;

use kezek_model::ids::FacilityId;
use kezek_model::registry::Language;
use kezek_server::Config;
use kezek_server::access::Role;
use kezek_server::accounts::{Account, Accounts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::World;

/// Gives everybody an account without codes, whose login is the name; the passwords come back by name.
pub(crate) fn accounts(
    config: &mut Config,
    people: &[(&str, &[Role], Option<&str>)],
) -> (Accounts, BTreeMap<String, String>) {
    let (mut accounts, mut passwords) = (Accounts::default(), BTreeMap::new());
    for (name, roles, facility) in people {
        let mut account = Account {
            login: (*name).into(),
            name: (*name).into(),
            roles: roles.iter().copied().collect(),
            facility: facility.map(FacilityId::from),
            language: Language::Ru,
            password: String::new(),
            code_secret: None,
            openid: None,
            generation: 0,
        };
        passwords.insert((*name).into(), account.reset("test", false).unwrap().password);
        accounts.all.push(account);
    }
    let path = config.key_file.with_file_name("accounts.toml");
    accounts.write(&path, config).unwrap();
    config.accounts = Some(path);
    (accounts, passwords)
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Shown {
    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", String::as_str)
    }
}

pub(crate) struct Browser {
    base: String,
    pub(crate) cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// Of nobody yet.
    pub(crate) fn of(world: &World) -> Self {
        Self { base: world.base.clone(), cookies: Mutex::default() }
    }

    /// Of somebody who has signed in.
    pub(crate) async fn enter(world: &World, login: &str, password: &str) -> Self {
        let browser = Self::of(world);
        let shown = browser.sign_in(login, password, "").await;
        assert_eq!(shown.status, 303, "{shown:?}");
        browser
    }

    /// As one who has chosen a language.
    pub(crate) fn in_(&self, language: &str) -> Self {
        let mut cookies = self.cookies.lock().unwrap().clone();
        cookies.insert("kezek-language".into(), language.into());
        Self { base: self.base.clone(), cookies: Mutex::new(cookies) }
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str, code: &str) -> Shown {
        self.post("/sign-in", &[("login", login), ("password", password), ("code", code)]).await
    }

    pub(crate) async fn get(&self, path: &str) -> Shown {
        self.exchange(format!("GET {path} HTTP/1.1\r\n"), "").await
    }

    /// A page that is shown.
    pub(crate) async fn page(&self, path: &str) -> String {
        let shown = self.get(path).await;
        assert_eq!(shown.status, 200, "{path}: {shown:?}");
        shown.body
    }

    /// Sends a form as it stands.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.post_from(&self.base, path, fields).await
    }

    /// Sends a form that says it stands on the page of another origin.
    pub(crate) async fn post_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Shown {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let body = pairs.join("&");
        let head = format!(
            "POST {path} HTTP/1.1\r\norigin: {origin}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n",
            body.len()
        );
        self.exchange(head, &body).await
    }

    /// Opens a page, and sends a form with the seal that stands on it.
    pub(crate) async fn send(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Shown {
        let shown = self.get(page).await;
        self.post(path, &[&[("seal", seal_of(&shown.body))], fields].concat()).await
    }

    async fn exchange(&self, head: String, body: &str) -> Shown {
        let host = self.base.split_once("://").unwrap().1;
        let mut stream = TcpStream::connect(host).await.unwrap();
        let cookies = self.cookies.lock().unwrap().clone();
        let cookies: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{head}host: {host}\r\nconnection: close\r\ncookie: {}\r\n\r\n{body}",
            cookies.join("; ")
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into()));
        let shown = Shown { status, headers: headers.collect(), body: body.into() };
        self.remember(&shown);
        shown
    }

    fn remember(&self, shown: &Shown) {
        let Some(cookie) = shown.headers.get("set-cookie") else { return };
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        self.cookies.lock().unwrap().insert(name.into(), value.into());
    }
}

/// What stands hidden in the forms of a page.
pub(crate) fn seal_of(html: &str) -> &str {
    let seal = html.split_once("name=\"seal\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
    seal.unwrap_or_else(|| panic!("there is no form: {html}")).0
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
