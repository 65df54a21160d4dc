//! The words of reports, in three languages side by side.

use kezek_pages::words;

words! {
    /// Titles, axes and sentences of the figures.
    FigureWords {
        base: "base", "базовый", "негізгі";
        need: "Shortage before cuts, MW", "Дефицит до ограничений, МВт", "Шектеуге дейінгі тапшылық, МВт";
        uncovered: "Uncovered, MW", "Не покрыто, МВт", "Жабылмаған, МВт";
        band: "nine draws of ten", "девять розыгрышей из десяти", "он ұтыстың тоғызы";
        half: "half of the draws", "половина розыгрышей", "ұтыстың жартысы";
        median: "median", "медиана", "медиана";
        mean: "mean", "среднее", "орташа";
        scenario: "Scenario", "Сценарий", "Сценарий";
        day: "Day", "Сутки", "Тәулік";
        facility: "Facility", "Объект", "Нысан";
        zone: "Zone", "Зона", "Аймақ";
        percent: "Share of hours, %", "Доля часов, %", "Сағаттар үлесі, %";
        duration: "How long the shortage lasts, and what stays uncovered", "Сколько длится дефицит и сколько не покрыто", "Тапшылық қанша уақытқа созылады және қаншасы жабылмайды";
        hours: "reached or exceeded in so many % of the season's hours", "столько или больше — в такой доле часов сезона, %", "маусым сағаттарының осынша %-ында осы мәннен кем емес";
        duration_note: "{0}: power is short in about {1} % of the hours, by {2} MW at most; {3} MW at most stay uncovered (medians of {4} draws).", "{0}: дефицит примерно в {1} % часов, не более {2} МВт; не покрыто не более {3} МВт (медианы {4} розыгрышей).", "{0}: тапшылық сағаттардың шамамен {1} %-ында, ең көбі {2} МВт; жабылмағаны ең көбі {3} МВт ({4} ұтыстың медианасы).";
        cuts: "Who was cut when", "Кого и когда ограничивали", "Кім және қашан шектелді";
        cuts_day: "MWh cut in a day, mean of the draws", "снято за сутки, МВт·ч, среднее по розыгрышам", "тәулікте кемітілгені, МВт·сағ, ұтыстар бойынша орташа";
        cuts_week: "MWh cut in seven days from this day on, mean of the draws", "снято за семь суток с этой даты, МВт·ч, среднее по розыгрышам", "осы күннен бастап жеті тәулікте кемітілгені, МВт·сағ, ұтыстар бойынша орташа";
        cuts_note: "{0}: {1} is cut most, {2} MWh in the season (mean of {3} draws). Blank: nothing was cut.", "{0}: больше всех ограничен {1}, {2} МВт·ч за сезон (среднее по {3} розыгрышам). Пусто: не ограничивали.", "{0}: ең көп шектелгені {1}, маусымда {2} МВт·сағ ({3} ұтыстың орташасы). Бос ұяшық: шектелмеген.";
        season: "season", "сезон", "маусым";
        fan: "The day's highest shortage against what can be cut", "Наибольший дефицит суток и сколько можно снять", "Тәуліктің ең үлкен тапшылығы және қаншасын кемітуге болады";
        room: "can be cut at that hour, median", "можно снять в этот час, медиана", "сол сағатта кемітуге болатыны, медиана";
        room_mw: "Can be cut, MW", "Можно снять, МВт", "Кемітуге болады, МВт";
        fan_note: "{0}: on {1} of {2} days at least one draw of twenty is shorter of power than could be cut at that hour.", "{0}: в {1} из {2} суток хотя бы в одном розыгрыше из двадцати дефицит больше, чем можно снять в тот час.", "{0}: {2} тәуліктің {1}-інде жиырма ұтыстың кемінде бірінде тапшылық сол сағатта кемітуге болатыннан көп.";
        burden: "How the burden is distributed", "Как распределено бремя ограничений", "Шектеу ауыртпалығы қалай бөлінген";
        burden_across: "Burden: cut share of nominated energy, %", "Бремя: снятая доля заявленной энергии, %", "Ауыртпалық: мәлімделген энергияның кемітілген үлесі, %";
        burden_up: "Facilities and draws with at most this burden, %", "Объекты и розыгрыши с бременем не выше, %", "Ауыртпалығы осыдан аспайтын нысандар мен ұтыстар, %";
        burden_note: "{0}: half of the facilities lose at most {1} % of their energy, one of twenty more than {2} % (over {3} draws).", "{0}: половина объектов теряет не более {1} % энергии, один из двадцати — более {2} % (по {3} розыгрышам).", "{0}: нысандардың жартысы энергиясының {1} %-ынан аспайтынын, жиырмадан бірі {2} %-ынан көбін жоғалтады ({3} ұтыс бойынша).";
        waterfall: "What a scenario costs the miners", "Во что сценарий обходится майнерам", "Сценарий майнерлерге қаншаға түседі";
        miners_cost: "Miners' cost, {0}", "Издержки майнеров, {0}", "Майнерлер шығыны, {0}";
        energy: "more or less energy cut", "больше или меньше снятой энергии", "кемітілген энергия көп не аз";
        sharing: "who is cut, and events", "кого снимают и число событий", "кім шектеледі және оқиғалар саны";
        uncovered_mwh: "Uncovered, MWh", "Не покрыто, МВт·ч", "Жабылмаған, МВт·сағ";
        cost: "Cost", "Издержки", "Шығын";
        difference: "Difference", "Разница", "Айырма";
        waterfall_note: "From the miners' cost of {0} to that of each scenario, means of {1} draws. Energy is priced at the mean cost of a MWh in {0}; the rest is who is cut and how often. What stays uncovered costs miners nothing and stands apart.", "От издержек майнеров «{0}» к издержкам каждого сценария, средние по {1} розыгрышам. Энергия оценена по средней цене МВт·ч сценария «{0}»; остальное — кого и как часто снимают. Непокрытое майнерам ничего не стоит и показано отдельно.", "Майнерлердің «{0}» шығынынан әр сценарийдің шығынына дейін, {1} ұтыстың орташасы. Энергия «{0}» сценарийіндегі МВт·сағ орташа бағасымен бағаланған; қалғаны — кім және қаншалықты жиі шектеледі. Жабылмағаны майнерлерге ақша тұрмайды, бөлек көрсетілген.";
        losses: "A day's loss as miners count it, and as the operator does", "Потери суток: счёт майнеров и счёт оператора", "Тәуліктік шығын: майнерлер есебі және оператор есебі";
        income: "Income lost per day, {0}", "Потеря дохода за сутки, {0}", "Тәулікте жоғалған табыс, {0}";
        uncovered_day: "Uncovered per day, MWh", "Не покрыто за сутки, МВт·ч", "Тәулікте жабылмағаны, МВт·сағ";
        losses_note: "{0}: miners lose {1} {2} of income a day, and {3} MWh a day stay uncovered (means over the season of {4} draws).", "{0}: майнеры теряют {1} {2} дохода в сутки, не покрыто {3} МВт·ч в сутки (средние за сезон по {4} розыгрышам).", "{0}: майнерлер тәулігіне {1} {2} табыс жоғалтады, тәулігіне {3} МВт·сағ жабылмайды ({4} ұтыстың маусымдық орташасы).";
        zones: "Where power stays short", "Где не хватает мощности", "Қуат қай жерде жетпейді";
        zone_uncovered: "uncovered {0} MWh", "не покрыто {0} МВт·ч", "жабылмағаны {0} МВт·сағ";
        zone_cut: "cut {0} MWh", "снято {0} МВт·ч", "кемітілгені {0} МВт·сағ";
        zones_note: "{0}: {1} stays short most, by {2} MWh in the season (mean of {3} draws). The darker, the more is uncovered. Lines are ties; zones whose tie has room left could share out differently what is uncovered.", "{0}: больше всего не покрыто в зоне {1}, {2} МВт·ч за сезон (среднее по {3} розыгрышам). Чем темнее, тем больше не покрыто. Линии — перетоки; зоны, между которыми переток не исчерпан, могли бы разделить непокрытое иначе.", "{0}: ең көп жабылмаған аймақ {1}, маусымда {2} МВт·сағ ({3} ұтыстың орташасы). Қараңғырақ болса, жабылмағаны көбірек. Сызықтар — ағындар; ағыны толмаған аймақтар жабылмағанды басқаша бөлісе алар еді.";
        nominated_mwh: "Nominated, MWh", "Заявлено, МВт·ч", "Мәлімделген, МВт·сағ";
        uncovered_hours: "Hours uncovered", "Часы с непокрытым", "Жабылмаған сағаттар";
        zone_difference: "Uncovered, from the base", "Не покрыто, к базовому", "Жабылмағаны, негізгіге қарағанда";
        no_income: "The study states no income per MWh.", "Доход на МВт·ч в исследовании не задан.", "Зерттеуде бір МВт·сағ табысы берілмеген.";
        thousand: "thousand {0}", "тыс. {0}", "мың {0}";
        million: "million {0}", "млн {0}", "млн {0}";
        foot: "{0} · {1} draws · seed {2} · study {3} · Kezek {4}", "{0} · розыгрышей: {1} · начальное число {2} · исследование {3} · Kezek {4}", "{0} · {1} ұтыс · бастапқы сан {2} · зерттеу {3} · Kezek {4}";
    }
}

