//! The flow of least total cost, where lefts want several places.

use crate::best_total::{Outcome, best_total};
use crate::lots::{self, Lots};
use crate::network::{Face, Found, Network, PinsImpossible};
use crate::places::{Places, Short, Stop};
use crate::watch::{Meter, Stage, Watch};
use peermatch_assignment::{Flow, Left, Prices, Problem, Supply};

/// A flow and the prices that prove it of least cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowSolution {
    /// A flow of least cost.
    pub flow: Flow,
    /// One price per right; `peermatch_assignment::check_flow` accepts both together.
    pub prices: Prices,
}

/// How a solve ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowOutcome {
    /// The least total cost was reached.
    Optimal(FlowSolution),
    /// No flow keeps all capacities, minimums and pins and gives everybody what they must have. The
    /// prices are the witness that `peermatch_assignment::check_flow_infeasible` verifies.
    Infeasible(Prices),
    /// The watch asked to stop.
    Cancelled,
}

/// Where waiting outweighs the differences between pairs by this factor, who is served is found
/// out first, as in [`best_total`](best_total()).
const WAITING_OUTWEIGHS: i64 = 2;

/// Ranges of costs above this are worth bidding for.
const BIDDING_FROM: i64 = 16;

/// Finds the flow of least total cost, with prices that prove it.
///
/// The problem: each left `u` fills `wanted` places, at most `each` of one right, at the cost of the pair per
/// place; at most `wanted - least` of them by waiting, at its waiting cost per place. Pins, capacities and minimums
/// as in [`best_total`](best_total()), which does the work where everybody wants one place (and whose
/// answer is then the canonical one). Otherwise the answer is some flow of least cost, the same for the same
/// problem.
///
/// # How
/// Starting prices where waiting outweighs all else, by serving in order of waiting cost; an auction for
/// lots with falling steps (left out where costs have but a few values); then shortest augmenting paths that carry as many places as they can, exact
/// from any prices. Worst case `O(m (E + (n + K) log (n + K)))` for `m` paths, each of which carries at
/// least one place, so large lots cost no more than small ones; memory `O(E + n + K)`.
///
/// # Overflow
/// None, by the argument of [`best_total`](best_total()): a path passes each right once, so a price stays within
/// 2^26 * 2^31 + 2^58 < 2^59 either way. Places are counted in `u32`: a left wants at most 2^20, a right
/// gives at most its capacity.
///
/// ```
/// use peermatch_assignment::{Frame, PairTable, Problem, Right, Supply, check_flow};
/// use peermatch_solve::{FlowOutcome, Quiet, best_flow};
///
/// // Two people who want two workers each, and must have one; three places.
/// let frame = Frame::simple(2, 100, vec![1, 2])?;
/// let pairs = PairTable::from_rows(2, vec![vec![(Right(0), 5), (Right(1), 7)]; 2])?;
/// let problem = Problem::new(frame, pairs)?;
/// let supply = Supply::new(vec![2, 2], vec![1, 1], vec![1, 1])?;
/// let FlowOutcome::Optimal(found) = best_flow(&problem, &supply, &Quiet) else { unreachable!() };
/// let proven = check_flow(problem.frame(), &supply, problem.pairs(), &found.flow, &found.prices)?;
/// assert_eq!(proven.cost(), 5 + 7 + 7 + 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// If the supply is not of the problem's lefts.
pub fn best_flow(problem: &Problem, supply: &Supply, watch: &dyn Watch) -> FlowOutcome {
    assert_eq!(supply.lefts(), problem.frame().lefts(), "a supply says what every left wants");
    if supply.is_one_each() {
        return match best_total(problem, watch) {
            Outcome::Optimal(found) => FlowOutcome::Optimal(FlowSolution {
                flow: Flow::from(&found.matching),
                prices: found.prices,
            }),
            Outcome::Infeasible(prices) => FlowOutcome::Infeasible(prices),
            Outcome::Cancelled => FlowOutcome::Cancelled,
        };
    }
    let (frame, pairs) = (problem.frame(), problem.pairs());
    let face = match Face::new(frame, supply, pairs) {
        Ok(face) => face,
        Err(PinsImpossible(prices)) => return FlowOutcome::Infeasible(Prices::new(prices)),
    };
    let costs = costs(problem.pairs());
    match bidding(&face, |at| costs[at], |left| frame.waiting_cost(left), watch) {
        Ok(found) => FlowOutcome::Optimal(FlowSolution {
            flow: face.flow(&found.places),
            prices: Prices::new(found.prices),
        }),
        Err(Stop::Short(short)) => FlowOutcome::Infeasible(witness(short, frame.rights())),
        Err(Stop::Watch) => FlowOutcome::Cancelled,
    }
}

