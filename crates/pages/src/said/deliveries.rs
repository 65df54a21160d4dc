//! What came of carrying a message. What the other side or the system adds stays as it was said.

super::rows! {
    SENTENCES {
        "answered {status}: a later attempt may succeed", "ответ {status}: позже может получиться", "жауап {status}: кейінірек сәтті болуы мүмкін";
        "answered {status}: redirects are not followed; correct the address", "ответ {status}: по перенаправлениям не ходим; исправьте адрес", "жауап {status}: қайта бағыттаумен жүрмейміз; мекенжайды түзетіңіз";
        "answered {status}: nobody takes orders there any more", "ответ {status}: там больше не принимают распоряжений", "жауап {status}: онда енді өкім қабылдамайды";
        "answered {status}: the other side does not take it; check address and keys ({said})", "ответ {status}: другая сторона не принимает; проверьте адрес и ключи ({said})", "жауап {status}: екінші тарап қабылдамайды; мекенжай мен кілттерді тексеріңіз ({said})";
        "answered {status}: the other side does not take it; check address and keys", "ответ {status}: другая сторона не принимает; проверьте адрес и ключи", "жауап {status}: екінші тарап қабылдамайды; мекенжай мен кілттерді тексеріңіз";
        "{host} did not connect within {seconds#} s", "{host} не соединился за {seconds#} с", "{host} {seconds#} с ішінде қосылмады";
        "{host} did not answer within {seconds#} s", "{host} не ответил за {seconds#} с", "{host} {seconds#} с ішінде жауап бермеді";
        "{host} cannot be reached: {why}", "{host} недоступен: {why}", "{host} қолжетімсіз: {why}";
        "{host} cannot be reached", "{host} недоступен", "{host} қолжетімсіз";
        "no trusted encrypted connection to {host}; check certificate, name and authority: {why}", "нет доверенного шифрованного соединения с {host}; проверьте сертификат, имя и удостоверяющий центр: {why}", "{host} жүйесімен сенімді шифрланған байланыс жоқ; сертификатты, атын және куәландырушы орталықты тексеріңіз: {why}";
        "no trusted encrypted connection to {host}; check certificate, name and authority", "нет доверенного шифрованного соединения с {host}; проверьте сертификат, имя и удостоверяющий центр", "{host} жүйесімен сенімді шифрланған байланыс жоқ; сертификатты, атын және куәландырушы орталықты тексеріңіз";
        "{host} is refused: {why}; name it in the address rules if it is meant", "{host} не допускается: {why}; если он нужен, назовите его в правилах адресов", "{host} рұқсат етілмейді: {why}; қажет болса, мекенжай ережелерінде атаңыз";
        "address '{address}' cannot be used: {why}", "адрес '{address}' использовать нельзя: {why}", "'{address}' мекенжайын қолдануға болмайды: {why}";
        "the facility did not ask for its orders in time", "объект вовремя не спросил своих распоряжений", "нысан өкімдерін уақытында сұрамады";
        "it was handed over, but the facility has not said that it holds it", "передано, но объект не сказал, что оно у него", "тапсырылды, бірақ нысан оның өзінде екенін айтпады";
        "the control room is ending", "диспетчерская завершает работу", "диспетчерлік жұмысын аяқтап жатыр";
        "the lease ran out before it left", "право вести истекло до отправки", "жүргізу құқығы жіберілгенше бітті";
        "frozen before it left", "заморожено до отправки", "жіберілгенше тоқтатылды";
        "this channel is not set up any more", "этот канал больше не настроен", "бұл арна енді бапталмаған";
    }
}
