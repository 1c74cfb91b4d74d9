//! The gain that Nash welfare sums: the logarithm of a fit, in integers, the same bits on every machine.
//!
//! The largest sum of gains is the largest product of `1 + fit`, hence the largest geometric mean: everybody counts by ratio, so that
//! a little more for who has little outweighs a little more for who has much (Nash 1950; Caragiannis et al., "The unreasonable fairness
//! of maximum Nash welfare", ACM Transactions on Economics and Computation 7, 2019).

/// Binary places of [`log2`].
pub const LOG_PLACES: u32 = 48;

/// Binary places of [`gain`].
pub const GAIN_PLACES: u32 = 20;

/// `2^20 log2(1 + fit)`, rounded: what a pair of this fit (in millionths, or any score) gains.
///
/// Off by at most half a unit and a trifle, so a sum of `n` gains misjudges the geometric mean of `1 + fit` by a factor of at most
/// `2^(2^-20)`: 0.7 parts per million.
///
/// # Panics
/// Never for fits below `2^30`; above, a gain would leave the bound of costs.
pub fn gain(fit: u32) -> i32 {
    assert!(fit < 1 << 30, "fits are far below 2^30");
    let drop = LOG_PLACES - GAIN_PLACES;
    let rounded = (log2(fit + 1) + (1 << (drop - 1))) >> drop;
    i32::try_from(rounded).expect("a logarithm below 31 in 20 places is below 2^25")
}

/// The base-2 logarithm of `m >= 1` in units of `2^-48`, at most 2 units too low.
///
/// The mantissa is squared once a place, which doubles its logarithm; whenever it reaches 2 the place is a one. Cut off at 63 places,
/// each square is at most 2^-63 too low, and what it adds to the logarithm halves with every place, so that all of it stays far below a
/// unit.
///
/// # Panics
/// For `m = 0`.
pub fn log2(m: u32) -> u64 {
    assert!(m >= 1, "a logarithm of nothing");
    let whole = m.ilog2();
    // In [2^63, 2^64), standing for [1, 2): its square fits 128 bits.
    let mut mantissa = u128::from(m) << (63 - whole);
    let mut out = u64::from(whole);
    for _ in 0..LOG_PLACES {
        mantissa = (mantissa * mantissa) >> 63;
        out <<= 1;
        if mantissa >> 64 != 0 {
            mantissa >>= 1;
            out |= 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "compared with a tolerance above what is lost")]
    fn logarithms_are_right_to_two_units() {
        for m in (1..5_000).chain([65_535, 65_536, 131_069, u32::MAX]) {
            let units = log2(m) as f64 / 2_f64.powi(48);
            assert!((units - f64::from(m).log2()).abs() < 2e-14, "{m}");
            if m.is_power_of_two() {
                assert_eq!(log2(m), u64::from(m.ilog2()) << LOG_PLACES);
            }
        }
    }

    #[test]
    fn gains_are_rounded_and_rise() {
        assert_eq!([gain(0), gain(1), gain(3)], [0, 1 << 20, 2 << 20]);
        // log2(3) = 1.5849625007..., times 2^20 is 1661953.6...
        assert_eq!(gain(2), 1_661_954);
        let gains: Vec<i32> = (0..=1_000_000).step_by(997).map(gain).collect();
        assert!(gains.is_sorted());
        assert!(gain((1 << 30) - 1) <= crate::pairs::COST_MAX);
    }
}
