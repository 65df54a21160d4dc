//! What stands around every page: where one is, who one is, how old the figures are, what is wrong.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use kezek_model::registry::Language;
use kezek_model::units::Kw;

use crate::assets;
use crate::figures;
use crate::keys::{self, KeysWords};
use crate::words::{Common, code};

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the browser prefers.
    #[default]
    Auto,
    /// Grey field, dark text.
    Light,
    /// For a darkened control room.
    Dark,
}

impl Theme {
    /// The name in the cookie and in `data-theme`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name; anything else is [`Theme::Auto`].
    #[must_use]
    pub fn of(name: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }
}

/// The main entries of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The day board.
    Day,
    /// Plans.
    Plans,
    /// Orders.
    Orders,
    /// The registry.
    Facilities,
    /// Freeze and thaw.
    Issuing,
    /// What one shift leaves to the next.
    Handover,
    /// Who complied.
    Verdicts,
    /// How the burden is shared.
    Burden,
    /// What planners simulate.
    Studies,
    /// Where drills begin.
    Drills,
    /// Where the facts come from.
    Feeds,
    /// Who did what.
    Audit,
    /// A miner's own page.
    Mine,
}

impl Place {
    /// All of them, as they stand in the menu.
    pub const ALL: [Self; 13] = [
        Self::Day,
        Self::Plans,
        Self::Orders,
        Self::Facilities,
        Self::Issuing,
        Self::Handover,
        Self::Verdicts,
        Self::Burden,
        Self::Studies,
        Self::Drills,
        Self::Feeds,
        Self::Audit,
        Self::Mine,
    ];

    /// The key that leads there after `g`.
    #[must_use]
    pub fn key(self) -> char {
        match self {
            Self::Day => 'd',
            Self::Plans => 'p',
            Self::Orders => 'o',
            Self::Facilities => 'r',
            Self::Issuing => 'f',
            Self::Handover => 'h',
            Self::Verdicts => 'v',
            Self::Burden => 'b',
            Self::Studies => 's',
            Self::Drills => 'n',
            Self::Feeds => 'e',
            Self::Audit => 'a',
            Self::Mine => 'm',
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Day => "/day",
            Self::Plans => "/plans",
            Self::Orders => "/orders",
            Self::Facilities => "/facilities",
            Self::Issuing => "/issuing",
            Self::Handover => "/handover",
            Self::Verdicts => "/verdicts",
            Self::Burden => "/burden",
            Self::Studies => "/studies",
            Self::Drills => "/drills",
            Self::Feeds => "/feeds",
            Self::Audit => "/audit",
            Self::Mine => "/my",
        }
    }

    /// The name in the menu.
    #[must_use]
    pub fn name(self, words: &Common) -> &'static str {
        match self {
            Self::Day => words.day,
            Self::Plans => words.plans,
            Self::Orders => words.orders,
            Self::Facilities => words.facilities,
            Self::Issuing => words.issuing,
            Self::Handover => words.handover,
            Self::Verdicts => words.verdicts,
            Self::Burden => words.burden,
            Self::Studies => words.studies,
            Self::Drills => words.drills,
            Self::Feeds => words.feeds,
            Self::Audit => words.audit,
            Self::Mine => words.mine,
        }
    }

    /// Whether nobody looks there within the first seconds: it stands folded in the menu.
    #[must_use]
    pub fn is_further(self) -> bool {
        matches!(
            self,
            Self::Handover
                | Self::Verdicts
                | Self::Burden
                | Self::Studies
                | Self::Drills
                | Self::Feeds
                | Self::Audit
        )
    }
}

/// Whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The name that stands in the journal.
    pub name: String,
    /// What the person may do, by the names of the roles.
    pub roles: Vec<String>,
    /// Stands in every form, so that no other site can send one.
    pub seal: String,
    /// What the menu offers.
    pub menu: Vec<Place>,
}

impl Who {
    /// Whether the person has a role.
    #[must_use]
    pub fn may(&self, role: &str) -> bool {
        self.roles.iter().any(|known| known == role)
    }

    /// What the menu shows at once.
    #[must_use]
    pub fn first(&self) -> Vec<Place> {
        self.menu.iter().copied().filter(|place| !place.is_further()).collect()
    }

    /// What the menu has folded.
    #[must_use]
    pub fn further(&self) -> Vec<Place> {
        self.menu.iter().copied().filter(|place| place.is_further()).collect()
    }
}