words! {
    /// Words of the page and of the workbook's first sheet.
    PageWords {
        report: "Report of a study", "Отчёт об исследовании", "Зерттеу есебі";
        study: "Study", "Исследование", "Зерттеу";
        digest: "Digest of the study", "Дайджест исследования", "Зерттеу дайджесті";
        engine: "Engine", "Движок", "Қозғалтқыш";
        seed: "Seed", "Начальное число", "Бастапқы сан";
        draws: "Draws", "Розыгрыши", "Ұтыстар";
        part: "{0} of {1} (part {2})", "{0} из {1} (часть {2})", "{1} ішінен {0} ({2} бөлігі)";
        gap: "Gap at which a day's plan ends, %", "Разрыв, при котором расчёт суток заканчивается, %", "Тәулік жоспары аяқталатын алшақтық, %";
        season: "Season", "Сезон", "Маусым";
        days: "{0}, {1} days", "{0}, суток: {1}", "{0}, {1} тәулік";
        time_zone: "Time zone", "Часовой пояс", "Уақыт белдеуі";
        interval: "Interval, h", "Интервал, ч", "Аралық, сағ";
        zones: "Zones", "Зоны", "Аймақтар";
        facilities: "Facilities", "Объекты", "Нысандар";
        currency: "Currency", "Валюта", "Валюта";
        income: "Income per MWh that was not cut", "Доход с МВт·ч, которую не сняли", "Кемітілмеген бір МВт·сағ табысы";
        scenarios: "Scenarios", "Сценарии", "Сценарийлер";
        summary: "What came of it", "Что получилось", "Нәтиже";
        metric: "Of a season", "За сезон", "Маусым бойынша";
        honest: "Mean ± half of its 95 % interval (Student's t over the draws); below it, between which values nine draws of ten lie.", "Среднее ± половина его 95-процентного интервала (t Стьюдента по розыгрышам); ниже — пределы девяти розыгрышей из десяти.", "Орташа ± 95 пайыздық аралығының жартысы (ұтыстар бойынша Стьюдент t); астында — он ұтыстың тоғызы жататын шектер.";
        single: "A single draw says nothing about chance: there are no intervals.", "Один розыгрыш ничего не говорит о случайности: интервалов нет.", "Бір ұтыс кездейсоқтық туралы ештеңе айтпайды: аралықтар жоқ.";
        differences: "Differences from {0}", "Отличия от сценария «{0}»", "«{0}» сценарийінен айырмалар";
        paired: "Mean of the draws' own differences ± half of its 95 % interval; every draw is the same future in all scenarios. In brackets: not told apart from chance.", "Среднее разностей по розыгрышам ± половина его 95-процентного интервала; розыгрыш — одно и то же будущее во всех сценариях. В скобках: неотличимо от случайности.", "Ұтыстардағы айырмалардың орташасы ± 95 пайыздық аралығының жартысы; әр ұтыс барлық сценарийде бір болашақ. Жақшада: кездейсоқтықтан ажыратылмайды.";
        worst: "Worst draw by uncovered energy", "Худший розыгрыш по непокрытой энергии", "Жабылмаған энергия бойынша ең нашар ұтыс";
        table: "as a table", "таблицей", "кесте түрінде";
        sheets: "Sheets", "Листы", "Парақтар";
        sheet_summary: "A row for every scenario and figure of a season: mean, half of the width of its 95 % interval, quantiles over the draws, the worst draw, and the mean paired difference from the base with half of its interval", "Строка на каждый сценарий и показатель сезона: среднее, половина ширины его 95-процентного интервала, квантили по розыгрышам, худший розыгрыш и средняя парная разность с базовым с половиной её интервала", "Әр сценарий мен маусым көрсеткішіне бір жол: орташа, 95 пайыздық аралық енінің жартысы, ұтыстар бойынша квантильдер, ең нашар ұтыс және негізгі сценарийден жұптық айырманың орташасы мен аралығының жартысы";
        sheet_days: "A row for every scenario, day and figure of a day: mean and quantiles over the draws", "Строка на каждый сценарий, сутки и показатель суток: среднее и квантили по розыгрышам", "Әр сценарий, тәулік және тәулік көрсеткішіне бір жол: ұтыстар бойынша орташа мен квантильдер";
        sheet_facilities: "A row for every scenario and facility: means, and quantiles of its burden over the draws", "Строка на каждый сценарий и объект: средние и квантили бремени по розыгрышам", "Әр сценарий мен нысанға бір жол: орташалар және ұтыстар бойынша ауыртпалық квантильдері";
        sheet_zones: "A row for every scenario, zone and figure of the season: the columns of Summary", "Строка на каждый сценарий, зону и показатель сезона: столбцы листа Summary", "Әр сценарий, аймақ және маусым көрсеткішіне бір жол: Summary парағының бағандары";
        sheet_draws: "A row for every scenario and draw: all figures of the season", "Строка на каждый сценарий и розыгрыш: все показатели сезона", "Әр сценарий мен ұтысқа бір жол: маусымның барлық көрсеткіші";
        units: "Units stand in the names of columns and figures: kW, MW of power, kWh, MWh of energy; days are civil days of the time zone above; money is in the currency above, cents are hundredths of it; ppm are millionths.", "Единицы стоят в именах столбцов и показателей: kw, mw — мощность, kwh, mwh — энергия; сутки — гражданские сутки указанного пояса; деньги в указанной валюте, cents — её сотые; ppm — миллионные доли.", "Бірліктер баған мен көрсеткіш атауларында тұр: kw, mw — қуат, kwh, mwh — энергия; тәулік — көрсетілген белдеудің азаматтық тәулігі; ақша көрсетілген валютамен, cents — оның жүзден бірі; ppm — миллионнан бір бөлік.";
        seasons: "Figures of a season", "Показатели сезона", "Маусым көрсеткіштері";
        of_days: "Figures of a day", "Показатели суток", "Тәулік көрсеткіштері";
        form: "Version of the tables", "Версия таблиц", "Кестелер нұсқасы";
    }
}

