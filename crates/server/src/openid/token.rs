//! ID tokens: signed (RFC 7515) with a key of the provider, for this control room, now, and for this person's trip
//! (OpenID Connect Core 1.0, 3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256};
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

/// How far the provider's clock may be away, in seconds.
const SKEW_S: u64 = 60;

/// What a token must say.
pub(super) struct Claims<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) nonce: &'a str,
    pub(super) unix_s: u64,
}

/// The keys of a provider (RFC 7517).
#[derive(Debug, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// One of them; kinds that are not known here are passed over.
#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What is said of the signature. Neither `none` nor a shared secret signs here.
#[derive(Debug, Deserialize)]
struct Head {
    alg: Algorithm,
    kid: Option<String>,
    /// What must be understood, and is not.
    crit: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Algorithm {
    RS256,
    ES256,
}

#[derive(Debug, Deserialize)]
struct Body {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    nonce: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Key {
    fn proves(&self, head: &Head, signed: &[u8], signature: &[u8]) -> bool {
        let is_named = head.kid.is_none() || self.kid == head.kid;
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        is_named && signs && self.verify(head.alg, signed, signature).is_some()
    }

    fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Option<()> {
        match (algorithm, self.kty.as_str(), self.crv.as_deref()) {
            (Algorithm::RS256, "RSA", _) => {
                let (n, e) = (bytes(self.n.as_deref()?)?, bytes(self.e.as_deref()?)?);
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).ok()
            }
            (Algorithm::ES256, "EC", Some("P-256")) => {
                let (x, y) = (bytes(self.x.as_deref()?)?, bytes(self.y.as_deref()?)?);
                // An uncompressed point (SEC 1, 2.3.3).
                let point = [vec![4], x, y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).ok()
            }
            _ => None,
        }
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn part<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T, String> {
    let bytes = bytes(text).ok_or_else(|| format!("the token's {what} is not base64url"))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("the token's {what}: {error}"))
}

/// Of whom the token tells.
pub(super) fn subject(token: &str, keys: &Keys, expected: &Claims<'_>) -> Result<String, String> {
    let (signed, signature) = token.rsplit_once('.').ok_or("the token is no JWS")?;
    let (head_text, body_text) = signed.split_once('.').ok_or("the token is no JWS")?;
    let head: Head = part("head", head_text)?;
    if head.crit.is_some() {
        return Err("the token asks for extensions that are not known here".into());
    }
    let signature = bytes(signature).ok_or("the token's signature is not base64url")?;
    if !keys.keys.iter().any(|key| key.proves(&head, signed.as_bytes(), &signature)) {
        return Err("the token is not signed with a key of the provider".into());
    }
    let body: Body = part("body", body_text)?;
    judge(&body, expected)?;
    Ok(body.sub)
}

fn judge(body: &Body, expected: &Claims<'_>) -> Result<(), String> {
    let (is_meant, is_shared) = match &body.aud {
        Audience::One(one) => (one == expected.audience, false),
        Audience::Several(all) => (all.iter().any(|one| one == expected.audience), all.len() > 1),
    };
    let party = body.azp.as_deref();
    let is_own = party.map_or(!is_shared, |party| party == expected.audience);
    let faults = [
        (body.iss != expected.issuer, "is of another issuer"),
        (!is_meant || !is_own, "is meant for somebody else"),
        (body.exp + SKEW_S <= expected.unix_s, "has expired"),
        (body.nbf > expected.unix_s + SKEW_S, "does not hold yet"),
        (body.nonce.as_deref() != Some(expected.nonce), "is of another sign-in"),
        (body.sub.is_empty(), "names nobody"),
    ];
    match faults.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, why)) => Err(format!("the token {why}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    const NOW: u64 = 1_700_000_000;

    struct Signer(EcdsaKeyPair, SystemRandom);

    impl Signer {
        fn new() -> Self {
            let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
            let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
            Self(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap(), random)
        }

        fn keys(&self) -> Keys {
            let point = self.0.public_key().as_ref();
            let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
            let key = json!({"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "x": x, "y": y});
            serde_json::from_value(json!({"keys": [{"kty": "oct"}, key]})).unwrap()
        }

        fn sign(&self, head: &Value, body: &Value) -> String {
            let [head, body] = [head, body].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
            let signed = format!("{head}.{body}");
            let signature = self.0.sign(&self.1, signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn body() -> Value {
        json!({"iss": "https://login.example", "sub": "u-17", "aud": "kezek", "exp": NOW + 300, "nonce": "n"})
    }

    fn with(key: &str, value: Value) -> Value {
        let mut body = body();
        body[key] = value;
        body
    }

    fn expected() -> Claims<'static> {
        Claims { issuer: "https://login.example", audience: "kezek", nonce: "n", unix_s: NOW }
    }

    #[test]
    fn only_a_token_of_the_provider_for_us_now_and_for_this_trip_tells_who_it_is() {
        let signer = Signer::new();
        let head = json!({"alg": "ES256", "kid": "k1"});
        let ask = |head: &Value, body: &Value| subject(&signer.sign(head, body), &signer.keys(), &expected());
        assert_eq!(ask(&head, &body()), Ok("u-17".into()));
        let shared = json!(["other", "kezek"]);
        let mut ours = with("aud", shared.clone());
        ours["azp"] = json!("kezek");
        assert_eq!(ask(&head, &ours), Ok("u-17".into()));
        for (key, value, why) in [
            ("iss", json!("https://evil.example"), "another issuer"),
            ("aud", json!("other"), "somebody else"),
            ("aud", shared, "somebody else"),
            ("azp", json!("other"), "somebody else"),
            ("exp", json!(NOW - 61), "expired"),
            ("nbf", json!(NOW + 61), "not hold yet"),
            ("nonce", json!("m"), "another sign-in"),
            ("nonce", Value::Null, "another sign-in"),
            ("sub", json!(""), "nobody"),
        ] {
            let refused = ask(&head, &with(key, value)).unwrap_err();
            assert!(refused.contains(why), "{key}: {refused}");
        }
        for head in [
            json!({"alg": "none"}),
            json!({"alg": "HS256"}),
            json!({"alg": "RS256"}),
            json!({"alg": "ES256", "kid": "k2"}),
            json!({"alg": "ES256", "crit": ["b64"]}),
        ] {
            assert!(ask(&head, &body()).is_err(), "{head}");
        }
        let foreign = Signer::new().sign(&head, &body());
        assert!(subject(&foreign, &signer.keys(), &expected()).is_err());
        let token = signer.sign(&head, &body());
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert!(subject(&format!("{signed}."), &signer.keys(), &expected()).is_err());
    }

    /// The examples of RFC 7515, A.2 and A.3: their keys prove their signatures, and no changed one.
    #[test]
    fn published_examples_hold() {
        let payload =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let rsa = json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
        let ec = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        for (key, head, signature) in [
            (
                rsa,
                "eyJhbGciOiJSUzI1NiJ9",
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            ),
            (
                ec,
                "eyJhbGciOiJFUzI1NiJ9",
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            ),
        ] {
            let key: Key = serde_json::from_value(key).unwrap();
            let known: Head = part("head", head).unwrap();
            let (signed, signature) = (format!("{head}.{payload}"), bytes(signature).unwrap());
            assert!(key.proves(&known, signed.as_bytes(), &signature));
            assert!(!key.proves(&known, format!("{signed}A").as_bytes(), &signature));
        }
    }
}
