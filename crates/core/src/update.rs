//! Matching again after a change, from an earlier matching: the same least total as a fresh run, and as few earlier proposals changed as
//! any matching of that total changes.
//!
//! A fresh run is canonical: it depends on the roster, the policy and the seed alone, and where several matchings are equally good it may
//! place people differently than last week's did. Where people have been told of a proposal already, that is unkind for no gain.
//! [`match_from`](crate::run::match_from) instead gives, of all matchings of least total, one that changes the fewest proposals; what it
//! started from is part of the document, so that both can be verified later.
//!
//! Matches that were accepted and pins are no proposals: they stand in the roster, and no run touches them.

use std::collections::BTreeMap;

use peermatch_assignment::{
    Frame, Left, Matching, MovesRejection, Pairs, Prices, VerifiedMatching, VerifiedMoves,
    check_fewest_moves,
};
use peermatch_model::roster::{Roster, UserIx, WorkerIx};

use crate::objective::{people_to_match, right_of, worker_of};
use crate::proof::Refusal;
use crate::report::{MatchingDocument, Origin};

/// What an earlier matching proposed, as far as it still concerns somebody who is to be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    proposals: BTreeMap<UserIx, WorkerIx>,
    /// By worker of today's roster: what a place cost then. A hint for the solver; nothing is believed of it.
    prices: Prices,
    gone: usize,
}

impl Earlier {
    /// Reads the proposals of an earlier document for today's roster, by id. Those to people who have been matched since, or are not to be
    /// matched any more, are settled and left out; so are those whose person or worker is no longer in the roster ([`Earlier::gone`]).
    ///
    /// O(matches log people). The document is not verified: its matching is wished for, not trusted.
    ///
    /// # Errors
    /// The ids of people with several earlier proposals that still stand, ascending.
    pub fn read(roster: &Roster, document: &MatchingDocument) -> Result<Self, Vec<String>> {
        let people = people_to_match(roster);
        let (mut proposals, mut several, mut gone) = (BTreeMap::new(), Vec::new(), 0);
        for pair in document.matches.iter().filter(|pair| pair.status != Origin::Kept) {
            let (Some(user), Some(worker)) =
                (roster.find_user(&pair.person_id), roster.find_worker(&pair.worker_id))
            else {
                gone += 1;
                continue;
            };
            // A proposal that was accepted since stands among the person's matches.
            if people.binary_search(&user).is_err() || roster.user(user).kept.contains(&worker) {
                continue;
            }
            if proposals.insert(user, worker).is_some() {
                several.push(pair.person_id.clone());
            }
        }
        if !several.is_empty() {
            several.sort_unstable();
            several.dedup();
            return Err(several);
        }
        let price = |id: &String| {
            let price = document.certificate.prices.get(id)?;
            i64::try_from(price.0).ok()
        };
        let prices = roster.workers().iter().map(|worker| price(&worker.id).unwrap_or(0)).collect();
        Ok(Self { proposals, prices: Prices::new(prices), gone })
    }
    /// Earlier proposals to people who are still to be matched, with workers who are still there.
    pub fn proposals(&self) -> &BTreeMap<UserIx, WorkerIx> {
        &self.proposals
    }
    /// How many earlier proposals name a person or a worker who is no longer in the roster.
    pub fn gone(&self) -> usize {
        self.gone
    }
    /// What a place cost then, by worker.
    pub(crate) fn prices(&self) -> &Prices {
        &self.prices
    }
    /// By left, where each was.
    pub(crate) fn start(&self, people: &[UserIx]) -> Matching {
        let of = |user: &UserIx| self.proposals.get(user).copied().map(right_of);
        Matching::new(people.iter().map(of).collect())
    }
}

/// What was proven of a matching made from an earlier one. Only the checker makes one.
#[derive(Debug)]
pub struct Updated {
    moves: VerifiedMoves,
    start: Matching,
    second: Prices,
}

impl Updated {
    /// Has the checker judge: least total by `prices`, and by `second` the fewest changes from `start` among all of that total.
    pub(crate) fn check(
        frame: &Frame,
        pairs: &impl Pairs,
        start: Matching,
        matching: &Matching,
        prices: &Prices,
        second: Prices,
    ) -> Result<Self, MovesRejection> {
        let moves = check_fewest_moves(frame, pairs, &start, matching, prices, &second)?;
        Ok(Self { moves, start, second })
    }
    /// The matching of least total cost.
    pub fn verified(&self) -> &VerifiedMatching {
        self.moves.verified()
    }
    /// How many earlier proposals change: the fewest at that total.
    pub fn moved(&self) -> usize {
        self.moves.moved()
    }
    /// How many earlier proposals there were, to people still to be matched.
    pub fn proposals(&self) -> usize {
        self.start.assigned()
    }
    /// The prices that prove that fewer changes are impossible.
    pub fn second(&self) -> &Prices {
        &self.second
    }
    /// The earlier proposals, by left.
    pub(crate) fn earlier(&self) -> impl Iterator<Item = (Left, WorkerIx)> + '_ {
        Left::all(self.start.lefts())
            .filter_map(|left| Some((left, worker_of(self.start.right_of(left)?))))
    }
}

/// A proof of least total that fails is told as one of any other matching.
impl From<MovesRejection> for Refusal {
    fn from(rejection: MovesRejection) -> Self {
        match rejection {
            MovesRejection::Cost(rejection) => Self::Matching(rejection),
            other => Self::Moves(other),
        }
    }
}
