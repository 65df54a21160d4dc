//! Short messages: one HTTP request to the gateway that the operator has chosen, made of a template.

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{Handed, secret};
use crate::address::AddressRules;
use crate::client::{GuardedClient, Request};
use crate::delivery::{Outcome, judge_error, judge_status};
use crate::error::CourierError;

/// What the gateway wants to be asked. `{phone}`, `{text}` and `{order_no}` stand for the values of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySettings {
    /// Where to; placeholders in it are percent-encoded.
    pub url: String,
    /// `POST`, or `GET` without a body.
    #[serde(default)]
    pub method: Verb,
    /// How the body is written, so that no value can break out of its place.
    #[serde(default)]
    pub format: BodyFormat,
    /// The body; blank for `GET`.
    #[serde(default)]
    pub body: String,
    /// A file of further headers, `Name: value` a line, that only its owner and group may read.
    #[serde(default)]
    pub headers_file: Option<PathBuf>,
}

/// How the gateway is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// With a body.
    #[default]
    Post,
    /// All stands in the URL.
    Get,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyFormat {
    /// JSON; placeholders stand inside quotation marks.
    #[default]
    Json,
    /// `a=b&c=d`; placeholders are percent-encoded.
    Form,
}

/// The values of one message.
#[derive(Debug, Clone, Copy)]
pub struct ShortMessage<'a> {
    /// `+` and digits.
    pub phone: &'a str,
    /// What is read.
    pub text: &'a str,
    /// What it is about.
    pub order_no: &'a str,
}

/// A gateway that can be asked.
#[derive(Debug, Clone)]
pub struct Gateway {
    client: GuardedClient,
    settings: GatewaySettings,
    headers: Vec<(String, String)>,
}

impl Gateway {
    /// A gateway; its headers are read, its address and template checked.
    ///
    /// # Errors
    /// When the address may not be sent to, the template names no text and number, or the headers cannot be used.
    pub fn new(
        client: GuardedClient,
        rules: &AddressRules,
        settings: GatewaySettings,
    ) -> Result<Self, CourierError> {
        let sample = ShortMessage { phone: "+77000000000", text: "\"{&", order_no: "N" };
        rules.check_url(&settings.fill_url(sample))?;
        settings.check(sample)?;
        let headers = settings.headers_file.as_deref().map(read_headers).transpose()?.unwrap_or_default();
        Ok(Self { client, settings, headers })
    }

    /// Hands over one message.
    pub async fn send(&self, message: ShortMessage<'_>) -> Handed {
        let settings = &self.settings;
        let content_type = match settings.format {
            BodyFormat::Json => "application/json",
            BodyFormat::Form => "application/x-www-form-urlencoded",
        };
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = match settings.method {
            Verb::Get => Request { method: Method::GET, content: None, headers: &headers },
            Verb::Post => {
                let content = Some((content_type, settings.fill_body(message).into_bytes()));
                Request { method: Method::POST, content, headers: &headers }
            }
        };
        let outcome = match self.client.ask(&settings.fill_url(message), request).await {
            Ok(answer) => judge_status(answer),
            Err(error) => judge_error(&error),
        };
        match outcome {
            Outcome::Received { status, .. } => Handed::Taken { said: status.to_string() },
            Outcome::Retry { reason, .. } => Handed::Retry { reason },
            Outcome::Alarm { reason } => Handed::Alarm { reason },
        }
    }
}

impl GatewaySettings {
    fn check(&self, sample: ShortMessage) -> Result<(), CourierError> {
        let wrong = |why| Err(CourierError::BadGateway { why });
        let all = format!("{}{}", self.url, self.body);
        if !all.contains("{phone}") || !all.contains("{text}") {
            return wrong("its url and body together must hold {phone} and {text}");
        }
        if self.method == Verb::Get && !self.body.is_empty() {
            return wrong("GET takes no body");
        }
        let is_json = || serde_json::from_str::<serde_json::Value>(&self.fill_body(sample)).is_ok();
        if self.method == Verb::Post && self.format == BodyFormat::Json && !is_json() {
            return wrong("its body is no JSON once filled in; placeholders stand inside quotation marks");
        }
        Ok(())
    }

