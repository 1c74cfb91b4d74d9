//! [`check_chain`]: every claim is judged by the faces that the definition of the stages gives.

use crate::oracle::{Dice, FillOf, Tiny, bounds, charges, grid};
use peermatch_assignment::{
    Aim, COST_MAX, Chain, ChainRejection, Flow, FlowRejection, Frame, GRADE_MAX, Left, PRICE_MAX,
    Prices, Rejection, Right, Stage, Supply, Valued, Worth, check_chain,
};
use std::collections::BTreeSet;

const AIMS: [Aim; 4] = [Aim::MaxMin, Aim::Leximin, Aim::Nash, Aim::RankMaximal];

/// What a stage counts, said a second time: cost of a pair, and whether waiting counts.
fn counts(stage: Stage, worth: Worth) -> i64 {
    match stage {
        Stage::Cost => worth.cost.into(),
        Stage::Served => 0,
        Stage::NoneAbove(grade) => i64::from(worth.grade > grade),
        Stage::Fewest(grade) => i64::from(worth.grade == grade),
        Stage::Most(grade) => -i64::from(worth.grade == grade),
        Stage::Gain => -i64::from(worth.gain),
    }
}

/// The stages of an aim, said a second time.
fn stages(aim: Aim, tiny: &Tiny, worst: u32) -> Vec<Stage> {
    let all = tiny.worth.iter().flatten().flatten();
    let grades: BTreeSet<u32> = all.map(|worth| worth.grade).collect();
    match aim {
        Aim::MaxMin => vec![Stage::Served, Stage::NoneAbove(worst), Stage::Cost],
        Aim::Leximin => {
            let worse = grades.iter().skip(1).rev().map(|&grade| Stage::Fewest(grade));
            [Stage::Served].into_iter().chain(worse).chain([Stage::Cost]).collect()
        }
        Aim::Nash => vec![Stage::Served, Stage::Gain, Stage::Cost],
        Aim::RankMaximal => {
            grades.iter().map(|&grade| Stage::Most(grade)).chain([Stage::Cost]).collect()
        }
    }
}

/// All that is best so far: the fills of each left, and what each right must and can give.
#[derive(Clone)]
struct Face<'t> {
    tiny: &'t Tiny,
    fills: Vec<Vec<FillOf>>,
    bounds: Vec<(u32, u32)>,
}

impl<'t> Face<'t> {
    fn new(tiny: &'t Tiny) -> Self {
        let fills = Left::all(tiny.frame.lefts()).map(|left| tiny.fills(left)).collect();
        Self { tiny, fills, bounds: bounds(&tiny.frame) }
    }

    fn value(&self, stage: Stage, left: Left, fill: &FillOf, prices: &[i64]) -> i128 {
        let waits = stage == Stage::Served;
        let waiting = if waits { self.tiny.frame.waiting_cost(left) } else { 0 };
        let price = |right: Right| prices.get(right.index()).copied().unwrap_or(0);
        self.tiny.value(left, fill, waiting, |right, w| counts(stage, w) + price(right))
    }

    fn bound(&self, stage: Stage, prices: &[i64]) -> i128 {
        let least = |(left, fills): (Left, &Vec<FillOf>)| {
            fills.iter().map(|fill| self.value(stage, left, fill, prices)).min().unwrap()
        };
        Left::all(self.fills.len()).zip(&self.fills).map(least).sum::<i128>()
            - charges(&self.bounds, prices)
    }

    /// Only what is cheapest by these prices.
    fn narrow(&mut self, stage: Stage, prices: &[i64]) {
        for left in Left::all(self.fills.len()) {
            let of = |fill: &FillOf| self.value(stage, left, fill, prices);
            let least = self.fills[left.index()].iter().map(of).min();
            let all = self.fills[left.index()].iter();
            let kept = all.filter(|fill| Some(of(fill)) == least).cloned().collect();
            self.fills[left.index()] = kept;
        }
        for (bounds, &price) in self.bounds.iter_mut().zip(prices) {
            *bounds = match price {
                1.. => (bounds.1, bounds.1),
                0 => *bounds,
                _ => (bounds.0, bounds.0),
            };
        }
    }
}

