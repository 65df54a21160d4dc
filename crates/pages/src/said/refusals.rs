//! Why the engine does not let something happen.

super::rows! {
    SENTENCES {
        "the control room is not open; its first event must be `opened`", "диспетчерская не открыта; первым событием должно быть `opened`", "диспетчерлік ашылмаған; алғашқы оқиғасы `opened` болуы тиіс";
        "{what~}: already known, nothing changes", "{what~}: уже известно, ничего не меняется", "{what~}: бұрыннан белгілі, ештеңе өзгермейді";
        "{what~} is `{found}`, expected `{expected}`", "{what~}: `{found}`, ожидалось `{expected}`", "{what~}: `{found}`, күтілгені `{expected}`";
        "epoch {found} is not above the last one, {last}; another control room may be running", "эпоха {found} не больше последней, {last}; возможно, работает другая диспетчерская", "{found} дәуірі соңғысынан, {last}, үлкен емес; басқа диспетчерлік жұмыс істеп тұруы мүмкін";
        "no plan {plan} has been proposed; propose it first", "план {plan} не подавался; сначала подайте его", "{plan} жоспары ұсынылмаған; алдымен ұсыныңыз";
        "no order {order} has been issued", "распоряжение {order} не выдавалось", "{order} өкімі шығарылмаған";
        "facility {facility} is not enrolled", "объект {facility} не подключён", "{facility} нысаны қосылмаған";
        "{person} made plan {plan} and cannot approve it; another person must", "{person} составил(а) план {plan} и не может его утвердить; это делает другой человек", "{plan} жоспарын {person} жасаған, сондықтан оны бекіте алмайды; басқа адам бекітуі тиіс";
        "{person} cannot confirm what the same person entered; another person must", "{person} не может подтвердить то, что сам(а) внёс(ла); это делает другой человек", "{person} өзі енгізгенін растай алмайды; басқа адам растауы тиіс";
        "plan {plan} was returned by {person}: {comment}; propose a new version", "план {plan} вернул(а) {person}: {comment}; подайте новую версию", "{plan} жоспарын {person} қайтарған: {comment}; жаңа нұсқасын ұсыныңыз";
        "version clash: the plan was made from none, the target is {target}; plan again from the target", "столкновение версий: план составлен без предыдущего, а действует {target}; составьте план заново от действующего", "нұсқалар қайшылығы: жоспар алдыңғысыз жасалған, ал қолданыстағысы {target}; қолданыстағысынан қайта жоспарлаңыз";
        "version clash: the plan was made from {parent}, the target is none; plan again from the target", "столкновение версий: план составлен из {parent}, а действующего плана нет; составьте план заново", "нұсқалар қайшылығы: жоспар {parent} негізінде жасалған, ал қолданыстағы жоспар жоқ; қайта жоспарлаңыз";
        "version clash: the plan was made from {parent}, the target is {target}; plan again from the target", "столкновение версий: план составлен из {parent}, а действует {target}; составьте план заново от действующего", "нұсқалар қайшылығы: жоспар {parent} негізінде жасалған, ал қолданыстағысы {target}; қолданыстағысынан қайта жоспарлаңыз";
        "plan {plan} fails its check ({findings#} findings) and cannot be approved, not even by hand", "план {plan} не проходит проверку (замечаний: {findings#}) и утверждён быть не может, даже вручную", "{plan} жоспары тексеруден өтпейді (ескерту саны: {findings#}), оны қолмен де бекітуге болмайды";
        "{what~} was possible until {until@}", "{what~} было можно до {until@}", "{what~} {until@} дейін мүмкін еді";
        "order {order}: {why~}", "распоряжение {order}: {why~}", "{order} өкімі: {why~}";
        "refused: {why~}", "отказано: {why~}", "қабылданбады: {why~}";
        "frozen by {person} since {since@}: {reason}; two people must thaw it", "заморожено, {person}, с {since@}: {reason}; разморозить должны двое", "{person} тоқтатқан, {since@} бастап: {reason}; екі адам қайта ашуы тиіс";
        "issuing has stopped ({why~}); two people must resume it", "выдача остановлена ({why~}); возобновить должны двое", "өкім шығару тоқтаған ({why~}); екі адам жалғастыруы тиіс";
        "issuing has stopped: {why~}", "выдача остановлена: {why~}", "өкім шығару тоқтаған: {why~}";

        "plan {plan} must have exactly one draft per facility", "в плане {plan} должно быть ровно по одному проекту на объект", "{plan} жоспарында әр нысанға дәл бір жоба болуы тиіс";
        "all orders of plan {plan} must have one priority", "у всех распоряжений плана {plan} должен быть один приоритет", "{plan} жоспарының барлық өкімдерінің басымдығы бірдей болуы тиіс";
        "the orders of plan {plan} are issued; recall them instead of returning it", "распоряжения плана {plan} выданы; отмените их, вернуть план нельзя", "{plan} жоспарының өкімдері шығарылған; жоспарды қайтармай, өкімдердің күшін жойыңыз";
        "status {status} does not mean received", "код {status} не означает получения", "{status} коды алынғанын білдірмейді";
        "a licence and a reason are needed, one of them is empty", "нужны лицензия и причина, одно из них пусто", "лицензия мен себеп қажет, біреуі бос";
        "{facility} asks for its orders itself, so no relay passes them on", "{facility} забирает распоряжения сам, посредник их не передаёт", "{facility} өкімдерін өзі сұрап алады, делдал жеткізбейді";
        "what was said on the phone is empty; say it, or `no reply`", "что сказано по телефону, не указано; напишите это или «нет ответа»", "телефонда не айтылғаны жазылмаған; соны немесе «жауап жоқ» деп жазыңыз";
        "reading of {facility} from {from@} to {to@}: expected up to a day, over by {now@}", "показание {facility} с {from@} по {to@}: ожидалось не больше суток и не позже {now@}", "{facility} көрсетілімі {from@} – {to@}: бір тәуліктен аспайды, {now@} дейін аяқталған болуы тиіс";
        "order {order} has {kept#} receipts of this kind already", "у распоряжения {order} уже {kept#} таких квитанций", "{order} өкімінде мұндай {kept#} түбіртек бар";
        "{what~} is of {at@}, but it is {now@}; set the clock of the facility right", "{what~}: время {at@}, а сейчас {now@}; поправьте часы объекта", "{what~}: уақыты {at@}, ал қазір {now@}; нысанның сағатын дұрыстаңыз";
        "a voluntary cut of {facility} from {from@} to {to@}: expected up to {days#} days, a cut above zero", "добровольное снижение {facility} с {from@} по {to@}: ожидалось не дольше {days#} сут и больше нуля", "{facility} ерікті кемітуі {from@} – {to@}: ең көбі {days#} тәулік және нөлден артық болуы тиіс";
        "{facility} has declared a part of {from@} to {to@} already", "{facility} уже заявил часть времени с {from@} по {to@}", "{facility} {from@} – {to@} аралығының бір бөлігін мәлімдеп қойған";
        "{facility} has {most#} voluntary cuts", "у {facility} уже {most#} добровольных снижений", "{facility} нысанында {most#} ерікті кеміту бар";
    }
}

