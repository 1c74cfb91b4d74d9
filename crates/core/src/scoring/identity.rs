//! What two people told of who they are, compared: yes, no, or not known. Read only for somebody who asked.
//!
//! A code covers itself and what is narrower: a wish for "Pacific" is met by "Tongan", a wish for "Samoan" by neither. Somebody with several identities
//! has all of them, in no order. Who told only something broader than what is wished may or may not be meant, so that is
//! not known; and who told of a faith has told nothing of an ethnicity: systems are never mixed.

use peermatch_model::roster::{CodeIx, Roster, Told};
use peermatch_model::words::Direction;

use crate::pair::Pair;

/// The code system whose codes only the wish about iwi reads.
pub(super) use peermatch_model::roster::IWI_SYSTEM;

/// The codes that a wish compares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'a> {
    roster: &'a Roster,
    own: &'a [CodeIx],
    told: &'a [Told<CodeIx>],
    iwi: bool,
    partial: bool,
}

impl<'a> Compared<'a> {
    /// Everything but iwi.
    pub(super) fn cultures(pair: &Pair<'a>) -> Self {
        Self {
            roster: pair.cx.roster,
            own: &pair.user.identity,
            told: &pair.worker.identity,
            iwi: false,
            partial: pair.partial,
        }
    }

    /// Iwi alone.
    pub(super) fn iwi(pair: &Pair<'a>) -> Self {
        Self { iwi: true, ..Self::cultures(pair) }
    }

    fn counts(&self, code: CodeIx) -> bool {
        (self.system(code) == IWI_SYSTEM) == self.iwi
    }

    fn system(&self, code: CodeIx) -> &'a str {
        &self.roster.code(code).system
    }

    /// The person's own codes that count.
    pub(super) fn own(self) -> impl Iterator<Item = CodeIx> {
        self.own.iter().copied().filter(move |&c| self.counts(c))
    }

    /// The worker's codes that count.
    pub(super) fn told(self) -> impl Iterator<Item = CodeIx> {
        self.told.iter().map(|t| t.value).filter(move |&c| self.counts(c))
    }

    /// Whether the worker is of `wished` or narrower. `None`: told nothing of that system, or only something broader.
    pub(super) fn is(self, wished: CodeIx) -> Option<bool> {
        let covers = |a, b| self.roster.code_covers(a, b);
        if self.told().any(|t| covers(wished, t)) {
            return Some(true);
        }
        if self.partial {
            // What is shown is another identity; what is not shown may be this one.
            return None;
        }
        let narrower_told = |broad| self.told().any(|t| t != broad && covers(broad, t));
        if self.told().any(|t| covers(t, wished) && !narrower_told(t)) {
            return None;
        }
        self.told().any(|t| self.system(t) == self.system(wished)).then_some(false)
    }

    /// Whether the worker is of one of the person's own, at the level that the person recorded.
    pub(super) fn same(self) -> Option<bool> {
        self.own().next()?;
        any(self.own().map(|own| self.is(own)))
    }

    /// Whether the worker is known to be of none of the person's own, nor of anything broader or narrower.
    pub(super) fn apart(self) -> Option<bool> {
        let related = |a, b| self.roster.code_covers(a, b) || self.roster.code_covers(b, a);
        if self.own().any(|own| self.told().any(|t| related(own, t))) {
            return Some(false);
        }
        if self.partial {
            return None;
        }
        let known = |own| self.told().any(|t| self.system(t) == self.system(own));
        (self.own().next().is_some() && self.own().all(known)).then_some(true)
    }

    /// What the worker told that is of `wished`.
    pub(super) fn match_for(self, wished: CodeIx) -> Option<CodeIx> {
        self.told().find(|&t| self.roster.code_covers(wished, t))
    }

    /// The nearest broader identity that `wished` shares with something the worker told, and what that is.
    pub(super) fn broader(self, wished: CodeIx) -> Option<(CodeIx, CodeIx)> {
        let mut at = self.roster.code(wished).parent;
        while let Some(broad) = at {
            if let Some(told) = self.match_for(broad) {
                return Some((broad, told));
            }
            at = self.roster.code(broad).parent;
        }
        None
    }
}

/// Whether any holds: yes if one does, unknown if one may, else no.
pub(super) fn any(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut out = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            None => out = None,
            Some(false) => {}
        }
    }
    out
}

/// An answer towards or away; the unknown stays unknown.
pub(super) fn directed(direction: Direction, answer: Option<bool>) -> Option<bool> {
    answer.map(|yes| yes == (direction == Direction::Prefer))
}