fn stage_cost(tiny: &Tiny, stage: Stage, flow: &Flow) -> i128 {
    let face = Face { tiny, fills: vec![], bounds: vec![] };
    Left::all(flow.lefts()).map(|l| face.value(stage, l, &tiny.units(flow, l), &[])).sum()
}

fn worst(tiny: &Tiny, flow: &Flow) -> Option<u32> {
    let grade = |(left, right, _): (Left, Right, u32)| {
        Some(tiny.worth[left.index()].get(right.index())?.as_ref()?.grade)
    };
    flow.pairs().filter_map(grade).max()
}

/// Faults of prices that are not empty.
fn price_fault(tiny: &Tiny, prices: &Prices) -> Option<Rejection> {
    let (rights, prices) = (tiny.frame.rights(), prices.values());
    if !prices.is_empty() && prices.len() != rights {
        return Some(Rejection::PriceCount { rights, prices: prices.len() });
    }
    let beyond = Right::all(prices.len()).zip(prices).find(|price| price.1.abs() > PRICE_MAX);
    beyond.map(|(right, &price)| Rejection::PriceBeyondBound { right, price })
}

/// What is due to a claim: the stages with their costs, or what is wrong, first fault first.
fn due(
    aim: Aim,
    tiny: &Tiny,
    flow: &Flow,
    chain: &Chain,
) -> Result<(Vec<Stage>, Vec<i128>), ChainRejection> {
    let needed = if aim == Aim::MaxMin { worst(tiny, flow).unwrap_or(0) } else { 0 };
    let stages = stages(aim, tiny, needed);
    if stages.len() != chain.prices.len() {
        let prices = chain.prices.len();
        return Err(ChainRejection::StageCount { stages: stages.len(), prices });
    }
    for (at, (&stage, prices)) in stages.iter().zip(&chain.prices).enumerate() {
        if let Some(why) = price_fault(tiny, prices) {
            return Err(ChainRejection::Prices { at, stage, why });
        }
        if at > 0 {
            continue;
        }
        match &chain.witness {
            None if needed > 0 => return Err(ChainRejection::WitnessMissing { worst: needed }),
            Some(_) if needed == 0 => return Err(ChainRejection::WitnessNeedless),
            Some(prices) => {
                if let Some(why) = price_fault(tiny, prices) {
                    return Err(ChainRejection::WitnessPrices(why));
                }
            }
            None => {}
        }
    }
    if let Some(why) = tiny.fault(flow) {
        return Err(why.into());
    }
    let mut face = Face::new(tiny);
    let mut costs = Vec::new();
    let mut witnessed = None;
    for (at, (&stage, prices)) in stages.iter().zip(&chain.prices).enumerate() {
        let (cost, bound) = (stage_cost(tiny, stage, flow), face.bound(stage, prices.values()));
        if cost != bound {
            return Err(ChainRejection::NotBest { at, stage, cost, bound });
        }
        costs.push(cost);
        face.narrow(stage, prices.values());
        if at == 0
            && let Some(prices) = &chain.witness
        {
            witnessed = Some(face.bound(Stage::NoneAbove(needed - 1), prices.values()));
        }
    }
    match witnessed {
        Some(bound) if bound <= 0 => Err(ChainRejection::WitnessFails { worst: needed, bound }),
        _ => Ok((stages, costs)),
    }
}

/// Of a grid, some prices of the best bound; empty for "0 everywhere" now and then.
fn best_prices(dice: &mut Dice, face: &Face<'_>, stage: Stage) -> Prices {
    let all = grid(face.tiny.frame.rights(), 2);
    let best = all.iter().map(|prices| face.bound(stage, prices)).max().unwrap();
    let all: Vec<&Vec<i64>> = all.iter().filter(|p| face.bound(stage, p) == best).collect();
    let one = (*dice.one_of(&all)).clone();
    let none = one.iter().all(|&price| price == 0) && dice.below(2) == 0;
    Prices::new(if none { vec![] } else { one })
}

