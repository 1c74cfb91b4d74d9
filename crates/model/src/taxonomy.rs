//! The taxonomy of lived experience: which concepts there are, which is narrower than which, and how private each is.
//!
//! A taxonomy is a rooted acyclic graph: one root that never scores, the *facets* directly under it, and concepts below
//! those, each under one or more parents. The facets of kind `pathway` hold what helped people, which is compatibility and
//! never "the same experience". The shipped taxonomy ([`Taxonomy::shipped`], [`SHIPPED_TSV`]) is a starting point for
//! co-design; a service replaces, renames or translates it with a file of the same form ([`read_tsv`]) or a [`TaxonomyInput`].
//!
//! This file knows the graph and nothing of people, wishes or values. What one concept is worth for another is
//! `similarity` in `peermatch-core`.
//!
//! ```
//! use peermatch_model::taxonomy::Taxonomy;
//!
//! let taxonomy = Taxonomy::shipped();
//! let voices = taxonomy.find("voices").ok_or("no such concept")?;
//! let broader: Vec<&str> = taxonomy.ancestors(voices).iter().map(|&c| taxonomy.id(c)).collect();
//! assert_eq!(broader, ["altered", "distress", "exp", "voices"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod tsv;

use std::fmt;
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fault::Faults;
use crate::words::Words;

pub use tsv::{TSV_FILE, TsvPlaces, TsvRead, parse_tsv, read_tsv};

/// The shipped taxonomy as a file, byte for byte: what a service starts from when it writes its own.
pub const SHIPPED_TSV: &str = include_str!("../data/taxonomy.tsv");

/// The most concepts a taxonomy may have, so that a concept is a `u16`.
pub const CONCEPTS_MAX: usize = 65_535;

/// The most characters in a concept's id.
pub const ID_CHARS_MAX: usize = 64;

/// The most steps that collecting all ancestors may take (the sum over all edges of the parent's ancestors), which bounds
/// memory while checking, whatever the input, at some 32 MiB. The shipped taxonomy takes under 500.
pub const ANCESTOR_STEPS_MAX: usize = 1 << 23;

/// A taxonomy as it was given, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxonomyInput {
    /// The concepts, in any order.
    pub concepts: Vec<ConceptInput>,
}

/// A concept as it was given, unchecked. The types are loose so that every fault can be reported, not only the first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConceptInput {
    /// Stable key: a lower-case letter, then lower-case letters, digits, `_` or `-`; at most [`ID_CHARS_MAX`].
    pub id: String,
    /// What people read. Free to be renamed and translated.
    pub label: String,
    /// Ids of the concepts directly broader than this one; none for the root, the root for a facet.
    #[serde(default)]
    pub parents: Vec<String>,
    /// 0, 1 or 2: see [`Sensitivity`].
    pub sensitivity: i64,
    /// `root`, `facet`, `pathway` or `concept`: see [`ConceptKind`].
    pub kind: String,
    /// `clash:ID`: see [`Taxonomy::clash`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// For whoever looks after the taxonomy; read by no rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Where a concept stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConceptKind {
    /// The one concept above all; never scored.
    Root,
    /// A broad area directly under the root. Sharing only this is "same broad area".
    Facet,
    /// A facet of what helped: compatibility, never "the same experience".
    Pathway,
    /// Everything below a facet.
    Concept,
}

impl Words for ConceptKind {
    const ALL: &'static [Self] = &[Self::Root, Self::Facet, Self::Pathway, Self::Concept];
    const LIST: &'static str = "kind";
    fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Facet => "facet",
            Self::Pathway => "pathway",
            Self::Concept => "concept",
        }
    }
}

impl fmt::Display for ConceptKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How private an experience of a concept is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// 0: as private as any experience.
    Ordinary,
    /// 1: hidden from explanations unless the person agreed to show this item.
    Sensitive,
    /// 2: also left out of matching unless both people agreed, item by item.
    HighlySensitive,
}

impl Sensitivity {
    /// The number in files: 0, 1 or 2.
    pub fn level(self) -> u8 {
        match self {
            Self::Ordinary => 0,
            Self::Sensitive => 1,
            Self::HighlySensitive => 2,
        }
    }

    /// The sensitivity with this number, if there is one.
    pub fn from_level(level: i64) -> Option<Self> {
        match level {
            0 => Some(Self::Ordinary),
            1 => Some(Self::Sensitive),
            2 => Some(Self::HighlySensitive),
            _ => None,
        }
    }
}

/// A concept of one taxonomy: its place in the list of all concepts sorted by id (by bytes).
///
/// It means nothing without the taxonomy it came from, so files hold the id instead; as a number it is serialised only beside its
/// taxonomy, to be hashed. The order of concepts is the order of their ids, whatever the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Concept(u16);

