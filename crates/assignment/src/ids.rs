//! Names for the two sides: a left is somebody who wants at most one place, a right is somebody
//! who has places. Two types, so that no index can be used on the wrong side.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! side {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in a table of this side.
            #[inline]
            pub const fn index(self) -> usize {
                // u32 to usize widens on every platform this crate builds for (32 bits and up).
                self.0 as usize
            }

            /// The name of position `index`, or `None` beyond `u32`.
            #[inline]
            pub fn from_index(index: usize) -> Option<Self> {
                u32::try_from(index).ok().map(Self)
            }

            /// All names of a side of `count` members, in order. Stops at `u32::MAX`.
            pub fn all(count: usize) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
                (0..u32::try_from(count).unwrap_or(u32::MAX)).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), self.0)
            }
        }
    };
}

side!(
    /// A left: somebody who wants at most one place. The index is a position in the problem.
    Left,
    "left"
);
side!(
    /// A right: somebody who has places. The index is a position in the problem.
    Right,
    "right"
);
