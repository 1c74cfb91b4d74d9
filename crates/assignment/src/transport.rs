//! The check that a flow is feasible and, by its prices, of least cost.
