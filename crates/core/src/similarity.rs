//! How far a peer worker's lived experience covers what a service user asked for.
//!
//! Two concepts of the taxonomy are compared, never two people: there is no rarity among the people of a service here (it would
//! tell who has what), only the shape of the taxonomy. This file knows nothing of consent, of importance, or of what an
//! experience that nobody told of may be worth; those stand with the criterion.
//!
//! # The measure
//! Let `anc(t)` be the ancestors of `t` with `t`, and `leaves(t)` the number of leaf descendants, 0 at a leaf. For `t` strictly inside
//! the facet `f`, the information of `t` is, after Sánchez, Batet & Isern (2011), but counted within the facet, so that
//! sharing only a large or only a small facet tells nothing:
//!
//! ```text
//! J(t) = max over such f of  1 - ln(leaves(t) / |{x in anc(t) : f in anc(x)}| + 1) / ln(leaves(f) + 1)
//! ```
//!
//! Facets and the root have `J = 0`. What is told, `a`, covers what is asked, `q`, by `cov(q, a)`:
//!
//! | when (the first that holds) | value | kind |
//! |---|---|---|
//! | the perspectives differ | 0 | none |
//! | `q` is the root, or only the root is shared | 0 | none |
//! | `q` is in `anc(a)`, and is a facet | 1 | broad area |
//! | `q` is in `anc(a)` | 1 | same or narrower |
//! | `q` is a pure pathway (pathways are compatibility, not similarity) | 0 | none |
//! | nothing but root and pure pathways is shared | 0 | none |
//! | only facets are shared | 0.1 | broad area |
//! | else | `max(0.1, max over shared c of J(c) / J(q))` | related |
//!
//! A *pure pathway* is a concept whose every way to the root goes through a facet of pathways (that facet included); as a shared ancestor
//! it does not count, in any row but those where it is `q` itself.
//!
//! The measure is asymmetric on purpose: who lived through the narrower thing knows the broader one, not the other way round.
//!
//! # The same bits everywhere
//! Values are whole numbers, 0..=[`VALUE_MAX`], rounded to nearest with halves up. Logarithms are taken to base 2 in fixed point by repeated squaring in
//! integers; only their ratios are used, so the base does not matter. A logarithm is at most 2 units of 2^-48 too low, which leaves a value
//! within 1e-6 of a unit before rounding.

use std::cmp::Reverse;

use peermatch_assignment::gain::{LOG_PLACES, log2};
use peermatch_model::taxonomy::{Concept, Taxonomy};
use peermatch_model::words::Perspective;

/// A value of 1.
pub const VALUE_MAX: u32 = 1_000_000;

/// What sharing only a broad area is worth.
pub const BROAD_AREA_VALUE: u32 = 100_000;

/// Taxonomies of at most this many concepts get a complete [`CoverTable`] (16 MiB at most).
pub const FULL_TABLE_CONCEPTS_MAX: usize = 2_000;

/// The most cells of a table over a larger taxonomy (64 MiB); rows beyond are computed when asked for.
pub const TABLE_CELLS_MAX: usize = 1 << 24;

/// Binary places of fixed-point information: those of the logarithm it is made of.
const PLACES: u32 = LOG_PLACES;

/// What a value means, for words. From least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing in common that counts.
    None,
    /// In the same broad area, no more: never to be told as a shared experience.
    BroadArea,
    /// Something narrower than a broad area in common.
    Related,
    /// What was asked for, or something narrower.
    SameOrNarrower,
}

impl Kind {
    const ALL: [Self; 4] = [Self::None, Self::BroadArea, Self::Related, Self::SameOrNarrower];
}

/// How far one experience covers another. Ordered by value, then by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cover {
    /// 0..=[`VALUE_MAX`]; 0 exactly if the kind is [`Kind::None`].
    pub value: u32,
    /// What the value means.
    pub kind: Kind,
}

impl Cover {
    /// Not at all.
    pub const NONE: Self = Self { value: 0, kind: Kind::None };
}

/// A cover in one number, value above kind, so that the larger number is the greater cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packed(u32);

impl Packed {
    const NONE: Self = Self(0);

    fn new(value: u32, kind: Kind) -> Self {
        Self(value << 2 | kind as u32)
    }

    fn cover(self) -> Cover {
        // Two bits are always one of the four kinds.
        Cover { value: self.0 >> 2, kind: Kind::ALL[(self.0 & 3) as usize] }
    }
}

