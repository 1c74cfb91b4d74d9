//! Coverage of lived experience: the documented values, the scoring rules of the taxonomy, and laws over any taxonomy.

use peermatch_core::similarity::{
    BROAD_AREA_VALUE, Cover, CoverTable, Coverage, FULL_TABLE_CONCEPTS_MAX, Kind, VALUE_MAX,
};
use peermatch_model::taxonomy::{Concept, ConceptInput, Sensitivity, Taxonomy, TaxonomyInput};
use peermatch_model::words::{Perspective, Words};
use proptest::prelude::*;

const OWN: Perspective = Perspective::OneSelf;

/// How far the shipped concept `told` covers `asked`.
fn cov(asked: &str, told: &str) -> (u32, Kind) {
    let t = Taxonomy::shipped();
    let of = |id| t.find(id).expect("a shipped concept");
    let cover = Coverage::new(&t).cov(of(asked), of(told));
    (cover.value, cover.kind)
}

fn table() -> (Taxonomy, CoverTable) {
    let t = Taxonomy::shipped();
    let table = CoverTable::new(&t, []);
    (t, table)
}

#[test]
fn documented_values() {
    assert_eq!(cov("opioids", "drugs"), (615_712, Kind::Related));
    assert_eq!(cov("youth", "older"), (BROAD_AREA_VALUE, Kind::BroadArea));
    assert_eq!(cov("altered", "voices"), (VALUE_MAX, Kind::SameOrNarrower));
}

#[test]
fn rule_1_the_root_never_scores_and_a_facet_is_a_broad_area() {
    for other in ["exp", "distress", "voices", "pathway", "twelve_step"] {
        assert_eq!(cov("exp", other), (0, Kind::None), "{other}");
        assert_eq!(cov(other, "exp"), (0, Kind::None), "{other}");
    }
    assert_eq!(cov("low_mood", "anxiety"), (BROAD_AREA_VALUE, Kind::BroadArea));
    assert_eq!(cov("bullying", "disaster"), (BROAD_AREA_VALUE, Kind::BroadArea));
    // A broad answer to a narrower wish shares the area alone.
    assert_eq!(cov("low_mood", "distress"), (BROAD_AREA_VALUE, Kind::BroadArea));
    // A broad wish is met by anything in the area, and even then it is only a broad area.
    assert_eq!(cov("distress", "low_mood"), (VALUE_MAX, Kind::BroadArea));
    assert_eq!(cov("distress", "distress"), (VALUE_MAX, Kind::BroadArea));
    assert_eq!(cov("pathway", "talking"), (VALUE_MAX, Kind::BroadArea));
    assert_eq!(cov("distress", "alcohol"), (0, Kind::None));
}

#[test]
fn rule_2_bereavement_by_suicide_is_not_suicidality_and_perspectives_do_not_meet() {
    assert_eq!(cov("bereaved_suicide", "suicidal"), (0, Kind::None));
    assert_eq!(cov("suicidal", "bereaved_suicide"), (0, Kind::None));
    assert_eq!(cov("suicide_attempt", "bereaved_suicide"), (0, Kind::None));
    let (t, table) = table();
    let alcohol = t.find("alcohol").unwrap();
    for &asked in Perspective::ALL {
        for &told in Perspective::ALL {
            let cover = table.cover((alcohol, asked), (alcohol, told));
            assert_eq!(cover, table.coverage().cover((alcohol, asked), (alcohol, told)));
            assert_eq!(cover.value, if asked == told { VALUE_MAX } else { 0 });
            assert_eq!(cover.kind == Kind::None, asked != told);
        }
    }
}

#[test]
fn rule_3_the_narrower_covers_the_broader_and_not_the_other_way_round() {
    assert_eq!(cov("altered", "voices"), (VALUE_MAX, Kind::SameOrNarrower));
    let (value, kind) = cov("voices", "altered");
    assert!(BROAD_AREA_VALUE < value && value < VALUE_MAX && kind == Kind::Related);
    assert_eq!(cov("drugs", "opioids"), (VALUE_MAX, Kind::SameOrNarrower));
    let (value, kind) = cov("opioids", "drugs");
    assert!(BROAD_AREA_VALUE < value && value < VALUE_MAX && kind == Kind::Related);
    // Side by side: as much as they share, which is `drugs`.
    assert_eq!(cov("opioids", "cannabis"), cov("opioids", "drugs"));
}

