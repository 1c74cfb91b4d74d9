//! The shipped taxonomy has the shape that its documentation says; any other is taken whole or refused with every fault.

use peermatch_model::fault::Faults;
use peermatch_model::taxonomy::{
    CONCEPTS_MAX, Concept, ConceptInput, ConceptKind, SHIPPED_TSV, Sensitivity, Taxonomy,
    TaxonomyInput, parse_tsv, read_tsv,
};
use proptest::prelude::*;

fn concept(id: &str, kind: &str, parents: &[&str]) -> ConceptInput {
    ConceptInput {
        id: id.to_owned(),
        label: id.to_owned(),
        parents: parents.iter().map(|&p| p.to_owned()).collect(),
        sensitivity: 0,
        kind: kind.to_owned(),
        ..ConceptInput::default()
    }
}

fn small() -> TaxonomyInput {
    TaxonomyInput {
        concepts: vec![
            concept("root", "root", &[]),
            concept("f", "facet", &["root"]),
            concept("g", "facet", &["root"]),
            concept("way", "pathway", &["root"]),
            concept("a", "concept", &["f"]),
            concept("b", "concept", &["a", "g"]),
            concept("w", "concept", &["way"]),
        ],
    }
}

fn ids<'a>(taxonomy: &'a Taxonomy, concepts: &[Concept]) -> Vec<&'a str> {
    concepts.iter().map(|&c| taxonomy.id(c)).collect()
}

/// The faults as `pointer: reason`.
fn told(result: Result<Taxonomy, Faults>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|f| format!("{}: {}", f.pointer, f.reason)).collect(),
    }
}

/// What `change` makes of a sound taxonomy's check.
fn broken(change: impl FnOnce(&mut Vec<ConceptInput>)) -> Vec<String> {
    let mut input = small();
    change(&mut input.concepts);
    told(Taxonomy::check(&input))
}

#[test]
fn shipped_has_the_documented_shape() {
    let t = Taxonomy::shipped();
    assert_eq!(t.concept_count(), 120);
    assert_eq!(t.concepts().map(|c| t.parents(c).len()).sum::<usize>(), 146);
    assert_eq!(t.concepts().filter(|&c| t.parents(c).len() > 1).count(), 26);
    assert_eq!(t.concepts().map(|c| t.depth(c)).max(), Some(4));
    assert_eq!(t.concepts().filter(|&c| t.is_facet(c)).count(), 11);
    assert_eq!(t.id(t.root()), "exp");
    assert!(t.is_root(t.root()) && t.facets_of(t.root()).is_empty());
    assert!(!t.is_facet(t.find("drugs").unwrap()));
    let level = |s| t.concepts().filter(|&c| t.sensitivity(c) == s).count();
    assert_eq!(
        [Sensitivity::Ordinary, Sensitivity::Sensitive, Sensitivity::HighlySensitive].map(level),
        [56, 35, 29]
    );
}

#[test]
fn shipped_is_in_the_order_of_ids() {
    let t = Taxonomy::shipped();
    let all: Vec<&str> = t.concepts().map(|c| t.id(c)).collect();
    assert!(all.is_sorted());
    for c in t.concepts() {
        assert_eq!(t.find(t.id(c)), Some(c));
    }
    assert_eq!(t.find("nothing"), None);
    assert_eq!(t.find(""), None);
}

#[test]
fn shared_ancestors_are_counted_once() {
    let t = Taxonomy::shipped();
    let of = |id: &str| t.find(id).unwrap();
    assert_eq!(
        ids(&t, t.ancestors(of("ost"))),
        [
            "addiction",
            "aod_treatment",
            "drugs",
            "exp",
            "harm_reduction",
            "opioids",
            "ost",
            "pathway",
            "services"
        ]
    );
    assert_eq!(ids(&t, t.facets_of(of("ost"))), ["addiction", "pathway", "services"]);
    assert_eq!(ids(&t, t.parents(of("ost"))), ["aod_treatment", "harm_reduction", "opioids"]);
    assert!(t.is_ancestor(of("drugs"), of("ost")) && !t.is_ancestor(of("ost"), of("drugs")));
}