/// The measure over one taxonomy, computed pair by pair. [`CoverTable`] gives the same answers from a table.
///
/// ```
/// use peermatch_core::similarity::{Coverage, Kind};
/// use peermatch_model::taxonomy::Taxonomy;
///
/// let taxonomy = Taxonomy::shipped();
/// let of = |id| taxonomy.find(id).ok_or("no such concept");
/// let coverage = Coverage::new(&taxonomy);
/// let cover = coverage.cov(of("opioids")?, of("drugs")?);
/// assert_eq!((cover.value, cover.kind), (615_712, Kind::Related));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Coverage {
    taxonomy: Taxonomy,
    /// J of each concept, in units of 2^-PLACES.
    information: Vec<u64>,
}

impl Coverage {
    /// Computes the information of every concept. O(sum over concepts of ancestors times facets).
    pub fn new(taxonomy: &Taxonomy) -> Self {
        let information = taxonomy.concepts().map(|t| information(taxonomy, t)).collect();
        Self { taxonomy: taxonomy.clone(), information }
    }

    /// The taxonomy measured.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// `J(concept)`, 0..=[`VALUE_MAX`], rounded to nearest; 0 exactly for facets and the root.
    pub fn information(&self, concept: Concept) -> u32 {
        ratio(self.information[concept.index()], 1 << PLACES)
    }

    /// How far `told` covers `asked`, perspectives apart. O(ancestors of both).
    pub fn cov(&self, asked: Concept, told: Concept) -> Cover {
        let mut theirs = self.taxonomy.ancestors(told).iter().peekable();
        let mut best = Packed::NONE;
        for &shared in self.taxonomy.ancestors(asked) {
            while theirs.next_if(|&&c| c < shared).is_some() {}
            if theirs.next_if(|&&c| c == shared).is_some() {
                best = best.max(self.worth(asked, shared));
            }
        }
        best.cover()
    }

    /// How far `told` covers `asked`, each with whose experience it is: experiences from different perspectives are not the same.
    pub fn cover(&self, asked: (Concept, Perspective), told: (Concept, Perspective)) -> Cover {
        if asked.1 == told.1 { self.cov(asked.0, told.0) } else { Cover::NONE }
    }

    /// What it is worth to somebody who asked for `asked` that `shared`, one of its ancestors or itself, is an ancestor of what is told.
    /// The cover is the greatest worth over all that is shared.
    fn worth(&self, asked: Concept, shared: Concept) -> Packed {
        let taxonomy = &self.taxonomy;
        if taxonomy.is_root(shared) {
            Packed::NONE
        } else if asked == shared {
            let kind =
                if taxonomy.is_facet(asked) { Kind::BroadArea } else { Kind::SameOrNarrower };
            Packed::new(VALUE_MAX, kind)
        } else if taxonomy.is_pure_pathway(shared) {
            // Covers a pure pathway asked for as well: all that it shares is a pure pathway.
            Packed::NONE
        } else if taxonomy.is_facet(shared) {
            Packed::new(BROAD_AREA_VALUE, Kind::BroadArea)
        } else {
            let value = ratio(self.information[shared.index()], self.information[asked.index()]);
            Packed::new(value.max(BROAD_AREA_VALUE), Kind::Related)
        }
    }
}

/// Covers between all concepts, or, in a large taxonomy, between those asked for and all concepts.
///
/// 120 concepts make 14,400 cells. Answers are those of [`Coverage`], to the bit.
#[derive(Debug, Clone)]
pub struct CoverTable {
    coverage: Coverage,
    /// Where the row of an asked concept starts in `cells`, for those that have one.
    starts: Vec<Option<usize>>,
    /// Rows of one cell a told concept.
    cells: Vec<Packed>,
}

impl CoverTable {
    /// Computes the table: every row if the taxonomy has at most [`FULL_TABLE_CONCEPTS_MAX`] concepts, otherwise the rows of `asked`, up to
    /// [`TABLE_CELLS_MAX`] cells. O(rows times the sum of all concepts' ancestors).
    pub fn new(taxonomy: &Taxonomy, asked: impl IntoIterator<Item = Concept>) -> Self {
        let coverage = Coverage::new(taxonomy);
        let width = taxonomy.concept_count();
        let mut rows: Vec<Concept> = if width <= FULL_TABLE_CONCEPTS_MAX {
            taxonomy.concepts().collect()
        } else {
            asked.into_iter().collect()
        };
        rows.sort_unstable();
        rows.dedup();
        if width > FULL_TABLE_CONCEPTS_MAX {
            rows.truncate(TABLE_CELLS_MAX / width);
        }

        let mut starts = vec![None; width];
        let mut cells = Vec::with_capacity(rows.len() * width);
        let mut worth = vec![Packed::NONE; width];
        for asked in rows {
            starts[asked.index()] = Some(cells.len());
            let ancestors = taxonomy.ancestors(asked);
            for &shared in ancestors {
                worth[shared.index()] = coverage.worth(asked, shared);
            }
            cells.extend(taxonomy.concepts().map(|told| {
                let shared = taxonomy.ancestors(told).iter().map(|c| worth[c.index()]);
                shared.max().unwrap_or(Packed::NONE)
            }));
            for &shared in ancestors {
                worth[shared.index()] = Packed::NONE;
            }
        }
        Self { coverage, starts, cells }
    }

