//! Published instances with their published answers. Facts only: lists and results; the words are
//! ours. A member of either side is named by its place in the source, counted from 0.

use peermatch_assignment::{Frame, Left, Matching, PairTable, RankTable, Right, check_stable};
use peermatch_solve::{OrdinalOutcome, Outcome, Proposing, Quiet, largest, stable};
use peermatch_testkit::ordinal::feasible;

/// Lists of both sides, best first; an inner list holds equals.
struct Instance {
    frame: Frame,
    ranks: RankTable,
}

type Lists<'l> = &'l [&'l [&'l [u32]]];

fn rank_in(list: &[&[u32]], whom: u32) -> Option<u32> {
    let mut above = 0;
    for equals in list {
        if equals.contains(&whom) {
            return Some(above + 1);
        }
        above += u32::try_from(equals.len()).expect("a short list");
    }
    None
}

impl Instance {
    /// Only pairs that both sides list are eligible.
    fn new(lefts: Lists<'_>, rights: Lists<'_>, capacity: &[u32]) -> Self {
        let (mut left_ranks, mut right_ranks, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for (left, list) in (0..).zip(lefts) {
            let mut row = Vec::new();
            for (right, other) in (0..).zip(rights) {
                if let (Some(by_left), Some(by_right)) =
                    (rank_in(list, right), rank_in(other, left))
                {
                    row.push((Right(right), 0));
                    left_ranks.push(by_left);
                    right_ranks.push(by_right);
                }
            }
            rows.push(row);
        }
        let pairs = PairTable::from_rows(rights.len(), rows).expect("lists name the other side");
        let ranks = RankTable::new(pairs, left_ranks, right_ranks).expect("one rank per pair");
        let frame = Frame::simple(lefts.len(), 0, capacity.to_vec()).expect("one place or more");
        Self { frame, ranks }
    }

    /// One list of strict ranks per member, as the rows of a matrix of `(left's, right's)` rank.
    fn from_matrix(matrix: &[&[(u32, u32)]]) -> Self {
        let pairs =
            matrix.iter().map(|row| (0..).map(|at| (Right(at), 0)).take(row.len()).collect());
        let pairs = PairTable::from_rows(matrix[0].len(), pairs).expect("a matrix");
        let left_ranks = matrix.iter().flat_map(|row| row.iter().map(|both| both.0)).collect();
        let right_ranks = matrix.iter().flat_map(|row| row.iter().map(|both| both.1)).collect();
        let ranks = RankTable::new(pairs, left_ranks, right_ranks).expect("one rank per pair");
        let frame = Frame::simple(matrix.len(), 0, vec![1; matrix[0].len()]).expect("a matrix");
        Self { frame, ranks }
    }

    fn found(&self, proposing: Proposing) -> Vec<Option<u32>> {
        match stable(&self.frame, &self.ranks, proposing, &Quiet) {
            OrdinalOutcome::Found(matching) => plain(&matching),
            other => panic!("{other:?}"),
        }
    }

    /// All stable matchings, by the checker.
    fn all(&self) -> Vec<Vec<Option<u32>>> {
        feasible(&self.frame, self.ranks.pairs())
            .iter()
            .filter(|matching| check_stable(&self.frame, &self.ranks, matching).is_ok())
            .map(plain)
            .collect()
    }
}

fn plain(matching: &Matching) -> Vec<Option<u32>> {
    (0..matching.lefts()).map(|left| matching.rights()[left].map(|right| right.0)).collect()
}

fn complete(rights: &[u32]) -> Vec<Option<u32>> {
    rights.iter().copied().map(Some).collect()
}

/// D. Gale, L. S. Shapley, "College admissions and the stability of marriage", American
/// Mathematical Monthly 69 (1962), p. 11, example 1: three of the six complete matchings are stable;
/// in one every left has its first, in one every right, in one everybody their second.
#[test]
fn gale_and_shapley_example_1() {
    let instance = Instance::from_matrix(&[
        &[(1, 3), (2, 2), (3, 1)],
        &[(3, 1), (1, 3), (2, 2)],
        &[(2, 2), (3, 1), (1, 3)],
    ]);
    assert_eq!(instance.found(Proposing::Lefts), complete(&[0, 1, 2]));
    assert_eq!(instance.found(Proposing::Rights), complete(&[2, 0, 1]));
    let mut all = instance.all();
    all.sort_unstable();
    assert_eq!(all, [complete(&[0, 1, 2]), complete(&[1, 2, 0]), complete(&[2, 0, 1])]);
}

/// The same paper, p. 12, example 2: only one matching is stable, and nobody has their first choice
/// in it.
#[test]
fn gale_and_shapley_example_2() {
    let instance = Instance::from_matrix(&[
        &[(1, 3), (2, 3), (3, 2), (4, 3)],
        &[(1, 4), (4, 1), (3, 3), (2, 2)],
        &[(2, 2), (1, 4), (3, 4), (4, 1)],
        &[(4, 1), (2, 2), (3, 1), (1, 4)],
    ]);
    let only = complete(&[2, 3, 0, 1]);
    assert_eq!(instance.found(Proposing::Lefts), only);
    assert_eq!(instance.found(Proposing::Rights), only);
    assert_eq!(instance.all(), [only]);
}

/// J. Malkevitch, "Gale-Shapley example with ten stable marriages", York College (CUNY), a course
/// sheet: the instance of size 4 with the most stable matchings there can be, ten.
#[test]
fn ten_stable_matchings_of_four_and_four() {
    let instance = Instance::new(
        &[
            &[&[0], &[1], &[2], &[3]],
            &[&[1], &[0], &[3], &[2]],
            &[&[2], &[3], &[0], &[1]],
            &[&[3], &[2], &[1], &[0]],
        ],
        &[
            &[&[3], &[2], &[1], &[0]],
            &[&[2], &[3], &[0], &[1]],
            &[&[1], &[0], &[3], &[2]],
            &[&[0], &[1], &[2], &[3]],
        ],
        &[1; 4],
    );
    assert_eq!(instance.all().len(), 10);
    assert_eq!(instance.found(Proposing::Lefts), complete(&[0, 1, 2, 3]));
    assert_eq!(instance.found(Proposing::Rights), complete(&[3, 2, 1, 0]));
}

/// University of Washington, CSE P 521 (winter 2021), problem set 1, sample traces: the second
/// input, and its output for the first side proposing.
#[test]
fn washington_sample_of_four_and_four() {
    let instance = Instance::new(
        &[
            &[&[3], &[1], &[0], &[2]],
            &[&[3], &[0], &[1], &[2]],
            &[&[3], &[1], &[2], &[0]],
            &[&[0], &[3], &[2], &[1]],
        ],
        &[
            &[&[3], &[0], &[2], &[1]],
            &[&[3], &[1], &[2], &[0]],
            &[&[0], &[1], &[3], &[2]],
            &[&[3], &[0], &[2], &[1]],
        ],
        &[1; 4],
    );
    assert_eq!(instance.found(Proposing::Lefts), complete(&[3, 1, 2, 0]));
}

/// H. Wilde, V. Knight, J. Gillard, "Matching: A Python library for solving matching games", Journal
/// of Open Source Software 5 (2020), documentation, "The hospital-resident assignment problem":
/// Ada, Sam, Jo, Luc and Dani; Mercy, City and General with two places each. The stable matching
/// shown is best for both sides, so it is the only one.
#[test]
fn five_residents_and_three_hospitals() {
    let (mercy, city, general) = (0, 1, 2);
    let (ada, sam, jo, luc, dani) = (0, 1, 2, 3, 4);
    let instance = Instance::new(
        &[
            &[&[city]],
            &[&[city], &[mercy]],
            &[&[city], &[general], &[mercy]],
            &[&[mercy], &[city], &[general]],
            &[&[city], &[mercy], &[general]],
        ],
        &[
            &[&[dani], &[luc], &[sam], &[jo]],
            &[&[dani], &[ada], &[sam], &[luc], &[jo]],
            &[&[dani], &[jo], &[luc]],
        ],
        &[2, 2, 2],
    );
    let only = complete(&[city, mercy, general, mercy, city]);
    assert_eq!(instance.found(Proposing::Lefts), only);
    assert_eq!(instance.found(Proposing::Rights), only);
    assert_eq!(instance.all(), [only]);
    // Nobody waits, so it is also the largest there is.
    let (frame, pairs) = (&instance.frame, instance.ranks.pairs());
    let Outcome::Optimal(most) = largest(frame, pairs, &Quiet) else { panic!() };
    assert_eq!(most.matching.assigned(), Left::all(frame.lefts()).len());
}

/// National Resident Matching Program, "Run a match" (2014), the worked example: Anderson, Chen, Ford,
/// Davis and Eastman; Mercy, City and General with two positions each. Anderson and Eastman match
/// to City, Chen to Mercy, Ford and Davis to General; one position at Mercy stays empty.
#[test]
fn run_a_match() {
    let (mercy, city, general) = (0, 1, 2);
    let (anderson, chen, ford, davis, eastman) = (0, 1, 2, 3, 4);
    let instance = Instance::new(
        &[
            &[&[city]],
            &[&[city], &[mercy]],
            &[&[city], &[general], &[mercy]],
            &[&[mercy], &[city], &[general]],
            &[&[city], &[mercy], &[general]],
        ],
        &[
            &[&[chen], &[ford]],
            &[&[eastman], &[anderson], &[chen], &[davis], &[ford]],
            &[&[eastman], &[anderson], &[ford], &[davis]],
        ],
        &[2, 2, 2],
    );
    assert_eq!(instance.found(Proposing::Lefts), complete(&[city, mercy, general, general, city]));
    // Without ties every stable matching leaves the same positions empty.
    for matching in instance.all() {
        assert_eq!(matching.iter().filter(|right| **right == Some(mercy)).count(), 1);
    }
}

/// Two lefts and two rights, one place each; left 0 lists both rights, left 1 only right 0, which
/// ranks them equal. Stable matchings with ties differ in size, here 1 and 2 (D. F. Manlove,
/// R. W. Irving, K. Iwama, S. Miyazaki, Y. Morita, "Hard variants of stable marriage", Theoretical
/// Computer Science 276 (2002), on why the largest one is a problem of its own). Promotion finds the
/// larger, whichever left comes first.
#[test]
fn stable_matchings_differ_in_size_with_ties() {
    let long: &[&[u32]] = &[&[0], &[1]];
    let short: &[&[u32]] = &[&[0]];
    for (lefts, larger, smaller) in [
        ([long, short], [Some(1), Some(0)], [Some(0), None]),
        ([short, long], [Some(0), Some(1)], [None, Some(0)]),
    ] {
        let lists = [0, 1].map(|left| if lefts[left].len() == 2 { left } else { 1 - left });
        let both = u32::try_from(lists[0]).expect("0 or 1");
        let instance = Instance::new(&lefts, &[&[&[0, 1]], &[&[both]]], &[1, 1]);
        let mut all = instance.all();
        all.sort_unstable();
        let mut sizes = vec![larger.to_vec(), smaller.to_vec()];
        sizes.sort_unstable();
        assert_eq!(all, sizes);
        assert_eq!(instance.found(Proposing::Lefts), larger);
    }
}
