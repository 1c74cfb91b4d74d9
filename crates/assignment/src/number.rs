//! Arithmetic on whole numbers that several parts need.

use std::ops::Rem;

/// The greatest common divisor of two numbers of whatever integer type, both at least 0, by Euclid's algorithm; that of 0 and a
/// number is the number, so 0 for two zeros. `O(log min(a, b))` divisions.
///
/// ```
/// use peermatch_assignment::number::gcd;
/// assert_eq!((gcd(12, 18), gcd(7, 5), gcd(0, 4), gcd(0, 0)), (6, 1, 4, 0));
/// assert_eq!(gcd(1u128 << 100, 3 << 90), 1 << 90);
/// ```
pub fn gcd<N: Copy + Default + PartialEq + Rem<Output = N>>(mut a: N, mut b: N) -> N {
    while b != N::default() {
        (a, b) = (b, a % b);
    }
    a
}