#[test]
fn rule_4_an_ancestor_reached_twice_counts_once() {
    // `ost` is reached from `addiction` by two ways and is one of its ten leaves once; a leaf has all the information there is.
    let t = Taxonomy::shipped();
    let coverage = Coverage::new(&t);
    assert_eq!(t.leaves(t.find("addiction").unwrap()), 10);
    assert_eq!(coverage.information(t.find("ost").unwrap()), VALUE_MAX);
    // One leaf below, three ancestors within addiction, ten leaves of addiction: 1 - ln(1/3 + 1) / ln(11).
    assert_eq!(coverage.information(t.find("opioids").unwrap()), 880_027);
    assert_eq!(coverage.information(t.find("drugs").unwrap()), 541_843);
    for broader in ["opioids", "aod_treatment", "drugs", "addiction", "services"] {
        assert_eq!(cov(broader, "ost").0, VALUE_MAX, "{broader}");
    }
    assert_eq!(cov("harm_reduction", "ost"), (VALUE_MAX, Kind::SameOrNarrower));
}

/// Rarity is the shape of the taxonomy: labels, notes and how private a concept is change nothing, and people cannot, as none are passed in.
#[test]
fn rule_5_information_is_of_the_taxonomy_alone() {
    let t = Taxonomy::shipped();
    let mut input = t.to_input();
    for (i, concept) in input.concepts.iter_mut().enumerate() {
        concept.label = format!("label {i}");
        concept.note = String::new();
        concept.sensitivity = i64::from(Sensitivity::HighlySensitive.level());
        concept.hints.clear();
    }
    let other = Taxonomy::check(&input).unwrap();
    let (one, other) = (Coverage::new(&t), Coverage::new(&other));
    for q in t.concepts() {
        assert_eq!(one.information(q), other.information(q));
        for a in t.concepts() {
            assert_eq!(one.cov(q, a), other.cov(q, a));
        }
    }
}

#[test]
fn rule_6_pathways_are_compatibility_and_not_similarity() {
    let (t, table) = table();
    for q in t.concepts() {
        for a in t.concepts() {
            let cover = table.cov(q, a);
            if t.is_pure_pathway(q) {
                let met = t.is_ancestor(q, a);
                assert_eq!(cover.value, if met { VALUE_MAX } else { 0 }, "{} {}", t.id(q), t.id(a));
            }
            // A pathway told covers only the pathway asked for.
            if t.is_pure_pathway(a) && !t.is_pure_pathway(q) {
                assert_eq!(cover, Cover::NONE, "{} {}", t.id(q), t.id(a));
            }
        }
    }
    // What they share is `harm_reduction` or the facet of pathways, which counts for nothing.
    assert_eq!(cov("ost", "harm_reduction"), (0, Kind::None));
    assert_eq!(cov("respite", "voices_network"), (0, Kind::None));
    // The Hearing Voices approach is also about voices.
    assert_eq!(cov("voices", "voices_network"), (VALUE_MAX, Kind::SameOrNarrower));
    assert_eq!(cov("voices_network", "voices").1, Kind::Related);
    // A hint lowers nothing: a person may ask for both.
    assert!(t.clash(t.find("abstinence").unwrap(), t.find("ost").unwrap()).is_some());
    assert_eq!(cov("harm_reduction", "ost").0, VALUE_MAX);
}

#[test]
fn rule_7_nothing_told_and_nothing_in_common_look_the_same() {
    let (t, table) = table();
    let of = |id: &str| (t.find(id).unwrap(), OWN);
    assert_eq!(table.worker_cover(of("alcohol"), []), Cover::NONE);
    assert_eq!(table.worker_cover(of("alcohol"), [of("voices")]), Cover::NONE);
    assert_eq!(table.best_item(of("alcohol"), []), None);
    assert_eq!(table.best_item(of("alcohol"), [of("voices")]), None);
}

