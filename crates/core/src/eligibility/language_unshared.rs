//! No language to hold a whole meeting in.
//!
//! Every language that the person cannot do without must be one the worker can run a whole session in. Who needs none in
//! particular needs one in common, at whatever level they told it.

use peermatch_model::words::{Fluency, LanguageLevel};

use super::{Exclusion, Rule};
use crate::pair::Pair;

pub(super) const RULE: Rule = Rule {
    exclusion: Exclusion::LanguageUnshared,
    excludes,
    staff: "They share no language at the level the person needs.",
    person: Some("You have no language in common that you need."),
    worker: Some("You have no language in common that this person needs."),
    next_step: "Ask about an interpreter, or look for a worker who speaks the language.",
};

fn excludes(pair: &Pair<'_>) -> bool {
    let whole = |language| pair.worker.languages.contains(&(language, Fluency::Whole));
    let mut needed =
        pair.user.languages.iter().filter(|(_, level)| *level == LanguageLevel::Need).peekable();
    if needed.peek().is_some() {
        return !needed.all(|&(language, _)| whole(language));
    }
    !pair.user.languages.iter().any(|&(language, _)| whole(language))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn needs_are_all_met_and_some_is_not_enough() {
        let speak = |person_has: &[(&str, LanguageLevel)], worker_has: &[(&str, Fluency)]| {
            reasons_with(|i| {
                let asked = |&(tag, level): &(&str, LanguageLevel)| LanguageInput {
                    tag: tag.to_owned().into(),
                    level: level.into(),
                    ..LanguageInput::default()
                };
                let told = |&(tag, level): &(&str, Fluency)| SpokenInput {
                    tag: tag.to_owned().into(),
                    level: level.into(),
                    ..SpokenInput::default()
                };
                person(i).languages = all(person_has.iter().map(asked));
                worker(i).languages = all(worker_has.iter().map(told));
            })
        };
        let no = [Exclusion::LanguageUnshared];
        let (need, can) = (LanguageLevel::Need, LanguageLevel::Can);
        let (whole, some) = (Fluency::Whole, Fluency::Some);
        assert_eq!(speak(&[("mi", need), ("en", can)], &[("en", whole)]), no);
        assert_eq!(speak(&[("mi", need), ("en", can)], &[("mi", some), ("en", whole)]), no);
        assert_eq!(speak(&[("mi", need), ("en", can)], &[("mi", whole)]), []);
        assert_eq!(speak(&[("mi", need), ("nzs", need)], &[("mi", whole)]), no);
        assert_eq!(speak(&[("en", can), ("mi", can)], &[("mi", whole)]), []);
        assert_eq!(speak(&[("en", can)], &[("mi", whole)]), no);
        assert_eq!(
            speak(&[("en-NZ", need)], &[("en", whole)]),
            [],
            "a language is its primary subtag"
        );
    }
}
