//! How meters are judged.

super::rows! {
    SENTENCES {
        "{version?}: above the limit up to max({percent#} %, {least#} kW), grace {grace#} min, stale after {stale#} min, baseline {baseline~}", "{version?}: сверх предела до большего из {percent#} % и {least#} кВт, отсрочка {grace#} мин, показания устаревают через {stale#} мин, сравнивают с: {baseline~}", "{version?}: шектен {percent#} % мен {least#} кВт-тың үлкеніне дейін артық болуы мүмкін, кешігу {grace#} мин, көрсетілім {stale#} мин кейін ескіреді, салыстыру негізі: {baseline~}";
    }
}

super::rows! {
    PARTS {
        "{version} (assumed)", "{version} (принято без источника)", "{version} (дереккөзсіз алынған)";
        // What was nominated is a part of findings too.
        "same-hour-10-uncut-days", "тот же час 10 дней без снижения", "кемітусіз 10 күннің сол сағаты";
    }
}