/// What is best for an aim, if anything is feasible, and a chain that proves it unless the grid is too small.
fn best(dice: &mut Dice, aim: Aim, tiny: &Tiny, feasible: &[Flow]) -> Option<(Vec<Flow>, Chain)> {
    let served = |flow: &&Flow| stage_cost(tiny, Stage::Served, flow);
    let least = feasible.iter().map(|flow| served(&flow)).min()?;
    let among = feasible.iter().filter(|flow| served(flow) == least);
    let needed = among.filter_map(|flow| worst(tiny, flow).or(Some(0))).min()?;
    let needed = if aim == Aim::MaxMin { needed } else { 0 };
    let mut flows: Vec<Flow> = feasible.to_vec();
    let mut face = Face::new(tiny);
    let mut chain = Chain::default();
    for (at, stage) in stages(aim, tiny, needed).into_iter().enumerate() {
        let least = flows.iter().map(|flow| stage_cost(tiny, stage, flow)).min()?;
        flows.retain(|flow| stage_cost(tiny, stage, flow) == least);
        let prices = best_prices(dice, &face, stage);
        face.narrow(stage, prices.values());
        chain.prices.push(prices);
        if at == 0 && needed > 0 {
            chain.witness = Some(best_prices(dice, &face, Stage::NoneAbove(needed - 1)));
        }
    }
    Some((flows, chain))
}

/// One price, or one set of prices, or the witness, changed.
fn mutate(dice: &mut Dice, rights: usize, chain: &mut Chain) {
    let tweak = |dice: &mut Dice, prices: &mut Prices| {
        let mut values = prices.values().to_vec();
        match dice.below(10) {
            0 => values.clear(),
            1 => values.push(0),
            2 => values = vec![PRICE_MAX + 1; rights],
            _ => {
                values.resize(rights, 0);
                values[dice.below(rights)] += dice.around(2);
            }
        }
        *prices = Prices::new(values);
    };
    match dice.below(8) {
        0 => drop(chain.prices.pop()),
        1 => chain.prices.push(Prices::default()),
        2 => chain.witness = None,
        3 => chain.witness = Some(Prices::default()),
        4 => {
            if let Some(witness) = &mut chain.witness {
                tweak(dice, witness);
            }
        }
        _ => {
            let at = dice.below(chain.prices.len());
            tweak(dice, &mut chain.prices[at]);
        }
    }
}

#[test]
fn chains_of_tiny_problems_are_judged_as_defined() {
    let mut dice = Dice(17);
    for aim in AIMS {
        let mut proven = 0;
        let [mut witnessed, mut late, mut unfit, mut weak] = [0; 4];
        for _ in 0..700 {
            let tiny = Tiny::new(&mut dice, false);
            let (table, feasible) = (tiny.table(), tiny.flows());
            let Some((flows, chain)) = best(&mut dice, aim, &tiny, &feasible) else { continue };
            let mut claims = Vec::new();
            for _ in 0..3 {
                let flow = dice.one_of(&flows).clone();
                let mut changed = chain.clone();
                mutate(&mut dice, tiny.frame.rights(), &mut changed);
                claims.extend([(flow.clone(), chain.clone()), (flow, changed)]);
                claims.push((dice.one_of(&feasible).clone(), chain.clone()));
                claims.push((tiny.wild(&mut dice, &feasible), chain.clone()));
            }
            for (flow, chain) in claims {
                let name = || format!("{aim:?} {tiny:?}\n{flow:?} {chain:?}");
                let found = check_chain(aim, &tiny.frame, &tiny.supply, &table, &flow, &chain);
                match due(aim, &tiny, &flow, &chain) {
                    Ok((stages, costs)) => {
                        let found = found.unwrap_or_else(|why| panic!("{why} {}", name()));
                        assert!(flows.contains(&flow), "not best: {}", name());
                        assert_eq!(found.stages(), stages, "{}", name());
                        assert_eq!(found.costs(), costs, "{}", name());
                        assert_eq!((found.aim(), found.flow()), (aim, &flow));
                        assert_eq!(found.worst(), worst(&tiny, &flow), "{}", name());
                        assert_eq!(found.pairs_checked(), tiny.edges());
                        proven += 1;
                        witnessed += u32::from(chain.witness.is_some());
                    }
                    Err(why) => {
                        match &why {
                            ChainRejection::NotBest { at: 1.., .. } => late += 1,
                            ChainRejection::Flow(_) => unfit += 1,
                            ChainRejection::WitnessFails { .. } => weak += 1,
                            _ => {}
                        }
                        assert_eq!(found, Err(why), "{}", name());
                    }
                }
            }
        }
        let counts = [proven, late, unfit];
        assert!(counts.iter().all(|&count| count > 100), "{aim:?} {counts:?}");
        let witness = [witnessed, weak].map(|count| count > 20);
        assert_eq!(witness, [aim == Aim::MaxMin; 2], "{aim:?} {witnessed} {weak}");
    }
}

