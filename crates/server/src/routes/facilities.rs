//! Who is reached how: codes, enrolment, changes that take two people.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::TimeDelta;
use kezek_courier::error::describe;
use kezek_courier::{Peer, PublicKey};
use kezek_engine::Event;
use kezek_model::canonical::sha256_hex;
use kezek_model::ids::FacilityId;
use kezek_model::registry::{Endpoint, FETCHED};

use super::Room;
use super::gate::{Body, facility_name, text};
use super::issuing::{Agreed, two_people};
use super::refusal::ApiError;
use crate::access::{Caller, ROLES, Role};
use crate::api::{
    AdoptBody, CodeBody, CodeIssuedBody, ConfirmBody, EnrolBody, EnrolledBody, ErrorBody, FacilityRow,
    TakenBody, TwoPeopleBody,
};
use crate::error::ServerError;
use crate::limits::CODE_HOURS;
use crate::porter::require_certificate;
use crate::record::{CodeEvent, Input, Remark};
use crate::view;

/// Letters and digits that nobody mistakes for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// 20 letters of 32 are 100 bits.
const CODE_LETTERS: usize = 20;

/// A code that lets a facility enrol once.
#[utoipa::path(post, path = "/enrolment-codes", request_body = CodeBody, responses(
    (status = 201, body = CodeIssuedBody),
    (status = 403, body = ErrorBody),
))]
pub(crate) async fn issue_code(
    State(room): State<Room>,
    caller: Caller,
    Body(CodeBody { facility }): Body<CodeBody>,
) -> Result<(StatusCode, Json<CodeIssuedBody>), ApiError> {
    caller.require(&[Role::Administrator])?;
    facility_name(&facility)?;
    let code = new_code()?;
    let expires = room.now() + TimeDelta::hours(CODE_HOURS);
    let code_sha256 = sha256_hex(code.as_bytes());
    let event = CodeEvent::CodeIssued { facility, code_sha256, expires, by: caller.name };
    room.happen(vec![event.into()]).await?;
    Ok((StatusCode::CREATED, Json(CodeIssuedBody { code, expires })))
}

fn new_code() -> Result<String, ApiError> {
    let mut bytes = [0_u8; CODE_LETTERS];
    getrandom::fill(&mut bytes).map_err(|_| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the system gave no random bytes", "try again")
    })?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// A facility makes itself known with its code. The first address and key hold at once, a change takes two people.
#[utoipa::path(post, path = "/enrol", request_body = EnrolBody, responses(
    (status = 201, body = EnrolledBody),
    (status = 409, body = ErrorBody, description = "the code is not good, or it is another environment"),
))]
pub(crate) async fn enrol(
    State(room): State<Room>,
    peer: Option<Extension<Peer>>,
    Body(body): Body<EnrolBody>,
) -> Result<(StatusCode, Json<EnrolledBody>), ApiError> {
    let environment = &room.config().environment;
    if body.environment != *environment {
        let error = format!("this is environment {environment}, not {}", body.environment);
        return Err(ApiError::new(StatusCode::CONFLICT, error, "ask for the right address and code"));
    }
    require_certificate(&room, peer.as_deref(), body.facility.as_str())?;
    let (address, public_key) = check_reach(&room, &body.address, &body.public_key)?;
    let code_sha256 = sha256_hex(body.code.trim().to_ascii_uppercase().as_bytes());
    let unknown = ServerError::Code { why: "is not known for this facility" };
    let code = room.look(|book| book.codes.get(&code_sha256).cloned());
    let code = code.filter(|code| code.facility == body.facility).ok_or(unknown)?;
    // The answer may have been lost: the same request is answered the same.
    if code.used != Some((address.clone(), public_key.clone())) {
        let used =
            CodeEvent::CodeUsed { code_sha256, address: address.clone(), public_key: public_key.clone() };
        let enrolled = Event::Enrolled {
            facility: body.facility.clone(),
            address: address.clone(),
            public_key: public_key.clone(),
            by: code.by,
            approved_by: None,
            relay: None,
        };
        room.happen(vec![used.into(), enrolled.into()]).await.or_else(known_already)?;
    }
    let holds = room.look(|book| {
        let held = book.state.enrolment(&body.facility);
        held.is_some_and(|held| held.address == address && held.public_key == public_key)
    });
    let control_room_public_key = room.public_key().to_string();
    Ok((
        StatusCode::CREATED,
        Json(EnrolledBody { environment: environment.clone(), control_room_public_key, holds }),
    ))
}

fn known_already(error: ServerError) -> Result<kezek_engine::Effects, ServerError> {
    match error {
        ServerError::Refused(refusal) if refusal.is_duplicate() => Ok(Vec::new()),
        error => Err(error),
    }
}

/// An address that orders may go to, or that the facility asks for them, and a key in its one spelling.
fn check_reach(room: &Room, address: &str, public_key: &str) -> Result<(String, String), ApiError> {
    let address = text("address", address)?;
    let refused =
        |error| ApiError::bad(format!("address: {}", describe(&error)), "give one that may be reached");
    if address != FETCHED {
        room.config().addresses.check_url(&address).map_err(refused)?;
    }
    let malformed = |error| ApiError::bad(format!("public_key: {}", describe(&error)), "");
    let key: PublicKey = public_key.trim().parse().map_err(malformed)?;
    Ok((address, key.to_string()))
}

