//! The check of a lottery: its marginals, and that what was drawn is one of its outcomes.
