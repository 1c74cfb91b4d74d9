//! The words of the pages, in each language a catalogue of its own (`words/*.ftl`, in Fluent).

use std::borrow::Cow;
use std::sync::OnceLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// Name of the cookie that says in which language somebody reads.
pub(crate) const LANGUAGE: &str = "peermatch-language";

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Te reo Māori.
    Maori,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Maori];

    /// Its tag (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Maori => "mi",
        }
    }

    /// What it is called by those who speak it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Maori => "Te reo Māori",
        }
    }

    /// The language of a tag.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The language somebody chose; English for whoever chose none.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let chosen = lines.flat_map(|line| line.split(';')).find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == LANGUAGE).then(|| Self::from_tag(value)).flatten()
        });
        chosen.unwrap_or(Self::English)
    }

    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../words/en.ftl"),
            Self::Maori => include_str!("../../words/mi.ftl"),
        }
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static ALL: [OnceLock<FluentBundle<FluentResource>>; 2] =
            [OnceLock::new(), OnceLock::new()];
        let cell = match self {
            Self::English => &ALL[0],
            Self::Maori => &ALL[1],
        };
        cell.get_or_init(|| {
            let tag: LanguageIdentifier = self.tag().parse().expect("a tag");
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // Marks around what is put in are for text that runs the other way; here they would only stand in what is copied.
            bundle.set_use_isolating(false);
            let resource = FluentResource::try_new(self.source().to_owned());
            bundle.add_resource(resource.expect("a catalogue")).expect("no word twice");
            bundle
        })
    }

    /// A message. What a language lacks is told in English.
    pub(crate) fn say(self, id: &str) -> Cow<'static, str> {
        self.say_with(id, &[])
    }

    /// A message in which something is put.
    pub(crate) fn say_with(
        self,
        id: &str,
        with: &[(&'static str, FluentValue<'_>)],
    ) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        for (name, value) in with {
            args.set(*name, value.clone());
        }
        for language in [self, Self::English] {
            let bundle = language.bundle();
            if let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) {
                let mut errors = Vec::new();
                let said = bundle.format_pattern(pattern, Some(&args), &mut errors);
                return Cow::Owned(said.into_owned());
            }
        }
        debug_assert!(false, "no message {id}");
        Cow::Owned(id.to_owned())
    }
}

#[cfg(test)]
impl Language {
    /// Whether its own catalogue has a message.
    pub(crate) fn has(self, id: &str) -> bool {
        self.bundle().has_message(id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Messages by name, each with what is put into it.
    fn catalogue(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut name = String::new();
        for line in language.source().lines() {
            if let Some((id, _)) = line.split_once(" = ")
                && !line.starts_with(['#', ' '])
            {
                id.clone_into(&mut name);
                assert!(all.insert(name.clone(), BTreeSet::new()).is_none(), "{id} stands twice");
            }
            for part in line.split("{ $").skip(1) {
                let put: String = part.chars().take_while(char::is_ascii_lowercase).collect();
                if let Some(all) = all.get_mut(&name) {
                    all.insert(put);
                }
            }
        }
        all
    }

    #[test]
    fn every_language_says_everything_with_the_same_put_in() {
        let english = catalogue(Language::English);
        assert!(english.len() > 100);
        assert_eq!(english, catalogue(Language::Maori));
    }

    #[test]
    fn every_message_that_a_page_names_is_there() {
        let english = catalogue(Language::English);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut named = 0;
        for file in std::fs::read_dir(folder.join("templates")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for call in ["frame.say(\"", "frame.count(\"", "frame.name(\""] {
                for part in text.split(call).skip(1) {
                    let id = part.split('"').next().unwrap();
                    assert!(english.contains_key(id), "{id}");
                    named += 1;
                }
            }
        }
        assert!(named > 80, "{named}");
    }

    #[test]
    fn numbers_take_the_form_of_their_language() {
        let days = |language: Language, n: u32| language.say_with("days", &[("n", n.into())]);
        assert_eq!(days(Language::English, 1), "1 day");
        assert_eq!(days(Language::English, 2), "2 days");
        assert!(days(Language::Maori, 2).contains("ngā rā"));
    }

    /// Long vowels are written, in one character each: a reader aloud says them right, and a search finds them.
    #[test]
    fn nobody_is_scored_or_ranked_in_words() {
        for language in Language::ALL {
            let words = language.source().to_lowercase();
            for word in ["score", "rank", "candidate"] {
                assert!(!words.contains(word), "{word} in {}", language.tag());
            }
        }
    }

    #[test]
    fn macrons_are_written_as_one_character() {
        let text = Language::Maori.source();
        assert!(!text.contains('\u{304}'));
        assert!(text.contains("Draft, needs a fluent reviewer"));
        let plain = ["Maori", "whanau", "tangata katoa kei tenei", "wharangi", "kaore", "Kaore"];
        for word in plain {
            assert!(!text.contains(word), "{word}");
        }
    }
}
