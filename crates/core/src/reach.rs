//! Who can meet how, and how long the way is.
//!
//! Remote ways to meet reach everybody. In person, somebody has to get somewhere, as the crow flies between places that are rounded to
//! about a kilometre (an address never reaches this crate), at the policy's pace for each transport:
//!
//! - *the worker comes* if the person's area is one the worker works in, or if the worker's fastest transport brings them within
//!   the worker's longest journey;
//! - *the person comes* if their fastest transport brings them within their own longest journey, and they need no lift.
//!
//! A visit (outreach) needs the worker to come. One to one, a drop-in and a group need either to come: they meet at a place. For somebody who
//! needs a lift, a place to get to is of no use without a worker who comes and drives people; but one to one can be where the
//! person is, so a worker whose own journey reaches them is enough. Working in the same area is not: it says that
//! the worker is about, not that the meeting is at the person's door.
//!
//! A longest journey of 0 means that somebody does not travel.

use peermatch_model::policy::{Pace, Travel};
use peermatch_model::roster::Position;
use peermatch_model::words::{Mode, Transport, WordSet};
use serde::Serialize;

use crate::eligibility::services;
use crate::pair::Pair;

/// Mean radius of the earth, metres.
const EARTH_M: f64 = 6_371_008.8;

/// How two people can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reach {
    /// Ways to meet ([`Mode`]s) that both have, that a service they share offers, and that bring them together.
    pub modes: WordSet,
    /// Minutes of the journey one way if they meet in person: the shorter of the two journeys that would do. 0 in a shared area without
    /// positions; `None` if they cannot meet in person.
    pub minutes: Option<u32>,
    /// Who makes that journey; `None` if nobody is known to, or if they cannot meet in person.
    pub travels: Option<Travels>,
    /// Why they cannot meet, if they have ways to meet and all of them are in person and out of reach.
    pub failure: Option<Unreachable>,
}

/// Who makes a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Travels {
    /// The peer worker.
    Worker,
    /// The service user.
    Person,
}

/// Why nobody gets to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// No shared area, and no place on record to measure a way from, or nobody who travels.
    OutOfArea,
    /// The way is longer than either would travel.
    TooFar,
    /// It would be near enough, but the person needs a lift that the worker cannot give, or who would travel has no transport.
    NoTransport,
}

/// How the two of a pair can meet. O(services the two are in).
///
/// ```
/// use peermatch_core::pair::Context;
/// use peermatch_core::reach::reach;
/// use peermatch_model::policy::Policy;
/// use peermatch_model::roster::{UserIx, WorkerIx};
/// use peermatch_testkit::rosters::{Spec, roster};
///
/// let (roster, policy) = (roster(&Spec::SERVICE, 3), Policy::shipped());
/// let cx = Context::new(&roster, &policy);
/// let found = reach(&cx.pair(UserIx::at(0), WorkerIx::at(0)));
/// assert!(found.failure.is_none() || found.modes.is_empty());
/// ```
pub fn reach(pair: &Pair<'_>) -> Reach {
    let judged = services::modes_passing(pair);
    if judged.iter::<Mode>().all(|m| !m.in_person()) {
        return Reach { modes: judged, minutes: None, travels: None, failure: None };
    }
    let journey = Journey::of(pair);
    let modes = WordSet::of(judged.iter::<Mode>().filter(|&m| journey.reaches(m)));
    let in_person = |m: Mode| m.in_person();
    let (minutes, travels) = if modes.iter().any(in_person) {
        journey.shortest(modes.iter().any(|m: Mode| m.in_person() && m != Mode::Outreach))
    } else {
        (None, None)
    };
    let failure = if modes.is_empty() { journey.failure(judged) } else { None };
    Reach { modes, minutes, travels, failure }
}

/// Why two who have ways to meet cannot, as rules judge it.
pub(crate) fn failure(pair: &Pair<'_>) -> Option<Unreachable> {
    let judged = services::modes_judged(pair);
    if judged.is_empty() || judged.iter::<Mode>().any(|m| !m.in_person()) {
        return None;
    }
    Journey::of(pair).failure(judged)
}

/// What is known of the way between two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journey {
    /// The person's area is one of the worker's.
    area: bool,
    /// Both have a place on record.
    placed: bool,
    lift: Lift,
    worker: Leg,
    person: Leg,
}

/// Whether a lift stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lift {
    /// The person needs none.
    NotNeeded,
    /// The person needs one, and the worker drives people.
    Given,
    /// The person needs one, and the worker gives none.
    Missing,
}

/// One side's journey to the other.
#[derive(Debug, Clone, Copy)]
struct Leg {
    /// By the fastest transport; `None` without a place on both sides, or without transport.
    minutes: Option<u32>,
    max: u32,
}

