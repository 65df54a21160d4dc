//! Why the server does not do what it is asked, and what to do about it.

super::rows! {
    SENTENCES {
        "there is no proposal {name}", "нет поданного плана {name}", "ұсынылған {name} жоспары жоқ";
        "there is no plan {name}", "нет плана {name}", "{name} жоспары жоқ";
        "there is no document {name}", "нет документа {name}", "{name} құжаты жоқ";
        "there is no order {name}", "нет распоряжения {name}", "{name} өкімі жоқ";
        "there is no recall of order {name}", "нет отмены распоряжения {name}", "{name} өкімінің күшін жою жоқ";
        "there is no facility of {name}", "нет объекта, за который отвечает {name}", "{name} жауап беретін нысан жоқ";
        "there is no facility {name}", "нет объекта {name}", "{name} нысаны жоқ";
        "there is no endpoint of facility {name}", "нет адреса объекта {name}", "{name} нысанының мекенжайы жоқ";
        "there is no file of the registry {name}", "нет файла реестра {name}", "тізілімде {name} файлы жоқ";
        "there is no file {name}", "нет файла {name}", "{name} файлы жоқ";
        "there is no study {name}", "нет исследования {name}", "{name} зерттеуі жоқ";
        "there is no scenario {name}", "нет сценария {name}", "{name} сценарийі жоқ";
        "there is no view of a comparison {name}", "нет вида сравнения {name}", "{name} салыстыру көрінісі жоқ";
        "there is no replay {name}", "нет прожитого заново розыгрыша {name}", "қайта өткізілген {name} ұтысы жоқ";
        "there is no such day of the replay {name}", "в прожитом заново розыгрыше {name} нет таких суток", "қайта өткізілген {name} ұтысында мұндай тәулік жоқ";
        "the day cannot be read: {why}", "сутки не читаются: {why}", "тәулік оқылмайды: {why}";
        "write the replay again: `kezek study replay --out`", "запишите розыгрыш заново: `kezek study replay --out`", "ұтысты қайта жазыңыз: `kezek study replay --out`";
        "there is no part of a report {name}", "в отчёте нет части {name}", "есепте {name} бөлігі жоқ";
        "the results are too large for a report on demand", "результаты слишком велики для отчёта по запросу", "нәтижелер сұрау бойынша есеп үшін тым үлкен";
        "download the results, and make the report with `kezek study report`", "скачайте результаты и сделайте отчёт командой `kezek study report`", "нәтижелерді жүктеп алып, есепті `kezek study report` бұйрығымен жасаңыз";
        "no report can be made: {why}", "отчёт сделать нельзя: {why}", "есеп жасау мүмкін емес: {why}";
        "run the study again, or ask its planner", "запустите исследование снова или спросите его плановика", "зерттеуді қайта жүргізіңіз немесе жоспарлаушысынан сұраңыз";
        "there is no provider {name}", "нет провайдера {name}", "{name} провайдері жоқ";
        "there is no suspended licence {name}", "нет приостановленной лицензии {name}", "тоқтатылған {name} лицензиясы жоқ";
        "no such path", "нет такого пути", "мұндай жол жоқ";
        "no such method here", "такой метод здесь не принимается", "мұндай әдіс мұнда қабылданбайды";
        "see /api/v1/openapi.json", "см. /api/v1/openapi.json", "/api/v1/openapi.json қараңыз";

        "no token was sent", "токен не прислан", "токен жіберілмеген";
        "nobody has this token", "такого токена ни у кого нет", "мұндай токен ешкімде жоқ";
        "nobody has the second token", "второго токена ни у кого нет", "екінші токен ешкімде жоқ";
        "send the header `Authorization: Bearer <token>`", "пришлите заголовок `Authorization: Bearer <token>`", "`Authorization: Bearer <token>` тақырыбын жіберіңіз";
        "{person} may not do this", "{person} не имеет на это права", "{person} мұны істей алмайды";
        "this takes the role {roles~}", "нужна роль: {roles~}", "қажет рөл: {roles~}";
        "{person} sees its own orders only", "{person} видит только свои распоряжения", "{person} тек өз өкімдерін көреді";
        "the body did not come in time", "данные не пришли вовремя", "деректер уақытында келмеді";
        "the body is larger than this takes", "данных больше, чем здесь принимается", "деректер мұнда қабылданатыннан көп";
        "the body broke off", "данные оборвались", "деректер үзілді";
        "the body is not the JSON expected: {why}", "это не ожидаемый JSON: {why}", "бұл күтілген JSON емес: {why}";
        "send it again", "отправьте ещё раз", "қайта жіберіңіз";
        "send less at once", "отправьте меньше за раз", "бірден азырақ жіберіңіз";
        "the {what~} is empty", "не заполнено: {what~}", "толтырылмаған: {what~}";
        "the {what~} has control characters or more than {most#} characters", "{what~}: управляющие знаки или больше {most#} знаков", "{what~}: басқару таңбалары бар немесе {most#} таңбадан артық";
        "say why", "скажите почему", "себебін айтыңыз";
        "shorten it", "сократите", "қысқартыңыз";
        "facility is {name}, expected 1 to {most#} ASCII letters, digits, `-` or `_`", "имя объекта {name}, ожидалось от 1 до {most#} латинских букв, цифр, `-` или `_`", "нысан аты {name}, күтілгені 1–{most#} латын әрпі, цифр, `-` немесе `_`";
        "orders are numbered after their facility; give it such a name", "распоряжения нумеруются по объекту; дайте ему такое имя", "өкімдер нысан атымен нөмірленеді; оған сондай ат беріңіз";
        "too many requests by one caller", "слишком много запросов от одного лица", "бір адамнан сұрау тым көп";
        "too many requests from one address", "слишком много запросов с одного адреса", "бір мекенжайдан сұрау тым көп";
        "too many requests that prove nothing", "слишком много запросов без подтверждения", "растаусыз сұрау тым көп";
        "come again in {seconds#} s", "повторите через {seconds#} с", "{seconds#} с кейін қайталаңыз";
        "the certificate that was shown does not name {name}", "предъявленный сертификат не на имя {name}", "көрсетілген сертификат {name} атында емес";
        "set [tls] client_certificate_file in agent.toml", "задайте [tls] client_certificate_file в agent.toml", "agent.toml ішінде [tls] client_certificate_file беріңіз";
        "many different refusals", "много разных отказов", "көптеген әртүрлі бас тарту";
        "{what~} ({times#} times more within the minute)", "{what~} (ещё {times#} раз за минуту)", "{what~} (минут ішінде тағы {times#} рет)";

        "login, password or code is wrong", "имя, пароль или код неверны", "аты, құпиясөзі немесе коды қате";
        "too many attempts to sign in", "слишком много попыток войти", "кіру әрекеті тым көп";
        "password or code is wrong", "пароль или код неверны", "құпиясөз немесе код қате";
        "nothing was done; a code is good once, wait for the next one", "ничего не сделано; код годится один раз, дождитесь следующего", "ештеңе жасалған жоқ; код бір рет жарайды, келесісін күтіңіз";
        "too many wrong passwords or codes", "слишком много неверных паролей или кодов", "қате құпиясөз не код тым көп";
        "try again in {min#} min", "повторите через {min#} мин", "{min#} мин кейін қайталаңыз";
        "try again in {seconds#} s", "повторите через {seconds#} с", "{seconds#} с кейін қайталаңыз";
        "try again in a few seconds", "повторите через несколько секунд", "бірнеше секундтан кейін қайталаңыз";
        "try again", "повторите", "қайталаңыз";
        "the form is not of this session", "форма не из этого сеанса", "форма бұл сеанстан емес";
        "open the page again and repeat it", "откройте страницу заново и повторите", "бетті қайта ашып, қайталаңыз";
        "the form comes from another site", "форма пришла с другого сайта", "форма басқа сайттан келді";
        "open the page here and repeat it", "откройте страницу здесь и повторите", "бетті осында ашып, қайталаңыз";
        "begin to sign in again, in this browser", "начните вход заново, в этом браузере", "осы браузерде қайта кіріңіз";
        "nobody left for the provider from this browser of late", "из этого браузера к провайдеру недавно никто не уходил", "бұл браузерден провайдерге жақында ешкім өтпеген";
        "what comes back is not of this sign-in", "ответ не от этого входа", "жауап осы кіруден емес";
        "{provider} let nobody in: {why}", "{provider} не впустил: {why}", "{provider} ешкімді кіргізбеді: {why}";
        "{provider} knows you as {subject}, but no account here is of that name", "{provider} знает вас как {subject}, но такой учётной записи здесь нет", "{provider} сізді {subject} деп таниды, бірақ мұнда ондай тіркелгі жоқ";
        "an administrator says who you are: `kezek account link {rest}`", "администратор скажет, кто вы: `kezek account link {rest}`", "кім екеніңізді әкімші айтады: `kezek account link {rest}`";
        "the page still says everything when it is loaded again", "при новой загрузке страница по-прежнему скажет всё", "қайта жүктелгенде бет бәрін бұрынғыша айтады";
        "too many pages are open", "открыто слишком много страниц", "тым көп бет ашық";

        "plan {plan} fails its check", "план {plan} не проходит проверку", "{plan} жоспары тексеруден өтпейді";
        "nothing was kept; plan again, or mend the plan until `kezek check` passes", "ничего не сохранено; составьте план заново или правьте его, пока не пройдёт `kezek check`", "ештеңе сақталмады; қайта жоспарлаңыз немесе `kezek check` өткенше түзетіңіз";
        "a number of the plan is not finite", "в плане есть бесконечное число", "жоспарда шексіз сан бар";
        "plan again", "составьте план заново", "қайта жоспарлаңыз";
        "too many other plans are being checked", "сейчас проверяется слишком много других планов", "қазір басқа жоспарлар тым көп тексеріліп жатыр";
        "the case has a file that is not UTF-8", "в задаче есть файл не в UTF-8", "тапсырмада UTF-8 емес файл бар";
        "the case has {count#} faults", "ошибок в задаче: {count#}", "тапсырмадағы қателер: {count#}";
        "mend the case and propose again; nothing was kept", "исправьте задачу и подайте снова; ничего не сохранено", "тапсырманы түзетіп, қайта ұсыныңыз; ештеңе сақталмады";
        "mend it", "исправьте", "түзетіңіз";
        "two people must resume issuing", "возобновить выдачу должны двое", "өкім шығаруды екі адам жалғастыруы тиіс";
        "nothing was kept; mend the change", "ничего не сохранено; исправьте изменение", "ештеңе сақталмады; өзгерісті түзетіңіз";
        "nothing was kept", "ничего не сохранено", "ештеңе сақталмады";
        "the changes cannot be read", "изменения не прочесть", "өзгерістерді оқу мүмкін емес";
        "the changes cannot be made", "изменения выполнить нельзя", "өзгерістерді орындау мүмкін емес";
        "{person} has changed plan {plan} meanwhile", "{person} тем временем изменил(а) план {plan}", "{person} бұл арада {plan} жоспарын өзгертті";
        "save it on top of the newer plan", "сохраните поверх более нового плана", "жаңа жоспардың үстіне сақтаңыз";
        "no change is filled in", "ни одно изменение не заполнено", "бірде-бір өзгеріс толтырылмаған";
        "name a facility, its hours and its cut", "назовите объект, часы и снижение", "нысанды, сағаттарын және кемітуін атаңыз";
        "line {number}: {why?}", "строка {number}: {why?}", "{number}-жол: {why?}";
        "the time is {text}, expected for instance 2026-01-24T17:00", "время {text}, ожидалось, например, 2026-01-24T17:00", "уақыт {text}, күтілгені, мысалы, 2026-01-24T17:00";
        "{text} is no time on the clock of {zone}", "{text}: такого времени на часах {zone} нет", "{text}: {zone} сағатында мұндай уақыт жоқ";
        "the {what~} is {text}, expected MW with at most three decimals, for instance 12.5", "{what~}: {text}, ожидались МВт не более чем с тремя знаками, например 12,5", "{what~}: {text}, күтілгені үтірден кейін үш таңбадан аспайтын МВт, мысалы 12,5";
        "nothing was entered; mend it", "ничего не внесено; исправьте", "ештеңе енгізілмеді; түзетіңіз";
        "the case has no facility {facility}; did you mean `{near}`?", "в задаче нет объекта {facility}; может быть, `{near}`?", "тапсырмада {facility} нысаны жоқ; мүмкін, `{near}`?";
        "the case has no facility {facility}", "в задаче нет объекта {facility}", "тапсырмада {facility} нысаны жоқ";
        "{facility}: no interval of the plan begins from {from@} until before {to@}", "{facility}: ни один интервал плана не начинается с {from@} и до {to@}", "{facility}: жоспардың бірде-бір аралығы {from@} мен {to@} арасында басталмайды";
        "{facility}: the cut is below 0 MW", "{facility}: снижение меньше 0 МВт", "{facility}: кеміту 0 МВт-тан аз";
        "the case has scenarios; plan it again instead", "в задаче есть сценарии; составьте план заново", "тапсырмада сценарийлер бар; қайта жоспарлаңыз";
        "name a facility of the plan", "назовите объект плана", "жоспардағы нысанды атаңыз";
        "ask on the command line: `kezek why`", "спросите в командной строке: `kezek why`", "пәрмен жолында сұраңыз: `kezek why`";
        "give a time within the plan, or none", "укажите время внутри плана или никакого", "жоспар ішіндегі уақытты беріңіз немесе ештеңе жазбаңыз";
        "{time} is outside of the plan", "{time} вне плана", "{time} жоспардан тыс";

        "the day is {text}", "день: {text}", "күні: {text}";
        "write it as 2026-01-24", "пишите его как 2026-01-24", "оны 2026-01-24 түрінде жазыңыз";
        "the answer is {text}", "ответ: {text}", "жауап: {text}";
        "send `accepted` or `refused`", "отправьте `accepted` или `refused`", "`accepted` немесе `refused` жіберіңіз";
        "there is no such contact of yours", "такого вашего контакта нет", "сізде мұндай байланыс жоқ";
        "the control room keeps contacts; call it", "контакты ведёт диспетчерская; позвоните туда", "байланыстарды диспетчерлік жүргізеді; сонда қоңырау шалыңыз";
        "the control room is frozen: nothing leaves", "диспетчерская заморожена: ничего не уходит", "диспетчерлік тоқтатылған: ештеңе жіберілмейді";
        "try again once it is thawed", "повторите после разморозки", "қайта ашылғаннан кейін қайталаңыз";
        "enough tests for now", "проверок пока достаточно", "әзірге тексеру жеткілікті";
        "the message did not leave: {reason?}", "сообщение не ушло: {reason?}", "хабарлама жіберілмеді: {reason?}";
        "call the control room", "позвоните в диспетчерскую", "диспетчерлікке қоңырау шалыңыз";

        "this is environment {own}, not {other}", "здесь среда {own}, а не {other}", "мұнда {own} ортасы, {other} емес";
        "ask for the right address and code", "спросите верный адрес и код", "дұрыс мекенжай мен кодты сұраңыз";
        "ask the right control room", "обратитесь в нужную диспетчерскую", "тиісті диспетчерлікке жүгініңіз";
        "the enrolment code is not known; ask the control room for a new one", "код подключения неизвестен; попросите в диспетчерской новый", "қосылу коды белгісіз; диспетчерліктен жаңасын сұраңыз";
        "the enrolment code is not known for this facility; ask the control room for a new one", "код подключения не для этого объекта; попросите в диспетчерской новый", "қосылу коды бұл нысанға арналмаған; диспетчерліктен жаңасын сұраңыз";
        "the enrolment code was used already; ask the control room for a new one", "код подключения уже использован; попросите в диспетчерской новый", "қосылу коды пайдаланылып қойған; диспетчерліктен жаңасын сұраңыз";
        "the enrolment code has expired; ask the control room for a new one", "код подключения истёк; попросите в диспетчерской новый", "қосылу кодының мерзімі өткен; диспетчерліктен жаңасын сұраңыз";
        "address: {why?}", "адрес: {why?}", "мекенжай: {why?}";
        "give one that may be reached", "дайте такой, к которому разрешено обращаться", "жүгінуге рұқсат етілгенін беріңіз";
        "public_key: {why?}", "открытый ключ: {why?}", "ашық кілт: {why?}";
        "nothing was adopted; mend the file first", "ничего не принято; сначала исправьте файл", "ештеңе қабылданбады; алдымен файлды түзетіңіз";
        "endpoints.csv says other of {facility} by now than what was shown", "в endpoints.csv о {facility} теперь не то, что было показано", "endpoints.csv файлында {facility} туралы енді көрсетілгеннен басқа жазылған";
        "nothing was adopted; look again", "ничего не принято; посмотрите ещё раз", "ештеңе қабылданбады; қайта қараңыз";
        "the system gave no random bytes", "система не дала случайных чисел", "жүйе кездейсоқ сан бермеді";
        "the request is of {at@}, but it is {now@}", "запрос от {at@}, а сейчас {now@}", "сұрау {at@} уақытынан, ал қазір {now@}";
        "set the clock of the facility right", "поправьте часы объекта", "нысанның сағатын дұрыстаңыз";
        "a request of {facility} of {at@} or a later one was taken before", "запрос {facility} от {at@} или более поздний уже принят", "{facility} нысанының {at@} немесе одан кейінгі сұрауы қабылданған";
        "sign a new one; two agents must not act for one facility", "подпишите новый; два агента не должны действовать за один объект", "жаңасына қол қойыңыз; бір нысан үшін екі агент әрекет етпеуі тиіс";
        "as many facilities wait for orders as may", "распоряжений ждёт предельное число объектов", "өкім күткен нысандар саны шегіне жетті";
        "this control room is ending", "эта диспетчерская завершает работу", "бұл диспетчерлік жұмысын аяқтап жатыр";
        "ask again", "спросите ещё раз", "қайта сұраңыз";

        "a signed body is about one facility, the signer", "подписанное говорит об одном объекте, подписавшем", "қол қойылған деректер бір нысан туралы, қол қоюшы туралы болуы тиіс";
        "send one for each", "отправьте по одному на каждый", "әрқайсысына біреуден жіберіңіз";
        "sign with the key the facility is enrolled with", "подпишите ключом, с которым объект подключён", "нысан қосылған кілтпен қол қойыңыз";
        "a text has control characters or more than {most#} characters", "в тексте управляющие знаки или больше {most#} знаков", "мәтінде басқару таңбалары бар немесе {most#} таңбадан артық";
        "readings of others come from the control room", "показания других приходят от диспетчерской", "басқалардың көрсетілімдері диспетчерліктен келеді";
        "the readings are {found}, this is {own}", "показания: {found}, а здесь {own}", "көрсетілімдер: {found}, ал мұнда {own}";
        "{count#} readings, expected 1 to {most#}", "показаний {count#}, ожидалось от 1 до {most#}", "көрсетілім саны {count#}, күтілгені 1–{most#}";
        "send them in several requests", "отправьте их несколькими запросами", "оларды бірнеше сұраумен жіберіңіз";

        "the journal cannot be written, so nothing is issued; what was asked has not happened ({why})", "журнал не пишется, поэтому ничего не выдаётся; запрошенное не выполнено ({why})", "журналға жазылмайды, сондықтан ештеңе шығарылмайды; сұралғаны орындалмады ({why})";
        "watching goes on; look at the disk of the control room", "наблюдение идёт; проверьте диск диспетчерской", "бақылау жалғасады; диспетчерліктің дискісін тексеріңіз";
        "{count#} inputs wait for the journal already; try again in a second", "записи в журнал уже ждут {count#}; повторите через секунду", "журналға {count#} жазба кезекте тұр; бір секундтан кейін қайталаңыз";
        "the control room is closed", "диспетчерская закрыта", "диспетчерлік жабық";
        "{what} broke off; what was asked may not have happened, look before repeating it", "сбой ({what}); запрошенное могло не выполниться, проверьте, прежде чем повторять", "іркіліс ({what}); сұралғаны орындалмаған болуы мүмкін, қайталамас бұрын тексеріңіз";
        "the OpenID provider {provider}: {why?}", "провайдер OpenID {provider}: {why?}", "OpenID провайдері {provider}: {why?}";
    }
}

super::rows! {
    /// Roles, and what a text is called.
    PARTS {
        "planner", "плановик", "жоспарлаушы";
        "dispatcher", "диспетчер", "диспетчер";
        "approver", "утверждающий", "бекітуші";
        "auditor", "аудитор", "аудитор";
        "administrator", "администратор", "әкімші";
        "facility", "объект", "нысан";
        "{one~} or {rest~}", "{one~} или {rest~}", "{one~} немесе {rest~}";

        "reason", "причина", "себебі";
        "comment", "примечание", "ескертпе";
        "licence", "лицензия", "лицензия";
        "address", "адрес", "мекенжай";
        "name of who says so", "кто сообщил", "кім хабарлады";
        "cut", "снижение", "кеміту";
    }
}
