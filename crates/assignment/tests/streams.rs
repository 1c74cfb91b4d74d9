//! No check trusts the stream of pairs it reads: out of order, twice the same right, or a right that does not exist is refused by each of them,
//! before any index is looked up with it.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

use peermatch_assignment::lottery::{Marginals, capped, check_eating};
use peermatch_assignment::side::{Rows, SideProof, check_side, check_side_infeasible};
use peermatch_assignment::{
    Aim, Chain, Flow, Frame, Left, Matching, Pairs, Prices, Ranked, Ranks, Right, Supply, Valued,
    Worth, check, check_chain, check_flow, check_flow_infeasible, check_flow_within, check_greedy,
    check_in_turn, check_infeasible, check_largest, check_safe_menus, check_stable, check_within,
};
use std::fmt::Debug;

/// The rights of one left, as badly as can be.
#[derive(Clone, Copy)]
struct Broken(&'static [u32]);

impl Pairs for Broken {
    fn lefts(&self) -> usize {
        1
    }
    fn visit(&self, _: Left, mut each: impl FnMut(Right, i32)) {
        self.0.iter().for_each(|&right| each(Right(right), 0));
    }
}

struct Valuing(Broken);

impl Valued for Valuing {
    fn lefts(&self) -> usize {
        1
    }
    fn visit(&self, left: Left, mut each: impl FnMut(Right, Worth)) {
        self.0.visit(left, |right, cost| each(right, Worth { cost, grade: 1, gain: 0 }));
    }
}

struct Ranking(Broken);

impl Ranked for Ranking {
    fn lefts(&self) -> usize {
        1
    }
    fn visit(&self, left: Left, mut each: impl FnMut(Right, Ranks)) {
        self.0.visit(left, |right, _| each(right, Ranks { left: 1, right: 1 }));
    }
}

/// What a check says, without what it found.
fn plain<T, E: Debug>(result: Result<T, E>) -> Result<(), String> {
    result.map(|_| ()).map_err(|why| format!("{why:?}"))
}

#[test]
fn a_stream_that_breaks_its_contract_is_refused_by_every_check() {
    let frame = Frame::simple(1, 0, vec![1, 1, 1]).unwrap();
    let (supply, zero) = (Supply::one_each(1), Prices::zero(3));
    let nobody = Matching::new(vec![None]);
    let none = Flow::new(vec![vec![]]);
    let chain = Chain { prices: vec![Prices::default(); 3], witness: None };
    let rows = Rows::new(1, vec![]).unwrap();
    let proof = SideProof::root(1, vec![], vec![0; 3]);
    let menus = [vec![]];
    let marginals = Marginals::new(1, vec![vec![]]);
    // The last of each is where the contract breaks; the first list keeps it.
    for (rights, accepted) in [
        (&[0, 1, 2][..], true),
        (&[1, 0], false),
        (&[0, 0], false),
        (&[2, 2], false),
        (&[3], false),
        (&[0, 3], false),
        (&[0, u32::MAX], false),
    ] {
        let pairs = Broken(rights);
        let at = *rights.last().unwrap();
        let broken = format!("BrokenStream {{ left: Left(0), right: Right({at}) }}");
        let see = |what: &str, told: Result<(), String>| {
            let refused = told.as_ref().is_err_and(|why| why.contains(&broken));
            assert_eq!(refused, !accepted, "{what} on {rights:?}: {told:?}");
        };
        see("check", plain(check(&frame, &pairs, &nobody, &zero)));
        see("within", plain(check_within(&frame, &pairs, &nobody, &zero)));
        see("infeasible", plain(check_infeasible(&frame, &pairs, &zero)));
        see("flow", plain(check_flow(&frame, &supply, &pairs, &none, &zero)));
        see("flow within", plain(check_flow_within(&frame, &supply, &pairs, &none, &zero)));
        see("flow infeasible", plain(check_flow_infeasible(&frame, &supply, &pairs, &zero)));
        let valued = Valuing(pairs);
        for aim in [Aim::MaxMin, Aim::Nash] {
            let told = check_chain(aim, &frame, &supply, &valued, &none, &chain);
            see("chain", plain(told));
        }
        see("stable", plain(check_stable(&frame, &Ranking(pairs), &nobody)));
        see("greedy", plain(check_greedy(&frame, &pairs, &nobody)));
        see("in turn", plain(check_in_turn(&frame, &pairs, &[Left(0)], &nobody)));
        see("largest", plain(check_largest(&frame, &pairs, &nobody, &zero)));
        see("menus", plain(check_safe_menus(&frame, &pairs, &menus, &zero)));
        see("capped", plain(capped(&frame, &pairs, 1, 1)));
        let orders = [rights.iter().map(|&right| Right(right)).collect::<Vec<_>>()];
        see("eating", plain(check_eating(&frame, &pairs, &orders, &marginals)));
        see("side", plain(check_side(&frame, &supply, &pairs, &rows, &none, &proof)));
        let told = check_side_infeasible(&frame, &supply, &pairs, &rows, &proof);
        see("side infeasible", plain(told));
    }
}