/// A stream of facts, and when the last one came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What it is, in the language of the page.
    pub name: &'static str,
    /// The last one; none yet.
    pub last: Option<DateTime<Utc>>,
    /// Older than this it is struck, in minutes.
    pub limit_minutes: i64,
}

/// What stands around a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// In which language.
    pub language: Language,
    /// In which colours.
    pub theme: Theme,
    /// Name of the environment.
    pub environment: String,
    /// Whether what is shown never happened: it must not be taken for the grid.
    pub is_training: bool,
    /// The control room's time.
    pub now: DateTime<Utc>,
    /// The zone of time of the plan.
    pub zone: Tz,
    /// How old the facts are.
    pub feeds: Vec<Feed>,
    /// What everybody must know, worst first, in the language of the page.
    pub alarms: Vec<String>,
    /// Who is signed in.
    pub who: Option<Who>,
    /// Where in the menu.
    pub place: Option<Place>,
    /// The path of the page, with what follows the question mark.
    pub path: String,
}

impl Frame {
    /// The words of every page.
    #[must_use]
    pub fn words(&self) -> &'static Common {
        Common::of(self.language)
    }

    /// The code of the language.
    #[must_use]
    pub fn code(&self) -> &'static str {
        code(self.language)
    }

    /// The path of the style sheet; another when it changes.
    #[must_use]
    pub fn style(&self) -> String {
        assets::STYLE.path()
    }

    /// The path of the style sheet for paper.
    #[must_use]
    pub fn paper_style(&self) -> String {
        assets::PAPER.path()
    }

    /// The path of the script.
    #[must_use]
    pub fn script(&self) -> String {
        assets::SCRIPT.path()
    }

    /// The languages to choose from: code, name of its own, whether it is this one.
    #[must_use]
    pub fn languages(&self) -> [(&'static str, &'static str, bool); 3] {
        let own = |language, name| (code(language), name, language == self.language);
        [own(Language::Kk, "Қазақша"), own(Language::Ru, "Русский"), own(Language::En, "English")]
    }

    /// The path of the page as part of an address.
    #[must_use]
    pub fn back(&self) -> String {
        encoded(&self.path)
    }

    /// The frame of what never happened: under a word of its own, without clock and age of facts that it is not made of.
    #[must_use]
    pub fn training(self, zone: Tz) -> Self {
        let environment = self.words().training.to_owned();
        Self { environment, is_training: true, zone, feeds: Vec::new(), ..self }
    }

    /// The keys and what they do.
    #[must_use]
    pub fn keys(&self) -> Vec<(String, &'static str)> {
        keys::keys(self)
    }

    /// The words of the sheet of keys.
    #[must_use]
    pub fn key_words(&self) -> &'static KeysWords {
        KeysWords::of(self.language)
    }

    /// The roles of the person in words.
    #[must_use]
    pub fn roles(&self) -> String {
        let words = self.words();
        let name = |role: &String| match role.as_str() {
            "dispatcher" => words.dispatcher,
            "approver" => words.approver,
            "planner" => words.planner,
            "auditor" => words.auditor,
            "administrator" => words.administrator,
            _ => words.facility,
        };
        self.who.iter().flat_map(|who| &who.roles).map(name).collect::<Vec<_>>().join(", ")
    }

    /// What stands in every form.
    #[must_use]
    pub fn seal(&self) -> &str {
        self.who.as_ref().map_or("", |who| &who.seal)
    }

    /// Whether the person has a role.
    #[must_use]
    pub fn may(&self, role: &str) -> bool {
        self.who.as_ref().is_some_and(|who| who.may(role))
    }

    /// An hour, `17:00`.
    #[must_use]
    pub fn hour(&self, at: &DateTime<Utc>) -> String {
        figures::hour(*at, self.zone)
    }

    /// A day.
    #[must_use]
    pub fn day(&self, at: &DateTime<Utc>) -> String {
        figures::day(*at, self.zone, self.language)
    }

    /// A day and an hour.
    #[must_use]
    pub fn stamp(&self, at: &DateTime<Utc>) -> String {
        figures::stamp(*at, self.zone, self.language)
    }

    /// Hours alone where both are on one day, else with the days.
    #[must_use]
    pub fn span(&self, from: &DateTime<Utc>, to: &DateTime<Utc>) -> String {
        let same = from.with_timezone(&self.zone).date_naive() == to.with_timezone(&self.zone).date_naive();
        let end = if same { self.hour(to) } else { self.stamp(to) };
        format!("{}\u{2013}{end}", self.stamp(from))
    }

    /// `UTC+05`.
    #[must_use]
    pub fn offset(&self) -> String {
        self.offset_at(&self.now)
    }

    /// The offset at another time.
    #[must_use]
    pub fn offset_at(&self, at: &DateTime<Utc>) -> String {
        figures::offset(*at, self.zone)
    }

    /// A civil day with its year.
    #[must_use]
    pub fn date(&self, date: &NaiveDate) -> String {
        figures::date(*date, self.language)
    }

    /// A civil day with its year, and the hour.
    #[must_use]
    pub fn instant(&self, at: &DateTime<Utc>) -> String {
        format!("{} {}", self.date(&at.with_timezone(&self.zone).date_naive()), self.hour(at))
    }

    /// Where in the menu, if that is folded.
    #[must_use]
    pub fn further(&self) -> Option<Place> {
        self.place.filter(|place| place.is_further())
    }

    /// A power in MW.
    #[must_use]
    pub fn mw(&self, power: &Kw) -> String {
        figures::mw(*power, self.language)
    }

    /// A number with one decimal.
    #[must_use]
    pub fn tenth(&self, value: &f64) -> String {
        figures::number(*value, 1, self.language)
    }

    /// A change with one decimal and its sign.
    #[must_use]
    pub fn change(&self, value: &f64) -> String {
        let text = figures::number(*value, 1, self.language);
        if *value >= 0.05 { format!("+{text}") } else { text }
    }

    /// How long ago or ahead: `18 min`, `2 h 05 min`, `3 d`.
    #[must_use]
    pub fn age(&self, at: &DateTime<Utc>) -> String {
        let words = self.words();
        let minutes = (self.now - *at).num_minutes().abs();
        match minutes {
            0..60 => format!("{minutes} {}", words.minutes),
            60..2880 => format!("{} {} {:02} {}", minutes / 60, words.hours, minutes % 60, words.minutes),
            _ => format!("{} {}", minutes / 1440, words.days),
        }
    }

    /// Whether a feed is older than its limit.
    #[must_use]
    pub fn is_old(&self, feed: &Feed) -> bool {
        feed.last.is_some_and(|last| (self.now - last).num_minutes() > feed.limit_minutes)
    }
}