/// The costs of a table, in the order of its pairs.
pub(crate) fn costs(pairs: &peermatch_assignment::PairTable) -> Vec<i32> {
    Left::all(pairs.lefts()).flat_map(|left| pairs.costs_of(left).iter().copied()).collect()
}

/// Prices that show that nothing is feasible.
pub(crate) fn witness(short: Short, rights: usize) -> Prices {
    let (named, price) = match short {
        Short::Places(named) => (named, 1),
        Short::Minimums(named) => (named, -1),
    };
    let mut prices = vec![0; rights];
    for right in named {
        prices[right as usize] = price;
    }
    Prices::new(prices)
}

/// Prices to start from: 0, but where a right must be full whatever it costs, and so may have any price, so low that
/// its places are filled before anybody waits. Filling them from the other side, at the request
/// of the right, would be a search for each.
pub(crate) fn floor(network: &Network) -> Vec<i64> {
    let (least, most) = network.cost_range();
    let free = (0..network.lefts()).filter(|&left| network.wait_high[left] > 0);
    let patient = free.map(|left| network.wait_cost[left]).min().unwrap_or(most);
    let reward = (most - patient).max(0) + (most - least).max(1);
    let bounds = network.minimum.iter().zip(&network.places);
    bounds
        .map(|(minimum, places)| if minimum == places && *places > 0 { -reward } else { 0 })
        .collect()
}

/// An optimum on `face`, with prices found by bidding.
pub(crate) fn bidding(
    face: &Face<'_>,
    cost: impl Fn(usize) -> i32,
    waiting: impl Fn(Left) -> i64,
    watch: &dyn Watch,
) -> Result<Found, Stop> {
    let network = Network::new(face, &cost, waiting);
    let (least, most) = network.cost_range();
    let range = (most - least).max(1);
    let floor = floor(&network);
    let mut start = Lots { prices: floor.clone(), held: vec![0; network.pairs()] };
    if network.gain_max() > WAITING_OUTWEIGHS * range {
        let (served, held) = serve(&network.without_costs(), watch)?.into_lots();
        for (price, served) in start.prices.iter_mut().zip(served) {
            *price = (*price).max(served - most);
        }
        start.held = held;
    }
    // Where costs have but a few values, a step of bidding is as large as they are: it would only
    // take apart what serving has put together.
    if range > BIDDING_FROM {
        let units = network.need.iter().map(|&need| need as usize).sum::<usize>();
        let mut meter = Meter::new(watch, Stage::Bidding, units.min(network.pairs()) * 16);
        start = lots::bid(&network, start.prices, &floor, &mut meter)?;
    }
    let places = Places::new(&network, start.prices, &start.held);
    let places = places.run(
        0..network.lefts(),
        &mut Meter::new(watch, Stage::Placing, network.lefts()),
        &mut Meter::new(watch, Stage::Settling, network.rights()),
    )?;
    Ok(places.found(face, cost))
}

/// Who is served, where pairs cost nothing: lefts by falling cost of waiting, so that no place is
/// given that would have to be taken back later (the sets of places that can be filled together are
/// the independent sets of a matroid).
pub(crate) fn serve<'n>(network: &'n Network, watch: &dyn Watch) -> Result<Places<'n>, Stop> {
    let mut order: Vec<usize> = (0..network.lefts()).collect();
    order.sort_by_key(|&left| (std::cmp::Reverse(network.wait_cost[left]), left));
    let places = Places::new(network, vec![0; network.rights()], &vec![0; network.pairs()]);
    places.run(
        order.into_iter(),
        &mut Meter::new(watch, Stage::Serving, network.lefts()),
        &mut Meter::new(watch, Stage::Settling, network.rights()),
    )
}