#[test]
fn leaves_are_counted_once_and_a_leaf_has_none() {
    let t = Taxonomy::shipped();
    let leaves = |id: &str| t.leaves(t.find(id).unwrap());
    // ost reaches addiction by two ways.
    assert_eq!(
        [leaves("ost"), leaves("opioids"), leaves("drugs"), leaves("addiction")],
        [0, 1, 4, 10]
    );
    let all = t.concepts().filter(|&c| t.leaves(c) == 0).count();
    assert_eq!(usize::from(t.leaves(t.root())), all);
}

#[test]
fn pure_pathways_are_those_with_no_other_way_to_the_root() {
    let t = Taxonomy::shipped();
    let pure: Vec<&str> = t.concepts().filter(|&c| t.is_pure_pathway(c)).map(|c| t.id(c)).collect();
    assert_eq!(
        pure,
        [
            "abstinence",
            "advocacy",
            "creative",
            "harm_reduction",
            "kaupapa_maori",
            "pacific_pathway",
            "pathway",
            "peer_groups",
            "talking",
            "twelve_step"
        ]
    );
}

/// Rule 6, second half: incompatibility is a hint in data, seen from either side and through narrower concepts.
#[test]
fn rule_6_hints_are_data() {
    let t = Taxonomy::shipped();
    let of = |id: &str| t.find(id).unwrap();
    let (abstinence, harm_reduction) = (of("abstinence"), of("harm_reduction"));
    assert_eq!(t.clash(abstinence, harm_reduction), Some((abstinence, harm_reduction)));
    assert_eq!(t.clash(harm_reduction, abstinence), Some((harm_reduction, abstinence)));
    assert_eq!(t.clash(abstinence, of("ost")), Some((abstinence, harm_reduction)));
    assert_eq!(t.clash(abstinence, of("twelve_step")), None);
}

/// Words that the house does not use of a person, whatever the case.
#[test]
fn shipped_labels_avoid_the_words_to_avoid() {
    let t = Taxonomy::shipped();
    let avoid = [
        "sufferer",
        "addict ",
        "addicts",
        "abuser",
        "committed",
        "failed",
        "compliant",
        "patient",
        "client",
        "mentally ill",
    ];
    for c in t.concepts() {
        let label = t.label(c).to_lowercase();
        assert!(!avoid.iter().any(|word| label.contains(word)), "{label}");
    }
}

#[test]
fn the_root_alone_is_a_taxonomy() {
    let t = Taxonomy::check(&TaxonomyInput { concepts: vec![concept("x", "root", &[])] }).unwrap();
    assert_eq!((t.concept_count(), t.leaves(t.root()), t.depth(t.root())), (1, 0, 0));
}

#[test]
fn small_is_sound() {
    assert_eq!(broken(|_| {}), [""; 0]);
    let t = Taxonomy::check(&small()).unwrap();
    assert_eq!(t.kind(t.find("w").unwrap()), ConceptKind::Concept);
    assert_eq!(t.depth(t.find("b").unwrap()), 3);
}