/// The half of rule 8 that is decided here: telling more never counts against a worker.
#[test]
fn rule_8_telling_more_never_lowers_a_cover() {
    let (t, table) = table();
    for q in t.concepts() {
        for told in t.concepts() {
            let one = table.worker_cover((q, OWN), [(told, OWN)]);
            for more in t.concepts().step_by(7) {
                assert!(table.worker_cover((q, OWN), [(told, OWN), (more, OWN)]) >= one);
            }
            // More specific: every parent of what is told covers no more than it does.
            for &parent in t.parents(told) {
                assert!(table.cov(q, parent) <= one, "{} {} {}", t.id(q), t.id(told), t.id(parent));
            }
        }
    }
}

#[test]
fn the_best_item_is_named_whatever_the_order() {
    let (t, table) = table();
    let of = |id: &str| (t.find(id).unwrap(), OWN);
    let items = [of("low_mood"), of("drugs"), of("ost"), of("opioids")];
    let full = Cover { value: VALUE_MAX, kind: Kind::SameOrNarrower };
    assert_eq!(table.best_item(of("opioids"), items), Some((3, full)));
    assert_eq!(table.best_item(of("opioids"), items.into_iter().rev()), Some((0, full)));
    assert_eq!(table.best_item(of("anxiety"), items).unwrap().1.kind, Kind::BroadArea);
}

/// The formula again, in floats and word by word, over every pair of the shipped taxonomy.
#[test]
fn every_shipped_pair_agrees_with_the_formula_in_floats() {
    let (t, table) = table();
    let coverage = Coverage::new(&t);
    let j = |x: Concept| -> f64 {
        let in_facet = |&f: &Concept| {
            let inside =
                t.concepts().filter(|&y| t.is_ancestor(y, x) && t.is_ancestor(f, y)).count();
            let inside = f64::from(u32::try_from(inside).unwrap());
            1.0 - (f64::from(t.leaves(x)) / inside + 1.0).ln() / (f64::from(t.leaves(f)) + 1.0).ln()
        };
        t.facets_of(x).iter().filter(|&&f| f != x).map(in_facet).fold(0.0, f64::max)
    };
    let mut met = [0; 4];
    for q in t.concepts() {
        assert!((f64::from(coverage.information(q)) - 1e6 * j(q)).abs() <= 0.5 + 1e-6);
        for a in t.concepts() {
            let shared: Vec<Concept> = t
                .concepts()
                .filter(|&c| !t.is_root(c) && t.is_ancestor(c, q) && t.is_ancestor(c, a))
                .collect();
            let counted: Vec<Concept> =
                shared.iter().copied().filter(|&c| !t.is_pure_pathway(c)).collect();
            let (value, kind) = if shared.is_empty() {
                (0.0, Kind::None)
            } else if t.is_ancestor(q, a) {
                (1.0, if t.is_facet(q) { Kind::BroadArea } else { Kind::SameOrNarrower })
            } else if t.is_pure_pathway(q) || counted.is_empty() {
                (0.0, Kind::None)
            } else if counted.iter().all(|&c| t.is_facet(c)) {
                (0.1, Kind::BroadArea)
            } else {
                (counted.iter().map(|&c| j(c) / j(q)).fold(0.1, f64::max), Kind::Related)
            };
            let cover = coverage.cov(q, a);
            assert!(
                (f64::from(cover.value) - 1e6 * value).abs() <= 0.5 + 1e-6,
                "{} {}",
                t.id(q),
                t.id(a)
            );
            assert_eq!(cover.kind, kind, "{} {}", t.id(q), t.id(a));
            assert_eq!(table.cov(q, a), cover);
            met[cover.kind as usize] += 1;
        }
    }
    assert!(met.iter().all(|&count| count > 0), "{met:?}");
}