impl Concept {
    /// The place among all concepts sorted by id, from 0: for tables with one entry a concept.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A checked taxonomy. Cloning is cheap: clones share one graph.
///
/// What holds of every one: ids are unique and well formed; there is exactly one root and everything can be reached from it;
/// the graph has no cycle and no edge that another implies; the children of the root are exactly the facets.
///
/// # Panics
/// Methods that take a [`Concept`] panic on one from a larger taxonomy; concepts are not to be carried between taxonomies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomy {
    graph: Arc<Graph>,
}

/// Lists with one entry a concept, in the order of concepts.
#[derive(Debug, PartialEq, Eq)]
struct Graph {
    root: Concept,
    ids: Vec<Box<str>>,
    labels: Vec<Box<str>>,
    notes: Vec<Box<str>>,
    kinds: Vec<ConceptKind>,
    sensitivities: Vec<Sensitivity>,
    leaves: Vec<u16>,
    depths: Vec<u16>,
    parents: Lists,
    ancestors: Lists,
    facets: Lists,
    /// Concepts named as clashing, in both directions.
    clashes: Lists,
}

/// A sorted list of concepts for each concept, end to end in one allocation.
#[derive(Debug, PartialEq, Eq)]
struct Lists {
    /// Where each list ends.
    ends: Vec<usize>,
    items: Vec<Concept>,
}

impl Lists {
    fn new(lists: impl IntoIterator<Item = Vec<Concept>>) -> Self {
        let mut out = Self { ends: Vec::new(), items: Vec::new() };
        for list in lists {
            debug_assert!(list.is_sorted());
            out.items.extend(list);
            out.ends.push(out.items.len());
        }
        out
    }

    fn of(&self, concept: Concept) -> &[Concept] {
        let at = concept.index();
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.items[start..self.ends[at]]
    }
}

impl Taxonomy {
    /// The shipped taxonomy: 120 concepts, of which one root and 11 facets (one of them of pathways); 146 edges.
    pub fn shipped() -> Self {
        static SHIPPED: OnceLock<Taxonomy> = OnceLock::new();
        SHIPPED
            .get_or_init(|| {
                Self::from_tsv(SHIPPED_TSV).expect("the shipped taxonomy passes its own check")
            })
            .clone()
    }

    /// Checks a taxonomy.
    ///
    /// # Errors
    /// Every fault at once, each at a pointer `/concepts/ROW/FIELD`: an id that is empty, ill formed or taken; an empty label; a
    /// sensitivity outside 0..=2; an unknown kind, parent or hint; a parent named twice, or implied by another parent; no root,
    /// several, or one with parents; a facet that is not directly under the root, or anything else that is; no parents; a cycle
    /// (with the concepts on it); a concept that cannot be reached from the root; more than [`CONCEPTS_MAX`] concepts or
    /// [`ANCESTOR_STEPS_MAX`] steps, which stop the check at once. Parents implied by another are looked for above and below a cycle, but not
    /// through it.
    ///
    /// O(s log s) for s steps as in [`ANCESTOR_STEPS_MAX`] plus the length of the input.
    pub fn check(input: &TaxonomyInput) -> Result<Self, Faults> {
        check::check(input).map(|graph| Self { graph: Arc::new(graph) })
    }

    /// Reads and checks a file in the form of [`SHIPPED_TSV`].
    ///
    /// # Errors
    /// Every fault of [`read_tsv`] and of [`Taxonomy::check`], each with its line, column and field.
    ///
    /// ```
    /// use peermatch_model::taxonomy::Taxonomy;
    ///
    /// let file = "id\tlabel\tparents\tsensitivity\tkind\n\
    ///     all\tLived experience\t\t0\troot\n\
    ///     sea\tLife at sea\tall\t0\tfacet\n\
    ///     storm\tLived through a storm\tsee\t1\tconcept\n";
    /// let faults = Taxonomy::from_tsv(file).unwrap_err();
    /// assert_eq!(
    ///     faults.to_string(),
    ///     "taxonomy.tsv:4:3 (parents): `see`: no concept has this id, so it cannot be a parent. Fix: did you mean `sea`?"
    /// );
    /// assert_eq!(Taxonomy::from_tsv(&file.replace("see", "sea"))?.concept_count(), 3);
    /// # Ok::<(), peermatch_model::Faults>(())
    /// ```
    pub fn from_tsv(text: &str) -> Result<Self, Faults> {
        let TsvRead { input, places, mut faults } = read_tsv(text);
        if input.concepts.is_empty() && !faults.is_empty() {
            // Nothing could be read: that the root is missing too would only distract.
            return Err(faults);
        }
        match Self::check(&input) {
            Ok(taxonomy) => faults.into_result(taxonomy),
            Err(mut found) => {
                for fault in &mut found {
                    fault.place = Some(places.place(&fault.pointer));
                }
                faults.extend(found);
                Err(faults)
            }
        }
    }