#[test]
fn rows_at_fault_alone() {
    assert_eq!(broken(|c| c[4].label = " ".into()), ["/concepts/4/label: the label is empty"]);
    assert_eq!(
        broken(|c| c[4].sensitivity = 3),
        ["/concepts/4/sensitivity: there is no such sensitivity"]
    );
    assert_eq!(
        broken(|c| c[4].sensitivity = -1),
        ["/concepts/4/sensitivity: there is no such sensitivity"]
    );
    assert_eq!(
        broken(|c| c[4].kind = "concpt".into()),
        ["/concepts/4/kind: there is no such kind"]
    );
    assert_eq!(broken(|c| c[6].id = String::new()), ["/concepts/6/id: the id is empty"]);
    for id in ["A", "9a", "a b", "ā", "a/b", &"a".repeat(65)] {
        assert_eq!(
            broken(|c| c[6].id = id.into()),
            ["/concepts/6/id: this cannot be an id"],
            "{id}"
        );
    }
    assert_eq!(
        broken(|c| c[6].id = "a".into()),
        ["/concepts/6/id: concept 5 in the list has the same id (this is concept 7)"]
    );
    assert_eq!(
        broken(|c| c[4].hints = vec!["x".into()]),
        ["/concepts/4/hints/0: there is no such hint"]
    );
    assert_eq!(
        broken(|c| c[4].hints = vec!["clash:a".into()]),
        ["/concepts/4/hints/0: a concept cannot clash with itself"]
    );
    assert_eq!(
        broken(|c| c[4].hints = vec!["clash:zzzz".into()]),
        ["/concepts/4/hints/0: no concept has this id, so it cannot be clashing"]
    );
}

#[test]
fn places_at_fault() {
    // What hangs below has another way up, or is told that it is cut off.
    let unknown = "/concepts/4/parents/0: no concept has this id, so it cannot be a parent";
    assert_eq!(broken(|c| c[4].parents = vec!["zzzz".into()]), [unknown]);
    assert_eq!(
        broken(|c| c[6].parents.push("way".into())),
        ["/concepts/6/parents/1: this parent is named twice"]
    );
    assert_eq!(
        broken(|c| c[6].parents.clear()),
        ["/concepts/6/parents: only the root has no parents"]
    );
    assert_eq!(
        broken(|c| c[3].parents.clear()),
        [
            "/concepts/3/parents: only the root has no parents",
            "/concepts/6: the root `root` cannot be reached from here"
        ]
    );
    assert_eq!(
        broken(|c| c[2].parents = vec!["f".into()]),
        ["/concepts/2/parents: a facet stands directly under the root alone"]
    );
    assert_eq!(
        broken(|c| c[6].parents = vec!["root".into()]),
        ["/concepts/6/parents: only facets stand directly under the root"]
    );
    assert_eq!(
        broken(|c| c[0].kind = "facet".into()),
        ["/concepts: there is no root", "/concepts/0/parents: only the root has no parents"]
    );
    assert_eq!(
        broken(|c| c.push(concept("top", "root", &[]))),
        ["/concepts/7/kind: there is another root, `root`"]
    );
    assert_eq!(
        broken(|c| c.push(concept("top", "root", &["root"]))),
        [
            "/concepts/7/kind: there is another root, `root`",
            "/concepts/7/parents: the root has parents"
        ]
    );
    assert_eq!(
        broken(|c| c[5].parents.push("f".into())),
        ["/concepts/5/parents/2: this parent is already above the parent `a`"]
    );
    assert_eq!(told(Taxonomy::check(&TaxonomyInput::default())), ["/concepts: there is no root"]);
}

#[test]
fn cycles_are_named() {
    assert_eq!(
        broken(|c| c[4].parents = vec!["b".into()]),
        ["/concepts/4/parents: a cycle: each of these 2 has the next as a parent: a -> b -> a"]
    );
    assert_eq!(
        broken(|c| c[6].parents.push("w".into())),
        ["/concepts/6/parents: a cycle: each of these 1 has the next as a parent: w -> w"]
    );
    // Two cycles apart are two faults, and what hangs below one is told to be cut off.
    assert_eq!(
        broken(|c| c.extend([
            concept("p", "concept", &["q"]),
            concept("q", "concept", &["p"]),
            concept("r", "concept", &["s"]),
            concept("s", "concept", &["r"]),
            concept("under", "concept", &["s"]),
        ])),
        [
            "/concepts/7/parents: a cycle: each of these 2 has the next as a parent: p -> q -> p",
            "/concepts/9/parents: a cycle: each of these 2 has the next as a parent: r -> s -> r",
            "/concepts/11: the root `root` cannot be reached from here",
        ]
    );
}

