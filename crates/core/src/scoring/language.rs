//! Languages that the person would rather use, beyond those needed (which are a rule).

use peermatch_model::roster::{Language, ServiceUser};
use peermatch_model::words::{Audience, Fluency, LanguageLevel, Strength};

use super::voice::{as_wished, list, this_worker, wished_but};
use super::{Ask, Criterion, Known, Part, Place, portion};
use crate::pair::Pair;

/// The mean over the preferred languages: whole where the worker can run a session in it, half where the worker can greet and get by. One important wish.
#[derive(Debug, Clone, Copy)]
pub(super) struct PreferredLanguage;

impl Criterion for PreferredLanguage {
    named!(Language);

    fn asks(&self, user: &ServiceUser, ask: &mut dyn FnMut(Ask)) {
        if preferred(user).next().is_some() {
            ask(Ask { place: Place::Languages, strength: Strength::Important });
        }
    }

    fn value(&self, pair: &Pair<'_>, _place: Place) -> Known {
        let (mut halves, mut all) = (0, 0);
        for language in preferred(pair.user) {
            all += 2;
            halves += match spoken(pair, language) {
                Some(Fluency::Whole) => 2,
                Some(Fluency::Some) => 1,
                None => 0,
            };
        }
        if all == 0 { Known::UNKNOWN } else { Known::of(portion(halves, all)) }
    }

    fn words(&self, pair: &Pair<'_>, _part: &Part, audience: Audience) -> Option<String> {
        let mut sessions = Vec::new();
        let mut greetings = Vec::new();
        let mut missing = Vec::new();
        for language in preferred(pair.user) {
            let list = match spoken(pair, language) {
                Some(Fluency::Whole) => &mut sessions,
                Some(Fluency::Some) => &mut greetings,
                None => &mut missing,
            };
            list.push(name(pair.roster().language(language)));
        }
        let rest = |but: &[&str]| {
            if but.is_empty() { String::new() } else { format!("; not {}", list(but, " or ")) }
        };
        let some = |names: &[&str]| format!("a little {}", list(names, " and "));
        let whole = || {
            let what = format!("{} for a whole session", list(&sessions, " and "));
            as_wished(audience, "Speaks", "speak", &what)
        };
        // A little of a language is not what was wished, so it is never told as such.
        let wish = match (audience, greetings.len()) {
            (Audience::ServiceUser, 0 | 1) => "you wished for a whole session in it",
            (Audience::ServiceUser, _) => "you wished for a whole session in each",
            (Audience::PeerWorker, 0 | 1) => "this person wished for a whole session in it",
            (Audience::PeerWorker, _) => "this person wished for a whole session in each",
            (_, 0 | 1) => "wished for a whole session in it",
            (_, _) => "wished for a whole session in each",
        };
        Some(match (sessions.is_empty(), greetings.is_empty()) {
            (false, true) => format!("{}{}", whole(), rest(&missing)),
            (false, false) => {
                format!("{}; {} ({wish}){}", whole(), some(&greetings), rest(&missing))
            }
            (true, false) => {
                let speaks = if audience == Audience::PeerWorker { "You speak" } else { "Speaks" };
                format!("{speaks} {}; {wish}{}", some(&greetings), rest(&missing))
            }
            (true, true) if missing.is_empty() => return None,
            (true, true) => {
                let verb = if audience == Audience::PeerWorker {
                    "do not speak it"
                } else {
                    "does not speak it"
                };
                wished_but(
                    audience,
                    &list(&missing, " and "),
                    &format!("{} {verb}", this_worker(audience)),
                )
            }
        })
    }
}

/// The languages that the person would rather use; one that is needed as well is a rule already.
fn preferred(user: &ServiceUser) -> impl Iterator<Item = Language> {
    let needed = |language| user.languages.contains(&(language, LanguageLevel::Need));
    user.languages
        .iter()
        .filter(move |&&(l, level)| level == LanguageLevel::Prefer && !needed(l))
        .map(|&(l, _)| l)
}

fn spoken(pair: &Pair<'_>, language: Language) -> Option<Fluency> {
    // `Whole` comes first in the list's order.
    pair.worker.languages.iter().filter(|(l, _)| *l == language).map(|&(_, fluency)| fluency).min()
}

/// What a language is called in English, for those spoken most where this is used first; others by their tag.
fn name(tag: &str) -> &str {
    match tag {
        "ar" => "Arabic",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fj" => "Fijian",
        "fr" => "French",
        "gil" => "Kiribati",
        "gu" => "Gujarati",
        "hi" => "Hindi",
        "ja" => "Japanese",
        "ko" => "Korean",
        "mi" => "te reo Māori",
        "niu" => "Niuean",
        "nzs" => "New Zealand Sign Language",
        "pa" => "Panjabi",
        "rar" => "Cook Islands Māori",
        "sm" => "Samoan",
        "so" => "Somali",
        "ta" => "Tamil",
        "th" => "Thai",
        "tkl" => "Tokelauan",
        "tl" | "fil" => "Filipino",
        "to" => "Tongan",
        "tvl" => "Tuvaluan",
        "uk" => "Ukrainian",
        "ur" => "Urdu",
        "vi" => "Vietnamese",
        "yue" => "Cantonese",
        "zh" | "cmn" => "Chinese",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Met;
    use super::super::testing::Little;
    use super::*;
    use peermatch_model::policy::WHOLE;
    use serde_json::json;

    #[test]
    fn preferred_languages_count_by_what_the_worker_can_do_in_them() {
        let mut it = Little::new();
        assert!(it.fit().nothing_asked, "a need is a rule");
        it.user("languages", json!([{"tag": "en", "level": "need"}, {"tag": "mi", "level": "prefer"}, {"tag": "fr", "level": "can"}]));
        assert_eq!(it.known(), (0, Met::NotMet));
        it.worker("languages", json!([{"tag": "mi", "level": "some"}]));
        assert_eq!(it.known(), (500_000, Met::Partly));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Speaks a little te reo Māori; you wished for a whole session in it")
        );
        it.worker("languages", json!([{"tag": "mi", "level": "whole"}]));
        assert_eq!(it.known(), (WHOLE, Met::Met));
        assert_eq!(
            it.words(Audience::ServiceUser).as_deref(),
            Some("Speaks te reo Māori for a whole session, as you wished")
        );
        it.user(
            "languages",
            json!([{"tag": "mi", "level": "prefer"}, {"tag": "sm", "level": "prefer"}]),
        );
        assert_eq!(it.known(), (500_000, Met::Partly));
        it.worker(
            "languages",
            json!([{"tag": "mi", "level": "whole"}, {"tag": "sm", "level": "some"}]),
        );
        assert_eq!(
            it.words(Audience::Coordinator).as_deref(),
            Some(
                "Speaks te reo Māori for a whole session, as wished; a little Samoan (wished for a whole session in it)"
            )
        );
    }
}