words! {
    /// What the figures of a season are, by the key of their metric. Money stands where the place is.
    MetricWords {
        need_mwh: "Shortage before cuts, MWh", "Дефицит до ограничений, МВт·ч", "Шектеуге дейінгі тапшылық, МВт·сағ";
        cut_mwh: "Cut, MWh", "Снято, МВт·ч", "Кемітілді, МВт·сағ";
        uncovered_mwh: "Uncovered, MWh", "Не покрыто, МВт·ч", "Жабылмаған, МВт·сағ";
        uncovered_peak_mw: "Highest uncovered, MW", "Наибольшая непокрытая мощность, МВт", "Ең үлкен жабылмаған қуат, МВт";
        short_hours: "Hours with a shortage", "Часы с дефицитом", "Тапшылық сағаттары";
        events: "Events", "События", "Оқиғалар";
        orders: "Orders (facility and day)", "Распоряжения (объект и сутки)", "Өкімдер (нысан мен тәулік)";
        miners_cost: "Miners' cost, {0}", "Издержки майнеров, {0}", "Майнерлер шығыны, {0}";
        income_lost: "Income lost, {0}", "Потеря дохода, {0}", "Жоғалған табыс, {0}";
        income_lost_per_day: "Income lost per day, {0}", "Потеря дохода за сутки, {0}", "Тәулікте жоғалған табыс, {0}";
        highest_burden_percent: "Highest burden, %", "Наибольшее бремя, %", "Ең үлкен ауыртпалық, %";
        burden_spread_points: "Spread of burdens, points", "Разброс бремени, п. п.", "Ауыртпалық айырмасы, п. т.";
        plans_ended_by_work: "Days whose plan ended by work, not by its gap", "Сутки, расчёт которых закончен по счёту работы, а не по разрыву", "Есебі алшақтықпен емес, жұмыс мөлшерімен аяқталған тәуліктер";
    }
}