#[test]
fn ten_planted_faults_are_ten_faults() {
    let text = "id\tlabel\tparents\tsensitivity\tkind\thints\n\
        top\tTop\t\t0\troot\t\n\
        f\tF\ttop\t0\tfacet\t\n\
        a\tA\tf\t0\tconcept\t\n\
        Bad id\tB\tf\t0\tconcept\t\n\
        a\tAgain\tf\t0\tconcept\t\n\
        c\t\tf\t0\tconcept\t\n\
        d\tD\tf\ttwo\tconcept\t\n\
        e\tE\tf\t7\tconcept\t\n\
        g\tG\tf\t0\tfacette\t\n\
        h\tH\taa\t0\tconcept\t\n\
        i\tI\ttop\t0\tconcept\t\n\
        j\tJ\ta|f\t0\tconcept\t\n\
        k\tK\tl\t0\tconcept\t\n\
        l\tL\tk\t0\tconcept\tclash:f|odd\n";
    let faults = Taxonomy::from_tsv(text).unwrap_err();
    let told: Vec<String> = faults
        .iter()
        .map(|f| {
            let place = f.place.as_ref().unwrap();
            assert!(!f.reason.is_empty() && !f.fix.is_empty());
            format!("{}:{} {}", place.line, place.column, f.value)
        })
        .collect();
    assert_eq!(
        told,
        [
            "8:4 two",
            "5:1 Bad id",
            "6:1 a",
            "7:2 ",
            "9:4 7",
            "10:5 facette",
            "11:3 aa",
            "15:6 odd",
            "12:3 top",
            "14:3 l",
            "13:3 f"
        ]
    );
    assert_eq!(faults.iter().find(|f| f.value == "aa").unwrap().fix, "did you mean `a`?");
}

#[test]
fn ids_with_another_separator_are_told_which_one_to_use() {
    let faults =
        Taxonomy::from_tsv(&SHIPPED_TSV.replace("distress|faith", "distress;faith")).unwrap_err();
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let wanted = "taxonomy.tsv:21:3 (parents): `distress;faith`: no concept has this id, so it cannot be a parent. Fix: put `|` between ids";
    assert_eq!(all, [wanted]);
}

#[test]
fn columns_may_stand_in_any_order_with_what_spreadsheets_add() {
    let text = "\u{feff}kind\tid\tLabel\tsensitivity\tparents\t\r\nroot\tr\t\"The \"\"one\"\"\"\t0\t\t\r\n\r\nfacet\tf\t\"quoted\" word\t1\t r \r\n";
    let t = Taxonomy::from_tsv(text).unwrap();
    assert_eq!(t.label(t.root()), "The \"one\"");
    assert_eq!(t.label(t.find("f").unwrap()), "\"quoted\" word");
    // A cell dropped from the end of a line is empty.
    assert!(Taxonomy::from_tsv("id\tlabel\tsensitivity\tkind\tparents\nr\tR\t0\troot\n").is_ok());
}

#[test]
fn a_table_without_its_columns_is_told_so_once() {
    let faults = |text: &str| -> Vec<String> {
        parse_tsv(text).unwrap_err().iter().map(ToString::to_string).collect()
    };
    assert_eq!(faults("").len(), 1);
    assert_eq!(faults(" \n\n").len(), 1);
    assert_eq!(faults("id,label,parents,sensitivity,kind\nx,X,,0,root\n").len(), 6);
    let twice = faults("id\tlabel\tparents\tsensitivty\tkind\tid\n");
    assert_eq!(twice.len(), 3);
    assert!(
        twice[0].starts_with("taxonomy.tsv:1:4: `sensitivty`")
            && twice[0].ends_with("did you mean `sensitivity`?"),
        "{twice:?}"
    );
    let more = faults("id\tlabel\tparents\tsensitivity\tkind\nx\tX\t\t0\troot\tand more\n");
    assert!(more[0].starts_with("taxonomy.tsv:2:6: `and more`"), "{more:?}");
    assert_eq!(Taxonomy::from_tsv("").unwrap_err().len(), 1);
}

