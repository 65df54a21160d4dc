//! The evidence of one order: one file that proves itself without the server and without the journal.
//!
//! What it proves, and to whom. The control room's signature says that this control room vouches for the whole file.
//! Every record in it is part of the hash chain that ends with the heads it names: whoever holds a later head, or the
//! journal, can tell that nothing of it was written afterwards. Answers, reports and readings of the facility carry the
//! facility's own signature, which the control room cannot make. The rest (digests, approvals, the cut, the verdict) is
//! reckoned again from these.
//!
//! What it does not prove. That no record was left out is the control room's word: most records of the chain stand in
//! the file as stubs that say nothing. That the two keys belong to who is named must be known from elsewhere. A reading
//! that was entered with a token is that person's word. Times are the control room's clock.

pub(crate) mod gather;
pub mod verify;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kezek_courier::Signed;
use kezek_engine::comply::Tally;
use kezek_journal::Stretch;
use kezek_model::case::Vintage;
use kezek_model::ids::OrderNo;
use kezek_model::order::{Head, Order};
use serde::{Deserialize, Serialize};

/// The form of the file that is written and read here.
pub const FORM: &str = "kezek-evidence/1";

/// All that is known of one order. The file is the canonical JSON of it, signed by the control room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`FORM`].
    pub form: String,
    /// The order that it is about.
    pub order_no: OrderNo,
    /// The environment of the control room.
    pub environment: String,
    /// When it was gathered, by the control room's clock.
    pub gathered_at: DateTime<Utc>,
    /// Who asked for it.
    pub gathered_by: String,
    /// With what orders and this file are verified: `whpk_...`.
    pub control_room_public_key: String,
    /// The facility's orders that bear on the verdict, this one too, by sequence. The signature is that of the key above: the
    /// very one that was sent, unless the control room has changed its key since.
    pub orders: Vec<Signed<Order>>,
    /// The forecast of the case.
    pub forecast: Option<Vintage>,
    /// The verdict over the whole window, with the version of its settings.
    pub verdict: Option<Tally>,
    /// Whether that verdict is journaled; otherwise it is as far as readings were known.
    pub verdict_is_final: bool,
    /// The chain, from the first record that is needed to the journal's end. More than one stretch where so many
    /// records lie between two that are needed that they were left out.
    pub chain: Vec<Stretch>,
    /// The head that each stretch ends with.
    pub heads: Vec<Head>,
    /// Documents of the records by their digest, base64.
    pub documents: BTreeMap<String, String>,
}
