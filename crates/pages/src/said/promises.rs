//! Promises that would be broken.

super::rows! {
    SENTENCES {
        "promise {promise}: {what~}", "обещание {promise}: {what~}", "{promise} уәдесі: {what~}";
        "{facility} is protected and would be cut", "{facility} защищён, а был бы снижен", "{facility} қорғалған, бірақ кемітілер еді";
        "the limits of {facility} are not in order within its window", "пределы {facility} не по порядку в его окне", "{facility} шектері терезесінде ретімен емес";
        "a limit of {facility} is below its floor", "предел {facility} ниже его технического минимума", "{facility} шегі техникалық минимумынан төмен";
        "{facility} would return other than in a slot after its last limit", "{facility} вернулся бы не в своё время после последнего предела", "{facility} соңғы шектен кейін өз уақытынан тыс қайтар еді";
        "{more#} more orders, with {recent#} of the last minute, are above {most#}; somebody must look", "ещё {more#} распоряжений вместе с {recent#} за последнюю минуту больше {most#}; кто-то должен посмотреть", "тағы {more#} өкім, соңғы минуттағы {recent#} өкіммен бірге, {most#} санынан асады; біреу қарауы тиіс";
        "order {order} would be issued while frozen", "распоряжение {order} было бы выдано при заморозке", "{order} өкімі тоқтату кезінде шығарылар еді";
        "order {order} has sequence {found#}, the last was {last#}", "у распоряжения {order} номер {found#}, последний был {last#}", "{order} өкімінің нөмірі {found#}, соңғысы {last#} болған";
        "order {order} carries no head of the journal", "распоряжение {order} не несёт отпечатка журнала", "{order} өкімінде журнал таңбасы жоқ";
        "the times of order {order} are not in order", "сроки распоряжения {order} не по порядку", "{order} өкімінің мерзімдері ретімен емес";
        "order {order} has no proposed plan", "у распоряжения {order} нет поданного плана", "{order} өкімінің ұсынылған жоспары жоқ";
        "order {order} lacks the approval of its plan", "план распоряжения {order} не утверждён как положено", "{order} өкімінің жоспары тиісінше бекітілмеген";
        "the plan of order {order} has not passed its check", "план распоряжения {order} не прошёл проверку", "{order} өкімінің жоспары тексеруден өтпеген";
        "the plan of order {order} has no such facility", "в плане распоряжения {order} нет такого объекта", "{order} өкімінің жоспарында мұндай нысан жоқ";
        "the plan of order {order} has not been approved", "план распоряжения {order} не утверждён", "{order} өкімінің жоспары бекітілмеген";
        "the plan of order {order} lacks its second person", "плану распоряжения {order} не хватает второго человека", "{order} өкімінің жоспарына екінші адам жетпейді";
        "order {order} says other than was approved", "в распоряжении {order} не то, что утверждено", "{order} өкімінде бекітілгеннен басқа жазылған";
        "recall {order} withdraws no limit", "отмена {order} ничего не снимает", "{order} күшін жоюы ешқандай шекті алмайды";
        "order {order} does not exist", "распоряжения {order} нет", "{order} өкімі жоқ";
        "order {order} would leave after a newer one ({sent#})", "распоряжение {order} ушло бы после более нового ({sent#})", "{order} өкімі жаңасынан ({sent#}) кейін жіберілер еді";
        "sending order {order} was not intended", "отправка распоряжения {order} не намечалась", "{order} өкімін жіберу көзделмеген";
        "order {order} is not valid at {now@}", "распоряжение {order} не действует в {now@}", "{order} өкімі {now@} кезінде жарамсыз";
        "order {order} would leave while frozen", "распоряжение {order} ушло бы при заморозке", "{order} өкімі тоқтату кезінде жіберілер еді";
        "telling of order {order} was not intended", "сообщение о распоряжении {order} не намечалось", "{order} өкімі туралы хабарлау көзделмеген";
        "people would be told of order {order} while frozen", "людям сообщили бы о распоряжении {order} при заморозке", "{order} өкімі туралы адамдарға тоқтату кезінде хабарланар еді";
        "the journal was restored from a backup; orders that left since are not known here: ask the facilities what they hold, then resume", "журнал восстановлен из копии; распоряжения, ушедшие после неё, здесь неизвестны: спросите объекты, что у них есть, затем возобновите", "журнал көшірмеден қалпына келтірілген; одан кейін жіберілген өкімдер мұнда белгісіз: нысандардан не бар екенін сұрап, содан кейін жалғастырыңыз";
        "the wall clock has leapt by {seconds#} s, or stands apart from that of the database; set it right, then resume", "часы прыгнули на {seconds#} с или расходятся с часами базы данных; поправьте их, затем возобновите", "сағат {seconds#} с секірді немесе дерекқор сағатынан ауытқыды; дұрыстап, содан кейін жалғастырыңыз";
        "{net#} MW would return in zone {zone} {when~}, {most#} MW is the most within {min#} minutes ({movers~}); let part of it return later, or plan again from what stands", "{net#} МВт вернулись бы в зоне {zone} {when~}, а за {min#} мин можно не более {most#} МВт ({movers~}); верните часть позже или составьте план заново от действующего", "{zone} аймағында {when~} {net#} МВт қайтар еді, ал {min#} минутта ең көбі {most#} МВт болады ({movers~}); бір бөлігін кейінірек қайтарыңыз немесе қолданыстағысынан қайта жоспарлаңыз";
        "{net#} MW would be cut in zone {zone} {when~}, {most#} MW is the most within {min#} minutes ({movers~}); begin part of it earlier or later, or raise shed_limit_mw", "{net#} МВт снизились бы в зоне {zone} {when~}, а за {min#} мин можно не более {most#} МВт ({movers~}); начните часть раньше или позже или поднимите shed_limit_mw", "{zone} аймағында {when~} {net#} МВт кемітілер еді, ал {min#} минутта ең көбі {most#} МВт болады ({movers~}); бір бөлігін ертерек не кешірек бастаңыз немесе shed_limit_mw көтеріңіз";
    }
}

super::rows! {
    /// When, and who moves.
    PARTS {
        "at {at@}", "в момент {at@}", "{at@} сәтінде";
        "from {from@} to {to@}", "с {from@} по {to@}", "{from@} – {to@} аралығында";
        "{facility} {mw#} MW, {rest~}", "{facility} {mw#} МВт, {rest~}", "{facility} {mw#} МВт, {rest~}";
        "{facility} {mw#} MW and {more#} more", "{facility} {mw#} МВт и ещё {more#}", "{facility} {mw#} МВт және тағы {more#}";
        "{facility} {mw#} MW", "{facility} {mw#} МВт", "{facility} {mw#} МВт";
    }
}