#[test]
fn as_input_and_back_is_the_same() {
    let t = Taxonomy::shipped();
    let input = t.to_input();
    assert_eq!(Taxonomy::check(&input).unwrap(), t);
    let text = serde_json::to_string(&input).unwrap();
    assert_eq!(serde_json::from_str::<TaxonomyInput>(&text).unwrap(), input);
    assert!(serde_json::from_str::<TaxonomyInput>(r#"{"concepts":[],"more":1}"#).is_err());
}

#[test]
fn a_clash_named_from_both_sides_is_one_clash() {
    let mut input = small();
    input.concepts[4].hints = vec!["clash:w".into()];
    input.concepts[6].hints = vec!["clash:a".into(), "clash:a".into()];
    let t = Taxonomy::check(&input).unwrap();
    let hints: Vec<Vec<String>> =
        t.to_input().concepts.into_iter().map(|c| c.hints).filter(|h| !h.is_empty()).collect();
    assert_eq!(hints, [["clash:w"]]);
}

#[test]
fn more_concepts_than_a_number_holds_are_refused_at_once() {
    let mut concepts = vec![concept("r", "root", &[]), concept("f", "facet", &["r"])];
    concepts.extend((2..=CONCEPTS_MAX).map(|i| concept(&format!("c{i}"), "concept", &["f"])));
    assert_eq!(
        told(Taxonomy::check(&TaxonomyInput { concepts: concepts.clone() })),
        ["/concepts: a taxonomy has at most 65535 concepts"]
    );
    concepts.pop();
    let t = Taxonomy::check(&TaxonomyInput { concepts }).unwrap();
    assert_eq!((t.concept_count(), t.leaves(t.root())), (CONCEPTS_MAX, 65_533));
}

/// A chain as long as may be has two thousand million ancestors: refused before they are collected, and no stack runs out.
#[test]
fn a_chain_without_end_is_refused_in_bounded_memory() {
    let mut concepts = vec![concept("r", "root", &[]), concept("c1", "facet", &["r"])];
    concepts.extend(
        (2..CONCEPTS_MAX).map(|i| concept(&format!("c{i}"), "concept", &[&format!("c{}", i - 1)])),
    );
    let mut cycle = concepts.clone();
    assert_eq!(
        told(Taxonomy::check(&TaxonomyInput { concepts })),
        ["/concepts: the concepts have too many ancestors between them"]
    );
    cycle[1].parents = vec![format!("c{}", CONCEPTS_MAX - 1)];
    let faults = told(Taxonomy::check(&TaxonomyInput { concepts: cycle }));
    assert_eq!(faults.len(), 2, "the facet's place and the cycle");
    assert!(faults[1].contains("each of these 65534") && faults[1].len() < 300, "{}", faults[1]);
}

/// Rows of a sound taxonomy: every concept under one or two earlier ones, parents that imply each other left out.
fn sound() -> impl Strategy<Value = TaxonomyInput> {
    let facets = 1..5_usize;
    (
        facets,
        prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_i64),
            0..40,
        ),
    )
        .prop_map(|(facets, rest)| {
            let mut concepts = vec![concept("root", "root", &[])];
            for i in 0..facets {
                concepts.push(concept(
                    &format!("f{i}"),
                    if i == 3 { "pathway" } else { "facet" },
                    &["root"],
                ));
            }
            let mut above: Vec<Vec<usize>> = vec![vec![0]; facets + 1];
            for (i, (one, other, sensitivity)) in rest.into_iter().enumerate() {
                let (one, other) =
                    (1 + one.index(concepts.len() - 1), 1 + other.index(concepts.len() - 1));
                let apart =
                    one != other && !above[one].contains(&other) && !above[other].contains(&one);
                let parents = if apart { vec![one, other] } else { vec![one] };
                let names: Vec<String> = parents.iter().map(|&p| concepts[p].id.clone()).collect();
                let mut own: Vec<usize> =
                    parents.iter().flat_map(|&p| above[p].iter().copied().chain([p])).collect();
                own.sort_unstable();
                above.push(own);
                let mut next = concept(&format!("c{i}"), "concept", &[]);
                next.parents = names;
                next.sensitivity = sensitivity;
                concepts.push(next);
            }
            TaxonomyInput { concepts }
        })
}