    fn fill_url(&self, message: ShortMessage) -> String {
        fill(&self.url, message, percent_encoded)
    }

    fn fill_body(&self, message: ShortMessage) -> String {
        match self.format {
            BodyFormat::Json => fill(&self.body, message, json_escaped),
            BodyFormat::Form => fill(&self.body, message, percent_encoded),
        }
    }
}

/// Fills in each placeholder once, from left to right: what a value holds is never taken for a placeholder.
fn fill(template: &str, message: ShortMessage, escape: impl Fn(&str) -> String) -> String {
    let values = [("{phone}", message.phone), ("{text}", message.text), ("{order_no}", message.order_no)];
    let (mut filled, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                filled.push_str(&escape(value));
                rest = &rest[name.len()..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled + rest
}

fn percent_encoded(value: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(encoded).collect()
}

fn json_escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn read_headers(path: &Path) -> Result<Vec<(String, String)>, CourierError> {
    let text = secret(path)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        let sound = reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && reqwest::header::HeaderValue::from_str(&value).is_ok();
        sound.then_some((name, value))
    };
    // The line itself may be the secret: it is not shown.
    let why = "a line of its headers file is not `Name: value`";
    lines.map(|line| header(line).ok_or(CourierError::BadGateway { why })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, body: &str, format: BodyFormat) -> GatewaySettings {
        let (method, headers_file) = (Verb::Post, None);
        GatewaySettings { url: url.into(), method, format, body: body.into(), headers_file }
    }

    const MESSAGE: ShortMessage = ShortMessage { phone: "+77", text: "a \"b\"\n{phone}&c", order_no: "X-1" };

    #[test]
    fn a_value_never_leaves_its_place() {
        let json =
            settings("https://g.example", "{\"to\":\"{phone}\",\"m\":{\"t\":\"{text}\"}}", BodyFormat::Json);
        let value: serde_json::Value = serde_json::from_str(&json.fill_body(MESSAGE)).unwrap();
        assert_eq!((value["to"].as_str(), value["m"]["t"].as_str()), (Some("+77"), Some(MESSAGE.text)));
        let form = settings("https://g.example?n={order_no}", "to={phone}&text={text}", BodyFormat::Form);
        assert_eq!(form.fill_body(MESSAGE), "to=%2B77&text=a%20%22b%22%0A%7Bphone%7D%26c");
        assert_eq!(form.fill_url(MESSAGE), "https://g.example?n=X-1");
    }

    #[test]
    fn a_template_that_cannot_work_is_refused_before_it_is_needed() {
        let client = || GuardedClient::new(AddressRules::default(), crate::Timeouts::default()).unwrap();
        let why =
            |settings| Gateway::new(client(), &AddressRules::default(), settings).unwrap_err().to_string();
        let good = "{\"to\":\"{phone}\",\"t\":\"{text}\"}";
        assert!(
            why(settings("https://g.example", "{\"to\":\"{phone}\"}", BodyFormat::Json)).contains("{text}")
        );
        assert!(
            why(settings("https://g.example", "{\"t\":{text},\"p\":\"{phone}\"}", BodyFormat::Json))
                .contains("no JSON")
        );
        assert!(why(settings("https://127.0.0.1/", good, BodyFormat::Json)).contains("loopback"));
        assert!(why(settings("http://g.example/", good, BodyFormat::Json)).contains("plain http"));
        let get =
            GatewaySettings { method: Verb::Get, ..settings("https://g.example", good, BodyFormat::Json) };
        assert!(why(get).contains("GET"));
    }

    #[cfg(unix)]
    #[test]
    fn headers_come_from_a_file_that_not_everybody_may_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headers");
        std::fs::write(&path, "# the gateway's\nAuthorization: Bearer s3cret\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read_headers(&path), Err(CourierError::SecretOpen { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let headers = read_headers(&path).unwrap();
        assert_eq!(headers, [("Authorization".to_owned(), "Bearer s3cret".to_owned())]);
        std::fs::write(&path, "s3cret").unwrap();
        let error = read_headers(&path).unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }
}
