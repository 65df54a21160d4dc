//! The reader of the registry: `contacts.csv`, `endpoints.csv`, `tenants.csv`, each of which may be missing.

use super::CaseFiles;
use super::log::FaultLog;
use super::table::{Columns, Row, Table};
use super::value::{self, Expected, quoted};
use crate::fault::{Fault, Faults};
use crate::registry::{Channel, Contact, Endpoint, FETCHED, Language, Registry, Tenant};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) const CONTACTS: &str = "contacts.csv";
pub(super) const ENDPOINTS: &str = "endpoints.csv";
pub(super) const TENANTS: &str = "tenants.csv";

const CONTACT_COLUMNS: Columns =
    Columns { required: &["facility", "role", "name", "language", "phone", "email", "sms"], optional: &[] };
const ENDPOINT_COLUMNS: Columns =
    Columns { required: &["facility", "channel", "address", "public_key", "relay"], optional: &[] };
const TENANT_COLUMNS: Columns = Columns { required: &["facility", "tenant", "licence"], optional: &[] };

/// Most people of one facility: a message goes to each of them.
const MOST_CONTACTS: usize = 20;
/// Most rows of one file.
const MOST_ROWS: usize = 200_000;
/// Longest address, in letters.
const MOST_ADDRESS: usize = 2_000;

impl Registry {
    /// Reads the files of a folder.
    ///
    /// # Errors
    /// All faults together: a folder without any of the files, a file that cannot be read, and every row that says
    /// something that cannot be meant.
    pub fn read(folder: &Path) -> Result<Self, Faults> {
        Self::parse(&CaseFiles::of_registry(folder)?)
    }

    /// The same from bytes.
    ///
    /// # Errors
    /// As [`Registry::read`].
    pub fn parse(files: &CaseFiles) -> Result<Self, Faults> {
        let log = FaultLog::default();
        if files.files.is_empty() {
            log.tell(nothing());
        }
        let mut registry = Self::default();
        read(files, (CONTACTS, CONTACT_COLUMNS), &log, &mut registry.contacts, contact);
        read(files, (ENDPOINTS, ENDPOINT_COLUMNS), &log, &mut registry.endpoints, endpoint);
        read(files, (TENANTS, TENANT_COLUMNS), &log, &mut registry.tenants, tenant);
        if !log.is_empty() {
            return Err(log.into_faults());
        }
        // Stable: within a facility the order of the file says whom to call first.
        registry.contacts.sort_by(|a, b| a.facility.cmp(&b.facility));
        registry.endpoints.sort_by(|a, b| a.facility.cmp(&b.facility));
        registry.tenants.sort_by(|a, b| a.facility.cmp(&b.facility));
        Ok(registry)
    }
}

fn nothing() -> Fault {
    Fault {
        file: "the registry".into(),
        row: None,
        column: None,
        found: "none of its files".into(),
        expected: format!("{CONTACTS}, {ENDPOINTS} or {TENANTS} in the folder"),
    }
}

/// What tells whether a row stands there twice, and how often a thing may be repeated otherwise.
struct Seen {
    rows: BTreeMap<Vec<String>, u64>,
    per_facility: BTreeMap<String, usize>,
    count: usize,
}

