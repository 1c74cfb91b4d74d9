//! Objectives that go through stages, each solved exactly on what the stages before have left.

use crate::network::{Face, Found, Network, PinsImpossible};
use crate::places::{Places, Stop};
use crate::transport::{bidding, floor, serve, witness};
use crate::watch::{Meter, Stage as Doing, Watch};
use peermatch_assignment::{
    Aim, Chain, Flow, Frame, Left, Prices, Stage, Supply, Worth, WorthTable,
};

/// A flow that is best in every stage, and the chain that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedSolution {
    /// The flow.
    pub flow: Flow,
    /// Prices per stage; `peermatch_assignment::check_chain` accepts both together.
    pub chain: Chain,
}

/// How a solve in stages ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StagesOutcome {
    /// The best was reached in every stage.
    Optimal(StagedSolution),
    /// No flow keeps all capacities, minimums and pins and gives everybody what they must have. The
    /// prices are the witness that `peermatch_assignment::check_flow_infeasible` verifies.
    Infeasible(Prices),
    /// The watch asked to stop.
    Cancelled,
}

/// Finds a flow that is best in every stage of `aim`, with the chain of prices that proves it.
///
/// The stages are those of [`Aim::stages`]; costs of waiting are those of `frame`, per place. The same input
/// gives the same answer.
///
/// # How
/// Each stage is solved exactly on the face of flows that are best so far, starting from the flow of the
/// stage before: who has a pair that the stage counts against and could have another stands up and is
/// placed again by shortest paths, many at once. A stage that counts against nobody costs next to
/// nothing, and all its prices are 0. Stages of large numbers (gains, costs) start with an auction. Max-min searches the worst grade by halving. Leximin with
/// `g` grades takes `O(g K + E log E)` besides its searches.
///
/// # Panics
/// If the parts are not of the same sizes.
///
/// ```
/// use peermatch_assignment::{Aim, Frame, PairTable, Right, Supply, WorthTable, check_chain};
/// use peermatch_solve::{Quiet, StagesOutcome, in_stages};
///
/// // The cheapest way gives left 1 a pair of grade 9; leximin does not.
/// let frame = Frame::simple(2, 1, vec![1, 1])?;
/// let row = vec![(Right(0), 0), (Right(1), 0)];
/// let pairs = PairTable::from_rows(2, vec![row; 2])?;
/// let worth = WorthTable::new(pairs, vec![0, 2, 2, 9], vec![0; 4])?;
/// let supply = Supply::one_each(2);
/// let StagesOutcome::Optimal(found) = in_stages(Aim::Leximin, &frame, &supply, &worth, &Quiet)
/// else { unreachable!() };
/// let proven = check_chain(Aim::Leximin, &frame, &supply, &worth, &found.flow, &found.chain)?;
/// assert_eq!(proven.worst(), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn in_stages(
    aim: Aim,
    frame: &Frame,
    supply: &Supply,
    worth: &WorthTable,
    watch: &dyn Watch,
) -> StagesOutcome {
    assert_eq!(supply.lefts(), frame.lefts(), "a supply says what every left wants");
    assert_eq!(worth.pairs().lefts(), frame.lefts(), "pairs have a row per left");
    assert_eq!(worth.pairs().rights(), frame.rights(), "pairs are of the frame's rights");
    let face = match Face::new(frame, supply, worth.pairs()) {
        Ok(face) => face,
        Err(PinsImpossible(prices)) => return StagesOutcome::Infeasible(Prices::new(prices)),
    };
    let mut run = Run::new(face, worth, watch);
    match run.all(aim) {
        Ok(()) => StagesOutcome::Optimal(StagedSolution {
            flow: run.face.flow(&run.places),
            chain: run.chain,
        }),
        Err(Stop::Short(short)) => StagesOutcome::Infeasible(witness(short, frame.rights())),
        Err(Stop::Watch) => StagesOutcome::Cancelled,
    }
}

/// Where a stage starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// From the flow so far, at price 0.
    Flow,
    /// From nothing, lefts by falling cost of waiting.
    Nothing,
    /// From an auction.
    Auction,
}

struct Run<'p> {
    face: Face<'p>,
    costs: Vec<i32>,
    grades: &'p [u32],
    gains: &'p [i32],
    /// Grades that occur, ascending.
    levels: Vec<u32>,
    /// Pairs by grade: those of `levels[i]` are `by_level[starts[i]..starts[i + 1]]`.
    by_level: Vec<usize>,
    starts: Vec<usize>,
    /// Left of each pair.
    owner: Vec<Left>,
    /// The flow so far, places per pair.
    places: Vec<u32>,
    chain: Chain,
    watch: &'p dyn Watch,
}

impl<'p> Run<'p> {
    fn new(face: Face<'p>, worth: &'p WorthTable, watch: &'p dyn Watch) -> Self {
        let pairs = worth.pairs();
        let grades = worth.grades();
        let mut by_level: Vec<usize> = (0..pairs.len()).collect();
        by_level.sort_by_key(|&at| (grades[at], at));
        let (mut levels, mut starts) = (Vec::new(), Vec::new());
        for (at, &pair) in by_level.iter().enumerate() {
            if levels.last() != Some(&grades[pair]) {
                levels.push(grades[pair]);
                starts.push(at);
            }
        }
        starts.push(pairs.len());
        let owner = Left::all(pairs.lefts())
            .flat_map(|left| std::iter::repeat_n(left, pairs.range(left).len()))
            .collect();
        Self {
            places: face.low.clone(),
            face,
            costs: crate::transport::costs(pairs),
            grades,
            gains: worth.gains(),
            levels,
            by_level,
            starts,
            owner,
            chain: Chain::default(),
            watch,
        }
    }

