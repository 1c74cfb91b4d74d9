//! From rows to a graph, or to everything that is wrong with the rows.
//!
//! Nodes are rows of the input, by their number, until the very end, so that faults come in the order of the input; only a
//! faultless graph is renumbered by id. Whatever a fault breaks is left out of the later checks instead of being
//! reported again as its consequence.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;

use super::{
    ANCESTOR_STEPS_MAX, CONCEPTS_MAX, Concept, ConceptInput, ConceptKind, Graph, ID_CHARS_MAX,
    Lists, Sensitivity, TaxonomyInput,
};
use crate::fault::{At, Faults, nearest};
use crate::words::Words;

/// Before the id of a concept that is hard to bring together with this one.
pub(super) const HINT_CLASH: &str = "clash:";

/// The most suggestions of a near id; each costs a walk over all ids.
const SUGGESTIONS_MAX: usize = 100;
/// The most concepts of a cycle that are named.
const CYCLE_NAMES_MAX: usize = 12;

/// What is known of the rows so far. Every list has one entry a row.
struct Rows<'a> {
    input: &'a [ConceptInput],
    /// The first row with an id.
    by_id: BTreeMap<&'a str, usize>,
    /// Rows whose id is another row's; they take no part in the graph.
    repeated: Vec<bool>,
    kinds: Vec<Option<ConceptKind>>,
    sensitivities: Vec<Option<Sensitivity>>,
    /// Rows of the parents that are known, ascending, each once.
    parents: Vec<Vec<usize>>,
    /// Rows of the concepts named as clashing.
    clashes: Vec<Vec<usize>>,
}

/// Calls the closure with the place of a row.
fn at_row<T>(row: usize, f: impl FnOnce(&At<'_>) -> T) -> T {
    let root = At::root();
    let list = root.key("concepts");
    f(&list.index(row))
}

pub(super) fn check(input: &TaxonomyInput) -> Result<Graph, Faults> {
    let mut faults = Faults::new();
    let count = input.concepts.len();
    if count > CONCEPTS_MAX {
        let reason = format!("a taxonomy has at most {CONCEPTS_MAX} concepts");
        faults.report(&At::root().key("concepts"), count, reason, "leave out what nobody uses");
        return Err(faults);
    }

    let rows = read_rows(&input.concepts, &mut faults);
    let root = check_places(&rows, &mut faults);
    let graph = to_petgraph(&rows);
    let components = kosaraju_scc(&graph);
    let on_cycle = check_cycles(&rows, &components, &mut faults);
    if let Some(root) = root {
        check_reach(&rows, &graph, root, &on_cycle, &mut faults);
    }
    let order = components.iter().rev().flatten().map(|node| node.index());
    let ancestors = collect_ancestors(&rows, order, &on_cycle, &mut faults);
    if let Some(ancestors) = &ancestors {
        check_implied(&rows, ancestors, &mut faults);
    }
    match (root, ancestors) {
        (Some(root), Some(ancestors)) if faults.is_empty() => {
            Ok(number_by_id(&rows, root, &ancestors))
        }
        _ => Err(faults),
    }
}

/// Checks what a row says on its own, and finds whom it names.
fn read_rows<'a>(input: &'a [ConceptInput], faults: &mut Faults) -> Rows<'a> {
    let count = input.len();
    let mut rows = Rows {
        input,
        by_id: BTreeMap::new(),
        repeated: vec![false; count],
        kinds: vec![None; count],
        sensitivities: vec![None; count],
        parents: vec![Vec::new(); count],
        clashes: vec![Vec::new(); count],
    };
    for (row, concept) in input.iter().enumerate() {
        if !concept.id.is_empty() {
            let first = *rows.by_id.entry(&concept.id).or_insert(row);
            rows.repeated[row] = first != row;
        }
    }
    let mut suggestions = 0;
    for (row, concept) in input.iter().enumerate() {
        at_row(row, |at| read_row(&mut rows, row, concept, at, &mut suggestions, faults));
    }
    rows
}

