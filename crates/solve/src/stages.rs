//! Objectives that go through stages: max-min, leximin, Nash welfare, rank-maximal, fewest moves.