/// A change of any cell of the shipped taxonomy is a change of what people are told, so it is to be meant.
#[test]
fn shipped_table_is_pinned() {
    let (t, table) = table();
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for q in t.concepts() {
        for a in t.concepts() {
            let cover = table.cov(q, a);
            for byte in cover.value.to_le_bytes().into_iter().chain([cover.kind as u8]) {
                digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    assert_eq!(digest, 17_204_462_895_296_649_401, "the digest of the table (FNV-1a)");
}

/// Under one concept that fills a wide facet, what is shared tells next to nothing, and still no less than the facet alone.
#[test]
fn what_is_related_is_worth_no_less_than_a_broad_area() {
    let mut rows =
        vec![row("r", "root", &[]), row("f", "facet", &["r"]), row("wide", "concept", &["f"])];
    rows.extend((0..1_500).map(|i| row(&format!("c{i}"), "concept", &["wide"])));
    let t = Taxonomy::check(&TaxonomyInput { concepts: rows }).unwrap();
    let coverage = Coverage::new(&t);
    let of = |id: &str| t.find(id).unwrap();
    assert!(coverage.information(of("wide")) < BROAD_AREA_VALUE);
    assert_eq!(
        coverage.cov(of("c1"), of("c2")),
        Cover { value: BROAD_AREA_VALUE, kind: Kind::Related }
    );
}

/// A taxonomy above the size of a full table: rows asked for and rows not asked for give the same.
#[test]
fn a_large_taxonomy_answers_from_and_beside_the_table_alike() {
    let mut rows =
        vec![row("r", "root", &[]), row("f", "facet", &["r"]), row("g", "facet", &["r"])];
    for i in 0..FULL_TABLE_CONCEPTS_MAX {
        let parent = if i < 10 { ["f", "g"][i % 2].to_owned() } else { format!("c{}", i / 3) };
        rows.push(row(&format!("c{i}"), "concept", &[&parent]));
    }
    let t = Taxonomy::check(&TaxonomyInput { concepts: rows }).unwrap();
    let asked: Vec<Concept> = t.concepts().step_by(97).collect();
    let table = CoverTable::new(&t, asked.iter().copied());
    let coverage = Coverage::new(&t);
    for q in t.concepts().step_by(61).chain(asked) {
        for a in t.concepts().step_by(5) {
            assert_eq!(table.cov(q, a), coverage.cov(q, a));
        }
    }
}

fn row(id: &str, kind: &str, parents: &[&str]) -> ConceptInput {
    ConceptInput {
        id: id.to_owned(),
        label: id.to_owned(),
        parents: parents.iter().map(|&p| p.to_owned()).collect(),
        kind: kind.to_owned(),
        ..ConceptInput::default()
    }
}

/// Any sound taxonomy: every concept under one to three earlier ones, none of which is above another.
fn taxonomies() -> impl Strategy<Value = Taxonomy> {
    let parents = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    (1..5_usize, prop::collection::vec(parents, 0..40)).prop_map(|(facets, rest)| {
        let mut rows = vec![row("root", "root", &[])];
        let mut above: Vec<Vec<usize>> = vec![vec![0]];
        for i in 0..facets {
            rows.push(row(&format!("f{i}"), if i == 2 { "pathway" } else { "facet" }, &["root"]));
            above.push(vec![0]);
        }
        for (i, picks) in rest.into_iter().enumerate() {
            let mut parents: Vec<usize> = Vec::new();
            for pick in picks {
                let pick = 1 + pick.index(rows.len() - 1);
                if parents
                    .iter()
                    .all(|&p| p != pick && !above[p].contains(&pick) && !above[pick].contains(&p))
                {
                    parents.push(pick);
                }
            }
            let names: Vec<String> = parents.iter().map(|&p| rows[p].id.clone()).collect();
            above.push(parents.iter().flat_map(|&p| above[p].iter().copied().chain([p])).collect());
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            rows.push(row(&format!("c{i}"), "concept", &names));
        }
        Taxonomy::check(&TaxonomyInput { concepts: rows }).expect("sound by construction")
    })
}

fn pick(t: &Taxonomy, index: prop::sample::Index) -> Concept {
    t.concepts().nth(index.index(t.concept_count())).expect("an index below the count")
}

proptest! {
    #[test]
    fn laws_of_every_pair(t in taxonomies()) {
        let coverage = Coverage::new(&t);
        let table = CoverTable::new(&t, []);
        for q in t.concepts() {
            let information = coverage.information(q);
            prop_assert!(information <= VALUE_MAX);
            prop_assert_eq!(information == 0, t.is_root(q) || t.is_facet(q));
            for &broader in t.ancestors(q) {
                prop_assert!(coverage.information(broader) <= information);
            }
            for a in t.concepts() {
                let cover = coverage.cov(q, a);
                prop_assert_eq!(table.cov(q, a), cover);
                prop_assert!(cover.value <= VALUE_MAX);
                prop_assert_eq!(cover.value == 0, cover.kind == Kind::None);
                let shared: Vec<Concept> = t.ancestors(q).iter().copied().filter(|&c| t.is_ancestor(c, a)).collect();
                let within = t.is_ancestor(q, a) && !t.is_root(q);
                if within {
                    prop_assert_eq!(cover.value, VALUE_MAX);
                }
                if shared == [t.root()] {
                    prop_assert_eq!(cover, Cover::NONE);
                }
                if shared.iter().all(|&c| t.is_root(c) || t.is_facet(c)) {
                    prop_assert!(cover.kind == Kind::None || cover.kind == Kind::BroadArea);
                }
                // Asymmetric: where one lies strictly within the other, only one direction is "same or narrower".
                prop_assert_eq!(cover.kind == Kind::SameOrNarrower, within && !t.is_facet(q));
                if within && q != a && !t.is_facet(q) {
                    let back = coverage.cov(a, q);
                    prop_assert!(back.value < VALUE_MAX && back.kind != Kind::SameOrNarrower);
                }
            }
        }
    }

    #[test]
    fn laws_of_a_worker(
        t in taxonomies(),
        q in any::<prop::sample::Index>(),
        items in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize), 0..6),
        more in (any::<prop::sample::Index>(), 0..4_usize),
        asked in 0..4_usize,
    ) {
        let table = CoverTable::new(&t, []);
        let q = (pick(&t, q), Perspective::ALL[asked]);
        let item = |(index, perspective): (prop::sample::Index, usize)| (pick(&t, index), Perspective::ALL[perspective]);
        let mut told: Vec<(Concept, Perspective)> = items.into_iter().map(item).collect();
        let before = table.worker_cover(q, told.iter().copied());
        prop_assert_eq!(before, table.worker_cover(q, told.iter().copied().rev()));
        prop_assert_eq!(before, told.iter().map(|&i| table.cover(q, i)).max().unwrap_or(Cover::NONE));
        let best = table.best_item(q, told.iter().copied());
        prop_assert_eq!(best.map_or(Cover::NONE, |(_, cover)| cover), before);
        if let Some((place, cover)) = best {
            prop_assert_eq!(table.cover(q, told[place]), cover);
            prop_assert_eq!(told[place].1, q.1);
        }
        // Disclosing more never lowers it, and from another perspective never raises it.
        let more = item(more);
        told.push(more);
        let after = table.worker_cover(q, told.iter().copied());
        prop_assert!(after >= before);
        if more.1 != q.1 {
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(t in taxonomies(), turn in any::<prop::sample::Index>()) {
        let mut input = t.to_input();
        let turn = turn.index(input.concepts.len());
        input.concepts.rotate_left(turn);
        for concept in &mut input.concepts {
            concept.parents.reverse();
        }
        let other = Coverage::new(&Taxonomy::check(&input).unwrap());
        let one = Coverage::new(&t);
        for q in t.concepts() {
            for a in t.concepts() {
                prop_assert_eq!(one.cov(q, a), other.cov(q, a));
            }
        }
    }
}
