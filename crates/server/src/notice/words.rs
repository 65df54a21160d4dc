//! The words of the three languages; `{0}`, `{1}` ... are the places of figures.

use kezek_model::order::OrderKind;
use kezek_model::registry::Language;

/// One language.
pub(super) struct Words {
    pub(super) drill: &'static str,
    pub(super) emergency: &'static str,
    /// Limit, cut, from, until.
    pub(super) reduce: &'static str,
    /// How many.
    pub(super) more: &'static str,
    pub(super) returns: &'static str,
    /// From, until.
    pub(super) free: &'static str,
    /// Which order.
    pub(super) recalled: &'static str,
    pub(super) replaces: &'static str,
    pub(super) zone: &'static str,
    pub(super) confirm_by: &'static str,
    pub(super) call: &'static str,
    pub(super) check: &'static str,
    limit_title: &'static str,
    recall_title: &'static str,
    pub(super) reason: &'static str,
    pub(super) basis: &'static str,
    pub(super) condition: &'static str,
    pub(super) issuer: &'static str,
    pub(super) signatory: &'static str,
    pub(super) facility: &'static str,
    pub(super) not_the_order: &'static str,
}

impl Words {
    pub(super) fn title(&self, kind: OrderKind) -> &'static str {
        match kind {
            OrderKind::Limit => self.limit_title,
            OrderKind::Recall => self.recall_title,
        }
    }
}

pub(super) fn of(language: Language) -> &'static Words {
    match language {
        Language::Kk => &KK,
        Language::Ru => &RU,
        Language::En => &EN,
    }
}

const EN: Words = Words {
    drill: "DRILL, move no load.",
    emergency: "EMERGENCY.",
    reduce: "Reduce to {0} MW (cut {1} MW) from {2} until {3}.",
    more: "And {0} more steps: call.",
    returns: "Return not before {0}.",
    free: "No limit from {0} until {1}.",
    recalled: "Order {0} is WITHDRAWN; what held before it holds again.",
    replaces: "Replaces {0}.",
    zone: "Local time: {0}.",
    confirm_by: "Confirm by {0}.",
    call: "Call {0}.",
    check: "Check {0}.",
    limit_title: "order to limit load",
    recall_title: "order withdrawn",
    reason: "Reason",
    basis: "Legal basis",
    condition: "Condition",
    issuer: "Issued by",
    signatory: "Signed by",
    facility: "Facility",
    not_the_order: "This message is not the signed order, and anybody could have written it. Before you act on it alone, \
                    call the control room at the number you know and compare the check.",
};

const RU: Words = Words {
    drill: "УЧЕНИЕ, нагрузку не менять.",
    emergency: "АВАРИЙНО.",
    reduce: "Снизить потребление до {0} МВт (на {1} МВт) с {2} до {3}.",
    more: "Ещё ступеней: {0}, уточните по телефону.",
    returns: "Вернуть нагрузку не ранее {0}.",
    free: "Без ограничения с {0} до {1}.",
    recalled: "Распоряжение {0} ОТМЕНЕНО; снова действует то, что было до него.",
    replaces: "Взамен распоряжения {0}.",
    zone: "Время местное: {0}.",
    confirm_by: "Подтвердить до {0}.",
    call: "Тел. {0}.",
    check: "Контрольные знаки: {0}.",
    limit_title: "распоряжение об ограничении потребления",
    recall_title: "распоряжение отменено",
    reason: "Причина",
    basis: "Основание",
    condition: "Условие",
    issuer: "Кем выдано",
    signatory: "Подписано",
    facility: "Объект",
    not_the_order: "Это сообщение не является подписанным распоряжением, и написать его мог кто угодно. Прежде чем \
                    действовать только по нему, позвоните диспетчеру по известному вам номеру и сверьте контрольные \
                    знаки.",
};

const KK: Words = Words {
    drill: "ОҚУ-ЖАТТЫҒУ, жүктемені өзгертпеңіз.",
    emergency: "АПАТТЫҚ ЖАҒДАЙ.",
    reduce: "Тұтынуды {0} МВт-қа түсіріңіз ({1} МВт кем): басы {2}, соңы {3}.",
    more: "Тағы {0} қадам бар: қоңырау шалыңыз.",
    returns: "Жүктемені қайтару ең ерте: {0}.",
    free: "Шектеу жоқ: басы {0}, соңы {1}.",
    recalled: "{0} өкімінің КҮШІ ЖОЙЫЛДЫ; оған дейінгісі қайта күшіне енді.",
    replaces: "{0} өкімінің орнына.",
    zone: "Жергілікті уақыт: {0}.",
    confirm_by: "Растау мерзімі: {0}.",
    call: "Тел. {0}.",
    check: "Белгісі: {0}.",
    limit_title: "тұтынуды шектеу туралы өкім",
    recall_title: "өкімнің күші жойылды",
    reason: "Себебі",
    basis: "Негіздеме",
    condition: "Шарты",
    issuer: "Шығарған",
    signatory: "Қол қойған",
    facility: "Нысан",
    not_the_order: "Бұл хабарлама қол қойылған өкім емес, оны кез келген адам жаза алады. Тек осыған сүйеніп әрекет етпес \
                    бұрын диспетчерге өзіңіз білетін нөмір бойынша қоңырау шалып, белгіні салыстырыңыз.",
};