fn read<T>(
    files: &CaseFiles,
    (file, columns): (&str, Columns),
    log: &FaultLog,
    rows: &mut Vec<T>,
    take: impl Fn(&Row<'_>, &mut Seen) -> Option<T>,
) {
    let Some(bytes) = files.get(file) else { return };
    let Some(table) = Table::open(file, bytes, columns, log) else { return };
    let mut seen = Seen { rows: BTreeMap::new(), per_facility: BTreeMap::new(), count: 0 };
    table.each(|row| {
        seen.count += 1;
        if seen.count > MOST_ROWS {
            if seen.count == MOST_ROWS + 1 {
                row.head.tell(Some(row.number), None, "one row more", format!("at most {MOST_ROWS} rows"));
            }
            return;
        }
        rows.extend(take(row, &mut seen));
    });
}

impl Seen {
    /// Tells a row whose key stands there already.
    fn once(&mut self, row: &Row<'_>, column: &str, key: &[&str]) {
        let names = key.iter().map(|part| (*part).to_owned()).collect();
        match self.rows.get(&names) {
            Some(earlier) => row.tell_duplicate(column, &quoted(&key.join(", ")), *earlier),
            None => _ = self.rows.insert(names, row.number),
        }
    }

    fn bounded(&mut self, row: &Row<'_>, facility: &str) {
        let count = self.per_facility.entry(facility.to_owned()).or_default();
        *count += 1;
        if *count == MOST_CONTACTS + 1 {
            row.tell(
                "facility",
                format!("at most {MOST_CONTACTS} rows of one facility: each gets a message"),
            );
        }
    }
}

/// Every cell is read before a row is given up, so that all its faults are told.
fn contact(row: &Row<'_>, seen: &mut Seen) -> Option<Contact> {
    let facility = row.required("facility", facility_name);
    let (role, name) = (row.required("role", value::name), row.required("name", value::name));
    let language = row.required("language", language);
    let phone = row.optional("phone", phone).unwrap_or_default();
    let email = row.optional("email", email).unwrap_or_default();
    let sms = row.optional("sms", sms).unwrap_or_default();
    if ["phone", "email", "sms"].iter().all(|column| row.cell(column).is_none_or(str::is_empty)) {
        row.tell("phone", "a number or an address in one of phone, email and sms");
    }
    let (facility, role, name) = (facility?, role?, name?);
    seen.once(row, "name", &[facility, role, name]);
    seen.bounded(row, facility);
    let (role, name) = (role.to_owned(), name.to_owned());
    Some(Contact { facility: facility.into(), role, name, language: language?, phone, email, sms })
}

fn endpoint(row: &Row<'_>, seen: &mut Seen) -> Option<Endpoint> {
    let facility = row.required("facility", facility_name);
    let channel = row.required("channel", channel);
    let address = match channel {
        Some(Channel::Fetch) => fetched(row),
        _ => row.required("address", address),
    };
    let public_key = row.required("public_key", public_key);
    let relay = row.optional("relay", value::name).map(str::to_owned);
    let facility = facility?;
    seen.once(row, "facility", &[facility]);
    let (address, public_key) = (address?.to_owned(), public_key?.to_owned());
    Some(Endpoint { facility: facility.into(), channel: channel?, address, public_key, relay })
}

/// Nobody is sent anything, so there is no address, and nothing to pass on.
fn fetched(row: &Row<'_>) -> Option<&'static str> {
    let is_blank = |column| row.cell(column).is_none_or(str::is_empty);
    for column in ["address", "relay"].into_iter().filter(|column| !is_blank(column)) {
        row.tell(column, "nothing, because the facility asks for its orders itself");
    }
    (is_blank("address") && is_blank("relay")).then_some(FETCHED)
}

fn tenant(row: &Row<'_>, seen: &mut Seen) -> Option<Tenant> {
    let facility = row.required("facility", facility_name);
    let (tenant, licence) = (row.required("tenant", value::name), row.required("licence", value::name));
    let (facility, tenant, licence) = (facility?, tenant?, licence?);
    seen.once(row, "licence", &[facility, tenant, licence]);
    Some(Tenant { facility: facility.into(), tenant: tenant.into(), licence: licence.into() })
}

/// Orders are numbered after their facility, and numbers travel in headers and addresses.
fn facility_name(text: &str) -> Result<&str, Expected> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    match (1..=64).contains(&text.len()) && text.chars().all(plain) {
        true => Ok(text),
        false => Err("the facility's name: 1 to 64 ASCII letters, digits, `-` or `_`".into()),
    }
}

fn language(text: &str) -> Result<Language, Expected> {
    match text {
        "kk" => Ok(Language::Kk),
        "ru" => Ok(Language::Ru),
        "en" => Ok(Language::En),
        _ => Err("`kk`, `ru` or `en`".into()),
    }
}

fn channel(text: &str) -> Result<Channel, Expected> {
    match text {
        "push" => Ok(Channel::Push),
        "fetch" => Ok(Channel::Fetch),
        _ => Err("`push` or `fetch`; short messages and e-mail stand in contacts.csv".into()),
    }
}

/// As people write it; what a machine dials is read more strictly.
fn phone(text: &str) -> Result<String, Expected> {
    let plain = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '-' | '(' | ')' | ',');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match (3..=20).contains(&digits) && text.chars().count() <= 40 && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("a telephone number, for example +7 700 000 00 00".into()),
    }
}

