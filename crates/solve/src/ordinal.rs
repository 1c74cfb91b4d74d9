//! The ordinal objectives and the baselines: stable, in turn, greedy.