/// Rows that may be anything, from few enough ids that they meet.
fn any_rows() -> impl Strategy<Value = TaxonomyInput> {
    let id = || {
        prop::sample::select(vec!["", "a", "b", "c", "d", "e", "f", "Ā", "x y"])
            .prop_map(str::to_owned)
    };
    let kind = prop::sample::select(vec![
        "root", "facet", "pathway", "concept", "concept", "concept", "?",
    ])
    .prop_map(str::to_owned);
    let row = (
        id(),
        ".{0,3}",
        prop::collection::vec(id(), 0..4),
        -1..4_i64,
        kind,
        prop::collection::vec("clash:[a-f]|x", 0..2),
    );
    prop::collection::vec(
        row.prop_map(|(id, label, parents, sensitivity, kind, hints)| ConceptInput {
            id,
            label,
            parents,
            sensitivity,
            kind,
            hints,
            note: String::new(),
        }),
        0..12,
    )
    .prop_map(|concepts| TaxonomyInput { concepts })
}

proptest! {
    #[test]
    fn sound_rows_pass_in_any_order(input in sound(), seed in any::<u64>()) {
        let mut shuffled = input.clone();
        // A fixed walk through the rows is shuffle enough, and needs no generator.
        let count = shuffled.concepts.len();
        for i in (1..count).rev() {
            let step = seed.rotate_left(u32::try_from(i % 64).unwrap()) % (u64::try_from(i).unwrap() + 1);
            shuffled.concepts.swap(i, usize::try_from(step).unwrap());
        }
        for row in &mut shuffled.concepts {
            row.parents.reverse();
        }
        let t = Taxonomy::check(&input).unwrap();
        prop_assert_eq!(&t, &Taxonomy::check(&shuffled).unwrap());

        // What the structure says, said again the slow way.
        for c in t.concepts() {
            let below: Vec<Concept> = t.concepts().filter(|&x| x != c && t.is_ancestor(c, x)).collect();
            let leaves = below.iter().filter(|&&x| t.concepts().all(|y| !t.parents(y).contains(&x))).count();
            prop_assert_eq!(usize::from(t.leaves(c)), leaves);
            let mut up = vec![c];
            let mut next = 0;
            while next < up.len() {
                up.extend_from_slice(t.parents(up[next]));
                next += 1;
            }
            up.sort_unstable();
            up.dedup();
            prop_assert_eq!(t.ancestors(c), up);
            prop_assert!(t.is_root(c) || !t.facets_of(c).is_empty());
        }
    }

    #[test]
    fn any_rows_are_taken_or_refused(input in any_rows()) {
        match Taxonomy::check(&input) {
            Ok(t) => prop_assert!(t.concept_count() >= 1),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in &faults {
                    prop_assert!(!fault.reason.is_empty() && !fault.fix.is_empty() && !fault.pointer.is_empty());
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_taken_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Taxonomy::from_tsv(&text);
        let _ = Taxonomy::from_tsv(&format!("id\tlabel\tparents\tsensitivity\tkind\n{text}"));
    }

    #[test]
    fn the_shipped_file_with_bytes_changed_is_taken_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\t\n\r|\"0a\xff\x00".to_vec())), 1..12)
    ) {
        let mut bytes = SHIPPED_TSV.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let text = String::from_utf8_lossy(&bytes);
        let rows = read_tsv(&text).input.concepts.len();
        prop_assert!(rows <= text.lines().count() * 2);
        if let Err(faults) = Taxonomy::from_tsv(&text) {
            prop_assert!(faults.iter().all(|fault| fault.place.is_some()));
        }
    }
}
