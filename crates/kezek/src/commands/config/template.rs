//! `kezek.toml` as it is first written, with a word on every setting.

use kezek_server::Role;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Somebody and what they may do.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) roles: BTreeSet<Role>,
}

/// What differs from one control room to the next.
pub(super) struct Settings<'a> {
    pub(super) environment: &'a str,
    pub(super) listen: &'a str,
    pub(super) key_file: &'a str,
    pub(super) allow_loopback: bool,
    /// With the SHA-256 of each person's token.
    pub(super) people: Vec<(&'a Person, &'a String)>,
}

/// The file.
pub(super) fn text(settings: &Settings<'_>) -> String {
    let environment = quoted(settings.environment);
    let (listen, key_file) = (quoted(settings.listen), quoted(settings.key_file));
    let allow_loopback = settings.allow_loopback;
    let mut text = format!(
        r#"# The settings of a control room. Check them with `kezek serve --config FILE --check`.

# Stands in every order and never changes. Each environment has its own key, journal and facilities.
environment = {environment}
# Address and port of the pages and of the HTTP interface. Beyond this machine set [tls], or put a TLS proxy in front.
listen = {listen}
# Who signs in on the pages; `kezek account add` makes the file, the first administrator too.
accounts = "accounts.toml"
# Where else they may sign in stands under [openid].
# The journal. Relative paths begin in the folder of this file. Several control rooms share one in PostgreSQL:
# database = "postgres://kezek@127.0.0.1:5432/kezek"
# database_password_file = "database.password"  # readable by this user only
database = "kezek.db"
# The private key that signs the orders. Only this user may read it; facilities pin its public half.
key_file = {key_file}
# Minutes from issue to the time by which a facility's answer is due.
ack_minutes = 30
# How orders are meant: normal, emergency or drill.
priority = "normal"
# Plans that cut more than this at once take two people; without it one is enough, never the author.
# two_people_above_mw = 500.0
# How much load of a zone may return per plan interval where the case does not say so; without it all at once.
# restore_limit_mw = 200.0
# Minutes after the end of an order in which its readings may still come.
reading_late_minutes = 60
# Most orders in any minute; above it issuing stops and two people must resume it. Without it twice the facilities.
# orders_per_minute = 400
# Most that may be cut of a zone within one plan interval; a zone that is not named: any. It stands before the first
# section of this file.
# shed_limit_mw = {{ almaty = 300.0 }}

# Who is reached how: the folder of contacts.csv, endpoints.csv and tenants.csv, read again whenever they change.
# registry = "registry"

# People may also sign in where they already do, at an OpenID Connect provider. What they may do stands in their accounts;
# `kezek account link LOGIN SUBJECT` says who is who.
# [openid]
# name = "Operator"             # on the button
# issuer = "https://login.operator.example"
# client_id = "kezek"
# client_secret_file = "openid.secret"      # only this user may read it (chmod 600)
# public_url = "https://kezek.operator.example"  # how browsers know this control room; the provider sends them back to it

[addresses]
# Orders go to public https addresses, and no other can be enrolled. This machine and private networks only if they are named here.
allow_loopback = {allow_loopback}
allow = []                      # for instance "10.1.0.0/16" or "mine.internal"

[tls]
# Certificates and keys (PEM; keys private to this user), read again when they change. Without them plain HTTP is spoken.
# certificate_file = "server.pem"            # this server's, then those of its authorities
# key_file = "server.key.pem"
# client_ca_file = "facilities-ca.pem"       # with it every facility must show a certificate of these authorities, with the
#                                            # alternative name URI:urn:kezek:ENVIRONMENT:FACILITY
# authorities_file = "agents-ca.pem"         # trusted beside those of this machine where orders go

[limits]
# Addresses whose callers are not counted together: this machine, and a proxy, which then has to count them itself.
trusted = ["127.0.0.0/8", "::1/128"]
# per_address = {{ per_second = 20.0, burst = 200 }}
# per_caller = {{ per_second = 50.0, burst = 500 }}
# failures = {{ per_second = 0.2, burst = 20 }}    # tokens, codes and signatures of one address that prove nothing
# connections = 4096
# connections_per_address = 128
# head_seconds = 15
# body_seconds = 60

[tolerance]
# How meters are judged; the name of this set of figures is printed with every verdict.
version = "1 (assumed)"
percent = 5                     # allowed above the limit, of the limit
least_kw = 100                  # allowed above the limit at least
grace_minutes = 10              # while the load is on its way down
stale_minutes = 5               # a meter that is quiet for longer is unknown, not zero
baseline = "nomination"         # what the load would have been, where one figure decides; or same-hour-10-uncut-days

# Whom contacts.csv names is told of an order that has not arrived by four fifths of its lead time. None of it is a
# receipt. Gateway and mail relay must stand at addresses that [addresses] allows.
# [second_channel]
# most_attempts = 3             # per order and number or mailbox
# pause_s = 60                  # after a failure
# [second_channel.sms]
# url = "https://sms.example/send"
# method = "POST"               # or "GET", with {{phone}} and {{text}} in the url
# format = "json"               # or "form": how values are written into the body
# body = '{{"to": "{{phone}}", "text": "{{text}}", "id": "{{order_no}}"}}'
# headers_file = "sms.headers"  # `Name: value` a line; only this user may read it (chmod 600)
# [second_channel.email]
# host = "mail.example"
# port = 587
# security = "starttls"         # or "tls"; "none" only on this machine
# from = "Control room <kezek@operator.example>"
# login = "kezek"
# password_file = "mail.password"

[notices]
# The words of e-mails and short messages, and the legal text on papers: a folder of files that `kezek config notices DIR`
# writes to be edited, read again when they change. Without it those that are built in stand.
# folder = "notices"

[studies]
# Where planners lay the results of `kezek study run`: the page **Studies** makes reports of them.
# folder = "studies"

[notice]
# What every order says. REPLACE THESE TEXTS.
issuer = "Control room"
signatory = "Dispatcher on duty"
legal_basis = "to be filled in"
condition = "while the shortage lasts"
scope = "digital mining facilities named in the plan"
reason = {{ kk = "электр қуатының тапшылығы", ru = "дефицит электрической мощности", en = "shortage of power" }}
contact = {{ name = "Dispatcher on duty", phone = "to be filled in" }}

# People and programs. `kezek token new` makes a token and its SHA-256.
"#
    );
    for (person, digest) in &settings.people {
        let roles: Vec<String> = person.roles.iter().map(|role| quoted(role.as_str())).collect();
        let (name, roles) = (quoted(&person.name), roles.join(", "));
        // Writing to a text does not fail.
        let _ = write!(text, "\n[[person]]\nname = {name}\nroles = [{roles}]\ntoken_sha256 = \"{digest}\"\n");
    }
    text + "\n# A program of a facility that reads its orders or enters its readings gets a token of its own:\n\
            # [[facility]]\n# id = \"N1\"\n# token_sha256 = \"...\"\n"
}

/// A text as TOML writes it.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
