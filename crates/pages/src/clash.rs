//! Two people have changed one plan by hand: what both began with, what was saved since, and what the later one typed.
//! Nothing typed is lost: it stands in the form again, on top of what was saved.

use askama::Template;
use chrono::{DateTime, Utc};

use crate::figures::fill;
use crate::frame::Frame;
use crate::plan::{Cut, PlanWords};
use crate::words;

words! {
    /// Words of the page.
    ClashWords {
        title: "Not saved: the plan was changed meanwhile", "Не сохранено: план тем временем изменили", "Сақталмады: жоспар осы арада өзгертілді";
        saved: "{0} saved plan {1} at {2}, made from the same plan {3} as yours.", "{0}: план {1} сохранён {2}; он сделан из того же плана {3}, что и ваш.", "{0} {2} уақытында {1} жоспарын сақтады; ол да сіздікі сияқты {3} жоспарынан жасалған.";
        said: "Reason given: {0}", "Указанная причина: {0}", "Көрсетілген себебі: {0}";
        compared: "Side by side", "Рядом", "Қатар";
        began: "Both began with", "Исходное у обоих", "Екеуіне ортақ бастапқысы";
        theirs: "Saved since", "Сохранено с тех пор", "Содан бері сақталғаны";
        yours: "You typed", "Вы ввели", "Сіз енгіздіңіз";
        same: "as before", "как было", "бұрынғыдай";
        nothing: "nothing", "ничего", "ештеңе";
        both: "both changed it", "изменили оба", "екеуі де өзгерткен";
        cut: "{0} – {1}: {2} MW", "{0} – {1}: {2} МВт", "{0} – {1}: {2} МВт";
        again: "What you typed, on top of plan {0}", "Введённое вами поверх плана {0}", "Сіз енгізген, {0} жоспарының үстінен";
        again_says: "Look it through, strike what is settled already, and save it as a change of the newer plan.", "Просмотрите, уберите уже решённое и сохраните как изменение более нового плана.", "Қарап шығыңыз, шешіліп қойғанын алып тастаңыз да, жаңарақ жоспардың өзгерісі ретінде сақтаңыз.";
        see: "See plan {0}", "Открыть план {0}", "{0} жоспарын ашу";
    }
}

/// A line as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub facility: String,
    /// From, on the clock of the page.
    pub from: String,
    /// Until.
    pub to: String,
    /// By so many MW.
    pub cut: String,
}

/// A facility that one of the two has changed, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Sides {
    /// Whose.
    pub facility: String,
    /// What both began with.
    pub began: Vec<Cut>,
    /// What was saved since; none where that is the same.
    pub theirs: Option<Vec<Cut>>,
    /// What was typed.
    pub yours: Vec<Line>,
}

impl Sides {
    /// Whether one would take back what the other has done.
    #[must_use]
    pub fn is_both(&self) -> bool {
        self.theirs.is_some() && !self.yours.is_empty()
    }
}

/// What was saved meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its digest.
    pub digest: String,
    /// By whom.
    pub author: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why; may be empty.
    pub comment: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "clash.html")]
pub struct Clash<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static ClashWords,
    /// Words of the page of a plan.
    pub p: &'static PlanWords,
    /// The plan both began with.
    pub began: &'a str,
    /// What was saved meanwhile.
    pub saved: Saved,
    /// Facility by facility.
    pub sides: Vec<Sides>,
    /// All lines of the form as they were typed.
    pub lines: Vec<Line>,
    /// Why, as it was typed.
    pub comment: &'a str,
}

impl Clash<'_> {
    fn short<'b>(&self, digest: &'b str) -> &'b str {
        digest.get(..8).unwrap_or(digest)
    }

    fn says(&self) -> String {
        let Saved { digest, author, at, .. } = &self.saved;
        fill(self.w.saved, &[author, self.short(digest), &self.frame.stamp(at), self.short(self.began)])
    }

    fn with(&self, text: &str) -> String {
        fill(text, &[self.short(&self.saved.digest)])
    }

    fn said(&self) -> String {
        fill(self.w.said, &[&self.saved.comment])
    }

    fn cuts(&self, cuts: &[Cut]) -> Vec<String> {
        let text = |cut: &Cut| {
            let (by, to) = (self.frame.mw(&cut.cut), self.frame.mw(&cut.limit));
            fill(self.p.to_limit, &[&by, &to, &self.frame.span(&cut.from, &cut.to)])
        };
        match cuts.is_empty() {
            true => vec![self.p.uncut.to_owned()],
            false => cuts.iter().map(text).collect(),
        }
    }

    fn typed(&self, line: &Line) -> String {
        let [from, to] = [&line.from, &line.to].map(|time| time.replace('T', " "));
        fill(self.w.cut, &[&from, &to, &line.cut])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;
    use kezek_model::units::Kw;

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(ClashWords::TABLE, &[]);
    }

    #[test]
    fn all_three_stand_side_by_side_and_what_was_typed_stands_in_the_form_again() {
        let frame = frame(Language::En);
        let cut = |cut| Cut {
            from: frame.now,
            to: frame.now + chrono::TimeDelta::hours(1),
            limit: Kw(2_000),
            cut: Kw(cut),
        };
        let line = Line {
            facility: "S<1>".into(),
            from: "2026-01-24T17:00".into(),
            to: "2026-01-24T18:00".into(),
            cut: "12,5".into(),
        };
        let side = |facility: &str, theirs: Option<Vec<Cut>>, yours: Vec<Line>| Sides {
            facility: facility.into(),
            began: vec![cut(4_000)],
            theirs,
            yours,
        };
        let page = Clash {
            frame: &frame,
            w: ClashWords::of(Language::En),
            p: PlanWords::of(Language::En),
            began: "0123456789",
            saved: Saved {
                digest: "abcdef0123".into(),
                author: "<Omarova>".into(),
                at: frame.now,
                comment: "less".into(),
            },
            sides: vec![side("S<1>", Some(vec![]), vec![line.clone()]), side("S2", None, vec![])],
            lines: vec![line, Line::default()],
            comment: "the <furnace>",
        };
        let html = page.render().unwrap();
        for said in [
            "&#60;Omarova&#62; saved plan abcdef01 at Sat 24 Jan 12:41, made from the same plan 01234567",
            "2026-01-24 17:00 – 2026-01-24 18:00: 12,5 MW",
            "action=\"/plans/abcdef0123/edit\"",
            "name=\"facility-1\" value=\"S&#60;1&#62;\"",
            "name=\"cut-1\" inputmode=\"decimal\" value=\"12,5\"",
            "the &#60;furnace&#62;</textarea>",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(html.matches("both changed it").count(), 1, "{html}");
        assert!(html.contains("name=\"facility-2\" value=\"\""), "{html}");
    }
}