fn read_row(
    rows: &mut Rows<'_>,
    row: usize,
    concept: &ConceptInput,
    at: &At<'_>,
    suggestions: &mut usize,
    faults: &mut Faults,
) {
    let id_fix = format!(
        "use a lower-case letter, then lower-case letters, digits, `_` or `-`, at most {ID_CHARS_MAX}"
    );
    if concept.id.is_empty() {
        faults.report(&at.key("id"), "", "the id is empty", id_fix);
    } else if !well_formed(&concept.id) {
        faults.report(&at.key("id"), &concept.id, "this cannot be an id", id_fix);
    }
    if rows.repeated[row] {
        let first = rows.by_id[concept.id.as_str()] + 1;
        let reason =
            format!("concept {} in the list has the same id (this is concept {})", first, row + 1);
        faults.report(
            &at.key("id"),
            &concept.id,
            reason,
            "give one of them another id, or make them one",
        );
    }
    if concept.label.trim().is_empty() {
        faults.report(&at.key("label"), "", "the label is empty", "write what people should read");
    } else if concept.label.chars().any(char::is_control) {
        faults.report(
            &at.key("label"),
            &concept.label,
            "the label has a tab, line break or other control character",
            "keep it to one plain line",
        );
    }

    rows.sensitivities[row] = Sensitivity::from_level(concept.sensitivity);
    if rows.sensitivities[row].is_none() {
        let fix = "write 0 (ordinary), 1 (sensitive) or 2 (highly sensitive)";
        faults.report(
            &at.key("sensitivity"),
            concept.sensitivity,
            "there is no such sensitivity",
            fix,
        );
    }
    rows.kinds[row] = ConceptKind::from_word(&concept.kind);
    if rows.kinds[row].is_none() {
        let words = ConceptKind::ALL.iter().map(|kind| kind.word());
        let fix = match nearest(&concept.kind, words) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "write root, facet, pathway or concept".to_owned(),
        };
        faults.report(&at.key("kind"), &concept.kind, "there is no such kind", fix);
    }

    let mut unknown = |name: &str, at: &At<'_>, what: &str, faults: &mut Faults| {
        *suggestions += 1;
        let near = if *suggestions <= SUGGESTIONS_MAX {
            nearest(name, rows.by_id.keys().copied())
        } else {
            None
        };
        let fix = match near {
            Some(id) => format!("did you mean `{id}`?"),
            None if name.contains([';', ',']) => "put `|` between ids".to_owned(),
            None => "use the id of a concept in this taxonomy, or add the concept".to_owned(),
        };
        faults.report(at, name, format!("no concept has this id, so it cannot be {what}"), fix);
    };
    let list = at.key("parents");
    let mut parents = BTreeSet::new();
    for (i, name) in concept.parents.iter().enumerate() {
        match rows.by_id.get(name.as_str()) {
            Some(&parent) if !parents.insert(parent) => {
                faults.report(&list.index(i), name, "this parent is named twice", "name it once");
            }
            Some(_) => {}
            None => unknown(name, &list.index(i), "a parent", faults),
        }
    }
    let list = at.key("hints");
    for (i, hint) in concept.hints.iter().enumerate() {
        if let Some(name) = hint.strip_prefix(HINT_CLASH) {
            match rows.by_id.get(name) {
                Some(&other) if other == row => {
                    faults.report(
                        &list.index(i),
                        hint,
                        "a concept cannot clash with itself",
                        "leave this hint out",
                    );
                }
                Some(&other) => rows.clashes[row].push(other),
                None => unknown(name, &list.index(i), "clashing", faults),
            }
        } else {
            let fix = format!("write {HINT_CLASH}ID");
            faults.report(&list.index(i), hint, "there is no such hint", fix);
        }
    }
    if !rows.repeated[row] {
        rows.parents[row] = parents.into_iter().collect();
    }
}