/// A text as part of an address, slashes as they are.
#[must_use]
pub fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let each = text.bytes();
    each.map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A dispatcher's frame on a January noon.
    pub(crate) fn frame(language: Language) -> Frame {
        let now = "2026-01-24T07:41:07Z".parse().unwrap();
        let roles = ["dispatcher", "approver"].map(str::to_owned).to_vec();
        Frame {
            language,
            theme: Theme::Auto,
            environment: "kz-test".into(),
            is_training: false,
            now,
            zone: chrono_tz::Asia::Almaty,
            feeds: vec![],
            alarms: vec![],
            who: Some(Who { name: "A. Serik".into(), roles, seal: "s".into(), menu: vec![Place::Day] }),
            place: Some(Place::Day),
            path: "/day?x=<1>".into(),
        }
    }

    #[test]
    fn an_age_is_short() {
        let frame = frame(Language::En);
        let ago = |minutes| frame.now - chrono::TimeDelta::minutes(minutes);
        let ages = [18, 125, 5000].map(|minutes| frame.age(&ago(minutes)));
        assert_eq!(ages, ["18 min", "2 h 05 min", "3 d"]);
    }

    #[test]
    fn the_way_back_is_safe_in_an_address() {
        assert_eq!(frame(Language::Ru).back(), "/day%3Fx%3D%3C1%3E");
    }

    #[test]
    fn a_span_names_the_second_day_only_where_there_is_one() {
        let frame = frame(Language::En);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (from, to) = (at("2026-01-24T12:00:00Z"), at("2026-01-24T17:00:00Z"));
        assert_eq!(frame.span(&from, &to), "Sat 24 Jan 17:00–22:00");
        assert_eq!(frame.span(&from, &at("2026-01-24T20:00:00Z")), "Sat 24 Jan 17:00–Sun 25 Jan 01:00");
    }
}
