//! What is urgent and nobody has seen to: one group for all orders, a steady header, and one sound.

use chrono::{DateTime, Utc};
use kezek_model::units::Kw;

use crate::figures::fill;
use crate::frame::Frame;
use crate::words;

words! {
    /// Words of the alarm.
    AlarmWords {
        urgent: "Urgent, and nobody has called: {0}, {1} MW", "Срочно, и никто не позвонил: {0}, {1} МВт", "Шұғыл, ешкім қоңырау шалмаған: {0}, {1} МВт";
        mute: "Mute the sound for {0} min", "Выключить звук на {0} мин", "Дыбысты {0} минутқа өшіру";
        muted: "You have muted the sound until {0}.", "Вы выключили звук до {0}.", "Дыбысты {0} дейін өшірдіңіз.";
    }
}

/// For how long the sound is muted at once.
pub const MUTE_MINUTES: i64 = 10;

/// Orders that are urgent, and about which nobody has called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Their numbers; at least one.
    pub orders: Vec<String>,
    /// Their cuts, drills apart.
    pub power: Kw,
    /// Until when whoever looks has muted the sound.
    pub muted_until: Option<DateTime<Utc>>,
}

impl Alarm {
    /// How many, and how much.
    #[must_use]
    pub fn says(&self, frame: &Frame) -> String {
        let w = AlarmWords::of(frame.language);
        fill(w.urgent, &[&self.orders.len().to_string(), &frame.mw(&self.power)])
    }

    /// By what the page tells a new one from one it has sounded for.
    #[must_use]
    pub fn names(&self) -> String {
        self.orders.join(" ")
    }

    /// Until when it makes no sound, while that lasts.
    #[must_use]
    pub fn muted(&self, frame: &Frame) -> Option<String> {
        let until = self.muted_until.filter(|until| frame.now < *until)?;
        Some(fill(AlarmWords::of(frame.language).muted, &[&frame.hour(&until)]))
    }

    /// What the button says.
    #[must_use]
    pub fn mute(&self, frame: &Frame) -> String {
        fill(AlarmWords::of(frame.language).mute, &[&MUTE_MINUTES.to_string()])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use chrono::TimeDelta;
    use kezek_model::registry::Language;

    /// Two orders that nobody has seen to.
    pub(crate) fn alarm() -> Alarm {
        let orders = ["2026-0124-S022-v5", "2026-0124-S023-v1"].map(str::to_owned).to_vec();
        Alarm { orders, power: Kw(18_000), muted_until: None }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(AlarmWords::TABLE, &[]);
    }

    #[test]
    fn it_is_one_group_and_muted_for_a_while_only() {
        let frame = frame(Language::Ru);
        let mut alarm = alarm();
        assert_eq!(alarm.says(&frame), "Срочно, и никто не позвонил: 2, 18,0 МВт");
        assert_eq!(alarm.muted(&frame), None);
        alarm.muted_until = Some(frame.now + TimeDelta::minutes(10));
        assert_eq!(alarm.muted(&frame).as_deref(), Some("Вы выключили звук до 12:51."));
        alarm.muted_until = Some(frame.now);
        assert_eq!(alarm.muted(&frame), None, "it is over");
    }
}