/// E.164; blanks, hyphens and brackets are dropped.
fn sms(text: &str) -> Result<String, Expected> {
    let expected =
        || Err("a number with its country, `+` and 8 to 15 digits, for example +77000000000".into());
    let Some(rest) = text.strip_prefix('+') else { return expected() };
    let digits: String = rest.chars().filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')')).collect();
    match (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(format!("+{digits}")),
        false => expected(),
    }
}

fn email(text: &str) -> Result<String, Expected> {
    let expected = || Err("one mailbox in ASCII letters, for example shift@mine.example".into());
    let Some((local, domain)) = text.rsplit_once('@') else { return expected() };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let dotted = |part: &str| part.split('.').all(|piece| !piece.is_empty());
    let host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let sound = (1..=64).contains(&local.len()) && local.bytes().all(plain) && dotted(local);
    match sound && domain.len() <= 253 && domain.bytes().all(host) && dotted(domain) {
        true => Ok(text.to_owned()),
        false => expected(),
    }
}

fn address(text: &str) -> Result<&str, Expected> {
    let schemed = text.starts_with("https://") || text.starts_with("http://");
    let plain = text.len() <= MOST_ADDRESS && text.bytes().all(|byte| byte.is_ascii_graphic());
    match schemed && plain {
        true => Ok(text),
        false => Err("the URL to which orders are posted, for example https://mine.example/orders".into()),
    }
}

