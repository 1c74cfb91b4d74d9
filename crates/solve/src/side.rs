//! Side constraints, through a linear and integer programming library.
