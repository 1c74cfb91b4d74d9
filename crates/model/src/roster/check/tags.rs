//! What is compared by name: open words, languages and identity codes, each folded to one spelling. Knows names and consent
//! to use them; not what any of them is worth.

use std::collections::{BTreeMap, BTreeSet};

use oxilangtag::LanguageTag;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::values::each_index;
use super::{Checker, Refs};
use crate::fault::{At, Faults, nearest};
use crate::raw::{
    CodeInput, Field, IdentityInput, PeerWorkerInput, RosterInput, ServiceUserInput,
    ToldIdentityInput,
};
use crate::roster::{Code, CodeIx, IWI_SYSTEM, Language, Tag, Told};
use crate::take::{each, optional, required, unknown};

/// Folds a word so that case, accents and spacing do not part what belongs together (`Māori`, `maori`).
fn fold(word: &str) -> String {
    let plain: String = word.nfd().filter(|&c| !is_combining_mark(c)).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every open word of the input, sorted by its folded form; the spelling kept is the first in byte order, so that the order
/// of rows does not show.
pub(super) struct Tags {
    folded: Vec<String>,
    pub(super) words: Vec<String>,
}

impl Tags {
    pub(super) fn gather(input: &RosterInput) -> Self {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        let mut add = |word: &str| {
            let word: String = word.trim().nfc().collect();
            let key = fold(&word);
            if key.is_empty() {
                return;
            }
            all.entry(key)
                .and_modify(|kept| *kept = std::cmp::min(kept.as_str(), &word).to_owned())
                .or_insert(word);
        };
        let mut many = |rows: &Field<Vec<Field<String>>>| each_index(rows, |_, word| add(word));
        each_index(&input.services, |_, s| {
            many(&s.kaupapa);
            many(&s.required_training);
        });
        each_index(&input.people, |_, u| each_index(&u.wishes, |_, w| many(&w.values)));
        each_index(&input.workers, |_, w| {
            many(&w.areas);
            many(&w.places);
            many(&w.styles);
            many(&w.interests);
        });
        let mut one = |field: &Field<String>| {
            if let Some(word) = field.given() {
                add(word);
            }
        };
        each_index(&input.people, |_, u| one(&u.area));
        each_index(&input.groups, |_, g| one(&g.area));
        each_index(&input.workers, |_, w| {
            each_index(&w.training, |_, t| one(&t.code));
            each_index(&w.competences, |_, c| one(&c.area));
        });
        let (folded, words) = all.into_iter().unzip();
        Self { folded, words }
    }

    pub(super) fn find(&self, word: &str) -> Option<Tag> {
        self.folded.binary_search(&fold(word)).ok().map(Tag::at)
    }

    /// The tags of a list: sorted, each once. Wrong shapes are reported.
    pub(super) fn list(
        &self,
        f: &mut Faults,
        at: &At<'_>,
        rows: &Field<Vec<Field<String>>>,
    ) -> Vec<Tag> {
        let mut out = BTreeSet::new();
        each(f, at, rows, |f, at, _, word| match self.find(word) {
            Some(tag) => {
                out.insert(tag);
            }
            None => f.report(at, word, "an empty word", "remove it"),
        });
        out.into_iter().collect()
    }
}

/// The primary subtag, by which languages are compared: `en` and `en-NZ` are one.
fn primary(tag: &str) -> Option<String> {
    let parsed = LanguageTag::parse_and_normalize(tag.trim()).ok()?;
    // Longer ones are reserved or names written out (`english`): well formed, and never meant.
    Some(parsed.primary_language().to_lowercase())
        .filter(|language| (2..=3).contains(&language.len()))
}

/// Every language of the input, sorted.
pub(super) fn languages(input: &RosterInput) -> Vec<String> {
    let mut all = BTreeSet::new();
    let mut add = |field: &Field<String>| all.extend(field.given().and_then(|t| primary(t)));
    each_index(&input.people, |_, u| each_index(&u.languages, |_, l| add(&l.tag)));
    each_index(&input.workers, |_, w| each_index(&w.languages, |_, l| add(&l.tag)));
    each_index(&input.groups, |_, g| {
        for l in g.languages.given().into_iter().flatten() {
            add(l);
        }
    });
    all.into_iter().collect()
}

/// The identity codes the service loaded, by system and code.
pub(super) struct Codes {
    pub(super) list: Vec<Code>,
    by_name: BTreeMap<(String, String), CodeIx>,
}

impl Codes {
    pub(super) fn check(cx: &mut Checker<'_>, input: &RosterInput) -> Self {
        let root = At::root();
        let at = root.key("codes");
        let mut rows: BTreeMap<(String, String), (usize, CodeInput)> = BTreeMap::new();
        each(cx.f, &at, &input.codes, |f, at, i, row: &CodeInput| {
            unknown(f, at, &row.unknown, CodeInput::MEMBERS);
            let system = required(f, &at.key("system"), &row.system, "name the code system");
            let code = required(f, &at.key("code"), &row.code, "write the code");
            if let (Some(system), Some(code)) = (system, code) {
                let key = (system.trim().to_owned(), code.trim().to_owned());
                if let Some((earlier, _)) = rows.get(&key) {
                    f.report(
                        &at.key("code"),
                        &key.1,
                        format!("the same code stands in row {} too", earlier + 1),
                        "keep one of the two",
                    );
                } else {
                    rows.insert(key, (i, row.clone()));
                }
            }
        });
        let by_name: BTreeMap<(String, String), CodeIx> =
            rows.keys().enumerate().map(|(i, key)| (key.clone(), CodeIx::at(i))).collect();
        let mut list = Vec::new();
        for ((system, code), (i, row)) in &rows {
            let at = at.index(*i);
            let parent = optional(cx.f, &at.key("parent"), &row.parent)
                .filter(|p| !p.trim().is_empty())
                .and_then(|parent| {
                    let found = by_name.get(&(system.clone(), parent.trim().to_owned())).copied();
                    if found.is_none() {
                        cx.f.report(
                            &at.key("parent"),
                            &parent,
                            "no code of the same system has this name",
                            "name a code of the list, or leave it empty",
                        );
                    }
                    found
                });
            list.push(Code {
                system: system.clone(),
                code: code.clone(),
                label: optional(cx.f, &at.key("label"), &row.label).unwrap_or_else(|| code.clone()),
                parent,
                residual: optional(cx.f, &at.key("residual"), &row.residual).unwrap_or(false),
            });
        }
        // Walks upwards, each code once: a walk that meets itself goes round, and each circle is reported once.
        let keys: Vec<&(usize, CodeInput)> = rows.values().collect();
        let mut walked = vec![0; list.len()];
        for start in 0..list.len() {
            let mut next = Some(start);
            while let Some(code) = next.filter(|&code| walked[code] == 0) {
                walked[code] = start + 1;
                next = list[code].parent.map(CodeIx::index);
            }
            if let Some(code) = next.filter(|&code| walked[code] == start + 1) {
                let (row, input) = keys[code];
                cx.f.report(
                    &at.index(*row).key("parent"),
                    input.parent.given().cloned().unwrap_or_default(),
                    "the parents go round in a circle",
                    "let the broadest code have no parent",
                );
            }
        }
        if !cx.f.is_empty() {
            // A circle must not be walked later in this check.
            for code in &mut list {
                code.parent = None;
            }
        }
        Self { list, by_name }
    }

    /// Whether a code stands for no answer.
    fn is_residual(&self, code: CodeIx) -> bool {
        self.list[code.index()].residual
    }

    /// Whether a code names an iwi.
    pub(super) fn is_iwi(&self, code: CodeIx) -> bool {
        self.list[code.index()].system == IWI_SYSTEM
    }

    /// A code that a record names. Residual codes are found too: they are known, and who reads them drops them.
    pub(super) fn find(
        &self,
        f: &mut Faults,
        at: &At<'_>,
        system: &str,
        code: &str,
    ) -> Option<CodeIx> {
        let found = self.by_name.get(&(system.trim().to_owned(), code.trim().to_owned())).copied();
        if found.is_none() {
            // Only short lists are searched for what was meant: a long one would make many faults slow.
            let searched = if self.list.len() <= 1_000 { self.list.as_slice() } else { &[] };
            let known =
                searched.iter().filter(|c| c.system == system.trim()).map(|c| c.code.as_str());
            let fix = match nearest(code, known) {
                Some(word) => format!("did you mean `{word}`?"),
                None => {
                    "add this code to the codes of its system, with its parent and whether it stands for no answer".to_owned()
                }
            };
            f.report(at, format!("{system}:{code}"), "not among the codes the service loaded", fix);
        }
        found
    }
}

impl Checker<'_> {
    pub(super) fn language(&mut self, at: &At<'_>, tag: &Field<String>) -> Option<Language> {
        let at = at.key("tag");
        let tag = required(self.f, &at, tag, "write a language tag such as en, mi or nzs")?;
        self.language_tag(&at, &tag)
    }

    pub(super) fn language_tag(&mut self, at: &At<'_>, tag: &str) -> Option<Language> {
        let found =
            primary(tag).and_then(|p| self.languages.binary_search(&p).ok()).map(Language::at);
        if found.is_none() {
            self.f.report(
                at,
                tag,
                "not a BCP-47 language tag",
                "write a tag such as en (English), mi (te reo Māori), sm or nzs",
            );
        }
        found
    }

    /// What a service user lets be used of their own identity.
    pub(super) fn user_identity(
        &mut self,
        at: &At<'_>,
        row: &ServiceUserInput,
        refs: &Refs<'_>,
    ) -> Vec<CodeIx> {
        let at = at.key("identity");
        let mut out = BTreeSet::new();
        each(self.f, &at, &row.identity, |f, at, _, row: &IdentityInput| {
            unknown(f, at, &row.unknown, IdentityInput::MEMBERS);
            let system = required(f, &at.key("system"), &row.system, "name the code system");
            let code = required(f, &at.key("code"), &row.code, "write the code");
            let usable =
                optional(f, &at.key("use_for_matching"), &row.use_for_matching).unwrap_or(false);
            if let (Some(system), Some(code)) = (system, code)
                && let Some(ix) = refs.codes.find(f, &at.key("code"), &system, &code)
                && usable
                && !refs.codes.is_residual(ix)
            {
                out.insert(ix);
            }
        });
        out.into_iter().collect()
    }

    /// What a peer worker lets be used of their identity.
    pub(super) fn worker_identity(
        &mut self,
        at: &At<'_>,
        row: &PeerWorkerInput,
        refs: &Refs<'_>,
    ) -> Vec<Told<CodeIx>> {
        let at = at.key("identity");
        let mut out = BTreeMap::new();
        each(self.f, &at, &row.identity, |f, at, _, row: &ToldIdentityInput| {
            unknown(f, at, &row.unknown, ToldIdentityInput::MEMBERS);
            let system = required(f, &at.key("system"), &row.system, "name the code system");
            let code = required(f, &at.key("code"), &row.code, "write the code");
            let usable = optional(f, &at.key("consent_match"), &row.consent_match).unwrap_or(false);
            let show = optional(f, &at.key("consent_show"), &row.consent_show).unwrap_or(false);
            if let (Some(system), Some(code)) = (system, code)
                && let Some(ix) = refs.codes.find(f, &at.key("code"), &system, &code)
                && usable
                && !refs.codes.is_residual(ix)
            {
                out.insert(ix, show);
            }
        });
        out.into_iter().map(|(value, show)| Told { value, show }).collect()
    }
}