impl Leg {
    fn within(self) -> bool {
        self.max > 0 && self.minutes.is_some_and(|m| m <= self.max)
    }
}

impl Journey {
    pub(crate) fn of(pair: &Pair<'_>) -> Self {
        let (user, worker, travel) = (pair.user, pair.worker, &pair.policy().travel);
        let area = user.area.is_some_and(|area| worker.areas.binary_search(&area).is_ok());
        let way = user.position.zip(worker.position).map(|(a, b)| metres(a, b));
        let leg = |transport: WordSet, max: u32| Leg {
            minutes: way.and_then(|way| fastest(travel, transport).map(|p| p.minutes(way)).min()),
            max,
        };
        Self {
            area,
            placed: way.is_some(),
            lift: match (user.needs_lift, worker.drives_people) {
                (false, _) => Lift::NotNeeded,
                (true, true) => Lift::Given,
                (true, false) => Lift::Missing,
            },
            worker: leg(worker.transport, worker.travel_min_max),
            person: leg(user.transport, user.travel_min_max),
        }
    }

    /// Whether a way to meet brings the two together.
    pub(crate) fn reaches(&self, mode: Mode) -> bool {
        if !mode.in_person() {
            return true;
        }
        let worker_comes = self.area || self.worker.within();
        match (mode, self.lift) {
            (Mode::Outreach, _) | (_, Lift::Given) => worker_comes,
            (_, Lift::NotNeeded) => worker_comes || self.person.within(),
            (mode, Lift::Missing) => mode == Mode::OneToOne && self.worker.within(),
        }
    }

    /// The shorter of the journeys that would do; of equal ones the worker's.
    fn shortest(&self, at_a_place: bool) -> (Option<u32>, Option<Travels>) {
        let worker = (self.area || self.worker.within()).then_some(self.worker.minutes).flatten();
        let may_come =
            at_a_place && self.lift == Lift::NotNeeded && (self.area || self.person.within());
        let person = may_come.then_some(self.person.minutes).flatten();
        match (worker, person) {
            (Some(w), Some(p)) if p < w => (Some(p), Some(Travels::Person)),
            (Some(w), _) => (Some(w), Some(Travels::Worker)),
            (None, Some(p)) => (Some(p), Some(Travels::Person)),
            // They share an area, and nothing finer is known.
            (None, None) => (Some(0), None),
        }
    }

    /// Why none of these ways to meet, all in person, brings the two together; `None` if one does.
    pub(crate) fn failure(&self, modes: WordSet) -> Option<Unreachable> {
        let any = |journey: &Self| modes.iter::<Mode>().any(|m| journey.reaches(m));
        if modes.is_empty() || any(self) {
            return None;
        }
        if self.lift == Lift::Missing && any(&Self { lift: Lift::NotNeeded, ..*self }) {
            return Some(Unreachable::NoTransport);
        }
        let travelling = || [self.worker, self.person].into_iter().filter(|leg| leg.max > 0);
        let moves = travelling().any(|leg| leg.minutes.is_some());
        Some(Self::too_long(self.placed, travelling().next().is_some(), moves))
    }

    /// Why a journey that nobody makes is not made: whether both have a place on record, whether either makes journeys, and whether one
    /// who does has something to travel by.
    pub(crate) fn too_long(placed: bool, travels: bool, moves: bool) -> Unreachable {
        if !placed || !travels {
            Unreachable::OutOfArea
        } else if moves {
            Unreachable::TooFar
        } else {
            Unreachable::NoTransport
        }
    }
}

/// The paces of the transports somebody has.
fn fastest(travel: &Travel, transport: WordSet) -> impl Iterator<Item = Pace> + use<> {
    let all = [
        (Transport::Walk, travel.walk),
        (Transport::Public, travel.public),
        (Transport::Car, travel.car),
    ];
    all.into_iter().filter(move |(by, _)| transport.has(*by)).map(|(_, pace)| pace)
}

/// Whether somebody has anything to travel by.
pub(crate) fn moves(travel: &Travel, transport: WordSet) -> bool {
    fastest(travel, transport).next().is_some()
}

/// The farthest somebody may be as the crow flies, metres, to be reached within `minutes` by one of `transport`; `None` if nobody is.
pub(crate) fn radius(travel: &Travel, transport: WordSet, minutes: u32) -> Option<u32> {
    if minutes == 0 {
        return None;
    }
    let far = |pace: Pace| {
        let moving = u64::from(minutes.checked_sub(pace.start_min)?) * 10_000;
        // A pace of nothing per kilometre reaches everywhere.
        Some(
            moving
                .checked_div(u64::from(pace.per_km_tenths))
                .and_then(|m| u32::try_from(m).ok())
                .unwrap_or(u32::MAX),
        )
    };
    fastest(travel, transport).filter_map(far).max()
}