words! {
    /// What the figures of a day are, by their names.
    DayWords {
        need_kwh: "Shortage if nobody were cut, ties at their best", "Дефицит без ограничений при наилучшем использовании перетоков", "Ешкім шектелмесе, ағындар ең тиімді пайдаланылғандағы тапшылық";
        need_peak_kw: "The greatest of it", "Наибольший из него", "Оның ең үлкені";
        room_kw: "What could be cut in the interval of the greatest shortage", "Сколько можно было снять в интервале наибольшего дефицита", "Ең үлкен тапшылық аралығында кемітуге болатыны";
        nominated_kwh: "Nominated", "Заявлено", "Мәлімделген";
        cut_kwh: "Cut", "Снято", "Кемітілген";
        foreseen_uncovered_kwh: "Uncovered in the plan of the day before", "Не покрыто по плану, составленному накануне", "Алдыңғы күнгі жоспар бойынша жабылмаған";
        uncovered_kwh: "Uncovered as it came", "Не покрыто фактически", "Іс жүзінде жабылмаған";
        uncovered_peak_kw: "The greatest of it", "Наибольшее из него", "Оның ең үлкені";
        short_minutes: "Minutes with a shortage if nobody were cut", "Минуты с дефицитом без ограничений", "Шектеусіз тапшылық минуттары";
        events: "Events that began", "Начавшиеся события", "Басталған оқиғалар";
        orders: "Facilities with an order", "Объекты с распоряжением", "Өкім алған нысандар";
        cost_cents: "Cost of cuts and events to the miners", "Издержки майнеров от ограничений и событий", "Майнерлердің шектеу мен оқиғалардан шығыны";
        gap_ppm: "Proven gap of the plan", "Доказанный разрыв плана", "Жоспардың дәлелденген алшақтығы";
        ended_by_work: "1 where the plan ended by counted work and not by its gap", "1, если расчёт закончен по счёту работы, а не по разрыву", "Есеп алшақтықпен емес, жұмыс мөлшерімен аяқталса — 1";
    }
}

