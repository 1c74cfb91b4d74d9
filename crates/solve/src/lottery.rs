//! Lotteries: exact marginals, and drawing from them.