    /// The measure that the table holds.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// As [`Coverage::cov`]. O(1) for the rows computed.
    pub fn cov(&self, asked: Concept, told: Concept) -> Cover {
        match self.starts[asked.index()] {
            Some(start) => self.cells[start + told.index()].cover(),
            None => self.coverage.cov(asked, told),
        }
    }

    /// As [`Coverage::cover`]. O(1) for the rows computed.
    pub fn cover(&self, asked: (Concept, Perspective), told: (Concept, Perspective)) -> Cover {
        if asked.1 == told.1 { self.cov(asked.0, told.0) } else { Cover::NONE }
    }

    /// How far all that a peer worker told covers what was asked: the greatest cover over `items`, [`Cover::NONE`] if there are none. More, or more
    /// specific, disclosure never lowers it, and it does not depend on the order of `items`.
    pub fn worker_cover(
        &self,
        asked: (Concept, Perspective),
        items: impl IntoIterator<Item = (Concept, Perspective)>,
    ) -> Cover {
        items.into_iter().map(|told| self.cover(asked, told)).max().unwrap_or(Cover::NONE)
    }

    /// Which of `items` [`CoverTable::worker_cover`] rests on: its place in `items` and its cover; `None` if nothing covers at all. Of equal
    /// covers the concept first by id, of equal concepts the first item.
    pub fn best_item(
        &self,
        asked: (Concept, Perspective),
        items: impl IntoIterator<Item = (Concept, Perspective)>,
    ) -> Option<(usize, Cover)> {
        let covers = items
            .into_iter()
            .enumerate()
            .map(|(place, told)| (self.cover(asked, told), told.0, place));
        let (cover, _, place) =
            covers.max_by_key(|&(cover, concept, place)| (cover, Reverse((concept, place))))?;
        (cover != Cover::NONE).then_some((place, cover))
    }
}

/// J in units of 2^-PLACES: 0..=2^PLACES.
fn information(taxonomy: &Taxonomy, t: Concept) -> u64 {
    let ancestors = taxonomy.ancestors(t);
    let within = |&f: &Concept| {
        let inside = ancestors.iter().filter(|&&x| taxonomy.is_ancestor(f, x)).count();
        let inside = u32::try_from(inside).expect("a taxonomy has at most 65,535 concepts");
        // ln(leaves / inside + 1) = ln(leaves + inside) - ln(inside), and t lies below f, so f has leaves and `whole` is not 0.
        let part = log2(u32::from(taxonomy.leaves(t)) + inside) - log2(inside);
        let whole = log2(u32::from(taxonomy.leaves(f)) + 1);
        let rest = u128::from(whole.saturating_sub(part));
        u64::try_from((rest << PLACES) / u128::from(whole))
            .expect("a part is no larger than its whole")
    };
    taxonomy.facets_of(t).iter().filter(|&&f| f != t).map(within).max().unwrap_or(0)
}

/// `part / whole` in units of 1 / VALUE_MAX, rounded to nearest, halves up; `whole > 0`, and a part larger than the whole counts as the whole.
fn ratio(part: u64, whole: u64) -> u32 {
    assert!(whole > 0, "a share of nothing");
    let scaled = u128::from(part.min(whole)) * u128::from(VALUE_MAX);
    let rounded = (2 * scaled + u128::from(whole)) / (2 * u128::from(whole));
    u32::try_from(rounded).expect("a part is no larger than its whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_round_to_nearest_with_halves_up() {
        assert_eq!(ratio(1, 3), 333_333);
        assert_eq!(ratio(2, 3), 666_667);
        assert_eq!(ratio(1, 2_000_000), 1);
        assert_eq!(ratio(1, 2_000_001), 0);
        assert_eq!([ratio(0, 7), ratio(7, 7), ratio(8, 7)], [0, VALUE_MAX, VALUE_MAX]);
        assert_eq!(ratio(u64::MAX, u64::MAX), VALUE_MAX);
    }
}
