//! Who is reached how: people to call, where orders go, and whose licence a facility works under.
//!
//! It lies beside the case, in a folder of its own, and is the control room's, not the planner's.

use crate::ids::FacilityId;
use serde::{Deserialize, Serialize};

/// The address of a facility that nobody can reach, for instance behind NAT: it asks for its orders itself.
pub const FETCHED: &str = "fetch:";

/// The registry. Every list is sorted by facility; within one facility it keeps the order of its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// `contacts.csv`: whom to call first stands first.
    pub contacts: Vec<Contact>,
    /// `endpoints.csv`: a proposal only; what holds is what two people have confirmed.
    pub endpoints: Vec<Endpoint>,
    /// `tenants.csv`.
    pub tenants: Vec<Tenant>,
}

/// A person of a facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Of which facility.
    pub facility: FacilityId,
    /// In what part, for instance `shift leader`.
    pub role: String,
    /// Who.
    pub name: String,
    /// What is spoken and read there.
    pub language: Language,
    /// Number to call; may be blank.
    pub phone: String,
    /// Mailbox; may be blank.
    pub email: String,
    /// Number for short messages, `+` and digits; may be blank.
    pub sms: String,
}

/// A language of a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Kazakh.
    Kk,
    /// Russian.
    #[default]
    Ru,
    /// English.
    En,
}

/// Where the orders of a facility should go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Whose.
    pub facility: FacilityId,
    /// How they go.
    pub channel: Channel,
    /// The URL to which they are posted: the facility's, or that of its relay; [`FETCHED`] where it asks for them.
    pub address: String,
    /// With what the facility's answers are verified, `whpk_...`; never the relay's.
    pub public_key: String,
    /// Who passes them on, for instance the supplier; `None` where they go to the facility itself.
    pub relay: Option<String>,
}

/// How orders go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Posted to an address.
    Push,
    /// Asked for by the facility.
    Fetch,
}

/// Who works in a facility, and under which licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Where.
    pub facility: FacilityId,
    /// Who.
    pub tenant: String,
    /// Number of the licence.
    pub licence: String,
}

impl Registry {
    /// The people of a facility, whom to call first.
    #[must_use]
    pub fn contacts_of(&self, facility: &FacilityId) -> &[Contact] {
        run(&self.contacts, facility, |contact| &contact.facility)
    }

    /// Where the file says that the orders of a facility should go.
    #[must_use]
    pub fn endpoint_of(&self, facility: &FacilityId) -> Option<&Endpoint> {
        run(&self.endpoints, facility, |endpoint| &endpoint.facility).first()
    }

    /// Who works in a facility.
    #[must_use]
    pub fn tenants_of(&self, facility: &FacilityId) -> &[Tenant] {
        run(&self.tenants, facility, |tenant| &tenant.facility)
    }

    /// The facilities in which somebody works under a licence, sorted.
    pub fn under_licence<'a>(&'a self, licence: &'a str) -> impl Iterator<Item = &'a FacilityId> {
        self.tenants.iter().filter(move |tenant| tenant.licence == licence).map(|tenant| &tenant.facility)
    }
}

/// The rows of one facility in a list that is sorted by facility.
fn run<'a, T>(rows: &'a [T], facility: &FacilityId, of: impl Fn(&T) -> &FacilityId) -> &'a [T] {
    let from = rows.partition_point(|row| of(row) < facility);
    let count = rows[from..].partition_point(|row| of(row) == facility);
    &rows[from..from + count]
}
