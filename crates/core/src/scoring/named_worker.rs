//! Workers that the person named. A wish, never a promise: at most important.

use peermatch_model::policy::WHOLE;
use peermatch_model::roster::WishValues;
use peermatch_model::words::Audience;

use super::{Criterion, Known, Met, Part, Place, portion, wish_at};
use crate::pair::Pair;

/// The first named is whole, the others fall evenly by their place, who is not named is nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamedWorker;

impl Criterion for NamedWorker {
    of_wish!(NamedWorker);

    fn value(&self, pair: &Pair<'_>, place: Place) -> Known {
        let Some(wish) = wish_at(pair, place) else { return Known::UNKNOWN };
        let WishValues::Workers(named) = &wish.values else { return Known::UNKNOWN };
        let rank = named.iter().position(|&w| w == pair.worker_ix);
        Known::of(rank.map_or(0, |rank| by_rank(rank, named.len())))
    }

    fn words(&self, _pair: &Pair<'_>, part: &Part, audience: Audience) -> Option<String> {
        let named = part.met != Met::NotMet;
        match audience {
            Audience::ServiceUser => Some(
                if named { "You named this worker" } else { "You named somebody else" }.to_owned(),
            ),
            Audience::Coordinator | Audience::Auditor => Some(
                if named { "Was named by the person" } else { "The person named somebody else" }
                    .to_owned(),
            ),
            // Whom a person would rather have is nobody else's to know.
            Audience::PeerWorker => None,
        }
    }
}

/// What stands at place `rank` of `len` ranked ones: the whole at the first, falling evenly, above nothing at the last.
pub(super) fn by_rank(rank: usize, len: usize) -> u32 {
    if rank == 0 {
        return WHOLE;
    }
    let (rank, len) = (rank as u64, len as u64);
    portion(len.saturating_sub(rank), len)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Little;
    use super::*;
    use serde_json::json;

    #[test]
    fn ranks_fall_evenly() {
        assert_eq!([by_rank(0, 3), by_rank(1, 3), by_rank(2, 3)], [WHOLE, 666_667, 333_333]);
        let mut it = Little::new();
        it.wish("named_worker", json!(["b", "a"]), "important");
        assert_eq!(it.known(), (500_000, Met::Partly));
        assert_eq!(it.words(Audience::ServiceUser).as_deref(), Some("You named this worker"));
        assert_eq!(it.words(Audience::PeerWorker), None);
        it.wish("named_worker", json!(["b"]), "important");
        assert_eq!(it.known(), (0, Met::NotMet));
    }
}
