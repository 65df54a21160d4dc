//! What the control room warns people of.

super::rows! {
    SENTENCES {
        "{name} of {facility} cannot be told of order {order} at {to}: {reason?}. Call.", "{name}, {facility}: о распоряжении {order} не сообщить на {to}: {reason?}. Позвоните.", "{name}, {facility}: {order} өкімі туралы {to} арқылы хабарлау мүмкін емес: {reason?}. Қоңырау шалыңыз.";
        "Order {order} cannot reach {facility}: {reason?}. Mend it and send again, or call.", "Распоряжение {order} не доходит до {facility}: {reason?}. Исправьте и отправьте снова или позвоните.", "{order} өкімі {facility} нысанына жетпейді: {reason?}. Түзетіп, қайта жіберіңіз немесе қоңырау шалыңыз.";
        "{facility} has no address: order {order} cannot be sent. Enrol the facility, or call it.", "У {facility} нет адреса: распоряжение {order} не отправить. Подключите объект или позвоните.", "{facility} нысанының мекенжайы жоқ: {order} өкімін жіберу мүмкін емес. Нысанды қосыңыз немесе қоңырау шалыңыз.";
        "Issuing has stopped: {why~}. Two people must resume it.", "Выдача остановлена: {why~}. Возобновить должны двое.", "Өкім шығару тоқтады: {why~}. Екі адам жалғастыруы тиіс.";
        "Order {order} holds again but never arrived at {facility}, and a newer one has left. Call, and plan anew.", "Распоряжение {order} снова действует, но до {facility} не дошло, а более новое уже ушло. Позвоните и составьте план заново.", "{order} өкімі қайта күшіне енді, бірақ {facility} нысанына жетпеген, ал жаңасы жіберілген. Қоңырау шалып, қайта жоспарлаңыз.";
        "{facility} draws {mw#} MW under order {order}, which allows {limit#} MW. Call it.", "{facility} потребляет {mw#} МВт, а распоряжение {order} допускает {limit#} МВт. Позвоните.", "{facility} {mw#} МВт тұтынады, ал {order} өкімі {limit#} МВт рұқсат етеді. Қоңырау шалыңыз.";
        "{facility} refuses order {order}: {reason}. Call it.", "{facility} отказывается исполнять распоряжение {order}: {reason}. Позвоните.", "{facility} {order} өкімін орындаудан бас тартты: {reason}. Қоңырау шалыңыз.";
        "The driver of {facility} failed on order {order}; what held before holds. Call it.", "Исполнительное устройство {facility} не справилось с распоряжением {order}; действует прежнее. Позвоните.", "{facility} атқарушы құрылғысы {order} өкімін орындай алмады; бұрынғысы күшінде. Қоңырау шалыңыз.";
        "{facility} has not answered order {order}. Call it (`kezek orders phone`).", "{facility} не ответил на распоряжение {order}. Позвоните (`kezek orders phone`).", "{facility} {order} өкіміне жауап бермеді. Қоңырау шалыңыз (`kezek orders phone`).";
        "Half of the lead time of order {order} is gone: {facility} has not received it.", "Прошла половина срока распоряжения {order}: {facility} его не получил.", "{order} өкімінің мерзімінің жартысы өтті: {facility} оны алмаған.";
        "Order {order} has not arrived. Call {facility} (`kezek orders phone`): second channel, e-mail, phone list, regional grid company.", "Распоряжение {order} не дошло. Звоните: {facility} (`kezek orders phone`); второй канал, почта, список телефонов, региональная сетевая компания.", "{order} өкімі жетпеді. Хабарласыңыз: {facility} (`kezek orders phone`); екінші арна, пошта, телефон тізімі, өңірлік желі компаниясы.";
        "Nobody else has approved emergency plan {plan} within {min#} minutes: what has not left waits for a second person.", "Аварийный план {plan} за {min#} мин больше никто не утвердил: неотправленное ждёт второго человека.", "{plan} апаттық жоспарын {min#} минут ішінде басқа ешкім бекітпеді: жіберілмегені екінші адамды күтеді.";
    }
}
