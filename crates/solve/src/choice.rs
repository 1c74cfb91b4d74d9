//! What one choice costs everyone else: exact, for one pair, for one left, for all pairs.
