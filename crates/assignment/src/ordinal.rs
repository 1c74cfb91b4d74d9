//! The checks of the ordinal objectives and the baselines: no blocking pair, each in turn, greedy.