super::rows! {
    /// What is known already, differs, was possible, and why not now.
    PARTS {
        "the approval of plan {plan} by {person}", "утверждение плана {plan}, {person}", "{plan} жоспарын бекіту, {person}";
        "the approval of plan {plan}", "утверждение плана {plan}", "{plan} жоспарын бекіту";
        "the confirmation of plan {plan}", "подтверждение плана {plan}", "{plan} жоспарын растау";
        "plan {plan}", "план {plan}", "{plan} жоспары";
        "the outcome of message {number} about order {order}", "исход сообщения {number} о распоряжении {order}", "{order} өкімі туралы {number}-хабарламаның нәтижесі";
        "the outcome of attempt {number} of order {order}", "исход попытки {number} распоряжения {order}", "{order} өкімінің {number}-әрекетінің нәтижесі";
        "attempt {number} of order {order}", "попытка {number} распоряжения {order}", "{order} өкімінің {number}-әрекеті";
        "the suspension of licence {licence}", "приостановление лицензии {licence}", "{licence} лицензиясын тоқтата тұру";
        "licence {licence} is not suspended", "лицензия {licence} не приостановлена", "{licence} лицензиясы тоқтатылмаған";
        "this registry", "этот реестр", "бұл тізілім";
        "the recall of order {order}", "отмена распоряжения {order}", "{order} өкімінің күшін жою";
        "this address and key of {facility}", "этот адрес и ключ {facility}", "{facility} нысанының бұл мекенжайы мен кілті";
        "no change of {facility} waits", "изменений {facility}, ждущих подтверждения, нет", "{facility} бойынша растауды күтетін өзгеріс жоқ";
        "issuing goes on", "выдача идёт", "өкім шығару жүріп жатыр";
        "issuing has stopped", "выдача остановлена", "өкім шығару тоқтаған";
        "issuing is frozen", "выдача заморожена", "өкім шығару тоқтатылған";
        "issuing is not frozen", "выдача не заморожена", "өкім шығару тоқтатылмаған";
        "{count#} readings", "показания, {count#}", "көрсетілімдер, {count#}";
        "the verdict on order {order}", "вывод об исполнении распоряжения {order}", "{order} өкімінің орындалуы туралы қорытынды";
        "this answer to order {order}", "этот ответ на распоряжение {order}", "{order} өкіміне берілген бұл жауап";
        "this report on order {order}", "этот отчёт о распоряжении {order}", "{order} өкімі туралы бұл есеп";
        "this voluntary cut of {facility}", "это добровольное снижение {facility}", "{facility} нысанының бұл ерікті кемітуі";
        "the start of epoch {epoch}", "начало эпохи {epoch}", "{epoch} дәуірінің басталуы";

        "the checked plan", "проверенный план", "тексерілген жоспар";
        "the environment", "среда", "орта";
        "the facility", "объект", "нысан";
        "the sequence", "порядковый номер", "реттік нөмір";
        "the address to confirm", "подтверждаемый адрес", "расталатын мекенжай";
        "the key to confirm", "подтверждаемый ключ", "расталатын кілт";
        "the relay to confirm", "подтверждаемый посредник", "расталатын делдал";

        "proposing this plan", "подать этот план", "бұл жоспарды ұсыну";
        "approving this plan", "утвердить этот план", "бұл жоспарды бекіту";
        "recalling this order", "отменить это распоряжение", "бұл өкімнің күшін жою";
        "declaring this voluntary cut", "заявить это добровольное снижение", "бұл ерікті кемітуді мәлімдеу";

        "no message about it is due", "сообщать о нём сейчас не нужно", "ол туралы қазір хабарлау қажет емес";
        "no such message was intended", "такое сообщение не намечалось", "мұндай хабарлама көзделмеген";
        "its plan lacks a second person", "его плану не хватает второго человека", "жоспарына екінші адам жетпейді";
        "no attempt is due", "отправлять его сейчас не нужно", "оны қазір жіберу қажет емес";
        "no such attempt was intended", "такая попытка не намечалась", "мұндай әрекет көзделмеген";
        "it has arrived, ended, or a newer order has left; make a new plan instead", "оно дошло, закончилось, или ушло более новое; составьте новый план", "ол жеткен, аяқталған немесе жаңасы жіберілген; жаңа жоспар жасаңыз";
        "a recall cannot be recalled", "отмену отменить нельзя", "күшін жоюдың өзін жоюға болмайды";
        "its readings may still come", "его показания ещё могут прийти", "көрсетілімдері әлі келуі мүмкін";
        "time has not brought this", "время для этого ещё не пришло", "бұның уақыты келген жоқ";

        "the answer", "ответ", "жауап";
        "the report", "отчёт", "есеп";
    }
}
