//! What a miner's page says, in three languages.

use crate::words;

words! {
    /// Words of the miner's page.
    MyWords {
        title: "Orders for {0}", "Распоряжения для {0}", "{0} нысанына өкімдер";
        none: "No order stands. Nothing limits your load.", "Действующих распоряжений нет. Нагрузка не ограничена.", "Күшінде өкім жоқ. Жүктемеңіз шектелмеген.";
        control_room: "Control room", "Диспетчерская", "Диспетчерлік";
        no_phone: "no telephone is set", "телефон не указан", "телефон көрсетілмеген";
        cut: "CUT", "СНИЖЕНИЕ", "КЕМІТУ";
        emergency: "EMERGENCY CUT", "АВАРИЙНОЕ СНИЖЕНИЕ", "АПАТТЫҚ КЕМІТУ";
        drill: "DRILL, moves no load", "УЧЕНИЕ, нагрузку не менять", "ЖАТТЫҒУ, жүктеме өзгермейді";
        recall: "WITHDRAWAL of an order", "ОТМЕНА распоряжения", "Өкімнің КҮШІН ЖОЮ";
        free: "FULL LOAD", "ПОЛНАЯ НАГРУЗКА", "ТОЛЫҚ ЖҮКТЕМЕ";
        order: "Order", "Распоряжение", "Өкім";
        waiting: "WAITING FOR YOUR ANSWER", "ЖДЁТ ВАШЕГО ОТВЕТА", "ЖАУАБЫҢЫЗДЫ КҮТУДЕ";
        late: "NOT ANSWERED IN TIME", "НЕТ ОТВЕТА В СРОК", "МЕРЗІМІНДЕ ЖАУАП БЕРІЛМЕДІ";
        accepted: "ACCEPTED", "ПРИНЯТО", "ҚАБЫЛДАНДЫ";
        refused: "REFUSED", "ОТКАЗ", "БАС ТАРТЫЛДЫ";
        in_effect: "IN EFFECT NOW", "ДЕЙСТВУЕТ СЕЙЧАС", "ҚАЗІР КҮШІНДЕ";
        above: "ABOVE THE LIMIT", "ВЫШЕ ПРЕДЕЛА", "ШЕКТЕН АСЫП ТҰР";
        left: "{0} left to answer", "на ответ осталось {0}", "жауап беруге {0} қалды";
        answer_by: "Answer by", "Ответить до", "Жауап мерзімі";
        from_to: "From {0} to {1} ({2})", "С {0} до {1} ({2})", "{0} бастап {1} дейін ({2})";
        reduce: "Reduce to {0} MW", "Снизить до {0} МВт", "{0} МВт-қа дейін кеміту";
        switch_off: "Reduce to {0} MW: switch off", "Снизить до {0} МВт: отключить", "{0} МВт-қа дейін кеміту: өшіру";
        rehearsed: "Rehearsed on paper only: {0} MW", "Отрабатывается только на словах: {0} МВт", "Тек сөз жүзінде жаттығу: {0} МВт";
        by_how_much: "(from {0}; cut {1})", "(с {0}; снижение {1})", "({0} деңгейінен; кеміту {1})";
        no_limit: "no limit in this time", "в это время предела нет", "бұл уақытта шек жоқ";
        after: "After", "После", "Содан кейін";
        back_to: "back to {0} MW from {1}, your slot; stay below the last limit until then", "вернуться к {0} МВт с {1}, ваш черёд; до того держать последний предел", "{1} бастап {0} МВт-қа оралу, кезегіңіз; оған дейін соңғы шекті ұстау";
        ramp: "not faster than {0} MW per hour", "не быстрее {0} МВт в час", "сағатына {0} МВт-тан жылдам емес";
        replaces: "Replaces", "Заменяет", "Орнына келген өкім";
        withdraws: "Withdraws", "Отменяет", "Күші жойылған өкім";
        replaced_by: "Replaced by", "Заменено на", "Алмастырған өкім";
        withdrawn_by: "Withdrawn by", "Отменено", "Күшін жойған өкім";
        why: "Why", "Почему", "Себебі";
        issued: "Issued", "Выдано", "Шығарылды";
        check_mark: "Check mark (compare by telephone)", "Контрольный знак (сверить по телефону)", "Бақылау белгісі (телефонмен салыстыру)";
        heard: "What the control room has heard", "Что известно диспетчерской", "Диспетчерлікке не белгілі";
        not_sent: "Not delivered to you yet.", "Вам ещё не доставлено.", "Сізге әлі жеткізілмеді.";
        relayed: "Your relay has it; nothing is heard of you yet.", "Ваш посредник получил; от вас пока ничего не слышно.", "Делдалыңыз алды; сізден әлі хабар жоқ.";
        delivered: "Delivered {0}.", "Доставлено {0}.", "Жеткізілді: {0}.";
        not_delivered: "COULD NOT BE DELIVERED: call the control room.", "ДОСТАВИТЬ НЕ УДАЛОСЬ: позвоните в диспетчерскую.", "ЖЕТКІЗІЛМЕДІ: диспетчерлікке қоңырау шалыңыз.";
        no_answer: "No answer of yours is known.", "Вашего ответа нет.", "Жауабыңыз жоқ.";
        said_accepted: "Your answer: accepted ({0}, {1}).", "Ваш ответ: принято ({0}, {1}).", "Жауабыңыз: қабылданды ({0}, {1}).";
        said_refused: "Your answer: refused ({0}, {1}): {2}", "Ваш ответ: отказ ({0}, {1}): {2}", "Жауабыңыз: бас тартылды ({0}, {1}): {2}";
        how: "How to answer", "Как ответить", "Қалай жауап беруге болады";
        how_text: "Your facility answers, signed with its own key: on the machine of its agent run one of these. This page cannot answer for you.", "Отвечает ваш объект, подписью своего ключа: на машине его агента выполните одну из команд. Эта страница за вас не отвечает.", "Жауапты нысаныңыз өз кілтімен қол қойып береді: оның агенті тұрған машинада бұйрықтардың бірін орындаңыз. Бұл бет сіз үшін жауап бермейді.";
        reason_here: "why", "причина", "себебі";
        your_name: "your name", "ваше имя", "атыңыз";
        paper: "Order on paper (PDF)", "Распоряжение для печати (PDF)", "Басып шығаруға арналған өкім (PDF)";
        code: "Code of the order: number and digest", "Код распоряжения: номер и отпечаток", "Өкім коды: нөмірі мен таңбасы";
        signed_file: "Signed order (JSON)", "Распоряжение с подписью (JSON)", "Қол қойылған өкім (JSON)";
        calendar: "Calendar file (ICS)", "Файл календаря (ICS)", "Күнтізбе файлы (ICS)";
        calendar_hint: "It does not renew itself: fetch it again when an order comes.", "Сам он не обновляется: после нового распоряжения скачайте снова.", "Өзі жаңармайды: жаңа өкім келгенде қайта жүктеңіз.";
        week: "Next 7 days", "Ближайшие 7 суток", "Келесі 7 тәулік";
        day: "Day", "Сутки", "Тәулік";
        limit: "At most, MW", "Не выше, МВт", "Ең көбі, МВт";
        at_most: "at most", "не выше", "ең көбі";
        no_order: "no order", "нет распоряжения", "өкім жоқ";
        past: "Orders of the last 30 days", "Распоряжения за 30 суток", "Соңғы 30 тәуліктегі өкімдер";
        kept: "{0} of {1} judged orders kept", "выполнено {0} из {1} оценённых", "бағаланған {1} өкімнің {0} орындалды";
        none_judged: "No order was judged yet.", "Оценённых распоряжений ещё нет.", "Бағаланған өкім әлі жоқ.";
        verdict: "By the meter", "По счётчику", "Есептеуіш бойынша";
        complying: "kept", "выполнено", "орындалды";
        breach: "above the limit", "выше предела", "шектен асты";
        unknown: "not known", "неизвестно", "белгісіз";
        so_far: "so far", "пока", "әзірге";
        never_held: "never in force", "не действовало", "күшіне енбеді";
        stands: "stands", "действует", "күшінде";
        over: "over", "завершено", "аяқталды";
        replaced: "replaced", "заменено", "алмастырылды";
        withdrawn: "withdrawn", "отменено", "күші жойылды";
        state: "State", "Состояние", "Күйі";
        meter: "Your meter", "Ваш счётчик", "Есептеуішіңіз";
        last_reading: "{0} MW in {1} ({2}), {3} ago", "{0} МВт за {1} ({2}), {3} назад", "{0} МВт, {1} ({2}), {3} бұрын";
        no_reading: "No reading of the last 7 days is known.", "За последние 7 суток показаний нет.", "Соңғы 7 тәулікте көрсетілім жоқ.";
        metered: "metered", "измерено", "өлшенген";
        estimated: "estimated", "оценка", "бағалау";
        bad: "known to be wrong", "заведомо неверно", "қате екені белгілі";
    }
}
