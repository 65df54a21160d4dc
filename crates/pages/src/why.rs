//! Why a plan cuts a facility, or spares it: price, place, rule, who else, how much headroom more.

mod facts;

use askama::Template;

use crate::figures::{fill, number};
use crate::frame::Frame;
use crate::words;

pub use facts::{Cause, Caused, Headroom, Instead, Place, Rule, Span};

words! {
    /// Words of the why-page.
    WhyWords {
        title: "Why {0}, zone {1}", "Почему {0}, зона {1}", "Неліктен {0}, {1} аймағы";
        plan: "Plan {0}", "План {0}", "{0} жоспары";
        whole: "Cut over the whole plan: {0} MWh.", "Снижение за весь план: {0} МВт·ч.", "Бүкіл жоспар бойынша кеміту: {0} МВт·сағ.";
        burden: "Its burden: {0} % of its energy.", "Его нагрузка: {0} % его энергии.", "Оның үлесі: энергиясының {0} %-ы.";
        never: "It is never cut in this plan. Name an hour to see why it is spared then.", "В этом плане не снижается. Укажите час, чтобы узнать почему.", "Бұл жоспарда кемітілмейді. Себебін білу үшін сағатты көрсетіңіз.";
        cut: "cut {0} MWh, up to {1} MW", "снижение {0} МВт·ч, до {1} МВт", "кеміту {0} МВт·сағ, {1} МВт-қа дейін";
        uncut: "not cut", "без снижения", "кемітусіз";
        price: "A MWh more of headroom in its zone is worth {0} {1}.", "Лишний МВт·ч запаса в его зоне стоит {0} {1}.", "Аймағындағы қосымша 1 МВт·сағ қордың құны {0} {1}.";
        merit: "Place {0} of {1} in the merit order of its zone ({2} {3}/MWh); {4} before it are cut.", "Место {0} из {1} по дешевизне в зоне ({2} {3}/МВт·ч); из стоящих раньше снижаются: {4}.", "Аймақта арзандығы бойынша {1} ішінде {0}-орын ({2} {3}/МВт·сағ); алдындағылардан кемітілетіні: {4}.";
        burdens: "Place {0} of {1} in the order of burdens of its zone ({2} %); {4} before it are cut.", "Место {0} из {1} по нагрузке в зоне ({2} %); из стоящих раньше снижаются: {4}.", "Аймақта үлесі бойынша {1} ішінде {0}-орын ({2} %); алдындағылардан кемітілетіні: {4}.";
        protected: "It is protected: never cut.", "Защищён: не снижается никогда.", "Қорғалған: ешқашан кемітілмейді.";
        not_entitled: "It has no licence in this time.", "В это время нет лицензии.", "Бұл уақытта лицензиясы жоқ.";
        no_room: "Nothing is above its floor.", "Выше технического минимума ничего нет.", "Техникалық минимумнан жоғары ештеңе жоқ.";
        notice: "Notice has not passed: what was ordered stays.", "Срок уведомления не истёк: остаётся как распорядились.", "Ескерту мерзімі өтпеді: бұрынғы өкім күшінде қалады.";
        order: "Standing order {0} demands {1} MW.", "Постоянное распоряжение {0} требует {1} МВт.", "{0} тұрақты өкімі {1} МВт талап етеді.";
        forced: "A rule forces the cut; without any one of these it could be spared for nothing: {0}.", "Снижения требует правило; без любого из этих его можно было бы избежать даром: {0}.", "Кемітуді ереже талап етеді; мыналардың кез келгенінсіз одан тегін құтылуға болар еді: {0}.";
        forced_together: "Several rules together force the cut.", "Снижения требуют несколько правил вместе.", "Кемітуді бірнеше ереже бірге талап етеді.";
        needed: "It is needed: without it {0} MW would stay uncovered, all others staying.", "Оно необходимо: без него при прочих равных не покрыто {0} МВт.", "Ол қажет: онсыз, өзгелері сол күйінде, {0} МВт жабылмай қалады.";
        chance: "Sparing it would cost nothing: plans that are as good differ in it.", "Обойтись без него ничего не стоит: равноценные планы в этом различаются.", "Онсыз да болады: тең жоспарлар осымен ерекшеленеді.";
        spared: "A rule spares it; without any one of these a cut would pay: {0}.", "Его бережёт правило; без любого из этих снижение окупилось бы: {0}.", "Оны ереже қорғайды; мыналардың кез келгенінсіз кеміту тиімді болар еді: {0}.";
        headroom: "The zone has headroom for all.", "В зоне запаса хватает всем.", "Аймақта қор бәріне жетеді.";
        too_dear: "At the prices of its zone no cut of it pays.", "При ценах зоны его снижение не окупается.", "Аймақ бағасымен оны кеміту тиімсіз.";
        margin: "It stands at the margin: others cover.", "Он на грани: покрывают другие.", "Ол шекарада тұр: өзгелері жабады.";
        instead: "Instead", "Вместо него", "Оның орнына";
        nobody: "Nobody could: rules hold this cut whatever the others do.", "Никто: правила требуют этого снижения, что бы ни делали другие.", "Ешкім: өзгелері не істесе де, ережелер бұл кемітуді талап етеді.";
        not_found: "No plan without this cut was found that keeps all rules.", "Плана без этого снижения, соблюдающего все правила, не найдено.", "Барлық ережені сақтайтын, осы кемітусіз жоспар табылмады.";
        takers: "{0} would be cut more.", "Сильнее снизились бы: {0}.", "Көбірек кемітілер еді: {0}.";
        no_takers: "Nobody has to be cut more.", "Никого не пришлось бы снижать сильнее.", "Ешкімді көбірек кемітудің қажеті болмас еді.";
        short: "{0} MWh more would stay uncovered.", "Не покрыто стало бы больше на {0} МВт·ч.", "Жабылмағаны {0} МВт·сағ артар еді.";
        costs: "That would cost {0} {1} more ({2}).", "Это стоило бы на {0} {1} больше ({2}).", "Бұл {0} {1} қымбатырақ болар еді ({2}).";
        proven: "proven", "доказано", "дәлелденген";
        best_found: "the best found", "лучшее из найденного", "табылғанның ең жақсысы";
        more: "Headroom", "Запас", "Қор";
        none_needed: "No more is needed: a plan as good spares it here.", "Больше не нужно: есть равноценный план, где его здесь берегут.", "Артық қажет емес: тең жоспар оны мұнда қорғайды.";
        at_most: "{0} MW more in its zone in this hour would have spared it.", "Его уберегли бы лишние {0} МВт в зоне в этот час.", "Осы сағатта аймақта {0} МВт артық болса, кемітілмес еді.";
        no_headroom: "No headroom of its zone in this hour alone would have spared it.", "Один только запас зоны в этот час его не уберёг бы.", "Осы сағаттағы аймақ қоры ғана оны құтқара алмас еді.";
        none_found: "No headroom was found that spares it.", "Запаса, который его уберёг бы, не найдено.", "Оны құтқаратын қор табылмады.";
        ask: "Ask", "Спросить", "Сұрау";
        facility: "Facility", "Объект", "Нысан";
        hour: "In the hour of (empty: all its cuts)", "В час (пусто: все его снижения)", "Сағаты (бос болса: барлық кемітуі)";
        patience: "The case is planned again for this; it may take some seconds.", "Для ответа план составляется заново; это займёт несколько секунд.", "Жауап үшін жоспар қайта жасалады; бірнеше секунд кетеді.";
    }
}

