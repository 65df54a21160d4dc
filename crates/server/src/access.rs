//! Who may do what: tokens, roles, callers. Of a token only its SHA-256 is kept.

use std::collections::BTreeSet;

use kezek_model::canonical::sha256_hex;
use kezek_model::ids::FacilityId;
use serde::{Deserialize, Serialize};

use crate::accounts::Account;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Proposes plans.
    Planner,
    /// Proposes, recalls, sends again, enters readings.
    Dispatcher,
    /// Approves and returns; never the own plan.
    Approver,
    /// Sees its own orders.
    Facility,
    /// Sees everything, the head of the journal too; enters readings of a grid company.
    Auditor,
    /// Enrols facilities.
    Administrator,
}

/// All roles.
pub const ROLES: [Role; 6] =
    [Role::Planner, Role::Dispatcher, Role::Approver, Role::Facility, Role::Auditor, Role::Administrator];

impl Role {
    /// The name used in configuration and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Dispatcher => "dispatcher",
            Self::Approver => "approver",
            Self::Facility => "facility",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

/// `[[person]]` of the configuration: a person or a program, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Stands in the journal beside everything that is done with this token.
    pub name: String,
    /// What the token is good for.
    pub roles: BTreeSet<Role>,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub token_sha256: String,
}

/// `[[facility]]` of the configuration: a token that sees one facility's orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacilityToken {
    /// The facility.
    pub id: FacilityId,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub token_sha256: String,
}

/// Whoever stands behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) roles: BTreeSet<Role>,
    /// The facility of a facility token.
    pub(crate) facility: Option<FacilityId>,
    token_sha256: String,
}

impl Caller {
    /// Somebody who signed in on the pages.
    pub(crate) fn signed_in(account: &Account) -> Self {
        Self {
            name: account.name.clone(),
            roles: account.roles.clone(),
            facility: account.facility.clone(),
            token_sha256: String::new(),
        }
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The facility to which the caller is confined; none for people of the control room.
    pub(crate) fn confined_to(&self) -> Option<&FacilityId> {
        self.facility.as_ref()
    }
}

/// All callers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callers(Vec<Caller>);

impl Callers {
    pub(crate) fn new(people: &[Person], facilities: &[FacilityToken]) -> Self {
        let people = people.iter().map(|person| Caller {
            name: person.name.clone(),
            roles: person.roles.clone(),
            facility: None,
            token_sha256: person.token_sha256.clone(),
        });
        let facilities = facilities.iter().map(|token| Caller {
            name: token.id.to_string(),
            roles: BTreeSet::from([Role::Facility]),
            facility: Some(token.id.clone()),
            token_sha256: token.token_sha256.clone(),
        });
        Self(people.chain(facilities).collect())
    }

    /// Whoever has this token. Every entry is compared to the end, so that time says nothing about a near miss.
    pub(crate) fn find(&self, token: &str) -> Option<&Caller> {
        let digest = token_sha256(token);
        self.0.iter().fold(
            None,
            |found, caller| {
                if same(&caller.token_sha256, &digest) { Some(caller) } else { found }
            },
        )
    }
}

/// What configuration holds instead of a token.
#[must_use]
pub fn token_sha256(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

/// Whether two texts are equal, in a time that depends on their length only.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0_u8, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, token: &str) -> Person {
        let roles = BTreeSet::from([Role::Planner]);
        Person { name: name.into(), roles, token_sha256: token_sha256(token) }
    }

    #[test]
    fn a_token_finds_its_owner_and_nothing_else_does() {
        let facility = FacilityToken { id: "F1".into(), token_sha256: token_sha256("f") };
        let callers = Callers::new(&[person("Aigul", "a"), person("Bolat", "b")], &[facility]);
        assert_eq!(callers.find("a").unwrap().name, "Aigul");
        assert_eq!(callers.find("f").unwrap().confined_to(), Some(&"F1".into()));
        assert!(callers.find("").is_none() && callers.find("A").is_none());
        assert!(callers.find(&token_sha256("a")).is_none(), "the stored digest is no token");
    }

    #[test]
    fn roles_have_the_names_of_the_configuration() {
        for role in ROLES {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }

    #[test]
    fn texts_of_other_length_differ() {
        assert!(same("ab", "ab") && !same("ab", "abc") && !same("", "a") && !same("ab", "ac"));
    }
}
