//! A miner's page: what load, from when, until when, have I answered, whom do I call?

mod contacts;
mod facts;
mod vocabulary;

use askama::Template;
use chrono::{DateTime, Utc};
use kezek_model::order::Contact;
use kezek_model::receipt::Quality;
use kezek_model::units::Kw;

use crate::chart::{Line, lines};
use crate::figures::fill;
use crate::frame::Frame;

pub use contacts::{Channels, Person, trial};
pub use facts::{
    DayRow, Delivery, Fate, Judged, Kind, LastReading, Link, Metered, Notice, Part, PastRow, Said, Stand,
    Stretch, Way,
};
pub use vocabulary::MyWords;

/// The page.
#[derive(Debug, Template)]
#[template(path = "my.html")]
pub struct My<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static MyWords,
    /// Whose.
    pub facility: &'a str,
    /// Whom to call.
    pub contact: &'a Contact,
    /// What stands, most urgent first.
    pub notices: Vec<Notice>,
    /// The week to come.
    pub week: Vec<DayRow>,
    /// What was ordered.
    pub past: Vec<PastRow>,
    /// What the meter said last.
    pub reading: Option<LastReading>,
    /// What it said in the last day against what held, oldest first.
    pub metered: Vec<Metered>,
    /// How orders come; none where the facility is not enrolled.
    pub link: Option<Link>,
    /// The last attempts to hand them over, newest first.
    pub deliveries: Vec<Delivery>,
    /// Who is told of orders that do not arrive.
    pub people: Vec<Person>,
    /// Over what.
    pub channels: Channels,
    /// Whether a message to try it out has just left.
    pub is_told: bool,
    /// Its burden by the plan in force and the median of all, in %.
    pub burden: Option<(f64, f64)>,
}