/// One left with these pairs, as they are given.
struct Stream(Vec<(u32, Worth)>);

impl Valued for Stream {
    fn lefts(&self) -> usize {
        1
    }

    fn visit(&self, _: Left, mut each: impl FnMut(Right, Worth)) {
        self.0.iter().for_each(|&(right, worth)| each(Right(right), worth));
    }
}

#[test]
fn worth_beyond_its_bounds_and_parts_that_do_not_fit_are_refused() {
    let frame = Frame::simple(1, 1, vec![1]).unwrap();
    let chain = Chain { prices: vec![Prices::default(); 3], witness: None };
    let judge = |rows: &[(u32, Worth)], supply: usize, flow: usize| {
        let (supply, flow) = (Supply::one_each(supply), Flow::new(vec![vec![]; flow]));
        check_chain(Aim::Nash, &frame, &supply, &Stream(rows.to_vec()), &flow, &chain)
    };
    let alone = |cost, grade, gain| judge(&[(0, Worth { cost, grade, gain })], 1, 1);
    // Waiting costs 1 and nobody has to: refused as not best, not for what the pair is worth.
    let waits = Err(ChainRejection::NotBest { at: 0, stage: Stage::Served, cost: 1, bound: 0 });
    for (cost, grade, gain) in [(COST_MAX, GRADE_MAX, COST_MAX), (-COST_MAX, 0, -COST_MAX)] {
        assert_eq!(alone(cost, grade, gain), waits);
    }
    let beyond = Err(ChainRejection::Worth { left: Left(0), right: Right(0) });
    for by in [COST_MAX + 1, i32::MAX, -COST_MAX - 1, i32::MIN] {
        assert_eq!(alone(by, 0, 0), beyond);
        assert_eq!(alone(0, 0, by), beyond);
    }
    for grade in [GRADE_MAX + 1, u32::MAX] {
        assert_eq!(alone(0, grade, 0), beyond);
    }
    let worth = Worth::default();
    for (rows, at) in [([(0, worth), (0, worth)], 0), ([(0, worth), (1, worth)], 1)] {
        let broken = Rejection::BrokenStream { left: Left(0), right: Right(at) };
        assert_eq!(judge(&rows, 1, 1), Err(FlowRejection::from(broken).into()));
    }
    for (supply, flow) in [(0, 1), (2, 1), (1, 0), (1, 2)] {
        let told = FlowRejection::Lefts { frame: 1, pairs: 1, supply, flow };
        assert_eq!(judge(&[(0, worth)], supply, flow), Err(told.into()));
    }
}

#[test]
fn stages_are_said() {
    let said = [
        (Stage::Served, "who is served"),
        (Stage::NoneAbove(3), "nobody above grade 3"),
        (Stage::Fewest(2), "fewest at grade 2"),
        (Stage::Most(1), "most at grade 1"),
        (Stage::Gain, "largest sum of gains"),
        (Stage::Cost, "least cost of pairs"),
    ];
    for (stage, words) in said {
        assert_eq!(stage.to_string(), words);
    }
    // What waiting costs counts for who is served alone.
    let counted = said.map(|(stage, _)| stage.waiting(7));
    assert_eq!(counted, [7, 0, 0, 0, 0, 0]);
    let worth = Worth { cost: 5, grade: 3, gain: 9 };
    let pairs = said.map(|(stage, _)| stage.pair(worth));
    assert_eq!(pairs, [0, 0, 0, 0, -9, 5]);
    let graded = [Stage::NoneAbove(2), Stage::NoneAbove(4), Stage::Fewest(3), Stage::Most(3)];
    assert_eq!(graded.map(|stage| stage.pair(worth)), [1, 0, 1, -1]);
}
