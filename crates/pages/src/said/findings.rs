//! What the check of a plan finds.

super::rows! {
    SENTENCES {
        "{rule~}: {place~}: found {found?}; expected {expected?}", "{rule~}: {place~}: есть {found?}; должно быть {expected?}", "{rule~}: {place~}: бары {found?}; болуы тиіс {expected?}";
        "and {more#} more", "и ещё {more#}", "және тағы {more#}";
    }
}

super::rows! {
    /// The rules, the places, what is and what should be.
    PARTS {
        "identity", "принадлежность", "тиесілігі";
        "rows", "строки", "жолдар";
        "nomination", "заявка", "өтінім";
        "limit", "предел", "шек";
        "tie", "связь зон", "аймақтар байланысы";
        "range", "допустимые снижения", "рұқсат етілген кеміту";
        "min-cut", "наименьшая длительность снижения", "кемітудің ең қысқа ұзақтығы";
        "max-cut", "наибольшая длительность снижения", "кемітудің ең ұзақ мерзімі";
        "min-gap", "перерыв между снижениями", "кемітулер арасындағы үзіліс";
        "max-events", "число снижений в сутки", "тәуліктегі кеміту саны";
        "max-hours", "часы под снижением", "кемітілген сағаттар";
        "notice", "срок уведомления", "ескерту мерзімі";
        "ramp", "скорость возврата нагрузки", "жүктемені қайтару жылдамдығы";
        "zone-restore", "предел возврата в зоне", "аймақтағы қайтару шегі";
        "standing-order", "постоянное распоряжение", "тұрақты өкім";
        "overridden", "что уступило", "не шегінгені";
        "zone-figure", "показатель зоны", "аймақ көрсеткіші";
        "total", "итог", "жиынтық";
        "objective", "целевая функция", "мақсатты функция";
        "stage", "ступень", "саты";
        "bound", "граница", "шекара";
        "gap", "разрыв", "алшақтық";
        "status", "состояние", "күйі";

        "plan", "план", "жоспар";
        "facility {facility}, {at@}", "объект {facility}, {at@}", "{facility} нысаны, {at@}";
        "zone {zone}, {at@}", "зона {zone}, {at@}", "{zone} аймағы, {at@}";
        "tie {tie}, {at@}", "связь {tie}, {at@}", "{tie} байланысы, {at@}";

        "cut {mw#} MW", "снижение {mw#} МВт", "кеміту {mw#} МВт";
        "nominated {mw#} MW", "заявлено {mw#} МВт", "өтінім {mw#} МВт";
        "limit {mw#} MW", "предел {mw#} МВт", "шек {mw#} МВт";
        "headroom {mw#} MW", "запас {mw#} МВт", "қор {mw#} МВт";
        "allocated {mw#} MW", "распределено {mw#} МВт", "бөлінгені {mw#} МВт";
        "import {mw#} MW", "приём {mw#} МВт", "қабылдау {mw#} МВт";
        "uncovered {mw#} MW", "не покрыто {mw#} МВт", "жабылмағаны {mw#} МВт";
        "{mw#} MW", "{mw#} МВт", "{mw#} МВт";
        "from {least#} to {most#} MW", "от {least#} до {most#} МВт", "{least#}–{most#} МВт";
        "nominated - cut = {mw#} MW", "заявка минус снижение = {mw#} МВт", "өтінім минус кеміту = {mw#} МВт";
        "{mw#} MW, which notice keeps", "{mw#} МВт, их сохраняет срок уведомления", "{mw#} МВт, оны ескерту мерзімі сақтайды";
        "at least {mw#} MW, by order {order}", "не менее {mw#} МВт по распоряжению {order}", "{order} өкімі бойынша кемінде {mw#} МВт";
        "at most {mw#} MW", "не более {mw#} МВт", "ең көбі {mw#} МВт";
        "at most {most#}", "не более {most#}", "ең көбі {most#}";
        "a net return of {mw#} MW", "возврат за вычетом снижений {mw#} МВт", "кемітуді шегергендегі қайтару {mw#} МВт";
        "a return of {mw#} MW", "возврат {mw#} МВт", "қайтару {mw#} МВт";
        "no cut: there is nothing to take", "без снижения: снижать нечего", "кемітусіз: кемітетін ештеңе жоқ";
        "no cut", "без снижения", "кемітусіз";
        "0, {least#} MW or more, or the full cut of {full#} MW", "0, от {least#} МВт или полное снижение {full#} МВт", "0, {least#} МВт бастап немесе толық кеміту {full#} МВт";
        "0, {least#} MW in blocks of {block#} MW or more, or the full cut of {full#} MW", "0, от {least#} МВт блоками по {block#} МВт или полное снижение {full#} МВт", "0, {least#} МВт бастап {block#} МВт блоктармен немесе толық кеміту {full#} МВт";
        "no reason", "без причины", "себепсіз";
        "a short text", "короткий текст", "қысқа мәтін";

        "a second row for {column~}", "вторая строка: {column~}", "екінші жол: {column~}";
        "a second row", "вторая строка", "екінші жол";
        "a row out of order", "строка не на своём месте", "жол өз орнында емес";
        "a row", "строка", "жол";
        "one row for every interval, in order", "по строке на интервал, по порядку", "әр аралыққа бір жол, ретімен";
        "one row", "одна строка", "бір жол";
        "no row: the rule did not give way there", "без строки: правило там не уступало", "жолсыз: ереже онда шегінген жоқ";
        "no row", "нет строки", "жол жоқ";
        "none: not in the case", "без неё: этого нет в задаче", "онсыз: ол тапсырмада жоқ";
        "none", "ничего", "ештеңе";
        "rows sorted by name, then time", "строки по имени, затем по времени", "жолдар аты, содан кейін уақыты бойынша";
        "a power beyond 10^9 MW", "мощность больше 10^9 МВт", "10^9 МВт асатын қуат";
        "{column~} by {cause}", "{column~}, причина: {cause}", "{column~}, себебі: {cause}";

        "the cut since {since@} until {until@}", "снижение с {since@} до {until@}", "{since@} бастап {until@} дейінгі кеміту";
        "an event that ends at {at@}", "снижение, которое кончается {at@}", "{at@} аяқталатын кеміту";
        "an event that starts", "снижение, которое начинается", "басталатын кеміту";
        "{at@} or later", "{at@} или позже", "{at@} немесе кейінірек";
        "{at@} or sooner", "{at@} или раньше", "{at@} немесе ертерек";
        "start {number} of {day}", "начало {number} за {day}", "{day}, {number}-бастау";
        "{hours#} hours under cut so far", "{hours#} ч под снижением к этому времени", "осы уақытқа дейін кемітілген {hours#} сағ";

        "nominated_mwh {mwh#}", "заявлено {mwh#} МВт·ч", "өтінім {mwh#} МВт·сағ";
        "cut_mwh {mwh#}", "снижение {mwh#} МВт·ч", "кеміту {mwh#} МВт·сағ";
        "uncovered_mwh {mwh#}", "не покрыто {mwh#} МВт·ч", "жабылмағаны {mwh#} МВт·сағ";
        "uncovered {mwh#}", "непокрытое {mwh#}", "жабылмағаны {mwh#}";
        "cost {money#}", "стоимость {money#}", "құны {money#}";
        "max_burden {share#}", "наибольшая нагрузка {share#}", "ең үлкен үлес {share#}";
        "burden {share#}", "нагрузка {share#}", "үлес {share#}";
        "events {count#}", "снижений {count#}", "кеміту саны {count#}";
        "gap of {stage~} {gap?}", "разрыв ({stage~}) {gap?}", "алшақтық ({stage~}) {gap?}";
        "bound of {stage~} {bound?}", "граница ({stage~}) {bound?}", "шекара ({stage~}) {bound?}";
        "uncovered", "непокрытое", "жабылмағаны";
        "burden", "нагрузка", "үлес";
        "cost", "стоимость", "құны";
        "{figure?}, of the last stage", "{figure?}, от последней ступени", "{figure?}, соңғы сатыдан";
        "Optimal with a gap of {gaps?}", "наилучший при разрыве {gaps?}", "ең жақсысы, алшақтығы {gaps?}";
        "WithinGap with a gap of {gaps?}", "в пределах разрыва при разрыве {gaps?}", "алшақтық шегінде, алшақтығы {gaps?}";
        "TimeLimit with a gap of {gaps?}", "по времени при разрыве {gaps?}", "уақыт бойынша, алшақтығы {gaps?}";
        "optimal", "наилучший", "ең жақсысы";
        "within-gap (of {gap#})", "в пределах разрыва ({gap#})", "алшақтық шегінде ({gap#})";
        "time-limit (the gap asked for is {gap#})", "по времени (запрошен разрыв {gap#})", "уақыт бойынша (сұралған алшақтық {gap#})";

        "a case without a digest", "задача без отпечатка", "таңбасыз тапсырма";
        "case_digest {digest}", "отпечаток задачи {digest}", "тапсырма таңбасы {digest}";
        "case {name}", "задача {name}", "{name} тапсырмасы";
        "no engine", "без версии", "нұсқасыз";
        "the version that made the plan", "версия, которой составлен план", "жоспар жасалған нұсқа";
        "policy {policy}", "правило {policy}", "{policy} ережесі";
        "parent {parent}", "предыдущий {parent}", "алдыңғысы {parent}";
        "null or 64 hexadecimal digits", "null или 64 шестнадцатеричные цифры", "null немесе 64 он алтылық цифр";
        "seconds {seconds#}", "секунд {seconds#}", "{seconds#} секунд";
        "zero or more", "ноль или больше", "нөл немесе одан көп";
        "uncertainty of a case with one future", "неопределённость при одном будущем", "жалғыз болашақтағы белгісіздік";
        "shortage of other intervals", "дефицит других интервалов", "басқа аралықтардың тапшылығы";
        "shortage at {at@} with probability {chance#}", "дефицит {at@} с вероятностью {chance#}", "{at@} тапшылығы, ықтималдығы {chance#}";
        "from 0 to {most#}", "от 0 до {most#}", "0 мен {most#} арасында";
        "scenarios {list}", "сценарии {list}", "сценарийлер {list}";
        "stages {list}", "ступени {list}", "сатылар {list}";
        "expected_objective {money#}", "ожидаемая целевая функция {money#}", "күтілетін мақсатты функция {money#}";
        "expected_uncovered_mwh {mwh#}", "ожидаемое непокрытое {mwh#} МВт·ч", "күтілетін жабылмағаны {mwh#} МВт·сағ";
        "cvar_uncovered_mwh {mwh#}", "непокрытое в худших случаях {mwh#} МВт·ч", "ең нашар жағдайлардағы жабылмағаны {mwh#} МВт·сағ";
    }
}