impl My<'_> {
    /// The number to call, as an address.
    fn number(&self) -> String {
        self.contact.phone.split_whitespace().collect()
    }

    fn title(&self) -> String {
        fill(self.w.title, &[self.facility])
    }

    fn kind(&self, notice: &Notice) -> &'static str {
        match notice.kind {
            Kind::Cut => self.w.cut,
            Kind::Emergency => self.w.emergency,
            Kind::Drill => self.w.drill,
            Kind::Recall => self.w.recall,
            Kind::Free => self.w.free,
        }
    }

    /// Class, shape and word of how an order stands.
    fn stand(&self, notice: &Notice) -> (&'static str, &'static str, &'static str) {
        match notice.stand {
            Stand::Above => ("urgent", "!", self.w.above),
            Stand::Late => ("urgent", "!", self.w.late),
            Stand::Waiting => ("waits", "○", self.w.waiting),
            Stand::Refused => ("soon", "▲", self.w.refused),
            Stand::Accepted => ("", "–", self.w.accepted),
        }
    }

    /// What the button says: nobody may take a rehearsal for an order.
    fn confirm(&self, notice: &Notice) -> &'static str {
        match notice.kind {
            Kind::Drill => self.w.confirm_drill,
            Kind::Recall => self.w.confirm_recall,
            _ => self.w.confirm,
        }
    }

    fn left(&self, notice: &Notice) -> Option<String> {
        let is_open = notice.needs_answer() && self.frame.now < notice.ack_by;
        is_open.then(|| fill(self.w.left, &[&self.frame.age(&notice.ack_by)]))
    }

    fn span(&self, from: &DateTime<Utc>, to: &DateTime<Utc>) -> String {
        let figures = [self.frame.stamp(from), self.frame.stamp(to), self.frame.offset()];
        fill(self.w.from_to, &figures.each_ref().map(String::as_str))
    }

    /// What to do. Nobody may take a rehearsal for it.
    fn level(&self, notice: &Notice, limit: &Kw) -> String {
        let text = match notice.kind {
            Kind::Drill => self.w.rehearsed,
            _ if *limit <= Kw::ZERO => self.w.switch_off,
            _ => self.w.reduce,
        };
        fill(text, &[&self.frame.mw(limit)])
    }

    fn depth(&self, stretch: &Stretch) -> String {
        let from = stretch.limit + stretch.cut;
        fill(self.w.by_how_much, &[&self.frame.mw(&from), &self.frame.mw(&stretch.cut)])
    }

    /// The end of a part of a day; midnight is its last hour.
    fn end(&self, part: &Part) -> String {
        let hour = self.frame.hour(&part.to);
        if hour == "00:00" { "24:00".into() } else { hour }
    }

    fn back_to(&self, at: &DateTime<Utc>, to: &Kw) -> String {
        fill(self.w.back_to, &[&self.frame.mw(to), &self.frame.stamp(at)])
    }

    fn ramp(&self, ramp: &Kw) -> String {
        fill(self.w.ramp, &[&self.frame.mw(ramp)])
    }

    fn way(&self, notice: &Notice) -> String {
        match &notice.way {
            Way::NotYet => self.w.not_sent.into(),
            Way::Relayed => self.w.relayed.into(),
            Way::Delivered(at) => fill(self.w.delivered, &[&self.frame.stamp(at)]),
            Way::Failed => self.w.not_delivered.into(),
        }
    }

    fn said(&self, notice: &Notice) -> String {
        let Some(said) = &notice.said else { return self.w.no_answer.into() };
        let at = self.frame.stamp(&said.at);
        match &said.refusal {
            None => fill(self.w.said_accepted, &[&said.by, &at]),
            Some(reason) => fill(self.w.said_refused, &[&said.by, &at, reason]),
        }
    }

    /// The meter against the limit, as a picture.
    fn strip(&self) -> String {
        let Some(last) = self.metered.last() else { return String::new() };
        let line = |label: &str, figure: fn(&Metered) -> Option<f64>| {
            let mut points: Vec<_> = self.metered.iter().map(|one| (one.from, figure(one))).collect();
            points.push((last.to, None));
            Line { label: label.into(), points }
        };
        let meter = line(self.w.meter_line, |one| Some(one.mean.mw()));
        let limit = line(self.w.limit_line, |one| one.limit.map(|limit| limit.mw()));
        lines(&[meter, limit], self.frame, self.w.meter)
    }

    fn is_above(&self, metered: &Metered) -> bool {
        metered.limit.is_some_and(|limit| metered.mean > limit)
    }

    fn limit_of(&self, metered: &Metered) -> String {
        metered.limit.map_or_else(|| "–".into(), |limit| self.frame.mw(&limit))
    }

    /// How orders come, in a sentence.
    fn link_says(&self, link: &Link) -> String {
        let since = self.frame.stamp(&link.since);
        match (&link.relay, &link.address) {
            (Some(relay), _) => fill(self.w.by_relay, &[relay, &since]),
            (None, Some(address)) => fill(self.w.pushed, &[address, &since]),
            (None, None) => fill(self.w.fetched, &[&since]),
        }
    }

    fn burden(&self) -> Option<String> {
        let (own, median) = self.burden?;
        Some(fill(self.w.burden, &[&self.frame.tenth(&own), &self.frame.tenth(&median)]))
    }

    fn kept(&self) -> String {
        let judged = self.past.iter().filter(|row| row.is_final).filter_map(|row| row.judged);
        let is_said = |judged: &Judged| !matches!(judged, Judged::Never | Judged::Drill);
        let judged: Vec<Judged> = judged.filter(is_said).collect();
        if judged.is_empty() {
            return self.w.none_judged.into();
        }
        let kept = judged.iter().filter(|judged| **judged == Judged::Complying).count();
        fill(self.w.kept, &[&kept.to_string(), &judged.len().to_string()])
    }

    fn fate(&self, row: &PastRow) -> String {
        match &row.fate {
            Fate::Stands => self.w.stands.into(),
            Fate::Over => self.w.over.into(),
            Fate::Replaced(by) => format!("{} → {by}", self.w.replaced),
            Fate::Withdrawn(by) => format!("{} → {by}", self.w.withdrawn),
        }
    }

    fn is_gone(&self, row: &PastRow) -> bool {
        matches!(row.fate, Fate::Replaced(_) | Fate::Withdrawn(_))
    }

    fn judged(&self, row: &PastRow) -> String {
        let word = match row.judged {
            None => return "–".into(),
            Some(Judged::Complying) => self.w.complying,
            Some(Judged::Breach) => self.w.breach,
            Some(Judged::Unknown) => self.w.unknown,
            Some(Judged::Never) => return self.w.never_held.into(),
            Some(Judged::Drill) => return self.w.drill.into(),
        };
        if !row.is_final { format!("{word} ({})", self.w.so_far) } else { word.into() }
    }

    fn reading(&self, reading: &LastReading) -> String {
        let quality = match reading.quality {
            Quality::Ok => self.w.metered,
            Quality::Estimated => self.w.estimated,
            Quality::Bad => self.w.bad,
        };
        let span = self.frame.span(&reading.from, &reading.to);
        let age = self.frame.age(&reading.to);
        fill(self.w.last_reading, &[&self.frame.mw(&reading.mean), &span, quality, &age])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn notice(limit: i64) -> Notice {
        let (from, to) = (at("2026-01-24T12:00:00Z"), at("2026-01-24T17:00:00Z"));
        Notice {
            order_no: "2026-0124-S022-v5".into(),
            kind: Kind::Cut,
            stand: Stand::Waiting,
            is_in_effect: false,
            window: (from, to),
            stretches: vec![Stretch { from, to, limit: Kw(limit), cut: Kw(20_000 - limit) }],
            restore: Some((at("2026-01-24T17:10:00Z"), Kw(20_000))),
            ramp_up: None,
            supersedes: Some("2026-0124-S022-v4".into()),
            reason: "<deficit>".into(),
            legal: vec!["KEGOC".into()],
            code: crate::qr::code("KEZEK"),
            issued_at: at("2026-01-24T07:20:00Z"),
            ack_by: at("2026-01-24T07:55:07Z"),
            check_mark: "12ab 34cd".into(),
            way: Way::Delivered(at("2026-01-24T07:32:00Z")),
            said: None,
        }
    }

    fn page<'a>(frame: &'a Frame, contact: &'a Contact, notices: Vec<Notice>) -> My<'a> {
        let parts =
            vec![Part { from: at("2026-01-24T12:00:00Z"), to: at("2026-01-24T19:00:00Z"), limit: Kw(0) }];
        let week = vec![
            DayRow { day: frame.now, parts },
            DayRow { day: frame.now + chrono::TimeDelta::days(1), parts: vec![] },
        ];
        let w = MyWords::of(frame.language);
        let hour = |n| at("2026-01-24T05:00:00Z") + chrono::TimeDelta::hours(n);
        let metered = |n, mean, limit: Option<i64>| Metered {
            from: hour(n),
            to: hour(n + 1),
            mean: Kw(mean),
            limit: limit.map(Kw),
        };
        let link = Link {
            address: Some("https://s022.example/orders".into()),
            relay: None,
            public_key: "ed25519:AAAA".into(),
            since: hour(-100),
            is_changing: true,
        };
        let delivery = Delivery {
            order_no: "2026-0124-S022-v5".into(),
            number: 2,
            at: hour(1),
            outcome: "failed",
            said: "<timeout>".into(),
        };
        My {
            frame,
            w,
            facility: "S022",
            contact,
            notices,
            week,
            past: vec![past()],
            reading: None,
            metered: vec![metered(0, 20_000, None), metered(1, 2_500, Some(2_000))],
            link: Some(link),
            deliveries: vec![delivery],
            people: vec![Person {
                role: "shift".into(),
                name: "A. <Serik>".into(),
                phone: "+7 700".into(),
                sms: "+7700".into(),
                email: "shift@s022.example".into(),
            }],
            channels: Channels { sms: true, email: false },
            is_told: true,
            burden: Some((5.9, 6.0)),
        }
    }

    fn past() -> PastRow {
        let window = (at("2026-01-20T12:00:00Z"), at("2026-01-20T17:00:00Z"));
        let fate = Fate::Over;
        PastRow {
            order_no: "2026-0120-S022-v1".into(),
            window,
            fate,
            judged: Some(Judged::Complying),
            is_final: true,
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(MyWords::TABLE, &[]);
    }

    #[test]
    fn the_notice_says_what_load_when_and_how_long_is_left() {
        let frame = frame(Language::Ru);
        let contact = Contact { name: "Смена".into(), phone: "+7 7172 00 00 00".into() };
        let html = page(&frame, &contact, vec![notice(2_000)]).render().unwrap();
        for text in [
            "СНИЖЕНИЕ",
            "ЖДЁТ ВАШЕГО ОТВЕТА",
            "на ответ осталось 14 мин",
            "Снизить до 2,0 МВт",
            "(с 20,0; снижение 18,0)",
            "С сб 24 янв 17:00 до сб 24 янв 22:00 (UTC+05)",
            "вернуться к 20,0 МВт с сб 24 янв 22:10",
            "2026-0124-S022-v4",
            "Доставлено сб 24 янв 12:32.",
            "Подтвердить: выполним",
            "kezek agent answer 2026-0124-S022-v5 accept",
            "tel:+77172000000",
            "&#60;deficit&#62;",
            "выполнено 1 из 1 оценённых",
            "ваша доля снижения 5,9 % заявленной энергии (медиана 6,0 %)",
            "Распоряжения отправляются на https://s022.example/orders",
            "Изменение адреса или ключа ждёт",
            "value=\"+7700\"",
            "A. &#60;Serik&#62;",
            "Проверочное сообщение отправлено",
            "&#60;timeout&#62;",
            "<td class=\"n breach\">2,5</td><td class=\"n\">2,0</td>",
        ] {
            assert!(html.contains(text), "{text} is not on {html}");
        }
        assert!(!html.contains("name=\"to\" value=\"shift@"), "no e-mail is sent: {html}");
    }

    #[test]
    fn nothing_to_draw_and_no_order_do_not_look_alike() {
        let frame = frame(Language::En);
        let contact = Contact::default();
        let html = page(&frame, &contact, vec![notice(0)]).render().unwrap();
        assert!(
            html.contains("Reduce to 0.0 MW: switch off") && html.contains("no telephone is set"),
            "{html}"
        );
        assert!(
            html.contains("Sat 24 Jan 17:00–24:00</th><td class=\"n\"><strong>0.0</strong></td>"),
            "{html}"
        );
        assert!(html.contains("Sun 25 Jan</th><td class=\"n\">no order</td>"), "{html}");
        let html = page(&frame, &contact, vec![]).render().unwrap();
        assert!(html.contains("No order stands:"), "{html}");
    }

    #[test]
    fn a_drill_tells_nobody_to_move_load() {
        let frame = frame(Language::En);
        let drill = Notice { kind: Kind::Drill, ..notice(0) };
        let html = page(&frame, &Contact::default(), vec![drill]).render().unwrap();
        assert!(html.contains("DRILL") && html.contains("Rehearsed on paper only: 0.0 MW"), "{html}");
        assert!(!html.contains("Reduce to") && !html.contains("back to 20.0"), "{html}");
    }

    #[test]
    fn what_was_answered_is_not_asked_for_again() {
        let frame = frame(Language::En);
        let said = Said { by: "A. Duty".into(), at: frame.now, refusal: Some("<repair>".into()) };
        let refused = Notice { said: Some(said), stand: Stand::Refused, ..notice(2_000) };
        let html = page(&frame, &Contact::default(), vec![refused]).render().unwrap();
        assert!(html.contains("refused (A. Duty, Sat 24 Jan 12:41): &#60;repair&#62;"), "{html}");
        assert!(!html.contains("kezek agent answer") && !html.contains("left to answer"), "{html}");
    }
}