/// Great-circle distance in whole metres, by the haversine formula on a sphere. At most half the way around the earth; the error of the
/// sphere, 0.5 %, is far below that of rounded places.
///
/// ```
/// use peermatch_core::reach::metres;
/// use peermatch_model::roster::Position;
///
/// let at = |lat_hundredths, lon_hundredths| Position { lat_hundredths, lon_hundredths };
/// assert_eq!(metres(at(-3690, 17470), at(-3691, 17470)), 1_112, "a hundredth of a degree north");
/// ```
pub fn metres(a: Position, b: Position) -> u32 {
    let radians = |hundredths: i32| f64::from(hundredths) * (std::f64::consts::PI / 18_000.0);
    let (lat_a, lat_b) = (radians(a.lat_hundredths), radians(b.lat_hundredths));
    let half_lat = libm::sin((lat_b - lat_a) / 2.0);
    let half_lon = libm::sin(radians(b.lon_hundredths - a.lon_hundredths) / 2.0);
    let h = half_lat * half_lat + libm::cos(lat_a) * libm::cos(lat_b) * half_lon * half_lon;
    whole_metres(2.0 * EARTH_M * libm::asin(libm::sqrt(h).min(1.0)))
}

/// A distance that no two places of one cell of latitudes and longitudes and of another come closer than, metres. Cells are given by
/// their corner and size, in hundredths of a degree.
pub(crate) fn metres_at_least(a: Cell, b: Cell) -> u32 {
    let gap = |a: i32, b: i32, size: i32| ((a - b).abs() - (size - 1)).max(0);
    let size = a.size.max(b.size);
    let lat_gap = gap(a.lat, b.lat, size);
    let around = (a.lon - b.lon).rem_euclid(36_000);
    let lon_gap = (around.min(36_000 - around) - (size - 1)).max(0);
    let radians = |hundredths: i32| f64::from(hundredths) * (std::f64::consts::PI / 18_000.0);
    let by_lat = EARTH_M * radians(lat_gap);
    // hav(d) = hav(dlat) + cos cos hav(dlon) >= cos cos hav(dlon), and the cosine is least where the cell is nearest a pole.
    let cos =
        |c: Cell| libm::cos(radians((c.lat.abs()).max((c.lat + c.size - 1).abs()).min(9_000)));
    let by_lon = 2.0
        * EARTH_M
        * libm::asin(
            (libm::sqrt((cos(a) * cos(b)).max(0.0)) * libm::sin(radians(lon_gap) / 2.0)).min(1.0),
        );
    // A metre less, so that rounding here never outdoes rounding there.
    whole_metres(by_lat.max(by_lon)).saturating_sub(2)
}

/// A square of latitudes and longitudes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    /// Southern edge, hundredths of a degree.
    pub(crate) lat: i32,
    /// Western edge.
    pub(crate) lon: i32,
    /// Hundredths of a degree on a side.
    pub(crate) size: i32,
}

impl Cell {
    /// The cell that a place lies in.
    pub(crate) fn of(at: Position, size: i32) -> Self {
        Self {
            lat: at.lat_hundredths.div_euclid(size) * size,
            lon: at.lon_hundredths.div_euclid(size) * size,
            size,
        }
    }
}

