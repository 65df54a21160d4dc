//! The stage: a control room with its people, and a world of facilities enrolled in it.

use super::people::{Login, accounts, contacts};
use super::{DemoError, LeapingClock, Options};
use crate::access::{Person, Role, token_sha256};
use crate::client::Client;
use crate::config::Config;
use crate::room::ControlRoom;
use crate::serve::serve_api;
use kezek_courier::{AddressRules, PrivateKey};
use kezek_model::case::Case;
use kezek_model::order::{Contact, Notice, Texts};
use kezek_study::world::{Place, Quirk, World};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const ENVIRONMENT: &str = "demo-2022";
/// An answer is due within two hours: the letter of 2022 asked for none.
const ACK_MINUTES: u32 = 120;

/// A person of the demo, with the token to act as that person.
pub(super) struct Actor {
    pub(super) name: &'static str,
    pub(super) roles: &'static [Role],
    pub(super) token: String,
}

/// Who is there, each with another part in it.
pub(super) struct Cast {
    pub(super) planner: Actor,
    pub(super) approver: Actor,
    pub(super) administrator: Actor,
    pub(super) grid_company: Actor,
    pub(super) auditor: Actor,
}

impl Cast {
    fn new() -> Result<Self, DemoError> {
        let actor = |name, roles| Ok::<_, DemoError>(Actor { name, roles, token: new_token()? });
        Ok(Self {
            // She may approve, but never what she wrote.
            planner: actor("B. Omarova", &[Role::Planner, Role::Dispatcher, Role::Approver])?,
            approver: actor("A. Serik", &[Role::Dispatcher, Role::Approver])?,
            administrator: actor("D. Akhmetov", &[Role::Administrator])?,
            grid_company: actor("regional grid company", &[Role::Dispatcher])?,
            auditor: actor("G. Nurlan", &[Role::Auditor])?,
        })
    }

    pub(super) fn all(&self) -> [&Actor; 5] {
        [&self.planner, &self.approver, &self.administrator, &self.grid_company, &self.auditor]
    }
}

/// A token that nobody can guess: the text of a key that is used for nothing else.
fn new_token() -> Result<String, DemoError> {
    Ok(PrivateKey::generate()?.public().to_string().replace("whpk_", "kzt_").replace(['/', '+', '='], "-"))
}

/// Everything that plays.
pub(super) struct Stage {
    pub(super) cast: Cast,
    pub(super) logins: Vec<Login>,
    pub(super) clock: LeapingClock,
    pub(super) room: Arc<ControlRoom>,
    pub(super) world: World,
    pub(super) url: String,
    serving: JoinHandle<()>,
}

impl Stage {
    /// Opens the control room and enrols every facility of the case.
    pub(super) async fn open(case: &Case, options: &Options) -> Result<Self, DemoError> {
        let io = |what: String| move |source| DemoError::Io { what, source };
        std::fs::create_dir_all(&options.folder)
            .map_err(io(format!("make the folder {}", options.folder.display())))?;
        let cast = Cast::new()?;
        let config = config(&options.folder, &cast)?;
        let logins = accounts(&config, &cast)?;
        let registry = options.folder.join("registry");
        contacts(&registry, case).map_err(io(format!("write {}", registry.display())))?;
        let clock = LeapingClock::new(case.issued_at);
        let listener =
            TcpListener::bind(&options.listen).await.map_err(io(format!("listen on {}", options.listen)))?;
        let address = listener.local_addr().map_err(io("ask for the address of the socket".into()))?;
        let room = ControlRoom::open(config, clock.reader()).await?;
        let serving = tokio::spawn(serve_api(Arc::clone(&room), listener, std::future::pending()));
        let url = format!("http://{address}");
        let mut stage = Self { cast, logins, world: World::new(clock.reader()), clock, room, url, serving };
        stage.enrol(case, &options.folder).await?;
        Ok(stage)
    }

    async fn enrol(&mut self, case: &Case, folder: &Path) -> Result<(), DemoError> {
        let administrator = self.client(&self.cast.administrator)?;
        let place = Place {
            folder: folder.join("facilities"),
            server_url: self.url.clone(),
            environment: ENVIRONMENT.into(),
        };
        for facility in &case.facilities {
            let code = administrator.enrolment_code(&facility.id).await?.code;
            self.world.open(case, facility, quirk(facility.id.as_str()), &place, &code).await?;
        }
        Ok(())
    }

    /// The control room as a person reaches it.
    pub(super) fn client(&self, actor: &Actor) -> Result<Client, DemoError> {
        Ok(Client::new(&self.url, Some(actor.token.clone()))?)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Some are slow, one is not there, one refuses, one says yes and does not cut.
fn quirk(facility: &str) -> Quirk {
    match facility {
        "N04" | "S03" | "W04" => Quirk::Slow(40 * 60),
        "N13" => Quirk::Slow(3 * 60 * 60),
        "N11" => Quirk::Offline,
        "S06" => Quirk::Refuses,
        "W02" => Quirk::Lies,
        _ => Quirk::Obedient,
    }
}

fn config(folder: &Path, cast: &Cast) -> Result<Config, DemoError> {
    let key_file = folder.join("control-room.key");
    if !key_file.exists() {
        PrivateKey::generate()?.save(&key_file)?;
    }
    let person = |actor: &Actor| Person {
        name: actor.name.into(),
        roles: actor.roles.iter().copied().collect(),
        token_sha256: token_sha256(&actor.token),
    };
    let mut config = Config::new(ENVIRONMENT, folder.join("kezek.db"), key_file);
    config.accounts = Some(folder.join("accounts.toml"));
    config.registry = Some(folder.join("registry"));
    config.studies.folder = Some(super::winter::folder(folder));
    config.ack_minutes = ACK_MINUTES;
    config.addresses = AddressRules { allow_loopback: true, allow: Vec::new() };
    config.notice = notice();
    config.people = cast.all().into_iter().map(person).collect();
    Ok(config)
}

fn notice() -> Notice {
    Notice {
        issuer: "System operator".into(),
        signatory: "Managing Director for System Services".into(),
        legal_basis: "Notice of 21 January 2022".into(),
        reason: Texts {
            kk: "Электр энергиясы мен қуат теңгерімі шиеленісті күйінде қалып отыр.".into(),
            ru: "Ситуация с балансом электроэнергии и мощности остаётся напряжённой.".into(),
            en: "The balance of electricity and capacity remains tense.".into(),
        },
        condition: "While the present situation persists.".into(),
        scope: "Persons engaged in digital mining".into(),
        contact: Contact { name: "Control room".into(), phone: "+7 700 000 00 00".into() },
    }
}
