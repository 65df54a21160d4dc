//! Why a row of a plan is as it is: the sentences that `plan.json` carries in English. Whoever writes one writes it from
//! here, so that whoever reads a plan can say it in another language.

use crate::phrase::{Phrase, places};

/// Makes the phrases, and the list of all of them.
macro_rules! phrases {
    ($($name:ident: $pattern:literal;)*) => {
        $(#[allow(missing_docs)] pub const $name: Phrase<{ places($pattern) }> = Phrase($pattern);)*
        /// Every pattern.
        pub const ALL: &[&str] = &[$($pattern,)*];
    };
}

phrases! {
    PROTECTED: "protected: never cut";
    NOT_LICENSED: "licence not valid: entitled to nothing beyond its floor";
    CUT_STAYS: "cut stays as it was: notice has not passed";
    STAYS_UNCUT: "not cut: notice has not passed";
    NO_ROOM: "nothing to cut above its floor";
    BY_HAND: "set by hand";

    ORDERED: "standing order {order}";
    ORDERED_LESS: "standing order {order} demands {mw#} MW; {why~}";
    NOT_NEEDED: "not needed in this interval, but {why~}";
    DEEPER: "without it zone {zone} is short of {mw#} MW; deeper because {why~}";
    NEEDED: "without it zone {zone} is short of {mw#} MW; {price~}";

    COSTS: "a MWh of it costs {money#} {currency}";
    BURDEN: "its burden is {percent#} %";

    RETURN_LIMIT: "its zone may return no more than {mw#} MW at once";
    EVENT_COST: "going on costs less than another event of {money#}";
    AS_GOOD: "plans as near to the best differ here";
    BLOCKS: "it moves in blocks of {mw#} MW";
    SMALLEST: "its smallest cut is {mw#} MW";
    ONLY_FULL: "only its full cut is as deep as that";
    WHOLE_KW: "cuts are whole kW";

    STAYS_SHORT: "not cut though zone {zone} stays short: {why~}";
    HEADROOM: "not cut: zone {zone} has headroom for all";
    IN_VAIN: "not cut: a cut here would cover nothing";
    IMPORTS: "not cut: imports cover zone {zone}";
    DEARER: "not cut: zone {zone} is covered by MWh of at most {money#}; {price~}";
    HELD_BACK: "not cut: zone {zone} is covered, and {why~}";
    COVERED: "not cut: zone {zone} is covered without it";
    NOT_WORTH_IT: "its smallest cut costs {money#}, what it covers {worth#}";

    LEAST_EVENT: "its events last at least {min#} min";
    SHORT_PAUSE: "a pause here would be shorter than the {min#} min between its events";
    ONE_START_MORE: "a pause here would make its next start one too many that day";
    RAMP: "its load returns by no more than {mw#} MW an hour";
    LESS_BREAKS: "a smaller cut breaks its {column~}";
    LONGEST_EVENT: "its event may not outlast {min#} min";
    TOO_SOON: "it is less than {min#} min from another event of it";
    NO_START: "it has no start left on this day";
    NO_HOURS: "it has no hours under cut left";
    CUT_BREAKS: "a cut here breaks its {column~}";

    // The columns of `facilities.csv` that are rules.
    MIN_CUT_MW: "min_cut_mw";
    MIN_CUT_MIN: "min_cut_min";
    MAX_CUT_MIN: "max_cut_min";
    MIN_GAP_MIN: "min_gap_min";
    MAX_EVENTS_PER_DAY: "max_events_per_day";
    MAX_CUT_HOURS: "max_cut_hours";
    NOTICE_MIN: "notice_min";
    RAMP_UP_MW_PER_H: "ramp_up_mw_per_h";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_sentence_has_two_patterns() {
        let words = |pattern: &&str| crate::phrase::fill(pattern, |_| "x");
        let different: BTreeSet<String> = ALL.iter().map(words).collect();
        assert_eq!(different.len(), ALL.len());
    }
}