    /// The taxonomy as input, concepts by id: the same whatever the order of the file it came from, so fit to be hashed.
    /// A clash stands with the first of its two concepts.
    pub fn to_input(&self) -> TaxonomyInput {
        let concepts = self
            .concepts()
            .map(|c| ConceptInput {
                id: self.id(c).to_owned(),
                label: self.label(c).to_owned(),
                parents: self.parents(c).iter().map(|&p| self.id(p).to_owned()).collect(),
                sensitivity: i64::from(self.sensitivity(c).level()),
                kind: self.kind(c).word().to_owned(),
                hints: (self.graph.clashes.of(c).iter().filter(|&&other| c < other))
                    .map(|&other| format!("{}{}", check::HINT_CLASH, self.id(other)))
                    .collect(),
                note: self.note(c).to_owned(),
            })
            .collect();
        TaxonomyInput { concepts }
    }

    /// How many concepts there are, at least 1 and at most [`CONCEPTS_MAX`].
    pub fn concept_count(&self) -> usize {
        self.graph.ids.len()
    }

    /// All concepts, by id.
    pub fn concepts(&self) -> impl ExactSizeIterator<Item = Concept> + use<> {
        let count = u16::try_from(self.graph.ids.len())
            .expect("a checked taxonomy has at most CONCEPTS_MAX concepts");
        (0..count).map(Concept)
    }

    /// The concept with this id, exactly as spelled. O(log n).
    pub fn find(&self, id: &str) -> Option<Concept> {
        let at = self.graph.ids.binary_search_by(|known| known.as_ref().cmp(id)).ok()?;
        u16::try_from(at).ok().map(Concept)
    }

    /// The concept above all others.
    pub fn root(&self) -> Concept {
        self.graph.root
    }

    /// The stable key.
    pub fn id(&self, concept: Concept) -> &str {
        &self.graph.ids[concept.index()]
    }

    /// What people read.
    pub fn label(&self, concept: Concept) -> &str {
        &self.graph.labels[concept.index()]
    }

    /// A note for whoever looks after the taxonomy; may be empty.
    pub fn note(&self, concept: Concept) -> &str {
        &self.graph.notes[concept.index()]
    }

    /// How private an experience of it is.
    pub fn sensitivity(&self, concept: Concept) -> Sensitivity {
        self.graph.sensitivities[concept.index()]
    }

    /// Where it stands.
    pub fn kind(&self, concept: Concept) -> ConceptKind {
        self.graph.kinds[concept.index()]
    }

    /// Whether it is the root.
    pub fn is_root(&self, concept: Concept) -> bool {
        concept == self.graph.root
    }

    /// Whether it is directly under the root (a facet of pathways is a facet too).
    pub fn is_facet(&self, concept: Concept) -> bool {
        matches!(self.kind(concept), ConceptKind::Facet | ConceptKind::Pathway)
    }

    /// Whether every way from it to the root goes through a facet of pathways (true of that facet itself, false of the root).
    pub fn is_pure_pathway(&self, concept: Concept) -> bool {
        let facets = self.facets_of(concept);
        !facets.is_empty() && facets.iter().all(|&facet| self.kind(facet) == ConceptKind::Pathway)
    }

    /// The concepts directly broader, by id; none of the root.
    pub fn parents(&self, concept: Concept) -> &[Concept] {
        self.graph.parents.of(concept)
    }

    /// The concept itself and everything broader, up to the root; each once, by id.
    pub fn ancestors(&self, concept: Concept) -> &[Concept] {
        self.graph.ancestors.of(concept)
    }

    /// Whether `broader` is `narrower` itself or one of its ancestors. O(log of the number of ancestors).
    pub fn is_ancestor(&self, broader: Concept, narrower: Concept) -> bool {
        self.ancestors(narrower).binary_search(&broader).is_ok()
    }

    /// The facets it lies in, by id; a facet lies in itself, the root in none.
    pub fn facets_of(&self, concept: Concept) -> &[Concept] {
        self.graph.facets.of(concept)
    }

    /// How many concepts below it have nothing below them, each counted once; 0 if it is such a concept itself.
    pub fn leaves(&self, concept: Concept) -> u16 {
        self.graph.leaves[concept.index()]
    }

    /// Steps of the longest way to the root; 0 at the root.
    pub fn depth(&self, concept: Concept) -> u16 {
        self.graph.depths[concept.index()]
    }

    /// Which of `asked`'s ancestors and which of `told`'s are named as hard to bring together (in the shipped taxonomy
    /// abstinence and harm reduction); the first such two by id, if any.
    ///
    /// A hint for words beside a suggestion, and only when the service user says that it matters. It never blocks a pair and never lowers a fit.
    pub fn clash(&self, asked: Concept, told: Concept) -> Option<(Concept, Concept)> {
        self.ancestors(asked).iter().find_map(|&x| {
            let other =
                self.graph.clashes.of(x).iter().copied().find(|&y| self.is_ancestor(y, told))?;
            Some((x, other))
        })
    }
}