words! {
    /// The rules that may force or spare.
    RuleWords {
        shortest: "shortest event", "наименьшая длительность снижения", "кемітудің ең қысқа ұзақтығы";
        longest: "longest event", "наибольшая длительность снижения", "кемітудің ең ұзақ мерзімі";
        gap: "time between events", "перерыв между снижениями", "кемітулер арасындағы үзіліс";
        events: "events a day", "число снижений в сутки", "тәуліктегі кеміту саны";
        hours: "hours under cut", "часы под снижением", "кемітілген сағаттар";
        ramp: "return of load", "скорость возврата нагрузки", "жүктемені қайтару жылдамдығы";
        restore: "return of load in the zone", "предел возврата в зоне", "аймақтағы қайтару шегі";
        block: "blocks", "блоки", "блоктар";
        least: "smallest cut", "наименьшее снижение", "ең аз кеміту";
        event_cost: "the cost of an event", "стоимость снижения", "кеміту құны";
    }
}

/// Why a facility is cut, or spared.
#[derive(Debug, Template)]
#[template(path = "why.html")]
pub struct WhyPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Its words.
    pub w: &'static WhyWords,
    /// Digest of the plan.
    pub digest: &'a str,
    /// Whose.
    pub facility: String,
    /// In which zone.
    pub zone: String,
    /// Money.
    pub currency: String,
    /// Energy cut over the plan, in MWh.
    pub cut_mwh: f64,
    /// The share of its energy that is cut, in %.
    pub burden: Option<f64>,
    /// The interval that was asked for, or its events.
    pub spans: Vec<Span>,
}