fn well_formed(id: &str) -> bool {
    id.len() <= ID_CHARS_MAX
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

/// Checks that root, facets and concepts stand where their kind says. Returns the root's row.
fn check_places(rows: &Rows<'_>, faults: &mut Faults) -> Option<usize> {
    let is_root = |row: usize| rows.kinds[row] == Some(ConceptKind::Root);
    let first_root = (0..rows.input.len()).find(|&row| is_root(row) && !rows.repeated[row]);
    if first_root.is_none() {
        let fix = "give the one concept above all the kind `root` and no parents";
        faults.report(&At::root().key("concepts"), "", "there is no root", fix);
    }
    for (row, concept) in rows.input.iter().enumerate() {
        let (Some(kind), false) = (rows.kinds[row], rows.repeated[row]) else { continue };
        at_row(row, |at| match kind {
            ConceptKind::Root => {
                if let Some(first) = first_root.filter(|&first| first != row) {
                    let reason = format!("there is another root, `{}`", rows.input[first].id);
                    faults.report(
                        &at.key("kind"),
                        &concept.id,
                        reason,
                        "keep one root and make this a facet or a concept under it",
                    );
                }
                if !concept.parents.is_empty() {
                    let fix = "leave the root's parents empty, or change its kind";
                    faults.report(
                        &at.key("parents"),
                        concept.parents.join("|"),
                        "the root has parents",
                        fix,
                    );
                }
            }
            ConceptKind::Facet | ConceptKind::Pathway | ConceptKind::Concept
                if concept.parents.is_empty() =>
            {
                let fix = if kind == ConceptKind::Concept {
                    "name a broader concept"
                } else {
                    "name the root as its parent"
                };
                faults.report(&at.key("parents"), "", "only the root has no parents", fix);
            }
            ConceptKind::Facet | ConceptKind::Pathway => {
                // Where the root is not known, every facet would be at fault.
                let astray =
                    rows.parents[row].iter().any(|&p| rows.kinds[p].is_some() && !is_root(p));
                if astray && first_root.is_some() {
                    let fix = "name the root as its only parent, or make its kind `concept`";
                    faults.report(
                        &at.key("parents"),
                        concept.parents.join("|"),
                        "a facet stands directly under the root alone",
                        fix,
                    );
                }
            }
            ConceptKind::Concept => {
                if rows.parents[row].iter().any(|&p| is_root(p)) {
                    let fix = "make its kind `facet` (or `pathway`), or name a facet or concept as its parent";
                    faults.report(
                        &at.key("parents"),
                        concept.parents.join("|"),
                        "only facets stand directly under the root",
                        fix,
                    );
                }
            }
        });
    }
    first_root
}

/// Edges from broader to narrower, nodes in the order of rows.
fn to_petgraph(rows: &Rows<'_>) -> DiGraph<(), ()> {
    let mut graph =
        DiGraph::with_capacity(rows.input.len(), rows.parents.iter().map(Vec::len).sum());
    for _ in rows.input {
        graph.add_node(());
    }
    for (row, parents) in rows.parents.iter().enumerate() {
        for &parent in parents {
            graph.add_edge(NodeIndex::new(parent), NodeIndex::new(row), ());
        }
    }
    graph
}

/// Reports one cycle for each set of concepts that lie on cycles with each other. Returns which rows lie on one.
fn check_cycles(rows: &Rows<'_>, components: &[Vec<NodeIndex>], faults: &mut Faults) -> Vec<bool> {
    let mut on_cycle = vec![false; rows.input.len()];
    let mut starts = Vec::new();
    for component in components {
        let first = component.iter().map(|node| node.index()).min();
        let Some(first) =
            first.filter(|&row| component.len() > 1 || rows.parents[row].contains(&row))
        else {
            continue;
        };
        for node in component {
            on_cycle[node.index()] = true;
        }
        let members: BTreeSet<usize> = component.iter().map(|node| node.index()).collect();
        starts.push((first, members));
    }
    starts.sort();
    for (first, members) in starts {
        // Everybody here has a parent here, so the walk up comes back to where it has been.
        let mut walk = vec![first];
        let mut seen = BTreeMap::from([(first, 0)]);
        let cycle = loop {
            let last = walk[walk.len() - 1];
            let up = rows.parents[last].iter().copied().find(|parent| members.contains(parent));
            let up = up.expect("a concept on a cycle has a parent on it");
            if let Some(&start) = seen.get(&up) {
                break &walk[start..];
            }
            seen.insert(up, walk.len());
            walk.push(up);
        };
        let mut names: Vec<&str> =
            cycle.iter().take(CYCLE_NAMES_MAX).map(|&row| rows.input[row].id.as_str()).collect();
        if cycle.len() > CYCLE_NAMES_MAX {
            names.push("...");
        }
        names.push(&rows.input[cycle[0]].id);
        let reason = format!(
            "a cycle: each of these {} has the next as a parent: {}",
            cycle.len(),
            names.join(" -> ")
        );
        let fix = "take out the parent that is not broader";
        at_row(cycle[0], |at| {
            faults.report(&at.key("parents"), rows.input[cycle[0]].parents.join("|"), reason, fix);
        });
    }
    on_cycle
}

/// Reports concepts that the root does not reach although nothing is wrong with their own row: a fault above them cuts them off.
fn check_reach(
    rows: &Rows<'_>,
    graph: &DiGraph<(), ()>,
    root: usize,
    on_cycle: &[bool],
    faults: &mut Faults,
) {
    let mut reached = vec![false; rows.input.len()];
    let mut walk = Dfs::new(graph, NodeIndex::new(root));
    while let Some(node) = walk.next(graph) {
        reached[node.index()] = true;
    }
    for (row, concept) in rows.input.iter().enumerate() {
        let own_fault = on_cycle[row]
            || rows.repeated[row]
            || concept.parents.is_empty()
            || concept.parents.iter().any(|name| !rows.by_id.contains_key(name.as_str()));
        if !reached[row] && !own_fault {
            let reason = format!("the root `{}` cannot be reached from here", rows.input[root].id);
            let fix = "mend what is reported of the concepts above it, or give it a parent that leads to the root";
            at_row(row, |at| faults.report(at, &concept.id, reason, fix));
        }
    }
}

/// For each row its ancestors and itself, ascending; `None` if there are too many. `order` has parents before children, but on cycles,
/// whose concepts count as their own only ancestor.
fn collect_ancestors(
    rows: &Rows<'_>,
    order: impl Iterator<Item = usize>,
    on_cycle: &[bool],
    faults: &mut Faults,
) -> Option<Vec<Vec<u16>>> {
    let mut ancestors: Vec<Vec<u16>> = vec![Vec::new(); rows.input.len()];
    let mut steps = 0;
    for row in order {
        let mut own = Vec::new();
        if !on_cycle[row] {
            for &parent in &rows.parents[row] {
                steps += ancestors[parent].len();
                if steps > ANCESTOR_STEPS_MAX {
                    let reason = "the concepts have too many ancestors between them";
                    faults.report(
                        &At::root().key("concepts"),
                        "",
                        reason,
                        "make the taxonomy flatter, with fewer parents a concept",
                    );
                    return None;
                }
                own.extend_from_slice(&ancestors[parent]);
            }
        }
        own.push(u16::try_from(row).expect("there are at most CONCEPTS_MAX rows"));
        own.sort_unstable();
        own.dedup();
        own.shrink_to_fit();
        ancestors[row] = own;
    }
    Some(ancestors)
}

/// Reports parents that are ancestors of another parent: they say nothing, and would let a file disagree with itself later.
fn check_implied(rows: &Rows<'_>, ancestors: &[Vec<u16>], faults: &mut Faults) {
    for (row, concept) in rows.input.iter().enumerate() {
        let parents = &rows.parents[row];
        let mut implied: BTreeMap<usize, usize> = BTreeMap::new();
        for &nearer in parents {
            for broader in ancestors[nearer].iter().map(|&a| usize::from(a)) {
                if broader != nearer && broader != row && parents.binary_search(&broader).is_ok() {
                    implied.entry(broader).or_insert(nearer);
                }
            }
        }
        for (i, name) in concept.parents.iter().enumerate() {
            let via = rows.by_id.get(name.as_str()).and_then(|parent| implied.remove(parent));
            if let Some(nearer) = via {
                let reason =
                    format!("this parent is already above the parent `{}`", rows.input[nearer].id);
                at_row(row, |at| {
                    faults.report(&at.key("parents").index(i), name, reason, "leave it out");
                });
            }
        }
    }
}

/// The graph of faultless rows, concepts numbered by id.
fn number_by_id(rows: &Rows<'_>, root: usize, ancestors: &[Vec<u16>]) -> Graph {
    // Ids are unique here, so this map holds every row, in the order of ids.
    let by_number: Vec<usize> = rows.by_id.values().copied().collect();
    let mut numbers = vec![Concept(0); by_number.len()];
    for (number, &row) in by_number.iter().enumerate() {
        numbers[row] = Concept(u16::try_from(number).expect("there are at most CONCEPTS_MAX rows"));
    }
    let sorted = |list: Vec<usize>| -> Vec<Concept> {
        let mut list: Vec<Concept> = list.into_iter().map(|row| numbers[row]).collect();
        list.sort_unstable();
        list.dedup();
        list
    };
    let text = |of: fn(&ConceptInput) -> &str| -> Vec<Box<str>> {
        by_number.iter().map(|&row| of(&rows.input[row]).into()).collect()
    };

    let kinds: Vec<ConceptKind> =
        by_number.iter().map(|&row| rows.kinds[row].expect("the kind was checked")).collect();
    let parents = Lists::new(by_number.iter().map(|&row| sorted(rows.parents[row].clone())));
    let ancestors = Lists::new(
        by_number
            .iter()
            .map(|&row| sorted(ancestors[row].iter().map(|&a| usize::from(a)).collect())),
    );
    let is_facet =
        |c: &Concept| matches!(kinds[c.index()], ConceptKind::Facet | ConceptKind::Pathway);
    let all = || (0..by_number.len()).map(|number| numbers[by_number[number]]);
    let facets =
        Lists::new(all().map(|c| ancestors.of(c).iter().copied().filter(is_facet).collect()));

    let mut clashes: Vec<Vec<usize>> = rows.clashes.clone();
    for (row, others) in rows.clashes.iter().enumerate() {
        for &other in others {
            clashes[other].push(row);
        }
    }
    let clashes = Lists::new(by_number.iter().map(|&row| sorted(clashes[row].clone())));

    let mut has_children = vec![false; by_number.len()];
    for parent in &parents.items {
        has_children[parent.index()] = true;
    }
    let mut leaves = vec![0_u16; by_number.len()];
    for leaf in all().filter(|c| !has_children[c.index()]) {
        for &broader in ancestors.of(leaf).iter().filter(|&&broader| broader != leaf) {
            leaves[broader.index()] += 1;
        }
    }
    // Something broader has strictly fewer ancestors, so this order has parents first.
    let mut outward: Vec<Concept> = all().collect();
    outward.sort_by_key(|&c| (ancestors.of(c).len(), c));
    let mut depths = vec![0_u16; by_number.len()];
    for c in outward {
        depths[c.index()] = parents.of(c).iter().map(|p| depths[p.index()] + 1).max().unwrap_or(0);
    }

    Graph {
        root: numbers[root],
        ids: text(|concept| &concept.id),
        labels: text(|concept| concept.label.trim()),
        notes: text(|concept| concept.note.trim()),
        sensitivities: by_number
            .iter()
            .map(|&row| rows.sensitivities[row].expect("the sensitivity was checked"))
            .collect(),
        kinds,
        leaves,
        depths,
        parents,
        ancestors,
        facets,
        clashes,
    }
}