/// Finds a word of a table by its key; the key itself where there is none.
#[must_use]
pub fn by_key(
    table: &'static [(&'static str, [&'static str; 3])],
    key: &'static str,
    language: crate::Language,
) -> &'static str {
    let place = match language {
        crate::Language::En => 0,
        crate::Language::Ru => 1,
        crate::Language::Kk => 2,
    };
    table.iter().find(|(own, _)| *own == key).map_or(key, |(_, words)| words[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::ink::has_shapes;
    use kezek_pages::words::judge;
    use kezek_study::lab::compare::METRICS;
    use kezek_study::lab::outcome::DAY_FIGURES;

    const TABLES: [&[(&str, [&str; 3])]; 4] =
        [FigureWords::TABLE, PageWords::TABLE, MetricWords::TABLE, DayWords::TABLE];

    #[test]
    fn every_word_is_translated_and_every_letter_has_its_shape() {
        for table in TABLES {
            judge(table, &[]);
            let strange: Vec<&str> =
                table.iter().flat_map(|own| own.1).filter(|word| !has_shapes(word)).collect();
            assert!(strange.is_empty(), "{strange:?}");
        }
    }

    #[test]
    fn every_figure_is_explained() {
        let keys = |table: &[(&'static str, [&str; 3])]| table.iter().map(|own| own.0).collect::<Vec<_>>();
        assert_eq!(keys(MetricWords::TABLE), METRICS.map(|metric| metric.key));
        assert_eq!(keys(DayWords::TABLE), DAY_FIGURES);
    }
}