fn whole_metres(metres: f64) -> u32 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and at most half the earth's circumference"
    )]
    let whole = libm::round(metres) as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eligibility::testing::*;
    use peermatch_model::policy::Policy;
    use peermatch_model::raw::RosterInput;
    use proptest::prelude::*;

    fn at(lat_hundredths: i32, lon_hundredths: i32) -> Position {
        Position { lat_hundredths, lon_hundredths }
    }

    fn reach_with(change: impl FnOnce(&mut RosterInput)) -> Reach {
        with_pair(change, reach)
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        assert_eq!(metres(at(0, 0), at(0, 0)), 0);
        // Auckland to Wellington, about 480 km; and across the date line, Suva to Apia, about 1,150 km.
        assert!((470_000..500_000).contains(&metres(at(-3685, 17476), at(-4129, 17478))));
        assert!((1_100_000..1_200_000).contains(&metres(at(-1814, 17844), at(-1383, -17177))));
        assert_eq!(metres(at(-9000, 0), at(9000, 0)), 20_015_114);
        assert_eq!(metres(at(0, -18_000), at(0, 18_000)), 0);
    }

    #[test]
    fn a_shared_area_is_reached_whatever_else_is_known() {
        let found = reach_with(|_| {});
        assert_eq!((found.minutes, found.travels, found.failure), (Some(0), None, None));
        assert!(found.modes.has(Mode::OneToOne));
        let placed = reach_with(|i| {
            let p = person(i);
            (p.lat, p.lon) = ((-36.80).into(), 174.70.into());
            let w = worker(i);
            (w.lat, w.lon) = ((-36.90).into(), 174.70.into());
            w.transport = all([Transport::Car]);
        });
        assert_eq!(
            (placed.minutes, placed.travels),
            (Some(22), Some(Travels::Worker)),
            "no limit holds within the worker's own areas"
        );
    }

    #[test]
    fn a_visit_needs_the_worker_to_come() {
        let far = |mode: Mode| {
            reach_with(|i| {
                let p = person(i);
                (p.area, p.lat, p.lon) = (Field::Absent, (-36.80).into(), 174.70.into());
                (p.max_travel_min, p.transport, p.modes) =
                    (30.into(), all([Transport::Walk, Transport::Car]), all([mode]));
                let w = worker(i);
                (w.lat, w.lon, w.modes) = ((-36.90).into(), 174.70.into(), all([mode]));
            })
        };
        assert_eq!(far(Mode::OneToOne).minutes, Some(22));
        assert_eq!(far(Mode::OneToOne).travels, Some(Travels::Person));
        assert_eq!(far(Mode::Outreach).failure, Some(Unreachable::TooFar));
        assert_eq!(far(Mode::Outreach).minutes, None);
    }

    #[test]
    fn a_journey_to_the_person_spares_the_lift_but_not_to_a_group() {
        let lift = |mode: Mode| {
            reach_with(|i| {
                let p = person(i);
                (p.lat, p.lon, p.needs_lift, p.modes) =
                    ((-36.80).into(), 174.70.into(), true.into(), all([mode]));
                let w = worker(i);
                (w.lat, w.lon, w.modes) = ((-36.81).into(), 174.70.into(), all([mode]));
                (w.max_travel_min, w.transport) = (30.into(), all([Transport::Car]));
            })
        };
        assert!(lift(Mode::OneToOne).modes.has(Mode::OneToOne));
        assert_eq!(lift(Mode::Group).failure, Some(Unreachable::NoTransport));
    }

    #[test]
    fn remote_ways_need_no_way() {
        let found = reach_with(|i| {
            person(i).area = "elsewhere".to_owned().into();
            person(i).modes = all([Mode::OneToOne, Mode::Video]);
            worker(i).modes = all([Mode::OneToOne, Mode::Video]);
        });
        assert_eq!(
            (found.modes, found.minutes, found.failure),
            (WordSet::of([Mode::Video]), None, None)
        );
    }

    #[test]
    fn who_has_no_transport_gets_nowhere() {
        let found = reach_with(|i| {
            let p = person(i);
            (p.area, p.lat, p.lon, p.max_travel_min) =
                (Field::Absent, (-36.80).into(), 174.70.into(), 60.into());
            let w = worker(i);
            (w.lat, w.lon) = ((-36.81).into(), 174.70.into());
        });
        assert_eq!(found.failure, Some(Unreachable::NoTransport));
    }

    proptest! {
        /// The radius is exactly how far a journey may be.
        #[test]
        fn a_radius_is_the_last_metre(minutes in 0u32..200, by in 0usize..3) {
            let travel = Policy::shipped().travel;
            let by = [Transport::Walk, Transport::Public, Transport::Car][by];
            let pace = match by { Transport::Walk => travel.walk, Transport::Public => travel.public, Transport::Car => travel.car };
            match radius(&travel, WordSet::of([by]), minutes) {
                None => prop_assert!(minutes == 0 || pace.start_min > minutes),
                Some(far) => {
                    prop_assert!(pace.minutes(far) <= minutes);
                    prop_assert!(pace.minutes(far + 1) > minutes);
                }
            }
        }

        /// No two places are nearer than their cells say, anywhere on earth.
        #[test]
        fn cells_never_claim_too_much(
            lat in -9000i32..=9000, lon in -18_000i32..=18_000, dlat in -300i32..300, dlon in -36_000i32..36_000, near in any::<bool>(), size in 1i32..80,
        ) {
            let dlon = if near { dlon / 100 } else { dlon };
            let a = at(lat, lon);
            let b = at((lat + dlat).clamp(-9000, 9000), (lon + dlon).clamp(-18_000, 18_000));
            prop_assert!(metres_at_least(Cell::of(a, size), Cell::of(b, size)) <= metres(a, b));
        }
    }
}