impl WhyPage<'_> {
    fn title(&self) -> String {
        fill(self.w.title, &[&self.facility, &self.zone])
    }

    fn plan(&self) -> String {
        fill(self.w.plan, &[crate::plans::short(self.digest)])
    }

    fn whole(&self) -> String {
        let cut = fill(self.w.whole, &[&self.frame.tenth(&self.cut_mwh)]);
        let burden = self.burden.map(|share| fill(self.w.burden, &[&self.frame.tenth(&share)]));
        [Some(cut), burden].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn money(&self, value: f64) -> String {
        number(value, 2, self.frame.language)
    }

    fn heading(&self, span: &Span) -> String {
        let when = self.frame.span(&span.from, &span.to);
        let cut = match span.peak_mw > 0.0 {
            true => fill(self.w.cut, &[&self.frame.tenth(&span.cut_mwh), &self.frame.tenth(&span.peak_mw)]),
            false => self.w.uncut.into(),
        };
        format!("{when}: {cut}")
    }

    fn price(&self, span: &Span) -> String {
        fill(self.w.price, &[&self.money(span.price), &self.currency])
    }

    fn place(&self, place: &Place) -> String {
        let (text, figure) = match place.is_merit {
            true => (self.w.merit, self.money(place.figure)),
            false => (self.w.burdens, self.frame.tenth(&(place.figure * 100.0))),
        };
        let numbers = [place.place, place.of, place.before_cut].map(|number| number.to_string());
        fill(text, &[&numbers[0], &numbers[1], &figure, &self.currency, &numbers[2]])
    }

    fn rules(&self, rules: &[Rule]) -> String {
        let w = RuleWords::of(self.frame.language);
        let word = |rule: &Rule| match rule {
            Rule::Shortest => w.shortest,
            Rule::Longest => w.longest,
            Rule::Gap => w.gap,
            Rule::Events => w.events,
            Rule::Hours => w.hours,
            Rule::Ramp => w.ramp,
            Rule::Restore => w.restore,
            Rule::Block => w.block,
            Rule::Least => w.least,
            Rule::EventCost => w.event_cost,
        };
        rules.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    fn cause(&self, caused: &Caused, is_several: bool) -> String {
        let w = self.w;
        let text = match &caused.cause {
            Cause::Protected => w.protected.into(),
            Cause::NotEntitled => w.not_entitled.into(),
            Cause::NoRoom => w.no_room.into(),
            Cause::Notice => w.notice.into(),
            Cause::Order { number, mw } => fill(w.order, &[number, &self.frame.tenth(mw)]),
            Cause::Forced(rules) => fill(w.forced, &[&self.rules(rules)]),
            Cause::ForcedTogether => w.forced_together.into(),
            Cause::Needed { mw } => fill(w.needed, &[&self.frame.tenth(mw)]),
            Cause::Chance => w.chance.into(),
            Cause::Spared(rules) => fill(w.spared, &[&self.rules(rules)]),
            Cause::Headroom => w.headroom.into(),
            Cause::TooDear => w.too_dear.into(),
            Cause::Margin => w.margin.into(),
        };
        match is_several {
            true => format!("{}: {text}", self.frame.span(&caused.from, &caused.to)),
            false => text,
        }
    }

    fn instead(&self, instead: &Instead) -> Vec<String> {
        let w = self.w;
        if instead.possible != Some(true) {
            return vec![if instead.possible.is_some() { w.nobody } else { w.not_found }.into()];
        }
        let taker = |(facility, mwh): &(String, f64)| {
            format!("{facility} +{} {}", self.frame.tenth(mwh), self.frame.words().mwh)
        };
        let takers: Vec<String> = instead.takers.iter().take(5).map(taker).collect();
        let who = if takers.is_empty() { w.no_takers.into() } else { fill(w.takers, &[&takers.join(", ")]) };
        let short = (instead.uncovered_more_mwh > 0.05)
            .then(|| fill(w.short, &[&self.frame.tenth(&instead.uncovered_more_mwh)]));
        let found = instead.cost_found.unwrap_or_default();
        let is_proven = instead.cost_at_least.is_some_and(|least| found - least < 0.01);
        let how = if is_proven { w.proven } else { w.best_found };
        let cost = fill(w.costs, &[&self.money(found), &self.currency, how]);
        [Some(who), short, Some(cost)].into_iter().flatten().collect()
    }

    fn headroom(&self, headroom: &Headroom) -> String {
        match headroom.at_most_mw {
            Some(mw) if mw <= 0.0 => self.w.none_needed.into(),
            Some(mw) => fill(self.w.at_most, &[&number(mw, 3, self.frame.language)]),
            None if headroom.proven => self.w.no_headroom.into(),
            None => self.w.none_found.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use kezek_model::registry::Language;

    fn span(frame: &Frame, cause: Cause) -> Span {
        let (from, to) = (frame.now, frame.now + chrono::TimeDelta::hours(1));
        Span {
            from,
            to,
            cut_mwh: 18.0,
            peak_mw: 18.0,
            price: 41.5,
            place: Some(Place { is_merit: true, figure: 12.0, place: 4, of: 21, before_cut: 3 }),
            causes: vec![Caused { from, to, cause }],
            instead: Some(Instead {
                possible: Some(true),
                cost_at_least: None,
                cost_found: Some(120.0),
                uncovered_more_mwh: 2.5,
                takers: vec![("<S2>".into(), 15.5)],
            }),
            headroom: Some(Headroom { at_most_mw: Some(3.25), proven: false }),
        }
    }

    #[test]
    fn words_are_translated() {
        crate::words::tests::judge(WhyWords::TABLE, &[]);
        crate::words::tests::judge(RuleWords::TABLE, &[]);
    }

    #[test]
    fn every_part_of_the_answer_is_said_in_the_language_of_the_page() {
        let frame = frame(Language::Ru);
        let cause = Cause::Forced(vec![Rule::Block, Rule::Gap]);
        let page = WhyPage {
            frame: &frame,
            w: WhyWords::of(frame.language),
            digest: "0123456789",
            facility: "S-017".into(),
            zone: "South".into(),
            currency: "KZT".into(),
            cut_mwh: 90.0,
            burden: Some(5.94),
            spans: vec![span(&frame, cause)],
        };
        let html = page.render().unwrap();
        for text in [
            "Почему S-017, зона South",
            "План 01234567",
            "5,9 % его энергии",
            "снижение 18,0 МВт·ч, до 18,0 МВт",
            "Место 4 из 21 по дешевизне в зоне (12,00 KZT/МВт·ч); из стоящих раньше снижаются: 3",
            "блоки, перерыв между снижениями",
            "&#60;S2&#62; +15,5 МВт·ч",
            "не покрыто стало бы больше на 2,5 МВт·ч",
            "лучшее из найденного",
            "лишние 3,250 МВт",
        ] {
            assert!(html.to_lowercase().contains(&text.to_lowercase()), "{text}: {html}");
        }
    }
}