    fn all(&mut self, aim: Aim) -> Result<(), Stop> {
        if aim == Aim::MaxMin {
            self.stage(Stage::Served, Start::Nothing)?;
            let worst = self.least_worst()?;
            return self
                .stage(Stage::NoneAbove(worst), Start::Flow)
                .and_then(|()| self.stage(Stage::Cost, Start::Auction));
        }
        for stage in aim.stages(&self.levels.clone(), 0) {
            let start = match stage {
                Stage::Served => Start::Nothing,
                Stage::Gain | Stage::Cost => Start::Auction,
                Stage::NoneAbove(_) | Stage::Fewest(_) | Stage::Most(_) => Start::Flow,
            };
            self.stage(stage, start)?;
        }
        Ok(())
    }

    /// Solves a stage, notes its prices and narrows the face.
    fn stage(&mut self, stage: Stage, start: Start) -> Result<(), Stop> {
        if !self.chain.prices.is_empty() && self.skip(stage) {
            self.chain.prices.push(Prices::default());
            return Ok(());
        }
        let found = self.solve(stage, start)?;
        let frame = self.face.frame;
        let worth = Self::worth(&self.costs, self.grades, self.gains);
        self.face.narrow(
            &found,
            |at| stage.pair(worth(at)),
            |left| stage.waiting(frame.waiting_cost(left)),
        );
        self.places = found.places;
        self.chain.prices.push(compact(found.prices));
        Ok(())
    }

    fn worth<'a>(
        costs: &'a [i32],
        grades: &'a [u32],
        gains: &'a [i32],
    ) -> impl Fn(usize) -> Worth + 'a {
        |at| Worth { cost: costs[at], grade: grades[at], gain: gains[at] }
    }

    fn solve(&self, stage: Stage, start: Start) -> Result<Found, Stop> {
        let Self { face, watch, .. } = self;
        let worth = Self::worth(&self.costs, self.grades, self.gains);
        let cost = |at: usize| stage.pair(worth(at));
        let waiting = |left: Left| stage.waiting(face.frame.waiting_cost(left));
        if start == Start::Auction {
            return bidding(face, cost, waiting, *watch);
        }
        let network = Network::new(face, cost, waiting);
        let places = if start == Start::Nothing {
            serve(&network, *watch)?
        } else {
            let held: Vec<u32> =
                network.origin.iter().map(|&at| self.places[at] - face.low[at]).collect();
            Places::new(&network, floor(&network), &held).run_together(
                &mut Meter::new(*watch, Doing::Placing, network.lefts()),
                &mut Meter::new(*watch, Doing::Settling, network.rights()),
            )?
        };
        Ok(places.found(face, cost))
    }

    /// Whether the flow so far is best in this stage at price 0 already, because whoever could use a
    /// pair that counts does not (or, where using it is good, nobody could). If so, narrows the face.
    fn skip(&mut self, stage: Stage) -> bool {
        let of = |grade: u32| match self.levels.binary_search(&grade) {
            Ok(level) => self.starts[level]..self.starts[level + 1],
            Err(_) => 0..0,
        };
        let counted = match stage {
            Stage::Fewest(grade) | Stage::Most(grade) => of(grade),
            Stage::NoneAbove(grade) => {
                self.starts[self.levels.partition_point(|&level| level <= grade)]
                    ..self.by_level.len()
            }
            _ => return false,
        };
        let counted = &self.by_level[counted];
        let face = &mut self.face;
        let in_the_way = |&at: &usize| {
            face.high[at] > face.low[at]
                && (matches!(stage, Stage::Most(_)) || self.places[at] > face.low[at])
        };
        if counted.iter().any(in_the_way) {
            return false;
        }
        // Each left fills its free places at value 0 and would pay 1 here.
        for &at in counted {
            face.high[at] = face.low[at];
        }
        let mut last = None;
        for &at in counted {
            if last != Some(self.owner[at]) {
                last = Some(self.owner[at]);
                face.close(self.owner[at]);
            }
        }
        true
    }

    /// The least worst grade that those who must be served can be served with; notes the witness that
    /// no lesser one will do.
    fn least_worst(&mut self) -> Result<u32, Stop> {
        let worst_of = |places: &[u32], grades: &[u32]| {
            let used = places.iter().zip(grades).filter(|(places, _)| **places > 0);
            used.map(|(_, &grade)| grade).max().unwrap_or(0)
        };
        let mut levels = self.levels.clone();
        if levels.first() != Some(&0) {
            levels.insert(0, 0);
        }
        let level_of = |grade: u32| levels.partition_point(|&level| level < grade);
        let (mut low, mut high) = (0, level_of(worst_of(&self.places, self.grades)));
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.solve(Stage::NoneAbove(levels[middle]), Start::Flow)?;
            let worst = worst_of(&found.places, self.grades);
            if worst <= levels[middle] {
                high = level_of(worst);
                self.places = found.places;
            } else {
                low = middle + 1;
                self.chain.witness = Some(Prices::new(found.prices));
            }
        }
        Ok(levels[high])
    }
}

/// Price 0 everywhere needs no numbers.
fn compact(prices: Vec<i64>) -> Prices {
    if prices.iter().all(|&price| price == 0) { Prices::default() } else { Prices::new(prices) }
}