/// A second person confirms exactly this change of an address or key.
#[utoipa::path(post, path = "/facilities/{id}/confirm", request_body = ConfirmBody,
    params(("id" = String, Path)), responses(
    (status = 200, body = TakenBody),
    (status = 409, body = ErrorBody),
))]
pub(crate) async fn confirm(
    State(room): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    Body(ConfirmBody { address, public_key, relay }): Body<ConfirmBody>,
) -> Result<Json<TakenBody>, ApiError> {
    caller.require(&[Role::Administrator, Role::Approver])?;
    let facility = id.into();
    let event = Event::EnrolmentConfirmed { facility, address, public_key, person: caller.name, relay };
    room.happen(vec![event.into()]).await?;
    Ok(Json(TakenBody { taken: true }))
}

/// Who may let the registry's word hold.
pub(crate) const ADOPTERS: [Role; 2] = [Role::Administrator, Role::Approver];

/// What endpoints.csv says of a facility at this moment: what `adopt` would let hold.
#[utoipa::path(get, path = "/facilities/{id}/endpoint", params(("id" = String, Path)), responses(
    (status = 200, body = Object, description = "Endpoint"),
    (status = 404, body = ErrorBody, description = "the file names no such facility"),
    (status = 409, body = ErrorBody, description = "the registry cannot be used"),
))]
pub(crate) async fn endpoint(
    State(room): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Endpoint>, ApiError> {
    caller.require(&ADOPTERS)?;
    endpoint_now(&room, &id.into()).await.map(Json)
}

/// What people have just read in the file is meant, and not what it said some seconds ago.
async fn endpoint_now(room: &Room, facility: &FacilityId) -> Result<Endpoint, ApiError> {
    room.look_at_registry().await?;
    if let Some(fault) = room.registry_trouble().into_iter().next() {
        return Err(ApiError::new(StatusCode::CONFLICT, fault, "nothing was adopted; mend the file first"));
    }
    let endpoint = room.look(|book| book.state.registry().endpoint_of(facility).cloned());
    endpoint.ok_or_else(|| ApiError::absent("endpoint of facility", facility.as_str()))
}

/// Lets the address, key and relay that endpoints.csv proposes hold: the caller and a second person together.
#[utoipa::path(post, path = "/facilities/{id}/adopt", request_body = AdoptBody,
    params(("id" = String, Path)), responses(
    (status = 200, body = TakenBody),
    (status = 404, body = ErrorBody, description = "the file names no such facility"),
    (status = 409, body = ErrorBody, description = "it holds already, both are one person, the file says other than what was shown, or it cannot be used"),
))]
pub(crate) async fn adopt(
    State(room): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<AdoptBody>,
) -> Result<Json<TakenBody>, ApiError> {
    let both = TwoPeopleBody::new(&body.reason, &body.second_token);
    let agreed = two_people(&room, caller, &both, &ADOPTERS)?;
    adopted(&room, agreed, id.into(), body.endpoint).await
}

/// What two people who agreed let hold: what they were `shown`, if anything was.
pub(crate) async fn adopted(
    room: &Room,
    (by, second, reason): Agreed,
    facility: FacilityId,
    shown: Option<Endpoint>,
) -> Result<Json<TakenBody>, ApiError> {
    let endpoint = endpoint_now(room, &facility).await?;
    if shown.is_some_and(|shown| shown != endpoint) {
        let said = format!("endpoints.csv says other of {facility} by now than what was shown");
        return Err(ApiError::new(StatusCode::CONFLICT, said, "nothing was adopted; look again"));
    }
    let (address, public_key) = check_reach(room, &endpoint.address, &endpoint.public_key)?;
    let (approved_by, relay) = (Some(second), endpoint.relay);
    let event = Event::Enrolled { facility, address, public_key, by, approved_by, relay };
    let remark = Remark { comment: Some(reason), ..Remark::default() };
    room.happen(vec![Input::from(event).with_remark(remark)]).await?;
    Ok(Json(TakenBody { taken: true }))
}

/// The facilities that are enrolled. A facility sees itself.
#[utoipa::path(get, path = "/facilities", responses((status = 200, body = Vec<FacilityRow>)))]
pub(crate) async fn list(
    State(room): State<Room>,
    caller: Caller,
) -> Result<Json<Vec<FacilityRow>>, ApiError> {
    caller.require(&ROLES)?;
    let rows = room.look(|book| {
        let seen = book.state.enrolments().filter(|(facility, _)| caller.may_see(facility));
        seen.map(|(facility, held)| view::facility_row(book, facility, held)).collect()
    });
    Ok(Json(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_long_and_never_the_same() {
        let (one, two) = (new_code().unwrap(), new_code().unwrap());
        assert_eq!(one.len(), 24);
        assert_ne!(one, two);
        assert!(one.chars().all(|letter| letter == '-' || ALPHABET.contains(&(letter as u8))));
    }
}