fn public_key(text: &str) -> Result<&str, Expected> {
    let rest = text.strip_prefix("whpk_");
    match rest.is_some_and(|rest| rest.len() == 44 && rest.bytes().all(|byte| byte.is_ascii_graphic())) {
        true => Ok(text),
        false => Err("the facility's public key, `whpk_` and 44 letters, as `kezek agent enrol` and `kezek facilities --format json` print it".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    fn files(rows: &[(&str, &str)]) -> CaseFiles {
        let file = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
        CaseFiles { files: rows.iter().map(file).collect() }
    }

    fn good() -> CaseFiles {
        let endpoints = format!(
            "facility,channel,address,public_key,relay\nF2,push,https://relay.example/F2,{KEY},Supplier\n\
             F1,push,https://f1.example/orders,{KEY},\n"
        );
        files(&[
            (
                CONTACTS,
                "facility,role,name,language,phone,email,sms\n\
                 F2,owner,B. Ivanov,ru,+7 700 111 22 33,,\n\
                 F1,shift leader,A. Serik,kk,+7 (700) 000-00-00,shift@f1.example,+7 700 000 00 00\n\
                 F1,owner,C. Smith,en,,owner@f1.example,\n",
            ),
            (ENDPOINTS, &endpoints),
            (TENANTS, "facility,tenant,licence\nF1,Alpha LLP,L-7\nF2,Alpha LLP,L-7\n"),
        ])
    }

    #[test]
    fn rows_are_found_by_facility_and_licence() {
        let registry = Registry::parse(&good()).unwrap();
        let names: Vec<&str> =
            registry.contacts_of(&"F1".into()).iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["A. Serik", "C. Smith"], "in the order of the file");
        assert_eq!(registry.contacts_of(&"F1".into())[0].sms, "+77000000000");
        let relay = |facility: &str| registry.endpoint_of(&facility.into()).unwrap().relay.clone();
        assert_eq!((relay("F1"), relay("F2")), (None, Some("Supplier".into())));
        assert_eq!(registry.tenants_of(&"F2".into()).len(), 1);
        assert_eq!(registry.under_licence("L-7").count(), 2);
        assert_eq!(registry.contacts_of(&"F9".into()).len(), 0);
    }

    /// Found by libFuzzer: the fault of the row said that nothing was found where the column itself was missing.
    #[test]
    fn a_cell_of_a_missing_column_is_told_as_such() {
        let short = "facility,role,name,language,email,sms\nF1,owner,A,ru,,\n";
        let faults = Registry::parse(&files(&[(CONTACTS, short)])).unwrap_err().to_string();
        assert!(faults.contains("row 2, phone: found no such column; expected a number or"), "{faults}");
    }

    #[test]
    fn a_facility_that_fetches_has_neither_address_nor_relay() {
        let parsed = |cells: &str| {
            let text = format!("facility,channel,address,public_key,relay\nF1,fetch,{cells}\n");
            Registry::parse(&files(&[(ENDPOINTS, &text)]))
        };
        let registry = parsed(&format!(",{KEY},")).unwrap();
        assert_eq!(registry.endpoint_of(&"F1".into()).unwrap().address, FETCHED);
        let faults = parsed(&format!("https://f1.example/orders,{KEY},Supplier")).unwrap_err().0;
        let columns: Vec<_> = faults.iter().filter_map(|fault| fault.column.as_deref()).collect();
        assert_eq!(columns, ["address", "relay"]);
    }

    #[test]
    fn all_faults_are_told_at_once_with_row_and_column() {
        let faulty = files(&[
            (
                CONTACTS,
                "facility,role,name,language,phone,email,sms\n\
                 F 1,owner,A,kz,12,nobody,87000000000\n\
                 F1,owner,A,ru,,,\n\
                 F1,owner,B,ru,+7 700 000 00 00,,\n\
                 F1,owner,B,ru,+7 700 000 00 01,,\n",
            ),
            (ENDPOINTS, "facility,channel,address,public_key,relay\nF1,sms,ftp://f1,key,\n"),
            (TENANTS, "facility,tenant\nF1,Alpha\n"),
        ]);
        let faults = Registry::parse(&faulty).unwrap_err().0;
        let places: Vec<_> = faults
            .iter()
            .map(|fault| (fault.file.as_str(), fault.row.unwrap_or(0), fault.column.as_deref().unwrap_or("")))
            .collect();
        let expected = [
            (CONTACTS, 2, "email"),
            (CONTACTS, 2, "facility"),
            (CONTACTS, 2, "language"),
            (CONTACTS, 2, "phone"),
            (CONTACTS, 2, "sms"),
            (CONTACTS, 3, "phone"),
            (CONTACTS, 5, "name"),
            (ENDPOINTS, 2, "address"),
            (ENDPOINTS, 2, "channel"),
            (ENDPOINTS, 2, "public_key"),
            (TENANTS, 1, "licence"),
        ];
        assert_eq!(places, expected, "{faults:#?}");
    }

    #[test]
    fn a_folder_without_a_registry_is_a_fault_and_one_file_is_enough() {
        assert!(Registry::parse(&CaseFiles::default()).unwrap_err().to_string().contains("contacts.csv"));
        let one = files(&[(TENANTS, "facility,tenant,licence\n")]);
        assert_eq!(Registry::parse(&one), Ok(Registry::default()));
    }

    #[test]
    fn a_mailbox_that_could_carry_a_command_is_none() {
        for text in ["a@b\r\nRCPT TO:<x>", "a b@c", "a@", "@b", "a@b@c", "<a@b>", "a@b,c@d", "a..b@c", "я@b"]
        {
            assert!(email(text).is_err(), "{text:?}");
        }
        assert!(email("o'neil+kezek@mine-1.example").is_ok());
    }

    #[test]
    fn what_is_written_into_a_journal_is_read_again() {
        let registry = Registry::parse(&good()).unwrap();
        let text = serde_json::to_string(&registry).unwrap();
        assert_eq!(serde_json::from_str::<Registry>(&text).unwrap(), registry);
    }
}
